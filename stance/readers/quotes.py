"""The directly quoted statements of an article, each with its speaker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from stance.thread import Comment, Thread

_OPEN, _CLOSE = '"“„«‘', '"”»’'
_VERB = (
    r"(?:said|says|say|told|added|adds|explained|explains|replied|claimed|claims|warned|warns|insisted|argued|commented"
    r"|stressed|continued|felt|denied|admitted|urged|asked|confirmed|stated|declared|accused|announced|called)"
)
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Dr|Cllr|Councillor|Sir|Dame|Lord|Lady|Professor|Prof|Mayor|Alderman|Rev)\.?"
_NO_NAMES = (
    r"(?:On|In|At|But|And|So|Yesterday|Today|Earlier|Later|Last|Then|When|While|After|Before|As|For|Meanwhile|However"
    r"|Now|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|The|A|An)"
)
_NAME_WORD = rf"(?!{_NO_NAMES}\b)[A-Z][\w'’\-]+"
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
    report = replace(thread.report, remarks=(*thread.report.remarks, note))
    return replace(thread, comments=tuple(comments), report=report)


def _quotations(post: str) -> Iterator[tuple[str | None, str]]:
    """Yield speaker and words of every quotation that is a statement."""
    speaker: str | None = None
    last_named: str | None = None
    full_names: dict[str, str] = {}
    for paragraph in filter(str.strip, post.split("\n")):
        spans = _quoted_spans(paragraph)
        outside = _blank(paragraph, spans)
        for _, person in _people(outside):
            full_names.setdefault(person.split()[-1], person)
        speakers = [(place, _full(name, full_names)) for place, name in _speakers(outside, last_named or speaker)]
        if spans and spans[0][0] > 0 and outside[: spans[0][0]].strip() and not speakers:
            speaker = None  # words before the quotation that name nobody: the one before does not go on
        for start, end in spans:
            speaker = _speaker_of(start, end, speakers) or speaker
            words = paragraph[start:end].strip(_OPEN + _CLOSE + " ").rstrip(",")
            if len(words.split()) >= _SHORTEST:
                yield speaker, words
        named = [_full(person, full_names) for _, person in _people(outside)]
        mentioned = [name for _, name in speakers] or named
        last_named = mentioned[-1] if mentioned else last_named


def _speaker_of(start: int, end: int, speakers: list[tuple[int, str]]) -> str | None:
    """Who is named right behind a quotation, else the last before it, else the first after it in its paragraph."""
    behind = [name for place, name in speakers if end <= place <= end + 3]
    before = [name for place, name in speakers if place < start]
    after = [name for place, name in speakers if place >= end]
    return next(iter([*behind[:1], *before[-1:], *after[:1]]), None)


def _quoted_spans(paragraph: str) -> list[tuple[int, int]]:
    """Start and end of each quotation. One left open runs to the paragraph's end: newspapers reopen it in the next."""
    spans = []
    start, closing = None, ""
    for place, character in enumerate(paragraph):
        before = paragraph[place - 1 : place]
        after = paragraph[place + 1 : place + 2]
        if start is None and character in _OPEN and not before.isalnum():
            start, closing = place, _CLOSE_OF[character]
        elif start is not None and character == closing and not (closing == "’" and after.isalnum()):
            spans.append((start, place + 1))
            start = None
    if start is not None and closing != "’":  # an open ’ may be an apostrophe gone astray
        spans.append((start, len(paragraph)))
    return spans


_CLOSE_OF = {'"': '"', "“": "”", "„": "”", "«": "»", "‘": "’"}


def _blank(paragraph: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        paragraph = paragraph[:start] + " " * (end - start) + paragraph[end:]
    return paragraph


def _speakers(outside: str, last_named: str | None) -> list[tuple[int, str]]:
    """Place and name of everybody who is the subject of a verb of saying, in order.

    A pronoun stands for the one named last; somebody without a name is called as the article does ("A spokesman").
    """
    found: list[tuple[int, str]] = []
    for place, person in _people(outside):
        after = outside[place + len(person) : place + len(person) + 60]
        verb_before = re.search(rf"\b{_VERB}\s*$", outside[max(0, place - 24) : place])
        if verb_before or re.match(rf"(?:,[^.]{{0,50}},)?\s+{_VERB}\b", after):
            start = max(0, place - 24) + verb_before.start() if verb_before else place
            found.append((start, person))
    for match in _NAMELESS.finditer(outside):
        found.append((match.start(), match["who"]))
    for match in _PRONOUN.finditer(outside):
        known = [name for place, name in sorted(found) if place < match.start()]
        who = known[-1] if known else last_named
        if who:
            found.append((match.start(), who))
    return sorted(found)


def _people(outside: str) -> list[tuple[int, str]]:
    """Place and name of the people named, organisations left out."""
    return [
        (match.start(), match.group()) for match in _PERSON.finditer(outside) if not _ORGANISATION.search(match.group())
    ]


_NAMELESS = re.compile(rf"\b(?P<who>(?:A|An|One|The|a|an|one|the) (?:[a-z'’-]+ ){{0,3}}[a-z'’-]+) {_VERB}\b")
_PRONOUN = re.compile(rf"\b(?:[Hh]e|[Ss]he|[Tt]hey) {_VERB}\b|\b{_VERB} (?:he|she|they)\b")
_ORGANISATION = re.compile(
    r"\b(?:Council|Hall|Castle|Hospital|School|Borough|City|County|Street|Road|Union|Meeting|Department|The|North|South|East|West)\b"
)


def _full(person: str, full_names: dict[str, str]) -> str:
    """ "Mr Garnsey" as "Tony Garnsey" where the article has named him in full before."""
    known = full_names.get(person.rsplit(maxsplit=1)[-1], person)
    return known if re.match(rf"{_TITLE} ", person) else person
