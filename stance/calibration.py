"""From scores to probabilities that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from stance.held_out import HeldOut
from stance.pooling import pooled, pooled_tones
from stance.prevalence import KnownErrors, known_errors
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
    :param held_out: Answers to comments whose labels are known, from which the errors are; None where there are none.
    """

    stance_temperature: float = 1.0
    sentiment_temperature: float = 1.0
    sure_threshold: float = 1.0
    held_out: HeldOut | None = None

    def stance_probabilities(self, scores: Scores) -> Floats:
        """Probabilities of each side, then of neutral. An unclassified comment is neutral.

        Those of three or four sides are pooled from the answers about every pair: :func:`stance.pooling.pooled`.

        :returns: *Shape:* ``(n, sides + 1)``
        """
        chances = softmax(scores.by_pair[..., :N_STANCES].astype(np.float64) / self.stance_temperature)
        return _certain(scores, pooled(chances, len(scores.labels)), len(scores.labels))

    def sentiment_probabilities(self, scores: Scores) -> Floats:
        """Probabilities of negative, neutral and positive, likewise. *Shape:* ``(n, 3)``"""
        chances = softmax(scores.by_pair[..., N_STANCES:].astype(np.float64) / self.sentiment_temperature)
        return _certain(scores, pooled_tones(chances), 1)

    def swapped(self) -> Calibration:
        """The same for sides in the other order."""
        return self if self.held_out is None else replace(self, held_out=self.held_out.swapped())

    def stance_errors(self) -> KnownErrors | None:
        """How the stances err on held-out labels, where there are any."""
        if self.held_out is None:
            return None
        logits = self.held_out.logits[:, :N_STANCES]
        probabilities = softmax(logits / self.stance_temperature)
        return known_errors(probabilities, self.held_out.stances, self.held_out.disputes, self.held_out.kinds)

    def tone_errors(self) -> KnownErrors | None:
        """How the tones err on held-out labels, where there are any."""
        if self.held_out is None:
            return None
        told = np.flatnonzero(self.held_out.tones >= 0)
        logits = self.held_out.logits[told, N_STANCES:]
        probabilities = softmax(logits / self.sentiment_temperature)
        return known_errors(
            probabilities, self.held_out.tones[told], self.held_out.disputes[told], self.held_out.kinds[told]
        )


def _certain(scores: Scores, probabilities: Floats, certain: int) -> Floats:
    """Probabilities in which a comment that was not classified is of one class for certain."""
    unclassified = np.array([bool(reason) for reason in scores.reasons], dtype=bool)
    probabilities[unclassified] = np.eye(probabilities.shape[1])[certain]
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
