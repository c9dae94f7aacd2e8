"""What the disk refuses, as errors that say what to do; and writes that have reached the disk when they return."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stance.errors import JobError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)


@contextmanager
def stored_at(path: Path) -> Iterator[None]:
    """Errors of the disk and of SQLite, raised within, as errors of a job.

    :raises JobError: In their place.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise JobError(_sentence(path, error)) from error
    except OSError as error:
        if error.errno in _FULL:
            raise JobError(_full(path)) from error
        if error.errno in _FORBIDDEN:
            raise JobError(_forbidden(path)) from error
        raise JobError(
            f"{path}: cannot be written ({error.strerror or error}). See to the disk and run the same command again;"
            " it goes on where it was."
        ) from error


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one stroke."""
    aside = path.with_name(f".{path.name}.new")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    sync_folder(path.parent)


def _full(path: Path) -> str:
    return (
        f"{path}: the disk is full. Free some space and run the same command again; it goes on where it was, and what"
        " is written is not lost."
    )


def _forbidden(path: Path) -> str:
    return f"{path}: may not be written here. Give --out (or --cache) a place that can be, or change its permissions."


def _sentence(path: Path, error: sqlite3.Error) -> str:
    words = str(error)
    if "full" in words:
        return _full(path)
    if "readonly" in words or "unable to open" in words:
        return _forbidden(path)
    if "locked" in words:
        return f"{path}: another process keeps it locked. Run the same command again when that is done."
    if "malformed" in words or "not a database" in words:
        return (
            f"{path}: is damaged ({words}). A cache can be deleted, and its answers are computed again; a manifest"
            " cannot: begin anew with --restart, which costs only what the cache does not hold."
        )
    return f"{path}: SQLite cannot use it ({words}). See to the disk and run the same command again."
