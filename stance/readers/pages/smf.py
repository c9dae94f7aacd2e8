"""A thread of Simple Machines Forum: 1 (tables) and 2 (boxes)."""

from __future__ import annotations

import re

from stance.readers.markup import first, has_class, line_of, page_of, select
from stance.readers.pages.blocks import Blocks, Layout, has_any
from stance.readers.pages.forums import forum_thread
from stance.readers.source import Source
from stance.thread import Thread

_POST = f".//div[{has_class('post')}] and .//*[starts-with(@id, 'subject_')]"
_BLOCKS = (
    # 2: the box of a post
    f"//div[{has_class('post_wrapper')}]",
    # 1: the innermost table with both what was written and its subject
    f"//table[{_POST}][not(.//table[{_POST}])]",
)
_LAYOUT = Layout(
    author=(
        f"//*[{has_class('poster')}]//h4//a[@title]",
        f"//*[{has_class('poster')}]//h4",
        "//td//b/a[starts-with(@title, 'View the profile')]",
        "//td[@rowspan='2']/b",
    ),
    time=(
        f"//*[{has_class('postinfo')}]//a[{has_class('smalltext')}]",
        f"//*[{has_class('keyinfo')}]//*[{has_class('smalltext')}]",
        f"//*[starts-with(@id, 'subject_')]/following-sibling::*[{has_class('smalltext')}]",
    ),
    body=(
        f"//div[{has_class('post')}]//div[{has_class('inner')}]",
        f"//div[{has_class('post')}]",
    ),
    no_words=frozenset("signature modified moderatorbar quotefooter quoteheader topslice_quote".split()),
    is_quote=has_any("quote", "bbc_standard_quote", "bbc_alternate_quote"),
    no_quote=frozenset(("quoteheader", "topslice_quote")),
)
_MARKS = "//a[contains(., 'Simple Machines') or contains(., 'SMF')] | //*[starts-with(@id, 'subject_')]"


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no posts of this software's."""
    page = page_of(source)
    if not select(page, _MARKS):
        return None
    for path in _BLOCKS:
        elements = select(page, path)
        thread = elements and forum_thread(
            source,
            Blocks(page, elements),
            _LAYOUT,
            title=_title(line_of(first(page, "//*[@id='top_subject']"))),
        )
        if thread:
            return [thread]
    return None


def _title(shown: str | None) -> str | None:
    """The title without what stands around it: "Topic: Quarry (Read 402 times)"."""
    return re.sub(r"^Topic:\s*|\s*\(Read [\d,.]+ times\)$", "", shown) if shown else None
