"""What the platforms have in common that list comments as name, time, words, buttons; one module each says the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stance.readers.draft import Draft
from stance.readers.dumps.depths import indented, opened
from stance.readers.dumps.heads import Gathering, Head, StackedLayout, gone, heads_below_a_count
from stance.readers.dumps.lines import day_first_in, lines_of_dump, page_time_in, text_of_dump
from stance.readers.dumps.post import draft_of, end_of_post
from stance.readers.dumps.stacked_quotes import QuoteSplitter
from stance.readers.source import Source
from stance.thread import Thread


@dataclass(frozen=True)
class Platform:
    """How a platform's list of comments looks in a copy. All patterns are matched with whole lines.

    :param marks: Lines that only this platform's pages have.
    :param count: The line that says how many comments there are, in its group ``n``.
    :param buttons: What stands around a comment's words: buttons, votes, numbers.
    :param badges: What stands in a comment's head beside name and time.
    :param foot: Where the page's foot begins.
    :param has_places: Whether a place may stand beside the name.
    :param day_first: Whether days come before months in numbers, where the page does not show it.
    :param has_head: Whether the site's head stands above the title.
    :param bare_quotes: Whether copies lose the mark of a quote.
    :param begin: Makes the draft of what stands above the comments, where it knows how that is written.
    :param tidy: A name as it is shown, from a name as it is copied.
    """

    marks: re.Pattern[str]
    count: re.Pattern[str]
    buttons: re.Pattern[str]
    badges: re.Pattern[str]
    foot: re.Pattern[str]
    has_places: bool = False
    day_first: bool | None = None
    has_head: bool = True
    bare_quotes: bool = False
    begin: Callable[[Source, Sequence[str]], Draft | None] = lambda source, above: None
    tidy: Callable[[str], str] = lambda name: name

    def is_furniture(self, line: str) -> bool:
        """Whether a line, stripped, is the page's own."""
        return len(line) < 200 and self.buttons.fullmatch(line) is not None

    def is_badge(self, line: str) -> bool:
        """Whether a line, stripped, belongs to a comment's head."""
        return len(line) < 80 and self.badges.fullmatch(line) is not None


def read_listed(
    source: Source, platform: Platform, *, fewest_marks: int = 1, is_known: bool = True
) -> list[Thread] | None:
    """Read a dump of a platform.

    :param fewest_marks: How many lines have to show that it is the platform's.
    :param is_known: Whether these marks are its own. Elsewhere names and times may be a page's news as well; they are
        taken for comments only where as many are announced, or a button stands below each.
    :returns: Its thread; None where it shows too few marks, or no comments.
    """
    text, lines = text_of_dump(source), lines_of_dump(source)
    n_marks = sum(platform.marks.fullmatch(line.strip()) is not None for line in lines if 0 < len(line) < 200)
    if n_marks < fewest_marks:
        return None
    shown = day_first_in(text)
    day_first, page_time = platform.day_first if shown is None else shown, page_time_in(text)
    layout = StackedLayout(platform.is_furniture, platform.is_badge, has_places=platform.has_places)
    counts = [(n, match) for n in range(len(lines)) if (match := _count(lines, n, platform))]
    heads, count = heads_below_a_count(
        counts, lambda place: layout.heads(lines, place + 1, page_time=page_time, day_first=day_first)
    )
    if not heads:
        return None
    while len(heads) > 1 and _stands_in_foot(heads, lines, platform):
        heads.pop()
    foot = next((n for n in range(heads[-1].body, len(lines)) if platform.foot.fullmatch(lines[n].strip())), len(lines))
    heads = [head._replace(name=platform.tidy(head.name or "")) for head in heads]
    numbers = [number for number in count.groups() if number] if count else []
    announced = int(re.sub(r"\D", "", numbers[0]) or 0) if numbers else None
    hides = any(_OPENS_MORE.fullmatch(line.strip()) for line in lines[heads[0].start : foot] if len(line) < 80)
    heads = opened(heads, lines[:foot], are_all=announced == len(heads) and not hides)
    heads = heads if any(head.depth for head in heads) else indented(heads, lines)
    above = lines[: end_of_post(lines, [n for n, _ in counts], heads[0].start) if count else heads[0].start]
    draft = platform.begin(source, above)
    if draft is None:
        draft = draft_of(source, above, is_furniture=platform.is_furniture, has_head=platform.has_head)
    author = _letters(draft.post_author or "")
    heads = [head._replace(is_post_author=bool(author) and _letters(head.name or "") == author) for head in heads]
    splitter = QuoteSplitter(draft, bare=platform.bare_quotes)
    gathering = Gathering(draft, lines, platform.is_furniture, split=splitter, day_first=day_first)
    gathering.add_all(heads, foot)
    doubt_hidden(draft, lines[heads[0].start : foot])
    draft.expect(announced)
    if not is_known:
        stops = [*(head.start for head in heads[1:]), foot]
        bodies = [lines[head.body : stop] for head, stop in zip(heads, stops, strict=True)]
        left = [body for body in bodies if not gone("\n".join(body))]
        closed = all(any(platform.is_furniture(line.strip()) for line in body if line.strip()) for body in left)
        counted = announced is not None and announced in (len(heads), len(left))
        return [draft.thread("likely")] if len(heads) > 1 and (closed or counted) else None
    return [draft.thread("certain" if count or n_marks > len(heads) // 2 else "likely")]


def _letters(name: str) -> str:
    """A name's letters: "@gatefourchoir" is Gate Four Choir."""
    return re.sub(r"[\W_]", "", name).casefold()


def _stands_in_foot(heads: Sequence[Head], lines: Sequence[str], platform: Platform) -> bool:
    """Whether what looks like the last head is the page's own ("FEMAIL TODAY"): the foot above it, no words below."""
    last = lines[heads[-1].body :]
    above = lines[heads[-2].body : heads[-1].start]
    n_words = sum(bool(line.strip()) and not platform.is_furniture(line.strip()) for line in last)
    return n_words == 0 and any(platform.foot.fullmatch(line.strip()) for line in above)


def _count(lines: Sequence[str], n: int, platform: Platform) -> re.Match[str] | None:
    """The count of comments in a line, or in one and the next: "Comments" over "(6)"."""
    line = lines[n].strip()
    if not line or len(line) > 120:
        return None
    below = lines[n + 1].strip() if n + 1 < len(lines) else ""
    return platform.count.fullmatch(line) or platform.count.fullmatch(f"{line} {below}")


_OPENS_MORE = re.compile(
    r"(?:▼\s*)?(?:view|show|see|load) (?:all |more |\d{1,5} (?:more )?)*(?:replies|reply|comments?|previous"
    r" comments)(?: \(\d+\))?"
    r"|\d{1,5} more repl(?:y|ies)|view more comments|more replies|continue this thread.*|load more comments.*",
    re.I,
)


def doubt_hidden(draft: Draft, lines: Sequence[str]) -> None:
    """Doubt that all replies are there, where buttons are left that would have opened more."""
    n_hidden = sum(_OPENS_MORE.fullmatch(line.strip()) is not None for line in lines if len(line) < 80)
    if n_hidden:
        draft.doubt(f"places where the page would open more replies, which are not in the copy: {n_hidden}")
