"""What can be seen of a copied page's lines, whatever platform made it: their look, and what recurs among them.

A page writes the same things around every comment. Lines that look alike, or that stand at the same distance from a
time again and again, are therefore the page's own (the idea of wrapper induction: Chang and Lui 2001, "IEPAD:
information extraction based on pattern discovery"; Liu, Grossman and Zhai 2003, "Mining data records in web pages").
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from stance.readers.dumps.furniture import is_badge, is_button, is_foot
from stance.readers.dumps.lines import is_name, is_time
from stance.readers.dumps.timed import parted

_SHORT = 60  # characters of a line that can be a button, a name, a head
_LONGEST_HEAD = 160  # characters of a line that may tell a time
_BESIDE_A_TIME = 8  # lines
_NEAR, _FAR = 6, 20  # lines from a time
_COUNT = re.compile(r"(?=.*\d).{0,40}\b(?:comments?|responses?|replies|thoughts|posts)\b.{0,60}", re.I)
_SAYS = re.compile(
    r"\b(?:said|says|wrote|writes|posted|escribió|schrieb|dijo)\b[^a-z]{0,3}$|\b(?:says|said|wrote)\b.{0,40}:$", re.I
)


@dataclass(frozen=True)
class Lines:
    """The lines of a copy that are not blank.

    :param texts: Each stripped.
    :param places: Where each stands among all lines of the copy.
    """

    texts: tuple[str, ...]
    places: tuple[int, ...]

    @classmethod
    def of(cls, lines: Sequence[str]) -> Lines:
        """From all lines of a copy."""
        stripped = [line.strip() for line in lines]
        kept = tuple(n for n, line in enumerate(stripped) if line)
        return cls(tuple(stripped[n] for n in kept), kept)

    @cached_property
    def after_gap(self) -> tuple[bool, ...]:
        """Whether a blank line stands above each."""
        above = (-1, *self.places)
        return tuple(place == 0 or place - before > 1 for before, place in zip(above, self.places, strict=False))

    @cached_property
    def shapes(self) -> tuple[str, ...]:
        """Each line without its capitals, its numbers all the same."""
        return tuple(map(shape_of, self.texts))

    def starts_of(self, texts: Iterable[str]) -> list[int | None]:
        """Where each text's lines stand one below the other, in order; None where they do not."""
        mine = [plain(text) for text in self.texts]
        places: defaultdict[str, list[int]] = defaultdict(list)
        for n, line in enumerate(mine):
            places[line].append(n)
        starts: list[int | None] = []
        at = 0
        for text in texts:
            wanted = [line for line in map(plain, text.split("\n")) if line]
            first = places.get(wanted[0], []) if wanted else []
            after = first[bisect_left(first, at) :]
            start = next((n for n in after if mine[n : n + len(wanted)] == wanted), None)
            starts.append(start)
            at = at if start is None else start + len(wanted)
        return starts

    def features(self) -> list[list[str]]:
        """What is seen of each line, by name."""
        return _Looks(self).features()


def shape_of(text: str) -> str:
    """A text without its capitals, its numbers all the same."""
    return re.sub(r"\d+", "0", text.casefold())


def plain(text: str) -> str:
    """A text with single spaces."""
    return " ".join(text.split())


class _Row(NamedTuple):
    """The lines that stand equally far from a time.

    :param n: How many.
    :param shapes: How many have each shape.
    """

    n: int
    shapes: Counter[str]
    n_names: int
    n_short: int


class _Looks:
    """How lines look, each by itself and among the others."""

    def __init__(self, lines: Lines) -> None:
        self._lines, texts, shapes = lines, lines.texts, lines.shapes
        self._is_time = [len(text) < _LONGEST_HEAD and is_time(text) for text in texts]
        self._head = [
            None if self._is_time[n] or len(text) > _LONGEST_HEAD else parted(text) for n, text in enumerate(texts)
        ]
        self._timed = [n for n in range(len(texts)) if self._is_time[n] or self._head[n]]
        self._n_shapes = Counter(shapes)
        self._n_texts = Counter(text.casefold() for text in texts)
        short = [shape.split() for shape in shapes if len(shape) < _SHORT]
        self._n_first = Counter(words[0] for words in short)
        self._n_last = Counter(words[-1] for words in short)
        self._n_beside_time = Counter(shape_of(head.rest) for head in self._head if head)
        counts = (n for n, text in enumerate(texts) if len(text) < 80 and _COUNT.fullmatch(text))
        self._count = next(counts, None)
        self._rows: dict[int, _Row] = {}

    def features(self) -> list[list[str]]:
        """Those of each line by itself."""
        return [
            [*_look_of(text), *self._as_head(n), *self._recurring(n), *self._beside(n), *self._placed(n)]
            for n, text in enumerate(self._lines.texts)
        ]

    def _as_head(self, n: int) -> list[str]:
        if self._is_time[n]:
            return ["time"]
        head = self._head[n]
        if head is None:
            return []
        again = ["again beside time"] if self._n_beside_time[shape_of(head.rest)] > 1 else []
        return ["head", f"{_kind(head.before)} before time", f"{_kind(head.behind)} behind time", *again]

    def _recurring(self, n: int) -> list[str]:
        text, shape = self._lines.texts[n], self._lines.shapes[n]
        found = [f"shape {_step(self._n_shapes[shape], 2, 3, 5)}"]
        found.append(f"text {_step(self._n_texts[text.casefold()], 2, 3, 5)}")
        if len(text) < _SHORT:
            words = shape.split()
            found.append(f"first word {_step(self._n_first[words[0]], 2, 3, 5)}")
            found.append(f"last word {_step(self._n_last[words[-1]], 2, 3, 5)}")
        above = self._lines.texts[n - 1] if n else ""
        below = self._lines.texts[n + 1] if n + 1 < len(self._lines.texts) else ""
        if text == above:
            found.append("twice")
        elif len(text) > 2 and text.casefold() in above.casefold():
            found.append("within the line above")
        if len(text) > 2 and text != below and text.casefold() in below.casefold():
            found.append("within the line below")
        if len(below) > 2 and text != below and below.casefold() in text.casefold():
            found.append("holds the line below")
        return found

    def _beside(self, n: int) -> list[str]:
        """How far the times above and below are, and what stands as far from the other times."""
        place = bisect_left(self._timed, n)
        above = n - self._timed[place - 1] if place else _FAR
        place = bisect_right(self._timed, n)
        below = self._timed[place] - n if place < len(self._timed) else _FAR
        found = []
        for side, away in (("above", above), ("below", below)):
            found.append(f"time {side} {min(away, _NEAR) if away < _FAR else 'far'}")
            if away <= _BESIDE_A_TIME:
                found += self._alike(n, away if side == "above" else -away, side)
        return found

    def _alike(self, n: int, away: int, side: str) -> list[str]:
        if away not in self._rows:
            self._rows[away] = self._row(away)
        row = self._rows[away]
        if row.n < 2:
            return []
        return [
            f"{side} alike {_step(row.shapes[self._lines.shapes[n]] / row.n, 0.2, 0.4, 0.7)}",
            f"{side} names {_step(row.n_names / row.n, 0.3, 0.6, 0.85)}",
            f"{side} short {_step(row.n_short / row.n, 0.3, 0.6, 0.85)}",
        ]

    def _row(self, away: int) -> _Row:
        places = [n + away for n in self._timed if 0 <= n + away < len(self._lines.texts)]
        texts = [self._lines.texts[n] for n in places]
        shapes = Counter(self._lines.shapes[n] for n in places)
        return _Row(len(texts), shapes, sum(map(is_name, texts)), sum(len(text) < 40 for text in texts))

    def _placed(self, n: int) -> list[str]:
        gaps = self._lines.after_gap
        found = ["gap above"] if gaps[n] else []
        found += ["gap below"] if n + 1 < len(gaps) and gaps[n + 1] else []
        if self._count is None:
            found.append("no count")
        else:
            found.append(
                "the count" if n == self._count else "below the count" if n > self._count else "above the count"
            )
        return [*found, f"place {_step(n / len(gaps), 0.1, 0.3, 0.7, 0.9)}"]


def _kind(beside: str) -> str:
    """What stands beside a time."""
    if not beside:
        return "nothing"
    return "a name" if is_name(beside) else "much" if len(beside) > _SHORT else "something"


def _look_of(text: str) -> list[str]:
    found = [
        f"words {_step(len(text.split()), 2, 3, 4, 6, 9, 14, 25)}",
        f"long {_step(len(text), 3, 10, 25, 60, 120, 300)}",
    ]
    last, first = text[-1], text[0]
    found.append("end of sentence" if last in ".?!…" else f"end {last}" if last in ":;,)" else _end_of_word(last))
    looks = {
        "quote begins": first in "\"“‘'>«„",
        "sign begins": first in "@#",
        "bullet begins": first in "·•|-–—*>→▲▼↑↓+−",
        "bullet within": re.search(r"[·•|]", text) is not None,
        "capital": first.isupper(),
        "small letter": first.islower(),
        "all capitals": text.isupper() and len(text) > 3,
        "no letters": not any(character.isalpha() for character in text),
        "number": text.isdigit() and len(text) < 7,
        "name": is_name(text),
        "button": is_button(text),
        "badge": is_badge(text),
        "foot": is_foot(text),
        "says": len(text) < _LONGEST_HEAD and _SAYS.search(text) is not None,
        "address": "http" in text or "www." in text,
    }
    return found + [name for name, is_so in looks.items() if is_so]


def _end_of_word(last: str) -> str:
    return "end of quote" if last in '"”’' else "end"


def _step(value: float, *steps: float) -> int:
    """How many of the steps a value has reached."""
    return sum(value >= step for step in steps)
