"""Who the council and the union of a thread are, found in its own words.

Only what the text names is used: a council written out ("Harborne Vale City Council", "City of Leeds"), a
well-known place where the talk is of its council, and well-known unions. Every finding carries the words it
rests on, so that a reader can judge it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources

from stance.sides import Sides
from stance.thread import Thread

_NAME = r"[A-Z][\w'’]+(?:,?[ -](?:[A-Z][\w'’]+|upon|on|in|and|of|the|le|under|with|&))*"
_KIND = (
    r"(?:City and County|County Borough|Metropolitan Borough|City|County|Borough|District|Town|Parish|Regional"
    r"|Community|Shire|Island)"
)
# "Council tax" and "council house" speak of no council.
_NO_HOUSE = r"(?!\s+(?:house|housing|flat|estate|tax))"
_COUNCIL = re.compile(
    rf"\b(?:(?:London|Royal|Metropolitan) Borough of {_NAME}|City of {_NAME}(?: Council)?"
    rf"|{_NAME}(?: {_KIND})? [Cc]ouncil{_NO_HOUSE})\b"
)
_SPEAKS_OF_COUNCIL = re.compile(
    r"\b(?:council(?!\s+(?:house|flat|estate|tax))|councillors?|cllr|town hall|city hall)\b", re.I
)
# Words that begin a sentence or a title and are no part of a council's name.
_NOT_PLACES = re.compile(
    r"^(?:The|This|That|Our|Your|My|Their|A|An|Any|Every|Each|If|When|Why|How|What|Where|But|And|So|As|Is|Are|Was|Has|Does"
    r"|Did|Will|Would|Can|Could|Should|Dear|Local|Labour|Tory|Conservative|Lib Dem|Green|Former|New|Old|No|Yes|Well"
    r"|Not|All|Some|One|Other|Another|Blame|Shame|Because|Since|After|Before|Now|Then|At|In|On|By|For|From|Of|To"
    r"|With)\b[ -]*"
)
#: Stands as evidence where the caller named the side.
GIVEN = "given"
_GENERIC_COUNCILS = frozenset(
    {"city", "county", "town", "borough", "district", "parish", "security", "british", "arts", "privy"}
)


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
        council = f"council: {self.sides.a.name}" + _because(self.council_evidence)
        return f"{council}; union: {self.sides.b.name}" + _because(self.union_evidence)


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


def _because(evidence: str) -> str:
    if evidence == GIVEN:
        return " (given)"
    return f' (from "{evidence}")' if evidence else " (none named in the thread)"


def _find_council(post: str, talk: str) -> tuple[str, str]:
    """Name and evidence, empty where there is none: one written out before one told from its place."""
    for text in (post, talk):
        written_out = Counter(name for match in _COUNCIL.finditer(text) if (name := _council_name(match.group())))
        if written_out:
            name = written_out.most_common(1)[0][0]
            return name, name
    if _SPEAKS_OF_COUNCIL.search(f"{post}\n{talk}"):
        for text in (post, talk):
            places = Counter(place for place in _PLACE_WORDS.findall(text) if place in _councils())
            if places:
                place = places.most_common(1)[0][0]
                return _councils()[place], place
    return "", ""


def _council_name(words: str) -> str:
    """The words without what only begins the sentence, or nothing where no place is left ("the city council")."""
    name = _NOT_PLACES.sub("", words)
    place = re.sub(r"(?i) council$", "", name)
    generic = place.casefold() in _GENERIC_COUNCILS or re.fullmatch(_KIND, place) or place.endswith((" of", " the"))
    return "" if generic or " " not in name else name


def _find_unions(text: str) -> str:
    """The three unions that are named most, most first; empty where none is."""
    named = Counter({name: len(pattern.findall(text)) for pattern, name in _unions()})
    return ", ".join(name for name, n in named.most_common(3) if n)


_PLACE_WORDS = re.compile(r"\b(?:St |Milton |Tower |Waltham |Cape |Los )?[A-Z][a-zA-Z]+\b")


def _lines(name: str) -> list[list[str]]:
    text = (resources.files("stance") / "data" / name).read_text("utf-8")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [[part.strip() for part in line.split("|")] for line in lines]


@cache
def _councils() -> dict[str, str]:
    return {parts[0]: parts[1] if len(parts) > 1 else f"{parts[0]} Council" for parts in _lines("councils.txt")}


@cache
def _unions() -> list[tuple[re.Pattern[str], str]]:
    return [(_union_pattern(parts), parts[0].lstrip("=")) for parts in _lines("unions.txt")]


def _union_pattern(names: list[str]) -> re.Pattern[str]:
    exact = names[0].startswith("=")
    any_name = "|".join(re.escape(name.lstrip("=")) for name in sorted(names, key=len, reverse=True))
    if names[0] == "=Unite":  # at the start of a sentence it may be the verb
        noun = r"(?=[ ](?:union|members?|officials?|reps?|leaders?|regional|general|has|is|says?|said|will)\b)"
        inside = r"(?<=[\w;:(\"'] )Unite(?! and\b|[!.])"
        any_name = rf"(?:{any_name}){noun}|{inside}"
    return re.compile(rf"(?<![\w-])(?:{any_name})(?![\w-])", 0 if exact else re.IGNORECASE)
