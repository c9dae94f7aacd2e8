"""What is left of Disqus in a saved page: the comments themselves, or the frame that was saved beside the page.

Three forms: the embed as the browser shows it, its data as served in the frame, and the list of 2009 to 2012 that also
stands in WordPress pages whose comments Disqus has taken over.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

from stance.readers.dates import parse_iso
from stance.readers.draft import Draft
from stance.readers.json_values import Object, at, objects_at, text_at
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
    text_of,
)
from stance.readers.pages.articles import article_author, article_of
from stance.readers.pages.blocks import Blocks, Found, Layout, add, classes, found_in
from stance.readers.pages.frames import pages_of
from stance.readers.pages.stamps import stamps_of
from stance.readers.source import Source
from stance.thread import Thread

_POSTS = (
    f"//*[@id='post-list' or {has_class('post-list')} or @id='posts' or @id='disqus_thread']//li[{has_class('post')}]"
)
_LAYOUT = Layout(
    author=(
        f"//*[{has_class('post-byline')}]//*[{has_class('author')}]",
        f"//*[{has_class('author')}]",
        "//*[@data-role='username']",
        f"//*[{has_class('post-byline')}]//a",
    ),
    time=("//*[@data-role='relative-time']", f"//*[{has_class('time-ago')}]", f"//*[{has_class('post-meta')}]//a"),
    body=(
        f"//*[{has_class('post-message')}]",
        "//*[@data-role='message']",
        "//*[@data-role='message-content']",
        f"//*[{has_class('post-content')}]",
        f"//li[{has_class('post')}]",
    ),
    id=re.compile(r"(?:post|comment)-(\d+)$"),
    answered=(f"//a[{has_class('parent-link')}]", "//*[@data-role='parent-link']"),
    no_words=frozenset("post-media media-container post-menu comment__footer post-byline post-meta avatar".split()),
)
_OLD_POSTS = f"//*[starts-with(@id, 'dsq-comment-')][self::li or {has_class('dsq-comment')}]"
_OLD_LAYOUT = Layout(
    author=("//*[starts-with(@id, 'dsq-author-user-')]", f"//*[{has_class('dsq-commenter-name')}]", "//cite"),
    time=(
        f"//*[{has_class('dsq-header-time')}]//a",
        f"//*[{has_class('dsq-comment-header-time')}]//a",
        f"//*[{has_class('dsq-header-time')}]",
    ),
    body=(
        f"//*[{has_class('dsq-comment-text')}]",
        f"//*[{has_class('dsq-comment-message')}]",
        f"//*[{has_class('dsq-comment-body')}]",
    ),
    id=re.compile(r"dsq-comment-(\d+)$"),
    answered=(f"//*[{has_class('dsq-comment-parent')} or {has_class('dsq-in-reply-to')}]//a",),
    no_words=frozenset("dsq-comment-footer dsq-reply dsq-comment-actions".split()),
)
_GONE = re.compile(
    r"(?:This|Ce|Este|Dieser) (?:comment|commentaire|comentario|Kommentar) (?:was|has been|is|a été|fue|wurde) "
    r"|Comment (?:removed|deleted)",
    re.I,
)
_SHORT = 80  # characters of a notice
_SPAM = re.compile(r"marked as spam|detected as spam", re.I)
_COUNT = re.compile(r"^(\d[\d,.]*)\s*(?:Comments?|Kommentare?|commentaires?|comentarios?)$", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where nothing of Disqus's comments is in it or beside it."""
    found = next((read for page in pages_of(source) if (read := _threads_in(source, page))), None)
    return [found] if found else None


def _draft(source: Source, frame: Element) -> Draft:
    page = page_of(source)
    return Draft(
        source,
        title=line_of(first(page, f"//*[{has_class('entry-title')}]")) or page_title(page),
        post=article_of(source, guess=page is not frame or first(page, "//h1") is not None),
        post_author=article_author(page),
        url=page_url(source),
    )


def _threads_in(source: Source, page: Element) -> Thread | None:
    for path, layout in ((_POSTS, _LAYOUT), (_OLD_POSTS, _OLD_LAYOUT)):
        posts = [post for post in select(page, path) if path == _OLD_POSTS or _is_disqus(post)]
        if posts:
            return _shown(source, page, posts, layout)
    data = first(page, "//script[@id='disqus-threadData']")
    return _served(source, page, data.text or "") if data is not None else None


def _is_disqus(post: Element) -> bool:
    """Blogs, too, make lists of posts; those of Disqus have parts that its scripts look for."""
    has_parts = first(
        post, f".//*[{has_class('post-message')}]", ".//*[@data-role]", f".//*[{has_class('post-byline')}]"
    )
    return has_parts is not None


def _shown(source: Source, page: Element, posts: list[Element], layout: Layout) -> Thread:
    draft, stamps = _draft(source, page), stamps_of(source)
    among = set(posts)
    posts = [post for post in posts if post.tag == "li" or post.getparent() not in among]
    blocks = Blocks(page, posts)
    for found in found_in(blocks, layout):
        kind = _gone(found, blocks, layout)
        if kind:
            draft.drop(kind)
        else:
            add(draft, replace(found, author=found.author or None), stamps)
    counts = (
        _COUNT.match(line_of(place) or "")
        for place in select(page, f"//*[{has_class('comment-count')}] | //*[@data-nav='conversation']")
    )
    draft.expect(next((int(re.sub(r"\D", "", count[1])) for count in counts if count), None))
    if any(not is_furniture(more) for more in select(page, "//*[@data-role='more']")):
        draft.doubt("the page shows a link to more comments, which were not loaded when it was saved")
    return draft.thread("certain")


def _gone(found: Found, blocks: Blocks, layout: Layout) -> str | None:
    if {"pingback", "trackback"} & set(classes(found.block)):
        return "pingback"
    body = blocks.part(found.block, layout.body)
    is_whole = body is not None and ({"post-content", "post"} & set(classes(body)))
    if _SPAM.search(found.text) and is_whole:
        return "spam"
    if (
        (is_whole or found.author in (None, "", "Guest"))
        and _GONE.match(found.text.strip())
        and len(found.text) < _SHORT
    ):
        return "deleted"
    return "deleted" if not found.text and is_whole else None


def _served(source: Source, page: Element, data: str) -> Thread | None:
    """The thread in the frame's data: ``{"response": {"posts": [...], "thread": {...}}}``."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    posts = objects_at(value, "response", "posts")
    draft = _draft(source, page)
    draft.title = (
        text_at(value, "response", "thread", "clean_title")
        or text_at(value, "response", "thread", "title")
        or draft.title
    )
    draft.url = draft.url or text_at(value, "response", "thread", "link")
    for post in posts:
        _add_served(draft, post)
    announced = at(value, "response", "thread", "posts")
    draft.expect(announced if isinstance(announced, int) else None)
    return draft.thread("certain", shows_parents=True) if posts else None


def _add_served(draft: Draft, post: Object) -> None:
    if post.get("isSpam") or post.get("isDeleted"):
        draft.drop("spam" if post.get("isSpam") else "deleted")
        return
    message = text_at(post, "message")
    draft.add(
        text_of(fragment_of(message, draft.place)) if message else text_at(post, "raw_message") or "",
        id=text_at(post, "id"),
        author=text_at(post, "author", "name") or text_at(post, "author", "username"),
        time=parse_iso(text_at(post, "createdAt") or ""),
        parent_id=text_at(post, "parent"),
    )
