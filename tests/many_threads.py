"""A table of several small threads, and how two tables of answers are compared whatever engine made them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

import stance

_TEXTS = (
    "Pay the workers what they are owed.",
    "The council should cut and never pay.",
    None,
    "The strike must go on, residents said.",
    "\U0001f600",
    "Well said.",
    "UNISON council bins",
)
_PLACES = ("Norwich", "Leeds", "Southampton", "Plymouth")


def table_of_threads(n_threads: int = 6) -> pd.DataFrame:
    """Rows of ``n_threads`` threads, mixed, in page order within each; some with missing texts, ids and authors."""
    rows = [
        {
            "thread_id": f"t{thread}",
            "comment_id": f"c{number}",
            "parent_id": f"c{number - 1}" if number % 3 == 1 else None,
            "author": None if number == 3 else f"Person {number % 4}",
            "is_post_author": number == 5,
            "time": f"2024-05-{number + 1:02d}T10:00:00",
            "text": text,
            "title": f"{_PLACES[thread % len(_PLACES)]} City Council: strike {thread}",
            "post": "UNISON members voted to walk out.",
        }
        for number, text in enumerate(_TEXTS)
        for thread in range(n_threads)
    ]
    return pd.DataFrame(rows)


def assert_same_answers(answers: pd.DataFrame, expected: stance.Stances) -> None:
    """Whether a table holds just these answers: none lost, none doubled, in order within each thread."""
    wanted = expected.to_pandas()
    assert list(answers.columns) == list(wanted.columns)
    # Between threads there is no order; a stable sort by thread alone leaves that within each as it came.
    answers, wanted = (table.sort_values("thread_id", kind="stable") for table in (answers, wanted))
    numbers = [column for column in wanted if column.startswith("p_")]
    assert _cells(answers, numbers) == _cells(wanted, numbers)
    np.testing.assert_allclose(answers[numbers].to_numpy(float), wanted[numbers].to_numpy(float), atol=1e-5)


def is_first(mark: Path) -> bool:
    """Whether nobody has asked for this mark before, in whatever process."""
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def _cells(table: pd.DataFrame, left_out: list[str]) -> list[list[object]]:
    rows = table.drop(columns=left_out).astype(object).to_numpy().tolist()
    return [[None if pd.isna(cell) else cell for cell in row] for row in rows]
