"""Runs a job and kills its process at a chosen call: ``python -m tests.job_killed CALL N BEFORE|AFTER WORDS...``.

``CALL`` is ``module:name`` or ``module:Class.name``; its ``N``-th call is the last thing that happens.
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
        if calls[0] == int(number) and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = inner(*arguments, **named)
        if calls[0] == int(number):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, last, fatal)
    app(words)


if __name__ == "__main__":
    main()
