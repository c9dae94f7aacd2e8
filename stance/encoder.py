"""The network without padding: comments laid end to end, over the weights of a stock network.

A stock encoder takes comments side by side, filled up to the longest, and computes every token of its last layer,
though the heads read only each comment's first. Here the linear layers see all tokens of a batch in one row, and the
last layer's queries, feed-forward part and norms only the first token of each comment: a seventh of MiniLM's work less.
Only attention needs to know where a comment ends. On a CUDA device in half precision it runs on the tokens as they lie
(``torch.nn.attention.varlen``, FlashAttention: Dao 2023; where the scores carry a bias by distance as MPNet's do,
:mod:`stance.biased_attention`); elsewhere on a padded view of queries, keys and values.

``tests/test_encoder.py`` holds the answers to those of the stock network.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from stance.tokens import Tokens

#: Queries, keys and values of all tokens, *shape* ``(tokens, 3, heads, width)``, and whether only first tokens ask;
#: gives *shape* ``(tokens, hidden)`` or ``(comments, hidden)``.
Attention: TypeAlias = Callable[[Tensor, bool], Tensor]
Affine: TypeAlias = tuple[Tensor, Tensor]

# Lengths that a batch is rounded up to where kernels are made anew for every shape: see `laid_end_to_end`.
_COARSE, _FINE, _SHORT = 64, 16, 256
_QUERY_KEY_VALUE = ("query", "key", "value")
_FIRST_POSITION_OF_MPNET = 2  # those before are for padding, as in fairseq
_FARTHEST = 128  # tokens; beyond it MPNet's distances share one bucket


@dataclass(frozen=True)
class Layer:
    """One transformer layer: weights and biases, ``(out, in)`` and ``(out,)``; those of its norms in float32."""

    queries_keys_values: Affine
    attention_out: Affine
    attention_norm: Affine
    up: Affine
    down: Affine
    norm: Affine


@dataclass(frozen=True)
class Encoder:
    """A six-label network in the form in which it runs.

    :param words: Word embeddings. *Shape:* ``(vocabulary, hidden)``
    :param positions: From the first position that a token can have. *Shape:* ``(positions, hidden)``
    :param types: Embeddings of comment and context, or None. *Shape:* ``(2, hidden)``
    :param distances: Bias on attention scores by bucket of distance, or None. *Shape:* ``(buckets, heads)``
    :param head: Onto the first tokens, before tanh; then ``out``, giving the six logits. Both in float32.
    """

    words: Tensor
    positions: Tensor
    types: Tensor | None
    embedding_norm: Affine
    layers: tuple[Layer, ...]
    distances: Tensor | None
    head: Affine
    out: Affine
    n_heads: int
    norm_epsilon: float

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        return self.words.device

    @property
    def precision(self) -> torch.dtype:
        """What it computes in."""
        return self.words.dtype


@dataclass(frozen=True)
class Pack:
    """Comments laid end to end, on the CPU.

    :param ids: Token ids, then zeros that belong to no comment. *Shape:* ``(tokens,)``, int64
    :param type_ids: Likewise; 0 for the comment, 1 for the context.
    :param positions: Of each token in its comment. *Shape:* ``(tokens,)``, int64
    :param padded: Where each token would lie if the comments lay side by side. *Shape:* ``(tokens,)``, int64
    :param starts: Where each comment starts, and where the last ends. *Shape:* ``(comments + 1,)``, int32
    """

    ids: Tensor
    type_ids: Tensor
    positions: Tensor
    padded: Tensor
    starts: Tensor
    longest: int


def laid_end_to_end(tokens: Tokens, rounded: bool = False) -> Pack:
    """Lay a batch end to end.

    :param rounded: Fill up to one of few lengths, for kernels that are built anew for each shape (bfloat16 in oneDNN).
    """
    n_tokens, lengths = len(tokens.ids), tokens.lengths
    step = (_FINE if n_tokens <= _SHORT else _COARSE) if rounded else 1
    size = -(-n_tokens // step) * step
    ids, type_ids, positions, padded = (np.zeros(size, dtype=np.int64) for _ in range(4))
    ids[:n_tokens] = tokens.ids
    positions[:n_tokens] = np.arange(n_tokens) - np.repeat(tokens.starts, lengths)
    type_ids[:n_tokens] = positions[:n_tokens] >= np.repeat(tokens.n_first, lengths)
    padded[:n_tokens] = np.repeat(np.arange(len(lengths)) * lengths.max(), lengths) + positions[:n_tokens]
    return Pack(
        ids=torch.from_numpy(ids),
        type_ids=torch.from_numpy(type_ids),
        positions=torch.from_numpy(positions),
        padded=torch.from_numpy(padded),
        starts=torch.from_numpy(np.append(tokens.starts, n_tokens).astype(np.int32)),
        longest=int(lengths.max()),
    )


def run(encoder: Encoder, pack: Pack) -> Tensor:
    """The logits of a batch.

    The result may still be under way on the device; reading it waits.

    :returns: On the encoder's device, float32. *Shape:* ``(comments, 6)``
    """
    return functional.linear(features_of(encoder, pack), *encoder.out)


def features_of(encoder: Encoder, pack: Pack) -> Tensor:
    """What the last layer sees of a batch.

    :returns: On the encoder's device, float32. *Shape:* ``(comments, hidden)``
    """
    ids, type_ids, positions, padded, starts = (
        _moved(tensor, encoder.device) for tensor in (pack.ids, pack.type_ids, pack.positions, pack.padded, pack.starts)
    )
    # Between matrix products everything is float32: half the error of a bfloat16 stream, at little cost.
    x = encoder.words[ids].float() + encoder.positions[positions]
    if encoder.types is not None:
        x = x + encoder.types[type_ids]
    x = _norm(encoder, x, encoder.embedding_norm)
    attend = _attention(encoder, starts, padded, pack.longest)
    for layer in encoder.layers[:-1]:
        x = _layer(encoder, layer, x, attend)
    x = _layer(encoder, encoder.layers[-1], x, attend, starts[:-1])
    return torch.tanh(functional.linear(x, *encoder.head))


def _layer(encoder: Encoder, layer: Layer, x: Tensor, attend: Attention, only: Tensor | None = None) -> Tensor:
    """One layer over all tokens, or its answers at the places ``only``, which ask the keys and values of all."""
    narrow = encoder.precision
    qkv = functional.linear(x.to(narrow), *layer.queries_keys_values).unflatten(1, (3, encoder.n_heads, -1))
    seen = functional.linear(attend(qkv, only is not None), *layer.attention_out)
    x = _norm(encoder, (x if only is None else x[only]) + seen, layer.attention_norm)
    risen = functional.gelu(functional.linear(x.to(narrow), *layer.up))
    return _norm(encoder, x + functional.linear(risen, *layer.down), layer.norm)


def _norm(encoder: Encoder, x: Tensor, norm: Affine) -> Tensor:
    return functional.layer_norm(x, x.shape[-1:], *norm, encoder.norm_epsilon)


def attention_of(encoder: Encoder, pack: Pack) -> Attention:
    """How the tokens of a batch attend to each other, for :func:`run` and for its benchmark."""
    return _attention(encoder, _moved(pack.starts, encoder.device), _moved(pack.padded, encoder.device), pack.longest)


def _attention(encoder: Encoder, starts: Tensor, padded: Tensor, longest: int) -> Attention:
    if not _takes_unpadded(encoder):
        return _padded_attention(starts, padded, longest, encoder.distances)
    if encoder.distances is None:
        return _unpadded_attention(starts, longest)
    from stance.biased_attention import biased_attention

    return biased_attention(starts, len(padded), longest, partial(_bias_at, encoder.distances))


def _takes_unpadded(encoder: Encoder) -> bool:
    if encoder.device.type != "cuda" or encoder.precision not in (torch.float16, torch.bfloat16):
        return False
    width = encoder.words.shape[1] // encoder.n_heads
    return encoder.distances is None or _adds_bias_unpadded(encoder.device, encoder.precision, width)


@cache
def _adds_bias_unpadded(device: torch.device, precision: torch.dtype, width: int) -> bool:
    """Whether Triton is there, and finds all that it builds with; the rest of the process goes by the answer."""
    try:
        from stance.biased_attention import try_out

        try_out(device, precision, width)
    except torch.OutOfMemoryError:  # the caller's to deal with; says nothing of Triton
        raise
    except Exception as error:  # whatever a missing compiler, header or instruction raises
        warnings.warn(f"attention with a bias runs padded, several times slower: {error}", stacklevel=2)
        return False
    return True


def _unpadded_attention(starts: Tensor, longest: int) -> Attention:
    from torch.nn.attention.varlen import varlen_attn

    one_each = torch.arange(len(starts), dtype=torch.int32, device=starts.device)

    def attend(qkv: Tensor, first_only: bool) -> Tensor:
        queries, keys, values = qkv.unbind(1)
        if first_only:
            seen = varlen_attn(queries[starts[:-1]], keys, values, one_each, starts, 1, longest)
        else:
            seen = varlen_attn(queries, keys, values, starts, starts, longest, longest)
        assert isinstance(seen, Tensor)  # a pair only where more was asked for
        return seen.flatten(1)

    return attend


def _padded_attention(starts: Tensor, padded: Tensor, longest: int, distances: Tensor | None) -> Attention:
    n_comments = len(starts) - 1
    places = starts[:-1, None] + torch.arange(longest, dtype=torch.int32, device=starts.device)
    mask = (places < starts[1:, None])[:, None, None, :]
    if distances is not None:
        mask = torch.where(mask, bias_by_distance(distances, longest), float("-inf"))
    # Past the end of a comment lie tokens of the next, which the mask hides; past the last, its own last.
    gather = torch.minimum(places, starts[-1] - 1).flatten()

    def attend(qkv: Tensor, first_only: bool) -> Tensor:
        side_by_side = qkv[gather].unflatten(0, (n_comments, longest)).permute(2, 0, 3, 1, 4)
        queries, keys, values = side_by_side.unbind(0)
        asked, hidden = (queries[:, :, :1], mask[:, :, :1]) if first_only else (queries, mask)
        seen = functional.scaled_dot_product_attention(asked, keys, values, attn_mask=hidden)
        seen = seen.transpose(1, 2).flatten(0, 1).flatten(1)
        return seen if first_only else seen[padded]

    return attend


def bias_by_distance(distances: Tensor, longest: int) -> Tensor:
    """:func:`_bias_at` all pairs of places. *Shape:* ``(heads, longest, longest)``, by query and key"""
    place = torch.arange(longest, device=distances.device)
    return _bias_at(distances, place[None, :] - place[:, None])


def _bias_at(distances: Tensor, ahead: Tensor) -> Tensor:
    """MPNet's bias on attention scores (T5's buckets: Raffel et al. 2020).

    :param ahead: Of the key, seen from the query. *Shape:* ``(n, m)``, int64
    :returns: *Shape:* ``(heads, n, m)``
    """
    half = len(distances) // 2
    exact = half // 2
    far = ahead.abs().float().clamp(min=1)
    # In the stock network's order of operations: a bucket's edge is a matter of rounding.
    wide = exact + (torch.log(far / exact) / np.log(_FARTHEST / exact) * (half - exact)).long()
    bucket = torch.where(ahead.abs() < exact, ahead.abs(), wide.clamp(max=half - 1)) + half * (ahead > 0)
    return distances[bucket].permute(2, 0, 1)


def _moved(tensor: Tensor, device: torch.device) -> Tensor:
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def has_packed_form(config: Mapping[str, Any]) -> bool:
    """Whether a stock configuration is one that this module runs: BERT or MPNet, as they were published.

    :param config: The contents of ``config.json``.
    """
    plain = config.get("position_embedding_type") in (None, "absolute") and config.get("hidden_act") == "gelu"
    return config.get("model_type") in ("bert", "mpnet") and plain


def pack_state(
    config: Mapping[str, Any], state: Mapping[str, Tensor], device: torch.device, precision: torch.dtype
) -> Encoder:
    """The packed form of a stock network with a classification head.

    Where device and precision are those of the weights, matrices are shared with them, but for queries, keys, values.

    :param config: The contents of ``config.json``; see :func:`has_packed_form`.
    :param state: The network's weights, by their stock names.
    :raises KeyError: If a weight is missing.
    :raises ValueError: If one has another shape than the configuration says.
    """
    mpnet = config["model_type"] == "mpnet"
    body, hidden = config["model_type"], config["hidden_size"]
    wide, n_layers = config["intermediate_size"], config["num_hidden_layers"]

    def weight(name: str, *shape: int, dtype: torch.dtype = precision) -> Tensor:
        tensor = state[name].detach()
        if tensor.shape != shape:
            raise ValueError(f"{name} has the shape {tuple(tensor.shape)}, but {shape} was expected")
        return tensor.to(device, dtype)

    def affine(name: str, n_out: int, n_in: int, dtype: torch.dtype = precision) -> Affine:
        return weight(f"{name}.weight", n_out, n_in, dtype=dtype), weight(f"{name}.bias", n_out, dtype=dtype)

    def norm(name: str) -> Affine:
        scale = weight(f"{name}.weight", hidden, dtype=torch.float32)
        return scale, weight(f"{name}.bias", hidden, dtype=torch.float32)

    def layer(place: str) -> Layer:
        asked, after = f"{place}.attention.{'attn' if mpnet else 'self'}", f"{place}.attention.output"
        parts = [affine(f"{asked}.{part}", hidden, hidden) for part in (("q", "k", "v") if mpnet else _QUERY_KEY_VALUE)]
        return Layer(
            queries_keys_values=(torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])),
            attention_out=affine(f"{asked}.o" if mpnet else f"{after}.dense", hidden, hidden),
            attention_norm=norm(f"{place}.attention.LayerNorm" if mpnet else f"{after}.LayerNorm"),
            up=affine(f"{place}.intermediate.dense", wide, hidden),
            down=affine(f"{place}.output.dense", hidden, wide),
            norm=norm(f"{place}.output.LayerNorm"),
        )

    embeddings = f"{body}.embeddings"
    positions = weight(f"{embeddings}.position_embeddings.weight", config["max_position_embeddings"], hidden)
    n_heads, n_types = config["num_attention_heads"], config.get("type_vocab_size", 0)
    distances = None
    if mpnet:
        name = f"{body}.encoder.relative_attention_bias.weight"
        distances = weight(name, config["relative_attention_num_buckets"], n_heads)
    exact = torch.float32
    n_outputs = len(config["id2label"])
    return Encoder(
        words=weight(f"{embeddings}.word_embeddings.weight", config["vocab_size"], hidden),
        positions=positions[_FIRST_POSITION_OF_MPNET:] if mpnet else positions,
        types=None if mpnet else weight(f"{embeddings}.token_type_embeddings.weight", n_types, hidden),
        embedding_norm=norm(f"{embeddings}.LayerNorm"),
        layers=tuple(layer(f"{body}.encoder.layer.{i}") for i in range(n_layers)),
        distances=distances,
        head=affine("classifier.dense" if mpnet else f"{body}.pooler.dense", hidden, hidden, exact),
        out=affine("classifier.out_proj" if mpnet else "classifier", n_outputs, hidden, exact),
        n_heads=n_heads,
        norm_epsilon=config["layer_norm_eps"],
    )
