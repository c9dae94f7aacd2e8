"""Examples that are scored together, and the tables of their scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from stance.encoding import Example
from stance.errors import InputError
from stance.preparing import KEY_BYTES, Prepared
from stance.scores import Scores, n_pairs_of
from stance.sides import Sides
from stance.tokens import Tokens

#: Of which rows the sides changed places in what was asked. *Shape:* ``(rows,)``
Turned: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Window:
    """Examples, tokenised. One of more than two sides is as many rows as it has pairs.

    :param labels: Of the sides of the first; those of council and union where there is none.
    :param which: Of each row, the place of its input in ``keys`` and ``tokens``; -1 where it is not readable.
        *Shape:* ``(rows,)``, int32
    :param reasons: Why not, by row.
    :param keys: Of the distinct inputs.
    :param tokens: Of the distinct inputs.
    :param turned: Rows whose input names the sides in the other order than they do. *Shape:* ``(rows,)``
    """

    examples: Sequence[Example]
    labels: tuple[str, ...]
    which: npt.NDArray[np.int32]
    reasons: dict[int, str]
    keys: list[bytes]
    tokens: Tokens
    turned: Turned

    @property
    def n_pairs(self) -> int:
        """Rows that an example is."""
        return n_pairs_of(len(self.labels))

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """How many rows each input is. *Shape:* ``(inputs,)``"""
        return np.bincount(self.which[self.which >= 0], minlength=len(self.keys))

    def table(self, logits: npt.NDArray[np.float32], failures: Mapping[int, str], labels: tuple[str, ...]) -> Scores:
        """The scores of all examples.

        :param logits: Of each input; zeros where there are none. *Shape:* ``(inputs, 6)``
        :param failures: Why there are none, by input.
        :param labels: Of the sides, of which there are as many as in ``self.labels``.
        """
        # The last row is for rows without an input, whose place is -1.
        n_cut = np.append(self.tokens.n_cut, np.int32(0))
        reasons = [""] * len(self.which)
        for row, reason in self.reasons.items():
            reasons[row] = reason
        if failures:
            for row in np.flatnonzero(np.isin(self.which, list(failures))).tolist():
                reasons[row] = failures[int(self.which[row])]
        answers = np.vstack([logits, np.zeros_like(logits, shape=(1, logits.shape[1]))])[self.which]
        answers[self.turned, :2] = answers[self.turned, 1::-1]
        rows = [one for one in self.examples for _ in range(self.n_pairs)] if self.n_pairs > 1 else self.examples
        return Scores(
            thread_ids=tuple([one.thread_id for one in rows]),
            comment_ids=tuple([one.comment_id for one in rows]),
            logits=answers,
            n_cut=n_cut[self.which],
            reasons=tuple(reasons),
            labels=labels[:2],
        ).side_by_side(labels)


def window_of(examples: Sequence[Example], parts: Iterable[Prepared], turned: Turned | None = None) -> Window:
    """The window of examples that were prepared in parts.

    :param turned: Rows that were prepared with their sides in the other order; None for none.
    :raises InputError: If some are of two sides and some of more.
    """
    labels = tuple(side.label for side in (examples[0].sides if examples else Sides.council_union()).all)
    for sides in {id(one.sides): one.sides for one in examples}.values():
        refuse_other_count(len(sides), len(labels))
    parts = list(parts)
    tokens = Tokens.joined([part.tokens for part in parts])
    every = [part.keys[at : at + KEY_BYTES] for part in parts for at in range(0, len(part.keys), KEY_BYTES)]
    # Parts know nothing of each other: an input of several has come several times.
    number_of = {key: number for number, key in enumerate(dict.fromkeys(every))}
    numbers = np.array([number_of[key] for key in every], dtype=np.int32)
    if len(number_of) < len(every):
        first = np.full(len(number_of), len(every))
        np.minimum.at(first, numbers, np.arange(len(every)))
        tokens = tokens.chosen(first)
    which, n_rows, n_inputs = [np.zeros(0, np.int32)], 0, 0
    reasons: dict[int, str] = {}
    for part in parts:
        own = np.append(numbers[n_inputs : n_inputs + len(part.tokens)], np.int32(-1))  # the last for place -1
        which.append(own[part.which])
        reasons.update((n_rows + row, reason) for row, reason in part.reasons.items())
        n_rows += len(part.which)
        n_inputs += len(part.tokens)
    if turned is None:
        turned = np.zeros(n_rows, dtype=np.bool_)
    return Window(examples, labels, np.concatenate(which), reasons, list(number_of), tokens, turned)


def refuse_other_count(came: int, expected: int) -> None:
    """
    :raises InputError: If the numbers of sides differ.
    """
    if came != expected:
        raise InputError(f"Examples of {expected} and of {came} sides came. Score them in calls of their own.")
