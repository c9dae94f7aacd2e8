"""Raw scores of labelled examples, asked of a model once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch

from stance.inference import score_examples
from stance.model import native_precision, open_model, read_card
from stance.scores import Scores
from stance.training import LabelledExample


def scored(folder: Path, asked: Sequence[LabelledExample], cache: Path | None = None) -> Scores:
    """What the model in a folder says of examples, in their order.

    :param cache: A folder in which the scores are kept, under the fingerprint of the weights and of the examples; with
        None they are asked for each time.
    """
    if cache is None:
        return score_examples([labelled.example for labelled in asked], open_model(folder, "cpu", native_precision()))
    path = cache / f"{_fingerprint(folder, asked)}.parquet"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        scored(folder, asked).save(path)
    return Scores.load(path)


def _fingerprint(folder: Path, asked: Sequence[LabelledExample]) -> str:
    card = read_card(folder)
    digest = hashlib.sha256(repr((sorted(card.sha256.items()), card.form, native_precision(), torch.__version__)).encode())
    for labelled in asked:
        digest.update(repr(labelled.example).encode())
    return f"{card.name}-{digest.hexdigest()[:16]}"
