"""Attention with a bias by distance over comments laid end to end is that of the padded view; so are the logits.

Without a GPU the kernel runs in Triton's interpreter, where Triton is there: in a process of its own, which must be
told before it imports Triton. The interpreter multiplies the bits of bfloat16 as if they were whole numbers, so there
it is float16 and float32; bfloat16 waits for a GPU.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from stance import encoder as packed
from stance.encoder import laid_end_to_end, run
from tests.test_encoder import batch_of, make_mpnet, packed_form, stock_logits

LENGTHS = ([1], [2, 15, 16, 17], [63, 1, 64, 65], [130, 3])


@pytest.fixture(scope="module")
def interpreted() -> dict[str, float]:
    if find_spec("triton") is None:
        pytest.skip("needs Triton")
    code = "from tests import test_biased_attention as t; t.tell_differences()"
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    words = [sys.executable, "-c", code]
    printed = subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout
    return json.loads(printed)


def tell_differences() -> None:
    """In the interpreter's process: largest differences to the padded view by kind of numbers, and in the logits."""
    from triton.runtime import interpreter

    patch = interpreter._patch_lang_tensor

    def patch_and_mend(tensor, scope) -> None:  # numpy from 2.4 on takes no array of one number for a number
        patch(tensor, scope)
        scope.set_attr(tensor, "__index__", lambda self: self.handle.data.item())

    interpreter._patch_lang_tensor = patch_and_mend
    cpu = torch.device("cpu")
    found = {
        str(precision): max(max(differences(lengths, precision, 32, cpu)) for lengths in LENGTHS)
        for precision in (torch.float32, torch.float16)
    }
    found["wide heads"] = max(differences([70, 16], torch.float32, 64, cpu))
    network, batch = make_mpnet(), batch_of([3, 150, 40, 1])
    packed._takes_unpadded = lambda encoder: True
    with torch.inference_mode():
        logits = run(packed_form(network), laid_end_to_end(batch))
    found["logits"] = float((logits - stock_logits(network, batch)).abs().max())
    sys.stdout.write(json.dumps(found))


def differences(lengths: list[int], precision: torch.dtype, width: int, device: torch.device) -> list[float]:
    """Between both ways, where all tokens ask and where only first ones do; what follows the last comment is no number,
    so that any use of it shows.
    """
    from stance.biased_attention import biased_attention

    heads = 2
    torch.manual_seed(sum(lengths))
    pack = laid_end_to_end(batch_of(lengths))
    n, starts, padded = len(pack.ids), pack.starts.to(device), pack.padded.to(device)
    qkv = torch.randn(n + 2, 3, heads, width).to(device, precision)
    qkv[n:] = float("nan")
    distances = torch.randn(32, heads).to(device, precision)
    ours = biased_attention(starts, n + 2, pack.longest, partial(packed._bias_at, distances))
    # In float32, so that it is the truth and not another's rounding.
    theirs = packed._padded_attention(starts, padded, pack.longest, distances.float())
    found = []
    for first_only in (False, True):
        seen, right = ours(qkv, first_only), theirs(qkv.float(), first_only)
        assert seen.dtype == precision
        assert seen.is_contiguous()
        size = len(lengths) if first_only else n
        again = ours(qkv, first_only)[:size]
        assert torch.equal(seen[:size], again)
        found.append(float((seen[:size].float() - right[:size]).abs().max()))
    return found


def test_tokens_laid_end_to_end_see_what_they_see_side_by_side(interpreted) -> None:
    assert interpreted["torch.float32"] < 1e-5
    assert interpreted["wide heads"] < 1e-5
    assert interpreted["torch.float16"] < 4e-3


def test_a_network_with_a_bias_by_distance_gives_the_stock_ones_logits_without_padding(interpreted) -> None:
    assert interpreted["logits"] < 1e-5


def test_blocks_cover_every_token_once_and_those_left_over_cover_none() -> None:
    pytest.importorskip("triton")
    from stance.biased_attention import _blocks

    lengths = np.array([1, 64, 65, 200, 3])
    starts = torch.from_numpy(np.concatenate([[0], lengths.cumsum()]).astype(np.int32))
    comments, numbers = (tensor.numpy() for tensor in _blocks(starts, int(lengths.sum()), 64))
    held = np.clip(lengths[comments] - numbers * 64, 0, 64)
    np.testing.assert_array_equal(np.bincount(comments, held), lengths)
    pairs = set(zip(comments.tolist(), numbers.tolist(), strict=True))
    assert len(pairs) == len(comments)


def test_where_the_kernel_cannot_be_built_attention_runs_padded_and_says_so(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "stance.biased_attention", None)
    with pytest.warns(UserWarning, match="runs padded, several times slower"):
        assert not packed._adds_bias_unpadded.__wrapped__(torch.device("cpu"), torch.float16, 32)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize(("precision", "tolerance"), [(torch.float16, 4e-3), (torch.bfloat16, 3e-2)])
@pytest.mark.parametrize("width", [32, 64])
def test_on_a_gpu_too_they_see_the_same(precision, tolerance, width) -> None:
    for lengths in (*LENGTHS, [512, 1, 384, 200, 128]):
        assert max(differences(lengths, precision, width, torch.device("cuda"))) < tolerance


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_in_half_precision_needs_no_padding_for_a_bias_by_distance() -> None:
    config, state = make_mpnet().config.to_dict(), make_mpnet().state_dict()
    for precision in (torch.float16, torch.bfloat16):
        assert packed._takes_unpadded(packed.pack_state(config, state, torch.device("cuda"), precision))
