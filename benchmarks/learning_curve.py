"""What more of our data gives: ``python -m benchmarks.learning_curve --gold FILE --public DIR --backbone DIR``.

From a thirty-second of the training data to all of it, whole disputes drawn at random, each share holding the smaller
ones; by two rivals that are quick to fit: a bag of words, measured on real comments (gold) and on the disputes held out
of training, and a frozen encoder, measured on gold. Mean and spread of three drawings. Fine-tuning says more, and is
too slow for this. With ``--frozen-share``, the encoder reads no more than that share, in one drawing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import drawn_disputes, fingerprint, load_gold
from benchmarks.quality import labels_of
from benchmarks.results import write_result
from benchmarks.rivals import Ints, frozen_encoder, frozen_features, tfidf
from benchmarks.train import load_rows
from stance.labelled import LabelledExample
from stance.metrics import macro_f1

SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
Way = Callable[[Ints], dict[str, Ints]]


def main() -> None:
    options = _options()
    started = time.perf_counter()
    rows = [row for row in load_rows(options.public) if not row.disputed]
    train, test = ([row for row in rows if row.split == split] for split in ("train", "test"))
    sets = {
        "gold": [row.labelled for row in load_gold(options.gold)],
        "held_out_corpus": [row.labelled for row in test if row.part],
        "held_out_real": [row.labelled for row in test if not row.part],
    }
    labelled = [row.labelled for row in train]
    ways = {
        "TF-IDF + logistic regression": by_words(labelled, sets),
        "frozen MiniLM + logistic regression": by_features(
            labelled, drawn_disputes(train, options.frozen_share, seed=0), sets["gold"], options
        ),
    }
    metrics: dict[str, Any] = {name: [] for name in ways}
    for name, way in ways.items():
        # The encoder may have read one drawing only, and not all of it.
        most, draws = (
            (options.frozen_share, 1) if "frozen" in name and options.frozen_share < 1 else (1.0, options.draws)
        )
        for share in (share for share in SHARES if share <= most):
            drawings = [drawn_disputes(train, share, seed) for seed in range(draws if share < 1 else 1)]
            answers = [way(places) for places in drawings]
            point: dict[str, Any] = {"share": share, "n": round(float(np.mean([len(places) for places in drawings])))}
            for title in answers[0]:
                figures = [macro_f1(labels_of(sets[title]), of[title]) for of in answers]
                point[title] = {
                    "macro_f1": round(float(np.mean(figures)), 4),
                    "spread": round(float(np.std(figures)), 4) if len(figures) > 1 else None,
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


def by_words(train: Sequence[LabelledExample], sets: dict[str, list[LabelledExample]]) -> Way:
    """A bag of words fitted on some of the rows."""

    def answers(places: Ints) -> dict[str, Ints]:
        every = tfidf([train[i] for i in places], [one for asked in sets.values() for one in asked])
        return dict(zip(sets, np.split(every, np.cumsum([len(asked) for asked in sets.values()])[:-1]), strict=True))

    return answers


def by_features(
    train: Sequence[LabelledExample], may: Ints, gold: Sequence[LabelledExample], options: argparse.Namespace
) -> Way:
    """A frozen encoder fitted on some of the rows it may read; of the sets it reads gold only."""
    seen, read = (frozen_features(options.backbone, part, options.cache) for part in ([train[i] for i in may], gold))

    def answers(places: Ints) -> dict[str, Ints]:
        some = [train[i] for i in places]
        threads = [one.example.thread_id for one in some]
        return {"gold": frozen_encoder(seen[np.searchsorted(may, places)], labels_of(some), threads, read)}

    return answers


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="JSON lines of labelled real comments")
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--backbone", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--cache", type=Path, help="folder in which features are kept")
    parser.add_argument("--frozen-share", type=float, default=1.0, help="of the data, that the encoder may read")
    parser.add_argument("--draws", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
