"""Rows whose keys are column names, from table files or frames in memory, as threads."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import SupportsFloat

from stance.errors import InputError
from stance.readers.dates import Moment, parse_time
from stance.readers.replies import link_replies
from stance.thread import Comment, ReadingReport, Thread

#: For each thing a row can tell, the column names it goes by, best first. Compared without case, "_", "-" or " ".
COLUMNS: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "comment", "comments", "commenttext", "commentbody", "body", "message", "content", "reply", "tweet"),
        *("review", "post"),
    ),
    "comment_id": ("commentid", "id", "postid", "messageid", "replyid"),
    "author": ("author", "authorname", "user", "username", "name", "commenter", "screenname", "by", "from"),
    "parent_id": ("parentid", "parent", "replyto", "inreplyto", "inreplytoid", "replytoid", "parentcommentid"),
    "time": (
        "time",
        "date",
        "datetime",
        "timestamp",
        "created",
        "createdat",
        "createdutc",
        "published",
        "publishedat",
        "posted",
    ),
    "is_post_author": ("ispostauthor", "issubmitter", "isop", "isauthor"),
    "thread_id": ("threadid", "thread", "discussionid", "articleid", "topicid"),
    "title": ("title", "headline", "threadtitle", "articletitle", "subject"),
    "post": ("posttext", "article", "articletext", "selftext", "post"),
}

Row = Mapping[str, object]
_THE_POST = ("0", "-1")  # what exports write where a comment answers no other


def threads_from_rows(rows: Iterable[Row], *, source: str, thread_id: str) -> list[Thread]:
    """Make threads of rows whose keys are column names, guessed by :data:`COLUMNS`.

    Rows with the same ``thread_id`` form one thread, in the order met; without that column all form one.
    A row whose text is None or NaN keeps its place, with an empty text.

    :param source: What to call the table in messages.
    :param thread_id: The thread's id where the rows name none.
    :raises InputError: If there are no rows, or none of the columns holds texts.
    """
    rows = list(rows)
    if not rows:
        raise InputError(f"{source}: the table has no rows. At least one comment was expected.")
    columns = guess_columns(dict.fromkeys(key for row in rows for key in row), source)
    by = _thread_column(rows, columns)
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(_cell(row, by) or thread_id, []).append(row)
    return [_thread(name, group, columns, source) for name, group in grouped.items()]


def guess_columns(names: Iterable[str], source: str) -> dict[str, str]:
    """Map each thing of :data:`COLUMNS` that is there to the table's own column name.

    :raises InputError: If no column of texts is among them.
    """
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(str(name).casefold().replace("_", "").replace("-", "").replace(" ", ""), name)
    found: dict[str, str] = {}
    for thing, candidates in COLUMNS.items():
        column = next((folded[c] for c in candidates if c in folded and folded[c] not in found.values()), None)
        if column is not None:
            found[thing] = column
    if "text" not in found:
        raise InputError(
            f"{source}: no column of comment texts among {', '.join(map(repr, folded.values())) or 'its columns'}."
            f" Name it one of: {', '.join(COLUMNS['text'][:5])}."
        )
    return found


def _thread_column(rows: Sequence[Row], columns: dict[str, str]) -> str | None:
    """The column that tells threads apart: the thread's id, else its title where it repeats over several articles.

    A title that is new on almost every row is the comment's own; it is no longer taken for the thread's.
    """
    if "thread_id" in columns:
        return columns["thread_id"]
    title = columns.get("title")
    distinct = {_cell(row, title) for row in rows} if title else set()
    if title is None or len(distinct) <= 1:
        return None
    if len(distinct) > len(rows) / 2 and title.casefold() in ("title", "subject"):
        del columns["title"]
        return None
    return title


def _thread(thread_id: str, rows: Sequence[Row], columns: Mapping[str, str], source: str) -> Thread:
    times = [_time(row, columns.get("time")) for row in rows]
    comments = [
        Comment(
            id=_cell(row, columns.get("comment_id")) or str(number),
            text=_text(row.get(columns["text"])),
            author=_cell(row, columns.get("author")),
            time=time.time if time else None,
            time_precision=time.precision if time else "second",
            parent_id=_cell(row, columns.get("parent_id")),
            is_post_author=_truth(row.get(columns["is_post_author"])) if "is_post_author" in columns else False,
        )
        for number, (row, time) in enumerate(zip(rows, times, strict=True), 1)
    ]
    n_unread = sum(
        time is None and _cell(row, columns.get("time")) is not None for row, time in zip(rows, times, strict=True)
    )
    doubtful = [f"{n_unread} times were not understood; write them as 2024-05-31 or 31 May 2024"] if n_unread else []
    told = {thing: next((c for r in rows if (c := _cell(r, columns.get(thing)))), "") for thing in ("title", "post")}
    return Thread(
        id=thread_id,
        comments=tuple(_by_author_where_no_id_fits(comments)) if "parent_id" in columns else link_replies(comments),
        source=source,
        post_author=next((c.author for c in comments if c.is_post_author), None),
        report=ReadingReport(sureness="likely", doubtful=tuple(doubtful)),
        **told,
    )


def _by_author_where_no_id_fits(comments: Sequence[Comment]) -> list[Comment]:
    """Resolve "reply to" cells that name a person rather than a comment: their latest comment above."""
    ids = {comment.id for comment in comments}
    latest: dict[str, str] = {}
    resolved = []
    for comment in comments:
        if comment.parent_id is not None and comment.parent_id not in ids:
            comment = replace(comment, parent_id=_resolved(comment.parent_id, ids, latest))
        if comment.author:
            latest[comment.author] = comment.id
        resolved.append(comment)
    return resolved


def _resolved(parent_id: str, ids: set[str], latest: Mapping[str, str]) -> str | None:
    if parent_id in latest:
        return latest[parent_id]
    if parent_id in _THE_POST or parent_id.startswith("t3_"):
        return None
    plain = parent_id.removeprefix("t1_")  # Reddit's ids name their kind
    return plain if plain in ids else parent_id


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: None, NaN of any library, pandas' NA or NaT."""
    if isinstance(value, str | int):
        return False
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, SupportsFloat) and math.isnan(float(value))


def _text(value: object) -> str:
    return "" if is_missing(value) else str(value)


def _cell(row: Row, column: str | None) -> str | None:
    if column is None or is_missing(row.get(column)):
        return None
    text = str(row[column]).strip()
    # A column of whole numbers with gaps comes as floats; "12.0" is not how anybody wrote that id.
    return re.sub(r"^(\d+)\.0$", r"\1", text) or None


def _time(row: Row, column: str | None) -> Moment | None:
    if column is None or is_missing(row.get(column)):
        return None
    value = row[column]
    to_datetime = getattr(value, "to_pydatetime", None)
    return parse_time(to_datetime() if to_datetime else value)


def _truth(value: object) -> bool:
    return not is_missing(value) and str(value).strip().casefold() in ("true", "1", "1.0", "yes", "y")
