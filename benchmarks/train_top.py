"""Learn a model's last layer anew: ``python -m benchmarks.train_top base --public DIR --keep DIR``.

What the layers below make of a comment does not change while only the last one learns. So it is computed once, kept,
and the last layer and the head go over it as often as it takes: many passes in the time of one. The new layer begins
as the mean over all tokens of what it sees, passed through (its queries ask nothing, its values and its feed-forward
part change nothing), so that the head starts from plain features (Kumar et al. 2022, "Fine-tuning can distort
pretrained features and underperform out-of-distribution": the head first).

The last stage of ``base`` and of ``small``, from what :mod:`benchmarks.train` made; sides are named in order
(:mod:`stance.roles`). Disputes of the dev split choose the pass that is kept, and the temperatures.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from benchmarks.data import DebateRow, load_other_sides
from benchmarks.fused_forward import logits_of_states
from benchmarks.graphed_training import losses_of, steps_of, targets_of
from benchmarks.roles import in_order
from benchmarks.train import load_rows, write_trained
from stance.api import PACKAGED, packaged_folder
from stance.encoder import laid_end_to_end, states_of
from stance.encoding import batch_by_tokens, tokenize
from stance.inference import BATCH_TOKENS
from stance.labelled import LabelledExample
from stance.metrics import macro_f1
from stance.model import OpenModel, open_model
from stance.scores import N_STANCES
from stance.tokens import Tokens
from stance.training import TrainingSettings

_PASSED_ON = 4.0  # how much more the mean over all tokens weighs than the first token's own state
_BREAKS_THE_TIE = 0.002  # standard deviation of the queries' weights: they must be able to learn


@dataclass(frozen=True)
class Recipe:
    """How one model's last layer is made.

    :param drawn: How many comments of the train split are drawn of each kind, see :func:`kind_of`.
    :param weights: What a comment of a kind counts.
    """

    backbone: str
    stored: torch.dtype
    drawn: dict[str, int]
    weights: dict[str, float]
    settings: TrainingSettings


_SETTINGS = TrainingSettings(
    epochs=6, learning_rate=3e-4, batch_examples=64, batch_tokens=2**14, max_tokens=160, weight_decay=0.05, warmup=0.1
)
RECIPES = {
    "base": Recipe(
        backbone="sentence-transformers/all-mpnet-base-v2",
        stored=torch.int8,
        drawn={"ours": 3200, "real": 1600, "other": 2200},
        weights={"other": 0.7},
        settings=_SETTINGS,
    ),
    "small": Recipe(
        backbone="sentence-transformers/all-MiniLM-L6-v2",
        stored=torch.float16,
        drawn={"ours": 12_000, "real": 4000, "other": 18_000},
        weights={"other": 0.7},
        settings=replace(_SETTINGS, learning_rate=1e-3),
    ),
}


class States(NamedTuple):
    """What the last layer sees of examples.

    :param values: Of all tokens, end to end. *Shape:* ``(tokens, hidden)``, float16
    :param lengths: Tokens of each example. *Shape:* ``(n,)``, int64
    """

    values: npt.NDArray[np.float16]
    lengths: npt.NDArray[np.int64]

    def padded(self, rows: npt.NDArray[np.int64], length: int) -> tuple[Tensor, Tensor]:
        """Some examples side by side, and where there are tokens. *Shapes:* ``(n, length, hidden)``, ``(n, length)``"""
        starts = np.cumsum(self.lengths) - self.lengths
        x = torch.zeros(len(rows), length, self.values.shape[1])
        there = torch.zeros(len(rows), length, dtype=torch.bool)
        for place, row in enumerate(rows):
            n = self.lengths[row]
            x[place, :n] = torch.from_numpy(self.values[starts[row] : starts[row] + n].astype(np.float32))
            there[place, :n] = True
        return x, there


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    recipe = RECIPES[options.name]
    model = open_model(packaged_folder(options.name), "cpu")
    rows = load_rows(options.public) + load_other_sides(options.public)
    dev = [row.labelled for row in rows if row.split == "dev" and not row.disputed and not row.other_sides]
    parts = {"train": drawn(rows, recipe, options.seed), "dev": dev}
    parts = {name: [in_order(labelled, model.roles) for labelled in part] for name, part in parts.items()}
    states = {
        name: kept_states(model, part, recipe.settings, options.keep / f"{options.name}-{name}.npz")
        for name, part in parts.items()
    }
    network = model.network
    pass_through(network)
    train_top(network, states["train"], parts["train"], recipe.settings, (states["dev"], parts["dev"]))
    write_trained(options.name, recipe.backbone, recipe.stored, network, model.stock_tokenizer, rows, options.out)


def drawn(rows: Sequence[DebateRow], recipe: Recipe, seed: int) -> list[LabelledExample]:
    """Comments of the train split on which the labellers agree, so many of each kind, drawn at random."""
    rng = random.Random(seed)
    chosen = []
    for kind, n in recipe.drawn.items():
        every = [row.labelled for row in rows if row.split == "train" and not row.disputed and kind_of(row) == kind]
        weight = recipe.weights.get(kind, 1.0)
        chosen += [replace(one, weight=one.weight * weight) for one in rng.sample(every, min(n, len(every)))]
    return chosen


def kind_of(row: DebateRow) -> str:
    """``ours``, ``real`` (under their debates' own sides) or ``other`` (real ones under other sides)."""
    return "ours" if row.part else "other" if row.other_sides else "real"


def kept_states(
    model: OpenModel, examples: Sequence[LabelledExample], settings: TrainingSettings, path: Path
) -> States:
    """What the last layer sees, read from a file if it is there, else computed and written to it."""
    if path.exists():
        with np.load(path) as file:
            return States(file["values"], file["lengths"])
    states = compute_states(model, examples, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **states._asdict())
    return states


@torch.inference_mode()
def compute_states(model: OpenModel, examples: Sequence[LabelledExample], settings: TrainingSettings) -> States:
    """What the last layer sees of every token."""
    form = replace(model.card.form, max_tokens=settings.max_tokens or model.card.form.max_tokens)
    tokenized = tokenize([labelled.example for labelled in examples], model.tokenizer, form)
    lengths = np.array([len(one.ids) for one in tokenized], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    encoder = model.encoders[0]
    values = np.zeros((lengths.sum(), encoder.words.shape[1]), dtype=np.float16)
    for batch in batch_by_tokens(lengths, BATCH_TOKENS["cpu"]):
        seen = states_of(encoder, laid_end_to_end(Tokens.of([tokenized[i] for i in batch]))).numpy()
        at = 0
        for row in batch:
            values[starts[row] : starts[row] + lengths[row]] = seen[at : at + lengths[row]]
            at += lengths[row]
    return States(values, lengths)


def pass_through(network: Any) -> None:
    """Set the last layer so that it gives its first token the mean over all tokens, and draw the head anew."""
    mpnet = network.config.model_type == "mpnet"
    layer = network.base_model.encoder.layer[-1]
    if mpnet:
        own, norm = layer.attention.attn, layer.attention.LayerNorm
        query, value, out = own.q, own.v, own.o
        dense, last = network.classifier.dense, network.classifier.out_proj
    else:
        own, norm = layer.attention.self, layer.attention.output.LayerNorm
        query, value, out = own.query, own.value, layer.attention.output.dense
        dense, last = network.bert.pooler.dense, network.classifier
    torch.manual_seed(0)
    with torch.no_grad():
        query.weight.normal_(std=_BREAKS_THE_TIE)
        value.weight.copy_(torch.eye(len(value.weight)))
        out.weight.copy_(_PASSED_ON * torch.eye(len(out.weight)))
        layer.output.dense.weight.zero_()
        for linear in (query, value, out, layer.output.dense):
            linear.bias.zero_()
        for one in (norm, layer.output.LayerNorm):
            one.weight.fill_(1.0)
            one.bias.zero_()
        for linear in (dense, last):
            linear.reset_parameters()
        last.weight.normal_(std=0.02)
        last.bias.zero_()


def train_top(
    network: Any,
    states: States,
    examples: Sequence[LabelledExample],
    settings: TrainingSettings,
    dev: tuple[States, Sequence[LabelledExample]],
) -> None:
    """Train the last layer and the head in place; of the weights after each pass those are kept that do best on dev."""
    learning = [p for name, p in network.named_parameters() if _learns(name, network)]
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    for parameter in learning:
        parameter.requires_grad_(True)
    torch.manual_seed(settings.seed)
    rng = random.Random(settings.seed)
    targets = torch.from_numpy(targets_of(examples))
    optimizer = torch.optim.AdamW(learning, lr=settings.learning_rate, weight_decay=settings.weight_decay)
    best: tuple[float, dict[str, Tensor]] = (-1.0, {})
    started = time.perf_counter()
    for number in range(settings.epochs):
        network.train()
        steps, losses = steps_of(states.lengths, settings, rng), []
        for at, (length, padded_rows) in enumerate(steps):
            rows = padded_rows[padded_rows >= 0]
            done = (number + at / len(steps)) / settings.epochs
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate * min((done + 1e-3) / settings.warmup, 1.0) * (1.0 - done)
            logits = logits_of_states(network, *states.padded(rows, length))
            its = targets[rows]
            loss = (losses_of(logits, its, None, settings) * its[:, 3]).sum() / its[:, 3].sum().clamp(min=1e-6)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learning, 1.0)
            optimizer.step()
            losses.append(loss.item())
        network.eval()
        figure, between = _figures(network, *dev)
        print(
            f"pass {number + 1}: loss {np.mean(losses):.3f}; dev {figure:.3f}, between the sides {between:.3f};"
            f" {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        if figure > best[0]:
            best = figure, {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.load_state_dict(best[1])
    for parameter in network.parameters():
        parameter.requires_grad_(True)


def _learns(name: str, network: Any) -> bool:
    last = f"encoder.layer.{network.config.num_hidden_layers - 1}."
    return last in name or name.startswith("classifier.") or ".pooler." in name


@torch.inference_mode()
def answers_of_states(network: Any, states: States) -> npt.NDArray[np.float32]:
    """Logits, in order. *Shape:* ``(n, 6)``"""
    found = np.zeros((len(states.lengths), 2 * N_STANCES), dtype=np.float32)
    for rows in batch_by_tokens(states.lengths, 2**14):
        found[rows] = logits_of_states(network, *states.padded(rows, int(states.lengths[rows].max()))).numpy()
    return found


def _figures(network: Any, states: States, examples: Sequence[LabelledExample]) -> tuple[float, float]:
    """Macro-F1 of the stance, and accuracy between the two sides where there is one."""
    logits = answers_of_states(network, states)[:, :N_STANCES]
    labels = np.array([one.stance for one in examples])
    sided = labels < 2
    return macro_f1(labels, logits.argmax(axis=1)), float((logits[sided, :2].argmax(axis=1) == labels[sided]).mean())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=PACKAGED)
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--keep", type=Path, required=True, help="folder in which what the last layer sees is kept")
    parser.add_argument("--out", type=Path, help="by default the model's folder in the package")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
