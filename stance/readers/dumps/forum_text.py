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
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from stance.readers.dates import Moment
from stance.readers.draft import Draft
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

_PROFILE = re.compile(
    r"(?:join(?:ed)?(?: date)?|registered|member since|posts?|messages?|location|from|country|gender|age|likes?(?:"
    r" received| given)?|liked|reputation|rep(?: power)?"
    r"|trophy points|reaction score|reactions|points|thanks(?: given| received)?|thanked|topics|blog entries|karma"
    r"|warnings|status|interests|occupation|contact"
    r"|last online|has thanked|been thanked|mood|title|real name)[ \t]?:[ \t]*\S.{0,60}"
    r"|(?:join date|joined|posts|messages|location|last online|last active|thanks|likes|rep power|reputation)(?:"
    r" [A-Z][a-z]{2} \d{4})?"
    r"|[\d,.]{1,9}[KM]?[ \t]+(?:posts?|messages|topics|reputation|likes?|points|comments?)|(?:thanked|liked) [\d,]+"
    r" times.{0,40}"
    r"|\d{1,3}(?:,\d{3})*|[A-Z][a-z]{2} \d{4}|location .{2,40}|posts [\d,]{1,9}|[✭★☆*·•|]{1,12}|today @ .{4,12}",
    re.I,
)
_RANK = re.compile(
    r"(?:(?:junior|senior|full|hero|sr\.?|jr\.?|new|active|well-known|advanced|super|distinguished|trusted|gold|silver"
    r"|platinum|regular|expert|prolific|elite) )?"
    r"members?|newbie|newcomer|moderators?|global moderator|administrators?|admin|regular|veteran|legend(?:ary)?"
    r"|banned|guest|registered users?.{0,40}|closed accounts?"
    r"|forumite|contributor|supporter|vip|staff|god|addict|(?:super|power) user|(?:is |user is )?(?:offline|online)"
    r"|.{1,40} is (?:offline|online)(?: now)?|leader|enthusiast"
    r"|thread starter|topic starter|topic author|op|original poster|site admin|forum (?:member|regular|veteran"
    r"|moderator)|resident|user|posting (?:freak|legend)",
    re.I,
)
_BADGES = re.compile(
    r"(?:(?:part of the furniture|[\d,]{1,6} (?:posts|likes|comments)|name dropper|combo breaker|(?:first|second|third"
    r"|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d{1,2}(?:st|nd|rd|th))"
    r" anniversary|first (?:post|comment)|photogenic|newshound!?|i(?:['’]ve)? (?:been|helped) .{3,30}[!.]?|money"
    r" tipped!?|cashback cashier|rampant recycler|debt-free and proud!"
    r"|mortgage-free glee!|chutzpah haggler|xmas saver!|bake off boss!|academoney grad|ppi party pooper|car insurance"
    r" carver!?|home insurance hacker!?|organi[sz]er"
    r"|stoptober survivor|uniform washer|energy saving champion|savings ambassador|answered|friend of"
    r" .{3,20})[ \t,]*){1,9}",
    re.I,
)
_BUTTON = (
    r"(?:reply(?: with quote)?|quote|multi-?quote|report(?: (?:post|to moderator))?|like|unlike|thanks?|top|go to top"
    r"|back to top|logged|ip logged|share(?: this post)?"
    r"|share on other sites|link to (?:comment|post)|send (?:pm|message|private message)|view (?:profile|public"
    r" profile|forum posts|post|www)|find more posts by .{1,40}"
    r"|edit|delete|bookmark|\+ quote|profile|pm|www|email|save|follow|options|0|\d{1,5} likes?|(?:\d{1,5} )?repl(?:y"
    r"|ies)|solution|up ?vote|down ?vote|[-+]?\d{1,5}|·|•|\||»|⋮|\.{3})"
)
_BUTTONS = re.compile(
    rf"{_BUTTON}(?:[ \t·•|]*{_BUTTON}){{0,9}}|reactions:.{{1,200}}|.{{1,120}} (?:likes?|liked|thanked|thanks) this(?:"
    rf" post)?\.?|the following \d{{0,3}} ?users? .{{1,200}}"
    r"|«?\d{1,8}»?|comments|options|next|prev(?:ious)?|last edited by .{1,120}|edited .{1,30}by .{1,60}|this post"
    r" (?:was|has been) edited .{1,100}|advertisement|sponsored links?|ads by google|edited by .{1,80}|unread post"
    r"|.{1,40}['’]s? avatar|user avatar|avatar|default|-- ?advert(?:isement)? ?--|posted via mobile device|sent from"
    r" my .{1,60}|post a reply|page \d+ of \d+|\d{1,4} of \d{1,5}",
    re.I,
)
_SUBJECT = re.compile(
    r"(?:re: ?|re\[\d+\]: ?|post subject: ?|subject: ?).{1,120}|default[ \t]+(?:re: ?)?.{1,100}", re.I
)
_SIGNATURE = re.compile(r"[ \t]*(?:logged|ip logged|_{5,80}|-{8,80}|={8,80}|--|—{3,40}|_{3,4}|\.{12,60})[ \t]*", re.I)
_PHPBB = re.compile(
    r"(?:.{0,100}\b)?(?:unread )?(?:post)?(?:ed)?[ ]?by:?[ ]?(?P<name>\S.{0,50}?)[ \t]*(?:»|›|&raquo;"
    r"|on)[ \t]*(?P<date>.{8,50})|(?P<name2>\S.{0,50}?)[ \t]+»[ \t]+(?P<date2>.{8,50})",
    re.I,
)
_PHPBB2 = re.compile(r"posted:[ \t]*(?P<date>.{8,40}?)(?:[ \t]+post subject:.{0,160})?", re.I)
_SMF = re.compile(
    r"(?:.{0,100})?«[ \t]*(?:reply #(?P<n>\d{1,6})[ \t]+)?on:[ \t]*(?P<date>.{8,50}?)[ \t]*»(?:.{0,40})?", re.I
)
_NUMBER = re.compile(
    r"(?:[•*]?[ \t]*(?:\d{1,4}\.)?[ \t]*)?(?:post[ \t]*)?(?:#|no\. ?)(?P<n>\d{1,6})(?:[ \t]*(?:\(permalink\)|of \d+"
    r"|share|report|like|reply)){0,4}",
    re.I,
)
_VANILLA = re.compile(r"[•*]?[ \t]*(?P<name>\S.{0,40}?)[ \t]?(?P=name)[ \t]+(?P<rank>\S.{0,60})")
_BOARDS = re.compile(
    r"[•*]?[ \t]*(?:[^\n✭★☆]{0,90}?)Posts: [\d,]{1,9}[ \t]*(?:Mod[ \t]*)?[✭★☆]*[ \t]*(?P<name>\S.{0,40})?"
)
_VANILLA_POSTS = re.compile(r"(?:posts:[ \t]*)?[\d,.]{1,9}[KM]?(?:[ \t]+posts)?(?:[ \t]*[✭★☆]*)?", re.I)
_AVATAR = re.compile(r"(?P<name>\S.{0,40}?)['’]s? Avatar", re.I)
_FOOTED = re.compile(
    r"(?P<name>\S.{0,40}?), (?P<date>[A-Z][a-z]{2} \d{1,2}, \d{4})(?:[ \t]+(?:report|#\d{1,6}|like|reply)){1,5}", re.I
)
_STARTED = re.compile(r"(?:discussion in .{1,80} )?started by (?P<name>.{1,50}?),[ \t]*(?P<date>.{6,40}?)\.?", re.I)
_MARK = re.compile(
    r"(?:join(?:ed)?(?: date)?|posts|messages|reputation|reaction score|likes received)[ \t]?:[ \t]*\S.{0,40}|join"
    r" date|reply with quote|click to expand(?:\.{3}|…)?|originally posted by .{1,60}"
    r"|« .{0,40}on: .{6,50}».{0,30}|.{0,120}» (?:mon|tue|wed|thu|fri|sat|sun|\d).{5,40}|.{1,60} wrote: ?[»↑].{0,40}"
    r"|share on other sites|(?:senior|junior|well-known|hero) member|forumite"
    r"|.{0,60}posts: [\d,]+ ?[✭★☆].*|discussion in .{1,60} started by .{1,80}|quote from: .{1,60}|registered"
    r" users?.{0,60}|[\d.,]+K? posts|#\d{1,5}|ip logged|who's online|results \d+ to \d+ of \d+.*",
    re.I,
)
_FOOT = re.compile(
    r"(?:you must log in .{0,60}|similar threads|posting permissions|quick (?:navigation|reply)|forum jump.*|users"
    r" (?:browsing|currently viewing).*|who is online|return to .{1,60}"
    r"|jump to:?.*|« previous (?:thread|topic).*|share this page.*|please sign in to comment.*|powered by (?:phpbb"
    r"|vbulletin|smf|xenforo|vanilla|invision).*|join the conversation"
    r"|recently browsing.*|this thread is closed.*|sign in or register to comment\.?|display posts from previous.*"
    r"|thread tools|tags:?|log in or register.{0,60}|suggested topics|related topics"
    r"|not open for further replies\.?|leave a comment|post reply|board index.*)",
    re.I,
)
# What stands above a thread beside its title.
_ABOVE = re.compile(
    r"options|advertisement|thread tools|search (?:this )?(?:thread|topic).*|in .{2,40}|\d{1,6} repl(?:y"
    r"|ies)[ \t·•|]*[\d.,]+[KM]? views?.*|forums?|author topic:?.*"
    r"|thread starter.*|start date.*|page \d+ of \d+.*|«?\d{1,8}»?|comments?|replies|jump to (?:latest|content).*"
    r"|results \d+ to .*|pages?: ?\[?\d.*|print|reply|follow.*"
    r"|rate this.*|display.*|linear mode.*|board index.*|home ?[›»>].*|moderators?: .*|recommended posts|discussion in"
    r" .*|\d{1,4} posts.*|post reply|by .{1,40}",
    re.I,
)
_POST_FOOT = re.compile(
    r"could you do with a money makeover\?|follow .{2,20} on other social media.*|best answer.*|share this .*|«\d+",
    re.I,
)
_LABEL = re.compile(
    r"[ \t]*(?:joined|join date|registered|member since|last (?:online|active|seen))[ \t]?:?[ \t]*", re.I
)
_ONLINE = re.compile(r"\s+is (?:offline|online)(?: now)?$", re.I)
_LONG = 80  # characters; a line of words, none of a head's
_HEAD_LINES = 14


class _Post(NamedTuple):
    head: Head
    number: int | None


_MENTIONS = re.compile(
    r"\bposts?\b|\bjoin|wrote:|»|\bmember|forumite|quote|#\d|registered|messages|discussion in|reputation|logged", re.I
)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where nothing on it is a forum's, or no posts are told apart."""
    if not mentions(source, _MENTIONS):
        return None
    lines = lines_of_dump(source)
    n_marks = sum(_MARK.fullmatch(line.strip()) is not None for line in lines if 0 < len(line) < 200)
    if not n_marks:
        return None
    text = text_of_dump(source)
    page_time, day_first = page_time_in(text), day_first_in(text)

    def moment(date: str) -> Moment | None:
        return time_of(date, page_time, day_first=day_first)

    plain, subject = _without_subjects(lines)
    for find in (_phpbb, _smf, _vanilla, _vbulletin, _dated):
        posts = find(plain, moment)
        if len(posts) > 1 or (posts and n_marks > 2):
            break
    else:
        return None
    draft = _begin(source, lines, plain, posts, subject)
    _add(draft, plain, posts, day_first)
    return [draft.thread("certain" if n_marks >= len(posts) // 2 and len(posts) > 1 else "likely")]


def _begin(source: Source, lines: Sequence[str], plain: list[str], posts: list[_Post], subject: str | None) -> Draft:
    """The draft with the opening post, which is taken off the posts; where it stands apart, with that."""
    first = posts[0]
    above = plain[: first.head.start]
    told = read_above([line for line in above if not _ABOVE.fullmatch(line.strip())], is_furniture=_is_furniture)
    answers = any(re.match(r"\s*re:", line, re.I) for line in lines[first.head.start : first.head.body + 1])
    apart = any(len(line) > _LONG for line in told.post.split("\n")) and first.number is None
    draft = Draft(source, title=subject or _title(told.title, above), url=told.url)
    for remark in told.remarks:
        draft.remark(remark)
    started = next((match for line in above if len(line) < 160 and (match := _STARTED.fullmatch(line.strip()))), None)
    if apart:
        kept = told.post.split("\n")
        stop = next((n for n, line in enumerate(kept) if n and _POST_FOOT.fullmatch(line.strip())), len(kept))
        draft.post = dedented(trimmed(kept[:stop], _is_furniture))
        draft.post_author = told.author or (started["name"] if started else None)
    elif first.number in (None, 1) and not answers:
        posts.pop(0)
        stop = posts[0].head.start if posts else len(plain)
        body = _without_signatures(plain, [first, *posts], [*(post.head.start for post in posts), len(plain)])
        words = dedented(trimmed(body[first.head.body : stop], _is_furniture))
        draft.post, draft.post_author = words, first.head.name
    else:
        draft.doubt("the page does not begin with the thread's first post; what it shows is taken as comments")
    return draft


def _add(draft: Draft, lines: list[str], posts: Sequence[_Post], day_first: bool | None) -> None:
    if not posts:
        return
    end = next((n for n in range(posts[-1].head.body, len(lines)) if _FOOT.fullmatch(lines[n].strip())), len(lines))
    stops = [*(post.head.start for post in posts[1:]), end]
    splitter = QuoteSplitter(draft)
    if draft.post:
        splitter.know(draft.post_author, draft.post)
    gathering = Gathering(
        draft, _without_signatures(lines, posts, stops), _is_furniture, split=splitter, day_first=day_first
    )
    for post, stop in zip(posts, stops, strict=True):
        gathering.add(post.head, max(stop, post.head.body))


def _without_subjects(lines: Sequence[str]) -> tuple[list[str], str | None]:
    """The lines without the posts' subjects, which repeat the thread's title, and that title."""
    answers = [
        match[1] for line in lines if len(line) < 160 and (match := re.match(r"\s*re:\s*(.{2,120}?)\s*$", line, re.I))
    ]
    subject = max(set(answers), key=answers.count) if answers else None
    if subject is None:
        return list(lines), None
    wanted = {subject.casefold(), f"re: {subject}".casefold()}
    return ["" if line.strip().casefold() in wanted else line for line in lines], subject


def _title(title: str, above: Sequence[str]) -> str:
    """The title, where a line of the head says so; else the last of its lines that can be one."""
    named = next((line.strip() for line in above if re.match(r"\s*(?:thread|topic|subject):\s*\S", line, re.I)), None)
    likely = [line.strip() for line in above if 0 < len(line.strip()) <= 120 and not _ABOVE.fullmatch(line.strip())]
    title = re.sub(r"^(?:thread|topic|subject):\s*", "", named or title or (likely[-1] if likely else ""), flags=re.I)
    return re.sub(r"\s*\(read \d+ times\)\s*$", "", title, flags=re.I)


def _is_furniture(line: str) -> bool:
    line = line.lstrip("•* ")
    if len(line) > 240:
        return False
    return _is_profile(line) or (_BUTTONS.fullmatch(line) or _SUBJECT.fullmatch(line)) is not None


def _is_profile(line: str) -> bool:
    if len(line) > 160:
        return False
    return (
        _PROFILE.fullmatch(line) or _RANK.fullmatch(line) or _BADGES.fullmatch(line) or _NUMBER.fullmatch(line)
    ) is not None


def _phpbb(lines: Sequence[str], moment: Callable[[str], Moment | None]) -> list[_Post]:
    found = []
    for n, line in enumerate(lines):
        line = line.strip()
        if not 10 < len(line) < 200 or "wrote" in line:
            continue
        match = _PHPBB.fullmatch(line)
        name, date = (match["name"] or match["name2"], match["date"] or match["date2"]) if match else ("", "")
        if match and "»" in line and is_time(date) and is_name(name):
            subject = n - 1 if n and _SUBJECT.fullmatch(lines[n - 1].strip()) else n
            found.append(_Post(Head(subject, n + 1, doubled(name), moment(date)), None))
    return [_below_name(post, lines, found) for post in found] or _phpbb2(lines, moment)


def _below_name(post: _Post, lines: Sequence[str], posts: Sequence[_Post]) -> _Post:
    """The post with the profile that stands above its first line as its own, where the name stands on top of that."""
    n = post.head.start - 1
    floor = max((other.head.body for other in posts if other.head.body <= n), default=0)
    while n >= floor and (not lines[n].strip() or _is_profile(lines[n].strip())):
        n -= 1
    if n >= floor and lines[n].strip() == post.head.name and n < post.head.start - 1:
        return post._replace(head=post.head._replace(start=n))
    return post


def _phpbb2(lines: Sequence[str], moment: Callable[[str], Moment | None]) -> list[_Post]:
    found: list[_Post] = []
    for n, line in enumerate(lines):
        match = _PHPBB2.fullmatch(line.strip()) if len(line) < 240 else None
        if match and is_time(match["date"]):
            start, name = _name_above(lines, n, found[-1].head.body if found else 0)
            if name:
                found.append(_Post(Head(start, n + 1, name, moment(match["date"])), None))
    return found


def _smf(lines: Sequence[str], moment: Callable[[str], Moment | None]) -> list[_Post]:
    found: list[_Post] = []
    for n, line in enumerate(lines):
        match = _SMF.fullmatch(line.strip()) if "«" in line and len(line) < 240 else None
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
        boards, twice = _BOARDS.fullmatch(line), _VANILLA.fullmatch(line)
        below = [m for m in range(n + 1, min(n + 6, len(lines))) if lines[m].strip()]
        if boards:
            name = boards["name"] or (lines[below[0]].strip() if below and is_name(lines[below[0]].strip()) else None)
            body = n + 1 if boards["name"] or not below else below[0] + 1
        elif twice and below and _VANILLA_POSTS.fullmatch(lines[below[0]].strip()):
            name, body = twice["name"], below[0] + 1
        else:
            continue
        if not name or not is_name(name):
            continue
        start, number, time = n, None, None
        above = n - 1
        while above >= 0 and (
            not lines[above].strip(" •*") or is_time(lines[above]) or _NUMBER.fullmatch(lines[above].strip())
        ):
            match = _NUMBER.fullmatch(lines[above].strip())
            number = int(match["n"]) if match else number
            if is_time(lines[above]):
                time, start = moment(lines[above]), above
            start = above if match else start
            above -= 1
        while body < len(lines) and (
            not lines[body].strip()
            or _is_profile(lines[body].strip())
            or is_time(lines[body])
            or lines[body].strip() == name
        ):
            match = _NUMBER.fullmatch(lines[body].strip())
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
        avatar = _AVATAR.fullmatch(line) if len(line) < 80 else None
        online = _ONLINE.search(line)
        number = _NUMBER.fullmatch(line)
        if avatar or (online and self.name is None):
            self.name = avatar["name"] if avatar else _plain_name(line)
            self.n_lines += 1
        elif number:
            self.number = int(number["n"])
        elif self.name is None and is_time(line) and not _PROFILE.fullmatch(line):
            self.time = self.time or moment(line)
        elif _is_profile(line):
            self.n_lines += 1
        elif line and not _SUBJECT.fullmatch(line):
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
        if n < floor or not line or len(line) > 80 or not (is_time(line) or _NUMBER.fullmatch(line)):
            continue
        profile = _Profile(moment(line) if is_time(line) else None, _number_in(line))
        body = n + 1
        while body < min(n + _HEAD_LINES + 8, len(lines)) and profile.takes(lines, body, moment):
            body += 1
        if profile.name and profile.n_lines:
            found.append(_Post(Head(n, body, profile.name, profile.time), profile.number))
            floor = body
    return found


def _number_in(line: str) -> int | None:
    match = re.search(r"#(\d{1,6})\b", line)
    return int(match[1]) if match else None


def _plain_name(line: str) -> str:
    return doubled(_ONLINE.sub("", line))


def _has_profile(lines: Sequence[str], n: int) -> bool:
    """Whether a profile follows a name within the next lines: where, when and how much its owner posts."""
    near = [lines[m].strip() for m in range(n + 1, min(n + 6, len(lines))) if lines[m].strip()]
    return any(_PROFILE.fullmatch(line) or _RANK.fullmatch(line) for line in near[:3] if len(line) < 120)


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
        body, number = n + 1, _number_in(line)
        while body < len(lines) and (
            not lines[body].strip() or _is_profile(lines[body].strip()) or _is_button_of_head(lines[body])
        ):
            match = _NUMBER.fullmatch(lines[body].strip())
            number = int(match["n"]) if match else number
            body += 1
        found.append(_Post(Head(start, body, name, moment(line)), number))
    return found


def _follows_label(lines: Sequence[str], n: int) -> bool:
    """Whether a date tells since when somebody is a member, not when a post was written."""
    above = next((lines[m] for m in range(n - 1, max(n - 3, -1), -1) if lines[m].strip()), "")
    return _LABEL.fullmatch(above) is not None


def _is_button_of_head(line: str) -> bool:
    return (
        re.fullmatch(
            r"\s*(?:thread starter|topic author|author|op|share|add bookmark|new|·|•|\(edited\)|edited)\s*", line, re.I
        )
        is not None
    )


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
            if names and n_profile and not any(_is_profile(other.strip()) for other in lines[max(floor, m - 2) : m]):
                break
            continue
        if _is_profile(line) or _is_beside(lines, m):
            n_profile += _is_profile(line)
        elif _BUTTONS.fullmatch(line) or len(line) > _LONG or not is_name(line) or len(names) == 3:
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
    return initials or since or _SUBJECT.fullmatch(line) is not None or not line.strip("•·|*")


def _without_signatures(lines: list[str], posts: Sequence[_Post], stops: Sequence[int]) -> list[str]:
    """The lines without what writers put below all that they write: under a rule, or the same words twice and more."""
    plain = list(lines)
    tails: defaultdict[str, list[tuple[str, int, int, bool]]] = defaultdict(list)
    for post, stop in zip(posts, stops, strict=True):
        told = [n for n in range(post.head.body, stop) if plain[n].strip()]
        rule = next((n for n in told[1:] if _SIGNATURE.fullmatch(plain[n])), None)
        if rule is not None:
            plain[rule:stop] = [""] * (stop - rule)
            continue
        while told and (_is_furniture(plain[told[-1]].strip()) or plain[told[-1]].strip() == post.head.name):
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
