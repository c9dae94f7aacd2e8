"""What a page tells machines of itself in JSON-LD, in the words of schema.org."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from stance.readers.json_values import Object, text_at
from stance.readers.markup import Element, select
from stance.readers.wording import unescaped

_DEEPEST = 50  # graphs in one another
_CDATA = re.compile(r"^\s*(?://)?<!\[CDATA\[|(?://)?\]\]>\s*$")


def linked_values(page: Element) -> list[Object]:
    """The objects of the page's JSON-LD, graphs and lists taken apart. What is no JSON is passed over."""
    found: list[Object] = []
    for script in select(page, "//script[@type='application/ld+json']"):
        try:
            found += _objects(json.loads(_CDATA.sub("", script.text or ""), strict=False), 0)
        except (ValueError, RecursionError):
            continue
    return found


def name_in(value: Object, key: str) -> str | None:
    """A person's name, given as an object, a list of one, or by itself."""
    who = value.get(key)
    who = who[0] if isinstance(who, list) and who else who
    name = text_at(who, "name") if isinstance(who, dict) else who if isinstance(who, str) else None
    return unescaped(name) if name else None


def _objects(value: object, depth: int) -> Iterator[Object]:
    if isinstance(value, list) and depth < _DEEPEST:
        for item in value:
            yield from _objects(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(value.get(key), depth + 1) if depth < _DEEPEST else ()
