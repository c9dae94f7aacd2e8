"""Rows whose keys are column names, from table files or frames in memory, as threads."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import SupportsFloat

from stance.errors import InputError
from stance.readers.columns import counter_columns, find_header, guess_columns, named
from stance.readers.dates import Moment, parse_time
from stance.readers.rendered import words_quotes_of_either
from stance.readers.replies import link_replies
from stance.readers.wording import clean, one_line
from stance.thread import Comment, ReadingReport, Thread

Row = Mapping[str, object]
_THE_POST = ("0", "-1")  # what exports write where a comment answers no other
_GONE = {"[deleted]": "deleted", "[removed]": "removed"}
# What a moderation desk's export says of what was never shown, or is shown no more; the first that is told counts.
_STATES = {
    "spam": "spam",
    "(?:deleted|removed|trash|trashed|withdrawn)(?:[ _]by[ _][a-z]{1,20})?": "deleted",
    "(?:rejected|unapproved|pending|on hold|held|blocked)": "unapproved",
}
_NUMBERS = re.compile(r"(\d{1,3})[/.-](\d{1,2})[/.-](\d{2}(?:\d{2})?)(?!\d)")  # a date all in numbers, its year last
_STEPS = re.compile(r"\d+(?:[-_.]\d+)*")


def threads_from_rows(rows: Iterable[Row], *, source: str, thread_id: str, from_file: bool = False) -> list[Thread]:
    """Make threads of rows whose keys are column names, guessed by :data:`stance.readers.columns.COLUMNS`.

    Rows with the same ``thread_id`` form one thread, in the order met; without that column all form one.
    A row whose text is None or NaN keeps its place, with an empty text.

    :param source: What to call the table in messages.
    :param thread_id: The thread's id where the rows name none.
    :param from_file: Whether a program wrote the rows: then texts are cleaned, and comments that are gone are counted
        instead of read. In a user's own frame each row stays as it is.
    :raises InputError: If there are no rows, or none of the columns holds texts.
    """
    found = threads_with_rows(rows, source=source, thread_id=thread_id, from_file=from_file)
    return [thread for thread, _ in found]


def threads_with_rows(
    rows: Iterable[Row], *, source: str, thread_id: str, from_file: bool = False
) -> list[tuple[Thread, list[Row]]]:
    """Like :func:`threads_from_rows`, and with each thread the rows of its comments, in their order."""
    rows = list(rows)
    if not rows:
        raise InputError(f"{source}: the table has no rows. At least one comment was expected.")
    columns = guess_columns(dict.fromkeys(key for row in rows for key in row), source)
    by = thread_column(rows, columns)
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(cell_of(row, by) or thread_id, []).append(row)
    day_first = day_first_in(rows, columns)  # one thread's dates may tell what another's leave open
    return [
        (
            thread_of_rows(name, group, columns, source, from_file=from_file, day_first=day_first),
            [row for row in group if not (from_file and gone(row, columns))],
        )
        for name, group in grouped.items()
    ]


def rows_of_cells(lines: Iterable[Sequence[object]], source: str) -> tuple[list[Row], list[list[str]]]:
    """Rows of cells as rows by column name: the header is the first line that names a column of texts.

    :returns: The rows, and the filled cells of each line above the header.
    :raises InputError: If no line near the top is a header.
    """
    rest = (cells for cells in lines if any(_text(cell).strip() for cell in cells))
    header, above = find_header([_text(cell).strip() for cell in cells] for cells in rest)
    guess_columns(filter(None, header), source)  # raises where it is none, naming the columns
    names = named(header)
    return [dict(zip(names, cells, strict=False)) for cells in rest], above


def with_heading(threads: Sequence[Thread], above: Sequence[Sequence[str]]) -> list[Thread]:
    """Threads with the title and the address that stand above the table, where they have none of their own."""
    title = next((line[0] for line in above if len(line) == 1 and "://" not in line[0]), "")
    url = next((cell for line in above for cell in line if cell.startswith(("http://", "https://"))), None)
    return [replace(thread, title=thread.title or title, url=thread.url or url) for thread in threads]


def thread_column(rows: Sequence[Row], columns: dict[str, str]) -> str | None:
    """The column that tells threads apart: the thread's id, else its title where it repeats over several articles.

    A title that is new on almost every row is the comment's own; it is no longer taken for the thread's.
    """
    if "thread_id" in columns:
        return columns["thread_id"]
    url = columns.get("url")
    if url and len({cell_of(row, url) for row in rows}) <= len(rows) / 2:  # else an address of each comment's own
        return url
    title = columns.get("title")
    distinct = {cell_of(row, title) for row in rows} if title else set()
    if title is None or len(distinct) <= 1:
        return None
    if len(distinct) > len(rows) / 2 and title.casefold() in ("title", "subject"):
        del columns["title"]
        return None
    return title


def thread_of_rows(
    thread_id: str,
    rows: Sequence[Row],
    columns: Mapping[str, str],
    source: str,
    *,
    from_file: bool,
    numbers: Sequence[int] | None = None,
    day_first: bool | None = None,
) -> Thread:
    """The thread of rows that belong together.

    :param columns: As :func:`guess_columns` finds them.
    :param numbers: What a row is called that has no id of its own; by default its place among the rows, from 1.
    :param day_first: Whether dates in numbers alone begin with the day; where None, these rows tell.
    """
    kinds = [gone(row, columns) if from_file else None for row in rows]
    told = {thing: next((c for r in rows if (c := cell_of(r, columns.get(thing)))), "") for thing in ("title", "post")}
    url = next((c for r in rows if (c := cell_of(r, columns.get("url")))), None)
    if day_first is None:
        day_first = day_first_in(rows, columns)
    counters = _counters(rows) if not {"comment_id", "parent_id"} & set(columns) else None
    comments: list[Comment] = []
    n_unread = n_numeric = 0
    for number, (row, kind) in enumerate(zip(rows, kinds, strict=True)):
        if kind:
            continue
        time = _time(row, columns.get("time"), day_first)
        n_unread += time is None and cell_of(row, columns.get("time")) is not None
        n_numeric += day_first is not None and _NUMBERS.match(str(row.get(columns["time"])).strip()) is not None
        own_id, parent_id = counters[number] if counters else (None, None)
        words, quoted = _words(row.get(columns["text"]), source) if from_file else (_text(row.get(columns["text"])), "")
        author = cell_of(row, columns.get("author"))
        comments.append(
            Comment(
                id=cell_of(row, columns.get("comment_id")) or own_id or str(numbers[number] if numbers else number + 1),
                text=words,
                author=one_line(author) or None if author and from_file else author,
                time=time.time if time else None,
                time_precision=time.precision if time else "second",
                parent_id=cell_of(row, columns.get("parent_id")) or parent_id,
                is_post_author=_truth(row.get(columns["is_post_author"])) if "is_post_author" in columns else False,
                quoted=quoted,
            )
        )
    shows_parents = "parent_id" in columns or counters is not None
    return Thread(
        id=thread_id,
        comments=tuple(_by_author_where_no_id_fits(comments)) if shows_parents else link_replies(comments),
        source=source,
        post_author=next((c.author for c in comments if c.is_post_author), None),
        url=url if url and url.startswith("http") else None,
        report=_report([kind for kind in kinds if kind], n_unread, n_numeric, day_first),
        **told,
    )


def _report(gone: Sequence[str], n_unread: int, n_numeric: int, day_first: bool | None) -> ReadingReport:
    order = "day before month" if day_first else "month before day"
    return ReadingReport(
        sureness="likely",
        dropped={kind: gone.count(kind) for kind in dict.fromkeys(gone)},
        remarks=(f"{n_numeric} dates in numbers alone were read {order}, as others of the table show",)
        if n_numeric
        else (),
        doubtful=(f"{n_unread} times were not understood; write them as 2024-05-31 or 31 May 2024",)
        if n_unread
        else (),
    )


def gone(row: Row, columns: Mapping[str, str]) -> str | None:
    """What kind of thing a row is that is shown no more."""
    for kind in ("spam", "deleted"):
        if kind in columns and _truth(row.get(columns[kind])):
            return kind
    state = (cell_of(row, columns.get("state")) or "").casefold()
    told = next((kind for word, kind in _STATES.items() if re.match(rf"(?:.*\b)?{word}\b", state[:60])), None)
    return told or _GONE.get(_text(row.get(columns["text"])).strip())


def _words(value: object, source: str) -> tuple[str, str]:
    words, quoted = words_quotes_of_either(_text(value), source)
    return clean(words), clean(quoted)


def day_first_in(rows: Iterable[Row], columns: Mapping[str, str]) -> bool | None:
    """Whether dates in numbers alone begin with the day: one beyond 12 tells, where no other contradicts it."""
    values = [row.get(columns["time"]) for row in rows] if "time" in columns else []
    found = [match for value in values if isinstance(value, str) and (match := _NUMBERS.match(value.strip()))]
    first, second = any(int(m[1]) > 12 for m in found), any(int(m[2]) > 12 for m in found)
    return first if first != second else None


def _counters(rows: Sequence[Row]) -> list[tuple[str | None, str | None]] | None:
    """Ids and parents by a nameless column that counts answers with the comment they answer: 1, 1-1, 1-2, 2."""
    names = counter_columns(rows[0])
    found: list[tuple[str | None, str | None]] = []
    for row in rows:
        cells = [cell for name in names if (cell := cell_of(row, name)) and _STEPS.fullmatch(cell)]
        own = max(cells, key=len, default=None)
        above = re.sub(r"[-_.]?\d+$", "", own) if own else ""
        found.append((own, above or None))
    return found if any(parent for _, parent in found) else None


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


def cell_of(row: Row, column: str | None) -> str | None:
    """A cell as text without white space around it; None where it is empty, or there is no such column."""
    if column is None or is_missing(row.get(column)):
        return None
    value = row[column]
    if isinstance(value, dict):  # {"name": "Ann", "id": 7}, of JSON
        known = ("name", "displayname", "display_name", "display", "username", "user_name", "login", "handle", "id")
        value = next((value[key] for key in known if value.get(key)), value)
    text = str(value).strip()
    # A column of whole numbers with gaps comes as floats; "12.0" is not how anybody wrote that id.
    return (re.sub(r"^(\d+)\.0$", r"\1", text) if text.endswith(".0") else text) or None


def _time(row: Row, column: str | None, day_first: bool | None) -> Moment | None:
    if column is None or is_missing(row.get(column)):
        return None
    value = row[column]
    if isinstance(value, str) and (numbers := _NUMBERS.match(value.strip())):
        year = numbers[3] if len(numbers[3]) == 4 else f"20{numbers[3]}"
        value = f"{numbers[1]}/{numbers[2]}/{year}{value.strip()[numbers.end() :]}"
    to_datetime = getattr(value, "to_pydatetime", None)
    return parse_time(to_datetime() if to_datetime else value, day_first=day_first)


def _truth(value: object) -> bool:
    return not is_missing(value) and str(value).strip().casefold() in ("true", "1", "1.0", "yes", "y")
