"""What comment services leave in a saved page: Coral, OpenWeb (Spot.IM), Viafoura, IntenseDebate."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from stance.readers.draft import Draft
from stance.readers.markup import first, has_class, line_of, page_of, page_title, page_url, select
from stance.readers.pages.articles import article_author, article_of
from stance.readers.pages.blocks import Blocks, Layout, add, found_in
from stance.readers.pages.stamps import stamps_of
from stance.readers.source import Source
from stance.thread import Thread


class _Service(NamedTuple):
    """How a service marks its comments.

    :param blocks: XPath of the comments.
    :param answered: XPath of the name of the writer answered, where replies do not stand in what they answer.
    """

    blocks: str
    layout: Layout
    answered: str = ""


_ANY_ID = re.compile(r"(?:comment-|sp_|vf-c|idc-comment-|^)([\w-]+)$")
_SERVICES = (
    _Service(  # Coral
        f"//*[{has_class('coral-comment')}]",
        Layout(
            id=_ANY_ID,
            author=(f"//*[{has_class('coral-comment-username')}]", f"//*[{has_class('coral-username')}]"),
            time=(f"//time[{has_class('coral-timestamp')}]", "//time"),
            body=(f"//*[{has_class('coral-comment-content')}]",),
        ),
        f".//*[{has_class('coral-comment-inReplyToUsername')} or {has_class('coral-comment-inReplyTo-username')}]",
    ),
    _Service(  # OpenWeb
        "//*[@data-spmessage-id or @data-spot-im-class='message']"
        "[ancestor::li or .//*[@data-spot-im-class='message-text']]",
        Layout(
            id=_ANY_ID,
            author=(
                "//*[@data-spot-im-class='user-info-username']",
                "//*[@data-spot-im-class='message-username']",
                f"//*[{has_class('spcv_username')}]",
            ),
            time=("//time", "//*[@data-spot-im-class='message-timestamp']"),
            body=("//*[@data-spot-im-class='message-text']", "//*[@data-spot-im-class='message-entities']"),
        ),
    ),
    _Service(  # Viafoura
        f"//*[{has_class('vf-comment')} or {has_class('vf3-comment')}]",
        Layout(
            id=_ANY_ID,
            author=(
                f"//*[{has_class('vf-username')} or {has_class('vf-comment-header__author')}]",
                f"//*[{has_class('vf3-comment__author')} or {has_class('vf3-username')}]",
            ),
            time=("//time", f"//*[{has_class('vf-date')} or {has_class('vf3-comment__date')}]"),
            body=(
                f"//*[{has_class('vf-comment-html')}]",
                f"//*[{has_class('vf-comment-content')} or {has_class('vf3-comment__content')}]",
            ),
        ),
    ),
    _Service(  # IntenseDebate
        f"//*[{has_class('idc-c')}]",
        Layout(
            id=re.compile(r"(\d+)$"),
            author=("//*[starts-with(@id, 'IDCommentAuthor')]", f"//*[{has_class('idc-c-h')}]//a[@href]"),
            time=(f"//*[{has_class('idc-time')}]",),
            body=(f"//*[{has_class('idc-c-t-inner')}]", f"//*[{has_class('idc-c-t')}]"),
        ),
    ),
)
_REMOVED = re.compile(
    r"(?:this|the) (?:comment|message|content) (?:was|has been|is) (?:removed|deleted|hidden|rejected).{0,120}", re.I
)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where none of the services' comments are in it."""
    page = page_of(source)
    for service in _SERVICES:
        elements = select(page, service.blocks)
        if elements and (thread := _thread(source, service, Blocks(page, elements))):
            return [thread]
    return None


def _thread(source: Source, service: _Service, blocks: Blocks) -> Thread | None:
    page, stamps = page_of(source), stamps_of(source)
    draft = Draft(
        source,
        title=line_of(first(page, "//h1")) or page_title(page),
        post=article_of(source),
        post_author=article_author(page),
        url=page_url(source),
    )
    latest: dict[str, str] = {}
    items = _items(blocks)
    for found in found_in(blocks, service.layout):
        if _REMOVED.fullmatch(found.text):
            draft.drop("deleted")
            continue
        if not found.text:
            continue
        named = line_of(first(found.block, service.answered)) if service.answered else None
        parent = latest.get(named or "") or found.parent_id or items.get(found.id)
        add(draft, replace(found, parent_id=parent), stamps)
        latest[found.author or ""] = found.id
    return draft.thread("certain") if draft.comments else None


def _items(blocks: Blocks) -> dict[str, str]:
    """The comment that each answers, where a list of answers stands beside a comment in the same list item."""
    parents: dict[str, str] = {}
    inner = [block for block in blocks if blocks.above(block) is None]
    ids = {block: (block.get("data-spmessage-id") or block.get("id") or "") for block in inner}
    first_in: dict[object, str] = {}
    for block in inner:
        around = list(block.iterancestors("li"))
        name = _ANY_ID.search(ids[block])
        if not around or name is None:
            continue
        for above in around[1:]:
            if above in first_in:
                parents[name[1]] = first_in[above]
                break
        first_in.setdefault(around[0], name[1])
    return parents
