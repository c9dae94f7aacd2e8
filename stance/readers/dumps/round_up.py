"""A "have your say" round-up as text: what readers said, each under a name: ``Ann Smith, Hull: "I think..."``.

Newspapers open the quotation anew in each paragraph and close it in the last. Some pages put the name below the words,
or "said" behind it; then only where the page says that these are its readers' voices.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from stance.readers.draft import Draft
from stance.readers.dumps.lines import is_name, lines_of_dump, mentions, text_of_dump
from stance.readers.dumps.post import read_above
from stance.readers.source import Source
from stance.thread import Thread

_OPEN, _CLOSE = "“\"‘'«„", "”\"’'»“"
_ENTRY = re.compile(
    r"(?:[-•*–—][ \t]{1,9})?(?P<bold>\*{2}"
    r"|__)?(?P<name>@?[^\s:“\"*_][^:“\"*\n]{0,58}?)(?P<verb>[ \t]{1,3}(?:(?:simply|also|just"
    r"|later|then|only)[ ])?(?:said|says"
    r"|wrote|writes|posted|commented|added|tweeted|asked|replied"
    r"|told us|thinks|responded|argued|agreed|joked))?[ \t]{0,3}(?:\*{2}|__)?[ \t]{0,3}:[ \t]{0,9}(?:\*{2}"
    r"|__)?[ \t]{0,9}(?P<words>\S.*)"
)
# "Ann Smith disagreed with the strike. She said: ..."
_RETOLD = re.compile(
    r"(?P<name>[A-ZÀ-Þ][\w'’.-]{1,20}(?: [A-ZÀ-Þ][\w'’.-]{0,20}){1,3}),? [a-z][^.!?“\"]{2,120}\. (?P<verb>(?:He|She"
    r"|They)"
    r" (?:said|says|wrote|added|commented|replied|told us|asked)): ?(?P<words>[“\"‘'].+)"
)
_SIGNED = re.compile(r"[“\"‘](?P<words>.{3,}?)[”\"’][ \t]*[—–-]{1,2}[ \t]*(?P<name>[^\n“\"]{2,80})")
_SIGNATURE = re.compile(r"[—–-]{1,2}[ \t]*(?P<name>[A-Z@][^\n“\".]{1,79}?)\.?")
_VOICES = re.compile(
    r"\b(?:readers?|have your say|your (?:say|views|comments|reactions?|letters|thoughts)|facebook|twitter|social"
    r" media|commenters?|commented|users|followers|you said|you told us"
    r"|what you (?:said|think|had to say)|vox pop|e-?mail(?:ed|s)?|here(?: are|'s|’s| is) (?:what|some|a selection)|we"
    r" asked|reaction|respon(?:ses|ded)|residents|shoppers|passers-?by|on the street)\b",
    re.I,
)
_NO_NAMES = re.compile(
    r"(?:date|time|venue|present|apologies|note|notes|ps|update|updated|published|source|url|photo|picture|image|video"
    r"|tel|phone|email|fax|from|to|subject|re|cc|more|related|read more"
    r"|see also|tags?|labels?|categor(?:y|ies)|posted|by|share|comments?|contact|website|warning|example|question"
    r"|answer|q|a|fact|fiction|pros?|cons?|http|https|title|author|topic)\b",
    re.I,
)
# What a paper says of a reader before the name: "Student Kofi Mensah".
_CALLING = re.compile(
    r"(?:(?:Retired|Former|Local|Fellow) )?(?:[Ss]tudent|[Pp]ensioner|[Ss]hopper|[Rr]esident|[Cc]ommuter|[Pp]assenger"
    r"|[Tt]eacher|[Nn]urse|[Dd]river|[Mm]um(?:-of-\w+)?|[Dd]ad(?:-of-\w+)?|[Mm]other(?:-of-\w+)?|[Ff]ather(?:-of-\w+)?"
    r"|[Tt]rader|[Ss]hopkeeper|[Ww]orker|[Rr]eader|[Gg]randmother|[Gg]randfather) (?=[A-Z][\w'’-]+ [A-Z])"
)
_FEWEST = 3


@dataclass
class _Voice:
    """One reader's words, while they are gathered."""

    name: str
    has_verb: bool
    is_quoted: bool
    paragraphs: list[str] = field(default_factory=list)


_MENTIONS = re.compile(r"[“\x22‘]|\*\*|: ", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it is not mostly what readers said, each under their name."""
    if not mentions(source, _MENTIONS):
        return None
    lines = [line.strip() for line in lines_of_dump(source)]
    text = text_of_dump(source)
    voices, first, n_others = _voices(lines)
    if len(voices) < _FEWEST or len({voice.name for voice in voices}) < 2:
        voices, first, n_others = _signed(lines)
        if len(voices) < _FEWEST:
            return None
    says_so = _VOICES.search(text[:2000]) is not None
    quoted = sum(voice.is_quoted or "," in voice.name for voice in voices)
    if n_others > len(voices) // 3 or quoted < 0.7 * len(voices):
        return None
    if any(voice.has_verb for voice in voices) and not says_so:
        return None
    told = read_above(lines[:first])
    draft = Draft(source, title=told.title, post=told.post, post_author=told.author, url=told.url)
    for remark in told.remarks:
        draft.remark(remark)
    for voice in voices:
        draft.add("\n\n".join(voice.paragraphs), author=_person(voice.name))
    if any("," in voice.name for voice in voices):
        draft.remark("places beside the names are left out")
    if n_others:
        draft.doubt(f"{n_others} paragraphs between the readers' words are the page's own, and left out")
    return [draft.thread("likely")]


def _person(name: str) -> str:
    """The name alone, without place, age or platform: "Ann Smith" of "Ann Smith, 43, Hull"."""
    name = re.sub(
        r"[ \t]+(?:via|on|by)[ \t]+(?:facebook|twitter|x|e-?mail|text|instagram|our .{2,20})$", "", name, flags=re.I
    )
    name = re.sub(r"[ \t]+(?:from|of|in)[ \t]+(?=[A-Z]).{2,40}$", "", name)
    name = re.sub(r"[ \t]*\([^)]{1,40}\)$", "", name.partition(",")[0]).strip(" *_")
    inner = re.fullmatch(r"['‘\"“](.+)['’\"”]", name)
    return inner[1] if inner else _CALLING.sub("", name)


def _voices(lines: Sequence[str]) -> tuple[list[_Voice], int, int]:
    """The voices under names before their words, the first's line, and how many other paragraphs there are."""
    voices: list[_Voice] = []
    first = n_others = pending = 0
    is_open = False
    for n, line in enumerate(lines):
        if not line:
            continue
        match = _entry(line)
        if match:
            name, words = match["name"].strip(), match["words"].strip()
            voices.append(_Voice(name, match["verb"] is not None, words[0] in _OPEN))
            first = n if len(voices) == 1 else first
            is_open = voices[-1].is_quoted and not _closes(words)
            if voices[-1].is_quoted and not is_open and not _is_closed_at_end(words):
                voices.pop()  # the page tells on behind the quotation
                n_others += 1
                continue
            voices[-1].paragraphs.append(_bare(words) if voices[-1].is_quoted else words)
            n_others, pending = n_others + pending, 0
        elif voices and (is_open or (voices[-1].is_quoted and line[0] in '“"')):
            voices[-1].paragraphs.append(_bare(line))
            is_open = not _closes(line)
        elif voices and len(line) > 60:
            pending += 1  # what follows the last voice is the page's foot
    return voices, first, n_others


def _signed(lines: Sequence[str]) -> tuple[list[_Voice], int, int]:
    """The voices whose names stand below or behind their words."""
    voices: list[_Voice] = []
    first = n_others = 0
    open_from: int | None = None
    for n, line in enumerate(lines):
        if not line:
            continue
        whole, below = _SIGNED.fullmatch(line), _SIGNATURE.fullmatch(line)
        if whole and is_name(whole["name"].partition(",")[0]):
            voices.append(_Voice(whole["name"], False, True, [whole["words"].strip()]))
            first = first or n
            open_from = None
        elif below and open_from is not None and is_name(below["name"].partition(",")[0]):
            said = [_bare(other) for other in lines[open_from:n] if other]
            voices.append(_Voice(below["name"], False, True, said))
            first = first or open_from
            open_from = None
        elif line[0] in '“"' and open_from is None:
            open_from = n
        elif open_from is None and voices and len(line) > 60:
            n_others += 1
    return voices, first, n_others


def _entry(line: str) -> re.Match[str] | None:
    match = _RETOLD.fullmatch(line) or _ENTRY.fullmatch(line)
    if match is None or _NO_NAMES.match(match["name"]) or not is_name(match["name"].partition(",")[0]):
        return None
    quoted = match["words"][0] in _OPEN
    if not quoted and not ("," in match["name"] or match.groupdict().get("bold") or match["name"][0] == "@"):
        return None
    if re.fullmatch(_VOICES, match["name"]):
        return None
    name = match["name"].partition(",")[0]
    proper = sum(word[0].isupper() or word[0] in "@(" or not word[0].isalpha() for word in name.split())
    return match if proper >= len(name.split()) / 2 or len(name.split()) == 1 else None


def _closes(words: str) -> bool:
    """Whether the quotation that a paragraph opens or goes on with ends in it."""
    closing = "”" if "“" in words or "”" in words else '"' if '"' in words else "’'»"
    return len(words) > 1 and words.rstrip(" .)*")[-1:] in closing


def _is_closed_at_end(words: str) -> bool:
    return words.rstrip(" .)*")[-1:] in _CLOSE


def _bare(words: str) -> str:
    """A paragraph's words without the marks that open and close the quotation around it."""
    words = words.strip()
    opening = words[:1]
    if opening in _OPEN and opening:
        words = words[1:].lstrip()
    closing = {"“": "”", '"': '"', "‘": "’", "'": "'", "«": "»", "„": "“"}.get(opening, "”")
    ends = words.endswith(closing) or (opening not in _OPEN and words[-1:] in '”"')
    unpaired = words.count(closing) % 2 == 1 if closing in "\"'" else words.count("“") < words.count("”")
    return words[:-1].rstrip() if ends and (unpaired or words.count(closing) == 1) else words
