"""A labelling sheet: comments for a person to label, with what they must know of each; written out and read back."""

from __future__ import annotations

import hashlib
import html
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.encoding import Example, make_example, normalize, unreadable_reason
from stance.errors import InputError
from stance.gazetteer import sides_of
from stance.inputs import as_threads
from stance.labelled import LabelledComments, LabelledExample, read_labels, stance_spellings
from stance.labelling.files import cell_text, write_csv, write_excel
from stance.labelling.guide import guide
from stance.labelling.page import page
from stance.readers.rows import read_rows
from stance.readers.tables import Row, cell_of
from stance.row_context import PARENT_TEXT, SIDES
from stance.sides import SENTIMENTS, Sides
from stance.stances import comment_record, encodable
from stance.thread import Comment, Thread
from stance.writing import write_json_lines

if TYPE_CHECKING:
    from stance.inputs import Debates

#: Columns of a sheet, in order: what a person fills in and needs to see, then what the program needs.
COLUMNS = (
    *("stance", "sentiment", "title", PARENT_TEXT, "author", "text"),
    *("thread_id", "comment_id", "parent_id", "is_post_author", "time", "post", SIDES, "text_sha256"),
)
_FRAME_PIXELS = 720  # height of the page in a notebook


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """A comment to be labelled.

    :param comment: The comment itself.
    :param example: The same with what its label may depend on: the sides, the title, the post, what it answers.
    """

    comment: Comment
    example: Example

    @classmethod
    def of(cls, thread: Thread, comment: Comment, sides: Sides) -> SheetRow:
        """A comment of a thread, with its surroundings."""
        return cls(comment=comment, example=make_example(thread, comment, sides))


@dataclass(frozen=True)
class LabellingSheet:
    """Comments for a person to label. In a notebook it shows itself as a page where one labels with keys.

    :param rows: In the order in which they are to be labelled.
    :raises InputError: If there are none, one comes twice, or their sides have different labels.
    """

    rows: tuple[SheetRow, ...]

    def __post_init__(self) -> None:
        if not self.rows:
            raise InputError("A labelling sheet needs at least one comment, but none came.")
        labels = sorted({row.example.sides.labels for row in self.rows})
        if len(labels) > 1:
            raise InputError(f"One sheet asks about the same sides, but the comments have {len(labels)}: {labels}.")
        key, n = Counter(map(_key, self.rows)).most_common(1)[0]
        if n > 1:
            raise InputError(f"Comment {key[1]!r} of thread {key[0]!r} comes {n} times. Give threads different ids.")

    @classmethod
    def of(cls, threads: Debates, sides: Sides | Mapping[str, Sides] | None = None) -> LabellingSheet:
        """A sheet of every comment that can be read, in page order.

        :param threads: As in :meth:`StanceModel.classify`; likewise ``sides``.
        """
        named = [(thread, sides_of(thread, sides)) for thread in as_threads(threads)]
        return cls(
            tuple(
                SheetRow.of(thread, comment, its_sides)
                for thread, its_sides in named
                for comment in thread.comments
                if not unreadable_reason(comment.text)
            )
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[SheetRow]:
        return iter(self.rows)

    @property
    def labels(self) -> tuple[str, ...]:
        """The stances to choose from, in column order."""
        return self.rows[0].example.sides.labels

    def to_records(self) -> list[dict[str, Any]]:
        """One dict a row with the keys of :data:`COLUMNS`; ``stance`` and ``sentiment`` are None."""
        return [_record(row) for row in self.rows]

    def write(self, path: str | Path) -> None:
        """Write the sheet; the path's ending says how.

        ``.html`` is a page that opens in any browser, offline, where one labels with keys and downloads JSON lines.
        ``.xlsx`` (extra ``excel``) has drop-downs, and the guide on a second sheet. ``.csv`` and ``.jsonl`` are plain.

        :raises InputError: If the ending is none of these, the file cannot be written, or openpyxl is missing.
        """
        path = Path(path)
        try:
            match path.suffix.casefold():
                case ".html":
                    path.write_text(self.to_html(), "utf-8")
                case ".xlsx":
                    write_excel(self.to_records(), self.labels, guide(self.labels), path)
                case ".csv":
                    write_csv(self.to_records(), path)
                case ".jsonl":
                    with path.open("w", encoding="utf-8", newline="\n") as file:
                        write_json_lines(self.to_records(), file)
                case ending:
                    raise InputError(
                        f"{path}: the ending {ending!r} is not known; .html, .xlsx, .csv or .jsonl was expected."
                    )
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}). Choose another place.") from error

    def to_html(self) -> str:
        """The page where one labels with keys: one file that asks nothing of any network."""
        return page(self.to_records(), self.labels, SENTIMENTS, guide(self.labels))

    def read(self, path: str | Path) -> LabelledComments:
        """Read a sheet that was filled in: a table of any kind, or what the page's button saved.

        Rows are matched by the hash of the text if it is in the sheet once, for a program may change an id (a
        spreadsheet makes 12 of "0012"); else by thread and comment.

        :raises InputError: If the file cannot be read, a row is not of this sheet, its text is not the one that was
            handed out, a label is unknown, or a comment has two.
        """
        place = str(path)
        table = read_rows(path)
        notes: list[str] = []
        sides = {row.example.thread_id: row.example.sides for row in self.rows}
        stances = read_labels(
            [row.get("stance") for row in table], stance_spellings(sides), self.labels, "stance", place, notes
        )
        spelled = {name: i for i, name in enumerate(SENTIMENTS)}
        tones = read_labels([row.get("sentiment") for row in table], spelled, SENTIMENTS, "sentiment", place, notes)
        found: dict[int, tuple[int | None, int | None]] = {}
        for number, (i, label) in enumerate(
            zip(self._places(table, place), zip(stances, tones, strict=True), strict=True), 1
        ):
            if found.setdefault(i, label) != label:
                raise InputError(
                    f"{place}: row {number}: the same comment was labelled otherwise further up. Keep one of the two."
                )
        chosen = [i for i, (stance, _) in sorted(found.items()) if stance is not None]
        if not chosen:
            raise InputError(f"{place}: no row has a stance. Fill in the column 'stance' of some.")
        n_open = len(self) - len(chosen)
        return LabelledComments(
            examples=tuple(LabelledExample(self.rows[i].example, *found[i]) for i in chosen),
            comments=tuple(self.rows[i].comment for i in chosen),
            notes=(*notes, *([f"{n_open} of {len(self)} comments were left open"] if n_open else [])),
        )

    def _places(self, table: Sequence[Row], place: str) -> Iterator[int]:
        """The sheet's row that each row of a table belongs to, its text being the same."""
        by_key = {_key(row): i for i, row in enumerate(self.rows)}
        by_hash = self._rows_by_hash()
        for number, cells in enumerate(table, 1):
            thread_id, comment_id = cell_of(cells, "thread_id"), cell_of(cells, "comment_id")
            i = by_hash.get(cell_of(cells, "text_sha256"), by_key.get((thread_id or "", comment_id or "")))
            if i is None:
                raise InputError(
                    f"{place}: row {number}: comment {comment_id!r} of thread {thread_id!r} is not in this sheet. Read"
                    " it with the sheet that it was written from."
                )
            self._refuse_changed_text(i, cell_of(cells, "text") or "", f"{place}: row {number}")
            yield i

    def _rows_by_hash(self) -> dict[str | None, int]:
        """Rows whose text is in the sheet once."""
        hashes = [text_hash(row.comment.text) for row in self.rows]
        n_of = Counter(hashes)
        return {name: i for i, name in enumerate(hashes) if n_of[name] == 1}

    def _refuse_changed_text(self, i: int, came: str, place: str) -> None:
        handed_out = self.rows[i].comment.text
        # Files hold no halves of characters, and a cell no more than fits; blank space counts for nothing.
        written = encodable(handed_out) or ""
        if normalize(came) not in map(normalize, (handed_out, written, cell_text(written))):
            raise InputError(
                f"{place}: the text of comment {self.rows[i].comment.id!r} is not the one that was handed out, so its"
                f" label may not be its own. It begins {came[:40]!r}, but {handed_out[:40]!r} was expected. Put the"
                " text back, or empty the label and label the comment anew."
            )

    def _repr_html_(self) -> str:
        # The frame has an origin of its own: whatever a comment holds, it is shut off from the notebook.
        return (
            f'<iframe sandbox="allow-scripts allow-downloads" style="width:100%;height:{_FRAME_PIXELS}px;border:0"'
            f' srcdoc="{html.escape(self.to_html())}"></iframe>'
        )


def worth_labelling(rows: Iterable[SheetRow], labelled: LabelledComments | None = None) -> list[SheetRow]:
    """Rows whose label would be new: those with words, without those that are labelled, or say the same as another.

    :param labelled: What is labelled already.
    """
    examples = [] if labelled is None else [one.example for one in labelled.examples]
    keys = {(example.thread_id, example.comment_id) for example in examples}
    said = {_words(example.text) for example in examples}
    kept = []
    for row in rows:
        words = _words(row.comment.text)
        if not unreadable_reason(row.comment.text) and _key(row) not in keys and words not in said:
            said.add(words)
            kept.append(row)
    return kept


def text_hash(text: str) -> str:
    """What tells whether a text is still the one that was labelled: the beginning of its sha256.

    Blank space and invisible characters count for nothing, for programs change them on the way.
    """
    return hashlib.sha256(normalize(text).encode("utf-8")).hexdigest()[:16]


def _words(text: str) -> str:
    return normalize(text).casefold()


def _key(row: SheetRow) -> tuple[str, str]:
    return row.example.thread_id, row.comment.id


def _record(row: SheetRow) -> dict[str, Any]:
    example = row.example
    values = {
        "stance": None,
        "sentiment": None,
        **comment_record(example.thread_id, row.comment),
        "title": encodable(example.title),
        "post": encodable(example.post),
        PARENT_TEXT: encodable(example.parent),
        SIDES: example.sides.written,
        "text_sha256": text_hash(row.comment.text),
    }
    return {name: values[name] for name in COLUMNS}
