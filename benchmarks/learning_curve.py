"""What more of our data gives: ``python -m benchmarks.learning_curve --gold FILE --public DIR --backbone DIR``.

An eighth, a quarter, half and all of the training data, whole disputes drawn at random, each share holding the smaller
ones; by two rivals that are quick to fit, a bag of words and a frozen encoder, measured on real comments (gold) and on
the disputes held out of training. Mean and spread of three drawings. Fine-tuning says more, and is too slow for this.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import DebateRow, fingerprint, load_gold
from benchmarks.quality import labels_of
from benchmarks.results import write_result
from benchmarks.rivals import Ints, frozen_encoder, frozen_features, tfidf
from benchmarks.train import load_rows
from stance.labelled import LabelledExample
from stance.metrics import macro_f1

SHARES = (1 / 8, 1 / 4, 1 / 2, 1.0)
Way = Callable[[Ints], dict[str, Ints]]


def main() -> None:
    options = _options()
    started = time.perf_counter()
    rows = [row for row in load_rows(options.public) if not row.disputed]
    train, dev, test = ([row for row in rows if row.split == split] for split in ("train", "dev", "test"))
    sets = {
        "gold": [row.labelled for row in load_gold(options.gold)],
        "held_out_corpus": [row.labelled for row in test if row.part],
        "held_out_real": [row.labelled for row in test if not row.part],
    }
    labelled = [row.labelled for row in train]
    ways = {
        "TF-IDF + logistic regression": by_words(labelled, sets),
        "frozen MiniLM + logistic regression": by_features(labelled, [row.labelled for row in dev], sets, options),
    }
    metrics: dict[str, Any] = {name: [] for name in ways}
    for share in SHARES:
        drawings = [drawn(train, share, seed) for seed in range(options.draws if share < 1 else 1)]
        for name, way in ways.items():
            answers = [way(places) for places in drawings]
            point: dict[str, Any] = {"share": share, "n": round(float(np.mean([len(places) for places in drawings])))}
            for title, asked in sets.items():
                figures = [macro_f1(labels_of(asked), of[title]) for of in answers]
                point[title] = {
                    "macro_f1": round(float(np.mean(figures)), 4),
                    "spread": round(float(np.std(figures)), 4),
                }
            metrics[name].append(point)
            print(name, point, flush=True)
    dataset = {
        "name": options.gold.name,
        "sha256": fingerprint([options.gold]),
        "n": {name: len(asked) for name, asked in sets.items()},
        "draws": options.draws,
    }
    write_result("learning_curve", dataset, metrics, time.perf_counter() - started)


def drawn(rows: Sequence[DebateRow], share: float, seed: int) -> Ints:
    """Places of the rows of so many disputes, drawn at random. *Shape:* ``(n_drawn,)``"""
    disputes = sorted({row.labelled.example.thread_id for row in rows})
    order = np.random.default_rng(seed).permutation(len(disputes))
    kept = {disputes[i] for i in order[: round(len(disputes) * share)]}
    return np.flatnonzero([row.labelled.example.thread_id in kept for row in rows])


def by_words(train: Sequence[LabelledExample], sets: dict[str, list[LabelledExample]]) -> Way:
    """A bag of words fitted on some of the rows."""

    def answers(places: Ints) -> dict[str, Ints]:
        every = tfidf([train[i] for i in places], [one for asked in sets.values() for one in asked])
        return dict(zip(sets, np.split(every, np.cumsum([len(asked) for asked in sets.values()])[:-1]), strict=True))

    return answers


def by_features(
    train: Sequence[LabelledExample],
    dev: Sequence[LabelledExample],
    sets: dict[str, list[LabelledExample]],
    options: argparse.Namespace,
) -> Way:
    """A frozen encoder fitted on some of the rows; the dev disputes choose how strongly."""
    seen, chosen = (frozen_features(options.backbone, part, options.cache) for part in (train, dev))
    read = np.vstack([frozen_features(options.backbone, asked, options.cache) for asked in sets.values()])
    labels = labels_of(train)

    def answers(places: Ints) -> dict[str, Ints]:
        every = frozen_encoder(seen[places], labels[places], chosen, labels_of(dev), read)
        return dict(zip(sets, np.split(every, np.cumsum([len(asked) for asked in sets.values()])[:-1]), strict=True))

    return answers


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="JSON lines of labelled real comments")
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--backbone", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--cache", type=Path, help="folder in which features are kept")
    parser.add_argument("--draws", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
