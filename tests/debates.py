"""Threads whose stances are written by hand, for what is made of stances."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

import stance
from stance.calibration import Calibration
from stance.held_out import HeldOut
from stance.scores import Scores
from stance.stances import Stances, calibrate

COUNCIL, UNION, NEUTRAL = 0, 1, 2
ANGRY, CALM, WARM = 0, 1, 2


def comment(
    i: int, author: str | None = None, parent: int | None = None, time: dt.datetime | None = None, text: str = "x"
) -> stance.Comment:
    return stance.Comment(
        id=str(i), text=text, author=author, parent_id=None if parent is None else str(parent), time=time
    )


def answered(
    comments: Sequence[stance.Comment],
    sides: Sequence[int],
    tones: Sequence[int] | None = None,
    held_out: HeldOut | None = None,
    sure: float = 5.0,
    thread_id: str = "t",
) -> tuple[stance.Thread, Stances]:
    """A thread with the stances that a model gives; ``sure`` is by how much the logit of the answer is ahead."""
    thread = stance.Thread(id=thread_id, comments=tuple(comments))
    return thread, calibrate([thread], scores_of([thread], sides, tones, sure), Calibration(held_out=held_out))


def scores_of(
    threads: Sequence[stance.Thread], sides: Sequence[int], tones: Sequence[int] | None = None, sure: float = 5.0
) -> Scores:
    pairs = [(thread.id, comment.id) for thread in threads for comment in thread.comments]
    logits = np.hstack([sure * np.eye(3)[list(sides)], sure * np.eye(3)[list(tones or [CALM] * len(pairs))]])
    return Scores(
        thread_ids=tuple(name for name, _ in pairs),
        comment_ids=tuple(name for _, name in pairs),
        logits=logits.reshape(-1, 6).astype(np.float32),
        n_cut=np.zeros(len(pairs), dtype=np.int32),
        reasons=("",) * len(pairs),
    )


def erring(right: float = 0.7, n: int = 1200, sure: float = 5.0) -> HeldOut:
    """Held-out answers of a model as sure as :func:`answered`, right in that share, else either of the others."""
    rng = np.random.default_rng(0)
    stances, tones = rng.integers(0, 3, n), rng.integers(0, 3, n)
    said, heard = (
        np.where(rng.random(n) < right, true, (true + rng.integers(1, 3, n)) % 3) for true in (stances, tones)
    )
    logits = sure * np.hstack([np.eye(3)[said], np.eye(3)[heard]])
    return HeldOut(np.arange(n) % 80, np.zeros(n, dtype=np.int64), stances, tones, logits)
