"""Fine-tuning of a six-label network on labelled examples."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from stance.encoding import Example, InputForm, batch_by_tokens, tokenize
from stance.inference import pad_batch
from stance.model import plain_tokenizer
from stance.scores import N_STANCES
from stance.sides import Side, Sides


@dataclass(frozen=True)
class LabelledExample:
    """An example and what is known of its label.

    :param stance: 0 for side a, 1 for side b, 2 for neutral; None where unknown.
    :param sentiment: 0 negative, 1 neutral, 2 positive; None where unknown.
    :param two_way: True where the source never says neutral, so that "not neutral" is no evidence.
    :param weight: How much the example counts in the loss.
    """

    example: Example
    stance: int | None = None
    sentiment: int | None = None
    two_way: bool = False
    weight: float = 1.0

    def swapped(self) -> LabelledExample:
        """The same comment with the sides named in the other order, its label turned with them."""
        sides = self.example.sides
        stance = None if self.stance is None else (1, 0, 2)[self.stance]
        return replace(self, example=replace(self.example, sides=Sides(sides.b, sides.a)), stance=stance)


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    :param epochs: How many the learning rate falls over, linearly to zero.
    :param batch_examples: Examples a step of the optimiser sees.
    :param batch_tokens: Padded tokens computed at once; only memory depends on it.
    :param max_tokens: Longest input while training; None trains at the input form's own length.
    :param swap: Chance that an example's sides change places.
    :param drop_part: Chance that the title and post, the sides' names or the parent are left out, each for itself.
    :param layer_decay: Factor on the learning rate from each layer to the one below.
    :param sentiment_weight: Weight of the sentiment loss beside the stance loss.
    """

    epochs: int = 3
    learning_rate: float = 5e-5
    batch_examples: int = 32
    batch_tokens: int = 2048
    max_tokens: int | None = None
    warmup: float = 0.1
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    swap: float = 0.15
    drop_part: float = 0.1
    layer_decay: float = 1.0
    sentiment_weight: float = 0.5
    seed: int = 0


def fine_tune(
    network: Any,
    tokenizer: Any,
    form: InputForm,
    train: Sequence[LabelledExample],
    settings: TrainingSettings,
    after_epoch: Callable[[int, float], None] | None = None,
) -> None:
    """Train ``network`` in place.

    :param network: A stock sequence classification model with six outputs: three of stance, three of sentiment.
    :param tokenizer: Its transformers tokenizer, a fast one.
    :param after_epoch: Told the epoch's number (from 1) and its mean loss; the network is in eval mode then.
    """
    plain = plain_tokenizer(tokenizer)
    form = replace(form, max_tokens=settings.max_tokens or form.max_tokens)
    uses_type_ids = "token_type_ids" in tokenizer.model_input_names
    pad_id = tokenizer.pad_token_id or 0
    rng = random.Random(settings.seed)
    torch.manual_seed(settings.seed)
    optimizer = torch.optim.AdamW(_parameter_groups(network, settings), lr=settings.learning_rate)
    n_steps = settings.epochs * math.ceil(len(train) / settings.batch_examples)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, n_steps, settings.warmup))
    for epoch in range(1, settings.epochs + 1):
        network.train()
        losses = []
        shown = [_augmented(example, settings, rng) for example in train]
        tokenized = tokenize([labelled.example for labelled in shown], plain, form)
        for step in _length_grouped_steps([len(t.ids) for t in tokenized], settings.batch_examples, rng):
            optimizer.zero_grad()
            total = 0.0
            weight = sum(shown[i].weight for i in step)
            for part in batch_by_tokens([len(tokenized[i].ids) for i in step], settings.batch_tokens):
                chosen = [step[j] for j in part]
                inputs = pad_batch([tokenized[i] for i in chosen], pad_id)
                if not uses_type_ids:
                    del inputs["token_type_ids"]
                with torch.autocast("cpu", torch.bfloat16):
                    logits = network(**inputs).logits.float()
                loss = _loss(logits, [shown[i] for i in chosen], settings) / max(weight, 1e-6)
                loss.backward()
                total += loss.item()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(total)
        network.eval()
        if after_epoch:
            after_epoch(epoch, float(np.mean(losses)))


def _loss(logits: torch.Tensor, shown: Sequence[LabelledExample], settings: TrainingSettings) -> torch.Tensor:
    weights = torch.tensor([labelled.weight for labelled in shown])
    stance = torch.tensor([-100 if s.stance is None else s.stance for s in shown])
    sentiment = torch.tensor([-100 if s.sentiment is None else s.sentiment for s in shown])
    two_way = torch.tensor([s.two_way for s in shown])
    stance_logits = logits[:, :N_STANCES].clone()
    three = nn.functional.cross_entropy(
        stance_logits, stance, reduction="none", label_smoothing=settings.label_smoothing
    )
    two = nn.functional.cross_entropy(
        stance_logits[:, :2],
        torch.where(two_way, stance, -100),
        reduction="none",
        label_smoothing=settings.label_smoothing,
    )
    tone = nn.functional.cross_entropy(logits[:, N_STANCES:], sentiment, reduction="none")
    loss = torch.where(two_way, two, three) + settings.sentiment_weight * tone
    return (loss * weights).sum()


def _augmented(labelled: LabelledExample, settings: TrainingSettings, rng: random.Random) -> LabelledExample:
    if rng.random() < settings.swap:
        labelled = labelled.swapped()
    example = labelled.example
    if rng.random() < settings.drop_part:
        example = replace(example, title="", post="")
    if rng.random() < settings.drop_part:
        example = replace(example, sides=Sides(_nameless(example.sides.a), _nameless(example.sides.b)))
    if rng.random() < settings.drop_part:
        example = replace(example, parent="")
    return replace(labelled, example=example)


def _nameless(side: Side) -> Side:
    return Side(side.label, f"the {side.label}")


def _length_grouped_steps(lengths: Sequence[int], batch_examples: int, rng: random.Random) -> list[list[int]]:
    """Random batches of examples of like length: shuffled, sorted within pools of 32 batches, shuffled again."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    pool = 32 * batch_examples
    steps = []
    for start in range(0, len(order), pool):
        part = sorted(order[start : start + pool], key=lambda i: lengths[i])
        steps += [part[i : i + batch_examples] for i in range(0, len(part), batch_examples)]
    rng.shuffle(steps)
    return steps


def _rate(step: int, n_steps: int, warmup: float) -> float:
    n_warmup = max(1, int(n_steps * warmup))
    return (step + 1) / n_warmup if step < n_warmup else max(0.0, (n_steps - step) / max(1, n_steps - n_warmup))


def _parameter_groups(network: nn.Module, settings: TrainingSettings) -> list[dict[str, object]]:
    groups = []
    n_layers = getattr(network.config, "num_hidden_layers", 0)
    for name, parameter in network.named_parameters():
        depth = n_layers + 1
        if "embeddings" in name:
            depth = 0
        elif ".layer." in name:
            depth = int(name.split(".layer.")[1].split(".")[0]) + 1
        rate = settings.learning_rate * settings.layer_decay ** (n_layers + 1 - depth)
        decay = 0.0 if parameter.ndim < 2 else settings.weight_decay
        groups.append({"params": [parameter], "lr": rate, "weight_decay": decay})
    return groups
