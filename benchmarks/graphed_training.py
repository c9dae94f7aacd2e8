"""Many passes over mixed sources, quick on a GPU.

A step of :func:`stance.training.fine_tune` launches a thousand small kernels, which takes a GPU's host longer than the
GPU needs to run them. Here the inputs of a whole pass lie on the device, and a step (forward, backward, clipping,
AdamW) is captured once for each length as a CUDA graph and then replayed. Where there is no CUDA the same steps run as
they come. Passes are shown and tokenised anew each time, by processes of their own.

A teacher, if there is one, reads exactly what is shown, augmented alike (Beyer et al. 2022, "Knowledge distillation: A
good teacher is patient and consistent").
"""

from __future__ import annotations

import os
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from benchmarks.fused_forward import OnDevice
from stance.encoding import InputForm, tokenize_written, write_examples
from stance.labelled import LabelledExample
from stance.model import plain_tokenizer
from stance.scores import N_STANCES
from stance.tokens import Tokens
from stance.training import TrainingSettings, augmented, label_losses, parameter_groups, teacher_losses
from stance.words import Words

_LENGTHS = (32, 64, 96, 128, 160, 192, 224, 256, 320, 384)  # tokens that inputs are filled up to
_AHEAD = 3  # passes that are prepared before they are due
_WORKERS = max(1, min(6, (os.cpu_count() or 1) - 2))  # processes that prepare them


class Source(NamedTuple):
    """Examples, and how often a pass shows each; a broken number shows a part of them, drawn anew each pass."""

    examples: Sequence[LabelledExample]
    share: float = 1.0


@dataclass(frozen=True)
class Teacher:
    """A network whose calibrated answers are followed.

    :param temperatures: Of its stances and its sentiments.
    """

    network: Any
    tokenizer: Any
    temperatures: tuple[float, float]


@dataclass(frozen=True)
class Showing:
    """What passes show, and how.

    :param first: What the first passes show in place of ``sources``, and how many passes these are.
    """

    sources: Sequence[Source]
    form: InputForm
    settings: TrainingSettings
    first: tuple[Sequence[Source], int] = ((), 0)


class Pass(NamedTuple):
    """What one pass shows.

    :param inputs: For the network that learns and, if there is one, its teacher.
    :param targets: See :func:`targets_of`.
    """

    inputs: tuple[Tokens, ...]
    targets: npt.NDArray[np.float32]


def train_long(
    network: Any,
    tokenizer: Any,
    showing: Showing,
    *,
    teacher: Teacher | None = None,
    masked: float = 0.0,
    seconds: float | None = None,
    after_pass: Callable[[int, float, float], None] | None = None,
) -> float:
    """Train ``network`` in place, on the device it is on.

    :param network: A stock BERT or MPNet sequence classifier with the six outputs.
    :param showing: Its settings say ``epochs`` passes, unless ``seconds`` are given; ``batch_examples`` a step at most,
        and ``batch_tokens`` padded tokens at most.
    :param masked: Chance that a token is hidden by the mask token.
    :param seconds: The learning rate falls over this time in place of a number of passes.
    :param after_pass: Told the pass's number, its mean loss and the share of the training that is done.
    :returns: How many passes were made.
    """
    settings = showing.settings
    torch.manual_seed(settings.seed)
    if settings.freeze_words:
        network.get_input_embeddings().weight.requires_grad_(False)
    tokenizers = [plain_tokenizer(one) for one in (tokenizer, *([teacher.tokenizer] if teacher else []))]
    prepared = _Prepared(showing, [t.to_str() for t in tokenizers])
    steps = _Steps(network, tokenizer, settings, teacher, masked)
    started, n_passes = 0.0, 0.0
    rng = random.Random(settings.seed)
    try:
        while True:
            shown = prepared.next()
            steps.show(shown)
            started = started or time.perf_counter()
            batches = steps_of(shown.inputs[0].lengths, settings, rng)
            for number, (length, rows) in enumerate(batches):
                here = n_passes + number / len(batches)
                done = (time.perf_counter() - started) / seconds if seconds else here / settings.epochs
                if done >= 1:
                    break
                steps.run(length, rows, _rate(done, settings))
                if seconds and number % 16 == 0 and network.device.type == "cuda":
                    torch.cuda.synchronize()  # or the clock would run ahead of the device
            n_passes += (number + 1) / len(batches) if done < 1 else number / len(batches)
            loss = steps.mean_loss()
            network.eval()
            if after_pass:
                after_pass(round(n_passes), loss, min(1.0, done))
            if done >= 1 or (not seconds and n_passes >= settings.epochs):
                return n_passes
    finally:
        prepared.close()
        network.eval()
        if settings.freeze_words:
            network.get_input_embeddings().weight.requires_grad_(True)


class _Prepared:
    """Passes, shown and tokenised ahead by other processes."""

    def __init__(self, showing: Showing, tokenizers: Sequence[str]) -> None:
        self._pool = ProcessPoolExecutor(
            _WORKERS, get_context("fork"), initializer=_begin, initargs=(showing, tokenizers)
        )
        self._due: deque[Future[Pass]] = deque()
        self._number = 0
        for _ in range(_AHEAD):
            self._ask()

    def _ask(self) -> None:
        self._due.append(self._pool.submit(_prepare, self._number))
        self._number += 1

    def next(self) -> Pass:
        self._ask()
        return self._due.popleft().result()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


_own: list[Any] = []  # of a preparing process: what is shown, and the words of its tokenizers


def _begin(showing: Showing, tokenizers: Sequence[str]) -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the other processors have passes of their own to prepare
    _own[:] = showing, [Words(Tokenizer.from_str(text)) for text in tokenizers]


def _prepare(number: int) -> Pass:
    return pass_of(number, *_own)


def pass_of(number: int, showing: Showing, vocabularies: Sequence[Words]) -> Pass:
    """What pass ``number``, from 0, shows.

    :param vocabularies: Of the network that learns and, if there is one, its teacher.
    """
    settings, (first, n_first) = showing.settings, showing.first
    form = replace(showing.form, max_tokens=settings.max_tokens or showing.form.max_tokens)
    rng = random.Random(f"{settings.seed}/{number}")
    chosen: list[LabelledExample] = []
    for examples, share in first if number < n_first else showing.sources:
        chosen += list(examples) * int(share)
        chosen += rng.sample(list(examples), round(len(examples) * (share % 1)))
    every = [augmented(labelled, settings, rng) for labelled in chosen]
    written = list(write_examples([labelled.example for labelled in every], form))
    inputs = tuple(tokenize_written(written, words, form) for words in vocabularies)
    return Pass(inputs, targets_of(every))


def targets_of(shown: Sequence[LabelledExample]) -> npt.NDArray[np.float32]:
    """Stance and sentiment (-100 where unknown), whether two-way, weight. *Shape:* ``(n, 4)``"""
    rows = [
        (-100 if s.stance is None else s.stance, -100 if s.sentiment is None else s.sentiment, s.two_way, s.weight)
        for s in shown
    ]
    return np.array(rows, dtype=np.float32)


def steps_of(
    lengths: npt.NDArray[np.int64], settings: TrainingSettings, rng: random.Random
) -> list[tuple[int, npt.NDArray[np.int64]]]:
    """The padded length and the rows of each step, in random order; -1 in place of a row where they do not suffice."""
    draw = np.random.default_rng(rng.randrange(2**32))
    steps = []
    for shortest, length in zip((0, *_LENGTHS), _LENGTHS, strict=False):
        rows = draw.permutation(np.flatnonzero((lengths > shortest) & (lengths <= length)))
        size = _size(length, settings)
        filled = np.full(-(-len(rows) // size) * size, -1, dtype=np.int64)
        filled[: len(rows)] = rows
        steps += [(length, part) for part in filled.reshape(-1, size)]
    rng.shuffle(steps)
    return steps


def _size(length: int, settings: TrainingSettings) -> int:
    return max(1, min(settings.batch_examples, settings.batch_tokens // length))


def _rate(done: float, settings: TrainingSettings) -> float:
    if done < settings.warmup:
        return (done + 1e-3) / settings.warmup
    left = (1 - done) / (1 - settings.warmup)
    return settings.last_rate + (1 - settings.last_rate) * max(0.0, left)


class _Steps:
    """Steps of the optimiser; captured by length where the device is a CUDA one."""

    def __init__(
        self, network: Any, tokenizer: Any, settings: TrainingSettings, teacher: Teacher | None, masked: float
    ) -> None:
        self._settings, self._masked = settings, masked
        self._device = network.device
        self._sides = [(network, tokenizer), *([(teacher.network, teacher.tokenizer)] if teacher else [])]
        self._temperatures = teacher.temperatures if teacher else (1.0, 1.0)
        self._on_device: list[OnDevice] = []
        self._graphs: dict[int, tuple[Any, Tensor]] = {}
        self._total = torch.zeros(2, device=self._device)
        groups: dict[tuple[Any, Any], list[Any]] = {}
        for group in parameter_groups(network, settings):
            parameters: Any = group["params"]
            groups.setdefault((group["lr"], group["weight_decay"]), []).extend(parameters)
        self._base = torch.tensor([rate for rate, _ in groups], device=self._device)
        self._rates = torch.zeros_like(self._base)
        self._parameters = [parameter for part in groups.values() for parameter in part]
        self._captures = self._device.type == "cuda"
        self._optimizer = torch.optim.AdamW(
            [
                {"params": part, "lr": self._rates[i], "weight_decay": decay}
                for i, ((_, decay), part) in enumerate(groups.items())
            ],
            fused=self._captures,
            capturable=self._captures,
        )

    def show(self, shown: Pass) -> None:
        """Bring a pass to the device."""
        if not self._on_device:
            self._on_device = [
                OnDevice(net, tok, first) for (net, tok), first in zip(self._sides, shown.inputs, strict=True)
            ]
            self._targets = torch.zeros(shown.targets.shape, device=self._device)
        for side, inputs in zip(self._on_device, shown.inputs, strict=True):
            side.fill(inputs)
            side.network.train(side is self._on_device[0])
        self._targets.copy_(torch.from_numpy(shown.targets))
        if self._captures and not self._graphs:
            self._capture()

    def run(self, length: int, rows: npt.NDArray[np.int64], rate: float) -> None:
        """One step; on a GPU it is under way when this returns."""
        torch.mul(self._base, rate, out=self._rates)
        if not self._captures:
            self._step(length, torch.from_numpy(rows))
        else:
            graph, static = self._graphs[length]
            static.copy_(torch.from_numpy(rows).pin_memory(), non_blocking=True)
            graph.replay()

    def mean_loss(self) -> float:
        """Since it was last asked, an example."""
        loss, weight = self._total.tolist()
        self._total.zero_()
        return float(loss / max(weight, 1e-6))

    def _step(self, length: int, rows: Tensor) -> None:
        settings, targets = self._settings, self._targets[rows.clamp(min=0)]
        weights = targets[:, 3] * (rows >= 0)
        rows = rows.clamp(min=0)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._captures):
            logits = self._on_device[0].logits(rows, length, self._masked).float()
        chances = None
        if len(self._on_device) > 1:
            with torch.no_grad(), torch.autocast(self._device.type, torch.bfloat16, enabled=self._captures):
                taught = self._on_device[1].logits(rows, length).float()
            parts = zip(taught.split(N_STANCES, 1), self._temperatures, strict=True)
            chances = torch.cat([(part / temperature).softmax(-1) for part, temperature in parts], 1)
        losses = losses_of(logits, targets, chances, settings)
        loss, weight = (losses * weights).sum(), weights.sum()
        self._optimizer.zero_grad(set_to_none=True)
        (loss / weight.clamp(min=1e-6)).backward()
        nn.utils.clip_grad_norm_(self._parameters, 1.0, foreach=True)
        self._optimizer.step()
        self._total += torch.stack([loss.detach(), weight])

    def _capture(self) -> None:
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        present = sorted({length for length in _LENGTHS if length <= self._longest()}, reverse=True)
        with torch.cuda.stream(stream):  # at a rate of nothing, so that nothing is learned yet
            self._rates.zero_()
            for length in present:
                rows = torch.zeros(_size(length, self._settings), dtype=torch.int64, device=self._device)
                self._step(length, rows)
        torch.cuda.current_stream().wait_stream(stream)
        for state in self._optimizer.state.values():
            for tensor in state.values():
                tensor.zero_()
        pool = torch.cuda.graph_pool_handle()
        for length in present:
            rows = torch.zeros(_size(length, self._settings), dtype=torch.int64, device=self._device)
            self._optimizer.zero_grad(set_to_none=True)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=pool):
                self._step(length, rows)
            self._graphs[length] = graph, rows
        self._optimizer.zero_grad(set_to_none=True)
        self._total.zero_()

    def _longest(self) -> int:
        longest = self._settings.max_tokens or _LENGTHS[-1]
        return next(length for length in _LENGTHS if length >= longest)


def losses_of(logits: Tensor, targets: Tensor, chances: Tensor | None, settings: TrainingSettings) -> Tensor:
    """The loss of each example, as :func:`stance.training.fine_tune` has it. *Shape:* ``(n,)``

    :param logits: *Shape:* ``(n, 6)``, float32
    :param targets: As in :class:`Pass`.
    :param chances: The teacher's, of stances and sentiments. *Shape:* ``(n, 6)``
    """
    stance, tone, two_way = targets[:, 0].long(), targets[:, 1].long(), targets[:, 2] > 0
    loss = label_losses(logits, stance, tone, two_way, settings)
    if chances is None:
        return loss
    # Where nobody labelled it, the teacher alone speaks; of two-way ones it knows no more than their label says.
    share = torch.where((stance < 0) & (tone < 0), 1.0, settings.teacher_weight).masked_fill(two_way, 0.0)
    return (1 - share) * loss + share * teacher_losses(logits, chances, settings)
