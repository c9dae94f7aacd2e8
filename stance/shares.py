"""How large each side is, by comments and by people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from stance.prevalence import (
    Floats,
    Ints,
    KnownErrors,
    Posterior,
    clustered_covariance,
    counted_mix,
    estimate_mix,
    labelled_mix,
)

Unit = Literal["comments", "people"]

#: How a share was come by. "counted": the model's answers as they stand; "corrected": for the errors the model made on
#: held-out labels; "labelled": with true labels of some of the comments, handed in by the user.
Method = Literal["counted", "corrected", "labelled"]


@dataclass(frozen=True)
class Estimate:
    """A number that is not known exactly.

    :param value: The best estimate.
    :param low: Lower end of the 95 % interval; None where there are too few comments or people to tell.
    :param high: Upper end.
    """

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Share:
    """How large one group is among several.

    :param label: The group: a stance, or a tone.
    :param count: Comments, or people, whom the model puts there.
    :param counted: Plain counting, in [0, 1]: the share of comments whom the model puts there. By people, each one's
        voice is spread evenly over their comments.
    :param share: The best estimate of the true share, in [0, 1]; equal to ``counted`` where nothing is corrected.
    :param low: Lower end of its 95 % interval; None where there are too few people to tell.
    :param high: Upper end.
    """

    label: str
    count: int
    counted: float
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Lead:
    """Which of the two sides is the larger.

    :param label: The side with the larger share; of two equal ones, side a.
    :param by: Its share less the other's, at least 0.
    :param low: Lower end of the 95 % interval of the difference, below 0 where the other may well be the larger;
        None where there are too few people to tell.
    :param high: Upper end.
    """

    label: str
    by: float
    low: float | None
    high: float | None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves no doubt which side is the larger."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True)
class Shares:
    """How large the two sides and the rest are. As a sequence: side a, side b, neutral.

    :param unit: What is counted.
    :param n: How many there are.
    :param stances: Side a, side b, neutral; they add up to 1.
    :param sided: Side a and side b among those who take one, adding up to 1; None where the model finds none.
    :param lead: Which side is the larger.
    :param method: How the shares were come by.
    """

    unit: Unit
    n: int
    stances: tuple[Share, Share, Share]
    sided: tuple[Share, Share] | None
    lead: Lead
    method: Method

    def __iter__(self) -> Iterator[Share]:
        return iter(self.stances)

    def __len__(self) -> int:
        return len(self.stances)

    def __getitem__(self, index: int) -> Share:
        return self.stances[index]


@dataclass(frozen=True, eq=False)
class Voices:
    """Comments made ready for counting.

    :param labels: Of the three classes.
    :param probabilities: *Shape:* ``(n, 3)``
    :param answers: Column of each comment's class: the true one where known, else the likeliest. *Shape:* ``(n,)``
    :param known: Column of the true class; -1 where it is not known. *Shape:* ``(n,)``
    :param classified: False where there was nothing to classify, so that the class is certain. *Shape:* ``(n,)``
    :param people: Number of each comment's writer. *Shape:* ``(n,)``
    :param errors: How the model errs, where that is known.
    """

    labels: tuple[str, ...]
    probabilities: Floats
    answers: Ints
    known: Ints
    classified: npt.NDArray[np.bool_]
    people: Ints
    errors: KnownErrors | None

    def __len__(self) -> int:
        return len(self.answers)

    def rows(self, rows: Ints) -> Voices:
        """Some of the comments; the people among them are numbered anew."""
        return Voices(
            labels=self.labels,
            probabilities=self.probabilities[rows],
            answers=self.answers[rows],
            known=self.known[rows],
            classified=self.classified[rows],
            people=np.unique(self.people[rows], return_inverse=True)[1].astype(np.int64),
            errors=self.errors,
        )

    @property
    def n_people(self) -> int:
        """How many people write."""
        return int(self.people.max(initial=-1)) + 1

    def weights(self, unit: Unit) -> Floats:
        """How much each comment counts; sum 1. By people, each one's voice is spread evenly over their comments."""
        if unit == "comments":
            return np.full(len(self), 1.0 / max(len(self), 1))
        weights: Floats = 1.0 / (np.bincount(self.people, minlength=1)[self.people] * max(self.n_people, 1))
        return weights

    def counted(self, unit: Unit) -> Floats:
        """Share of each class among the answers; zeros without comments. *Shape:* ``(3,)``"""
        if unit == "comments":
            return np.bincount(self.answers, minlength=3).astype(np.float64) / max(len(self), 1)
        return np.bincount(self.answers, self.weights(unit), 3).astype(np.float64)

    def people_by_class(self) -> Ints:
        """Column of each person's class: the likeliest over all their comments. *Shape:* ``(n_people,)``"""
        sums = np.zeros((self.n_people, 3))
        np.add.at(sums, self.people, np.where(self.known[:, None] >= 0, np.eye(3)[self.answers], self.probabilities))
        best: Ints = sums.argmax(axis=1).astype(np.int64)
        return best


def shares_of(voices: Voices, unit: Unit, same_dispute: bool = False) -> Shares:
    """How large the classes are.

    :param same_dispute: Leave the drift of the model's errors from dispute to dispute out of the intervals, for
        comparing parts of one dispute.
    """
    return shares_under(voices, unit, *mix_of(voices, voices.weights(unit), same_dispute))


def mix_of(voices: Voices, weights: Floats, same_dispute: bool = False) -> tuple[Posterior, Method]:
    """What is known of the mix of classes, and how."""
    if (voices.known >= 0).sum() >= MIN_LABELLED:
        return labelled_mix(voices.probabilities, weights, voices.people, voices.known), "labelled"
    part = np.flatnonzero(voices.classified)
    heard = weights[part].sum()
    if voices.errors is None or heard == 0:
        concentration = clustered_covariance(voices.probabilities, weights, voices.people)[2]
        counted = weights @ np.eye(3)[voices.answers] if len(voices) else np.full(3, 1 / 3)
        return counted_mix(counted, 1.0 / concentration if concentration else 0.0), "counted"
    people = voices.people[part]
    found = estimate_mix(voices.probabilities[part], weights[part] / heard, people, voices.errors, same_dispute)
    certain = (weights * ~voices.classified) @ np.eye(3)[voices.answers]
    return Posterior(found.mixes * heard + certain, found.weights), "corrected"


def shares_under(voices: Voices, unit: Unit, mix: Posterior, method: Method) -> Shares:
    """Shares as they are told, of what is known of the mix."""
    counted = voices.counted(unit)
    counts = np.bincount(voices.answers if unit == "comments" else voices.people_by_class(), minlength=3)
    best = counted if method == "counted" else mix.mean
    few = voices.n_people < MIN_PEOPLE
    a, b, neutral = (
        share(voices.labels[k], int(counts[k]), float(counted[k]), float(best[k]), mix.mixes[:, k], mix, few)
        for k in range(3)
    )
    sided = None
    both, both_counted = best[0] + best[1], counted[0] + counted[1]
    if counts[0] + counts[1] and both > 0 and both_counted > 0:
        sums = mix.mixes[:, 0] + mix.mixes[:, 1]
        ratios = np.divide(mix.mixes[:, 0], sums, out=np.full(len(sums), 0.5), where=sums > 0)
        sided = (
            share(a.label, a.count, counted[0] / both_counted, float(best[0] / both), ratios, mix, few),
            share(b.label, b.count, counted[1] / both_counted, float(best[1] / both), 1.0 - ratios, mix, few),
        )
    ahead = int(best[1] > best[0])
    by = float(best[ahead] - best[1 - ahead])
    gap = Estimate(by) if few else around(by, mix, mix.mixes[:, ahead] - mix.mixes[:, 1 - ahead])
    return Shares(
        unit=unit,
        n=len(voices) if unit == "comments" else voices.n_people,
        stances=(a, b, neutral),
        sided=sided,
        lead=Lead(voices.labels[ahead], gap.value, gap.low, gap.high),
        method=method,
    )


def share(label: str, count: int, counted: float, best: float, values: Floats, mix: Posterior, few: bool) -> Share:
    """One share; ``values`` is what it would be at each point of ``mix``."""
    found = Estimate(best) if few else around(best, mix, values)
    return Share(label, count, float(counted), found.value, found.low, found.high)


def around(best: float, mix: Posterior, values: Floats) -> Estimate:
    """An estimate with the interval of its values, which holds it."""
    low, high = mix.interval(values)
    return Estimate(best, min(low, best), max(high, best))


def difference(value: float, one: Posterior, other: Posterior, column: int) -> tuple[Estimate, float]:
    """The share of a class under one mix less that under another, the two taken as independent; and its p-value.

    The p-value is twice the lesser of the chances that the difference is above and below none.

    :param value: The best estimate of the difference.
    """
    at = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    first, second = (mix.quantiles(mix.mixes[:, column], at) for mix in (one, other))
    gaps = (first[:, None] - second).ravel()
    low, high = np.quantile(gaps, [0.025, 0.975])
    below = float((gaps < 0).mean() + (gaps == 0).mean() / 2)
    return Estimate(value, min(float(low), value), max(float(high), value)), max(2 * min(below, 1 - below), _LEAST_P)


#: Fewest people for an interval.
MIN_PEOPLE = 2
#: Fewest true labels for which the shares rest on them.
MIN_LABELLED = 20
_QUANTILES = 200  # points that stand for a distribution
_LEAST_P = 1 / _QUANTILES**2  # a smaller p-value cannot be told from it
