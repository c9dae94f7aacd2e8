"""A topic of Invision Community: IP.Board 3, Community 4 and 5."""

from __future__ import annotations

import re

from stance.readers.markup import Element, first, has_class, line_of, page_of, select
from stance.readers.pages.blocks import Blocks, Found, Layout, classes, has_any
from stance.readers.pages.forums import forum_thread
from stance.readers.source import Source
from stance.thread import Thread

_BLOCKS = (
    f"//article[{has_class('cPost')} or {has_class('ipsComment')} or {has_class('ipsEntry')}]",
    f"//div[{has_class('post_block')} and ({has_class('hentry')} or starts-with(@id, 'post_id_'))]",
)
_LAYOUT = Layout(
    author=(
        f"//*[{has_class('cAuthorPane_author')}]",
        f"//*[{has_class('ipsEntry__username')}]",
        f"//*[{has_class('author')} and {has_class('vcard')}]",
        f"//*[{has_class('ipsComment_author')}]//*[{has_class('ipsType_break')}]",
        "//*[@itemprop='name']",
    ),
    time=(
        f"//*[{has_class('ipsComment_meta')} or {has_class('ipsEntry__date')}]//time",
        f"//abbr[{has_class('published')}]",
        "//time",
    ),
    body=(
        "//*[@data-role='commentContent']",
        f"//*[{has_class('entry-content')}]",
        f"//*[{has_class('ipsRichText')} or {has_class('ipsType_richText')}]",
    ),
    id=re.compile(r"(?:elComment_|comment-|post_id_|^)(\d+)"),
    no_words=frozenset("ipsItemControls signature edit ipsSignature ipsComment_controls ipsEdited".split()),
    is_quote=lambda element: element.tag == "blockquote" or has_any("ipsQuote", "ipsBlockquote")(element),
    no_quote=frozenset("ipsQuote_citation citation ipsQuote__citation".split()),
)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no posts of Invision's."""
    page = page_of(source)
    elements: list[Element] = next((found for path in _BLOCKS if (found := select(page, path))), [])
    if not elements:
        return None
    title = first(page, f"//h1[{has_class('ipsType_pageTitle')} or {has_class('ipstype_pagetitle')}]", "//h1")
    number = (f"//*[{has_class('post_id')}]", f"//*[{has_class('ipsComment_tools')}]//a[starts-with(., '#')]")
    thread = forum_thread(
        source, Blocks(page, elements), _LAYOUT, title=line_of(title), number=number, removed=_removed
    )
    return [thread] if thread else None


def _removed(found: Found) -> str | None:
    return "hidden" if {"ipsModerated", "moderated"} & set(classes(found.block)) else None
