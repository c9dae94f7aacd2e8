"""How good the shipped models are, beside simple rivals: ``python -m benchmarks.quality --gold FILE --public DIR``.

Measures stance and sentiment on real comments that trained nothing (gold), on the disputes of our corpus and the real
debates that were held out, and on contrast sets, which are right only as a whole. The rivals are a majority guess, a
keyword rule, a sentiment rule (VADER), TF-IDF and a frozen encoder, each with logistic regression fitted on what
trained the models. Two more are slow and have scripts of their own, ``few_shot`` and ``nli``; the table joins them.

The gold rows come with their sides' names; with ``--seed``, a page whose comments are among them is also read, its
sides found and its comments classified just as the command line does it.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import cohen_kappa_score, f1_score

from benchmarks.data import DebateRow, GoldRow, drawn_disputes, fingerprint, load_gold, load_other_sides
from benchmarks.results import write_result
from benchmarks.rivals import (
    Ints,
    frozen_encoder,
    frozen_features,
    keyword_rule,
    majority,
    sentiment_rule,
    tfidf,
)
from benchmarks.scored import scored
from benchmarks.train import load_rows
from stance.api import PACKAGED, load, packaged_folder
from stance.card import ModelCard, read_card
from stance.labelled import LabelledExample
from stance.metrics import brier_score, class_f1, expected_calibration_error, macro_f1
from stance.readers import read_threads
from stance.scores import Scores

CLASSES = ("pro-council", "pro-union", "neutral")
_SEED_THREAD = "seed-southampton"


@dataclass(frozen=True)
class Asked:
    """A model as it is measured.

    :param card: What its folder says of it.
    :param scores: What it says of labelled examples, in their order.
    """

    card: ModelCard
    scores: Callable[[Sequence[LabelledExample]], Scores]


def main() -> None:
    options = _options()
    started = time.perf_counter()
    gold = load_gold(options.gold)
    asked = [row.labelled for row in gold]
    rows = [row for row in load_rows(options.public) if not row.disputed]
    under_others = [row for row in load_other_sides(options.public) if not row.disputed]
    metrics: dict[str, Any] = {
        "rivals": {name: gold_figures(gold, answers) for name, answers in rival_answers(rows, asked, options).items()},
        "models": {},
    }
    for name in PACKAGED:
        folder = packaged_folder(name)
        model = Asked(read_card(folder), partial(scored, folder, cache=options.cache))
        metrics["models"][name] = {
            **measure(model, gold),
            "seed_002_end_to_end": end_to_end(name, options.seed, gold),
            "held_out": held_out(model, rows + under_others),
            "contrast": contrast(model, rows, asked),
        }
    dataset = {"name": options.gold.name, "sha256": fingerprint([options.gold]), "n": len(gold)}
    write_result("quality", dataset, metrics, time.perf_counter() - started)


def rival_answers(
    rows: Sequence[DebateRow], asked: Sequence[LabelledExample], options: argparse.Namespace
) -> dict[str, Ints]:
    """What each rival says of the gold comments."""
    train = [row.labelled for row in rows if row.split == "train"]
    council = [labelled for labelled in train if labelled.example.sides.a.label == "council"]
    answers = {
        "majority guess": majority(train, asked),
        "keyword rule": keyword_rule(asked),
        "sentiment rule (VADER)": sentiment_rule(asked),
        "TF-IDF + logistic regression": tfidf(train, asked),
        "TF-IDF + logistic regression, council-union rows only": tfidf(council, asked),
    }
    if options.backbone:
        answers.update(frozen_answers([row for row in rows if row.split == "train"], asked, options))
    return answers


def frozen_answers(
    train: Sequence[DebateRow], asked: Sequence[LabelledExample], options: argparse.Namespace
) -> dict[str, Ints]:
    """The rivals that are made of a frozen encoder, fitted on a share of the disputes."""
    fitted_on = [train[i].labelled for i in drawn_disputes(train, options.frozen_share, seed=0)]
    share = "" if options.frozen_share == 1 else f", {len(fitted_on):,} comments"
    answers = {}
    for title, thread in (("", False), (" of comment, title and sides", True)):
        seen, read = (frozen_features(options.backbone, part, options.cache, thread) for part in (fitted_on, asked))
        answers[f"frozen MiniLM{title} + logistic regression{share}"] = frozen_encoder(
            seen, labels_of(fitted_on), [one.example.thread_id for one in fitted_on], read
        )
    return answers


def measure(model: Asked, gold: Sequence[GoldRow]) -> dict[str, Any]:
    """All figures of one model on the gold comments."""
    calibration = model.card.calibration
    scores = model.scores([row.labelled for row in gold])
    chances = calibration.stance_probabilities(scores)
    tones = calibration.sentiment_probabilities(scores).argmax(axis=1)
    answers = chances.argmax(axis=1)
    labels = labels_of([row.labelled for row in gold])
    top = chances.max(axis=1)
    right = answers == labels
    sure = top >= calibration.sure_threshold
    half = np.argsort(-top, kind="stable")[: len(top) // 2]
    seed = np.array([row.thread_id == _SEED_THREAD for row in gold])
    tone_labels = np.array([row.labelled.sentiment for row in gold])
    return {
        **gold_figures(gold, answers),
        "ece": round(expected_calibration_error(labels, chances), 4),
        "brier": round(brier_score(labels, chances), 4),
        "accuracy_surest_half": round(float(right[half].mean()), 4),
        "sure_share": round(float(sure.mean()), 4),
        "accuracy_where_sure": round(float(right[sure].mean()), 4) if sure.any() else None,
        "sentiment_macro_f1": round(float(f1_score(tone_labels, tones, average="macro")), 4),
        "seed_002_right": int(right[seed].sum()),
        "seed_002_comments": int(seed.sum()),
    }


def held_out(model: Asked, rows: Sequence[DebateRow]) -> dict[str, Any]:
    """Macro-F1 on disputes of the test split, ours and real ones, these under their own sides and under others."""
    test = [row for row in rows if row.split == "test"]
    sets = {
        "corpus": [row.labelled for row in test if row.part],
        "real": [row.labelled for row in test if not row.part and not row.other_sides],
        "other_sides": [row.labelled for row in test if row.other_sides],
    }
    figures: dict[str, Any] = {}
    for name, asked in sets.items():
        scores = model.scores(asked)
        toned = [i for i, labelled in enumerate(asked) if labelled.sentiment is not None]
        tones = model.card.calibration.sentiment_probabilities(scores).argmax(axis=1)[toned]
        figures[name] = {
            "n": len(asked),
            "macro_f1": round(macro_f1(labels_of(asked), answers_of(model, scores)), 4),
            "sentiment_macro_f1": round(
                float(f1_score([asked[i].sentiment for i in toned], tones, average="macro")), 4
            ),
        }
    return figures


def contrast(model: Asked, rows: Sequence[DebateRow], gold: Sequence[LabelledExample]) -> dict[str, Any]:
    """How many contrast sets are right as a whole: our edited comments, and gold comments under swapped sides."""
    edited = defaultdict(list)
    for row in rows:
        if row.contrast and row.split == "test":
            edited[row.labelled.example.thread_id].append(row.labelled)
    flat = [labelled for members in edited.values() for labelled in members]
    right = dict(zip(map(id, flat), _right(model, flat), strict=True))
    pairs = list(zip(_right(model, gold), _right(model, [labelled.swapped() for labelled in gold]), strict=True))
    return {
        "edited_sets": len(edited),
        "edited_right": _share([all(right[id(member)] for member in members) for members in edited.values()]),
        "swapped_pairs": len(pairs),
        "swapped_right": _share([one and other for one, other in pairs]),
    }


def end_to_end(name: str, page: Path, gold: Sequence[GoldRow]) -> int:
    """How many of the page's comments are right from the text dump to the answer."""
    rows = [row for row in gold if row.thread_id == _SEED_THREAD]
    stances = load(name, device="cpu").classify(read_threads(page))
    if [" ".join(s.comment.text.split()) for s in stances] != [" ".join(r.labelled.example.text.split()) for r in rows]:
        raise SystemExit(f"{page}: its comments are not those of the gold rows")
    return sum(s.label == CLASSES[row.labelled.stance or 0] for s, row in zip(stances, rows, strict=True))


def gold_figures(gold: Sequence[GoldRow], answers: Ints) -> dict[str, Any]:
    """Figures that need answers only, with a 95 % bootstrap interval over rows."""
    labels = labels_of([row.labelled for row in gold])
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(labels), size=(500, len(labels)))
    low, high = np.quantile([macro_f1(labels[draw], answers[draw]) for draw in draws], [0.025, 0.975])
    subsets = {
        "council_only": np.array([not row.near for row in gold]),
        "sure_rows": np.array([row.sure for row in gold]),
    }
    per_class = class_f1(labels, answers)
    return {
        "macro_f1": round(macro_f1(labels, answers), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "f1": {name: round(float(value), 4) for name, value in zip(CLASSES, per_class, strict=True)},
        "accuracy": round(float((labels == answers).mean()), 4),
        "kappa": round(float(cohen_kappa_score(labels, answers)), 4),
        **{f"macro_f1_{name}": round(macro_f1(labels[rows], answers[rows]), 4) for name, rows in subsets.items()},
    }


def answers_of(model: Asked, scores: Scores) -> Ints:
    """Column of the likeliest stance. *Shape:* ``(n,)``"""
    answers: Ints = model.card.calibration.stance_probabilities(scores).argmax(axis=1)
    return answers


def labels_of(asked: Sequence[LabelledExample]) -> Ints:
    """The right stances. *Shape:* ``(n,)``"""
    return np.array([labelled.stance for labelled in asked], dtype=np.int64)


def _right(model: Asked, asked: Sequence[LabelledExample]) -> list[bool]:
    scores = model.scores(asked)
    flags: list[bool] = (answers_of(model, scores) == labels_of(asked)).tolist()
    return flags


def _share(flags: Sequence[bool]) -> float | None:
    return round(float(np.mean(flags)), 4) if flags else None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="JSON lines of labelled real comments")
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, which train the rivals")
    parser.add_argument("--seed", type=Path, required=True, help="the Southampton page as text")
    parser.add_argument("--cache", type=Path, help="folder in which the models' scores are kept and looked for")
    parser.add_argument("--backbone", type=Path, help="folder of all-MiniLM-L6-v2, for the rivals that are made of it")
    parser.add_argument("--frozen-share", type=float, default=1.0, help="of the disputes, that these are fitted on")
    return parser.parse_args()


if __name__ == "__main__":
    main()
