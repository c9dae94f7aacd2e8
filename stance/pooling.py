"""Three and four sides: a model that tells two sides apart is asked about every pair, and its answers are pooled.

A comment for a third side is neutral between two others, so the model has an answer for every pair. The pool is
logarithmic (Genest and Zidek 1986, "Combining Probability Distributions"): the odds of a side against neutral are the
geometric mean of its odds in the pairs that hold it. Where the pairs agree, as they do if a side's odds do not depend
on who stands beside it (Luce 1959, "Individual Choice Behavior"), that loses nothing; and of two sides the one answer
comes out as it is. A mean for neutral over all pairs would count for it those that do not hold the side which a comment
takes; measured, the two differ by no more than chance.

Each pair is asked about in both orders, so that the order of the sides does not matter: a network that has seen more
disputes of one kind gives the last of three sides, in one order, what belongs to the one before
(``benchmarks/three_sides.py``). Where a model has an order of its own (:mod:`stance.roles`), both are one question.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_LEAST = 1e-12  # keeps logarithms finite


def pooled(chances: Floats, n_sides: int) -> Floats:
    """Probabilities of all sides, from those about every pair.

    :param chances: Of a pair's first side, its second, and neutral; pairs in the order of :meth:`stance.Sides.pairs`.
        *Shape:* ``(n, pairs, 3)``
    :returns: Of each side, then of neutral; sum 1. *Shape:* ``(n, n_sides + 1)``
    """
    if n_sides == 2:
        return chances[:, 0].copy()
    logs = np.log(np.maximum(chances, _LEAST))
    scores = np.zeros((len(chances), n_sides + 1))  # that of neutral stays 0
    for place, pair in enumerate(permutations(range(n_sides), 2)):
        for which, side in enumerate(pair):
            scores[:, side] += (logs[:, place, which] - logs[:, place, 2]) / (2 * (n_sides - 1))
    return _as_chances(scores)


def pooled_tones(chances: Floats) -> Floats:
    """Probabilities of the tones, from those heard with every pair: their geometric means.

    :param chances: *Shape:* ``(n, pairs, 3)``
    :returns: *Shape:* ``(n, 3)``
    """
    if chances.shape[1] == 1:
        return chances[:, 0].copy()
    return _as_chances(np.log(np.maximum(chances, _LEAST)).mean(axis=1))


def _as_chances(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return result
