"""What is suggested for labelling: uncertain, varied, of every side, and readable."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import stance
from stance.cli import app
from stance.suggesting import choose_rows, even_shares, uncertainty


def rows(n: int, width: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, width)), rng.dirichlet([1, 1, 1], size=n)


def test_a_row_is_the_more_uncertain_the_closer_its_two_likeliest_classes_are() -> None:
    doubt = uncertainty(np.array([[0.5, 0.5, 0.0], [0.6, 0.3, 0.1], [1.0, 0.0, 0.0]]))
    assert doubt.tolist() == pytest.approx([1.0, 0.7, 0.0])


@pytest.mark.parametrize(
    ("available", "have", "n", "expected"),
    [
        ([9, 9, 9], [0, 0, 0], 6, [2, 2, 2]),
        ([9, 1, 9], [0, 0, 0], 7, [3, 1, 3]),
        ([9, 9, 9], [5, 1, 5], 6, [1, 5, 0]),
        ([1, 0, 2], [0, 0, 0], 9, [1, 0, 2]),
    ],
)
def test_the_classes_become_as_even_as_they_can(
    available: list[int], have: list[int], n: int, expected: list[int]
) -> None:
    assert even_shares(np.array(available), np.array(have), n).tolist() == expected


def test_the_choice_is_the_same_each_time_and_names_no_row_twice() -> None:
    features, probabilities = rows(80)
    chosen = choose_rows(features, probabilities, 20)
    assert chosen == choose_rows(features, probabilities, 20)
    assert len(set(chosen)) == 20


def test_a_rare_side_is_looked_for_as_hard_as_a_common_one() -> None:
    features, _ = rows(90)
    probabilities = np.tile([0.5, 0.3, 0.2], (90, 1))
    probabilities[:6] = [0.3, 0.5, 0.2]
    chosen = choose_rows(features, probabilities, 12)
    assert sum(row < 6 for row in chosen) == 6
    assert sum(row < 6 for row in chosen[:4]) == 2  # and every beginning of the choice is as even


def test_rows_that_the_model_is_sure_of_are_left_alone_while_others_remain() -> None:
    features, _ = rows(60)
    probabilities = np.tile([0.98, 0.01, 0.01], (60, 1))
    probabilities[:24] = [0.4, 0.35, 0.25]
    assert all(row < 24 for row in choose_rows(features, probabilities, 6))


def test_of_rows_that_are_alike_one_is_taken() -> None:
    directions = np.eye(5)
    features = np.repeat(directions, 4, axis=0) + np.random.default_rng(0).normal(scale=1e-3, size=(20, 5))
    chosen = choose_rows(features, np.tile([0.4, 0.3, 0.3], (20, 1)), 5)
    assert sorted(row // 4 for row in chosen) == [0, 1, 2, 3, 4]


def test_identical_rows_and_zeros_do_no_harm() -> None:
    assert len(choose_rows(np.zeros((30, 4)), np.tile([0.4, 0.3, 0.3], (30, 1)), 5)) == 5


def test_where_fewer_rows_are_there_than_asked_for_all_are_taken() -> None:
    features, probabilities = rows(7)
    assert sorted(choose_rows(features, probabilities, 50)) == list(range(7))


def debate() -> list[stance.Thread]:
    texts = [
        "Pay the crews what they are owed.",
        "The council has no money left.",
        "",
        "   ",
        "👏👏👏",
        "pay the crews  what they are OWED.",
        "When is the next collection?",
        "The union should go back to work.",
    ]
    comments = [stance.Comment(id=str(i), text=text, parent_id="0" if i == 6 else None) for i, text in enumerate(texts)]
    return [stance.Thread(id="bins", title="Bin crews walk out", post="In Norwich.", comments=tuple(comments))]


def test_nothing_empty_unreadable_or_doubled_is_suggested(tiny_model: stance.StanceModel) -> None:
    sheet = tiny_model.suggest(debate(), 20)
    assert sorted(row.comment.id for row in sheet) == ["0", "1", "6", "7"]


def test_a_suggested_comment_comes_with_what_it_answers(tiny_model: stance.StanceModel) -> None:
    record = next(r for r in tiny_model.suggest(debate(), 4).to_records() if r["comment_id"] == "6")
    assert record["title"] == "Bin crews walk out"
    assert record["post"] == "In Norwich."
    assert record["parent_text"] == "Pay the crews what they are owed."


def test_the_same_is_suggested_each_time(tiny_model: stance.StanceModel) -> None:
    ids = [[row.comment.id for row in tiny_model.suggest(debate(), 3)] for _ in range(2)]
    assert ids[0] == ids[1]


def test_what_is_labelled_is_not_suggested_again(tiny_model: stance.StanceModel) -> None:
    labelled = [
        {"thread_id": "bins", "comment_id": "7", "text": "The union should go back to work.", "stance": "pro-council"},
        {"thread_id": "elsewhere", "comment_id": "1", "text": "When is the next collection?", "stance": "neutral"},
    ]
    sheet = tiny_model.suggest(debate(), 20, labelled=labelled)
    assert sorted(row.comment.id for row in sheet) == ["0", "1"]


def test_asking_for_nothing_or_of_nothing_is_an_error(tiny_model: stance.StanceModel) -> None:
    with pytest.raises(stance.InputError, match="n is 0"):
        tiny_model.suggest(debate(), 0)
    with pytest.raises(stance.InputError, match="no comment is left"):
        tiny_model.suggest(["", "👏"], 3)


def test_the_command_writes_a_sheet_to_label(tiny_folder: Path, tmp_path: Path) -> None:
    thread = tmp_path / "bins.csv"
    thread.write_text("author,text\nAnn,Pay the crews.\nBob,👏\nCy,No money left.\n", "utf-8")
    words = ["suggest", thread, "--model", tiny_folder, "--device", "cpu", "--out", tmp_path / "sheet.jsonl"]
    result = CliRunner().invoke(app, [*map(str, words), "-n", "5"])
    assert result.exit_code == 0, result.output
    assert "wrote 2 comments to label" in result.stderr
    rows = [json.loads(line) for line in (tmp_path / "sheet.jsonl").read_text("utf-8").splitlines()]
    assert sorted(row["text"] for row in rows) == ["No money left.", "Pay the crews."]
    failed = CliRunner().invoke(app, [*map(str, words[:-1]), str(tmp_path / "sheet.docx")])
    assert failed.exit_code == 1
    assert "is not known" in failed.stderr
