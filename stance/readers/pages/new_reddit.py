"""A discussion on Reddit as www.reddit.com shows it since 2023: elements of its own, such as ``shreddit-comment``."""

from __future__ import annotations

import re
from dataclasses import replace

from stance.readers.draft import Draft
from stance.readers.markup import Element, first, line_of, page_of, page_title, page_url, select
from stance.readers.pages.blocks import Blocks, Found, Layout, found_in, words_of
from stance.readers.pages.old_reddit import expect_all, tell_gone
from stance.readers.pages.stamps import stamps_of
from stance.readers.source import Source
from stance.thread import Thread

_LAYOUT = Layout(
    author=("//*[@slot='commentMeta']//a[contains(@href, '/user/')]", "//*[@noun='comment_author']"),
    time=("//*[@slot='commentMeta']//time", "//faceplate-timeago", "//time"),
    body=("//*[@slot='comment']", "//*[@slot='commentBody']", "//shreddit-comment"),
    id=re.compile(r"t1_(\w+)"),
    no_words=frozenset(["shreddit-comment-action-row"]),
)
_NO_WORDS = (
    "shreddit-comment-action-row faceplate-tracker faceplate-partial shreddit-comment-badges shreddit-comment-tree"
    " shreddit-overflow-menu faceplate-timeago"
).split()


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has neither post nor comment of this kind."""
    page = page_of(source)
    comments = select(page, "//shreddit-comment")
    post = first(page, "//shreddit-post")
    if not comments and (post is None or first(page, "//shreddit-comment-tree") is None):
        return None
    draft = Draft(
        source,
        title=_title(page, post),
        post=_words(first(post, ".//*[@slot='text-body']") if post is not None else None),
        post_author=post.get("author") if post is not None else None,
        url=page_url(source) or _url(post),
    )
    blocks, stamps = Blocks(page, comments), stamps_of(source)
    kept: dict[str | None, str | None] = {}
    for found in found_in(blocks, _LAYOUT):
        block = found.block
        found = replace(found, parent_id=_parent(found))
        if blocks.part(block, _LAYOUT.body) is block or block.get("is-comment-deleted") is not None:
            found = replace(found, text="", quoted="")  # what is left of one that is gone: "Comment deleted by user"
        kept[found.id] = found.parent_id
        if tell_gone(draft, found):
            continue
        author = block.get("author") or (found.author or "").removeprefix("u/") or None
        created = stamps.when(block.get("created") or block.get("created-timestamp") or "") or stamps.of(found.stamp)
        draft.add(
            found.text,
            id=found.id,
            author=author,
            time=created,
            parent_id=found.parent_id,
            quoted=found.quoted,
        )
    count = post.get("comment-count") if post is not None else None
    expect_all(draft, page, [f"{count} comments"] if count else [])
    return [draft.thread("certain", shows_parents=True)]


def _parent(found: Found) -> str | None:
    told = (found.block.get("parentid") or found.block.get("parent-id") or "").strip()
    return told.removeprefix("t1_") if told.startswith("t1_") else None if told.startswith("t3_") else found.parent_id


def _title(page: Element, post: Element | None) -> str:
    told = (post.get("post-title") or line_of(first(post, ".//*[@slot='title']"))) if post is not None else None
    return told or page_title(page)


def _words(body: Element | None) -> str:
    return words_of(body, replace(_LAYOUT, is_quote=lambda element: False))[0] if body is not None else ""


def _url(post: Element | None) -> str | None:
    permalink = post.get("permalink") if post is not None else None
    return f"https://www.reddit.com{permalink}" if permalink and permalink.startswith("/") else permalink
