"""A network so small that what it costs is next to nothing, to measure everything else."""

from __future__ import annotations

from pathlib import Path

from transformers import BertConfig, BertForSequenceClassification

from stance.card import OUTPUTS
from stance.model import OpenModel, write_model


def write_tiny_model(folder: Path, like: OpenModel) -> None:
    """Write a random network of one narrow layer, with the card and the tokenizer of another model."""
    config = BertConfig(  # type: ignore[call-arg]  # num_labels is taken by the base class's **kwargs, which mypy can't see
        vocab_size=like.tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=len(OUTPUTS),
    )
    write_model(folder, like.card, BertForSequenceClassification(config), like.stock_tokenizer)
