"""Threads, sources or months beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from stance.errors import InputError
from stance.inputs import as_threads
from stance.shares import MIN_PEOPLE, Shares, Voices, difference, mix_of, shares_under
from stance.stances import Stances
from stance.summary import voices_of
from stance.thread import Comment, Thread

if TYPE_CHECKING:
    from stance.inputs import Debates

#: Names the group of a comment, or none.
GroupOf = Callable[[Thread, Comment], str | None]


@dataclass(frozen=True)
class Group:
    """What is compared.

    :param name: A thread's id, a source, a month ("2013-03").
    :param by_comments: Its shares by comments.
    :param by_people: Its shares by people.
    """

    name: str
    by_comments: Shares
    by_people: Shares


@dataclass(frozen=True)
class Difference:
    """The share of one stance in one group less that in another, by comments.

    :param label: The stance.
    :param first: Name of the one group.
    :param second: Name of the other.
    :param value: Share in ``first`` less share in ``second``.
    :param low: Lower end of the 95 % interval of this difference looked at alone; None where there are too few people.
    :param high: Upper end.
    :param p_value: Of no difference, looked at alone; None likewise.
    :param adjusted_p_value: The same in view of all looks taken at once (Holm 1979).
    """

    label: str
    first: str
    second: str
    value: float
    low: float | None
    high: float | None
    p_value: float | None
    adjusted_p_value: float | None

    @property
    def clear(self) -> bool:
        """Whether the difference stands at 5 % in view of all looks taken."""
        return self.adjusted_p_value is not None and self.adjusted_p_value < 0.05


@dataclass(frozen=True)
class Comparison:
    """Groups of comments beside each other.

    :param by: What makes a group: "thread", "source", "month", or a name of the user's.
    :param groups: In the order met; months in order of time.
    :param differences: Of every pair of groups and every stance.
    :param n_looks: How many differences were looked at; one in twenty would pass 5 % by chance alone.
    :param n_left_out: Comments that belong to no group (without a time, where months are compared).
    """

    by: str
    groups: tuple[Group, ...]
    differences: tuple[Difference, ...]
    n_looks: int
    n_left_out: int


def compare(
    threads: Debates, stances: Stances, by: Literal["thread", "source", "month"] | GroupOf = "thread"
) -> Comparison:
    """Put threads, sources or months beside each other.

    The intervals take the groups as independent. The model's errors drift from dispute to dispute and are inside;
    months of one dispute share them, so their intervals are wider than need be.

    :param threads: What was classified.
    :param by: What makes a group: the thread, its source, or the month of the comment; or a function of thread and
        comment that names the group, or gives None for a comment that belongs to none.
    :raises InputError: If the stances are not those of the threads, or ``by`` is none of these.
    """
    threads = as_threads(threads)
    voices = voices_of(threads, stances)
    group_of = _GROUPS[by] if isinstance(by, str) and by in _GROUPS else by
    if not callable(group_of):
        raise InputError(f"by came as {by!r}, but one of {', '.join(_GROUPS)} or a function was expected.")
    rows: dict[str, list[int]] = {}
    pairs = [(thread, comment) for thread in threads for comment in thread.comments]
    for i, (thread, comment) in enumerate(pairs):
        name = group_of(thread, comment)
        if name is not None:
            rows.setdefault(name, []).append(i)
    names = sorted(rows) if by == "month" else list(rows)
    parts = [voices.rows(np.array(rows[name], dtype=np.int64)) for name in names]
    groups = tuple(
        Group(name, *(shares_under(part, unit, *mix_of(part, part.weights(unit))) for unit in ("comments", "people")))
        for name, part in zip(names, parts, strict=True)
    )
    differences = _differences(groups, parts)
    return Comparison(
        by=by if isinstance(by, str) else "group",
        groups=groups,
        differences=differences,
        n_looks=len(differences),
        n_left_out=len(pairs) - sum(map(len, parts)),
    )


def _month(thread: Thread, comment: Comment) -> str | None:
    told = comment.time is not None and comment.time_precision != "year"
    return (comment.iso_time or "")[:7] if told else None


_GROUPS: dict[str, GroupOf] = {
    "thread": lambda thread, comment: thread.id,
    "source": lambda thread, comment: thread.source or thread.id,
    "month": _month,
}


def _differences(groups: Sequence[Group], parts: Sequence[Voices]) -> tuple[Difference, ...]:
    mixes = [mix_of(part, part.weights("comments"))[0] for part in parts]
    found = []
    for i, j in combinations(range(len(groups)), 2):
        for k in range(3):
            one, other = groups[i].by_comments[k], groups[j].by_comments[k]
            gap, p_value = difference(one.share - other.share, mixes[i], mixes[j], k)
            few = min(parts[i].n_people, parts[j].n_people) < MIN_PEOPLE
            found.append((one.label, groups[i].name, groups[j].name, gap, None if few else p_value))
    adjusted = iter(holm([p_value for *_, p_value in found if p_value is not None]))
    return tuple(
        Difference(
            label=label,
            first=first,
            second=second,
            value=gap.value,
            low=None if p_value is None else gap.low,
            high=None if p_value is None else gap.high,
            p_value=p_value,
            adjusted_p_value=None if p_value is None else next(adjusted),
        )
        for label, first, second, gap, p_value in found
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values in view of all of them (Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure")."""
    order = np.argsort(p_values, kind="stable")
    n = len(p_values)
    stepped = np.maximum.accumulate(np.array(p_values)[order] * np.arange(n, 0, -1)) if n else np.zeros(0)
    adjusted = np.zeros(n)
    adjusted[order] = np.minimum(stepped, 1.0)
    found: list[float] = adjusted.tolist()
    return found
