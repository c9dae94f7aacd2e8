"""A post on Blogger with its comments: the classic list, the threaded one, and what scripts were to make into one.

A page fetched without running its scripts has the comments only as ``var items = [{'id': '…', 'body': '…'}, …]``.
"""

from __future__ import annotations

import re

from stance.readers.dates import Moment, parse_epoch, parse_when
from stance.readers.draft import Draft
from stance.readers.json_values import Object, objects_at, text_at
from stance.readers.markup import (
    Element,
    first,
    fragment_of,
    has_class,
    is_furniture,
    line_of,
    page_of,
    page_title,
    page_url,
    select,
    strings,
    text_of,
    with_class,
)
from stance.readers.pages.stamps import Stamps, stamps_of
from stance.readers.script_values import literal_at
from stance.readers.source import Source
from stance.readers.wording import SAID
from stance.thread import Thread

_REMOVED = re.compile(r"This (?:comment|post) has been removed by (?:the author|a blog administrator)\.?$")
_SAID = re.compile(
    r"(?:At (?P<clock>\d{1,2}[:.]\d\d.{0,40}?), )?(?:Blogger |Anonymous (?=Anonymous)|OpenID )?"
    rf"(?P<name>.*?)(?:, author of .{{1,80}}?,?)?\s+{SAID}\s*(?:\.\.\.|…)$",
    re.DOTALL,
)
_POSTED_BY = re.compile(r"posted by (?P<name>.{1,60}?)(?:,? (?:at|on|@) .*)?$", re.I)
_COMMENT_ID = re.compile(r"(?:^c|#c|showComment=|comment-)(\d{3,})")
_ITEMS = re.compile(r"\bitems\s{0,9}[=:]\s{0,9}(?=\[)")
_BLOGGERS_OWN = (
    "//meta[@name='generator'][translate(@content, 'B', 'b')='blogger'] | //*[@id='comments-block']"
    " | //*[@id='comment-post-message'] | //a[contains(@href, 'blogger.com/')]"
)
_COUNT = re.compile(r"(\d[\d,.]*|No)\s+comments?", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no comments' block of Blogger's."""
    page = page_of(source)
    items = _items(page)
    block = first(page, "//*[@id='comments']", "//*[@id='comments-block']")
    if block is None or (
        not items
        and first(
            page,
            "//*[@id='comments-block']",
            f"//*[@id='comments']{with_class('comment-thread')[1:]}",
            # other software, too, has a form of that class
            f"//*[@id='comments']{with_class('comment-form')[1:]}[//meta[@name='generator'][@content='blogger']]",
            f"//*[@id='comments']{with_class('comment-form')[1:]}//*[@id='comment-post-message']",
        )
        is None
    ):
        return None
    draft = Draft(
        source,
        title=line_of(first(page, with_class("post-title"))) or page_title(page),
        post=text_of(first(page, with_class("post-body"))),
        post_author=_post_author(page),
        url=page_url(source),
    )
    stamps = stamps_of(source)
    threaded = select(block, f"{with_class('comment', 'li')}[not(ancestor::li[{has_class('comment')}])]")
    for comment in threaded:
        _add_threaded(draft, comment, None, stamps)
    if not threaded:
        _add_classic(draft, block, stamps)
    if not draft.comments:
        for item in items:
            _add_item(draft, item)
    if not draft.comments and first(page, _BLOGGERS_OWN) is None:
        return None
    draft.expect(_announced(block))
    return [draft.thread("certain")]


def _add_threaded(draft: Draft, comment: Element, parent_id: str | None, stamps: Stamps) -> None:
    """Add a comment of the threaded list, and the answers in it."""
    head = first(comment, with_class("comment-header"))
    name = first(head, with_class("user")) if head is not None else None
    body = first(comment, with_class("comment-content"))
    stamp = first(head, with_class("datetime"), with_class("comment-timestamp")) if head is not None else None
    comment_id = _id_in(comment.get("id") or "")
    _add(
        draft,
        body,
        comment_id,
        line_of(name),
        stamps.of(stamp),
        parent_id,
        is_post_author=name is not None and "blog-author" in (name.get("class") or ""),
    )
    inside = with_class("comment", "li")
    for answer in select(comment, inside):
        nearest = next(above for above in answer.iterancestors("li") if "comment" in (above.get("class") or "").split())
        if nearest is comment:
            _add_threaded(draft, answer, comment_id, stamps)


def _add_classic(draft: Draft, block: Element, stamps: Stamps) -> None:
    """Add the comments of a ``dl``: ``dt`` names the writer, ``dd`` has the words, a second ``dd`` the date."""
    for head in select(block, ".//dt[following-sibling::dd]"):
        parts: dict[str, Element] = {}
        for below in head.itersiblings():
            if below.tag == "dt":
                break
            parts.setdefault(next(iter((below.get("class") or "").split()), ""), below)
        said = _SAID.match(line_of(head) or "")
        links = [
            *strings(head, ".//@name"),
            head.get("id") or "",
            *(p for b in parts.values() for p in strings(b, ".//a/@href")),
        ]
        if said is None and "comment-body" not in parts:
            continue
        _add(
            draft,
            parts.get("comment-body"),
            next((found for link in links if (found := _id_in(link))), None),
            said["name"] if said else line_of(head),
            stamps.of(parts.get("comment-footer")),
            None,
            is_post_author=bool(said and ", author of " in said.group()),
        )


def _post_author(page: Element) -> str | None:
    """Who wrote the post; templates before 2006 say it in words below it."""
    named = line_of(first(page, f"//*[{has_class('post-author')}]//*[{has_class('fn')}]"))
    posted = _POSTED_BY.match(line_of(first(page, with_class("post-footer"))) or "")
    return named or (posted["name"] if posted else None)


def _items(page: Element) -> list[Object]:
    """The comments in the page's scripts."""
    for script in select(page, "//script[contains(., 'items')]"):
        text = script.text or ""
        for match in _ITEMS.finditer(text):
            items = objects_at(literal_at(text, match.end()))
            if items and text_at(items[0], "id") and text_at(items[0], "body"):
                return items
    return []


def _add_item(draft: Draft, item: Object) -> None:
    body = fragment_of(text_at(item, "body") or "", draft.place)
    _add(
        draft,
        body,
        text_at(item, "id"),
        text_at(item, "author", "name"),
        parse_when(text_at(item, "displayTime") or "") or parse_epoch(text_at(item, "timestamp")),
        text_at(item, "parentId"),
        is_post_author=False,
    )


def _add(
    draft: Draft,
    body: Element | None,
    comment_id: str | None,
    author: str | None,
    time: Moment | None,
    parent_id: str | None,
    *,
    is_post_author: bool,
) -> None:
    words = text_of(body, _no_words)
    if _REMOVED.match(words) or (body is not None and first(body, f".//*[{has_class('deleted-comment')}]") is not None):
        draft.drop("deleted")
        return
    draft.add(words, id=comment_id, author=author, time=time, parent_id=parent_id, is_post_author=is_post_author)


def _no_words(element: Element) -> bool:
    return is_furniture(element) or "comment-actions" in (element.get("class") or "")


def _id_in(text: str) -> str | None:
    found = _COMMENT_ID.search(text)
    return found[1] if found else None


def _announced(block: Element) -> int | None:
    heading = first(block, ".//h4", ".//h3", ".//h2")
    match = _COUNT.match(line_of(heading) or "")
    if match is None:
        return None
    return 0 if match[1].casefold() == "no" else int(re.sub(r"\D", "", match[1]))
