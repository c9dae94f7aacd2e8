"""Threads as a stream, in pieces that memory can hold, however large the tables are.

A table is read row by row. A piece is a run of its rows that belong to one thread, whole where they stand together, up
to a bound. What a row answers may stand in an earlier piece; the last :data:`RECENT` rows are remembered for that, and
the piece then begins with the comments answered, which are no rows of its own.

Pieces depend on nothing but the rows since the last piece, those remembered and the head of the table, so that reading
can go on behind any of them as if it had never stopped. Everything else that is read comes thread by thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from stance.errors import InputError
from stance.readers.archives import Watch, sources_in
from stance.readers.columns import guess_columns
from stance.readers.numbered_rows import NumberedRow, Unusable, open_table
from stance.readers.source import Source
from stance.readers.tables import Row, cell_of, day_first_in, gone, thread_column, thread_of_rows, with_heading
from stance.thread import Thread

MOST_ROWS = 4_096  # of a piece
MOST_CHARACTERS = 8_000_000  # of the texts of a piece
HEAD_ROWS = 1_000  # by which columns, threads and the order of dates are guessed
RECENT = 20_000  # rows behind a piece in which the comment that is answered is looked for
_MOST_OF_A_PARENT = 600  # characters of it that are remembered; the network reads fewer

_NO_COMMENT = (ValueError, TypeError, AttributeError, OverflowError, RecursionError)  # of cells that nobody foresaw
_KEPT = {"comment_id", "author", "thread_id", "is_post_author"}
_RAW = 2_000  # characters


@dataclass(frozen=True)
class Piece:
    """A thread, or some consecutive rows of one.

    :param place: What its source is called.
    :param end: The number of the last row of the source that is behind it, usable or not.
    :param thread: None where there is nothing but what is unusable, or the end of the source.
    :param n_before: How many of the thread's first comments belong to earlier pieces, and are there to be answered.
    :param rows: The number of each comment's row, those before left out. Where the source is no table, comments are
        numbered through.
    :param unusable: The rows among them that give no comment.
    :param left_out: What a reader of pages or dumps left out, by kind.
    :param streams: Whether reading can go on behind it though the source has grown.
    :param is_last: Whether the source ends here.
    """

    place: str
    end: int
    thread: Thread | None = None
    n_before: int = 0
    rows: tuple[int, ...] = ()
    unusable: tuple[Unusable, ...] = ()
    left_out: Mapping[str, int] | None = None
    streams: bool = False
    is_last: bool = False


@dataclass(frozen=True)
class TableForm:
    """What the head of a table tells of all of it.

    :param columns: As :func:`stance.readers.tables.guess_columns` finds them.
    :param by: The column that tells threads apart; None where all rows are one.
    :param thread_id: The thread's id where the rows name none.
    """

    place: str
    columns: dict[str, str]
    by: str | None
    thread_id: str
    day_first: bool | None
    above: tuple[list[str], ...] = ()

    @classmethod
    def of(cls, head: Sequence[Row], place: str, thread_id: str, above: Sequence[list[str]] = ()) -> TableForm:
        """Guess.

        :raises InputError: If no column of texts is there.
        """
        columns = guess_columns(dict.fromkeys(key for row in head for key in row), place)
        by = thread_column(head, columns)
        return cls(place, columns, by, thread_id, day_first_in(head, columns), tuple(above))

    def thread_of(self, row: Row) -> str:
        """The id of a row's thread."""
        return cell_of(row, self.by) or self.thread_id

    def id_of(self, one: tuple[int, Row]) -> str:
        """The id of a row; its number where it has none of its own."""
        return cell_of(one[1], self.columns.get("comment_id")) or str(one[0])

    def thread(self, thread_id: str, rows: Sequence[tuple[int, Row]]) -> Thread:
        """The thread of some numbered rows."""
        thread = thread_of_rows(
            thread_id,
            [row for _, row in rows],
            self.columns,
            self.place,
            from_file=True,
            numbers=[number for number, _ in rows],
            day_first=self.day_first,
        )
        (thread,) = with_heading([thread], self.above)
        return replace(thread, report=replace(thread.report, reader="table"))


def iter_threads(
    paths: Iterable[Path],
    *,
    quotes: bool = False,
    after: Callable[[str], int | None] = lambda place: 0,
    watch: Watch | None = None,
) -> Iterator[Piece]:
    """Read every thread in files, folders and archives, in bounded memory where they are tables.

    Unlike :func:`stance.readers.read_threads` it neither raises nor makes ids unique: what cannot be read comes as
    :class:`Unusable`, and a thread is told by its source and its id. The last piece of each source says so.

    :param quotes: Give the directly quoted statements of a page that has no comments, as its comments.
    :param after: For the place of a source, the number of the row behind which reading goes on; None to leave it out.
    :param watch: Told how far a file has been read, in its bytes.
    """
    for path in paths:
        found = sources_in(path, watch)
        while True:
            source: Source | InputError | None
            try:
                source = next(found, None)
            except InputError as error:
                source = error
            if source is None:
                break
            if isinstance(source, InputError):
                yield Piece(str(path), 0, unusable=(_unreadable(source),), is_last=True)
            elif (behind := after(source.place)) is not None:
                yield from _pieces_of(source, behind, quotes)


def pieces_of_rows(
    rows: Callable[[int], Iterable[NumberedRow]],
    form_of: Callable[[Sequence[Row]], TableForm],
    place: str,
    after: int = 0,
) -> Iterator[Piece]:
    """Cut the rows of a table into pieces.

    :param rows: Gives the rows behind a number.
    :param form_of: Tells the table's form by its head; raises InputError where it is no table of comments.
    :param after: The number behind which to begin; a piece has to have ended there.
    """
    begin = iter(rows(0))
    head = list(islice(begin, HEAD_ROWS))
    usable = [one[1] for one in head if not isinstance(one, Unusable)]
    if not usable:
        told = tuple(one for one in head if isinstance(one, Unusable) and (one.row or after + 1) > after)
        yield Piece(place, after, unusable=(*told, Unusable(None, "the table has no rows")), is_last=True)
        return
    form = form_of(usable)
    recent = _Recent(form)
    run = _Run(form, place, after)
    for one in chain(head, begin) if after == 0 else rows(max(0, after - RECENT)):
        if isinstance(one, Unusable) and one.row is None:
            yield run.piece(recent)
            yield Piece(place, run.end, unusable=(one,), streams=True, is_last=True)
            return
        if _number(one) <= after:
            recent.note(one)
            continue
        if run.is_complete(one):
            yield run.piece(recent)
            run = _Run(form, place, run.end)
        run.add(one)
    yield run.piece(recent)
    yield Piece(place, run.end, streams=True, is_last=True)


class _Run:
    """Rows that become a piece."""

    def __init__(self, form: TableForm, place: str, begin: int) -> None:
        self._form, self._place, self._begin = form, place, begin
        self.end = begin
        self._thread_id: str | None = None
        self._rows: list[tuple[int, Row]] = []
        self._unusable: list[Unusable] = []
        self._n_characters = 0

    def is_complete(self, one: NumberedRow) -> bool:
        """Whether a row has to stand in the next piece."""
        if len(self._rows) + len(self._unusable) >= MOST_ROWS or self._n_characters >= MOST_CHARACTERS:
            return True
        if isinstance(one, Unusable) or self._thread_id is None or gone(one[1], self._form.columns):
            return False
        return self._form.thread_of(one[1]) != self._thread_id

    def add(self, one: NumberedRow) -> None:
        """Put a row behind the others."""
        self.end = _number(one)
        if isinstance(one, Unusable):
            self._unusable.append(one)
            self._n_characters += len(one.raw)
        elif kind := gone(one[1], self._form.columns):
            self._unusable.append(Unusable(self.end, f"left out: {kind}"))
        else:
            self._thread_id = self._form.thread_of(one[1])
            self._rows.append(one)
            self._n_characters += len(str(one[1].get(self._form.columns["text"]) or ""))

    def piece(self, recent: _Recent) -> Piece:
        """The piece; its rows are remembered."""
        thread, n_before = None, 0
        if self._thread_id is not None:
            answered = recent.answered(self._thread_id, self._rows, self._begin)
            thread, n_before = self._made(answered, self._thread_id), len(answered)
        for one in self._rows:
            recent.note(one)
        numbers = tuple(number for number, _ in self._rows) if thread else ()
        unusable = tuple(sorted(self._unusable, key=lambda one: one.row or 0))
        return Piece(self._place, self.end, thread, n_before, numbers, unusable, streams=True)

    def _made(self, answered: Sequence[tuple[int, Row]], thread_id: str) -> Thread | None:
        try:
            return self._form.thread(thread_id, [*answered, *self._rows])
        except _NO_COMMENT:
            broken = {number for number, row in self._rows if not self._is_sound(thread_id, number, row)}
            broken = broken or {number for number, _ in self._rows}
            reason = "its cells make no comment"
            self._unusable += [Unusable(n, reason, str(row)[:_RAW]) for n, row in self._rows if n in broken]
            self._rows = [one for one in self._rows if one[0] not in broken]
            return self._form.thread(thread_id, [*answered, *self._rows]) if self._rows else None

    def _is_sound(self, thread_id: str, number: int, row: Row) -> bool:
        try:
            self._form.thread(thread_id, [(number, row)])
        except _NO_COMMENT:
            return False
        return True


class _Recent:
    """The last rows, by thread and id, for those that answer them."""

    def __init__(self, form: TableForm) -> None:
        self._form = form
        self._rows: OrderedDict[tuple[str, str], tuple[int, Row]] = OrderedDict()

    def note(self, one: NumberedRow) -> None:
        """Remember a row, as far as an answer needs it."""
        if isinstance(one, Unusable) or "parent_id" not in self._form.columns:
            return
        number, row = one
        if gone(row, self._form.columns):
            return
        kept = {self._form.columns[name]: row.get(self._form.columns[name]) for name in _KEPT & set(self._form.columns)}
        text = self._form.columns["text"]
        kept[text] = str(row.get(text) or "")[:_MOST_OF_A_PARENT]
        key = self._form.thread_of(row), self._form.id_of(one)
        self._rows[key] = number, kept
        self._rows.move_to_end(key)
        while self._rows and next(iter(self._rows.values()))[0] <= number - 2 * RECENT:
            self._rows.popitem(last=False)

    def answered(self, thread_id: str, rows: Sequence[tuple[int, Row]], begin: int) -> list[tuple[int, Row]]:
        """The remembered rows that some rows answer, in order; none further than :data:`RECENT` before the begin."""
        if "parent_id" not in self._form.columns:
            return []
        own = {self._form.id_of(one) for one in rows}
        found = {}
        for _, row in rows:
            told = cell_of(row, self._form.columns["parent_id"])
            for name in (told, told.removeprefix("t1_")) if told else ():  # Reddit's ids name their kind
                one = self._rows.get((thread_id, name))
                if name not in own and one is not None and one[0] > begin - RECENT:
                    found[one[0]] = one[1]
        return sorted(found.items())


def _number(one: NumberedRow) -> int:
    return (one.row or 0) if isinstance(one, Unusable) else one[0]


def _pieces_of(source: Source, after: int, quotes: bool) -> Iterator[Piece]:
    try:
        table = open_table(source)
        if table is None:
            yield from _pieces_of_threads(source, after, quotes)
            return

        def form_of(head: Sequence[Row]) -> TableForm:
            return TableForm.of(head, source.place, source.stem, table.above)

        yield from pieces_of_rows(table.rows, form_of, source.place, after)
    except InputError as error:
        yield Piece(source.place, after, unusable=(_unreadable(error),), is_last=True)


def _pieces_of_threads(source: Source, after: int, quotes: bool) -> Iterator[Piece]:
    from stance.readers import read_source

    end = 0
    threads = read_source(source, quotes=quotes)
    for thread in threads:
        rows = tuple(range(end + 1, end + len(thread.comments) + 1))
        end += len(rows)
        if end > after:
            n_before = max(0, after - (end - len(rows)))
            yield Piece(source.place, end, thread, n_before, rows[n_before:], left_out=thread.report.dropped)
    nothing = () if end or not threads else (Unusable(None, "no comments were found in it"),)
    yield Piece(source.place, max(end, after), unusable=nothing, is_last=True)


def _unreadable(error: InputError) -> Unusable:
    return Unusable(None, "cannot be read", str(error))
