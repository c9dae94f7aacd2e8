"""Pieces in, pieces with their scores out, in order: what the cache knows does not reach the network.

All that is asked of the network goes through one stream, so that its batches stay full across pieces and parts.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from stance.encoding import Example, make_examples, unreadable_reason, write_example
from stance.errors import InputError, JobError
from stance.jobs.cache import Answer, Cache
from stance.jobs.manifest import FileEntry, SourceEntry
from stance.readers.pieces import Piece
from stance.scores import N_STANCES, Scores, n_pairs_of
from stance.sides import Sides
from stance.thread import Thread

Transform: TypeAlias = Callable[[Thread], Thread]
#: A piece, how far its source is read behind it, and its file.
Told: TypeAlias = tuple[Piece, SourceEntry, FileEntry | None]

_TOGETHER = 512  # rows looked up in one go
_ROOM = 16_384  # rows, or some windows of the network, that may wait for their answers


@dataclass
class Counts:
    """How comments came by their answers."""

    computed: int = 0
    from_cache: int = 0
    repeated: int = 0
    wordless: int = 0


@dataclass(frozen=True)
class Answered:
    """A piece whose comments all have their scores.

    :param thread: As it is stored, the comments before the piece among its own; None where the piece has none.
    :param scores: Of all comments of the thread; zeros for those before the piece.
    """

    told: Told
    thread: Thread | None
    scores: Scores | None


@dataclass
class _Waiting:
    told: Told
    thread: Thread | None
    keys: Sequence[bytes]  # one a comment and pair of its sides, behind those before; empty where it has no words
    reasons: Sequence[str]


@dataclass
class Answering:
    """Answers pieces.

    :param stream: Scores examples as they come, a table a window: :func:`stance.inference.stream_scores` of the model.
    :param form: How the model's inputs are written.
    :param of: What answers depend on beside what is asked: the network, and how it computes.
    :param window: Examples that the network takes together.
    :param labels: Of the sides, the same for all threads.
    """

    stream: Callable[[Iterable[Example]], Iterator[Scores]]
    form: Any
    of: bytes
    window: int
    cache: Cache
    sides_of: Callable[[Thread], Sides]
    labels: tuple[str, ...]
    transforms: Sequence[Transform] = ()
    counts: Counts = field(default_factory=Counts)
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _asked: deque[bytes] = field(default_factory=deque)
    _answers: dict[bytes, Answer] = field(default_factory=dict)
    _needed: Counter[bytes] = field(default_factory=Counter)
    _n_waiting: int = 0

    def answered(self, pieces: Iterator[Told]) -> Iterator[Answered]:
        """Answer pieces, in order; at most some windows wait."""
        is_over = False
        while not is_over:
            # Where most is known, little reaches the network; then its stream is ended for what waits to be done.
            for scores in self.stream(self._unknown(pieces)):
                self._learn(scores)
                yield from self._ready()
            is_over = not self._waiting
            yield from self._ready()

    def _unknown(self, pieces: Iterator[Told]) -> Iterator[Example]:
        """What the network has to be asked, piece after piece."""
        room = max(_ROOM, 4 * self.window)
        while self._n_waiting < room:
            group: list[_Waiting] = []
            examples: dict[bytes, Example] = {}
            n_rows = 0
            for told in pieces:
                one = self._prepared(told, examples)
                group.append(one)
                n_rows += len(one.keys)
                if n_rows >= _TOGETHER or len(group) >= _TOGETHER:
                    break
            if not group:
                return
            fresh = self._looked_up(group, examples)
            self._waiting.extend(group)
            self._n_waiting += n_rows
            for key in fresh:
                self._asked.append(key)
                yield examples[key]

    def _prepared(self, told: Told, examples: dict[bytes, Example]) -> _Waiting:
        piece = told[0]
        if piece.thread is None or not piece.rows:
            return _Waiting(told, None, (), ())
        sides = self.sides_of(piece.thread)
        labels = tuple(side.label for side in sides.all)
        if labels != self.labels:
            raise InputError(
                f"A job answers with the same labels throughout, {self.labels}, but thread {piece.thread.id!r} of"
                f" {piece.place} has {labels}. Classify it in a job of its own."
            )
        thread = self._transformed(piece.thread)
        keys: list[bytes] = []
        reasons: list[str] = []
        for example in islice(make_examples(thread, sides), piece.n_before, None):
            reason = unreadable_reason(example.text) or ""
            for question in example.by_pair():
                key = b"" if reason else self._key(question)
                if key:
                    examples.setdefault(key, question)
                keys.append(key)
                reasons.append(reason)
        return _Waiting(told, thread, keys, reasons)

    def _transformed(self, thread: Thread) -> Thread:
        changed = thread
        for transform in self.transforms:
            changed = transform(changed)
        if len(changed.comments) != len(thread.comments):
            raise JobError(
                f"A transform made {len(changed.comments)} comments of {len(thread.comments)} (thread {thread.id!r})."
                " It may change comments, but none may be added or left out."
            )
        return changed

    def _key(self, example: Example) -> bytes:
        words = "\0".join(write_example(example, self.form)).encode("utf-8", "backslashreplace")
        return hashlib.blake2b(words, digest_size=16, key=self.of).digest()

    def _looked_up(self, group: Sequence[_Waiting], examples: dict[bytes, Example]) -> list[bytes]:
        """Note what is needed; gives what nobody has asked and the cache does not know."""
        met = Counter(key for one in group for key in one.keys)
        self.counts.wordless += met.pop(b"", 0)
        unasked = [key for key in examples if key not in self._needed]
        found = self.cache.find(unasked)
        self._answers.update(found)
        fresh = [key for key in unasked if key not in found]
        self.counts.from_cache += sum(met[key] for key in found)
        self.counts.repeated += met.total() - len(fresh) - sum(met[key] for key in found)
        self._needed.update(met)
        return fresh

    def _learn(self, scores: Scores) -> None:
        learned: list[tuple[bytes, Answer]] = []
        for logits, n_cut, reason in zip(scores.logits, scores.n_cut, scores.reasons, strict=True):
            learned.append((self._asked.popleft(), Answer(logits.copy(), int(n_cut), reason)))
        self._answers.update(learned)
        self.counts.computed += len(learned)
        self.cache.keep(learned)

    def _ready(self) -> Iterator[Answered]:
        while self._waiting and all(not key or key in self._answers for key in self._waiting[0].keys):
            one = self._waiting.popleft()
            self._n_waiting -= len(one.keys)
            scores = self._scores(one)
            for key in filter(None, one.keys):
                self._needed[key] -= 1
                if not self._needed[key]:
                    del self._needed[key], self._answers[key]
            yield Answered(one.told, one.thread, scores)

    def _scores(self, one: _Waiting) -> Scores | None:
        if one.thread is None:
            return None
        n_pairs = n_pairs_of(len(self.labels))
        comments = [comment for comment in one.thread.comments for _ in range(n_pairs)]
        n_before = one.told[0].n_before * n_pairs
        logits = np.zeros((len(comments), 2 * N_STANCES), dtype=np.float32)
        n_cut = np.zeros(len(comments), dtype=np.int32)
        reasons = [""] * n_before + list(one.reasons)
        for place, key in enumerate(one.keys, n_before):
            if key:
                answer = self._answers[key]
                logits[place], n_cut[place], reasons[place] = answer.logits, answer.n_cut, answer.reason
        return Scores(
            thread_ids=(one.thread.id,) * len(comments),
            comment_ids=tuple(comment.id for comment in comments),
            logits=logits,
            n_cut=n_cut,
            reasons=tuple(reasons),
            labels=self.labels[:2],
        ).side_by_side(self.labels)
