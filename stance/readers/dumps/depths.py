"""How deep the comments of a dump stand: by the numbers of its lists, their indents, the answers a page has opened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from stance.readers.dumps.heads import Head

_NUMBERED = re.compile(r"^(?P<indent>[ \t]*)(?P<n>\d{1,4})\.(?:[ \t]+(?P<rest>\S.*))?$")
_HIDES = re.compile(
    r"(?:▲\s*)?hide (?:all )?(?:(?P<n>\d{1,4}) )?(?:repl(?:y|ies)|answers?)(?: ?\((?P<m>\d{1,4})\))?", re.I
)


_TOLD = re.compile(r"(?P<n>\d{1,4}) repl(?:y|ies)(?: by (?P<by>.{1,60}))?", re.I)


def numbered_heads(lines: Sequence[str], first: int = 0) -> list[Head]:
    """The items of a numbered list, where comments were copied without the names of their writers.

    Numbers count up from 1; a list inside an item, further indented, holds the answers to it.
    """
    heads: list[Head] = []
    open_lists: list[tuple[int, int]] = []  # indent, number
    for n in range(first, len(lines)):
        match = _NUMBERED.match(lines[n])
        if match is None:
            continue
        indent, number = len(match["indent"].expandtabs(4)), int(match["n"])
        while open_lists and indent < open_lists[-1][0]:
            open_lists.pop()
        if open_lists and open_lists[-1][0] == indent and open_lists[-1][1] + 1 == number:
            open_lists[-1] = (indent, number)
        elif number == 1 and (not open_lists or indent > open_lists[-1][0]):
            open_lists.append((indent, 1))
        else:
            continue
        heads.append(Head(n, n, None, depth=len(open_lists) - 1))
    return heads


def opened(heads: Sequence[Head], lines: Sequence[str], *, are_all: bool = False) -> list[Head]:
    """The heads with their depths, where the page shows how many answers it has opened below a comment.

    "Hide 3 replies" is followed by them; "View 3 replies" is not; "3 replies" is where all comments are shown, or where
    it names who comes next.

    :param are_all: Whether the page shows as many comments as it announces.
    """
    stops = [*(head.start for head in heads[1:]), len(lines)]
    named = [
        (match["by"], below.name)
        for head, below in pairwise(heads)
        for line in lines[head.body : below.start]
        if len(line) < 80 and (match := _TOLD.fullmatch(line.strip())) and match["by"]
    ]
    shown = are_all or (bool(named) and all(by == name for by, name in named))
    deep = []
    left = 0
    n_told = 0
    for head, stop in zip(heads, stops, strict=True):
        deep.append(head._replace(depth=int(left > 0)))
        left = max(left - 1, 0)
        for line in lines[head.body : stop]:
            line = line.strip()
            match = _HIDES.fullmatch(line) or (_TOLD.fullmatch(line) if shown else None) if len(line) < 80 else None
            if match:
                left = int(match["n"] or match.groupdict().get("m") or 0)
                n_told += 1
    return deep if n_told else list(heads)


def indented(heads: Sequence[Head], lines: Sequence[str]) -> list[Head]:
    """The heads with their depths, where the page's lists were copied with their indents."""
    indents = [len(line) - len(line.lstrip()) for line in (lines[head.start].expandtabs(4) for head in heads)]
    steps = sorted(set(indents))
    if len(steps) < 2 or indents[0] != steps[0]:
        return list(heads)
    return [head._replace(depth=steps.index(indent)) for head, indent in zip(heads, indents, strict=True)]


def unnumbered(lines: Sequence[str], heads: Sequence[Head]) -> list[str]:
    """The lines of a dump, those that begin an item of a numbered list without their numbers."""
    plain = list(lines)
    for head in heads:
        match = _NUMBERED.match(plain[head.start])
        plain[head.start] = (match["rest"] or "") if match else plain[head.start]
    return plain
