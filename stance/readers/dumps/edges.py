"""What is left of the page around the words of a copy's comments, and around their writers' names, taken off.

A page writes the same around every comment. A reader knows the marks of its platform as they were; a line at a
comment's edge that recurs at others' edges, and that looks like the page's own
(:mod:`stance.readers.dumps.line_labels`), is nobody's words either.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from stance.readers.dumps.line_features import shape_of
from stance.readers.dumps.line_labels import NO_WORDS, Labelled
from stance.readers.dumps.line_net import Floats
from stance.readers.dumps.lines import trimmed
from stance.readers.replies import link_replies
from stance.thread import Thread

_SURE = 0.95  # probability to be the page's own, that needs no second line of the kind
_LONG = 60  # characters of a line that is rather words, however sure
_BUTTON_ENDS = frozenset(",:;)]»›>·•|-–—*")  # beside letters and numbers; what ends otherwise is a sentence, and words
_LIKELY = 0.5  # that needs one
_MOST_SHARE = 0.6  # share of comments that end or begin with a line, for it to be nobody's whatever it looks like
_FEWEST = 3  # comments that show what a page writes around all
_SIGNATURE = 4  # words of a line that tell it from "Regards, Ann"
_QUOTED = re.compile(r"[“\"„«](?P<words>.+)[”\"“»]", re.S)
_NUMBERED = re.compile(r"#?(?P<number>\d{1,5})[.)]? (?P<name>\S.*)")

_Rows = list[list[str]]


def without_edges(threads: Sequence[Thread], told: Labelled | None, *, has_signatures: bool = False) -> list[Thread]:
    """Threads of a copy, without what the page wrote around their comments.

    :param told: What the lines of the copy are; None where they were not looked at.
    :param has_signatures: Whether writers may have a line of their own, which the page puts under all they write.
    """
    if len(threads) != 1 or not threads[0].comments:
        return list(threads)
    comments = threads[0].comments
    rows = [comment.text.split("\n") for comment in comments]
    if told is not None:
        rows = _without_the_pages(rows, [comment.author for comment in comments], told)
    if has_signatures:
        rows = _without_signatures(rows, [comment.author for comment in comments])
    texts = _without_speech_marks(["\n".join(row) for row in rows])
    names = _without_what_all_share([comment.author for comment in comments])
    kept = [
        replace(comment, text=text, author=name) for comment, text, name in zip(comments, texts, names, strict=True)
    ]
    if kept == list(comments):
        return list(threads)
    return [replace(threads[0], comments=link_replies(kept))]


def _without_the_pages(rows: _Rows, authors: Sequence[str | None], told: Labelled) -> _Rows:
    """Without the lines above and below that are likely the page's own; every comment keeps one line."""
    odds = told.probabilities[:, NO_WORDS].sum(axis=1)
    for from_below in (True, False):
        turned = [row[::-1] if from_below else list(row) for row in rows]
        places = [place[::-1] if from_below else place for place in _places(rows, told)]
        edges = [_edge(row, place, odds, author) for row, place, author in zip(turned, places, authors, strict=True)]
        shapes = Counter(shape for edge in edges for shape in {shape_of(line) for line, _ in edge})
        n_first = Counter(shape_of(row[0]) for row in turned if len(row) > 1)
        least = max(_FEWEST, _MOST_SHARE * len(rows))
        for n, edge in enumerate(edges):
            cut = _n_cut(edge, shapes, _SURE if from_below else math.inf)
            first = turned[n][0]
            if not cut and len(turned[n]) > 1 and n_first[shape_of(first)] >= least and _ends_as_button(first):
                cut = 1
            left = _trimmed(turned[n][cut:])
            turned[n] = left or turned[n]
        rows = [row[::-1] if from_below else row for row in turned]
    return rows


def _n_cut(edge: Sequence[tuple[str, float]], shapes: Counter[str], sure: float) -> int:
    """How many of an edge's lines recur at other edges, or are surely the page's own."""

    def is_cut(one: tuple[str, float]) -> bool:
        line, odds = one
        return not line or (
            _ends_as_button(line) and (shapes[shape_of(line)] > 1 or (odds >= sure and len(line) < _LONG))
        )

    return sum(1 for _ in takewhile(is_cut, edge))


def _ends_as_button(line: str) -> bool:
    return line[-1:].isalnum() or line[-1:] in _BUTTON_ENDS


def _edge(
    row: Sequence[str], places: Sequence[int | None], odds: Floats, author: str | None
) -> list[tuple[str, float]]:
    """The first lines of a comment that may be the page's own, and how likely; blank ones as likely as can be.

    A line of the writer's own name alone is how they sign.
    """
    own = set((author or "").casefold().split())
    told = [
        (line, 0.0 if n is None or own.issuperset(line.casefold().split()) else float(odds[n])) if line else (line, 1.0)
        for line, n in zip(row, places, strict=True)
    ]
    return list(takewhile(lambda one: one[1] >= _LIKELY, told))


def _places(rows: _Rows, told: Labelled) -> list[list[int | None]]:
    """Where in the copy each line of each comment stands; None where it is blank or not found in order."""
    found: list[list[int | None]] = []
    for row, start in zip(rows, told.lines.starts_of(map("\n".join, rows)), strict=True):
        count = iter(range(start or 0, len(told.lines.texts)))
        found.append([next(count) if line.strip() and start is not None else None for line in row])
    return found


def _without_signatures(rows: _Rows, authors: Sequence[str | None]) -> _Rows:
    """Without the lines that stand below all that one writer wrote."""
    written: defaultdict[str, list[int]] = defaultdict(list)
    for n, author in enumerate(authors):
        if author:
            written[author].append(n)
    kept = [_trimmed(row) for row in rows]
    for places in written.values():
        while len(places) > 1 and min(len(kept[n]) for n in places) > 1:
            ends = {kept[n][-1] for n in places}
            if len(ends) > 1 or len(ends.pop().split()) < _SIGNATURE:
                break
            for n in places:
                kept[n] = _trimmed(kept[n][:-1])
    return kept


def _without_speech_marks(texts: Sequence[str]) -> list[str]:
    """Without the speech marks that a page puts around all of them."""
    inside = [match["words"].strip() for text in texts if (match := _QUOTED.fullmatch(text.strip()))]
    return inside if len(inside) == len(texts) >= _FEWEST and all(inside) else list(texts)


def _without_what_all_share(names: Sequence[str | None]) -> list[str | None]:
    """Names without the number that counts them, and without a last word that all have: "3 Ann", "Ann Avatar"."""
    known = [name for name in names if name]
    numbered = [_NUMBERED.fullmatch(name) for name in known]
    numbers = [int(match["number"]) for match in numbered if match]
    if len(numbers) == len(known) >= _FEWEST and all(a < b for a, b in pairwise(numbers)):
        return [_NUMBERED.sub(r"\g<name>", name) if name else None for name in names]
    last = {name.split()[-1] for name in known}
    if len(last) == 1 and len(set(known)) >= _FEWEST and all(len(name.split()) > 1 for name in known):
        return [name.rpartition(" ")[0].strip() if name else None for name in names]
    return list(names)


def _trimmed(lines: Sequence[str]) -> list[str]:
    """Lines without the blank ones above and below."""
    return trimmed(lines, lambda line: False)
