"""Comments of MailOnline and pages like it as text: name, place and "5 hours ago" above, votes and buttons below.

The parts of the head stand on one line, with commas, or on a line each. Before 2011 they stood below the words::

    - Ann, Hull, UK, 12/3/2010 9:12
"""

from __future__ import annotations

import re

from stance.readers.dumps.furniture import in_a_row
from stance.readers.dumps.heads import Gathering, Head
from stance.readers.dumps.lines import day_first_in, is_time, lines_of_dump, mentions, text_of_dump, time_of
from stance.readers.dumps.listed import Platform, read_listed
from stance.readers.dumps.post import draft_of
from stance.readers.source import Source
from stance.thread import Thread

_BUTTON = (
    r"(?:[-+−]?\d{1,6}|click to rate|rating[ \t]*[-+−]?\(?\d{0,5}\)?|report abuse|reply|replies"
    r"|new(?: comment)?|share|like|dislike"
    r"|up|down|↑|↓|▲|▼|👍|👎"
    r"|(?:view|show|hide)(?: all)?(?: \d{1,4})? repl(?:y|ies)(?: \(\d{1,4}\))?|report|upvote|downvote|vote (?:up"
    r"|down)"
    r"|rate this comment|this comment has been (?:up|down)voted|follow|bookmark|copy link to paste in your message)"
)
_MAIL = Platform(
    marks=re.compile(
        r"click to rate.{0,30}|(?:view|hide)(?: all)?(?: \d{1,4})? repl(?:y|ies) ?\(\d{1,4}\)|share what you think"
        r"|(?:best|worst) rated"
        r"|the comments below have (?:not )?been moderated.*|the views expressed in the contents above are those of"
        r" our users.*"
        r"|rating[ \t]*[-+−]?\(?\d{1,5}\)?|report abuse|who is this week's top commenter\?.*|add your comments?"
        r"|.{3,120}, \d{1,3} (?:hours?|minutes?|days?) ago",
        re.I,
    ),
    count=re.compile(
        r"(?:comments?|readers' comments)[ \t]*[(:]?[ \t]*(?P<n>\d[\d,.]{0,6})[ \t]*\)?"
        r"|(?P<m>\d[\d,.]{0,6})[ \t]+(?:view )?comments?",
        re.I,
    ),
    buttons=re.compile(
        rf"{in_a_row(_BUTTON)}|share what you think|newest|oldest|(?:best|worst) rated|view all|add"
        rf" (?:your )?comments?"
        r"|the comments below have (?:not )?been moderated.*|sort by.*|comments?|load more|debate this story live.*"
        r"|here['’]s what (?:other )?readers .{1,160}"
        r"|.{0,30}top commenter.{0,80}",
        re.I,
    ),
    badges=re.compile(r"new|top commenter|verified|subscriber|moderator|avatar|edited|,", re.I),
    foot=re.compile(
        r"the views expressed in the contents above are those of our users.*|we are no longer accepting comments.*|add"
        r" (?:your )?comments?"
        r"|sorry we are (?:not currently|no longer) accepting comments.*|share or comment on this article.*|post"
        r" comments? to facebook.*"
        r"|by posting your comment you agree .*|more top stories|load more(?: comments)?|femail today|.{0,20}most"
        r" watched.{0,40}",
        re.I,
    ),
    has_places=True,
    day_first=True,
)
_SIGNED = re.compile(
    r"[-–—][ \t]*(?P<name>[^\n,]{1,50}),(?:[^\n]{1,90}?,)?[ \t]*(?P<date>\d{1,2}/\d{1,2}/\d{4}[^\n]{0,12})"
)


_MENTIONS = re.compile(
    r"click to rate|report abuse|(?:best|worst) rated|share what you think|replies|\bago\b|\brating\b", re.I
)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it shows none of the site's buttons."""
    if not mentions(source, _MENTIONS):
        return None
    return _read_signed(source) or read_listed(source, _MAIL, fewest_marks=2)


def _read_signed(source: Source) -> list[Thread] | None:
    """Comments signed below their words."""
    lines = lines_of_dump(source)
    if not any(_MAIL.marks.fullmatch(line.strip()) for line in lines if 0 < len(line) < 200):
        return None
    day_first = day_first_in(text_of_dump(source)) is not False
    counts = [n for n, line in enumerate(lines) if len(line) < 120 and _MAIL.count.fullmatch(line.strip())]
    tops = [n for n, line in enumerate(lines) if 0 < len(line) < 200 and _MAIL.buttons.fullmatch(line.strip())]
    first_signed = next(
        (n for n, line in enumerate(lines) if len(line) < 200 and _SIGNED.fullmatch(line.strip())), None
    )
    top = max((n for n in [*counts, *tops] if first_signed is not None and n < first_signed), default=None)
    if first_signed is None or top is None:
        return None
    heads: list[Head] = []
    plain = list(lines)
    start = top + 1
    for n in range(start, len(lines)):
        match = _SIGNED.fullmatch(lines[n].strip()) if len(lines[n]) < 200 else None
        if match and is_time(match["date"]):
            heads.append(Head(start, start, match["name"].strip(), time_of(match["date"], day_first=day_first)))
            plain[n] = ""
            start = n + 1
    announced = next((match for n in counts if (match := _MAIL.count.fullmatch(lines[n].strip()))), None)
    while top > 0 and (not lines[top - 1].strip() or _MAIL.is_furniture(lines[top - 1].strip())):
        top -= 1
    above = [line for n, line in enumerate(lines[:top]) if n not in counts]
    draft = draft_of(source, above, is_furniture=_MAIL.is_furniture)
    Gathering(draft, plain, _MAIL.is_furniture, day_first=day_first).add_all(heads, start)
    draft.expect(int(re.sub(r"\D", "", announced["n"] or announced["m"])) if announced else None)
    return [draft.thread("certain" if announced else "likely")]
