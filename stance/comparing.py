"""Threads, sources or months beside each other: the nouns."""

from __future__ import annotations

from dataclasses import dataclass

from stance.shares import Shares


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
