"""One thing to be read: a file, or a member of an archive, as bytes, as text, and as what it is."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import BinaryIO, TypeVar, cast

from stance.errors import InputError
from stance.readers.dates import Moment
from stance.readers.decoding import decode
from stance.readers.media import HEAD, Media, media_of

#: The most bytes of a thing that are held in memory at once. What is larger has to come as JSON lines or as a JSON
#: array, which stream.
LARGEST: dict[Media, int] = {
    "text": 16_000_000,
    "html": 32_000_000,
    "xml": 64_000_000,
    "json": 64_000_000,
    "json lines": 64_000_000,
    "table": 256_000_000,
    "parquet": 256_000_000,
    "excel": 64_000_000,
}
_LONGEST_LINE = 16_000_000  # bytes; one line of JSON lines is one comment, or one small thread
_CHUNK = 1 << 20  # bytes read at a time

T = TypeVar("T")


def _nothing_beside(name: str) -> Source | None:
    return None


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """What a reader gets. Nothing of it is read before it is asked for, and all that is read is bounded.

    :param place: What to call it in messages: ``dump.txt``, ``all.zip/dump.txt``.
    :param name: Its own name, the endings of compressors taken off: ``comments.ndjson`` for ``comments.ndjson.zst``.
    :param opened: Opens its bytes, decompressed, anew.
    :param beside: Gives what lies in the same folder or archive under a relative name, or None. For formats of
        several files.
    :param saved_from: The address it was saved from, where the file around it tells.
    :param saved_at: When it was saved, where the file around it tells.
    :param notes: What was mended on the way to its text; grows as the text is read.
    """

    place: str
    name: str
    opened: Callable[[], BinaryIO]
    beside: Callable[[str], Source | None] = _nothing_beside
    saved_from: str | None = None
    saved_at: Moment | None = None
    notes: list[str] = field(default_factory=list)
    _parsed: dict[Callable[[Source], object], object] = field(default_factory=dict)

    @classmethod
    def of_bytes(cls, data: bytes, name: str, place: str | None = None) -> Source:
        """A source of bytes at hand, as of a file called ``name``."""
        return cls(place=place or name, name=name, opened=lambda: io.BytesIO(data))

    @property
    def stem(self) -> str:
        """Its name without ending; the id of its thread where the format names none."""
        return PurePosixPath(self.name).stem or self.name

    @property
    def ending(self) -> str:
        """``.html``, lower case."""
        return PurePosixPath(self.name).suffix.casefold()

    @cached_property
    def head(self) -> bytes:
        """Its first bytes, enough to tell what it is."""
        with self.opened() as stream:
            head = stream.read(HEAD)
        if not head.strip() and len(head) < HEAD:
            raise InputError(f"{self.place}: the file is empty. Save the page or export again.")
        return head

    @cached_property
    def media(self) -> Media:
        """What it is, by its content first and its name second.

        :raises InputError: If it is a thing that holds no readable text, such as a picture.
        """
        return media_of(self.head, self.ending, self.place)

    @cached_property
    def is_large(self) -> bool:
        """Whether it is more than may be held in memory at once."""
        largest = LARGEST[self.media]
        with self.opened() as stream:
            if stream.seekable():
                return stream.seek(0, io.SEEK_END) > largest
            n = 0
            while n <= largest and (chunk := stream.read(_CHUNK)):
                n += len(chunk)
            return n > largest

    @cached_property
    def data(self) -> bytes:
        """All of its bytes.

        :raises InputError: If it is larger than :data:`LARGEST` allows.
        """
        largest = LARGEST[self.media]
        with self.opened() as stream:
            data = stream.read(largest + 1)
        if len(data) > largest:
            raise InputError(
                f"{self.place}: larger than {largest // 1_000_000} MB, the most that is read of a file of this kind"
                f" ({self.media}). Split it, or export it as JSON lines, one comment a line."
            )
        return data

    @cached_property
    def text(self) -> str:
        """Its text, line ends as ``\\n``, whatever its encoding.

        :raises InputError: If it is no text, or too large.
        """
        text, notes = decode(self.data, self.place)
        self.notes.extend(notes)
        return text

    def lines(self) -> Iterator[bytes]:
        """Its lines, streamed, without their ends. The first has no byte order mark.

        :raises InputError: If a line is longer than a comment can be.
        """
        if self.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # whose line ends are no bytes
            yield from self.text.encode("utf-8").split(b"\n")
            return
        with self.opened() as stream:
            number = 0
            while line := stream.readline(_LONGEST_LINE):
                number += 1
                if len(line) == _LONGEST_LINE:
                    raise InputError(
                        f"{self.place}: line {number} is longer than {_LONGEST_LINE // 1_000_000} MB. One comment a"
                        " line was expected."
                    )
                yield line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n") if number == 1 else line.rstrip(b"\r\n")

    def once(self, parse: Callable[[Source], T]) -> T:
        """What ``parse`` makes of this source, made once however many readers ask."""
        if parse not in self._parsed:
            self._parsed[parse] = parse(self)
        return cast(T, self._parsed[parse])
