"""Raw scores of labelled examples, asked of a model once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from stance.card import HELD_OUT, read_card
from stance.inference import score_examples
from stance.labelled import LabelledExample
from stance.model import native_precision, open_model
from stance.scores import Scores

_AT_ONCE = 100  # comments between two saves


def scored(folder: Path, asked: Sequence[LabelledExample], cache: Path | None = None, device: str = "cpu") -> Scores:
    """What the model in a folder says of examples, in their order.

    :param cache: A folder in which the scores are kept, under the weights' fingerprint; with None all are asked for.
    """
    examples = [labelled.example for labelled in asked]
    if cache is None:
        return score_examples(examples, open_model(folder, device, "auto"))
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"{_fingerprint(folder)}.parquet"
    keys = [hashlib.sha256(repr(example).encode()).hexdigest() for example in examples]
    known = dict(_rows(Scores.load(path))) if path.exists() else {}
    missing = [i for i, key in enumerate(keys) if key not in known]
    model = open_model(folder, device, "auto") if missing else None
    for first in range(0, len(missing), _AT_ONCE):
        rows = missing[first : first + _AT_ONCE]
        assert model is not None
        new = score_examples([examples[i] for i in rows], model)
        known.update(_rows(replace(new, comment_ids=tuple(keys[i] for i in rows))))
        _joined(list(known.values()), list(known)).save(path)
    kept = _joined([known[key] for key in keys], [example.comment_id for example in examples])
    return replace(kept, thread_ids=tuple(example.thread_id for example in examples))


def _fingerprint(folder: Path) -> str:
    card = read_card(folder)
    files = sorted((name, digest) for name, digest in card.sha256.items() if name != HELD_OUT)
    return f"{card.name}-{hashlib.sha256(repr((files, card.form, native_precision())).encode()).hexdigest()[:16]}"


def _rows(scores: Scores) -> list[tuple[str, Scores]]:
    return [
        (
            key,
            replace(
                scores,
                thread_ids=scores.thread_ids[i : i + 1],
                comment_ids=(key,),
                logits=scores.logits[i : i + 1],
                n_cut=scores.n_cut[i : i + 1],
                reasons=scores.reasons[i : i + 1],
            ),
        )
        for i, key in enumerate(scores.comment_ids)
    ]


def _joined(rows: Sequence[Scores], ids: Sequence[str]) -> Scores:
    return Scores(
        thread_ids=tuple(row.thread_ids[0] for row in rows),
        comment_ids=tuple(ids),
        logits=np.concatenate([row.logits for row in rows]) if rows else np.zeros((0, 6), dtype=np.float32),
        n_cut=np.concatenate([row.n_cut for row in rows]) if rows else np.zeros(0, dtype=np.int32),
        reasons=tuple(row.reasons[0] for row in rows),
    )
