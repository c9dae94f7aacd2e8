"""Who answers whom, as far as the text itself names it; and who wrote the post.

Nothing is guessed beyond a name: a comment answers another only where it opens by addressing that writer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from stance.thread import Comment

_GREETING = r"(?:hi|hello|hey|dear|ok|okay|yes|no|so|well|sorry|thanks|thank you|to|oh|and|but)"
_FIRST_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]?")


def link_replies(comments: Sequence[Comment]) -> tuple[Comment, ...]:
    """Give each comment that opens by addressing an earlier writer that writer's latest comment as parent.

    Links that the page itself shows are kept.
    """
    linked: list[Comment] = []
    for comment in comments:
        if comment.parent_id is None:
            parent = _addressed(comment, linked)
            if parent is not None:
                comment = replace(comment, parent_id=parent.id)
        linked.append(comment)
    return tuple(linked)


def guess_post_author(post: str, comments: Sequence[Comment]) -> str | None:
    """The one commenter who behaves as the post's author, or None where that is not plain.

    Plain is: the post speaks in the first person, and exactly one writer with a name of their own both answers
    others by name and is addressed by name.
    """
    if not re.search(r"\b(?:I|my|we|our)\b", post):
        return None
    by_id = {comment.id: comment for comment in comments}
    answering = set()
    addressed = set()
    for comment in comments:
        if comment.parent_id is None or comment.author is None:
            continue
        parent = by_id[comment.parent_id]
        if parent.author != comment.author:
            answering.add(comment.author)
            addressed.add(parent.author)
    shared = {comment.author for comment in comments if comment.has_shared_name}
    candidates = (answering & addressed) - shared
    return candidates.pop() if len(candidates) == 1 else None


def _addressed(comment: Comment, earlier: Sequence[Comment]) -> Comment | None:
    match = _FIRST_SENTENCE.match(comment.text.lstrip())
    opening = match.group() if match else ""
    for other in reversed(earlier):
        if other.author is None or other.author == comment.author:
            continue
        if any(_addresses(opening, name) for name in _call_names(other)):
            return other
    return None


def _call_names(comment: Comment) -> list[str]:
    """The name shown and, where it is a person's full name, its first word ("Jeremy")."""
    assert comment.author is not None
    name = comment.author.strip()
    first = name.split()[0] if name else ""
    names = [name] if len(name) > 1 else []
    if first != name and len(first) > 2 and first[:1].isupper() and first.casefold() not in _NOT_FIRST_NAMES:
        names.append(first)
    return names


_NOT_FIRST_NAMES = frozenset({"the", "mr", "mrs", "ms", "miss", "dr", "cllr", "sir", "a", "an", "just", "not", "one"})


def _addresses(opening: str, name: str) -> bool:
    called = re.escape(name)
    at_start = rf"(?i:{_GREETING}[ ,]+)?{called}\s*(?:[,.:!?\n]|[-–—]\s|$)"
    with_sign = rf"@\s*{called}(?!\w)"
    at_end = rf"(?:.*,\s*{called}\s*[.!?\n]?$|.*\b{called}\s*!+$)"
    return any(re.match(pattern, opening.strip()) for pattern in (at_start, with_sign, at_end))
