"""Inputs for jobs, and what a job wrote."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

WORDS = "the council union strike pay bins cuts workers residents should must never well said".split()


def rows_of(n: int, seed: int = 0, threads_of: int = 40) -> list[dict[str, Any]]:
    """Comments in threads, a third of them answers, a third of them doubles of earlier ones."""
    rng = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for i in range(n):
        thread, place = divmod(i, threads_of)
        text = " ".join(rng.choices(WORDS, k=rng.randint(3, 12))) + f" {i}"
        if rows and rng.random() < 0.3:
            text = rng.choice(rows)["text"]
        parent = f"{thread}-{rng.randrange(place)}" if place and rng.random() < 0.3 else None
        rows.append(
            {
                "thread_id": f"t{thread}",
                "title": f"Strike {thread}",
                "comment_id": f"{thread}-{place}",
                "parent_id": parent,
                "author": f"Person {rng.randrange(30)}",
                "text": text,
            }
        )
    return rows


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def output(out: Path) -> pd.DataFrame:
    """The rows of a job's output that its manifest vouches for, in the order of the input."""
    with sqlite3.connect(out / "manifest.sqlite") as database:
        names = [name for (name,) in database.execute("SELECT name FROM parts ORDER BY number")]
    database.close()
    assert sorted(path.name for path in (out / "parts").iterdir()) == names
    if not names:
        return pd.DataFrame()
    return pd.concat([pd.read_parquet(out / "parts" / name) for name in names], ignore_index=True)


def quarantined(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "quarantine.jsonl").read_text("utf-8").splitlines()]


def assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Equal rows in equal order; probabilities within what batches may move them by."""
    one, other = (frame.astype(object).where(frame.notna(), None) for frame in (one, other))
    numbers = [name for name in one.columns if name.startswith("p_")]
    pd.testing.assert_frame_equal(one.drop(columns=numbers), other.drop(columns=numbers))
    assert np.allclose(one[numbers].astype(float), other[numbers].astype(float), atol=1e-4, rtol=0)
