"""What a page writes around comments and names is nobody's words."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import stance
from stance.readers.dumps.edges import without_edges
from stance.readers.dumps.line_features import Lines
from stance.readers.dumps.line_labels import LABELS, PAGE, Labelled
from stance.readers.dumps.line_names import names_in
from stance.thread import Comment, Thread


def thread_of(*texts: str, authors: tuple[str, ...] = ()) -> Thread:
    names = authors or tuple("ABCDEFG"[: len(texts)])
    comments = tuple(Comment(id=str(n), text=text, author=names[n]) for n, text in enumerate(texts))
    return Thread(id="t", title="", post="", comments=comments)


def told_of(*lines: str, page: tuple[str, ...] = ()) -> Labelled:
    scores = np.zeros((len(lines), len(LABELS)))
    scores[:, PAGE] = [9.0 if line in page else -9.0 for line in lines]
    return Labelled(Lines.of(lines), scores)


def texts_of(threads: list[Thread]) -> list[str]:
    return [comment.text for comment in threads[0].comments]


def test_lines_that_look_like_the_pages_own_are_taken_off_where_they_recur() -> None:
    lines = ("Shut it.", "Report Add Reply", "Never.", "Report Add Reply")
    thread = thread_of("Shut it.\nReport Add Reply", "Never.\nReport Add Reply")
    told = told_of(*lines, page=("Report Add Reply",))
    assert texts_of(without_edges([thread], told)) == ["Shut it.", "Never."]


def test_a_comment_keeps_its_last_line_when_it_looks_like_words() -> None:
    lines = ("Shut it.", "Vote no.", "Never.", "Vote no.")
    thread = thread_of("Shut it.\nVote no.", "Never.\nVote no.")
    assert texts_of(without_edges([thread], told_of(*lines))) == ["Shut it.\nVote no.", "Never.\nVote no."]


def test_a_comment_of_nothing_but_the_pages_lines_stays() -> None:
    thread = thread_of("Default", "Default")
    assert texts_of(without_edges([thread], told_of("Default", "Default", page=("Default",)))) == ["Default"] * 2


def test_a_writer_with_one_comment_without_words_has_no_signature() -> None:
    thread = thread_of("Shut it.\nWe are all in this together.", "", authors=("Ann", "Ann"))
    assert texts_of(without_edges([thread], None, has_signatures=True)) == texts_of([thread])


def test_speech_marks_go_only_where_all_have_them() -> None:
    assert texts_of(without_edges([thread_of('" One "', '"Two"', "“Three”")], None)) == ["One", "Two", "Three"]
    assert texts_of(without_edges([thread_of('"One"', "Two", '"Three"')], None)) == ['"One"', "Two", '"Three"']


def test_numbers_that_count_names_and_a_word_behind_all_are_no_names() -> None:
    counted = without_edges([thread_of("a", "b", "c", authors=("1 Ann", "2 Bo", "4 Cy"))], None)
    shown = without_edges([thread_of("a", "b", "c", authors=("Ann Avatar", "Bo Avatar", "Cy Avatar"))], None)
    assert [comment.author for comment in counted[0].comments] == ["Ann", "Bo", "Cy"]
    assert [comment.author for comment in shown[0].comments] == ["Ann", "Bo", "Cy"]


def test_names_are_told_from_what_stands_beside_most_of_them() -> None:
    assert names_in(["Posted by Ann on", "Posted by Bo on", "Posted by Cy Lee on"]) == ["Ann", "Bo", "Cy Lee"]
    assert names_in(["Ann said...", "Bo said...", None]) == ["Ann", "Bo", None]


def test_a_table_whose_texts_only_its_cells_tell_is_read(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(
        "Resp ID,In reply to Resp,Name given,Q7 – Agree?,Q8 – Anything else you want to say\n"
        'R1,,Ann,No,"My daughter reads there from three to six, every day of the week"\n'
        'R2,R1,Bo,Yes,"I would rather have it unstaffed than shut, if these are the two"\n',
        "utf-8",
    )
    first, second = stance.read_threads(path)[0].comments
    assert (first.author, second.author, second.parent_id) == ("Ann", "Bo", first.id)


def test_a_writers_own_name_under_the_words_is_theirs() -> None:
    told = told_of("We pay on Friday.", "Jeremy", "Fine.", "Reply", page=("Jeremy", "Reply"))
    comments = [
        Comment(id="1", text="We pay on Friday.\nJeremy", author="Jeremy Moulton"),
        Comment(id="2", text="Fine.\nReply", author="Jo Bell"),
    ]
    thread = Thread(id="t", comments=tuple(comments))
    assert texts_of(without_edges([thread], told)) == ["We pay on Friday.\nJeremy", "Fine."]
