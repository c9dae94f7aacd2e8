"""What Reddit's objects say, whether they come from its API or from dumps."""

from __future__ import annotations

import re
from typing import TypeGuard

from stance.readers.dates import parse_epoch
from stance.readers.draft import Draft
from stance.readers.json_values import Object, text_at
from stance.readers.wording import apart_from_quoted_lines, unescaped

_GONE = {
    "[deleted]": "deleted",
    "[removed]": "removed",
    "[ Removed by Reddit ]": "removed",
    "[removed by reddit]": "removed",
    "[deleted by user]": "deleted",
}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def is_comment(row: object) -> TypeGuard[Object]:
    """Whether an object is a comment, whatever else was kept of it."""
    return isinstance(row, dict) and isinstance(row.get("body"), str) and isinstance(row.get("link_id"), str | int)


def is_submission(row: object) -> TypeGuard[Object]:
    """Whether an object is a submission: a post."""
    return (
        isinstance(row, dict)
        and isinstance(row.get("title"), str)
        and isinstance(row.get("id"), str)
        and "num_comments" in row
    )


def submission_of(comment: Object) -> str:
    """The id of the submission that a comment stands under. Some dumps give ids as the numbers they are."""
    link = comment["link_id"]
    return _base36(link) if isinstance(link, int) else str(link).removeprefix("t3_")


def describe(draft: Draft, row: Object) -> None:
    """Give a thread its submission."""
    post = row.get("selftext")
    draft.title = " ".join(unescaped(row["title"]).split())
    draft.post = unescaped(post).strip() if isinstance(post, str) and post not in _GONE else ""
    author = text_at(row, "author")
    draft.post_author = author if author not in _GONE else None
    draft.url = _page(text_at(row, "permalink"))


def add_comment(draft: Draft, row: Object) -> str:
    """Add a comment, its quoted lines apart; one that is gone is counted. Gives its id."""
    own_id = _id(row.get("id")) or (text_at(row, "name") or "").removeprefix("t1_") or None
    body = row["body"].strip()
    if body in _GONE:
        draft.drop(_GONE[body])
        return own_id or "gone"
    draft.url = draft.url or _page(text_at(row, "permalink"))
    words, quoted = apart_from_quoted_lines(unescaped(body))
    return draft.add(
        words,
        id=own_id,
        author=text_at(row, "author"),
        time=parse_epoch(row.get("created_utc")),
        parent_id=_parent(row),
        is_post_author=row.get("is_submitter") is True,
        quoted=quoted,
    )


def _parent(row: Object) -> str | None:
    parent = row.get("parent_id")
    if isinstance(parent, float) and parent.is_integer():
        parent = int(parent)
    if isinstance(parent, int) and not isinstance(parent, bool):
        number = _base36(parent)
        return number if number != submission_of(row) else None
    if not isinstance(parent, str) or parent.startswith("t3_") or parent == submission_of(row):
        return None
    return parent.removeprefix("t1_") or None


def _id(value: object) -> str | None:
    return _base36(value) if isinstance(value, int) else value if isinstance(value, str) and value else None


def _base36(number: int) -> str:
    """A number as Reddit writes it in addresses."""
    digits = ""
    number = abs(number)
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _page(permalink: str | None) -> str | None:
    """The address of a thread from that of one of its comments: ``/r/SUB/comments/ID/WORDS/`` and no more."""
    found = re.match(r"(?:https?://[^/]{1,60})?(/r/[^/]{1,60}/comments/\w{1,20}/(?:[^/]{1,200}/)?)", permalink or "")
    return f"https://www.reddit.com{found[1]}" if found else None
