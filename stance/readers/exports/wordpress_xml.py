"""WordPress's export (WXR): RSS with the posts as items and ``wp:comment`` in each, as ``export_wp`` writes it.

The versions 1.0 to 1.2 differ in namespace alone, so elements are told by prefix and name. Disqus and others take the
same form for imports.
"""

from __future__ import annotations

from typing import NamedTuple

from stance.readers.dates import Moment, parse_iso
from stance.readers.draft import Draft
from stance.readers.markup import Element, select, xml_of
from stance.readers.rendered import with_breaks, words_of, words_quotes_of
from stance.readers.source import Source
from stance.readers.wording import unescaped
from stance.thread import Thread

_NOT_SHOWN = frozenset({"draft", "auto-draft", "trash", "pending", "future", "inherit"})
_COMMENTS = frozenset({"", "comment", "review"})
_STATES = {"spam": "spam", "trash": "deleted", "post-trashed": "deleted", "0": "unapproved", "hold": "unapproved"}

Facts = dict[str, str]


class _Author(NamedTuple):
    id: str
    name: str


def read(source: Source) -> list[Thread] | None:
    """Read the export, a thread for each post that is shown; None where it is no WXR."""
    feed = xml_of(source)
    if feed.tag != "rss" or not ("wp" in feed.nsmap or "wp:wxr_version" in source.text[:8192]):
        return None
    authors = {facts["wp:author_login"]: _author(facts) for facts in map(_facts, _children(feed, "wp:author"))}
    threads = []
    for item in select(feed, "./channel/item|./item"):
        facts, comments = _facts(item), [_facts(comment) for comment in _children(item, "wp:comment")]
        kind = facts.get("wp:post_type", "post")
        if facts.get("wp:status") in _NOT_SHOWN or not (comments or kind == "post"):
            continue
        threads.append(_thread(source, facts, comments, authors))
    return threads


def _thread(source: Source, item: Facts, comments: list[Facts], authors: dict[str, _Author]) -> Thread:
    login = item.get("dc:creator", "")
    author = authors.get(login, _Author("", login))
    draft = Draft(
        source,
        id=item.get("wp:post_id") or None,
        title=words_of(item.get("title", ""), source.place),
        post=words_of(with_breaks(item.get("content:encoded", "")), source.place),
        post_author=author.name,
        url=item.get("link") or None,
    )
    for comment in comments:
        _add(draft, comment, author)
    return draft.thread("certain")


def _add(draft: Draft, comment: Facts, author: _Author) -> None:
    kind, state = comment.get("wp:comment_type", ""), comment.get("wp:comment_approved", "1")
    if kind not in _COMMENTS or state in _STATES:
        draft.drop(kind if kind not in _COMMENTS and state != "spam" else _STATES[state])
        return
    words, quoted = words_quotes_of(with_breaks(comment.get("wp:comment_content", "")), draft.place)
    user, parent_id = comment.get("wp:comment_user_id", "0"), comment.get("wp:comment_parent", "0")
    draft.add(
        words,
        id=comment.get("wp:comment_id"),
        author=unescaped(comment.get("wp:comment_author", "")),
        time=_time(comment),
        parent_id=parent_id if parent_id not in ("", "0") else None,
        is_post_author=user not in ("", "0") and user == author.id,
        quoted=quoted,
    )


def _time(comment: Facts) -> Moment | None:
    told = comment.get("wp:comment_date_gmt", "")
    # A missing time is written as "0000-00-00 00:00:00".
    return parse_iso(f"{told}+00:00") or parse_iso(comment.get("wp:comment_date", ""))


def _author(facts: Facts) -> _Author:
    return _Author(facts.get("wp:author_id", ""), facts.get("wp:author_display_name") or facts["wp:author_login"])


def _children(element: Element, name: str) -> list[Element]:
    """The elements below with a name, its prefix included, whatever the prefix stands for."""
    prefix, _, local = name.partition(":")
    return [found for found in select(element, f".//*[local-name()='{local}']") if found.prefix == prefix]


def _facts(element: Element) -> Facts:
    """What an element's children say, by their names with prefix."""
    facts: Facts = {"wp:author_login": ""}
    for child in element:
        if isinstance(child.tag, str):
            name = child.tag.rpartition("}")[2]
            facts[f"{child.prefix}:{name}" if child.prefix else name] = (child.text or "").strip()
    return facts
