"""All weights moved: fine-tuning that stops when held-out labels say so, and goes on where it was broken off."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load_file, save_file

from stance.calibration import TEMPERATURE_SPREAD, fit_temperature, softmax
from stance.checkpoints import Checkpoint
from stance.inference import score_examples
from stance.labelled import LabelledExample
from stance.metrics import log_loss
from stance.model import OpenModel, StockModel, with_network
from stance.scores import N_STANCES
from stance.training import TrainingSettings, fine_tune

#: For a few dozen to a few thousand labels, from a model that reads debates already.
SETTINGS = TrainingSettings(
    epochs=10,
    learning_rate=3e-5,
    batch_examples=16,
    batch_tokens=3072,
    max_tokens=256,
    swap=0.1,
    swap_others=0.1,
    drop_part=0.05,
    layer_decay=0.9,
    freeze_words=True,
)
PATIENCE = 2  # epochs without a better one before it stops


@dataclass(frozen=True)
class Tuned:
    """How a fine-tuning went.

    :param losses: Surprise at the held-out labels after each epoch, in nats; the first is the start's.
    :param epoch: The epoch that was kept; 0 where none was better than the start, which then stays as it was.
    """

    seed: int
    losses: tuple[float, ...]
    epoch: int


def tune(
    start: OpenModel,
    train: Sequence[LabelledExample],
    held_out: Sequence[LabelledExample],
    settings: TrainingSettings,
    folder: Path,
    *,
    of: str,
    every: float = 120.0,
    after_step: Callable[[int, int], None] | None = None,
) -> tuple[OpenModel, Tuned]:
    """Fine-tune a copy of ``start`` until held-out labels no longer gain (Prechelt 1998, "Early Stopping - But When?").

    :param held_out: Comments with a stance, of other people and threads.
    :param folder: Where the state is kept. Called again with the same, a broken run goes on to the same weights.
    :param of: Names the data, the start and the settings; see :class:`stance.checkpoints.Checkpoint`.
    :param every: Seconds between two states within an epoch.
    :param after_step: See :func:`stance.training.fine_tune`.
    """
    model = replace(start, open_stock=_kept(copy.deepcopy(start.network), start), encoders=())
    journal = folder / "losses.json"
    losses: dict[int, float] = {0: _held_out_loss(start, held_out)}
    if journal.is_file():
        losses |= {int(epoch): loss for epoch, loss in json.loads(journal.read_text("utf-8")).items()}

    def after_epoch(epoch: int, _: float) -> bool:
        for later in [known for known in losses if known > epoch]:
            del losses[later]  # of a run that came further before it was broken off
        losses[epoch] = _held_out_loss(model, held_out)
        folder.mkdir(parents=True, exist_ok=True)
        if _best(losses) == epoch:
            save_file(
                {name: tensor.contiguous() for name, tensor in model.network.state_dict().items()},
                folder / _weights(epoch),
            )
        journal.write_text(json.dumps(losses), "utf-8")
        return _has_stopped(losses)

    checkpoint = Checkpoint(folder, of, every)
    if not (_has_stopped(losses) or max(losses) >= settings.epochs):
        fine_tune(
            model.network,
            model.stock_tokenizer,
            model.card.form,
            train,
            settings,
            after_epoch,
            after_step=after_step,
            checkpoint=checkpoint,
        )
    best = _best(losses)
    tuned = Tuned(settings.seed, tuple(losses[epoch] for epoch in sorted(losses)), best)
    if best == 0:
        return start, tuned
    model.network.load_state_dict(load_file(folder / _weights(best)))
    return with_network(start, model.network.eval()), tuned


def _kept(network: Any, start: OpenModel) -> Callable[[], StockModel]:
    stock = StockModel(network, start.stock_tokenizer)
    return lambda: stock


def _held_out_loss(model: OpenModel, held_out: Sequence[LabelledExample]) -> float:
    """Surprise at the stances, each model under its own best temperature: that it can be cured of."""
    logits = score_examples([one.example for one in held_out], model).logits[:, :N_STANCES].astype(np.float64)
    labels = np.array([one.stance for one in held_out], dtype=np.int64)
    temperature = model.card.calibration.stance_temperature
    temperature *= fit_temperature(logits / temperature, labels, TEMPERATURE_SPREAD)
    return log_loss(labels, softmax(logits / temperature))


def _best(losses: dict[int, float]) -> int:
    return min(sorted(losses), key=losses.__getitem__)


def _has_stopped(losses: dict[int, float]) -> bool:
    return max(losses) - _best(losses) >= PATIENCE


def _weights(epoch: int) -> str:
    return f"epoch-{epoch}.safetensors"
