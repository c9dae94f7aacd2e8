"""Reddit's dumps (Pushshift and its followers): one comment or submission a line, or an array of them, streamed."""

from __future__ import annotations

from collections.abc import Iterator

from stance.readers.draft import Draft
from stance.readers.json_values import at, sample_of, values_of
from stance.readers.reddit import add_comment, describe, is_comment, is_submission, submission_of
from stance.readers.source import Source
from stance.thread import Thread


def read(source: Source) -> list[Thread] | None:
    """Read the dump, a thread for each submission; None where it begins with neither comment nor submission."""
    sample = next(_within(sample_of(source)), None)
    if not (is_comment(sample) or is_submission(sample)):
        return None
    drafts: dict[str, Draft] = {}
    n_others = 0
    for _, value in values_of(source):
        for row in _within(value):
            if is_comment(row):
                add_comment(_draft_of(drafts, source, submission_of(row)), row)
            elif is_submission(row):
                describe(_draft_of(drafts, source, str(row["id"])), row)
            else:
                n_others += 1
    threads = list(drafts.values())
    if n_others:
        threads[0].doubt(f"{n_others} lines are neither comments nor submissions and were left out")
    return [draft.thread("certain", shows_parents=True) for draft in threads]


def _within(value: object) -> Iterator[dict[str, object]]:
    """The rows of an answer of Pushshift's API (``{"data": [...]}``), or the row itself."""
    answer = at(value, "data")
    for row in answer if isinstance(answer, list) else [value]:
        yield row if isinstance(row, dict) else {}


def _draft_of(drafts: dict[str, Draft], source: Source, thread_id: str) -> Draft:
    if thread_id not in drafts:
        drafts[thread_id] = Draft(source, id=thread_id or None)
    return drafts[thread_id]
