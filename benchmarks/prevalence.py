"""How right the shares are: ``python -m benchmarks.prevalence --public DIR --gold FILE``; both may be left out.

Threads are drawn from the corpus' test disputes, with people kept together and mixes of the stances spread evenly over
all that there can be (the artificial-prevalence protocol; Forman 2005, Esuli, Moreo and Sebastiani 2023), and each
thread's shares are estimated by plain counting, by the adjusted counts of hard and soft answers (Forman 2008; Bella et
al. 2010), by expectation maximisation (Saerens et al. 2002) and as ``stance.summarize`` does it. Measured are the mean
absolute error of a share and how often the 95 % interval holds the true one. The whole disputes of the test split, the
real debates and the gold threads are looked at as they are. No figure was fitted to them; that held-out real disputes
weigh as much as ours in how far disputes differ was decided with their coverage in view.

Nothing here trains anything: how the models err comes with their folders.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import CORPUS, fingerprint, load_corpus, load_gold, load_labelled_comments, read_rows
from benchmarks.results import write_result
from benchmarks.roles import in_order, roles_of
from benchmarks.scored import scored
from stance.api import PACKAGED, packaged_folder
from stance.calibration import Calibration
from stance.card import read_card
from stance.labelled import LabelledExample
from stance.prevalence import Floats, Ints, KnownErrors, known_errors, reweighted
from stance.shares import Shares, Voices, shares_of

SIZES = (50, 100, 300, 1000)  # comments a thread
N_THREADS = 150  # of each size
LABELS = ("pro-council", "pro-union", "neutral")
#: Of probabilities, how these err, and how the likeliest answers err.
Estimator = Callable[[Floats, KnownErrors, KnownErrors], Floats]


@dataclass(frozen=True)
class Pool:
    """Labelled comments with what a model said of them.

    :param probabilities: *Shape:* ``(n, 3)``
    :param labels: *Shape:* ``(n,)``
    :param people: Number of each comment's writer. *Shape:* ``(n,)``
    :param threads: Number of each comment's dispute. *Shape:* ``(n,)``
    """

    probabilities: Floats
    labels: Ints
    people: Ints
    threads: Ints


def main() -> None:
    options = _options()
    started = time.perf_counter()
    authors = {
        (row["thread"], row["id"]): row["author"] for path in CORPUS.glob("part-*.jsonl") for row in read_rows(path)
    }
    test = [row for row in load_corpus() if row.split == "test" and not row.disputed]
    sets: dict[str, tuple[list[LabelledExample], list[str]]] = {
        "corpus": ([row.labelled for row in test], [authors[_key(row.labelled)] for row in test])
    }
    if options.public:
        real = [row.labelled for row in load_labelled_comments(options.public) if row.split == "test"]
        sets["real"] = real, ["" for _ in real]
    if options.gold:
        sets["gold"] = (
            [row.labelled for row in load_gold(options.gold)],
            [row["author"] for row in read_rows(options.gold)],
        )
    metrics: dict[str, Any] = {}
    for name in options.models:
        folder = packaged_folder(name)
        errors, hard = errors_of(read_card(folder).calibration)
        if errors is None or hard is None:
            raise SystemExit(f"{folder} does not say how the model errs; run: python -m benchmarks.held_out {name}")
        roles = roles_of(folder)
        pools = {
            title: _pool(folder, [in_order(one, roles) for one in asked], people, options.cache)
            for title, (asked, people) in sets.items()
        }
        metrics[name] = {
            "drawn_threads": {str(size): drawn(pools["corpus"], errors, hard, size) for size in SIZES},
            "whole": {title: whole(pool, errors) for title, pool in pools.items()},
            "each": {title: each(pool, errors, hard) for title, pool in pools.items()},
        }
    dataset = {
        "name": "corpus, test split",
        "sha256": fingerprint(sorted(CORPUS.glob("part-*.jsonl"))),
        "n": len(test),
        "gold_sha256": fingerprint([options.gold]) if options.gold else None,
    }
    write_result("prevalence", dataset, metrics, time.perf_counter() - started)


def errors_of(calibration: Calibration) -> tuple[KnownErrors | None, KnownErrors | None]:
    """How the probabilities of a model err, and how its likeliest answers do."""
    held_out = calibration.held_out
    if held_out is None:
        return None, None
    answers = np.eye(3)[held_out.logits[:, :3].argmax(axis=1)]
    return calibration.stance_errors(), known_errors(answers, held_out.stances, held_out.disputes, held_out.kinds)


def drawn(pool: Pool, errors: KnownErrors, hard: KnownErrors, size: int) -> dict[str, Any]:
    """Errors and coverage over threads of one size, drawn with mixes of all kinds."""
    counts = np.zeros((int(pool.people.max()) + 1, 3))
    np.add.at(counts, (pool.people, pool.labels), 1.0)
    misses: dict[str, list[Floats]] = {}
    hits: dict[str, list[list[bool]]] = {"comments": [], "people": [], "mix": []}
    widths: list[float] = []
    by_people: list[Floats] = []
    for mix, rows, people in threads_of(pool, counts, size, np.random.default_rng(size)):
        truth = _shares(pool.labels[rows], np.full(len(rows), 1 / len(rows)))
        voices = _voices(pool, rows, people, errors)
        found = shares_of(voices, "comments")
        for name, estimate in ESTIMATORS.items():
            misses.setdefault(name, []).append(np.abs(estimate(voices.probabilities, errors, hard) - truth))
        misses.setdefault("stance", []).append(np.abs(_values(found) - truth))
        hits["comments"].append(_holds(found, truth))
        hits["mix"].append(_holds(found, mix))
        widths += [share.high - share.low for share in found if share.low is not None and share.high is not None]
        people_truth = _shares(pool.labels[rows], voices.weights("people"))
        by_person = shares_of(voices, "people")
        by_people.append(np.abs(_values(by_person) - people_truth))
        hits["people"].append(_holds(by_person, people_truth))
    return {
        "threads": len(widths) // 3,
        "mean_absolute_error": {name: round(float(np.mean(values)), 4) for name, values in misses.items()},
        "coverage": round(float(np.mean(hits["comments"])), 4),
        "coverage_of_the_mix_drawn_from": round(float(np.mean(hits["mix"])), 4),
        "mean_width": round(float(np.mean(widths)), 4),
        "people_mean_absolute_error": round(float(np.mean(by_people)), 4),
        "people_coverage": round(float(np.mean(hits["people"])), 4),
    }


def threads_of(pool: Pool, counts: Floats, size: int, rng: np.random.Generator) -> Iterator[tuple[Floats, Ints, Ints]]:
    """Threads of about ``size`` comments: the mix aimed at, the rows, and the writer of each.

    People are drawn with all their comments, each as likely as the mix makes the comments they wrote.

    :param counts: Comments of each stance by person. *Shape:* ``(people, 3)``
    """
    rows_of = [np.flatnonzero(pool.people == person) for person in range(len(counts))]
    share = counts.sum(axis=0) / counts.sum()
    for _ in range(N_THREADS):
        mix = rng.dirichlet(np.ones(3))
        chances = counts @ (mix / share) / counts.sum(axis=1)
        order = rng.choice(len(counts), size=size, p=chances / chances.sum())
        n_rows = np.cumsum([len(rows_of[person]) for person in order])
        chosen = order[: int(np.searchsorted(n_rows, size)) + 1]
        rows = np.concatenate([rows_of[person] for person in chosen])
        people = np.repeat(np.arange(len(chosen)), [len(rows_of[person]) for person in chosen])
        yield mix, rows.astype(np.int64), people.astype(np.int64)


def whole(pool: Pool, errors: KnownErrors) -> dict[str, Any]:
    """All comments of a set together: true shares, plain counts, and what is told."""
    voices = _voices(pool, np.arange(len(pool.labels)), pool.people, errors)
    found = shares_of(voices, "comments")
    truth = _shares(pool.labels, voices.weights("comments"))
    return {
        "comments": len(pool.labels),
        "true": dict(zip(LABELS, np.round(truth, 4).tolist(), strict=True)),
        "counted": dict(zip(LABELS, [round(share.counted, 4) for share in found], strict=True)),
        "share": dict(zip(LABELS, [round(share.share, 4) for share in found], strict=True)),
        "interval": {share.label: [round(share.low or 0, 4), round(share.high or 1, 4)] for share in found},
        "holds": _holds(found, truth),
    }


def each(pool: Pool, errors: KnownErrors, hard: KnownErrors) -> dict[str, Any]:
    """Every dispute of a set as it is, small as it may be."""
    holds, miss, miss_counted, sizes = [], [], [], []
    misses: dict[str, list[Floats]] = {name: [] for name in ESTIMATORS}
    for thread in np.unique(pool.threads):
        rows = np.flatnonzero(pool.threads == thread)
        people = np.unique(pool.people[rows], return_inverse=True)[1].astype(np.int64)
        if people.max() > 0:
            voices = _voices(pool, rows, people, errors)
            found = shares_of(voices, "comments")
            truth = _shares(pool.labels[rows], np.full(len(rows), 1 / len(rows)))
            for name, estimate in ESTIMATORS.items():
                misses[name].append(np.abs(estimate(voices.probabilities, errors, hard) - truth))
            holds.append(_holds(found, truth))
            miss.append(np.abs(_values(found) - truth))
            miss_counted.append(np.abs(np.array([share.counted for share in found]) - truth))
            sizes.append(len(rows))
    return {
        "disputes": len(sizes),
        "median_comments": float(np.median(sizes)),
        "mean_absolute_error": round(float(np.mean(miss)), 4),
        "mean_absolute_error_counted": round(float(np.mean(miss_counted)), 4),
        "of_others": {name: round(float(np.mean(values)), 4) for name, values in misses.items()},
        "coverage": round(float(np.mean(holds)), 4),
    }


def counting(probabilities: Floats, errors: KnownErrors, hard: KnownErrors) -> Floats:
    """Shares of the likeliest answers."""
    return _shares(probabilities.argmax(axis=1), np.full(len(probabilities), 1 / len(probabilities)))


def adjusted(probabilities: Floats, errors: KnownErrors, hard: KnownErrors) -> Floats:
    """The adjusted count of the likeliest answers."""
    return _adjusted(hard, counting(probabilities, errors, hard))


def soft_adjusted(probabilities: Floats, errors: KnownErrors, hard: KnownErrors) -> Floats:
    """The adjusted count of probabilities."""
    return _adjusted(errors, probabilities.mean(axis=0))


def likeliest(probabilities: Floats, errors: KnownErrors, hard: KnownErrors) -> Floats:
    """Expectation maximisation over the mix."""
    mix = errors.prior
    for _ in range(300):
        mix = reweighted(probabilities, errors.prior, mix).mean(axis=0)
    return mix


ESTIMATORS: dict[str, Estimator] = {"counting": counting, "ACC": adjusted, "PACC": soft_adjusted, "EMQ": likeliest}


def _adjusted(errors: KnownErrors, seen: Floats) -> Floats:
    """The mix under which answers are as seen, by least squares; then the nearest mix without a share below zero."""
    means = np.column_stack([errors.means, 1.0 - errors.means.sum(axis=1)])
    mix = np.linalg.lstsq(means.T, seen, rcond=None)[0]
    ordered = np.sort(mix)[::-1]  # onto the simplex: Duchi et al. 2008
    excess = (np.cumsum(ordered) - 1.0) / np.arange(1, 4)
    nearest: Floats = np.maximum(mix - excess[ordered > excess][-1], 0.0)
    return nearest


def _pool(folder: Path, asked: Sequence[LabelledExample], authors: Sequence[str], cache: Path | None) -> Pool:
    probabilities = read_card(folder).calibration.stance_probabilities(scored(folder, asked, cache))
    names = [labelled.example.thread_id for labelled in asked]
    own = [
        (name, author if author and author.casefold() not in ("anonymous", "") else f"#{i}")
        for i, (name, author) in enumerate(zip(names, authors, strict=True))
    ]
    numbers = {key: i for i, key in enumerate(dict.fromkeys(own))}
    return Pool(
        probabilities=probabilities,
        labels=np.array([labelled.stance for labelled in asked], dtype=np.int64),
        people=np.array([numbers[key] for key in own], dtype=np.int64),
        threads=np.unique(names, return_inverse=True)[1].astype(np.int64),
    )


def _voices(pool: Pool, rows: Ints, people: Ints, errors: KnownErrors) -> Voices:
    return Voices(
        labels=LABELS,
        probabilities=pool.probabilities[rows],
        answers=pool.probabilities[rows].argmax(axis=1).astype(np.int64),
        known=np.full(len(rows), -1, dtype=np.int64),
        classified=np.ones(len(rows), dtype=bool),
        people=people,
        errors=errors,
    )


def _shares(labels: Ints, weights: Floats) -> Floats:
    return np.bincount(labels, weights, 3).astype(np.float64)


def _values(shares: Shares) -> Floats:
    return np.array([share.share for share in shares])


def _holds(shares: Shares, truth: Floats) -> list[bool]:
    return [
        bool(share.low is not None and share.high is not None and share.low <= true <= share.high)
        for share, true in zip(shares, truth, strict=True)
    ]


def _key(labelled: LabelledExample) -> tuple[str, str]:
    return labelled.example.thread_id, labelled.example.comment_id


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public", type=Path, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--gold", type=Path, help="JSON lines of labelled real comments")
    parser.add_argument("--models", nargs="+", default=list(PACKAGED), choices=PACKAGED, help="which to measure")
    parser.add_argument("--cache", type=Path, help="folder in which scores are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
