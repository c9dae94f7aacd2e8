"""From bytes to text: encodings, and the refusal of what is no text."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import charset_normalizer

from stance.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_STRAY = re.compile(r"[\udc80-\udcff]")  # how "surrogateescape" keeps a byte that is not UTF-8
_OTHER_LETTERS = re.compile(r"[\u0080-\ud7ff\ue000-\uffff]")
_SAMPLE = 64 * 1024  # bytes; enough to tell an encoding, cheap on a large file


def read_text(path: Path) -> tuple[str, list[str]]:
    """Read a text file whatever its encoding.

    :returns: The text with ``\\n`` line ends, and notes on what had to be guessed.
    :raises InputError: If the file is missing, empty, unreadable or not text.
    """
    data = read_bytes(path)
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(path, data, encoding), []
    if b"\x00" in data[:_SAMPLE]:
        raise InputError(
            f"{path}: this is a binary file (it holds zero bytes), not text."
            " Save the page as text, or export the comments as CSV, JSONL or Parquet."
        )
    text = data.decode("utf-8", "surrogateescape")
    stray = list(_STRAY.finditer(text))
    if not stray:
        return _unify_line_ends(text), []
    line = text.count("\n", 0, stray[0].start()) + 1
    if len(stray) < len(_OTHER_LETTERS.findall(text)):
        text = _STRAY.sub(lambda match: bytes([ord(match.group()) - 0xDC00]).decode("cp1252", "replace"), text)
        return _unify_line_ends(text), [f"{len(stray)} bytes are not UTF-8 (line {line} first); read as Windows-1252"]
    guess = _guess_encoding(data)
    if guess is None:
        raise InputError(
            f"{path}: line {line} is not UTF-8, and no other encoding fits. Save the file as UTF-8 and read it again."
        )
    return _decoded(path, data, guess), [f"not UTF-8 (line {line} first); read as {guess}"]


def read_bytes(path: Path) -> bytes:
    """The bytes of a file.

    :raises InputError: If it is missing, empty, no file, or may not be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file or folder. Check the spelling of the path.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    if not data.strip():
        raise InputError(f"{path}: the file is empty. Save the page or export again.")
    return data


def _guess_encoding(data: bytes) -> str | None:
    # Almost every such file is Windows-1252, which detectors confuse with its neighbours on short texts;
    # so a guess within the Latin family is read as that.
    sample = data[:_SAMPLE]
    best = charset_normalizer.from_bytes(sample).best()
    if best is None:
        return None
    if best.encoding in _LATIN or any(name in _LATIN for name in best.could_be_from_charset):
        return "cp1252" if _decodes(data, "cp1252") else "latin-1"
    return best.encoding if _decodes(data, best.encoding) else None


_LATIN = frozenset(
    {"cp1252", "latin_1", "cp1250", "cp1254", "cp1257", "iso8859_2", "iso8859_15", "mac_roman", "cp437", "cp850"}
)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    try:
        return _unify_line_ends(data.decode(encoding))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: begins as {encoding}, but byte {error.start} is not. Save the file as UTF-8 and read it again."
        ) from error


def _unify_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
