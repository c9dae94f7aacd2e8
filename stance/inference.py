"""Examples in, scores out: the costly half."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from stance.encoding import Example, TokenizedExample, batch_by_tokens, tokenize, unreadable_reason
from stance.model import OpenModel, last_layer
from stance.scores import N_STANCES, Scores

BATCH_TOKENS = 8192


def score_examples(
    examples: Sequence[Example],
    model: OpenModel,
    batch_tokens: int = BATCH_TOKENS,
    progress: Callable[[int], None] | None = None,
) -> Scores:
    """Run the network over examples, longest first, in batches of at most ``batch_tokens`` padded tokens.

    The answer to an example is the same alone and in any batch, within 1e-5 on its logits (float32, CPU).

    :param examples: Those that become stances together have sides of one pair of labels, which the scores carry.
    :param progress: Told after each batch how many more examples are done.
    """
    return score_with_features(examples, model, batch_tokens, progress)[0]


def score_with_features(
    examples: Sequence[Example],
    model: OpenModel,
    batch_tokens: int = BATCH_TOKENS,
    progress: Callable[[int], None] | None = None,
) -> tuple[Scores, npt.NDArray[np.float32]]:
    """Like :func:`score_examples`, and what the network's last layer sees of each example.

    :returns: Scores and features; zeros for an example that was not read. *Shape of the features:* ``(n, width)``
    """
    reasons = tuple(unreadable_reason(example.text) or "" for example in examples)
    readable = [i for i, reason in enumerate(reasons) if not reason]
    tokenized = tokenize([examples[i] for i in readable], model.tokenizer, model.card.form)
    last = last_layer(model.network)
    logits = np.zeros((len(examples), 2 * N_STANCES), dtype=np.float32)
    features = np.zeros((len(examples), last.in_features), dtype=np.float32)
    n_cut = np.zeros(len(examples), dtype=np.int32)
    n_cut[readable] = [example.n_cut for example in tokenized]
    if progress and len(readable) < len(examples):
        progress(len(examples) - len(readable))
    for batch in batch_by_tokens([len(example.ids) for example in tokenized], batch_tokens):
        rows = [readable[i] for i in batch]
        logits[rows], features[rows] = _run([tokenized[i] for i in batch], model, last)
        if progress:
            progress(len(batch))
    sides = examples[0].sides if examples else None
    scores = Scores(
        thread_ids=tuple(example.thread_id for example in examples),
        comment_ids=tuple(example.comment_id for example in examples),
        logits=logits,
        n_cut=n_cut,
        reasons=reasons,
        labels=(sides.a.label, sides.b.label) if sides else ("council", "union"),
    )
    return scores, features


def pad_batch(batch: Sequence[TokenizedExample], pad_id: int) -> dict[str, torch.Tensor]:
    """Lay examples side by side, filled up to the longest. *Shapes:* ``(n, longest)``, int64"""
    shape = (len(batch), max(len(example.ids) for example in batch))
    ids, mask, type_ids = (np.full(shape, fill, dtype=np.int64) for fill in (pad_id, 0, 0))
    for row, example in enumerate(batch):
        n = len(example.ids)
        ids[row, :n], mask[row, :n], type_ids[row, :n] = example.ids, 1, example.type_ids
    return {
        "input_ids": torch.from_numpy(ids),
        "attention_mask": torch.from_numpy(mask),
        "token_type_ids": torch.from_numpy(type_ids),
    }


def _run(
    batch: Sequence[TokenizedExample], model: OpenModel, last: nn.Linear
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Logits, and what came into the last layer."""
    inputs = pad_batch(batch, model.pad_id)
    if not model.uses_type_ids:
        del inputs["token_type_ids"]
    narrow = model.precision != torch.float32
    heard: list[torch.Tensor] = []
    handle = last.register_forward_pre_hook(lambda _, arguments: heard.append(arguments[0]))
    try:
        with torch.inference_mode(), torch.autocast(model.device.type, model.precision, enabled=narrow):
            output = model.network(**{name: tensor.to(model.device) for name, tensor in inputs.items()})
    finally:
        handle.remove()
    logits, features = (tensor.float().cpu().numpy() for tensor in (output.logits, heard[0]))
    return logits, features
