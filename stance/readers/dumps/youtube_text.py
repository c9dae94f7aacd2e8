"""YouTube comments copied as text: ``@name`` and "2 years ago (edited)" above, votes and buttons below."""

from __future__ import annotations

import re

from stance.readers.dumps.lines import mentions
from stance.readers.dumps.listed import Platform, read_listed
from stance.readers.source import Source
from stance.thread import Thread

_BUTTON = (
    r"(?:\d[\d,.]{0,6}[KM]?|reply|read more|show (?:more|less)|like|dislike|translate to english|translate|see"
    r" original|❤️?|♥|•|·"
    r"|(?:▲|▼)?[ \t]*(?:view|hide|show)?[ \t]*(?:all )?(?:\d{1,5} )?(?:more )?repl(?:y|ies)(?: from .{1,60})?|show"
    r" more replies|share)"
)
_YOUTUBE = Platform(
    marks=re.compile(
        r"add a (?:public )?comment(?:…|\.{3})|@[\w.·-]{3,40}|\d[\d,.]{0,9}[KM]? views?(?:[ \t]+.{4,40})?|subscribe(?:"
        r" [\d.,]{1,7}[KM]?)?"
        r"|pinned by .{1,60}|published on .{4,20}|premiered .{4,20}|[\d,.]{1,9}[KM]? subscribers|top comments"
        r"|highlighted (?:comment|reply)",
        re.I,
    ),
    count=re.compile(
        r"(?P<n>\d[\d,]{0,9})[ \t]+comments?(?:[ \t]+sort by.*)?|comments?[ \t]*[•·][ \t]*(?P<m>\d[\d,]{0,9})", re.I
    ),
    buttons=re.compile(
        rf"{_BUTTON}(?:[ \t•·|]*{_BUTTON}){{0,6}}|sort by.*|add a (?:public )?comment(?:…|\.{{3}})|top comments|newest"
        rf" first"
        r"|highlighted (?:comment|reply)|pinned by .{1,60}|avatar|profile picture",
        re.I,
    ),
    badges=re.compile(
        r"pinned by .{1,60}|highlighted (?:comment|reply)|avatar|profile picture|verified|•|·|creator|✓|✔️?|member(?:"
        r" \(.{1,20}\))?",
        re.I,
    ),
    foot=re.compile(r"show more comments|up next|autoplay|related videos|more from .{1,60}|transcript", re.I),
    has_head=False,
)


_MENTIONS = re.compile(r"\bviews?\b|subscri|@\w|add a (?:public )?comment|pinned by|top comments", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it does not look like a YouTube page."""
    if not mentions(source, _MENTIONS):
        return None
    return read_listed(source, _YOUTUBE, fewest_marks=2)
