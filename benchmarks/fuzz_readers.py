"""What the readers make of damaged files: ``python -m benchmarks.fuzz_readers [N] [--first I] [--workers W]``.

Every file of ``tests/threads`` is a seed; each of N files is one of them, cut, doubled, spliced with another, strewn
with what hurts parsers, packed, or given a wrong ending. A file may give threads or an error of the library's own;
any other error, more than 5 seconds or more than 500 MB (for up to 1 MB of input, and so much again for each further)
is a failure. File number I is always the same: ``--first I`` with N = 1 does one again.
"""

from __future__ import annotations

import argparse
import gzip
import io
import multiprocessing
import random
import signal
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.data import fingerprint
from benchmarks.readers import CASES, peak, reset_peak
from benchmarks.results import write_result
from stance.errors import StanceError
from stance.readers import read_threads

N_FILES = 50_000
MOST_SECONDS, MOST_MEGABYTES = 5.0, 500.0
_HANGS = 20  # CPU seconds after which a file is given up
_LARGEST = 1_000_000  # bytes of a mutated file
_HURTFUL: tuple[bytes, ...] = (
    *(
        b"\0",
        b"\0" * 40,
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
        b"PK\x03\x04",
        b"PAR1",
    ),
    *(
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"-->",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
        b"&a;",
        b"&#0;",
        b"&#x110000;",
        b"</",
        b"<",
    ),
    *(
        b"<div>" * 300,
        b"<blockquote>" * 100,
        b"[" * 2000,
        b'{"a":' * 2000,
        b'{"replies":[' * 400,
        b"(" * 500,
        b">" * 3000,
    ),
    *(
        b"\\ud800",
        b"\\u0000",
        b"\xed\xa0\x80",
        "\u2028\u202e\u200f".encode(),
        "😀".encode() * 50,
        b"\x80\x92\xe9",
        b"\r",
        b"\n" * 500,
    ),
    *(
        b"1e999",
        b"NaN",
        b"-1",
        b"9" * 5000,
        b"null",
        b"true",
        b'""',
        b"{}",
        b"[]",
        b'"',
        b"'",
        b",",
        b":",
        b"\t",
        b";",
        b"|",
    ),
    *(
        b" said...\n",
        b" says:\n",
        b" wrote:\n",
        b"5 hours ago\n",
        b"31/02/2020",
        b"0000-00-00",
        b"9999-99-99T99:99:99Z",
        b"12 comments:\n",
    ),
    *(
        b" " * 5000,
        b"a" * 20_000,
        b"a " * 20_000,
        b"-" * 5000,
        b". " * 3000,
        b"@" * 2000,
        b"said " * 3000,
        "é".encode("cp1252"),
    ),
)
_ENDINGS = (".txt", ".html", ".xml", ".json", ".jsonl", ".csv", ".tsv", ".parquet", ".xlsx", ".zip", ".gz", ".zst", "")


@dataclass(frozen=True)
class Outcome:
    """What came of one file.

    :param kind: "read", "refused", or the name of the error that should not be.
    :param detail: The error's words and place, for a failure.
    """

    number: int
    name: str
    n_bytes: int
    kind: str
    seconds: float
    megabytes: float
    detail: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether it broke the promise."""
        share = max(1.0, self.n_bytes / 1_000_000)
        too_much = self.seconds > MOST_SECONDS * share or self.megabytes > MOST_MEGABYTES * share
        return too_much or self.kind not in ("read", "refused")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("n", nargs="?", type=int, default=N_FILES)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="processes that read side by side")
    chosen = parser.parse_args()
    started = time.perf_counter()
    outcomes = read_all(range(chosen.first, chosen.first + chosen.n), chosen.workers)
    failures = [outcome for outcome in outcomes if outcome.is_failure]
    for outcome in failures:
        print(outcome)
    if chosen.n >= N_FILES or not chosen.first:
        files = sorted(seeds())
        dataset = {"name": "tests/threads, mutated", "sha256": fingerprint(files), "n": chosen.n}
        write_result("fuzz_readers", dataset, figures(outcomes), time.perf_counter() - started)
    if failures:
        raise SystemExit(f"{len(failures)} of {chosen.n} files failed")


def read_all(numbers: range, n_workers: int = 1) -> list[Outcome]:
    """Read files of these numbers, each given up where it hangs."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(n_workers, multiprocessing.get_context("spawn")) as workers,
    ):
        folders = [Path(folder, str(number)) for number in numbers]  # two files may have one name
        return list(workers.map(read_mutated, numbers, folders, chunksize=20))


@contextmanager
def given_up_after(seconds: float) -> Iterator[None]:
    """Stop what takes more time of the processor than that, in the middle of whatever runs.

    :raises TimeoutError: If it does.
    """

    def give_up(number: int, frame: object) -> None:
        raise TimeoutError(f"no answer after {seconds} s")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def figures(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """How many were read, how many refused, what failed, and what the dearest took."""
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    largest = max(outcomes, key=lambda outcome: outcome.megabytes)
    seconds = sorted(outcome.seconds for outcome in outcomes)
    return {
        **Counter(outcome.kind for outcome in outcomes),
        "failures": [
            f"{outcome.number}: {outcome.kind} {outcome.detail}" for outcome in outcomes if outcome.is_failure
        ],
        "seconds_median": round(seconds[len(seconds) // 2], 4),
        "seconds_99th_percentile": round(seconds[len(seconds) * 99 // 100], 4),
        "seconds_most": {"file": slowest.number, "bytes": slowest.n_bytes, "seconds": round(slowest.seconds, 2)},
        "megabytes_most": {"file": largest.number, "bytes": largest.n_bytes, "megabytes": round(largest.megabytes, 1)},
    }


def read_mutated(number: int, folder: Path) -> Outcome:
    """Read one file, its time and memory taken."""
    name, data = mutated(number)
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    before = reset_peak()
    started = time.process_time()  # the machine may be busy with other things
    kind, detail = "read", ""
    try:
        with warnings.catch_warnings(), given_up_after(_HANGS):
            warnings.simplefilter("ignore")
            read_threads(path)
    except StanceError:
        kind = "refused"
    except Exception as error:  # what this looks for
        last = traceback.extract_tb(error.__traceback__)[-1]
        kind, detail = type(error).__name__, f"{error} ({Path(last.filename).name}:{last.lineno})"[:300]
    seconds = time.process_time() - started
    megabytes = peak() - before
    path.unlink()
    folder.rmdir()
    return Outcome(number, name, len(data), kind, seconds, megabytes, detail)


@cache
def seeds() -> tuple[Path, ...]:
    """The files that are mutated."""
    return tuple(sorted(p for p in CASES.rglob("*") if p.is_file() and not p.name.endswith((".expected.json", ".md"))))


def mutated(number: int) -> tuple[str, bytes]:
    """File number so-and-so: its name and its bytes."""
    chance = random.Random(number)
    seed = chance.choice(seeds())
    name, data = seed.name, bytearray(_bytes_of(seed))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        data = chance.choice(_MUTATIONS)(data, chance)[:_LARGEST]
    packed = bytes(data)
    if chance.random() < 0.1:
        name, packed = _packed(name, packed, chance)
    if chance.random() < 0.1:
        name = Path(name).stem + chance.choice(_ENDINGS)
    return name, packed


def _cut(data: bytearray, chance: random.Random) -> bytearray:
    return data[: chance.randint(0, len(data))]


def _drop(data: bytearray, chance: random.Random) -> bytearray:
    start, end = _slice(data, chance)
    return data[:start] + data[end:]


def _repeat(data: bytearray, chance: random.Random) -> bytearray:
    start, end = _slice(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 1, 3, 50, 2000)) + data[end:]


def _flip(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.choice((1, 4, 64))):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return data


def _strew(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.choice((1, 1, 5, 20))):
        place = chance.randint(0, len(data))
        data[place:place] = chance.choice(_HURTFUL)
    return data


def _splice(data: bytearray, chance: random.Random) -> bytearray:
    other = _bytes_of(chance.choice(seeds()))
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _move(data: bytearray, chance: random.Random) -> bytearray:
    start, end = _slice(data, chance)
    moved, rest = data[start:end], data[:start] + data[end:]
    place = chance.randint(0, len(rest))
    return rest[:place] + moved + rest[place:]


def _join_lines(data: bytearray, chance: random.Random) -> bytearray:
    return data.replace(b"\n", chance.choice((b"", b" ", b"\n\n", b"\r")))


def _recode(data: bytearray, chance: random.Random) -> bytearray:
    encoding = chance.choice(("utf-16", "utf-16-le", "cp1252", "utf-8-sig"))
    return bytearray(data.decode("utf-8", "replace").encode(encoding, "replace"))


_MUTATIONS: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (
    *(_cut, _drop, _repeat, _flip, _strew, _strew, _splice, _move, _join_lines, _recode),
)


def _slice(data: bytearray, chance: random.Random) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + chance.choice((1, 5, 40, 400, 4000)))


def _packed(name: str, data: bytes, chance: random.Random) -> tuple[str, bytes]:
    """A file in an archive, and that damaged too, often enough."""
    import zstandard

    kind = chance.choice((".gz", ".zst", ".zip"))
    if kind == ".gz":
        packed = gzip.compress(data, 1, mtime=0)
    elif kind == ".zst":
        packed = zstandard.ZstdCompressor().compress(data)
    else:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in (name, "../" + name, "deeper/" + name)[: chance.randint(1, 3)]:
                archive.writestr(zipfile.ZipInfo(member), data)
        packed = out.getvalue()
    if chance.random() < 0.5:
        packed = bytes(chance.choice((_cut, _flip, _drop))(bytearray(packed), chance))
    return name + kind, packed


@cache
def _bytes_of(path: Path) -> bytes:
    return path.read_bytes()


if __name__ == "__main__":
    main()
