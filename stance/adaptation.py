"""A model made one's own: trained further on labelled comments of one's own debates."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from stance.api import StanceModel, load
from stance.calibration import Calibration, fit_sure_threshold, fit_temperature, softmax
from stance.errors import InputError
from stance.heads import Head, Strength, choose_strength, fit_head, held_out_logits
from stance.labelled import FEWEST, LabelledComments, read_labelled
from stance.metrics import macro_f1
from stance.scores import N_STANCES
from stance.sides import Sides
from stance.splitting import group_comments, make_folds

if TYPE_CHECKING:
    from stance.labelled import LabelledRows
    from stance.model import OpenModel

Way = Literal["head", "full"]


def train(
    labelled: LabelledRows,
    *,
    start: StanceModel | str | os.PathLike[str] | None = None,
    way: Way = "head",
    sides: Sides | Mapping[str, Sides] | None = None,
    out: str | os.PathLike[str] | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: bool | Callable[[int], None] = False,
) -> StanceModel:
    """Train a model further on labelled comments.

    :param labelled: See :func:`stance.labelled.read_labelled`.
    :param start: The model to start from: as in :func:`stance.load`, or one that is open already, which stays as it is.
    :param way: ``"head"`` learns the last layer anew, in seconds; ``"full"`` moves all weights, in minutes or hours.
    :param sides: As in :meth:`StanceModel.classify`.
    :param out: The folder to write the model to; None keeps it in memory.
    :param progress: True shows a bar on stderr; a function is told how many more comments were read.
    :raises InputError: If there are too few labels, only one class, labels that are not known, or contradictory ones.
    """
    data = read_labelled(labelled, sides)
    check_trainable(data)
    opened = (start if isinstance(start, StanceModel) else load(_plain(start), device=device)).opened
    if way != "head":
        raise InputError(f"way={way!r} came, but 'head' was expected.")
    model = StanceModel(train_head(data, opened, seed, progress if callable(progress) else None))
    if out is not None:
        model.save(Path(out))
    return model


def check_trainable(labelled: LabelledComments) -> None:
    """Refuse labels that no model can learn from.

    :raises InputError: If there are fewer than eight, or of one class only.
    """
    counts = np.bincount([one.stance or 0 for one in labelled.examples], minlength=N_STANCES)
    told = ", ".join(f"{n} {label}" for n, label in zip(counts, labelled.labels, strict=True))
    if len(labelled) < FEWEST:
        raise InputError(f"{len(labelled)} labelled comments came ({told}), but at least {FEWEST} are needed.")
    if (counts > 0).sum() < 2:
        raise InputError(f"All labels are of one class ({told}). Label comments of at least one other.")


def train_head(
    labelled: LabelledComments, start: OpenModel, seed: int = 0, progress: Callable[[int], None] | None = None
) -> OpenModel:
    """Learn the last layer anew; the network below stays as it is.

    Sentiment is learned where the labels hold it, and stays as it was where they do not.
    """
    from stance.inference import score_with_features
    from stance.model import last_layer, with_last_layer

    _, features32 = score_with_features([one.example for one in labelled.examples], start, progress=progress)
    features = features32.astype(np.float64)
    last = last_layer(start.network)
    weight, bias = (
        tensor.detach().cpu().numpy().astype(np.float64).copy() for tensor in (last.weight, last.bias)
    )
    groups = group_comments(labelled)
    calibration = start.card.calibration
    figures: dict[str, Any] = {}
    for task, rows_of in _TASKS.items():
        first = rows_of.start
        known = [i for i, one in enumerate(labelled.examples) if getattr(one, task) is not None]
        labels = np.array([getattr(labelled.examples[i], task) for i in known], dtype=np.int64)
        if len(known) < FEWEST or len(set(labels.tolist())) < 2:
            continue
        temperature = getattr(calibration, f"{task}_temperature")
        old = Head(weight[rows_of] / temperature, bias[rows_of] / temperature)
        folds = make_folds(replace(groups, of_row=groups.of_row[known]), labels, 5, seed)
        strength = choose_strength(old, features[known], labels, folds)
        held_out = held_out_logits(old, features[known], labels, folds, strength)
        head = fit_head(old, features[known], labels, strength)
        weight[rows_of], bias[rows_of] = head.weight, head.bias
        calibration = _calibrated(calibration, task, held_out, labels)
        figures[task] = _figures(old.logits(features[known]), held_out, labels, strength)
        assert first in (0, N_STANCES)
    card = replace(start.card, calibration=calibration, figures=figures)
    return with_last_layer(start, card, weight, bias)


_TASKS = {"stance": slice(0, N_STANCES), "sentiment": slice(N_STANCES, 2 * N_STANCES)}


def _calibrated(calibration: Calibration, task: str, held_out: Any, labels: Any) -> Calibration:
    temperature = fit_temperature(held_out, labels)
    if task == "sentiment":
        return replace(calibration, sentiment_temperature=temperature)
    threshold = fit_sure_threshold(softmax(held_out / temperature), labels)
    return replace(calibration, stance_temperature=temperature, sure_threshold=threshold)


def _figures(old: Any, held_out: Any, labels: Any, strength: Strength) -> dict[str, Any]:
    return {
        "n": len(labels),
        "macro_f1_before": macro_f1(labels, old.argmax(axis=1)),
        "macro_f1": macro_f1(labels, held_out.argmax(axis=1)),
        "strength": [repr(value) for value in (strength.bias, strength.mixing, strength.features)],
    }


def _plain(start: str | os.PathLike[str] | None) -> str | Path | None:
    return start if start is None or isinstance(start, str) else Path(start)
