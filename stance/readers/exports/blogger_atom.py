"""Blogger's exports and feeds: Atom, posts and comments in one list, ``thr:in-reply-to`` from the one to the other.

Two dialects: the feed that blogs give and gave for backups, where a category tells the kind of an entry, and
Google Takeout's, where ``blogger:type`` does.
"""

from __future__ import annotations

import re

from stance.readers.dates import Moment, parse_iso
from stance.readers.draft import Draft
from stance.readers.markup import Element, first, fragment_of, line_of, select, text_of, xml_of
from stance.readers.source import Source
from stance.thread import Thread

_NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "thr": "http://purl.org/syndication/thread/1.0",
    "gd": "http://schemas.google.com/g/2005",
    "app": "http://purl.org/atom/app#",
    "old": "http://www.w3.org/2007/app",
    "b": "http://schemas.google.com/blogger/2018",
}
_KIND = "http://schemas.google.com/blogger/2008/kind#"
_REMOVED = re.compile(r"This (?:comment|post) has been removed by (?:the author|a blog administrator)\.?\s*$")
_LAST_NUMBER = re.compile(r"(\d+)/?(?:\?[^/]*)?$")


def read(source: Source) -> list[Thread] | None:
    """Read the export, a thread for each post; None where it is no Atom, or its entries are not Blogger's."""
    feed = xml_of(source)
    if feed.tag != f"{{{_NAMES['a']}}}feed":
        return None
    entries = select(feed, "a:entry", **_NAMES)
    kinds = [_kind(entry) for entry in entries]
    if not {"post", "comment"} & set(kinds):
        return None
    drafts: dict[str, Draft] = {}
    authors: dict[str, str] = {}
    for entry, kind in zip(entries, kinds, strict=True):
        if kind == "post" and not _is_draft(entry):
            post_id = _id_of(entry)
            drafts[post_id] = _draft(source, entry, post_id)
            authors[post_id] = _identity(entry)
    # Feeds list the newest first; a page shows the oldest first.
    comments = [entry for entry, kind in zip(entries, kinds, strict=True) if kind == "comment"]
    for entry in sorted(comments, key=lambda entry: _text(entry, "a:published")):
        post_id = _post_of(entry)
        if post_id not in drafts:  # a feed of one post's comments has no post in it
            drafts[post_id] = _draft_of_comments(source, feed, post_id)
        _add(drafts[post_id], entry, authors.get(post_id))
    return [draft.thread("certain") for draft in drafts.values()]


def _draft(source: Source, entry: Element, post_id: str) -> Draft:
    page = first(entry, "a:link[@rel='alternate']", **_NAMES)
    return Draft(
        source,
        id=post_id,
        title=_text(entry, "a:title"),
        post=_content(entry, source.place),
        post_author=_text(entry, "a:author/a:name"),
        url=page.get("href") if page is not None else None,
    )


def _draft_of_comments(source: Source, feed: Element, post_id: str) -> Draft:
    """The draft of a feed that is titled "Comments on BLOG: POST"."""
    title, page = _text(feed, "a:title"), first(feed, "a:link[@rel='alternate']", **_NAMES)
    post = title.removeprefix("Comments on ").partition(": ")[2] if title.startswith("Comments on ") else ""
    return Draft(source, id=post_id, title=post or title, url=page.get("href") if page is not None else None)


def _add(draft: Draft, entry: Element, post_author: str | None) -> None:
    words = _content(entry, draft.place)
    status = _text(entry, "b:status")
    if status not in ("", "LIVE") or _REMOVED.match(words) or _is_removed(entry):
        draft.drop("spam" if "SPAM" in status else "deleted")
        return
    draft.add(
        words,
        id=_id_of(entry),
        author=_text(entry, "a:author/a:name"),
        time=_published(entry),
        parent_id=_parent_of(entry),
        is_post_author=post_author is not None and _identity(entry) == post_author,
    )


def _kind(entry: Element) -> str:
    terms = [category.get("term") or "" for category in select(entry, "a:category", **_NAMES)]
    told = next((term.removeprefix(_KIND) for term in terms if term.startswith(_KIND)), "")
    told = told or _text(entry, "b:type").casefold()
    # The feed of one post's comments calls them nothing; each tells what it answers.
    return told or ("comment" if "blogger.com" in _text(entry, "a:id") and _post_of(entry) != "comments" else "")


def _id_of(entry: Element) -> str:
    """The number at the end of ``tag:blogger.com,1999:blog-12.post-345``, which the page's anchors use too."""
    tag = _text(entry, "a:id")
    return tag.rpartition("post-")[2] or tag


def _post_of(entry: Element) -> str:
    answered = first(entry, "thr:in-reply-to", **_NAMES)
    tag = (answered.get("ref") or "") if answered is not None else _text(entry, "b:parent")
    return tag.rpartition("post-")[2] or "comments"


def _parent_of(entry: Element) -> str | None:
    """The comment answered: the end of the "related" link, or Takeout's own element."""
    related = first(entry, "a:link[@rel='related']", **_NAMES)
    number = _LAST_NUMBER.search((related.get("href") or "") if related is not None else _text(entry, "b:inReplyTo"))
    return number[1] if number else None


def _identity(entry: Element) -> str:
    """Who wrote an entry: their profile's address, which tells two people of one name apart, or else the name."""
    return _text(entry, "a:author/a:uri") or _text(entry, "a:author/a:name")


def _published(entry: Element) -> Moment | None:
    return parse_iso(_text(entry, "a:published"))


def _is_draft(entry: Element) -> bool:
    told = _text(entry, "app:control/app:draft") or _text(entry, "old:control/old:draft")
    return told == "yes" or _text(entry, "b:status") == "DRAFT"


def _is_removed(entry: Element) -> bool:
    return first(entry, "gd:extendedProperty[@name='blogger.contentRemoved'][@value='true']", **_NAMES) is not None


def _content(entry: Element, place: str) -> str:
    content = first(entry, "a:content", "a:summary", **_NAMES)
    if content is None:
        return ""
    if content.get("type") == "xhtml":
        return text_of(content)
    written = content.text or ""
    return text_of(fragment_of(written, place)) if content.get("type") == "html" else written


def _text(entry: Element, path: str) -> str:
    return line_of(first(entry, path, **_NAMES)) or ""
