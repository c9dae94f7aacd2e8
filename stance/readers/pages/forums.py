"""What the threads of all forums have in common: the opening post is the post, the others are the comments."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from stance.readers.draft import Draft
from stance.readers.markup import all_words, line_of, page_of, page_title, page_url
from stance.readers.pages.blocks import Blocks, Found, Layout, Paths, add, found_in
from stance.readers.pages.stamps import Stamps, stamps_of
from stance.readers.source import Source
from stance.thread import Thread

_LATER_PAGE = re.compile(r"[?&;/](?:start=[1-9]|page[=/-]?(?:[2-9]|1\d)|p=[2-9]\b)|-(?:[2-9]|\d\d+)\.html$")
_NUMBER = re.compile(r"#?\s?(\d{1,6})$")
_MOST_BEFORE = 3  # words before the name of the one spoken to
_RE = re.compile(r"^(?:Re|AW|RE):\s", re.I)


def forum_thread(
    source: Source,
    blocks: Blocks,
    layout: Layout,
    *,
    title: str | None,
    number: Paths = (),
    removed: Callable[[Found], str | None] = lambda found: None,
    stamps: Stamps | None = None,
) -> Thread | None:
    """The thread of a page of a forum; None where no post has both words and a writer.

    :param title: As the page shows it; None for the page's own title.
    :param number: Paths of the number of a post in its thread ("#2").
    :param removed: Tells of a post why it is none: "deleted".
    """
    founds = [found for found in found_in(blocks, layout) if found.author or found.text]
    kept = [(found, removed(found)) for found in founds]
    if not any(found.author for found, gone in kept if not gone):
        return None
    url = page_url(source)
    draft = Draft(source, title=_RE.sub("", title or page_title(page_of(source))), url=url)
    stamps = stamps or stamps_of(source)
    opening: str | None = None
    latest: dict[str, str] = {}
    if _is_opening(blocks, kept[0][0], number, url) and not kept[0][1]:
        post = kept.pop(0)[0]
        draft.post, draft.post_author, opening = post.text, post.author, post.id
    else:
        draft.doubt("the page does not begin with the thread's first post; what it shows is taken as comments")
    for found, gone in kept:
        if gone:
            draft.drop(gone)
            continue
        parent_id = None if found.parent_id == opening else found.parent_id
        if found.parent_id is None and not found.quoted:
            parent_id = latest.get(_mentioned(blocks, found, layout) or "")
        add(draft, replace(found, parent_id=parent_id), stamps)
        latest[(found.author or "").casefold()] = found.id
    return draft.thread("certain")


def _mentioned(blocks: Blocks, found: Found, layout: Layout) -> str | None:
    """The member to whom a post speaks: the one linked among its first words, as in "Thank you @Ann"."""
    body, mention = blocks.part(found.block, layout.body), blocks.part(found.block, layout.mention)
    if body is None or mention is None or mention.getparent() is not body:
        return None
    others = mention.itersiblings(preceding=True)
    before = " ".join([body.text or "", *(f"{all_words(other)} {other.tail or ''}" for other in others)])
    is_first = len(before.split()) <= _MOST_BEFORE and not re.search(r"[.!?]", before)
    return (line_of(mention) or "").removeprefix("@").casefold() if is_first else None


def _is_opening(blocks: Blocks, found: Found, number: Paths, url: str | None) -> bool:
    shown = blocks.part(found.block, number)
    told = _NUMBER.search(line_of(shown) or shown.get("name") or "") if shown is not None else None
    if told:
        return int(told[1]) == 1
    return not (url and _LATER_PAGE.search(url))
