"""The last layer learned anew on few labels, from what it sees, and held to what it was.

The new layer is the old one plus a correction, and the correction has a prior: its weights are small unless the labels
say otherwise (a Gaussian centred on the source model's weights; Chelba and Acero 2004, "Adaptation of Maximum Entropy
Capitalizer: Little Data Can Help a Lot"). With no labels it is the old layer; how far labels may move it is chosen by
cross-validation over held-out people and threads, and not at all is among the choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stance.splitting import Groups, make_folds

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
N_FOLDS = 5  # that measure
_N_INNER = 4  # that choose
_LEAST_GAIN = 1.0  # nats, over all held-out labels together


@dataclass(frozen=True)
class Head:
    """The rows of the last layer that answer one task.

    :param weight: *Shape:* ``(k, width)``, float64
    :param bias: *Shape:* ``(k,)``, float64
    """

    weight: Floats
    bias: Floats

    def logits(self, features: Floats) -> Floats:
        """*Shape:* ``(n, k)`` for features of shape ``(n, width)``."""
        return features @ self.weight.T + self.bias


@dataclass(frozen=True)
class Strength:
    """How tightly a head is held to the old one: the prior's precision, of three corrections apart.

    ``inf`` leaves that correction out.

    :param bias: On how common the classes are.
    :param mixing: On how the old logits are scaled and mixed.
    :param features: On what is read from the features.
    """

    bias: float
    mixing: float
    features: float


_FREE = np.inf
_ENOUGH = {"maxiter": 200, "ftol": 1e-7, "gtol": 1e-4}  # beyond which no answer changes
AS_IT_WAS = Strength(_FREE, _FREE, _FREE)
#: From "as it was" to "the labels decide".
STRENGTHS = (
    AS_IT_WAS,
    Strength(10.0, _FREE, _FREE),
    Strength(10.0, 10.0, _FREE),
    *(Strength(3.0, 3.0, features) for features in (10.0, 3.0, 1.0, 0.3, 0.1)),
)


@dataclass(frozen=True)
class Learned:
    """A head learned on labels, and what is known of how good it is.

    :param head: Fitted on all labels.
    :param strength: The one that was chosen for it.
    :param held_out: Logits of each comment by a head that saw neither it nor its group, its strength chosen without
        them too. *Shape:* ``(n, k)``
    :param folds: Number of the fold in which each was held out. *Shape:* ``(n,)``
    """

    head: Head
    strength: Strength
    held_out: Floats
    folds: Ints


def learn_head(
    start: Head,
    features: Floats,
    labels: Ints,
    groups: Groups,
    seed: int = 0,
    strengths: Sequence[Strength] = STRENGTHS,
) -> Learned:
    """Learn a head, and measure it by nested cross-validation (Varma and Simon 2006) over groups.

    :param features: What the last layer sees. *Shape:* ``(n, width)``
    :param labels: Column of each comment's class. *Shape:* ``(n,)``
    """
    turned = _Turned.of(features)
    small, old = turned.features(features), turned.head(start)
    folds = make_folds(groups, labels, N_FOLDS, seed)
    held_out = np.zeros((len(labels), len(start.bias)))
    for fold in np.unique(folds):
        rest, out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        head, _ = _chosen_head(old, small[rest], labels[rest], groups.of(rest), seed, strengths)
        held_out[out] = head.logits(small[out])
    head, strength = _chosen_head(old, small, labels, groups, seed, strengths)
    return Learned(turned.back(head, old, start), strength, held_out, folds)


def held_out_by_size(
    start: Head, features: Floats, labels: Ints, groups: Groups, sizes: Sequence[int], seed: int = 0
) -> dict[int, Floats]:
    """Logits of each comment by heads that saw only so many labels, none of them of its group: the learning curve.

    :param sizes: Numbers of labels, ascending; one that no fold's rest holds is left out.
    :returns: By number of labels. *Shape of each:* ``(n, k)``
    """
    turned = _Turned.of(features)
    small, old = turned.features(features), turned.head(start)
    folds = make_folds(groups, labels, N_FOLDS, seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    curve: dict[int, Floats] = {}
    for size in sizes:
        rests = [order[folds[order] != fold] for fold in np.unique(folds)]
        if min(map(len, rests)) < size:
            break
        curve[size] = np.zeros((len(labels), len(start.bias)))
        for fold, rest in zip(np.unique(folds), rests, strict=True):
            seen = rest[:size]
            head, _ = _chosen_head(old, small[seen], labels[seen], groups.of(seen), seed, STRENGTHS)
            curve[size][folds == fold] = head.logits(small[folds == fold])
    return curve


def fit_head(start: Head, features: Floats, labels: Ints, strength: Strength) -> Head:
    """The likeliest head under the labels and the prior.

    :param features: *Shape:* ``(n, width)``
    :param labels: *Shape:* ``(n,)``
    """
    from scipy.optimize import minimize

    blocks = _blocks(start, features, strength)
    if not blocks:
        return start
    inputs = np.hstack([block.of(features) for block in blocks])
    offset = start.logits(features)
    k = len(start.bias)
    rows = np.arange(len(labels))

    def loss(flat: Floats) -> tuple[float, Floats]:
        theta = flat.reshape(-1, k)
        chances, value = _chances_and_loss(offset + inputs @ theta, labels)
        chances[rows, labels] -= 1
        return value + float(flat @ flat) / 2, (inputs.T @ chances + theta).ravel()

    found = minimize(loss, np.zeros(inputs.shape[1] * k), jac=True, method="L-BFGS-B", options=_ENOUGH)
    theta = found.x.reshape(-1, k)
    weight, bias, at = start.weight.copy(), start.bias.copy(), 0
    for block in blocks:
        part = theta[at : at + block.matrix.shape[1]]
        weight += (block.matrix @ part).T
        bias += block.shift @ part
        at += block.matrix.shape[1]
    return Head(weight, bias)


def _chosen_head(
    start: Head, features: Floats, labels: Ints, groups: Groups, seed: int, strengths: Sequence[Strength]
) -> tuple[Head, Strength]:
    """The head under the strength by which held-out labels are likeliest.

    It stays as it was unless these gain more than a standard error over groups (Breiman et al. 1984, the rule of one
    standard error), and more than a nat on top, which only few labels notice: they must not make a model worse.
    """
    if groups.n < 2 or len(set(labels.tolist())) < 2:
        return start, AS_IT_WAS
    folds = make_folds(groups, labels, _N_INNER, seed)
    before = _surprise(start.logits(features), labels)
    gains = np.zeros((len(strengths), len(labels)))
    for fold in np.unique(folds):
        out = folds == fold
        for i, strength in enumerate(strengths):
            head = fit_head(start, features[~out], labels[~out], strength)
            gains[i, out] = before[out] - _surprise(head.logits(features[out]), labels[out])
    of_groups = np.array([np.bincount(groups.of_row, row, minlength=groups.n) for row in gains])
    gained, error = of_groups.sum(axis=1), of_groups.std(axis=1) * np.sqrt(groups.n)
    gained[gained <= error + _LEAST_GAIN] = 0.0
    best = int(gained.argmax())
    if not gained[best]:
        return start, AS_IT_WAS
    return fit_head(start, features, labels, strengths[best]), strengths[best]


def _surprise(logits: Floats, labels: Ints) -> Floats:
    """Of each label, in nats. *Shape:* ``(n,)``"""
    shifted = logits - logits.max(axis=1, keepdims=True)
    surprise: Floats = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]
    return surprise


def _chances_and_loss(logits: Floats, labels: Ints) -> tuple[Floats, float]:
    """Probabilities, and the sum of the labels' surprise."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    chances: Floats = np.exp(shifted)
    total = chances.sum(axis=1, keepdims=True)
    loss = float(np.log(total).sum() - shifted[np.arange(len(labels)), labels].sum())
    chances /= total
    return chances, loss


@dataclass(frozen=True)
class _Block:
    """Inputs that are linear in the features: ``features @ matrix + shift``."""

    matrix: Floats
    shift: Floats

    def of(self, features: Floats) -> Floats:
        return features @ self.matrix + self.shift


def _blocks(start: Head, features: Floats, strength: Strength) -> list[_Block]:
    """What the correction may read, each scaled so that a unit prior has the asked-for precision on a unit input."""
    width = features.shape[1]
    blocks = []
    if np.isfinite(strength.bias):
        blocks.append(_Block(np.zeros((width, 1)), np.full(1, strength.bias**-0.5)))
    if np.isfinite(strength.mixing):
        logits = start.logits(features)
        scale = strength.mixing**-0.5 / max(float(logits.std(axis=0).mean()), 1e-6)
        blocks.append(_Block(start.weight.T * scale, (start.bias - logits.mean(axis=0)) * scale))
    if np.isfinite(strength.features):
        scale = strength.features**-0.5 / max(float(np.sqrt(features.var(axis=0).sum())), 1e-6)
        blocks.append(_Block(np.eye(width) * scale, -features.mean(axis=0) * scale))
    return blocks


@dataclass(frozen=True)
class _Turned:
    """Features in the axes in which they vary, of which there are no more than comments.

    The prior is the same in all directions and every fit stays among the directions of its comments, so that nothing
    is lost and few labels are quickly learned.
    """

    axes: Floats
    mean: Floats

    @classmethod
    def of(cls, features: Floats) -> _Turned:
        mean = features.mean(axis=0)
        _, sizes, axes = np.linalg.svd(features - mean, full_matrices=False)
        return cls(axes[sizes > 1e-7 * max(float(sizes[0]), 1e-12)].T, mean)

    def features(self, features: Floats) -> Floats:
        turned: Floats = (features - self.mean) @ self.axes
        return turned

    def head(self, head: Head) -> Head:
        return Head(head.weight @ self.axes, head.bias + head.weight @ self.mean)

    def back(self, head: Head, old: Head, start: Head) -> Head:
        """A head that was fitted in these axes, in the features' own."""
        moved = (head.weight - old.weight) @ self.axes.T
        return Head(start.weight + moved, start.bias + (head.bias - old.bias) - moved @ self.mean)
