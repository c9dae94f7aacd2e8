"""A forum's thread copied from the browser as text: phpBB, SMF, vBulletin, Vanilla, XenForo, Invision, Discourse.

Each shows name, rank, number of posts and the like around each post. What tells a post's beginning::

    by NAME » Wed Mar 12, 2014 6:22 pm         phpBB; the profile may stand below the words
    « Reply #3 on: March 12, 2014, 06:22 »     SMF; the profile stands above
    12-03-2014, 06:22 PM  #3  /  NAME          vBulletin; the profile stands below
    NAMENAME Forumite  /  3.1K Posts           Vanilla; also "Posts: 4,359 ✭✭✭NAME"
    NAME  /  Member  /  Mar 12, 2014  /  #3    XenForo, Invision, Discourse

The opening post is the post, the others are the comments.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from stance.readers.dates import Moment
from stance.readers.draft import Draft
from stance.readers.dumps import forum_marks as marks
from stance.readers.dumps import forum_titles as titles
from stance.readers.dumps.heads import Gathering, Head
from stance.readers.dumps.lines import (
    day_first_in,
    dedented,
    doubled,
    is_name,
    is_time,
    lines_of_dump,
    mentions,
    page_time_in,
    text_of_dump,
    time_of,
    trimmed,
)
from stance.readers.dumps.post import read_above
from stance.readers.dumps.stacked_quotes import QuoteSplitter
from stance.readers.source import Source
from stance.thread import Thread

_LONG = 80  # characters; a line of words, none of a head's
_HEAD_LINES = 14
_WROTE = re.compile(r"\bwrote:?[ ]?[↑»]?\s*$")  # phpBB puts the quoted post's date on a line below


class _Post(NamedTuple):
    head: Head
    number: int | None


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where nothing on it is a forum's, or no posts are told apart."""
    if not mentions(source, marks.MENTIONS):
        return None
    lines = lines_of_dump(source)
    n_marks = sum(marks.MARK.fullmatch(line.strip()) is not None for line in lines if 0 < len(line) < 200)
    if not n_marks:
        return None
    text = text_of_dump(source)
    page_time, day_first = page_time_in(text), day_first_in(text)

    def moment(date: str) -> Moment | None:
        return time_of(date, page_time, day_first=day_first)

    lines = [
        line[icon.end() :] if (icon := marks.AGE.match(line)) and is_time(line[icon.end() :]) else line
        for line in lines
    ]
    lines = [line for n, line in enumerate(lines) if not (n and _WROTE.search(lines[n - 1]) and is_time(line))]
    plain, subject = titles.without_subjects(lines)
    single: list[_Post] = []
    for find in (_phpbb, _smf, _vanilla, _vbulletin, _dated):
        posts = find(plain, moment)
        if len(posts) > 1:
            break
        single = single or posts
    else:
        posts = single if n_marks > 2 else []
    if not posts:
        return None
    draft = _begin(source, lines, plain, posts, subject)
    _add(draft, plain, posts, day_first)
    return [draft.thread("likely")]


def _begin(source: Source, lines: Sequence[str], plain: list[str], posts: list[_Post], subject: str | None) -> Draft:
    """The draft with the opening post, which is taken off the posts; where it stands apart, with that."""
    first = posts[0]
    above = plain[: first.head.start]
    told = read_above(
        [line for line in above if not marks.ABOVE.fullmatch(line.strip())], is_furniture=marks.is_furniture
    )
    answers = any(re.match(r"\s*re:", line, re.I) for line in lines[first.head.start : first.head.body + 1])
    apart = any(len(line) > _LONG for line in told.post.split("\n")) and first.number is None
    draft = Draft(source, title=subject or titles.named_title(above) or titles.title(told.title, above), url=told.url)
    for remark in told.remarks:
        draft.remark(remark)
    started = next(
        (match for line in above if len(line) < 160 and (match := marks.STARTED.fullmatch(line.strip()))), None
    )
    if apart:
        kept = told.post.split("\n")
        stop = next((n for n, line in enumerate(kept) if n and marks.POST_FOOT.fullmatch(line.strip())), len(kept))
        draft.post = dedented(trimmed(kept[:stop], marks.is_furniture))
        draft.post_author = told.author or (started["name"] if started else None)
    elif first.number in (None, 1) and not answers:
        posts.pop(0)
        stop = posts[0].head.start if posts else len(plain)
        body = _without_signatures(plain, [first, *posts], [*(post.head.start for post in posts), len(plain)])
        words = dedented(trimmed(body[first.head.body : stop], marks.is_furniture))
        draft.post, draft.post_author = words, first.head.name
    else:
        draft.doubt("the page does not begin with the thread's first post; what it shows is taken as comments")
    return draft


def _add(draft: Draft, lines: list[str], posts: Sequence[_Post], day_first: bool | None) -> None:
    if not posts:
        return
    end = next(
        (n for n in range(posts[-1].head.body, len(lines)) if marks.FOOT.fullmatch(lines[n].strip())), len(lines)
    )
    stops = [*(post.head.start for post in posts[1:]), end]
    splitter = QuoteSplitter(draft, inline=True)
    if draft.post:
        splitter.know(draft.post_author, draft.post)
    gathering = Gathering(
        draft, _without_signatures(lines, posts, stops), marks.is_furniture, split=splitter, day_first=day_first
    )
    for post, stop in zip(posts, stops, strict=True):
        gathering.add(post.head, max(stop, post.head.body))


def _phpbb(lines: Sequence[str], moment: Callable[[str], Moment | None]) -> list[_Post]:
    found = []
    for n, line in enumerate(lines):
        line = line.strip()
        if not 10 < len(line) < 200 or "wrote" in line:
            continue
        match = marks.PHPBB.fullmatch(line)
        name, date = (match["name"] or match["name2"], match["date"] or match["date2"]) if match else ("", "")
        if match and "»" in line and is_time(date) and is_name(name):
            subject = n - 1 if n and marks.SUBJECT.fullmatch(lines[n - 1].strip()) else n
            found.append(_Post(Head(subject, n + 1, doubled(name), moment(date)), None))
    bodies = [0, *(post.head.body for post in found)]
    return [_below_name(post, lines, bodies) for post in found] or _phpbb2(lines, moment)


def _below_name(post: _Post, lines: Sequence[str], bodies: Sequence[int]) -> _Post:
    """The post with the profile that stands above its first line as its own, where the name stands on top of that.

    :param bodies: Where the words of all posts begin, in order, and 0 before them.
    """
    n = post.head.start - 1
    floor = bodies[max(0, bisect_right(bodies, n) - 1)]
    while n >= floor and (not lines[n].strip() or marks.is_profile(lines[n].strip())):
        n -= 1
    if n >= floor and lines[n].strip() == post.head.name and n < post.head.start - 1:
        return post._replace(head=post.head._replace(start=n))
    return post


def _phpbb2(lines: Sequence[str], moment: Callable[[str], Moment | None]) -> list[_Post]:
    found: list[_Post] = []
    for n, line in enumerate(lines):
        match = marks.PHPBB2.fullmatch(line.strip()) if len(line) < 240 else None
        if match and is_time(match["date"]):
            start, name = _name_above(lines, n, found[-1].head.body if found else 0)
            if name:
                found.append(_Post(Head(start, n + 1, name, moment(match["date"])), None))
    return found


def _smf(lines: Sequence[str], moment: Callable[[str], Moment | None]) -> list[_Post]:
    found: list[_Post] = []
    for n, line in enumerate(lines):
        match = marks.SMF.fullmatch(line.strip()) if "«" in line and len(line) < 240 else None
        if match and is_time(match["date"]):
            start, name = _name_above(lines, n, found[-1].head.body if found else 0)
            found.append(_Post(Head(start, n + 1, name, moment(match["date"])), int(match["n"] or 0) + 1))
    return found


def _vanilla(lines: Sequence[str], moment: Callable[[str], Moment | None]) -> list[_Post]:
    found = []
    for n, line in enumerate(lines):
        line = line.strip()
        if not 4 < len(line) < 160:
            continue
        boards, twice = marks.BOARDS.fullmatch(line), marks.VANILLA.fullmatch(line)
        below = [m for m in range(n + 1, min(n + 6, len(lines))) if lines[m].strip()]
        if boards:
            name = boards["name"] or (lines[below[0]].strip() if below and is_name(lines[below[0]].strip()) else None)
            body = n + 1 if boards["name"] or not below else below[0] + 1
        elif twice and below and marks.VANILLA_POSTS.fullmatch(lines[below[0]].strip()):
            name, body = twice["name"], below[0] + 1
        else:
            continue
        if not name or not is_name(name) or _WROTE.search(name) or marks.SUBJECT.fullmatch(name):
            continue
        start, number, time = n, None, None
        above = n - 1
        while above >= 0 and (
            not lines[above].strip(" •*") or is_time(lines[above]) or marks.NUMBER.fullmatch(lines[above].strip())
        ):
            match = marks.NUMBER.fullmatch(lines[above].strip())
            number = int(match["n"]) if match else number
            if is_time(lines[above]):
                time, start = moment(lines[above]), above
            start = above if match else start
            above -= 1
        while body < len(lines) and (
            not lines[body].strip()
            or marks.is_profile(lines[body].strip())
            or is_time(lines[body])
            or lines[body].strip() == name
        ):
            match = marks.NUMBER.fullmatch(lines[body].strip())
            number = int(match["n"]) if match else number
            time = moment(lines[body]) if is_time(lines[body]) and time is None else time
            body += 1
        found.append(_Post(Head(start, body, name, time), number))
    return found


@dataclass
class _Profile:
    """What stands between a post's first line and its words, while it is read line by line."""

    time: Moment | None
    number: int | None
    name: str | None = None
    n_lines: int = 0

    def takes(self, lines: Sequence[str], n: int, moment: Callable[[str], Moment | None]) -> bool:
        """Whether a line belongs to it; what the line tells is kept."""
        line = lines[n].strip()
        avatar = marks.AVATAR.fullmatch(line) if len(line) < 80 else None
        online = marks.ONLINE.search(line)
        number = marks.NUMBER.fullmatch(line)
        if avatar or (online and self.name is None):
            self.name = avatar["name"] if avatar else _plain_name(line)
            self.n_lines += 1
        elif number:
            self.number = int(number["n"])
        elif self.name is None and is_time(line) and not marks.PROFILE.fullmatch(line):
            self.time = self.time or moment(line)
        elif marks.is_profile(line):
            self.n_lines += 1
        elif line and not marks.SUBJECT.fullmatch(line):
            # Else it is the name, or right below that a rank of the forum's own making; more follows either.
            if self.n_lines or not is_name(_plain_name(line)) or not _has_profile(lines, n):
                return False
            self.name = self.name or _plain_name(line)
        return True


def _vbulletin(lines: Sequence[str], moment: Callable[[str], Moment | None]) -> list[_Post]:
    """The name stands below the time or the number, over the profile."""
    found: list[_Post] = []
    floor = 0
    for n, line in enumerate(lines):
        line = line.strip()
        if n < floor or not line or len(line) > 80 or not (is_time(line) or marks.NUMBER.fullmatch(line)):
            continue
        profile = _Profile(moment(line) if is_time(line) else None, marks.number_in(line))
        body = n + 1
        while body < min(n + _HEAD_LINES + 8, len(lines)) and profile.takes(lines, body, moment):
            body += 1
        if profile.name and profile.n_lines:
            found.append(_Post(Head(n, body, profile.name, profile.time), profile.number))
            floor = body
    return found


def _plain_name(line: str) -> str:
    return doubled(marks.ONLINE.sub("", line))


def _has_profile(lines: Sequence[str], n: int) -> bool:
    """Whether a profile follows a name within the next lines: where, when and how much its owner posts."""
    near = [lines[m].strip() for m in range(n + 1, min(n + 6, len(lines))) if lines[m].strip()]
    return any(marks.PROFILE.fullmatch(line) or marks.RANK.fullmatch(line) for line in near[:3] if len(line) < 120)


def _dated(lines: Sequence[str], moment: Callable[[str], Moment | None]) -> list[_Post]:
    """The name stands above the time, with rank and profile between; a number may follow."""
    found: list[_Post] = []
    for n, line in enumerate(lines):
        line = line.strip()
        if not line or len(line) > 90 or not is_time(line):
            continue
        floor = found[-1].head.body if found else 0
        if n < floor or _follows_label(lines, n):
            continue
        start, name = _name_above(lines, n, floor)
        if not name:
            continue
        body, number = n + 1, marks.number_in(line)
        while body < len(lines) and (
            not lines[body].strip() or marks.is_profile(lines[body].strip()) or marks.is_button_of_head(lines[body])
        ):
            match = marks.NUMBER.fullmatch(lines[body].strip())
            number = int(match["n"]) if match else number
            body += 1
        found.append(_Post(Head(start, body, name, moment(line)), number))
    return found


def _follows_label(lines: Sequence[str], n: int) -> bool:
    """Whether a date tells since when somebody is a member, not when a post was written."""
    above = next((lines[m] for m in range(n - 1, max(n - 3, -1), -1) if lines[m].strip()), "")
    return marks.LABEL.fullmatch(above) is not None


def _name_above(lines: Sequence[str], n: int, floor: int) -> tuple[int, str | None]:
    """Where the head over a line begins, and the name on top of it.

    A head is the lines between what ends the post above, a button or words, and the line.
    """
    names: list[int] = []
    n_profile = 0
    start = n
    for m in range(n - 1, max(floor - 1, n - _HEAD_LINES - 1), -1):
        line = lines[m].strip()
        if not line:
            if (
                names
                and n_profile
                and not any(marks.is_profile(other.strip()) for other in lines[max(floor, m - 2) : m])
            ):
                break
            continue
        if marks.is_profile(line) or _is_beside(lines, m):
            n_profile += marks.is_profile(line)
        elif marks.BUTTONS.fullmatch(line) or len(line) > _LONG or not is_name(line) or len(names) == 3:
            break
        else:
            names.append(m)
        start = m
    if not names:
        return n, None
    top = names[0]
    for m in names[1:]:  # a rank of the forum's own making stands right below the name
        if lines[m].strip() != lines[top].strip() and not (n_profile and top - m == 1):
            break
        top = m
    return min(top, start), _plain_name(lines[top].strip())


def _is_beside(lines: Sequence[str], n: int) -> bool:
    """Whether a line of a head is neither name nor profile: initials for a picture, a subject, a bullet."""
    line = lines[n].strip()
    initials = len(line) <= 2 and line.isupper()
    since = is_time(line) and _follows_label(lines, n)
    return initials or since or marks.SUBJECT.fullmatch(line) is not None or not line.strip("•·|*")


def _without_signatures(lines: list[str], posts: Sequence[_Post], stops: Sequence[int]) -> list[str]:
    """The lines without what writers put below all that they write: under a rule, or the same words twice and more."""
    plain = list(lines)
    tails: defaultdict[str, list[tuple[str, int, int, bool]]] = defaultdict(list)
    for post, stop in zip(posts, stops, strict=True):
        told = [n for n in range(post.head.body, stop) if plain[n].strip()]
        rule = next((n for n in told[1:] if marks.SIGNATURE.fullmatch(plain[n])), None)
        if rule is not None:
            plain[rule:stop] = [""] * (stop - rule)
            continue
        while told and (marks.is_furniture(plain[told[-1]].strip()) or plain[told[-1]].strip() == post.head.name):
            plain[told.pop()] = ""  # a profile may stand below the words
        last = len(told) - 1
        while last > 0 and told[last] - told[last - 1] == 1:
            last -= 1
        if told and post.head.name:
            tail = "\n".join(plain[n].strip() for n in told[last:])
            tails[post.head.name].append((tail, told[last], stop, last > 0))
    for written in tails.values():
        if len(written) > 1 and len({tail for tail, *_ in written}) == 1 and all(has_more for *_, has_more in written):
            for _, start, stop, _ in written:
                plain[start:stop] = [""] * (stop - start)
    return plain
