"""SIGINT and SIGTERM: a job is broken off between two statements, but never while a part is being entered."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from stance.jobs.report import JobReport


class JobStopped(KeyboardInterrupt):
    """A job that a signal stopped. What was done by then is written; the same call goes on there.

    :param report: What was done.
    :param signal: Which signal.
    """

    def __init__(self, report: JobReport, signal: int) -> None:
        super().__init__(f"stopped after {report.rows} comments of this run; the same command goes on there")
        self.report = report
        self.signal = signal


class Stop(BaseException):
    """Raised by a signal, in the midst of whatever runs."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Stopping:
    """Turns signals into :class:`Stop`: held back at first, then at once or, within :meth:`held`, at its end.

    A second signal while one is held back ends the process as it would have without us, which costs nothing but time.
    """

    def __init__(self) -> None:
        self._is_held = True
        self._came: int | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch for signals, in the main thread; elsewhere they are another's business."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing come between what is done within."""
        before, self._is_held = self._is_held, True
        try:
            yield
        finally:
            self._is_held = before
        if not before:
            self.release()

    def release(self) -> None:
        """Hold nothing back any more.

        :raises Stop: If a signal has come.
        """
        self._is_held = False
        if self._came is not None:
            number, self._came = self._came, None
            raise Stop(number)

    def ignore(self) -> None:
        """Let no further signal come between."""
        self._is_held = True

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._is_held:
            raise Stop(number)
        if self._came is not None:
            raise KeyboardInterrupt
        self._came = number
