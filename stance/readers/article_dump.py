"""A newspaper article copied from the browser as text, its comments closed or absent."""

from __future__ import annotations

import re

from stance.readers.blog_dump import split_post
from stance.thread import Thread

_CLOSED = re.compile(r"comments are (?:now )?closed(?: (?:on|for) this (?:article|story|post))?\.?", re.I)
_FURNITURE_STARTS = re.compile(r"^[ \t]*comments:?[ \t]*our rules[ \t]*$", re.I | re.M)


def read_article_dump(text: str, thread_id: str, source: str) -> Thread | None:
    """Read the dump, or return None where it does not say that comments are closed."""
    closed = _CLOSED.search(text)
    if closed is None:
        return None
    rules = _FURNITURE_STARTS.search(text)
    end = min(closed.start(), rules.start() if rules else len(text))
    title, post, notes = split_post(text[:end])
    notes.append(f'the page has no comments: it says "{closed.group().rstrip(".")}"')
    return Thread(id=thread_id, title=title, post=post, source=source, notes=tuple(notes))
