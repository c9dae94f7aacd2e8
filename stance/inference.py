"""Examples in, scores out: the costly half.

A stream of examples is cut into windows. While the device works on one window, the next is tokenised, for a fast device
by several processes (:mod:`stance.workers`). Within a window, and among the last hundred thousand before it, equal
inputs are computed once; the others go longest first, in batches under a token budget; then the order is restored. No
row is lost on the way: a batch that does not fit into memory is halved, and an example that the network fails on gets a
reason in place of a score. Two sides are named to the network in the order it was taught (:mod:`stance.roles`), and its
answer is given in the caller's. An example of three or four sides is asked about every pair of them in both orders; its
answers stand side by side in one row.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from stance.encoder import features_of, laid_end_to_end, run
from stance.encoding import Example, batch_by_tokens
from stance.model import OpenModel, last_layer
from stance.preparing import Prepared, columns_of, prepare
from stance.processor import torch_threads
from stance.scores import N_STANCES, Scores
from stance.tokens import TokenizedExample, Tokens
from stance.windows import Turned, Window, refuse_other_count, window_of
from stance.words import Words
from stance.workers import Preparers, default_workers

#: Padded tokens of a batch, by kind of device: enough to keep its units busy.
BATCH_TOKENS = {"cpu": 4096, "cuda": 65536}
#: Examples of a window: enough to sort by length, few enough that results come soon.
WINDOW = {"cpu": 512, "cuda": 16384}
_REMEMBERED = 2**17  # inputs whose logits are kept for the case that they come again; some 30 MB
_UNDER_WAY = 2  # batches that a device may have before it, so that it never waits for Python

#: Six logits, or why there are none.
Answer: TypeAlias = npt.NDArray[np.float32] | str
Progress: TypeAlias = Callable[[int], None]
_Rows: TypeAlias = npt.NDArray[np.intp]  # places of inputs in a window


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

    :returns: Scores and features; zeros for an example that was not read. The last layer makes of the features the
        logits of sides that are in order (:mod:`stance.roles`). Of more than two sides, the features are the
        mean over the pairs. *Shape of the features:* ``(n, width)``
    """
    last = last_layer(model.network)
    weight, bias = last.weight.detach().float().cpu().numpy(), last.bias.detach().float().cpu().numpy()
    asked, turned = _asked(examples, model)
    prepared = prepare(columns_of(asked), Words(model.tokenizer), model.card.form) if examples else None
    window = window_of(examples, [prepared] if prepared else [], turned)
    counts = window.counts
    tell = _told_of_examples(progress, window.n_pairs)
    tell(len(window.which) - int(counts.sum()))
    budget = batch_tokens or BATCH_TOKENS.get(model.device.type, BATCH_TOKENS["cpu"])
    seen = np.zeros((len(window.keys) + 1, last.in_features), dtype=np.float32)  # the last is for what is not readable
    with torch_threads(model.threads), torch.inference_mode():
        for batch in batch_by_tokens(window.tokens.lengths, budget):
            seen[batch] = _features(window.tokens.chosen(batch), model, last).float().cpu().numpy()
            tell(int(counts[batch].sum()))
    logits = seen[:-1] @ weight.T + bias
    features = seen[window.which]
    if window.n_pairs > 1:
        features = features.reshape(len(examples), window.n_pairs, -1).mean(axis=1)
    return window.table(logits, {}, window.labels), features


def stream_scores(
    examples: Iterable[Example],
    model: OpenModel,
    batch_tokens: int | None = None,
    progress: Progress | None = None,
    window: int | None = None,
    workers: int | None = None,
) -> Iterator[Scores]:
    """The same, as it goes: one table of scores a window, in order, in bounded memory however long the stream.

    :param window: Examples sorted and scored together; by default what suits the device (:data:`WINDOW`).
    :param workers: Processes that prepare examples, from the second window on; by default what suits the device
        (:func:`stance.workers.default_workers`). They change no bit of an answer.
    """
    kind = model.device.type
    budget = batch_tokens or BATCH_TOKENS.get(kind, BATCH_TOKENS["cpu"])
    window = window or WINDOW.get(kind, WINDOW["cpu"])
    n_workers = default_workers(kind) if workers is None else workers
    piece = -(-window // (2 * n_workers)) if n_workers else window  # twice as many: some take longer than others
    runner = _Runner(model, budget, progress)
    source = iter(examples)
    # While the device works on one window, a thread puts the next together; it waits for what prepares.
    with ThreadPoolExecutor(1, "stance-window") as ahead, Preparers(model.tokenizer, model.card.form) as preparers:
        waiting = deque[Future[Window]]()
        while chunk := list(islice(source, window)):
            asked, turned = _asked(chunk, model)
            parts = [preparers.prepared(asked[i : i + piece]) for i in range(0, len(asked), piece)]
            waiting.append(ahead.submit(_window, chunk, parts, turned))
            if len(waiting) > 1:
                preparers.begin_workers(n_workers)
                yield runner.score(waiting.popleft().result())
        while waiting:
            yield runner.score(waiting.popleft().result())


def _asked(examples: Sequence[Example], model: OpenModel) -> tuple[Sequence[Example], Turned | None]:
    """Examples as the network is asked about them, and of which of them the sides change places for it."""
    return model.roles.asked(examples) if model.roles else (examples, None)


def _window(examples: Sequence[Example], parts: Sequence[Future[Prepared]], turned: Turned | None) -> Window:
    return window_of(examples, [part.result() for part in parts], turned)


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

    def score(self, window: Window) -> Scores:
        if self._labels is None:
            self._labels = window.labels
            self._tell = _told_of_examples(self._progress, window.n_pairs)
        refuse_other_count(len(window.labels), len(self._labels))
        logits = np.zeros((len(window.keys), 2 * N_STANCES), dtype=np.float32)
        known = [self._remembered.get(key) for key in window.keys]
        failures = {i: answer for i, answer in enumerate(known) if isinstance(answer, str)}
        for i, answer in enumerate(known):
            if answer is not None and i not in failures:
                logits[i] = answer
        fresh = np.array([i for i, answer in enumerate(known) if answer is None], dtype=np.intp)
        counts = window.counts
        self._tell(len(window.which) - int(counts[fresh].sum()))
        with torch_threads(self._model.threads), torch.inference_mode():
            for batch, rows in self._answers(fresh, window.tokens):
                if isinstance(rows, str):
                    failures[int(batch[0])] = rows
                else:
                    finite = np.isfinite(rows).all(axis=1)
                    logits[batch[finite]] = rows[finite]
                    failures.update(dict.fromkeys(batch[~finite].tolist(), _NOT_FINITE))
                self._tell(int(counts[batch].sum()))
        self._remember(window.keys, logits, failures)
        return window.table(logits, failures, self._labels)

    def _remember(self, keys: list[bytes], logits: npt.NDArray[np.float32], failures: dict[int, str]) -> None:
        self._remembered.update(zip(keys, logits, strict=True))
        self._remembered.update((keys[i], reason) for i, reason in failures.items())
        for key in list(islice(self._remembered, max(0, len(self._remembered) - _REMEMBERED))):
            del self._remembered[key]

    def _answers(self, rows: _Rows, tokens: Tokens) -> Iterator[tuple[_Rows, npt.NDArray[np.float32] | str]]:
        """Run some inputs, longest first; the logits of a batch at a time, or why there are none of one input."""
        todo = deque(self._batches(rows, tokens))
        under_way = deque[tuple[_Rows, torch.Tensor]]()
        room = 1 if self._model.device.type == "cpu" else _UNDER_WAY * max(1, len(self._model.encoders))
        while todo or under_way:
            if todo and len(under_way) < room:
                batch = todo.popleft()
                try:
                    under_way.append((batch, self._launched(tokens.chosen(batch))))
                except (RuntimeError, MemoryError, IndexError, ValueError) as error:
                    if len(batch) == 1:
                        yield batch, _reason_of(error)
                    else:
                        self._put_back(batch, tokens, todo, error)
            else:
                batch, logits = under_way.popleft()
                yield batch, logits.cpu().numpy()

    def _batches(self, rows: _Rows, tokens: Tokens) -> Iterator[_Rows]:
        for batch in batch_by_tokens(tokens.lengths[rows], self._budget):
            yield rows[batch]

    def _launched(self, batch: Tokens) -> torch.Tensor:
        """The logits of a batch, perhaps still under way on the device whose turn it is."""
        encoders = self._model.encoders
        if not encoders:
            return _run_stock(batch, self._model)
        encoder = encoders[self._turn % len(encoders)]
        self._turn += 1
        built_by_shape = encoder.device.type == "cpu" and encoder.precision != torch.float32
        return run(encoder, laid_end_to_end(batch, rounded=built_by_shape))

    def _put_back(self, batch: _Rows, tokens: Tokens, todo: deque[_Rows], error: Exception) -> None:
        """Put a batch that failed back in smaller parts."""
        if _is_out_of_memory(error):
            self._budget = max(1, self._budget // 2)
            waiting = np.concatenate([batch, *todo])
            todo.clear()
            todo.extend(self._batches(waiting, tokens))
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


def _run_stock(batch: Tokens, model: OpenModel) -> torch.Tensor:
    """The stock network, padded: for architectures that have no packed form, and the measure of those that have."""
    inputs = pad_batch(list(batch), model.pad_id)
    if not model.uses_type_ids:
        del inputs["token_type_ids"]
    narrow = model.precision != torch.float32
    with torch.autocast(model.device.type, model.precision, enabled=narrow):
        logits: torch.Tensor = model.network(**{name: one.to(model.device) for name, one in inputs.items()}).logits
    return logits.float()


def _features(batch: Tokens, model: OpenModel, last: nn.Linear) -> torch.Tensor:
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
