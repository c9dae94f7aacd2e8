"""Comments within comments, as APIs give them; lists in the order of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

from stance.readers.dates import Moment
from stance.readers.json_values import Object

T = TypeVar("T")


def add_nested(
    items: Sequence[Object],
    replies: Callable[[Object], Sequence[Object]],
    add: Callable[[Object, str | None], str | None],
) -> None:
    """Add each item, then what stands under it, as deep as it goes.

    :param replies: Gives what stands directly under an item.
    :param add: Adds an item as a reply to an id, and gives its own; for one that is left out, the id by which others
        may still name it.
    """
    waiting: list[tuple[Object, str | None]] = [(item, None) for item in reversed(items)]
    while waiting:
        item, parent_id = waiting.pop()
        own_id = add(item, parent_id)
        waiting += [(reply, own_id) for reply in reversed(replies(item))]


def oldest_first(items: Sequence[T], time_of: Callable[[T], Moment | None]) -> list[T]:
    """The items turned round where they come newest first, as feeds give them; else as they are."""
    times = [moment.time.timestamp() for item in items if (moment := time_of(item))]
    falls = all(earlier >= later for earlier, later in pairwise(times))
    return list(reversed(items)) if falls and times and times[0] > times[-1] else list(items)
