"""How good answers are: figures of labels against probabilities, with intervals over people and threads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
N_CLASSES = 3  # unless told otherwise: of three and four sides there are more


def macro_f1(labels: Ints, answers: Ints, n_classes: int = N_CLASSES) -> float:
    """Mean F1 of the classes; one that neither occurs nor is answered counts as 0."""
    from sklearn.metrics import f1_score

    return float(f1_score(labels, answers, average="macro", labels=range(n_classes), zero_division=0))


def class_f1(labels: Ints, answers: Ints, n_classes: int = N_CLASSES) -> list[float]:
    """F1 of each of the classes."""
    from sklearn.metrics import f1_score

    per_class: list[float] = f1_score(labels, answers, average=None, labels=range(n_classes), zero_division=0).tolist()
    return per_class


def expected_calibration_error(labels: Ints, probabilities: Floats, n_bins: int = 10) -> float:
    """Mean gap between sureness and accuracy (Naeini et al. 2015), over bins of equal count.

    :param probabilities: *Shape:* ``(n, n_classes)``
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


def confusion(labels: Ints, answers: Ints, n_classes: int = N_CLASSES) -> Ints:
    """How often each class (row) was answered as each (column). *Shape:* ``(n_classes, n_classes)``"""
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (labels, answers), 1)
    return counts


def shares(classes: Ints, n_classes: int = N_CLASSES) -> Floats:
    """Share of each class. *Shape:* ``(n_classes,)``"""
    found: Floats = np.bincount(classes, minlength=n_classes) / max(len(classes), 1)
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


@dataclass(frozen=True)
class Paired:
    """Two models' answers to the same comments, compared.

    :param difference: Macro-F1 of the first less that of the second, with its interval from the paired bootstrap.
    :param p_bootstrap: Share of draws in which the sign is the other one, twice that (Efron and Tibshirani 1993).
    :param only_first: Comments that only the first model has right.
    :param only_second: Comments that only the second has right.
    :param p_mcnemar: Exact McNemar test on these two counts (McNemar 1947). It takes comments for independent, which
        those of one writer are not; where the two tests disagree, trust the bootstrap.
    """

    difference: Interval
    p_bootstrap: float
    only_first: int
    only_second: int
    p_mcnemar: float


def draw_groups(groups: Ints, n_draws: int = 1000, seed: int = 0) -> Ints:
    """The cluster bootstrap: whole groups, drawn with replacement (Field and Welsh 2007).

    :param groups: Number of each comment's group. *Shape:* ``(n,)``
    :returns: How often each group was drawn. *Shape:* ``(n_draws, n_groups)``
    """
    n_groups = int(groups.max()) + 1
    return np.random.default_rng(seed).multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n_draws)


def drawn_confusions(labels: Ints, answers: Ints, groups: Ints, draws: Ints, n_classes: int = N_CLASSES) -> Ints:
    """The confusion of each draw. *Shape:* ``(n_draws, n_classes, n_classes)``"""
    of_group = np.zeros((draws.shape[1], n_classes, n_classes), dtype=np.int64)
    np.add.at(of_group, (groups, labels, answers), 1)
    drawn: Ints = np.einsum("dg,gij->dij", draws, of_group)
    return drawn


def macro_f1_of(confusions: Ints) -> Floats:
    """:func:`macro_f1` from confusions. *Shape:* ``(..., k, k)`` to ``(...)``"""
    right = np.diagonal(confusions, axis1=-2, axis2=-1)
    both = confusions.sum(axis=-1) + confusions.sum(axis=-2)
    mean: Floats = (2 * right / np.maximum(both, 1)).mean(axis=-1)
    return mean


def accuracy_of(confusions: Ints) -> Floats:
    """Accuracy from confusions. *Shape:* ``(..., k, k)`` to ``(...)``"""
    accuracy: Floats = np.trace(confusions, axis1=-2, axis2=-1) / np.maximum(confusions.sum(axis=(-2, -1)), 1)
    return accuracy


def interval_of(value: float, drawn: Floats) -> Interval:
    """The middle 95 % of draws."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def compare(labels: Ints, first: Ints, second: Ints, groups: Ints, n_classes: int = N_CLASSES) -> Paired:
    """Compare two models' answers to the same comments.

    :param first: *Shape:* ``(n,)``; so are the others.
    """
    from scipy.stats import binomtest

    draws = draw_groups(groups)
    gaps = macro_f1_of(drawn_confusions(labels, first, groups, draws, n_classes)) - macro_f1_of(
        drawn_confusions(labels, second, groups, draws, n_classes)
    )
    gap = macro_f1(labels, first, n_classes) - macro_f1(labels, second, n_classes)
    tail = min(float((gaps <= 0).mean()), float((gaps >= 0).mean()))
    only_first = int(((first == labels) & (second != labels)).sum())
    only_second = int(((first != labels) & (second == labels)).sum())
    n = only_first + only_second
    return Paired(
        difference=interval_of(gap, gaps),
        p_bootstrap=min(1.0, 2 * tail),
        only_first=only_first,
        only_second=only_second,
        p_mcnemar=float(binomtest(only_first, n, 0.5).pvalue) if n else 1.0,
    )
