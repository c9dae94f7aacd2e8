"""Values out of a page's scripts: what a program wrote there as JavaScript's own literals, which JSON is not."""

from __future__ import annotations

import re
from typing import Any

_DEEPEST = 60  # values in one another
_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[\[\]{},:])|(?P<text>"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')"""
    r"""|(?P<word>[A-Za-z_$][\w$]*)|(?P<number>-?\d[\d.eE+-]*))"""
)
_ESCAPE = re.compile(r"\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|u\{([\da-fA-F]{1,6})\}|(\n|[\s\S]))")
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def literal_at(script: str, start: int) -> Any:
    """The list, object, text or number written at a place of a script; None where what stands there is none.

    :param start: Where it begins, blank space before it allowed.
    """
    stack: list[Any] = []
    keys: list[Any] = []
    place = start
    while match := _TOKEN.match(script, place):
        place = match.end()
        mark = match["mark"]
        if mark in ("[", "{"):
            if len(stack) >= _DEEPEST:
                return None
            stack.append([] if mark == "[" else {})
            keys.append(None)
            continue
        if mark in ("]", "}"):
            if not stack or isinstance(stack[-1], list) != (mark == "]"):
                return None
            value = stack.pop()
            keys.pop()
        elif mark in (",", ":"):
            continue
        else:
            value = _value(match)
        if not stack:
            return value
        _put(stack[-1], keys, value)
    return None


def _put(holder: Any, keys: list[Any], value: Any) -> None:
    """Put a value where it belongs: in a list, or in an object first as a key and then as what the key stands for."""
    if isinstance(holder, list):
        holder.append(value)
    elif keys[-1] is None:
        keys[-1] = str(value)
    else:
        holder[keys[-1]] = value
        keys[-1] = None


def _value(match: re.Match[str]) -> Any:
    if match["text"] is not None:
        return _unescaped(match["text"][1:-1])
    if match["number"] is not None:
        return match["number"]
    return _WORDS.get(match["word"], match["word"])


def _unescaped(text: str) -> str:
    plain = _ESCAPE.sub(_character, text) if "\\" in text else text
    if not _SURROGATES.search(plain):
        return plain
    return _SURROGATES.sub(lambda pair: pair.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le"), plain)


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""
    return _PLAIN.get(escape[4], escape[4])
