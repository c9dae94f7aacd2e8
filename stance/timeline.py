"""How the sides wax and wane along a thread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from stance.prevalence import Floats, Ints
from stance.shares import Estimate, Shares, Voices, difference, mix_of, shares_of
from stance.stances import Stances

_SPAN = 25  # fewest comments of a stretch
_MOST_SPANS = 12
_LEVEL = 0.01  # a break is told where one as large shows up by chance less often than that
_DRAWS = 250
_CELLS_AT_ONCE = 5_000_000  # numbers held while drawing


@dataclass(frozen=True)
class Span:
    """A stretch of the thread.

    :param start: Place of its first comment along the line, from 0.
    :param end: Place after its last.
    :param first_time: When its first comment was written, where the line runs along time.
    :param last_time: Likewise its last.
    :param shares: By comments.
    """

    start: int
    end: int
    first_time: dt.datetime | None
    last_time: dt.datetime | None
    shares: Shares


@dataclass(frozen=True)
class TurningPoint:
    """Where the mix of stances changes for good.

    :param place: Place of the first comment after the change.
    :param thread_id: Of that comment.
    :param comment_id: Likewise.
    :param time: When it was written, where the line runs along time.
    :param before: Shares from the turning point before (or the start) up to here.
    :param after: Shares from here to the next (or the end).
    :param changes: After less before, for side a, side b and neutral.
    :param p_value: How often as large a break would show up somewhere along a line without one.
    """

    place: int
    thread_id: str
    comment_id: str
    time: dt.datetime | None
    before: Shares
    after: Shares
    changes: tuple[Estimate, Estimate, Estimate]
    p_value: float


@dataclass(frozen=True)
class Timeline:
    """Shares along the thread.

    :param along: "time" where most comments have one (those without are left out); else "order", the page's, where
        comments of several threads are put side by side by how far along their own thread they stand.
    :param n: Comments on the line.
    :param spans: Stretches of about equally many comments, in order; empty where there are too few comments.
    :param turning_points: In order; empty where the data carry none.
    """

    along: Literal["time", "order"]
    n: int
    spans: tuple[Span, ...]
    turning_points: tuple[TurningPoint, ...]


def timeline_of(stances: Stances, voices: Voices, seed: int = 0) -> Timeline:
    """Follow the shares along time, where most comments have one, else along the page's order.

    :param seed: Of the draws that tell breaks from chance; the same seed gives the same turning points.
    """
    line, along = _line(stances)
    n_spans = min(_MOST_SPANS, len(line) // _SPAN)
    edges = np.linspace(0, len(line), n_spans + 1).round().astype(np.int64) if n_spans > 1 else np.zeros(0, np.int64)
    breaks = dict(_breaks(voices.rows(line), 0, len(line), np.random.default_rng(seed)))
    return Timeline(
        along=along,
        n=len(line),
        spans=tuple(
            Span(
                start=int(start),
                end=int(end),
                first_time=_time(stances, line[start], along),
                last_time=_time(stances, line[end - 1], along),
                shares=shares_of(voices.rows(line[start:end]), "comments"),
            )
            for start, end in pairwise(edges)
        ),
        turning_points=_turning_points(stances, voices, line, along, breaks),
    )


def _line(stances: Stances) -> tuple[Ints, Literal["time", "order"]]:
    """The rows along the line, and what it runs along."""
    times = {i: _in_utc(comment.time) for i, comment in enumerate(stances.comments) if comment.time is not None}
    if 2 * len(times) > len(stances) and len(set(times.values())) > 1:
        return np.array(sorted(times, key=times.__getitem__), dtype=np.int64), "time"
    n_of = {name: stances.thread_ids.count(name) for name in dict.fromkeys(stances.thread_ids)}
    places = {name: iter(range(n)) for name, n in n_of.items()}
    far = np.array([(next(places[name]) + 0.5) / n_of[name] for name in stances.thread_ids])
    return np.argsort(far, kind="stable"), "order"


def _in_utc(time: dt.datetime) -> dt.datetime:
    """A time without a zone is taken as UTC, to be put beside others."""
    return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time


def _time(stances: Stances, row: int, along: str) -> dt.datetime | None:
    return stances.comments[row].time if along == "time" else None


def _breaks(voices: Voices, start: int, end: int, rng: np.random.Generator) -> Iterator[tuple[int, float]]:
    """Places where the mix changes, with their p-values: binary segmentation (Scott and Knott 1974)."""
    if end - start < 2 * _SPAN:
        return
    place, p_value = largest_break(voices.rows(np.arange(start, end)), rng)
    if p_value >= _LEVEL or not _changes(voices, start, start + place, end):
        return
    yield from _breaks(voices, start, start + place, rng)
    yield start + place, p_value
    yield from _breaks(voices, start + place, end, rng)


def _changes(voices: Voices, start: int, place: int, end: int) -> bool:
    """Whether any share changes for sure: where one writer floods a part, that part has but one voice."""
    parts = [voices.rows(np.arange(*edges)) for edges in ((start, place), (place, end))]
    before, after = (mix_of(part, part.weights("comments"), same_dispute=True)[0] for part in parts)
    gaps = [difference(float(after.mean[k] - before.mean[k]), after, before, k)[0] for k in range(3)]
    return any((gap.low or 0) > 0 or (gap.high or 0) < 0 for gap in gaps)


def largest_break(voices: Voices, rng: np.random.Generator) -> tuple[int, float]:
    """Where the mean probabilities before and after differ most, and how often chance would make as large a break.

    The statistic is the largest standardised difference of means (CUSUM; Csorgo and Horvath 1997, "Limit Theorems in
    Change-Point Analysis"). Chance turns the deviations of each person over or leaves them, all of a person's
    together, so that one loud writer makes no turn (the wild cluster bootstrap; Cameron, Gelbach and Miller 2008).

    :returns: Place of the first comment after the break; p-value.
    """
    n = len(voices)
    values = voices.probabilities[:, :2]
    deviations = values - values.mean(axis=0)
    places = np.arange(_SPAN, n - _SPAN + 1)
    scale = np.sqrt(places * (n - places) / n)
    spread = np.maximum(deviations.std(axis=0), 1e-9)

    def statistic(moved: Floats) -> Floats:
        """Of deviations of shape ``(..., n, 2)``, at every place."""
        sums = np.cumsum(moved / spread, axis=-2)
        sums = sums[..., places - 1, :] - places[:, None] / n * sums[..., -1:, :]
        found: Floats = np.sqrt((sums**2).sum(axis=-1)) / scale
        return found

    seen = statistic(deviations)
    as_large = 0
    step = max(1, _CELLS_AT_ONCE // (2 * n))
    for first in range(0, _DRAWS, step):
        turned = rng.choice((-1.0, 1.0), (min(step, _DRAWS - first), voices.n_people))[:, voices.people]
        as_large += int((statistic(turned[:, :, None] * deviations).max(axis=-1) >= seen.max()).sum())
    return int(places[seen.argmax()]), (as_large + 1) / (_DRAWS + 1)


def _turning_points(
    stances: Stances, voices: Voices, line: Ints, along: Literal["time", "order"], breaks: dict[int, float]
) -> tuple[TurningPoint, ...]:
    edges = [0, *breaks, len(line)]
    parts = [voices.rows(line[start:end]) for start, end in pairwise(edges)]
    shares = [shares_of(part, "comments") for part in parts]
    # Within one dispute the model errs alike before and after; over several, who knows.
    alike = len(set(stances.thread_ids)) == 1
    mixes = [mix_of(part, part.weights("comments"), same_dispute=alike) for part in parts] if breaks else []
    points = []
    for i, (place, p_value) in enumerate(breaks.items()):
        row = int(line[place])
        changes = tuple(
            difference(shares[i + 1][k].share - shares[i][k].share, mixes[i + 1][0], mixes[i][0], k)[0]
            for k in range(3)
        )
        points.append(
            TurningPoint(
                place=place,
                thread_id=stances.thread_ids[row],
                comment_id=stances.comments[row].id,
                time=_time(stances, row, along),
                before=shares[i],
                after=shares[i + 1],
                changes=changes,  # type: ignore[arg-type]
                p_value=p_value,
            )
        )
    return tuple(points)
