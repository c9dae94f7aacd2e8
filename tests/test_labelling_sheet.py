"""A labelling sheet goes out as a table or a page and comes back with labels that belong to their comments."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import stance
from stance.labelled import read_labelled
from stance.labelling.sheet import COLUMNS, LabellingSheet, text_hash

TEXTS = {
    "1": "Pay the crews what they are owed.",
    "2": '=HYPERLINK("http://example.org","The council") has no money',
    "3": "Well said,\r\nand more; “fair” pay\x07 now\u2028",
    "4": "- two\n- lines of \ud83d",
    "5": "Never.",
}


@pytest.fixture
def sheet() -> LabellingSheet:
    comments = [
        stance.Comment(id=f"00{id_}", text=text, author="Kath", parent_id="001" if id_ == "3" else None)
        for id_, text in TEXTS.items()
    ]
    thread = stance.Thread(id="bins", title="Bin crews walk out", post="In Norwich.", comments=tuple(comments))
    return LabellingSheet.of(thread, stance.Sides.council_union("Norwich City Council", "UNISON, Unite"))


def filled(path: Path, labels: dict[str, tuple[str, str]]) -> Path:
    """Fill in a CSV sheet as a person would."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["stance"], row["sentiment"] = labels.get(row["comment_id"], ("", ""))
    return saved(path, rows)


def saved(path: Path, rows: list[dict[str, Any]], **form: Any) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), **form)
        writer.writeheader()
        writer.writerows(rows)
    return path


def written_rows(sheet: LabellingSheet, path: Path) -> list[dict[str, str]]:
    sheet.write(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_comes_back_with_its_labels(sheet: LabellingSheet, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    sheet.write(path)
    labelled = sheet.read(
        filled(path, {"001": ("pro-union", "negative"), "003": ("Pro Council", ""), "004": ("neutral", "neutral")})
    )
    assert [(one.example.comment_id, one.stance, one.sentiment) for one in labelled.examples] == [
        ("001", 1, 0),
        ("003", 0, None),
        ("004", 2, 1),
    ]
    assert [one.example.text for one in labelled.examples] == [TEXTS["1"], TEXTS["3"], TEXTS["4"]]
    assert labelled.examples[1].example.parent == TEXTS["1"]
    assert labelled.examples[0].example.sides.b.name == "UNISON, Unite"
    assert labelled.notes == ("'Pro Council' was read as pro-council (1)", "2 of 5 comments were left open")


def test_a_table_that_a_spreadsheet_saved_in_its_own_way_comes_back_too(sheet: LabellingSheet, tmp_path: Path) -> None:
    rows = written_rows(sheet, tmp_path / "sheet.csv")
    for row in rows:
        row["comment_id"] = str(int(row["comment_id"]))  # what a spreadsheet makes of "001"
        row["stance"] = "pro-union"
    path = saved(tmp_path / "saved.csv", list(reversed(rows)), delimiter=";")
    assert [one.example.comment_id for one in sheet.read(path).examples] == ["001", "002", "003", "004", "005"]


def test_no_text_is_a_formula_to_a_spreadsheet(sheet: LabellingSheet, tmp_path: Path) -> None:
    texts = {row["comment_id"]: row["text"] for row in written_rows(sheet, tmp_path / "sheet.csv")}
    assert not any(text.startswith(("=", "+", "-", "@")) for text in texts.values())
    sheet.write(tmp_path / "sheet.xlsx")
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "sheet.xlsx")["comments"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(isinstance(cell.value, int | float) for cell in cells)


def test_a_workbook_has_drop_downs_a_fixed_header_and_the_guide(sheet: LabellingSheet, tmp_path: Path) -> None:
    sheet.write(tmp_path / "sheet.xlsx")
    book = openpyxl.load_workbook(tmp_path / "sheet.xlsx")
    comments, guide = book["comments"], book["guide"]
    assert comments.freeze_panes == "C2"
    assert comments["F2"].alignment.wrap_text
    rules = {str(rule.sqref): rule.formula1 for rule in comments.data_validations.dataValidation}
    assert rules == {"A2:A6": "guide!$D$1:$D$3", "B2:B6": "guide!$E$1:$E$3"}
    assert [guide[f"D{i}"].value for i in (1, 2, 3)] == list(sheet.labels)
    assert [guide[f"E{i}"].value for i in (1, 2, 3)] == ["negative", "neutral", "positive"]
    assert guide["A1"].value == "pro-council"
    assert "speaks against the union" in guide["B1"].value


def test_a_workbook_comes_back_with_its_labels(sheet: LabellingSheet, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    sheet.write(path)
    book = openpyxl.load_workbook(path)
    book["comments"]["A2"], book["comments"]["A3"], book["comments"]["B3"] = "neutral", "pro-union", "positive"
    book.save(path)
    labelled = sheet.read(path)
    assert [(one.example.comment_id, one.stance, one.sentiment) for one in labelled.examples] == [
        ("001", 2, None),
        ("002", 1, 2),
    ]


def test_a_text_longer_than_a_cell_is_still_known(tmp_path: Path) -> None:
    long = LabellingSheet.of([stance.Thread(id="t", comments=(stance.Comment(id="1", text="pay them " * 5000),))])
    path = tmp_path / "sheet.xlsx"
    long.write(path)
    book = openpyxl.load_workbook(path)
    book["comments"]["A2"] = "pro-union"
    book.save(path)
    assert long.read(path).examples[0].example.text == "pay them " * 5000


def change(column: str, value: str) -> Callable[[list[dict[str, Any]]], None]:
    def apply(rows: list[dict[str, Any]]) -> None:
        rows[0][column] = value

    return apply


def double(rows: list[dict[str, Any]]) -> None:
    rows.append({**rows[0], "stance": "neutral"})


def rename(rows: list[dict[str, Any]]) -> None:
    rows[0].update(comment_id="99", text="Other words", text_sha256=text_hash("Other words"))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (change("text", "The council never pays."), "row 1: the text of comment '001' is not the one"),
        (change("stance", "pro-landlord"), "column 'stance' holds labels that are not known: 'pro-landlord' (1)"),
        (change("sentiment", "angry"), "column 'sentiment' holds labels that are not known: 'angry' (1)"),
        (double, "row 6: the same comment was labelled otherwise"),
        (rename, "row 1: comment '99' of thread 'bins' is not in this sheet"),
    ],
    ids=["changed text", "unknown stance", "unknown tone", "two labels", "of another sheet"],
)
def test_what_does_not_belong_to_the_sheet_is_refused(
    sheet: LabellingSheet, tmp_path: Path, spoil: Callable[[list[dict[str, Any]]], None], message: str
) -> None:
    rows = written_rows(sheet, tmp_path / "sheet.csv")
    for row in rows:
        row["stance"] = "pro-union"
    spoil(rows)
    with pytest.raises(stance.InputError) as raised:
        sheet.read(saved(tmp_path / "filled.csv", rows))
    assert message in str(raised.value)


def test_a_sheet_without_any_label_is_an_error(sheet: LabellingSheet, tmp_path: Path) -> None:
    sheet.write(tmp_path / "sheet.csv")
    with pytest.raises(stance.InputError, match="no row has a stance"):
        sheet.read(tmp_path / "sheet.csv")


def test_a_filled_sheet_trains_as_it_is_with_its_context_and_sides(sheet: LabellingSheet, tmp_path: Path) -> None:
    # What the page saves: the rows that are labelled, without the comment that one of them answers.
    path = tmp_path / "labels.jsonl"
    rows = [
        r | {"stance": "pro-union", "sentiment": "negative"} for r in sheet.to_records() if r["comment_id"] != "001"
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    direct, matched = read_labelled(path), sheet.read(path)
    assert [one.stance for one in direct.examples] == [one.stance for one in matched.examples] == [1, 1, 1, 1]
    answer = next(one.example for one in direct.examples if one.example.comment_id == "003")
    assert answer.parent == TEXTS["1"]
    assert answer.title == "Bin crews walk out"
    assert answer.post == "In Norwich."
    assert (answer.sides.a.name, answer.sides.b.name) == ("Norwich City Council", "UNISON, Unite")


def test_rows_have_the_columns_of_the_format(sheet: LabellingSheet) -> None:
    assert all(tuple(record) == COLUMNS for record in sheet.to_records())


def test_a_sheet_is_of_something_and_of_one_pair_of_sides(tmp_path: Path) -> None:
    with pytest.raises(stance.InputError, match="at least one comment"):
        LabellingSheet.of(["", "👏"])
    tenants = stance.Sides(stance.Side("landlords", "Rent Fair Ltd"), stance.Side("tenants", "ACORN"))
    threads = [stance.Thread(id=name, comments=(stance.Comment(id="1", text="Pay."),)) for name in "ab"]
    with pytest.raises(stance.InputError, match="the same sides"):
        LabellingSheet.of(threads, {"a": tenants, "b": stance.Sides.council_union()})
    with pytest.raises(stance.InputError, match=r"ending '\.docx' is not known"):
        LabellingSheet.of(threads).write(tmp_path / "sheet.docx")
    with pytest.raises(stance.InputError, match="cannot be written"):
        LabellingSheet.of(threads).write(tmp_path / "missing" / "sheet.csv")
