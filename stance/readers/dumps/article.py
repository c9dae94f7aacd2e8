"""A newspaper article copied from the browser as text, its comments closed or absent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.draft import Draft
from stance.readers.dumps.lines import is_time, text_of_dump
from stance.readers.dumps.post import announced_comments, split_post
from stance.readers.source import Source
from stance.thread import Thread

_CLOSED = re.compile(r"comments are (?:now )?closed(?: (?:on|for) this (?:article|story|post))?\.?[ \t]*$", re.I | re.M)
_FURNITURE_STARTS = re.compile(r"^[ \t]*comments:?[ \t]*our rules[ \t]*$", re.I | re.M)
_PUBLISHED_BY = re.compile(r"[ \t]*published by[ \t]+(?P<name>\S.{1,50}?)[ \t]*", re.I)
_TAIL = re.compile(r"[ \t]*(?:share this:?|like this:?|related|tagged .*|published by .*|post navigation)[ \t]*", re.I)
_LONGEST_TAIL = 300  # characters of page furniture under the notice; more is text of its own


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it does not end in the word that comments are closed, or announces some."""
    text = text_of_dump(source)
    closed = _CLOSED.search(text)
    if closed is None or len(text[closed.end() :].strip()) > _LONGEST_TAIL or announced_comments(text):
        return None
    rules = _FURNITURE_STARTS.search(text)
    told = _published_by(text[: closed.start()].split("\n"))
    if told:
        title, post, author = told
        draft = Draft(source, title=title, post=post, post_author=author)
        draft.remark(f'the page has no comments: it says "{closed.group().strip().rstrip(".")}"')
        return [draft.thread("likely")]
    title, post, remarks = split_post(text[: min(closed.start(), rules.start() if rules else len(text))])
    draft = Draft(source, title=title, post=post)
    for remark in remarks:
        draft.remark(remark)
    draft.remark(f'the page has no comments: it says "{closed.group().strip().rstrip(".")}"')
    return [draft.thread("likely")]


def _published_by(lines: Sequence[str]) -> tuple[str, str, str] | None:
    """Title, post and writer of a WordPress post that says below who published it, and when over its words."""
    name = next((match["name"] for line in lines if len(line) < 80 and (match := _PUBLISHED_BY.fullmatch(line))), None)
    stamps = [n for n, line in enumerate(lines) if name and len(line) < 160 and is_time(line.partition(name)[0])]
    stamp = next((n for n in stamps if name and name in lines[n]), None)
    over = [line.strip() for line in lines[: stamp or 0] if line.strip()]
    if stamp is None or name is None or not over:
        return None
    below = lines[stamp + 1 :]
    stop = next((n for n, line in enumerate(below) if _TAIL.fullmatch(line)), len(below))
    return over[-1], "\n".join(below[:stop]).strip(), name
