"""Table files: CSV, TSV, JSON lines, a JSON array, Parquet; columns by any sensible name."""

from __future__ import annotations

import csv
import io
import re
from itertools import islice, zip_longest

from stance.errors import InputError
from stance.readers.columns import MOST_ABOVE, columns_by_cells, find_header, guess_columns, named
from stance.readers.json_values import json_of, values_of
from stance.readers.source import Source
from stance.readers.tables import Row, threads_from_rows, with_heading
from stance.thread import Thread


def read(source: Source) -> list[Thread] | None:
    """Read a table's rows as threads; None where a text is no table after all.

    :raises InputError: If the table is broken (naming the line), or has no column of texts.
    """
    if source.media == "text" and not _looks_like_table(source.text):
        return None
    rows, above = rows_of(source)
    return with_heading(threads_from_rows(rows, source=source.place, thread_id=source.stem, from_file=True), above)


def _looks_like_table(text: str) -> bool:
    """Whether a file without a table's ending is one: its first line names two columns that are known, and the lines
    under it hold as many cells."""
    delimiter = _guess_delimiter(text)
    reader = csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=delimiter)
    try:
        lines = list(islice(reader, _LINES_LOOKED_AT))
    except csv.Error:
        return False
    header = [name.strip() for name in lines[0]] if lines else []
    if len(header) < 2 or len(lines) < 2 or max(map(len, header)) > _LONGEST_NAME:
        return False
    try:
        columns = guess_columns(header, "")
    except InputError:
        return False
    body = [cells for cells in lines[1:-1] or lines[1:] if cells]
    return len(columns) > 1 and all(len(cells) == len(header) for cells in body)


def rows_of(source: Source) -> tuple[list[Row], list[list[str]]]:
    """The rows, and what stands above the header.

    :raises InputError: If the table is broken (naming the line), or has no column of texts.
    """
    if source.media == "parquet":
        return _parquet_rows(source), []
    if source.media in ("json lines", "json"):
        return _json_rows(source), []
    return _csv_rows(source.text, source.place, "\t" if source.ending == ".tsv" else None)


_SAMPLE = 64 * 1024  # characters in which a text shows that it is a table
_LINES_LOOKED_AT = 20
_LONGEST_NAME = 40  # characters of a column's name
_SEPARATOR_LINE = re.compile(r"sep=(.)\n")  # how spreadsheets tell one another


def _csv_rows(text: str, place: str, delimiter: str | None) -> tuple[list[Row], list[list[str]]]:
    delimiter, n_told = delimiter_told(text, delimiter)
    text = text.partition("\n")[2] if n_told else text
    before = csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))  # the csv module's limit is global
    begins = 1
    rows: list[Row] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header, above = find_header([cell.strip() for cell in cells] for cells in reader if cells)
        begins = reader.line_num + 1
        header, told = _told_by_cells(header, text, delimiter)
        if told:  # for a header, more lines were looked at than the first
            above, reader = [], csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            next(reader)
            begins = reader.line_num + 1
        needed = header.index(told or guess_columns(filter(None, header), place)["text"]) + 1
        header = named(header)
        for cells in reader:
            if cells:
                rows.append(_csv_row(header, cells, needed, delimiter, f"{place}: line {begins}"))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{place}: what begins on line {begins} is not CSV ({error}). Mend the quotes there and read it again."
        ) from error
    finally:
        csv.field_size_limit(before)
    return rows, above


def _told_by_cells(header: list[str], text: str, delimiter: str) -> tuple[list[str], str | None]:
    """The header, its columns named by their cells where no name tells of texts; and then that of the texts."""
    try:
        guess_columns(filter(None, header), "")
    except InputError:
        reader = csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=delimiter)
        rows = [cells for cells in reader if len(cells) == len(header)][1:-1] or []
        columns = columns_by_cells(header, rows)
        names = {name: thing for thing, name in columns.items()}
        return [names.get(name, name) for name in header], "text" if columns else None
    return header, None


def _csv_row(header: list[str], cells: list[str], needed: int, delimiter: str, place: str) -> Row:
    if len(header) == 1:  # a list of texts, their commas their own
        cells = [delimiter.join(cells)]
    if not needed <= len(cells) <= len(header):
        raise InputError(
            f"{place} has {len(cells)} cells, but the header has {len(header)}. Put quotes around texts that hold the"
            " delimiter or a line's end, and double the quotes inside them."
        )
    return dict(zip_longest(header, cells))


def delimiter_told(text: str, delimiter: str | None) -> tuple[str, int]:
    """The delimiter of a table, and how many lines at its beginning do nothing but tell it.

    :param delimiter: By the file's name, where that tells.
    """
    told = _SEPARATOR_LINE.match(text)
    return (told[1], 1) if told else (delimiter or _guess_delimiter(text), 0)


def _guess_delimiter(text: str) -> str:
    lines = text.lstrip("\n")[:4096].split("\n")
    header = next((line for line in lines[:MOST_ABOVE] if any(d in line for d in ",;\t|")), "")
    return max(",;\t|", key=header.count)


def _json_rows(source: Source) -> list[Row]:
    if source.media == "json" and not source.is_large and not isinstance(json_of(source), list):
        kind = type(json_of(source)).__name__
        raise InputError(f"{source.place}: an array of comments was expected, but the file holds {kind}.")
    where = "line" if source.media == "json lines" else "item"
    return [_json_row(row, source.place, f"{where} {number}") for number, row in values_of(source)]


def _json_row(row: object, place: str, where: str) -> Row:
    if isinstance(row, str):
        return {"text": row}
    if not isinstance(row, dict):
        raise InputError(f"{place}: {where} is {type(row).__name__}, but an object with a text was expected.")
    return row


def _parquet_rows(source: Source) -> list[Row]:
    from pyarrow import ArrowException, BufferReader, parquet

    try:
        file = parquet.ParquetFile(BufferReader(source.data))
        n_rows, n_bytes = (
            file.metadata.num_rows,
            sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups)),
        )
        if n_rows > _MOST_ROWS or n_bytes > _MOST_BYTES:
            raise InputError(
                f"{source.place}: {n_rows} rows of {n_bytes} bytes, more than is read of one table. Split it."
            )
        rows: list[Row] = file.read().to_pylist()
    except InputError:
        raise
    except (ArrowException, OSError, ValueError, OverflowError) as error:
        why = str(error).partition("\n")[0]
        raise InputError(f"{source.place}: is not a readable Parquet file ({why}).") from error
    return rows


_MOST_ROWS, _MOST_BYTES = 5_000_000, 2_000_000_000  # a few bytes of Parquet can say "the same, a billion times"
