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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
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
)
from benchmarks.roles import packaged_roles
from benchmarks.scored import scored
from stance.calibration import Calibration, fit_sure_threshold, fit_temperature, softmax
from stance.card import ModelCard, write_held_out
from stance.encoding import Example, InputForm
from stance.inference import score_examples
from stance.labelled import LabelledExample
from stance.model import (
    OpenModel,
    StockModel,
    native_precision,
    open_model,
    opened_stock,
    plain_tokenizer,
    write_model,
)
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
#: The corpus' first parts, but for other debates (7) and contrast sets (8), run short, and in them only opponents name
#: the union: of those a share is shown.
EARLY = frozenset(range(1, 13)) - {7, 8}


@dataclass(frozen=True)
class Stage:
    """What is shown, and how.

    :param early: Share of the corpus' early parts that is shown.
    :param real: Share of the real comments.
    :param later: Share of the parts that are not early.
    :param other: Share of the real comments under other sides than their debate's own.
    :param skip: Share of ours that is passed over, from the end that the others draw from: what was shown already.
    :param skip_real: Likewise of the real comments.
    :param from_part: The first part of the corpus that is shown.
    :param arguments: Most arguments a motion from the public sets.
    :param taught: Share of what is shown that follows the teacher's answers beside its label.
    :param from_mean: Begin from the mean weights of all stages before, not from the last.
    """

    settings: TrainingSettings
    early: float = 0.0
    real: float = 1.0
    later: float = 1.0
    other: float = 0.0
    skip: float = 0.0
    skip_real: float = 0.0
    from_part: int = 1
    arguments: int = 0
    taught: float = 0.0
    from_mean: bool = False

    def shows(self, row: DebateRow) -> bool:
        """Whether a row of the train split is among what is shown."""
        if row.part and row.part < self.from_part:
            return False
        if row.other_sides:
            return _place(row.labelled.example) < self.other
        share = self.early if row.part in EARLY else self.later if row.part else self.real
        return (self.skip if row.part else self.skip_real) <= _place(row.labelled.example) < share


@dataclass(frozen=True)
class Recipe:
    """How one model is made.

    :param stored: What its weights are stored in.
    :param mean_of: The stages whose mean ships; empty for the last stage alone.
    """

    backbone: str
    stages: tuple[Stage, ...]
    stored: torch.dtype
    mean_of: tuple[int, ...] = ()


# What the later stages of small have in common: short inputs, which a processor gets through in minutes.
_SHORT = TrainingSettings(
    batch_examples=16,
    batch_tokens=3072,
    max_tokens=128,
    swap=0.1,
    drop_part=0.05,
    freeze_words=True,
)
# What the stages of base have in common.
_ONE_PASS = TrainingSettings(
    epochs=1,
    learning_rate=5e-5,
    batch_examples=16,
    batch_tokens=3072,
    max_tokens=192,
    drop_part=0.05,
    layer_decay=0.9,
    freeze_words=True,
)
RECIPES = {
    "base": Recipe(
        backbone="sentence-transformers/all-mpnet-base-v2",
        stages=(
            Stage(replace(_ONE_PASS, swap=0.0, last_rate=0.5), early=0.3, arguments=25),
            Stage(replace(_ONE_PASS, swap=0.1, learning_rate=4e-5, last_rate=0.5, max_tokens=224), early=0.15),
            Stage(
                replace(
                    _ONE_PASS,
                    swap=0.1,
                    learning_rate=2.5e-5,
                    warmup=0.03,
                    max_tokens=224,
                    batch_examples=24,
                    batch_tokens=4096,
                ),
                real=0.4,
                from_part=32,
            ),
            Stage(
                replace(_ONE_PASS, swap=0.05, warmup=0.05),
                early=0.1,
                real=0.25,
                later=0.5,
                from_mean=True,
            ),
        ),
        stored=torch.int8,
        mean_of=(1, 2, 4),
    ),
    "small": Recipe(
        backbone="sentence-transformers/all-MiniLM-L6-v2",
        stages=(
            Stage(
                TrainingSettings(
                    epochs=2,
                    learning_rate=2e-4,
                    batch_examples=16,
                    batch_tokens=3072,
                    max_tokens=192,
                    swap=0.1,
                    drop_part=0.05,
                ),
                early=0.1,
                later=0.6,
                real=0.8,
                arguments=8,
            ),
            Stage(
                replace(_SHORT, epochs=4, learning_rate=1.2e-4),
                early=0.1,
                later=0.5,
            ),
            Stage(
                replace(_SHORT, epochs=1, learning_rate=5e-5, batch_examples=32, batch_tokens=4096, warmup=0.03),
                skip=0.5,
                skip_real=0.5,
                real=0.75,
                later=0.75,
            ),
            Stage(
                replace(_SHORT, epochs=3, learning_rate=1.2e-4, swap=0.03, swap_others=0.3, warmup=0.06),
                early=0.3,
                later=0.31,
                taught=0.72,
            ),
            # Broken off after the first of two passes, and the mean taken in place of the rate's fall.
            Stage(
                replace(_SHORT, epochs=1, learning_rate=8e-5, last_rate=0.53, swap=0.03, swap_others=0.3, warmup=0.06),
                skip=0.31,
                early=0.4,
                later=0.8,
                taught=0.25,
            ),
        ),
        stored=torch.float16,
        mean_of=(4, 5),
    ),
}


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    recipe = RECIPES[options.name]
    rows = load_rows(options.public) + load_other_sides(options.public)
    network, tokenizer = open_backbone(options.backbone)
    network.to(options.device)
    left_behind: list[dict[str, torch.Tensor]] = []
    for number, stage in enumerate(recipe.stages, 1):
        if options.start_after < number:
            if stage.from_mean and left_behind:
                network.load_state_dict(mean_weights(left_behind))
            examples = shown_in(stage, rows, options.public, options.seed)
            if stage.taught:
                examples = taught(
                    examples, open_model(options.teacher, options.device, "auto"), stage.taught, options.seed
                )
            print(f"stage {number}: {len(examples)} examples", flush=True)
            _train(number, network, tokenizer, examples, replace(stage.settings, seed=options.seed), options.keep)
            left_behind.append({name: tensor.clone() for name, tensor in network.state_dict().items()})
    if recipe.mean_of and left_behind:
        network.load_state_dict(mean_weights([left_behind[number - 1] for number in recipe.mean_of]))
    write_trained(options.name, recipe.backbone, recipe.stored, network, tokenizer, rows, options.out)


def write_trained(
    name: str,
    backbone: str,
    stored: torch.dtype,
    network: Any,
    tokenizer: Any,
    rows: Sequence[DebateRow],
    out: Path | None = None,
) -> None:
    """Calibrate a network on the dev disputes, and write its folder, with how it errs there.

    :param stored: What its weights are stored in.
    :param out: By default the model's folder in the package.
    """
    trained_on = (*DATA, f"backbone: {backbone}, Apache-2.0")
    card = ModelCard(name=f"stance-{name}", form=FORM, calibration=Calibration(), trained_on=trained_on)
    roles = packaged_roles(plain_tokenizer(tokenizer))
    asked_in_order = replace(opened(card, network, tokenizer), roles=roles)
    card = replace(card, calibration=fit_calibration(asked_in_order, dev_set(rows)))
    out = out or MODELS / name
    write_model(out, card, network, tokenizer, stored, roles)
    # Of the weights as they are stored: in fewer bits they answer a little otherwise.
    dev = held_out.held_out_rows(rows, roles)
    asked = [row.labelled for row in dev]
    write_held_out(out, held_out.held_out_of(dev, scored(out, asked, device=network.device.type)))
    print(f"wrote {out}")


def load_rows(public: Path) -> list[DebateRow]:
    """Our corpus, then the real comments labelled by us, under their debates' own sides."""
    return load_corpus() + load_labelled_comments(public)


def shown_in(stage: Stage, rows: Sequence[DebateRow], public: Path, seed: int = 0) -> list[LabelledExample]:
    """What a stage trains on: the train split, without comments whose two labellers differ."""
    chosen = [row.labelled for row in rows if row.split == "train" and not row.disputed and stage.shows(row)]
    arguments = load_public(public, per_target=stage.arguments, seed=seed) if stage.arguments else []
    return balanced(chosen) + arguments


def open_backbone(folder: Path, dropout: float = 0.05) -> tuple[Any, Any]:
    """The pretrained encoder with a new six-label head, and its tokenizer; or what a stage left behind."""
    torch.manual_seed(0)
    network = AutoModelForSequenceClassification.from_pretrained(
        folder,
        num_labels=2 * N_STANCES,
        dtype=torch.float32,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
    )
    return network, AutoTokenizer.from_pretrained(folder)


def mean_weights(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of several states of one network; whole numbers are taken from the first."""
    return {
        name: torch.stack([state[name] for state in states]).mean(dim=0) if tensor.is_floating_point() else tensor
        for name, tensor in states[0].items()
    }


def opened(card: ModelCard, network: Any, tokenizer: Any) -> OpenModel:
    """A network fresh from training, as inference takes it."""
    precision = native_precision(network.device)
    return replace(opened_stock(card, StockModel(network.eval(), tokenizer)), precision=precision)


def taught(
    examples: Sequence[LabelledExample], teacher: OpenModel, share: float, seed: int = 0
) -> list[LabelledExample]:
    """The examples, a share of them with the teacher's calibrated probabilities; never two-way ones, of which it knows
    no more."""
    rng = random.Random(seed)
    asked = [not labelled.two_way and rng.random() < share for labelled in examples]
    scores = score_examples([one.example for one, ask in zip(examples, asked, strict=True) if ask], teacher)
    calibration = teacher.card.calibration
    chances = np.hstack([calibration.stance_probabilities(scores), calibration.sentiment_probabilities(scores)])
    rows = iter(chances.tolist())
    return [replace(e, teacher=tuple(next(rows))) if ask else e for e, ask in zip(examples, asked, strict=True)]


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


def _train(
    stage: int,
    network: Any,
    tokenizer: Any,
    examples: Sequence[LabelledExample],
    settings: TrainingSettings,
    keep: Path | None,
) -> None:
    started = time.perf_counter()

    def report(epoch: int, loss: float) -> None:
        print(f"stage {stage}, epoch {epoch}: loss {loss:.4f}, {time.perf_counter() - started:.0f} s", flush=True)
        if keep:
            network.save_pretrained(keep / f"stage-{stage}")
            tokenizer.save_pretrained(keep / f"stage-{stage}")

    fine_tune(network, tokenizer, FORM, examples, settings, report)


def _place(example: Example) -> float:
    """Between 0 and 1, by a hash: a share of comments drawn once and for all."""
    key = f"{example.thread_id}/{example.comment_id}".encode()
    return int(hashlib.sha256(key).hexdigest()[:8], 16) / 2**32


def parser_for(description: str | None, names: Iterable[str]) -> argparse.ArgumentParser:
    """The options that recipes have in common."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(names))
    parser.add_argument("--backbone", type=Path, required=True, help="folder of the pretrained encoder")
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--teacher", type=Path, help="model folder whose answers are followed beside the labels")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser


def _options() -> argparse.Namespace:
    parser = parser_for(__doc__, RECIPES)
    parser.add_argument("--out", type=Path, help="the model's folder; by default the one in the package")
    parser.add_argument("--keep", type=Path, help="keep the network here after every epoch, as stage-1 and so on")
    parser.add_argument("--start-after", type=int, default=0, help="the backbone given is what this stage left behind")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.teacher is None and any(stage.taught for stage in RECIPES[options.name].stages):
        parser.error(f"{options.name} follows a teacher's answers; name its folder, as in --teacher stance/models/base")
    return options


if __name__ == "__main__":
    main()
