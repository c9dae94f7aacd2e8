"""The directly quoted statements of an article, each with its speaker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from stance.thread import Comment, Thread

_OPEN, _CLOSE = '"“„«', '"”»'
_VERB = (
    r"(?:said|says|say|told|added|adds|explained|explains|replied|claimed|claims|warned|warns|insisted|argued|commented"
    r"|stressed|continued|felt|denied|admitted|urged|asked|confirmed|stated|declared|accused|announced|called)"
)
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Dr|Cllr|Councillor|Sir|Dame|Lord|Lady|Professor|Prof|Mayor|Alderman|Rev)\.?"
_NAME_WORD = r"[A-Z][\w'’\-]+"
_PERSON = re.compile(
    rf"(?:{_TITLE} (?:{_NAME_WORD}(?: {_NAME_WORD}){{0,2}})|{_NAME_WORD} {_NAME_WORD}(?: {_NAME_WORD})?)"
)
_SHORTEST = 5  # words; below that a quotation is a term ("ring-fencing"), not a statement


def quoted_statements(thread: Thread) -> Thread:
    """The thread with the statements quoted in its post as its comments, in order.

    The author is the person named as speaker nearest to the words, or None. Who says a thing does not decide
    whose side it takes.
    """
    comments = [
        Comment(id=f"q{number}", text=words, author=speaker)
        for number, (speaker, words) in enumerate(_quotations(thread.post), 1)
    ]
    note = f"{len(comments)} quoted statements of the article stand in place of comments"
    return replace(thread, comments=tuple(comments), notes=(*thread.notes, note))


def _quotations(post: str) -> Iterator[tuple[str | None, str]]:
    """Yield speaker and words of every quotation that is a statement."""
    last_named: str | None = None
    speaker: str | None = None
    full_names: dict[str, str] = {}
    for paragraph in filter(str.strip, post.split("\n")):
        spans = _quoted_spans(paragraph)
        outside = _blank(paragraph, spans)
        for person in _people(outside):
            full_names.setdefault(person.split()[-1], person)
        named = [_full(match, full_names) for match in _speakers(outside)]
        people = [_full(person, full_names) for person in _people(outside)]
        # A paragraph that only goes on quoting keeps its speaker; any word outside the marks may change it.
        if named:
            speaker = named[0]
        elif people:
            speaker = people[0]
        elif re.search(rf"\b(?:he|she|they) {_VERB}\b", outside):
            speaker = last_named or speaker
        if named or people:
            last_named = (named or people)[-1]
        for start, end in spans:
            words = paragraph[start:end].strip(_OPEN + _CLOSE + " ").rstrip(",")
            if len(words.split()) >= _SHORTEST:
                yield speaker, words


def _quoted_spans(paragraph: str) -> list[tuple[int, int]]:
    """Start and end of each quotation. One left open runs to the paragraph's end: newspapers reopen it in the next."""
    spans = []
    start = None
    for place, character in enumerate(paragraph):
        opens = character in _OPEN and (place == 0 or not paragraph[place - 1].isalnum()) and character != "”"
        if start is None and opens:
            start = place
        elif start is not None and character in _CLOSE:
            spans.append((start, place + 1))
            start = None
    if start is not None:
        spans.append((start, len(paragraph)))
    return spans


def _blank(paragraph: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        paragraph = paragraph[:start] + " " * (end - start) + paragraph[end:]
    return paragraph


def _speakers(outside: str) -> list[str]:
    """People who are the subject of a verb of saying, on either side of it."""
    found = []
    for match in re.finditer(_PERSON.pattern, outside):
        before, after = outside[max(0, match.start() - 24) : match.start()], outside[match.end() : match.end() + 60]
        if re.match(rf"(?:,[^.]{{0,50}},)?\s+{_VERB}\b", after) or re.search(rf"\b{_VERB}\s*$", before):
            found.append(match.group())
    return found


def _people(outside: str) -> list[str]:
    return [m.group() for m in _PERSON.finditer(outside) if not _ORGANISATION.search(m.group())]


_ORGANISATION = re.compile(
    r"\b(?:Council|Hall|Castle|Borough|City|County|Street|Road|Union|Meeting|Department|The|North|South|East|West)\b"
)


def _full(person: str, full_names: dict[str, str]) -> str:
    """ "Mr Garnsey" as "Tony Garnsey" where the article has named him in full before."""
    known = full_names.get(person.rsplit(maxsplit=1)[-1], person)
    return known if re.match(rf"{_TITLE} ", person) else person
