"""A model's figures on labelled comments, as they are kept and shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.metrics import (
    Floats,
    Interval,
    Ints,
    Paired,
    accuracy_of,
    brier_score,
    class_f1,
    confusion,
    draw_groups,
    drawn_confusions,
    expected_calibration_error,
    interval_of,
    log_loss,
    macro_f1,
    macro_f1_of,
    shares,
)
from stance.thread import Comment


@dataclass(frozen=True)
class Wrong:
    """An answer that is wrong, and how sure it was.

    :param probability: Of the answer, in [0, 1].
    """

    thread_id: str
    comment: Comment
    label: str
    answer: str
    probability: float


@dataclass(frozen=True)
class Quality:
    """One model's figures on one task.

    :param labels: The classes, in the order of every row and column.
    :param n: Comments.
    :param macro_f1: Mean F1 of the classes.
    :param f1: Of each class.
    :param calibration_error: Expected calibration error, ten bins.
    :param sure_share: Comments called sure; None for sentiment, which knows no such thing.
    :param accuracy_where_sure: None where none is.
    :param confusion: How often each class (row) was answered as each (column).
    :param true_shares: Of each class, by the labels.
    :param answered_shares: By counting answers.
    :param expected_shares: By adding up probabilities, which errs less where these are calibrated.
    :param prevalence_error: Largest gap between an answered and a true share.
    """

    labels: tuple[str, ...]
    n: int
    macro_f1: Interval
    f1: tuple[float, ...]
    accuracy: Interval
    calibration_error: float
    brier: float
    log_loss: float
    sure_share: float | None
    accuracy_where_sure: float | None
    confusion: tuple[tuple[int, ...], ...]
    true_shares: tuple[float, ...]
    answered_shares: tuple[float, ...]
    expected_shares: tuple[float, ...]
    prevalence_error: float


@dataclass(frozen=True)
class Evaluation:
    """What :func:`evaluate` found.

    :param model: The model's name.
    :param sentiment: None where fewer than two labels of sentiment came.
    :param surest_wrong: The errors worth reading, the surest first.
    :param grouped_by: What the intervals draw as a whole: ``"thread and author"`` or ``"author"``.
    :param n_groups: How many of them there are.
    :param against: The other model's name; None where one model was measured.
    :param stance_against: The other model's figures.
    :param compared: Both on the same comments.
    :param notes: What was repaired or left out of the labelled comments.
    """

    model: str
    stance: Quality
    sentiment: Quality | None
    surest_wrong: tuple[Wrong, ...]
    grouped_by: str
    n_groups: int
    against: str | None = None
    stance_against: Quality | None = None
    compared: Paired | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """All of it but the comments' texts, as plain values for JSON."""
        raw = asdict(self)
        raw["surest_wrong"] = [
            {
                "thread_id": wrong.thread_id,
                "comment_id": wrong.comment.id,
                "label": wrong.label,
                "answer": wrong.answer,
                "probability": wrong.probability,
            }
            for wrong in self.surest_wrong
        ]
        return raw


def quality(
    labels: Ints,
    probabilities: Floats,
    groups: Ints,
    names: tuple[str, ...],
    sure: npt.NDArray[np.bool_] | None = None,
) -> Quality:
    """Figures of probabilities against labels.

    :param labels: Column of the right class. *Shape:* ``(n,)``
    :param probabilities: *Shape:* ``(n, k)``
    :param groups: Which comments the bootstrap draws as a whole. *Shape:* ``(n,)``
    :param sure: Which answers are called sure; None for a task that knows no such thing. *Shape:* ``(n,)``
    """
    answers = probabilities.argmax(axis=1)
    k = len(names)
    counts = confusion(labels, answers, k)
    drawn = drawn_confusions(labels, answers, groups, draw_groups(groups), k)
    true, answered = shares(labels, k), shares(answers, k)
    return Quality(
        labels=names,
        n=len(labels),
        macro_f1=interval_of(macro_f1(labels, answers, k), macro_f1_of(drawn)),
        f1=tuple(class_f1(labels, answers, k)),
        accuracy=interval_of(float((labels == answers).mean()), accuracy_of(drawn)),
        calibration_error=expected_calibration_error(labels, probabilities),
        brier=brier_score(labels, probabilities),
        log_loss=log_loss(labels, probabilities),
        sure_share=None if sure is None else float(sure.mean()),
        accuracy_where_sure=None if sure is None or not sure.any() else float((labels == answers)[sure].mean()),
        confusion=tuple(tuple(row) for row in counts.tolist()),
        true_shares=tuple(true.tolist()),
        answered_shares=tuple(answered.tolist()),
        expected_shares=tuple(probabilities.mean(axis=0).tolist()),
        prevalence_error=float(np.abs(answered - true).max()),
    )
