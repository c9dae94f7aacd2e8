"""A tiny model made on the spot, and threads written by hand."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

import stance
from stance.calibration import Calibration
from stance.card import ModelCard
from stance.encoding import InputForm
from stance.model import OpenModel, open_model, write_model

WORDS = "the council union strike pay bins cuts workers residents should must never well said in answer to of".split()


def read_text(text: str, folder: Path) -> stance.Thread:
    """The one thread of a copied page."""
    path = folder / "copy.txt"
    path.write_text(text, "utf-8")
    (thread,) = stance.read_threads(path)
    return thread


def make_tokenizer() -> PreTrainedTokenizerFast:
    characters = string.ascii_lowercase + string.digits + string.punctuation + "£é…"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *characters, *(f"##{c}" for c in characters)]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def make_network(vocabulary_size: int, max_tokens: int = 160) -> BertForSequenceClassification:
    torch.manual_seed(7)
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=vocabulary_size,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=max_tokens,
            num_labels=6,
            initializer_range=0.3,  # wide enough that different texts get clearly different answers
        )
    ).eval()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tokenizer = make_tokenizer()
    card = ModelCard(name="tiny", form=InputForm(max_tokens=160), calibration=Calibration(2.0, 1.5, 0.6))
    write_model(folder, card, make_network(len(tokenizer)), tokenizer)
    return folder


@pytest.fixture(scope="session")
def tiny_open(tiny_folder: Path) -> OpenModel:
    return open_model(tiny_folder, "cpu")


@pytest.fixture(scope="session")
def tiny_model(tiny_folder: Path) -> stance.StanceModel:
    return stance.load(tiny_folder, device="cpu")


@pytest.fixture
def bins_thread() -> stance.Thread:
    return stance.Thread(
        id="bins",
        title="Bin crews vote to walk out in Norwich",
        post="UNISON members at the council have voted to strike over a cut in sick pay.",
        comments=(
            stance.Comment(id="1", text="Pay the crews what they are owed.", author="Kath"),
            stance.Comment(id="2", text="The council has no money left, get back to work.", author="Norman"),
            stance.Comment(id="3", text="Well said.", author="Anonymous", parent_id="2"),
            stance.Comment(id="4", text="When is the next collection?", author="Kath", parent_id="2"),
            stance.Comment(id="5", text="Our offer stands.", author="Cllr Reed", is_post_author=True),
        ),
    )
