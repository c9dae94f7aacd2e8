"""One HTML file that shows a summary, its comments and their evidence. It lays out; it counts nothing.

Comments are hostile text. All of it passes through Jinja's escaping, none of it stands in a script, a style, an address
or an event handler, and the page's Content-Security-Policy lets nothing run or load but the one style and the one
script that lie in this package, named by their hashes.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from stance.errors import InputError
from stance.evidence import Evidence
from stance.sides import NEUTRAL, Sides
from stance.stances import Stance, Stances
from stance.thread import Comment, Precision, Thread

if TYPE_CHECKING:
    from jinja2 import Environment

_DEEPEST = 6  # steps of indentation
#: Characters that no page can show, or that are none; one for one, so that places in a text stay what they are.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class CommentRow:
    """One comment as the page shows it.

    :param number: Its place in the thread, from 1.
    :param anchor: The id of its element, unique in the page.
    :param depth: Steps of indentation.
    :param kind: "a", "b" or "n": which side it is on, or neither.
    :param pieces: Its text, cut where the evidence begins and ends; True for the evidence.
    :param person: Place of its writer in ``summary.people``; -1 where it is not there.
    :param answered: The comment that it answers, and the anchor of that.
    """

    number: int
    anchor: str
    depth: int
    kind: str
    stance: Stance
    evidence: Evidence | None
    pieces: tuple[tuple[str, bool], ...]
    person: int
    answered: tuple[Comment, str] | None


@dataclass(frozen=True)
class ThreadRows:
    """One thread as the page shows it; replies stand under what they answer."""

    thread: Thread
    sides: Sides | None
    rows: tuple[CommentRow, ...]


def write_report(
    path: str | Path,
    summary: object,
    threads: Sequence[Thread],
    stances: Stances,
    *,
    people: Mapping[tuple[str, str], int],
    evidence: Sequence[Evidence] = (),
    sides: Mapping[str, Sides] | None = None,
    card: object = None,
) -> None:
    """Write the page.

    :param summary: A :class:`stance.Summary`; only the template looks into it.
    :param threads: What it is of.
    :param stances: Of all comments of the threads, in order.
    :param people: For a thread's and a comment's id, the place of its writer in ``summary.people``.
    :param evidence: For as many comments as there is any.
    :param sides: Who the two sides are, by thread id, where that is known.
    :param card: The :class:`stance.model.ModelCard` of the model that answered; None where it is not known.
    :raises InputError: If the file cannot be written.
    """
    page = render_report(summary, threads, stances, people=people, evidence=evidence, sides=sides, card=card)
    try:
        Path(path).write_text(page, "utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}). Give another place.") from error


def render_report(
    summary: object,
    threads: Sequence[Thread],
    stances: Stances,
    *,
    people: Mapping[tuple[str, str], int],
    evidence: Sequence[Evidence] = (),
    sides: Mapping[str, Sides] | None = None,
    card: object = None,
) -> str:
    """The page as one string; see :func:`write_report`."""
    from markupsafe import Markup

    style, script = _part("report.css"), _part("report.js")
    explained = {(row.thread_id, row.comment_id): row for row in evidence}
    sided = sum(label != NEUTRAL for label in stances.labels)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            policy=_policy(style, script),
            style=Markup(style),
            script=Markup(script),
            summary=summary,
            threads=list(_threads(threads, stances, people, explained, sides or {})),
            labels=stances.sides.labels,
            kinds=dict(zip(stances.sides.labels, "abn", strict=True)),
            n_sided=sided,
            n_explained=len(explained),
            card=card,
        )
    )


def _policy(style: str, script: str) -> str:
    """Nothing may load, and nothing may run but this very style and script (W3C, Content Security Policy 3)."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none';"
        " form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _part(name: str) -> str:
    return (resources.files("stance") / "page" / name).read_text("utf-8").replace("\r\n", "\n")


def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_part),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_showable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=_percent, when=_when, day=_day, unbroken=_unbroken)
    return environment


def _showable(value: object) -> object:
    """What the template puts out: text without characters that no page can carry; escaping comes after."""
    if isinstance(value, str) and _UNSHOWABLE.search(value):
        return type(value)(_UNSHOWABLE.sub("\ufffd", value))
    return value


def _percent(share: float) -> str:
    """A share in [0, 1] as "62%"; what is not nothing is not shown as nothing."""
    rounded = f"{share:.0%}"
    return "<1%" if rounded == "0%" and share > 0 else ">99%" if rounded == "100%" and share < 1 else rounded


def _unbroken(text: str) -> str:
    """Text whose lines do not break at the hyphens of words."""
    return re.sub(r"(?<=\w)-(?=\w)", "\u2011", text)


def _when(time: dt.datetime, precision: Precision = "second") -> str:
    month = time.strftime("%B")
    match precision:
        case "year":
            return str(time.year)
        case "month":
            return f"{month} {time.year}"
        case "day":
            return _day(time)
        case "hour" | "second":
            return f"{_day(time)}, {time:%H:%M}"


def _day(time: dt.datetime) -> str:
    return f"{time.day} {time.strftime('%B')} {time.year}"


def _threads(
    threads: Sequence[Thread],
    stances: Stances,
    people: Mapping[tuple[str, str], int],
    explained: Mapping[tuple[str, str], Evidence],
    sides: Mapping[str, Sides],
) -> Iterator[ThreadRows]:
    kinds = dict(zip(stances.sides.labels, "abn", strict=True))
    answers = iter(stances)
    first = 1
    for thread in threads:
        places = {comment.id: place for place, comment in enumerate(thread.comments)}
        own = [next(answers) for _ in thread.comments]
        rows = []
        for comment, depth in _under_parents(thread):
            place = places[comment.id]
            stance = own[place]
            key = thread.id, comment.id
            parent = thread.parent(comment)
            rows.append(
                CommentRow(
                    number=place + 1,
                    anchor=f"c{first + place}",
                    depth=min(depth, _DEEPEST),
                    kind=kinds[stance.label],
                    stance=stance,
                    evidence=explained.get(key),
                    pieces=_pieces(comment.text, explained.get(key)),
                    person=people.get(key, -1),
                    answered=(parent, f"c{first + places[parent.id]}") if parent else None,
                )
            )
        yield ThreadRows(thread, sides.get(thread.id), tuple(rows))
        first += len(thread.comments)


def _under_parents(thread: Thread) -> Iterator[tuple[Comment, int]]:
    """The comments with their depth, each after what it answers; else in page order."""
    replies: dict[str | None, list[Comment]] = {}
    for comment in thread.comments:
        replies.setdefault(comment.parent_id, []).append(comment)
    waiting = [(comment, 0) for comment in reversed(replies.get(None, []))]
    while waiting:
        comment, depth = waiting.pop()
        yield comment, depth
        waiting += [(reply, depth + 1) for reply in reversed(replies.get(comment.id, []))]


def _pieces(text: str, evidence: Evidence | None) -> tuple[tuple[str, bool], ...]:
    if evidence is None:
        return ((text, False),)
    cut = ((text[: evidence.start], False), (evidence.text, True), (text[evidence.end :], False))
    return tuple(piece for piece in cut if piece[0])
