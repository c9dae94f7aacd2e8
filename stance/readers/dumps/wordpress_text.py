"""A WordPress post with its comments, copied from the browser as text: ``NAME says:`` above, ``Reply`` below each.

Themes write the head of a comment in one of three ways::

    NAME says:                    NAME on 14 March 2013 at 9:12 am said:        1. NAME
    March 14, 2013 at 9:12 am                                                      March 14, 2013 at 9:12 am
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from stance.readers.dates import Moment, parse_date_line
from stance.readers.draft import Draft
from stance.readers.dumps.post import split_post, without_byline
from stance.readers.source import Source
from stance.thread import Thread

_COUNT = re.compile(
    r"^[ \t]*(?P<n>\d[\d,.]{0,8}|One|No)[ \t]+(?:thoughts?|responses?|comments?|replies)[ \t]+(?:on|to)[ \t]+"
    r"[“\"‘'«](?P<title>[^\n]{1,300})[”\"’'»][ \t]*$",
    re.I | re.M,
)
_BARE_COUNT = re.compile(
    r"^[ \t]*\(?(?P<n>\d[\d,.]{0,8}|No)\)?[ \t]+(?:comments|responses|replies)[ \t]*$", re.I | re.M
)
_SAYS = re.compile(r"^[ \t]*(?:\d{1,4}\.[ \t]+)?(?P<name>\S[^\n]{0,60}?)[ \t]+says:?[ \t]*$")
_SAID_ON = re.compile(
    r"^[ \t]*(?:\d{1,4}\.[ \t]+)?(?P<name>\S[^\n]{0,60}?)[ \t]+on[ \t]+(?P<date>[^\n]{6,50}?)[ \t]+said:[ \t]*$"
)
_NUMBERED = re.compile(r"^[ \t]*\d{1,4}\.[ \t]+(?P<name>\S[^\n]{0,60}?)[ \t]*$")
_PINGBACK = re.compile(r"^[ \t]*(?:\d{1,4}\.[ \t]+)?(?:pingback|trackback):", re.I)
# What the theme puts under each comment, under the post, and under all comments.
_BUTTON = (
    r"(?:reply(?: to [^\n]{1,40}|[ ]?[↓→])?|like(?:like)?|like(?:like)?d by (?:\d{1,6} (?:people|person)|you)|\(edit\)"
    r"|permalink|report|share|loading\.{0,3}|rate this:?|log in to reply|your comment is awaiting moderation\.?)"
)
_BUTTONS = re.compile(rf"^[ \t]*{_BUTTON}(?:[ \t·|]+{_BUTTON}){{0,9}}[ \t]*$", re.I)
_POST_TAIL = re.compile(
    r"^[ \t]*(?:share this:?|like this:?|related|sharedaddy|categories:.*|tags:.*|filed under.*|posted in .*|tagged .*"
    r"|this entry was posted .*|bookmark the permalink.*|advertisements?|like loading\.*)[ \t]*$",
    re.I | re.M,
)
_END = re.compile(
    r"^[ \t]*(?:leave a (?:reply|comment)(?: cancel reply)?|comments are (?:now )?closed\.?|post navigation"
    r"|enter your comment here\.*|fill in your details below or click an icon to log in:?|(?:← )?older comments"
    r"|newer comments(?: →)?|blog at wordpress\.com\.?|proudly powered by wordpress)[ \t]*$",
    re.I,
)
# "Posted on 4 October 2016 by Moira Tindle", "March 3, 2014 in Uncategorized"
_STAMP = re.compile(
    r"[ \t]*(?:posted[ \t]+)?(?:on[ \t]+)?(?P<date>\S[^\n]{5,40}?)(?:[ \t]+by[ \t]+(?P<name>[^\n]{1,60}?))?"
    r"(?:[ \t]+in[ \t]+[^\n]{1,80})?[ \t]*$",
    re.I,
)
_LONGEST_NAME = 8  # words


class _Head(NamedTuple):
    """Where a comment begins: the lines its head takes, and what they tell."""

    start: int
    body: int
    name: str
    time: Moment | None


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where no line reads as the head of a WordPress comment."""
    lines = source.text.split("\n")
    count = _COUNT.search(source.text)
    first_line = source.text.count("\n", 0, count.start()) if count else 0
    heads = _heads(lines, first_line, trusted=count is not None)
    if not heads:
        return None
    starts = [head.start for head in heads]
    pingbacks = [n for n in range(first_line, len(lines)) if _PINGBACK.match(lines[n])]
    end = next((n for n in range(starts[-1], len(lines)) if _END.match(lines[n])), len(lines))
    above = _without_tail("\n".join(lines[: min(first_line, starts[0]) if count else starts[0]]))
    draft = _draft(source, above, count["title"] if count else "")
    for head, stop in zip(heads, [*starts[1:], end], strict=True):
        next_pingback = bisect_right(pingbacks, head.start)
        stop = min([stop, *pingbacks[next_pingback : next_pingback + 1]])
        draft.add(_words(lines[head.body : stop]), author=head.name, time=head.time)
    if pingbacks:
        draft.drop("pingback", len(pingbacks))
    bare = count or _BARE_COUNT.search(above)
    draft.expect(_number(bare["n"]) if bare else None)
    return [draft.thread("certain" if count else "likely")]


def _draft(source: Source, above: str, title: str) -> Draft:
    """The thread with what stands above its comments.

    :param title: The post's title as the line that counts the comments gives it, where there is one; what stands above
        its own line is the site's head.
    """
    lines = above.split("\n")
    at = next((n for n, line in enumerate(lines) if title and line.strip() == title.strip()), None)
    if at is None:
        title, post, remarks = split_post(above)
        post, post_author = without_byline(post)
    else:
        post, remarks, post_author = "\n".join(lines[at + 1 :]).lstrip(), [], None
    stamp = _STAMP.match(post.partition("\n")[0])
    if stamp and parse_date_line(stamp["date"]):
        remarks.append(f"the post is dated {stamp['date']}")
        post, post_author = post.partition("\n")[2], stamp["name"] or post_author
    draft = Draft(source, title=title, post=post, post_author=post_author)
    for remark in remarks:
        draft.remark(remark)
    return draft


def _heads(lines: list[str], first_line: int, *, trusted: bool) -> list[_Head]:
    """The heads of comments below a line.

    :param trusted: Whether the page has announced WordPress comments there. Elsewhere "the mayor says:" is a head only
        with a date under it.
    """
    heads = []
    for n in range(first_line, len(lines)):
        if _PINGBACK.match(lines[n]):
            continue
        said = _SAID_ON.match(lines[n])
        time = parse_date_line(said["date"]) if said else None
        if said and time:
            heads.append(_Head(n, n + 1, said["name"], time))
            continue
        below = next((m for m in range(n + 1, min(n + 3, len(lines))) if lines[m].strip()), n)
        time = parse_date_line(lines[below]) if below > n else None
        match = _SAYS.match(lines[n]) or (_NUMBERED.match(lines[n]) if time and trusted else None)
        if match and (time or trusted) and len(match["name"].split()) <= _LONGEST_NAME:
            heads.append(_Head(n, below + 1 if time else n + 1, match["name"], time))
    # Where one head has a date under it, all have: what has none is speech.
    return [head for head in heads if head.time] if any(head.time for head in heads) else heads


def _words(lines: list[str]) -> str:
    """A comment's own lines, without the buttons above and below them."""
    lines = list(lines)
    while lines and (not lines[-1].strip() or _BUTTONS.match(lines[-1])):
        lines.pop()
    while lines and (not lines[0].strip() or _BUTTONS.match(lines[0])):
        lines.pop(0)
    return "\n".join(lines)


def _without_tail(above: str) -> str:
    """What stands above the comments, without the sharing buttons under the post."""
    tail = _POST_TAIL.search(above)
    return above[: tail.start()] if tail else above


def _number(word: str) -> int:
    return {"no": 0, "one": 1}.get(word.casefold()) or int(re.sub(r"\D", "", word) or 0)
