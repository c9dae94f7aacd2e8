"""Tokenised inputs as flat arrays, so that no Python runs for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt


class TokenizedExample(NamedTuple):
    """Token ids of one input.

    :param ids: *Shape:* ``(n_tokens,)``
    :param n_first: How many of them are the comment's, the token that ends it included; the others are the context's.
    :param n_cut: Tokens of the comment that did not fit and were left out of its middle.
    """

    ids: list[int]
    n_first: int
    n_cut: int = 0

    @property
    def type_ids(self) -> list[int]:
        """0 for the comment, 1 for the context. *Shape:* ``(n_tokens,)``"""
        return [0] * self.n_first + [1] * (len(self.ids) - self.n_first)


@dataclass(frozen=True, eq=False)
class Tokens:
    """Several inputs, end to end; :class:`TokenizedExample` says what the numbers of each mean.

    :param ids: *Shape:* ``(tokens,)``, int32
    :param lengths: Tokens of each. *Shape:* ``(n,)``, int64
    :param n_first: *Shape:* ``(n,)``, int64
    :param n_cut: *Shape:* ``(n,)``, int32
    """

    ids: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int64]
    n_first: npt.NDArray[np.int64]
    n_cut: npt.NDArray[np.int32]

    @classmethod
    def of(cls, examples: Sequence[TokenizedExample]) -> Tokens:
        """Inputs that came one by one."""
        return cls(
            ids=np.fromiter(chain.from_iterable(one.ids for one in examples), np.int32),
            lengths=np.array([len(one.ids) for one in examples], dtype=np.int64),
            n_first=np.array([one.n_first for one in examples], dtype=np.int64),
            n_cut=np.array([one.n_cut for one in examples], dtype=np.int32),
        )

    @classmethod
    def joined(cls, parts: Sequence[Tokens]) -> Tokens:
        """The inputs of several, in order."""
        if len(parts) == 1:
            return parts[0]
        every = [cls.of([]), *parts]
        return cls(
            ids=np.concatenate([part.ids for part in every]),
            lengths=np.concatenate([part.lengths for part in every]),
            n_first=np.concatenate([part.n_first for part in every]),
            n_cut=np.concatenate([part.n_cut for part in every]),
        )

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """Where each starts. *Shape:* ``(n,)``"""
        return self.lengths.cumsum() - self.lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, row: int) -> TokenizedExample:
        ids = self.ids[self.starts[row] : self.starts[row] + self.lengths[row]]
        return TokenizedExample(ids.tolist(), int(self.n_first[row]), int(self.n_cut[row]))

    def __iter__(self) -> Iterator[TokenizedExample]:
        return (self[row] for row in range(len(self)))

    def chosen(self, rows: npt.NDArray[np.integer[Any]]) -> Tokens:
        """Some of them, in the order of ``rows``."""
        lengths = self.lengths[rows]
        return Tokens(gathered(self.ids, self.starts[rows], lengths), lengths, self.n_first[rows], self.n_cut[rows])


def gathered(
    ids: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> npt.NDArray[np.int32]:
    """Stretches of ``ids``, laid end to end.

    :param starts: Of each stretch. *Shape:* ``(n,)``
    :param lengths: Likewise.
    """
    ends = lengths.cumsum()
    n_tokens = int(ends[-1]) if len(ends) else 0
    found: npt.NDArray[np.int32] = ids[np.repeat(starts - (ends - lengths), lengths) + np.arange(n_tokens)]
    return found


#: Ids end to end, and where in them the stretches start and how long they are.
Strand: TypeAlias = tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.int64]]


def end_to_end(ids: npt.NDArray[np.int32], lengths: npt.NDArray[np.int64]) -> Strand:
    """Stretches that follow each other."""
    return ids, lengths.cumsum() - lengths, lengths


def repeated(ids: Sequence[int], n: int) -> Strand:
    """The same stretch ``n`` times."""
    return np.array(ids, np.int32), np.zeros(n, np.int64), np.full(n, len(ids))


def woven(*strands: Strand) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """The first stretches of all strands, then the second ones, and so on, end to end.

    :returns: The ids, and how many each round of stretches has. *Shapes:* ``(tokens,)``, ``(n,)``
    """
    before = np.cumsum([0, *(len(ids) for ids, _, _ in strands[:-1])])
    starts = np.stack([starts for _, starts, _ in strands], axis=1) + before
    lengths = np.stack([lengths for _, _, lengths in strands], axis=1)
    every = np.concatenate([ids for ids, _, _ in strands])
    return gathered(every, starts.ravel(), lengths.ravel()), lengths.sum(axis=1)
