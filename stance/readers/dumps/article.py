"""A newspaper article copied from the browser as text, its comments closed or absent."""

from __future__ import annotations

import re

from stance.readers.draft import Draft
from stance.readers.dumps.lines import text_of_dump
from stance.readers.dumps.post import announced_comments, split_post
from stance.readers.source import Source
from stance.thread import Thread

_CLOSED = re.compile(r"comments are (?:now )?closed(?: (?:on|for) this (?:article|story|post))?\.?[ \t]*$", re.I | re.M)
_FURNITURE_STARTS = re.compile(r"^[ \t]*comments:?[ \t]*our rules[ \t]*$", re.I | re.M)
_LONGEST_TAIL = 300  # characters of page furniture under the notice; more is text of its own


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it does not end in the word that comments are closed, or announces some."""
    text = text_of_dump(source)
    closed = _CLOSED.search(text)
    if closed is None or len(text[closed.end() :].strip()) > _LONGEST_TAIL or announced_comments(text):
        return None
    rules = _FURNITURE_STARTS.search(text)
    title, post, remarks = split_post(text[: min(closed.start(), rules.start() if rules else len(text))])
    draft = Draft(source, title=title, post=post)
    for remark in remarks:
        draft.remark(remark)
    draft.remark(f'the page has no comments: it says "{closed.group().strip().rstrip(".")}"')
    return [draft.thread("likely")]
