"""Labelled comments written for the tests: a quarrel over a footbridge, three threads, few people."""

from __future__ import annotations

from typing import Any

FOR_COUNCIL = ["the council must cut pay", "strike should never", "workers must never strike", "cut the bins"]
FOR_UNION = ["pay the workers well", "the union said it well", "pay residents and workers", "workers should strike"]
NEUTRAL = ["bins in answer to residents", "in answer to bins", "to the bins", "residents said in answer"]


def labelled_rows(n_threads: int = 6, per_class: int = 3) -> list[dict[str, Any]]:
    """Rows of several threads, each with its own people, three stances and the tone that goes with them."""
    rows = []
    for thread in range(n_threads):
        for i in range(per_class):
            for stance, tone, texts in (
                ("pro-council", "negative", FOR_COUNCIL),
                ("pro-union", "positive", FOR_UNION),
                ("neutral", "neutral", NEUTRAL),
            ):
                number = len(rows)
                rows.append(
                    {
                        "thread_id": f"t{thread}",
                        "comment_id": str(number),
                        "author": f"writer {number % (3 * per_class)} of {thread}",
                        "text": f"{texts[(thread + i) % len(texts)]} {number}",
                        "label": stance,
                        "tone": tone,
                    }
                )
    return rows
