"""Learn which of two sides an input names first, and tell the packaged models: ``python -m benchmarks.roles``.

What is learned from: ``corpus/roles.jsonl``, the sides of our debates other than council and union, and for each pair
which one decides, owns, employs, proposes or defends what is, and which works, rents, asks or objects, as two language
models said alike, the second blind and with the sides in another order; and council and union themselves. A label's
power is the mean of its tokens' weights, which are linear in the network's own word embeddings, so that labels never
seen have one, too: a logistic regression on the difference of the two sides' mean embeddings (Bradley and Terry 1952,
with features).

Ends in ``results/roles.json``: how often unseen debates' pairs are put in the order that was told.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from benchmarks.data import CORPUS, fingerprint, read_rows
from benchmarks.results import write_result
from stance.api import PACKAGED, packaged_folder
from stance.card import read_card, sha256_of, write_card
from stance.labelled import LabelledExample
from stance.model import open_model
from stance.roles import FILE, Roles, read_roles, write_roles

ROLES = CORPUS / "roles.jsonl"
#: Pairs that every model must have right, and how many told pairs each weighs.
CERTAIN = {
    ("council", "union"): 100,
    ("supporters", "opponents"): 20,
    ("favour", "against"): 20,
    ("for", "against"): 20,
    ("employer", "workers"): 5,
    ("employer", "union"): 5,
    ("landlords", "tenants"): 5,
    ("developer", "residents"): 5,
}
_TAUGHT_ON = "small"  # whose word embeddings it is learned on; the other's vocabulary is the same
_FOLDS = 5
_STRENGTHS = (0.3, 1.0, 3.0, 10.0)  # how little the direction is held to nothing: thousandths of C, for unit variance
Floats = npt.NDArray[np.float64]


def main() -> None:
    start = time.perf_counter()
    rows = load_told()
    model = open_model(packaged_folder(_TAUGHT_ON), "cpu")
    words = model.encoders[0].words.float().numpy()
    right = {strength: held_out_accuracy(words, model.tokenizer, rows, strength) for strength in _STRENGTHS}
    best = max(right, key=lambda strength: right[strength])
    roles = fit_roles(words, model.tokenizer, rows, best)
    for name in PACKAGED:
        folder = packaged_folder(name)
        write_roles(folder, for_tokenizer(roles, open_model(folder, "cpu").tokenizer).power)
        card = read_card(folder)
        write_card(folder, replace(card, sha256={**card.sha256, FILE: sha256_of(folder / FILE)}))
    metrics = {
        "held_out_accuracy": round(right[best], 4),
        "always_as_written": round(float(np.mean([row["power"] == "a" for row in rows])), 4),
        "strength": best,
        "certain_pairs_wrong": [pair for pair in CERTAIN if roles.turn(pair)],
    }
    dataset = {"name": ROLES.name, "sha256": fingerprint([ROLES]), "n": len(rows)}
    write_result("roles", dataset, metrics, time.perf_counter() - start)


def packaged_roles(tokenizer: Tokenizer) -> Roles:
    """What the packaged models know of roles, for another tokenizer.

    :param tokenizer: With neither truncation nor padding set.
    """
    roles = roles_of(packaged_folder(_TAUGHT_ON))
    assert roles is not None  # it ships with them
    return for_tokenizer(roles, tokenizer)


def roles_of(folder: Path) -> Roles | None:
    """Which side the model of a folder is asked about first, if it has an order."""
    if FILE not in read_card(folder).sha256:
        return None
    return read_roles(folder, Tokenizer.from_file(str(folder / "tokenizer.json")))


def for_tokenizer(roles: Roles, tokenizer: Tokenizer) -> Roles:
    """The same for another vocabulary; a token that the first does not have says nothing."""
    power = np.zeros(tokenizer.get_vocab_size(), dtype=np.float32)
    for token, number in tokenizer.get_vocab().items():
        known = roles.tokenizer.token_to_id(token)
        power[number] = 0.0 if known is None else roles.power[known]
    return Roles(power, tokenizer)


def load_told(path: Path = ROLES) -> list[dict[str, Any]]:
    """The pairs of which two labellers told alike who holds the power."""
    return [row for row in read_rows(path) if row["power"] and row["power"] == row["second"]]


def fit_roles(words: Any, tokenizer: Tokenizer, rows: list[dict[str, Any]], strength: float = 3.0) -> Roles:
    """Learn who is named first from all that was told.

    :param words: The network's word embeddings. *Shape:* ``(vocabulary, width)``
    :param tokenizer: With neither truncation nor padding set.
    """
    differences, first, weight = _differences(words, tokenizer, rows)
    direction = _fitted(differences, first, weight, strength)
    power = np.asarray(words[: tokenizer.get_vocab_size()], dtype=np.float64) @ direction
    return Roles(power.astype(np.float32), tokenizer)


def held_out_accuracy(words: Any, tokenizer: Tokenizer, rows: list[dict[str, Any]], strength: float) -> float:
    """How often the pairs of debates that taught nothing are put in the order that was told."""
    differences, first, weight = _differences(words, tokenizer, rows)
    folds = np.array([_fold(row["debate"]) for row in rows] + [-1] * (len(first) - len(rows)))
    right = np.zeros(len(rows))
    for fold in range(_FOLDS):
        rest, out = folds != fold, np.flatnonzero(folds == fold)
        direction = _fitted(differences[rest], first[rest], weight[rest], strength)
        right[out] = (differences[out] @ direction > 0) == first[out]
    return float(right.mean())


def in_order(labelled: LabelledExample, roles: Roles | None) -> LabelledExample:
    """An example with its sides as a network is asked about them."""
    sides = labelled.example.sides
    return labelled if roles is None or roles.in_order(sides) is sides else labelled.swapped()


def _differences(
    words: Any, tokenizer: Tokenizer, rows: list[dict[str, Any]]
) -> tuple[Floats, npt.NDArray[np.bool_], Floats]:
    """Of each pair that was told, and each certain one: embedding of a less that of b, whether a is first, weight."""
    pairs = [(row["a"]["label"], row["b"]["label"]) for row in rows] + list(CERTAIN)
    first = [row["power"] == "a" for row in rows] + [True] * len(CERTAIN)
    labels = sorted({label for pair in pairs for label in pair})
    mean_of = {
        label: np.asarray(words[tokenizer.encode(label, add_special_tokens=False).ids], dtype=np.float64).mean(axis=0)
        for label in labels
    }
    differences = np.stack([mean_of[a] - mean_of[b] for a, b in pairs])
    weights = np.array([1.0] * len(rows) + [float(weight) for weight in CERTAIN.values()])
    return differences, np.array(first), weights


def _fitted(differences: Floats, first: npt.NDArray[np.bool_], weight: Floats, strength: float) -> Floats:
    """The direction in which power grows. *Shape:* ``(width,)``"""
    # Each pair in both orders, so that the order in which it was written teaches nothing.
    both = np.vstack([differences, -differences])
    inverse_penalty = strength / float(differences.var()) / 1000
    model = LogisticRegression(C=inverse_penalty, fit_intercept=False, max_iter=1000)
    direction: Floats = model.fit(both, np.concatenate([first, ~first]), np.tile(weight, 2)).coef_[0]
    return direction


def _fold(debate: str) -> int:
    return int(hashlib.sha256(debate.encode("utf-8")).hexdigest()[:8], 16) % _FOLDS


if __name__ == "__main__":
    main()
