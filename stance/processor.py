"""How many threads of the processor torch uses: for one call, whatever other calls do at the same time.

Torch keeps the number for each Python thread (OpenMP's own), and beside it one for those that have not used torch yet.
``torch.set_num_threads`` sets both. Here the second is put back at once, or a thread that starts during a call would
keep that call's number for ever.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock, Thread

import torch

_SETTING = Lock()  # nobody's first use of torch falls between setting and putting back
_BORN_IN = os.getpid()


@contextmanager
def torch_threads(n: int | None) -> Iterator[None]:
    """Torch's own threads set to ``n`` in this Python thread, and back to what they were.

    A process forked from one that has loaded this module uses one, whatever ``n``: OpenMP's others did not come along,
    and it would wait for them for ever.

    :param n: None for the number that is set.
    """
    with _SETTING:
        before = torch.get_num_threads()
    n = n if os.getpid() == _BORN_IN else 1
    if n is None or n == before:
        yield
        return
    try:
        _set_here_alone(n)
        yield
    finally:
        _set_here_alone(before)


def _set_here_alone(n: int) -> None:
    with _SETTING:
        of_new_threads = _in_new_thread(torch.get_num_threads)
        try:
            torch.set_num_threads(n)
        finally:
            _in_new_thread(partial(torch.set_num_threads, of_new_threads))


def _in_new_thread(do: Callable[[], int | None]) -> int:
    found: list[int] = []
    thread = Thread(target=lambda: found.append(do() or 0), name="stance-torch-threads")
    thread.start()
    thread.join()
    return found[0]
