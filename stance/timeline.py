"""How the sides wax and wane along a thread: the nouns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from stance.shares import Estimate, Shares


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
