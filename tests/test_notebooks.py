"""The notebooks run from start to end, and what is kept of them is fit to be read."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from notebooks.execute import FOLDER, executed

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

#: A place on somebody's machine: /home/..., C:\\...; what the notebooks need lies beside them.
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/<])(?:/(?:home|root|usr|tmp|opt|mnt|work|Users|var|content)/|[A-Z]:\\)")
PROGRESS_BAR = re.compile(r"━|█{3}|\d+%\|")


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def told(output: nbformat.NotebookNode) -> str:
    """The text of an output, pictures aside."""
    data = output.get("data", {})
    return output.get("text", "") + "".join(data.get(kind, "") for kind in ("text/plain", "text/html"))


def test_the_notebooks_are_these() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "01_explore_a_thread",
        "02_compare_threads",
        "03_how_good_is_it",
        "04_how_fast_is_it",
        "05_make_it_yours",
    ]


@each_notebook
def test_a_notebook_runs_from_start_to_end(path: Path) -> None:
    kinds = [output.output_type for cell in executed(path).cells for output in cell.get("outputs", ())]
    assert kinds
    assert "error" not in kinds


@each_notebook
def test_a_notebook_is_kept_as_it_ran_from_start_to_end(path: Path) -> None:
    nbformat.validate(read(path))
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert outputs
    assert {output.output_type for output in outputs} <= {"stream", "display_data", "execute_result"}
    assert not any(output.get("name") == "stderr" for output in outputs), "a warning or a progress bar is kept"


@each_notebook
def test_a_notebook_holds_no_place_on_a_machine_and_no_progress_bar(path: Path) -> None:
    for cell in read(path).cells:
        shown = "".join(told(output) for output in cell.get("outputs", ()))
        assert not ABSOLUTE_PATH.search(cell.source + shown)
        assert not PROGRESS_BAR.search(shown)


@each_notebook
def test_a_notebook_is_mostly_told_and_its_cells_are_short(path: Path) -> None:
    cells = read(path).cells
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert all(len(cell.source.splitlines()) <= 20 for cell in code_cells(path))
    assert sum(cell.cell_type == "markdown" for cell in cells) * 2 >= len(code_cells(path))


@each_notebook
def test_a_link_of_a_notebook_leads_somewhere(path: Path) -> None:
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)#]+)\)", cell.source):
                assert target.startswith("https://") or (FOLDER / target).exists(), target


def test_a_notebook_is_small() -> None:
    assert all(path.stat().st_size < 600_000 for path in NOTEBOOKS)
