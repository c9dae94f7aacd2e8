"""Comments and the thread they stand in."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from stance.errors import InputError

#: How exactly a time is known. A clock's time counts as known to the second.
Precision = Literal["year", "month", "day", "hour", "second"]
#: How sure a reader is of what it read: "certain" where the platform's own marks say so and nothing contradicts
#: them, "likely" where a pattern fits, "doubtful" where the comments may be wrong or missing.
Sureness = Literal["certain", "likely", "doubtful"]

#: Names that many people share; two comments so signed need not be by one person.
SHARED_NAMES = frozenset(
    {
        *("", "anonymous", "anon", "guest", "unknown", "deleted", "[deleted]", "removed", "[removed]", "user"),
        *("anónimo", "anônimo", "anonimo", "anonyme", "anonym", "anoniem"),
        *("name and address supplied", "name supplied", "name withheld"),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Comment:
    """One comment as its writer left it. The text is never changed.

    :param id: Unique in its thread.
    :param text: What the writer wrote, perhaps empty.
    :param author: The name shown, or None where the source shows none.
    :param time: When it was written, or None; naive where the source names no zone.
    :param time_precision: How exactly; the parts of ``time`` below it are filled up and mean nothing.
    :param parent_id: The ``id`` of the comment it answers, or None.
    :param is_post_author: Whether the writer is the author of the post above the comments.
    :param quoted: Earlier words that the comment quotes from others; no part of ``text``.
    :raises InputError: If the id is blank, or the text is not a string.
    """

    id: str
    text: str
    author: str | None = None
    time: dt.datetime | None = None
    time_precision: Precision = "second"
    parent_id: str | None = None
    is_post_author: bool = False
    quoted: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id:
            raise InputError(f"A comment's id must be a non-empty string, but came as {self.id!r}.")
        if not isinstance(self.text, str):
            raise InputError(
                f"Comment {self.id!r}: text must be a string, but came as {type(self.text).__name__}."
                " Give an empty string where there is none."
            )

    @property
    def has_shared_name(self) -> bool:
        """True where the name shown does not tell one person from another ("Anonymous", or none)."""
        return self.author is None or self.author.strip().casefold() in SHARED_NAMES

    @property
    def iso_time(self) -> str | None:
        """The time as ISO 8601, as far as it is known: "2013-03-14T09:12:00+00:00", "2013-03-14", "2013-03"."""
        return self.time.isoformat()[: _ISO_LENGTH[self.time_precision]] if self.time else None


_ISO_LENGTH = {"year": 4, "month": 7, "day": 10, "hour": 13, "second": None}  # characters


@dataclass(frozen=True, kw_only=True)
class ReadingReport:
    """How a thread was read: by which reader, how surely, and what became of what is not in the thread.

    :param reader: The reader's name ("blogger page"), empty where the thread was not read from a file.
    :param sureness: See :data:`Sureness`.
    :param dropped: How many entries were left out, by kind: ``{"deleted": 2, "pingback": 1}``.
    :param repaired: What was broken and is mended, a sentence each.
    :param remarks: What else the page says of itself, a sentence each.
    :param doubtful: What may be wrong or missing, a sentence each.
    """

    reader: str = ""
    sureness: Sureness = "certain"
    dropped: Mapping[str, int] = field(default_factory=dict, hash=False)
    repaired: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """All of it that a person should see, a sentence each; empty where there is nothing to tell."""
        left_out = ", ".join(f"{n} {kind}" for kind, n in sorted(self.dropped.items()))
        return (*self.repaired, *self.remarks, *([f"left out: {left_out}"] if left_out else []), *self.doubtful)


@dataclass(frozen=True, kw_only=True)
class Thread:
    """A post or article and the comments under it.

    What real exports break is repaired, and each repair is told in ``report``: a doubled comment id gets a
    suffix, a reply to itself, to a missing comment or in a circle becomes a comment on the post.

    :param id: Names the thread; unique among threads classified together.
    :param title: Headline, perhaps empty.
    :param post: The article's or post's own text, perhaps empty.
    :param comments: In page order.
    :param source: Where it was read from.
    :param post_author: Who wrote the post, where known.
    :param url: The page's address, where it is known.
    :param report: How the thread was read; repairs are added to it.
    :raises InputError: If the id is blank.
    """

    id: str
    title: str = ""
    post: str = ""
    comments: tuple[Comment, ...] = ()
    source: str = ""
    post_author: str | None = None
    url: str | None = None
    report: ReadingReport = ReadingReport()
    _by_id: dict[str, Comment] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id:
            raise InputError(f"A thread's id must be a non-empty string, but came as {self.id!r}.")
        comments, repairs = _repaired(self.comments)
        object.__setattr__(self, "comments", comments)
        if repairs:
            report = replace(self.report, repaired=(*self.report.repaired, *repairs))
            object.__setattr__(self, "report", report)
        self._by_id.update((comment.id, comment) for comment in comments)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how the thread was read: the sentences of its ``report``."""
        return self.report.notes

    def _repr_html_(self) -> str:
        from stance.views import view_of_thread

        return view_of_thread(self)

    def parent(self, comment: Comment) -> Comment | None:
        """The comment that ``comment`` answers, or None where it answers the post."""
        return None if comment.parent_id is None else self._by_id[comment.parent_id]


def _repaired(comments: Iterable[Comment]) -> tuple[tuple[Comment, ...], list[str]]:
    repairs: list[str] = []
    unique: dict[str, Comment] = {}
    n_met: Counter[str] = Counter()
    for comment in comments:
        if comment.id in unique:
            n = n_met[comment.id] + 2
            while f"{comment.id}~{n}" in unique:
                n += 1
            repairs.append(f"comment id {comment.id!r} came twice; the later one is now '{comment.id}~{n}'")
            n_met[comment.id] = n - 1
            comment = replace(comment, id=f"{comment.id}~{n}")
        unique[comment.id] = comment
    faults: dict[str, list[str]] = {}
    sound: set[str] = set()
    for comment in list(unique.values()):
        fault = _fault_of_parent(comment, unique, sound)
        if fault:
            faults.setdefault(fault, []).append(comment.id)
            unique[comment.id] = replace(comment, parent_id=None)
    for fault, ids in faults.items():
        some = ", ".join(map(repr, ids[:5])) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
        repairs.append(f"taken as answers to the post, for they answer {fault}: {some}")
    return tuple(unique.values()), repairs


def _fault_of_parent(comment: Comment, by_id: dict[str, Comment], sound: set[str]) -> str | None:
    """What is wrong with a parent. ``sound`` gathers the comments from which the way up is known to end."""
    if comment.parent_id == comment.id:
        return "themselves"
    if comment.parent_id is not None and comment.parent_id not in by_id:
        return "a comment that is not in the thread"
    way = {comment.id}
    above = comment
    while above.parent_id in by_id and above.id not in sound:
        above = by_id[above.parent_id]
        if above.id == comment.id:
            return "one another in a circle"
        if above.id in way:
            break  # a circle further up; it is opened when its own comments are looked at
        way.add(above.id)
    else:
        sound.update(way)
    return None
