"""What a third side costs: ``python -m benchmarks.three_sides [--comments 240]``.

Disputes of three labelled sides are rare, so three are made of the corpus' test disputes of two: the local paper, for
which nobody speaks, is added as a third. The labels stay true, and every answer "pro-paper" is wrong. Measured is
macro-F1 over the two sides and neutral, beside that of asking about the two sides alone; and what it would be if the
probability of neutral were pooled over all pairs, as those of the sides are over theirs.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.data import CORPUS, fingerprint, load_corpus
from benchmarks.results import write_result
from stance.api import PACKAGED, load
from stance.calibration import Calibration, softmax
from stance.encoding import Example
from stance.inference import score_examples
from stance.metrics import Floats, Ints, class_f1
from stance.model import OpenModel
from stance.scores import N_STANCES
from stance.sides import Side, Sides

PAPER = Side("paper", "the local paper")
SEED = 0
NEUTRAL_COLUMN = 2
PAIRS = {pair: place for place, pair in enumerate(permutations(range(3), 2))}


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
    two = score_examples(examples, model)
    three = score_examples([replace(e, sides=Sides(e.sides.a, e.sides.b, PAPER)) for e in examples], model)
    chances = softmax(three.by_pair[..., :N_STANCES].astype(np.float64) / calibration.stance_temperature)
    found = {
        "two_sides": calibration.stance_probabilities(two),
        "three_sides": calibration.stance_probabilities(three),
        "neutral_of_all_pairs": _pooled(chances),
    }
    # The paper's column goes behind those of the labels.
    found = {name: its[:, [0, 1, -1, 2] if its.shape[1] > N_STANCES else [0, 1, 2]] for name, its in found.items()}
    other = np.array([example.sides.labels != Sides.council_union().labels for example in examples], dtype=bool)
    return {name: _figures(labels, its, calibration.sure_threshold, other) for name, its in found.items()}


def _pooled(chances: Floats) -> Floats:
    """A pool with the geometric mean of neutral's probabilities over all pairs; the library has the sides' odds against
    neutral, pair by pair."""
    logs = np.log(chances)
    scores = [
        np.mean([logs[:, place, pair.index(side)] for pair, place in PAIRS.items() if side in pair], axis=0)
        for side in range(3)
    ]
    return softmax(np.column_stack([*scores, logs[:, :, NEUTRAL_COLUMN].mean(axis=1)]))


def _figures(labels: Ints, chances: Floats, threshold: float, other: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Figures of all comments; and of those answered with a side that take one, how many got theirs, also of the
    disputes in which other sides than council and union are named."""
    answers = chances.argmax(axis=1)
    sure = chances.max(axis=1) >= threshold
    f1 = class_f1(labels, answers)
    sided = (labels != NEUTRAL_COLUMN) & (answers != NEUTRAL_COLUMN)
    return {
        "macro_f1": round(float(np.mean(f1)), 4),
        "f1": [round(one, 4) for one in f1],
        "accuracy": round(float((answers == labels).mean()), 4),
        "right_side": round(float((answers == labels)[sided].mean()), 4),
        "right_side_other_disputes": round(float((answers == labels)[sided & other].mean()), 4),
        "n_sided_other_disputes": int((sided & other).sum()),
        "answered_paper": round(float((answers == N_STANCES).mean()), 4),
        "sure_share": round(float(sure.mean()), 4),
        "accuracy_where_sure": round(float((answers == labels)[sure].mean()), 4) if sure.any() else None,
    }


if __name__ == "__main__":
    main()
