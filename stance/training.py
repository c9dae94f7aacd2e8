"""Fine-tuning of a six-label network on labelled examples."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, eager_mask

from stance.checkpoints import Checkpoint, Place
from stance.encoding import InputForm, batch_by_tokens, tokenize
from stance.inference import pad_batch
from stance.labelled import LabelledExample
from stance.model import native_precision, plain_tokenizer
from stance.scores import N_STANCES
from stance.sides import Side, Sides
from stance.tokens import TokenizedExample


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    :param epochs: How many the learning rate falls over, linearly.
    :param last_rate: Where it ends, as a share of ``learning_rate``: 0, or more where another stage follows.
    :param batch_examples: Examples a step of the optimiser sees.
    :param batch_tokens: Padded tokens computed at once; only memory depends on it.
    :param max_tokens: Longest input while training; None trains at the input form's own length.
    :param swap: Chance that the council and the union change places.
    :param swap_others: Chance that other sides do; by default every other time, for neither place is anybody's own.
    :param drop_part: Chance that the title and post, the sides' names or the parent are left out, each for itself.
    :param layer_decay: Factor on the learning rate from each layer to the one below.
    :param sentiment_weight: Weight of the sentiment loss beside the stance loss.
    :param teacher_weight: Share of the loss that follows the teacher, where an example has one (Hinton et al. 2015,
        "Distilling the Knowledge in a Neural Network"); the rest follows its label.
    :param freeze_words: Leave the word embeddings as they are: half of a small network, and little of it is ever seen
        in fine-tuning.
    """

    epochs: int = 3
    learning_rate: float = 5e-5
    last_rate: float = 0.0
    batch_examples: int = 32
    batch_tokens: int = 2048
    max_tokens: int | None = None
    warmup: float = 0.1
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    swap: float = 0.15
    swap_others: float = 0.5
    drop_part: float = 0.1
    layer_decay: float = 1.0
    sentiment_weight: float = 0.5
    teacher_weight: float = 0.5
    freeze_words: bool = False
    seed: int = 0


def fine_tune(
    network: Any,
    tokenizer: Any,
    form: InputForm,
    train: Sequence[LabelledExample],
    settings: TrainingSettings,
    after_epoch: Callable[[int, float], bool | None] | None = None,
    *,
    after_step: Callable[[int, int], None] | None = None,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Train ``network`` in place, on the device it is on.

    :param network: A stock sequence classification model with six outputs: three of stance, three of sentiment.
    :param tokenizer: Its transformers tokenizer, a fast one.
    :param after_epoch: Told the epoch's number (from 1) and its mean loss; the network is in eval mode then. True ends
        the training.
    :param after_step: Told how many steps of the optimiser are done, and how many there are.
    :param checkpoint: Where the state is kept; a run that finds one of the same training goes on from there, to the
        same weights.
    """
    plain = plain_tokenizer(tokenizer)
    form = replace(form, max_tokens=settings.max_tokens or form.max_tokens)
    torch.manual_seed(settings.seed)
    if settings.freeze_words:
        network.get_input_embeddings().weight.requires_grad_(False)
    optimizer = torch.optim.AdamW(parameter_groups(network, settings), lr=settings.learning_rate, fused=True)
    steps_an_epoch = math.ceil(len(train) / settings.batch_examples)
    n_steps = settings.epochs * steps_an_epoch
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, n_steps, settings))
    run = _Run(network, tokenizer, optimizer, schedule, settings, native_precision(network.device))
    place = (checkpoint.load(network, optimizer) if checkpoint else None) or Place.at_start(settings.seed)
    run.catch_up(place)
    rng = random.Random()
    with _attention_for_training(network):
        while place.epoch <= settings.epochs:
            rng.setstate(place.random_state)
            network.train()
            shown = [augmented(example, settings, rng) for example in train]
            tokenized = tokenize([labelled.example for labelled in shown], plain, form)
            steps = _length_grouped_steps([len(t.ids) for t in tokenized], settings.batch_examples, rng)
            for number, step in enumerate(steps[place.step :], place.step + 1):
                loss = run.step([shown[i] for i in step], [tokenized[i] for i in step])
                place = replace(place, step=number, losses=(*place.losses, loss))
                if checkpoint and number < len(steps):
                    checkpoint.save_if_due(network, optimizer, place)
                if after_step:
                    after_step((place.epoch - 1) * steps_an_epoch + number, n_steps)
            network.eval()
            ended = after_epoch(place.epoch, float(np.mean(place.losses))) if after_epoch else False
            place = Place(place.epoch + 1, 0, (), rng.getstate())
            if checkpoint:
                checkpoint.save(network, optimizer, place)
            if ended:
                break
    network.eval()
    if settings.freeze_words:
        network.get_input_embeddings().weight.requires_grad_(True)


@dataclass(frozen=True)
class _Run:
    """What a step of the optimiser needs."""

    network: Any
    tokenizer: Any
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    settings: TrainingSettings
    precision: torch.dtype

    def catch_up(self, place: Place) -> None:
        """Bring the schedule to where the optimiser is."""
        state = next(iter(self.optimizer.state.values()), None)
        if state:
            n_done = int(state["step"])
            self.schedule.last_epoch = n_done
            rates = [base * self.schedule.lr_lambdas[0](n_done) for base in self.schedule.base_lrs]
            for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
                group["lr"] = rate

    def step(self, shown: Sequence[LabelledExample], tokenized: Sequence[TokenizedExample]) -> float:
        """One step; its loss."""
        device = self.network.device
        self.optimizer.zero_grad()
        total = 0.0
        weight = sum(labelled.weight for labelled in shown)
        for part in batch_by_tokens([len(t.ids) for t in tokenized], self.settings.batch_tokens):
            inputs = pad_batch([tokenized[i] for i in part], self.tokenizer.pad_token_id or 0)
            if "token_type_ids" not in self.tokenizer.model_input_names:
                del inputs["token_type_ids"]
            with torch.autocast(device.type, self.precision, enabled=self.precision != torch.float32):
                logits = self.network(**{name: tensor.to(device) for name, tensor in inputs.items()}).logits.float()
            loss = loss_of(logits.cpu(), [shown[i] for i in part], self.settings) / max(weight, 1e-6)
            loss.backward()
            total += loss.item()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        return total


def plain_attention(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """Attention as two matrix products and a softmax in the precision that came.

    The fused attention of torch is quick forwards on a CPU, but its way back takes a third of a training step there;
    this one makes the whole step 1.7 times faster at 160 tokens. No dropout.

    :param query: *Shape:* ``(n, heads, length, width)``; ``key`` and ``value`` likewise.
    :returns: *Shape:* ``(n, length, heads, width)``, and None for the probabilities.
    """
    scores = torch.matmul(query * (scaling or query.shape[-1] ** -0.5), key.transpose(2, 3))
    if attention_mask is not None:
        scores = scores + attention_mask.to(scores.dtype)
    with torch.autocast("cpu", enabled=False):  # which would widen the softmax
        chances = scores.softmax(-1)
    return torch.matmul(chances, value).transpose(1, 2).contiguous(), None


@contextmanager
def _attention_for_training(network: Any) -> Iterator[None]:
    """:func:`plain_attention` where the network lets its attention be chosen, and its own again afterwards."""
    if getattr(network, "_supports_attention_backend", False) and next(network.parameters()).device.type == "cpu":
        AttentionInterface.register(_PLAIN, plain_attention)
        AttentionMaskInterface.register(_PLAIN, eager_mask)
        own = network.config._attn_implementation
        network.set_attn_implementation(_PLAIN)
        try:
            yield
        finally:
            network.set_attn_implementation(own)
    else:
        yield


_PLAIN = "stance_plain"


def loss_of(logits: torch.Tensor, shown: Sequence[LabelledExample], settings: TrainingSettings) -> torch.Tensor:
    """The loss of a batch, summed over its examples by their weights.

    :param logits: On the CPU. *Shape:* ``(n, 6)``, float32
    """
    weights = torch.tensor([labelled.weight for labelled in shown])
    stance = torch.tensor([-100 if s.stance is None else s.stance for s in shown])
    sentiment = torch.tensor([-100 if s.sentiment is None else s.sentiment for s in shown])
    two_way = torch.tensor([s.two_way for s in shown])
    loss = label_losses(logits, stance, sentiment, two_way, settings)
    if any(s.teacher for s in shown):
        taught = torch.tensor([s.teacher is not None for s in shown])
        chances = torch.tensor([s.teacher or (0.0,) * (2 * N_STANCES) for s in shown])
        share = torch.where(taught, settings.teacher_weight, 0.0)
        loss = (1 - share) * loss + share * teacher_losses(logits, chances, settings)
    return (loss * weights).sum()


def label_losses(
    logits: torch.Tensor,
    stance: torch.Tensor,
    sentiment: torch.Tensor,
    two_way: torch.Tensor,
    settings: TrainingSettings,
) -> torch.Tensor:
    """How far each example's logits are from its labels. *Shape:* ``(n,)``

    :param logits: *Shape:* ``(n, 6)``, float32
    :param stance: -100 where unknown; ``sentiment`` likewise. *Shape:* ``(n,)``, int64
    :param two_way: Of :class:`LabelledExample`. *Shape:* ``(n,)``, bool
    """
    stance_logits, tone_logits = logits[:, :N_STANCES].clone(), logits[:, N_STANCES:].clone()
    three = nn.functional.cross_entropy(
        stance_logits, stance, reduction="none", label_smoothing=settings.label_smoothing
    )
    two = nn.functional.cross_entropy(
        stance_logits[:, :2],
        torch.where(two_way, stance, -100),
        reduction="none",
        label_smoothing=settings.label_smoothing,
    )
    tone = nn.functional.cross_entropy(tone_logits, sentiment, reduction="none")
    return torch.where(two_way, two, three) + settings.sentiment_weight * tone


def teacher_losses(logits: torch.Tensor, chances: torch.Tensor, settings: TrainingSettings) -> torch.Tensor:
    """How far each example's logits are from a teacher's answers. *Shape:* ``(n,)``

    :param logits: *Shape:* ``(n, 6)``, float32
    :param chances: The teacher's probabilities, of stances and of sentiments. *Shape:* ``(n, 6)``
    """
    stance = nn.functional.cross_entropy(logits[:, :N_STANCES], chances[:, :N_STANCES], reduction="none")
    tone = nn.functional.cross_entropy(logits[:, N_STANCES:], chances[:, N_STANCES:], reduction="none")
    return stance + settings.sentiment_weight * tone


def augmented(labelled: LabelledExample, settings: TrainingSettings, rng: random.Random) -> LabelledExample:
    """An example as it is shown once: its sides perhaps in the other order, parts of it perhaps left out."""
    labels = labelled.example.sides.labels
    if rng.random() < (settings.swap if labels == Sides.council_union().labels else settings.swap_others):
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


def _rate(step: int, n_steps: int, settings: TrainingSettings) -> float:
    n_warmup = max(1, int(n_steps * settings.warmup))
    if step < n_warmup:
        return (step + 1) / n_warmup
    left = max(0.0, (n_steps - step) / max(1, n_steps - n_warmup))
    return settings.last_rate + (1 - settings.last_rate) * left


def parameter_groups(network: nn.Module, settings: TrainingSettings) -> list[dict[str, object]]:
    """Each parameter that learns, with its rate and its decay: lower layers slower, none for biases and norms."""
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
        if parameter.requires_grad:
            groups.append({"params": [parameter], "lr": rate, "weight_decay": decay})
    return groups
