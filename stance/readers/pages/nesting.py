"""How deep a block of an unknown page stands in its thread: by boxes of replies, by classes, by its indent."""

from __future__ import annotations

import re

from stance.readers.markup import Element
from stance.readers.pages.blocks import Blocks, classes

_HOLDS_REPLIES = re.compile(r"(?:^|[-_])(?:replies|children|child-comments|responses|sub-?comments)(?:$|[-_])", re.I)
_LEVEL = re.compile(r"(?:^|[\s_-])(?:depth|level|lvl|indent|nest(?:ed|ing)?)[-_]{0,2}(\d{1,2})(?:$|\s)", re.I)
_OFFSET = re.compile(r"(?:margin|padding)-left:\s{0,5}(\d{1,4})(?:px|em|rem|%)?", re.I)


def holders_of_replies(blocks: Blocks, block: Element) -> tuple[Element | None, Element | None]:
    """The nearest element around a block that says it holds replies to the comment before, and the next around it."""
    found: list[Element] = []
    for above in block.iterancestors():
        if above in blocks or len(found) == 2:
            break
        if any(_HOLDS_REPLIES.search(token) for token in classes(above)):
            found.append(above)
    return (found[0] if found else None), (found[1] if len(found) > 1 else None)


def level_of(block: Element) -> int | None:
    """How deep a block says it stands in the thread."""
    for name in ("data-depth", "data-level", "data-indent", "aria-level"):
        told = block.get(name) or ""
        if told.isdigit() and len(told) < 4:
            return int(told)
    match = _LEVEL.search(block.get("class") or "") or _OFFSET.search(block.get("style") or "")
    return int(match[1]) if match else None
