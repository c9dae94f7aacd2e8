"""Labels that deserve a second look: where a model that did not learn from a label confidently says another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def find_label_issues(labels: Ints, probabilities: Floats) -> Ints:
    """Rows whose label is likely wrong, the likeliest first.

    Confident learning (Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset
    Labels"): a class counts for a row where its probability is at least what rows of that label get on average, so that
    a model that is too sure, or surer of one class than of another, does no harm. A row is doubtful where the likeliest
    class that counts is not its label. Rows are ordered by the margin between the two.

    :param labels: Column of each row's label. *Shape:* ``(n,)``
    :param probabilities: By a model that did not learn from the row's own label. *Shape:* ``(n, k)``
    :returns: Row numbers. *Shape:* ``(n_doubtful,)``
    """
    rows = np.arange(len(labels))
    usual = usual_confidence(labels, probabilities)
    counting = np.where(probabilities >= usual, probabilities, -1.0)
    likeliest = counting.argmax(axis=1)
    doubtful = (counting.max(axis=1) >= 0) & (likeliest != labels)
    margin = probabilities[rows, labels] - probabilities[rows, likeliest]
    order = np.argsort(margin, kind="stable")
    found: Ints = order[doubtful[order]]
    return found


def usual_confidence(labels: Ints, probabilities: Floats) -> Floats:
    """Mean probability of each class over the rows so labelled, infinite where there are none. *Shape:* ``(k,)``"""
    usual = np.full(probabilities.shape[1], np.inf)
    for column in np.unique(labels):
        usual[column] = probabilities[labels == column, column].mean()
    return usual
