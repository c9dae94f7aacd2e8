"""Whether the corpus is what its datasheet says: ``python -m benchmarks.corpus_check``. Exit status 1 where not.

Counts, lengths, balance, near-duplicates, agreement of the two labellings, and how far a bag of words gets: where that
is easy, the comments give their side away by vocabulary, and the text must be harder.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from datasketch import MinHash, MinHashLSH
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, f1_score

from benchmarks.data import CORPUS, DebateRow, fingerprint, load_corpus
from benchmarks.results import write_result

SIDE_WORDS = re.compile(r"\bunions?\b|council|strik", re.I)
NEAR_DUPLICATE = 0.7  # Jaccard similarity of the sets of three words in a row (Broder 1997)
_TAGS_SHOWN = 20  # a kappa of fewer comments says little
#: figure -> (least, most)
BOUNDS: dict[str, tuple[float, float]] = {
    "comments": (10_000, np.inf),
    "threads": (500, np.inf),
    "share_of_public_employers": (0.65, 0.9),
    "share_without_side_words": (0.5, 1.0),
    "share_pro_a": (0.28, 0.4),
    "share_pro_b": (0.28, 0.4),
    "share_neutral": (0.28, 0.4),
    "contrast_sets": (100, np.inf),
    "length_median": (200, 450),
    "length_tenth": (25, 150),
    "length_ninetieth": (500, 1500),
    "near_duplicates": (0, 0),
    "threads_in_two_splits": (0, 0),
    "kappa_stance": (0.8, 1.0),
    "bag_of_words_macro_f1": (0.0, 0.6),
}


def main() -> None:
    started = time.perf_counter()
    rows = load_corpus()
    figures = measure(rows)
    paths = sorted(CORPUS.glob("*.jsonl"))
    dataset = {"name": "our corpus", "sha256": fingerprint(paths), "n": len(rows)}
    write_result("corpus_check", dataset, figures, time.perf_counter() - started)
    outside = [
        f"{name} is {figures[name]}, but should lie in {bounds}"
        for name, bounds in BOUNDS.items()
        if not bounds[0] <= figures[name] <= bounds[1]
    ]
    if outside:
        print("\n".join(outside), file=sys.stderr)
        raise SystemExit(1)
    print("the corpus is as its datasheet says")


def measure(rows: Sequence[DebateRow]) -> dict[str, Any]:
    """All figures of the corpus."""
    texts = [row.labelled.example.text for row in rows]
    threads = [row.labelled.example.thread_id for row in rows]
    stances = np.array([row.labelled.stance for row in rows])
    lengths = np.array([len(text) for text in texts])
    splits_of = defaultdict(set)
    for row in rows:
        splits_of[row.labelled.example.thread_id].add(row.split)
    tenth, median, ninetieth = np.quantile(lengths, [0.1, 0.5, 0.9])
    return {
        "comments": len(rows),
        "threads": len(set(threads)),
        "splits": dict(Counter(row.split for row in rows)),
        "share_of_public_employers": _share([row.labelled.example.sides.a.label == "council" for row in rows]),
        "share_without_side_words": _share([not SIDE_WORDS.search(text) for text in texts]),
        "share_pro_a": _share(stances == 0),
        "share_pro_b": _share(stances == 1),
        "share_neutral": _share(stances == 2),
        "contrast_sets": len({row.labelled.example.thread_id for row in rows if row.contrast}),
        "with_evidence": _share([bool(row.evidence) for row in rows if row.labelled.stance != 2]),
        "length_tenth": int(tenth),
        "length_median": int(median),
        "length_ninetieth": int(ninetieth),
        "near_duplicates": near_duplicates([row.labelled.example.text for row in rows if not row.contrast]),
        "threads_in_two_splits": sum(len(splits) > 1 for splits in splits_of.values()),
        **agreement(rows),
        "bag_of_words_macro_f1": bag_of_words(rows),
    }


def near_duplicates(texts: Sequence[str]) -> int:
    """How many texts are nearly another; those of under eight words are not compared."""
    index = MinHashLSH(threshold=NEAR_DUPLICATE, num_perm=64)
    found = 0
    for number, text in enumerate(texts):
        words = re.findall(r"\w+", text.casefold())
        if len(words) < 8:
            continue
        sketch = MinHash(num_perm=64)
        sketch.update_batch([" ".join(words[i : i + 3]).encode() for i in range(len(words) - 2)])
        near = [other for other in index.query(sketch) if _similarity(text, texts[other]) >= NEAR_DUPLICATE]
        found += bool(near)
        index.insert(number, sketch)
    return found


def agreement(rows: Sequence[DebateRow]) -> dict[str, Any]:
    """Cohen's kappa of the writers' stances and the blind second ones, overall and by phenomenon."""
    twice = [row for row in rows if row.second is not None]
    by_tag: dict[str, list[DebateRow]] = defaultdict(list)
    for row in twice:
        for tag in row.tags:
            by_tag[tag].append(row)
    return {
        "labelled_twice": round(len(twice) / len(rows), 4),
        "kappa_stance": _kappa(twice),
        "kappa_by_tag": {
            tag: {"n": len(tagged), "kappa": _kappa(tagged)}
            for tag, tagged in sorted(by_tag.items(), key=lambda item: -len(item[1]))
            if len(tagged) >= _TAGS_SHOWN
        },
    }


def bag_of_words(rows: Sequence[DebateRow]) -> float:
    """Macro-F1 on the test disputes of what words and word pairs alone learn from the train disputes."""
    train, test = ([row.labelled for row in rows if row.split == split] for split in ("train", "test"))
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    features = vectorizer.fit_transform([labelled.example.text for labelled in train])
    fitted = LogisticRegression(C=2.0, max_iter=3000).fit(features, [labelled.stance for labelled in train])
    answers = fitted.predict(vectorizer.transform([labelled.example.text for labelled in test]))
    return round(float(f1_score([labelled.stance for labelled in test], answers, average="macro")), 4)


def _kappa(rows: Sequence[DebateRow]) -> float:
    first, second = [row.labelled.stance for row in rows], [row.second for row in rows]
    return 1.0 if first == second else round(float(cohen_kappa_score(first, second)), 4)


def _similarity(one: str, other: str) -> float:
    a, b = (_shingles(text) for text in (one, other))
    return len(a & b) / len(a | b)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[i : i + 3]) for i in range(len(words) - 2)}


def _share(flags: Any) -> float:
    return round(float(np.mean(flags)), 4)


if __name__ == "__main__":
    main()
