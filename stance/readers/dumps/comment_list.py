"""Comments under a page of no known platform, copied as text: name and time above each, and the page counts them.

Read only where the number announced is the number found, or each comment is closed by a button: elsewhere names and
dates may be a page's news as well.
"""

from __future__ import annotations

import re

from stance.readers.dumps.lines import mentions
from stance.readers.dumps.listed import Platform, read_listed
from stance.readers.source import Source
from stance.thread import Thread

_BUTTON = (
    r"(?:[-+−]?\d{1,5}|reply(?: to .{1,40})?|report(?: (?:this|abuse|comment|this comment|post))?|share(?: on \w+)?"
    r"|like|likes?[ \t]*\(?\d{0,5}\)?|\d{1,5} likes?|dislike"
    r"|quote|recommend(?:ed)?(?:[ \t]*\(?\d{1,5}\)?)?|\d{1,5} recommends?|permalink|link|facebook|twitter|email|edit"
    r"|delete|upvote|downvote|vote (?:up|down)"
    r"|log in to (?:reply|comment|vote)|flag|pick|jump to comment|agree|disagree|helpful|(?:view|show|hide)"
    r" .{0,20}(?:replies|comments?)(?: \(\d+\))?|[↑↓▲▼👍👎❤♥·•|])"
)
_ANY = Platform(
    marks=re.compile(rf"{_BUTTON}(?:[ \t•·|]*{_BUTTON}){{0,9}}", re.I),
    count=re.compile(
        r"(?:comments?|responses?|replies|discussion)[ \t]*[(:•·]?[ \t]*(?P<n>\d[\d,]{0,6})[ \t]*\)?"
        r"|\(?(?P<m>\d[\d,]{0,6})\)?[ \t]+(?:comments?|responses?|replies|answers?)"
        r"(?: (?:so far|on this .{1,20}|to .{1,100}))?:?",
        re.I,
    ),
    buttons=re.compile(
        rf"{_BUTTON}(?:[ \t•·|]*{_BUTTON}){{0,9}}|sort by.*|order by.*|(?:newest|oldest|best|most recent|top)(?: first"
        rf"| rated)?|view all|threads .{{0,20}}"
        r"|show \d{1,3}|comments?|join the (?:conversation|discussion)|guardian pick|editors? pick|staff|contributor",
        re.I,
    ),
    badges=re.compile(
        r"guardian pick|editors?['’]? pick|staff|contributor|moderator|admin|author|avatar|verified|subscriber|top"
        r" commenter|•|·|\||-|new|member"
        r"|(?:registered|anonymous)(?: user)?|\((?:registered|anonymous|guest)\)",
        re.I,
    ),
    foot=re.compile(
        r"(?:leave|post|add|write) (?:a|your) (?:comment|reply)|comments are (?:now )?closed.*|(?:load|show|view) more"
        r" comments?|most (?:read|popular|viewed)"
        r"|related (?:stories|articles|links|content)|you must be logged in .*|this discussion is (?:now )?closed.*"
        r"|sign in to comment.*|more on this story",
        re.I,
    ),
    day_first=None,
    bare_quotes=True,
)


def is_button(line: str) -> bool:
    """Whether a line, stripped, is a button, votes or a number, as many platforms have them around comments."""
    return _ANY.is_furniture(line)


def is_badge(line: str) -> bool:
    """Whether a line, stripped, is what stands beside a writer's name on many platforms."""
    return _ANY.is_badge(line)


def is_foot(line: str) -> bool:
    """Whether a line, stripped, begins what many pages have below their comments."""
    return len(line) < 120 and _ANY.foot.fullmatch(line) is not None


_MENTIONS = re.compile(r"\b(?:reply|report|share|like|recommend|comments?|responses?|replies|agree)\b", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where nothing bears out that its names and dates are comments."""
    if not mentions(source, _MENTIONS):
        return None
    return read_listed(source, _ANY, is_known=False)
