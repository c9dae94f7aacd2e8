"""How right the readers are: ``python -m benchmarks.readers``.

Reads every source file of ``tests/threads`` and compares what comes out with the expected result beside it, format
by format. Comments are matched by their exact text, in order; authors, parents and times are compared on those
matched, so that one fault counts once. The same for ``benchmarks/unseen``, copies that no reader was made for. Then
takes the time, and the memory on top of what was held, of 100,000 comments as JSON lines and of saved pages.
"""

from __future__ import annotations

import json
import random
import tempfile
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
#: Copies that no reader was mended for and no weights learned from.
UNSEEN = Path(__file__).parent / "unseen"
FLOORS = {"boundary_f1": 0.98, "author_accuracy": 0.98, "parent_accuracy": 0.95}
N_COMMENTS = 100_000
N_ON_PAGES = (100, 500)
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
    formats = {name: tally.figures() for name, tally in sorted(measure(cases()).items())}
    unseen = {name: tally.figures() for name, tally in sorted(measure(cases(UNSEEN)).items())}
    metrics = {"formats": formats, "unseen": unseen, "costs": costs()}
    files = [path for case in [*cases(), *cases(UNSEEN)] for path in (*_files_of(case.source), case.expected)]
    dataset = {"name": "tests/threads, benchmarks/unseen", "sha256": fingerprint(files), "n": len(cases())}
    write_result("readers", dataset, metrics, time.perf_counter() - started)


def costs() -> dict[str, Any]:
    """CPU seconds and megabytes of a large dump, and of saved pages with scripts and menus."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "dump.ndjson"
        write_dump(dump, N_COMMENTS)
        read_threads(dump)  # once before, for the imports not to count
        n_bytes, of_dump = dump.stat().st_size, cost_of(dump)
        pages = [cost_of_page(Path(folder) / f"{n}.html", n) for n in N_ON_PAGES]
    return {
        "json_lines": {"comments": N_COMMENTS, "megabytes_in": round(n_bytes / 1e6, 1), **of_dump},
        "saved_pages": pages,
    }


def cost_of_page(path: Path, n: int) -> dict[str, float]:
    """What a saved page of so many comments costs."""
    write_page(path, n)
    read_threads(path)
    return {"comments": n, "kilobytes_in": round(path.stat().st_size / 1000, 1), **cost_of(path)}


def cost_of(path: Path) -> dict[str, float]:
    """CPU seconds that reading takes, and the most megabytes held at once on top of those before."""
    before, started = reset_peak(), time.process_time()
    read_threads(path)
    return {"seconds": round(time.process_time() - started, 3), "megabytes": round(peak() - before, 1)}


def write_dump(path: Path, n: int) -> None:
    """Write so many comments as Reddit's dumps hold them, in threads of 500."""
    chance = random.Random(7)
    words = "the council union strike pay bins cuts workers residents should must never well said in answer to".split()
    with path.open("w", encoding="utf-8") as file:
        for number in range(n):
            post = f"p{number // 500}"
            above = f"t1_c{number - 1}" if number % 500 and number % 3 else f"t3_{post}"
            row = {"id": f"c{number}", "link_id": f"t3_{post}", "parent_id": above, "author": f"user{number % 997}"}
            row |= {
                "body": " ".join(chance.choices(words, k=40)),
                "permalink": f"/r/town/comments/{post}/words/c{number}/",
            }
            file.write(
                json.dumps(row | {"created_utc": 1_500_000_000 + number, "subreddit": "town", "score": 1}) + "\n"
            )


def write_page(path: Path, n: int) -> None:
    """Write a WordPress post with so many comments, half of them answers, among menus and scripts, about 1 MB."""
    chance = random.Random(7)
    words = "the council union strike pay bins cuts workers residents should must never well said in answer to".split()
    menu = "".join(f'<li class="menu-item"><a href="/topic/{k}/">Topic {k}</a></li>' for k in range(200))
    script = "window.data = " + json.dumps([{"slot": k, "sizes": [[300, 250], [728, 90]]} for k in range(10_000)])
    with path.open("w", encoding="utf-8") as file:
        file.write(f"<!DOCTYPE html><html><head><title>Bins</title><script>{script};</script></head><body>")
        file.write(
            f'<nav><ul>{menu}</ul></nav><h1 class="entry-title">Bins</h1><div class="entry-content"><p>Bins.</p></div>'
        )
        file.write(
            f'<div id="comments"><h2 class="comments-title">{n} thoughts on “Bins”</h2><ol class="comment-list">'
        )
        for number in range(0, n, 2):
            inner = "".join(_item(number + k, " ".join(chance.choices(words, k=80))) for k in (0, 1))
            file.write(inner.replace("{}", '<ol class="children">', 1).replace("{}", "") + "</ol></li>")
        file.write("</ol></div><footer>Blog</footer></body></html>")


def _item(number: int, text: str) -> str:
    answers = number % 2
    return (
        f'<li class="comment depth-{1 + answers}" id="comment-{number}">'
        f'<article class="comment-body"><footer class="comment-meta">'
        f'<div class="comment-author vcard"><b class="fn">user{number % 97}</b> <span class="says">says:</span></div>'
        f'<div class="comment-metadata"><a href="#comment-{number}">'
        f'<time datetime="2020-05-01T10:00:00+00:00">May 1</time></a>'
        f'</div></footer><div class="comment-content"><p>{text}</p><p>{text}</p></div><div class="reply">'
        f'<a href="#">Reply</a>'
        f"</div></article>{'</li>' if answers else '{}'}"
    )


def reset_peak() -> float:
    """Forget the most memory held so far; gives what is held now, in megabytes: 0 where the system does not tell."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "utf-8")
    except OSError:
        return peak()
    return _held("VmRSS")


def peak() -> float:
    """The most memory held since :func:`reset_peak`, in megabytes."""
    return _held("VmHWM")


def _held(key: str) -> float:
    status = Path("/proc/self/status")
    lines = status.read_text("utf-8").splitlines() if status.exists() else []
    return next((float(line.split()[1]) / 1000 for line in lines if line.startswith(key)), 0.0)


def cases(folder: Path = CASES, pattern: str = "*/*") -> list[Case]:
    """Every case of a folder, by format and name."""
    return [
        Case(expected.parent.name, _source_of(expected), expected, json.loads(expected.read_text("utf-8")))
        for expected in sorted(folder.glob(f"{pattern}{_ENDING}"))
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
