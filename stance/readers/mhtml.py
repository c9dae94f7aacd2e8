"""Pages saved with all that belongs to them in one file: MHTML (RFC 2557), as Chrome, Edge and old Explorers write it.

It is a mail whose first HTML part is the page. Its headers carry the page's address and the time of saving; further
HTML parts are the page's frames, which is where Disqus and Facebook stand. Pictures and styles are passed over.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from stance.errors import InputError
from stance.readers.dates import Moment
from stance.readers.source import Source

_HEADER = re.compile(rb"\s*(?:[A-Za-z][\w-]{0,60}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n){0,50}){2,60}")
_RELATED = re.compile(rb"^content-type:\s{0,9}multipart/(?:related|mixed|alternative)", re.I | re.M)
_BOUNDARY = re.compile(r'boundary\s{0,9}=\s{0,9}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.I)
_MOST_PARTS = 5_000
_LONGEST_HEADERS = 64 * 1024  # bytes


class _Part(NamedTuple):
    headers: dict[str, str]
    data: bytes


def is_mhtml(head: bytes) -> bool:
    """Whether a file's first bytes are those of a mail of several parts that belong together."""
    match = _HEADER.match(head)
    return match is not None and _RELATED.search(match.group()) is not None


def unwrapped(source: Source) -> Source:
    """The page in an MHTML file, its frames beside it by their addresses and content ids.

    :raises InputError: If no part of it is HTML.
    """
    with source.opened() as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise InputError(f"{source.place}: larger than {_LARGEST // 1_000_000} MB. Save the page without its pictures.")
    headers, body = _split(data)
    boundary = _BOUNDARY.search(headers.get("content-type", ""))
    parts = list(_html_parts(body, (boundary[1] or boundary[2]).encode())) if boundary else []
    if not parts:
        raise InputError(f"{source.place}: this MHTML file holds no HTML part. Save the page again, as HTML.")
    url = headers.get("snapshot-content-location") or parts[0].headers.get("content-location")
    time = _time(headers.get("date", ""))
    frames = {name: part for part in parts[1:] for name in _names(part)}

    def beside(name: str) -> Source | None:
        part = frames.get(name)
        if part is None:
            return source.beside(name)
        return _page(part, source, f"{source.place}: {name[:80]}", None, time)

    page = _page(parts[0], source, source.place, url, time)
    return Source(place=page.place, name=source.name, opened=page.opened, beside=beside, saved_from=url, saved_at=time)


_LARGEST = 128_000_000  # bytes, pictures and all


def _page(part: _Part, source: Source, place: str, url: str | None, time: Moment | None) -> Source:
    inner = Source.of_bytes(_in_utf8(part), source.name, place)
    return Source(place=place, name=source.name, opened=inner.opened, saved_from=url, saved_at=time)


def _html_parts(body: bytes, boundary: bytes) -> Iterator[_Part]:
    """Yield the parts that are HTML, decoded."""
    for piece in re.split(rb"(?:^|\r?\n)--" + re.escape(boundary), body, maxsplit=_MOST_PARTS)[1:]:
        if piece.startswith(b"--"):
            return
        if b"text/html" not in piece[:_LONGEST_HEADERS].lower() and b"xhtml" not in piece[:2048].lower():
            continue
        headers, data = _split(piece.lstrip(b" \t\r\n"))
        if headers.get("content-type", "").casefold().startswith(("text/html", "application/xhtml")):
            yield _Part(headers, _decoded(data, headers.get("content-transfer-encoding", "")))


def _split(data: bytes) -> tuple[dict[str, str], bytes]:
    """Headers, names in lower case, folded lines joined; and what follows the blank line."""
    end = re.search(rb"\r?\n\r?\n", data[:_LONGEST_HEADERS])
    head, body = (data[: end.start()], data[end.end() :]) if end else (data[:_LONGEST_HEADERS], b"")
    joined = re.sub(r"\r?\n[ \t]+", " ", head.decode("utf-8", "replace"))
    pairs = (line.partition(":") for line in joined.splitlines())
    return {name.strip().casefold(): value.strip() for name, colon, value in pairs if colon}, body


def _decoded(data: bytes, encoding: str) -> bytes:
    match encoding.casefold():
        case "quoted-printable":
            return quopri.decodestring(data)
        case "base64":
            try:
                return base64.b64decode(data)
            except binascii.Error:
                return base64.b64decode(re.sub(rb"[^A-Za-z0-9+/]", b"", data) + b"A==", validate=False)
        case _:
            return data


def _in_utf8(part: _Part) -> bytes:
    """The part's bytes, in UTF-8 where its header names another encoding that fits."""
    named = re.search(r"charset\s{0,9}=\s{0,9}\"?([\w:.-]{1,40})", part.headers.get("content-type", ""), re.I)
    try:
        codec = codecs.lookup(named[1]) if named else None
        if codec is None or codec.name in ("utf-8", "ascii") or not codec._is_text_encoding:
            return part.data
        return part.data.decode("cp1252" if codec.name == "iso8859-1" else codec.name).encode()
    except (LookupError, UnicodeError):
        return part.data


def _names(part: _Part) -> Iterator[str]:
    """What a frame can be called by: its address, and ``cid:`` with its content id."""
    if location := part.headers.get("content-location"):
        yield location
    if content_id := part.headers.get("content-id"):
        yield "cid:" + content_id.strip("<>")


def _time(date: str) -> Moment | None:
    try:
        return Moment(parsedate_to_datetime(str(make_header(decode_header(date)))))
    except (ValueError, TypeError, LookupError, OverflowError):
        return None
