"""Make the shipped small model again: ``python -m benchmarks.train_small --backbone DIR --public DIR``.

Two stages, on CPU in about an hour on two cores:

1. *Reading for and against.* Arguments of the redistributable public sets, two-sided, so that the network learns
   that an answer depends on the sides it is given.
2. *Debates.* Our corpus and the real comments labelled by us, three stances and the tone at once.

A tenth of the threads and debates is held out of both. It fits the temperatures and the sure-threshold, and
nothing else. The gold comments play no part here.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from benchmarks.data import load_corpus, load_labelled_comments, load_public
from stance.calibration import Calibration, fit_sure_threshold, fit_temperature, softmax
from stance.encoding import InputForm
from stance.inference import score_examples
from stance.model import ModelCard, OpenModel, plain_tokenizer, write_model
from stance.scores import N_STANCES
from stance.training import LabelledExample, TrainingSettings, fine_tune

SMALL = Path(__file__).parents[1] / "stance" / "models" / "small"
FORM = InputForm(max_tokens=384)
# Two early runs above 1e-4 stayed at answering one class; other settings differed too (see LOG.md).
FIRST = TrainingSettings(epochs=2, learning_rate=1e-4, swap=0.1, max_tokens=128)
SECOND = TrainingSettings(epochs=4, learning_rate=1e-4, batch_examples=16, swap=0.15, drop_part=0.05, max_tokens=256)
TRAINED_ON = (
    "our debate corpus, written for this project (benchmarks/corpus), Apache-2.0",
    "public comments labelled by us (benchmarks/corpus/labelled_comments.jsonl): VAST train and dev, IAC 4forums,"
    " MT-CSD and others; texts of their publishers, not included",
    "IBM ArgQ-Rank-30k, CC-BY-SA 3.0",
    "ArgKP-2021, CDLA-Sharing-1.0",
    "IBM Claim Stance, CC-BY-SA 3.0",
    "Perspectrum, CC-BY-SA 4.0",
    "backbone: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0",
)


@dataclass(frozen=True)
class Data:
    """What trains in each stage, and what is held out."""

    first: list[LabelledExample]
    second: list[LabelledExample]
    held_out: list[LabelledExample]


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    data = load_data(options.public)
    print(f"stage 1: {len(data.first)}, stage 2: {len(data.second)}, held out: {len(data.held_out)} examples")
    network, tokenizer = open_backbone(options.backbone)
    for stage, examples, settings in ((1, data.first, FIRST), (2, data.second, SECOND)):
        if options.start_after < stage:
            _train(stage, network, tokenizer, examples, replace(settings, seed=options.seed), options.keep)
    write_model(options.out, make_card(network, tokenizer, data.held_out), network, tokenizer, torch.float16)
    print(f"wrote {options.out}")


def load_data(public: Path) -> Data:
    """All training data, with a tenth of the threads and debates held out."""
    corpus, real = load_corpus(), load_labelled_comments(public)
    debates = corpus + real
    held = held_out_threads(corpus) | held_out_threads(real)
    rng = random.Random(0)
    return Data(
        first=load_public(public),
        second=[_in_random_order(e, rng) for e in debates if e.example.thread_id not in held],
        held_out=[e for e in debates if e.example.thread_id in held],
    )


def held_out_threads(examples: Sequence[LabelledExample], share: float = 0.1) -> set[str]:
    """Every tenth thread, drawn once and for all."""
    threads = sorted({labelled.example.thread_id for labelled in examples})
    return set(random.Random(0).sample(threads, round(len(threads) * share)))


def open_backbone(folder: Path) -> tuple[Any, Any]:
    """The pretrained encoder with a new six-label head, and its tokenizer."""
    network = AutoModelForSequenceClassification.from_pretrained(
        folder,
        num_labels=6,
        dtype=torch.float32,
        attention_probs_dropout_prob=0.0,  # torch's fast attention on CPU takes none; hidden dropout stays
    )
    return network, AutoTokenizer.from_pretrained(folder)


def make_card(network: Any, tokenizer: Any, held_out: Sequence[LabelledExample]) -> ModelCard:
    """The card of a trained network, its calibration fitted on held-out examples."""
    card = ModelCard(name="stance-small", form=FORM, calibration=Calibration(), trained_on=TRAINED_ON)
    model = OpenModel(card, network.eval(), plain_tokenizer(tokenizer), tokenizer, torch.device("cpu"), 0, True)
    logits = score_examples([labelled.example for labelled in held_out], model).logits.astype(np.float64)
    stance = np.array([labelled.stance for labelled in held_out])
    tone = np.array([-1 if labelled.sentiment is None else labelled.sentiment for labelled in held_out])
    stance_logits, tone_logits = logits[:, :N_STANCES], logits[tone >= 0, N_STANCES:]
    temperature = fit_temperature(stance_logits, stance)
    probabilities = softmax(stance_logits / temperature)
    calibration = Calibration(
        stance_temperature=round(temperature, 4),
        sentiment_temperature=round(fit_temperature(tone_logits, tone[tone >= 0]), 4),
        sure_threshold=round(fit_sure_threshold(probabilities, stance), 4),
    )
    print(f"held out: accuracy {np.mean(probabilities.argmax(axis=1) == stance):.3f}, {calibration}")
    return replace(card, calibration=calibration)


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


def _in_random_order(labelled: LabelledExample, rng: random.Random) -> LabelledExample:
    """Sides other than council and union in either order: there, neither place is anybody's own."""
    council = labelled.example.sides.a.label == "council"
    return labelled if council or rng.random() < 0.5 else labelled.swapped()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--out", type=Path, default=SMALL)
    parser.add_argument("--keep", type=Path, help="keep the network here after every epoch, as stage-1 and stage-2")
    parser.add_argument("--start-after", type=int, default=0, help="the backbone given is what this stage left behind")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
