"""From bytes to text: encodings, and the refusal of what is no text."""

from __future__ import annotations

import codecs
import re

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
_DECLARED = re.compile(rb"""(?:charset|encoding)\s{0,9}=\s{0,9}["']?\s{0,9}([\w:.-]{1,40})""", re.I)
_WHERE_DECLARED = 4096  # bytes
# Codecs that turn bytes into text and nothing else; Python also calls "rot13" and "zlib" encodings.
_TEXT_ENCODINGS = frozenset(
    {
        *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859-2", "iso8859-5"),
        *("iso8859-7", "iso8859-9", "iso8859-15", "koi8-r", "mac-roman", "shift_jis", "euc_jp", "euc_kr", "gb18030"),
        *("gbk", "gb2312", "big5"),
    }
)
_FEW_ZEROS = 0.01  # a text with a slip of the disk in it is still a text
_FEWEST_PAIRS = 8  # byte pairs below which nothing is told from zeros
_SAMPLE = 64 * 1024  # bytes; enough to tell an encoding, cheap on a large file


def decode(data: bytes, place: str) -> tuple[str, list[str]]:
    """The text of a file whatever its encoding.

    :param place: What to call the file in messages.
    :returns: The text with ``\\n`` line ends, and notes on what had to be guessed or mended.
    :raises InputError: If it is not text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(place, data, encoding), []
    wide = _wide_encoding(data[:_SAMPLE])
    if wide:
        return _decoded(place, data, wide), [f"no byte order mark; read as {wide}"]
    n_zeros = data.count(0)
    if n_zeros > len(data) * _FEW_ZEROS:
        raise InputError(
            f"{place}: this is a binary file (it holds zero bytes), not text."
            " Save the page as text, or export the comments as CSV, JSONL or Parquet."
        )
    notes = [f"{n_zeros} zero bytes taken out"] if n_zeros else []
    data = data.replace(b"\0", b"") if n_zeros else data
    text = data.decode("utf-8", "surrogateescape")
    stray = list(_STRAY.finditer(text))
    if not stray:
        return _unify_line_ends(text), notes
    line = text.count("\n", 0, stray[0].start()) + 1
    if len(stray) < len(_OTHER_LETTERS.findall(text)):
        text = without_stray_bytes(text)
        notes.append(f"{len(stray)} bytes are not UTF-8 (line {line} first); read as Windows-1252")
        return _unify_line_ends(text), notes
    likely = _declared_encoding(data) or _guess_encoding(data)
    if likely is None:
        raise InputError(
            f"{place}: line {line} is not UTF-8, and no other encoding fits. Save the file as UTF-8 and read it again."
        )
    return _decoded(place, data, likely), [*notes, f"not UTF-8 (line {line} first); read as {likely}"]


def encoding_of(head: bytes) -> str:
    """The encoding of a stream, told from its first bytes; UTF-8 where they leave it open."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    wide = _wide_encoding(head)
    if wide:
        return wide
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(head)  # a character cut off is left out
    n_stray = len(_STRAY.findall(text))
    if n_stray < max(1, len(_OTHER_LETTERS.findall(text))):
        return "utf-8"
    return _guess_encoding(head) or "utf-8"


def without_stray_bytes(text: str) -> str:
    """Text decoded with "surrogateescape", bytes that are not of its encoding read as Windows-1252."""
    if text.isascii():
        return text
    return _STRAY.sub(lambda match: bytes([ord(match.group()) - 0xDC00]).decode("cp1252", "replace"), text)


def _wide_encoding(sample: bytes) -> str | None:
    """UTF-16 without its mark: in most texts every other byte of it is zero."""
    n_even, n_odd, n_pairs = sample[::2].count(0), sample[1::2].count(0), len(sample) // 2
    if n_pairs < _FEWEST_PAIRS:
        return None
    if n_odd > n_pairs * 0.7 and n_even < n_pairs * 0.1:
        return "utf-16-le"
    return "utf-16-be" if n_even > n_pairs * 0.7 and n_odd < n_pairs * 0.1 else None


def _declared_encoding(data: bytes) -> str | None:
    """What a page or an XML file says of itself, where that is so and not a name browsers read otherwise."""
    match = _DECLARED.search(data[:_WHERE_DECLARED])
    if match is None:
        return None
    try:
        name = codecs.lookup(match[1].decode("ascii")).name
    except LookupError:
        return None
    if name in ("ascii", "iso8859-1"):  # browsers read both as Windows-1252, so that is what was written
        name = "cp1252"
    return name if name in _TEXT_ENCODINGS and _decodes(data, name) else None


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


def _decoded(place: str, data: bytes, encoding: str) -> str:
    try:
        return _unify_line_ends(data.decode(encoding))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{place}: begins as {encoding}, but byte {error.start} is not. Save the file as UTF-8 and read it again."
        ) from error


def _unify_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
