"""Frames of comments in, frames of answers out: what every worker does, whatever engine hands it the frames.

An engine brings the rows of each thread to one worker, sorted by thread and then by their place in the table; the
frames may end anywhere. Whole threads are put together again from them and go through the model as locally.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

import pandas as pd

from stance.api import StanceModel
from stance.errors import InputError
from stance.inputs import BARE_TEXTS
from stance.readers.columns import counter_columns, guess_columns
from stance.readers.tables import cell_of, threads_from_rows
from stance.sides import Sides
from stance.stances import Stances, columns_of, type_of
from stance.thread import Thread

#: The column that an engine adds: a row's place in the table, a whole number that only needs to rise.
PLACE = "__stance_place"
#: The thread of the rows that name none, where others name theirs; as in a pandas frame.
NO_THREAD = "frame"
_SOURCE = "the table"
_UNUSED = {"url", "deleted", "spam"}  # things a row can tell that no answer depends on
_SPEAK_OF_THREADS = ("parent_id", "title", "post", "url")
_DTYPES = {"string": "string", "bool": "bool", "int32": "int32", "float64": "float64"}


@dataclass(frozen=True)
class Table:
    """What is known of a table before any row of it is seen.

    :param columns: Those that are read, by what they tell.
    :param counters: Nameless columns that may count answers with the comment they answer.
    :param sides: For all threads, or by thread id; None where they are looked for in each thread.
    """

    columns: Mapping[str, str]
    counters: tuple[str, ...] = ()
    sides: Sides | Mapping[str, Sides] | None = None

    @property
    def read(self) -> list[str]:
        """The columns that must come with the rows."""
        return [*self.columns.values(), *self.counters]

    @property
    def thread(self) -> str | None:
        """The column that tells threads apart; None where each row is a bare text."""
        return self.columns.get("thread_id")

    @property
    def types(self) -> dict[str, str]:
        """The columns of the answers, in order, each with the name of its Arrow type."""
        sides = next(iter(self.sides.values())) if isinstance(self.sides, Mapping) else self.sides
        return {column: type_of(column) for column in columns_of(sides or Sides.council_union())}


def table_of(names: Iterable[str], sides: Sides | Mapping[str, Sides] | None) -> Table:
    """Look at a table's column names, before anything is computed.

    :raises InputError: If no column holds texts; if the columns speak of threads, but none tells them apart; or if
        sides by thread are empty, of several sets of labels, or given where there are no threads.
    """
    names = list(names)
    columns = guess_columns(names, _SOURCE)
    if "thread_id" not in columns:
        speaking = [columns[thing] for thing in _SPEAK_OF_THREADS if thing in columns]
        if speaking:
            raise InputError(
                f"{_SOURCE}: the column {speaking[0]!r} speaks of a thread, but no column tells the threads apart."
                f" Add a column 'thread_id'; or leave out {', '.join(map(repr, speaking))}, and each row is a text by"
                " itself."
            )
    counters = [] if {"comment_id", "parent_id"} & set(columns) else counter_columns(names)
    if isinstance(sides, Mapping):
        sides = dict(sides)
        _refuse_unfit(sides, has_threads="thread_id" in columns)
    return Table(
        {thing: column for thing, column in columns.items() if thing not in _UNUSED},
        tuple(counters) if "thread_id" in columns else (),
        sides,
    )


def thread_names(values: Iterable[object], table: Table) -> list[str]:
    """The names of threads as all workers spell them, of the cells of their column.

    :raises InputError: If sides were given by thread, and one is not among them.
    """
    names = [cell_of({"": value}, "") or NO_THREAD for value in values]
    if isinstance(table.sides, Mapping):
        unknown = next((name for name in names if name not in table.sides), None)
        if unknown is not None:
            raise InputError(f"sides names no sides for thread {unknown!r}. Name them, or leave the thread out.")
    return names


def classified(
    frames: Iterable[pd.DataFrame], table: Table, model: StanceModel, batch_tokens: int | None = None
) -> Iterator[pd.DataFrame]:
    """Classify frames as they come, in bounded memory.

    :param frames: Of the columns that ``table`` reads and :data:`PLACE`. Where there are threads, their column holds
        :func:`thread_names`, and the rows are sorted by it and then by :data:`PLACE`.
    :returns: Frames of the columns and types of ``table``, one row a comment, in order.
    :raises InputError: If the rows are not sorted so.
    """
    threads = _threads(frames, table) if table.thread else _texts(frames, table)
    for stances in model.stream(threads, sides=table.sides, batch_tokens=batch_tokens):
        yield _frame(stances, table)


def _threads(frames: Iterable[pd.DataFrame], table: Table) -> Iterator[Thread]:
    last = ""
    for name, rows in groupby(_rows(frames), key=lambda row: str(row[str(table.thread)])):
        if name < last:
            raise InputError(f"{_SOURCE}: thread {name!r} came after {last!r}. Rows must come sorted by thread.")
        last = name
        in_order = [{column: row[column] for column in row if column != PLACE} for row in rows]
        yield from threads_from_rows(in_order, source=_SOURCE, thread_id=NO_THREAD)


def _texts(frames: Iterable[pd.DataFrame], table: Table) -> Iterator[Thread]:
    """Each row as a thread of its own, so that no other row changes its answer."""
    has_ids = "comment_id" in table.columns
    for row in _rows(frames):
        place = row.pop(PLACE)
        # What comes has no number of its own that does not depend on how the engine cuts the table; its place has.
        numbered = row if has_ids else {**row, "comment_id": str(int(place) + 1)}
        yield from threads_from_rows([numbered], source=_SOURCE, thread_id=BARE_TEXTS)


def _rows(frames: Iterable[pd.DataFrame]) -> Iterator[dict[str, Any]]:
    return (cast("dict[str, Any]", row) for frame in frames for row in frame.to_dict(orient="records"))


def _frame(stances: Stances, table: Table) -> pd.DataFrame:
    """Answers with types that hold where a column is empty, too."""
    return stances.to_pandas().astype({column: _DTYPES[kind] for column, kind in table.types.items()})


def _refuse_unfit(sides: Mapping[str, Sides], *, has_threads: bool) -> None:
    if not has_threads:
        raise InputError(
            f"Sides came by thread, but {_SOURCE} has no column of thread ids. Give one for all, or add a column"
            " 'thread_id'."
        )
    labels = sorted({its.labels for its in sides.values()})
    if len(labels) != 1:
        raise InputError(
            f"One table of answers has the same labels throughout, but the sides given by thread have {len(labels)}"
            f"{f': {labels}' if labels else ''}. Classify threads of other sides in a call of their own."
        )
