"""A model made one's own: trained further on labelled comments of one's own debates."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from stance.api import StanceModel, open_start
from stance.calibration import softmax
from stance.errors import InputError
from stance.figures import TASKS, asked_of, calibrated, calibration_of, compared_figures, described, held_out_answers
from stance.heads import Head, held_out_by_size, learn_head
from stance.labelled import FEWEST, LabelledComments, read_labelled
from stance.metrics import Floats, Ints
from stance.pairwise import in_order, in_pairs
from stance.sides import Sides
from stance.splitting import group_comments, make_folds

if TYPE_CHECKING:
    from stance.labelled import LabelledRows
    from stance.model import OpenModel

Way = Literal["head", "full"]
#: Told what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]

_CURVE_SIZES = (8, 16, 32, 64, 128, 256, 512, 1024)
_N_PARTS = 5  # of the full way: one measures, one says when to stop, the rest trains
_TEACHER_WEIGHT = 0.2


def train(
    labelled: LabelledRows,
    *,
    start: StanceModel | str | os.PathLike[str] | None = None,
    way: Way = "head",
    sides: Sides | Mapping[str, Sides] | None = None,
    out: str | os.PathLike[str] | None = None,
    seed: int | Sequence[int] = 0,
    device: str = "auto",
    progress: bool | Progress = False,
) -> StanceModel:
    """Train a model further on labelled comments of your own debates.

    What comes out is measured on threads and people it has not seen; the figures, beside those of the model it started
    from, are in ``card.figures``, and in the README of the folder that :meth:`StanceModel.save` writes.

    :param labelled: A file, a frame, a dataset or dicts; see :func:`stance.labelled.read_labelled`.
    :param start: The model to start from: as in :func:`stance.load`, or one that is open already, which stays as it is.
    :param way: ``"head"`` learns the last layer anew, in seconds; ``"full"`` moves all weights, in minutes or hours.
    :param sides: As in :meth:`StanceModel.classify`. Labels of three or four sides teach by every two of them.
    :param out: The folder to write the model to; None keeps it in memory. The full way, broken off, goes on from what
        it kept there when it is called again with the same labels.
    :param seed: The same seed on the same machine gives the same weights. Of several, the full way trains with each and
        keeps the best on held-out labels; the head is learned with the first.
    :param progress: True shows a bar with the time left on stderr; a function is told what is done, and how much of it.
    :raises InputError: If there are too few labels, only one class, labels that are not known, or contradictory ones.
    """
    if way not in ("head", "full"):
        raise InputError(f"way={way!r} came, but 'head' or 'full' was expected.")
    seeds = (seed,) if isinstance(seed, int) else tuple(seed)
    if not seeds:
        raise InputError("No seed came, but at least one was expected, as in seed=0 or seed=(0, 1, 2).")
    data = _with_gaps_noted(read_labelled(labelled, sides))
    check_trainable(data)
    opened = open_start(start, device).opened
    data = in_order(in_pairs(data), opened.roles)
    with _shown(progress) as told:
        if way == "head":
            made = train_head(data, opened, seed=seeds[0], progress=told)
        else:
            with _kept(None if out is None else Path(out)) as folder:
                made = train_full(data, opened, folder, seeds=seeds, progress=told)
    name = f"{opened.card.name}-own" if out is None else Path(out).name
    model = StanceModel(replace(made, card=replace(made.card, name=name)))
    if out is not None:
        model.save(out)
    return model


def check_trainable(labelled: LabelledComments) -> None:
    """Refuse labels that no model can learn from.

    :raises InputError: If there are fewer than eight, or of one class only.
    """
    counts = np.bincount([one.stance or 0 for one in labelled.examples], minlength=len(labelled.labels))
    told = ", ".join(f"{n} {label}" for n, label in zip(counts, labelled.labels, strict=True))
    if len(labelled) < FEWEST:
        raise InputError(
            f"{len(labelled)} labelled comments came ({told}), but at least {FEWEST} are needed: fewer say neither what"
            " to learn nor how good the result is."
        )
    if (counts > 0).sum() < 2:
        raise InputError(f"All labels are of one class ({told}). Label comments of at least one other.")
    if group_comments(labelled).n < 2:
        raise InputError(
            "All labelled comments are by one writer, so none can be held out to measure. Label comments of others too."
        )


def _with_gaps_noted(labelled: LabelledComments) -> LabelledComments:
    """A class without labels is a fact about the debate, or about what was labelled; only its owner can tell."""
    found = {one.stance for one in labelled.examples}
    missing = [label for place, label in enumerate(labelled.labels) if place not in found]
    notes = [f"no comment is labelled {label}; the model learns that such are rare" for label in missing]
    return replace(labelled, notes=(*labelled.notes, *notes))


def train_head(
    labelled: LabelledComments, start: OpenModel, *, seed: int = 0, progress: Progress | None = None
) -> OpenModel:
    """Learn the last layer anew; the network below it stays as it is, and so does ``start``.

    Sentiment is learned where the labels hold it, and stays as it was where they do not.
    """
    from stance.inference import score_with_features
    from stance.model import last_layer, with_last_layer

    examples = [one.example for one in labelled.examples]
    _, read = score_with_features(examples, start, progress=_counted(progress, "reading comments", len(examples)))
    last = last_layer(start.network)
    weight, bias = (tensor.detach().cpu().numpy().astype(np.float64).copy() for tensor in (last.weight, last.bias))
    calibration = start.card.calibration
    measured = "Measured by nested cross-validation: every comment was answered by a head that had not seen it."
    figures = described(labelled, start.card.name, "head", seed, measured)
    for number, task in enumerate(TASKS):
        if progress:
            progress("learning heads", number, len(TASKS))
        asked = asked_of(labelled, task)
        if asked is None:
            continue
        features: Floats = read[asked.rows].astype(np.float64)
        temperature = task.temperature(calibration)
        old = Head(weight[task.columns] / temperature, bias[task.columns] / temperature)
        learned = learn_head(old, features, asked.labels, asked.groups, seed)
        curve = held_out_by_size(old, features, asked.labels, asked.groups, _CURVE_SIZES, seed)
        threshold = calibration.sure_threshold
        before = softmax(old.logits(features))
        after, sure = held_out_answers(learned.held_out, asked.labels, learned.folds, threshold)
        points = [(0, before), *curve.items(), (len(asked.labels), after)]
        figures |= compared_figures(asked, task.classes(labelled), before, after, threshold, sure, points)
        weight[task.columns], bias[task.columns] = learned.head.weight, learned.head.bias
        calibration = calibrated(calibration, task, learned.held_out, asked.labels)
    if progress:
        progress("learning heads", len(TASKS), len(TASKS))
    card = replace(start.card, calibration=calibration, figures=figures, trained_on=_sources(start, labelled))
    return with_last_layer(start, card, weight, bias)


def train_full(
    labelled: LabelledComments,
    start: OpenModel,
    folder: Path,
    *,
    seeds: Sequence[int] = (0,),
    progress: Progress | None = None,
) -> OpenModel:
    """Move all weights: of five parts of the labels, held apart by thread and writer, three train, one says when to
    stop, and one measures.

    The answers of ``start``, which stays as it is, are followed a little beside the labels, so that what these say
    nothing of is not forgotten (Li and Hoiem 2017, "Learning without Forgetting").

    :param folder: Where the state is kept, for a broken run to go on.
    :param seeds: One training each; the best on the labels that say when to stop is kept. The first parts the labels.
    :raises InputError: If the labels cannot be parted so.
    """
    from stance.inference import score_examples
    from stance.tuning import SETTINGS, tune

    measuring, choosing, training = _parts(labelled, seeds[0])
    examples = labelled.examples
    scores = score_examples(
        [one.example for one in examples],
        start,
        progress=_counted(progress, "reading comments", len(examples)),
    )
    old_calibration = start.card.calibration
    taught = np.hstack([old_calibration.stance_probabilities(scores), old_calibration.sentiment_probabilities(scores)])
    shown = [replace(examples[i], teacher=tuple(taught[i].tolist())) for i in training]
    runs = []
    for seed in seeds:
        settings = replace(SETTINGS, seed=seed, teacher_weight=_TEACHER_WEIGHT)
        if start.roles:  # it never sees another order
            settings = replace(settings, swap=0.0, swap_others=0.0)
        what = "training" if len(seeds) == 1 else f"training, seed {seed}"
        runs.append(
            tune(
                start,
                shown,
                [examples[i] for i in choosing],
                settings,
                folder / f"seed-{seed}",
                of=f"{labelled.sha256} {_fingerprint(start)} {settings}",
                after_step=None if progress is None else _named(progress, what),
            )
        )
    made, tuned = min(runs, key=lambda run: run[1].losses[run[1].epoch])
    held_out = np.concatenate([choosing, measuring])
    logits = score_examples([examples[i].example for i in held_out], made).logits.astype(np.float64)
    figures = described(labelled, start.card.name, "full", tuned.seed, _MEASURED_FULL)
    figures["trainings"] = [
        {"seed": run.seed, "epoch": run.epoch, "held_out_losses": list(run.losses)} for _, run in runs
    ]
    calibration = old_calibration
    for task in TASKS:
        known = np.array([getattr(examples[i], task.name) is not None for i in held_out])
        scale = task.temperature(old_calibration)
        scaled = logits[:, task.columns] / scale
        labels = np.array([getattr(examples[i], task.name) or 0 for i in held_out], dtype=np.int64)
        asked = asked_of(labelled.chosen(measuring), task)
        if asked is not None:
            chooses = known & (np.arange(len(held_out)) < len(choosing))
            temperature, threshold = (
                calibration_of(scaled[chooses], labels[chooses], old_calibration.sure_threshold)
                if chooses.any()
                else (1.0, old_calibration.sure_threshold)
            )
            rows = measuring[asked.rows]
            before: Floats = taught[rows][:, task.columns]
            after = softmax(scaled[len(choosing) :][asked.rows] / temperature)
            sure = after.max(axis=1) >= threshold
            points = [(0, before), (len(training), after)]
            figures |= compared_figures(
                asked, task.classes(labelled), before, after, old_calibration.sure_threshold, sure, points
            )
        if known.any():
            calibration = calibrated(calibration, task, scaled[known], labels[known], scale)
    card = replace(start.card, calibration=calibration, figures=figures, trained_on=_sources(start, labelled))
    return replace(made, card=card)


_MEASURED_FULL = (
    "Measured on a fifth of the labels, which nothing was trained on or chosen by; another fifth said when to stop."
)


def _parts(labelled: LabelledComments, seed: int) -> tuple[Ints, Ints, Ints]:
    """Places of the comments that measure, that say when to stop, and that train."""
    groups = group_comments(labelled)
    labels = np.array([one.stance for one in labelled.examples], dtype=np.int64)
    folds = make_folds(groups, labels, _N_PARTS, seed)
    measuring, choosing = np.flatnonzero(folds == 0), np.flatnonzero(folds == 1)
    training = np.flatnonzero(folds > 1)
    if not all(map(len, (measuring, choosing, training))) or len(set(labels[training].tolist())) < 2:
        raise InputError(
            f"{len(labelled)} labels in {groups.n} groups (by {groups.by}) are too few to part into those that train,"
            " that say when to stop and that measure. Use way='head', or label more threads."
        )
    return measuring, choosing, training


def _sources(start: OpenModel, labelled: LabelledComments) -> tuple[str, ...]:
    return (*start.card.trained_on, f"{len(labelled)} comments labelled by its owner, sha256 {labelled.sha256[:16]}")


def _fingerprint(model: OpenModel) -> str:
    digest = hashlib.sha256()
    for tensor in model.network.state_dict().values():
        digest.update(tensor.detach().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


@contextmanager
def _kept(out: Path | None) -> Iterator[Path]:
    """Where a training keeps its state: beside the model to be, until it is done."""
    if out is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    folder_of_state = out / "unfinished"
    yield folder_of_state
    shutil.rmtree(folder_of_state, ignore_errors=True)


def _named(progress: Progress, what: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(what, done, total)


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
    """A bar for each thing that is done, with the time left, on stderr."""
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
