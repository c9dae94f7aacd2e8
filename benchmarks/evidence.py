"""Whether the sentence that is pointed at carries the stance: ``python -m benchmarks.evidence [--split test]``.

Our corpus marks the very words that carry the stance of a sided comment. The pointed sentence is right where it
overlaps them. Pointing by leaving a sentence out, by asking it alone, and by both is measured too; beside
the first sentence, the last, the longest, and one drawn at random (its chance, not a draw). Each comment is asked for
its true stance; the rows "labelled right" are those of which the model had said it, as in use. The cost is in tokens
that the network reads to explain a comment, beside those it reads to classify it.

What the network says is kept in ``--cache``, so that it is asked once.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.data import DebateRow, fingerprint, load_corpus
from benchmarks.results import write_result
from stance.api import PACKAGED, packaged_folder
from stance.encoding import Example, tokenize
from stance.evidence import Question, ask_parts, comments_without, parts_alone, point
from stance.inference import stream_scores
from stance.model import OpenModel, open_model
from stance.scores import Scores
from stance.sentences import sentence_spans
from stance.stances import Stances
from stance.thread import Comment

CORPUS = Path(__file__).parent / "corpus"
SHORT = 4  # sentences
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """One comment with the answers to everything that was asked about it.

    :param span: Where the marked words begin and end.
    :param right: Whether the model's own answer is the true stance.
    :param without: Probability of the true stance without each part. *Shape:* ``(n_parts,)``
    :param alone: Of each part alone. *Shape:* ``(n_parts,)``
    :param pointed: The part that the library points at.
    """

    question: Question
    span: tuple[int, int]
    right: bool
    without: Floats
    alone: Floats
    pointed: int

    @property
    def of_sentences(self) -> bool:
        """Whether the parts are sentences, not clauses of a single one."""
        return len(sentence_spans(self.question.stance.comment.text)) > 1

    @property
    def hits(self) -> list[bool]:
        """Which parts overlap the marked words."""
        return [begin < self.span[1] and end > self.span[0] for begin, end in self.question.parts]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", default="test", choices=("dev", "test"))
    parser.add_argument("--models", nargs="+", default=list(PACKAGED))
    parser.add_argument("--cache", type=Path, help="folder where scores are kept and looked for")
    options = parser.parse_args()
    began = time.perf_counter()
    rows = [
        row for row in load_corpus() if row.split == options.split and row.labelled.stance in (0, 1) and row.evidence
    ]
    figures = {}
    for name in options.models:
        model = open_model(packaged_folder(name), "cpu")
        figures[name] = measure(rows, model, options.cache)
    dataset = {
        "name": f"benchmarks/corpus, sided comments of the {options.split} split with their evidence marked",
        "sha256": fingerprint(sorted(CORPUS.glob("*.jsonl"))),
        "n": len(rows),
    }
    write_result("evidence", dataset, figures, time.perf_counter() - began)


def measure(rows: Sequence[DebateRow], model: OpenModel, cache: Path | None) -> dict[str, Any]:
    """All figures of one model."""
    examples = [row.labelled.example for row in rows]
    plain = scored(examples, model, cache)
    questions, stances = true_stances(rows, plain, model)
    alone = scored(parts_alone(questions), model, cache)
    left_out = [question.without(part) for question in questions for part in range(len(question.alone))]
    rows_asked = read_answers(rows, questions, stances, (plain, alone, scored(left_out, model, cache)), model)
    several = [asked for asked in rows_asked if len(asked.question.parts) > 1]
    sentences = [asked for asked in several if asked.of_sentences]
    figures: dict[str, Any] = {
        "multi_sentence": ways(sentences),
        "multi_sentence_labelled_right": ways([asked for asked in sentences if asked.right]),
        "several_parts": ways(several),
        "all": ways(rows_asked),
        "all_labelled_right": ways([asked for asked in rows_asked if asked.right]),
    }
    return {**figures, "cost": cost(rows_asked, examples, model)}


def true_stances(rows: Sequence[DebateRow], plain: Scores, model: OpenModel) -> tuple[list[Question], Stances]:
    """The questions about each row's true stance, whatever the model said."""
    examples = [row.labelled.example for row in rows]
    chances = model.card.calibration.stance_probabilities(plain)
    asked = chances.copy()
    # The label to explain is the likeliest: the true one is made so, without touching what is read of the answers.
    asked[np.arange(len(rows)), np.array([row.labelled.stance for row in rows], dtype=np.int64)] = 1.0
    stances = Stances(
        sides=examples[0].sides,
        thread_ids=tuple(example.thread_id for example in examples),
        comments=tuple(Comment(id=example.comment_id, text=example.text) for example in examples),
        probabilities=asked,
        sentiment_probabilities=model.card.calibration.sentiment_probabilities(plain),
        sure=np.zeros(len(rows), dtype=bool),
        truncated=plain.n_cut,
        reasons=plain.reasons,
    )
    return ask_parts(examples, stances), stances


def read_answers(
    rows: Sequence[DebateRow],
    questions: Sequence[Question],
    stances: Stances,
    scores: tuple[Scores, Scores, Scores],
    model: OpenModel,
) -> list[Asked]:
    """What was asked, beside what is true.

    :param scores: Of the comments, of each part alone, of the comments without each part.
    """
    calibration = model.card.calibration
    plain, alone, without = (calibration.stance_probabilities(of) for of in scores)
    pointed = point(questions, scores[1], stances, calibration)
    asked = []
    place = 0
    for i, (row, question) in enumerate(zip(rows, questions, strict=True)):
        own = slice(place, place + len(question.alone))
        place = own.stop
        begin = row.labelled.example.text.index(row.evidence)
        asked.append(
            Asked(
                question=question,
                span=(begin, begin + len(row.evidence)),
                right=bool(plain[i].argmax() == row.labelled.stance),
                without=without[own, row.labelled.stance],
                alone=alone[own, row.labelled.stance],
                pointed=pointed[i],
            )
        )
    return asked


def ways(rows: Sequence[Asked]) -> dict[str, Any]:
    """How often each way of pointing is right."""
    pointers: dict[str, Callable[[Asked], float]] = {
        "pointed": lambda asked: asked.hits[asked.pointed],
        "left_out": lambda asked: _at(asked, -asked.without),
        "alone": lambda asked: _at(asked, asked.alone),
        "both": lambda asked: _at(asked, np.log(asked.alone + 1e-6) - np.log(asked.without + 1e-6)),
        "first": lambda asked: asked.hits[0],
        "last": lambda asked: asked.hits[-1],
        "longest": lambda asked: _at(asked, np.array([end - begin for begin, end in asked.question.parts], float)),
        "random": lambda asked: float(np.mean(asked.hits)),
    }
    shares = {name: round(float(np.mean([pointer(asked) for asked in rows])), 4) for name, pointer in pointers.items()}
    return {"n": len(rows), **shares}


def cost(rows: Sequence[Asked], examples: Sequence[Example], model: OpenModel) -> dict[str, Any]:
    """Tokens read to explain, beside those read to classify."""

    def tokens(of: Sequence[Example]) -> int:
        return sum(len(one.ids) for one in tokenize(of, model.tokenizer, model.card.form))

    short = [i for i, asked in enumerate(rows) if len(asked.question.parts) <= SHORT]
    figures = {}
    for name, chosen in (("short", short), ("all", range(len(rows)))):
        plain = tokens([examples[i] for i in chosen])
        questions = [rows[i].question for i in chosen]
        explained = tokens([*parts_alone(questions), *comments_without(questions, [rows[i].pointed for i in chosen])])
        figures[name] = {"n": len(chosen), "tokens_beside_classifying": round(explained / plain, 2)}
    return figures


def scored(examples: Sequence[Example], model: OpenModel, cache: Path | None) -> Scores:
    """The network's answers, from the cache where they are there."""
    digest = hashlib.sha256(repr((model.card.sha256, examples)).encode("utf-8")).hexdigest()[:16]
    path = cache / f"evidence-{model.card.name}-{digest}.parquet" if cache else None
    if path and path.exists():
        return Scores.load(path)
    # One window, for the corpus' disputes have sides of many labels, which tables of several windows may not have.
    scores = Scores.joined(list(stream_scores(examples, model, window=len(examples))))
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        scores.save(path)
    return scores


def _at(asked: Asked, worth: Floats) -> float:
    return asked.hits[len(worth) - 1 - int(worth[::-1].argmax())] if len(worth) else asked.hits[0]


if __name__ == "__main__":
    main()
