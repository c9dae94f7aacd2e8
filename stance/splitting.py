"""Splits in which no thread and no writer is on both sides."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stance.errors import InputError
from stance.labelled import LabelledComments

Ints = npt.NDArray[np.int64]
FEWEST_GROUPS = 3


@dataclass(frozen=True)
class Groups:
    """Which comments belong together and must not be split.

    :param of_row: Number of each comment's group. *Shape:* ``(n,)``, int64
    :param by: ``"thread and author"``: groups share neither a thread nor a writer. ``"author"``: they share no writer,
        but threads, for there are too few threads, or their writers are the same.
    """

    of_row: Ints
    by: str

    @property
    def n(self) -> int:
        """How many groups there are."""
        return int(self.of_row.max()) + 1 if len(self.of_row) else 0

    def of(self, rows: Ints) -> Groups:
        """The groups of some of the comments, numbered anew.

        :param rows: Their places. *Shape:* ``(m,)``
        """
        return Groups(np.unique(self.of_row[rows], return_inverse=True)[1].astype(np.int64), self.by)


def group_comments(labelled: LabelledComments) -> Groups:
    """Groups of comments by thread and author.

    A name is one person in all threads; a comment without a name of its own ("Anonymous") is a person by itself.
    Where fewer than three groups would come out, or more than half of the comments would be in one, threads are split
    by their writers.
    """
    threads = [f"thread {one.example.thread_id}" for one in labelled.examples]
    authors = [
        f"comment {one.example.thread_id} {comment.id}"
        if comment.has_shared_name
        else f"author {(comment.author or '').strip().casefold()}"
        for one, comment in zip(labelled.examples, labelled.comments, strict=True)
    ]
    apart = _connected(threads, authors)
    sizes = np.bincount(apart) if len(apart) else np.zeros(0, dtype=np.int64)
    if len(sizes) >= FEWEST_GROUPS and sizes.max() <= len(apart) / 2:
        return Groups(apart, "thread and author")
    return Groups(_connected(authors, authors), "author")


def make_folds(groups: Groups, labels: Ints, n_folds: int, seed: int = 0) -> Ints:
    """Number of the fold in which each comment is held out; classes spread as evenly as the groups allow.

    :param labels: *Shape:* ``(n,)``
    :returns: *Shape:* ``(n,)``, int64
    :raises InputError: If there are fewer than two groups.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    if groups.n < 2:
        raise InputError(
            "All labelled comments are by one writer, so none can be held out to measure. Label comments of others too."
        )
    n_folds = min(n_folds, groups.n)
    commonest = int(np.bincount(labels).max())
    folds = np.zeros(len(labels), dtype=np.int64)
    if commonest < n_folds:  # fewer of each class than folds: scikit-learn refuses to spread them
        return groups.of_row % n_folds
    splitter = StratifiedGroupKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        for fold, (_, held_out) in enumerate(splitter.split(labels, labels, groups.of_row)):
            folds[held_out] = fold
    return folds


def _connected(one: Sequence[str], other: Sequence[str]) -> Ints:
    """Number the groups of rows that hang together by either name (union-find)."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for a, b in zip(one, other, strict=True):
        parent[root(a)] = root(b)
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(root(a), len(numbers)) for a in one], dtype=np.int64)
