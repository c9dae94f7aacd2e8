"""The heads of a dump's comments, and the comments that stand between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from stance.readers.dates import Moment
from stance.readers.draft import Draft
from stance.readers.dumps.lines import (
    dedented,
    doubled,
    is_name,
    is_time,
    split_time,
    time_of,
    trimmed,
)
from stance.thread import Comment

# What platforms show in place of a comment that is no longer there.
_GONE = re.compile(
    r"\[?(?:deleted|removed)\]?(?: by (?:user|moderator|the author))?\.?"
    r"|(?:this|the) (?:comment|post|message|reply) (?:has been|was|is) (?:removed|deleted|hidden|unavailable"
    r"|withdrawn)\b.{0,160}"
    r"|(?:comment|post|reply|message) (?:has been )?(?:removed|deleted)(?: by (?:[a-z]+ ){0,3}[a-z]+)?\.?"
    r"|(?:this )?comment (?:did not meet|violated|violates|breaks|broke) (?:our|the) .{0,120}"
    r"|este comentario (?:ha sido eliminado|fue eliminado).{0,80}|este comentário foi removido.{0,80}"
    r"|ce commentaire a été supprimé.{0,80}|dieser kommentar wurde .{0,60}(?:entfernt|gelöscht)\.?"
    r"|questo commento è stato eliminato.{0,80}|deze reactie is verwijderd.{0,80}"
    r"|(?:comentário excluído\W+)?esta postagem foi removida.{0,80}|den här kommentaren har tagits bort.{0,80}",
    re.I | re.S,
)
_MOST_COUNTS = 2  # that are tried; a page may count the comments of other articles, too
_WITHDRAWN = re.compile(r"message (?:withdrawn|deleted)(?: (?:by|at) .{1,60})?\.?", re.I)
_AWAITING = re.compile(r"(?:your|this) comment is awaiting (?:moderation|approval)\.?", re.I)


_CLOCK = re.compile(r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?[ ]?(?:[ap]\.?m\.?)?(?: Uhr)?", re.I)
_IN_REPLY_TO = re.compile(
    r"(?:(?:in (?:reply|response|answer) to|replying to|en réponse à|in risposta a|en respuesta a|als antwort auf"
    r"|antwort auf|em resposta a|als reactie op)[ \t]*:?|↪)[ \t]*@?(?P<name>\S.{0,58}?)[ \t]*:?",
    re.I,
)
# An article's byline, and a count of comments beside the date of another article.
_NO_WRITER = re.compile(r"(?:[Bb]y |By(?=[A-ZÀ-Þ]))|\d[\d,.]{0,6} comments?$")
_BULLETS = " \t•·|∙–—-"
_MOST_CLOSED = 0.7  # share of comments that one button closes, for it to close the last one


class Head(NamedTuple):
    """Where a comment begins.

    :param start: The first line of its head.
    :param body: The first line of its words.
    :param answers: The name of the writer it answers, as its head shows it.
    :param depth: How deep it stands in the thread, where the page shows that.
    :param number: Which number the page gives it, for others to answer "#3".
    """

    start: int
    body: int
    name: str | None
    time: Moment | None = None
    answers: str | None = None
    depth: int | None = None
    is_post_author: bool = False
    number: int | None = None


@dataclass
class Gathering:
    """Adds the comments between heads to a draft.

    :param lines: The lines of the dump.
    :param is_furniture: Whether a line, stripped, is the page's own when it stands above or below a comment's words.
    :param split: Splits a comment's lines, with the comments above at hand, into its own words and what it quotes.
    :param day_first: Whether the page writes the day before the month in numbers.
    """

    draft: Draft
    lines: Sequence[str]
    is_furniture: Callable[[str], bool]
    split: Callable[[str, Sequence[Comment]], tuple[str, str]] = lambda text, earlier: (text, "")
    day_first: bool | None = None
    _latest: dict[str, str] = field(default_factory=dict)
    _above: list[tuple[int, str | None]] = field(default_factory=list)
    _numbered: dict[int, str] = field(default_factory=dict)

    def add(self, head: Head, stop: int) -> None:
        """Add the comment whose words end before line ``stop``, or count it where the page says that it is gone."""
        lines = trimmed(self.lines[head.body : stop], self.is_furniture)
        lines = self._without_gone(lines)
        time = head.time
        if time is None and len(lines) > 1 and is_time(lines[-1]):  # some templates put the date below
            time = time_of(lines[-1], day_first=self.day_first)
            lines = trimmed(lines[:-1], self.is_furniture)
        text = dedented(lines)
        if gone(text) or _WITHDRAWN.fullmatch(text) or (not text and gone(head.name or "")):
            self.draft.drop("deleted")
            self._nest(head.depth, None)
            return
        if _AWAITING.fullmatch(text):
            self.draft.drop("awaiting moderation")
            return
        own, quoted = self.split(text, self.draft.comments)
        if not own and not quoted:
            self.draft.drop("without words")
            self._nest(head.depth, None)
            return
        parent = self._handle_called(own) or self._parent(head) or self._answered_number(own)
        comment_id = self.draft.add(
            own,
            author=head.name,
            time=time,
            parent_id=parent,
            is_post_author=head.is_post_author,
            quoted=quoted,
        )
        self._nest(head.depth, comment_id)
        if head.name:
            self._latest[head.name.casefold()] = comment_id
        if head.number is not None:
            self._numbered[head.number] = comment_id

    def _handle_called(self, text: str) -> str | None:
        """The latest comment of the handle that a text begins with, where the page shows writers by their handles."""
        return self._latest.get(text.split(maxsplit=1)[0].casefold()) if text.startswith("@") else None

    def _answered_number(self, text: str) -> str | None:
        """The comment whose number a text begins with, on a page that numbers them: "#3 Nobody is." """
        match = re.match(r"(?:[#@]|no\.? ?|re:? #?)(\d{1,4})\b", text, re.I) if self._numbered else None
        return self._numbered.get(int(match[1])) if match else None

    def _without_gone(self, lines: list[str]) -> list[str]:
        """The lines without a notice, below them, that the next comment is gone, which had no head of its own.

        What shows it to be the page's is a button, a time or another such line above it.
        """
        at = next(
            (n for n in range(1, len(lines)) if gone(lines[n].strip()) or _WITHDRAWN.fullmatch(lines[n].strip())), 0
        )
        told = [n for n in range(at) if lines[n].strip()]
        below = [line for line in lines[at + 1 :] if line.strip() and not self.is_furniture(line.strip())]
        if not at or not told or any(not is_time(line) and not gone(line.strip()) for line in below):
            return lines
        above = lines[told[-1]].strip()
        if not self.is_furniture(above) and not is_time(above) and not gone(above):
            return lines
        while told and gone(lines[told[-1]].strip()):
            at = told.pop()
        if told and not below and is_time(lines[told[-1]]):  # its own time stands above it
            at = told.pop()
        if not told:
            return lines
        self.draft.drop("deleted")
        return trimmed(lines[:at], self.is_furniture)

    def add_all(self, heads: Sequence[Head], end: int) -> None:
        """Add the comments of all heads, the last one's words ending before line ``end``."""
        end = end_of_last(self.lines, heads, self.is_furniture, end)
        stops = [*(head.start for head in heads[1:]), end]
        for head, stop in zip(heads, stops, strict=False):
            self.add(head, stop)

    def _parent(self, head: Head) -> str | None:
        if head.answers:
            return self._latest.get(head.answers.casefold())
        if head.depth:
            return next((comment_id for depth, comment_id in reversed(self._above) if depth < head.depth), None)
        return None

    def _nest(self, depth: int | None, comment_id: str | None) -> None:
        if depth is None:
            return
        while self._above and self._above[-1][0] >= depth:
            self._above.pop()
        self._above.append((depth, comment_id))


def end_of_last(lines: Sequence[str], heads: Sequence[Head], is_furniture: Callable[[str], bool], end: int) -> int:
    """Where the last comment's words end: at the button that closes the others too, for the page's foot is below it."""
    closing: Counter[str] = Counter()
    for head, below in pairwise(heads):
        body = lines[head.body : below.start]
        stop = len(trimmed(body, is_furniture)) + next((n for n, line in enumerate(body) if line.strip()), 0)
        closing.update(list(dict.fromkeys(_kind(line) for line in body[stop:] if line.strip())))
        # of two that close as many, the first below the words is meant: "12" stands before "Reply"
    kind, n = closing.most_common(1)[0] if closing else ("", 0)
    if not kind or n < _MOST_CLOSED * (len(heads) - 1) or not heads:
        return end
    first = next((m for m in range(heads[-1].body, end) if lines[m].strip()), end)
    return next((m for m in range(first + 1, end) if _kind(lines[m]) == kind), end)


@lru_cache(maxsize=1 << 12)
def _kind(line: str) -> str:
    """A button's words, whatever number stands beside them."""
    return re.sub(r"\d+", "#", line.strip().casefold())


def name_called(text: str, known: Set[str], own: str | None) -> str | None:
    """The name of another writer that a text begins with, as platforms put it there when one is answered."""
    words = text.strip().partition("\n")[0][:80].split(" ")
    openings = [" ".join(words[:n]) for n in range(min(5, len(words) - 1), 1, -1)]
    return next((name for name in openings if name in known and name != own), None)


def gone(text: str) -> bool:
    """Whether a text is a platform's notice that a comment is no longer there."""
    return len(text) < 400 and _GONE.fullmatch(text.strip()) is not None


def heads_below_a_count(
    counts: Sequence[tuple[int, re.Match[str]]], heads_below: Callable[[int], list[Head]]
) -> tuple[list[Head], re.Match[str] | None]:
    """The heads below the first count of comments that has any below it, and that count.

    :param counts: The lines that count comments, and how.
    :param heads_below: Gives the heads below a line; below -1 all.
    :returns: Where no count has any below it all heads and None.
    """
    for place, count in counts[:_MOST_COUNTS]:
        heads = heads_below(place)
        if heads:
            return heads, count
    return heads_below(-1), None


@dataclass(frozen=True)
class StackedLayout:
    """Name and time above each comment, on one line or on lines of their own.

    :param is_furniture: Whether a line, stripped, is a button, a number of votes or another of the page's own.
    :param is_badge: Whether it is one that stands between a name and the words, such as "Top fan".
    :param has_places: Whether a place may stand between name and time, after a comma or on its own line.
    """

    is_furniture: Callable[[str], bool]
    is_badge: Callable[[str], bool]
    has_places: bool = False

    def heads(
        self, lines: Sequence[str], first: int = 0, *, page_time: Moment | None = None, day_first: bool | None = None
    ) -> list[Head]:
        """The heads from line ``first`` on."""
        heads: list[Head] = []
        known: set[str] = set()
        floor = first
        for n in range(first, len(lines)):
            line = lines[n].strip()
            if not line or n < floor or len(line) > 200 or line.startswith(("- ", "– ", "— ")):
                continue
            found = self._joined(lines, n, floor) or self._stacked(lines, n, floor, known)
            if found is None:
                continue
            start, name, when, answers = found
            body = self._body(lines, n + 1)
            if answers is None:
                name, answers = _who_answers(name, known)
            if answers is None and self._names_answered(lines, body, known):
                answers, body = lines[body].strip(), self._body(lines, body + 1)
            when, body = self._with_clock(lines, when, body)
            answers = answers or self._in_reply_to(lines, n + 1, body)
            known.add(name)
            heads.append(Head(start, body, name, time_of(when, page_time, day_first=day_first), answers))
            floor = body
        return heads

    def _with_clock(self, lines: Sequence[str], when: str, body: int) -> tuple[str, int]:
        """The time and the first line of words, where the hour stands on a line of its own below the day."""
        clock = lines[body].strip() if body < len(lines) else ""
        if _CLOCK.fullmatch(clock) and not _CLOCK.search(when):
            return f"{when.strip()} {clock}", self._body(lines, body + 1)
        return when, body

    def _in_reply_to(self, lines: Sequence[str], first: int, body: int) -> str | None:
        """Who is answered, where a line of the head says so: "In reply to Ann"."""
        matches = (_IN_REPLY_TO.fullmatch(lines[n].strip()) for n in range(first, min(body, len(lines))))
        return next((match["name"] for match in matches if match), None)

    def _names_answered(self, lines: Sequence[str], n: int, known: Set[str]) -> bool:
        """Whether the first line below a head is no more than the name of who is answered, with words below it."""
        if n + 1 >= len(lines) or len(lines[n].strip()) < 3 or lines[n].strip() not in known:
            return False
        below = lines[n + 1].strip()
        return bool(below) and not self.is_furniture(below) and not is_time(below)

    def _joined(self, lines: Sequence[str], n: int, floor: int) -> tuple[int, str, str, str | None] | None:
        line = lines[n].strip()
        parts = split_time(line)  # asked first, for its answers are kept
        if parts is None or not parts[0] or self.is_furniture(line):
            return None
        name = self._without_badges(parts[0])
        place = name.partition(",")[0].strip() if self.has_places else name
        if not is_name(place) or self.is_furniture(place) or _NO_WRITER.match(place):
            return None
        return self._with_picture(lines, n, floor), place, parts[1], None

    def _stacked(
        self, lines: Sequence[str], n: int, floor: int, known: Set[str]
    ) -> tuple[int, str, str, str | None] | None:
        if not is_time(lines[n]) or self.is_furniture(lines[n].strip()):
            return None
        above = self._names_above(lines, n, floor)
        if not above or not is_name(lines[above[0]].strip(_BULLETS)):
            return None
        start, answers = above[0], None
        # Between the page's own above and the time below stand name and place, or name and who is answered.
        if len(above) == 2 and is_name(lines[above[1]]) and self._closed_above(lines, above[1], floor, known):
            nearest = lines[above[0]].strip(_BULLETS)
            start, answers = above[1], nearest if nearest in known and not self.has_places else None
        elif len(above) > 1 and lines[above[0]].strip() == lines[above[1]].strip():
            start = above[1]
        name = self._without_badges(lines[start].strip())
        if self.has_places:
            name = name.partition(",")[0].strip()
        if not name or _NO_WRITER.match(name):
            return None
        return self._with_picture(lines, start, floor), name, lines[n], answers

    def _names_above(self, lines: Sequence[str], n: int, floor: int) -> list[int]:
        """The lines over a time, the nearest first, up to three, that are none of the page's own."""
        above: list[int] = []
        for m in range(n - 1, max(floor - 1, n - 12), -1):
            line = lines[m].strip()
            if not line.strip(_BULLETS) or self._is_beside(line):
                continue
            if self.is_furniture(line) or len(above) == 3:
                break
            above.append(m)
        return above

    def _closed_above(self, lines: Sequence[str], n: int, floor: int, known: Set[str]) -> bool:
        """Whether the page's own stands above a line, or no comment, so that the one above has ended there."""
        for m in range(n - 1, floor - 1, -1):
            line = lines[m].strip()
            if line and not self._is_beside(line):
                return self.is_furniture(line)
        return not known

    def _body(self, lines: Sequence[str], n: int) -> int:
        while n < len(lines) and (
            not lines[n].strip()
            or self.is_badge(lines[n].strip())
            or _is_edit_mark(lines[n])
            or _IN_REPLY_TO.fullmatch(lines[n].strip())
        ):
            n += 1
        return n

    def _without_badges(self, name: str) -> str:
        parts = [part.strip() for part in re.split(r"[•·|∙\t]|\s{3,}", name)]
        kept = [part for part in parts if part and not self.is_badge(part)]
        return doubled(kept[0]) if kept else ""

    def _with_picture(self, lines: Sequence[str], n: int, floor: int) -> int:
        top = n
        for above in range(n - 1, floor - 1, -1):
            line = lines[above].strip()
            if line and (self.is_furniture(line) or not self._is_beside(line)):
                break
            top = above if line else top
        return top

    def _is_beside(self, line: str) -> bool:
        """Whether a line is a badge, or the initials that stand in for a picture."""
        return self.is_badge(line) or (len(line) <= 2 and line.isalpha() and line.isupper())


def _is_edit_mark(line: str) -> bool:
    line = line.strip().casefold().strip("•·|()∙ ")
    return line in ("", "edited") or (re.fullmatch(r"edited .{2,20}", line) is not None and is_time(line[6:]))


def _who_answers(name: str, known: Set[str]) -> tuple[str, str | None]:
    """ "Bob → Ann Smith", "Bob  Ann Smith", "Bob in reply to Ann Smith": who writes, and who is answered."""
    match = re.match(
        r"(.{1,60}?)\s*(?:→|▸|➜|➤|>|↪|\bin reply to\b|\breplied to\b|\breplying to\b|\breplies to\b)\s*@?(.{1,60})$",
        name,
        re.I,
    )
    if match:
        return match[1].strip(" •·,"), match[2].strip()
    for split in re.finditer(r"\s+", name):
        before, after = name[: split.start()], name[split.end() :]
        if after in known and len(after) > 2 and name not in known:
            return before, after
    return name, None
