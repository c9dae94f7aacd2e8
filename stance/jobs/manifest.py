"""What a job has written and how far its inputs were read: one SQLite file, changed in one transaction a part."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stance.errors import JobError
from stance.jobs.storage import stored_at

_SCHEMA = 1
_TABLES = (
    "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS parts (number INTEGER PRIMARY KEY, name TEXT NOT NULL, rows INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, sha256 TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sources (place TEXT PRIMARY KEY, file TEXT NOT NULL, end INTEGER NOT NULL,"
    " streams INTEGER NOT NULL, is_done INTEGER NOT NULL, digest TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime INTEGER NOT NULL,"
    " sample TEXT NOT NULL, is_done INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS unusable (reason TEXT PRIMARY KEY, n INTEGER NOT NULL)",
)


@dataclass(frozen=True)
class PartEntry:
    """A part of the output."""

    number: int
    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class SourceEntry:
    """How far a source was read.

    :param place: What it is called.
    :param file: The file it lies in.
    :param end: The number of the last row that is behind.
    :param streams: Whether reading can go on behind it though the file has grown.
    :param digest: Of its comments up to there, where it is no file and can only be known by them.
    """

    place: str
    file: str
    end: int
    streams: bool
    is_done: bool
    digest: str = ""


@dataclass(frozen=True)
class FileEntry:
    """A file, as it was when its reading began.

    :param sample: The sha256 of its bytes at some places.
    :param is_done: Whether all in it was read.
    """

    path: str
    size: int
    mtime: int
    sample: str
    is_done: bool = False


@dataclass
class Entry:
    """What has happened since the last transaction, and is entered in the next."""

    parts: list[PartEntry] = field(default_factory=list)
    sources: dict[str, SourceEntry] = field(default_factory=dict)
    files: dict[str, FileEntry] = field(default_factory=dict)
    unusable: Counter[str] = field(default_factory=Counter)
    quarantine_bytes: int | None = None


class Manifest:
    """An open manifest.

    :raises JobError: Here and in all methods, if the file is damaged, of another make or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with stored_at(path):
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA synchronous = FULL")
            (found,) = self._database.execute("PRAGMA user_version").fetchone()
            if found not in (0, _SCHEMA):
                raise JobError(
                    f"{path}: schema {found} came, {_SCHEMA} was expected. It was written by another version of stance;"
                    " go on with that, or give --out another folder."
                )
            for table in _TABLES:
                self._database.execute(table)
            self._database.execute(f"PRAGMA user_version = {_SCHEMA}")

    def about(self) -> dict[str, Any]:
        """What the job is: its model and its settings; empty where it has not begun."""
        return {name: json.loads(value) for name, value in self._rows("SELECT name, value FROM about")}

    def begin(self, about: Mapping[str, Any]) -> None:
        """Say what the job is."""
        with stored_at(self.path), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            rows = [(name, json.dumps(value)) for name, value in about.items()]
            self._database.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", rows)

    def parts(self) -> list[PartEntry]:
        """The parts, in order."""
        rows = self._rows("SELECT number, name, rows, bytes, sha256 FROM parts ORDER BY number")
        return [PartEntry(*row) for row in rows]

    def sources(self) -> dict[str, SourceEntry]:
        """How far each source was read, by place."""
        rows = self._rows("SELECT place, file, end, streams, is_done, digest FROM sources")
        return {row[0]: SourceEntry(row[0], row[1], row[2], bool(row[3]), bool(row[4]), row[5]) for row in rows}

    def files(self) -> dict[str, FileEntry]:
        """The files that were begun, by path."""
        rows = self._rows("SELECT path, size, mtime, sample, is_done FROM files")
        return {row[0]: FileEntry(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows}

    def unusable(self) -> Counter[str]:
        """How many rows and sources gave no comment, by reason."""
        return Counter(dict(self._rows("SELECT reason, n FROM unusable")))

    def enter(self, entry: Entry) -> None:
        """Enter what has happened, all of it or nothing."""
        with stored_at(self.path), self._database:
            do = self._database
            do.execute("BEGIN IMMEDIATE")
            do.executemany(
                "INSERT INTO parts VALUES (:number, :name, :rows, :bytes, :sha256)", map(asdict, entry.parts)
            )
            do.executemany(
                "INSERT OR REPLACE INTO sources VALUES (:place, :file, :end, :streams, :is_done, :digest)",
                map(asdict, entry.sources.values()),
            )
            do.executemany(
                "INSERT OR REPLACE INTO files VALUES (:path, :size, :mtime, :sample, :is_done)",
                map(asdict, entry.files.values()),
            )
            do.executemany(
                "INSERT INTO unusable VALUES (?, ?) ON CONFLICT (reason) DO UPDATE SET n = n + excluded.n",
                entry.unusable.items(),
            )
            if entry.quarantine_bytes is not None:
                do.execute("INSERT OR REPLACE INTO about VALUES ('quarantine_bytes', ?)", [entry.quarantine_bytes])

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _rows(self, question: str) -> list[tuple[Any, ...]]:
        with stored_at(self.path):
            return self._database.execute(question).fetchall()
