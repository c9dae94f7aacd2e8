"""How good answers are: figures of labels against probabilities, with intervals over people and threads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
N_CLASSES = 3


def macro_f1(labels: Ints, answers: Ints) -> float:
    """Mean F1 of the three classes; one that neither occurs nor is answered counts as 0."""
    from sklearn.metrics import f1_score

    return float(f1_score(labels, answers, average="macro", labels=range(N_CLASSES), zero_division=0))


def class_f1(labels: Ints, answers: Ints) -> list[float]:
    """F1 of each of the three classes."""
    from sklearn.metrics import f1_score

    per_class: list[float] = f1_score(
        labels, answers, average=None, labels=range(N_CLASSES), zero_division=0
    ).tolist()
    return per_class


def expected_calibration_error(labels: Ints, probabilities: Floats, n_bins: int = 10) -> float:
    """Mean gap between sureness and accuracy (Naeini et al. 2015), over bins of equal count.

    :param probabilities: *Shape:* ``(n, 3)``
    """
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.array_split(np.argsort(top, kind="stable"), n_bins)
    return float(sum(abs(top[rows].sum() - right[rows].sum()) for rows in bins) / len(top))


def brier_score(labels: Ints, probabilities: Floats) -> float:
    """Mean squared distance of probabilities from the truth (Brier 1950): 0 is best, 2 worst."""
    return float(((probabilities - np.eye(probabilities.shape[1])[labels]) ** 2).sum(axis=1).mean())


def log_loss(labels: Ints, probabilities: Floats) -> float:
    """Mean surprise at the truth, in nats."""
    return float(-np.log(np.clip(probabilities[np.arange(len(labels)), labels], 1e-12, None)).mean())


def confusion(labels: Ints, answers: Ints) -> Ints:
    """How often each class (row) was answered as each (column). *Shape:* ``(3, 3)``"""
    counts = np.zeros((N_CLASSES, N_CLASSES), dtype=np.int64)
    np.add.at(counts, (labels, answers), 1)
    return counts


def shares(classes: Ints) -> Floats:
    """Share of each class. *Shape:* ``(3,)``"""
    found: Floats = np.bincount(classes, minlength=N_CLASSES) / max(len(classes), 1)
    return found


@dataclass(frozen=True)
class Interval:
    """A figure and where it would lie with other people and threads of the same kind.

    :param low: Lower end of the 95 % interval.
    :param high: Upper end.
    """

    value: float
    low: float
    high: float
