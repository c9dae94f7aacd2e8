"""A discussion on Reddit as old.reddit.com shows it, and as the site of 2018 to 2023 did."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from stance.readers.draft import Draft
from stance.readers.markup import Element, first, has_class, line_of, page_of, page_title, page_url, select, strings
from stance.readers.pages.blocks import Blocks, Found, Layout, add, found_in, words_of
from stance.readers.pages.stamps import Stamps, stamps_of
from stance.readers.source import Source
from stance.readers.wording import one_line
from stance.thread import Thread

_OLD = f"//div[{has_class('thing')} and {has_class('comment')}]"
_OLD_LAYOUT = Layout(
    author=(
        f"//*[{has_class('tagline')}]//a[{has_class('author')}]",
        f"//*[{has_class('tagline')}]//*[{has_class('author')}]",
        f"//*[{has_class('tagline')}]/em",
        f"//*[{has_class('tagline')}]//span[starts-with(., '[deleted]')]",
    ),
    time=(f"//*[{has_class('tagline')}]//time[not({has_class('edited-timestamp')})]",),
    body=(f"//*[{has_class('usertext-body')}]/*[{has_class('md')}]", f"//*[{has_class('md')}]"),
    id=re.compile(r"t1_(\w+)"),
)
_REDESIGN = f"//div[starts-with(@id, 't1_')][{has_class('Comment')}]"
_REDESIGN_LAYOUT = Layout(
    author=("//a[@data-testid='comment_author_link']", "//a[starts-with(@href, '/user/')][not(img)]"),
    time=("//a[@data-testid='comment_timestamp']", "//a[contains(@href, '/comments/')]"),
    body=("//*[@data-testid='comment']",),
    id=re.compile(r"t1_(\w+)"),
)
_GONE = {"[deleted]": "deleted", "[removed]": "removed", "[ Removed by Reddit ]": "removed"}
_GONE |= {"Comment deleted by user": "deleted", "Comment removed by moderator": "removed"}
_COUNT = re.compile(r"(\d[\d,.]*k?)\s+comments?$", re.I)
_MORE_LINKS = f"//*[{has_class('morecomments')}]//a | //faceplate-partial//button"
_MORE = re.compile(r"\((\d+) repl(?:y|ies)\)|(\d+) more repl(?:y|ies)")


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no things of old Reddit's, and no comments of the redesign's."""
    page = page_of(source)
    things = select(page, _OLD)
    if things or first(page, f"//div[{has_class('commentarea')}]") is not None:
        return [_old(source, page, things)]
    comments = select(page, _REDESIGN)
    return [_redesign(source, page, comments)] if comments else None


def tell_gone(draft: Draft, found: Found) -> bool:
    """Count a comment that is gone; True where it is."""
    kind = _GONE.get(found.text.strip())
    if kind or not (found.text or found.quoted):
        draft.drop(kind or "deleted")
        return True
    return False


def expect_all(draft: Draft, page: Element, counts: Iterable[str]) -> None:
    """Doubt where replies were folded away, or where fewer are shown than the page counts."""
    links = (one_line("".join(strings(link, ".//text()"))) for link in select(page, _MORE_LINKS))
    n_hidden = sum(int(match[1] or match[2]) for text in links if (match := _MORE.search(text)))
    if n_hidden:
        draft.doubt(f"replies that were not loaded when the page was saved: {n_hidden}")
        return
    told = next((match[1] for text in counts if (match := _COUNT.search(text))), "")
    digits = told.replace(",", "").replace(".", "")
    draft.expect(int(digits) if digits.isdigit() else None)


def _old(source: Source, page: Element, things: list[Element]) -> Thread:
    link = first(
        page,
        f"//*[@id='siteTable']//div[{has_class('thing')} and {has_class('link')}]",
        f"//div[{has_class('thing')} and {has_class('link')}]",
    )
    title = first(link, f".//a[{has_class('title')}]", f".//p[{has_class('title')}]/a") if link is not None else None
    words = first(link, f".//*[{has_class('usertext-body')}]/*[{has_class('md')}]") if link is not None else None
    writer = first(link, f".//*[{has_class('tagline')}]//a[{has_class('author')}]") if link is not None else None
    draft = Draft(
        source,
        title=line_of(title) or page_title(page),
        post=words_of(words, replace(_OLD_LAYOUT, is_quote=lambda element: False))[0] if words is not None else "",
        post_author=line_of(writer) or (link.get("data-author") if link is not None else None),
        url=page_url(source),
    )
    _add_all(draft, page, Blocks(page, things), _OLD_LAYOUT, stamps_of(source))
    counts = (
        [line_of(count) or "" for count in select(link, f".//a[{has_class('comments')}]")] if link is not None else []
    )
    expect_all(draft, page, counts)
    return draft.thread("certain", shows_parents=True)


def _add_all(draft: Draft, page: Element, blocks: Blocks, layout: Layout, stamps: Stamps) -> None:
    for found in found_in(blocks, layout):
        if tell_gone(draft, found):
            continue
        author = found.author or found.block.get("data-author")
        is_submitter = bool(blocks.parts(found.block, f"//*[{has_class('tagline')}]//a[{has_class('submitter')}]"))
        add(draft, replace(found, author=author), stamps, is_post_author=is_submitter)


def _redesign(source: Source, page: Element, comments: list[Element]) -> Thread:
    """Comments stand side by side; their depth is told in words for screen readers: "level 2"."""
    title, words = first(page, "//h1"), first(page, "//*[@data-test-id='post-content']//*[@data-click-id='text']")
    writer = first(page, "//*[@data-test-id='post-content']//a[starts-with(@href, '/user/')]")
    draft = Draft(
        source,
        title=line_of(title) or page_title(page),
        post=words_of(words, _REDESIGN_LAYOUT)[0] if words is not None else "",
        post_author=(line_of(writer) or "").removeprefix("u/") or None,
        url=page_url(source),
    )
    blocks, stamps, above = Blocks(page, comments), stamps_of(source), list[str]()
    for found in found_in(blocks, _REDESIGN_LAYOUT):
        levels = strings(found.block, ".//span[starts-with(., 'level ')]/text()")
        depth = min(int(levels[0][6:]) - 1, 100) if levels and levels[0][6:].isdigit() else 0
        del above[max(depth, 0) :]
        parent_id = above[-1] if above and depth else None
        above += [found.id or ""] * (depth + 1 - len(above))
        if not tell_gone(draft, found):
            add(draft, replace(found, parent_id=parent_id), stamps)
    return draft.thread("certain", shows_parents=True)
