"""Excel workbooks (``.xlsx``): a table on each sheet, read by openpyxl, which is an extra."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from stance.errors import InputError
from stance.readers.source import Source
from stance.readers.tables import rows_of_cells, threads_from_rows, with_heading
from stance.thread import Thread

_MOST_UNPACKED, _GREATEST_RATIO = 16_000_000, 30  # bytes that may come out of it, and beyond that out of each byte
_MOST_CELLS = 5_000_000
# What openpyxl raises where a workbook is not as it should be; it checks little.
_DAMAGES = (
    *(
        ArithmeticError,
        AssertionError,
        AttributeError,
        EOFError,
        LookupError,
        OSError,
        SyntaxError,
        TypeError,
        ValueError,
    ),
    *(RuntimeError, struct.error, zipfile.BadZipFile, zlib.error),
)


def read(source: Source) -> list[Thread]:
    """Read the sheets, each as a table of its own; those that hold none are said to be left out.

    :raises InputError: If openpyxl is missing, the workbook is damaged or unpacks to too much, or no sheet is a table.
    """
    sheets = sheets_of(source)
    threads: list[Thread] = []
    failed: list[InputError] = []
    filled = [(title, lines) for title, lines in sheets if lines]
    for title, lines in filled:
        try:
            rows, above = rows_of_cells(lines, f"{source.place}: sheet {title!r}")
            found = threads_from_rows(rows, source=source.place, thread_id=_id_of(source, title), from_file=True)
            threads += with_heading(found, above)
        except InputError as error:
            failed.append(error)
    if not threads:
        raise failed[0] if failed else InputError(f"{source.place}: the workbook holds no rows.")
    source.notes.extend(f"left out: {error}" for error in failed)
    if len(threads) == 1 and threads[0].id in (_id_of(source, title) for title, _ in sheets):
        return [replace(threads[0], id=source.stem)]
    return threads


def sheets_of(source: Source) -> list[tuple[str, list[Sequence[object]]]]:
    """The title and the filled rows of each sheet.

    :raises InputError: If openpyxl is missing, or the workbook is damaged or unpacks to too much.
    """
    try:
        import openpyxl
        import openpyxl.utils.exceptions
    except ImportError as error:
        raise InputError(
            f"{source.place}: to read Excel workbooks, install openpyxl: pip install 'stance[excel]'. Or save the sheet"
            " as CSV."
        ) from error
    _check_size(source)
    not_expected = (openpyxl.utils.exceptions.CellCoordinatesException, openpyxl.utils.exceptions.InvalidFileException)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which hold no words
            book = openpyxl.load_workbook(io.BytesIO(source.data), read_only=True, data_only=True, keep_links=False)
            with contextlib.closing(book):
                return [(sheet.title, list(_lines(sheet, source.place))) for sheet in book.worksheets]
    except InputError:
        raise
    except (*_DAMAGES, *not_expected) as error:
        raise InputError(
            f"{source.place}: is not a readable Excel workbook ({error}). Save it again, or as CSV."
        ) from error


def _id_of(source: Source, sheet: str) -> str:
    return f"{source.stem}: {sheet}"


def _lines(sheet: object, place: str) -> Iterator[Sequence[object]]:
    """A sheet's rows that hold anything. How large it says it is counts for nothing."""
    sheet.reset_dimensions()  # type: ignore[attr-defined]
    n_cells = 0
    for cells in sheet.iter_rows(values_only=True):  # type: ignore[attr-defined]
        n_cells += 1 + len(cells)
        if n_cells > _MOST_CELLS:
            raise InputError(
                f"{place}: more than {_MOST_CELLS} cells, more than is read of a workbook. Save it as CSV."
            )
        if any(cell is not None for cell in cells):
            yield [_day(cell) if isinstance(cell, dt.datetime) else cell for cell in cells]


def _day(time: dt.datetime) -> dt.date:
    """Excel keeps a day as its midnight."""
    return time if time.time() != dt.time() else time.date()


def _check_size(source: Source) -> None:
    """Refuse a workbook that unpacks to far more than sheets do, or whose parts define entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as package:
            infos = package.infolist()
            unpacked = sum(info.file_size for info in infos)
            if unpacked > max(_MOST_UNPACKED, _GREATEST_RATIO * len(source.data)):
                raise InputError(f"{source.place}: unpacks to {unpacked} bytes, as no sheet does. Save it as CSV.")
            for info in islice(infos, 1000):
                with package.open(info) as part:
                    if b"<!DOCTYPE" in part.read(4096):
                        raise InputError(f"{source.place}: {info.filename} defines entities, as no workbook does.")
    except InputError:
        raise
    except _DAMAGES as error:
        raise InputError(f"{source.place}: is not a readable Excel workbook ({error}). Save it again.") from error
