"""What the network says, before anything is made of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stance.errors import InputError

N_STANCES = 3


@dataclass(frozen=True, eq=False)
class Scores:
    """Raw outputs, one row a comment, in comment order. They can be kept and read again without a model.

    The network answers for two sides. Of three or four it is asked about every pair in both orders, and the answers
    stand side by side, in the order of :meth:`stance.Sides.pairs`.

    :param thread_ids: *Shape:* ``(n,)``
    :param comment_ids: *Shape:* ``(n,)``
    :param logits: Three of stance (side a, side b, neutral), then three of sentiment (negative, neutral,
        positive); as often as there are pairs of sides. Zeros where ``reasons`` says why there are none.
        *Shape:* ``(n, 6 * pairs)``, float32
    :param n_cut: Tokens of the comment left out. *Shape:* ``(n,)``, int32
    :param reasons: Why a comment was not classified; empty where it was. *Shape:* ``(n,)``
    :param labels: The labels of the sides.
    :raises InputError: If the lengths differ.
    """

    thread_ids: tuple[str, ...]
    comment_ids: tuple[str, ...]
    logits: npt.NDArray[np.float32]
    n_cut: npt.NDArray[np.int32]
    reasons: tuple[str, ...]
    labels: tuple[str, ...] = ("council", "union")

    def __post_init__(self) -> None:
        n = len(self.comment_ids)
        lengths = (len(self.thread_ids), len(self.n_cut), len(self.reasons))
        width = 2 * N_STANCES * self.n_pairs
        if self.logits.shape != (n, width) or any(length != n for length in lengths):
            raise InputError(
                f"Scores of {n} comments need logits of shape ({n}, {width}), but they are {self.logits.shape}."
            )

    def __len__(self) -> int:
        return len(self.comment_ids)

    @property
    def n_pairs(self) -> int:
        """Pairs of sides, in both orders where there are more than two sides: one, or six or twelve."""
        return n_pairs_of(len(self.labels))

    @property
    def by_pair(self) -> npt.NDArray[np.float32]:
        """The logits, those of each pair of sides apart. *Shape:* ``(n, pairs, 6)``"""
        return self.logits.reshape(len(self), self.n_pairs, 2 * N_STANCES)

    def side_by_side(self, labels: tuple[str, ...]) -> Scores:
        """Scores of two sides each, in which every comment comes once a pair, as scores of all the sides.

        :param labels: Of the sides. Where there are two, the scores are what they were.
        """
        n_pairs = n_pairs_of(len(labels))
        if n_pairs == 1:
            return self
        reasons = [next(filter(None, self.reasons[i : i + n_pairs]), "") for i in range(0, len(self), n_pairs)]
        logits = self.logits.reshape(-1, n_pairs * 2 * N_STANCES)
        return Scores(
            thread_ids=self.thread_ids[::n_pairs],
            comment_ids=self.comment_ids[::n_pairs],
            logits=np.where(np.array([[bool(reason)] for reason in reasons]).reshape(-1, 1), np.float32(0), logits),
            n_cut=self.n_cut.reshape(-1, n_pairs).max(axis=1),
            reasons=tuple(reasons),
            labels=labels,
        )

    @classmethod
    def joined(cls, parts: Sequence[Scores]) -> Scores:
        """Several tables one below the other; an empty one of none.

        :raises InputError: If their labels differ.
        """
        labels = {part.labels for part in parts}
        if len(labels) > 1:
            raise InputError(f"Scores of the same labels can be joined, but these have {sorted(labels)}.")
        its = labels.pop() if labels else ("council", "union")
        none = np.zeros((0, 2 * N_STANCES * n_pairs_of(len(its))), np.float32)
        return cls(
            thread_ids=tuple(chain.from_iterable(part.thread_ids for part in parts)),
            comment_ids=tuple(chain.from_iterable(part.comment_ids for part in parts)),
            logits=np.concatenate([none, *(part.logits for part in parts)]),
            n_cut=np.concatenate([np.zeros(0, np.int32), *(part.n_cut for part in parts)]),
            reasons=tuple(chain.from_iterable(part.reasons for part in parts)),
            labels=its,
        )

    def rows(self, start: int, stop: int) -> Scores:
        """The rows from ``start`` up to ``stop``."""
        part = slice(start, stop)
        return Scores(
            thread_ids=self.thread_ids[part],
            comment_ids=self.comment_ids[part],
            logits=self.logits[part],
            n_cut=self.n_cut[part],
            reasons=self.reasons[part],
            labels=self.labels,
        )

    def save(self, path: str | Path) -> None:
        """Write the scores to a Parquet file."""
        import pyarrow as pa
        from pyarrow import parquet

        columns = {
            "thread_id": self.thread_ids,
            "comment_id": self.comment_ids,
            "logits": list(self.logits),
            "n_cut": self.n_cut,
            "reason": self.reasons,
        }
        schema_of_logits = pa.list_(pa.float32(), self.logits.shape[1])
        table = pa.table(
            {k: pa.array(v, schema_of_logits) if k == "logits" else pa.array(v) for k, v in columns.items()}
        )
        parquet.write_table(table.replace_schema_metadata({"stance.labels": json.dumps(self.labels)}), path)

    @classmethod
    def load(cls, path: str | Path) -> Scores:
        """Read scores that :meth:`save` wrote."""
        from pyarrow import parquet

        table = parquet.read_table(path)
        metadata = table.schema.metadata or {}
        if b"stance.labels" not in metadata:
            raise InputError(f"{path}: is no file of scores; write one with Scores.save.")
        labels = tuple(json.loads(metadata[b"stance.labels"]))
        logits = table["logits"].combine_chunks().flatten().to_numpy()
        return cls(
            thread_ids=tuple(table["thread_id"].to_pylist()),
            comment_ids=tuple(table["comment_id"].to_pylist()),
            logits=logits.reshape(-1, 2 * N_STANCES * n_pairs_of(len(labels))).astype(np.float32),
            n_cut=table["n_cut"].to_numpy().astype(np.int32),
            reasons=tuple(table["reason"].to_pylist()),
            labels=labels,
        )


def n_pairs_of(n_sides: int) -> int:
    """How many questions so many sides are: one for two, else one a pair in each order (:meth:`stance.Sides.pairs`)."""
    return 1 if n_sides == 2 else n_sides * (n_sides - 1)
