"""A Reddit thread copied from the browser as text, of the old pages and the newer ones::

    [–]ann_s 12 points 5 hours ago* (2 children)          level 2                 u/ann_s avatar
    words                                                 ann_s                   ann_s
    permalink embed save parent report reply              OP · 5 hr. ago          OP • 5h ago

On old pages the numbers of children tell the tree; on those of 2018 to 2023 "level 2" does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.dates import Moment
from stance.readers.draft import Draft
from stance.readers.dumps.furniture import in_a_row
from stance.readers.dumps.heads import Gathering, Head, StackedLayout
from stance.readers.dumps.lines import (
    day_first_in,
    is_time,
    lines_of_dump,
    mentions,
    page_time_in,
    text_of_dump,
    time_of,
)
from stance.readers.dumps.listed import doubt_hidden
from stance.readers.dumps.post import draft_of
from stance.readers.dumps.stacked_quotes import QuoteSplitter
from stance.readers.source import Source
from stance.thread import Thread

_OLD = re.compile(
    r"[ \t]*\[[–—\-+]\][ \t]*(?P<name>\[deleted\]"
    r"|[\w-]{2,30})(?P<marks>(?:\[[A-Z△,Δ]{1,6}\]){0,3})[ \t]*(?P<flair>[^\n]{0,80}?)[ \t]*"
    r"(?:(?P<score>-?[\d.,]{1,7}k? points?|\[?score hidden\]?)[ \t]+)?(?P<when>(?:\d{1,3}|an?|one) (?:second|minute"
    r"|hour|day|week|month|year)s? ago|just now)"
    r"(?P<edited>[ \t]?\*|[ \t]+\(last edited [^\n)]{1,60}\))?[ \t]*(?:\((?P<children>\d{1,6}) child(?:ren)?\))?[ \t]*"
)
_OLD_ACTIONS = re.compile(
    r"(?:(?:permalink|embed|save(?:-RES)?|unsave|parent|report|give (?:gold|award)|reply|source|context|full"
    r" comments(?: \(\d+\))?|hide child comments)[ \t]*){1,12}",
    re.I,
)
_MORE = re.compile(
    r"(?:\[[–+]\])?continue this thread.*|load more comments.*|\d{1,5} more repl(?:y|ies)|more replies|view (?:entire"
    r" discussion|all comments|more comments).*"
    r"|comment (?:removed by moderator|deleted by user) *(?:·|•).*",
    re.I,
)
_BUTTON = (
    r"(?:-?[\d.,]{1,7}k?|vote|upvote|downvote|reply|award|share|save|follow|report|hide|give award"
    r"|go to comments"
    r"|\.{3}|collapse|expand|tip|chat"
    r"|\d{1,4} awards?|permalink|edit|delete)"
)
_BUTTONS = re.compile(in_a_row(_BUTTON), re.I)
_BADGES = re.compile(
    r"op|mod|moderator|admin|•|·|level \d{1,2}|u/[\w-]{2,30} avatar|avatar|top \d{1,3}% (?:commenter|poster)|profile"
    r" badge for .*|edited(?: .{1,20} ago)?"
    r"|\(edited .{1,20}\)|stickied comment|pinned by moderators?|locked|automod|bot|\+\d{1,4}|cake day",
    re.I,
)
_NEW_MARK = re.compile(
    r"level \d{1,2}|u/[\w-]{2,30} avatar|r/\w{2,30}(?:[ \t]*[•·].*)?|posted by u/[\w-]{2,30}.*|\d{1,3} (?:more"
    r" )?repl(?:y|ies)|go to comments|sort by:?.*"
    r"|upvote|downvote|comment deleted by user.*|view discussions in \d+ other communit.*|add a comment|join the"
    r" conversation",
    re.I,
)
_COUNT = re.compile(
    r"(?:all )?(?P<n>\d[\d,]{0,6}) comments?(?: share.*)?|sorted by:.*|sort by:.*|add a comment|join the conversation"
    r"|go to comments|search comments|expand comment search"
    r"|comments section",
    re.I,
)
_ANNOUNCED = re.compile(r"(?:all )?(?P<n>\d[\d,]{0,6}) comments?\b.*", re.I)
_SUBMITTED = re.compile(
    r"submitted .{2,40}? (?:ago\*?|by)(?:[ \t]*by)?[ \t]*(?P<name>[\w-]{2,30}|\[deleted\])?.*", re.I
)
_POSTED = re.compile(r"(?:.{0,40}[•·][ \t]*)?posted by[ \t]*(?:u/)?(?P<name>[\w-]{2,30}).*", re.I)
_POST_TAIL = re.compile(
    in_a_row(
        r"(?:-?[\d.,]{1,7}k?|\d[\d,]* comments?|share|save|hide|report|crosspost|upvote|downvote"
        r"|award|go to comments"
        r"|all \d.*|sorted by:.*|sort by:.*"
        r"|\d+% upvoted|you are viewing .*|view (?:the rest of|all) .*|search comments|add a comment"
        r"|join the conversation"
        r"|best|top|new|old|comments section|give award"
        r"|want to add to the discussion\?|post a comment!?|create an account|vote)",
        8,
    ),
    re.I,
)
_FOOT = re.compile(
    r"about community|more posts you may like|related (?:answers|posts).*|more posts from the .*|reddit, inc.*|user"
    r" agreement.*|© \d{4} reddit.*|use of this site constitutes.*"
    r"|community info section|top posts|π Rendered by PID.*|continue browsing in .*",
    re.I,
)


_MENTIONS = re.compile(r"\[[–—+-]\]|\br/\w|\blevel \d|\bu/\w", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it looks like neither of Reddit's pages."""
    if not mentions(source, _MENTIONS):
        return None
    lines = lines_of_dump(source)
    page_time = page_time_in(text_of_dump(source))
    return _read_old(source, lines, page_time) or _read_new(source, lines, page_time)


def _read_old(source: Source, lines: list[str], page_time: Moment | None) -> list[Thread] | None:
    found = [(n, match) for n, line in enumerate(lines) if 8 < len(line) < 260 and (match := _OLD.fullmatch(line))]
    if not found:
        return None
    ends = [*(n for n, _ in found[1:]), len(lines)]
    depths = _depths(
        [int(match["children"]) if match["children"] else None for _, match in found],
        [_is_answer(lines[n + 1 : end]) for (n, _), end in zip(found, ends, strict=True)],
    )
    heads = [
        Head(
            n,
            n + 1,
            match["name"],
            time_of(match["when"], page_time),
            depth=depth,
            is_post_author="S" in match["marks"],
        )
        for (n, match), depth in zip(found, depths, strict=True)
    ]
    above = lines[: found[0][0]]
    announced = next(
        (match for line in above if len(line) < 120 and (match := _ANNOUNCED.fullmatch(line.strip()))), None
    )
    draft = _draft(source, above)
    Gathering(draft, lines, _is_old_furniture, split=QuoteSplitter(draft, bare=True)).add_all(heads, _end(lines, heads))
    doubt_hidden(draft, lines[heads[0].start :])
    draft.expect(int(announced["n"].replace(",", "")) if announced else None)
    return [draft.thread("certain")]


def _is_old_furniture(line: str) -> bool:
    return len(line) < 160 and (_OLD_ACTIONS.fullmatch(line) or _MORE.fullmatch(line)) is not None


def _is_answer(lines: Sequence[str]) -> bool | None:
    """Whether the buttons under a comment lead to a parent; None where they are not there."""
    told = [line.split() for line in lines if len(line) < 160 and _OLD_ACTIONS.fullmatch(line.strip())]
    actions = {word for words in told for word in words}
    return "parent" in actions if "permalink" in actions else None


def _depths(children: Sequence[int | None], answers: Sequence[bool | None]) -> list[int | None]:
    """How deep each comment of a page stands, whose comments come parents first.

    :param children: How many stand below each, at any depth, where the page says so.
    :param answers: Whether each answers another, where the page says so.
    """
    depths: list[int | None] = []
    if children and all(number is not None for number in children):
        open_until: list[int] = []
        for n, number in enumerate(children):
            while open_until and open_until[-1] <= n:
                open_until.pop()
            depths.append(len(open_until))
            open_until.append(n + 1 + (number or 0))
        if all(answer is None or answer == bool(depth) for answer, depth in zip(answers, depths, strict=True)):
            return depths
    # Else only of the first answer below a comment on the post is it plain what it answers.
    depths = []
    for n, answer in enumerate(answers):
        plain = answer and n > 0 and answers[n - 1] is False
        depths.append(None if answer is None or (answer and not plain) else int(bool(answer)))
    return depths


def _read_new(source: Source, lines: list[str], page_time: Moment | None) -> list[Thread] | None:
    n_marks = sum(_NEW_MARK.fullmatch(line.strip()) is not None for line in lines if 0 < len(line) < 160)
    if n_marks < 2 or not any(
        re.match(r"\s*(?:r/\w|level \d|u/[\w-]+ avatar|posted by u/|.{0,40}posted by u/)", line, re.I) for line in lines
    ):
        return None
    starts = [n for n, line in enumerate(lines) if 0 < len(line) < 120 and _COUNT.fullmatch(line.strip())]
    layout = StackedLayout(_is_new_furniture, lambda line: len(line) < 80 and _BADGES.fullmatch(line) is not None)
    for place in [*starts[:6][::-1], -1]:
        heads = layout.heads(lines, place + 1, page_time=page_time, day_first=day_first_in(text_of_dump(source)))
        if heads:
            break
    else:
        return None
    heads = [_with_marks(head, lines) for head in heads]
    above = lines[: min(place, heads[0].start) if place >= 0 else heads[0].start]
    first = min([n for n in starts if n < heads[0].start], default=len(above))
    draft = _draft(source, lines[:first])
    Gathering(draft, lines, _is_new_furniture, split=QuoteSplitter(draft, bare=True)).add_all(heads, _end(lines, heads))
    doubt_hidden(draft, lines[heads[0].start :])
    announced = next((match for n in starts if (match := _ANNOUNCED.fullmatch(lines[n].strip()))), None)
    draft.expect(int(announced["n"].replace(",", "")) if announced else None)
    return [draft.thread("certain" if all(head.depth is not None for head in heads) else "likely")]


def _is_new_furniture(line: str) -> bool:
    return len(line) < 160 and (_BUTTONS.fullmatch(line) or _MORE.fullmatch(line)) is not None


def _with_marks(head: Head, lines: Sequence[str]) -> Head:
    """The head with what its badges say: how deep it stands, and whether its writer posted the thread."""
    marks = [line.strip().casefold() for line in lines[head.start : head.body]]
    levels = [int(match[1]) - 1 for mark in marks if (match := re.fullmatch(r"level (\d{1,2})", mark))]
    is_author = any(re.search(r"(?:^|[•· ])op(?:$|[•· ])", mark) for mark in marks[1:])
    name = re.sub(r"^u/|[ \t]*[•·]?[ \t]*\bOP$|[ \t]+(?:MOD|ADMIN)$", "", head.name or "").strip(" •·")
    return head._replace(name=name, depth=levels[0] if levels else None, is_post_author=is_author)


def _end(lines: Sequence[str], heads: Sequence[Head]) -> int:
    return next((n for n in range(heads[-1].body, len(lines)) if _FOOT.fullmatch(lines[n].strip())), len(lines))


def _draft(source: Source, above: Sequence[str]) -> Draft:
    """The post: its title over "submitted 5 hours ago by NAME", or under "Posted by u/NAME"."""
    for n, line in enumerate(above):
        old, new = _SUBMITTED.fullmatch(line.strip()), _POSTED.fullmatch(line.strip())
        if not old and not new:
            continue
        around = range(n - 1, -1, -1) if old else range(n + 1, len(above))
        title_at = next((m for m in around if above[m].strip(" •·") and not is_time(above[m])), None)
        if title_at is None:
            break
        title = re.sub(
            r"[ \t]*\((?:self\.\w{2,30}|[\w-]{1,40}(?:\.[\w-]{1,40}){1,4})\)[ \t]*$", "", above[title_at].strip()
        )
        post = list(above[max(n, title_at) + 1 :])
        while post and (not post[-1].strip() or _POST_TAIL.fullmatch(post[-1].strip())):
            post.pop()
        author = ((old or new) or {"name": None})["name"]
        return Draft(source, title=title, post="\n".join(post), post_author=None if author == "[deleted]" else author)
    told = [n for n, line in enumerate(above) if line.strip(" •·") and not is_time(line)]
    subs = [m for m, n in enumerate(told) if re.fullmatch(r"r/\w{2,30}", above[n].strip())]
    told = told[subs[-1] :] if subs else told  # the site's own menu may stand above
    if (
        len(told) > 2
        and re.match(r"r/\w", above[told[0]].strip())
        and re.fullmatch(r"(?:u/)?[\w-]{2,30}", above[told[1]].strip())
    ):
        post = list(above[told[2] + 1 :])
        while post and (not post[-1].strip() or _POST_TAIL.fullmatch(post[-1].strip())):
            post.pop()
        author = above[told[1]].strip().removeprefix("u/")
        return Draft(source, title=above[told[2]], post="\n".join(post), post_author=author)
    return draft_of(source, above, is_furniture=lambda line: _POST_TAIL.fullmatch(line) is not None)
