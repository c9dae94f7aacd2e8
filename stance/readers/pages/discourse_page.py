"""A topic of Discourse: as the browser shows it, and as it is served to crawlers and where scripts are off."""

from __future__ import annotations

import re
from dataclasses import replace

from stance.readers.draft import Draft
from stance.readers.markup import Element, first, has_class, line_of, page_of, page_title, page_url, select, strings
from stance.readers.pages.blocks import Blocks, Found, Layout, add, found_in, has_any, quotes_in
from stance.readers.pages.stamps import stamps_of
from stance.readers.source import Source
from stance.thread import Thread

_BLOCKS = (
    f"//article[starts-with(@id, 'post_')] | //div[{has_class('crawler-post')}]"
    f" | //div[@itemtype='http://schema.org/DiscussionForumPosting'][starts-with(@id, 'post_')]"
)
_LAYOUT = Layout(
    author=(
        f"//*[{has_class('names')}]//*[{has_class('username')}]//a",
        f"//*[{has_class('names')}]//*[{has_class('first')}]//a",
        f"//*[{has_class('names')}]//*[{has_class('username')}]",
        f"//*[{has_class('creator')}]//*[@itemprop='name']",
        f"//*[{has_class('creator')}]//a",
        f"//*[{has_class('creator')}]",
        f"//*[{has_class('names')}]",
    ),
    time=(
        f"//*[{has_class('post-date')}]//*[{has_class('relative-date')}]",
        f"//time[{has_class('post-time')}]",
        "//time[@itemprop='datePublished']",
        f"//*[{has_class('post-date')}]",
        "//time",
    ),
    body=(f"//*[{has_class('cooked')}]", f"//div[{has_class('post')}][@itemprop]", f"//div[{has_class('post')}]"),
    id=re.compile(r"(\d+)$"),
    no_words=frozenset(
        "onebox-metadata lightbox-meta meta poll-info poll-buttons cooked-selection-barrier expand-hidden"
        " embedded-posts post-notice".split()
    ),
    is_quote=lambda element: has_any("quote")(element) or element.tag == "blockquote",
    no_quote=frozenset(["title", "quote-controls", "quote-title"]),
)
_GONE = re.compile(
    r"\((?:post|topic) (?:deleted|withdrawn) by (?:author|moderator)|This post was flagged by the community", re.I
)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no posts of Discourse's."""
    page = page_of(source)
    elements = select(page, _BLOCKS)
    if not elements or not _is_discourse(page):
        return None
    among = set(elements)
    blocks = Blocks(page, [e for e in elements if not any(above in among for above in e.iterancestors())])
    title = first(page, f"//*[{has_class('fancy-title')}]", "//*[@id='topic-title']//h1/a", "//h1/a", "//h1")
    draft = Draft(source, title=line_of(title) or page_title(page), url=page_url(source))
    stamps = stamps_of(source)
    latest: dict[str, str] = {}
    opening = _number(next(iter(blocks))) == "1"
    if not opening:
        draft.doubt("the page does not begin with the topic's first post; what it shows is taken as comments")
    for found in found_in(blocks, _LAYOUT):
        number = _number(found.block)
        if number == "1":
            draft.post, draft.post_author = found.text, found.author
            latest.update(_called(found, number))
            continue
        if _GONE.match(found.text) or "deleted" in (found.block.get("class") or "").split():
            draft.drop("deleted")
            continue
        if not found.text and not found.quoted:
            continue
        add(draft, replace(found, id=number or found.id, parent_id=_parent(found, blocks, latest)), stamps)
        latest.update(_called(found, number))
    return [draft.thread("certain")] if draft.comments or draft.post else None


def _is_discourse(page: Element) -> bool:
    told = first(
        page,
        "//meta[@name='generator'][starts-with(@content, 'Discourse')]",
        f"//*[{has_class('cooked')}]",
        f"//*[{has_class('crawler-post-meta')}]",
        "//*[@id='ember-basic-dropdown-wormhole' or @id='data-discourse-setup']",
    )
    return told is not None


def _number(block: Element) -> str | None:
    """A post's number in its topic, which quotes name too."""
    told = re.search(r"post_(\d+)$", block.get("id") or "")
    if told:
        return told[1]
    for path in (".//*[@itemprop='position']", f".//a[{has_class('post-date')}]/@href"):
        for text in strings(block, path if "@href" in path else path + "/text()"):
            number = re.search(r"(\d+)(?:\?.{0,40})?$", text.strip())
            if number:
                return number[1]
    return None


def _called(found: Found, number: str | None) -> dict[str, str]:
    return {found.author.casefold(): number} if found.author and number else {}


def _parent(found: Found, blocks: Blocks, latest: dict[str, str]) -> str | None:
    """The post quoted, by its number, or the latest of the member that the post says it answers."""
    body = blocks.part(found.block, _LAYOUT.body)
    for quote in quotes_in(body, _LAYOUT) if body is not None else []:
        if (number := quote.get("data-post")) and number.isdigit():
            return None if number == "1" else number
    tab = blocks.part(found.block, (f"//*[{has_class('reply-to-tab')}]",))
    if tab is None:
        return None
    name = (line_of(tab) or next(iter(strings(tab, ".//@title | .//img/@alt")), "")).casefold()
    number = latest.get(name)
    return None if number == "1" else number
