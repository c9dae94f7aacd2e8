"""How fast the model in the package reads comments here: ``python -m benchmarks.speed``.

One call of ``classify`` over the corpus' comments, in their threads, with tokenising and everything; the median
of several repeats, and beside it one comment after the other, so that the gain of batching can be told as a
ratio on any machine.
"""

from __future__ import annotations

import statistics
import time

from benchmarks.data import CORPUS, fingerprint, load_corpus
from benchmarks.results import write_result
from stance.api import packaged_folder
from stance.inference import score_examples
from stance.model import open_model

COMMENTS = 512
ALONE = 48
REPEATS = 3


def main() -> None:
    started = time.perf_counter()
    examples = [labelled.example for labelled in [row.labelled for row in load_corpus()][::12][:COMMENTS]]
    model = open_model(packaged_folder("small"), "cpu")
    score_examples(examples[:32], model)  # the first call pays for loading kernels
    together = []
    for _ in range(REPEATS):
        since = time.perf_counter()
        score_examples(examples, model)
        together.append((time.perf_counter() - since) / len(examples))
    since = time.perf_counter()
    for example in examples[:ALONE]:
        score_examples([example], model)
    alone = (time.perf_counter() - since) / ALONE
    batched = statistics.median(together)
    metrics = {
        "comments_per_second": round(1 / batched, 1),
        "comments_per_second_one_by_one": round(1 / alone, 1),
        "gain_of_batching": round(alone / batched, 2),
        "spread": round((max(together) - min(together)) / batched, 3),
    }
    paths = sorted(CORPUS.glob("part-*.jsonl"))
    dataset = {"name": "every 12th comment of our corpus", "sha256": fingerprint(paths), "n": len(examples)}
    write_result("speed", dataset, metrics, time.perf_counter() - started)


if __name__ == "__main__":
    main()
