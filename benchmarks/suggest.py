"""Do suggested labels teach more than random ones: ``python -m benchmarks.suggest --public DIR --cache FOLDER``.

A debate is divided into comments that may be labelled and comments that are measured on. One user labels comments drawn
at random; the other asks ``suggest`` for a batch, labels it, trains the head, asks again. Both train the head in the
same way, and nothing but the labels differs. Everything is done several times, each time with another four fifths of
the comments that may be labelled.

The debates are the disputes of our corpus that trained nothing (its test split, half of the disputes to label and half
to measure on), and targets of public sets, each of which is one real debate. Then the same where one side is rare: a
tenth of its comments may be labelled. How strongly labels move the head was chosen on another target (``--choose``).
What the network sees of each comment is computed once and kept in ``--cache``.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.data import fingerprint, load_corpus, read_rows
from benchmarks.results import write_result
from benchmarks.roles import in_order
from benchmarks.transfer import STANCES, example_of
from stance.api import StanceModel, load
from stance.calibration import softmax
from stance.encoding import Example
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
REPEATS = 6
KEPT = 0.8  # of what may be labelled, each time
RARE = 0.1  # of a side, where it is rare
LARGEST = 300  # comments of a debate that may be labelled, and that are measured on
STRENGTH = Strength(3.0, 3.0, 0.3)
STRENGTHS = tuple(Strength(3.0, 3.0, features) for features in (30.0, 10.0, 3.0, 1.0, 0.3))
TARGETS = (
    ("semeval2016", "Feminist Movement"),
    ("covid19_stance", "face masks"),
)
CHOOSING = ("semeval2016", "Atheism")


@dataclass(frozen=True)
class Comments:
    """Comments with what the network sees of them. *Shapes:* ``(n, width)``, ``(n,)``"""

    features: Floats
    labels: Ints

    def of(self, rows: npt.NDArray[Any]) -> Comments:
        """Some of them."""
        return Comments(self.features[rows], self.labels[rows])


@dataclass(frozen=True)
class Debate:
    """A debate: what may be labelled, and what is measured on."""

    name: str
    pool: Comments
    held_out: Comments


def main() -> None:
    options = _options()
    started = time.perf_counter()
    model = load(MODEL, device="cpu")
    head = head_of(model)
    if options.choose:
        debate = public_debate(model, options, *CHOOSING)
        for strength in STRENGTHS:
            print(strength, round(by_chance(debate, head, strength), 4), flush=True)
        return
    debates = [corpus_debate(model, options.cache)] + [public_debate(model, options, *target) for target in TARGETS]
    runs = {
        name: {debate.name: measure(debate, head, rare=rare) for debate in debates}
        for name, rare in (("as they are", False), ("one side rare", True))
    }
    metrics = {
        "repeats": REPEATS,
        "sizes": list(SIZES),
        "debates": runs,
        "public targets together": {name: together(list(run.values())[1:]) for name, run in runs.items()},
    }
    paths = [options.public / f"{stem}.{split}.jsonl.gz" for stem, _ in TARGETS for split in ("train", "test")]
    dataset = {
        "name": "corpus' test split; targets of public sets",
        "model": MODEL,
        "sha256": fingerprint(sorted(set(paths))),
    }
    write_result("suggest", dataset, metrics, time.perf_counter() - started)


def measure(debate: Debate, head: Head, *, rare: bool) -> dict[str, Any]:
    """Macro-F1 by number of labels, of both ways, and how they compare at the asked sizes."""
    curves: dict[str, list[list[float]]] = {"random": [], "suggest": []}
    found: dict[str, list[int]] = {"random": [], "suggest": []}
    with_fewer = []
    for seed in range(REPEATS):
        rng = np.random.default_rng(seed)
        side = seed % 2
        kept = rng.random(len(debate.pool.labels)) < np.where(rare & (debate.pool.labels == side), RARE, KEPT)
        pool = debate.pool.of(np.flatnonzero(kept))
        orders = {
            "random": rng.permutation(len(pool.labels)),
            "suggest": np.array(suggested(pool, head, max(SIZES))),
        }
        for way, order in orders.items():
            curves[way].append([score(pool.of(order[:n]), debate.held_out, head) for n in SIZES])
            found[way].append(int((pool.labels[order[:64]] == side).sum()))
        with_fewer.append(score(pool.of(orders["suggest"][:WITH]), debate.held_out, head))
    means = {way: np.mean(curve, axis=0) for way, curve in curves.items()}
    result = {
        "before": round(macro_f1(debate.held_out.labels, head.logits(debate.held_out.features).argmax(axis=1)), 4),
        **{way: [round(float(value), 4) for value in mean] for way, mean in means.items()},
        f"suggest_at_{WITH}": round(float(np.mean(with_fewer)), 4),
        "of_a_side_in_64": {way: round(float(np.mean(counts)), 1) for way, counts in found.items()},
    }
    print(debate.name, "one side rare" if rare else "", result, flush=True)
    return result


def together(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Means over debates, and with how many labels suggest reaches what random labels reach."""
    means = {way: np.mean([result[way] for result in results], axis=0) for way in ("random", "suggest")}
    goal = float(means["random"][SIZES.index(ASKED)])
    reached = [n for n, value in zip(SIZES, means["suggest"], strict=True) if value >= goal]
    differences = np.array([result[f"suggest_at_{WITH}"] - result["random"][SIZES.index(ASKED)] for result in results])
    draws = np.random.default_rng(0).choice(differences, size=(2000, len(differences))).mean(axis=1)
    return {
        "before": round(float(np.mean([result["before"] for result in results])), 4),
        **{way: [round(float(value), 4) for value in mean] for way, mean in means.items()},
        f"random_at_{ASKED}": round(goal, 4),
        f"suggest_at_{WITH}": round(float(np.mean([result[f"suggest_at_{WITH}"] for result in results])), 4),
        "of_a_side_in_64": {
            way: round(float(np.mean([result["of_a_side_in_64"][way] for result in results])), 1)
            for way in ("random", "suggest")
        },
        "labels_needed": reached[0] if reached else None,
        "difference": round(float(differences.mean()), 4),
        "interval_over_debates": [round(float(value), 4) for value in np.quantile(draws, [0.025, 0.975])],
    }


def suggested(pool: Comments, head: Head, n: int) -> list[int]:
    """Rows in the order in which a user labels them who trains after each batch."""
    order: list[int] = []
    now = head
    while len(order) < min(n, len(pool.labels)):
        rest = np.setdiff1d(np.arange(len(pool.labels)), order)
        features = pool.features[rest]
        counts = np.bincount(pool.labels[order], minlength=N_STANCES) if order else None
        order += rest[choose_rows(features, softmax(now.logits(features)), min(BATCH, n - len(order)), counts)].tolist()
        now = fit_head(head, pool.features[order], pool.labels[order], STRENGTH)
    return order


def score(labelled: Comments, held_out: Comments, head: Head, strength: Strength = STRENGTH) -> float:
    """Macro-F1 on held-out comments of a head trained on labelled ones."""
    trained = fit_head(head, labelled.features, labelled.labels, strength)
    return macro_f1(held_out.labels, trained.logits(held_out.features).argmax(axis=1))


def by_chance(debate: Debate, head: Head, strength: Strength) -> float:
    """Mean macro-F1 of random labels."""
    values = []
    for seed in range(REPEATS):
        order = np.random.default_rng(seed).permutation(len(debate.pool.labels))
        values += [score(debate.pool.of(order[:n]), debate.held_out, head, strength) for n in (32, 64, 128)]
    return float(np.mean(values))


def corpus_debate(model: StanceModel, cache: Path) -> Debate:
    """The disputes of the corpus' test split, every other one to label."""
    rows = [row for row in load_corpus() if row.split == "test" and not row.disputed and not row.contrast]
    asked = [in_order(row.labelled, model.opened.roles) for row in rows]
    features = seen(model, [labelled.example for labelled in asked], cache / "corpus-test")
    labels = np.array([labelled.stance for labelled in asked], dtype=np.int64)
    disputes = np.array([row.labelled.example.thread_id for row in rows])
    chosen = np.random.default_rng(0).permutation(np.unique(disputes))[::2]
    to_label = np.isin(disputes, chosen)
    comments = Comments(features, labels)
    return Debate("corpus", comments.of(np.flatnonzero(to_label)), comments.of(np.flatnonzero(~to_label)))


def public_debate(model: StanceModel, options: argparse.Namespace, stem: str, target: str) -> Debate:
    """A target of a public set: of its train split what may be labelled, of its test split what is measured on."""
    parts = []
    for split in ("train", "test"):
        rows = [row for row in read_rows(options.public / f"{stem}.{split}.jsonl.gz") if row["target"] == target]
        random.Random(0).shuffle(rows)
        rows = rows[:LARGEST]
        name = f"{stem}-{target}-{split}".replace(" ", "-").lower()
        features = seen(model, [example_of(row, tone=False) for row in rows], options.cache / name)
        parts.append(Comments(features, np.array([STANCES.index(row["label"]) for row in rows], dtype=np.int64)))
    return Debate(f"{stem}: {target}", *parts)


def seen(model: StanceModel, examples: Sequence[Example], path: Path) -> Floats:
    """What the last layer sees of each comment, kept at the path for this model."""
    path = path.with_name(f"{path.name}-{model.card.sha256['model.safetensors'][:12]}.npy")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, score_with_features(examples, model.opened)[1])
    features: Floats = np.load(path).astype(np.float64)
    return features


def head_of(model: StanceModel) -> Head:
    """The rows of the last layer that tell the stance, their temperature taken off."""
    last = last_layer(model.opened.network)
    temperature = model.card.calibration.stance_temperature
    weight, bias = (t.detach().numpy().astype(np.float64)[:N_STANCES] / temperature for t in (last.weight, last.bias))
    return Head(weight, bias)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps what the network saw")
    parser.add_argument("--choose", action="store_true", help="only compare how strongly labels may move the head")
    return parser.parse_args()


if __name__ == "__main__":
    main()
