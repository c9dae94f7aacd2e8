"""From scores to probabilities that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stance.scores import N_STANCES, Scores

Floats = npt.NDArray[np.float64]
#: A prior for few labels, on the temperature's logarithm: a third up or down is common between data sets.
TEMPERATURE_SPREAD = 0.35


@dataclass(frozen=True)
class Calibration:
    """Temperature scaling (Guo et al. 2017, "On Calibration of Modern Neural Networks"), one for each task.

    :param stance_temperature: Stance logits are divided by it; over 1 makes answers less sure.
    :param sentiment_temperature: Likewise for sentiment.
    :param sure_threshold: Least probability at which answers held 90 % precision on held-out labels.
    """

    stance_temperature: float = 1.0
    sentiment_temperature: float = 1.0
    sure_threshold: float = 1.0

    def stance_probabilities(self, scores: Scores) -> Floats:
        """Probabilities of side a, side b and neutral. An unclassified comment is neutral. *Shape:* ``(n, 3)``"""
        return _probabilities(scores, scores.logits[:, :N_STANCES], self.stance_temperature, certain=2)

    def sentiment_probabilities(self, scores: Scores) -> Floats:
        """Probabilities of negative, neutral and positive. *Shape:* ``(n, 3)``"""
        return _probabilities(scores, scores.logits[:, N_STANCES:], self.sentiment_temperature, certain=1)


def _probabilities(scores: Scores, logits: npt.NDArray[np.float32], temperature: float, certain: int) -> Floats:
    probabilities = softmax(logits.astype(np.float64) / temperature)
    unclassified = np.array([bool(reason) for reason in scores.reasons], dtype=bool)
    probabilities[unclassified] = np.eye(N_STANCES)[certain]
    return probabilities


def softmax(logits: Floats) -> Floats:
    """Probabilities of logits along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def fit_temperature(logits: Floats, labels: npt.NDArray[np.int64], spread: float = np.inf) -> float:
    """The temperature under which held-out labels are likeliest.

    :param logits: *Shape:* ``(n, k)``
    :param labels: Column of the right class. *Shape:* ``(n,)``
    :param spread: Standard deviation of a prior on its logarithm, centred on 0, which few labels move little; infinite
        for none.
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        surprise = -np.log(softmax(logits / np.exp(log_temperature))[rows, labels] + 1e-12).mean()
        return float(surprise + (log_temperature / spread) ** 2 / (2 * len(labels)))

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))


def fit_sure_threshold(probabilities: Floats, labels: npt.NDArray[np.int64], precision: float = 0.9) -> float:
    """The least top probability from which on the answers on held-out labels are right at ``precision``.

    1.0, which no answer passes, where no such threshold covers twenty answers: then nothing is called sure.
    """
    top = probabilities.max(axis=1)
    order = np.argsort(-top, kind="stable")
    right = (probabilities.argmax(axis=1) == labels)[order]
    held = np.cumsum(right) / np.arange(1, len(right) + 1) >= precision
    held[:19] = False
    return float(top[order[np.flatnonzero(held)[-1]]]) if held.any() else 1.0
