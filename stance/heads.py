"""The last layer learned anew on few labels, from what it sees, and held to what it was.

The new layer is the old one plus a correction, and the correction has a prior: its weights are small unless the labels
say otherwise (a Gaussian prior centred on the source model's weights; Chelba and Acero 2004, "Adaptation of Maximum
Entropy Capitalizer"). With no labels it is the old layer; how far labels may move it is chosen by cross-validation over
held-out people and threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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


#: From "as it was" to "the labels decide".
STRENGTHS = (
    Strength(np.inf, np.inf, np.inf),
    *(Strength(low, np.inf, np.inf) for low in (10.0, 1.0)),
    *(Strength(low, low, high) for low in (10.0, 1.0) for high in (np.inf, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1)),
)


def fit_head(start: Head, features: Floats, labels: Ints, strength: Strength, allowed: Floats | None = None) -> Head:
    """The likeliest head under the labels and the prior.

    :param start: The old head.
    :param features: *Shape:* ``(n, width)``
    :param labels: Column of each row's class. *Shape:* ``(n,)``
    :param allowed: 0 where a class was open to the labeller, ``-inf`` where it was not. *Shape:* ``(n, k)``
    """
    from scipy.optimize import minimize

    blocks = _blocks(start, features, strength)
    inputs = np.hstack([block.of(features) for block in blocks]) if blocks else np.zeros((len(features), 0))
    if not inputs.shape[1]:
        return start
    offset = start.logits(features) + (0.0 if allowed is None else allowed)
    k = len(start.bias)
    one_hot = np.eye(k)[labels]

    def loss(flat: Floats) -> tuple[float, Floats]:
        theta = flat.reshape(-1, k)
        logits = offset + inputs @ theta
        top = logits.max(axis=1, keepdims=True)
        exp = np.exp(logits - top)
        total = exp.sum(axis=1, keepdims=True)
        value = (np.log(total) + top).sum() - logits[np.arange(len(labels)), labels].sum() + (theta**2).sum() / 2
        slope = inputs.T @ (exp / total - one_hot) + theta
        return float(value), slope.ravel()

    found = minimize(loss, np.zeros(inputs.shape[1] * k), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    theta = found.x.reshape(-1, k)
    weight, bias, at = start.weight.copy(), start.bias.copy(), 0
    for block in blocks:
        part = theta[at : at + block.matrix.shape[1]]
        weight += (block.matrix @ part).T
        bias += block.shift @ part
        at += block.matrix.shape[1]
    return Head(weight, bias)


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
    mean = features.mean(axis=0)
    blocks = []
    if np.isfinite(strength.bias):
        blocks.append(_Block(np.zeros((width, 1)), np.full(1, strength.bias**-0.5)))
    if np.isfinite(strength.mixing):
        logits = start.logits(features)
        scale = strength.mixing**-0.5 / max(float(logits.std(axis=0).mean()), 1e-6)
        blocks.append(_Block(start.weight.T * scale, (start.bias - logits.mean(axis=0)) * scale))
    if np.isfinite(strength.features):
        spread = float(np.sqrt(features.var(axis=0).sum()))
        scale = strength.features**-0.5 / max(spread, 1e-6)
        blocks.append(_Block(np.eye(width) * scale, -mean * scale))
    return blocks


def choose_strength(
    start: Head,
    features: Floats,
    labels: Ints,
    folds: Ints,
    strengths: Sequence[Strength] = STRENGTHS,
    allowed: Floats | None = None,
) -> Strength:
    """The strength under which held-out labels are likeliest; the tighter of two alike.

    :param folds: Number of the fold in which each row is held out. *Shape:* ``(n,)``
    """
    losses = [
        float(_losses(held_out_logits(start, features, labels, folds, strength, allowed), labels).mean())
        for strength in strengths
    ]
    return strengths[int(np.argmin(losses))]


def held_out_logits(
    start: Head, features: Floats, labels: Ints, folds: Ints, strength: Strength, allowed: Floats | None = None
) -> Floats:
    """Logits of each row by a head that was fitted without its fold. *Shape:* ``(n, k)``"""
    logits = np.zeros((len(labels), len(start.bias)))
    for fold in np.unique(folds):
        out = folds == fold
        rest = None if allowed is None else allowed[~out]
        head = fit_head(start, features[~out], labels[~out], strength, rest)
        logits[out] = head.logits(features[out])
    return logits if allowed is None else logits + allowed


def _losses(logits: Floats, labels: Ints) -> Floats:
    top = logits.max(axis=1)
    total: Floats = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top - logits[np.arange(len(labels)), labels]
    return total
