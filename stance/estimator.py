"""A model of this library as a scikit-learn classifier."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from stance.adaptation import Way, train
from stance.api import StanceModel, load
from stance.calibration import softmax
from stance.encoding import Example, make_example
from stance.errors import InputError, ModelError
from stance.gazetteer import find_sides
from stance.labelled import LabelledComments, LabelledExample, fold_label, stance_spellings
from stance.readers.columns import guess_columns
from stance.readers.tables import cell_of, is_missing
from stance.sides import MOST_SIDES, NEUTRAL, Side, Sides
from stance.thread import Comment, Thread

Floats = npt.NDArray[np.float64]

_FILE = "estimator.json"
_SCHEMA = 1


class StanceEstimator(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier of comments for scikit-learn's pipelines, searches and cross-validation.

    ``X`` is a list or an array of texts, of shape ``(n,)`` or ``(n, 1)``; or a list of rows (dicts), or a pandas frame,
    with a column of texts and, where they are known, ``title``, ``post``, ``parent_text``, ``is_post_author`` and
    ``author``, such as :meth:`LabellingSheet.to_records` gives. Each row stands by itself: its answer does not depend
    on the others that come with it.

    ``y`` holds two to five classes in your own spelling, words or numbers. Those that name the sides or neutral are
    known as such; otherwise the class ``neutral`` is none, and the others, sorted, are the two to four sides.

    Hyperparameters are keywords, and stored as they come:

    :param start: The model to start from: a name of the package's, a folder, a hub id, or an open model; None for the
        package's default.
    :param way: ``"head"`` learns the last layer anew, ``"full"`` all weights; see :func:`stance.train`.
    :param sides: Who the sides are; by default council and union, or what the classes are called.
    :param neutral: The class of ``y`` that is no side.
    :param classes: The classes, sorted, for tools that hand on a class's number in their stead, as
        ``CalibratedClassifierCV`` and ``cross_val_predict(method="predict_proba")`` do.
    :param random_state: Seed of all that is drawn.
    :param device: As in :func:`stance.load`.

    After :meth:`fit` there are:

    - ``classes_``: the classes of ``y``, sorted. *Shape:* ``(k,)``
    - ``model_``: the trained :class:`StanceModel`.
    - ``sides_``: the sides it was trained with.
    - ``columns_``: the column of each class (side a, side b and so on, neutral last). *Shape:* ``(k,)``
    """

    def __init__(
        self,
        start: StanceModel | str | Path | None = None,
        *,
        way: Way = "head",
        sides: Sides | None = None,
        neutral: Any = NEUTRAL,
        classes: Sequence[Any] | None = None,
        random_state: int = 0,
        device: str = "auto",
    ) -> None:
        self.start = start
        self.way = way
        self.sides = sides
        self.neutral = neutral
        self.classes = classes
        self.random_state = random_state
        self.device = device

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Train on labelled comments.

        :raises InputError: If ``X`` holds no texts, ``y`` is not as long or has other than two to five classes, or
            there are too few labels; see :func:`stance.train`.
        """
        threads = _threads(X)
        check_classification_targets(y)
        answers = column_or_1d(y, warn=True)
        if len(threads) != len(answers):
            raise InputError(f"X has {len(threads)} comments, but y has {len(answers)} labels. One each was expected.")
        self.classes_, labels = np.unique(answers, return_inverse=True)
        self.sides_, self.columns_ = _meaning(_named(self.classes_, self.classes), self.sides, self.neutral)
        examples = tuple(
            LabelledExample(example, int(self.columns_[label]), two_way=self._neutral not in self.columns_)
            for example, label in zip(self._examples(threads), labels, strict=True)
        )
        comments = tuple(thread.comments[0] for thread in threads)
        self.model_ = train(
            LabelledComments(examples, comments),
            start=self.start,
            way=self.way,
            seed=self.random_state,
            device=self.device,
        )
        return self

    def decision_function(self, X: Any) -> Floats:  # noqa: N803
        """Calibrated log probabilities up to a constant of each row; for two classes, how much likelier the second is.

        :returns: *Shape:* ``(n, k)``, or ``(n,)`` for two classes.
        """
        from stance.inference import score_examples

        check_is_fitted(self)
        examples = self._examples(_threads(X))
        calibration = self.model_.card.calibration
        scores = score_examples(examples, self.model_.opened)
        if scores.n_pairs == 1:
            logits = scores.logits[:, self.columns_].astype(np.float64) / calibration.stance_temperature
        else:
            logits = np.log(calibration.stance_probabilities(scores)[:, self.columns_] + _LEAST)
        unread = np.array([bool(reason) for reason in scores.reasons], dtype=bool)
        logits[unread] = np.where(self.columns_ == self._neutral, _CERTAIN, 0.0)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_proba(self, X: Any) -> Floats:  # noqa: N803
        """Calibrated probabilities of the classes. *Shape:* ``(n, k)``"""
        decisions = self.decision_function(X)
        return softmax(np.column_stack([np.zeros(len(decisions)), decisions]) if decisions.ndim == 1 else decisions)

    def predict(self, X: Any) -> npt.NDArray[Any]:  # noqa: N803
        """The likeliest class of each row, in the spelling of ``y``. *Shape:* ``(n,)``"""
        chosen = self.predict_proba(X).argmax(axis=1)
        answers: npt.NDArray[Any] = self.classes_[chosen]
        return answers

    def save(self, folder: str | Path) -> None:
        """Write the fitted estimator: the model's own folder, and ``estimator.json`` beside it. Nothing is pickled.

        :raises NotFittedError: If it is not fitted.
        """
        check_is_fitted(self)
        self.model_.save(folder)
        told = {
            "schema": _SCHEMA,
            "classes": self.classes_.tolist(),
            "columns": self.columns_.tolist(),
            "sides": None if self.sides_ is None else [asdict(side) for side in self.sides_.all],
            "params": {
                "start": None if self.start is None or isinstance(self.start, StanceModel) else str(self.start),
                "way": self.way,
                "neutral": self.neutral,
                "classes": None if self.classes is None else list(self.classes),
                "random_state": self.random_state,
            },
        }
        (Path(folder) / _FILE).write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: str | Path, *, device: str = "auto") -> Self:
        """Open what :meth:`save` wrote; it answers as it did. An open model given as ``start`` is not kept as such.

        :raises ModelError: If the folder is no model, or holds no estimator.
        """
        path = Path(folder) / _FILE
        if not path.is_file():
            raise ModelError(f"{folder}: holds no {_FILE}. Write one with StanceEstimator.save, or use stance.load.")
        model = load(Path(folder), device=device)
        try:
            told = json.loads(path.read_text("utf-8"))
            if told["schema"] != _SCHEMA:
                raise ModelError(f"{path}: schema {told['schema']} came, {_SCHEMA} was expected. Update stance.")
            sides = None if told["sides"] is None else Sides(*(_side(raw) for raw in told["sides"]))
            if len(told["classes"]) != len(told["columns"]):
                raise ValueError(f"{len(told['classes'])} classes, but {len(told['columns'])} columns")
            estimator = cls(**told["params"], sides=sides, device=device)
            estimator.classes_ = np.array(told["classes"])
            estimator.columns_ = np.array(told["columns"], dtype=np.int64)
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path}: is damaged ({type(error).__name__}: {error}). Get the folder again.") from error
        estimator.sides_ = sides
        estimator.model_ = model
        return estimator

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = True  # a missing text is an empty one
        return tags

    @property
    def _neutral(self) -> int:
        """The column of neutral."""
        return len(self.sides_ or _BARE)

    def _examples(self, threads: Sequence[Thread]) -> list[Example]:
        return [make_example(thread, thread.comments[0], _sides_of_row(thread, self.sides_)) for thread in threads]


_CERTAIN = 50.0  # how much likelier neutral is where there is nothing to read, as a log-odds
_LEAST = 1e-12  # keeps logarithms finite
_BARE = Sides.council_union()


def _threads(X: Any) -> list[Thread]:  # noqa: N803
    """Each row as a thread of its own: the comment, and what it answers if the row says so.

    :raises InputError: If there are no rows, or they hold no texts.
    """
    rows = _rows(X)
    if not rows:
        raise InputError("X holds no comments. A list of texts, rows or a frame with at least one was expected.")
    names = dict.fromkeys(name for row in rows for name in row)
    columns = guess_columns(names, "X")
    threads = []
    for number, row in enumerate(rows):
        text = row.get(columns["text"])
        answered = cell_of(row, _PARENT if _PARENT in names else None)
        comment = Comment(
            id="row",
            text="" if is_missing(text) else str(text),
            author=cell_of(row, columns.get("author")),
            parent_id="parent" if answered else None,
            is_post_author=(cell_of(row, columns.get("is_post_author")) or "").casefold() in ("true", "1", "yes"),
        )
        threads.append(
            Thread(
                id=f"row {number}",
                title=cell_of(row, columns.get("title")) or "",
                post=cell_of(row, columns.get("post")) or "",
                comments=(comment, *([Comment(id="parent", text=answered)] if answered else [])),
            )
        )
    return threads


_PARENT = "parent_text"


def _rows(X: Any) -> list[Mapping[str, Any]]:  # noqa: N803
    if isinstance(X, str | bytes | Mapping):
        raise InputError(
            f"X is a single {type(X).__name__}, but a list of texts or rows was expected. Put it in a list."
        )
    if hasattr(X, "to_dict") and hasattr(X, "columns"):
        rows: list[Mapping[str, Any]] = X.to_dict(orient="records")
        return rows
    if hasattr(X, "ndim") and hasattr(X, "shape"):
        if X.ndim != 1 and not (X.ndim == 2 and X.shape[1] == 1):
            raise InputError(f"X has the shape {X.shape}, but texts of shape (n,) or (n, 1) were expected.")
        return [_row(item, place) for place, item in enumerate(np.asarray(X, dtype=object).ravel())]
    if not isinstance(X, Iterable):
        raise InputError(f"X is {type(X).__name__}, but a list of texts or rows was expected.")
    return [_row(item, place) for place, item in enumerate(X)]


def _row(item: Any, place: int) -> Mapping[str, Any]:
    if isinstance(item, Mapping):
        return item
    if isinstance(item, str) or is_missing(item):
        return {"text": item}
    raise InputError(f"Row {place} of X is {type(item).__name__}, but a text or a dict was expected.")


def _sides_of_row(thread: Thread, sides: Sides | None) -> Sides:
    if sides is not None:
        return sides
    # The names stand in the headline and the post; what one comment says must not change who the sides are.
    return find_sides(replace(thread, comments=())).sides if thread.title or thread.post else _BARE


def _named(found: npt.NDArray[Any], classes: Sequence[Any] | None) -> list[Any]:
    """What the classes found are called, where they may be numbers of classes."""
    labels: list[Any] = found.tolist()
    if classes is None or set(labels) <= set(classes):
        return labels
    if not set(labels) <= set(range(len(classes))):
        raise InputError(
            f"y has the classes {labels}, which are neither among classes={list(classes)} nor their numbers."
        )
    return [classes[label] for label in labels]


def _meaning(classes: Sequence[Any], sides: Sides | None, neutral: Any) -> tuple[Sides | None, npt.NDArray[np.int64]]:
    """The sides to train with, and the model's column of each class."""
    told = ", ".join(map(repr, classes))
    if not 2 <= len(classes) <= MOST_SIDES + 1:
        raise InputError(
            f"y has {len(classes)} classes ({told}), but two to four sides and neutral, or two of these, were expected."
        )
    spelled = stance_spellings(sides)
    last = len(sides or _BARE)
    found = [last if label == neutral else spelled.get(fold_label(label)) for label in classes]
    if None not in found and len(set(found)) == len(found):
        return sides, np.array(found, dtype=np.int64)
    others = [label for label in classes if label != neutral]
    # Of three classes without a known neutral one is likelier neutral by another name than a third side.
    if sides is not None or not (len(others) == 2 or 2 < len(others) < len(classes)):
        raise InputError(
            f"y has the classes {told}, of which it is not plain what they are. Expected were"
            f" {', '.join((sides or _BARE).labels)}; or two to four classes of any name and neutral={neutral!r}. Say"
            " who the sides are (sides=) or what neutral is called (neutral=)."
        )
    named = Sides(*(Side(str(label), str(label)) for label in others))
    columns = [len(named) if label == neutral else others.index(label) for label in classes]
    return named, np.array(columns, dtype=np.int64)


def _side(raw: Mapping[str, Any]) -> Side:
    return Side(raw["label"], raw["name"], tuple(raw["aliases"]))
