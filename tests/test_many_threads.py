"""One model for many threads and several processes: each gets what it would get alone, and nothing is left changed."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

import stance
from stance.api import StanceModel
from stance.encoder import Encoder, Pack, run
from stance.model import OpenModel, open_model, opened_stock
from stance.progress import shown
from tests.conftest import WORDS

N = 16


def debate(place: int) -> stance.Thread:
    """One of four threads; any two share some comments."""
    comments = tuple(
        stance.Comment(
            id=str(i),
            text=". ".join(" ".join(WORDS[(i + k + part) % len(WORDS)] for k in range(2 + i % 7)) for part in range(3)),
            author=f"Writer {i % 5}",
            parent_id=str(i - 1) if i % 3 == 2 else None,
        )
        for i in range(place % 4, 12 + place % 4)
    )
    return stance.Thread(id="bins", title="Bin crews walk out", post="UNISON members strike.", comments=comments)


def classified(model: StanceModel, thread: stance.Thread) -> Any:
    return model.classify(thread).to_records()


def streamed(model: StanceModel, thread: stance.Thread) -> Any:
    return [part.to_records() for part in model.stream([thread, thread])]


def scored(model: StanceModel, thread: stance.Thread) -> Any:
    return model.score(thread, batch_tokens=256).logits.tobytes()


def explained(model: StanceModel, thread: stance.Thread) -> Any:
    return model.explain(thread, model.classify(thread))


def suggested(model: StanceModel, thread: stance.Thread) -> Any:
    return model.suggest(thread, 3).to_records()


CALLS: list[Callable[[StanceModel, stance.Thread], Any]] = [classified, streamed, scored, explained, suggested]


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """What the tasks give, each in a thread of its own, all let go at one moment."""
    gate = Barrier(len(tasks))

    def go(task: Callable[[], Any]) -> Any:
        gate.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result() for future in [pool.submit(go, task) for task in tasks]]


def torch_threads_of_a_new_thread() -> int:
    found: list[int] = []
    thread = Thread(target=lambda: found.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    return found[0]


def global_state() -> tuple[Any, ...]:
    from transformers.utils import logging

    return (
        torch.get_num_threads(),
        torch_threads_of_a_new_thread(),
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
        logging.get_verbosity(),
        logging.is_progress_bar_enabled(),
        sorted((pool["filepath"], pool["num_threads"]) for pool in threadpool_info()),
        sys.stdout,
        sys.stderr,
    )


@pytest.fixture(params=["packed", "stock"])
def model(request: pytest.FixtureRequest, tiny_open: OpenModel) -> StanceModel:
    if request.param == "packed":
        return StanceModel(tiny_open)
    return StanceModel(opened_stock(tiny_open.card, tiny_open.open_stock()))


def test_sixteen_threads_get_the_bits_that_one_gets(model: StanceModel) -> None:
    tasks = [(CALLS[i % len(CALLS)], debate(i)) for i in range(2 * N)]
    alone = [call(model, thread) for call, thread in tasks]
    before = global_state()
    for first in (0, N):  # in the second round nothing is opened for the first time any more
        some = range(first, first + N)
        together = at_once([lambda i=i: tasks[i][0](model, tasks[i][1]) for i in some])
        for i, found in zip(some, together, strict=True):
            assert found == alone[i], tasks[i][0].__name__
    assert global_state() == before


def test_calls_with_different_numbers_of_torch_threads_do_not_meet(tiny_open: OpenModel, monkeypatch) -> None:
    asked = [None, 1, 2, 3] * (N // 4)
    before, state = torch.get_num_threads(), global_state()
    all_inside = Barrier(N, timeout=120)
    seen: list[tuple[int, int]] = []

    def noted(encoder: Encoder, pack: Pack) -> torch.Tensor:
        all_inside.wait()
        seen.append((int(pack.longest), torch.get_num_threads()))
        all_inside.wait()
        return run(encoder, pack)

    monkeypatch.setattr("stance.inference.run", noted)
    texts = ["pay " * (i + 1) for i in range(N)]
    models = [StanceModel(replace(tiny_open, threads=n)) for n in asked]
    at_once([lambda i=i: models[i].score([texts[i]]) for i in range(N)])
    assert [n for _, n in sorted(seen)] == [n or before for n in asked]
    assert global_state() == state


def test_a_thread_that_starts_during_a_call_keeps_nothing_of_its_setting(tiny_open: OpenModel, monkeypatch) -> None:
    before = torch.get_num_threads()
    seen: list[tuple[int, int]] = []

    def noted(encoder: Encoder, pack: Pack) -> torch.Tensor:
        seen.append((torch.get_num_threads(), torch_threads_of_a_new_thread()))
        return run(encoder, pack)

    monkeypatch.setattr("stance.inference.run", noted)
    StanceModel(replace(tiny_open, threads=before + 1)).score(["pay"])
    assert seen == [(before + 1, before)]


def test_torch_threads_are_put_back_where_a_call_breaks_off(tiny_open: OpenModel, monkeypatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    state = global_state()
    monkeypatch.setattr("stance.inference.run", stopped)
    model = StanceModel(replace(tiny_open, threads=torch.get_num_threads() + 1))
    with pytest.raises(stance.Interrupted):
        model.classify(["pay"])
    assert global_state() == state


def test_the_stock_network_is_opened_once_however_many_ask(tiny_folder: Path) -> None:
    state = global_state()
    opened = open_model(tiny_folder, "cpu")
    stocks = at_once([opened.open_stock] * 4 + [open_model(tiny_folder, "cpu").open_stock] * 4)
    assert len({id(one) for one in stocks[:4]}) == len({id(one) for one in stocks[4:]}) == 1
    assert global_state() == state


def test_several_threads_save_one_model(tiny_open: OpenModel, tmp_path: Path) -> None:
    model = StanceModel(tiny_open)
    state = global_state()
    at_once([lambda i=i: model.save(tmp_path / str(i)) for i in range(4)])
    expected = model.score(debate(0)).logits
    for i in range(4):
        np.testing.assert_array_equal(stance.load(tmp_path / str(i), device="cpu").score(debate(0)).logits, expected)
    assert global_state() == state


def test_of_bars_that_overlap_the_first_is_shown() -> None:
    with shown(True, 3) as first, shown(True, 3) as second:
        assert callable(first)
        assert second is None
    with shown(True, 3) as third:
        assert callable(third)


def test_threads_that_ask_for_a_bar_leave_the_streams_as_they_were(tiny_model: StanceModel) -> None:
    state = global_state()
    at_once([lambda i=i: tiny_model.classify(debate(i), progress=True) for i in range(4)])
    assert global_state() == state


def test_another_process_opens_the_folder_that_this_one_has_open(tiny_model: StanceModel, tiny_folder: Path) -> None:
    code = (
        "import stance, sys; model = stance.load(sys.argv[1], device='cpu', precision='float32');"
        "sys.stdout.buffer.write(model.score(['the strike', 'no pay']).logits.tobytes())"
    )
    found = subprocess.run([sys.executable, "-c", code, str(tiny_folder)], stdout=subprocess.PIPE, check=True).stdout
    logits = np.frombuffer(found, np.float32).reshape(-1, 6)
    np.testing.assert_allclose(logits, tiny_model.score(["the strike", "no pay"]).logits, atol=1e-5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_answers_with_the_model_of_its_parent(
    tiny_model: StanceModel, recwarn: pytest.WarningsRecorder
) -> None:
    expected = tiny_model.score(debate(0)).logits  # by OpenMP's threads, which the fork leaves behind
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=lambda: sender.send_bytes(tiny_model.score(debate(0)).logits.tobytes())
    )
    process.start()
    try:
        assert receiver.poll(60), "the forked process hangs"
        logits = np.frombuffer(receiver.recv_bytes(), np.float32).reshape(-1, 6)
    finally:
        process.kill()
        process.join()
    np.testing.assert_allclose(logits, expected, atol=1e-5)
