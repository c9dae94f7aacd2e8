"""JSON within limits, and values out of it whatever shape they came in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from stance.errors import InputError
from stance.readers.decoding import decode
from stance.readers.json_stream import streamed_items
from stance.readers.source import Source

Object = dict[str, Any]


def json_of(source: Source) -> object:
    """The file's one JSON value; parsed once for all readers.

    :raises InputError: If it is not JSON, or nested too deep.
    """
    return source.once(_parse)


def json_lines(source: Source) -> Iterator[tuple[int, object]]:
    """The number and the value of each line that is not blank, streamed.

    :raises InputError: At a line that is not JSON, naming it.
    """
    is_told = False
    for number, line in enumerate(source.lines(), 1):
        if not line.strip():
            continue
        place = f"{source.place}: line {number}"
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text, notes = decode(line, place)
            if not is_told:
                source.notes.extend(f"line {number}: {note}" for note in notes)
            is_told = True
        yield number, _loaded(text, place, "Mend or drop the line.")


def values_of(source: Source) -> Iterator[tuple[int, object]]:
    """The number and the value of each line of JSON lines, or of each item of a file's one array.

    What is no array is given as it is, number 1. A large array is streamed.

    :raises InputError: Where it is not JSON, or a large file holds something else than an array.
    """
    if source.media == "json lines":
        yield from json_lines(source)
    elif source.is_large:
        yield from enumerate(streamed_items(source), 1)
    else:
        value = json_of(source)
        yield from enumerate(value if isinstance(value, list) else [value], 1)


def sample_of(source: Source) -> object:
    """The first of :func:`values_of`, which tells what kind the others are; None where there is none."""
    return source.once(_first_value)


def first_line(source: Source) -> object:
    """The value of the first line, which tells what kind of lines follow; None where it is not JSON."""
    line = source.head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def at(value: object, *path: str | int) -> Any:
    """What lies at a path of keys and positions, or None where it does not lead anywhere."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: object, *path: str | int) -> str | None:
    """The text or number at a path, as text; None where there is neither, or only blank space."""
    found = at(value, *path)
    if isinstance(found, str):
        return found if found.strip() else None
    return str(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def objects_at(value: object, *path: str | int) -> list[Object]:
    """The objects in the list at a path; empty where there is no list."""
    found = at(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _first_value(source: Source) -> object:
    return next((value for _, value in islice(values_of(source), 1)), None)


def _parse(source: Source) -> object:
    return _loaded(source.text, f"{source.place}:", "Export it again.")


def _loaded(text: str, place: str, remedy: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place} is not JSON ({error}). {remedy}") from error
