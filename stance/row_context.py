"""What a row of a labelling sheet carries of its thread, so that it can leave the thread and be understood."""

from __future__ import annotations

from collections.abc import Sequence

from stance.readers.tables import Row, cell_of
from stance.sides import Sides

#: Column of the words of the comment that is answered.
PARENT_TEXT = "parent_text"
#: Column of the sides, as :meth:`Sides.parse` reads them.
SIDES = "sides"


def sides_in_rows(table: Sequence[Row]) -> dict[str, Sides] | None:
    """The sides that rows name, by thread; None where they name none.

    :raises InputError: If what stands there names no sides.
    """
    told = {
        thread_id: sides for row in table if (thread_id := cell_of(row, "thread_id")) and (sides := cell_of(row, SIDES))
    }
    return {thread_id: Sides.parse(sides) for thread_id, sides in told.items()} or None


def answered_rows(table: Sequence[Row]) -> list[Row]:
    """A row for each comment that is answered and has none of its own, made of what the answers quote of it."""
    there = {(cell_of(row, "thread_id"), cell_of(row, "comment_id")) for row in table}
    found: dict[tuple[str | None, str], Row] = {}
    for row in table:
        thread_id, parent_id, words = (cell_of(row, name) for name in ("thread_id", "parent_id", PARENT_TEXT))
        if parent_id and words and (thread_id, parent_id) not in there:
            known = {"thread_id": thread_id, "comment_id": parent_id, "text": words}
            found.setdefault((thread_id, parent_id), {name: known.get(name) for name in row})
    return list(found.values())
