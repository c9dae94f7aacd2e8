"""What a notebook shows of a thread, its stances and their summary."""

from __future__ import annotations

import re

import stance
from stance.views import MOST_SHOWN
from tests.debates import COUNCIL, NEUTRAL, UNION, answered, comment
from tests.hostile import ATTACKS


def hostile() -> tuple[stance.Thread, stance.Stances]:
    comments = [comment(i, f"{attack}{i}", text=attack) for i, attack in enumerate(ATTACKS)]
    return answered(comments, [i % 3 for i in range(len(comments))])


def cells(html: str) -> list[str]:
    return re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL).split()


def test_a_thread_shows_its_title_how_it_was_read_and_its_first_comments(bins_thread) -> None:
    html = bins_thread._repr_html_()
    assert "Bin crews vote to walk out in Norwich" in html
    assert "Pay the crews what they are owed." in html
    assert re.search(r"to <bdi>Norman</bdi>: ?</span><bdi>Well said", html)
    assert "(post)" in html


def test_stances_show_counts_probabilities_and_what_is_sure() -> None:
    _, stances = answered([comment(i, "Kath") for i in range(3)], [UNION, UNION, COUNCIL])
    html = stances._repr_html_()
    words = " ".join(cells(html))
    assert "3 comments: 1 pro-council , 2 pro-union , 0 neutral" in words
    assert words.count("99% sure") == 3 or words.count("99%") == 3


def test_a_summary_shows_its_sentence_and_both_kinds_of_shares() -> None:
    summary = stance.summarize(*answered([comment(i, f"p{i}") for i in range(9)], [UNION, COUNCIL, NEUTRAL] * 3))
    html = summary._repr_html_()
    assert str(summary) in html
    for shares in (summary.by_comments, summary.by_people):
        assert f"by {shares.unit} (9)" in html
        for share in shares:
            assert f'width="{round(100 * share.share, 2)}"' in html
            assert f"{share.low:.0%} to {share.high:.0%}" in html


def test_long_tables_are_cut_and_say_so() -> None:
    thread, stances = answered([comment(i, "A", text="long " * 500) for i in range(500)], [UNION] * 500)
    for html in (thread._repr_html_(), stances._repr_html_(), stance.summarize(thread, stances)._repr_html_()):
        assert len(html) < 15_000
    assert f"… and {500 - MOST_SHOWN} more" in thread._repr_html_()
    assert f"… and {500 - MOST_SHOWN} more" in stances._repr_html_()


def test_nothing_hostile_gets_out_of_its_text() -> None:
    thread, stances = hostile()
    titled = stance.Thread(id="<b>x</b>", title="</style><script>alert(1)</script>", comments=thread.comments)
    for shown in (thread, titled, stances, stance.summarize(thread, stances)):
        html = shown._repr_html_()
        tags = set(re.findall(r"<\s*/?\s*([a-zA-Z]+)", html))
        assert tags <= set("div style p table tr th td b i span bdi br svg rect path".split())
        assert not re.search(r"<[^>]*\s(?:on\w+|href|src)\s*=", html)
        assert html.count("</style>") == 1


def test_an_empty_thread_shows_itself() -> None:
    thread, stances = answered([], [])
    assert "0 comments" in thread._repr_html_()
    assert "0 comments" in stances._repr_html_()
    assert "No comments to summarise." in stance.summarize(thread, stances)._repr_html_()
