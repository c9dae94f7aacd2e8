"""What a model's card says of it: how it was made, and how good it is on labels it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from stance.calibration import TEMPERATURE_SPREAD, Calibration, fit_sure_threshold, fit_temperature, softmax
from stance.labelled import FEWEST, LabelledComments
from stance.metrics import Floats, Ints, compare, macro_f1
from stance.quality import quality
from stance.scores import N_STANCES
from stance.sides import SENTIMENTS
from stance.splitting import Groups, group_comments

_FEWEST_TO_BE_SURE = 50  # held-out labels from which a threshold of its own is read off


@dataclass(frozen=True)
class Task:
    """One of the two questions that the six outputs answer.

    :param columns: Its outputs.
    """

    name: Literal["stance", "sentiment"]
    columns: slice

    def classes(self, labelled: LabelledComments) -> tuple[str, ...]:
        """Names of its classes, in column order."""
        return labelled.labels if self.name == "stance" else SENTIMENTS

    def temperature(self, calibration: Calibration) -> float:
        """The temperature that its logits are divided by."""
        stance = self.name == "stance"
        return calibration.stance_temperature if stance else calibration.sentiment_temperature


TASKS = (Task("stance", slice(0, N_STANCES)), Task("sentiment", slice(N_STANCES, 2 * N_STANCES)))


@dataclass(frozen=True)
class Asked:
    """The comments whose label of a task is known.

    :param rows: Their places among all. *Shape:* ``(m,)``
    :param labels: *Shape:* ``(m,)``
    :param groups: Theirs alone.
    """

    task: Task
    rows: Ints
    labels: Ints
    groups: Groups


def asked_of(labelled: LabelledComments, task: Task) -> Asked | None:
    """What there is to learn of a task; None where it is too little to learn and to measure."""
    found = [getattr(one, task.name) for one in labelled.examples]
    rows = np.array([i for i, label in enumerate(found) if label is not None], dtype=np.int64)
    labels = np.array([found[i] for i in rows], dtype=np.int64)
    if len(rows) < FEWEST or len(set(labels.tolist())) < 2:
        return None
    groups = group_comments(labelled).of(rows)
    return Asked(task, rows, labels, groups) if groups.n > 1 else None


def described(labelled: LabelledComments, made_from: str, way: str, seed: int, measured: str) -> dict[str, Any]:
    """How a model came to be.

    :param measured: A sentence on how its figures were found.
    """
    groups = group_comments(labelled)
    return {
        "made_from": made_from,
        "way": way,
        "seed": seed,
        "n_labels": len(labelled),
        "labels_sha256": labelled.sha256,
        "measured": measured,
        "grouped_by": groups.by,
        "n_groups": groups.n,
        "notes": list(labelled.notes),
    }


def compared_figures(
    asked: Asked,
    classes: tuple[str, ...],
    before: Floats,
    after: Floats,
    old_threshold: float,
    sure: npt.NDArray[np.bool_],
    curve: Sequence[tuple[int, Floats]],
) -> dict[str, Any]:
    """A task's figures of the model it began with and of the one that was made, on the same comments.

    :param before: Probabilities by the start. *Shape:* ``(m, 3)``
    :param after: By the new model, which has seen none of them. *Shape:* ``(m, 3)``
    :param old_threshold: From which the start calls an answer sure.
    :param sure: Which answers the new model calls sure. *Shape:* ``(m,)``
    :param curve: Numbers of labels, and what was answered by a model that saw so many.
    """
    name, labels, of_row = asked.task.name, asked.labels, asked.groups.of_row
    is_stance = name == "stance"
    sure_before = before.max(axis=1) >= old_threshold
    return {
        name: asdict(quality(labels, after, of_row, classes, sure if is_stance else None)),
        f"{name}_before": asdict(quality(labels, before, of_row, classes, sure_before if is_stance else None)),
        f"{name}_compared": asdict(compare(labels, after.argmax(axis=1), before.argmax(axis=1), of_row)),
        f"{name}_curve": [{"labels": n, "macro_f1": macro_f1(labels, found.argmax(axis=1))} for n, found in curve],
    }


def held_out_answers(
    logits: Floats, labels: Ints, folds: Ints, old_threshold: float
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Probabilities of held-out comments and whether they pass as sure, each calibrated on the other folds.

    :param logits: *Shape:* ``(n, 3)``
    :param folds: *Shape:* ``(n,)``
    """
    chances = np.zeros_like(logits)
    sure = np.zeros(len(labels), dtype=bool)
    for fold in np.unique(folds):
        out = folds == fold
        temperature, threshold = calibration_of(logits[~out], labels[~out], old_threshold)
        chances[out] = softmax(logits[out] / temperature)
        sure[out] = chances[out].max(axis=1) >= threshold
    return chances, sure


def calibration_of(logits: Floats, labels: Ints, old_threshold: float) -> tuple[float, float]:
    """Temperature and sure-threshold of held-out logits.

    Few labels move the temperature little from 1, and leave the threshold where it was.
    """
    temperature = fit_temperature(logits, labels, TEMPERATURE_SPREAD)
    if len(labels) < _FEWEST_TO_BE_SURE:
        return temperature, old_threshold
    return temperature, fit_sure_threshold(softmax(logits / temperature), labels)


def calibrated(calibration: Calibration, task: Task, logits: Floats, labels: Ints, scale: float = 1.0) -> Calibration:
    """A calibration with one task's part fitted to held-out logits.

    :param scale: What the logits were divided by already.
    """
    temperature, threshold = calibration_of(logits, labels, calibration.sure_threshold)
    if task.name == "sentiment":
        return replace(calibration, sentiment_temperature=temperature * scale)
    return replace(calibration, stance_temperature=temperature * scale, sure_threshold=threshold)
