"""No line, however odd, makes a pattern of the readers try ways without end."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping

import pytest

import stance.readers
from benchmarks.fuzz_readers import given_up_after

_LENGTHS = (45, 150)  # of a row that a button's pattern must refuse, and of the longest lines that are looked at
_REPEATED = (
    *'. 1 1. , - _ = * > | · • @ # ( [ : " “ a A é 😀 \t \u200e'.split(" "),
    *(
        "1 ",
        "1, ",
        "a ",
        "A ",
        "Ann ",
        "Ann, ",
        "· ",
        "| ",
        "- ",
        "* ",
        "> ",
        "@Ann ",
        "#1 ",
        "A. ",
        "(1) ",
        " ",
        "\n ",
    ),
    *("said ", "says: ", "wrote: ", "by ", "on ", "at ", "posted by ", "Cllr ", "view ", "replies ", "comments "),
    *("like ", "Like · ", "Like 1 ", "Reply ", "Share", "5 hours ago ", "10:05pm ", "10 May ", "May 10, ", "2010 "),
    *("http://a.b/", "a@b.c ", "1 like ", "1h", "2w ", "1 reply ", "edited "),
)
_MOST_SECONDS = 3.0  # of the processor, for one pattern and all these lines; a healthy one takes a hundredth


def patterns_in(value: object, name: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns that a module's constant holds, with names that tell where."""
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield name, value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from patterns_in(getattr(value, field.name), f"{name}.{field.name}")
    elif isinstance(value, (tuple, list, frozenset)):
        for n, part in enumerate(value):
            yield from patterns_in(part, f"{name}[{n}]")
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from patterns_in(part, f"{name}[{key!r}]")


def patterns_of_readers() -> dict[str, re.Pattern[str]]:
    """Every pattern of the readers, once."""
    found: dict[tuple[str, int], str] = {}
    for module in pkgutil.walk_packages(stance.readers.__path__, "stance.readers."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for place, pattern in patterns_in(value, f"{module.name}.{name}"):
                found.setdefault((pattern.pattern, pattern.flags), place)
    return {place: re.compile(pattern, flags) for (pattern, flags), place in found.items()}


PATTERNS = patterns_of_readers()
HURTFUL = [(unit * length)[:length] + tail for length in _LENGTHS for unit in _REPEATED for tail in ("", "!", "x\x01")]


@pytest.mark.parametrize("place", sorted(PATTERNS))
def test_a_pattern_gives_its_answer_at_once(place: str) -> None:
    with given_up_after(_MOST_SECONDS):
        for line in HURTFUL:
            PATTERNS[place].fullmatch(line)
            PATTERNS[place].search(line)


def test_a_pattern_that_tries_ways_without_end_is_found() -> None:
    with pytest.raises(TimeoutError, match="no answer"), given_up_after(0.2):
        re.fullmatch(r"(?:\d{1,5}|like){1,40}", "1" * 100 + "!")
