"""Writers' names in lines of a page that stand at one place around each comment: "Mute Ann Smith", "Posted by Ann on".

What a page writes beside names recurs beside most of them; names differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from stance.readers.dumps.furniture import is_badge, is_button
from stance.readers.dumps.lines import doubled, is_name
from stance.readers.dumps.timed import parted

_AROUND = " ·•:,|–—-[]↳→»>\u200e\u200f"
_MOST = 0.6  # share of the names that have a word of the page's behind them
_NEARLY_ALL = 0.8  # that have one before them, for "Cllr" may stand before many
_FEWEST = 3  # names that show what stands beside all
_PARTS = re.compile(r"\s+[»·•|]\s+|\s{3,}|\t")
_NUMBER = re.compile(r"#?\d{1,5}[.):]?|[([]\d{1,5}[)\]]")
_BADGE = re.compile(r"(?<=[a-z.])(?:Subscriber|Moderator|Author|Staff|Admin|Member)$")  # glued to a name
_GLUED = 4  # letters that all names begin with, to be the page's
_TO_WHOM = re.compile(r"\s(?:>|▶|→|in reply to|replies to|replied to|posted by|antwortet auf)\s|,? author of(?:\s|$)")
_OF_A_PROFILE = re.compile(
    r"posts|points|reactions?|likes|joined|offline|online|logged|sent|local|original poster|(?:thread|topic) starter",
    re.I,
)
_SAYS = re.compile(r"(?:said|says|wrote|writes|posted|dijo|dit|schrieb|escribió)\W*", re.I)


def names_in(lines: Sequence[str | None]) -> list[str | None]:
    """The name in each line; None where there is no line, or no name in it."""
    heads = _without_shared([_head(line) if line else "" for line in lines])
    names = _without_shared([_head(line) for line in heads])  # "Ann on 5 May 2010 said:": a time before shared words
    names = _without_glued([_answerer(name) for name in names])
    for mark, share in ((", ", _MOST), (" of ", _MOST), (" (", _NEARLY_ALL), (" - ", _MOST)):
        names = _cut_at(mark, names, share)
    names = _cut_at(" @", [name.replace("\u200f", "") for name in names], _MOST)
    return [_as_name(name) for name in names]


def _answerer(name: str) -> str:
    """Who writes, of "Ann > Bo", "Ann in reply to Bo" and "Ann posted by Ann"."""
    return _TO_WHOM.split(name)[0].strip(_AROUND) if _TO_WHOM.search(name, 1) else name


def _without_glued(names: Sequence[str]) -> list[str]:
    """Names without the letters that a page glues before or behind all: "ReportAnn Smith", "Ann Smith's"."""
    told = sorted({name for name in names if name})
    if len(told) < _FEWEST:
        return list(names)
    before = _n_alike(told[0], told[-1])
    if before < _GLUED or not all(_ends_word_at(name, before) for name in told):
        before = 0
    behind = 2 if all(name.endswith(("'s", "’s")) for name in told) else 0
    return [name[before : len(name) - behind] for name in names]


def _ends_word_at(text: str, place: int) -> bool:
    """Whether a word ends in front of a place, be it that the next begins right there: "ReportAnn" at 6."""
    following = text[place : place + 1]
    return text[place - 1].islower() and (following.isupper() or not following.isalpha())


def _head(line: str) -> str:
    """A line without the time in it."""
    told = parted(line.rstrip(": "))
    return (told.rest if told else line).strip(_AROUND)


def _without_shared(heads: Sequence[str]) -> list[str]:
    """Lines without the words that the page writes before and behind most."""
    kept = [head.split() for head in heads]
    n_heads = sum(map(bool, kept))
    if n_heads < _FEWEST:
        return list(heads)
    for at, share in ((-1, _MOST), (0, _NEARLY_ALL)):
        while True:
            ends = Counter(_shape(words[at]) for words in kept if len(words) > 1)
            shape, n = ends.most_common(1)[0] if ends else ("", 0)
            if n < share * n_heads:
                break
            for words in kept:
                if len(words) > 1 and _shape(words[at]) == shape:
                    words.pop(at)
    if sum(words[:1] != [] and words[0].startswith("(") for words in kept) > n_heads // 2:
        return list(heads)  # "Respondent 14 (trader)": what most share is the name
    return [" ".join(words).strip(_AROUND) for words in kept]


def _n_alike(one: str, other: str) -> int:
    """How many letters two words begin with alike; of the first and the last of sorted ones, all do."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _cut_at(mark: str, names: Sequence[str], share: float) -> list[str]:
    """Names before what a page adds to most of them: places, handles."""
    n_names, n_cut = sum(map(bool, names)), sum(mark in name for name in names)
    if n_cut < _FEWEST or n_cut < share * n_names:
        return list(names)
    return [name.partition(mark)[0] for name in names]


def _as_name(text: str) -> str | None:
    name = next((part for part in _PARTS.split(text) if part), "").strip(_AROUND)
    name = _SAYS.split(name)[0].strip(_AROUND) if _SAYS.search(name[-12:]) and " " in name else name
    name = _BADGE.sub("", name)
    first, _, rest = name.partition(" ")
    name = doubled(rest if rest and _NUMBER.fullmatch(first) else name.removeprefix("u/"))
    is_picture = len(name) <= 2 and name.isalpha() and name.isupper()  # its letters
    is_other = ": " in name or is_button(name) or is_badge(name) or is_picture  # "Posts: 12"
    return name if is_name(name) and not is_other and not _OF_A_PROFILE.fullmatch(name) else None


def _shape(word: str) -> str:
    """A word as it stands beside others' names: "1 point" and "12 points" are one."""
    return re.sub(r"[-+−]?\d+", "0", word.casefold()).rstrip("s.:…")
