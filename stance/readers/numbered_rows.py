"""The rows of a table too large to be held, one by one, with their numbers; what is no row costs none of the others."""

from __future__ import annotations

import csv
import io
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any, cast

from stance.errors import InputError
from stance.readers.columns import MOST_ABOVE, find_header, guess_columns, named
from stance.readers.decoding import decode, encoding_of, without_stray_bytes
from stance.readers.json_values import values_of
from stance.readers.source import Source
from stance.readers.tables import Row

if TYPE_CHECKING:
    from pyarrow import parquet

_LONGEST_LINE = 16_000_000  # bytes of a line of JSON lines; characters of a line of CSV
_LONGEST_RAW = 2_000  # characters that are kept of what is no row
_ROWS_AT_ONCE = 2_048  # of Parquet
_SAMPLE = 64 * 1024  # characters in which a table shows its delimiter


@dataclass(frozen=True)
class Unusable:
    """A row that gives no comment, or a source that gives none, or no more.

    :param row: Its number, from 1; None for a source as a whole, or what is left of it.
    :param reason: Why, in a few words, none of them the row's own.
    :param raw: How it begins, as it stands in the source.
    """

    row: int | None
    reason: str
    raw: str = ""


#: A row with its number, or why there is none.
NumberedRow = tuple[int, Row] | Unusable


@dataclass(frozen=True)
class Table:
    """A table, opened as often as it is read.

    :param above: The filled cells of each line above the header.
    """

    source: Source
    above: tuple[list[str], ...] = ()

    def rows(self, after: int = 0) -> Iterator[NumberedRow]:
        """The rows in order, those up to number ``after`` left out. A row's number never depends on ``after``.

        Lines of JSON lines are numbered as they stand in the file, records of CSV and rows of Parquet from 1.
        """
        try:
            match self.source.media:
                case "json lines":
                    yield from _json_lines(self.source, after)
                case "json":
                    yield from _json_items(self.source, after)
                case "parquet":
                    yield from _parquet_rows(self.source, after)
                case _:
                    yield from _csv_rows(self.source, after)
        except InputError as error:
            yield Unusable(None, "what is left of the file cannot be read", str(error))


def open_table(source: Source) -> Table | None:
    """A source as a table whose rows stream; None where it is to be read as a whole.

    CSV and Parquet are; JSON lines and a large JSON array where the table reader is the one that knows their beginning.
    """
    if source.media == "table":
        with _text_of(source) as text:
            _, header, above = _csv_reader(_Lines(text), source)
        guess_columns(filter(None, header), source.place)
        return Table(source, tuple(above))
    if source.media == "parquet" or (source.media == "json lines" and _begins_as_table(source)):
        return Table(source)
    if source.media == "json" and source.is_large and _begins_as_table(source):
        return Table(source)
    return None


def _begins_as_table(source: Source) -> bool:
    from stance.readers import read_source

    # Lines that are no JSON are told later, by their numbers; they must not decide what the file is.
    rows = (one[1] for one in Table(source).rows() if not isinstance(one, Unusable))
    some = [json.dumps(row) for row in islice(rows, 20)]
    if not some:
        return False
    beginning = Source.of_bytes(("\n".join(some) + "\n").encode(), name=f"{source.stem}.jsonl", place=source.place)
    try:
        threads = read_source(beginning)
    except InputError:
        return True  # no reader knows it; the table reader tells best what is missing
    return bool(threads) and all(thread.report.reader == "table" for thread in threads)


def _json_lines(source: Source, after: int) -> Iterator[NumberedRow]:
    for number, line in enumerate(_lines_of(source), 1):
        if number <= after:
            continue
        if line is None:
            yield Unusable(number, f"the line is longer than {_LONGEST_LINE // 1_000_000} MB")
        elif line.strip():
            yield _json_row(number, line)


def _json_row(number: int, line: bytes) -> NumberedRow:
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        try:
            value = json.loads(decode(line, f"line {number}")[0])
        except (ValueError, RecursionError):
            return Unusable(number, "the line is no text in any encoding that is known", _raw(line))
    except (ValueError, RecursionError):
        return Unusable(number, "the line is not JSON", _raw(line))
    return _row_of(number, value, line)


def _row_of(number: int, value: object, raw: bytes) -> NumberedRow:
    if isinstance(value, str):
        return number, {"text": value}
    if isinstance(value, dict):
        return number, value
    return Unusable(number, f"is {type(value).__name__}, but an object with a text was expected", _raw(raw))


def _lines_of(source: Source) -> Iterator[bytes | None]:
    """A source's lines; None for one that is too long to be held."""
    if source.head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, whose line ends are no bytes
        yield from source.lines()
        return
    with source.opened() as stream:
        is_first = True
        while line := stream.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                while (rest := stream.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield None
            else:
                yield line.removeprefix(b"\xef\xbb\xbf") if is_first else line
            is_first = False


def _json_items(source: Source, after: int) -> Iterator[NumberedRow]:
    for number, value in values_of(source):
        if number > after:
            yield _row_of(number, value, str(value)[:_LONGEST_RAW].encode())


def _parquet_rows(source: Source, after: int) -> Iterator[NumberedRow]:
    from pyarrow import ArrowException, BufferReader
    from pyarrow import parquet as pq

    try:
        with source.opened() as stream:
            file = pq.ParquetFile(stream if stream.seekable() else BufferReader(source.data))
            number, groups = _groups_from(file, after)
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, row_groups=groups):
                rows: list[dict[str, Any]] = batch.to_pylist() if number + batch.num_rows > after else []
                for place, row in enumerate(rows, number + 1):
                    if place > after:
                        yield place, row
                number += batch.num_rows
    except (ArrowException, OSError, ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        why = str(error).partition("\n")[0]
        raise InputError(f"{source.place}: is not a readable Parquet file ({why}).") from error


def _groups_from(file: parquet.ParquetFile, after: int) -> tuple[int, list[int]]:
    """The row groups that hold rows behind number ``after``, and how many rows stand before them."""
    number, first = 0, 0
    for first in range(file.metadata.num_row_groups):
        n_rows = file.metadata.row_group(first).num_rows
        if number + n_rows > after:
            return number, list(range(first, file.metadata.num_row_groups))
        number += n_rows
    return number, []


class _Lines:
    """Lines of a text, of which those that a broken record swallowed can be given back."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._back: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else without_stray_bytes(self._text.readline(_LONGEST_LINE))
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line

    def give_back(self) -> str:
        """Give back what was taken, but for its first line, which is returned."""
        self._back.extendleft(reversed(self.taken[1:]))
        first = self.taken[0] if self.taken else ""
        self.taken.clear()
        return first


def _csv_rows(source: Source, after: int) -> Iterator[NumberedRow]:
    with _text_of(source) as text:
        lines = _Lines(text)
        reader, header, _ = _csv_reader(lines, source)
        needed = header.index(guess_columns(filter(None, header), source.place)["text"]) + 1
        names, delimiter = named(header), reader.dialect.delimiter
        number = 0
        while True:
            lines.taken.clear()
            try:
                cells = next(reader, None)
            except csv.Error:  # an open quote swallows what follows; only the line where it stands is lost
                number += 1
                raw = lines.give_back()
                if number > after:
                    yield Unusable(number, "is not CSV; its quotes do not close", raw[:_LONGEST_RAW])
                continue
            if cells is None:
                return
            if not cells:
                continue
            number += 1
            if number <= after:
                continue
            if len(names) == 1:  # a list of texts, their commas their own
                cells = [delimiter.join(cells)]
            if needed <= len(cells) <= len(names):
                yield number, dict(zip_longest(names, cells))
            else:
                reason = f"has {len(cells)} cells, but the header has {len(names)}"
                yield Unusable(number, reason, "".join(lines.taken)[:_LONGEST_RAW])


def _csv_reader(lines: _Lines, source: Source) -> tuple[Any, list[str], list[list[str]]]:
    """A reader that has read the header, the header, and what stands above it."""
    from stance.readers.exports.table import delimiter_told

    sample = "".join(islice(lines, MOST_ABOVE))[:_SAMPLE]
    delimiter, n_lines = delimiter_told(sample, "\t" if source.ending == ".tsv" else None)
    skipped, lines.taken[:] = lines.taken[:n_lines], lines.taken[n_lines:]
    lines.taken.insert(0, "".join(skipped))
    lines.give_back()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header, above = find_header([cell.strip() for cell in cells] for cells in reader if cells)
    except csv.Error as error:
        raise InputError(
            f"{source.place}: its header is not CSV ({error}). Mend the quotes and read it again."
        ) from error
    return reader, header, above


def _text_of(source: Source) -> io.TextIOWrapper:
    encoding = encoding_of(source.head)
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    return io.TextIOWrapper(cast(Any, source.opened()), encoding, errors)


def _raw(line: bytes) -> str:
    return line[:_LONGEST_RAW].decode("utf-8", "replace").rstrip("\r\n")
