"""An article of the Guardian with the comments that were open when it was saved.

Two generations: ``d-comment`` list items (2013 to 2019), and the present one, whose classes mean nothing, so that its
links tell what is what: to the writer's profile, to the comment itself and to the one that it answers.
"""

from __future__ import annotations

import re
from dataclasses import replace

from stance.readers.draft import Draft
from stance.readers.markup import (
    Element,
    first,
    has_class,
    is_furniture,
    line_of,
    page_of,
    page_title,
    page_url,
    select,
    strings,
)
from stance.readers.pages.articles import article_author, article_of
from stance.readers.pages.blocks import Blocks, Found, Layout, add, classes, found_in
from stance.readers.pages.stamps import stamps_of
from stance.readers.source import Source
from stance.thread import Thread

_OLD = f"//li[{has_class('d-comment')}]"
_OLD_LAYOUT = Layout(
    author=(f"//*[{has_class('d-comment__author')}]",),
    time=(f"//time[{has_class('js-timestamp')}]", f"//*[{has_class('d-comment__timestamp')}]//time", "//time"),
    body=(f"//*[{has_class('d-comment__body')}]", f"//*[{has_class('d-comment__content')}]"),
    id=re.compile(r"comment-(\d+)$"),
    answered=(f"//*[{has_class('d-comment__reply-to')}]//a | //a[{has_class('d-comment__reply-to-author')}]",),
    no_words=frozenset("d-comment__actions d-comment__pick d-badge d-comment__reply-to".split()),
)
_PROFILE = "contains(@href, '/user/id/') or contains(@href, 'profile.theguardian.com/user')"
_NEW = f"//*[self::div or self::li][starts-with(@id, 'comment-')][.//a[{_PROFILE}] or .//p]"
_NEW_LAYOUT = Layout(
    author=(f"//a[{_PROFILE}][normalize-space(.) != '']", "//header//a[not(starts-with(@href, '#'))]"),
    time=("//time", "//a[contains(@href, '#comment-') or contains(@href, 'comment-permalink')]"),
    body=(),
    id=re.compile(r"comment-(\d+)$"),
    answered=("//header//a[starts-with(@href, '#comment-')]",),
)
_BLOCKED = re.compile(r"This comment (?:was removed|has been removed|has been deleted)", re.I)
_COUNT = re.compile(r"^(?:Comments|View all comments|comments)?\s*[(>]?\s*(\d[\d,]*)\)?\s*(?:comments)?$", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no comments of either generation."""
    page = page_of(source)
    old = select(page, _OLD)
    new = [] if old else select(page, _NEW)
    if not old and not (new and _is_guardian(page)):
        return None
    draft = Draft(
        source,
        title=line_of(first(page, "//h1")) or page_title(page),
        post=article_of(source, f"//*[{has_class('content__article-body')}]", "//*[@id='maincontent']"),
        post_author=article_author(page),
        url=page_url(source),
    )
    blocks, stamps = Blocks(page, old or new), stamps_of(source)
    for found in found_in(blocks, _OLD_LAYOUT) if old else _found_new(page, blocks):
        if "d-comment--blocked" in classes(found.block) or _BLOCKED.match(found.text):
            draft.drop("removed")
        else:
            add(draft, found, stamps)
    draft.expect(_announced(page))
    return [draft.thread("certain")]


def _is_guardian(page: Element) -> bool:
    told = first(
        page,
        "//meta[@property='og:site_name'][contains(@content, 'Guardian')]",
        "//link[@rel='canonical'][contains(@href, 'theguardian.com')]",
        f"//a[{_PROFILE}]",
        "//*[@data-gu-name or @data-link-name='reply to comment']",
    )
    return told is not None


def _found_new(page: Element, blocks: Blocks) -> list[Found]:
    """The words of a comment are what stands behind its header, in the first block that holds paragraphs."""
    bodies: dict[Element, Element] = {}
    for block in blocks:
        for element in block.iter("div", "p"):
            if blocks.owner(element) is block and element is not block and _is_words(element):
                bodies[block] = element
                break
    for body in bodies.values():
        body.set("data-words", "")
    return list(found_in(blocks, replace(_NEW_LAYOUT, body=("//*[@data-words]",))))


def _is_words(element: Element) -> bool:
    if (
        is_furniture(element)
        or element.find(".//header") is not None
        or any(above.tag in ("header", "button") for above in element.iterancestors())
    ):
        return False
    return element.tag == "p" or any(below.tag == "p" for below in element)


def _announced(page: Element) -> int | None:
    places = (
        f"//*[{has_class('discussion__comment-count')} or {has_class('js-discussion-comment-count')}"
        " or @data-testid='comment-counts' or @data-component='comment-count']"
    )
    told = [
        *(line_of(place) or "" for place in select(page, places)),
        *strings(page, "//*[@data-commentcount]/@data-commentcount"),
    ]
    counts = (_COUNT.match(text) for text in told)
    return next((int(count[1].replace(",", "")) for count in counts if count), None)
