"""Pages made of others, to learn from: hundreds of copies are few, and every platform not among them is another.

A copy with the head or the foot of another page; with a kind of line gone that stood at every comment, or with one
more; with other gaps, in capitals, cut short, or without its comments. What each line is stays known.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stance.readers.dumps.line_features import Lines, shape_of
from stance.readers.dumps.line_labels import AUTHOR, BEGIN, INSIDE, PAGE, WORDS
from stance.readers.dumps.line_net import Ints

_SHORT = 60  # characters of a line that can be a button
_OFTEN = 3  # times that a shape of line stands on a page, for it to belong to the comments


class Line(NamedTuple):
    """A line of a page, whether a blank one stands above it, and what it is."""

    text: str
    after_gap: bool
    label: int


Rows = list[Line]


def rows_of(lines: Lines, labels: Ints) -> Rows:
    """A page line by line."""
    return [Line(*row) for row in zip(lines.texts, lines.after_gap, map(int, labels), strict=True)]


def lines_and_labels(rows: Rows) -> tuple[Lines, Ints]:
    """The page again."""
    steps = [2 if row.after_gap and n else 1 for n, row in enumerate(rows)]
    places = np.cumsum(steps) - 1 if steps else np.zeros(0, dtype=np.int64)
    lines = Lines(tuple(row.text for row in rows), tuple(places.tolist()))
    return lines, np.array([row.label for row in rows], dtype=np.int64)


def another_page(page: Rows, others: Sequence[Rows], rng: random.Random) -> Rows:
    """A page made of this one and, in part, of another.

    :param others: Pages that lend head, foot and buttons; at least one.
    """
    span = _span(page)
    if span and rng.random() < 0.05:
        return page[: max(0, span[0] - rng.choice((0, 2, 5)))] + page[span[1] :]  # no comments, as on most pages
    if span and rng.random() < 0.5:
        page = _in_the_frame_of(page, rng.choice(others), rng)
    if rng.random() < 0.4:
        page = _without_kinds(page, rng)
    if _span(page) and rng.random() < 0.3:
        page = _with_a_button(page, rng.choice(others), rng)
    page = _with_other_gaps(page, rng)
    if rng.random() < 0.15:
        page = [row._replace(text=row.text.upper()) if row.label == AUTHOR else row for row in page]
    return _with_fewer(page, rng) if rng.random() < 0.2 else page


def _span(page: Rows) -> tuple[int, int] | None:
    """From the first line that is a comment's to behind the last."""
    places = [n for n, row in enumerate(page) if row.label != PAGE]
    return (places[0], places[-1] + 1) if places else None


def _in_the_frame_of(page: Rows, other: Rows, rng: random.Random) -> Rows:
    """With the head or the foot of another page, or both; a few lines beside the comments are still its own."""
    mine, theirs = _span(page), _span(other)
    if not mine or not theirs:
        return page
    which = rng.random()
    if which < 0.7:
        page = other[: max(0, theirs[0] - rng.choice((4, 6)))] + page[max(0, mine[0] - rng.choice((3, 4, 6))) :]
    if which > 0.3:
        mine = _span(page) or mine
        page = page[: mine[1] + rng.choice((2, 3, 5))] + other[theirs[1] + rng.choice((3, 5)) :]
    return page


def _kinds(page: Rows) -> list[str]:
    """The shapes of the page's own short lines that stand on it again and again."""
    counts = Counter(shape_of(row.text) for row in page if row.label == PAGE and len(row.text) < _SHORT)
    return [shape for shape, n in counts.items() if n >= _OFTEN]


def _without_kinds(page: Rows, rng: random.Random) -> Rows:
    kinds = _kinds(page)
    gone = set(rng.sample(kinds, min(len(kinds), rng.choice((1, 1, 2, 3)))))
    return [row for row in page if row.label != PAGE or shape_of(row.text) not in gone]


def _with_a_button(page: Rows, other: Rows, rng: random.Random) -> Rows:
    """With a line above every writer's name, or below every comment's words, that another page has."""
    kinds = set(_kinds(other))
    buttons = [row.text for row in other if row.label == PAGE and shape_of(row.text) in kinds and len(row.text) < 30]
    if not buttons:
        return page
    button, is_above, found = rng.choice(buttons), rng.random() < 0.5, []
    for n, row in enumerate(page):
        if is_above and row.label == AUTHOR:
            found.append(Line(button, row.after_gap, PAGE))
            row = row._replace(after_gap=False)
        found.append(row)
        ends = row.label in WORDS and (n + 1 == len(page) or page[n + 1].label != INSIDE)
        if ends and not is_above:
            found.append(Line(button, rng.random() < 0.3, PAGE))
    return found


def _with_other_gaps(page: Rows, rng: random.Random) -> Rows:
    """With no blank lines, or one above every comment and here and there; mostly as it was."""
    which = rng.random()
    if which < 0.12:
        return [row._replace(after_gap=False) for row in page]
    if which < 0.24:
        return [
            row._replace(after_gap=True) if row.label in (AUTHOR, BEGIN) or rng.random() < 0.2 else row for row in page
        ]
    return page


def _with_fewer(page: Rows, rng: random.Random) -> Rows:
    """Without its last comments, from a writer's name on."""
    begins = [n for n, row in enumerate(page) if row.label == BEGIN]
    span = _span(page)
    if span is None or len(begins) <= _OFTEN + 1:
        return page
    nth = rng.randrange(_OFTEN, len(begins))
    named = next((n for n in range(begins[nth] - 1, begins[nth - 1], -1) if page[n].label == AUTHOR), None)
    return page if named is None else page[:named] + page[span[1] :]
