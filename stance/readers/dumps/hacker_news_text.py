"""A Hacker News discussion copied from the browser as text: ``NAME 3 days ago | parent | next [–]`` above each comment.

The page's own links tell replies apart: without "parent" a comment answers the post; with it, and without "prev", it is
the first answer to the comment right above it. What a later answer answers is lost in the copy, unless it is one to the
latest comment on the post.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stance.readers.dates import Moment
from stance.readers.draft import Draft
from stance.readers.dumps.lines import dedented, is_time, lines_of_dump, mentions, page_time_in, text_of_dump, time_of
from stance.readers.source import Source
from stance.readers.wording import apart_from_quoted_lines
from stance.thread import Thread

_HEAD = re.compile(
    r"[ \t]*(?:▲[ \t]*)?(?P<name>[\w-]{1,20}) (?P<when>(?:on [A-Z][a-z]+ \d{1,2}, \d{4}|\d{1,4} [a-z]{3,7} ago))"
    r"(?P<links>(?: \| (?:root|parent|prev|next|favorite|flag|context|link|un-?favorite|on: .{1,120}))*)"
    r"(?:[ \t]*(?:\||\[[-–—+\d a-z]{1,12}\]|unvote|flag)){0,4}[ \t]*"
)
_SUBLINE = re.compile(
    r"[ \t]*\d{1,6} points? by (?P<name>[\w-]{1,20}) (?:on [A-Z][a-z]+ \d{1,2}, \d{4}|\d{1,4} [a-z]{3,7} ago)"
    r".{0,200}?(?:\| (?P<n>\d{1,6})[ \u00a0]comments?.{0,40}|discuss)?[ \t]*"
)
_MENTIONS = re.compile(r"Hacker News|\| (?:parent|next|favorite|on:)|\[[-–—]\]")
_GONE = re.compile(r"\[(?:deleted|flagged|dead)\]")
_FOOT = re.compile(
    r"(?:Guidelines \| FAQ|Consider applying for YC|Applications are open for YC|Join us for AI Startup).*"
)
_FURNITURE = re.compile(r"reply|add comment|help|\|")


class _Head(NamedTuple):
    line: int
    name: str
    time: Moment | None
    links: frozenset[str]


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where no comment has Hacker News's links in its head."""
    if not mentions(source, _MENTIONS):
        return None
    lines = lines_of_dump(source)
    page_time = page_time_in(text_of_dump(source))
    heads: list[_Head] = []
    for n, line in enumerate(lines):
        match = _HEAD.fullmatch(line) if len(line) < 300 else None
        if match and is_time(match["when"].removeprefix("on ")):
            links = frozenset(match["links"].replace("|", " ").split())
            heads.append(_Head(n, match["name"], time_of(match["when"].removeprefix("on "), page_time), links))
    told = next((n for n, line in enumerate(lines) if len(line) < 400 and _SUBLINE.fullmatch(line)), None)
    if not heads or (told is None and not any(head.links for head in heads)):
        return None
    draft, first = _begin(source, lines, heads, told)
    foot = next((n for n in range(heads[-1].line, len(lines)) if _FOOT.fullmatch(lines[n].strip())), len(lines))
    stops = [*(head.line for head in heads[first + 1 :]), foot]
    above: str | None = None
    on_post: str | None = None
    n_lost = 0
    for head, stop in zip(heads[first:], stops, strict=True):
        kept = [line for line in lines[head.line + 1 : stop] if not _FURNITURE.fullmatch(line.strip())]
        text, quoted = apart_from_quoted_lines(dedented(kept))
        is_answer = "parent" in head.links
        parent = (on_post if "root" not in head.links else None) if "prev" in head.links else above
        n_lost += is_answer and parent is None
        if _GONE.fullmatch(text) or not (text or quoted):
            draft.drop("deleted")
            above = None
            continue
        above = draft.add(
            text, author=head.name, time=head.time, parent_id=parent if is_answer else None, quoted=quoted
        )
        on_post = on_post if is_answer else above
    if n_lost:
        draft.doubt(f"answers of which the copy does not show what they answer: {n_lost}")
    return [draft.thread("certain" if told is not None else "likely")]


def _begin(source: Source, lines: list[str], heads: list[_Head], told: int | None) -> tuple[Draft, int]:
    """The draft with what stands above the comments, and the number of the first comment's head."""
    if told is None:
        return Draft(source), 0
    subline = _SUBLINE.fullmatch(lines[told])
    title = next((lines[n].strip() for n in range(told - 1, -1, -1) if lines[n].strip()), "")
    first = next((number for number, head in enumerate(heads) if head.line > told), 0)
    own = [line for line in lines[told + 1 : heads[first].line] if not _FURNITURE.fullmatch(line.strip())]
    draft = Draft(
        source,
        title=re.sub(r"^\d{0,3}\.?\s*▲?\s*", "", title) if "▲" in title else title,
        post=dedented(own),
        post_author=subline["name"] if subline else None,
    )
    return draft, first
