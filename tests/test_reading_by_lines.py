"""What the lines of a copy are, told by their look; and the comments that follow from it."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

import stance
from stance.readers.dumps.by_lines import comments_in
from stance.readers.dumps.line_features import Lines
from stance.readers.dumps.line_labels import (
    AUTHOR,
    BEGIN,
    INSIDE,
    PAGE,
    SIGNED,
    UNTOLD,
    Labelled,
    LineModel,
    best_path,
    label_from_texts,
    label_what_stands,
    marginals,
    packaged_model,
)
from stance.readers.dumps.line_names import names_in
from stance.readers.dumps.timed import parted

UNKNOWN = """Gazette of Little Wrexley
Home Sport Deaths
Bin crews turn down second offer
The crews have voted by 61 to 4 to stay out.

Voices from the square
Hush Prue Tansley
Cheer Prue Tansley
Tell the desk
Nov 23rd 2013, 1:22 PM
What did they sing?

Cheered by 214
Talk back
Hush Orrin Bask
Cheer Orrin Bask
Tell the desk
Nov 23rd 2013, 1:25 PM
The same as last time, I should think. It went on until the kettle boiled.

I brought the biscuits.

Cheered by 388
Talk back
Hush Mrs Vole
Cheer Mrs Vole
Tell the desk
Nov 23rd 2013, 1:40 PM
Nobody has come for mine since the fourth, and I pay like everybody else.

Cheered by 57
Talk back
Hush Prue Tansley
Cheer Prue Tansley
Tell the desk
Nov 23rd 2013, 2:02 PM
Then ask the council where your money went.

Cheered by 402
Talk back
Small print
"""


def read_text(text: str, folder: Path) -> stance.Thread:
    path = folder / "copy.txt"
    path.write_text(text, "utf-8")
    (thread,) = stance.read_threads(path)
    return thread


def test_a_page_of_no_known_platform_gives_its_comments(tmp_path: Path) -> None:
    thread = read_text(UNKNOWN, tmp_path)
    assert thread.report.reader == "comments by their lines"
    assert [comment.author for comment in thread.comments] == ["Prue Tansley", "Orrin Bask", "Mrs Vole", "Prue Tansley"]
    assert [comment.text for comment in thread.comments][:2] == [
        "What did they sing?",
        "The same as last time, I should think. It went on until the kettle boiled.\n\nI brought the biscuits.",
    ]
    assert thread.comments[2].iso_time == "2013-11-23T13:40:00"
    assert "61 to 4" in thread.post
    assert "its format is not known" in " ".join(thread.report.remarks)


def test_an_article_alone_is_no_list_of_comments(tmp_path: Path) -> None:
    thread = read_text("Bins\n\nThe crews are out.\n\nThe council said no more.\n\nTalks go on.\n", tmp_path)
    assert thread.comments == ()
    assert thread.report.sureness == "doubtful"


def random_field(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 4)), rng.normal(size=(4, 4))


def scored(path: tuple[int, ...], emissions: np.ndarray, transitions: np.ndarray) -> float:
    steps = sum(transitions[a, b] for a, b in itertools.pairwise(path))
    return float(emissions[np.arange(len(path)), list(path)].sum() + steps)


@pytest.mark.parametrize(("n", "seed"), [(1, 0), (2, 1), (5, 2), (6, 3)])
def test_the_best_path_and_the_marginals_are_those_of_all_paths_tried(n: int, seed: int) -> None:
    emissions, transitions = random_field(n, seed)
    paths = list(itertools.product(range(4), repeat=n))
    scores = np.array([scored(path, emissions, transitions) for path in paths])
    path, score = best_path(emissions, transitions)
    assert tuple(path) == paths[int(scores.argmax())]
    assert score == pytest.approx(scores.max())
    shares = np.exp(scores - np.logaddexp.reduce(scores))
    expected = np.zeros((n, 4))
    for way, share in zip(paths, shares, strict=True):
        expected[np.arange(n), list(way)] += share
    assert marginals(emissions, transitions) == pytest.approx(expected)


def test_what_is_not_the_best_costs_the_difference() -> None:
    emissions, transitions = random_field(4, 7)
    told = Labelled(Lines.of(["a", "b", "c", "d"]), emissions, transitions)
    allowed = np.zeros((4, 4), dtype=bool)
    way = (PAGE, BEGIN, INSIDE, PAGE)
    allowed[np.arange(4), list(way)] = True
    expected = scored(tuple(told.best), emissions, transitions) - scored(way, emissions, transitions)
    assert told.cost(allowed) == pytest.approx(expected)
    assert told.cost(np.ones((4, 4), dtype=bool)) == 0


def test_labels_make_comments_with_their_gaps() -> None:
    lines = Lines.of(["Ann", "One.", "", "Two.", "Reply", "Ben", "Three."])
    emissions = np.full((len(lines.texts), 4), -9.0)
    wanted = [AUTHOR, BEGIN, INSIDE, PAGE, AUTHOR, BEGIN]
    emissions[np.arange(6), wanted] = 9.0
    first, second = comments_in(Labelled(lines, emissions, np.zeros((4, 4))))
    assert (first.text, first.author, second.text) == ("One.\n\nTwo.", 0, "Three.")
    assert first.sureness == pytest.approx(1)


def test_labels_are_found_where_the_comments_are_known() -> None:
    lines = Lines.of(["Bins", "Ann ·", "2 hours ago", "One.", "", "Two.", "Reply", "Ben", "One."])
    labels = label_from_texts(lines, [("One.\n\nTwo.", "Ann"), ("One.", "Ben")])
    assert labels is not None
    assert labels.tolist() == [PAGE, AUTHOR, PAGE, BEGIN, INSIDE, PAGE, AUTHOR, BEGIN]
    assert label_from_texts(lines, [("Not there.", None)]) is None


def test_weights_survive_being_written() -> None:
    model = packaged_model()
    again = LineModel.from_json(model.to_json())
    assert again.features.keys() == model.features.keys()
    assert np.array_equal(again.transitions, model.transitions)


def test_what_recurs_beside_times_is_told_from_what_does_not() -> None:
    lines = Lines.of(
        [line for n in range(4) for line in (f"2{n} June 2019", f"Words of their own, number {'x' * n}.", "Reply")]
    )
    features = lines.features()
    assert "shape 2" in features[2]
    assert "above alike 3" in features[2]
    assert "time" in features[0]
    assert "above alike 1" in features[1]


def test_the_line_that_names_a_writer_may_stand_above_among_other_words_or_below() -> None:
    lines = Lines.of(["Posted by Ann Oakes at noon", "Shut it.", "Never.", "— Bo, Leeds", "Menu"])
    labels = label_what_stands(lines, [("Shut it.", "Ann Oakes"), ("Never.", "Bo")])
    assert labels.tolist() == [AUTHOR, BEGIN, BEGIN, SIGNED, PAGE]


def test_lines_around_a_text_that_does_not_stand_there_stay_open() -> None:
    lines = Lines.of(["Ann", "One.", "Bo: Two.", "Cy", "Three.", "Menu"])
    comments = [("One.", "Ann"), ("Two.", "Bo"), ("Three.", "Cy")]
    assert label_what_stands(lines, comments).tolist() == [AUTHOR, BEGIN, UNTOLD, UNTOLD, BEGIN, PAGE]
    assert label_from_texts(lines, comments) is None


@pytest.mark.parametrize(
    ("line", "before", "behind"),
    [
        ("gus_t | August 5, 2009 10:41 AM | Reply", "gus_t", "Reply"),
        ("Shazza on 14 June 2012 at 5:20 pm said:", "Shazza on", "said"),
        ("November 16, 2010 | Unregistered CommenterFrank B", "", "Unregistered CommenterFrank B"),
        ("Verne K. on Sun, 02/06/2011 - 18:33", "Verne K. on", ""),
        (
            "10-02-2017, 08:15 PM (last modified: 10-02-2017, 08:17 PM by dan.)",
            "",
            "last modified: 10-02-2017, 08:17 PM by dan.",
        ),
    ],
)
def test_a_time_is_found_anywhere_in_a_line(line: str, before: str, behind: str) -> None:
    told = parted(line)
    assert told is not None
    assert (told.before, told.behind) == (before, behind)


def test_a_line_of_two_times_or_of_none_is_not_parted() -> None:
    assert parted("Open 5 May 2010 to 7 May 2010 only") is None
    assert parted("In 2012 we met the council.") is None


def test_what_a_page_glues_to_names_and_whom_they_answer_is_no_part_of_them() -> None:
    assert names_in(["ReportAnn Oakes", "ReportBo", "ReportCy Dunn"]) == ["Ann Oakes", "Bo", "Cy Dunn"]
    assert names_in(["Ann > Bo", "Bo in reply to Ann", "Cy"]) == ["Ann", "Bo", "Cy"]
    assert names_in(["shelver's", "Tom Kirk's", "Priya N.'s"]) == ["shelver", "Tom Kirk", "Priya N."]


def test_a_page_that_seems_to_have_no_comments_is_read_by_its_lines_where_these_tell_some(tmp_path: Path) -> None:
    thread = read_text(UNKNOWN.replace("Voices from the square", "0 comments:"), tmp_path)
    assert len(thread.comments) == 4
