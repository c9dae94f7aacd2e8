"""Labelled rows as people have them: what is read, what is repaired and said, what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import stance
from stance.labelled import read_labelled

Row = dict[str, Any]
ROWS: list[Row] = [
    {"comment_id": "1", "text": "Pay them what they are owed.", "author": "Kath", "label": "pro-union"},
    {"comment_id": "2", "text": "There is no money left.", "author": "Norman", "label": "pro-council"},
    {"comment_id": "3", "text": "Well said.", "author": "Ines", "label": "pro-council", "parent_id": "2"},
    {"comment_id": "4", "text": "When is the next collection?", "author": "Kath", "label": "neutral"},
]


def changed(place: int, **values: object) -> list[Row]:
    return [{**row, **values} if i == place else row for i, row in enumerate(ROWS)]


def stances(rows: Any, **options: Any) -> list[int | None]:
    return [one.stance for one in read_labelled(rows, **options).examples]


def test_rows_are_read_with_what_their_comments_answer() -> None:
    labelled = read_labelled(ROWS)
    assert [one.stance for one in labelled.examples] == [1, 0, 0, 2]
    assert labelled.examples[2].example.parent == "There is no money left."
    assert [comment.author for comment in labelled.comments] == ["Kath", "Norman", "Ines", "Kath"]
    assert labelled.labels == ("pro-council", "pro-union", "neutral")
    assert labelled.notes == ()


@pytest.mark.parametrize("ending", ["jsonl", "json", "csv", "tsv", "parquet"])
def test_every_kind_of_table_gives_the_same_labels(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"labelled.{ending}"
    if ending == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    elif ending == "json":
        path.write_text(json.dumps(ROWS), "utf-8")
    elif ending == "parquet":
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.Table.from_pylist([{"parent_id": None, **row} for row in ROWS]), path)
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(
                file, ["comment_id", "text", "author", "label", "parent_id"], delimiter="\t" if ending == "tsv" else ","
            )
            writer.writeheader()
            writer.writerows(ROWS)
    labelled = read_labelled(path)
    assert [one.stance for one in labelled.examples] == [1, 0, 0, 2]
    assert labelled.examples[2].example.parent == "There is no money left."


def test_a_workbook_is_read_and_its_guide_is_not(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    names = ["comment_id", "text", "author", "label", "parent_id"]
    sheet.append(names)
    for row in ROWS:
        sheet.append([row.get(name) for name in names])
    book.create_sheet("guide").append(["Say whose side each comment is on."])
    book.save(tmp_path / "labelled.xlsx")
    assert stances(tmp_path / "labelled.xlsx") == [1, 0, 0, 2]


def test_a_frame_and_a_dataset_are_read_too() -> None:
    import datasets
    import pandas as pd

    assert stances(pd.DataFrame(ROWS)) == [1, 0, 0, 2]
    assert stances(datasets.Dataset.from_list([{"parent_id": None, **row} for row in ROWS])) == [1, 0, 0, 2]


@pytest.mark.parametrize("spelling", ["Pro Council", "council", "pro_council", "PRO-COUNCIL ", "Council"])
def test_other_spellings_are_read_and_said(spelling: str) -> None:
    labelled = read_labelled(changed(1, label=spelling))
    assert labelled.examples[1].stance == 0
    assert labelled.notes == (f"{spelling!r} was read as pro-council (1)",)


def test_a_sides_name_is_its_label_too() -> None:
    sides = stance.Sides(stance.Side("landlords", "Rent Fair Ltd"), stance.Side("tenants", "ACORN"))
    rows = [{"text": f"Comment {label}", "label": label} for label in ("ACORN", "pro-landlords", "Neutral")]
    assert stances(rows, sides=sides) == [1, 0, 2]


def test_an_unknown_label_is_refused_with_what_was_expected() -> None:
    with pytest.raises(stance.InputError, match=r"'maybe' \(1\).*pro-council, pro-union, neutral.*--sides"):
        read_labelled(changed(1, label="maybe"))


def test_rows_without_a_label_are_context_and_counted() -> None:
    labelled = read_labelled(changed(1, label=None))
    assert [one.stance for one in labelled.examples] == [1, 0, 2]
    assert labelled.examples[1].example.parent == "There is no money left."
    assert labelled.notes == ("1 rows have no stance; they serve as context only",)


def test_comments_without_words_are_left_out_and_counted() -> None:
    labelled = read_labelled([*changed(0, text="  "), {**ROWS[0], "comment_id": "5", "text": "👍"}])
    assert len(labelled) == 3
    assert labelled.notes == ("2 labelled comments hold no words and were left out",)


def test_a_comment_that_comes_twice_counts_once() -> None:
    labelled = read_labelled([*ROWS, ROWS[0]])
    assert len(labelled) == 4
    assert labelled.notes == ("1 rows came twice and count once",)


def test_a_label_in_either_of_two_rows_of_a_comment_is_taken() -> None:
    assert stances([{**ROWS[0], "label": ""}, *ROWS]) == [1, 0, 0, 2]


def test_contradictory_rows_are_refused_with_their_numbers() -> None:
    with pytest.raises(stance.InputError, match=r"rows 1 and 5 \(label 'pro-union', 'pro-council'\)"):
        read_labelled([*ROWS, {**ROWS[0], "label": "pro-council"}])
    bare = [{"text": "Well said.", "label": label} for label in ("pro-union", "pro-council")]
    with pytest.raises(stance.InputError, match="different labels"):
        read_labelled(bare)


def test_different_people_may_say_the_same_words() -> None:
    rows = [
        {"text": "Well said.", "author": "Ann", "label": "pro-union"},
        {"text": "Well said.", "author": "Bob", "label": "pro-council"},
    ]
    assert stances(rows) == [1, 0]


def test_a_table_without_a_column_of_stances_names_the_columns_it_has() -> None:
    with pytest.raises(stance.InputError, match=r"no column of stances among 'text'.*'label'"):
        read_labelled([{"text": "Pay them."}])


def test_no_labels_at_all_and_no_rows_at_all_are_refused() -> None:
    with pytest.raises(stance.InputError, match="no comment with words has a stance"):
        read_labelled([{**row, "label": ""} for row in ROWS])
    with pytest.raises(stance.InputError, match="no rows"):
        read_labelled([])


def classified(tone: str = "negative") -> list[Row]:
    """Rows as ``stance classify`` writes them."""
    rows = []
    for row in ROWS:
        chances = {"p_council": 0.2, "p_union": 0.5, "p_neutral": 0.3}
        tones = {"p_negative": 0.6, "p_neutral_sentiment": 0.3, "p_positive": 0.1}
        rest = {name: value for name, value in row.items() if name != "label"}
        rows.append({**rest, "stance": "pro-union", **chances, "sentiment": tone, **tones, "sure": False})
    return rows


def test_corrected_answers_teach_and_the_model_s_own_tone_does_not() -> None:
    rows = classified()
    rows[1]["stance"] = "pro-council"
    labelled = read_labelled(rows)
    assert [one.stance for one in labelled.examples] == [1, 0, 1, 1]
    assert [one.sentiment for one in labelled.examples] == [None] * 4
    assert "3 of 4 stances are as a model gave them" in labelled.notes[0]


def test_a_tone_that_a_person_changed_is_taken() -> None:
    rows = classified()
    rows[1] |= {"stance": "pro-council", "sentiment": "positive"}
    assert [one.sentiment for one in read_labelled(rows).examples] == [0, 2, 0, 0]


def test_a_model_s_own_answers_are_no_labels() -> None:
    with pytest.raises(stance.InputError, match="every stance in it is the one a model gave"):
        read_labelled(classified())


def test_a_column_of_ones_own_goes_before_the_model_s() -> None:
    rows = [{**row, "label": "neutral"} for row in classified()]
    assert stances(rows) == [2] * 4


def test_other_sides_are_known_by_the_columns_of_classify() -> None:
    rows = [
        {"text": f"Comment {label}", "stance": f"pro-{label}", "p_developer": 0.4, "p_residents": 0.3, "p_neutral": 0.3}
        for label in ("developer", "residents")
    ]
    labelled = read_labelled(rows)
    assert labelled.labels == ("pro-developer", "pro-residents", "neutral")


def test_the_fingerprint_is_of_the_data_not_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps({"thread_id": "t", **row}) + "\n" for row in ROWS), "utf-8")
    assert read_labelled(path).sha256 == read_labelled([{"thread_id": "t", **row} for row in ROWS]).sha256
    assert read_labelled(ROWS).sha256 != read_labelled(changed(0, label="neutral")).sha256
