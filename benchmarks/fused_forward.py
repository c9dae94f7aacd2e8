"""The forward pass of stock BERT and MPNet classifiers as training needs it: fused attention, inputs end to end.

``tests/test_graphed_training.py`` holds it to the stock networks'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from stance.encoder import bias_by_distance
from stance.encoding import InputForm, tokenize_written, write_examples
from stance.labelled import LabelledExample
from stance.model import plain_tokenizer
from stance.scores import N_STANCES
from stance.tokens import Tokens
from stance.words import Words


class OnDevice:
    """The inputs of one network, in buffers that stay where they are from pass to pass."""

    def __init__(self, network: Any, tokenizer: Any, first: Tokens) -> None:
        device = network.device
        self.network = network
        self.has_types = network.config.model_type == "bert"
        self.pad = int(tokenizer.pad_token_id or 0)
        self.mask = tokenizer.mask_token_id
        self.n_special = 1 + max(tokenizer.all_special_ids)
        room = int(len(first.ids) * 1.1) + 1024
        self.ids = torch.zeros(room, dtype=torch.int32, device=device)
        self.starts, self.lengths, self.n_first = torch.zeros(3, len(first), dtype=torch.int64, device=device)

    def fill(self, inputs: Tokens) -> None:
        """Put other inputs in their place; as many, and of little more tokens."""
        self.ids[: len(inputs.ids)].copy_(torch.from_numpy(inputs.ids))
        self.starts.copy_(torch.from_numpy(inputs.starts))
        self.lengths.copy_(torch.from_numpy(inputs.lengths))
        self.n_first.copy_(torch.from_numpy(inputs.n_first))

    def logits(self, rows: Tensor, length: int, masked: float = 0.0) -> Tensor:
        """The six logits of some inputs.

        :param rows: Which. *Shape:* ``(n,)``, int64
        :param length: What they are filled up to, in tokens.
        :param masked: Chance that a token is hidden by the mask token.
        :returns: *Shape:* ``(n, 6)``
        """
        places = torch.arange(length, device=rows.device)
        begins = self.starts[rows]
        there = places < self.lengths[rows][:, None]
        ids = torch.where(there, self.ids[begins[:, None] + places * there].long(), self.pad)
        if masked:
            hidden = (torch.rand(ids.shape, device=ids.device) < masked) & (ids >= self.n_special)
            ids = torch.where(hidden, self.mask, ids)
        types = (places >= self.n_first[rows][:, None]).long() * there if self.has_types else None
        return logits_of(self.network, ids, there, types)


def logits_of(network: Any, ids: Tensor, there: Tensor, types: Tensor | None) -> Tensor:
    """The six logits of a stock BERT or MPNet classifier, with torch's fused attention, for any of its modes.

    :param ids: *Shape:* ``(n, length)``, int64; ``there`` (bool) and ``types`` likewise.
    """
    config = network.config
    mpnet = config.model_type == "mpnet"
    body = network.mpnet if mpnet else network.bert
    length = ids.shape[1]
    embeddings = body.embeddings
    first_position = 2 if mpnet else 0
    x = embeddings.word_embeddings(ids)
    x = x + embeddings.position_embeddings.weight[first_position : first_position + length]
    if types is not None:
        x = x + embeddings.token_type_embeddings(types)
    x = embeddings.dropout(embeddings.LayerNorm(x))
    bias = bias_by_distance(body.encoder.relative_attention_bias.weight.detach(), length) if mpnet else x.new_zeros(1)
    mask = torch.where(there[:, None, None, :], bias.float(), float("-inf"))
    if torch.is_autocast_enabled(ids.device.type):
        mask = mask.to(torch.get_autocast_dtype(ids.device.type))
    mask = mask.expand(len(ids), -1, length, -1)
    for layer in body.encoder.layer:
        x = _layer(layer, x, mask, config.num_attention_heads, mpnet)
    pooled = x if mpnet else network.dropout(torch.tanh(body.pooler.dense(x[:, 0])))
    logits: Tensor = network.classifier(pooled)
    return logits


def _layer(layer: Any, x: Tensor, mask: Tensor, n_heads: int, mpnet: bool) -> Tensor:
    own = layer.attention.attn if mpnet else layer.attention.self
    parts = (own.q, own.k, own.v) if mpnet else (own.query, own.key, own.value)
    asked, keys, values = (part(x).unflatten(-1, (n_heads, -1)).transpose(1, 2) for part in parts)
    seen = functional.scaled_dot_product_attention(asked, keys, values, attn_mask=mask.to(asked.dtype))
    seen = seen.transpose(1, 2).flatten(2)
    if mpnet:
        x = layer.attention.LayerNorm(layer.attention.dropout(own.o(seen)) + x)
    else:
        after = layer.attention.output
        x = after.LayerNorm(after.dropout(after.dense(seen)) + x)
    risen = functional.gelu(layer.intermediate.dense(x))
    out = layer.output
    normed: Tensor = out.LayerNorm(out.dropout(out.dense(risen)) + x)
    return normed


def answers_of(
    network: Any, tokenizer: Any, form: InputForm, examples: Sequence[LabelledExample], batch: int = 256
) -> Iterator[npt.NDArray[np.float32]]:
    """Logits of examples in order, without training. *Shape of each:* ``(6,)``"""
    written = list(write_examples([labelled.example for labelled in examples], form))
    tokens = tokenize_written(written, Words(plain_tokenizer(tokenizer)), form)
    order = tokens.lengths.argsort(kind="stable")
    found = np.zeros((len(tokens), 2 * N_STANCES), dtype=np.float32)
    network.eval()
    for start in range(0, len(order), batch):
        part = tokens.chosen(order[start : start + batch])
        side = OnDevice(network, tokenizer, part)
        side.fill(part)
        device = network.device.type
        with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            rows = torch.arange(len(part), device=network.device)
            longest = -(-int(part.lengths.max()) // 8) * 8
            found[order[start : start + batch]] = side.logits(rows, longest).float().cpu().numpy()
    yield from found
