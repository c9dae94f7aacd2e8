"""A newspaper's page of readers' letters as text: a heading above each, its writer's name and place below.

Signed on one line ("Ada Quill, Mill Lane, Hexley", "- A. Quill, via email") or on a line each for name, street, town.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from stance.readers.draft import Draft
from stance.readers.dumps.lines import dedented, is_time, lines_of_dump
from stance.readers.dumps.post import stamp_of
from stance.readers.source import Source
from stance.thread import Thread

_PAGE = re.compile(
    r"\b(?:letters?|postbag|mailbag|post bag|mail box|readers['’]? (?:views|letters)|your (?:views|say)|viewpoints?"
    r"|have your say|points? of view|write back)\b",
    re.I,
)
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Cllr|Councillor|Coun|Rev|Revd|Prof|Professor|Sir|Dame|Lady|Lord|Major|Capt|Captain|Col"
    r"|Canon|Fr|Sister|Alderman)\.?"
)
_NAME_WORD = (
    r"(?:[A-ZÀ-Þ][\w'’À-ÿ-]*\.?|[A-Z]\.?|(?:[A-Z]\.){2,4}|de|van|von|der|al|bin|ap|ó|an|na|ní|[th][A-ZÀ-Þ][\w]+|and|&)"
)
_NAME = re.compile(
    rf"(?:\(?{_TITLE}\)?[ ])*{_NAME_WORD}(?:[ ]{_NAME_WORD}){{0,5}}(?:[ ]\((?:Mr|Mrs|Ms|Miss|Dr|aged \d+|\d+)\)"
    rf"|[ ](?:OBE"
    rf"|MBE|CBE|JP|MP|MSP|AM|MS|BSc|MA|PhD|Jr|Snr|\([Rr]et(?:d|ired)\.?\)))*"
)
_WITHHELD = re.compile(
    r"[ \t(\[—–-]*(?:(?:full )?name(?:s)?(?: and address(?:es)?)?(?: (?:was|were|is|are|has been|have been))?"
    r" (?:supplied|withheld|provided|with (?:the )?editor)(?: (?:by|at|on) .{3,40})?"
    r"|(?:name|address) supplied|anon(?:ymous)?)(?:,[ ].{2,60})?[ \t)\].]*",
    re.I,
)
_PLACE_WORD = (
    r"(?:[A-ZÀ-Þ0-9][\w'’./À-ÿ-]*|of|the|on|upon|under|in|le|by|and|&|near|next|de|la|y|via|e-?mail|address|supplied"
    r"|full|web|website|online|facebook|twitter|email)"
)
_PLACE = re.compile(rf"{_PLACE_WORD}(?:[ ]{_PLACE_WORD}){{0,7}}\.?")
_YOURS = re.compile(
    r"(?:yours(?: (?:etc|sincerely|faithfully|truly|in .{2,20}))?|sincerely|regards|kind regards|best wishes"
    r"|is mise(?: le meas)?"
    r"|(?:i am|i remain),? (?:(?:sir|madam),? )?yours?.{0,40}|your obedient servant)[.,]*",
    re.I,
)
# Letters of some papers open with it; what stands above is the heading.
_SALUTATION = re.compile(
    r"(?:dear (?:sirs?|madam|editor|mr|mrs|ms)\b|sirs?(?:,| ?[-–—:])|a chara\b|madam(?:,| ?[-–—:])|to the editor\b)",
    re.I,
)
_MOST_ABOVE = 6  # lines of a heading
# At the end of a last line: "The three have since apologised. – Yours, etc,"
_VALEDICTION = re.compile(
    r"[ \t]*[–—-][ \t]*(?:yours,? (?:etc|sincerely|faithfully|truly)|is mise(?: le meas)?)[.,]*$", re.I
)
_FURNITURE = re.compile(
    r"(?:hide ad|sign up(?: to .{1,60})?|your email|(?:published|updated) .{0,20}\d.{0,30}|by the newsroom"
    r"|(?:please )?(?:e-?mail|send|write|post|submit|have your say).{0,60}(?:letters?|views|say|opinions?)\b.{0,200}"
    r"|.{0,160}letters? (?:must|should|may|to be considered|will).{0,250}"
    r"|.{0,60}letters? to the editor:? .{0,80}@.{3,60}|we (?:welcome|reserve|do not publish).{0,200}"
    r"|.{0,40}@[\w.-]{4,60}|share(?: this)?(?: article)?|advertisement|comments?(?: \(\d+\))?"
    r"|comments are (?:now )?closed.*|get involved.*|\d+ comments?|letters?(?: page)?|more letters.*|read more.*|most"
    r" read|comment now|facebook|twitter|email|whatsapp"
    r"|the editor,?|editor['’]s note:.{0,300}|(?:this|these) letters? (?:was|were) .{0,100}|comments:? our rules|we"
    r" want our comments .{0,400}|read the rules here.*|become a supporter.*"
    r"|(?:picture|photograph|photo|image): .{3,200}|.{3,200}(?:picture|photograph|photo): .{3,60}"
    r"|by readers['’] letters|shares?|\d{1,5}"
    r"|letter of the (?:day|week|month))",
    re.I,
)
# The line that is a letters page's own heading, whatever its site shows above it.
_HEADING = re.compile(
    r"(?:your |our |readers['’]? )?letters(?: page| to the editor| (?:of|for) .{3,30})?|post ?bag|mail ?bag"
    r"|readers['’]? views"
    r"|letters to the editor.{0,100}|(?:your |readers['’] )?letters: .{0,60}\d{4}",
    re.I,
)
# A page with these below what is written is no page of letters.
_BUTTON = re.compile(r"like|reply|share|report(?: (?:abuse|this|comment))?|upvote|downvote|permalink|quote", re.I)
_FEWEST_BUTTONS = 4
_BULLET = re.compile(r"[•*●▪][ \t]+")  # before each letter but the first
_EDITOR = re.compile(r"\([^()]{2,200}\)|\[[^\[\]]{2,400}\]")
_NARROWEST, _WIDEST = 50, 82  # characters of lines that a page breaks at one width
_FEWEST_FULL = 5
_PARAGRAPH = 90  # characters; a longer line is no heading and no signature
_MOST_PLACES = 3  # lines


class _Letter(NamedTuple):
    heading: str
    lines: list[str]
    author: str


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where fewer than two letters are signed with name and place."""
    lines = _unwrapped([line.strip() for line in lines_of_dump(source)])
    if len(lines) < 4:
        return None
    if sum(_BUTTON.fullmatch(line) is not None for line in lines) >= _FEWEST_BUTTONS:
        return None
    top = [line for line in lines[:12] if line]
    says_letters = any(_PAGE.search(line) for line in top if len(line) < _PARAGRAPH)
    heading = next((n for n, line in enumerate(lines[:16]) if _HEADING.fullmatch(line)), None)
    if heading is not None and not any(lines[:heading]):
        heading = None  # with nothing of the site's above it
    first = _first_letter(lines) if heading is None else _below_heading(lines, heading + 1)
    letters, rest = _letters(lines, first, says_letters=says_letters)
    if len(letters) < 2:
        return None
    title = _title(lines[:first], source.stem) if heading is None else lines[heading]
    draft = Draft(source, title=title)
    for letter in letters:
        draft.add("\n".join(letter.lines), author=letter.author)
    headings = [letter.heading for letter in letters if letter.heading]
    if headings:
        draft.remark("the letters' headings are left out: " + " / ".join(headings))
    draft.remark("the writers' addresses are left out")
    if rest:
        draft.doubt(f"{rest} lines below the last signature are taken for the page's foot")
    return [draft.thread("likely")]


def _first_letter(lines: Sequence[str]) -> int:
    """Where the letters begin: below the page's name, its date and its own words."""
    n = 0
    told = 0
    while n < len(lines):
        line = lines[n]
        if not line or stamp_of(line) or _FURNITURE.fullmatch(line):
            n += 1
        elif told == 0 and len(line) < _PARAGRAPH and not line.endswith((".", "!", "?", '"', "”")):
            below = next(
                (
                    m
                    for m in range(n + 1, len(lines))
                    if lines[m] and not stamp_of(lines[m]) and not _FURNITURE.fullmatch(lines[m])
                ),
                None,
            )
            # One heading above the first letter is the page's if it speaks of letters, or another follows.
            if below is None or not (_PAGE.search(line) or len(lines[below]) < _PARAGRAPH):
                return n
            told, n = 1, n + 1
        elif told == 1 and len(line.split()) <= 3 and _PAGE.search(line):
            told, n = 2, n + 1
        else:
            return n
    return 0


def _below_heading(lines: Sequence[str], n: int) -> int:
    """The first line below a page's heading, its date and its own words."""
    while n < len(lines) - 1 and (
        not lines[n]
        or stamp_of(lines[n])
        or _FURNITURE.fullmatch(lines[n])
        or (stamp_of(lines[n + 1]) and len(lines[n]) < 40 and not lines[n].endswith("."))  # whose page it is
    ):
        n += 1
    return n


def _title(above: Sequence[str], otherwise: str) -> str:
    return next((line for line in above if line and not stamp_of(line)), "")


def _letters(lines: Sequence[str], first: int, *, says_letters: bool) -> tuple[list[_Letter], int]:
    """The letters, and how many lines of words are left below the last."""
    letters: list[_Letter] = []
    n = start = first
    has_words = False
    while n < len(lines):
        signed = _signature(lines, n, says_letters=says_letters) if has_words else None
        if signed:
            name, below = signed
            heading, words = _parts(lines[start:n])
            if words:
                letters.append(_Letter(heading, words, name))
            n = start = _below_editor(lines, below)
            has_words = False
        else:
            has_words = (
                has_words or len(lines[n]) >= _PARAGRAPH or lines[n].endswith((".", "!", "?", "”", '"', "…", "’"))
            )
            n += 1
    left = [line for line in lines[start:] if len(line) >= _PARAGRAPH and not _FURNITURE.fullmatch(line)]
    return letters, len(left)


def _parts(lines: Sequence[str]) -> tuple[str, list[str]]:
    """A letter's heading and its own lines."""
    kept = list(lines)
    while kept and (not kept[-1] or _FURNITURE.fullmatch(kept[-1]) or _YOURS.fullmatch(kept[-1])):
        kept.pop()
    if kept:
        kept[-1] = _VALEDICTION.sub("", kept[-1])
    opening = next((n for n, line in enumerate(kept[:_MOST_ABOVE]) if _SALUTATION.match(line)), 0)
    heading = [line for line in kept[:opening] if line and not _FURNITURE.fullmatch(line)]
    kept = kept[opening:]
    while kept and not opening and (not kept[0] or _FURNITURE.fullmatch(kept[0]) or _is_heading(kept, heading)):
        line = kept.pop(0)
        if line and not _FURNITURE.fullmatch(line):
            heading.append(line)
    if kept:
        kept[0] = _BULLET.sub("", kept[0])
    return " ".join(heading), dedented(kept).split("\n") if kept else []


def _below_editor(lines: Sequence[str], n: int) -> int:
    """The first line below what the editor says of a letter in brackets: "(Abridged. — Ed.)"."""
    at = n
    while at < len(lines) and (not lines[at] or _EDITOR.fullmatch(lines[at])):
        at += 1
        n = at if lines[at - 1] else n
    return n


def _unwrapped(lines: Sequence[str]) -> list[str]:
    """Lines as their writers broke them, where the page breaks all at one width."""
    full = {n for n, line in enumerate(lines[:-1]) if _NARROWEST <= len(line) <= _WIDEST and lines[n + 1]}
    if len(full) < _FEWEST_FULL or max(map(len, lines)) > _WIDEST:
        return list(lines)
    joined: list[str] = []
    before = -1
    for n, line in enumerate(lines):
        if before >= 0 and before in full and line and not _NAME.fullmatch(line):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
        before = n
    return joined


def _is_heading(lines: Sequence[str], above: Sequence[str]) -> bool:
    """Whether the first of a letter's lines is its heading: short, no sentence, and more below it.

    :param above: Its headings so far; below one in capitals, which names the matter, a second may stand.
    """
    line = lines[0]
    if len(line) >= _PARAGRAPH or not any(lines[1:]) or is_time(line):
        return is_time(line)
    below = next((other for other in lines[1:] if other and not is_time(other) and not stamp_of(other)), "")
    has_one = any(not one.isupper() for one in above) or len(above) > 1
    salutation = _SALUTATION.match(line) or re.match(r"(?:dear |sir|madam|editor)", line, re.I)
    ends = line.endswith((".", ",", ":", ";", "”", '"'))
    return not salutation and not ends and not has_one and (len(below) > len(line) or lines[1] == "")


def _signature(lines: Sequence[str], n: int, *, says_letters: bool) -> tuple[str, int] | None:
    """The name in the signature that begins at a line, and the line below the signature."""
    line = lines[n]
    if not 2 <= len(line) <= _PARAGRAPH or _FURNITURE.fullmatch(line):
        return None
    if _SALUTATION.match(line):
        return None
    plain = line.strip("*_ ").lstrip("-–—• ").strip()
    if _WITHHELD.fullmatch(plain):
        if n and _is_person(lines[n - 1]):
            return None  # said of the name above, which signs
        return plain.strip("()[]. "), _below(lines, n + 1, wants_place=False)
    plain = plain.partition(". The writer ")[0]
    name, comma, place = plain.partition(",")
    name, place = name.strip(), place.strip()
    dashed = line.startswith(("-", "–", "—"))
    if not _NAME.fullmatch(name) or (name.endswith(".") and len(name.split()) < 2) or len(name) > 50:
        return None
    person = len(name.split()) > 1 or name.isupper() or re.match(_TITLE, name) is not None
    below = _below(lines, n + 1, wants_place=not place)
    if comma:
        placed = all(_PLACE.fullmatch(part.strip()) for part in place.split(",") if part.strip())
        is_signed = placed and (person or says_letters or dashed)
    else:
        is_signed = dashed or (person and (below > n + 1 or (says_letters and _ends_block(lines, n))))
    return (name, below) if is_signed else None


def _is_person(line: str) -> bool:
    """Whether a line is a name and no more, with its title: "Mrs B." """
    return len(line) <= 50 and re.match(_TITLE + r"\s", line) is not None and _NAME.fullmatch(line) is not None


def _ends_block(lines: Sequence[str], n: int) -> bool:
    """Whether a line stands alone at the end of a letter: blank below it, or nothing more."""
    return n + 1 >= len(lines) or not lines[n + 1]


def _below(lines: Sequence[str], n: int, *, wants_place: bool) -> int:
    """The first line below a signature's lines of place."""
    if wants_place and n < len(lines) and _WITHHELD.fullmatch(lines[n]):
        return n + 1
    if wants_place and n + 1 < len(lines) and re.fullmatch(r"\([^()]{3,60}\)", lines[n]):
        n += 1  # an office: "(Lib Dem, Vale North)"
    start = n
    while n < len(lines) and n - start < _MOST_PLACES and len(lines[n]) < 50:
        if not lines[n]:
            # Where every line of an address is a paragraph, a comma says that another follows.
            if n + 1 < len(lines) and lines[n - 1].endswith(",") and lines[n + 1][-1:] in (",", "."):
                n, start = n + 1, start + 1
                continue
            break
        place = re.sub(r"[ ]\([^()]{2,20}\)$", "", lines[n].rstrip(",."))  # "(by email)", "(ret'd)"
        words = place.split()
        lower = sum(word[0].islower() for word in words)
        if (
            not all(_PLACE.fullmatch(part.strip()) for part in place.split(",") if part.strip())
            or lower > 2
            or len(words) > 6
        ):
            break
        dense = n + 1 < len(lines) and lines[n + 1] and len(lines[n + 1]) >= _PARAGRAPH
        if dense and (not wants_place or n > start):
            break  # right above a paragraph stands the next letter's heading
        n += 1
    return n if wants_place or n == start else start
