"""A local newspaper's article with its readers' comments, copied from the browser as text.

The publishers' pages write the head of a comment in one of these ways (Newsquest before and after 2013, Archant and
Newsquest now, Johnston Press, Northcliffe)::

    NAME, Town says...        7:03pm Tue 12 Mar 13    NAME                          NAME,              by NAME, Town
    7:03pm Tue 12 Mar 13      NAME says...            12th March 2019 7:03 pm       Town DATE          12 March 2013
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.dumps.furniture import in_a_row
from stance.readers.dumps.heads import Gathering, Head, StackedLayout, heads_below_a_count
from stance.readers.dumps.lines import (
    day_first_in,
    is_name,
    is_time,
    lines_of_dump,
    mentions,
    page_time_in,
    split_time,
    text_of_dump,
    time_of,
)
from stance.readers.dumps.post import draft_of, end_of_post
from stance.readers.dumps.stacked_quotes import QuoteSplitter
from stance.readers.source import Source
from stance.thread import Thread

_COUNT = re.compile(
    r"^[ \t]*(?:(?:your |reader )?comments?[ \t]*[(:][ \t]*(?P<n>\d{1,5})[ \t]*\)?|(?P<m>\d{1,5})[ \t]+(?:reader"
    r" )?comments?:?"
    r"|comments? for: .{1,200}|have your say[ \t]*\((?P<k>\d{1,5})\))[ \t]*$",
    re.I,
)
_SAYS = re.compile(r"^[ \t]*(?P<name>\S[^\n]{0,70}?)[ \t]+(?:says|said)[ \t]?(?:\.\.\.|…)[ \t]*$", re.I)
_WROTE = re.compile(r"^[ \t]*(?P<name>\S[^\n]{0,70}?)[ \t]+wrote[ \t]?:[ \t]*$")
_BY = re.compile(r"^[ \t]*by[ \t]+(?P<name>\S[^\n,]{0,50})(?:,[ \t]*(?P<place>[^\n]{1,50}?))?[ \t]*$", re.I)
_NAME_COMMA = re.compile(r"^[ \t]*(?P<name>[^\n,]{1,50}),[ \t]*$")
_SCORE = (
    r"(?:score:?[ \t]*[-+−]?\d{1,5}|[-+−]?\d{1,5}|(?:agree|disagree|like|dislike|recommend(?:ed)?|thumbs? (?:up|down))"
    r"(?:[ \t]*[(:]?[ \t]*\d{1,5}\)?(?: times?)?)?|\d{1,5} (?:likes?|votes?|people like this)"
    r"|rating:?[ \t]*[-+−]?\d{1,5})"
)
_BUTTON = (
    rf"(?:{_SCORE}|report(?: (?:this|abuse|unsuitable|comment))?(?: (?:post|comment))?(?: »)?|quote|reply|share"
    rf"|permalink|edited"
    r"|recommend\? yes \d{1,5} no \d{1,5}|rate this|user id:?[ \t]*\d{1,9}|last updated:?[ \t].{0,30}\d.{0,20}"
    r"|log ?in to (?:reply|comment)|view (?:all )?(?:\d{1,3}"
    r" )?repl(?:y|ies)(?: \(\d+\))?"
    r"|reply to .{1,40}|block|ignore|top commenter|subscriber|staff|follow|↑|↓|▲|▼|👍|👎|❤️?)"
)
_BUTTONS = re.compile(in_a_row(_BUTTON), re.I)
_BADGES = re.compile(
    r"user id:?[ \t]*\d{1,9}|last updated:?.{0,40}|top commenter|subscriber|moderator|staff|\d{1,6} posts?|\(?edited\)?"
    r"|(?:member|joined) since .{1,30}|score:?[ \t]*[-+−]?\d{1,5}|avatar|profile picture.{0,40}|\d{1,4}"
    r"|report(?: this)?(?: post| comment| abuse)?",
    re.I,
)
_FURNITURE = re.compile(
    r"(?:please )?log ?in (?:or register )?to (?:enable comment sorting|comment|add a comment|post).{0,60}|sort"
    r" by.{0,60}|add your comment"
    r"|post (?:a|your) comment|have your say|read all comments?|show (?:all|more) comments?|comments?|be the first to"
    r" comment.{0,60}"
    r"|newest(?: first)?|oldest(?: first)?|most recent|highest rated|best rated|worst rated|you must be logged"
    r" in.{0,80}|view all|sign in"
    r"|promoted (?:content|stories)|comments? (?:are )?(?:now )?open.{0,40}|get involved with the news in your"
    r" community",
    re.I,
)
_END = re.compile(
    r"comments?:? our rules|we want our comments to be .*|comments are (?:now )?closed.*|please report any comments"
    r" that break.*"
    r"|the views expressed in the (?:above )?comments.*|read the (?:house )?rules.*|add your comment|post a comment"
    r"|leave a comment"
    r"|(?:more|most) (?:read|popular|commented).{0,30}|related (?:stories|articles|links)|promoted (?:content|stories)"
    r"|back to top"
    r"|.{0,40}(?:ipso|independent press standards).{0,200}|register for free.*|share article|show more comments?|load"
    r" more(?: comments?)?"
    r"|do you want to comment on this article\?.*|you must be logged in .*|this website and associated newspapers"
    r" adhere.*",
    re.I,
)
_NEWSPAPER = re.compile(
    r"^[ \t]*(?:comments?:? our rules|score:[ \t]*[-+−]?\d{1,5}|report (?:this (?:post|comment)|unsuitable|abuse)(?:"
    r" »)?"
    r"|please log in to enable comment sorting|user id:?[ \t]*\d{1,9}|the views expressed in the (?:above )?comments.*"
    r"|.{0,40}independent press standards.*|we want our comments to be .*)[ \t]*$|^\[quote\]\[p\]\[bold\]",
    re.I | re.M,
)
_SPEECH = re.compile(r"^[“\"](?P<words>.*)[”\"]$", re.S)


_MENTIONS = re.compile(r"\bsa(?:ys|id)\b|\bwrote:|\bscore\b|\breport|\bcomments?\b|user id|\bby ", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where nothing on it is a newspaper's, or no heads of comments are found."""
    if not mentions(source, _MENTIONS):
        return None
    text, lines = text_of_dump(source), lines_of_dump(source)
    counts = [(n, match) for n, line in enumerate(lines) if len(line) < 240 and (match := _COUNT.match(line))]
    marked = _NEWSPAPER.search(text) is not None
    day_first = day_first_in(text)
    day_first = True if day_first is None else day_first  # these are British papers
    page_time = page_time_in(text)

    def heads_below(place: int) -> list[Head]:
        heads = _says_heads(lines, place + 1, day_first) or _by_heads(lines, place + 1, day_first)
        heads = heads or _wrote_heads(lines, place + 1)
        if heads or not marked:
            return heads
        layout = StackedLayout(_is_furniture, _is_badge, has_places=True)
        heads = layout.heads(lines, place + 1, page_time=page_time, day_first=day_first)
        # One name over a date, above all counts, is the article's byline.
        return [] if place < 0 and len(heads) < 2 else heads

    heads, count = heads_below_a_count(counts, heads_below)
    if not heads:
        return None
    above = lines[: end_of_post(lines, [n for n, _ in counts], heads[0].start) if count else heads[0].start]
    end = next((n for n in range(heads[-1].body, len(lines)) if _END.fullmatch(lines[n].strip())), len(lines))
    draft = draft_of(source, _without_rules(above), is_furniture=_is_furniture)
    heads = _numbered(heads, lines)
    splitter = QuoteSplitter(draft, inline=True)
    gathering = Gathering(draft, _words_lines(lines, heads, end), _is_furniture, split=splitter, day_first=day_first)
    gathering.add_all(heads, end)
    numbers = [number for number in count.groups() if number] if count else []
    draft.expect(int(numbers[0]) if numbers else None)
    if any(_PLACED.match(lines[head.start]) for head in heads):
        draft.remark("places shown beside the writers' names are left out")
    return [draft.thread("certain" if count and marked else "likely")]


def _numbered(heads: Sequence[Head], lines: Sequence[str]) -> list[Head]:
    """The heads with the numbers that stand alone above them, where these count up from 1."""
    above = [next((lines[n].strip() for n in range(head.start - 1, -1, -1) if lines[n].strip()), "") for head in heads]
    if [number.rstrip(".") for number in above] != [str(n + 1) for n in range(len(heads))]:
        return list(heads)
    return [head._replace(number=n + 1) for n, head in enumerate(heads)]


_PLACED = re.compile(r"^[ \t]*[^\n,]{2,50},[ \t]*[A-Z]")


def _is_furniture(line: str) -> bool:
    return len(line) < 200 and (_BUTTONS.fullmatch(line) is not None or _FURNITURE.fullmatch(line) is not None)


def _is_badge(line: str) -> bool:
    return _BADGES.fullmatch(line) is not None


def _wrote_heads(lines: Sequence[str], first: int) -> list[Head]:
    """ "NAME, Town wrote:" above the words, and the time with the buttons below them."""
    heads: list[Head] = []
    floor = first
    for n in range(first, len(lines)):
        if not (lines[n].strip() and is_time(lines[n])):
            continue
        closing = next((m for m in range(n + 1, min(n + 4, len(lines))) if lines[m].strip()), None)
        opening = next((m for m in range(floor, n) if lines[m].strip() and not _is_furniture(lines[m].strip())), n)
        match = next((found for m in range(opening, min(opening + 3, n)) if (found := _WROTE.match(lines[m]))), None)
        if closing is not None and match and _is_furniture(lines[closing].strip()):
            start = next(m for m in range(opening, n) if _WROTE.match(lines[m]))
            heads.append(Head(start, start + 1, match["name"].partition(",")[0].strip()))
            floor = n + 1
    return heads if len(heads) > 1 else []


def _says_heads(lines: Sequence[str], first: int, day_first: bool) -> list[Head]:
    """Newsquest's "NAME says...", with the time above or below it."""
    heads: list[Head] = []
    floor = first
    for n in range(first, len(lines)):
        match = _SAYS.match(lines[n]) if len(lines[n]) < 100 else None
        if match is None:
            continue
        above = next((m for m in range(n - 1, max(n - 4, floor - 1), -1) if lines[m].strip()), None)
        below = next((m for m in range(n + 1, min(n + 4, len(lines))) if lines[m].strip()), None)
        name = match["name"].partition(",")[0].strip()
        if below is not None and is_time(lines[below]):
            heads.append(Head(n, below + 1, name, time_of(lines[below], day_first=day_first)))
        elif above is not None and is_time(lines[above]):
            heads.append(Head(above, n + 1, name, time_of(lines[above], day_first=day_first)))
        else:
            continue
        floor = heads[-1].body
    return heads


def _by_heads(lines: Sequence[str], first: int, day_first: bool) -> list[Head]:
    """ "by NAME, Town" over the time, and "NAME," over "Town TIME"; every comment of a page has the same."""
    found: list[Head] = []
    for n in range(first, len(lines)):
        if not lines[n].strip() or len(lines[n]) > 120:
            continue
        by, comma = _BY.match(lines[n]), _NAME_COMMA.match(lines[n])
        match = by or comma
        if match is None or not is_name(match["name"]):
            continue
        below = next((m for m in range(n + 1, min(n + 4, len(lines))) if lines[m].strip()), None)
        if below is None:
            continue
        date = _date_in(lines[below], has_place=by is None)
        if date:
            found.append(Head(n, below + 1, match["name"].strip(), time_of(date, day_first=day_first)))
    return found if len(found) > 1 else []


def _date_in(line: str, *, has_place: bool) -> str | None:
    """The date of a line that holds no more, but perhaps a place before it."""
    if not has_place:
        return line if is_time(line) else None
    parts = split_time(line)
    return parts[1] if parts and len(parts[0]) < 40 else None


def _words_lines(lines: Sequence[str], heads: Sequence[Head], end: int) -> list[str]:
    """The lines without what pages add to the words: the writer's name once more below them, speech marks around."""
    plain = list(lines)
    for head, stop in zip(heads, [*(head.start for head in heads[1:]), end], strict=True):
        told = [n for n in range(head.body, stop) if plain[n].strip() and not _is_furniture(plain[n].strip())]
        if len(told) > 1 and plain[told[-1]].strip().casefold() == (head.name or "").casefold():
            plain[told.pop()] = ""
        speech = _SPEECH.match("\n".join(plain[n].strip() for n in told)) if told else None
        if speech and not re.search(r"[“”\"]", speech["words"]):
            plain[told[0]] = plain[told[0]].lstrip()[1:]
            plain[told[-1]] = plain[told[-1]].rstrip()[:-1]
    return plain


def _without_rules(above: Sequence[str]) -> list[str]:
    """The article, without the paper's rules under it."""
    start = next((n for n, line in enumerate(above) if n and _END.fullmatch(line.strip())), len(above))
    return list(above[:start])
