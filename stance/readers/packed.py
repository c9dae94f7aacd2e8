"""Packed streams: unpacked as they are read, no further than is allowed, damage as an error of ours."""

from __future__ import annotations

import gzip
import io
import lzma
import sys
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from stance.errors import InputError

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12 on

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"  # how they begin
FREE = 32_000_000  # bytes that may come out of however little
GREATEST_RATIO = 100  # beyond that: bytes out for a byte in. Comments as JSON lines shrink to a tenth, at most a 30th.


@dataclass
class Allowance:
    """How many bytes may still come out of one archive, whatever is nested in it."""

    left: int

    @classmethod
    def of(cls, n_packed: int) -> Allowance:
        """What may come out of so many bytes."""
        return cls(max(FREE, GREATEST_RATIO * n_packed))

    def take(self, n: int, place: str) -> None:
        """Use up some of it.

        :raises InputError: If less is left.
        """
        self.left -= n
        if self.left < 0:
            raise InputError(
                f"{place}: unpacks to more than {GREATEST_RATIO} times its size, as texts do not; it is not read."
                " If it is no bomb, unpack it yourself and name the folder."
            )


@dataclass
class Counted:
    """What one thing has unpacked to so far; read a second time, it is not counted again."""

    allowance: Allowance
    n: int = 0

    def reach(self, n: int, place: str) -> None:
        """Count what was not counted yet of so many bytes from the start."""
        if n > self.n:
            self.allowance.take(n - self.n, place)
            self.n = n


def unpacked_stream(packed: BinaryIO, head: bytes, counted: Counted, place: str) -> BinaryIO:
    """What a ``.gz`` or ``.zst`` holds. Closing it closes ``packed``.

    :param head: How it begins.
    :param counted: Where what comes out is counted.
    """
    raw: _Raw = gzip.GzipFile(fileobj=packed) if head.startswith(GZIP) else _Zstd(packed)
    return cast(BinaryIO, io.BufferedReader(_Guarded(place, raw, packed, counted)))


def member_stream(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: str) -> BinaryIO:
    """What a member of a zip holds; no more than it declares.

    :raises InputError: If it is damaged, at once or on reading.
    """
    try:
        return cast(BinaryIO, io.BufferedReader(_Guarded(place, archive.open(info))))
    except InputError:  # of the stream beneath
        raise
    except damages() as error:
        raise InputError(f"{place}: damaged, it cannot be unpacked ({error}). Pack it again.") from error


class _Zstd:
    """Zstandard frames, one after another, as a stream. The library's own stream ends without a word in a cut file."""

    _CHUNK = 2048  # bytes; no more than 64 MB can come out of so few

    def __init__(self, packed: BinaryIO) -> None:
        import zstandard

        # Reddit's dumps are made with the longest window there is; its memory is taken only as it is filled.
        self._library = zstandard.ZstdDecompressor(max_window_size=2**31)
        self._frame = self._library.decompressobj()
        self._packed, self._rest, self._ready, self._is_between = packed, b"", memoryview(b""), True

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end. EOFError where the file ends within a frame."""
        while not self._ready:
            chunk = self._rest or self._packed.read(self._CHUNK)
            if not chunk and self._is_between:
                return b""
            if not chunk:
                raise EOFError("it ends too early")
            self._ready = memoryview(self._frame.decompress(chunk))
            self._rest, self._is_between = self._frame.unused_data, self._frame.eof
            if self._frame.eof:
                self._frame = self._library.decompressobj()
        data, self._ready = self._ready[:size], self._ready[size:]
        return bytes(data)

    def close(self) -> None:
        """Nothing of its own to close."""


class _Raw(Protocol):
    """What unpacks: a stream with no more than this to it."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end."""

    def close(self) -> None:
        """Let go of what it holds."""


class _Guarded(io.RawIOBase):
    """A stream that ends in an error where more comes out than is allowed, or where it is damaged.

    :param packed: The stream beneath ``raw``, closed with it.
    :param counted: Where what comes out is counted; None where it is bounded otherwise.
    """

    def __init__(self, place: str, raw: _Raw, packed: BinaryIO | None = None, counted: Counted | None = None) -> None:
        super().__init__()
        self._place, self._raw, self._packed, self._counted = place, raw, packed, counted
        self._n = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        try:
            data = self._raw.read(len(view))
        except InputError:  # of the stream beneath
            raise
        except damages() as error:
            raise InputError(f"{self._place}: damaged, it cannot be unpacked ({error}). Fetch it again.") from error
        self._n += len(data)
        if self._counted:
            self._counted.reach(self._n, self._place)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._raw.close()
        if self._packed:
            self._packed.close()
        super().close()


def damages() -> tuple[type[Exception], ...]:
    """What the decompressors raise on damaged input; zstandard's own error only where it is loaded."""
    # ValueError and RuntimeError are zipfile's for names and headers that are none.
    common = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, ValueError, RuntimeError)
    zstandard = sys.modules.get("zstandard")
    return (*common, zstandard.ZstdError) if zstandard else common
