"""Runs a job and kills its process: ``python -m tests.job_killed CALL N before|after|SECONDS WORDS...``.

``CALL`` is ``module:name`` or ``module:Class.name``. Its ``N``-th call is the last thing that happens; or, where
seconds are given, the process dies that long after, wherever it is then.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from typing import Any

from stance.cli import app


def main() -> None:
    call, number, when, *words = sys.argv[1:]
    module, _, path = call.partition(":")
    owner: Any = importlib.import_module(module)
    *names, last = path.split(".")
    for name in names:
        owner = getattr(owner, name)
    inner, calls = getattr(owner, last), [0]

    @functools.wraps(inner)
    def fatal(*arguments: Any, **named: Any) -> Any:
        calls[0] += 1
        is_it = calls[0] == int(number)
        if is_it and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        if is_it and when not in ("before", "after"):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)  # which ends a process as surely, and can be set like a clock
            signal.setitimer(signal.ITIMER_REAL, float(when))
        result = inner(*arguments, **named)
        if is_it and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, last, fatal)
    app(words)


if __name__ == "__main__":
    main()
