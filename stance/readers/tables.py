"""Tables of comments: CSV, TSV, JSON lines, JSON arrays, Parquet, and frames already in memory."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import SupportsFloat

from stance.errors import InputError
from stance.readers.dates import parse_time
from stance.readers.files import read_bytes, read_text
from stance.readers.replies import link_replies
from stance.thread import Comment, Thread

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
TABLE_ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")

Row = Mapping[str, object]
_THE_POST = ("0", "-1")  # what exports write where a comment answers no other


def read_table(path: Path) -> list[Thread]:
    """Read a table file as threads.

    :raises InputError: If it cannot be read, is broken (naming the line), or has no column of texts.
    """
    ending = path.suffix.casefold()
    notes: list[str] = []
    if ending == ".parquet":
        rows: Iterable[Row] = _parquet_rows(path)
    else:
        text, notes = read_text(path)
        if ending in (".jsonl", ".ndjson"):
            rows = _json_lines(text, path)
        elif ending == ".json":
            rows = _json_array(text, path)
        else:
            rows = _csv_rows(text, path, "\t" if ending == ".tsv" else None)
    return threads_from_rows(rows, source=str(path), thread_id=path.stem, notes=notes)


def threads_from_rows(rows: Iterable[Row], *, source: str, thread_id: str, notes: Sequence[str] = ()) -> list[Thread]:
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
    return [_thread(name, group, columns, source, notes) for name, group in grouped.items()]


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


def _thread(
    thread_id: str, rows: Sequence[Row], columns: Mapping[str, str], source: str, notes: Sequence[str]
) -> Thread:
    comments = [
        Comment(
            id=_cell(row, columns.get("comment_id")) or str(number),
            text=_text(row.get(columns["text"])),
            author=_cell(row, columns.get("author")),
            time=_time(row, columns.get("time")),
            parent_id=_cell(row, columns.get("parent_id")),
            is_post_author=_truth(row.get(columns["is_post_author"])) if "is_post_author" in columns else False,
        )
        for number, row in enumerate(rows, 1)
    ]
    n_times = sum(
        comment.time is None and _cell(row, columns.get("time")) is not None
        for row, comment in zip(rows, comments, strict=True)
    )
    if n_times:
        notes = (*notes, f"{n_times} times were not understood; write them as 2024-05-31 or 31 May 2024")
    told = {thing: next((c for r in rows if (c := _cell(r, columns.get(thing)))), "") for thing in ("title", "post")}
    return Thread(
        id=thread_id,
        comments=tuple(_by_author_where_no_id_fits(comments)) if "parent_id" in columns else link_replies(comments),
        source=source,
        post_author=next((c.author for c in comments if c.is_post_author), None),
        notes=tuple(notes),
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
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, SupportsFloat) and not isinstance(value, str) and math.isnan(float(value))


def _text(value: object) -> str:
    return "" if is_missing(value) else str(value)


def _cell(row: Row, column: str | None) -> str | None:
    if column is None or is_missing(row.get(column)):
        return None
    text = str(row[column]).strip()
    # A column of whole numbers with gaps comes as floats; "12.0" is not how anybody wrote that id.
    return re.sub(r"^(\d+)\.0$", r"\1", text) or None


def _time(row: Row, column: str | None) -> dt.datetime | None:
    if column is None or is_missing(row.get(column)):
        return None
    value = row[column]
    to_datetime = getattr(value, "to_pydatetime", None)
    return parse_time(to_datetime() if to_datetime else value)


def _truth(value: object) -> bool:
    return not is_missing(value) and str(value).strip().casefold() in ("true", "1", "1.0", "yes", "y")


_SEPARATOR_LINE = re.compile(r"sep=(.)\n")  # how spreadsheets tell one another


def _csv_rows(text: str, path: Path, delimiter: str | None) -> list[Row]:
    named = _SEPARATOR_LINE.match(text)
    delimiter = named[1] if named else delimiter or _guess_delimiter(text)
    text = text[named.end() :] if named else text
    before = csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))  # the csv module's limit is global
    begins = 1
    rows: list[Row] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = [name.strip() for name in next(filter(None, reader))]
        needed = header.index(guess_columns(header, str(path))["text"]) + 1
        begins = reader.line_num + 1
        for cells in reader:
            if cells:
                rows.append(_csv_row(header, cells, needed, delimiter, f"{path}: line {begins}"))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}: what begins on line {begins} is not CSV ({error}). Mend the quotes there and read it again."
        ) from error
    finally:
        csv.field_size_limit(before)
    return rows


def _csv_row(header: list[str], cells: list[str], needed: int, delimiter: str, place: str) -> Row:
    if len(header) == 1:  # a list of texts, their commas their own
        cells = [delimiter.join(cells)]
    if not needed <= len(cells) <= len(header):
        raise InputError(
            f"{place} has {len(cells)} cells, but the header has {len(header)}. Put quotes around texts that hold the"
            " delimiter or a line's end, and double the quotes inside them."
        )
    return dict(zip_longest(header, cells))


def _guess_delimiter(text: str) -> str:
    header = text.lstrip("\n")[:4096].split("\n", 1)[0]
    return max(",;\t|", key=header.count) if any(d in header for d in ",;\t|") else ","


def _json_lines(text: str, path: Path) -> list[Row]:
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{path}: line {number} is not JSON ({error}). Mend or drop the line.") from error
            rows.append(_json_row(row, path, f"line {number}"))
    return rows


def _json_array(text: str, path: Path) -> list[Row]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not JSON ({error}). Export it again.") from error
    if not isinstance(rows, list):
        raise InputError(f"{path}: an array of comments was expected, but the file holds {type(rows).__name__}.")
    return [_json_row(row, path, f"item {number}") for number, row in enumerate(rows, 1)]


def _json_row(row: object, path: Path, place: str) -> Row:
    if isinstance(row, str):
        return {"text": row}
    if not isinstance(row, dict):
        raise InputError(f"{path}: {place} is {type(row).__name__}, but an object with a text was expected.")
    return row


def _parquet_rows(path: Path) -> list[Row]:
    from pyarrow import ArrowException, parquet

    read_bytes(path)
    try:
        rows: list[Row] = parquet.read_table(path).to_pylist()
    except (ArrowException, OSError) as error:
        raise InputError(f"{path}: is not a readable Parquet file ({str(error).splitlines()[0]}).") from error
    return rows
