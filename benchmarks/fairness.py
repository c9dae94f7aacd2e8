"""Whether how a comment is written, and by whose neighbour, moves its stance: ``python -m benchmarks.fairness``.

Sixty comments of ten disputes, written for this (``corpus/fairness.jsonl``), each told again in a dialect (Scots,
Irish, Indian, South African or US English), in txt-speak, with other people's names and in another place; and, by rule,
in capitals, without punctuation, and with typing errors. The content and so the right stance stay. A flip is an answer
that differs from the answer to the original; how many there are says nothing of how many are right: that stands beside.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from benchmarks.data import CORPUS, fingerprint, read_rows
from benchmarks.results import write_result
from benchmarks.rivals import Ints
from benchmarks.scored import scored
from stance.api import PACKAGED, packaged_folder
from stance.card import read_card
from stance.encoding import Example
from stance.labelled import LabelledExample
from stance.metrics import macro_f1
from stance.sides import Side, Sides

COMMENTS = CORPUS / "fairness.jsonl"
ORIGINAL = "original"
DIALECTS = ("Scots", "Irish English", "Indian English", "South African English", "US English")
_ERRORS = 0.12  # share of the longer words that are mistyped
_WORD = re.compile(r"[^\W\d_]{4,}")


def capitals(text: str) -> str:
    """All of it in capitals."""
    return text.upper()


def no_punctuation(text: str) -> str:
    """Small letters, and nothing between the words but spaces."""
    return " ".join(re.sub(r"[^\w\s'-]", " ", text.lower()).split())


def typing_errors(text: str) -> str:
    """One longer word in eight with a letter left out, doubled or in its neighbour's place; always the same ones."""
    rng = random.Random(text)

    def mistyped(match: re.Match[str]) -> str:
        word = match.group()
        if rng.random() >= _ERRORS:
            return word
        i = rng.randrange(1, len(word) - 1)
        slips = (
            word[:i] + word[i + 1 :],
            word[:i] + word[i] + word[i:],
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
        )
        return rng.choice(slips)

    return _WORD.sub(mistyped, text)


RULES: dict[str, Callable[[str], str]] = {
    "all in capitals": capitals,
    "no punctuation or capitals": no_punctuation,
    "typing errors": typing_errors,
}


def main() -> None:
    options = _options()
    started = time.perf_counter()
    variants = load_variants()
    metrics = {name: measure(name, variants, options.cache) for name in options.models}
    n = {variant: len(groups) for variant, groups in variants.items()}
    dataset = {"name": COMMENTS.name, "sha256": fingerprint([COMMENTS]), "n": n}
    write_result("fairness", dataset, metrics, time.perf_counter() - started)


def load_variants(path: Path = COMMENTS) -> dict[str, dict[str, LabelledExample]]:
    """By the kind of variant and the comment it is one of; those made by rule among them."""
    variants: dict[str, dict[str, LabelledExample]] = {}
    for row in read_rows(path):
        example = _example(row, row["text"])
        variants.setdefault(row["variant"], {})[row["group"]] = example
        if row["variant"] == ORIGINAL:
            for name, rule in RULES.items():
                variants.setdefault(name, {})[row["group"]] = _example(row, rule(row["text"]))
    return variants


def measure(name: str, variants: dict[str, dict[str, LabelledExample]], cache: Path | None) -> dict[str, Any]:
    """How one model's answers to each kind of variant differ from those to the originals."""
    folder = packaged_folder(name)
    calibration = read_card(folder).calibration
    chances = {
        variant: dict(
            zip(groups, calibration.stance_probabilities(scored(folder, list(groups.values()), cache)), strict=True)
        )
        for variant, groups in variants.items()
    }
    figures: dict[str, Any] = {}
    for variant, groups in variants.items():
        now = np.array([chances[variant][group] for group in groups])
        before = np.array([chances[ORIGINAL][group] for group in groups])
        labels = np.array([one.stance for one in groups.values()], dtype=np.int64)
        figures[variant] = {"n": len(groups), **_right(labels, now.argmax(axis=1))}
        if variant != ORIGINAL:
            figures[variant].update(_moved(before, now), originals=_right(labels, before.argmax(axis=1)))
    told = [of for variant, of in figures.items() if variant != ORIGINAL]
    return {
        "variants": figures,
        "dialects": _together([figures[variant] for variant in DIALECTS]),
        "all": _together(told),
    }


def _together(figures: Sequence[dict[str, Any]]) -> dict[str, Any]:
    flips, n = sum(of["flips"] for of in figures), sum(of["n"] for of in figures)
    return {"n": n, "flips": flips, **_share(flips, n)}


def _moved(before: np.ndarray[Any, Any], now: np.ndarray[Any, Any]) -> dict[str, Any]:
    old, new = before.argmax(axis=1), now.argmax(axis=1)
    flips = int((old != new).sum())
    return {
        "flips": flips,
        **_share(flips, len(old)),
        "flips_from_side_to_side": int(((old != new) & (old < 2) & (new < 2)).sum()),
        # In which direction: the mean of what each stance's probability gains.
        "gain": {
            stance: round(float(gain), 4)
            for stance, gain in zip(("council", "union", "neutral"), (now - before).mean(axis=0), strict=True)
        },
    }


def _share(flips: int, n: int) -> dict[str, Any]:
    interval = binomtest(flips, n).proportion_ci(method="wilson")
    return {"flip_rate": round(flips / n, 4), "interval": [round(interval.low, 4), round(interval.high, 4)]}


def _right(labels: Ints, answers: Ints) -> dict[str, float]:
    return {
        "accuracy": round(float((labels == answers).mean()), 4),
        "macro_f1": round(macro_f1(labels, answers), 4),
    }


def _example(row: dict[str, Any], text: str) -> LabelledExample:
    sides = Sides(*(Side(row[side]["label"], row[side]["name"]) for side in ("side_a", "side_b")))
    example = Example(row["group"], row["variant"], text, sides, title=row["title"], post=row["post"])
    return LabelledExample(example, stance=sides.labels.index(row["stance"]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=PACKAGED, default=list(PACKAGED))
    parser.add_argument("--cache", type=Path, help="folder in which scores are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
