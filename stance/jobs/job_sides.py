"""Whose sides the comments of a job may take."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TypeAlias

from stance.errors import InputError
from stance.gazetteer import find_sides
from stance.sides import Sides
from stance.thread import Thread

#: Whose sides: of all threads, by thread id, or found by a function; None looks for council and union in each thread.
JobSides: TypeAlias = Sides | Mapping[str, Sides] | Callable[[Thread], Sides] | None


def sides_of(sides: JobSides, thread: Thread) -> Sides:
    """The sides of one thread.

    :raises InputError: If they are given by thread, and not for this one.
    """
    if sides is None:
        return find_sides(thread).sides
    if isinstance(sides, Sides):
        return sides
    if isinstance(sides, Mapping):
        if thread.id not in sides:
            raise InputError(f"sides names no sides for thread {thread.id!r} of {thread.source or 'the inputs'}.")
        return sides[thread.id]
    return sides(thread)


def labels_of(sides: JobSides) -> tuple[str, str]:
    """The labels of side a and side b; of what only a function knows, those of council and union."""
    told = sides if isinstance(sides, Sides) else Sides.council_union()
    if isinstance(sides, Mapping):
        told = next(iter(sides.values()), told)
    return told.a.label, told.b.label


def named(sides: JobSides) -> str:
    """The sides, as the manifest keeps them."""
    if isinstance(sides, Mapping):
        words = repr(sorted(sides.items(), key=lambda item: item[0]))
        return f"by thread, {hashlib.blake2b(words.encode(), digest_size=8).hexdigest()}"
    if callable(sides):
        return str(getattr(sides, "job_name", "found by a function"))
    return "found in each thread" if sides is None else repr(sides)
