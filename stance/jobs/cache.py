"""Answers by the hash of what was asked, in SQLite: no text, no name, no id.

Several jobs may share one. It loses at most its last transactions when the power goes, never what it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stance.errors import JobError
from stance.jobs.storage import stored_at

_SCHEMA = 1
_BYTES = 24  # of six logits
_AT_ONCE = 500  # keys of one question
_PATIENCE = 60.0  # seconds to wait for another job's transaction


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network said.

    :param logits: *Shape:* ``(6,)``, float32
    :param n_cut: Tokens left out.
    :param reason: Why it said nothing; empty where it did. Such answers are not kept.
    """

    logits: npt.NDArray[np.float32]
    n_cut: int
    reason: str = ""


class Cache:
    """An open cache file.

    :raises JobError: Here and in all methods, if the file is damaged, of another make or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with stored_at(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            (found,) = self._database.execute("PRAGMA user_version").fetchone()
            if found not in (0, _SCHEMA):
                raise JobError(f"{path}: schema {found} came, {_SCHEMA} was expected. Give --cache another file.")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS answers"
                " (key BLOB PRIMARY KEY, logits BLOB NOT NULL, n_cut INTEGER NOT NULL) WITHOUT ROWID"
            )
            self._database.execute(f"PRAGMA user_version = {_SCHEMA}")

    def find(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        """The answers that are known."""
        found: dict[bytes, Answer] = {}
        with stored_at(self.path):
            for begin in range(0, len(keys), _AT_ONCE):
                some = keys[begin : begin + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = self._database.execute(f"SELECT key, logits, n_cut FROM answers WHERE key IN ({marks})", some)
                for key, logits, n_cut in rows:
                    if len(logits) == _BYTES:  # else the disk has damaged it; it is computed again
                        found[key] = Answer(np.frombuffer(logits, dtype="<f4"), n_cut)
        return found

    def keep(self, answers: Iterable[tuple[bytes, Answer]]) -> None:
        """Keep answers, in one transaction."""
        rows = [(key, one.logits.astype("<f4").tobytes(), one.n_cut) for key, one in answers if not one.reason]
        with stored_at(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._database.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", rows)
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file."""
        self._database.close()
