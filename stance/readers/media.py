"""What a file is, told from its first bytes, and from its name only where they leave it open."""

from __future__ import annotations

import codecs
import json
import re
from typing import Literal

from stance.errors import InputError

Media = Literal["text", "html", "xml", "json", "json lines", "table", "parquet", "excel"]

HEAD = 64 * 1024  # bytes that are looked at

_TEXT_FORM = "Save the page as text or HTML, or export the comments as CSV, JSON lines or Parquet."
#: First bytes of things that hold no text for us, and what they are.
_OTHERS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a picture or a sound",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"SQLite format 3": "a database",
    b"\x7fELF": "a program",
}
_BY_NAME: dict[str, Media] = {
    ".parquet": "parquet",
    ".csv": "table",
    ".tsv": "table",
    ".jsonl": "json lines",
    ".ndjson": "json lines",
    ".json": "json",
}
_HTML = re.compile(
    rb"(?:<\?xml[^>]*>\s*|<!--(?:[^-]|-(?!->))*-->\s*)*"
    rb"<(?:!doctype\s+html|(?:html|head|body|title|meta|div|section|article|main|table|dl|ol|ul|p|h[1-6])[\s>])",
    re.I,
)
_XML = re.compile(rb"<\?xml\b|<!doctype\s+(?!html)|<(?:feed|rss|disqus)[\s>]", re.I)
_ZIP = b"PK\x03\x04"


def media_of(head: bytes, ending: str, place: str) -> Media:
    """What a file is.

    :param head: Its first :data:`HEAD` bytes.
    :param ending: The ending of its name, lower case.
    :raises InputError: If it is none that is read; the message says what it is and what to do.
    """
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise InputError(f"{place}: this is {what}, which is not read. {_TEXT_FORM}")
    if head.startswith(_ZIP):
        if b"xl/" in head or ending == ".xlsx":
            return "excel"
        raise InputError(f"{place}: this is an Office document or another package. {_TEXT_FORM}")
    if head.startswith(b"PAR1") or ending == ".parquet":
        return "parquet"
    start = _narrow(head).lstrip()
    if _HTML.match(start):
        return "html"
    if _XML.match(start):
        return "xml"
    if start[:1] in (b"{", b"["):
        return _kind_of_json(start, ending)
    return _BY_NAME.get(ending, "text")


def _kind_of_json(start: bytes, ending: str) -> Media:
    """JSON lines where the first line is a value by itself and another follows."""
    named = _BY_NAME.get(ending)
    first, line_end, rest = start.partition(b"\n")
    if not line_end:
        # One line, or a first line longer than what was looked at: only the name can tell.
        if named is None and not _looks_like_json(start):
            return "text"
        return "json lines" if named == "json lines" else "json"
    try:
        json.loads(first.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return named if named == "json lines" else "json" if named == "json" or _looks_like_json(start) else "text"
    return "json lines" if rest.strip() or named == "json lines" else "json"


def _looks_like_json(start: bytes) -> bool:
    """A text, too, may begin with a bracket: "[Photo: the depot at dawn]", "[12/03/2014, 18:22] Ann: ..."."""
    return (
        re.match(
            rb'[{\[]\s*(?:["{\[\]}]|-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,4})?\s*(?:[,\]]|$)|true|false|null)',
            start,
        )
        is not None
    )


def _narrow(head: bytes) -> bytes:
    """The head as if in UTF-8, without byte order mark."""
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(bom):
            return head[len(bom) :].decode(encoding, "ignore").encode("utf-8", "ignore")
    return head
