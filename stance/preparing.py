"""From examples to what the network takes of them: words, which of them are equal, token ids.

What goes in and what comes out is plain columns and flat arrays, so that it costs little to hand to another process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from stance.encoding import (
    Example,
    InputForm,
    Question,
    WrittenExample,
    tokenize_written,
    unreadable_reason,
    write_examples,
)
from stance.sides import Sides
from stance.tokens import Tokens
from stance.words import Words

KEY_BYTES = 16

#: The fields of :class:`Question`, each of all examples.
Columns: TypeAlias = tuple[Sequence[object], ...]

_FIELDS = attrgetter(*Question._fields)


@dataclass(frozen=True, eq=False)
class Prepared:
    """Examples, ready for the network. An example of more than two sides is as many rows as it has pairs.

    :param which: Of each row, the place of its input in ``keys`` and ``tokens``; -1 where it is not readable.
        *Shape:* ``(rows,)``, int32
    :param reasons: Why not, by row.
    :param keys: Of the distinct inputs, :data:`KEY_BYTES` each: equal for equal inputs.
    :param tokens: Of the distinct inputs.
    """

    which: npt.NDArray[np.int32]
    reasons: dict[int, str]
    keys: bytes
    tokens: Tokens


def columns_of(examples: Iterable[Example]) -> Columns:
    """What :func:`prepare` needs of examples.

    Equal sides become one object: a column of references to it is quickly pickled.
    """
    texts, sides, *others = zip(*map(_FIELDS, examples), strict=True)
    one_of: dict[Sides, Sides] = {}
    by_id = {key: one_of.setdefault(one, one) for key, one in {id(one): one for one in sides}.items()}
    return texts, [by_id[id(one)] for one in sides], *others


def prepare(columns: Columns, words: Words, form: InputForm) -> Prepared:
    """Write examples, look which inputs are equal, tokenise each once.

    :param columns: Of :func:`columns_of`.
    """
    questions = _by_pair(list(map(Question._make, zip(*columns, strict=True))))
    reasons = {i: reason for i, one in enumerate(questions) if (reason := unreadable_reason(one.text))}
    readable = [i for i in range(len(questions)) if i not in reasons] if reasons else range(len(questions))
    place_of: dict[bytes, int] = {}
    distinct: list[WrittenExample] = []
    which = np.full(len(questions), -1, dtype=np.int32)
    places = []
    for written in write_examples((questions[i] for i in readable), form):
        key = hashlib.blake2b("\0".join(written).encode(), digest_size=KEY_BYTES).digest()
        place = place_of.setdefault(key, len(distinct))
        if place == len(distinct):
            distinct.append(written)
        places.append(place)
    which[readable] = places
    return Prepared(which, reasons, b"".join(place_of), tokenize_written(distinct, words, form))


def _by_pair(questions: Sequence[Question]) -> Sequence[Question]:
    """As :meth:`Example.by_pair`; the pairs of the same sides are made once."""
    pairs_of: dict[Sides, tuple[Sides, ...]] = {}
    if all(one.sides.c is None for one in questions):
        return questions
    for one in questions:
        if one.sides not in pairs_of:
            pairs_of[one.sides] = one.sides.pairs()
    return [one._replace(sides=pair) for one in questions for pair in pairs_of[one.sides]]
