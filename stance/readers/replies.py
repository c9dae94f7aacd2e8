"""Who answers whom, as far as the text itself names it; and who wrote the post.

Nothing is guessed beyond a name: a comment answers another only where it opens by addressing that writer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from stance.thread import Comment

_GREETING = r"(?:hi|hello|hey|dear|ok|okay|yes|no|so|well|sorry|thanks|thank you|to|oh|and|but)"


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

    Plain is: the post speaks in the first person, and among the writers with a name of their own who are
    addressed by name, exactly one answers others by name more often than the rest do.
    """
    if not re.search(r"\b(?:I|my|we|our)\b", post):
        return None
    by_id = {comment.id: comment for comment in comments}
    answers: Counter[str] = Counter()
    addressed = set()
    for comment in comments:
        parent = by_id.get(comment.parent_id or "")
        if parent is not None and comment.author is not None and parent.author != comment.author:
            answers[comment.author] += not comment.has_shared_name
            addressed.add(parent.author)
    ranked = [(n, name) for name, n in answers.most_common() if n and name in addressed]
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _addressed(comment: Comment, earlier: Sequence[Comment]) -> Comment | None:
    first_line = comment.text.lstrip().partition("\n")[0]
    for other in reversed(earlier):
        if other.author is None or other.author == comment.author:
            continue
        if any(_addresses(first_line, name) for name in _call_names(other)):
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


def _addresses(first_line: str, name: str) -> bool:
    """Whether a line calls a name: "Hi Ann.", "Ann, that is wrong", "@Ann", "Not so, Ann.", "Not again Ann!"."""
    called = re.escape(name)
    at_start = rf"(?i:{_GREETING}[ ,]+)?{called}\s*(?:[,.:!?]|[-–—]\s|$)"
    with_sign = rf"@\s*{called}(?!\w)"
    ends_first_sentence = rf"[^.!?]*(?:,\s*{called}\s*[.!?]|\b{called}\s*!)"
    return any(re.match(pattern, first_line) for pattern in (at_start, with_sign, ends_first_sentence))
