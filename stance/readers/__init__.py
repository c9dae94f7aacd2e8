"""Reading threads from what people have: text dumps, tables, folders of either.

This package is the only place that knows a file format. Each format family has a file here, with one function
that either gives a :class:`~stance.thread.Thread` or None for "not mine"; a new family is a new file and one
more entry in ``_TEXT_FORMATS`` or ``_TABLES``.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from stance.errors import InputError
from stance.readers.article_dump import read_article_dump
from stance.readers.blog_dump import read_blog_dump, split_post
from stance.readers.files import read_text
from stance.readers.quotes import quoted_statements
from stance.readers.tables import TABLE_ENDINGS, read_table
from stance.thread import Thread

PathLike = str | os.PathLike[str]

#: Tried in this order; each gets the text, the thread's id and its source. The first answer counts.
_TEXT_FORMATS: tuple[Callable[[str, str, str], Thread | None], ...] = (read_article_dump, read_blog_dump)


_WEB_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head)\b", re.I)


def read_threads(paths: PathLike | Iterable[PathLike], *, quotes: bool = False) -> list[Thread]:
    """Read every thread in files and folders.

    :param paths: A file, a folder (its files, and those of its folders, by name), or several of either.
    :param quotes: Give the directly quoted statements of a page that has no comments, as its comments.
    :returns: Threads in the order of the paths, their ids made unique.
    :raises InputError: If a path cannot be read. A file met in a folder that cannot be read is warned of and
        left out, so that it costs none of the others.
    """
    threads, failures = read_what_can_be_read(paths, quotes=quotes)
    for path, error in failures:
        if path is not None:
            warnings.warn(f"left out: {error}", stacklevel=2)
        else:
            raise error
    return threads


def read_what_can_be_read(
    paths: PathLike | Iterable[PathLike], *, quotes: bool = False
) -> tuple[list[Thread], list[tuple[Path | None, InputError]]]:
    """Like :func:`read_threads`, but hand the failures back instead of raising or warning.

    :returns: The threads, and for every file that failed the folder it was met in (None if it was named itself)
        and the error.
    """
    named = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    threads: list[Thread] = []
    failures: list[tuple[Path | None, InputError]] = []
    for path in map(Path, named):
        try:
            files, folder = (_files_in(path), path) if path.is_dir() else ([path], None)
        except (OSError, ValueError):
            failures.append((None, InputError(f"{str(path)[:80]!r} is no path; is it the text itself? Save it first.")))
            continue
        if not files:
            failures.append((None, InputError(f"{path}: the folder holds no files. Name a folder with saved threads.")))
        for file in files:
            try:
                threads += _read_file(file, quotes)
            except InputError as error:
                failures.append((folder, error))
    return _with_unique_ids(threads), failures


def _files_in(folder: Path) -> list[Path]:
    return sorted(
        p
        for p in folder.rglob("*")
        if p.is_file() and not any(part.startswith(".") for part in p.relative_to(folder).parts)
    )


def _read_file(path: Path, quotes: bool) -> list[Thread]:
    if path.suffix.casefold() in TABLE_ENDINGS:
        return read_table(path)
    text, notes = read_text(path)
    if _WEB_PAGE.match(text):
        raise InputError(f"{path}: this is a web page's source, which is not read yet. Copy its text into a .txt file.")
    for read in _TEXT_FORMATS:
        thread = read(text, path.stem, str(path))
        if thread is not None:
            break
    else:
        title, post, post_notes = split_post(text)
        post_notes.append("no comments were recognised in this text; all of it is taken as the post")
        thread = Thread(id=path.stem, title=title, post=post, source=str(path), notes=tuple(post_notes))
    thread = replace(thread, notes=(*notes, *thread.notes))
    return [quoted_statements(thread) if quotes and not thread.comments else thread]


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
