"""What the lines of a copy are, told by their look; and the comments that follow from it."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.line_pages import another_page, lines_and_labels, rows_of
from benchmarks.train_lines import Joined, Network, Shown
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
    label_from_texts,
    label_what_stands,
    packaged_net,
)
from stance.readers.dumps.line_names import names_in
from stance.readers.dumps.line_net import LineNet
from stance.readers.dumps.timed import parted
from tests.conftest import read_text

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


def test_what_is_not_the_best_costs_the_difference() -> None:
    scores = np.random.default_rng(7).normal(size=(4, 5))
    told = Labelled(Lines.of(["a", "b", "c", "d"]), scores)
    way = [PAGE, BEGIN, INSIDE, PAGE]
    allowed = np.zeros((4, 5), dtype=bool)
    allowed[np.arange(4), way] = True
    assert told.cost(allowed) == pytest.approx(scores.max(axis=1).sum() - scores[np.arange(4), way].sum())
    assert told.cost(np.ones((4, 5), dtype=bool)) == 0
    assert told.probabilities.sum(axis=1) == pytest.approx(1)
    assert np.array_equal(told.probabilities.argmax(axis=1), told.best)


def test_labels_make_comments_with_their_gaps() -> None:
    lines = Lines.of(["Ann", "One.", "", "Two.", "Reply", "Ben", "Three."])
    scores = np.full((len(lines.texts), 5), -9.0)
    wanted = [AUTHOR, BEGIN, INSIDE, PAGE, AUTHOR, BEGIN]
    scores[np.arange(6), wanted] = 9.0
    first, second = comments_in(Labelled(lines, scores))
    assert (first.text, first.author, second.text) == ("One.\n\nTwo.", 0, "Three.")
    assert first.sureness == pytest.approx(1)


def test_names_below_the_words_are_told_from_names_above_by_what_stands_at_the_ends_of_the_list() -> None:
    names = ["Writer", "Writerx", "Writerxx", "Writerxxx"]
    shown = [line for name in names for line in (f"Words of {len(name)}", "Report this", name, "8 May 2019")]
    lines = Lines.of(["Bins", "Print", "Share", "Send", *shown, "Small print"])
    scores = np.full((len(lines.texts), 5), -9.0)
    labels = [PAGE] * 4 + [BEGIN, PAGE, AUTHOR, PAGE] * 4 + [PAGE]
    labels[-3] = PAGE  # no comment stands below the last name
    scores[np.arange(len(labels)), labels] = 9.0
    comments = comments_in(Labelled(lines, scores))
    assert [lines.texts[one.author or 0] for one in comments] == names


def test_labels_are_found_where_the_comments_are_known() -> None:
    lines = Lines.of(["Bins", "Ann ·", "2 hours ago", "One.", "", "Two.", "Reply", "Ben", "One."])
    labels = label_from_texts(lines, [("One.\n\nTwo.", "Ann"), ("One.", "Ben")])
    assert labels is not None
    assert labels.tolist() == [PAGE, AUTHOR, PAGE, BEGIN, INSIDE, PAGE, AUTHOR, BEGIN]
    assert label_from_texts(lines, [("Not there.", None)]) is None


def test_weights_survive_being_written() -> None:
    net, lines = packaged_net(), Lines.of(UNKNOWN.split("\n"))
    again = LineNet.from_bytes(net.to_bytes())
    assert again.features == net.features
    assert np.array_equal(again.scores(lines), net.scores(lines))


def test_the_network_that_reads_answers_as_the_one_in_training_does() -> None:
    torch.manual_seed(5)
    pages = [Lines.of(UNKNOWN.split("\n")), Lines.of(["One.", "Reply", "Two.", "Reply", "Reply"]), Lines.of(["Bins"])]
    features = tuple(sorted({name for page in pages for names in page.features() for name in names}))
    network = Network(len(features)).eval()
    shown = [Shown.of(page, np.zeros(len(page.texts), dtype=np.int64), features) for page in pages]
    with torch.no_grad():
        together = network(Joined(shown)).numpy()
    net = LineNet(features, (network.weights(),))
    alone = np.concatenate([net.scores(page) for page in pages])
    assert alone == pytest.approx(together, abs=1e-4)


def test_a_page_made_of_others_keeps_the_words_of_its_comments_and_what_its_lines_are() -> None:
    page = Lines.of(UNKNOWN.split("\n"))
    labels = label_from_texts(page, [("What did they sing?", "Prue Tansley")])
    assert labels is not None
    rows = rows_of(page, labels)
    again, same = lines_and_labels(rows)
    assert (again, same.tolist()) == (page, labels.tolist())
    (named,) = (row.text for row in rows if row.label == AUTHOR)
    rng = random.Random(3)
    for _ in range(60):
        made = another_page(rows, [rows], rng)
        begun = [row.text for row in made if row.label == BEGIN]
        assert begun in (["What did they sing?"], [])
        assert [row.text.casefold() for row in made if row.label == AUTHOR] == [named.casefold()] * len(begun)


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
