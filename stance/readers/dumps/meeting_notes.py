"""Notes of a meeting as text: who spoke, and what: ``**Cllr Askew:** ...`` or ``Cllr Askew (Lab): ...``.

Read only where most lines are so, and titles, marks of bold or names that come again show that these are speakers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from stance.readers.draft import Draft
from stance.readers.dumps.lines import dedented, is_name, lines_of_dump, mentions
from stance.readers.dumps.post import read_above
from stance.readers.source import Source
from stance.thread import Thread

_TITLED = (
    r"(?:(?:The )?(?:Cllr|Councillor|Coun|Mr|Mrs|Ms|Miss|Mx|Dr|Sir|Dame|Lord|Lady|Rev|Revd|Prof|Capt|Captain|Canon"
    r"|Fr|Mayor|Deputy Mayor"
    r"|Leader|Deputy Leader|Chair|Chairman|Chairwoman|Chairperson|Vice[- ]Chair"
    r"|Clerk|Town Clerk|Speaker|Officer|Convenor|Secretary|Branch Secretary|Steward|President|Director|Chief Executive"
    r"|Monitoring Officer|Alderman|Ald|Resident|Residents|Member of the public"
    r"|Members of the public|Public|Questioner|Petitioner|Union|Unison|Unite|GMB|Council|Moderator|Facilitator|Host"
    r"|Presenter|Interviewer|Panellist|Q|A|Question|Answer|Male voice|Female voice|Woman|Man|Voice|Audience member"
    r"|Speaker"
    r"|Unidentified speaker|Commissioner|Councilmember|Council Member|Council President|Vice Mayor|City Manager|City"
    r" Attorney|Trustee|Supervisor)\b\.?)"
)
_TURN = re.compile(
    r"(?:[-•*–—][ \t]+)?(?:\[?\(?\d{1,2}:\d{2}(?::\d{2})?\)?\]?[ \t]*)?(?:\*\*|__"
    r"|\*(?=\S))?(?P<name>[^\s:*_\[(“\"][^:*_\n“\"]{0,70}?)[ \t]*(?P<bold>\*\*|__)?(?P<colon>[:：]|[ \t][–—-][ \t])"
    r"[ \t]*(?P<bold2>\*\*|__|\*)?[ \t]*(?P<words>.*)"
)
_CAPITALS = re.compile(r"[A-ZÀ-Þ][A-ZÀ-Þ .'’-]{1,40}")
_LABELS = re.compile(
    r"(?:agreed|carried|noted|approved|refused|rejected|deferred"
    r"|date|time|venue|place|location|present|in attendance|attending|attendance|apologies|absent|minutes|agenda"
    r"|item|items?\b.*|motion|amendment|resolved|resolution|vote|votes?\b.*|decision|action|actions"
    r"|actions? agreed|outcome|next meeting|meeting|note|notes|ps|subject|from|to|re|cc|proposed|proposer|seconded"
    r"|seconder|for|against|abstentions?|abstained|recommendation|background|summary|report|source|url|http|https"
    r"|title|chaired by|note-?taker|minute-?taker|started|finished|closed|update|updated|result|declarations?\b.*"
    r"|contact|tel|email|website|key|copyright|photo)",
    re.I,
)
_PRESENT = re.compile(r"[*_]*(?:present|in attendance|attending|apologies|absent)\b[*_ ]*:", re.I)
_ASIDE = re.compile(
    r"[\[(].{1,120}[\])]|[_*].{1,120}[_*]|#{1,6}[ ].{1,120}|(?:item|agenda item|section)? ?\d{1,2}[.):] .{1,100}"
    r"|(?:resolved|agreed|carried|vote|motion|decision|action|outcome|noted)\b.{0,200}|[-_=*]{3,}"
    r"|.{0,40}\b(?:meeting|session) (?:closed|ended|adjourned|opened|began|started)\b.{0,80}|the (?:motion|amendment"
    r"|meeting|recommendation|chair|vote)\b.{0,200}|laughter|applause",
    re.I,
)
# Where the speeches end and the note-taker goes on.
_END = re.compile(
    r"(?:#{1,6} )?(?:\d{1,2}[.)] ?)?\**(?:actions?(?: points?| items?| agreed| list)?|(?:date of )?next meeting"
    r"|any other business|a\.?o\.?b\.?|close(?: of meeting)?|decisions?|summary|resolved|resolutions?|outcome)"
    r"\b[^.!?]{0,40}",
    re.I,
)
_PERSON = re.compile(r"(?:[A-ZÀ-Þ][\w'’.-]{0,20} ){1,3}[A-ZÀ-Þ][\w'’.-]{0,20}")
_FEWEST = 3


class _Turn(NamedTuple):
    start: int
    name: str
    words: str
    is_marked: bool


_MENTIONS = re.compile(r":|：|\*\*", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it is not mostly turns of speakers."""
    if not mentions(source, _MENTIONS):
        return None
    lines = [line.strip() for line in lines_of_dump(source)]
    turns = [turn for n, line in enumerate(lines) if line and (turn := _turn(n, line))]
    came = _lines_telling_who_came(lines)
    turns = _of_speakers([turn for turn in turns if turn.start not in came], lines)
    if len(turns) < _FEWEST or len({turn.name for turn in turns}) < 2:
        return None
    end = next((n for n in range(turns[-1].start + 1, len(lines)) if _END.fullmatch(lines[n])), len(lines))
    told = [line for line in lines[turns[0].start : end] if line]
    if len(turns) < 0.4 * len([line for line in told if not _ASIDE.fullmatch(line)]):
        return None
    above = read_above([line.lstrip("# ").strip("*") for line in lines[: turns[0].start]], has_head=False)
    draft = Draft(source, title=above.title, post=above.post, post_author=above.author, url=above.url)
    for remark in above.remarks:
        draft.remark(remark)
    n_asides = 0
    for turn, stop in zip(turns, [*(turn.start for turn in turns[1:]), end], strict=True):
        words, asides = _words([turn.words, *lines[turn.start + 1 : stop]])
        n_asides += asides
        if words:
            draft.add(words, author=turn.name)
        else:
            draft.drop("without words")
    if n_asides:
        draft.remark(f"{n_asides} headings and remarks of the note-taker's between the speeches are left out")
    return [draft.thread("likely")]


def _turn(n: int, line: str) -> _Turn | None:
    match = _TURN.fullmatch(line)
    if match is None or (match["colon"] not in ":：" and not (match["bold"] or match["bold2"])):
        return None
    name = re.sub(r"[ \t]*[\[(][^\])]{0,40}[\])]?$", "", match["name"]).strip(" ,")
    if not name or _LABELS.fullmatch(name) or not is_name(re.sub(r"\.$", "", name)) or match["words"].startswith("//"):
        return None
    is_bold = bool(match["bold"] or match["bold2"])
    person, _, rest = name.partition(",")
    if len(person.split()) > 1 and not re.match(_TITLED, rest.strip()):  # "Steve Agnew, UNISON"
        name = person.strip()
    titled = re.match(_TITLED, name, re.I) is not None and not name[0].islower()
    return _Turn(n, name, match["words"].strip(), is_bold or titled or _CAPITALS.fullmatch(name) is not None)


def _lines_telling_who_came(lines: Sequence[str]) -> set[int]:
    """The lines of blocks in which one says who was present: "Panel: ..." over "Apologies: none"."""
    came: set[int] = set()
    block: list[int] = []
    for n, line in enumerate([*lines, ""]):
        if line:
            block.append(n)
            continue
        if any(_PRESENT.match(lines[m]) for m in block):
            came.update(block)
        block = []
    return came


def _of_speakers(turns: Sequence[_Turn], lines: Sequence[str]) -> list[_Turn]:
    """The turns whose names are shown to be speakers': by title or mark, or by coming again.

    Between these, a person's full name at the head of a paragraph is another speaker's.
    """
    n_turns = Counter(turn.name for turn in turns)
    marked = [turn for turn in turns if turn.is_marked]
    if len(marked) >= 2:
        names = {turn.name for turn in marked} | {
            turn.name for turn in turns if _PERSON.fullmatch(turn.name) and turn.start and not lines[turn.start - 1]
        }
        return [
            turn
            for turn in turns
            if turn.is_marked or turn.name in names or (n_turns[turn.name] > 1 and turn.name[0].isupper())
        ]
    return [turn for turn in turns if turn.name[0].isupper()] if sum(n > 1 for n in n_turns.values()) > 1 else []


def _words(lines: Sequence[str]) -> tuple[str, int]:
    """A speech's words, and how many of its lines are no part of it."""
    kept = []
    asides = 0
    for n, line in enumerate(lines):
        if n and line and (_ASIDE.fullmatch(line) or _LABELS.fullmatch(line.partition(":")[0].strip("* "))):
            asides += 1
            continue
        kept.append(line)
    words = dedented(kept)
    quoted = re.fullmatch(r"[“\"]([^“”\"]+)[”\"]", words)
    return re.sub(r"\n{3,}", "\n\n", quoted[1] if quoted else words).strip(), asides
