"""Recipes of many passes, for a GPU: ``python -m benchmarks.train_gpu base --backbone DIR --public DIR --out DIR``.

What ships was made by :mod:`benchmarks.train`; nothing that these recipes made has been better yet (``LOG.md``). They
show arguments of the redistributable public sets first, which say for and against and nothing of neutral, then these
among our comments and real ones under all sides that we labelled them for, the side in power always named first
(:mod:`stance.roles`). ``small`` follows base's answers beside the labels (``--teacher``), and alone on replies that
nobody labelled.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.metrics import f1_score

from benchmarks.data import DebateRow, balanced, load_other_sides, load_public, load_unlabelled
from benchmarks.fused_forward import answers_of
from benchmarks.graphed_training import Showing, Source, Teacher, train_long
from benchmarks.roles import in_order, packaged_roles
from benchmarks.train import EARLY, FORM, load_rows, open_backbone, parser_for, write_trained
from stance.labelled import LabelledExample
from stance.model import OpenModel, open_model, plain_tokenizer
from stance.roles import Roles
from stance.scores import N_STANCES
from stance.training import TrainingSettings


@dataclass(frozen=True)
class Mix:
    """How often a pass shows each kind of example; a part of them, where it is not a whole number, drawn anew.

    :param early: The corpus' early parts.
    :param later: Its others.
    :param real: Real comments under their debates' own sides.
    :param other: Real comments under other sides.
    :param council: Those of them whose sides are a council and a union.
    :param arguments: Public arguments, and most of them a motion.
    :param unlabelled: Real replies that nobody labelled, and how many there are.
    """

    early: float = 0.4
    later: float = 0.9
    real: float = 2.0
    other: float = 1.0
    council: float = 1.5
    arguments: tuple[float, int] = (0.4, 400)
    unlabelled: tuple[float, int] = (0.0, 0)


@dataclass(frozen=True)
class Recipe:
    """How one model is made.

    :param stored: What its weights are stored in.
    :param masked: Chance that a token is hidden while training.
    :param arguments_first: How many passes show all arguments and nothing else.
    """

    backbone: str
    settings: TrainingSettings
    mix: Mix
    stored: torch.dtype
    masked: float = 0.05
    arguments_first: int = 2


_SETTINGS = TrainingSettings(
    epochs=24,
    learning_rate=5e-5,
    batch_examples=192,
    batch_tokens=12288,
    max_tokens=224,
    warmup=0.05,
    swap=0.0,
    swap_others=0.0,
    drop_part=0.05,
    layer_decay=0.9,
    freeze_words=True,
)
RECIPES = {
    "base": Recipe("sentence-transformers/all-mpnet-base-v2", _SETTINGS, Mix(), torch.int8),
    "small": Recipe(
        "sentence-transformers/all-MiniLM-L6-v2",
        replace(_SETTINGS, epochs=14, learning_rate=2.5e-4, layer_decay=1.0, teacher_weight=0.7),
        Mix(unlabelled=(1.0, 12_000)),
        torch.float16,
        masked=0.0,
    ),
}


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    recipe = RECIPES[options.name]
    rows = load_rows(options.public) + load_other_sides(options.public)
    network, tokenizer = open_backbone(options.backbone, dropout=0.1)
    network.to(options.device)
    teacher = teacher_of(open_model(options.teacher, options.device, "float32")) if options.teacher else None
    train(recipe, network, tokenizer, rows, options.public, teacher)
    write_trained(options.name, recipe.backbone, recipe.stored, network, tokenizer, rows, options.out)


def train(
    recipe: Recipe,
    network: Any,
    tokenizer: Any,
    rows: Sequence[DebateRow],
    public: Path,
    teacher: Teacher | None = None,
    *,
    seconds: float | None = None,
    after_pass: Callable[[int], None] | None = None,
) -> float:
    """Train a network by a recipe, and tell how it does on the dev disputes as it goes.

    :returns: How many passes were made.
    """
    roles = packaged_roles(plain_tokenizer(tokenizer))
    dev = {name: [in_order(one, roles) for one in kept] for name, kept in dev_sets(rows).items() if kept}
    started = time.perf_counter()

    def report(number: int, loss: float, done: float) -> None:
        told = [f"pass {number}: {done:.0%}, {time.perf_counter() - started:.0f} s, loss {loss:.3f}"]
        for name, kept in dev.items():
            told.append(f"{name} {_macro_f1(kept, np.array(list(answers_of(network, tokenizer, FORM, kept)))):.3f}")
        print("; ".join(told), flush=True)
        if after_pass:
            after_pass(number)

    sources = sources_of(recipe.mix, rows, public, roles)
    first = [Source(load_public(public, per_target=recipe.mix.arguments[1]))], recipe.arguments_first
    print("examples a pass:", [f"{len(s.examples)} x {s.share}" for s in sources], flush=True)
    return train_long(
        network,
        tokenizer,
        Showing(sources, FORM, recipe.settings, first),
        teacher=teacher,
        masked=recipe.masked,
        seconds=seconds,
        after_pass=report,
    )


def sources_of(mix: Mix, rows: Sequence[DebateRow], public: Path, roles: Roles) -> list[Source]:
    """What passes draw from: the train split, without comments whose two labellers differ; sides in order."""
    train = [row for row in rows if row.split == "train" and not row.disputed]
    weighted = balanced([row.labelled for row in train])
    kinds: dict[float, list[LabelledExample]] = {}
    for row, labelled in zip(train, weighted, strict=True):
        if row.other_sides:
            share = mix.council if "pro-union" in labelled.example.sides.labels else mix.other
        else:
            share = (mix.early if row.part in EARLY else mix.later) if row.part else mix.real
        kinds.setdefault(share, []).append(in_order(labelled, roles))
    sources = [Source(examples, share) for share, examples in kinds.items() if share]
    if mix.arguments[0]:
        sources.append(Source(load_public(public, per_target=mix.arguments[1]), mix.arguments[0]))
    if mix.unlabelled[0]:
        unlabelled = load_unlabelled(public, mix.unlabelled[1])
        sources.append(Source([in_order(labelled, roles) for labelled in unlabelled], mix.unlabelled[0]))
    return sources


def teacher_of(model: OpenModel) -> Teacher:
    """A model as a teacher."""
    calibration = model.card.calibration
    temperatures = calibration.stance_temperature, calibration.sentiment_temperature
    return Teacher(model.network.to(model.device), model.stock_tokenizer, temperatures)


def dev_sets(rows: Sequence[DebateRow]) -> dict[str, list[LabelledExample]]:
    """The disputes of the dev split, by kind."""
    dev = [row for row in rows if row.split == "dev" and not row.disputed]
    return {
        "ours": [row.labelled for row in dev if row.part],
        "real": [row.labelled for row in dev if not row.part and not row.other_sides],
        "other sides": [row.labelled for row in dev if row.other_sides],
    }


def _macro_f1(labelled: Sequence[LabelledExample], logits: npt.NDArray[np.float32]) -> float:
    truth = np.array([one.stance for one in labelled])
    return float(f1_score(truth, logits[:, :N_STANCES].argmax(axis=1), labels=range(N_STANCES), average="macro"))


def _options() -> argparse.Namespace:
    parser = parser_for(__doc__, RECIPES)
    parser.add_argument("--out", type=Path, required=True, help="the model's folder")
    parser.add_argument("--device", default="cuda")
    options = parser.parse_args()
    if options.teacher is None and RECIPES[options.name].mix.unlabelled[0]:
        parser.error(f"{options.name} follows a teacher's answers; name its folder, as in --teacher stance/models/base")
    return options


if __name__ == "__main__":
    main()
