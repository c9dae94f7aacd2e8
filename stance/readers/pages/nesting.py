"""What a comment of an unknown page answers: by boxes of replies, by classes, by its indent, by numbers it names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.markup import Element
from stance.readers.pages.blocks import Blocks, classes

_HOLDS_REPLIES = re.compile(
    r"(?:^|[-_])(?:replies|children|child-comments|responses|sub-?comments|indent(?:ed)?|nested)(?:$|[-_])", re.I
)
_LEVEL = re.compile(r"(?:^|[\s_-])(?:depth|level|lvl|indent|nest(?:ed|ing)?)[-_]{0,2}(\d{1,2})(?:$|\s)", re.I)
_OFFSET = re.compile(r"(?:margin|padding)-left:\s{0,5}(\d{1,4})(?:px|em|rem|%)?", re.I)

# "@2 Steve", "3. Marram Grass", "#2, Steve:"; "Steve (2)", "Steve @2"
_NUMBER_AND_NAME = re.compile(
    r"[@#]?\s?(?:(?:no|comment|post)\.?\s)?(?P<number>\d{1,5})[.:,)]?\s(?P<name>\S.{0,80})$", re.I
)
_NAME_AND_NUMBER = re.compile(r"@?(?P<name>\S.{0,60}?)\s?[(@#]\s?(?P<number>\d{1,5})\)?[.:,]?(?:\s|$)")


def holds_replies(element: Element) -> bool:
    """Whether an element says that it holds the replies to the comment before it."""
    return any(_HOLDS_REPLIES.search(token) for token in classes(element))


def answered_by_number(text: str, authors: Sequence[str | None]) -> int | None:
    """The place of the comment whose number and writer a text opens with; None where they are not of one comment.

    :param authors: Who wrote the comments before, in order, those that are gone among them.
    """
    line = text.partition("\n")[0].strip()[:120]
    for pattern in (_NUMBER_AND_NAME, _NAME_AND_NUMBER):
        told = pattern.match(line)
        place = int(told["number"]) - 1 if told else -1
        author = (authors[place] or "").casefold() if 0 <= place < len(authors) else ""
        if told and author and re.match(rf"{re.escape(author)}(?!\w)", told["name"].casefold()):
            return place
    return None


def holders_of_replies(blocks: Blocks, block: Element) -> tuple[Element | None, Element | None]:
    """The nearest element around a block that says it holds replies to the comment before, and the next around it."""
    found: list[Element] = []
    for above in block.iterancestors():
        if above in blocks or len(found) == 2:
            break
        if holds_replies(above):
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
