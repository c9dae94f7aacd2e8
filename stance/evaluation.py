"""How good a model is on labelled comments, and which of two is better."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from stance.api import StanceModel, open_start
from stance.calibration import Calibration
from stance.labelled import LabelledComments, read_labelled
from stance.metrics import Floats, Ints, compare
from stance.quality import Evaluation, Quality, Wrong, quality
from stance.sides import SENTIMENTS, Sides
from stance.splitting import Groups, group_comments

if TYPE_CHECKING:
    from stance.labelled import LabelledRows
    from stance.scores import Scores

N_WRONG = 10  # of the surest wrong answers that are kept to be read


def evaluate(
    labelled: LabelledRows,
    model: StanceModel | str | os.PathLike[str] | None = None,
    *,
    against: StanceModel | str | os.PathLike[str] | None = None,
    sides: Sides | Mapping[str, Sides] | None = None,
    device: str = "auto",
    progress: Callable[[int], None] | None = None,
) -> Evaluation:
    """Measure a model on labelled comments that it has not been trained on.

    Intervals are 95 %, from the bootstrap over whole threads and writers.

    :param labelled: See :func:`stance.labelled.read_labelled`.
    :param model: As in :func:`stance.load`, or one that is open.
    :param against: Another model, measured on the same comments and compared.
    :param sides: As in :meth:`StanceModel.classify`. Of three or four, each is a class, beside neutral.
    :param progress: Told how many more comments were read.
    :raises InputError: If the rows cannot be read as labelled comments.
    """
    data = read_labelled(labelled, sides)
    first = open_start(model, device)
    groups = group_comments(data)
    scores = _scores(data, first, progress)
    calibration = first.card.calibration
    chances = calibration.stance_probabilities(scores)
    labels = _labels(data, "stance")
    toned = np.flatnonzero([one.sentiment is not None for one in data.examples])
    evaluation = Evaluation(
        model=first.card.name,
        stance=quality(labels, chances, groups.of_row, data.labels, chances.max(axis=1) >= calibration.sure_threshold),
        sentiment=_sentiment(data, toned, calibration, scores, groups),
        surest_wrong=_surest_wrong(data, labels, chances),
        grouped_by=groups.by,
        n_groups=groups.n,
        notes=data.notes,
    )
    if against is None:
        return evaluation
    second = open_start(against, device)
    other = second.card.calibration.stance_probabilities(_scores(data, second, progress))
    sure = other.max(axis=1) >= second.card.calibration.sure_threshold
    return replace(
        evaluation,
        against=second.card.name,
        stance_against=quality(labels, other, groups.of_row, data.labels, sure),
        compared=compare(labels, chances.argmax(axis=1), other.argmax(axis=1), groups.of_row, len(data.labels)),
    )


def _scores(data: LabelledComments, model: StanceModel, progress: Callable[[int], None] | None) -> Scores:
    from stance.inference import score_examples

    return score_examples([one.example for one in data.examples], model.opened, progress=progress)


def _labels(data: LabelledComments, task: str) -> Ints:
    return np.array([getattr(one, task) for one in data.examples], dtype=np.int64)


def _sentiment(
    data: LabelledComments, rows: Any, calibration: Calibration, scores: Scores, groups: Groups
) -> Quality | None:
    if len(rows) < 2:
        return None
    labels = np.array([data.examples[i].sentiment for i in rows], dtype=np.int64)
    return quality(labels, calibration.sentiment_probabilities(scores)[rows], groups.of(rows).of_row, SENTIMENTS)


def _surest_wrong(data: LabelledComments, labels: Ints, chances: Floats) -> tuple[Wrong, ...]:
    answers = chances.argmax(axis=1)
    top = chances.max(axis=1)
    wrong = [int(i) for i in np.argsort(-top, kind="stable") if answers[i] != labels[i]][:N_WRONG]
    return tuple(
        Wrong(
            thread_id=data.examples[i].example.thread_id,
            comment=data.comments[i],
            label=data.labels[labels[i]],
            answer=data.labels[answers[i]],
            probability=float(top[i]),
        )
        for i in wrong
    )
