"""A paper's column of text messages: a line each, with the name behind the words."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import read_text

CALL = "TEXT THE BEACON\n\nText BEAC and your message to 80555.\n\n"
TEXTS = (
    "Keep the baths open. My lad learnt there. Mo, Kirk Rd\n"
    "They cost us a million a year - Taxed Out\n"
    "Taxed out, so did the new mayor's car! Ada (82 and still swimming)\n"
    "Who cares\n"
    "Lifeguards r worth every penny. T.B.\n"
    "shut it and build flats. No name\n"
)


def test_each_message_is_a_comment_and_the_name_is_behind_its_last_sentence_or_a_dash(tmp_path: Path) -> None:
    marked = "".join(f"* {line}\n" for line in TEXTS.splitlines())
    thread = read_text(CALL + marked, tmp_path)
    assert thread.report.reader == "text column"
    assert [(comment.author, comment.text) for comment in thread.comments] == [
        ("Mo", "Keep the baths open. My lad learnt there."),
        ("Taxed Out", "They cost us a million a year"),
        ("Ada", "Taxed out, so did the new mayor's car!"),
        (None, "Who cares"),
        ("T.B.", "Lifeguards r worth every penny."),
        ("No name", "shut it and build flats."),
    ]


def test_lines_are_no_messages_where_the_page_does_not_say_where_to_send_them(tmp_path: Path) -> None:
    assert read_text("THE BEACON\n\n" + TEXTS, tmp_path).report.reader != "text column"
