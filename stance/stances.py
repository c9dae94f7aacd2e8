"""The answers: one stance a comment, and the table of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from stance.calibration import Calibration
from stance.encoding import normalize
from stance.errors import InputError
from stance.prevalence import KnownErrors
from stance.scores import Scores
from stance.sides import SENTIMENTS, Side, Sides
from stance.thread import Comment, Thread

if TYPE_CHECKING:
    import datasets
    import pandas as pd

_LONGEST_SHOWN = 20  # rows in a repr or a notebook


@dataclass(frozen=True)
class Stance:
    """What one comment says, as far as the model can tell.

    :param label: ``"pro-council"``, ``"pro-union"``, ``"neutral"``, or the sides' own labels.
    :param probability: Of ``label``, calibrated, in [0, 1].
    :param probabilities: Of each side, then of neutral; sum 1.
    :param sentiment: Tone: ``"negative"``, ``"neutral"`` or ``"positive"``.
    :param sentiment_probabilities: In that order; sum 1.
    :param sure: True where ``probability`` passes the threshold that held 90 % precision on held-out labels.
    :param truncated: Tokens of the comment that the model did not see.
    :param reason: Why the comment was not classified but set to neutral; empty where it was classified.
    """

    thread_id: str
    comment: Comment
    label: str
    probability: float
    probabilities: tuple[float, ...]
    sentiment: str
    sentiment_probabilities: tuple[float, float, float]
    sure: bool
    truncated: int = 0
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Stances:
    """A table of stances, in comment order.

    :param sides: Whose labels the stances carry. Names may differ from thread to thread; labels do not.
    :param thread_ids: *Shape:* ``(n,)``
    :param comments: *Shape:* ``(n,)``
    :param probabilities: Of each side, then of neutral; calibrated. *Shape:* ``(n, sides + 1)``, float64
    :param sentiment_probabilities: Of negative, neutral, positive; calibrated. *Shape:* ``(n, 3)``, float64
    :param sure: *Shape:* ``(n,)``, bool
    :param truncated: Tokens left out. *Shape:* ``(n,)``, int32
    :param reasons: Why a comment was not classified; empty where it was. *Shape:* ``(n,)``
    :param stance_errors: How the model's stances err on held-out labels; None where that is not known, as of three or
        four sides.
    :param tone_errors: Likewise its tones.
    :param has_texts: False where the comments' texts are left out; tables then hold null in their place.
    """

    sides: Sides
    thread_ids: tuple[str, ...]
    comments: tuple[Comment, ...]
    probabilities: npt.NDArray[np.float64]
    sentiment_probabilities: npt.NDArray[np.float64]
    sure: npt.NDArray[np.bool_]
    truncated: npt.NDArray[np.int32]
    reasons: tuple[str, ...]
    stance_errors: KnownErrors | None = None
    tone_errors: KnownErrors | None = None
    has_texts: bool = True

    def __len__(self) -> int:
        return len(self.comments)

    def __iter__(self) -> Iterator[Stance]:
        return (self._stance(i) for i in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Stance: ...
    @overload
    def __getitem__(self, index: slice) -> Stances: ...
    def __getitem__(self, index: int | slice) -> Stance | Stances:
        if isinstance(index, slice):
            return self._rows(range(len(self))[index])
        return self._stance(range(len(self))[index])

    @property
    def labels(self) -> list[str]:
        """The stance of each comment. *Shape:* ``(n,)``"""
        return [self.sides.labels[i] for i in self.probabilities.argmax(axis=1)] if len(self) else []

    def of_thread(self, thread_id: str) -> Stances:
        """The rows of one thread.

        :raises InputError: If there are none.
        """
        rows = [i for i, name in enumerate(self.thread_ids) if name == thread_id]
        if not rows:
            known = ", ".join(dict.fromkeys(self.thread_ids)) or "none"
            raise InputError(f"There are no stances of a thread {thread_id!r}; of these there are: {known}.")
        return self._rows(rows)

    def one_against_others(self, label: str) -> Stances:
        """Of three or four sides one, against the others taken together: two sides, which :func:`stance.summarize` and
        all that shows it take.

        The others' probabilities are added up, so that a comment may be with "others" though none of them alone is
        likelier than the one; where the model hardly tells the sides apart, the others are likelier by their number.
        The shares that come of it are counts: how the model errs is known for two sides only.

        :param label: A side's label or its stance: ``"tenants"`` or ``"pro-tenants"``.
        :raises InputError: If there is no such side, there are but two, or one is itself labelled "others".
        """
        sides = self.sides.one_against_others(label)
        place = self.sides.place_of(label)
        one, neutral = self.probabilities[:, place], self.probabilities[:, -1]
        others = np.delete(self.probabilities[:, :-1], place, axis=1).sum(axis=1)
        return replace(self, sides=sides, probabilities=np.column_stack([one, others, neutral]))

    def refuse_many_sides(self, what: str) -> None:
        """Refuse three and four sides for what shows two.

        :param what: Its name, at the beginning of a sentence.
        :raises InputError: If there are more than two.
        """
        if len(self.sides) > 2:
            one, *_ = (side.label for side in self.sides.all)
            raise InputError(
                f"{what} shows two sides, but these stances are of {len(self.sides)}. Show each against the others:"
                f" hand in stances.one_against_others({one!r}), and so on for every side."
            )

    def without_texts(self) -> Stances:
        """The same stances, of comments whose texts are left out."""
        bare = tuple(replace(comment, text="", quoted="") for comment in self.comments)
        return replace(self, comments=bare, has_texts=False)

    def to_records(self) -> list[dict[str, Any]]:
        """One dict a comment, with the keys of the row format; times as ISO 8601 strings."""
        return [self._record(stance) for stance in self]

    def to_pandas(self) -> pd.DataFrame:
        """A frame with the columns of the row format, one row a comment."""
        import pandas as pd

        return pd.DataFrame(self.to_records(), columns=self.columns)

    def to_dataset(self) -> datasets.Dataset:
        """A ``datasets.Dataset`` with the columns of the row format, one row a comment."""
        import datasets

        records = self.to_records()
        features = datasets.Features({column: datasets.Value(type_of(column)) for column in self.columns})
        return datasets.Dataset.from_dict({c: [record[c] for record in records] for c in self.columns}, features)

    @property
    def columns(self) -> list[str]:
        """Names of the row format's columns, in order."""
        return columns_of(self.sides)

    def __repr__(self) -> str:
        counts = ", ".join(f"{self.labels.count(label)} {label}" for label in self.sides.labels)
        width = max(map(len, self.sides.labels))
        head = f"Stances of {len(self)} comments: {counts}"
        lines = [
            f"  {stance.label:<{width}} {stance.probability:4.0%}{' ' if stance.sure else '?'} {stance.sentiment:<8}"
            f" {stance.comment.author or '-'}: {_short(stance.comment.text, 60)}"
            for stance in self[:_LONGEST_SHOWN]
        ]
        rest = [f"  … and {len(self) - _LONGEST_SHOWN} more"] if len(self) > _LONGEST_SHOWN else []
        return "\n".join([head, *lines, *rest])

    def _repr_html_(self) -> str:
        from stance.views import view_of_stances

        return view_of_stances(self)

    def _stance(self, i: int) -> Stance:
        best = int(self.probabilities[i].argmax())
        down, calm, up = map(float, self.sentiment_probabilities[i])
        return Stance(
            thread_id=self.thread_ids[i],
            comment=self.comments[i],
            label=self.sides.labels[best],
            probability=float(self.probabilities[i, best]),
            probabilities=tuple(map(float, self.probabilities[i])),
            sentiment=SENTIMENTS[int(self.sentiment_probabilities[i].argmax())],
            sentiment_probabilities=(down, calm, up),
            sure=bool(self.sure[i]),
            truncated=int(self.truncated[i]),
            reason=self.reasons[i],
        )

    def _rows(self, rows: Sequence[int]) -> Stances:
        chosen = list(rows)
        return replace(
            self,
            thread_ids=tuple(self.thread_ids[i] for i in chosen),
            comments=tuple(self.comments[i] for i in chosen),
            probabilities=self.probabilities[chosen],
            sentiment_probabilities=self.sentiment_probabilities[chosen],
            sure=self.sure[chosen],
            truncated=self.truncated[chosen],
            reasons=tuple(self.reasons[i] for i in chosen),
        )

    def _record(self, stance: Stance) -> dict[str, Any]:
        values = [
            *comment_record(stance.thread_id, stance.comment, self.has_texts).values(),
            stance.label,
            *stance.probabilities,
            stance.sentiment,
            *stance.sentiment_probabilities,
            stance.sure,
            stance.truncated,
            stance.reason or None,
        ]
        return dict(zip(self.columns, values, strict=True))


COMMENT_COLUMNS = ("thread_id", "comment_id", "parent_id", "author", "is_post_author", "time", "text")


def comment_record(thread_id: str, comment: Comment, has_text: bool = True) -> dict[str, Any]:
    """A comment as a row of ``stance read``; without its text where that is to be left out."""
    values = (
        thread_id,
        comment.id,
        comment.parent_id,
        encodable(comment.author),
        comment.is_post_author,
        comment.iso_time,
        encodable(comment.text) if has_text else None,
    )
    return dict(zip(COMMENT_COLUMNS, values, strict=True))


def calibrate(threads: Sequence[Thread], scores: Scores, calibration: Calibration) -> Stances:
    """Make stances of scores.

    :param threads: Those whose comments were scored, in the same order.
    :raises InputError: If the scores are not those of the threads' comments.
    """
    pairs = [(thread.id, comment) for thread in threads for comment in thread.comments]
    if [(name, comment.id) for name, comment in pairs] != list(zip(scores.thread_ids, scores.comment_ids, strict=True)):
        raise InputError(
            f"The scores ({len(scores)} comments) are not those of the threads given ({len(pairs)} comments)."
            " Hand in the same threads, in the same order, as were scored."
        )
    probabilities = calibration.stance_probabilities(scores)
    classified = np.array([not reason for reason in scores.reasons], dtype=bool)
    one_pair = len(scores.labels) == 2
    return Stances(
        sides=Sides(*(Side(label, label) for label in scores.labels)),
        thread_ids=scores.thread_ids,
        comments=tuple(comment for _, comment in pairs),
        probabilities=probabilities,
        sentiment_probabilities=calibration.sentiment_probabilities(scores),
        sure=(probabilities.max(axis=1, initial=0.0) >= calibration.sure_threshold) & classified,
        truncated=scores.n_cut,
        reasons=scores.reasons,
        stance_errors=calibration.stance_errors() if one_pair else None,
        tone_errors=calibration.tone_errors() if one_pair else None,
    )


def columns_of(sides: Sides) -> list[str]:
    """Names of the row format's columns for some sides, in order."""
    return [
        *COMMENT_COLUMNS,
        "stance",
        *sides.probability_columns,
        "sentiment",
        *(f"p_{name}" if name != "neutral" else "p_neutral_sentiment" for name in SENTIMENTS),
        "sure",
        "truncated",
        "reason",
    ]


def type_of(column: str) -> str:
    """The Arrow type of a column of the row format."""
    types = {"is_post_author": "bool", "sure": "bool", "truncated": "int32"}
    return types.get(column, "float64" if column.startswith("p_") else "string")


def encodable(text: str | None) -> str | None:
    """A lone surrogate is no character and no table takes it; escaped, it survives."""
    return text if text is None else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _short(text: str, n_chars: int) -> str:
    text = normalize(text)
    return text if len(text) <= n_chars else text[: n_chars - 1] + "…"
