"""Fit what the lines of copied pages are, and measure it: ``python -m benchmarks.train_lines``.

The field is fitted on the copies and the pages, as a copy would show them, of ``tests/threads`` and
``benchmarks/copies``, each line labelled by where the expected comments stand (python-crfsuite; L1 and L2 penalties, so
that most weights are zero). Measured by leaving platforms out: of five folds no platform is on both sides, so every
figure is of platforms not learned from. Then all files are learned from, and the weights written beside the readers.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite

from benchmarks.data import fingerprint
from benchmarks.readers import Case, cases
from benchmarks.results import write_result
from stance.readers.archives import sources_in
from stance.readers.dumps.by_lines import comments_in
from stance.readers.dumps.line_features import Lines, plain
from stance.readers.dumps.line_labels import LABELS, Ints, Labelled, LineModel, label_from_texts
from stance.readers.dumps.lines import lines_of_dump
from stance.readers.markup import page_of as tree_of
from stance.readers.markup import text_of
from stance.readers.source import Source

COPIES = Path(__file__).parent / "copies"
WEIGHTS = Path(__file__).parents[1] / "stance" / "readers" / "dumps" / "line_weights.json"
#: Platforms whose names and words share a line, so that whole lines are not what is to be told apart.
NOT_BY_LINES = frozenset("chat round meeting table minutes whatsapp telegram voxpop townhall".split())
_UNSEEN = ("head", "style", "script", "template", "noscript")
_FOLDS = 5
_PENALTIES = {"c1": 1.0, "c2": 0.1, "max_iterations": 200, "feature.possible_transitions": True}


@dataclass(frozen=True)
class Page:
    """A copy, or a page as a copy would show it, whose comments are known.

    :param labels: None where a comment does not stand in whole lines.
    """

    platform: str
    is_copy: bool
    lines: Lines
    texts: tuple[str, ...]
    labels: Ints | None


def main() -> None:
    options = _options()
    started = time.perf_counter()
    known = all_cases()
    pages = [page for case in known if (page := page_of(case))]
    metrics: dict[str, Any] = {"files": len(pages), "learned_from": sum(page.labels is not None for page in pages)}
    left_out = [found for fold in folds(pages) for found in read_fold(pages, fold)]
    metrics["platforms_left_out"] = {
        "copies": measured([found for found in left_out if found[0].is_copy]),
        "pages": measured([found for found in left_out if not found[0].is_copy]),
    }
    model = fitted(pages)
    WEIGHTS.write_text(model.to_json(), "utf-8")
    metrics["platforms_learned_from"] = measured([(page, read(model, page)) for page in pages])
    metrics["weights"] = len(model.features)
    if options.result:
        files = sorted(path for case in known for path in (case.source, case.expected) if path.is_file())
        dataset = {"name": "tests/threads, benchmarks/copies", "sha256": fingerprint(files), "n": len(pages)}
        write_result("lines", dataset, metrics, time.perf_counter() - started)
    else:
        print(json.dumps(metrics, indent=1))


def all_cases() -> list[Case]:
    """The files that are read right, and those that are only learned from."""
    return [*cases(), *cases(COPIES, "*")]


def platform_of(case: Case) -> str:
    """The first word of the format, or of the name of a file that is only learned from: ``blogspot``."""
    name = case.source.name if case.expected.parent == COPIES else case.format
    return name.partition("_")[0]


def page_of(case: Case) -> Page | None:
    """A case as lines with labels; None where it is no dump of one thread, or not one of whole lines."""
    is_copy = case.source.suffix == ".txt"
    if platform_of(case) in NOT_BY_LINES or case.source.suffix not in (".txt", ".html") or len(case.threads) != 1:
        return None
    source = next(iter(sources_in(case.source)))
    if isinstance(source, Exception):
        return None
    lines, comments = Lines.of(lines_shown(source)), case.threads[0]["comments"]
    labels = label_from_texts(lines, [(comment["text"], comment.get("author")) for comment in comments])
    return Page(platform_of(case), is_copy, lines, tuple(comment["text"] for comment in comments), labels)


def lines_shown(source: Source) -> list[str]:
    """The lines of a copy; of a saved page those that a browser shows, and a copy would have."""
    if source.media == "html":
        return text_of(tree_of(source), lambda element: element.tag in _UNSEEN).split("\n")
    return lines_of_dump(source)


def folds(pages: Sequence[Page]) -> list[frozenset[str]]:
    """The platforms, in five parts of like size."""
    sizes = Counter(page.platform for page in pages)
    parts: list[list[str]] = [[] for _ in range(_FOLDS)]
    names = sorted(sizes)
    random.Random(1).shuffle(names)
    for name in sorted(names, key=lambda name: -sizes[name]):
        min(parts, key=lambda part: sum(sizes[one] for one in part)).append(name)
    return [frozenset(part) for part in parts]


def read_fold(pages: Sequence[Page], fold: frozenset[str]) -> list[tuple[Page, list[str]]]:
    """Pages of the fold's platforms, read by what the others teach."""
    model = fitted([page for page in pages if page.platform not in fold])
    return [(page, read(model, page)) for page in pages if page.platform in fold]


def fitted(pages: Sequence[Page]) -> LineModel:
    """The field that fits these pages best."""
    trainer = pycrfsuite.Trainer(verbose=False)
    for page in pages:
        if page.labels is not None and page.lines.texts:
            trainer.append(page.lines.features(), [LABELS[label] for label in page.labels])
    trainer.set_params(_PENALTIES)
    tagger = pycrfsuite.Tagger()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "field")
        trainer.train(path)
        with tagger.open(path):
            told = tagger.info()
    transitions = np.array([[told.transitions.get((a, b), 0.0) for b in LABELS] for a in LABELS])
    features: dict[str, Any] = {}
    for (name, label), weight in told.state_features.items():
        features.setdefault(name, np.zeros(len(LABELS)))[LABELS.index(label)] = weight
    return LineModel({name: weights for name, weights in features.items() if weights.any()}, transitions)


def read(model: LineModel, page: Page) -> list[str]:
    """The texts of a page's comments, as the field tells them."""
    if not page.lines.texts:
        return []
    labelled = Labelled(page.lines, model.emissions(page.lines), model.transitions)
    return [comment.text for comment in comments_in(labelled)]


def measured(read_pages: Sequence[tuple[Page, list[str]]]) -> dict[str, float]:
    """F1 of the comments' exact texts, their precision and recall."""
    n_right = n_found = n_expected = 0
    for page, texts in read_pages:
        n_right += sum((Counter(map(plain, texts)) & Counter(map(plain, page.texts))).values())
        n_found, n_expected = n_found + len(texts), n_expected + len(page.texts)
    n_invented = sum(len(texts) for page, texts in read_pages if not page.texts)
    shares = {
        "f1": 2 * n_right / (n_found + n_expected),
        "precision": n_right / n_found,
        "recall": n_right / n_expected,
    }
    counts = {"files": len(read_pages), "comments": n_expected, "invented_where_there_are_none": n_invented}
    return {**counts, **{name: round(share, 4) for name, share in shares.items()}}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--result", action="store_true", help="write benchmarks/results/lines.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
