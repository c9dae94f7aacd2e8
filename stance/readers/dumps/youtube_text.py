"""YouTube comments copied as text: ``@name`` and "2 years ago (edited)" above, votes and buttons below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.draft import Draft
from stance.readers.dumps.furniture import in_a_row
from stance.readers.dumps.lines import mentions
from stance.readers.dumps.listed import Platform, read_listed
from stance.readers.source import Source
from stance.thread import Thread

_BUTTON = (
    r"(?:\d[\d,.]{0,6}[KM]?|reply|read more|show (?:more|less)|like|dislike|translate to english|translate|see"
    r" original|❤️?|♥"
    r"|(?:▲|▼)?[ \t]*(?:view|hide|show)?[ \t]*(?:all )?(?:\d{1,5} )?(?:more )?repl(?:y|ies)(?: from .{1,60})?|show"
    r" more replies|share)"
)
_SUBSCRIBERS = re.compile(r"[\d.,]{1,9}[ ]?[KMB]? subscribers?", re.I)
_VIEWS = re.compile(r"[\d,.]{1,12}[ ]?[KMB]? views?(?:[ \t]+\S.{3,40})?", re.I)
_BELOW_WORDS = re.compile(r"\.{3}more|…more|show (?:more|less)|\.{3}|transcript|chapters|key moments", re.I)


def _begin(source: Source, above: Sequence[str]) -> Draft | None:
    """Title over channel over its number of subscribers, and below the views what the channel says of the video."""
    told = [line.strip() for line in above if line.strip()]
    channel = next((n for n, line in enumerate(told) if n > 1 and _SUBSCRIBERS.fullmatch(line)), 0) - 1
    views = next((n for n, line in enumerate(told) if n > channel and _VIEWS.fullmatch(line)), None)
    if channel < 1 or views is None:
        return None
    stop = next((n for n in range(views + 1, len(told)) if _BELOW_WORDS.fullmatch(told[n])), len(told))
    return Draft(source, title=told[channel - 1], post="\n".join(told[views + 1 : stop]), post_author=told[channel])


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
        rf"{in_a_row(_BUTTON, 7)}|sort by.*|add a (?:public )?comment(?:…|\.{{3}})|top comments|newest"
        rf" first"
        r"|highlighted (?:comment|reply)|pinned by .{1,60}|avatar|profile picture",
        re.I,
    ),
    badges=re.compile(
        r"pinned by .{1,60}|highlighted (?:comment|reply)|avatar|profile picture|verified|•|·|creator|✓|✔️?|member(?:"
        r" \(.{1,20}\))?",
        re.I,
    ),
    foot=re.compile(
        r"show more comments|up next|autoplay|all|from .{1,60}|related|related videos|more from .{1,60}|transcript",
        re.I,
    ),
    has_head=False,
    begin=_begin,
)


_MENTIONS = re.compile(r"\bviews?\b|subscri|@\w|add a (?:public )?comment|pinned by|top comments", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it does not look like a YouTube page."""
    if not mentions(source, _MENTIONS):
        return None
    return read_listed(source, _YOUTUBE, fewest_marks=2)
