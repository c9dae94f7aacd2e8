"""A newspaper article copied from the browser as text, its comments closed or absent."""

from __future__ import annotations

import re

from stance.readers.blog_dump import announced_comments, split_post
from stance.thread import Thread

_CLOSED = re.compile(r"comments are (?:now )?closed(?: (?:on|for) this (?:article|story|post))?\.?[ \t]*$", re.I | re.M)
_FURNITURE_STARTS = re.compile(r"^[ \t]*comments:?[ \t]*our rules[ \t]*$", re.I | re.M)
_LONGEST_TAIL = 300  # characters of page furniture under the notice; more is text of its own


def read_article_dump(text: str, thread_id: str, source: str) -> Thread | None:
    """Read the dump, or return None where it does not end in the word that comments are closed, or announces some."""
    closed = _CLOSED.search(text)
    if closed is None or len(text[closed.end() :].strip()) > _LONGEST_TAIL or announced_comments(text):
        return None
    rules = _FURNITURE_STARTS.search(text)
    end = min(closed.start(), rules.start() if rules else len(text))
    title, post, notes = split_post(text[:end])
    notes.append(f'the page has no comments: it says "{closed.group().strip().rstrip(".")}"')
    return Thread(id=thread_id, title=title, post=post, source=source, notes=tuple(notes))
