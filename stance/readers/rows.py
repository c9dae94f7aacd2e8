"""The rows of a table file as they are, for what stands in them beside comments: labels."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from stance.errors import InputError
from stance.readers.tables import Row, rows_of_cells

if TYPE_CHECKING:
    from stance.readers.source import Source


def read_rows(path: str | os.PathLike[str]) -> list[Row]:
    """Read the rows of one table file: JSON lines, a JSON array, CSV, TSV, Parquet or Excel (its sheets of texts).

    :raises InputError: If there is no table at the path, or several, or a broken one.
    """
    from stance.readers.archives import sources_in

    rows: list[Row] | None = None
    for source in sources_in(Path(path)):
        if rows is not None:
            raise InputError(f"{path}: holds several files, but one table was expected. Name the file itself.")
        if isinstance(source, InputError):
            raise source
        rows = _rows_of(source)
    return rows or []


def _rows_of(source: Source) -> list[Row]:
    from stance.readers.exports import excel, table

    if source.media in ("html", "xml"):
        raise InputError(
            f"{source.place}: is {source.media}, but a table was expected: JSON lines, CSV, Parquet or Excel."
        )
    if source.media != "excel":
        return table.rows_of(source)[0]
    rows: list[Row] = []
    failed: list[InputError] = []
    for title, lines in excel.sheets_of(source):
        try:
            rows += rows_of_cells(iter(lines), f"{source.place}: sheet {title!r}")[0]
        except InputError as error:
            failed.append(error)  # a sheet of words beside the table, such as a guide
    if not rows:
        raise failed[0] if failed else InputError(f"{source.place}: the workbook holds no rows.")
    return rows
