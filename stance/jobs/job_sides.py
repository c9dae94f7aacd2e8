"""Whose sides the comments of a job may take."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from stance.gazetteer import find_sides, sides_of
from stance.sides import Sides
from stance.thread import Thread

#: Whose sides: of all threads, by thread id, or found by a function; None looks for council and union in each thread.
JobSides: TypeAlias = Sides | Mapping[str, Sides] | Callable[[Thread], Sides] | None


@dataclass(frozen=True)
class LookedFor:
    """Council and union, looked for in each thread, but for the name that is known."""

    council: str | None
    union: str | None

    def __call__(self, thread: Thread) -> Sides:
        """The sides of one thread."""
        return find_sides(thread, self.council, self.union).sides


def job_sides_of(sides: JobSides, thread: Thread) -> Sides:
    """The sides of one thread.

    :raises InputError: If they are given by thread, and not for this one.
    """
    return sides(thread) if callable(sides) else sides_of(thread, sides)


def labels_of(sides: JobSides) -> tuple[str, ...]:
    """The labels of the sides; of what only a function knows, those of council and union."""
    told = sides if isinstance(sides, Sides) else Sides.council_union()
    if isinstance(sides, Mapping):
        told = next(iter(sides.values()), told)
    return tuple(side.label for side in told.all)


def named(sides: JobSides) -> str:
    """The sides, as the manifest keeps them."""
    if isinstance(sides, Mapping):
        words = repr(sorted(sides.items(), key=lambda item: item[0]))
        return f"by thread, {hashlib.blake2b(words.encode(), digest_size=8).hexdigest()}"
    if isinstance(sides, LookedFor):
        return f"found in each thread, but for {sides.council!r}, {sides.union!r}"
    if callable(sides):
        return "found by a function"
    return "found in each thread" if sides is None else repr(sides)
