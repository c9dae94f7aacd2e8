"""What each line of a copied page is, as learned from pages whose comments are known.

A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001, "Conditional random fields: probabilistic
models for segmenting and labeling sequence data"). ``benchmarks/train_lines.py`` fits its weights on the files of
``tests/threads`` and ``benchmarks/copies``; they lie in ``line_weights.json``.
"""

from __future__ import annotations

import json
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

Label = Literal["page", "author", "begin", "inside", "signed"]
#: The page's own; a line that names the writer of the words below; the first line of a comment's words; a further one;
#: a line that names the writer of the words above.
LABELS: tuple[Label, ...] = ("page", "author", "begin", "inside", "signed")
PAGE, AUTHOR, BEGIN, INSIDE, SIGNED = range(5)
WORDS, NO_WORDS = (BEGIN, INSIDE), (PAGE, AUTHOR, SIGNED)
UNTOLD = -1
_WEIGHTS = "line_weights.json"
_FARTHEST_NAME = 14  # lines above the words
_FARTHEST_BELOW = 6
_LONGEST_NAMING = 160  # characters of a line that names somebody among other things
_AROUND_A_NAME = " ·•:,|"

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LineModel:
    """Weights of the field.

    :param features: What a feature says for each label. *Shape of each:* ``(5,)``
    :param transitions: What a label says for the next line's. *Shape:* ``(5, 5)``, from rows to columns
    """

    features: dict[str, Floats]
    transitions: Floats

    def emissions(self, lines: Lines) -> Floats:
        """What each line's features say for each label. *Shape:* ``(lines, 5)``"""
        none = np.zeros(len(LABELS))
        rows = [[self.features[name] for name in row if name in self.features] for row in lines.features()]
        return np.array([np.sum(row, axis=0) if row else none for row in rows]).reshape(-1, len(LABELS))

    @classmethod
    def from_json(cls, text: str) -> LineModel:
        """Read what :meth:`to_json` wrote."""
        raw = json.loads(text)
        features = {name: np.array(weights) for name, weights in raw["features"].items()}
        return cls(features, np.array(raw["transitions"]))

    def to_json(self) -> str:
        """As JSON, four digits a weight, a feature a line."""
        rows = [f"{json.dumps(name)}: {_rounded(weights)}" for name, weights in sorted(self.features.items())]
        features = ",\n".join(rows)
        transitions = ", ".join(_rounded(row) for row in self.transitions)
        return f'{{"labels": {json.dumps(LABELS)},\n"transitions": [{transitions}],\n"features": {{\n{features}\n}}}}\n'


@dataclass(frozen=True)
class Labelled:
    """Lines, and how well each label fits each.

    :param emissions: *Shape:* ``(lines, 5)``
    """

    lines: Lines
    emissions: Floats
    transitions: Floats

    @cached_property
    def best(self) -> Ints:
        """The most likely labels. *Shape:* ``(lines,)``"""
        return best_path(self.emissions, self.transitions)[0]

    def cost(self, allowed: npt.NDArray[np.bool_]) -> float:
        """By how much the best labels within what is allowed are less likely than the best of all.

        :param allowed: *Shape:* ``(lines, 5)``
        :returns: A difference of log probabilities, 0 or more.
        """
        within = np.where(allowed, self.emissions, -np.inf)
        return best_path(self.emissions, self.transitions)[1] - best_path(within, self.transitions)[1]

    @cached_property
    def probabilities(self) -> Floats:
        """Of each label, given all lines. *Shape:* ``(lines, 5)``"""
        return marginals(self.emissions, self.transitions)


def label(lines: Lines) -> Labelled:
    """Tell what each line is."""
    model = packaged_model()
    return Labelled(lines, model.emissions(lines), model.transitions)


@cache
def packaged_model() -> LineModel:
    """The weights in the package."""
    return LineModel.from_json(files("stance.readers.dumps").joinpath(_WEIGHTS).read_text("utf-8"))


def best_path(emissions: Floats, transitions: Floats) -> tuple[Ints, float]:
    """The best path and its score (Viterbi).

    :param emissions: *Shape:* ``(n, 5)``, n at least 1
    :param transitions: *Shape:* ``(5, 5)``
    :returns: Labels of shape ``(n,)``, and the sum along them.
    """
    score, came_from = emissions[0], []
    for row in emissions[1:]:
        steps = score[:, None] + transitions
        came_from.append(steps.argmax(axis=0))
        score = steps.max(axis=0) + row
    path = [int(score.argmax())]
    for backward in reversed(came_from):
        path.append(int(backward[path[-1]]))
    return np.array(path[::-1]), float(score.max())


def marginals(emissions: Floats, transitions: Floats) -> Floats:
    """Probabilities of each label at each place (forward and backward sums).

    :param emissions: *Shape:* ``(n, 5)``
    :param transitions: *Shape:* ``(5, 5)``
    :returns: *Shape:* ``(n, 5)``; every row sums to 1
    """
    forward, backward = np.array(emissions), np.zeros_like(emissions)
    for n in range(1, len(emissions)):
        forward[n] += np.logaddexp.reduce(forward[n - 1][:, None] + transitions, axis=0)
    for n in range(len(emissions) - 2, -1, -1):
        backward[n] = np.logaddexp.reduce(transitions + (emissions[n + 1] + backward[n + 1])[None], axis=1)
    joint = forward + backward
    probabilities: Floats = np.exp(joint - np.logaddexp.reduce(joint, axis=1, keepdims=True))
    return probabilities


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


def _rounded(row: Floats) -> str:
    return "[" + ", ".join(f"{round(float(weight), 4):g}" for weight in row) + "]"
