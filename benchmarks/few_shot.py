"""A few-shot rival: ``python -m benchmarks.few_shot --gold FILE --public DIR --backbone DIR``.

SetFit's recipe (Tunstall et al. 2022) with 8 and with 32 comments of each stance, drawn from the council-union disputes
that trained the models; the mean of three draws, and their spread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.data import fingerprint, load_gold
from benchmarks.quality import gold_figures
from benchmarks.results import write_result
from benchmarks.rivals import drawn_a_class, setfit
from benchmarks.train import load_rows

SIZES = (8, 32)  # comments a stance
_STEPS = 16


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    started = time.perf_counter()
    gold = load_gold(options.gold)
    asked = [row.labelled for row in gold]
    train = [row.labelled for row in load_rows(options.public) if row.split == "train" and not row.disputed]
    council = [labelled for labelled in train if labelled.example.sides.a.label == "council"]
    metrics: dict[str, Any] = {}
    for size in SIZES:
        draws = []
        for seed in range(options.draws):
            answers = setfit(options.backbone, drawn_a_class(council, size, seed), asked, seed, _STEPS)
            draws.append(gold_figures(gold, answers))
            print(size, seed, draws[-1]["macro_f1"], flush=True)
        metrics[f"SetFit's recipe, MiniLM, {size} comments a stance"] = {
            **mean_of(draws),
            "spread": round(float(np.std([draw["macro_f1"] for draw in draws])), 4),
            "draws": [draw["macro_f1"] for draw in draws],
        }
    dataset = {"name": options.gold.name, "sha256": fingerprint([options.gold]), "n": len(gold)}
    write_result("few_shot", dataset, metrics, time.perf_counter() - started)


def mean_of(draws: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The means of all figures; the intervals, which are of single draws, are left out."""

    def mean(values: Sequence[Any]) -> Any:
        if isinstance(values[0], dict):
            return {key: mean([value[key] for value in values]) for key in values[0]}
        return round(float(np.mean(values)), 4)

    return {key: mean([draw[key] for draw in draws]) for key in draws[0] if key != "interval"}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="JSON lines of labelled real comments")
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--backbone", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser.parse_args()


if __name__ == "__main__":
    main()
