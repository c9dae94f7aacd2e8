"""What a reader can copy runs, and what a page claims is what was measured."""

import json
import re
import shutil
from pathlib import Path

import pytest
from lxml import etree

from benchmarks.render import PAGES, SPEED_PLOT, rendered, with_figures
from benchmarks.results import RESULTS, read_result
from benchmarks.speed_plot import speed_plot
from stance.api import PACKAGED, packaged_folder

ROOT = Path(__file__).parents[1]
PYTHON_BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_tables_of_a_page_are_those_of_the_result_files(page: Path) -> None:
    text = page.read_text("utf-8")
    assert rendered(text) == text, "run: python -m benchmarks.render"


@pytest.mark.parametrize("name", PACKAGED)
def test_a_models_card_carries_the_measured_figures(name: str) -> None:
    card = (packaged_folder(name) / "stance.json").read_text("utf-8")
    assert with_figures(card, name) == card, "run: python -m benchmarks.render"


def words_of(svg: str) -> list[str]:
    return [" ".join("".join(element.itertext()).split()) for element in etree.fromstring(svg.encode()).iter("{*}text")]


def test_the_plot_of_speeds_tells_the_figures_of_the_result_file() -> None:
    drawn = words_of(SPEED_PLOT.read_text("utf-8"))
    assert drawn == words_of(speed_plot()), "run: python -m benchmarks.render"
    result = read_result("speed")
    for name, figures in result["metrics"]["engines"].items():
        assert f"{figures['comments_per_second']:.1f}" in drawn
        assert any(word.startswith(name) for word in drawn), name


def test_a_speed_with_other_answers_is_marked_in_the_plot_of_speeds() -> None:
    result = read_result("speed")
    engines = result["metrics"]["engines"]
    name = next(name for name in engines if name != "stance")
    for agreement, mark in ((0.9, " (90.0% the same)"), (None, " (another head)"), (1.0, "")):
        engines[name]["label_agreement"] = agreement
        assert f"{name}{mark}" in words_of(speed_plot(result))


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_a_result_says_where_it_comes_from(path: Path) -> None:
    result = json.loads(path.read_text("utf-8"))
    expected = {"schema", "name", "command", "commit", "date", "versions", "hardware", "dataset", "metrics", "seconds"}
    assert set(result) >= expected
    assert result["name"] == path.stem
    assert re.fullmatch(r"[0-9a-f]{40}", result["commit"])


def test_the_readme_opens_with_the_two_commands_of_a_newcomer() -> None:
    commands = re.findall(r"^(?:\$ )?(make \w+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert commands[:2] == ["make demo", "make test"]


def test_the_python_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    assert PYTHON_BLOCKS
    names: dict[str, object] = {}
    for block in PYTHON_BLOCKS:
        exec(compile(block, "README.md", "exec"), names)
