"""Substack's posts with their comments copied as text: name and "Aug 19, 2023" above, "Like (14)" and buttons below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.draft import Draft
from stance.readers.dumps.furniture import in_a_row
from stance.readers.dumps.lines import is_name, is_time, mentions
from stance.readers.dumps.listed import Platform, read_listed
from stance.readers.source import Source
from stance.thread import Thread

_BUTTON = r"(?:likes?(?: ?\(\d{1,6}\))?|reply(?: ?\(\d{1,6}\))?|share|expand full comment|collapse|\d{1,6}|❤️?|♡)"
_BELOW_POST = re.compile(
    r"thanks for reading .*|subscribe(?: for free.*| now)?|(?:share|like|restack)|\d{1,6}|previous ?next|previous|next"
    r"|discussion about this .{1,20}|comments|leave a comment|share this post.*|.{1,60} is a reader-supported .*",
    re.I,
)


def _begin(source: Source, above: Sequence[str]) -> Draft | None:
    """The title, which the box for sharing shows once more, over a standfirst, the writer's name and the date."""
    told = [line.strip() for line in above]
    date = next((n for n, line in enumerate(told) if n and is_time(line)), None)
    over = [n for n in range(date or 0) if told[n]]
    if date is None or len(over) < 2 or not is_name(told[over[-1]]):
        return None
    heads = [told[n] for n in over[:-1]]
    title = next((line for line in reversed(heads) if heads.count(line) > 1), heads[max(len(heads) - 2, 0)])
    words = told[date + 1 :]
    while words and (not words[0] or _BELOW_POST.fullmatch(words[0])):
        words.pop(0)
    while words and (not words[-1] or _BELOW_POST.fullmatch(words[-1])):
        words.pop()
    return Draft(source, title=title, post="\n".join(words), post_author=told[over[-1]])


_SUBSTACK = Platform(
    marks=re.compile(
        r"likes? ?\(\d{1,6}\)|expand full comment|liked by .{1,60}|discussion about this .{1,20}|ready for more\?"
        r"|restacks|\d{1,4} repl(?:y|ies)(?: by .{1,60})?|start writing|substack is the home for great .*",
        re.I,
    ),
    count=re.compile(r"discussion about this .{1,20}|(?P<n>\d{1,6}) comments", re.I),
    buttons=re.compile(
        rf"{in_a_row(_BUTTON, 7)}|\d{{1,4}} repl(?:y|ies)(?: by .{{1,60}})?|comments|restacks"
        r"|.{1,60}['’]s avatar|write a comment(?:…|\.{3})|pinned|\d{1,4} more (?:comments|replies)(?:…|\.{3})?",
        re.I,
    ),
    badges=re.compile(
        r"author|edited|liked by .{1,60}|pinned|founding member|paid|subscriber|writes .{1,60}|.{1,60}['’]s avatar"
        r"|deleted|·|•",
        re.I,
    ),
    foot=re.compile(r"top|latest|discussions|no posts|ready for more\?|\d{1,4} more comments.*", re.I),
    begin=_begin,
)
_MENTIONS = re.compile(r"substack|expand full comment|liked by|discussion about this", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it does not show Substack's words around its comments."""
    if not mentions(source, _MENTIONS):
        return None
    return read_listed(source, _SUBSTACK, fewest_marks=3)
