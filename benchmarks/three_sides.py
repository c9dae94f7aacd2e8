"""What a third side costs: ``python -m benchmarks.three_sides [--comments 240]``.

Disputes of three labelled sides are rare, so three are made of the corpus' test disputes of two: the local paper, for
which nobody speaks, is added as a third, named last or named first. The labels stay true, and every answer "pro-paper"
is wrong. Measured is macro-F1 over the two sides and neutral, beside that of asking about the two sides alone; and what
it would be if the probability of neutral were pooled over all pairs, as those of the sides are over theirs.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.data import CORPUS, fingerprint, load_corpus
from benchmarks.results import write_result
from stance.api import PACKAGED, load
from stance.calibration import Calibration, softmax
from stance.encoding import Example
from stance.inference import score_examples
from stance.metrics import Floats, Ints, class_f1
from stance.model import OpenModel
from stance.scores import N_STANCES, Scores
from stance.sides import Side, Sides

PAPER = Side("paper", "the local paper")
SEED = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comments", type=int, default=240, help="drawn at random from the test disputes")
    parser.add_argument("--models", nargs="+", default=["small"], choices=PACKAGED)
    options = parser.parse_args()
    began = time.perf_counter()
    rows = [row.labelled for row in load_corpus() if row.split == "test" and not row.disputed]
    drawn = np.random.default_rng(SEED).permutation(len(rows))[: options.comments]
    examples = [rows[i].example for i in sorted(drawn)]
    labels = np.array([rows[i].stance for i in sorted(drawn)], dtype=np.int64)
    metrics = {}
    for name in options.models:
        opened = load(name).opened
        metrics[name] = _measured(opened, opened.card.calibration, examples, labels)
    dataset = {
        "name": "corpus, test split, a third side added",
        "sha256": fingerprint(sorted(CORPUS.glob("part-*.jsonl"))),
        "n": len(examples),
        "seed": SEED,
    }
    write_result("three_sides", dataset, metrics, time.perf_counter() - began)


def _measured(model: OpenModel, calibration: Calibration, examples: list[Example], labels: Ints) -> dict[str, Any]:
    scores = {
        "two_sides": score_examples(examples, model),
        "paper_last": score_examples([replace(e, sides=Sides(e.sides.a, e.sides.b, PAPER)) for e in examples], model),
        "paper_first": score_examples([replace(e, sides=Sides(PAPER, e.sides.a, e.sides.b)) for e in examples], model),
    }
    # Columns of the two sides, of neutral and, behind these, of the paper.
    columns = {"two_sides": [0, 1, 2], "paper_last": [0, 1, 3, 2], "paper_first": [1, 2, 3, 0]}
    found = {name: calibration.stance_probabilities(its)[:, columns[name]] for name, its in scores.items()}
    found["paper_last_neutral_of_all_pairs"] = _neutral_of_all_pairs(scores["paper_last"], calibration)[:, [0, 1, 3, 2]]
    return {name: _figures(labels, chances, calibration.sure_threshold) for name, chances in found.items()}


def _figures(labels: Ints, chances: Floats, threshold: float) -> dict[str, Any]:
    answers = chances.argmax(axis=1)
    sure = chances.max(axis=1) >= threshold
    f1 = class_f1(labels, answers)
    return {
        "macro_f1": round(float(np.mean(f1)), 4),
        "f1": [round(one, 4) for one in f1],
        "accuracy": round(float((answers == labels).mean()), 4),
        "answered_paper": round(float((answers == N_STANCES).mean()), 4),
        "sure_share": round(float(sure.mean()), 4),
        "accuracy_where_sure": round(float((answers == labels)[sure].mean()), 4) if sure.any() else None,
    }


def _neutral_of_all_pairs(scores: Scores, calibration: Calibration) -> Floats:
    """A pool in which each class has the geometric mean of its probabilities in the pairs that know it."""
    logs = np.log(softmax(scores.by_pair[..., :N_STANCES].astype(np.float64) / calibration.stance_temperature))
    ab, ac, bc = (logs[:, place] for place in range(3))
    sides = ((ab[:, 0] + ac[:, 0]) / 2, (ab[:, 1] + bc[:, 0]) / 2, (ac[:, 1] + bc[:, 1]) / 2)
    return softmax(np.column_stack([*sides, logs[:, :, 2].mean(axis=1)]))


if __name__ == "__main__":
    main()
