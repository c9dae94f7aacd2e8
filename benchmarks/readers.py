"""How right the readers are: ``python -m benchmarks.readers``.

Reads every source file of ``tests/threads`` and compares what comes out with the expected result beside it, format
by format. Comments are matched by their exact text, in order; authors, parents and times are compared on those
matched, so that one fault counts once.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from benchmarks.data import fingerprint
from benchmarks.results import write_result
from stance.readers import read_threads
from stance.thread import Thread

CASES = Path(__file__).parents[1] / "tests" / "threads"
FLOORS = {"boundary_f1": 0.98, "author_accuracy": 0.98, "parent_accuracy": 0.95}
_ENDING = ".expected.json"


@dataclass(frozen=True)
class Case:
    """A source file and what should come out of it.

    :param format: The folder it lies in.
    :param expected: The file that says what.
    :param threads: The expected threads, as ``tests/threads/README.md`` describes them.
    """

    format: str
    source: Path
    expected: Path
    threads: Sequence[dict[str, Any]]

    @property
    def name(self) -> str:
        """``blogger_page/classic``."""
        return f"{self.format}/{self.source.name}"


@dataclass
class Tally:
    """Counts over the comments of a format."""

    n_files: int = 0
    n_expected: int = 0
    n_found: int = 0
    n_matched: int = 0
    n_right: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def figures(self) -> dict[str, float]:
        """F1 of the comments' boundaries, and the share of matched comments whose other parts are right."""
        n_both = self.n_expected + self.n_found
        shares = {
            f"{part}_accuracy": self.n_right[part] / self.n_matched if self.n_matched else 1.0
            for part in ("author", "parent", "time")
        }
        figures = {"boundary_f1": 2 * self.n_matched / n_both if n_both else 1.0, **shares}
        return {"files": self.n_files, "comments": self.n_expected, **{k: round(v, 4) for k, v in figures.items()}}


def main() -> None:
    started = time.perf_counter()
    metrics = {name: tally.figures() for name, tally in sorted(measure(cases()).items())}
    files = [path for case in cases() for path in (*_files_of(case.source), case.expected)]
    dataset = {"name": "tests/threads", "sha256": fingerprint(files), "n": len(cases())}
    write_result("readers", dataset, metrics, time.perf_counter() - started)


def cases() -> list[Case]:
    """Every case, by format and name."""
    return [
        Case(expected.parent.name, _source_of(expected), expected, json.loads(expected.read_text("utf-8")))
        for expected in sorted(CASES.glob(f"*/*{_ENDING}"))
    ]


def measure(of: Sequence[Case]) -> dict[str, Tally]:
    """The tally of each format."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for case in of:
        tally = tallies[case.format]
        tally.n_files += 1
        found = read_threads(case.source)
        for expected, thread in _side_by_side(case.threads, found):
            compare(tally, expected, thread)
    return dict(tallies)


def compare(tally: Tally, expected: Sequence[dict[str, Any]], thread: Thread | None) -> None:
    """Count how far a thread's comments are the expected ones."""
    comments = thread.comments if thread else ()
    tally.n_expected += len(expected)
    tally.n_found += len(comments)
    matcher = SequenceMatcher(a=[c["text"] for c in expected], b=[c.text for c in comments], autojunk=False)
    pairs = {block.a + i: block.b + i for block in matcher.get_matching_blocks() for i in range(block.size)}
    place = {comment.id: number for number, comment in enumerate(comments)}
    for at, found_at in pairs.items():
        comment = comments[found_at]
        parent = expected[at].get("parent")
        tally.n_matched += 1
        tally.n_right["author"] += comment.author == expected[at].get("author")
        tally.n_right["time"] += comment.iso_time == expected[at].get("time")
        found_parent = None if comment.parent_id is None else place[comment.parent_id]
        tally.n_right["parent"] += found_parent == (None if parent is None else pairs.get(parent, -1))


def _side_by_side(
    expected: Sequence[dict[str, Any]], found: Sequence[Thread]
) -> Iterator[tuple[Sequence[dict[str, Any]], Thread | None]]:
    for place in range(max(len(expected), len(found))):
        yield (
            expected[place]["comments"] if place < len(expected) else [],
            found[place] if place < len(found) else None,
        )


def _files_of(source: Path) -> list[Path]:
    return sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]


def _source_of(expected: Path) -> Path:
    stem = expected.name.removesuffix(_ENDING)
    others = [path for path in expected.parent.iterdir() if path.name.split(".")[0] == stem and path != expected]
    if len(others) != 1:
        raise SystemExit(f"{expected}: one source file was expected beside it, but there are {len(others)}")
    return others[0]


if __name__ == "__main__":
    main()
