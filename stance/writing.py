"""Tables of stances and comments as files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from stance.errors import InputError

if TYPE_CHECKING:
    from stance.stances import Stances

#: Endings that :func:`write_table` knows.
ENDINGS = (".jsonl", ".csv", ".parquet")
_REPORT = ".html"


def write_json_lines(records: Iterable[Mapping[str, Any]], file: TextIO) -> None:
    """Write one JSON object a line, UTF-8 letters as they are."""
    for record in records:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_table(stances: Stances, path: Path) -> None:
    """Write stances in the row format; the path's ending says how.

    :raises InputError: If the ending is none of :data:`ENDINGS`, or the file cannot be written.
    """
    try:
        match path.suffix.casefold():
            case ".jsonl":
                with path.open("w", encoding="utf-8", newline="\n") as file:
                    write_json_lines(stances.to_records(), file)
            case ".csv":
                stances.to_pandas().to_csv(path, index=False, lineterminator="\n")
            case ".parquet":
                stances.to_dataset().to_parquet(str(path))
            case ending:
                raise InputError(
                    f"{path}: the ending {ending!r} is not known; one of {', '.join(ENDINGS)} was expected."
                )
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}). Give --out another place.") from error


def is_report(path: Path) -> bool:
    """Whether a path's ending asks for a report and not for a table."""
    return path.suffix.casefold() == _REPORT


def check_ending(path: Path) -> None:
    """Refuse a path whose ending asks for neither a table nor a report."""
    if path.suffix.casefold() not in (*ENDINGS, _REPORT):
        known = ", ".join((*ENDINGS, _REPORT))
        raise InputError(f"{path}: the ending {path.suffix!r} is not known; one of {known} was expected.")
