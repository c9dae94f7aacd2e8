"""Make a shipped model again: ``python -m benchmarks.train base --backbone DIR --public DIR --device cuda``.

``base`` (MPNet, 110 M parameters) learns from everything at once, in many passes: our debates, real comments under
their debates' own sides and under others, the sides in either order, and arguments of the redistributable public sets,
which say for and against and nothing of neutral. ``small`` (MiniLM, 22 M) sees the same, and real replies that nobody
labelled, and follows base's answers (``--teacher stance/models/base``) beside the labels.

Disputes of the dev split choose nothing here but the temperatures and the sure-threshold, and tell how the model errs
(``held_out.json``); those of the test split and the gold comments play no part.
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
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from benchmarks import held_out
from benchmarks.data import (
    DebateRow,
    balanced,
    load_corpus,
    load_labelled_comments,
    load_other_sides,
    load_public,
    load_unlabelled,
)
from benchmarks.graphed_training import Source, Teacher, answers_of, train_long
from benchmarks.scored import scored
from stance.calibration import Calibration, fit_sure_threshold, fit_temperature, softmax
from stance.card import ModelCard, write_held_out
from stance.encoding import InputForm
from stance.inference import score_examples
from stance.labelled import LabelledExample
from stance.model import OpenModel, StockModel, native_precision, open_model, opened_stock, write_model
from stance.scores import N_STANCES
from stance.training import TrainingSettings

MODELS = Path(__file__).parents[1] / "stance" / "models"
FORM = InputForm(max_tokens=384)
DATA = (
    "our debate corpus, written for this project (benchmarks/corpus), Apache-2.0",
    "public comments labelled by us (benchmarks/corpus/labelled_comments.jsonl): VAST train and dev, IAC 4forums,"
    " MT-CSD and others; texts of their publishers, not included",
    "IBM ArgQ-Rank-30k, CC-BY-SA 3.0",
    "ArgKP-2021, CDLA-Sharing-1.0",
    "IBM Claim Stance, CC-BY-SA 3.0",
    "Perspectrum, CC-BY-SA 4.0",
)
# The corpus' first parts, but for other debates (7) and contrast sets (8), run short, and in them only opponents name
# the union: of those fewer are shown.
_EARLY = frozenset(range(1, 13)) - {7, 8}


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
    """

    backbone: str
    settings: TrainingSettings
    mix: Mix
    stored: torch.dtype
    masked: float = 0.05


_SETTINGS = TrainingSettings(
    epochs=24,
    learning_rate=5e-5,
    batch_examples=192,
    batch_tokens=12288,
    max_tokens=224,
    warmup=0.05,
    swap=0.5,
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
    network, tokenizer = open_backbone(options.backbone)
    network.to(options.device)
    teacher = teacher_of(open_model(options.teacher, options.device, "float32")) if options.teacher else None
    train(recipe, network, tokenizer, rows, options.public, teacher)
    write(options.name, network, tokenizer, rows, options.out or MODELS / options.name)


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
    dev = {name: kept for name, kept in dev_sets(rows).items() if kept}
    started = time.perf_counter()

    def report(number: int, loss: float, done: float) -> None:
        told = [f"pass {number}: {done:.0%}, {time.perf_counter() - started:.0f} s, loss {loss:.3f}"]
        for name, kept in dev.items():
            told.append(f"{name} {_macro_f1(kept, np.array(list(answers_of(network, tokenizer, FORM, kept)))):.3f}")
        print("; ".join(told), flush=True)
        if after_pass:
            after_pass(number)

    sources = sources_of(recipe.mix, rows, public)
    print("examples a pass:", [f"{len(s.examples)} x {s.share}" for s in sources], flush=True)
    return train_long(
        network,
        tokenizer,
        FORM,
        sources,
        recipe.settings,
        teacher=teacher,
        masked=recipe.masked,
        seconds=seconds,
        after_pass=report,
    )


def write(name: str, network: Any, tokenizer: Any, rows: Sequence[DebateRow], out: Path) -> None:
    """Calibrate on the dev disputes, write the model's folder, and how it errs beside it."""
    recipe = RECIPES[name]
    trained_on = (*DATA, f"backbone: {recipe.backbone}, Apache-2.0")
    card = ModelCard(name=f"stance-{name}", form=FORM, calibration=Calibration(), trained_on=trained_on)
    card = replace(card, calibration=fit_calibration(opened(card, network, tokenizer), dev_set(rows)))
    write_model(out, card, network, tokenizer, recipe.stored)
    # Of the weights as they are stored: in fewer bits they answer a little otherwise.
    dev = held_out.held_out_rows(rows)
    asked = [row.labelled for row in dev]
    write_held_out(out, held_out.held_out_of(dev, scored(out, asked, device=network.device.type)))
    print(f"wrote {out}")


def load_rows(public: Path) -> list[DebateRow]:
    """Our corpus, then the real comments labelled by us, under their debates' own sides."""
    return load_corpus() + load_labelled_comments(public)


def sources_of(mix: Mix, rows: Sequence[DebateRow], public: Path) -> list[Source]:
    """What passes draw from: the train split, without comments whose two labellers differ."""
    train = [row for row in rows if row.split == "train" and not row.disputed]
    weighted = balanced([row.labelled for row in train])
    kinds: dict[float, list[LabelledExample]] = {}
    for row, labelled in zip(train, weighted, strict=True):
        if row.other_sides:
            share = mix.council if "pro-union" in labelled.example.sides.labels else mix.other
        else:
            share = (mix.early if row.part in _EARLY else mix.later) if row.part else mix.real
        kinds.setdefault(share, []).append(labelled)
    sources = [Source(examples, share) for share, examples in kinds.items() if share]
    if mix.arguments[0]:
        sources.append(Source(load_public(public, per_target=mix.arguments[1]), mix.arguments[0]))
    if mix.unlabelled[0]:
        sources.append(Source(load_unlabelled(public, mix.unlabelled[1]), mix.unlabelled[0]))
    return sources


def open_backbone(folder: Path) -> tuple[Any, Any]:
    """The pretrained encoder with a new six-label head, and its tokenizer."""
    torch.manual_seed(0)
    network = AutoModelForSequenceClassification.from_pretrained(
        folder,
        num_labels=2 * N_STANCES,
        dtype=torch.float32,
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.0,
    )
    return network, AutoTokenizer.from_pretrained(folder)


def teacher_of(model: OpenModel) -> Teacher:
    """A model as a teacher."""
    calibration = model.card.calibration
    temperatures = calibration.stance_temperature, calibration.sentiment_temperature
    return Teacher(model.network.to(model.device), model.stock_tokenizer, temperatures)


def opened(card: ModelCard, network: Any, tokenizer: Any) -> OpenModel:
    """A network fresh from training, as inference takes it."""
    precision = native_precision(network.device)
    return replace(opened_stock(card, StockModel(network.eval(), tokenizer)), precision=precision)


def dev_sets(rows: Sequence[DebateRow]) -> dict[str, list[LabelledExample]]:
    """The disputes of the dev split, by kind."""
    dev = [row for row in rows if row.split == "dev" and not row.disputed]
    return {
        "ours": [row.labelled for row in dev if row.part],
        "real": [row.labelled for row in dev if not row.part and not row.other_sides],
        "other sides": [row.labelled for row in dev if row.other_sides],
    }


def dev_set(rows: Sequence[DebateRow]) -> list[LabelledExample]:
    """The disputes that choose: ours, and the real ones so often that both count alike, for users bring real ones."""
    dev = [row for row in rows if row.split == "dev" and not row.disputed and not row.other_sides]
    ours, real = [row.labelled for row in dev if row.part], [row.labelled for row in dev if not row.part]
    return ours + real * round(len(ours) / len(real))


def fit_calibration(model: OpenModel, dev: Sequence[LabelledExample]) -> Calibration:
    """Temperatures and the sure-threshold, from examples that trained nothing."""
    logits = score_examples([labelled.example for labelled in dev], model).logits.astype(np.float64)
    stance = np.array([labelled.stance for labelled in dev])
    tone = np.array([-1 if labelled.sentiment is None else labelled.sentiment for labelled in dev])
    stance_logits, tone_logits = logits[:, :N_STANCES], logits[tone >= 0, N_STANCES:]
    temperature = fit_temperature(stance_logits, stance)
    probabilities = softmax(stance_logits / temperature)
    calibration = Calibration(
        stance_temperature=round(temperature, 4),
        sentiment_temperature=round(fit_temperature(tone_logits, tone[tone >= 0]), 4),
        sure_threshold=round(fit_sure_threshold(probabilities, stance), 4),
    )
    print(f"dev: accuracy {np.mean(probabilities.argmax(axis=1) == stance):.3f}, {calibration}")
    return calibration


def _macro_f1(labelled: Sequence[LabelledExample], logits: npt.NDArray[np.float32]) -> float:
    truth = np.array([one.stance for one in labelled])
    return float(f1_score(truth, logits[:, :N_STANCES].argmax(axis=1), labels=range(N_STANCES), average="macro"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument("--backbone", type=Path, required=True, help="folder of the pretrained encoder")
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--teacher", type=Path, help="model folder whose answers are followed beside the labels")
    parser.add_argument("--out", type=Path, help="the model's folder; by default the one in the package")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser.parse_args()


if __name__ == "__main__":
    main()
