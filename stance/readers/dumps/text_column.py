"""A paper's column of text messages: a line each, the name behind the words.

``Y shud they start at 4? Back them all the way. Gaz, Hessle Rd``, or `` - Gaz, Hessle Rd``; a bullet or ``TXT:`` before
each, or nothing. Read only where the page says where texts are sent to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from stance.readers.draft import Draft
from stance.readers.dumps.lines import lines_of_dump, mentions, text_of_dump
from stance.readers.dumps.post import read_above
from stance.readers.source import Source
from stance.thread import Thread

_SENT_TO = re.compile(r"\b(?:te?xt|txt|sms)\b[^\n]{0,80}?\b\d[\d ]{2,14}\d\d\b", re.I)
_HEAD = 1500  # characters in which a page says so
_BULLET = re.compile(r"(?P<mark>[*•·►>+-]|TXT:|TEXT:|SMS:)[ \t]+")
_BEHIND_DASH = re.compile(r"(?P<words>.*\S)[ \t]+[-–—][ \t]*(?P<name>[^-–—]{1,80})")
_BEHIND_SENTENCE = re.compile(
    r"(?P<words>.*[.?!…)\"”])[ \t]+(?P<name>[^.?!…\"”]{1,40}|(?:[A-Z]\.[ ]?){1,3}|[^.?!…\"”]{1,30} [A-Z]\.?)"
)
_SENTENCE_ENDS = re.compile(r"(?<!\b[A-Z])[.?!…][ \t]+\S")
_WORDS_OF_A_NAME = 6
_SHORTEST = 12  # characters of a message without a name
_FEWEST = 5
_MOST_SIGNED = 0.6  # share of the messages


class _Message(NamedTuple):
    """A line that may be a message.

    :param mark: What stands before it: a bullet, or nothing.
    """

    line: int
    mark: str
    words: str
    name: str | None


def read(source: Source) -> list[Thread] | None:
    """Read the column; None where a page does not say where texts are sent to, or few lines end with a name."""
    if not mentions(source, _SENT_TO) or not _SENT_TO.search(text_of_dump(source)[:_HEAD]):
        return None
    lines = [line.strip() for line in lines_of_dump(source)]
    messages = _longest_run(
        [_message(n, line) if line and not _SENT_TO.search(line) else None for n, line in enumerate(lines)]
    )
    n_signed = sum(message.name is not None for message in messages)
    if n_signed < _FEWEST or n_signed < _MOST_SIGNED * len(messages):
        return None
    told = read_above([line for line in lines[: messages[0].line] if not _SENT_TO.search(line)])
    title, post = told.title, told.post
    if not title:  # a heading alone
        title, _, post = post.partition("\n")
    draft = Draft(source, title=title, post=post, post_author=told.author, url=told.url)
    for message in messages:
        draft.add(message.words, author=_person(message.name) if message.name else None)
    draft.remark("places beside the names are left out")
    return [draft.thread("likely")]


def _message(n: int, line: str) -> _Message:
    bullet = _BULLET.match(line)
    mark, rest = (bullet["mark"], line[bullet.end() :]) if bullet else ("", line)
    signed = _BEHIND_DASH.fullmatch(rest)
    if signed is None or _SENTENCE_ENDS.search(signed["name"]):
        signed = _BEHIND_SENTENCE.fullmatch(rest)
    if signed and len(_person(signed["name"]).split()) <= _WORDS_OF_A_NAME and "%" not in signed["name"]:
        return _Message(n, mark, signed["words"].strip(), signed["name"].strip())
    return _Message(n, mark, rest, None)


def _longest_run(rows: Sequence[_Message | None]) -> list[_Message]:
    """Messages one below the other: those with a mark where most have the same, else from a name to a name."""
    found = [row for row in rows if row]
    marks = Counter(row.mark for row in found if row.mark and row.name)
    mark, n = marks.most_common(1)[0] if marks else ("", 0)
    if n >= _FEWEST:
        return [row for row in found if row.mark == mark]
    runs: list[list[_Message]] = [[]]
    for row in found:
        if row.name or (len(row.words) >= _SHORTEST and row.words[-1] in ".?!…"):
            runs[-1].append(row)
        else:
            runs.append([])
    run = max(runs, key=lambda run: sum(row.name is not None for row in run))
    places = [n for n, row in enumerate(run) if row.name]
    return run[places[0] : places[-1] + 1] if places else []


def _person(name: str) -> str:
    """The name alone: "Gaz" of "Gaz, Hessle Rd" or "Gaz (on behalf of many)"."""
    return re.sub(r"[ \t]*\([^)]{1,60}[ ][^)]{1,60}\)$", "", name.partition(",")[0]).strip()
