"""What gives no comment: a line of JSON each, with its source, its row and the reason; never dropped in silence."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from stance.jobs.storage import stored_at
from stance.readers.numbered_rows import Unusable

WHOLE_SOURCE = "sources: "  # before the reasons of sources as a whole, among those counted


class Quarantine:
    """An open quarantine file.

    :param n_bytes: How much of it is valid; what stands behind that, a run that was killed has left.
    :param is_private: Whether what stood in a row is withheld.
    :raises JobError: Here and in all methods, if it cannot be written.
    """

    def __init__(self, path: Path, n_bytes: int, *, is_private: bool) -> None:
        self.path = path
        self._is_private = is_private
        with stored_at(path):
            self._file = path.open("ab")
            self._file.truncate(n_bytes)

    def put(self, place: str, one: Unusable) -> str:
        """Put a row, or a source, there; gives the reason under which it counts."""
        line: dict[str, object] = {"source": place, "row": one.row, "reason": one.reason}
        if one.raw and not self._is_private:
            line["told" if one.row is None else "raw"] = one.raw
        self._write(line)
        return one.reason if one.row is not None else WHOLE_SOURCE + one.reason

    def put_left_out(self, place: str, left_out: Mapping[str, int]) -> dict[str, int]:
        """Note what a reader of pages or dumps left out, by kind; gives the reasons under which it counts."""
        for kind, n in left_out.items():
            self._write({"source": place, "row": None, "reason": f"left out: {kind}", "n": n})
        return {f"left out: {kind}": n for kind, n in left_out.items()}

    def sync(self) -> int:
        """Bring it to the disk; gives its length."""
        with stored_at(self.path):
            self._file.flush()
            os.fsync(self._file.fileno())
            return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        with stored_at(self.path):
            self._file.close()

    def _write(self, line: Mapping[str, object]) -> None:
        with stored_at(self.path):
            self._file.write(json.dumps(line, ensure_ascii=True).encode() + b"\n")
