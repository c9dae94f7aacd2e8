"""Attention with a bias by distance over comments laid end to end: a Triton kernel for CUDA devices in half precision.

The softmax is taken while the keys stream by, so that no matrix of scores is ever stored (FlashAttention-2: Dao 2023),
forward only. MPNet's scores carry a bias that depends on the head and on how far the key lies from the query, which the
varlen kernels of torch cannot add. Nothing is summed across programs: the same batch gives the same bits.

Importing this needs Triton, which comes with torch for CUDA on Linux and with no other; running it, a C compiler for
Triton's launcher. With ``TRITON_INTERPRET=1`` in the environment it runs on a processor, slowly; so the tests do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import triton
import triton.language as tl
from torch import Tensor

_ROOM = 128  # tokens; what the longest comment is rounded up to for the table of the bias, and what all tiles divide
_LOG2_E = tl.constexpr(math.log2(math.e))  # for exponentials to the base of two, for which there is an instruction


@dataclass(frozen=True)
class Tiles:
    """What one program takes at a time; all but ``stages`` powers of two.

    :param queries: Tokens, from 16 to 128.
    :param keys: Tokens, from 16 to 128.
    :param warps: Of 32 threads each.
    :param stages: Tiles of keys under way from memory at once.
    """

    queries: int
    keys: int
    warps: int
    stages: int


#: On Hopper 128 registers a thread and 48 KB for both stages, so that four programs share a multiprocessor.
TILES = Tiles(queries=64, keys=64, warps=4, stages=2)
#: Where only the first token of each comment asks: the fewest rows that matrix units take.
_FIRST_TILES = Tiles(queries=16, keys=64, warps=4, stages=2)


def biased_attention(
    starts: Tensor, n_tokens: int, longest: int, bias_of: Callable[[Tensor], Tensor], tiles: Tiles = TILES
) -> Callable[[Tensor, bool], Tensor]:
    """How the tokens of a batch attend to each other; ready for all layers, and without waiting for the device.

    :param starts: Where each comment starts, and where the last ends. *Shape:* ``(comments + 1,)``, int32
    :param n_tokens: No fewer than ``starts[-1]``, of which the processor knows nothing.
    :param bias_of: From places of the key minus places of the query, *shape* ``(n, m)``, int64, to what is added to the
        scaled scores, *shape* ``(heads, n, m)``.
    :returns: A function of queries, keys and values, *shape* ``(tokens, 3, heads, width)``, the width a power of two
        from 16 to 128 and its numbers side by side, and of whether only first tokens ask. It gives *shape* ``(tokens,
        heads * width)`` or ``(comments, heads * width)``; what it gives for tokens past the last comment is undefined.
    """
    table = bias_of(_distances(longest, tiles.queries, starts.device)).contiguous()
    of_comment, number = _blocks(starts, n_tokens, tiles.queries)
    every = torch.arange(len(starts) - 1, dtype=torch.int32, device=starts.device)

    def attend(qkv: Tensor, first_only: bool) -> Tensor:
        n_rows, _, n_heads, width = qkv.shape
        out = torch.empty(len(every) if first_only else n_rows, n_heads * width, dtype=qkv.dtype, device=qkv.device)
        chosen = _FIRST_TILES if first_only else tiles
        comments, numbers = (every, torch.zeros_like(every)) if first_only else (of_comment, number)
        with torch.cuda.device_of(qkv):  # Triton launches on the current device, whatever its arguments lie on
            _kernel[(len(comments) * n_heads,)](
                qkv,
                table,
                starts,
                comments,
                numbers,
                out,
                *qkv.stride()[:3],
                *table.stride()[:2],
                n_heads=n_heads,
                scale=_LOG2_E.value / math.sqrt(width),
                width=width,
                first_only=first_only,
                n_queries=chosen.queries,
                n_keys=chosen.keys,
                num_warps=chosen.warps,
                num_stages=chosen.stages,
            )
        return out

    return attend


def try_out(device: torch.device, precision: torch.dtype, width: int) -> None:
    """Build and run the smallest case, to learn whether this machine can.

    :raises Exception: Of many kinds: without a compiler, without Python's headers, on a device that is too old.
    """
    starts = torch.tensor([0, 1], dtype=torch.int32, device=device)
    qkv = torch.zeros(1, 3, 1, width, dtype=precision, device=device)
    biased_attention(starts, 1, 1, lambda ahead: ahead[None].to(precision))(qkv, True)


def _distances(longest: int, n_rows: int, device: torch.device) -> Tensor:
    """From each query of a block, by its row, to the keys from ``room`` before the block's first query onwards.

    One row would hold all distances, but its numbers would have to be fetched one by one. With a row a query, a tile is
    read eight numbers at once, and 12 heads of 512 tokens take 1.5 MB, less than the device keeps near its processors.

    :returns: *Shape:* ``(n_rows, 2 * room)``, int64
    """
    room = -(-longest // _ROOM) * _ROOM
    return torch.arange(-room, room, device=device) - torch.arange(n_rows, device=device)[:, None]


def _blocks(starts: Tensor, n_tokens: int, n_queries: int) -> tuple[Tensor, Tensor]:
    """The blocks of queries that comments fall into: whose each is, and its number within the comment.

    How many there are only the device knows; here are as many as there may be, those left over past the last comment's
    end, where a program ends at once.

    :returns: *Shape:* ``(blocks,)`` each, int32
    """
    counts = (starts.diff() + n_queries - 1) // n_queries
    ends = counts.cumsum(0)
    blocks = torch.arange(n_tokens // n_queries + len(counts), device=starts.device)
    comments = torch.searchsorted(ends, blocks, right=True).clamp(max=len(counts) - 1)
    return comments.int(), (blocks - (ends - counts)[comments]).int()


# A Triton kernel is launched with plain pointers, strides and sizes, one by one and by place: it takes no object that
# would hold them together, so it has more arguments than a function should.
def _attend(  # noqa: PLR0913, PLR0917 - see above
    qkv: tl.tensor,
    table: tl.tensor,
    starts: tl.tensor,
    comments: tl.tensor,
    numbers: tl.tensor,
    out: tl.tensor,
    by_token: tl.tensor,
    by_part: tl.tensor,
    by_head: tl.tensor,
    table_by_head: tl.tensor,
    table_by_row: tl.tensor,
    n_heads: tl.tensor,
    scale: tl.tensor,
    width: tl.constexpr,
    first_only: tl.constexpr,
    n_queries: tl.constexpr,
    n_keys: tl.constexpr,
) -> None:
    """One block of one comment's queries in one head; ``scale`` is for exponents of two."""
    head = tl.program_id(0) % n_heads  # heads side by side in time as in memory
    block = tl.program_id(0) // n_heads
    comment = tl.load(comments + block)
    start = tl.load(starts + comment)
    length = tl.load(starts + comment + 1) - start
    begin = tl.load(numbers + block) * n_queries
    if begin >= length:
        return
    row = tl.arange(0, n_queries)
    dim = tl.arange(0, width)
    key = tl.arange(0, n_keys)
    asks = begin + row < (1 if first_only else length)
    here = qkv + start.to(tl.int64) * by_token + head * by_head  # past two billion numbers where batches are huge
    q = tl.load(here + (begin + row)[:, None] * by_token + dim[None, :], mask=asks[:, None], other=0.0)
    # The table's middle column is the distance nought of row nought: see `_distances`.
    bias = table + head * table_by_head + row[:, None] * table_by_row + (table_by_row // 2 - begin) + key[None, :]
    keys = here + by_part + key[None, :] * by_token + dim[:, None]
    values = here + 2 * by_part + key[:, None] * by_token + dim[None, :]
    top = tl.full([n_queries], float("-inf"), tl.float32)
    total = tl.zeros([n_queries], tl.float32)
    seen = tl.zeros([n_queries, width], tl.float32)
    for at in range(0, length, n_keys):
        known = at + key < length
        k = tl.load(keys + at * by_token, mask=known[None, :], other=0.0)
        added = tl.load(bias + at).to(tl.float32) * _LOG2_E
        score = tl.where(known[None, :], tl.dot(q, k) * scale + added, float("-inf"))
        higher = tl.maximum(top, tl.max(score, 1))  # finite from the first tile on: every comment has a token
        weight = tl.exp2(score - higher[:, None])
        shrunk = tl.exp2(top - higher)
        total = total * shrunk + tl.sum(weight, 1)
        v = tl.load(values + at * by_token, mask=known[:, None], other=0.0)
        seen = tl.dot(weight.to(v.dtype), v, seen * shrunk[:, None])
        top = higher
    seen = seen / total[:, None]
    # In 64 bits, as above.
    place = comment.to(tl.int64) if first_only else start.to(tl.int64) + begin
    there = out + (place + row[:, None]) * (n_heads * width) + head * width + dim[None, :]
    tl.store(there, seen.to(q.dtype), mask=asks[:, None])


# One head is nothing special: so what `try_out` builds is what the last layer needs.
_kernel = triton.jit(_attend, do_not_specialize=["n_heads"])
