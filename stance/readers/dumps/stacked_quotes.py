"""What a comment in a dump quotes of the comments above it, told from its own words.

Where a page shows quotes as boxes, a copy of it shows no more than ``NAME wrote:`` above them, several in a row where
quotes were quoted; the innermost words come first, the new ones last. How far the quoted words go is told by the
comments above, which hold them; else, with a doubt, by the first blank line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from stance.readers.draft import Draft
from stance.readers.dumps.lines import dedented, is_name, is_time
from stance.thread import Comment

_HEAD = re.compile(
    r"^[ \t]*(?:(?P<wrote>\S[^\n]{0,60}?)[ \t]+(?:wrote|said|posted|schrieb|hat geschrieben|escribió|a écrit|ha scritto"
    r"|escreveu|schreef)[ \t]?:[ \t]?"
    r"(?:»|↑[^\n]{0,60}|⬆|➤)?"
    r"|(?:quote:?[ \t]*)?original(?:ly)? (?:posted|written) by:?[ \t]+(?P<orig>\S[^\n]{0,60}?)(?:[ \t]+view"
    r" post)?[ \t]?:?"
    r"|quote from:[ \t]+(?P<smf>\S[^\n]{0,60}?)[ \t]+on[ \t]+(?P<smfdate>[^\n]{6,60})"
    r"|on[ \t]+(?P<ondate>[^\n]{4,60}?),[ \t]+(?P<on>\S[^\n,]{0,60}?)[ \t]+(?:said|wrote):"
    r"|quoting[ \t]+(?P<quoting>\S[^\n]{0,60}?)[ \t]?:|(?P<nobody>quote(?:d)?:|quote))[ \t]*$",
    re.I,
)
_INLINE = re.compile(
    r"[ \t]*(?P<name>\S[^\n:]{0,60}?)[ \t]+"
    r"(?:wrote|hat geschrieben|schrieb|escribió|a écrit|ha scritto|escreveu|schreef)[ ]?:[ \t»↑]*(?=\S)"
)
_ENDS = re.compile(r"^[ \t]*(?:click to expand(?:\.{3}|…)?|expand quote|show full quote|⤴)[ \t]*$", re.I)
_TAG = re.compile(r"\[(/?)quote(?:=[^\]\n]{0,80})?\]", re.I)
_OTHER_TAG = re.compile(
    r"\[/?(?:p|b|i|u|s|bold|italic|underline|strike|list|li|\*|url|img|color|size|code)(?:=[^\]\n]{0,200})?\]", re.I
)
_MARKED = re.compile(r"^[ \t]*>(?!!)")
_LOOK_BACK = 60  # comments; nobody quotes further up, and the search stays linear
_SHORTEST_BARE = 12  # characters of a quote without any mark
_SHORTEST = 3  # characters of a line that is looked for


@dataclass
class QuoteSplitter:
    """Splits a comment's text into its own words and the quoted ones.

    :param draft: Where a doubt is told, once.
    :param inline: Whether "NAME wrote:" and the words may stand on one line.
    :param bare: Whether copies of the page lose the mark of a quote.
    """

    draft: Draft
    inline: bool = False
    bare: bool = False
    _doubted: bool = False
    _plain: dict[str, str] = field(default_factory=dict)
    _by_name: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _n_seen: int = 0

    def know(self, name: str | None, text: str) -> None:
        """Take note of words that may be quoted though they are no comment: the post's."""
        self._by_name[(name or "").casefold()].append(plain_words(text))

    def __call__(self, text: str, earlier: Sequence[Comment]) -> tuple[str, str]:
        """The own words and the quoted ones.

        :param earlier: The comments above, as they were read.
        """
        for comment in earlier[self._n_seen :]:
            plain = plain_words(comment.text)
            self._plain[comment.id] = plain
            self._by_name[(comment.author or "").casefold()].append(plain)
        self._n_seen = len(earlier)
        if _TAG.search(text):
            return _tagged(text)
        recent = [self._plain[comment.id] for comment in earlier[-_LOOK_BACK:]]
        own, quoted = self._stacked(text, recent)
        if self.bare and not quoted:
            return apart_from_bare_quote(own, recent)
        return own, quoted

    def _stacked(self, text: str, recent: Sequence[str]) -> tuple[str, str]:
        own: list[str] = []
        quoted: list[str] = []
        lines = text.split("\n")
        while lines:
            if _MARKED.match(lines[0]):
                quoted.append(lines.pop(0).lstrip("> \t"))
                continue
            names = self._heads(lines)
            if not names:
                own.append(lines.pop(0))
                continue
            end = _shown_end(lines, len(names))
            if end is not None:
                taken, lines = lines[:end], lines[end + 1 :]
                quoted += [line for line in taken if not _head_name(line) and not _ENDS.match(line)]
                continue
            for name in reversed(names):
                found = self._take(lines, name, recent)
                quoted += [*found, ""]
        return dedented(own), dedented(quoted)

    def _heads(self, lines: list[str]) -> list[str]:
        """Take the heads of quotes off the lines; the names in them, the outermost first."""
        names: list[str] = []
        while lines:
            name = _head_name(lines[0])
            if name is not None:
                if names and not names[-1]:
                    names.pop()  # "Quote:" over "Originally posted by NAME" is one head
                names.append(name)
                lines.pop(0)
                while lines and not lines[0].strip():
                    lines.pop(0)
                continue
            match = _INLINE.match(lines[0]) if self.inline or names else None
            if match and match["name"].casefold() in self._by_name:
                names.append(match["name"])
                lines[0] = lines[0][match.end() :]
                continue
            break
        return names

    def _take(self, lines: list[str], name: str, recent: Sequence[str]) -> list[str]:
        """Take the words that somebody is quoted with off the lines."""
        while lines and not lines[0].strip():
            lines.pop(0)
        theirs = self._by_name.get(name.casefold(), [])[-_LOOK_BACK:]
        first = plain_words(lines[0]) if lines else ""
        for known in (theirs, recent):
            for words in reversed(known):
                may_be = first[:_SHORTEST] in words or words[:_SHORTEST] in first
                taken = _taken(lines, words) if may_be else []
                if taken:
                    return taken
        if not any(line.strip() for line in lines):
            return []
        if not self._doubted:
            self.draft.doubt("where some quotes end is not shown; they are taken to end at the first blank line")
            self._doubted = True
        end = next((n for n, line in enumerate(lines) if not line.strip()), 1)
        if not any(line.strip() for line in lines[end:]):
            end = 1 if len(lines) > 1 else 0
        taken = lines[:end]
        del lines[:end]
        return taken


def apart_from_bare_quote(text: str, earlier: Sequence[str]) -> tuple[str, str]:
    """A text's own words, and its first paragraph where that is no more than words of a text above.

    Copies of some pages lose the mark of a quote; nobody begins with another's very words and goes on with their own.
    """
    paragraphs = re.split(r"\n[ \t]*\n", text.strip(), maxsplit=1)
    if len(paragraphs) < 2 or len(paragraphs[0]) < _SHORTEST_BARE or len(paragraphs[0].split()) < 2:
        return text, ""
    words = plain_words(paragraphs[0])
    held = any(f" {words} " in f" {plain_words(other)} " for other in earlier[-_LOOK_BACK:])
    return (paragraphs[1].strip(), paragraphs[0]) if held else (text, "")


def _shown_end(lines: Sequence[str], depth: int) -> int | None:
    """The line that closes a quote of so many in one another, where the page shows where each ends."""
    end = None
    for n, line in enumerate(lines):
        if _ENDS.match(line):
            depth, end = depth - 1, n
            if depth == 0:
                break
        elif end is not None and _head_name(line) is not None:
            if depth > 0:
                break  # fewer ends than heads: the next head begins another quote
            depth += 1
    return end


@lru_cache(maxsize=1 << 14)  # the same quotes are compared with each comment
def plain_words(text: str) -> str:
    """A text's letters, as quotes are compared."""
    return " ".join(re.sub(r"[^\w\s]+", "", text.casefold()).split())


def _taken(lines: list[str], words: str) -> list[str]:
    """Take the lines off that a comment's words hold, the last one in part where the quote runs on into new words."""
    at = 0
    n = 0
    while n < len(lines):
        line = plain_words(lines[n])
        if not line:
            n += 1
            continue
        found = words.find(line, at)
        if found < 0 or (n == 0 and len(line) < _SHORTEST and line != words):
            break
        at = found + len(line)
        n += 1
        if at >= len(words):
            break
    taken = lines[:n]
    rest = words[at:].strip()
    if n < len(lines) and rest and plain_words(lines[n]).startswith(rest + " "):
        cut = _cut(lines[n], rest)
        taken.append(lines[n][:cut].rstrip())
        del lines[:n]
        lines[0] = lines[0][cut:].lstrip()
        return taken
    del lines[:n]
    return [line for line in taken if line.strip()]


def _cut(line: str, words: str) -> int:
    """Where in a line its first words end that read as ``words``."""
    wanted = words.replace(" ", "")
    n = 0
    for place, character in enumerate(line):
        if n == len(wanted):
            closing = re.match(r"[^\w\s]*", line[place:])
            return place + (closing.end() if closing else 0)
        n += bool(re.match(r"\w", character.casefold()))
    return len(line)


def _head_name(line: str) -> str | None:
    """The name in the head of a quote, empty where it names nobody; None for a line that is no such head."""
    if len(line) > 160:
        return None
    match = _HEAD.match(line)
    if match is None:
        return None
    if match["nobody"]:
        return ""
    if match["on"]:
        return match["on"] if is_time(match["ondate"]) else None
    if match["smf"]:
        return match["smf"] if is_time(match["smfdate"]) else None
    name = match["wrote"] or match["orig"] or match["quoting"] or ""
    return name if is_name(name) else None


def _tagged(text: str) -> tuple[str, str]:
    """Own and quoted words of a text that shows its quotes by tags."""
    own: list[str] = []
    quoted: list[str] = []
    depth = 0
    at = 0
    before = ""
    for tag in _TAG.finditer(text):
        (quoted if depth else own).append(text[at : tag.start()])
        if not quoted and not depth and own:
            before = own[0]
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        at = tag.end()
    (quoted if depth else own).append(text[at:])
    if before.strip() and len(own) > 1:
        # Some pages show a comment twice, as it looks and as it was typed.
        typed = plain_words(_untagged("\n".join(own[1:])))
        if typed and plain_words(before).endswith(typed):
            own = own[1:]
    lines = [re.sub(r"^[ \t]*[^\n:]{1,60} wrote:[ \t]*", "", line) for line in _untagged("\n".join(quoted)).split("\n")]
    return _untagged("\n".join(own)), dedented([line for line in lines if line.strip()])


def _untagged(text: str) -> str:
    return dedented(_OTHER_TAG.sub("", text).split("\n"))
