"""What may be handed in as a debate, as threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from stance.errors import InputError
from stance.readers.tables import is_missing, threads_from_rows
from stance.thread import Comment, Thread

if TYPE_CHECKING:
    import datasets
    import pandas as pd

    Debates: TypeAlias = Thread | Iterable[Thread] | Iterable[str | None] | pd.DataFrame | datasets.Dataset

#: The id of the thread that bare texts are put in.
BARE_TEXTS = "texts"
#: How many texts of a stream make one.
TEXTS_A_THREAD = 512


def as_threads(debates: Debates) -> list[Thread]:
    """What :meth:`StanceModel.classify` takes, as threads.

    :raises InputError: If it holds no texts, or two threads share an id.
    """
    if isinstance(debates, Thread):
        return [debates]
    if isinstance(debates, str | bytes | Mapping | PathLike):
        raise InputError(
            f"A {type(debates).__name__} came where threads or texts were expected. Put a single text in a list;"
            " read a file with stance.read_threads(path)."
        )
    if hasattr(debates, "column_names"):  # datasets.Dataset; asked first, for it is iterable too
        return threads_from_rows(cast(Iterable[Any], debates), source="the dataset", thread_id="dataset")
    if hasattr(debates, "to_dict") and hasattr(debates, "columns"):
        rows = cast(Any, debates).to_dict(orient="records")
        return threads_from_rows(rows, source="the frame", thread_id="frame")
    if not isinstance(debates, Iterable):
        raise InputError(f"A {type(debates).__name__} came where threads or texts were expected.")
    items: Sequence[Any] = list(debates)
    if items and all(isinstance(item, Thread) for item in items):
        _refuse_doubled_ids(items)
        return list(items)
    for place, item in enumerate(items):
        if not isinstance(item, str) and not is_missing(item):
            raise InputError(f"Item {place} is {type(item).__name__}, but threads alone or texts alone were expected.")
    texts = [item if isinstance(item, str) else "" for item in items]
    return [Thread(id=BARE_TEXTS, comments=tuple(Comment(id=str(i), text=text) for i, text in enumerate(texts, 1)))]


def one_by_one(debates: Iterable[Thread] | Iterable[str | None]) -> Iterator[Thread]:
    """A stream's threads as they come; texts in threads of :data:`TEXTS_A_THREAD`, numbered through.

    :raises InputError: If something else comes.
    """
    texts: list[Comment] = []
    n_texts = 0
    for place, item in enumerate(debates):
        if isinstance(item, Thread) and not n_texts:
            yield item
            continue
        if isinstance(item, Thread) or not (isinstance(item, str) or is_missing(item)):
            raise InputError(f"Item {place} is {type(item).__name__}, but threads alone or texts alone were expected.")
        n_texts += 1
        texts.append(Comment(id=str(n_texts), text=item if isinstance(item, str) else ""))
        if len(texts) == TEXTS_A_THREAD:
            yield Thread(id=BARE_TEXTS, comments=tuple(texts))
            texts = []
    if texts:
        yield Thread(id=BARE_TEXTS, comments=tuple(texts))


def _refuse_doubled_ids(threads: Sequence[Thread]) -> None:
    seen: set[str] = set()
    for thread in threads:
        if thread.id in seen:
            raise InputError(
                f"Two threads have the id {thread.id!r}. Give each its own: dataclasses.replace(thread, id=...)."
            )
        seen.add(thread.id)
