"""What each line of a copied page is, as learned from pages whose comments are known.

A small network (:mod:`stance.readers.dumps.line_net`) whose weights lie in ``line_weights.safetensors``;
``benchmarks/train_lines.py`` trains it on the files of ``tests/threads`` and ``benchmarks/copies``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import takewhile
from typing import Literal

import numpy as np
import numpy.typing as npt

from stance.readers.dumps.line_features import Lines, plain
from stance.readers.dumps.line_net import Floats, Ints, LineNet

Label = Literal["page", "author", "begin", "inside", "signed"]
#: The page's own; a line that names the writer of the words below; the first line of a comment's words; a further one;
#: a line that names the writer of the words above.
LABELS: tuple[Label, ...] = ("page", "author", "begin", "inside", "signed")
PAGE, AUTHOR, BEGIN, INSIDE, SIGNED = range(5)
WORDS, NO_WORDS, NAMES = (BEGIN, INSIDE), (PAGE, AUTHOR, SIGNED), (AUTHOR, SIGNED)
UNTOLD = -1
_WEIGHTS = "line_weights.safetensors"
_FARTHEST_NAME = 14  # lines above the words
_FARTHEST_BELOW = 6
_LONGEST_NAMING = 160  # characters of a line that names somebody among other things
_AROUND_A_NAME = " ·•:,|"


@dataclass(frozen=True)
class Labelled:
    """Lines, and how well each label fits each.

    :param scores: Log probabilities but for a constant a line. *Shape:* ``(lines, 5)``
    """

    lines: Lines
    scores: Floats

    @cached_property
    def best(self) -> Ints:
        """The most likely labels. *Shape:* ``(lines,)``"""
        best: Ints = self.scores.argmax(axis=1)
        return best

    def cost(self, allowed: npt.NDArray[np.bool_]) -> float:
        """By how much the best labels within what is allowed are less likely than the best of all.

        :param allowed: *Shape:* ``(lines, 5)``
        :returns: A difference of log probabilities, 0 or more.
        """
        within = np.where(allowed, self.scores, -np.inf)
        return float((self.scores.max(axis=1) - within.max(axis=1)).sum())

    @cached_property
    def probabilities(self) -> Floats:
        """Of each label. *Shape:* ``(lines, 5)``; every row sums to 1"""
        chances: Floats = np.exp(self.scores - self.scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        return chances


def label(lines: Lines) -> Labelled:
    """Tell what each line is."""
    return Labelled(lines, packaged_net().scores(lines))


@cache
def packaged_net() -> LineNet:
    """The network in the package."""
    return LineNet.from_bytes(files("stance.readers.dumps").joinpath(_WEIGHTS).read_bytes())


def label_from_texts(lines: Lines, comments: Sequence[tuple[str, str | None]]) -> Ints | None:
    """What the lines are where the comments are known.

    :param comments: Texts and writers, in the order of the page.
    :returns: Labels of shape ``(lines,)``; None where a text does not stand in whole lines of the page.
    """
    labels = label_what_stands(lines, comments)
    return None if (labels == UNTOLD).any() else labels


def label_what_stands(lines: Lines, comments: Sequence[tuple[str, str | None]]) -> Ints:
    """What the lines are where some comments' texts may not stand in whole lines.

    :param comments: Texts and writers, in the order of the page.
    :returns: Labels of shape ``(lines,)``; :data:`UNTOLD` from the comment before one that does not stand there to the
        next.
    """
    found = np.full(len(lines.texts), PAGE)
    starts = lines.starts_of(text for text, _ in comments)
    ends = [
        None if start is None else start + sum(bool(line.strip()) for line in text.split("\n"))
        for start, (text, _) in zip(starts, comments, strict=True)
    ]
    for start, end in zip(starts, ends, strict=True):
        if start is not None and end is not None:
            found[start:end] = INSIDE
            found[start] = BEGIN
    for n, start in enumerate(starts):
        if start is None:
            below = next((one for one in starts[n + 1 :] if one is not None), len(found))
            above = next((one for one in reversed(ends[:n]) if one is not None), 0)
            found[above:below] = UNTOLD
    for start, end, (_, author) in zip(starts, ends, comments, strict=True):
        if start is not None and end is not None and author:
            _mark_author(found, lines, start, end, plain(author))
    return found


def _mark_author(found: Ints, lines: Lines, start: int, end: int, author: str) -> None:
    """Mark the line that names the writer of the words between two lines, where one does."""
    above = list(takewhile(lambda n: found[n] == PAGE, range(start - 1, max(-1, start - _FARTHEST_NAME), -1)))
    below = list(takewhile(lambda n: found[n] == PAGE, range(end, min(len(found), end + _FARTHEST_BELOW))))
    among = re.compile(rf"(?<!\w){re.escape(author)}(?!\w)")

    def is_name(n: int) -> bool:
        return plain(lines.texts[n]).strip(_AROUND_A_NAME) == author

    def names(n: int) -> bool:
        return len(lines.texts[n]) <= _LONGEST_NAMING and among.search(plain(lines.texts[n])) is not None

    for test in (is_name, names):
        for label, places in ((AUTHOR, above), (SIGNED, below)):
            line = next(filter(test, places), None)
            if line is not None:
                found[line] = label
                return
