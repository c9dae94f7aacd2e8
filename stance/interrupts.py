"""What is left when Ctrl-C stops a long call: all that was done by then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stance.encoding import Example
from stance.scores import N_STANCES, Scores, n_pairs_of
from stance.stances import Stances


class Interrupted(KeyboardInterrupt):
    """Stopped by Ctrl-C, with what was done by then.

    :param stances: Of all comments that were asked for; those not reached are neutral and say so in ``reasons``.
    :param scores: Likewise.
    :param n_done: How many were reached, from the first on.
    """

    def __init__(self, stances: Stances, scores: Scores, n_done: int) -> None:
        super().__init__(f"stopped after {n_done} of {len(stances)} comments")
        self.stances = stances
        self.scores = scores
        self.n_done = n_done


def unreached(examples: Sequence[Example]) -> Scores:
    """Scores of examples that were not reached: zeros, with the reason."""
    n = len(examples)
    labels = tuple(side.label for side in examples[0].sides.all)
    return Scores(
        thread_ids=tuple(example.thread_id for example in examples),
        comment_ids=tuple(example.comment_id for example in examples),
        logits=np.zeros((n, 2 * N_STANCES * n_pairs_of(len(labels))), dtype=np.float32),
        n_cut=np.zeros(n, dtype=np.int32),
        reasons=("not reached: stopped before",) * n,
        labels=labels,
    )
