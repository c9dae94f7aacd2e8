"""Which comments to label next: those the model is torn over, no two alike, and as many of each side."""

from __future__ import annotations

from threading import Lock

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: So many times as many candidates as are wanted are clustered, the most uncertain ones: fewer would let outliers in,
#: more would leave uncertainty without a say.
_CANDIDATES = 4
_SEED = 0
# While it clusters, scikit-learn sets the threads of BLAS for the whole process; two at once would put them back wrong.
_CLUSTERING = Lock()


def choose_rows(features: Floats, probabilities: Floats, n: int, n_labelled: Ints | None = None) -> list[int]:
    """Choose rows to label.

    Each class gets as even a share as its candidates allow, a row counting for the class that the model gives it, so
    that a rare side is looked for as hard as a common one. Within a class, the rows with the smallest margin between
    the likeliest two classes are clustered by k-means, weighted by how small it is, and the row nearest to each centre
    is taken (Zhdanov 2019, "Diverse mini-batch Active Learning"): a batch has no two rows that would teach the same.
    No chance is left: the same rows and model give the same choice.

    :param features: What the network's last layer sees. *Shape:* ``(m, width)``
    :param probabilities: *Shape:* ``(m, k)``
    :param n: How many; all rows where there are fewer.
    :param n_labelled: How many of each class are labelled already; they count for its share. *Shape:* ``(k,)``
    :returns: Row numbers, in an order in which every beginning is a good choice, too: the classes take turns, each with
        its most uncertain row first. *Shape:* ``(min(n, m),)``
    """
    answers = probabilities.argmax(axis=1)
    doubt = uncertainty(probabilities)
    have = np.zeros(probabilities.shape[1], dtype=np.int64) if n_labelled is None else n_labelled
    shares = even_shares(np.bincount(answers, minlength=len(have)), have, n)
    turns: list[tuple[int, int, int]] = []  # when, class, row
    for label, share in enumerate(shares.tolist()):
        if share:
            rows = np.flatnonzero(answers == label)
            chosen = rows[_spread(features[rows], doubt[rows], share)]
            order = chosen[np.argsort(-doubt[chosen], kind="stable")]
            turns += [(int(have[label]) + turn, label, int(row)) for turn, row in enumerate(order)]
    return [row for _, _, row in sorted(turns)]


def uncertainty(probabilities: Floats) -> Floats:
    """1 minus the margin between the likeliest two classes: 1 where they are equally likely. *Shape:* ``(m,)``"""
    ranked = np.sort(probabilities, axis=1)
    result: Floats = 1 - (ranked[:, -1] - ranked[:, -2])
    return result


def even_shares(available: Ints, have: Ints, n: int) -> Ints:
    """Divide ``n`` so that the classes become as even as they can.

    :param available: Candidates of each class. *Shape:* ``(k,)``
    :param have: What each class has already. *Shape:* ``(k,)``
    """
    shares = np.zeros(len(available), dtype=np.int64)
    for _ in range(min(n, int(available.sum()))):
        is_open = shares < available
        shares[np.where(is_open, have + shares, np.iinfo(np.int64).max).argmin()] += 1
    return shares


def _spread(features: Floats, doubt: Floats, n: int) -> Ints:
    """``n`` rows that stand for the most uncertain ones, one a cluster. *Shape:* ``(n,)``"""
    from sklearn.cluster import KMeans

    pool = np.argsort(-doubt, kind="stable")[: _CANDIDATES * n]
    if len(pool) <= n:
        return pool
    lengths = np.linalg.norm(features[pool], axis=1, keepdims=True)
    directions = features[pool] / np.maximum(lengths, 1e-12)
    if len(np.unique(directions, axis=0)) < n:
        return pool[:n]
    with _CLUSTERING:
        kmeans = KMeans(n, n_init=4, random_state=_SEED).fit(directions, sample_weight=doubt[pool] + 1e-6)
        distances = kmeans.transform(directions)
    chosen: list[int] = []
    for cluster in range(n):
        distances[chosen, cluster] = np.inf
        chosen.append(int(distances[:, cluster].argmin()))
    rows: Ints = pool[np.array(chosen)]
    return rows
