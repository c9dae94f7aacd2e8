"""What many platforms put around the comments of a page: buttons, badges, the foot."""

from __future__ import annotations

import re

_MARKS = r"[ \t\u200e•·|]*+"
# A number is not split among buttons: the ways to do so multiply, and a long number would take hours to refuse.
_WHOLE = r"(?!(?<=[\d.,])[\d.,])"


def in_a_row(button: str, n_most: int = 10) -> str:
    """The pattern of buttons in a row, with marks and blanks between and around them, or of marks alone."""
    one = rf"{button}{_WHOLE}"
    return rf"(?=\S){_MARKS}(?:{one}(?:{_MARKS}{one}){{0,{n_most - 1}}}{_MARKS})?"


_BUTTON = (
    r"(?:[-+−]?\d{1,5}|reply(?: to .{1,40})?|report(?: (?:this|abuse|comment|this comment|post))?|share(?: on \w+)?"
    r"|likes?(?:[ \t]*\(?\d{1,5}\)?)?|\d{1,5} likes?|dislike"
    r"|quote|recommend(?:ed)?(?:[ \t]*\(?\d{1,5}\)?)?|\d{1,5} recommends?|permalink|link|facebook|twitter|email"
    r"|edit|delete|upvote|downvote|vote (?:up|down)"
    r"|log in to (?:reply|comment|vote)|flag|pick|jump to comment|agree|disagree|helpful|(?:view|show|hide)"
    r" .{0,20}(?:replies|comments?)(?: \(\d+\))?|[↑↓▲▼👍👎❤♥])"
)
#: Buttons, votes and numbers in a row.
BUTTON_ROW = re.compile(in_a_row(_BUTTON), re.I)
#: These, and what else stands around a comment's words.
BUTTONS = re.compile(
    rf"{in_a_row(_BUTTON)}|sort by.*|order by.*|(?:newest|oldest|best|most recent|top)(?: first"
    rf"| rated)?|view all|threads .{{0,20}}"
    r"|show \d{1,3}|comments?|join the (?:conversation|discussion)|guardian pick|editors? pick|staff|contributor",
    re.I,
)
#: What stands beside a writer's name.
BADGES = re.compile(
    r"guardian pick|editors?['’]? pick|staff|contributor|moderator|admin|author|avatar|verified|subscriber|top"
    r" commenter|•|·|\||-|new|member"
    r"|(?:registered|anonymous)(?: user)?|\((?:registered|anonymous|guest)\)",
    re.I,
)
#: Where the page's foot begins.
FOOT = re.compile(
    r"(?:leave|post|add|write) (?:a|your) (?:comment|reply)|comments are (?:now )?closed.*|(?:load|show|view) more"
    r" comments?|most (?:read|popular|viewed)"
    r"|related (?:stories|articles|links|content)|you must be logged in .*|this discussion is (?:now )?closed.*"
    r"|sign in to comment.*|more on this story",
    re.I,
)


def is_button(line: str) -> bool:
    """Whether a line, stripped, is a button, votes or a number, as many platforms have them around comments."""
    return len(line) < 200 and BUTTONS.fullmatch(line) is not None


def is_badge(line: str) -> bool:
    """Whether a line, stripped, is what stands beside a writer's name on many platforms."""
    return len(line) < 80 and BADGES.fullmatch(line) is not None


def is_foot(line: str) -> bool:
    """Whether a line, stripped, begins what many pages have below their comments."""
    return len(line) < 120 and FOOT.fullmatch(line) is not None
