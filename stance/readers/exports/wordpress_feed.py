"""WordPress's feed of comments (``/feed/`` behind a post's address, ``/comments/feed/`` for a whole blog): RSS."""

from __future__ import annotations

import re

from stance.readers.dates import Moment, parse_when
from stance.readers.draft import Draft
from stance.readers.markup import Element, fragment_of, line_of, select, text_of, words_and_quotes, xml_of
from stance.readers.nesting import oldest_first
from stance.readers.rendered import is_blockquote
from stance.readers.source import Source
from stance.thread import Thread

_NAMES = {"dc": "http://purl.org/dc/elements/1.1/", "content": "http://purl.org/rss/1.0/modules/content/"}
_COMMENT = re.compile(r"(?P<page>[^#]{1,2000})#comment-(?P<id>\d{1,20})$")
_ON_ONE_POST = re.compile(r"Comments on:? ?(.{0,300})")
_ON_SOME_POST = "Comment on "


def read(source: Source) -> list[Thread] | None:
    """Read the feed, a thread for each post; None where its items are not comments."""
    feed = xml_of(source)
    items = [item for item in select(feed, "./channel/item") if _COMMENT.match(_text(item, "link"))]
    if feed.tag != "rss" or not items:
        return None
    about = _ON_ONE_POST.match(_text(feed, "channel/title"))
    drafts: dict[str, Draft] = {}
    for item in oldest_first(items, _time):
        place = _COMMENT.match(_text(item, "link"))
        page = re.sub(r"comment-page-\d{1,6}/?$", "", place["page"]) if place else ""
        writer, title = _text(item, "dc:creator"), about[1] if about else ""
        headline = _text(item, "title")
        if headline.startswith(_ON_SOME_POST):
            title = headline.removeprefix(_ON_SOME_POST).removesuffix(f" by {writer}")
        if page not in drafts:
            drafts[page] = Draft(source, title=title, url=page)
        _add(drafts[page], item, place["id"] if place else None, writer or headline.removeprefix("By: "))
    return [draft.thread("certain") for draft in drafts.values()]


def _add(draft: Draft, item: Element, own_id: str | None, author: str) -> None:
    markup = _text(item, "content:encoded") or _text(item, "description")
    page = fragment_of(markup, draft.place)
    # The feed puts "In reply to <a href='…#comment-3'>Kev</a>." before an answer.
    first = next(iter(select(page, "(.//p | .//a/..)[1]")), None)
    answered = None
    if first is not None and (line_of(first) or "").startswith("In reply to "):
        link = next(iter(select(first, "./a[contains(@href, '#comment-')]")), None)
        found = _COMMENT.match(link.get("href") or "") if link is not None else None
        answered = found["id"] if found else None
    opening = first if answered else None
    words, quoted = words_and_quotes(page, lambda element: element is not opening and is_blockquote(element))
    if opening is not None:
        words = words.removeprefix(text_of(opening)).lstrip()
    draft.add(
        words,
        id=own_id,
        author=author,
        time=_time(item),
        parent_id=answered,
        quoted=quoted,
    )


def _time(item: Element) -> Moment | None:
    return parse_when(_text(item, "pubDate"))


def _text(element: Element, path: str) -> str:
    found = select(element, path, **_NAMES)
    return (found[0].text or "").strip() if found else ""
