"""The output: Parquet parts, each written aside, brought to the disk, and renamed when it is whole."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.card import sha256_of
from stance.errors import JobError
from stance.hiding import Hiding
from stance.jobs.manifest import PartEntry
from stance.jobs.storage import stored_at, sync_folder
from stance.stances import Stances, encodable, type_of
from stance.thread import Thread

if TYPE_CHECKING:
    import pyarrow as pa

#: Columns behind those of the row format: which row of which source a comment is.
ORIGIN = ("source", "row")
_TEXT = "text"


class PartWriter:
    """A part that is being written.

    :param folder: Where parts lie.
    :param number: Its number, from 0.
    :raises JobError: Here and in all methods, if it cannot be written.
    """

    def __init__(self, folder: Path, number: int, schema: pa.Schema) -> None:
        from pyarrow import parquet

        self._number = number
        self.path = folder / f"part-{number:06}.parquet"
        self._aside = folder / f".{self.path.name}.part"
        self._schema = schema
        self.n_rows = 0
        with stored_at(self._aside):
            self._file = self._aside.open("wb")
            # Through a file of Python's, whose errors say what the disk refused.
            self._writer = parquet.ParquetWriter(self._file, schema, compression="zstd")

    def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Append rows."""
        import pyarrow as pa

        with stored_at(self._aside):
            self._writer.write_table(pa.Table.from_pylist(list(records), self._schema))
        self.n_rows += len(records)

    def seal(self) -> PartEntry:
        """Bring the part to the disk under its own name."""
        with stored_at(self._aside):
            self._writer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            digest, size = sha256_of(self._aside), self._aside.stat().st_size
            os.replace(self._aside, self.path)
            sync_folder(self.path.parent)
        return PartEntry(self._number, self.path.name, self.n_rows, size, digest)

    def drop(self) -> None:
        """Let go of a part that is not to be; what is left of it the next run removes."""
        try:
            self._file.close()
            self._aside.unlink(missing_ok=True)
        except OSError:
            pass  # the disk that refuses this has refused the part before, and that was told


def schema_of(columns: Sequence[str]) -> pa.Schema:
    """The types of the columns of a part."""
    import pyarrow as pa

    types = {"string": pa.string(), "bool": pa.bool_(), "int32": pa.int32(), "float64": pa.float64()}
    return pa.schema([(name, pa.int64() if name == "row" else types[type_of(name)]) for name in columns])


def part_columns(stances: Stances, *, with_texts: bool) -> list[str]:
    """The columns of a part."""
    return [*(name for name in stances.columns if with_texts or name != _TEXT), *ORIGIN]


def records_of(stances: Stances, origins: Sequence[tuple[str, int]], *, with_texts: bool) -> list[dict[str, Any]]:
    """The rows of a part.

    :param origins: The source and the row of each comment.
    """
    records = stances.to_records()
    for record, (source, row) in zip(records, origins, strict=True):
        if not with_texts:
            del record[_TEXT]
        for name in ("thread_id", "comment_id", "parent_id"):
            record[name] = encodable(record[name])
        record["source"], record["row"] = encodable(source), row
    return records


def hidden_in(threads: Sequence[Thread], stances: Stances, hiding: Hiding) -> Stances:
    """Stances of threads as they are stored. Two threads may be pieces of one, and are masked each by itself."""
    shown = [thread for one in threads for thread in hiding.view([one]).full]
    return replace(
        stances,
        thread_ids=tuple(thread.id for thread in shown for _ in thread.comments),
        comments=tuple(comment for thread in shown for comment in thread.comments),
    )


def check_parts(folder: Path, entries: Sequence[PartEntry], *, thoroughly: bool) -> None:
    """See that the parts are those the manifest names, and remove what it does not name.

    :param thoroughly: By their sha256; else by their sizes.
    :raises JobError: If one is missing or another.
    """
    for entry in entries:
        path = folder / entry.name
        size = path.stat().st_size if path.is_file() else None
        if size is None:
            raise JobError(f"{path}: is missing, but the manifest names it. {_REMEDY}")
        if size != entry.bytes:
            raise JobError(f"{path}: has {size} bytes, but the manifest names {entry.bytes}. {_REMEDY}")
        if thoroughly and sha256_of(path) != entry.sha256:
            raise JobError(f"{path}: its sha256 is not the one in the manifest. {_REMEDY}")
    known = {entry.name for entry in entries}
    with stored_at(folder):
        for path in folder.iterdir():
            if path.name not in known and path.name.lstrip(".").startswith("part-"):
                path.unlink()


_REMEDY = (
    "It was deleted, altered or damaged since it was written. Put it back, or begin anew with --restart, which costs"
    " only what the cache does not hold."
)
