"""The packed network gives the answers of the stock one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertForSequenceClassification, MPNetConfig, MPNetForSequenceClassification

from stance import encoder as packed
from stance.api import packaged_folder
from stance.encoder import Encoder, laid_end_to_end, pack_state, run
from stance.encoding import make_examples, tokenize
from stance.inference import pad_batch, score_examples
from stance.model import OpenModel, open_model, write_model
from stance.sides import Sides
from stance.tokens import TokenizedExample, Tokens
from tests.conftest import make_network

VOCABULARY = 60
NETWORKS = ("bert", "mpnet")
LENGTHS = st.lists(st.integers(1, 150), min_size=1, max_size=9)


def make_mpnet(vocabulary_size: int = VOCABULARY) -> MPNetForSequenceClassification:
    torch.manual_seed(7)
    config = MPNetConfig(
        vocab_size=vocabulary_size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=170,
        num_labels=6,
        initializer_range=0.15,
    )
    return MPNetForSequenceClassification(config).eval()


@pytest.fixture(scope="module")
def stock() -> dict[str, BertForSequenceClassification | MPNetForSequenceClassification]:
    return {"bert": make_network(VOCABULARY), "mpnet": make_mpnet()}


def batch_of(lengths: list[int], seed: int = 0) -> list[TokenizedExample]:
    rng = np.random.default_rng(seed)
    return [TokenizedExample(rng.integers(5, VOCABULARY, n).tolist(), n // 2) for n in lengths]


def stock_logits(network: torch.nn.Module, batch: list[TokenizedExample]) -> torch.Tensor:
    inputs = pad_batch(batch, pad_id=1)
    if network.config.model_type == "mpnet":
        del inputs["token_type_ids"]
    with torch.inference_mode():
        return network(**inputs).logits


def packed_form(network: torch.nn.Module, precision: torch.dtype = torch.float32) -> Encoder:
    return pack_state(network.config.to_dict(), network.state_dict(), torch.device("cpu"), precision)


def packed_logits(encoder: Encoder, batch: list[TokenizedExample], rounded: bool = False) -> torch.Tensor:
    with torch.inference_mode():
        return run(encoder, laid_end_to_end(Tokens.of(batch), rounded))


@pytest.mark.parametrize("name", NETWORKS)
@given(lengths=LENGTHS, rounded=st.booleans())
@settings(max_examples=25, deadline=None)
def test_packed_or_padded_the_logits_are_the_same(stock, name, lengths, rounded) -> None:
    batch = batch_of(lengths)
    torch.testing.assert_close(
        packed_logits(packed_form(stock[name]), batch, rounded), stock_logits(stock[name], batch), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("name", NETWORKS)
@given(lengths=LENGTHS)
@settings(max_examples=15, deadline=None)
def test_without_flash_attention_the_unpadded_wiring_still_gives_the_same(stock, name, lengths) -> None:
    if name == "mpnet":  # its bias by distance needs a kernel of its own: test_biased_attention.py
        assert not packed._takes_unpadded(packed_form(stock[name]))
        return
    batch = batch_of(lengths)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(packed, "_takes_unpadded", lambda encoder: True)
        patched.setattr("torch.nn.attention.varlen.varlen_attn", attention_one_by_one)
        logits = packed_logits(packed_form(stock[name]), batch)
    torch.testing.assert_close(logits, stock_logits(stock[name], batch), atol=1e-5, rtol=0)


def attention_one_by_one(query, key, value, cu_seq_q, cu_seq_k, max_q, max_k) -> torch.Tensor:
    """What ``varlen_attn`` promises, for a processor, comment by comment."""
    out = torch.zeros_like(query)
    for i in range(len(cu_seq_q) - 1):
        asked, known = slice(cu_seq_q[i], cu_seq_q[i + 1]), slice(cu_seq_k[i], cu_seq_k[i + 1])
        assert asked.stop - asked.start <= max_q
        assert known.stop - known.start <= max_k
        q, k, v = (t.transpose(0, 1) for t in (query[asked], key[known], value[known]))
        out[asked] = torch.nn.functional.scaled_dot_product_attention(q, k, v).transpose(0, 1)
    return out


@pytest.mark.parametrize("name", NETWORKS)
def test_rounding_up_a_batch_adds_no_comment_and_few_shapes(stock, name) -> None:
    lengths = [3, 17, 40, 5]
    batch = batch_of(lengths)
    assert len(laid_end_to_end(Tokens.of(batch)).ids) == sum(lengths)
    sizes = {len(laid_end_to_end(Tokens.of(batch_of([n])), rounded=True).ids) for n in range(1, 257)}
    assert len(sizes) == 16
    assert packed_logits(packed_form(stock[name]), batch, rounded=True).shape == (4, 6)


@pytest.mark.parametrize("name", ["small", "base"])
def test_half_precision_moves_a_logit_of_a_shipped_model_by_less_than_two_hundredths(name, bins_thread) -> None:
    exact = open_model(packaged_folder(name), "cpu")
    # Few and short: a processor without bfloat16 emulates it, slowly.
    batch = tokenize(list(make_examples(bins_thread, Sides.council_union()))[:2], exact.tokenizer, exact.card.form)
    wide = packed_logits(exact.encoders[0], batch)
    narrow = packed_logits(packed_form(exact.network, torch.bfloat16), batch, rounded=True)
    assert (narrow - wide).abs().max() > 0
    torch.testing.assert_close(narrow, wide, atol=2e-2, rtol=0)
    top = wide[:, :3].topk(2).values
    clear = top[:, 0] - top[:, 1] > 2e-2
    assert (narrow[clear, :3].argmax(dim=1) == wide[clear, :3].argmax(dim=1)).all()


def test_a_folder_opened_in_half_precision_computes_in_it(tiny_folder: Path) -> None:
    assert open_model(tiny_folder, "cpu", "bfloat16").encoders[0].precision == torch.bfloat16


def test_an_architecture_without_a_packed_form_runs_padded_with_the_same_answers(
    tiny_folder: Path, tmp_path: Path, bins_thread, tiny_open: OpenModel
) -> None:
    """The tiny network's own weights in a layout of queries, keys and values that only the stock code knows."""
    from transformers import RobertaConfig, RobertaForSequenceClassification

    torch.manual_seed(7)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    tokenizer = tiny_open.stock_tokenizer
    config = RobertaConfig(vocab_size=len(tokenizer), max_position_embeddings=170, num_labels=6, **sizes)
    network = RobertaForSequenceClassification(config).eval()
    write_model(tmp_path, tiny_open.card, network, tokenizer)
    opened = open_model(tmp_path, "cpu")
    assert opened.encoders == ()
    examples = list(make_examples(bins_thread, Sides.council_union()))
    alone = [score_examples([example], opened).logits[0] for example in examples]
    np.testing.assert_allclose(score_examples(examples, opened).logits, np.array(alone), atol=1e-5)


def test_a_weight_of_another_shape_is_named(stock) -> None:
    state = {**stock["bert"].state_dict(), "classifier.bias": torch.zeros(5)}
    with pytest.raises(ValueError, match=r"classifier.bias has the shape \(5,\), but \(6,\) was expected"):
        pack_state(stock["bert"].config.to_dict(), state, torch.device("cpu"), torch.float32)


@pytest.mark.parametrize("name", ["small", "base"])
def test_a_shipped_model_is_ready_without_transformers(name) -> None:
    """Importing it takes longer than all else before the first answer."""
    code = f"import stance, sys; stance.load({name!r}, device='cpu').classify(['Pay them.'])"
    code += "; print('transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_a_gpu_gives_the_answers_of_the_processor(stock, name, precision) -> None:
    batch = batch_of([3, 150, 40, 1, 77])
    network = stock[name]
    encoder = pack_state(network.config.to_dict(), network.state_dict(), torch.device("cuda"), precision)
    with torch.inference_mode():
        logits = run(encoder, laid_end_to_end(Tokens.of(batch))).cpu()
    tolerance = 1e-4 if precision == torch.float32 else 5e-2  # the tiny network's weights are wide
    torch.testing.assert_close(logits, stock_logits(stock[name], batch), atol=tolerance, rtol=0)
