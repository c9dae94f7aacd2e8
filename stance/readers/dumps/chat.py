"""A chat's export or copy as text: WhatsApp, Telegram, Discord, Zoom, IRC; each message's line says who wrote when.

::

    [12/03/2014, 18:22:10] Ann: words          Ann, [12.03.14 18:22]      18:22:10 From Ann to Everyone:
    12/03/2014, 18:22 - Ann: words             words                         words
    Ann — 12/03/2014 18:22                     [18:22] <ann> words        Ann  6:22 PM
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from stance.readers.dates import Moment
from stance.readers.draft import Draft
from stance.readers.dumps.heads import gone
from stance.readers.dumps.lines import day_first_in, dedented, lines_of_dump, text_of_dump, time_of
from stance.readers.source import Source
from stance.thread import Thread

_MARK = r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]*"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}"
_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[ \u202f]?[ap]\.?[ ]?m\.?)?"
_LINES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"{_MARK}\[(?P<date>{_DATE})[, ]{{1,2}}(?P<clock>{_CLOCK})\][ ]{_MARK}(?P<rest>.*)",  # WhatsApp on iOS
        # WhatsApp on Android, Telegram, Zoom, IRC, Discord
        rf"{_MARK}(?P<date>{_DATE}),?[ ](?:at[ ])?(?P<clock>{_CLOCK})[ ]?-[ ]{_MARK}(?P<rest>.*)",
        rf"(?P<name>[^\[\]\n]{{1,60}}?),[ ]\[(?P<date>{_DATE}|\d{{1,2}} [A-Z][a-z]{{2,8}} \d{{4}}|[A-Z][a-z]{{2,8}}"
        rf" \d{{1,2}}, \d{{4}})(?:,| at)?[ ](?P<clock>{_CLOCK})\]:?[ ]?(?P<words>.*)",
        rf"(?:(?P<date>{_DATE})[ ])?(?P<clock>{_CLOCK})[ \t]+From[ \t]+(?P<name>[^\n:]{{1,60}}?)"
        rf"(?:[ \t]+to[ \t]+[^\n:]{{1,60}}?)?[ \t]?:[ \t]?(?P<words>.*)",
        rf"\[?(?:(?P<date>{_DATE}"
        rf"|\d{{4}}-\d\d-\d\d)[ T])?(?P<clock>{_CLOCK})\]?[ ]<[ @+%&~]?(?P<name>[^>\n]{{1,40}})>[ ](?P<words>.*)",
        rf"(?P<name>[^\n\[\]:]{{1,50}}?)[ ](?:—|–)[ ](?P<date>{_DATE}|today at|yesterday"
        rf" at),?[ ](?P<clock>{_CLOCK})(?P<words>)",
    )
)
_SPOKEN = re.compile(r"(?P<name>[^:\n]{1,60}?):[ ](?P<words>.*)|(?P<name2>[^:\n]{1,60}?):", re.S)
_MEDIA = re.compile(
    r"<(?:media|attached|image|video|audio)[^>]{0,80}>|(?:image|video|audio|sticker|gif|document|contact card|ptt)"
    r" omitted|.{1,80} \(file attached\)|\[?(?:photo|video|sticker|voice message|file)\]?"
    r"|(?:missed|silenced) (?:voice|video) call.*|location: https?://\S+|poll:.*|null",
    re.I,
)
_DELETED = re.compile(
    r"(?:this message was deleted|you deleted this message|message deleted)(?: by (?:admin )?.{1,40})?\.?"
    r"|diese nachricht wurde gelöscht\.?|(?:se )?eliminó este mensaje\.?|ce message a été supprimé\.?"
    r"|(?:esta )?mensagem (?:foi )?apagada\.?|questo messaggio è stato eliminato\.?|dit bericht is verwijderd\.?",
    re.I,
)
_EDITED = re.compile(rf"[ ]?{_MARK}<this message was edited>|[ ]?\u200e<[^<>\n]{{5,60}}>$|[ ]\(edited\)$", re.I)
_ENCRYPTED = re.compile(r"end-to-end|ende-zu-ende|extremo a extremo|bout en bout|ponta a ponta", re.I)
_ANSWERS = re.compile(r"\[in reply to (?P<name>[^\]\n]{1,60})\][ ]?\n", re.I)
_SYSTEM = re.compile(
    r"messages and calls are end-to-end encrypted.*|.{1,60} (?:joined|left|added|removed|created|changed|was added"
    r"|pinned|is now an admin|turned (?:on|off))\b.*|you (?:were|are) .*|\*{3} .*",
    re.I,
)
# "3/4/24 9:15 PM", unpadded, with two digits of the year and capitals: so phones set to American English write it.
_AMERICAN = re.compile(r"\d{1,2}/\d{1,2}/\d{2}[ ]\d{1,2}:\d{2}(?::\d{2})?[ ][AP]M")
_FEWEST = 3
_TOP = 200  # lines in which a chat shows itself


class _Message(NamedTuple):
    start: int
    date: str
    name: str | None
    words: str


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where fewer than three messages, or too few of its lines, are a chat's."""
    lines = lines_of_dump(source)
    top = [line for line in lines[:_TOP] if line.strip()]
    pattern = next((pattern for pattern in _LINES if len(_messages(top, pattern)) >= _FEWEST), None)
    if pattern is None:
        return None
    messages = _messages(lines, pattern)
    before = [line for line in lines[: messages[0].start] if line.strip()]
    if len(before) > len(messages) or sum(message.name is not None for message in messages) < 2:
        return None
    day_first = _day_first([message.date for message in messages], text_of_dump(source))
    draft = Draft(source, title=before[0] if before else "", post="\n".join(before[1:]))
    for message, stop in zip(messages, [*(message.start for message in messages[1:]), len(lines)], strict=True):
        _add(draft, message, lines[message.start + 1 : stop], day_first)
    return [draft.thread("certain")] if draft.comments else None


def _messages(lines: Sequence[str], pattern: re.Pattern[str]) -> list[_Message]:
    found = []
    for n, line in enumerate(lines):
        match = pattern.fullmatch(line.strip()) if 6 < len(line) < 20_000 else None
        if match is None:
            continue
        parts = match.groupdict()
        date = f"{parts['date'] or ''} {parts['clock']}".replace("\u202f", " ").strip()
        if "rest" not in parts:
            found.append(_Message(n, date, parts["name"].strip(), parts["words"]))
            continue
        spoken = None if _SYSTEM.fullmatch(parts["rest"].partition(": ")[0]) else _SPOKEN.fullmatch(parts["rest"])
        if spoken:
            found.append(_Message(n, date, (spoken["name"] or spoken["name2"]).strip(), spoken["words"] or ""))
        else:
            found.append(_Message(n, date, None, parts["rest"]))
    return found


def _add(draft: Draft, message: _Message, below: Sequence[str], day_first: bool | None) -> None:
    words = _EDITED.sub("", dedented([message.words, *below]))
    answers = _ANSWERS.match(words)
    words = words[answers.end() :] if answers else words
    plain = re.sub(_MARK, "", words).strip()
    is_marked = re.match("[\u200e\u200f]", message.words) is not None  # WhatsApp's own words, in any language
    if message.name is None or (is_marked and (_SYSTEM.fullmatch(plain) or _ENCRYPTED.search(plain))):
        draft.drop("system message")
    elif _DELETED.fullmatch(plain) or gone(plain):
        draft.drop("deleted")
    elif is_marked or _MEDIA.fullmatch(plain):
        draft.drop("media")
    elif not plain:
        draft.drop("without words")
    else:
        name = re.sub(_MARK, "", message.name).removeprefix("~").strip()
        earlier = reversed(draft.comments) if answers else ()
        parent = next((comment.id for comment in earlier if answers and comment.author == answers["name"]), None)
        draft.add(words, author=name, time=_time(message.date, day_first), parent_id=parent)


def _time(date: str, day_first: bool | None) -> Moment | None:
    return time_of(date, day_first=day_first)


def _day_first(dates: Sequence[str], text: str) -> bool | None:
    """Whether days come before months: as a date over 12 tells, or as the messages come in order of time."""
    shown = day_first_in(text)
    if shown is not None:
        return shown
    if all(_AMERICAN.fullmatch(date) for date in dates):
        return False
    in_order = [order for order in (True, False) if _rises([_time(date, order) for date in dates])]
    return in_order[0] if len(in_order) == 1 else None


def _rises(moments: Sequence[Moment | None]) -> bool:
    times = [moment.time for moment in moments if moment]
    return len(times) > 1 and all(first <= second for first, second in pairwise(times))
