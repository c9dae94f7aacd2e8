"""A model made one's own: trained further on labelled comments of one's own debates."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from stance.api import StanceModel, load
from stance.calibration import Calibration, fit_sure_threshold, fit_temperature, softmax
from stance.errors import InputError
from stance.evaluation import quality
from stance.heads import Head, Learned, held_out_by_size, learn_head
from stance.labelled import FEWEST, LabelledComments, read_labelled
from stance.metrics import Floats, Ints, compare, macro_f1
from stance.scores import N_STANCES
from stance.sides import SENTIMENTS, Sides
from stance.splitting import Groups, group_comments

if TYPE_CHECKING:
    from stance.labelled import LabelledRows
    from stance.model import OpenModel

Way = Literal["head", "full"]
#: Told what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]

_CURVE_SIZES = (8, 16, 32, 64, 128, 256, 512, 1024)
_TEMPERATURE_SPREAD = 0.35  # of the logarithm; a third up or down is common between data sets
_FEWEST_TO_BE_SURE = 50  # held-out labels from which a threshold of its own is read off


def train(
    labelled: LabelledRows,
    *,
    start: StanceModel | str | os.PathLike[str] | None = None,
    way: Way = "head",
    sides: Sides | Mapping[str, Sides] | None = None,
    out: str | os.PathLike[str] | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: bool | Progress = False,
) -> StanceModel:
    """Train a model further on labelled comments of your own debates.

    What comes out is measured on threads and people it has not seen; the figures, beside those of the model it started
    from, are in ``card.figures``, and in the README of the folder that :meth:`StanceModel.save` writes.

    :param labelled: A file, a frame, a dataset or dicts; see :func:`stance.labelled.read_labelled`.
    :param start: The model to start from: as in :func:`stance.load`, or one that is open already, which stays as it is.
    :param way: ``"head"`` learns the last layer anew, in seconds; ``"full"`` moves all weights, in minutes or hours.
    :param sides: As in :meth:`StanceModel.classify`.
    :param out: The folder to write the model to; None keeps it in memory.
    :param seed: The same seed on the same machine gives the same weights.
    :param progress: True shows a bar with the time left on stderr; a function is told what is done, and how much of it.
    :raises InputError: If there are too few labels, only one class, labels that are not known, or contradictory ones.
    """
    data = read_labelled(labelled, sides)
    check_trainable(data)
    if way not in ("head", "full"):
        raise InputError(f"way={way!r} came, but 'head' or 'full' was expected.")
    opened = open_start(start, device).opened
    with _shown(progress) as told:
        model = StanceModel(train_head(data, opened, seed=seed, progress=told))
    if out is not None:
        model.save(Path(out))
    return model


def open_start(model: StanceModel | str | os.PathLike[str] | None, device: str = "auto") -> StanceModel:
    """A model that is open, or one to be opened."""
    if isinstance(model, StanceModel):
        return model
    return load(model if model is None or isinstance(model, str) else Path(model), device=device)


def check_trainable(labelled: LabelledComments) -> None:
    """Refuse labels that no model can learn from.

    :raises InputError: If there are fewer than eight, or of one class only.
    """
    counts = np.bincount([one.stance or 0 for one in labelled.examples], minlength=N_STANCES)
    told = ", ".join(f"{n} {label}" for n, label in zip(counts, labelled.labels, strict=True))
    if len(labelled) < FEWEST:
        raise InputError(
            f"{len(labelled)} labelled comments came ({told}), but at least {FEWEST} are needed: fewer say neither what"
            " to learn nor how good the result is."
        )
    if (counts > 0).sum() < 2:
        raise InputError(f"All labels are of one class ({told}). Label comments of at least one other.")


def train_head(
    labelled: LabelledComments, start: OpenModel, *, seed: int = 0, progress: Progress | None = None
) -> OpenModel:
    """Learn the last layer anew; the network below it stays as it is, and so does ``start``.

    Sentiment is learned where the labels hold it, and stays as it was where they do not.
    """
    from stance.inference import score_with_features
    from stance.model import last_layer, with_last_layer

    n = len(labelled)
    done = _counted(progress, "reading comments", n)
    _, features = score_with_features([one.example for one in labelled.examples], start, progress=done)
    last = last_layer(start.network)
    weight, bias = (tensor.detach().cpu().numpy().astype(np.float64).copy() for tensor in (last.weight, last.bias))
    calibration = start.card.calibration
    figures = described(labelled, start, "head", seed)
    for task in TASKS:
        asked = _asked(labelled, features.astype(np.float64), task)
        if asked is None:
            continue
        temperature = getattr(calibration, f"{task.name}_temperature")
        old = Head(weight[task.rows] / temperature, bias[task.rows] / temperature)
        if progress:
            progress(f"learning {task.name}", 0, 1)
        learned = learn_head(old, asked.features, asked.labels, asked.groups, seed)
        weight[task.rows], bias[task.rows] = learned.head.weight, learned.head.bias
        figures |= _figures_of(task, asked, old, learned, start.card.calibration, labelled.labels, seed)
        calibration = _calibrated(calibration, task, learned.held_out, asked.labels)
        if progress:
            progress(f"learning {task.name}", 1, 1)
    card = replace(
        start.card,
        name=f"{start.card.name}-own",
        calibration=calibration,
        figures=figures,
        trained_on=(*start.card.trained_on, f"{n} comments labelled by its owner (sha256 {labelled.sha256[:16]})"),
    )
    return with_last_layer(start, card, weight, bias)


@dataclass(frozen=True)
class Task:
    """One of the two questions the six outputs answer."""

    name: Literal["stance", "sentiment"]
    rows: slice


TASKS = (Task("stance", slice(0, N_STANCES)), Task("sentiment", slice(N_STANCES, 2 * N_STANCES)))


@dataclass(frozen=True)
class _Asked:
    """The comments that have a label of a task. *Shapes:* ``(m, width)``, ``(m,)``"""

    features: Floats
    labels: Ints
    groups: Groups


def _asked(labelled: LabelledComments, features: Floats, task: Task) -> _Asked | None:
    """What there is to learn of a task; None where it is too little."""
    found = [getattr(one, task.name) for one in labelled.examples]
    rows = np.array([i for i, label in enumerate(found) if label is not None], dtype=np.int64)
    labels = np.array([found[i] for i in rows], dtype=np.int64)
    if len(rows) < FEWEST or len(set(labels.tolist())) < 2:
        return None
    groups = group_comments(labelled).of(rows)
    return _Asked(features[rows], labels, groups) if groups.n > 1 else None


def described(labelled: LabelledComments, start: OpenModel, way: Way, seed: int) -> dict[str, Any]:
    """What a card says of how its model came to be."""
    groups = group_comments(labelled)
    return {
        "made_from": start.card.name,
        "way": way,
        "seed": seed,
        "n_labels": len(labelled),
        "labels_sha256": labelled.sha256,
        "grouped_by": groups.by,
        "n_groups": groups.n,
        "notes": list(labelled.notes),
    }


def _figures_of(
    task: Task,
    asked: _Asked,
    old: Head,
    learned: Learned,
    calibration: Calibration,
    labels: tuple[str, str, str],
    seed: int,
) -> dict[str, Any]:
    names = labels if task.name == "stance" else SENTIMENTS
    before = softmax(old.logits(asked.features))
    after, sure = _held_out_answers(learned, asked.labels, calibration.sure_threshold)
    sure_before = before.max(axis=1) >= calibration.sure_threshold
    of_row, is_stance = asked.groups.of_row, task.name == "stance"
    curve = held_out_by_size(old, asked.features, asked.labels, asked.groups, _CURVE_SIZES, seed)
    points = [(0, before), *curve.items(), (len(asked.labels), after)]
    return {
        task.name: asdict(quality(asked.labels, after, of_row, names, sure if is_stance else None)),
        f"{task.name}_before": asdict(quality(asked.labels, before, of_row, names, sure_before if is_stance else None)),
        f"{task.name}_compared": asdict(compare(asked.labels, after.argmax(axis=1), before.argmax(axis=1), of_row)),
        f"{task.name}_strength": {k: v if np.isfinite(v) else None for k, v in asdict(learned.strength).items()},
        f"{task.name}_curve": [
            {"labels": n, "macro_f1": macro_f1(asked.labels, scored.argmax(axis=1))} for n, scored in points
        ],
    }


def _held_out_answers(learned: Learned, labels: Ints, old_threshold: float) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Probabilities of held-out comments and whether they pass as sure, both calibrated without the comment's fold."""
    chances = np.zeros_like(learned.held_out)
    sure = np.zeros(len(labels), dtype=bool)
    for fold in np.unique(learned.folds):
        out = learned.folds == fold
        temperature, threshold = _calibration_of(learned.held_out[~out], labels[~out], old_threshold)
        chances[out] = softmax(learned.held_out[out] / temperature)
        sure[out] = chances[out].max(axis=1) >= threshold
    return chances, sure


def _calibration_of(logits: Floats, labels: Ints, old_threshold: float) -> tuple[float, float]:
    """Temperature and sure-threshold; the threshold of before where there are too few labels for another."""
    temperature = fit_temperature(logits, labels, _TEMPERATURE_SPREAD)
    if len(labels) < _FEWEST_TO_BE_SURE:
        return temperature, old_threshold
    return temperature, fit_sure_threshold(softmax(logits / temperature), labels)


def _calibrated(calibration: Calibration, task: Task, held_out: Floats, labels: Ints) -> Calibration:
    temperature, threshold = _calibration_of(held_out, labels, calibration.sure_threshold)
    if task.name == "sentiment":
        return replace(calibration, sentiment_temperature=temperature)
    return replace(calibration, stance_temperature=temperature, sure_threshold=threshold)


def _counted(progress: Progress | None, what: str, total: int) -> Callable[[int], None] | None:
    """A function told how many more are done, for one told how many are done."""
    if progress is None:
        return None
    done = 0

    def more(n: int) -> None:
        nonlocal done
        done += n
        progress(what, done, total)

    return more


@contextmanager
def _shown(progress: bool | Progress) -> Iterator[Progress | None]:
    """A bar a thing that is done, with the time left, on stderr."""
    if callable(progress):
        yield progress
    elif not progress:
        yield None
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        bars: dict[str, TaskID] = {}
        with Progress(*columns, console=Console(stderr=True), transient=True) as shown:

            def told(what: str, done: int, total: int) -> None:
                if what not in bars:
                    bars[what] = shown.add_task(what, total=total)
                shown.update(bars[what], completed=done, total=total)

            yield told
