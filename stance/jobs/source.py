"""The inputs of a job, and going on where they were left: files that may have grown, threads that come again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

from stance.errors import InputError, JobError
from stance.jobs.manifest import FileEntry, Manifest, SourceEntry
from stance.readers.archives import files_in
from stance.readers.numbered_rows import Unusable
from stance.readers.pieces import Piece, TableForm, iter_threads, pieces_of_rows
from stance.readers.tables import Row
from stance.thread import Thread

PathLike: TypeAlias = str | os.PathLike[str]
#: What a job takes: paths, threads, or the rows of a ``datasets`` dataset.
Inputs: TypeAlias = PathLike | Iterable[PathLike] | Iterable[Thread] | Iterable[Mapping[str, Any]]

#: What a source is called that is no file.
HANDED_IN = "handed in"
_HEAD = 64 * 1024  # bytes at both ends of a file that its sample holds
_BLOCK, _BLOCKS = 4 * 1024, 62  # and those between


class Source(Protocol):
    """Where pieces come from."""

    notes: list[str]

    def pieces(self) -> Iterator[tuple[Piece, SourceEntry, FileEntry | None]]:
        """Pieces in order, each with how far its source and its file are then read."""

    def share(self) -> float | None:
        """How much of it is read, in [0, 1]; None where that cannot be told."""


def open_source(inputs: Inputs, manifest: Manifest, aside: Sequence[Path], *, quotes: bool) -> Source:
    """What is not yet read of a job's inputs.

    :param aside: Files and folders of the job's own, which are no input.
    :param quotes: Give the directly quoted statements of a page that has no comments, as its comments.
    :raises InputError: If they are nothing that a job takes.
    :raises JobError: If they are not those that were begun.
    """
    if isinstance(inputs, str | os.PathLike):
        return Files([Path(inputs)], manifest, aside, quotes=quotes)
    if isinstance(inputs, Thread):
        inputs = [inputs]
    if not isinstance(inputs, Iterable) or isinstance(inputs, Mapping | bytes):
        raise InputError(f"A {type(inputs).__name__} came, but a job takes paths, threads or a datasets.Dataset.")
    items = iter(cast(Iterable[Any], inputs))
    first = next(items, None)
    if first is None:
        raise InputError("Nothing came to classify: at least one path, thread or row was expected.")
    items = chain([first], items)
    if isinstance(first, str | os.PathLike):
        return Files([Path(item) for item in items], manifest, aside, quotes=quotes)
    if isinstance(first, Thread):
        return HandedIn(_pieces_of_threads(items), manifest)
    if isinstance(first, Mapping):
        return HandedIn(_pieces_of_rows(items), manifest)
    raise InputError(f"An item is {type(first).__name__}, but paths, threads or rows (dicts) were expected.")


class Files:
    """Files, those of folders among them, in order."""

    def __init__(self, paths: Sequence[Path], manifest: Manifest, aside: Sequence[Path], *, quotes: bool) -> None:
        self.notes: list[str] = []
        self._quotes = quotes
        self._known, self._sources = manifest.files(), manifest.sources()
        own = {path.resolve() for path in aside}
        self._paths: list[Path] = []
        seen: set[Path] = set()
        for path in chain.from_iterable(map(_expanded, paths)):
            real = path.resolve()
            if real in seen or real in own or not own.isdisjoint(real.parents):
                continue
            seen.add(real)
            self._paths.append(path)
        missing = next((path for path in self._paths if not path.exists()), None)
        if missing:
            raise InputError(f"{missing}: no such file or folder. Check the spelling of the path.")
        self._sizes = {path: path.stat().st_size if path.is_file() else 0 for path in self._paths}
        self._bytes_behind = self._bytes_reached = 0
        gone = sorted(set(self._known) - {str(path.resolve()) for path in self._paths})
        if gone:
            self.notes.append(
                f"{len(gone)} files of earlier runs are not among the inputs; their rows stay ({gone[0]})"
            )
        self._begun = [(path, self._begin(path)) for path in self._paths]

    def pieces(self) -> Iterator[tuple[Piece, SourceEntry, FileEntry | None]]:
        """Pieces in order, each with how far its source and its file are then read."""
        for path, file in self._begun:
            if file is None or not file.is_done:
                piece = None
                for piece in iter_threads([path], quotes=self._quotes, after=self._after, watch=self._watch):
                    yield piece, self._entry(piece, str(path.resolve())), file
                if file is not None:
                    place = piece.place if piece else str(path)
                    done = self._sources.get(place) or SourceEntry(place, file.path, 0, False, True)
                    yield Piece(place, done.end), done, replace(file, is_done=True)
            self._bytes_behind += self._sizes[path]
            self._bytes_reached = 0

    def share(self) -> float | None:
        """How much of the files' bytes is read."""
        total = sum(self._sizes.values())
        return min(1.0, (self._bytes_behind + self._bytes_reached) / total) if total else None

    def _watch(self, n_bytes: int) -> None:
        self._bytes_reached = n_bytes

    def _after(self, place: str) -> int | None:
        known = self._sources.get(place)
        return 0 if known is None else None if known.is_done else known.end

    def _entry(self, piece: Piece, file: str) -> SourceEntry:
        known = self._sources.get(piece.place)
        streams = piece.streams or (known is not None and known.streams)
        entry = SourceEntry(piece.place, file, piece.end, streams, piece.is_last)
        self._sources[piece.place] = entry
        return entry

    def _begin(self, path: Path) -> FileEntry | None:
        """How a file is now, and whether there is more of it to read.

        :raises JobError: If it has changed where it was read already.
        """
        try:
            now = _file_now(path)
        except OSError:
            return None  # the readers say what is wrong with it
        known = self._known.get(now.path)
        if known is None:
            return now
        if (now.size, now.mtime) == (known.size, known.mtime) or (
            now.size == known.size and now.sample == known.sample
        ):
            return replace(now, is_done=known.is_done)
        inside = [entry for entry in self._sources.values() if entry.file == now.path]
        grown = now.size > known.size and _sample(path, known.size) == known.sample
        if (grown and all(entry.streams for entry in inside)) or not any(entry.end for entry in inside):
            # More rows behind those that were read; or none were taken from it, and it is as good as new.
            for entry in inside:
                self._sources[entry.place] = replace(entry, is_done=False)
            return now
        how = "has grown, but is no table that could be read on" if grown else "has changed since its rows were taken"
        raise JobError(
            f"{path}: {how}. Put what is new into a file of its own and the old one back; or begin anew with --restart,"
            " which costs only what the cache does not hold."
        )


class HandedIn:
    """Threads or rows handed in from Python; they have to come again, in the same order, when a job goes on."""

    def __init__(self, pieces: Iterator[Piece], manifest: Manifest) -> None:
        self.notes: list[str] = []
        self._pieces = pieces
        self._known = manifest.sources().get(HANDED_IN)

    def share(self) -> float | None:
        """Nothing tells how many are still to come."""
        return None

    def pieces(self) -> Iterator[tuple[Piece, SourceEntry, FileEntry | None]]:
        """Pieces in order, those behind left out once their comments are known again."""
        digest, behind = hashlib.blake2b(digest_size=16), self._known.end if self._known else 0
        end = 0
        for piece in self._pieces:
            n_again = 0
            for number, comment in _numbered(piece):
                if number > behind >= end:
                    self._check(digest.hexdigest(), behind)
                end = number
                n_again += number <= behind
                # Escaped, for a lone surrogate has no bytes of its own.
                told = "\0".join((piece.thread.id if piece.thread else "", comment.id, comment.text))
                digest.update(told.encode("utf-8", "backslashreplace") + b"\1")
            end = max(end, piece.end)
            if piece.end > behind or piece.is_last:
                rest = tuple(row for row in piece.rows if row > behind)
                unusable = tuple(one for one in piece.unusable if one.row is None or one.row > behind)
                fresh = replace(piece, n_before=piece.n_before + n_again, rows=rest, unusable=unusable)
                entry = SourceEntry(HANDED_IN, "", max(piece.end, behind), True, piece.is_last, digest.hexdigest())
                yield fresh, entry, None
            if piece.is_last and end <= behind:
                self._check(digest.hexdigest() if end == behind else "", behind)

    def _check(self, digest: str, behind: int) -> None:
        if self._known and behind and digest != self._known.digest:
            raise JobError(
                f"The first {behind} comments handed in are not those of the run before, so that going on behind them"
                " would lose some or double others. Hand in the same, in the same order; or begin anew with --restart,"
                " which costs only what the cache does not hold."
            )


def _numbered(piece: Piece) -> Iterator[tuple[int, Any]]:
    if piece.thread is not None:
        yield from zip(piece.rows, piece.thread.comments[piece.n_before :], strict=True)


def _pieces_of_threads(threads: Iterable[Any]) -> Iterator[Piece]:
    end = 0
    for place, thread in enumerate(threads):
        if not isinstance(thread, Thread):
            raise InputError(f"Item {place} is {type(thread).__name__}, but threads alone were expected.")
        rows = tuple(range(end + 1, end + len(thread.comments) + 1))
        end += len(rows)
        yield Piece(HANDED_IN, end, thread, 0, rows)
    yield Piece(HANDED_IN, end, is_last=True)


def _pieces_of_rows(rows: Iterable[Any]) -> Iterator[Piece]:
    def numbered(after: int) -> Iterator[tuple[int, Row] | Unusable]:
        for number, row in enumerate(rows, after + 1):
            yield (number, row) if isinstance(row, Mapping) else Unusable(number, f"is {type(row).__name__}, no row")

    return pieces_of_rows(numbered, lambda head: TableForm.of(head, "the dataset", "dataset"), HANDED_IN)


def _expanded(path: Path) -> list[Path]:
    return files_in(path) if path.is_dir() else [path]


def _file_now(path: Path) -> FileEntry:
    told = path.stat()
    return FileEntry(str(path.resolve()), told.st_size, told.st_mtime_ns, _sample(path, told.st_size))


def _sample(path: Path, size: int) -> str:
    """The sha256 of a file's first and last bytes and of some blocks between, as if it ended at ``size``."""
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(min(_HEAD, size)))
        if size > _HEAD:
            for i in range(1, _BLOCKS + 1):
                file.seek(size * i // (_BLOCKS + 1))
                digest.update(file.read(min(_BLOCK, size - file.tell())))
            file.seek(max(0, size - _HEAD))
            digest.update(file.read(size - file.tell()))
    return digest.hexdigest()
