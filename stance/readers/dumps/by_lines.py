"""Comments told by their lines alone, where no known platform's marks tell them; and a doubt where these tell others.

What every line of a copy is, is learned (:mod:`stance.readers.dumps.line_labels`). It serves twice: to read what no
format knows, and to see that a format's reader has been taken in by a page that only looks like its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from stance.readers.dates import Moment
from stance.readers.dumps.furniture import is_button
from stance.readers.dumps.heads import Gathering, Head
from stance.readers.dumps.line_features import Lines, shape_of
from stance.readers.dumps.line_labels import (
    AUTHOR,
    BEGIN,
    LABELS,
    NAMES,
    NO_WORDS,
    SIGNED,
    UNTOLD,
    WORDS,
    Labelled,
    label,
    label_what_stands,
)
from stance.readers.dumps.line_names import names_in
from stance.readers.dumps.lines import (
    day_first_in,
    lines_of_dump,
    page_time_in,
    time_of,
)
from stance.readers.dumps.post import draft_of
from stance.readers.dumps.stacked_quotes import QuoteSplitter
from stance.readers.dumps.timed import parted
from stance.readers.source import Source
from stance.thread import Thread

_LONGEST = 120_000  # characters that are looked at; a longer copy would take seconds
_LEAST_SURE = 0.6  # mean probability of a comment's lines, to take it for one
_TALLEST_HEAD = 8  # lines above a comment's words
_TALLEST_FOOT = 4  # lines below them
_MOST_AGREE = 0.6  # share of comments that tell writer or time at one place
_FEW_AGREE = 0.2  # share of the page's words that may stand by chance where the page tells nothing
_MOST_NAMED = 0.8  # share of comments whose writer's line is told, to go by these lines alone
_LEAST_VARIED = 0.4  # share of different ones among them; what says the same of all is no writer
_LONGEST_NAME = 60  # characters of a line that is taken for a name as it stands
_SENTENCE_ENDS = '.?!…"”'
_AROUND = " ·•:,|–—-[]()↳→"
_CONTRADICTED = 4.0  # log probability a comment, by which others are likelier
_LEAST_WHOLE = 0.5  # share of comments that stand in whole lines, to hold them against lines


#: The first line of a comment's words, and the one behind their last.
_Words: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class ByLines:
    """A comment told by its lines.

    :param author: The line of its writer's name; None where none tells it.
    :param begin: The first line of its words.
    :param stop: The line behind its last.
    :param text: Its words.
    :param sureness: Mean probability of its lines to be a comment's words.
    """

    author: int | None
    begin: int
    stop: int
    text: str
    sureness: float


def read(source: Source) -> list[Thread] | None:
    """Read a copy; None where its lines tell no two comments."""
    return source.once(_read)


def _read(source: Source) -> list[Thread] | None:
    told = told_of(source)
    comments = [comment for comment in comments_in(told) if comment.sureness >= _LEAST_SURE] if told else []
    if told is None or len(comments) < 2:
        return None
    lines = lines_of_dump(source)
    day_first = day_first_in("\n".join(lines))
    spans = _spans(comments, told.lines)
    heads = _heads(comments, spans, told.lines, page_time_in("\n".join(lines)), day_first)
    n_told = sum(head.name is not None or head.time is not None for head in heads)
    if n_told < _MOST_AGREE * len(heads):  # a list of links, or paragraphs
        return None
    draft = draft_of(source, lines[: heads[0].start], is_furniture=is_button)
    gathering = Gathering(draft, lines, is_button, split=QuoteSplitter(draft), day_first=day_first)
    for comment, head in zip(comments, heads, strict=True):
        gathering.add(head, told.lines.places[comment.stop - 1] + 1)
    if len(draft.comments) < 2:
        return None
    draft.remark("the page's comments were told by the look of its lines, for its format is not known")
    return [draft.thread("likely")]


def doubted(source: Source, threads: Sequence[Thread]) -> list[Thread]:
    """Threads of a copy, called doubtful where its lines tell quite other comments."""
    told = told_of(source)
    if told is None or len(threads) != 1 or not _is_contradicted(source, threads[0], told):
        return list(threads)
    report = threads[0].report
    doubt = "the look of the lines speaks for other comments than these"
    return [replace(threads[0], report=replace(report, sureness="doubtful", doubtful=(*report.doubtful, doubt)))]


def _is_contradicted(source: Source, thread: Thread, told: Labelled) -> bool:
    comments = thread.comments
    if comments and thread.report.sureness == "certain":
        return False  # by a platform's own marks; sentences that many comments repeat look like the page's
    labels = label_what_stands(told.lines, [(comment.text, comment.author) for comment in comments])
    allowed = np.eye(len(LABELS), dtype=bool)[labels]
    allowed[:, NO_WORDS] |= np.isin(labels, NO_WORDS)[:, None]
    allowed[labels == UNTOLD] = True
    n_comments = max(len(comments), int((told.best == BEGIN).sum()))
    if told.cost(allowed) > _CONTRADICTED * n_comments:
        return bool(comments) or read(source) is not None
    if int((labels == BEGIN).sum()) >= _LEAST_WHOLE * len(comments):
        return False
    # Names and words share lines, says the reader: not where times stand above comments of whole lines.
    others = read(source)
    return (
        others is not None
        and len(others[0].comments) >= len(comments)
        and _timed(others[0]) >= max(_MOST_AGREE, _timed(thread))
    )


def _timed(thread: Thread) -> float:
    """The share of comments whose time is told."""
    return sum(comment.time is not None for comment in thread.comments) / max(1, len(thread.comments))


def comments_in(told: Labelled) -> list[ByLines]:
    """The comments that the labels of lines make."""
    labels, lines, sure = told.best, told.lines, told.probabilities[:, WORDS].sum(axis=1)
    is_words = np.isin(labels, WORDS)
    begins = [n for n in range(len(labels)) if is_words[n] and (labels[n] == BEGIN or n == 0 or not is_words[n - 1])]
    words = [
        (begin, next((n for n in range(begin, following) if not is_words[n]), following))
        for begin, following in pairwise([*begins, len(labels)])
    ]
    comments: list[ByLines] = []
    for (begin, stop), author in zip(words, _names_of(words, told), strict=True):
        text = "".join(
            ("\n\n" if lines.after_gap[n] else "\n") * (n > begin) + lines.texts[n] for n in range(begin, stop)
        )
        comments.append(ByLines(author, begin, stop, text, float(sure[begin:stop].mean())))
    return comments


def _names_of(words: Sequence[_Words], told: Labelled) -> list[int | None]:
    """The line that names the writer of each comment; where the page tells it below the words, below."""
    labels = told.best
    tops = [0, *(stop for _, stop in words)]
    bottoms = [*(begin for begin, _ in words[1:]), len(labels)]
    above, below, signed = [], [], []
    for top, (begin, stop), bottom in zip(tops, words, bottoms, strict=False):
        above.append(next((n for n in range(begin - 1, top - 1, -1) if labels[n] == AUTHOR), None))
        below.append(next((n for n in range(stop, bottom) if labels[n] in NAMES), None))
        signed.append(next((n for n in range(stop, bottom) if labels[n] == SIGNED), None))
    if _side(words, told.lines) == "below":
        return _with_last_as_others(below, words, len(labels))
    return [one if one is not None else other for one, other in zip(above, signed, strict=True)]


def _with_last_as_others(below: list[int | None], words: Sequence[_Words], n_lines: int) -> list[int | None]:
    """The last comment's line as far below its words as most others' are."""
    away = Counter(n - stop for n, (_, stop) in zip(below[:-1], words, strict=False) if n is not None)
    if not away:
        return below
    last = words[-1][1] + away.most_common(1)[0][0]
    return [*below[:-1], last if last < n_lines else None]


def told_of(source: Source) -> Labelled | None:
    """What the lines of a copy are; None where there are none, or too long ones to look at."""
    return source.once(_label)


def _label(source: Source) -> Labelled | None:
    if len(source.text) > _LONGEST:
        return None
    lines = Lines.of(lines_of_dump(source))
    return label(lines) if lines.texts else None


def _spans(comments: Sequence[ByLines], lines: Lines) -> list[_Span]:
    edges = [0, *(comment.stop for comment in comments)]
    begins = [*(comment.begin for comment in comments[1:]), len(lines.texts)]
    spans = [
        _Span(max(edge, one.begin - _TALLEST_HEAD), one.begin, one.stop, min(below, one.stop + _TALLEST_FOOT))
        for edge, one, below in zip(edges, comments, begins, strict=False)
    ]
    side = _side([(comment.begin, comment.stop) for comment in comments], lines)
    if side == "below":
        return [span._replace(top=span.words) for span in spans]
    return [span._replace(bottom=span.end) for span in spans] if side == "above" else spans


def _side(words: Sequence[_Words], lines: Lines) -> Literal["above", "below"] | None:
    """On which side of the words a page tells who wrote them; None where both ends of the list look alike.

    Between two comments that cannot be seen; but above the first, or below the last, stands something else.
    """
    between = [lines.shapes[stop:begin] for (_, stop), (begin, _) in pairwise(words)]
    if not between:
        return None
    counts = Counter(word for shapes in between for word in set(" ".join(shapes).split()))
    common = {word for word, n in counts.items() if n >= _MOST_AGREE * len(between)}
    height = max(map(len, between))
    top, bottom = words[0][0], words[-1][1]
    first, last = (
        set(" ".join(shapes).split())
        for shapes in (lines.shapes[max(0, top - height) : top], lines.shapes[bottom : bottom + height])
    )
    most, few = _MOST_AGREE * len(common), _FEW_AGREE * len(common)
    if common and len(common & first) <= few and len(common & last) >= most:
        return "below"
    if common and len(common & last) <= few and len(common & first) >= most:
        return "above"
    return None


def _heads(
    comments: Sequence[ByLines], spans: Sequence[_Span], lines: Lines, page_time: Moment | None, day_first: bool | None
) -> list[Head]:
    """Heads of the comments: who and when, each told at the place where most of them tell it."""
    times = _times(spans, lines)
    names = _named(comments, lines) or _at_one_place(spans, [_around(times, spans), *_around_words(spans)], lines)
    heads = []
    for comment, span, at, (line, name) in zip(comments, spans, times, names, strict=True):
        if name is None and comment.author is not None and span.holds(comment.author):
            text = lines.texts[comment.author]
            if len(text) <= _LONGEST_NAME and text[-1] not in _SENTENCE_ENDS:
                line, name = comment.author, text.strip(_AROUND)
        start = min(n for n in (line, comment.author, comment.begin) if n is not None)
        told = parted(lines.texts[at]) if at is not None else None
        moment = time_of(told.time, page_time, day_first=day_first) if told else None
        heads.append(Head(lines.places[start], lines.places[comment.begin], name, moment))
    return heads


class _Span(NamedTuple):
    """The page's own lines around a comment's words: from ``top`` to ``words``, and from ``end`` to ``bottom``."""

    top: int
    words: int
    end: int
    bottom: int

    def holds(self, line: int) -> bool:
        """Whether the line is one of them."""
        return self.top <= line < self.words or self.end <= line < self.bottom


_Rows = list[list[int | None]]
_Told = list[tuple[int | None, str | None]]


def _times(spans: Sequence[_Span], lines: Lines) -> list[int | None]:
    """The line of each comment that tells its time: the nearest above, or below where more have one there."""

    def nearest(places: Iterable[int]) -> int | None:
        return next((n for n in places if parted(lines.texts[n])), None)

    above = [nearest(reversed(range(span.top, span.words))) for span in spans]
    below = [nearest(range(span.end, span.bottom)) for span in spans]
    return above if above.count(None) <= below.count(None) else below


def _named(comments: Sequence[ByLines], lines: Lines) -> _Told:
    """The names in the lines that are told to name writers; empty where too few are."""
    row = [comment.author for comment in comments]
    names = names_in([None if n is None else lines.texts[n] for n in row])
    if sum(name is not None for name in names) < _MOST_NAMED * len(comments):
        return []
    return [(n, name) if name else (None, None) for n, name in zip(row, names, strict=True)]


def _around(lines: Sequence[int | None], spans: Sequence[_Span]) -> _Rows:
    """Places so many lines from a line of each comment, from the top."""
    return _held([[None if n is None else n + away for n in lines] for away in range(-4, 3)], spans)


def _around_words(spans: Sequence[_Span]) -> tuple[_Rows, _Rows]:
    """Places so many lines above the words, from the top; and below them."""
    above = [[span.words + away for span in spans] for away in range(-_TALLEST_HEAD, 0)]
    below = [[span.end + away for span in spans] for away in range(_TALLEST_FOOT)]
    return _held(above, spans), _held(below, spans)


def _held(rows: Sequence[Sequence[int | None]], spans: Sequence[_Span]) -> _Rows:
    """Rows of lines, without those that are not the page's own around that comment."""
    return [
        [n if n is not None and span.holds(n) else None for n, span in zip(row, spans, strict=True)] for row in rows
    ]


def _at_one_place(spans: Sequence[_Span], groups: Iterable[_Rows], lines: Lines) -> _Told:
    """The names at the place where most lines hold one, and most different.

    Of the first group that has one; but where the first comment lacks one there, and all have one in a later group,
    what stands above the others is below those before them.
    """
    best: _Told = []
    for rows in groups:
        found = _best_row(spans, rows, lines)
        if found and (not best or (best[0][1] is None and all(name for _, name in found))):
            best = found
    return [(n, name) if name else (None, None) for n, name in best] or [(None, None)] * len(spans)


def _best_row(spans: Sequence[_Span], rows: _Rows, lines: Lines) -> _Told:
    best: _Told = []
    most = 0
    for row in rows:
        names = names_in([None if n is None else lines.texts[n] for n in row])
        told = [name for name in names if name]
        n_different = len(set(map(shape_of, told)))
        is_enough = len(told) >= _MOST_AGREE * len(spans) and n_different > max(1, len(told) * _LEAST_VARIED)
        if is_enough and len(told) + n_different > most:
            best, most = list(zip(row, names, strict=True)), len(told) + n_different
    return best
