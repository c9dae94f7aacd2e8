"""Who the council and the union of a thread are, found in its own words.

Only what the text names is used: a council written out ("Harborne Vale City Council", "City of Leeds"), a
well-known place where the talk is of its council, and well-known unions. Every finding carries the words it
rests on, so that a reader can judge it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from stance.errors import InputError
from stance.sides import Sides
from stance.thread import Thread

_WORD = r"[A-Z][\w'’-]+"
_NAME = rf"{_WORD}(?:[ -](?:upon|on|in|le|under)[ -]{_WORD}|[ -]{_WORD}){{0,2}}"
_KIND = (
    r"(?:City and County|County Borough|Metropolitan Borough|City|County|Borough|District|Town|Parish|Regional"
    r"|Community|Shire|Island)"
)
# "Council tax" and "council house" speak of no council.
_NO_HOUSE = r"(?!\s+(?:house|housing|flat|estate|tax))"
_WRITTEN_OUT = re.compile(
    rf"\b(?:(?:London|Royal|Metropolitan) Borough of {_NAME}|City of {_NAME}(?: Council)?"
    rf"|(?P<place>{_NAME}) {_KIND} [Cc]ouncil{_NO_HOUSE})\b"
)
_SPEAKS_OF_COUNCIL = re.compile(rf"\b(?:council{_NO_HOUSE}|councillors?|cllr|town hall|city hall)\b", re.I)
# Words that stand before a council's name, or in its stead, and are no part of it.
_NO_PLACE = frozenset(
    "the this that our your my their a an any every each if when why how what where but and so as is are was "
    "has does did will would can could should dear local labour tory conservative green snp former new old no "
    "yes well not all some one other another blame shame because since after before now then at in on by for "
    "from of to with unlike tell thanks typical useless incompetent whole entire full monday tuesday wednesday "
    "thursday friday saturday sunday unison unite gmb staff workers city county town borough district parish "
    "trades youth student".split()
)
_NO_CITY = frozenset({"culture", "sanctuary", "london", "light", "dreams", "angels", "god"})
_NOTHING = r"(?!)"  # matches nowhere
#: Stands as evidence where the caller named the side.
GIVEN = "given"


@dataclass(frozen=True)
class FoundSides:
    """Sides of a thread and what their names rest on.

    :param sides: Council and union, with the generic "the council" or "the union" where nothing was found.
    :param council_evidence: The words of the thread that name the council; empty where none do.
    :param union_evidence: Likewise for the union.
    """

    sides: Sides
    council_evidence: str = ""
    union_evidence: str = ""

    def __str__(self) -> str:
        because = (self.council_evidence, self.union_evidence, GIVEN, GIVEN)
        told = zip(self.sides.all, because, strict=False)
        return "; ".join(f"{side.label}: {side.name}" + _because(evidence) for side, evidence in told)


def find_sides(thread: Thread, council: str | None = None, union: str | None = None) -> FoundSides:
    """Find the names of the council and the union in a thread's title, post and comments.

    The post counts before the comments, and what is named more often before what is named less.

    :param council: Its name where it is known; then it is not looked for. Likewise ``union``.
    """
    post, talk = f"{thread.title}\n{thread.post}", "\n".join(comment.text for comment in thread.comments)
    council_evidence = union_evidence = GIVEN
    if not council:
        council, council_evidence = _find_council(post, talk)
    if not union:
        union = union_evidence = _find_unions(post) or _find_unions(talk)
    return FoundSides(
        Sides.council_union(council or "the council", union or "the union"), council_evidence, union_evidence
    )


def sides_of(thread: Thread, sides: Sides | Mapping[str, Sides] | None) -> Sides:
    """The sides given for a thread; council and union as the thread names them where none are given.

    :param sides: For all threads, or by thread id.
    :raises InputError: If ``sides`` names none for this thread.
    """
    if sides is None:
        return find_sides(thread).sides
    if isinstance(sides, Sides):
        return sides
    if thread.id not in sides:
        raise InputError(
            f"sides names no sides for thread {thread.id!r}; it has {', '.join(map(repr, sides)) or 'none'}."
        )
    return sides[thread.id]


def is_public(name: str) -> bool:
    """Whether a name is a council's, a union's or a place's, by our lists or as councils are written out in full."""
    name = " ".join(name.split())
    return name.casefold() in _public_names() or bool(_WRITTEN_OUT.fullmatch(name))


def _because(evidence: str) -> str:
    if evidence == GIVEN:
        return " (given)"
    return f' (from "{evidence}")' if evidence else " (none named in the thread)"


def _find_council(post: str, talk: str) -> tuple[str, str]:
    """Name and evidence, empty where there is none: one written out before one told from its place."""
    for text in (post, talk):
        written_out = Counter(_known_councils_in(text))
        names = Counter({_official(words): n for words, n in written_out.items()})
        names.update(name for match in _WRITTEN_OUT.finditer(text) if (name := _unknown_council(match)))
        if names:
            name = names.most_common(1)[0][0]
            return name, next((words for words in written_out if _official(words) == name), name)
    if _SPEAKS_OF_COUNCIL.search(f"{post}\n{talk}"):
        for text in (post, talk):
            places = Counter(_places_named_in(text))
            if places:
                place = places.most_common(1)[0][0]
                return _councils()[place], place
    return "", ""


def _unknown_council(match: re.Match[str]) -> str:
    """A council that is written out in full but not in our list, less the words that only stand before its name."""
    name = match.group()
    if match["place"] is None:
        named_after = name.split(" of ", 1)[1].split()[0].casefold()
        return "" if named_after in _NO_CITY | _NO_PLACE else name
    words = match["place"].split()
    while words and re.sub(r"['’]s$", "", words[0].casefold()) in _NO_PLACE:
        words = words[1:]
    known = any(words and known.casefold() in name.casefold() for known in _councils().values())
    return "" if known or not words else f"{' '.join(words)}{name[len(match['place']) :]}"


def _find_unions(text: str) -> str:
    """The three unions that are named most, most first; empty where none is."""
    folded = text.casefold()
    named = Counter(
        {name: len(pattern.findall(text)) for pattern, name, words in _unions() if any(map(folded.__contains__, words))}
    )
    return ", ".join(name for name, n in named.most_common(3) if n)


# Of hundreds of names a thread holds a few. Which these may be is quickly seen, a tenth of the time that a pattern of
# all takes; then a pattern of them alone says where they stand as names.


def _known_councils_in(text: str) -> list[str]:
    """Every council of the list by its name, or by its place and "Council", as often as it is named."""
    folded = text.casefold()
    return _council_pattern(tuple(name for name, words in _council_names() if words in folded)).findall(text)


def _places_named_in(text: str) -> list[str]:
    """Places of the list where a preposition shows that a place is meant ("Reading the papers" is none)."""
    return _place_pattern(tuple(place for place in _places() if place in text)).findall(text)


@lru_cache(maxsize=256)
def _council_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """:param names: The longest first, as is due where one begins like another."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))}){_NO_HOUSE}\b" if names else _NOTHING, re.I)


@lru_cache(maxsize=256)
def _place_pattern(places: tuple[str, ...]) -> re.Pattern[str]:
    any_place = "|".join(map(re.escape, places))
    before, after = "in|at|of|from|near|across|around|outside|for|to", r"(?![\w-]| [A-Z])"
    return re.compile(rf"\b(?:{before}) ({any_place}){after}" if places else _NOTHING)


@cache
def _council_names() -> list[tuple[str, str]]:
    """All names of councils, the longest first, and each as it is looked for."""
    names = {*_councils().values(), *(f"{place} Council" for place in _councils())}
    return [(name, name.casefold()) for name in sorted(names, key=lambda name: (-len(name), name))]


@cache
def _places() -> list[str]:
    return sorted(_councils(), key=lambda place: (-len(place), place))


def _official(words: str) -> str:
    folded = words.casefold()
    names = {name.casefold(): name for name in _councils().values()}
    places = {f"{place} council".casefold(): name for place, name in _councils().items()}
    return names.get(folded) or places[folded]


def _lines(name: str) -> list[list[str]]:
    text = (resources.files("stance") / "data" / name).read_text("utf-8")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [[part.strip() for part in line.split("|")] for line in lines]


@cache
def _councils() -> dict[str, str]:
    return {parts[0]: parts[1] if len(parts) > 1 else f"{parts[0]} Council" for parts in _lines("councils.txt")}


@cache
def _public_names() -> frozenset[str]:
    councils = {*_councils(), *_councils().values(), *(f"{place} Council" for place in _councils())}
    unions = {name.lstrip("=") for names in _lines("unions.txt") for name in names}
    return frozenset(name.casefold() for name in councils | unions)


@cache
def _unions() -> list[tuple[re.Pattern[str], str, tuple[str, ...]]]:
    """The pattern of each union, its name, and the words of which one must stand in a text for the pattern to match."""
    return [
        (_union_pattern(parts), parts[0].lstrip("="), tuple(name.lstrip("=").casefold() for name in parts))
        for parts in _lines("unions.txt")
    ]


def _union_pattern(names: list[str]) -> re.Pattern[str]:
    exact = names[0].startswith("=")
    any_name = "|".join(re.escape(name.lstrip("=")) for name in sorted(names, key=len, reverse=True))
    if names[0] == "=Unite":  # also a verb
        follows = "union|members?|officials?|reps?|leaders?|branch|regional|general|has|is|says?|said"
        noun = rf"(?:Unite|UNITE)(?= (?:{follows})\b)"
        listed = r"Unite(?=,? (?:and |the )*(?:GMB|UNISON|Unison|RMT|PCS)\b)|(?<=GMB and )Unite|(?<=UNISON and )Unite"
        article = r"(?<=[Tt]he )Unite|(?<=[Uu]nion )Unite|(?<=from )Unite|(?<=by )Unite|(?<=of )Unite|(?<=let )Unite"
        any_name = rf"Unite the Union|{noun}|{listed}|{article}"
    elif names[0] == "=UNISON":
        any_name += r"|unison(?= (?:members?|branch|union|reps?|officials?)\b)"
    return re.compile(rf"(?<![\w-])(?:{any_name})(?![\w-])", 0 if exact else re.IGNORECASE)
