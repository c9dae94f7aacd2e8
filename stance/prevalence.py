"""How many there really are of each class, when a classifier that errs has counted them (quantification).

The mean of the classifier's probabilities over comments of mix pi is ``pi @ M``, where row k of M is the mean over
comments whose true class is k. On held-out labels M is known, but not exactly, and no two disputes have quite the same.
So what is known of a thread's mix is a posterior: a flat prior over all mixes, and a Gaussian likelihood for the mean
probabilities whose covariance holds what varies: which people happened to write, how M varies from one dispute to the
next, and how well it is known. This is the probabilistic adjusted count (Bella et al. 2010, "Quantification via
Probability Estimators"; Forman 2008, "Quantifying counts and costs via classification") in the Bayesian form of
Ziegler and Czyz (2023, "Bayesian Quantification with Black-Box Estimators"), with covariances for clusters. It takes no
random numbers.

Probabilities of three classes are handled by their first two columns; the third is what is left to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_GRID = 81  # points along each axis
_ZOOMS = 3
_PRIOR_CLUSTERS = 10.0  # the weight, in people, of the covariance that theory expects beside the one observed


@dataclass(frozen=True, eq=False)
class KnownErrors:
    """How a classifier errs, from labels it was not trained on.

    :param prior: Share of each class among them. *Shape:* ``(3,)``
    :param means: M: mean probabilities by true class. *Shape:* ``(3, 2)``
    :param spread: Covariance of the probabilities of one class. *Shape:* ``(3, 2, 2)``
    :param drift: Covariance of the rows of M for a new dispute, laid out row after row: how it varies between disputes,
        and how well the mean over disputes is known. *Shape:* ``(6, 6)``
    """

    prior: Floats
    means: Floats
    spread: Floats
    drift: Floats

    def draw_favour(self, rng: np.random.Generator, n: int) -> Floats:
        """How much more than usual the model may favour each class in a dispute, as factors. *Shape:* ``(n, 3)``"""
        mixing = np.kron(self.prior, np.eye(2))
        usual = self.prior @ self.means
        drawn = rng.multivariate_normal(usual, mixing @ self.drift @ mixing.T, n, method="eigh")
        all_three = np.column_stack([drawn, 1.0 - drawn.sum(axis=1)]).clip(0.02, 0.98)
        favour: Floats = all_three / np.append(usual, 1.0 - usual.sum())
        return favour


def known_errors(probabilities: Floats, labels: Ints, disputes: Ints, kinds: Ints | None = None) -> KnownErrors | None:
    """Measure how a classifier errs.

    What varies between disputes shows in how alike two comments of one dispute are answered (the method of moments of
    the one-way random-effects model; Searle, Casella and McCulloch 1992, "Variance Components"). It has two parts: in a
    dispute the model may favour one class whatever the comment, and it may read each class better or worse.

    :param probabilities: Of held-out comments. *Shape:* ``(n, 3)``
    :param labels: Their true classes. *Shape:* ``(n,)``
    :param disputes: What they belong to. *Shape:* ``(n,)``
    :param kinds: What kind of dispute that is. In how far disputes differ, kinds count alike, be there many of them or
        few; by default all are of one. *Shape:* ``(n,)``
    :returns: None where a class has fewer than two comments, or where all are of one dispute: no errors are known then.
    """
    counts = np.bincount(labels, minlength=3)
    number = np.unique(disputes, return_inverse=True)[1]
    n_disputes = int(number.max(initial=-1)) + 1
    if counts.min() < 2 or n_disputes < 2:
        return None
    p = probabilities[:, :2]
    means = np.stack([p[labels == k].mean(axis=0) for k in range(3)])
    centred = p - means[labels]
    spread = np.stack([centred[labels == k].T @ centred[labels == k] / (counts[k] - 1) for k in range(3)])
    kinds = np.zeros(len(labels), dtype=np.int64) if kinds is None else kinds
    parts = [
        _drift_between(centred[part], labels[part], number[part]) for part in (kinds == k for k in np.unique(kinds))
    ]
    between = np.mean(parts, axis=0)
    sizes = np.zeros((n_disputes, 3))
    np.add.at(sizes, (number, labels), 1.0)
    # A new dispute differs from the mean, and the mean of those seen is itself uncertain.
    seen = np.einsum("tk,tl->kl", sizes, sizes) / np.outer(counts, counts)
    drift = between * (1.0 + seen)[:, None, :, None]
    for k in range(3):
        drift[k, :, k] += spread[k] / counts[k]
    return KnownErrors(counts / counts.sum(), means, spread, _positive(drift.reshape(6, 6)))


def _drift_between(centred: Floats, labels: Ints, number: Ints) -> Floats:
    """Covariance of the rows of M between disputes, from pairs of comments of one dispute. *Shape:* ``(3, 2, 3, 2)``

    :param centred: Probabilities less the mean of their class. *Shape:* ``(n, 2)``
    """
    sizes = np.zeros((int(number.max()) + 1, 3))
    sums = np.zeros((len(sizes), 3, 2))
    np.add.at(sizes, (number, labels), 1.0)
    np.add.at(sums, (number, labels), centred)
    # Products of every two different comments of a dispute, summed by their classes.
    products = np.einsum("tka,tlb->klab", sums, sums)
    n_pairs = sizes.T @ sizes
    for k in range(3):
        products[k, k] -= centred[labels == k].T @ centred[labels == k]
        n_pairs[k, k] -= (labels == k).sum()
    same = np.eye(3, dtype=bool)
    common = _positive(products[~same].sum(axis=0) / max(n_pairs[~same].sum(), 1.0))
    own = _positive(products[same].sum(axis=0) / max(n_pairs[same].sum(), 1.0) - common)
    between: Floats = np.einsum("kl,ab->kalb", np.ones((3, 3)), common) + np.einsum("kl,ab->kalb", np.eye(3), own)
    return between


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is known of a mix of three classes: weighted points.

    :param mixes: *Shape:* ``(m, 3)``; every row sums to 1
    :param weights: Sum 1. *Shape:* ``(m,)``
    """

    mixes: Floats
    weights: Floats

    @property
    def mean(self) -> Floats:
        """The best estimate: no other has a smaller expected squared error. *Shape:* ``(3,)``"""
        mean: Floats = self.weights @ self.mixes
        return mean

    def interval(self, values: Floats, level: float = 0.95) -> tuple[float, float]:
        """The middle ``level`` of a quantity that has a value at each point. *Shape:* ``(m,)``"""
        tail = (1.0 - level) / 2
        low, high = self.quantiles(values, np.array([tail, 1.0 - tail]))
        return float(low), float(high)

    def quantiles(self, values: Floats, at: Floats) -> Floats:
        """Quantiles of a quantity that has a value at each point."""
        order = np.argsort(values, kind="stable")
        reached = np.cumsum(self.weights[order]) - self.weights[order] / 2
        found: Floats = np.interp(at, reached, values[order])
        return found


def estimate_mix(
    probabilities: Floats, weights: Floats, people: Ints, errors: KnownErrors, same_dispute: bool = False
) -> Posterior:
    """The mix of classes behind what a classifier said.

    :param probabilities: Of the comments. *Shape:* ``(n, 3)``
    :param weights: How much each counts; sum 1. *Shape:* ``(n,)``
    :param people: Number of the writer of each, who is drawn as a whole. *Shape:* ``(n,)``
    :param same_dispute: Leave out what varies between disputes, for comparing parts of one.
    """
    mean = weights @ probabilities[:, :2]
    observed, n_people, concentration = clustered_covariance(probabilities[:, :2], weights, people)
    drift = errors.drift.reshape(3, 2, 3, 2) * (0.0 if same_dispute else 1.0)
    second_moments = errors.spread + np.einsum("ka,kb->kab", errors.means, errors.means)

    def likelihood(mixes: Floats) -> Floats:
        expected = mixes @ errors.means
        one_voice = np.einsum("mk,kab->mab", mixes, second_moments) - np.einsum("ma,mb->mab", expected, expected)
        covariance = _blend(observed, n_people, one_voice * concentration)
        covariance += np.einsum("mk,kalb,ml->mab", mixes, drift, mixes, optimize=True)
        return _log_normal(mean - expected, covariance)

    return _posterior(likelihood)


def clustered_covariance(values: Floats, weights: Floats, people: Ints) -> tuple[Floats, int, float]:
    """Covariance of a weighted mean over people drawn as wholes (Liang and Zeger 1986), as a bootstrap would give it.

    :returns: The covariance, *shape* ``(k, k)``; how many people there are; and by how much one person's variance is
        to be multiplied where all comments of a person say the same (Kish 1965: one over the effective sample size).
    """
    n_people = int(people.max(initial=-1)) + 1
    deviations = weights[:, None] * (values - weights @ values)
    sums = np.zeros((n_people, values.shape[1]))
    np.add.at(sums, people, deviations)
    heard = np.bincount(people, weights, n_people)
    present = int((heard > 0).sum())
    return sums.T @ sums * (present / max(present - 1, 1)), present, float((heard**2).sum())


def reweighted(probabilities: Floats, prior: Floats, mix: Floats) -> Floats:
    """Probabilities given under one mix of classes, for another (Saerens, Latinne and Decaestecker 2002)."""
    scaled = probabilities * (mix / prior)
    result: Floats = scaled / scaled.sum(axis=1, keepdims=True)
    return result


def labelled_mix(probabilities: Floats, weights: Floats, people: Ints, known: Ints) -> Posterior:
    """The mix of classes where some of the true classes are known: prediction-powered inference.

    The mean of the predictions over the comments without a label, set right by how far predictions are off where
    labels are, with the predictions trusted as far as they help (Angelopoulos, Duchi and Zrnic 2023, "PPI++"). It
    holds whatever the classifier is, if the comments with a label were drawn at random.

    :param known: Column of the true class; -1 where it is not known. *Shape:* ``(n,)``
    """
    has = known >= 0
    truth = np.eye(3)[known[has]][:, :2]
    inside = weights[has] / weights[has].sum()
    rest = ~has
    p, q = probabilities[has, :2], probabilities[rest, :2]
    n_ratio = float((inside**2).sum())  # one over the effective number of comments with a label
    if rest.any():
        outside = weights[rest] / weights[rest].sum()
        rest_ratio = float((outside**2).sum())
        centred = (p - inside @ p) * inside[:, None]
        cross = float((centred * (truth - inside @ truth)).sum())
        own = float((centred * (p - inside @ p)).sum()) * (1.0 + rest_ratio / n_ratio)
        trust = min(max(cross / own, 0.0), 1.0) if own > 0 else 0.0
        mean_outside = outside @ q
        outer_covariance = clustered_covariance(q, outside, people[rest])[0]
    else:
        trust, mean_outside, outer_covariance = 0.0, np.zeros(2), np.zeros((2, 2))
    correction = truth - trust * p
    mean = trust * mean_outside + inside @ correction
    observed, n_people, concentration = clustered_covariance(correction, inside, people[has])

    def likelihood(mixes: Floats) -> Floats:
        expected = mixes[:, :2]
        one_voice = np.einsum("ma,ab->mab", expected, np.eye(2)) - np.einsum("ma,mb->mab", expected, expected)
        covariance = _blend(observed, n_people, one_voice * concentration) + trust**2 * outer_covariance
        return _log_normal(mean - expected, covariance)

    return _posterior(likelihood)


def counted_mix(counted: Floats, voices: float) -> Posterior:
    """The mix among people like these, were every answer right: a flat prior, and as many voices as the comments are
    worth.

    :param counted: Share of each class among the answers. *Shape:* ``(3,)``
    """
    return _posterior(lambda mixes: voices * (np.log(np.maximum(mixes, 1e-12)) @ counted))


def _blend(observed: Floats, n_people: int, expected: Floats) -> Floats:
    """What few people show of their covariance is little; then theory counts."""
    blend: Floats = (n_people * observed + _PRIOR_CLUSTERS * expected) / (n_people + _PRIOR_CLUSTERS)
    return blend


def _posterior(log_likelihood: Callable[[Floats], Floats]) -> Posterior:
    """Weigh the points of a grid over all mixes, then of a finer one where the weight lies."""
    low, high = np.zeros(2), np.ones(2)
    for zoom in range(_ZOOMS):
        axes = [np.linspace(low[k], high[k], _GRID) for k in range(2)]
        first, second = (axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))
        inside = first + second <= 1.0 + 1e-12
        mixes = np.column_stack([first, second, np.clip(1.0 - first - second, 0.0, 1.0)])[inside]
        log_weights = log_likelihood(mixes)
        weights = np.exp(log_weights - log_weights.max())
        weights /= weights.sum()
        step = (high - low) / (_GRID - 1)
        centre = weights @ mixes[:, :2]
        width = np.sqrt(np.maximum(weights @ (mixes[:, :2] - centre) ** 2, step**2))
        if zoom == _ZOOMS - 1 or (width > 8 * step).all():
            break
        low, high = np.maximum(centre - 6 * width, 0.0), np.minimum(centre + 6 * width, 1.0)
    return Posterior(mixes, weights)


def _log_normal(residuals: Floats, covariances: Floats) -> Floats:
    """Log density, up to a constant, of two-column residuals, each under a covariance of its own."""
    xx, xy, yy = covariances[:, 0, 0] + 1e-9, covariances[:, 0, 1], covariances[:, 1, 1] + 1e-9
    determinant = np.maximum(xx * yy - xy**2, 1e-18)
    x, y = residuals[:, 0], residuals[:, 1]
    log_density: Floats = -0.5 * ((yy * x**2 - 2 * xy * x * y + xx * y**2) / determinant + np.log(determinant))
    return log_density


def _positive(matrix: Floats) -> Floats:
    """The nearest covariance: negative variances, which estimates by difference may show, are none."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    nearest: Floats = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return nearest
