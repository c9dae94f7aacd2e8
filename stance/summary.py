"""From stances to what the threads say as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from stance.errors import InputError
from stance.evidence import Evidence
from stance.inputs import as_threads
from stance.people import Concentration, Person, Replies, concentration_of, people_of, replies_of, writers
from stance.prevalence import Floats, Ints, Posterior, reweighted
from stance.shares import MIN_PEOPLE, Estimate, Share, Shares, Voices, around, mix_of, shares_under
from stance.sides import SENTIMENTS, Sides
from stance.stances import Stances
from stance.thread import Thread
from stance.timeline import Timeline, timeline_of

if TYPE_CHECKING:
    from stance.inputs import Debates

#: True stances by comment: by its id where there is one thread, else by thread id and comment id.
TrueLabels = Mapping[str, str] | Mapping[tuple[str, str], str]


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
        from stance.report import render_report, write_report

        people = {(person.thread_id, id_): i for i, person in enumerate(self.people) for id_ in person.comment_ids}
        page = render_report(self, self.threads, self.stances, people=people, evidence=evidence, sides=sides, card=card)
        write_report(path, page)

    def __str__(self) -> str:
        if not self.n_comments:
            return "No comments to summarise."
        return f"Of {self.n_comments} comments by {self.n_people} people, {in_words(self.by_comments)}"

    def _repr_html_(self) -> str:
        from stance.views import view_of_summary

        return view_of_summary(self)

    def to_dict(self) -> dict[str, Any]:
        """All that was counted as plain dicts, lists, numbers and strings, times as ISO 8601; fit for JSON."""
        counted = [f.name for f in fields(self) if f.name not in ("threads", "stances")]
        return {name: _plain(getattr(self, name)) for name in counted}


def summarize(threads: Debates, stances: Stances, *, true_labels: TrueLabels | None = None) -> Summary:
    """Say what the threads say as a whole: the sides' shares, the people, who answers whom, the line of time.

    Where the model's folder tells how the model errs on held-out labels, the shares are corrected for it, and the
    errors are inside the intervals (:mod:`stance.prevalence`); else they are counts.

    :param threads: What was classified: threads, texts, a frame or a dataset. All of it counts together.
    :param true_labels: Stances that you know, of comments drawn at random from these. From twenty on the shares rest on
        them, with the model's answers as a help (prediction-powered inference); fewer only stand for the model's.
    :raises InputError: If the stances are not those of the threads, or of more than two sides (see
        :meth:`stance.Stances.one_against_others`), or a true label is of no comment or no stance.
    """
    threads = as_threads(threads)
    voices = voices_of(threads, stances, true_labels)
    tones = stances.sentiment_probabilities.argmax(axis=1) if len(stances) else np.zeros(0, dtype=np.int64)
    mixes = {unit: mix_of(voices, voices.weights(unit)) for unit in ("comments", "people")}
    return Summary(
        sides=stances.sides,
        n_threads=len(threads),
        n_comments=len(stances),
        n_people=voices.n_people,
        n_nameless=sum(comment.has_shared_name for comment in stances.comments),
        n_unclassified=sum(bool(reason) for reason in stances.reasons),
        n_sure=int(stances.sure.sum()),
        n_labelled=int((voices.known >= 0).sum()),
        by_comments=shares_under(voices, "comments", *mixes["comments"]),
        by_people=shares_under(voices, "people", *mixes["people"]),
        sentiment={name: int((tones == k).sum()) for k, name in enumerate(SENTIMENTS)},
        tones=_tones(stances, voices, mixes["comments"][0]),
        people=people_of(stances, voices),
        concentration=concentration_of(voices.people),
        replies=replies_of(stances, voices),
        timeline=timeline_of(stances, voices),
        threads=tuple(threads),
        stances=stances,
    )


def voices_of(threads: Sequence[Thread], stances: Stances, true_labels: TrueLabels | None = None) -> Voices:
    """The comments made ready for counting.

    :raises InputError: See :func:`summarize`.
    """
    stances.refuse_many_sides("A summary")
    pairs = [(thread.id, comment.id) for thread in threads for comment in thread.comments]
    if pairs != [(name, comment.id) for name, comment in zip(stances.thread_ids, stances.comments, strict=True)]:
        raise InputError(
            f"The stances ({len(stances)} comments) are not those of the threads given ({len(pairs)} comments)."
            " Hand in the threads that were classified."
        )
    known = _known(pairs, stances.sides.labels, true_labels or {})
    likeliest = stances.probabilities.argmax(axis=1) if pairs else np.zeros(0, dtype=np.int64)
    return Voices(
        labels=stances.sides.labels,
        probabilities=stances.probabilities.reshape(-1, 3),
        answers=np.where(known >= 0, known, likeliest).astype(np.int64),
        known=known,
        classified=np.array([not reason for reason in stances.reasons], dtype=bool),
        people=writers(stances),
        errors=stances.stance_errors,
    )


def in_words(shares: Shares) -> str:
    """The shares as the end of a sentence, with their intervals and what they are worth."""
    a, b, neutral = shares
    told = (
        f"{_with_interval(a)} are {a.label}, {_with_interval(b)} {b.label}, {_with_interval(neutral)} {neutral.label}"
    )
    if shares.lead.low is None:
        return f"{told}."
    side = f"more are {shares.lead.label}" if shares.lead.clear else "which side is the larger cannot be told"
    worth = "; counted as the model reads them, its errors not taken in" if shares.method == "counted" else ""
    return f"{told}: {side}{worth}."


def _with_interval(share: Share) -> str:
    return f"{share.share:.0%}" + ("" if share.low is None else f" [{share.low:.0%} to {share.high:.0%}]")


def _known(pairs: Sequence[tuple[str, str]], labels: tuple[str, ...], true_labels: TrueLabels) -> Ints:
    """Column of each comment's true stance; -1 where it is not known. *Shape:* ``(n,)``"""
    rows = {pair: i for i, pair in enumerate(pairs)}
    one_thread = pairs[0][0] if len({name for name, _ in pairs}) == 1 else None
    known = np.full(len(pairs), -1, dtype=np.int64)
    for key, label in true_labels.items():
        pair = (one_thread, key) if isinstance(key, str) else key
        if pair not in rows:
            raise InputError(
                f"true_labels names the comment {key!r}, which is not among those classified. Give its id where there"
                " is one thread, else the pair of thread id and comment id."
            )
        if label not in labels:
            raise InputError(f"true_labels: {key!r} came as {label!r}, but one of {', '.join(labels)} was expected.")
        known[rows[pair]] = labels.index(label)
    return known


def _tones(stances: Stances, voices: Voices, mix: Posterior) -> tuple[Tones, Tones, Tones]:
    heard = Voices(
        labels=SENTIMENTS,
        probabilities=stances.sentiment_probabilities.reshape(-1, 3),
        answers=stances.sentiment_probabilities.reshape(-1, 3).argmax(axis=1).astype(np.int64),
        known=np.full(len(voices), -1, dtype=np.int64),
        classified=voices.classified,
        people=voices.people,
        errors=stances.tone_errors,
    )
    holds = np.eye(3)[voices.answers]
    if voices.errors is not None and heard.errors is not None and len(voices):
        unknown = voices.classified & (voices.known < 0)
        holds[unknown] = reweighted(voices.probabilities[unknown], voices.errors.prior, mix.mean)
    a, b, neutral = (_tones_of(label, heard, voices.answers == k, holds[:, k]) for k, label in enumerate(voices.labels))
    return a, b, neutral


def _tones_of(label: str, heard: Voices, chosen: npt.NDArray[np.bool_], holds: Floats) -> Tones:
    counts = np.bincount(heard.answers[chosen], minlength=3)
    n = int(chosen.sum())
    counted = [float(count / max(n, 1)) for count in counts]
    if holds.sum() < 1:  # less than one comment
        found = [Estimate(share) for share in counted]
    else:
        mix, method = mix_of(heard, holds / holds.sum())
        few = len(np.unique(heard.people[holds > 0])) < MIN_PEOPLE
        best = counted if method == "counted" else [float(share) for share in mix.mean]
        found = [Estimate(best[k]) if few else around(best[k], mix, mix.mixes[:, k]) for k in range(3)]
    negative, neutral, positive = (
        Share(tone, int(counts[k]), counted[k], found[k].value, found[k].low, found[k].high)
        for k, tone in enumerate(SENTIMENTS)
    )
    return Tones(label, n, (negative, neutral, positive))


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Sides):
        return {name: _plain(side) for name, side in zip("abcd", value.all, strict=False)}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value
