from __future__ import annotations

import numpy as np
import pytest

from stance import InputError
from stance.labelled import LabelledComments, read_labelled
from stance.splitting import group_comments, make_folds
from tests.labelled_rows import labelled_rows


def labels_of(labelled: LabelledComments) -> np.ndarray:
    return np.array([one.stance for one in labelled.examples])


def with_authors(authors: list[str | None], threads: list[str]) -> LabelledComments:
    rows = [
        {"thread_id": thread, "comment_id": str(i), "author": author, "text": f"word {i}", "label": "neutral"}
        for i, (author, thread) in enumerate(zip(authors, threads, strict=True))
    ]
    return read_labelled(rows)


def test_no_thread_and_no_writer_is_on_both_sides_of_a_split() -> None:
    rows = labelled_rows()
    for row in rows[:4]:
        row["author"] = "Kath"
    rows[-1]["author"] = "kath "  # in another thread: the two hang together
    labelled = read_labelled(rows)
    groups = group_comments(labelled)
    folds = make_folds(groups, labels_of(labelled), 3)
    assert groups.by == "thread and author"
    for things in ([c.author.strip().casefold() for c in labelled.comments if c.author], thread_ids(labelled)):
        for thing in set(things):
            assert len({int(fold) for fold, other in zip(folds, things, strict=True) if other == thing}) == 1
    assert {int(fold) for fold in folds} == {0, 1, 2}


def thread_ids(labelled: LabelledComments) -> list[str]:
    return [one.example.thread_id for one in labelled.examples]


def test_one_thread_is_split_by_its_writers() -> None:
    labelled = with_authors(["Ann", "Bob", "Ann", "Cem", "Dee", "Bob"], ["t"] * 6)
    groups = group_comments(labelled)
    assert groups.by == "author"
    assert groups.of_row.tolist() == [0, 1, 0, 2, 3, 1]


def test_nameless_comments_are_people_of_their_own() -> None:
    groups = group_comments(with_authors(["Anonymous", None, "anonymous", "Ann"], ["t"] * 4))
    assert groups.n == 4


def test_writers_who_are_in_every_thread_do_not_make_one_lump_of_all() -> None:
    groups = group_comments(with_authors(["Ann", "Bob"] * 6, ["t", "t", "u", "u", "v", "v"] * 2))
    assert groups.by == "author"
    assert groups.n == 2


def test_classes_are_spread_over_the_folds() -> None:
    labelled = read_labelled(labelled_rows(n_threads=12, per_class=1))
    folds = make_folds(group_comments(labelled), labels_of(labelled), 4)
    counts = [np.bincount(labels_of(labelled)[folds == fold], minlength=3).tolist() for fold in range(4)]
    assert counts == [[3, 3, 3]] * 4


def test_the_same_seed_gives_the_same_folds() -> None:
    labelled = read_labelled(labelled_rows())
    groups, labels = group_comments(labelled), labels_of(labelled)
    np.testing.assert_array_equal(make_folds(groups, labels, 3, seed=4), make_folds(groups, labels, 3, seed=4))


def test_eight_labels_of_three_classes_can_be_split() -> None:
    labelled = with_authors([None] * 8, ["t"] * 8)
    folds = make_folds(group_comments(labelled), np.array([0, 0, 1, 1, 1, 2, 2, 0]), 5)
    assert len(set(folds.tolist())) == 5


def test_one_writer_cannot_be_split() -> None:
    labelled = with_authors(["Ann"] * 4, ["t"] * 4)
    with pytest.raises(InputError, match="by one writer"):
        make_folds(group_comments(labelled), np.array([0, 1, 2, 0]), 5)
