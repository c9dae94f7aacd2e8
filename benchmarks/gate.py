"""The shipped model against its floors: ``python -m benchmarks.gate``. Exit status 1 where one is missed.

Measured on the corpus' test split, which lies in the project: disputes that neither trained nor chose anything. A
floor is raised with ``--update`` when the model has become better; it is never lowered by this script.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score

from benchmarks.data import load_corpus
from stance.api import PACKAGED, packaged_folder
from stance.inference import score_examples
from stance.model import open_model
from stance.scores import N_STANCES

FLOORS = Path(__file__).parent / "floors.json"
SLACK = 0.005  # a library's next version may turn a few comments over


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="raise the floors to what is measured")
    options = parser.parse_args()
    floors = json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {}
    if not options.update and set(floors) != set(PACKAGED):
        raise SystemExit(f"{FLOORS.name} has floors for {sorted(floors)}, but the package has {sorted(PACKAGED)}")
    measured = {name: measure(name) for name in PACKAGED}
    missed = [
        f"{model} {figure}: {measured[model][figure]:.4f}, the floor is {floor:.4f}"
        for model, figures in floors.items()
        for figure, floor in figures.items()
        if measured[model][figure] < floor - SLACK
    ]
    for model, figures in measured.items():
        print(model, json.dumps(figures))
    if options.update:
        raised = {
            model: {figure: max(value, floors.get(model, {}).get(figure, 0.0)) for figure, value in figures.items()}
            for model, figures in measured.items()
        }
        FLOORS.write_text(json.dumps(raised, indent=2) + "\n", "utf-8")
    if missed:
        print("below the floor: " + "; ".join(missed), file=sys.stderr)
        raise SystemExit(1)
    print("the gate is passed")


def measure(name: str) -> dict[str, float]:
    """Macro-F1 of stance and sentiment on the test disputes of the corpus."""
    rows = [row.labelled for row in load_corpus() if row.split == "test" and not row.disputed]
    logits = score_examples(
        [labelled.example for labelled in rows],
        open_model(packaged_folder(name), "cpu", "float32"),  # so that floors mean the same on every processor
    ).logits
    toned = [i for i, labelled in enumerate(rows) if labelled.sentiment is not None]
    figures = {
        "stance_macro_f1": ([labelled.stance for labelled in rows], logits[:, :N_STANCES]),
        "sentiment_macro_f1": ([rows[i].sentiment for i in toned], logits[toned, N_STANCES:]),
    }
    return {
        figure: round(float(f1_score(labels, np.argmax(part, axis=1), average="macro")), 4)
        for figure, (labels, part) in figures.items()
    }


if __name__ == "__main__":
    main()
