"""Processes that tokenise ahead change no answer, and none outlives the call that started it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch

import stance
from stance import workers
from stance.encoder import Encoder, Pack, run
from stance.encoding import Example
from stance.inference import stream_scores
from stance.model import OpenModel
from stance.scores import Scores
from stance.sides import Side, Sides
from tests.conftest import WORDS

SIDES = Sides.council_union()
OF_THREE = Sides(Side("council", "Leeds"), Side("union", "Unite"), Side("residents", "tenants"))


def examples_of(n: int, sides: Sides = SIDES) -> list[Example]:
    """Comments of all lengths, some of them equal, some without words, two too long."""
    texts = [" ".join(WORDS[(i * k) % len(WORDS)] for k in range(1 + i % 9)) for i in range(n)]
    texts[n // 3], texts[n // 2], texts[n // 2 + 1] = "", "👏", "never " * 300
    return [
        Example(f"t{i // 7}", str(i), text, sides, title=f"Bins {i // 7}", parent=texts[i - 1] if i % 3 else "")
        for i, text in enumerate(texts)
    ]


def scored(examples: list[Example], model: OpenModel, n_workers: int, window: int = 16) -> Scores:
    return Scores.joined(list(stream_scores(examples, model, window=window, workers=n_workers)))


def assert_same(found: Scores, expected: Scores) -> None:
    assert found.logits.tobytes() == expected.logits.tobytes()
    assert found.n_cut.tolist() == expected.n_cut.tolist()
    assert (found.thread_ids, found.comment_ids) == (expected.thread_ids, expected.comment_ids)
    assert (found.reasons, found.labels) == (expected.reasons, expected.labels)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The processes that were started. None is left in the end."""
    processes: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args, **kwargs) -> None:
            super().__init__(*args, **kwargs)
            processes.append(self)

    monkeypatch.setattr(workers.subprocess, "Popen", Noted)
    yield processes
    assert all(process.returncode is not None for process in processes)


def let_workers_begin(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Has this process prepare nothing while a worker is still coming up; gives how many examples it did, by parts."""
    here: list[int] = []
    prepare, prepare_here = workers.prepare, workers.Preparers._prepare_here

    def noted(columns, words, form):
        here.append(len(columns[0]))
        return prepare(columns, words, form)

    def patient(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or self._n_ready)
        prepare_here(self)

    monkeypatch.setattr(workers, "prepare", noted)
    monkeypatch.setattr(workers.Preparers, "_prepare_here", patient)
    return here


@pytest.mark.parametrize("sides", [SIDES, OF_THREE], ids=["two sides", "three sides"])
def test_workers_change_no_bit_of_an_answer(tiny_open: OpenModel, started, monkeypatch, sides: Sides) -> None:
    examples = examples_of(70, sides)
    expected = scored(examples, tiny_open, 0)
    here = let_workers_begin(monkeypatch)
    assert_same(scored(examples, tiny_open, 2), expected)
    assert (here, len(started)) == ([], 2)


def test_an_input_that_comes_in_parts_of_several_workers_is_computed_once(tiny_open, started, monkeypatch) -> None:
    sizes: list[int] = []

    def noted(encoder: Encoder, pack: Pack) -> torch.Tensor:
        sizes.append(len(pack.starts) - 1)
        return run(encoder, pack)

    monkeypatch.setattr("stance.inference.run", noted)
    examples = [Example("t", str(i), WORDS[i % 5], SIDES) for i in range(40)]
    told: list[int] = []
    parts = list(stream_scores(examples, tiny_open, progress=told.append, window=16, workers=2))
    assert (sum(sizes), sum(told)) == (5, 40)
    logits = Scores.joined(parts).logits
    np.testing.assert_array_equal(logits[:5], logits[35:])


def test_until_workers_are_up_the_process_itself_prepares(tiny_open: OpenModel, started, monkeypatch) -> None:
    examples = examples_of(70)
    expected = scored(examples, tiny_open, 0)
    monkeypatch.setattr(workers._Worker, "wait_until_ready", lambda self: self._process.wait())
    assert_same(scored(examples, tiny_open, 2), expected)
    assert len(started) == 2


def test_one_window_starts_no_worker(tiny_open: OpenModel, started) -> None:
    assert len(scored(examples_of(16), tiny_open, 2)) == 16
    assert started == []


def test_a_processor_gets_no_workers_by_default_and_a_fast_device_leaves_a_core_free(monkeypatch) -> None:
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    assert workers.default_workers("cpu") == 0
    assert workers.default_workers("cuda") == 5
    monkeypatch.setattr(sys, "frozen", True, raising=False)  # then sys.executable is the caller's own program
    assert workers.default_workers("cuda") == 0


def test_a_worker_that_is_killed_costs_a_warning_and_no_answer(tiny_open, started, monkeypatch, caplog) -> None:
    examples = examples_of(70)
    expected = scored(examples, tiny_open, 0)
    here = let_workers_begin(monkeypatch)
    stream = stream_scores(examples, tiny_open, window=16, workers=1)
    with caplog.at_level(logging.WARNING, "stance"):
        parts = [next(stream)]
        started[0].kill()
        parts.extend(stream)
    assert_same(Scores.joined(parts), expected)
    assert [record.message for record in caplog.records] == [
        f"a worker that tokenises ahead has ended (exit status {started[0].returncode}); the others go on without it"
    ]
    assert here


def test_a_worker_that_cannot_start_costs_a_warning_and_no_answer(tiny_open, started, monkeypatch, caplog) -> None:
    examples = examples_of(70)
    expected = scored(examples, tiny_open, 0)
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with caplog.at_level(logging.WARNING, "stance"):
        assert_same(scored(examples, tiny_open, 2), expected)
    assert len(caplog.records) == 1


def test_a_program_that_is_no_python_is_no_worker(tiny_open, started, monkeypatch, caplog) -> None:
    examples = examples_of(70)
    expected = scored(examples, tiny_open, 0)
    monkeypatch.setattr(workers, "_BEGIN", "print('A greeting of some length, which is no answer.')")
    assert_same(scored(examples, tiny_open, 2), expected)


def test_a_stream_that_is_abandoned_ends_its_workers(tiny_open: OpenModel, started, monkeypatch) -> None:
    endless = (replace(examples_of(3)[0], text=f"pay {i}") for i in count())
    let_workers_begin(monkeypatch)
    stream = stream_scores(endless, tiny_open, window=16, workers=2)
    next(stream)
    assert [process.poll() for process in started] == [None, None]
    stream.close()
    assert all(process.returncode for process in started)


def test_what_cannot_be_sent_to_a_worker_is_prepared_here(tiny_open: OpenModel, started, monkeypatch) -> None:
    class Own(str):
        __slots__ = ()

    examples = examples_of(70)
    expected = scored(examples, tiny_open, 0)
    here = let_workers_begin(monkeypatch)
    examples[40] = replace(examples[40], text=Own(examples[40].text))
    assert_same(scored(examples, tiny_open, 2), expected)
    assert here == [4]


def test_an_error_is_the_one_that_comes_without_workers(tiny_open: OpenModel, started, monkeypatch) -> None:
    examples = examples_of(70)
    examples[40] = replace(examples[40], text=3)
    let_workers_begin(monkeypatch)
    with pytest.raises(TypeError, match="expected string"):
        scored(examples, tiny_open, 2)
    examples[40] = replace(examples[40], text="pay", sides=OF_THREE)
    with pytest.raises(stance.InputError, match="2 and of 3 sides"):
        scored(examples, tiny_open, 2)


SCRIPT = """
import sys
import stance
from stance.encoder import Encoder, Pack, run
from stance.encoding import Example
from stance.inference import stream_scores
print("began", flush=True)
model = stance.load(sys.argv[1], device="cpu").opened
sides = stance.Sides.council_union()
examples = (Example("t", str(i), f"pay {i}", sides) for i in range(int(sys.argv[2])))
n = 0
for part in stream_scores(examples, model, window=64, workers=2):
    n += len(part)
    if n == 128:
        print("two windows", flush=True)
print(n)
"""


def script(tmp_path: Path, tiny_folder: Path, n: int) -> subprocess.Popen[str]:
    """A running script without a guard around its work."""
    path = tmp_path / "script.py"
    path.write_text(SCRIPT, "utf-8")
    return subprocess.Popen(
        [sys.executable, str(path), str(tiny_folder), str(n)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(stance.__file__).parents[1])},
        start_new_session=True,
    )


def test_a_script_needs_no_guard(tmp_path: Path, tiny_folder: Path) -> None:
    found, errors = script(tmp_path, tiny_folder, 640).communicate(timeout=120)
    assert (found.splitlines(), errors) == (["began", "two windows", "640"], "")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_a_script_that_is_stopped_leaves_no_worker(tmp_path: Path, tiny_folder: Path, how: signal.Signals) -> None:
    running = script(tmp_path, tiny_folder, 10**9)
    assert running.stdout is not None
    assert [running.stdout.readline() for _ in range(2)] == ["began\n", "two windows\n"]
    os.killpg(running.pid, how)
    # The workers have the script's stderr: it ends when the last of them has.
    _, errors = running.communicate(timeout=120)
    if how == signal.SIGINT:
        assert (errors.count("Traceback"), errors.splitlines()[-1]) == (1, "KeyboardInterrupt")
    else:
        assert errors == ""
