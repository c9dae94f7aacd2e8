"""How good the shipped model is, beside simple rivals: ``python -m benchmarks.quality --gold FILE --public DIR``.

Measures stance and sentiment on real comments that trained nothing. The rivals are a majority guess, a keyword
rule, a sentiment rule (VADER), and TF-IDF + logistic regression fitted on what trained the model. The gold rows come
with their sides' names; with ``--seed``, a page whose comments are among them is also read, its sides found and its
comments classified just as the command line does it.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, f1_score

from benchmarks.data import GoldRow, fingerprint, load_gold
from benchmarks.results import write_result
from benchmarks.train import load_rows
from stance.api import PACKAGED, load, packaged_folder
from stance.inference import score_examples
from stance.model import open_model
from stance.readers import read_threads
from stance.training import LabelledExample

Ints = npt.NDArray[np.int64]
CLASSES = ("pro-council", "pro-union", "neutral")
UNION_WORDS = re.compile(r"\b(?:unions?|strik\w+|workers?|staff|teachers?|firefighters?|employees|members)\b", re.I)
COUNCIL_WORDS = re.compile(
    r"\b(?:council\w*|government|city|mayor|board|administration|bosses|management|tory)\b", re.I
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="JSON lines of labelled real comments")
    parser.add_argument(
        "--public", type=Path, required=True, help="folder of the public sets, for the rivals' training"
    )
    parser.add_argument("--seed", type=Path, required=True, help="the Southampton page as text")
    options = parser.parse_args()
    started = time.perf_counter()
    gold = load_gold(options.gold)
    train = [row.labelled for row in load_rows(options.public) if row.split == "train" and not row.disputed]
    rivals: dict[str, Callable[[], Ints]] = {
        "majority guess": lambda: majority(train, gold),
        "keyword rule": lambda: keyword_rule(gold),
        "sentiment rule (VADER)": lambda: sentiment_rule(gold),
        "TF-IDF + logistic regression": lambda: tfidf(train, gold),
        "TF-IDF + logistic regression, council-union rows only": lambda: tfidf(
            [labelled for labelled in train if labelled.example.sides.a.label == "council"], gold
        ),
    }
    metrics: dict[str, Any] = {"rivals": {name: stance_figures(gold, answer()) for name, answer in rivals.items()}}
    metrics["models"] = {
        name: {**measure(name, gold), "seed_002_end_to_end": end_to_end(name, options.seed, gold)} for name in PACKAGED
    }
    dataset = {"name": options.gold.name, "sha256": fingerprint([options.gold]), "n": len(gold)}
    write_result("quality", dataset, metrics, time.perf_counter() - started)


def measure(name: str, gold: Sequence[GoldRow]) -> dict[str, Any]:
    """All figures of one model of the package."""
    model = open_model(packaged_folder(name), "cpu")
    calibration = model.card.calibration
    scores = score_examples([row.labelled.example for row in gold], model)
    chances = calibration.stance_probabilities(scores)
    tones = calibration.sentiment_probabilities(scores).argmax(axis=1)
    answers = chances.argmax(axis=1)
    labels = labels_of(gold)
    top = chances.max(axis=1)
    right = answers == labels
    sure = top >= calibration.sure_threshold
    half = np.argsort(-top, kind="stable")[: len(top) // 2]
    seed = np.array([row.thread_id == "seed-southampton" for row in gold])
    tone_labels = np.array([row.labelled.sentiment for row in gold])
    return {
        **stance_figures(gold, answers),
        "ece": round(expected_calibration_error(labels, chances), 4),
        "brier": round(float(((chances - np.eye(3)[labels]) ** 2).sum(axis=1).mean()), 4),
        "accuracy_surest_half": round(float(right[half].mean()), 4),
        "sure_share": round(float(sure.mean()), 4),
        "accuracy_where_sure": round(float(right[sure].mean()), 4) if sure.any() else None,
        "sentiment_macro_f1": round(float(f1_score(tone_labels, tones, average="macro")), 4),
        "seed_002_right": int(right[seed].sum()),
        "seed_002_comments": int(seed.sum()),
    }


def end_to_end(name: str, page: Path, gold: Sequence[GoldRow]) -> int:
    """How many of the page's comments are right from the text dump to the answer."""
    rows = [row for row in gold if row.thread_id == "seed-southampton"]
    stances = load(name, device="cpu").classify(read_threads(page))
    if [" ".join(s.comment.text.split()) for s in stances] != [" ".join(r.labelled.example.text.split()) for r in rows]:
        raise SystemExit(f"{page}: its comments are not those of the gold rows")
    return sum(s.label == CLASSES[row.labelled.stance or 0] for s, row in zip(stances, rows, strict=True))


def stance_figures(gold: Sequence[GoldRow], answers: Ints) -> dict[str, Any]:
    """Figures that need answers only, with a 95 % bootstrap interval over rows."""
    labels = labels_of(gold)
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(labels), size=(500, len(labels)))
    low, high = np.quantile([macro_f1(labels[draw], answers[draw]) for draw in draws], [0.025, 0.975])
    subsets = {
        "council_only": np.array([not row.near for row in gold]),
        "sure_rows": np.array([row.sure for row in gold]),
    }
    per_class = f1_score(labels, answers, average=None, labels=[0, 1, 2], zero_division=0)
    return {
        "macro_f1": round(macro_f1(labels, answers), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "f1": {name: round(float(value), 4) for name, value in zip(CLASSES, per_class, strict=True)},
        "accuracy": round(float((labels == answers).mean()), 4),
        "kappa": round(float(cohen_kappa_score(labels, answers)), 4),
        **{f"macro_f1_{name}": round(macro_f1(labels[rows], answers[rows]), 4) for name, rows in subsets.items()},
    }


def macro_f1(labels: Ints, answers: Ints) -> float:
    """Mean F1 of the three stances."""
    return float(f1_score(labels, answers, average="macro", labels=[0, 1, 2], zero_division=0))


def labels_of(gold: Sequence[GoldRow]) -> Ints:
    """The right stances. *Shape:* ``(n,)``"""
    return np.array([row.labelled.stance for row in gold], dtype=np.int64)


def expected_calibration_error(labels: Ints, chances: npt.NDArray[np.float64], n_bins: int = 10) -> float:
    """Mean gap between sureness and accuracy (Naeini et al. 2015), over bins of equal count."""
    top = chances.max(axis=1)
    right = chances.argmax(axis=1) == labels
    bins = np.array_split(np.argsort(top, kind="stable"), n_bins)
    return float(sum(abs(top[rows].sum() - right[rows].sum()) for rows in bins) / len(top))


def majority(train: Sequence[LabelledExample], gold: Sequence[GoldRow]) -> Ints:
    """The commonest stance of the training data, always."""
    return np.full(len(gold), np.bincount([labelled.stance or 0 for labelled in train]).argmax())


def keyword_rule(gold: Sequence[GoldRow]) -> Ints:
    """Who is spoken of more is spoken against: complaints outnumber praise."""
    return np.array([_against_the_one_spoken_of(row.labelled.example.text) for row in gold])


def sentiment_rule(gold: Sequence[GoldRow]) -> Ints:
    """VADER's tone, for or against the side that is spoken of more; neutral where it is calm or speaks of neither."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    tone_of = SentimentIntensityAnalyzer().polarity_scores
    answers = []
    for row in gold:
        text = row.labelled.example.text
        tone = tone_of(text)["compound"]
        against = _against_the_one_spoken_of(text)
        answers.append(2 if abs(tone) < 0.05 or against == 2 else against if tone < 0 else 1 - against)
    return np.array(answers)


def tfidf(train: Sequence[LabelledExample], gold: Sequence[GoldRow]) -> Ints:
    """Logistic regression on words and word pairs, on the same rows that trained the model."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    features = vectorizer.fit_transform([labelled.example.text for labelled in train])
    fitted = LogisticRegression(C=2.0, max_iter=3000).fit(features, [labelled.stance for labelled in train])
    answers: Ints = fitted.predict(vectorizer.transform([row.labelled.example.text for row in gold]))
    return answers


def _against_the_one_spoken_of(text: str) -> int:
    union, council = len(UNION_WORDS.findall(text)), len(COUNCIL_WORDS.findall(text))
    return 2 if union == council else (0 if union > council else 1)


if __name__ == "__main__":
    main()
