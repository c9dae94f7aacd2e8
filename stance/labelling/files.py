"""A labelling sheet as a table file: CSV and Excel, written so that a spreadsheet runs and changes nothing."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.errors import InputError
from stance.readers.wording import printable
from stance.sides import SENTIMENTS

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Record = Mapping[str, Any]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes spreadsheets take a text for a formula
_MOST_CHARACTERS = 32_767  # that a cell of Excel holds
_WIDTHS = {"stance": 14, "sentiment": 12, "title": 28, "parent_text": 40, "author": 18, "text": 80}  # characters
_CHOICE_COLUMNS = ("D", "E")  # of the guide's sheet
_NARROW = 12  # of the columns that only the program needs; they are hidden


def cell_text(text: str) -> str:
    """A text as a cell holds it: no formula, no characters that a workbook can't hold, no more than fit."""
    text = printable(text)
    return ("'" + text if text.startswith(_FORMULA) else text)[:_MOST_CHARACTERS]


def write_csv(records: Sequence[Record], path: Path) -> None:
    """Write rows as CSV, in UTF-8 with the mark by which Excel knows it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in record.items()} for record in records)


def write_excel(records: Sequence[Record], labels: Sequence[str], guide: Sequence[tuple[str, str]], path: Path) -> None:
    """Write rows as a workbook: drop-downs, a frozen header, wrapped texts; the guide on a second sheet.

    :param labels: The stances to choose from.
    :raises InputError: If openpyxl is missing.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise InputError(
            f"{path}: to write Excel workbooks, install openpyxl: pip install 'stance[excel]'. Or write .csv."
        ) from error
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None  # a new workbook has one
    sheet.title = "comments"
    _fill_comments(sheet, records, labels)
    _fill_guide(book.create_sheet("guide"), labels, guide)
    book.save(path)


def _fill_comments(sheet: Worksheet, records: Sequence[Record], labels: Sequence[str]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    names = list(records[0])
    sheet.append(names)
    for number, record in enumerate(records, 2):
        for place, name in enumerate(names, 1):
            cell = sheet.cell(number, place, _cell(record[name]))
            if cell.value is not None:
                cell.data_type = "s"  # whatever it looks like
            cell.alignment = Alignment(wrap_text=name in _WIDTHS, vertical="top")
    for place, name in enumerate(names, 1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, _NARROW)
        sheet.column_dimensions[letter].hidden = name not in _WIDTHS
        sheet.cell(1, place).font = Font(bold=True)
    sheet.freeze_panes = "C2"
    for (name, choices), letter in zip(_choices(labels), _CHOICE_COLUMNS, strict=True):
        # Not a list in the rule itself: that may hold neither commas nor quotes, and no more than 255 characters.
        rule = DataValidation("list", formula1=f"guide!${letter}$1:${letter}${len(choices)}", allow_blank=True)
        rule.showErrorMessage = True
        own = get_column_letter(names.index(name) + 1)
        rule.add(f"{own}2:{own}{len(records) + 1}")
        sheet.add_data_validation(rule)


def _fill_guide(sheet: Worksheet, labels: Sequence[str], guide: Sequence[tuple[str, str]]) -> None:
    from openpyxl.styles import Alignment, Font

    for number, (heading, text) in enumerate(guide, 1):
        sheet.cell(number, 1, cell_text(heading)).font = Font(bold=True)
        sheet.cell(number, 2, cell_text(text))
        for place in (1, 2):
            sheet.cell(number, place).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = 100
    for (_, choices), letter in zip(_choices(labels), _CHOICE_COLUMNS, strict=True):
        for number, choice in enumerate(choices, 1):
            sheet[f"{letter}{number}"] = choice
        sheet.column_dimensions[letter].hidden = True


def _choices(labels: Sequence[str]) -> tuple[tuple[str, Sequence[str]], ...]:
    return ("stance", labels), ("sentiment", SENTIMENTS)


def _cell(value: object) -> str | None:
    return None if value is None or value == "" else cell_text(str(value))
