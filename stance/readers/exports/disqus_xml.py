"""Disqus's export: ``thread`` and ``post`` elements side by side, tied by ``dsq:id`` (schema ``disqus.xsd`` 1.0)."""

from __future__ import annotations

import re

from stance.readers.dates import Moment, parse_iso
from stance.readers.draft import Draft
from stance.readers.markup import Element, select, xml_of
from stance.readers.nesting import oldest_first
from stance.readers.rendered import with_italic_quotes, words_of, words_of_either, words_quotes_of
from stance.readers.source import Source
from stance.thread import Thread

_ID = "{http://disqus.com/disqus-internals}id"
_LOOK_BACK = 200  # comments; nobody quotes further up
_MENTION = re.compile(r"@(\w{1,60}):disqus\b")  # how a person is named within Disqus; pages show "@kev"


def read(source: Source) -> list[Thread] | None:
    """Read the export, a thread for each discussion that holds comments; None where it is none of Disqus's."""
    root = xml_of(source)
    if root.tag.rpartition("}")[2] != "disqus":
        return None
    drafts: dict[str, Draft] = {}
    n_gone = 0
    for thread in select(root, "./*[local-name()='thread']"):
        if _is(thread, "isDeleted"):
            n_gone += 1
        else:
            drafts[thread.get(_ID) or ""] = _draft(source, thread)
    posts: dict[str, list[Element]] = {}
    for post in select(root, "./*[local-name()='post']"):
        posts.setdefault(_linked(post, "thread") or "", []).append(post)
    n_of_gone = sum(len(of_thread) for thread_id, of_thread in posts.items() if n_gone and thread_id not in drafts)
    for thread_id, of_thread in posts.items():
        if thread_id not in drafts and n_gone:
            continue
        draft = drafts.setdefault(thread_id, Draft(source, id=thread_id or None))
        for post in oldest_first(of_thread, _time):
            _add(draft, post)
    # Each page that was ever opened has a thread in the export; most were never commented on.
    spoken = [draft for thread_id, draft in drafts.items() if thread_id in posts] or list(drafts.values())
    if spoken and len(spoken) < len(drafts):
        spoken[0].remark(f"{len(drafts) - len(spoken)} discussions without comments were left out")
    if spoken and n_gone:
        spoken[0].remark(f"{n_gone} deleted discussions with {n_of_gone} comments were left out")
    return [draft.thread("certain", shows_parents=True) for draft in spoken]


def _draft(source: Source, thread: Element) -> Draft:
    return Draft(
        source,
        id=thread.get(_ID),
        title=words_of(_text(thread, "title"), source.place),
        post=words_of_either(_text(thread, "message"), source.place),
        post_author=_text(thread, "author", "name"),
        url=_text(thread, "link") or None,
    )


def _add(draft: Draft, post: Element) -> None:
    if _is(post, "isSpam") or _is(post, "isDeleted"):
        draft.drop("spam" if _is(post, "isSpam") else "deleted")
        return
    if _text(post, "isApproved") == "false":
        draft.drop("unapproved")
        return
    message = with_italic_quotes(_text(post, "message"), [comment.text for comment in draft.comments[-_LOOK_BACK:]])
    words, quoted = words_quotes_of(message, draft.place)
    draft.add(
        _MENTION.sub(r"@\1", words),
        id=post.get(_ID),
        author=_text(post, "author", "name") or _text(post, "author", "username"),
        time=_time(post),
        parent_id=_linked(post, "parent"),
        quoted=quoted,
    )


def _time(post: Element) -> Moment | None:
    return parse_iso(_text(post, "createdAt"))


def _child(element: Element | None, name: str) -> Element | None:
    if element is None:
        return None
    named = (child for child in element if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name)
    return next(named, None)


def _linked(element: Element, name: str) -> str | None:
    child = _child(element, name)
    return child.get(_ID) if child is not None else None


def _text(element: Element, *names: str) -> str:
    found: Element | None = element
    for name in names:
        found = _child(found, name)
    return (found.text or "").strip() if found is not None else ""


def _is(element: Element, name: str) -> bool:
    return _text(element, name).casefold() in ("true", "1")
