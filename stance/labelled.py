"""Comments with labels of a person's: read from tables, checked, repaired where that is plain, and never in silence."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from stance.encoding import Example, make_example, normalize, unreadable_reason
from stance.errors import InputError
from stance.gazetteer import sides_of
from stance.readers.columns import guess_columns
from stance.readers.rows import read_rows
from stance.readers.tables import Row, cell_of, is_missing, threads_with_rows
from stance.row_context import answered_rows, sides_in_rows
from stance.sides import MOST_SIDES, NEUTRAL, SENTIMENTS, Side, Sides
from stance.thread import Comment, Thread

if TYPE_CHECKING:
    import datasets
    import pandas as pd

    LabelledRows: TypeAlias = (
        str | os.PathLike[str] | pd.DataFrame | datasets.Dataset | Iterable[Mapping[str, Any]] | "LabelledComments"
    )

#: Columns that may hold the stance, the first that is there being taken; one of a person's own goes before ``stance``,
#: which is what ``stance classify`` wrote.
STANCE_COLUMNS = ("label", "corrected", "corrected_stance", "gold", "stance")
#: Likewise for the sentiment.
SENTIMENT_COLUMNS = ("sentiment_label", "corrected_sentiment", "tone", "sentiment")
FEWEST = 8  # labelled comments; fewer can neither be split nor say how good the result is

_OF_A_PAIR = ("pro-first of a pair", "pro-second of a pair", NEUTRAL)
_NEITHER = ("neutral", "neither", "none", "no side")
_SHOWN = 5  # rows named in a message


@dataclass(frozen=True)
class LabelledExample:
    """An example and what is known of its label.

    :param stance: The column of the label: 0 for side a, 1 for side b and so on, and neutral last; None where unknown.
    :param sentiment: 0 negative, 1 neutral, 2 positive; None where unknown.
    :param two_way: True where the source never says neutral, so that "not neutral" is no evidence.
    :param weight: How much the example counts in the loss.
    :param teacher: Six probabilities that another model gave, three of stance and three of sentiment, or None.
    """

    example: Example
    stance: int | None = None
    sentiment: int | None = None
    two_way: bool = False
    weight: float = 1.0
    teacher: tuple[float, ...] | None = None

    def swapped(self) -> LabelledExample:
        """The same comment with the first two sides named in the other order, its label turned with them."""
        sides = self.example.sides
        stance = None if self.stance is None else {0: 1, 1: 0}.get(self.stance, self.stance)
        teacher = None if self.teacher is None else (self.teacher[1], self.teacher[0], *self.teacher[2:])
        example = replace(self.example, sides=replace(sides, a=sides.b, b=sides.a))
        return replace(self, example=example, stance=stance, teacher=teacher)


@dataclass(frozen=True)
class LabelledComments:
    """Comments that a person labelled, ready to train or to measure.

    :param examples: Those with a stance, in the order of the threads.
    :param comments: The comment of each example. *Shape:* ``(n,)``
    :param notes: What was repaired, left out or is doubtful, a sentence each.
    :param is_by_pair: True where each comment comes once for every two of more than two sides; see
        :func:`stance.pairwise.in_pairs`.
    :raises InputError: If the lengths differ, or the sides' labels.
    """

    examples: tuple[LabelledExample, ...]
    comments: tuple[Comment, ...]
    notes: tuple[str, ...] = ()
    is_by_pair: bool = False

    def __post_init__(self) -> None:
        if len(self.examples) != len(self.comments):
            raise InputError(f"{len(self.examples)} examples came with {len(self.comments)} comments; one each is due.")
        pairs = sorted({labelled.example.sides.labels for labelled in self.examples})
        if len(pairs) > 1 and not self.is_by_pair:
            raise InputError(f"Labelled comments are of the same sides, but came with {len(pairs)}: {pairs}.")

    def __len__(self) -> int:
        return len(self.examples)

    def chosen(self, rows: Iterable[int]) -> LabelledComments:
        """Some of them, by their places."""
        places = list(map(int, rows))
        return replace(
            self,
            examples=tuple(self.examples[i] for i in places),
            comments=tuple(self.comments[i] for i in places),
        )

    def swapped(self) -> LabelledComments:
        """All of them with the first two sides in the other order."""
        return replace(self, examples=tuple(labelled.swapped() for labelled in self.examples))

    @property
    def labels(self) -> tuple[str, ...]:
        """The stances, in column order."""
        return _OF_A_PAIR if self.is_by_pair else self.examples[0].example.sides.labels

    @property
    def sha256(self) -> str:
        """One fingerprint of texts, contexts and labels: the same data gives the same, wherever it was read from."""
        digest = hashlib.sha256()
        for labelled in self.examples:
            digest.update(repr(labelled).encode("utf-8", "backslashreplace"))
        return digest.hexdigest()


def read_labelled(rows: LabelledRows, sides: Sides | Mapping[str, Sides] | None = None) -> LabelledComments:
    """Read labelled comments.

    :param rows: A file (JSON lines, CSV, TSV, Parquet, Excel), a pandas frame, a ``datasets.Dataset``, or dicts. A
        column of texts and one of stances are needed (:data:`STANCE_COLUMNS`); thread, author, parent and time are
        taken where there are any, and sentiment where a person gave it (:data:`SENTIMENT_COLUMNS`). A row without a
        label is context for the others.
    :param sides: As in :meth:`StanceModel.classify`: by default council and union, named as the threads name them. For
        a table that ``stance classify`` wrote about other sides, their labels are taken from its columns.
    :raises InputError: If a label is unknown, two rows of one comment contradict each other, or no row has a label.
    """
    if isinstance(rows, LabelledComments):
        return rows
    place, from_file, table = _table_of(rows)
    if not table:
        raise InputError(f"{place}: holds no rows. Labelled comments were expected.")
    names = list(dict.fromkeys(name for row in table for name in row))
    column = _column(names, STANCE_COLUMNS)
    if column is None:
        raise InputError(
            f"{place}: no column of stances among {', '.join(map(repr, names))}. Name it {STANCE_COLUMNS[0]!r} or"
            f" {STANCE_COLUMNS[-1]!r}."
        )
    tone_column = _column(names, SENTIMENT_COLUMNS)
    notes: list[str] = []
    table = _without_doubles(table, column, tone_column, place, notes)
    sides = sides or _sides_in(names) or sides_in_rows(table)
    table += answered_rows(table)
    labels = _labels_of(sides)
    stances = read_labels([row.get(column) for row in table], stance_spellings(sides), labels, column, place, notes)
    tones: list[int | None] = [None] * len(table)
    if tone_column and not _untouched(table, tone_column, _TONE_CHANCES, SENTIMENTS):
        spelled = {name: i for i, name in enumerate(SENTIMENTS)}
        tones = read_labels([row.get(tone_column) for row in table], spelled, SENTIMENTS, tone_column, place, notes)
    _look_for_corrections(table, column, labels, place, notes)
    marked = [{**row, _MARK: place} for place, row in enumerate(table)]
    threads = threads_with_rows(marked, source=place, thread_id="labelled", from_file=from_file)
    label_of = [
        (thread, [(stances[cast(int, row[_MARK])], tones[cast(int, row[_MARK])]) for row in its_rows])
        for thread, its_rows in threads
    ]
    notes += [note for thread, _ in threads for note in thread.notes]
    return label_comments(label_of, sides, notes=notes, place=place)


def label_comments(
    threads: Iterable[tuple[Thread, Sequence[tuple[int | None, int | None]]]],
    sides: Sides | Mapping[str, Sides] | None = None,
    *,
    notes: Sequence[str] = (),
    place: str = "the labelled comments",
) -> LabelledComments:
    """Put threads and labels together.

    :param threads: Each with the stance and the sentiment of its comments, in their order, None where unknown.
    :param sides: See :func:`read_labelled`.
    :param notes: What is known of the data already; more is added.
    :param place: What to call the data in messages.
    :raises InputError: If no comment with words has a stance.
    """
    examples: list[LabelledExample] = []
    comments: list[Comment] = []
    n_unlabelled = n_wordless = 0
    for thread, labels in threads:
        its_sides = sides_of(thread, sides)
        for comment, (stance, tone) in zip(thread.comments, labels, strict=True):
            if stance is None:
                n_unlabelled += 1
            elif unreadable_reason(comment.text):
                n_wordless += 1
            else:
                examples.append(LabelledExample(make_example(thread, comment, its_sides), stance, tone))
                comments.append(comment)
    found = list(notes)
    if n_unlabelled:
        found.append(f"{n_unlabelled} rows have no stance; they serve as context only")
    if n_wordless:
        found.append(f"{n_wordless} labelled comments hold no words and were left out")
    if not examples:
        raise InputError(f"{place}: no comment with words has a stance. Label some, in a column 'label'.")
    return LabelledComments(tuple(examples), tuple(comments), tuple(found))


_MARK = "\0row"  # no column is called so
_TONE_CHANCES = ("p_negative", "p_neutral_sentiment", "p_positive")


def _table_of(rows: Any) -> tuple[str, bool, list[Row]]:
    """What to call the rows, whether they come from a file, and the rows."""
    if isinstance(rows, str | os.PathLike):
        return str(rows), True, read_rows(rows)
    if hasattr(rows, "column_names"):
        return "the dataset", False, list(rows)
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):
        return "the frame", False, rows.to_dict(orient="records")
    table = list(rows) if isinstance(rows, Iterable) else [rows]
    for number, row in enumerate(table, 1):
        if not isinstance(row, Mapping):
            raise InputError(f"Row {number} is {type(row).__name__}, but labelled rows (dicts, a frame) were expected.")
    return "the rows", False, table


def _column(names: Iterable[str], candidates: Sequence[str]) -> str | None:
    folded = {re.sub(r"[\s_-]+", "_", str(name).strip().casefold()): name for name in names}
    return next((folded[name] for name in candidates if name in folded), None)


def _sides_in(names: Sequence[str]) -> Sides | None:
    """Sides by the columns of ``stance classify``; None for council and union, which are then found by name."""
    chances = [name for name in names if name.startswith("p_") and name not in (*_TONE_CHANCES, f"p_{NEUTRAL}")]
    if not 2 <= len(chances) <= MOST_SIDES or chances == ["p_council", "p_union"]:
        return None
    if len(chances) > 2 and list(names[names.index(chances[0]) :][: len(chances) + 1]) != [*chances, f"p_{NEUTRAL}"]:
        return None  # more than the two columns of sides begin so, but not all are such
    return Sides(*(Side(label, label) for label in (name.removeprefix("p_") for name in chances)))


def _labels_of(sides: Sides | Mapping[str, Sides] | None) -> tuple[str, ...]:
    if sides is None:
        return Sides.council_union().labels
    return sides.labels if isinstance(sides, Sides) else next(iter(sides.values())).labels


def stance_spellings(sides: Sides | Mapping[str, Sides] | None) -> dict[str, int]:
    """Column of a stance by each way it may be written, as :func:`fold_label` gives it."""
    known = [Sides.council_union()] if sides is None else [sides] if isinstance(sides, Sides) else list(sides.values())
    spelled = {fold_label(word): len(known[0]) for word in _NEITHER}
    for its in known:
        for i, side in enumerate(its.all):
            for word in (side.label, *(() if sides is None else (side.name, *side.aliases))):
                spelled[fold_label(word)] = spelled[fold_label(f"pro {word}")] = i
    return spelled


def fold_label(label: object) -> str:
    """A label without what people write in different ways: case, blanks, hyphens, underscores."""
    return re.sub(r"[\s_–-]+", " ", str(label).strip().casefold())


def read_labels(
    cells: Sequence[object],
    spelled: Mapping[str, int],
    labels: Sequence[str],
    column: str,
    place: str,
    notes: list[str],
) -> list[int | None]:
    """Columns of labels as people write them, None where a cell is empty.

    :param spelled: Column of a label by each way it may be written, as :func:`fold_label` gives it.
    :param labels: The labels as they are.
    :param column: The table's column, for messages; likewise ``place``.
    :param notes: What was repaired is added.
    :raises InputError: If a label is not known.
    """
    unknown: Counter[str] = Counter()
    repaired: Counter[tuple[str, str]] = Counter()
    read: list[int | None] = []
    for cell in cells:
        if is_missing(cell) or not str(cell).strip():
            read.append(None)
            continue
        found = spelled.get(fold_label(cell))
        read.append(found)
        if found is None:
            unknown[str(cell)] += 1
        elif str(cell) != labels[found]:
            repaired[str(cell), labels[found]] += 1
    if unknown:
        some = ", ".join(f"{label!r} ({n})" for label, n in unknown.most_common(_SHOWN))
        raise InputError(
            f"{place}: column {column!r} holds labels that are not known: {some}. Expected were"
            f" {', '.join(labels)}, or nothing where a row is not labelled. For other sides, name them:"
            " sides=Sides(Side(...), Side(...)), on the command line --sides LABEL_A=NAME,LABEL_B=NAME."
        )
    for (written, meant), n in repaired.items():
        notes.append(f"{written!r} was read as {meant} ({n})")
    return read


def _without_doubles(
    table: Sequence[Row], column: str, tone_column: str | None, place: str, notes: list[str]
) -> list[Row]:
    """One row a comment: the same id with the same words is the same comment; without ids, the same words by the same
    writer are, if their labels differ."""
    columns = guess_columns(list(dict.fromkeys(name for row in table for name in row)), place)
    has_ids = "comment_id" in columns
    things = ("thread_id", "comment_id", "text") if has_ids else ("thread_id", "author", "parent_id", "text")
    kept: dict[object, tuple[int, Row]] = {}
    conflicts: list[str] = []
    n_same = 0
    for number, row in enumerate(table, 1):
        key: object = tuple(normalize(cell_of(row, columns.get(thing)) or "") for thing in things)
        if has_ids and not cell_of(row, columns["comment_id"]):
            key = number
        first, seen = kept.setdefault(key, (number, row))
        if first == number:
            continue
        for name in filter(None, (column, tone_column)):
            one, other = cell_of(seen, name), cell_of(row, name)
            if one and other and fold_label(one) != fold_label(other):
                conflicts.append(f"rows {first} and {number} ({name} {one!r}, {other!r})")
        if has_ids:
            n_same += 1
            if not cell_of(seen, column):
                kept[key] = (first, row)
        else:
            kept[number] = (number, row)
    if conflicts:
        some = "; ".join(conflicts[:_SHOWN]) + (f"; and {len(conflicts) - _SHOWN} more" if conflicts[_SHOWN:] else "")
        raise InputError(
            f"{place}: the same comment has different labels: {some}. Decide for one of them; comments of different"
            " people need different ids in a column 'comment_id'."
        )
    if n_same:
        notes.append(f"{n_same} rows came twice and count once")
    return [row for _, row in sorted(kept.values(), key=lambda pair: pair[0])]


def _untouched(table: Sequence[Row], column: str, chances: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether a column holds just what a model's probabilities beside it say, so that no person has spoken."""
    asked = [row for row in table if cell_of(row, column)]
    return bool(asked) and all(_as_the_model_said(row, column, chances, labels) for row in asked)


def _as_the_model_said(row: Row, column: str, chances: Sequence[str], labels: Sequence[str]) -> bool:
    try:
        values = [float(cast(Any, row[name])) for name in chances]
    except (KeyError, TypeError, ValueError):
        return False
    return fold_label(row[column]) == fold_label(labels[max(range(len(values)), key=values.__getitem__)])


def _look_for_corrections(
    table: Sequence[Row], column: str, labels: tuple[str, ...], place: str, notes: list[str]
) -> None:
    """A table that ``stance classify`` wrote teaches only by what a person changed or confirmed in it."""
    chances = [f"p_{label.removeprefix('pro-')}" for label in labels]
    if column != STANCE_COLUMNS[-1] or any(name not in table[0] for name in chances):
        return
    asked = [row for row in table if cell_of(row, column)]
    n_same = sum(_as_the_model_said(row, column, chances, labels) for row in asked)
    if asked and n_same == len(asked):
        raise InputError(
            f"{place}: every stance in it is the one a model gave; a model that learns from its own answers learns"
            f" nothing. Correct them, or put your own into a column {STANCE_COLUMNS[0]!r}."
        )
    if n_same:
        notes.append(
            f"{n_same} of {len(asked)} stances are as a model gave them and count as confirmed; empty those that"
            " nobody looked at"
        )
