"""A Mumsnet thread copied from the browser as text: ``NAME · 12/06/2019 08:03`` above each post.

Before 2020 the head was ``NAME Wed 12-Jun-19 08:03:11``. Quotes stand below ``@NAME``, without a mark where they end;
as much of a post is taken for one as an earlier post holds word for word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.draft import Draft
from stance.readers.dumps.heads import Gathering, Head
from stance.readers.dumps.lines import is_name, is_time, lines_of_dump, mentions, time_of
from stance.readers.dumps.stacked_quotes import apart_from_bare_quote
from stance.readers.source import Source
from stance.thread import Comment, Thread

_HEAD = re.compile(
    r"[ \t]*(?P<name>\S.{0,30}?)(?:[ \t]+[·•][ \t]+(?P<new>(?:\d{2}/\d{2}/\d{4}|Today|Yesterday) \d{2}:\d{2})"
    r"|[ \t]+(?P<old>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2}))[ \t]*"
)
_MENTIONS = re.compile(r"[·•] \d\d/\d\d/\d{4} \d\d:\d\d|\d{2}-[A-Z][a-z]{2}-\d{2} \d\d:\d\d:\d\d")
_FURNITURE = re.compile(
    r"(?:quote|thanks(?: ?\(\d+\))?|watch|mnhq has commented on this thread"
    r"|bookmark|report|op posts: see next see all|see next|see all|op posts:.{0,60}|add message|share"
    r"|(?:add|watch)"
    r" (?:post|this thread|message).{0,20}|\d{1,6} (?:replies|messages|posts)|flip|message op|advertisement|op"
    r"|next page.{0,20}"
    r"|was this post helpful.{0,40}|\d{1,4})",
    re.I,
)
_FOOT = re.compile(
    r"(?:please create an account|(?:add|start) (?:a )?(?:new )?(?:message|thread|post).{0,30}|similar threads"
    r"|new posts on this thread.{0,40}|(?:join the discussion|to comment on this thread).{0,80}"
    r"|this thread (?:is closed|is not"
    r" accepting|has closed).{0,60}|related threads|trending threads|watch this thread.{0,30})",
    re.I,
)
_WITHDRAWN = re.compile(
    r"(?:message (?:withdrawn|deleted)|this (?:message|post) has been (?:withdrawn|deleted)).{0,120}", re.I | re.S
)
_ADDRESSED = re.compile(r"@(?P<name>[\w-]{1,30})\s*\n(?P<rest>.+)", re.S)
_FEWEST = 2


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where no posts have such heads."""
    if not mentions(source, _MENTIONS):
        return None
    lines = lines_of_dump(source)
    heads: list[Head] = []
    for n, line in enumerate(lines):
        match = _HEAD.fullmatch(line) if len(line) < 90 else None
        if (
            match
            and is_name(match["name"])
            and (n == 0 or not lines[n - 1].strip() or _is_furniture(lines[n - 1].strip()))
        ):
            date = match["new"] or match["old"]
            if is_time(date):
                heads.append(Head(n, n + 1, match["name"], time_of(date, day_first=True)))
    if len(heads) < _FEWEST:
        return None
    titles = [line.strip() for line in lines[: heads[0].start] if line.strip() and not _is_furniture(line.strip())]
    foot = next((n for n in range(heads[-1].body, len(lines)) if _FOOT.fullmatch(lines[n].strip())), len(lines))
    opening, *others = heads
    stop = others[0].start
    kept = [line for line in lines[opening.body : stop] if not _is_furniture(line.strip())]
    draft = Draft(source, title=titles[-1] if titles else "", post="\n".join(kept), post_author=opening.name)
    own = [line if not _WITHDRAWN.fullmatch(line.strip()) else "[deleted]" for line in lines]

    def split(text: str, earlier: Sequence[Comment]) -> tuple[str, str]:
        return _apart(text, [draft.post, *(comment.text for comment in earlier)])

    gathering = Gathering(draft, own, _is_furniture, split=split, day_first=True)
    gathering.add_all(others, foot)
    return [draft.thread("likely")]


def _is_furniture(line: str) -> bool:
    return len(line) < 80 and _FURNITURE.fullmatch(line) is not None


def _apart(text: str, earlier: Sequence[str]) -> tuple[str, str]:
    """A post's own words, and the paragraphs below "@NAME" that an earlier post holds."""
    quoted, _, below = text.partition("\n")
    if below and _HEAD.fullmatch(quoted):  # the head of the post that is quoted below it
        return apart_from_bare_quote(below, earlier)
    match = _ADDRESSED.match(text)
    if match is None:
        return apart_from_bare_quote(text, earlier)
    paragraphs = re.split(r"\n\s*\n", match["rest"].strip())
    n = 0
    while n < len(paragraphs) and len(paragraphs[n]) > 8 and any(paragraphs[n].strip() in other for other in earlier):
        n += 1
    if n == 0:
        return text, ""
    return "\n\n".join(paragraphs[n:]), "\n\n".join(paragraphs[:n])
