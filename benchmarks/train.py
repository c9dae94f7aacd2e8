"""Make a shipped model again: ``python -m benchmarks.train base --backbone DIR --public DIR``.

``base`` (MPNet, 110 M parameters) learns in four stages: first to read for and against, from arguments of the
redistributable public sets among our debates; then debates alone, three stances and the tone at once; then the later
parts; last, from the mean of what these stages left (Wortsman et al. 2022, "Model soups"), a bit of everything at a
falling rate. What ships is the mean of the first, second and last. ``small`` (MiniLM, 22 M) sees all of it
together, then debates alone, and in two last stages, whose mean ships, follows base's answers beside the labels
(``--teacher stance/models/base``).

Disputes of the dev split choose nothing here but the temperatures, the sure-threshold and small's mean, and tell how
the model errs (``held_out.json``); those of the test split and the gold comments play no part.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
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
from benchmarks.scored import scored
from stance.calibration import Calibration, fit_sure_threshold, fit_temperature, softmax
from stance.card import ModelCard, write_held_out
from stance.encoding import Example, InputForm
from stance.inference import score_examples
from stance.labelled import LabelledExample
from stance.model import OpenModel, StockModel, native_precision, open_model, opened_stock, write_model
from stance.scores import N_STANCES
from stance.training import TrainingSettings, fine_tune

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
# the union: of those a share is shown.
_EARLY = frozenset(range(1, 13)) - {7, 8}


@dataclass(frozen=True)
class Stage:
    """What is shown, and how.

    :param early: Share of the corpus' early parts that is shown.
    :param real: Share of the real comments.
    :param later: Share of the parts that are not early.
    :param other: Share of the real comments under other sides than their debate's own.
    :param arguments: Most arguments a motion from the public sets.
    :param taught: Share of what is shown that follows the teachers' answers beside its label.
    :param unlabelled: Real replies that nobody labelled and that follow the teachers alone.
    """

    settings: TrainingSettings
    early: float = 0.0
    real: float = 1.0
    later: float = 1.0
    other: float = 1.0
    arguments: int = 0
    taught: float = 0.0
    unlabelled: int = 0

    def shows(self, row: DebateRow) -> bool:
        """Whether a row of the train split is among what is shown."""
        if row.part:
            share = self.early if row.part in _EARLY else self.later
        else:
            share = self.other if row.other_sides else self.real
        return _place(row.labelled.example) < share


@dataclass(frozen=True)
class Recipe:
    """How one model is made.

    :param stored: What its weights are stored in.
    """

    backbone: str
    stages: tuple[Stage, ...]
    stored: torch.dtype


_MPNET = "sentence-transformers/all-mpnet-base-v2"
_MINILM = "sentence-transformers/all-MiniLM-L6-v2"
_SETTINGS = TrainingSettings(
    batch_examples=32,
    batch_tokens=16384,
    max_tokens=256,
    swap=0.3,
    drop_part=0.05,
    layer_decay=0.9,
    warmup=0.06,
    freeze_words=True,
)
_FIRST = replace(_SETTINGS, epochs=1, learning_rate=6e-5, last_rate=0.6)
_THEN = replace(_SETTINGS, epochs=2, learning_rate=4e-5, warmup=0.02)
_SMALL = replace(_SETTINGS, batch_examples=64, layer_decay=1.0)


def _teacher(first: Stage, then: Stage) -> Recipe:
    return Recipe(_MPNET, (first, then), torch.float16)


RECIPES = {
    "teacher-1": _teacher(Stage(_FIRST, early=0.5, arguments=30), Stage(_THEN, early=0.3)),
    # All of our corpus, and the sides as often in one order as in the other.
    "teacher-2": _teacher(
        Stage(replace(_FIRST, swap=0.5, seed=2), early=1.0, arguments=30),
        Stage(replace(_THEN, swap=0.5, seed=2), early=1.0),
    ),
    # Of what we wrote ourselves half, so that real comments are most of what is seen.
    "teacher-3": _teacher(
        Stage(replace(_FIRST, seed=3), early=0.1, later=0.6, arguments=30),
        Stage(replace(_THEN, seed=3), early=0.1, later=0.4),
    ),
    "base": Recipe(
        backbone=_MPNET,
        stages=(Stage(replace(_THEN, learning_rate=3e-5), early=0.3, taught=1.0, unlabelled=10_000),),
        stored=torch.int8,
    ),
    "small": Recipe(
        backbone=_MINILM,
        stages=(
            Stage(
                replace(_SMALL, epochs=2, learning_rate=3e-4, last_rate=0.5),
                early=0.5,
                arguments=30,
                taught=1.0,
                unlabelled=10_000,
            ),
            Stage(
                replace(_SMALL, epochs=5, learning_rate=1.5e-4, warmup=0.02),
                early=0.3,
                taught=1.0,
                unlabelled=10_000,
            ),
        ),
        stored=torch.float16,
    ),
}


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    recipe = RECIPES[options.name]
    rows = load_rows(options.public) + load_other_sides(options.public)
    network, tokenizer = open_backbones(options.backbone)
    network.to(options.device)
    teachers = [open_model(folder, options.device, "auto") for folder in options.teachers]
    for number, stage in enumerate(recipe.stages, 1):
        examples = shown_in(stage, rows, options.public)
        if stage.taught:
            examples = taught(examples, teachers, stage.taught)
        print(f"stage {number}: {len(examples)} examples", flush=True)
        _train(number, network, tokenizer, examples, stage.settings)
    trained_on = (*DATA, f"backbone: {recipe.backbone}, Apache-2.0")
    card = ModelCard(name=f"stance-{options.name}", form=FORM, calibration=Calibration(), trained_on=trained_on)
    card = replace(card, calibration=fit_calibration(opened(card, network, tokenizer), dev_set(rows)))
    out = options.out or MODELS / options.name
    write_model(out, card, network, tokenizer, recipe.stored)
    # Of the weights as they are stored: in fewer bits they answer a little otherwise.
    dev = held_out.held_out_rows(rows)
    asked = [row.labelled for row in dev]
    write_held_out(out, held_out.held_out_of(dev, scored(out, asked, device=options.device)))
    print(f"wrote {out}")


def load_rows(public: Path) -> list[DebateRow]:
    """Our corpus, then the real comments labelled by us, under their debates' own sides."""
    return load_corpus() + load_labelled_comments(public)


def shown_in(stage: Stage, rows: Sequence[DebateRow], public: Path) -> list[LabelledExample]:
    """What a stage trains on: the train split, without comments whose two labellers differ."""
    chosen = [row.labelled for row in rows if row.split == "train" and not row.disputed and stage.shows(row)]
    seed = stage.settings.seed
    arguments = load_public(public, per_target=stage.arguments, seed=seed) if stage.arguments else []
    return balanced(chosen) + arguments + load_unlabelled(public, stage.unlabelled, seed)


def open_backbones(folders: Sequence[Path]) -> tuple[Any, Any]:
    """The pretrained encoder with a new six-label head, and its tokenizer; of several folders their mean."""
    torch.manual_seed(0)
    opened_ones = [
        AutoModelForSequenceClassification.from_pretrained(
            folder,
            num_labels=2 * N_STANCES,
            dtype=torch.float32,
            hidden_dropout_prob=0.05,
            attention_probs_dropout_prob=0.0,
        )
        for folder in folders
    ]
    network = opened_ones[0]
    if len(opened_ones) > 1:
        network.load_state_dict(mean_weights([one.state_dict() for one in opened_ones]))
    return network, AutoTokenizer.from_pretrained(folders[0])


def mean_weights(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of several states of one network; whole numbers are taken from the first."""
    return {
        name: torch.stack([state[name] for state in states]).mean(dim=0) if tensor.is_floating_point() else tensor
        for name, tensor in states[0].items()
    }


def opened(card: ModelCard, network: Any, tokenizer: Any) -> OpenModel:
    """A network fresh from training, as inference takes it."""
    return replace(
        opened_stock(card, StockModel(network.eval(), tokenizer)), precision=native_precision(network.device)
    )


def taught(
    examples: Sequence[LabelledExample], teachers: Sequence[OpenModel], share: float, seed: int = 0
) -> list[LabelledExample]:
    """The examples, a share of them with the mean of the teachers' calibrated probabilities: all that have no label,
    and never two-way ones, of which the teachers know no more."""
    rng = random.Random(seed)
    asked = [one.stance is None or (not one.two_way and rng.random() < share) for one in examples]
    chosen = [one.example for one, ask in zip(examples, asked, strict=True) if ask]
    chances = np.mean([_chances(chosen, teacher) for teacher in teachers], axis=0)
    rows = iter(chances.tolist())
    return [replace(e, teacher=tuple(next(rows))) if ask else e for e, ask in zip(examples, asked, strict=True)]


def _chances(examples: Sequence[Example], teacher: OpenModel) -> npt.NDArray[np.float64]:
    scores, calibration = score_examples(examples, teacher), teacher.card.calibration
    return np.hstack([calibration.stance_probabilities(scores), calibration.sentiment_probabilities(scores)])


def dev_set(rows: Sequence[DebateRow]) -> list[LabelledExample]:
    """The disputes that choose: ours, and the real ones so often that both count alike, for users bring real ones."""
    dev = [row for row in rows if row.split == "dev" and not row.disputed]
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


def _train(
    stage: int, network: Any, tokenizer: Any, examples: Sequence[LabelledExample], settings: TrainingSettings
) -> None:
    started = time.perf_counter()

    def report(epoch: int, loss: float) -> None:
        print(f"stage {stage}, epoch {epoch}: loss {loss:.4f}, {time.perf_counter() - started:.0f} s", flush=True)

    fine_tune(network, tokenizer, FORM, examples, settings, report)


def _place(example: Example) -> float:
    """Between 0 and 1, by a hash: a share of comments drawn once and for all."""
    key = f"{example.thread_id}/{example.comment_id}".encode()
    return int(hashlib.sha256(key).hexdigest()[:8], 16) / 2**32


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument(
        "--backbone", type=Path, nargs="+", required=True, help="folder of the encoder; of several the mean"
    )
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], help="model folders whose answers are followed")
    parser.add_argument("--out", type=Path, help="the model's folder; by default the one in the package")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    if not options.teachers and any(stage.taught for stage in RECIPES[options.name].stages):
        parser.error(f"{options.name} follows teachers; name their folders, as in --teachers build/teacher-1")
    return options


if __name__ == "__main__":
    main()
