"""Every source file of ``tests/threads`` gives the threads written down beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import stance
from benchmarks.readers import FLOORS, Case, Tally, cases, measure

CASES = cases()
#: What a case may say of a thread and of a comment; a misspelt key would check nothing.
THREAD_KEYS = {"reader", "id", "title", "post_begins", "post_author", "url", "dropped", "doubtful", "comments"}
COMMENT_KEYS = {"id", "author", "time", "parent", "is_post_author", "text", "quoted"}


@pytest.fixture(scope="module")
def tallies() -> dict[str, Tally]:
    return measure(CASES)


@pytest.mark.parametrize("name", sorted({case.format for case in CASES}))
def test_a_format_is_read_as_well_as_promised(tallies: Mapping[str, Tally], name: str) -> None:
    figures = tallies[name].figures()
    assert {name: figures[name] for name, floor in FLOORS.items() if figures[name] < floor} == {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_gives_its_threads(case: Case) -> None:
    threads = stance.read_threads(case.source)
    assert len(threads) == len(case.threads)
    for thread, expected in zip(threads, case.threads, strict=True):
        assert set(expected) <= THREAD_KEYS
        assert thread_facts(thread, expected) == {key: value for key, value in expected.items() if key != "comments"}
        assert dict(thread.report.dropped) == expected.get("dropped", {})
        assert thread.url == expected.get("url")
        assert thread.post_author == expected.get("post_author")
        assert comment_rows(thread, expected) == expected_rows(expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_where_nothing_can_be_told_apart_nothing_is_invented_and_the_thread_says_why(case: Case) -> None:
    threads = stance.read_threads(case.source)
    for thread, expected in zip(threads, case.threads, strict=True):
        if not expected["comments"]:
            assert thread.comments == ()
        if thread.report.sureness == "doubtful":
            assert thread.report.doubtful


def thread_facts(thread: stance.Thread, expected: Mapping[str, Any]) -> dict[str, Any]:
    """What a case says of a thread, as the thread says it."""
    report, begins = thread.report, expected.get("post_begins", "")
    told = {
        "reader": report.reader,
        "id": thread.id,
        "title": thread.title,
        "post_begins": thread.post[: len(begins)] if begins else thread.post,
        "post_author": thread.post_author,
        "url": thread.url,
        "dropped": dict(report.dropped),
        "doubtful": expected.get("doubtful") if expected.get("doubtful", "") in " ".join(report.doubtful) else "",
    }
    return {key: told[key] for key in expected if key != "comments"}


def comment_rows(thread: stance.Thread, expected: Mapping[str, Any]) -> list[dict[str, Any]]:
    place = {comment.id: number for number, comment in enumerate(thread.comments)}
    shows_ids = any("id" in comment for comment in expected["comments"])
    return [
        {
            **({"id": comment.id} if shows_ids else {}),
            "author": comment.author,
            "time": comment.iso_time,
            "parent": None if comment.parent_id is None else place[comment.parent_id],
            "is_post_author": comment.is_post_author,
            "text": comment.text,
            "quoted": comment.quoted,
        }
        for comment in thread.comments
    ]


def expected_rows(expected: Mapping[str, Any]) -> list[dict[str, Any]]:
    absent = {"author": None, "time": None, "parent": None, "is_post_author": False, "quoted": ""}
    assert all(set(comment) <= COMMENT_KEYS for comment in expected["comments"])
    return [absent | comment for comment in expected["comments"]]
