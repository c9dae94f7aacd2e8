"""From stances to what a thread says as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stance.errors import InputError
from stance.inputs import as_threads
from stance.sides import Sides
from stance.stances import Stances

if TYPE_CHECKING:
    from stance.inputs import Debates

_MIN_FOR_INTERVAL = 2  # people


@dataclass(frozen=True)
class Share:
    """How large one stance is.

    :param label: The stance.
    :param count: Comments, or people, that hold it.
    :param share: Of all of them, in [0, 1].
    :param low: Lower end of the 95 % interval; None where there are too few to tell.
    :param high: Upper end.
    """

    label: str
    count: int
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Summary:
    """Shares of the stances in one or several threads.

    The intervals say how the shares would vary with other people of the same kind: Jeffreys intervals (Brown, Cai and
    DasGupta 2001, "Interval Estimation for a Binomial Proportion") for as many independent voices as the comments are
    worth, which is fewer where few people write most (Kish 1965, "Survey Sampling": the effective sample size). They
    do not correct for the model's own errors.

    :param by_comments: For side a, side b, neutral.
    :param by_people: One person one voice: who wrote several comments counts for what most of them say, the
        probabilities deciding a tie. Each comment without a name of its own ("Anonymous") counts as one person.
    :param sentiment: Comments of each tone, by name.
    :param n_comments: How many there are.
    :param n_people: Likewise.
    :param n_nameless: Comments whose writer cannot be told from others.
    :param n_unclassified: Comments set to neutral because there was nothing to classify.
    :param n_sure: Comments whose stance is sure.
    """

    sides: Sides
    by_comments: tuple[Share, Share, Share]
    by_people: tuple[Share, Share, Share]
    sentiment: dict[str, int]
    n_comments: int
    n_people: int
    n_nameless: int
    n_unclassified: int
    n_sure: int

    def __str__(self) -> str:
        if not self.n_comments:
            return "No comments to summarise."
        a, b, neutral = self.by_comments
        return (
            f"Of {self.n_comments} comments by {self.n_people} people, {a.share:.0%} are {a.label}, {b.share:.0%}"
            f" {b.label}, {neutral.share:.0%} {neutral.label}."
        )


def summarize(threads: Debates, stances: Stances) -> Summary:
    """Count the sides, by comments and by people.

    :param threads: What was classified: threads, texts, a frame or a dataset. All of it counts together.
    :raises InputError: If the stances are not those of the threads.
    """
    pairs = [(thread.id, comment.id) for thread in as_threads(threads) for comment in thread.comments]
    if pairs != [(name, comment.id) for name, comment in zip(stances.thread_ids, stances.comments, strict=True)]:
        raise InputError(
            f"The stances ({len(stances)} comments) are not those of the threads given ({len(pairs)} comments)."
            " Hand in the threads that were classified."
        )
    people = _people(stances)
    n_people = max(people, default=-1) + 1
    labels = stances.probabilities.argmax(axis=1) if len(stances) else np.zeros(0, dtype=np.intp)
    one_hot = np.eye(3)[labels].reshape(-1, 3)
    counts_of_people = np.zeros((n_people, 3))
    np.add.at(counts_of_people, people, one_hot)
    weight_of_people = np.zeros((n_people, 3))
    np.add.at(weight_of_people, people, stances.probabilities)
    # The probabilities add up to less than one vote a comment, so scaled down they only break ties.
    voices = np.eye(3)[(counts_of_people + weight_of_people / (2 * len(stances) + 1)).argmax(axis=1)].reshape(-1, 3)
    sentiments = [stance.sentiment for stance in stances]
    return Summary(
        sides=stances.sides,
        by_comments=_shares(stances.sides, counts_of_people),
        by_people=_shares(stances.sides, voices),
        sentiment={name: sentiments.count(name) for name in ("negative", "neutral", "positive")},
        n_comments=len(stances),
        n_people=n_people,
        n_nameless=sum(comment.has_shared_name for comment in stances.comments),
        n_unclassified=sum(bool(reason) for reason in stances.reasons),
        n_sure=int(stances.sure.sum()),
    )


def _people(stances: Stances) -> list[int]:
    """A number for each comment's writer. A name stands for one person in a thread; a shared name for nobody."""
    numbers: dict[tuple[str, str], int] = {}
    people = []
    for thread_id, comment in zip(stances.thread_ids, stances.comments, strict=True):
        own = ("comment", comment.id) if comment.has_shared_name else ("author", comment.author)
        people.append(numbers.setdefault((thread_id, *own), len(numbers)))  # type: ignore[arg-type]
    return people


def _shares(sides: Sides, counts: npt.NDArray[np.float64]) -> tuple[Share, Share, Share]:
    """Shares of the columns of ``counts`` (one row a person), with their intervals."""
    totals = counts.sum(axis=0)
    weights = counts.sum(axis=1)
    shares = totals / max(totals.sum(), 1)
    voices = float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0
    a, b, neutral = (
        Share(label, int(total), float(share), *_interval(float(share), voices, len(counts)))
        for label, total, share in zip(sides.labels, totals, shares, strict=True)
    )
    return a, b, neutral


def _interval(share: float, voices: float, n_people: int) -> tuple[float | None, float | None]:
    if n_people < _MIN_FOR_INTERVAL:
        return None, None
    from scipy.stats import beta

    low, high = beta.ppf([0.025, 0.975], share * voices + 0.5, (1 - share) * voices + 0.5)
    # At the ends of the scale the interval is one-sided: nothing lies beyond.
    return (0.0 if share == 0 else float(low)), (1.0 if share == 1 else float(high))
