"""Several processes that prepare examples (:mod:`stance.preparing`), since one cannot keep a fast device busy.

Preparing is Python and holds its lock, so threads do not help. Each worker is a fresh interpreter, which imports
little, nothing of the caller's script, and never a copy of a process that has a device open. It ends when its pipe
does, however the caller ended. Until the first worker is up, and where none is asked for or all have died, a thread of
this process prepares. A worker that dies costs a warning in the log and no answer.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import IO

from tokenizers import Tokenizer

from stance.encoding import Example, InputForm
from stance.preparing import Columns, Prepared, columns_of, prepare
from stance.words import Words

# The package without its ``__init__``, which imports all there is and would take each worker half a second.
_BEGIN = """
import json, sys, types
sys.path[:] = json.loads(sys.argv[1])
package = sys.modules["stance"] = types.ModuleType("stance")
package.__path__ = [sys.argv[2]]
from stance.workers import main
main()
"""
_HEAD = struct.Struct("<8sq")
_MARK = b"prepared"  # before every message, as anything may print something while it starts
_LOG = logging.getLogger("stance")


def default_workers(device_type: str) -> int:
    """How many workers suit a kind of device: a processor computes longer than one process prepares."""
    if device_type != "cuda" or not sys.executable or getattr(sys, "frozen", False):
        return 0
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(n_cores - 1, 8)


@dataclass(eq=False)
class _Task:
    examples: Sequence[Example]
    done: Future[Prepared] = field(default_factory=Future)

    def do(self, work: Callable[[Columns], Prepared]) -> None:
        try:
            self.done.set_result(work(columns_of(self.examples)))
        # This runs in a thread that nobody watches: whatever is raised would be lost with it, and the one who waits for
        # the answer would wait for ever. So every error goes to that one, who meets it at `result()`.
        except Exception as error:
            self.done.set_exception(error)


class Preparers:
    """Prepares examples ahead, in a thread and, once begun, in workers. Leaving it ends them at once."""

    def __init__(self, tokenizer: Tokenizer, form: InputForm) -> None:
        self._tokenizer = tokenizer
        self._form = form
        self._tasks = deque[_Task]()
        self._changed = Condition()
        self._n_ready = 0
        self._has_begun = self._is_over = False
        self._workers: list[_Worker] = []
        self._threads: list[Thread] = []

    def __enter__(self) -> Preparers:
        self._start(self._prepare_here)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
            for task in self._tasks:
                task.done.cancel()
        for worker in self._workers:
            worker.end()  # and with it what a thread waits for
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            worker.close()

    def prepared(self, examples: Sequence[Example]) -> Future[Prepared]:
        """Have examples prepared; what comes first is begun first."""
        task = _Task(examples)
        with self._changed:
            self._tasks.append(task)
            self._changed.notify_all()
        return task.done

    def begin_workers(self, n: int) -> None:
        """Start so many workers, once."""
        if self._has_begun or not n:
            return
        self._has_begun = True
        setting = pickle.dumps((self._tokenizer.to_str(), self._form))
        for _ in range(n):
            try:
                worker = _Worker(setting)
            except OSError as error:
                _LOG.warning(
                    "no more than %d workers that tokenise ahead could be started (%s)", len(self._workers), error
                )
                return
            self._workers.append(worker)
            self._start(partial(self._prepare_in, worker))

    def _start(self, work: Callable[[], None]) -> None:
        thread = Thread(target=work, name="stance-tokenize", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _next(self, may: Callable[[], bool]) -> _Task | None:
        """The next task, as soon as there is one and this thread may take it; None when all is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or (self._tasks and may()))
            return None if self._is_over else self._tasks.popleft()

    def _prepare_here(self) -> None:
        words = Words(self._tokenizer)
        while task := self._next(lambda: not self._n_ready):
            task.do(lambda columns: prepare(columns, words, self._form))

    def _prepare_in(self, worker: _Worker) -> None:
        try:
            worker.wait_until_ready()
            self._count_ready(1)
        except _WorkerDied as died:
            self._tell(died)
            return
        try:
            while task := self._next(lambda: True):
                task.do(lambda columns: self._answer_of(worker, columns))
                if worker.has_died:
                    break
        finally:
            self._count_ready(-1)

    def _answer_of(self, worker: _Worker, columns: Columns) -> Prepared:
        try:
            answer = worker.prepared(columns)
        except _WorkerDied as died:
            if self._is_over:
                raise
            self._tell(died)
            answer = None
        # What a worker cannot do is done here, for the answer or for the error that says why.
        return answer or prepare(columns, Words(self._tokenizer), self._form)

    def _tell(self, died: _WorkerDied) -> None:
        if not self._is_over:
            _LOG.warning("a worker that tokenises ahead has ended (%s); the others go on without it", died)

    def _count_ready(self, change: int) -> None:
        with self._changed:
            self._n_ready += change
            self._changed.notify_all()


class _WorkerDied(Exception):  # noqa: N818 - no error of the caller's
    pass


class _Worker:
    """A process that prepares, seen from this one."""

    def __init__(self, setting: bytes) -> None:
        """
        :param setting: The first message: a tokenizer's JSON and the form of input, pickled.
        """
        self.has_died = False
        self._setting = setting
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BEGIN, json.dumps(sys.path), str(Path(__file__).parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # One process a core: none needs threads of its own.
            env={**os.environ, "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            # Ctrl-C is for the caller, who ends its workers.
            process_group=0 if os.name == "posix" else None,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def wait_until_ready(self) -> None:
        """
        :raises _WorkerDied: If it never will be.
        """
        self._asked(self._setting)

    def prepared(self, columns: Columns) -> Prepared | None:
        """What it makes of examples; None if it fails on them.

        :raises _WorkerDied: If it ended.
        """
        try:
            asked = pickle.dumps(columns, protocol=5)
        except Exception:  # something of the caller's own that cannot be sent
            return None
        answer = self._asked(asked)
        return answer if isinstance(answer, Prepared) else None

    def end(self) -> None:
        """End it. It holds nothing that would be lost."""
        self.has_died = True
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Close the pipes of one that has ended."""
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was left to be written
                pipe and pipe.close()

    def _asked(self, message: bytes) -> object:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            _send(self._process.stdin, message)
            answer = _received(self._process.stdout)
            if answer is not None:
                return pickle.loads(answer)
        except Exception:
            _LOG.debug("no answer of a worker", exc_info=True)
        self.end()
        raise _WorkerDied(f"exit status {self._process.returncode}")


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_HEAD.pack(_MARK, len(message)))
    pipe.write(message)
    pipe.flush()


def _received(pipe: IO[bytes]) -> bytes | None:
    """The next message; None where the pipe has ended, or something else comes."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    mark, size = _HEAD.unpack(head)
    message = pipe.read(size) if mark == _MARK else b""
    return message if len(message) == size else None


def main() -> None:
    """Be a worker: prepare what comes on standard input until it ends."""
    try:
        _serve()
    except BrokenPipeError:
        os._exit(0)  # the caller has gone; an orderly end would try to write to it once more


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer
    questions = sys.stdin.buffer
    setting = _received(questions)
    if setting is None:
        return
    tokenizer, form = pickle.loads(setting)
    words = Words(Tokenizer.from_str(tokenizer))
    _send(answers, pickle.dumps(None))
    while (message := _received(questions)) is not None:
        try:
            answer = prepare(pickle.loads(message), words, form)
        except Exception:  # the caller does it again and meets the error itself
            answer = None
        _send(answers, pickle.dumps(answer, protocol=5))
