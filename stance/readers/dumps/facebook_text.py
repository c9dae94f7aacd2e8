"""A Facebook (or Instagram) post with its comments, copied from the browser as text.

The name stands above the words; time and buttons below end each comment, on a line of their own or one each::

    Ann Smith                      Ann Smith                     ann.smith
    Top fan                        I do not agree.               I do not agree.
    I do not agree.                Like · Reply · 3 · 5 hrs      5w 2 likes Reply
    5h  Like  Reply  3
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import NamedTuple

from stance.readers.dates import Moment
from stance.readers.draft import Draft
from stance.readers.dumps.depths import opened
from stance.readers.dumps.furniture import in_a_row
from stance.readers.dumps.heads import Gathering, Head, name_called
from stance.readers.dumps.lines import (
    day_first_in,
    doubled,
    is_name,
    is_time,
    lines_of_dump,
    mentions,
    page_time_in,
    text_of_dump,
    time_of,
)
from stance.readers.dumps.listed import doubt_hidden
from stance.readers.dumps.post import draft_of
from stance.readers.source import Source
from stance.thread import Thread

_AGO = (
    r"\d{1,3}[ ]?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|secs?|mins?|hrs?|wks?|yrs?|[smhdwy])"
    r"(?![a-z]{2})(?: ago)?\.?"
)
_DATE = (
    r"(?:\d{1,2} [A-Z][a-z]{2,8}(?: \d{4})?|[A-Z][a-z]{2,8} \d{1,2}(?:, \d{4})?)(?: at \d{1,2}[:.]\d\d(?:"
    r" ?[apAP][mM])?)?"
    r"|[Yy]esterday(?: at \d{1,2}[:.]\d\d(?: ?[apAP][mM])?)?|[Jj]ust now"
)
_PART = (
    rf"(?:{_AGO}|{_DATE}|like[sd]?|love|haha|wow|sad|angry|care|reply|replied|share|edited|see translation|see"
    rf" original|hide or report this|hide|report"
    r"|[\d,.]{1,6}[KM]?(?: (?:likes?|reactions?|others?))?|translate|👍|❤️?|😂|😮|😢|😡)"
)
_ACTION = re.compile(in_a_row(_PART, 12), re.I)
_WHEN = re.compile(rf"{_DATE}|(?i:{_AGO})")
_MORE = re.compile(
    r"(?:view|show|see|hide)(?: all| previous)?(?: \d{1,5})?(?: more| previous)? (?:repl(?:y|ies)|comments?)(?:"
    r" \(\d+\))?"
    r"|\d{1,4} repl(?:y|ies)|.{1,60} replied(?: ·)?(?: \d{1,4} repl(?:y|ies))?|\d{1,4} of \d{1,5}|see more|most"
    r" relevant is selected.*",
    re.I,
)
_BADGE = re.compile(
    r"top fan|author|admin(?:istrator)?|moderator|rising (?:fan|contributor)|top contributor|all-star contributor"
    r"|follow|following|verified(?: account)?|·|•"
    r"|new member|group expert|valued responder|conversation starter|visual storyteller|founding member|diehard fan"
    r"|creator|pinned|.{1,60}['’]s? profile picture",
    re.I,
)
_START = re.compile(
    r"most relevant|all comments|newest(?: first)?|write a (?:public )?comment(?:…|\.{3})?|view (?:\d{1,5} )?(?:more"
    r"|previous) comments?"
    r"|\d[\d,.]{0,6}K? comments?(?: \d[\d,.]{0,6}K? shares?)?|comments?|comment as .{1,60}|like comment share|share"
    r"|top comments|oldest|log in to like or comment\.?",
    re.I,
)
_MARK = re.compile(
    r"most relevant|all comments|top fan|write a (?:public )?(?:comment|reply)(?:…|\.{3})?|like[ \t]*[·•][ \t]*reply.*"
    r"|like comment share|.{1,60} replied.*"
    r"|view (?:\d{1,5} )?(?:more |previous )?(?:repl(?:y|ies)|comments?)|see translation|hide \d{1,4} replies|view"
    r" insights|boost post"
    rf"|{_AGO}[ \t]*like[ \t]*reply.*|{_AGO}[ \t]*\d{{0,6}} ?(?:likes?)?[ \t]*reply|liked by .{{1,80}}",
    re.I,
)
_POST_TAIL = re.compile(
    r"(?:(?:(?:like|comment|share)[ \t·•]*){1,3}|.{1,200} likes? this\.?|view (?:\d{1,5} )?(?:more|previous) comments?"
    r"|send|all reactions:|\d[\d,.]{0,6}K?(?: (?:comments?|shares?|views|likes?))?|.{0,60} and \d[\d,.]{0,6}K? others"
    r"|see more|·|•|boost post"
    r"|view insights|\d{1,5} post reach|see insights and ads|most relevant|all comments|liked by .{1,80})",
    re.I,
)
_FOOT = re.compile(
    r"write a (?:public )?(?:comment|reply)(?:…|\.{3})?|view more comments|comment as .{1,60}|privacy  ?·.*|log in(?:"
    r" or sign up)?|see more of .{1,60} on facebook"
    r"|press enter to post\.?|facebook © \d{4}|meta © \d{4}|related pages|log in to like or comment\.?|more posts from"
    r" .{1,60}",
    re.I,
)
_NAME_FIRST = re.compile(r"(?P<name>[A-ZÀ-Þ][\w'’.-]*(?: (?:[A-ZÀ-Þ][\w'’.-]*|de|van|von|al|bin|Mc)){1,2}?) (?=\S)")


class _Block(NamedTuple):
    """A comment: its lines, and the time that its buttons tell."""

    start: int
    end: int
    time: Moment | None


_MENTIONS = re.compile(r"\b(?:reply|replied|top fan|most relevant|all comments)\b", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where no buttons of Facebook's are found under its comments."""
    if not mentions(source, _MENTIONS):
        return None
    lines = lines_of_dump(source)
    n_marks = sum(_MARK.fullmatch(line.strip()) is not None for line in lines if 0 < len(line) < 160)
    if not n_marks:
        return None
    groups = _groups(lines)
    if len(groups) < 2 and n_marks < 2:
        return None
    text = text_of_dump(source)
    page_time, day_first = page_time_in(text), day_first_in(text)
    blocks = _blocks(lines, groups, page_time, day_first)
    if not blocks:
        return None
    blocks[0] = _below_caption(blocks[0], lines)
    if _have_times_above(blocks, lines):
        return None
    draft = _draft(source, lines[: blocks[0].start])
    heads, unsure = _heads(lines, blocks)
    heads = opened(heads, lines)
    gathering = Gathering(draft, lines, _is_furniture)
    known: set[str] = set()
    for head, block in zip(heads, blocks, strict=True):
        head = _naming(head, lines, block.end, known)
        gathering.add(head, block.end)
        known.add(head.name or "")
    doubt_hidden(draft, lines[blocks[0].start :])
    if unsure:
        draft.doubt(f"in {unsure} comments name and words stand on one line; the name is taken to be two words")
    return [draft.thread("likely")]


def _is_furniture(line: str) -> bool:
    return len(line) < 160 and (_ACTION.fullmatch(line) or _MORE.fullmatch(line) or _START.fullmatch(line)) is not None


def _groups(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where the buttons under each comment begin and end."""
    groups = []
    n = 0
    while n < len(lines):
        line = lines[n].strip()
        if not line or len(line) > 160 or not (_ACTION.fullmatch(line) or is_time(line)):
            n += 1
            continue
        start, told = n, []
        while n < len(lines):
            line = lines[n].strip()
            if line and not (len(line) <= 160 and (_ACTION.fullmatch(line) or _MORE.fullmatch(line) or is_time(line))):
                break
            told += [line] if line else []
            n += 1
        joined = " ".join(told)
        if "repl" in joined.casefold() and ("like" in joined.casefold() or _WHEN.search(joined)):
            groups.append((start, n))
    return groups


def _blocks(
    lines: Sequence[str], groups: Sequence[tuple[int, int]], page_time: Moment | None, day_first: bool | None
) -> list[_Block]:
    blocks = []
    before = max((n + 1 for n in range(groups[0][0]) if _START.fullmatch(lines[n].strip())), default=0) if groups else 0
    for start, stop in groups:
        told = [n for n in range(before, start) if lines[n].strip() and not _START.fullmatch(lines[n].strip())]
        when = _WHEN.search(" ".join(lines[start:stop]))
        if told:
            time = time_of(when.group(), page_time, day_first=day_first) if when else None
            blocks.append(_Block(told[0], stop, time))
        before = stop
    return blocks


def _have_times_above(blocks: Sequence[_Block], lines: Sequence[str]) -> bool:
    """Whether most comments have their time right below the name: then this is another page with such buttons."""
    n_above = 0
    for block in blocks:
        told = [n for n in range(block.start, block.end) if lines[n].strip()][:2]
        n_above += len(told) == 2 and is_time(lines[told[1]])
    return 2 * n_above > len(blocks)


def _below_caption(block: _Block, lines: Sequence[str]) -> _Block:
    """The first comment without the post, which Instagram shows as if it were one, but without buttons."""
    told = [n for n in range(block.start, block.end) if lines[n].strip() and not _BADGE.fullmatch(lines[n].strip())]
    times = [at for at, n in enumerate(told) if is_time(lines[n]) and at + 2 < len(told)]
    words = [n for n in told[times[0] + 1 :] if not _is_furniture(lines[n].strip())] if times else []
    return block._replace(start=words[0]) if len(words) > 1 and times[0] > 1 else block


def _heads(lines: Sequence[str], blocks: Sequence[_Block]) -> tuple[list[Head], int]:
    """The heads of the blocks, and how many of them have name and words on one line."""
    heads = []
    unsure = 0
    for block in blocks:
        n = block.start
        is_author = False
        while n < block.end and (not lines[n].strip() or _BADGE.fullmatch(lines[n].strip())):
            is_author = is_author or lines[n].strip().casefold() == "author"
            n += 1
        if n >= block.end:
            heads.append(Head(block.start, block.start, None, block.time))
            continue
        name = lines[n].strip().strip("·• ")
        body = n + 1
        while body < block.end and (
            not lines[body].strip() or _BADGE.fullmatch(lines[body].strip()) or lines[body].strip() == name
        ):
            is_author = is_author or lines[body].strip().casefold() == "author"
            body += 1
        alone = any(lines[m].strip() and not _is_furniture(lines[m].strip()) for m in range(body, block.end))
        if alone and is_name(name):
            heads.append(Head(block.start, body, doubled(name), block.time, is_post_author=is_author))
        else:
            unsure += 1
            heads.append(Head(block.start, n, None, block.time, is_post_author=is_author))
    return heads, unsure


def _naming(head: Head, lines: list[str], end: int, known: Set[str]) -> Head:
    """The head with its name, where that stands before the words, and with the name of who is answered."""
    if head.name is None and head.body < end:
        match = _NAME_FIRST.match(lines[head.body].strip())
        if match:
            lines[head.body] = lines[head.body].strip()[match.end() :]
            head = head._replace(name=match["name"])
    first = lines[head.body].strip() if head.body < end else ""
    called = name_called(first, known, head.name)
    return head._replace(answers=called) if called else head


def _draft(source: Source, above: Sequence[str]) -> Draft:
    """The post: the page's name, the time, the words."""
    told = [n for n, line in enumerate(above) if line.strip() and not _BADGE.fullmatch(line.strip())]
    stamp = next((m for m in range(1, len(told) - 1) if is_time(above[told[m]].strip(" ·•🌍🌐👥🔒"))), 0)
    if stamp > 1 and is_name(above[told[stamp - 1]]):  # above stands the name of a group or a page, and its menu
        told = told[stamp - 1 :]
    if len(told) > 2 and is_name(above[told[0]]) and is_time(above[told[1]].strip(" ·•🌍🌐👥🔒")):
        kept = list(above[told[1] + 1 :])
        while kept and (not kept[-1].strip() or _POST_TAIL.fullmatch(kept[-1].strip())):
            kept.pop()
        draft = Draft(source, post="\n".join(kept), post_author=doubled(above[told[0]].strip()))
        draft.remark(f"the post is dated {above[told[1]].strip(' ·•')}")
        return draft
    if len(told) > 2 and is_name(above[told[0]]) and is_time(above[told[-1]]):
        return Draft(source, post="\n".join(above[told[0] + 1 : told[-1]]), post_author=above[told[0]].strip())
    return draft_of(source, above, is_furniture=lambda line: _POST_TAIL.fullmatch(line) is not None)
