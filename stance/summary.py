"""From stances to what a thread says as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stance.errors import InputError
from stance.evidence import Evidence
from stance.inputs import as_threads
from stance.people import Concentration, Person, Replies
from stance.shares import Share, Shares
from stance.sides import Sides
from stance.stances import Stances
from stance.thread import Thread
from stance.timeline import Timeline

if TYPE_CHECKING:
    from stance.inputs import Debates

_MIN_FOR_INTERVAL = 2  # people


@dataclass(frozen=True)
class Tones:
    """In what tone one stance is spoken: an angry comment may be on either side.

    :param label: The stance.
    :param n: Comments that the model puts there.
    :param tones: Negative, neutral, positive. ``count`` is of those ``n`` comments; ``share`` weighs every comment by
        how likely it holds the stance, and tells the tone in the same way. They add up to 1.
    """

    label: str
    n: int
    tones: tuple[Share, Share, Share]


@dataclass(frozen=True)
class Summary:
    """What the comments of one or several threads say as a whole. It only needs to be shown: nothing is left to count.

    :param sides: Whose labels the stances carry.
    :param n_threads: How many threads there are.
    :param n_comments: How many comments.
    :param n_people: How many people: a name stands for one person in a thread, and each comment without a name of its
        own ("Anonymous", or none) for one person.
    :param n_nameless: Comments whose writer cannot be told from others.
    :param n_unclassified: Comments set to neutral because there was nothing to classify.
    :param n_sure: Comments whose stance is sure.
    :param n_labelled: Comments whose true stance was handed in.
    :param by_comments: How large each side is, every comment counting the same.
    :param by_people: The same, every person counting the same; a person's stance is that of all their comments.
    :param sentiment: Comments of each tone, by name.
    :param tones: The tone of each stance: side a, side b, neutral.
    :param people: All of them, who writes most first.
    :param concentration: Whether few people write most; None without comments.
    :param replies: Who answers whom across the sides.
    :param timeline: The sides along the thread.
    :param threads: What it is a summary of.
    :param stances: Likewise.
    """

    sides: Sides
    n_threads: int
    n_comments: int
    n_people: int
    n_nameless: int
    n_unclassified: int
    n_sure: int
    n_labelled: int
    by_comments: Shares
    by_people: Shares
    sentiment: dict[str, int]
    tones: tuple[Tones, Tones, Tones]
    people: tuple[Person, ...]
    concentration: Concentration | None
    replies: Replies
    timeline: Timeline
    threads: tuple[Thread, ...] = field(repr=False, compare=False)
    stances: Stances = field(repr=False, compare=False)

    def write_html(
        self,
        path: str | Path,
        *,
        evidence: Sequence[Evidence] = (),
        sides: Mapping[str, Sides] | None = None,
        card: object = None,
    ) -> None:
        """Write a report: one HTML file that opens offline and shows all of this, and the comments.

        :param evidence: What ``model.explain`` found, for as many comments as it was asked about.
        :param sides: Who the two sides are, by thread id, where that is known.
        :param card: The ``model.card`` of the model that answered; its figures are shown. None where it is not known.
        :raises InputError: If the file cannot be written.
        """
        from stance.report import write_report

        people = {(person.thread_id, id_): i for i, person in enumerate(self.people) for id_ in person.comment_ids}
        write_report(
            path, self, self.threads, self.stances, people=people, evidence=evidence, sides=sides, card=card
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
