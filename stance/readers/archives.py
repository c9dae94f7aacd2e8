"""From paths to sources: files, folders, zips, ``.gz`` and ``.zst``, in one another.

Nothing is ever unpacked onto the disk, so a member's name cannot lead anywhere; those that try are refused all the
same. How much may come out of how little is bounded before it is read.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from stance.errors import InputError
from stance.readers.mhtml import is_mhtml, unwrapped
from stance.readers.packed import FREE, GZIP, ZSTD, Allowance, Counted, damages, member_stream, unpacked_stream
from stance.readers.source import Source

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12 on

MOST_MEMBERS = 10_000  # of one zip
DEEPEST = 3  # archives in one another
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # one with files, and one without
_COMPRESSORS = (".gz", ".zst", ".zstd")
_OFFICE = ("[Content_Types].xml", "mimetype")  # what packages hold that are documents, not archives

Found = Source | InputError
Watch = Callable[[int], None]


def is_container(path: Path) -> bool:
    """Whether a path holds several things to be read: a folder or a zip."""
    if path.is_dir():
        return True
    try:  # what is no zip after all is told by reading it
        return zipfile.is_zipfile(path) and not _is_office(path)
    except damages():
        return False


def sources_in(path: Path, watch: Watch | None = None) -> Iterator[Found]:
    """Yield what there is to read at a path; for what cannot be opened, the error, so that it costs none of the others.

    A source is to be read before the next is asked for.

    :param watch: Told, at each reading of the file's own bytes, how far in the file it has come.
    :raises InputError: If there is nothing at the path.
    """
    if path.is_dir():
        for file in files_in(path):
            yield from _guarded(_source_of(file, watch), DEEPEST, None)
        return
    try:
        path.stat()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file or folder. Check the spelling of the path.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    yield from _guarded(_source_of(path, watch), DEEPEST, None)


def files_in(folder: Path) -> list[Path]:
    """A folder's files by name, without hidden ones and without what a browser saved along with a page.

    :raises InputError: If there are none.
    """
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not _is_aside(file.relative_to(folder).as_posix(), lambda name: (folder / name).exists())
    ]
    if not files:
        raise InputError(f"{folder}: the folder holds no files. Name a folder with saved threads.")
    return files


def _is_aside(name: str, exists: Callable[[str], bool]) -> bool:
    """Whether a name is hidden, a system's own, or part of the page beside it (``page.html`` and ``page_files/``)."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if any((part.startswith(".") and part not in (".", "..")) or part == "__MACOSX" for part in parts):
        return True
    for depth, part in enumerate(parts[:-1], 1):
        page = "/".join([*parts[: depth - 1], part.removesuffix("_files")])
        if part.endswith("_files") and any(exists(page + ending) for ending in (".html", ".htm", ".xhtml")):
            return True
    return False


class _Watched(io.FileIO):
    """A file that tells how far it has been read."""

    def __init__(self, path: Path, watch: Watch) -> None:
        super().__init__(path, "rb")
        self._watch = watch

    def readinto(self, buffer: Buffer, /) -> int:
        n = super().readinto(buffer)
        self._watch(self.tell())
        return n


def _source_of(path: Path, watch: Watch | None = None) -> Source:
    def opened() -> BinaryIO:
        try:
            return cast(BinaryIO, io.BufferedReader(_Watched(path, watch))) if watch else path.open("rb")
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}).") from error

    def beside(name: str) -> Source | None:
        other = path.parent / name
        return _source_of(other) if _stays_inside(name) and other.is_file() else None

    return Source(place=str(path), name=path.name, opened=opened, beside=beside)


def _guarded(source: Source, deepest: int, allowance: Allowance | None) -> Iterator[Found]:
    """What a source holds, its errors as values."""
    try:
        yield from _unpacked(source, deepest, allowance)
    except InputError as error:
        yield error
    except damages() as error:
        yield InputError(f"{source.place}: the archive is damaged ({error}). Fetch or pack it again.")


def _unpacked(source: Source, deepest: int, allowance: Allowance | None) -> Iterator[Found]:
    head = source.head
    is_packed = head.startswith((GZIP, ZSTD))
    if not is_packed and not (head.startswith(_ZIP) and _is_zip_of_files(source)):
        yield unwrapped(source) if is_mhtml(head) else source
        return
    if deepest == 0:
        raise InputError(f"{source.place}: archives more than {DEEPEST} deep in one another. Unpack the outer ones.")
    allowance = allowance or Allowance.of(_size(source))
    if is_packed:
        yield from _guarded(_decompressed(source, allowance), deepest - 1, allowance)
    else:
        yield from _members(source, deepest - 1, allowance)


def _decompressed(source: Source, allowance: Allowance) -> Source:
    name = source.name
    ending = PurePosixPath(name).suffix.casefold()
    if ending in _COMPRESSORS:
        name = name[: -len(ending)]

    counted = Counted(allowance)

    def opened() -> BinaryIO:
        return unpacked_stream(source.opened(), source.head, counted, source.place)

    def beside(name: str) -> Source | None:
        for ending in ("", *_COMPRESSORS):
            other = source.beside(name + ending)
            if other is not None:
                return _decompressed(other, allowance) if ending else other
        return None

    return Source(place=source.place, name=name, opened=opened, beside=beside)


def _members(source: Source, deepest: int, allowance: Allowance) -> Iterator[Found]:
    with _seekable(source) as packed, zipfile.ZipFile(packed) as archive:
        infos = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        if len(infos) > MOST_MEMBERS:
            raise InputError(f"{source.place}: holds {len(infos)} files, more than {MOST_MEMBERS}. Unpack it first.")
        # zipfile gives no more of a member than it declares, so what they declare is what can come out.
        allowance.take(sum(info.file_size for info in infos.values()), source.place)
        names = sorted(name for name in infos if not _is_aside(name, infos.__contains__))
        if not names:
            raise InputError(f"{source.place}: the archive holds no files. Name one with saved threads.")
        for name in names:
            member = _member(source, archive, infos, name)
            if isinstance(member, InputError):
                yield member
            else:
                yield from _guarded(member, deepest, allowance)


def _member(source: Source, archive: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo], name: str) -> Found:
    info = infos[name]
    place = f"{source.place}/{name}"
    if not _stays_inside(name):
        return InputError(f"{source.place}: the member {name!r} points out of the archive; it is not read.")
    if stat.S_ISLNK(info.external_attr >> 16):
        return InputError(f"{place}: is a link, which is not followed. Pack the file itself.")
    if info.flag_bits & 1:
        return InputError(f"{place}: needs a password. Unpack the archive and name the folder.")

    def opened() -> BinaryIO:
        return member_stream(archive, info, place)

    def beside(other: str) -> Source | None:
        full = str(PurePosixPath(name).parent / other)
        found = _member(source, archive, infos, full) if _stays_inside(other) and full in infos else None
        return found if isinstance(found, Source) else None

    return Source(place=place, name=PurePosixPath(name.replace("\\", "/")).name, opened=opened, beside=beside)


def _stays_inside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return not name.startswith(("/", "\\")) and ".." not in parts and ":" not in parts[0] and "\0" not in name


def _is_zip_of_files(source: Source) -> bool:
    with _seekable(source) as packed, zipfile.ZipFile(packed) as archive:
        return not any(name in _OFFICE for name in archive.namelist())


def _is_office(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return any(name in _OFFICE for name in archive.namelist())


def _seekable(source: Source) -> BinaryIO:
    """A zip is read from its end; one inside another archive has to be held in memory for that."""
    stream = source.opened()
    if stream.seekable():
        return stream
    with stream:
        data = stream.read(FREE + 1)
    if len(data) > FREE:
        raise InputError(f"{source.place}: a zip of more than {FREE // 1_000_000} MB in another archive. Unpack it.")
    return io.BytesIO(data)


def _size(source: Source) -> int:
    with _seekable(source) as stream:
        return stream.seek(0, os.SEEK_END)
