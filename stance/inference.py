"""Examples in, scores out: the costly half.

A stream of examples is cut into windows. While the device works on one window, the next is tokenised. Within a
window, and among the last hundred thousand before it, equal inputs are computed once; the others go longest first, in
batches under a token budget; then the order is restored. No row is lost on the way: a batch that does not fit into
memory is halved, and an example that the network fails on gets a reason in place of a score. An example of three or
four sides is asked about every pair of them in both orders; its answers stand side by side in one row.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from stance.encoder import features_of, laid_end_to_end, run
from stance.encoding import (
    Example,
    TokenizedExample,
    WrittenExample,
    batch_by_tokens,
    tokenize_written,
    unreadable_reason,
    write_examples,
)
from stance.errors import InputError
from stance.model import OpenModel, last_layer
from stance.processor import torch_threads
from stance.scores import N_STANCES, Scores, n_pairs_of
from stance.sides import Sides

#: Padded tokens of a batch, by kind of device: enough to keep its units busy.
BATCH_TOKENS = {"cpu": 4096, "cuda": 65536}
#: Examples of a window: enough to sort by length, few enough that results come soon.
WINDOW = {"cpu": 512, "cuda": 16384}
_REMEMBERED = 2**17  # inputs whose logits are kept for the case that they come again; some 30 MB
_UNDER_WAY = 2  # batches that a device may have before it, so that it never waits for Python

#: Six logits, or why there are none.
Answer: TypeAlias = npt.NDArray[np.float32] | str
Progress: TypeAlias = Callable[[int], None]


def score_examples(
    examples: Iterable[Example],
    model: OpenModel,
    batch_tokens: int | None = None,
    progress: Progress | None = None,
) -> Scores:
    """Run the network over examples.

    The answer to an example is the same alone and in any batch: within 1e-5 on its logits in float32, 2e-2 in
    bfloat16. The same input and settings give the same bits.

    :param examples: Those that become stances together have sides of the same labels; the scores carry the first's.
    :param batch_tokens: Largest padded batch, in tokens; by default what suits the device (:data:`BATCH_TOKENS`).
        Halved, for the rest of the call, where memory does not suffice.
    :param progress: Told after each batch how many more examples are done.
    :raises InputError: If some are of two sides and some of more.
    """
    return Scores.joined(list(stream_scores(examples, model, batch_tokens, progress)))


def score_with_features(
    examples: Sequence[Example],
    model: OpenModel,
    batch_tokens: int | None = None,
    progress: Progress | None = None,
) -> tuple[Scores, npt.NDArray[np.float32]]:
    """Scores, and what the network's last layer sees of each example, which makes the logits of it.

    For hundreds or thousands of examples, all held at once; a batch that fails ends it.

    :returns: Scores and features; zeros for an example that was not read. Of more than two sides, the features are the
        mean over the pairs. *Shape of the features:* ``(n, width)``
    """
    last = last_layer(model.network)
    weight, bias = last.weight.detach().float().cpu().numpy(), last.bias.detach().float().cpu().numpy()
    window = _prepare(examples, model)
    counts = Counter(window.keys)
    tell = _told_of_examples(progress, window.n_pairs)
    tell(counts[b""])
    keys = list(window.inputs)
    budget = batch_tokens or BATCH_TOKENS.get(model.device.type, BATCH_TOKENS["cpu"])
    seen = {b"": np.zeros(last.in_features, dtype=np.float32)}
    with torch_threads(model.threads), torch.inference_mode():
        for batch in batch_by_tokens([len(window.inputs[key].ids) for key in keys], budget):
            chosen = [keys[i] for i in batch]
            rows = _features([window.inputs[key] for key in chosen], model, last).float().cpu().numpy()
            seen.update(zip(chosen, rows, strict=True))
            tell(sum(counts[key] for key in chosen))
    features = np.stack([seen[key] for key in window.keys]) if examples else np.zeros((0, last.in_features), np.float32)
    if window.n_pairs > 1:
        features = features.reshape(len(examples), window.n_pairs, -1).mean(axis=1)
    return _table(window, {key: seen[key] @ weight.T + bias for key in keys}, window.labels), features


def stream_scores(
    examples: Iterable[Example],
    model: OpenModel,
    batch_tokens: int | None = None,
    progress: Progress | None = None,
    window: int | None = None,
) -> Iterator[Scores]:
    """The same, as it goes: one table of scores a window, in order, in bounded memory however long the stream.

    :param window: Examples sorted and scored together; by default what suits the device (:data:`WINDOW`).
    """
    kind = model.device.type
    budget = batch_tokens or BATCH_TOKENS.get(kind, BATCH_TOKENS["cpu"])
    window = window or WINDOW.get(kind, WINDOW["cpu"])
    runner = _Runner(model, budget, progress)
    source = iter(examples)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="stance-tokenize") as ahead:
        waiting = deque[Future[_Window]]()
        while chunk := list(islice(source, window)):
            waiting.append(ahead.submit(_prepare, chunk, model))
            if len(waiting) > 1:
                yield runner.score(waiting.popleft().result())
        while waiting:
            yield runner.score(waiting.popleft().result())


@dataclass(frozen=True)
class _Window:
    """Examples, tokenised.

    :param examples: Of two sides each: one of more has become one a pair.
    :param labels: Of the sides of the first, before that; those of council and union where there is none.
    :param keys: Which input each example is; empty where it is not readable. One an example.
    :param reasons: Why not; empty where it is. One an example.
    :param inputs: The distinct inputs.
    """

    examples: Sequence[Example]
    labels: tuple[str, ...]
    keys: list[bytes]
    reasons: list[str]
    inputs: dict[bytes, TokenizedExample]

    @property
    def n_pairs(self) -> int:
        return n_pairs_of(len(self.labels))


def _prepare(whole: Sequence[Example], model: OpenModel) -> _Window:
    labels = tuple(side.label for side in (whole[0].sides if whole else Sides.council_union()).all)
    for example in whole:
        _refuse_other_count(len(example.sides), len(labels))
    examples = [question for example in whole for question in example.by_pair()]
    form = model.card.form
    reasons = [unreadable_reason(example.text) or "" for example in examples]
    keys = [b""] * len(examples)
    distinct: dict[bytes, WrittenExample] = {}
    readable = [i for i, reason in enumerate(reasons) if not reason]
    for i, written in zip(readable, write_examples((examples[i] for i in readable), form), strict=True):
        keys[i] = hashlib.blake2b("\0".join(written).encode(), digest_size=16).digest()
        distinct.setdefault(keys[i], written)
    tokenized = tokenize_written(list(distinct.values()), model.tokenizer, form)
    return _Window(examples, labels, keys, reasons, dict(zip(distinct, tokenized, strict=True)))


def _refuse_other_count(came: int, expected: int) -> None:
    if came != expected:
        raise InputError(f"Examples of {expected} and of {came} sides came. Score them in calls of their own.")


class _Runner:
    """Runs windows on a model. It remembers what it has answered, and the budget that memory suffices for."""

    def __init__(self, model: OpenModel, budget: int, progress: Progress | None) -> None:
        self._model = model
        self._budget = budget
        self._progress = progress
        self._tell: Progress = _told_of_examples(progress, 1)
        self._remembered: dict[bytes, Answer] = {}
        self._labels: tuple[str, ...] | None = None
        self._turn = 0

    def score(self, window: _Window) -> Scores:
        if self._labels is None:
            self._labels = window.labels
            self._tell = _told_of_examples(self._progress, window.n_pairs)
        _refuse_other_count(len(window.labels), len(self._labels))
        counts = Counter(window.keys)
        answers = {key: self._remembered[key] for key in window.inputs if key in self._remembered}
        fresh = {key: one for key, one in window.inputs.items() if key not in answers}
        self._tell(len(window.examples) - sum(counts[key] for key in fresh))
        with torch_threads(self._model.threads), torch.inference_mode():
            for answered in self._answers(fresh):
                answers.update(answered)
                self._tell(sum(counts[key] for key in answered))
        self._remembered.update(answers)
        for key in list(islice(self._remembered, max(0, len(self._remembered) - _REMEMBERED))):
            del self._remembered[key]
        return _table(window, answers, self._labels)

    def _answers(self, inputs: dict[bytes, TokenizedExample]) -> Iterator[dict[bytes, Answer]]:
        """Run all inputs, longest first; one dict a batch."""
        todo = deque(self._batches(list(inputs), inputs))
        under_way = deque[tuple[list[bytes], torch.Tensor]]()
        room = 1 if self._model.device.type == "cpu" else _UNDER_WAY * max(1, len(self._model.encoders))
        while todo or under_way:
            if todo and len(under_way) < room:
                batch = todo.popleft()
                try:
                    under_way.append((batch, self._launched([inputs[key] for key in batch])))
                except (RuntimeError, MemoryError, IndexError, ValueError) as error:
                    if len(batch) == 1:
                        yield {batch[0]: _reason_of(error)}
                    else:
                        self._put_back(batch, inputs, todo, error)
            else:
                batch, logits = under_way.popleft()
                rows = logits.cpu().numpy()
                finite = np.isfinite(rows).all(axis=1)
                yield {key: rows[i] if finite[i] else _NOT_FINITE for i, key in enumerate(batch)}

    def _batches(self, keys: list[bytes], inputs: dict[bytes, TokenizedExample]) -> Iterator[list[bytes]]:
        for batch in batch_by_tokens([len(inputs[key].ids) for key in keys], self._budget):
            yield [keys[i] for i in batch]

    def _launched(self, batch: Sequence[TokenizedExample]) -> torch.Tensor:
        """The logits of a batch, perhaps still under way on the device whose turn it is."""
        encoders = self._model.encoders
        if not encoders:
            return _run_stock(batch, self._model)
        encoder = encoders[self._turn % len(encoders)]
        self._turn += 1
        built_by_shape = encoder.device.type == "cpu" and encoder.precision != torch.float32
        return run(encoder, laid_end_to_end(batch, rounded=built_by_shape))

    def _put_back(
        self, batch: list[bytes], inputs: dict[bytes, TokenizedExample], todo: deque[list[bytes]], error: Exception
    ) -> None:
        """Put a batch that failed back in smaller parts."""
        if _is_out_of_memory(error):
            self._budget = max(1, self._budget // 2)
            waiting = [*batch, *(key for rest in todo for key in rest)]
            todo.clear()
            todo.extend(self._batches(waiting, inputs))
            if self._model.device.type == "cuda":
                torch.cuda.empty_cache()
        elif isinstance(error, torch.AcceleratorError):
            raise error  # the device is lost, and every later call on it fails
        else:
            todo.extendleft([batch[len(batch) // 2 :], batch[: len(batch) // 2]])


def _told_of_examples(progress: Progress | None, n_pairs: int) -> Progress:
    """A function told how many more inputs are done, for one told how many more examples are."""
    n_inputs = n_told = 0

    def tell(n_more: int) -> None:
        nonlocal n_inputs, n_told
        n_inputs += n_more
        n_new = n_inputs // n_pairs - n_told
        n_told += n_new
        if progress and n_new:
            progress(n_new)

    return tell


def _table(window: _Window, answers: dict[bytes, Answer], labels: tuple[str, ...]) -> Scores:
    n = len(window.examples)
    logits = np.zeros((n, 2 * N_STANCES), dtype=np.float32)
    n_cut = np.zeros(n, dtype=np.int32)
    reasons = list(window.reasons)
    for i, key in enumerate(window.keys):
        if key:
            answer = answers[key]
            n_cut[i] = window.inputs[key].n_cut
            if isinstance(answer, str):
                reasons[i] = answer
            else:
                logits[i] = answer
    return Scores(
        thread_ids=tuple(example.thread_id for example in window.examples),
        comment_ids=tuple(example.comment_id for example in window.examples),
        logits=logits,
        n_cut=n_cut,
        reasons=tuple(reasons),
        labels=labels[:2],
    ).side_by_side(labels)


def pad_batch(batch: Sequence[TokenizedExample], pad_id: int) -> dict[str, torch.Tensor]:
    """Lay examples side by side, filled up to the longest. *Shapes:* ``(n, longest)``, int64"""
    shape = (len(batch), max(len(example.ids) for example in batch))
    ids, mask, type_ids = (np.full(shape, fill, dtype=np.int64) for fill in (pad_id, 0, 0))
    for row, example in enumerate(batch):
        n = len(example.ids)
        ids[row, :n], mask[row, :n], type_ids[row, :n] = example.ids, 1, example.type_ids
    return {
        "input_ids": torch.from_numpy(ids),
        "attention_mask": torch.from_numpy(mask),
        "token_type_ids": torch.from_numpy(type_ids),
    }


def _run_stock(batch: Sequence[TokenizedExample], model: OpenModel) -> torch.Tensor:
    """The stock network, padded: for architectures that have no packed form, and the measure of those that have."""
    inputs = pad_batch(batch, model.pad_id)
    if not model.uses_type_ids:
        del inputs["token_type_ids"]
    narrow = model.precision != torch.float32
    with torch.autocast(model.device.type, model.precision, enabled=narrow):
        logits: torch.Tensor = model.network(**{name: one.to(model.device) for name, one in inputs.items()}).logits
    return logits.float()


def _features(batch: Sequence[TokenizedExample], model: OpenModel, last: nn.Linear) -> torch.Tensor:
    """What comes into the last layer, by the packed form or, where there is none, the stock network."""
    if model.encoders:
        return features_of(model.encoders[0], laid_end_to_end(batch))
    listener = _Listener(last)
    with listener:
        _run_stock(batch, model)
    return listener.heard[0]


class _Listener(TorchFunctionMode):
    """Keeps what comes into a layer in this thread. A hook would hear other threads' calls of the network, too."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self._layer = layer
        self.heard: list[torch.Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is nn.functional.linear and args[1] is self._layer.weight:
            self.heard.append(args[0])
        return func(*args, **(kwargs or {}))


_NOT_FINITE = "the model gave no finite numbers for it"


def _reason_of(error: Exception) -> str:
    if _is_out_of_memory(error):
        return "memory does not suffice for it"
    first = (str(error).splitlines() or [""])[0]
    return f"the model failed on it ({type(error).__name__}: {first})"


def _is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(error)
