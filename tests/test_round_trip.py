"""A thread written in a format and read back is the same thread."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stance
from stance.readers import read_source
from stance.readers.rendered import words_quotes_of_either
from stance.readers.source import Source
from stance.readers.wording import clean, printable
from tests.written import TEXT_WRITERS, WRITERS

NAMES = ["Ann Oakes", "Bohdan K.", "O'Dea & Sons", "ratepayer77", "佐藤", "أبو سامي", "Zoë ☂", "Mrs <P>"]
SENTENCES = [
    "They were promised that money in May.",
    "Not a penny more, the town is skint!",
    "Who voted for this?",
    "My mother waited four hours on Tuesday; nobody came.",
    "“Efficiency” means fewer people, same work 😀",
    "I have seen the figures (all of them) & they do not add up.",
    "Strikes hurt those who can least afford it…",
    "Well said, well meant, and wrong.",
]
LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"])


def is_kept(text: str) -> bool:
    """Whether a text looks like nothing but a writer's own words: no mojibake, no markup, no marks of quotation."""
    return (
        clean(text) == printable(text) == text
        and words_quotes_of_either(text, "") == (text, "")
        and not any(line.lstrip().startswith(">") for line in text.split("\n"))
        and not text.startswith(("[", "@"))
        and unicodedata.normalize("NFC", text) == text
    )


words = st.text(LETTERS, min_size=1, max_size=12)
lines = st.lists(words, min_size=1, max_size=8).map(" ".join)
wild_texts = st.lists(lines, min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from(["\n", "\n\n"]).map(lambda gap: gap.join(parts))
)
plain_texts = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5, unique=True).flatmap(
    lambda parts: st.sampled_from([" ", "\n\n"]).map(lambda gap: gap.join(parts))
)


@st.composite
def threads(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> stance.Thread:
    """A thread whose comments, in the order of a page, answer the post or one above."""
    bodies = draw(st.lists(texts, min_size=1, max_size=7))
    time = dt.datetime(2013, 3, 14, 9, 12, tzinfo=dt.UTC)
    comments: list[stance.Comment] = []
    for number, body in enumerate(bodies):
        time += dt.timedelta(minutes=draw(st.integers(1, 5000)))
        # The parent is the one above or one of those it stands under, as a tree is written from top to bottom.
        above = [None, *_upwards(comments)]
        parent_id = draw(st.sampled_from(above))
        author = draw(st.sampled_from(NAMES))
        comments.append(stance.Comment(id=f"{number + 11}", text=body, author=author, time=time, parent_id=parent_id))
    return stance.Thread(
        id="900",
        title="Bin crews: the vote",
        post="The crews have voted. " + draw(st.sampled_from(SENTENCES)),
        comments=tuple(comments),
        url="https://paper.example/bins",
    )


def _upwards(comments: list[stance.Comment]) -> list[str]:
    by_id = {comment.id: comment for comment in comments}
    way, at = [], comments[-1] if comments else None
    while at is not None:
        way.append(at.id)
        at = by_id.get(at.parent_id or "")
    return way


@pytest.mark.parametrize("name", WRITERS)
@given(thread=threads(wild_texts.filter(is_kept)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_thread_written_as_an_export_is_read_back_the_same(name: str, thread: stance.Thread) -> None:
    ending, write = WRITERS[name]
    (found,) = read_source(Source.of_bytes(write(thread), f"thread{ending}"))
    assert found.report.reader in (name, "table")
    assert (found.id, found.title, found.report.dropped) == (thread.id, thread.title, {})
    assert [facts(comment) for comment in found.comments] == [facts(comment) for comment in thread.comments]


@pytest.mark.parametrize("name", TEXT_WRITERS)
@given(thread=threads(plain_texts))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_thread_copied_from_a_page_is_read_back_the_same(name: str, thread: stance.Thread) -> None:
    ending, write = TEXT_WRITERS[name]
    (found,) = read_source(Source.of_bytes(write(thread), f"thread{ending}"))
    assert (found.report.reader, found.title) == (name, thread.title)
    shown = [replace(c, time=c.time.replace(tzinfo=None) if c.time else None) for c in thread.comments]
    assert [(c.author, c.iso_time, c.text) for c in found.comments] == [(c.author, c.iso_time, c.text) for c in shown]


def facts(comment: stance.Comment) -> tuple[str, str | None, str | None, dt.datetime | None, str]:
    return comment.id, comment.author, comment.parent_id, comment.time, comment.text
