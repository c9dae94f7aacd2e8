"""Table files: CSV, TSV, JSON lines, a JSON array, Parquet; columns by any sensible name."""

from __future__ import annotations

import csv
import io
import re
from itertools import zip_longest

from stance.errors import InputError
from stance.readers.json_values import json_lines, json_of
from stance.readers.source import Source
from stance.readers.tables import Row, guess_columns, threads_from_rows
from stance.thread import Thread


def read(source: Source) -> list[Thread]:
    """Read a table's rows as threads.

    :raises InputError: If the table is broken (naming the line), or has no column of texts.
    """
    return threads_from_rows(_rows(source), source=source.place, thread_id=source.stem)


def _rows(source: Source) -> list[Row]:
    if source.media == "parquet":
        return _parquet_rows(source)
    if source.media == "json lines":
        return [_json_row(row, source.place, f"line {number}") for number, row in json_lines(source)]
    if source.media == "json":
        return _json_array(source)
    return _csv_rows(source.text, source.place, "\t" if source.ending == ".tsv" else None)


_SEPARATOR_LINE = re.compile(r"sep=(.)\n")  # how spreadsheets tell one another


def _csv_rows(text: str, place: str, delimiter: str | None) -> list[Row]:
    named = _SEPARATOR_LINE.match(text)
    delimiter = named[1] if named else delimiter or _guess_delimiter(text)
    text = text[named.end() :] if named else text
    before = csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))  # the csv module's limit is global
    begins = 1
    rows: list[Row] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = [name.strip() for name in next(filter(None, reader))]
        needed = header.index(guess_columns(header, place)["text"]) + 1
        begins = reader.line_num + 1
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
    return rows


def _csv_row(header: list[str], cells: list[str], needed: int, delimiter: str, place: str) -> Row:
    if len(header) == 1:  # a list of texts, their commas their own
        cells = [delimiter.join(cells)]
    if not needed <= len(cells) <= len(header):
        raise InputError(
            f"{place} has {len(cells)} cells, but the header has {len(header)}. Put quotes around texts that hold the"
            " delimiter or a line's end, and double the quotes inside them."
        )
    return dict(zip_longest(header, cells))


def _guess_delimiter(text: str) -> str:
    header = text.lstrip("\n")[:4096].split("\n", 1)[0]
    return max(",;\t|", key=header.count) if any(d in header for d in ",;\t|") else ","


def _json_array(source: Source) -> list[Row]:
    rows = json_of(source)
    if not isinstance(rows, list):
        raise InputError(
            f"{source.place}: an array of comments was expected, but the file holds {type(rows).__name__}."
        )
    return [_json_row(row, source.place, f"item {number}") for number, row in enumerate(rows, 1)]


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
    except (ArrowException, OSError) as error:
        raise InputError(f"{source.place}: is not a readable Parquet file ({str(error).splitlines()[0]}).") from error
    return rows


_MOST_ROWS, _MOST_BYTES = 5_000_000, 2_000_000_000  # a few bytes of Parquet can say "the same, a billion times"
