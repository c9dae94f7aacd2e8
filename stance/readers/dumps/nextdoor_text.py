"""A Nextdoor post with its comments copied as text: name, bullet and neighbourhood above the words, the time below.

::

    Ann S.                 Ann S. • Mill Lane
    •                      I do not agree.
    Mill Lane              3 days ago  Like  Reply  Share
    I do not agree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.draft import Draft
from stance.readers.dumps.furniture import in_a_row
from stance.readers.dumps.heads import Gathering, Head
from stance.readers.dumps.lines import is_name, is_time, lines_of_dump, mentions
from stance.readers.source import Source
from stance.thread import Thread

_BULLETS = "•·"
_JOINED = re.compile(r"(?P<name>[^\s•·][^•·]{1,40}?)[ \t]+[•·][ \t]+(?P<place>[^\s•·][^•·]{1,50}?)")
_BADGE = re.compile(r"author|neighborhood lead|review team|verified|public agency|business|new neighbor", re.I)
_BUTTON = (
    r"(?:like|reply|share|comment|edited|see (?:more|less)|thank|haha|agree|sad|wow|\d{1,5}"
    r"|(?:view|see|hide) (?:all )?\d{0,4} ?(?:previous |more )?(?:repl(?:y|ies)|comments?))"
)
_FURNITURE = re.compile(in_a_row(_BUTTON, 7), re.I)
_COUNT = re.compile(r"(?P<n>\d{1,5}) comments?", re.I)
_FOOT = re.compile(
    r"add a comment(?:…|\.{3})?|nearby neighbo(?:u)?rhoods|popular (?:posts|nearby).*|join nextdoor.*", re.I
)
_MENTIONS = re.compile(r"nextdoor", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where no names stand beside neighbourhoods."""
    if not mentions(source, _MENTIONS):
        return None
    lines = lines_of_dump(source)
    count = next((n for n, line in enumerate(lines) if _COUNT.fullmatch(line.strip())), None)
    heads: list[Head] = []
    for n in range(0 if count is None else count + 1, len(lines)):
        head = _head(lines, n, heads[-1].body if heads else 0)
        if head:
            heads.append(head)
    if len(heads) < 2 and (count is None or not heads):
        return None
    end = next((n for n in range(heads[-1].body, len(lines)) if _FOOT.fullmatch(lines[n].strip())), len(lines))
    draft = _draft(source, lines[: heads[0].start if count is None else count])
    Gathering(draft, lines, _is_furniture).add_all(heads, end)
    told = _COUNT.fullmatch(lines[count].strip()) if count is not None else None
    draft.expect(int(told["n"]) if told else None)
    return [draft.thread("certain" if told else "likely")]


def _head(lines: Sequence[str], n: int, floor: int) -> Head | None:
    """The head whose bullet stands on a line, alone between name and place or on one line with them."""
    line = lines[n].strip()
    joined = _JOINED.fullmatch(line) if len(line) < 110 else None
    if joined and is_name(joined["name"]) and not is_time(joined["place"]) and not _is_furniture(joined["name"]):
        return Head(n, n + 1, joined["name"].strip())
    if line not in _BULLETS or not line:
        return None
    above = [m for m in range(n - 1, max(floor - 1, n - 6), -1) if lines[m].strip()]
    badges = [m for m in above if _BADGE.fullmatch(lines[m].strip())]
    names = [m for m in above if m not in badges]
    below = next((m for m in range(n + 1, min(n + 3, len(lines))) if lines[m].strip()), None)
    if not names or below is None or is_time(lines[below]) or not is_name(lines[names[0]].strip()):
        return None
    name, place = lines[names[0]].strip(), lines[below].strip()
    if _is_furniture(name) or _is_furniture(place) or not is_name(place) or place in _BULLETS:
        return None
    by_author = any(lines[m].strip().casefold() == "author" for m in badges if m > names[0])
    return Head(names[0], below + 1, name, is_post_author=by_author)


def _is_furniture(line: str) -> bool:
    return len(line) < 120 and _FURNITURE.fullmatch(line) is not None


def _draft(source: Source, above: Sequence[str]) -> Draft:
    """The post, which has no title: name, neighbourhood, time, words."""
    told = [line.strip() for line in above]
    stamp = next((n for n, line in enumerate(told) if n and is_time(line.strip(" •·"))), None)
    over = [line for line in told[: stamp or 0] if line.strip(_BULLETS + " ") and not _BADGE.fullmatch(line)]
    words = told[(stamp or -1) + 1 :]
    while words and (not words[0] or _is_furniture(words[0])):
        words.pop(0)
    while words and (not words[-1] or _is_furniture(words[-1])):
        words.pop()
    joined = _JOINED.fullmatch(over[-1]) if over else None
    author = joined["name"] if joined else over[-2] if len(over) > 1 else None
    return Draft(source, post="\n".join(words), post_author=author if author and is_name(author) else None)
