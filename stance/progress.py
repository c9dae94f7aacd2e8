"""A bar on stderr: how many, how fast, how long still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

_SHOWING = Lock()


@contextmanager
def shown(progress: bool | Callable[[int], None], total: int | None) -> Iterator[Callable[[int], None] | None]:
    """What is to be told of progress.

    :param progress: True shows a bar; a function is handed on as it is; False tells nobody. There is one bar at a time:
        of calls that overlap, the first shows one.
    :param total: How many comments there are; None where that is not known.
    """
    if callable(progress):
        yield progress
    elif progress and _SHOWING.acquire(blocking=False):
        try:
            with _bar(total) as told:
                yield told
        finally:
            _SHOWING.release()
    else:
        yield None


@contextmanager
def _bar(total: int | None) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(TextColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.0f}/s" if task.speed else "", style="progress.data.speed")

    columns = (TextColumn("comments"), BarColumn(), MofNCompleteColumn(), Rate(""), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda n: bar.advance(task, n)
