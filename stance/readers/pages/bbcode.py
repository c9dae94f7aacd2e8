"""Quotes that a site shows as their BBCode, which was written under its former software."""

from __future__ import annotations

import re

_QUOTE = re.compile(r"\[(/?)quote[^\]\n]{0,80}\]", re.I)
_OTHER = re.compile(r"\[/?(?:p|b|i|u|bold|italic|url|size|color)(?:=[^\]\n]{0,200})?\]", re.I)
_HEAD = re.compile(r"^[^\n]{1,60}? wrote:\s*")


def apart_from_bbcode(text: str) -> tuple[str, str]:
    """The words outside and inside of quotes written as "[quote][p][bold]X[/bold] wrote: …[/quote]"."""
    own: list[str] = []
    quoted: list[str] = []
    depth = 0
    for number, piece in enumerate(_QUOTE.split(text)):
        if number % 2:
            depth = max(0, depth - 1 if piece else depth + 1)
            continue
        words = _OTHER.sub("", piece.replace("[/p][p]", "\n\n")).strip()
        if words:
            (quoted if depth else own).append(_HEAD.sub("", words) if depth else words)
    return "\n\n".join(own), "\n\n".join(filter(None, quoted))
