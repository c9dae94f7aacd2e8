"""Do suggested labels teach more than random ones: ``python -m benchmarks.suggest --cache FOLDER``.

Disputes that trained nothing (the corpus' test split) are divided at random, half to be labelled and half to be
measured on, several times. One user labels comments drawn at random; the other asks ``suggest`` for a batch, labels
it, trains the head, asks again. Both train the head in the same way, and nothing but the labels differs. Then the same
where one side is rare among the comments to be labelled. What the network sees of each comment is computed once and
kept in the folder. How strongly labels move the head is chosen on the dev split's disputes, with random labels.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.data import DebateRow, load_corpus
from benchmarks.results import write_result
from stance.api import load
from stance.calibration import softmax
from stance.heads import Head, Strength, fit_head
from stance.inference import score_with_features
from stance.metrics import macro_f1
from stance.model import last_layer
from stance.scores import N_STANCES
from stance.suggesting import choose_rows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MODEL = "small"
BATCH = 16  # labels a round
SIZES = (16, 32, 48, 64, 80, 96, 112, 128)
ASKED, WITH = 128, 90  # suggest is to reach random's figure at the first with at most the second
N_DIVISIONS = 30
RARE = 0.2  # what is kept of a side in the pools where it is rare
STRENGTHS = tuple(Strength(3.0, 3.0, features) for features in (30.0, 10.0, 3.0, 1.0, 0.3))


@dataclass(frozen=True)
class Pool:
    """Comments with what the network sees of them. *Shapes:* ``(n, width)``, ``(n,)``, ``(n,)``"""

    features: Floats
    labels: Ints
    disputes: npt.NDArray[np.str_]

    def of(self, rows: npt.NDArray[Any]) -> Pool:
        """Some of them."""
        return Pool(self.features[rows], self.labels[rows], self.disputes[rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps what the network saw")
    options = parser.parse_args()
    started = time.perf_counter()
    rows = [row for row in load_corpus() if row.split != "train" and not row.disputed and not row.contrast]
    features, head = seen(rows, options.cache)
    everything = Pool(
        features,
        np.array([row.labelled.stance for row in rows], dtype=np.int64),
        np.array([row.labelled.example.thread_id for row in rows]),
    )
    splits = np.array([row.split for row in rows])
    dev, test = everything.of(splits == "dev"), everything.of(splits == "test")
    strength = max(STRENGTHS, key=lambda strength: by_chance(dev, head, strength))
    print("strength", strength, flush=True)
    metrics = {
        "divisions": N_DIVISIONS,
        "sizes": list(SIZES),
        "strength": strength.features,
        "before": round(macro_f1(test.labels, head.logits(test.features).argmax(axis=1)), 4),
        "even": measure(test, head, strength, rare=False),
        "one side rare": measure(test, head, strength, rare=True),
    }
    dataset = {"name": "corpus, disputes of the test split", "n": len(test.labels), "model": MODEL}
    write_result("suggest", dataset, metrics, time.perf_counter() - started)


def measure(pool: Pool, head: Head, strength: Strength, *, rare: bool) -> dict[str, Any]:
    """Macro-F1 on held-out disputes by number of labels, of both ways, and how they compare at the asked sizes."""
    curves: dict[str, list[list[float]]] = {"random": [], "suggest": []}
    found: dict[str, list[float]] = {"random": [], "suggest": []}
    at_the_end = []
    for seed in range(N_DIVISIONS):
        rng = np.random.default_rng(seed)
        to_label, held_out = divided(pool, rng)
        if rare:
            to_label = with_a_rare_side(to_label, rng, side=seed % 2)
        chance = rng.permutation(len(to_label.labels))
        asked = np.array(suggested(to_label, head, strength, max(SIZES)))
        for way, order in (("random", chance), ("suggest", asked)):
            curves[way].append([score(to_label, held_out, head, strength, order[:n]) for n in SIZES])
            found[way].append(float((to_label.labels[order[:64]] == seed % 2).sum()))
        with_fewer = score(to_label, held_out, head, strength, asked[:WITH])
        at_the_end.append(with_fewer - curves["random"][-1][SIZES.index(ASKED)])
        print(seed, rare, np.round([np.mean(curves[way], axis=0) for way in curves], 3).tolist(), flush=True)
    means = {way: np.mean(curve, axis=0) for way, curve in curves.items()}
    goal = float(means["random"][SIZES.index(ASKED)])
    reached = [n for n, value in zip(SIZES, means["suggest"], strict=True) if value >= goal]
    differences = np.array(at_the_end)
    draws = np.random.default_rng(0).choice(differences, size=(2000, len(differences))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return {
        **{way: [round(float(value), 4) for value in mean] for way, mean in means.items()},
        "random_at_128": round(goal, 4),
        "labels_needed": reached[0] if reached else None,
        f"suggest_at_{WITH}_minus_random_at_{ASKED}": round(float(differences.mean()), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "of_a_side_in_64": {way: round(float(np.mean(counts)), 1) for way, counts in found.items()},
    }


def suggested(pool: Pool, head: Head, strength: Strength, n: int) -> list[int]:
    """Rows in the order in which a user labels them who trains after each batch."""
    order: list[int] = []
    now = head
    while len(order) < min(n, len(pool.labels)):
        rest = np.setdiff1d(np.arange(len(pool.labels)), order)
        features = pool.features[rest]
        counts = np.bincount(pool.labels[order], minlength=N_STANCES) if order else None
        chosen = choose_rows(features, softmax(now.logits(features)), min(BATCH, n - len(order)), counts)
        order += rest[chosen].tolist()
        now = fit_head(head, pool.features[order], pool.labels[order], strength)
    return order


def score(to_label: Pool, held_out: Pool, head: Head, strength: Strength, rows: Ints) -> float:
    """Macro-F1 on the held-out disputes of a head trained on some rows."""
    trained = fit_head(head, to_label.features[rows], to_label.labels[rows], strength)
    return macro_f1(held_out.labels, trained.logits(held_out.features).argmax(axis=1))


def by_chance(pool: Pool, head: Head, strength: Strength) -> float:
    """Mean macro-F1 of random labels, over divisions of a pool and sizes."""
    values = []
    for seed in range(8):
        rng = np.random.default_rng(1000 + seed)
        to_label, held_out = divided(pool, rng)
        order = rng.permutation(len(to_label.labels))
        values += [score(to_label, held_out, head, strength, order[:n]) for n in (32, 64, 128)]
    return float(np.mean(values))


def divided(pool: Pool, rng: np.random.Generator) -> tuple[Pool, Pool]:
    """Two halves of the disputes."""
    disputes = rng.permutation(np.unique(pool.disputes))
    first = np.isin(pool.disputes, disputes[: len(disputes) // 2])
    return pool.of(first), pool.of(~first)


def with_a_rare_side(pool: Pool, rng: np.random.Generator, side: int) -> Pool:
    """The pool with a fifth of a side's comments."""
    return pool.of((pool.labels != side) | (rng.random(len(pool.labels)) < RARE))


def seen(rows: Sequence[DebateRow], cache: Path) -> tuple[Floats, Head]:
    """What the last layer sees of each comment, and that layer, its temperature taken off."""
    model = load(MODEL, device="cpu")
    path = cache / f"suggest-{model.card.sha256['model.safetensors'][:16]}-{len(rows)}.npy"
    if not path.exists():
        _, features = score_with_features([row.labelled.example for row in rows], model.opened)
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, features)
    last = last_layer(model.opened.network)
    temperature = model.card.calibration.stance_temperature
    weight, bias = (t.detach().numpy().astype(np.float64)[:N_STANCES] / temperature for t in (last.weight, last.bias))
    return np.load(path).astype(np.float64), Head(weight, bias)


if __name__ == "__main__":
    main()
