"""What stands above the comments of a dump: title, date, byline, the post, the number of comments announced."""

from __future__ import annotations

import re

from stance.readers.dates import tells_time

#: "9 comments:", "No comments:", "Comments (12)", alone on its line.
COUNT = re.compile(
    r"^[ \t]*(?:(?P<n>\d[\d,.]*|No|One)[ \t]+comments?|comments?[ \t]*\([ \t]*(?P<m>\d+)[ \t]*\))[ \t]*:?[ \t]*$",
    re.I | re.M,
)
_BYLINE = re.compile(
    r"^[ \t]*(?:posted|published|written) by:?[ \t]+(?P<name>[^\n]{1,60}?)(?:[ \t]+(?:at|on)[ \t][^\n]*)?[ \t]*$",
    re.I | re.M,
)
_LONGEST_TITLE = 120  # characters


def announced_comments(text: str) -> int | None:
    """How many comments the page says it has, or None where it does not say."""
    return announced_by(COUNT.search(text))


def announced_by(count: re.Match[str] | None) -> int | None:
    """The number in a match of :data:`COUNT`."""
    if count is None:
        return None
    words = {"no": 0, "one": 1}
    number = (count["n"] or count["m"]).casefold()
    return words[number] if number in words else int(re.sub(r"\D", "", number))


def split_post(text: str) -> tuple[str, str, list[str]]:
    """Split what stands above the comments into title, post and remarks.

    The title is the first line that is no date, if it is short and does not end as a sentence.
    """
    remarks = []
    lines = text.strip().split("\n")
    start = 0
    while start < len(lines) and (not lines[start].strip() or tells_time(lines[start])):
        if lines[start].strip():
            remarks.append(f"the post is dated {lines[start].strip()}")
        start += 1
    lines = lines[start:]
    title = ""
    if (
        len(lines) > 1
        and len(lines[0].strip()) <= _LONGEST_TITLE
        and not lines[0].rstrip().endswith((".", ",", ";", '"'))
    ):
        title = lines.pop(0).strip()
    return title, "\n".join(lines).strip(), remarks


def without_byline(post: str) -> tuple[str, str | None]:
    """The post without its "Posted by NAME" line, and the name."""
    byline = _BYLINE.search(post)
    if byline is None:
        return post, None
    return (post[: byline.start()] + post[byline.end() :]).strip(), byline["name"].strip()
