"""Reading threads from what people have: text dumps, saved pages, exports, tables; folders and archives of these.

This package is the only place that knows a format. Bytes become threads in one direction::

    path -> archives -> Source -> a format's read(source) -> Draft -> Thread with its ReadingReport
            unpack,     bytes,    dumps/ pages/ exports/     clean,
            bound       text,     one module each            link, count
                        media

What a format finds in a copy without being certain is held against the look of its lines, which is learned
(:mod:`stance.readers.dumps.by_lines`); what no format knows is read by that alone. Tables too large to be held come as
a stream, by :func:`stance.readers.pieces.iter_threads`.

To add a format:

1. Write ``dumps/``, ``pages/`` or ``exports/NAME.py`` with one entry, ``read(source: Source) -> list[Thread] | None``.
   Give None at once where the source is not of the format: look at ``source.text``, ``page_of(source)``,
   ``xml_of(source)`` or ``json_of(source)``, which are made once for all readers. Else fill a
   :class:`~stance.readers.draft.Draft`: ``draft.add(...)`` each comment, ``draft.drop(kind)`` what is left out,
   ``draft.doubt(...)`` what may be wrong; and give ``[draft.thread(sureness)]``. Raise InputError only where the
   file is surely of the format and broken.
2. Add its line to :data:`stance.readers.formats.FORMATS`, in its family.
3. Put source files with their expected results into ``tests/threads/NAME/`` (``CASE.html`` and
   ``CASE.expected.json``); ``tests/test_threads.py`` finds them, ``python -m benchmarks.readers`` measures them.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stance.errors import InputError
from stance.thread import Thread

if TYPE_CHECKING:
    from stance.readers.formats import Format
    from stance.readers.source import Source

PathLike = str | os.PathLike[str]
Failures = list[tuple[Path | None, InputError]]


def read_threads(paths: PathLike | Iterable[PathLike], *, quotes: bool = False) -> list[Thread]:
    """Read every thread in files, folders and archives.

    :param paths: A file, an archive, a folder (its files, and those of its folders, by name), or several of these.
    :param quotes: Give the directly quoted statements of a page that has no comments, as its comments.
    :returns: Threads in the order of the paths, their ids made unique.
    :raises InputError: If a path cannot be read. A file met in a folder or an archive that cannot be read is warned of
        and left out, so that it costs none of the others; where nothing else is in it, that is an error too.
    """
    threads, failures = read_what_can_be_read(paths, quotes=quotes)
    for container, error in failures:
        if container is None:
            raise error
        warnings.warn(f"left out: {error}", stacklevel=2)
    return threads


def read_what_can_be_read(
    paths: PathLike | Iterable[PathLike], *, quotes: bool = False
) -> tuple[list[Thread], Failures]:
    """Like :func:`read_threads`, but hand the failures back instead of raising or warning.

    :returns: The threads, and for every file that failed the folder or archive it was met in (None if it was named
        itself, or nothing else was there) and the error.
    """
    named = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    threads: list[Thread] = []
    failures: Failures = []
    for path in map(Path, named):
        found, errors = _read_path(path, quotes)
        threads += found
        failures += errors
    return _with_unique_ids(threads), failures


def read_source(source: Source, *, quotes: bool = False) -> list[Thread]:
    """Read one source by the format that knows it best.

    :raises InputError: If it cannot be read, or no format knows it.
    """
    from stance.readers.formats import FORMATS, LAST  # here, for their own imports to wait until something is read
    from stance.readers.quotes import quoted_statements

    best: list[Thread] | None = None
    media = source.media
    for one in FORMATS:
        if one in LAST and best and not _is_doubtful(best):
            break
        try:
            threads = one.read(source) if media in one.media else None
        except InputError:
            if best is None:
                raise
            continue
        if threads is None:
            continue
        threads = _held_against_lines(threads, one, source)
        if best and _doubt(threads) >= _doubt(best):
            continue
        best = [_reported(thread, one.name, source) for thread in threads]
        if _doubt(best) == 0:
            break
    if best is None:
        raise InputError(
            f"{source.place}: {media} of a kind that no reader knows. Save the page as HTML or text, or export the"
            " comments as CSV or JSON lines."
        )
    return [quoted_statements(thread) if quotes and not thread.comments else thread for thread in best]


def _held_against_lines(threads: list[Thread], by: Format, source: Source) -> list[Thread]:
    """Threads of a copy: doubted where its lines tell others, and without what is left of the page around the words."""
    from stance.readers.dumps.by_lines import doubted, told_of
    from stance.readers.dumps.edges import without_edges
    from stance.readers.formats import BY_LINES, COPIES, SIGNED

    if by in COPIES:
        threads = doubted(source, threads)
    if by in COPIES or by == BY_LINES:
        threads = without_edges(threads, told_of(source), has_signatures=by in SIGNED)
    return threads


def _read_path(path: Path, quotes: bool) -> tuple[list[Thread], Failures]:
    from stance.readers.archives import is_container, sources_in

    threads: list[Thread] = []
    errors: list[InputError] = []
    try:
        container = path if is_container(path) else None
    except (OSError, ValueError):
        return [], [(None, InputError(f"{str(path)[:80]!r} is no path; is it the text itself? Save it first."))]
    try:
        for source in sources_in(path):
            try:
                if isinstance(source, InputError):
                    raise source
                threads += read_source(source, quotes=quotes)
            except InputError as error:
                errors.append(error)
    except InputError as error:
        errors.append(error)
    return threads, [(container if threads else None, error) for error in errors]


def _is_doubtful(threads: list[Thread]) -> bool:
    return any(thread.report.sureness == "doubtful" for thread in threads)


def _doubt(threads: list[Thread]) -> int:
    order = ("certain", "likely", "doubtful")
    return max((order.index(thread.report.sureness) for thread in threads), default=0)


def _reported(thread: Thread, reader: str, source: Source) -> Thread:
    report = thread.report
    report = replace(report, reader=reader, repaired=(*source.notes, *report.repaired))
    return replace(thread, report=report)


def _with_unique_ids(threads: list[Thread]) -> list[Thread]:
    seen: set[str] = set()
    unique = []
    for thread in threads:
        thread_id, n = thread.id, 2
        while thread_id in seen:
            thread_id, n = f"{thread.id}~{n}", n + 1
        seen.add(thread_id)
        unique.append(thread if thread_id == thread.id else replace(thread, id=thread_id))
    return unique
