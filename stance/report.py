"""One HTML file that shows a summary, its comments and their evidence. It lays out; it counts nothing.

Comments are hostile text. All of it passes through Jinja's escaping, none of it stands in a script, a style, an address
or an event handler, and the page's Content-Security-Policy lets nothing run or load but the one style and the one
script that lie in this package, named by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stance.errors import InputError
from stance.evidence import Evidence
from stance.sides import NEUTRAL, Sides
from stance.stances import Stance, Stances
from stance.templates import environment, part_of_page
from stance.thread import Comment, Thread

_DEEPEST = 6  # steps of indentation


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


def write_report(path: str | Path, page: str) -> None:
    """Write the page that :func:`render_report` gave.

    :raises InputError: If the file cannot be written.
    """
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
    """The page as one string.

    :param summary: A :class:`stance.Summary`; only the template looks into it.
    :param threads: What it is of.
    :param stances: Of all comments of the threads, in order.
    :param people: For a thread's and a comment's id, the place of its writer in ``summary.people``.
    :param evidence: For as many comments as there is any.
    :param sides: Who the two sides are, by thread id, where that is known.
    :param card: The :class:`stance.card.ModelCard` of the model that answered; None where it is not known.
    """
    from markupsafe import Markup

    style, script = part_of_page("report.css"), part_of_page("report.js")
    explained = {(row.thread_id, row.comment_id): row for row in evidence}
    sided = sum(label != NEUTRAL for label in stances.labels)
    return (
        environment()
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
            has_texts=stances.has_texts,
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
