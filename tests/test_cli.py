import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import stance
from stance.cli import app
from tests.test_classify import ROW_FORMAT

SHARED = Path(__file__).parents[2] / "shared"
EXAMPLE = Path(__file__).parents[1] / "examples" / "harbour-libraries.txt"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def thread_file(tmp_path: Path) -> Path:
    path = tmp_path / "bins.csv"
    path.write_text("author,text\nAnn,Pay the crews.\nBob,👏\nCy,[bold]no[/bold] \x1b[31mstrike\n", "utf-8")
    return path


def test_read_prints_json_lines_and_keeps_its_remarks_to_stderr() -> None:
    result = run("read", EXAMPLE)
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(rows) == 24
    assert list(rows[0]) == ROW_FORMAT[:7]
    assert "the post is dated" in result.stderr


def test_classify_prints_a_table_and_the_shares(thread_file: Path, tiny_folder: Path) -> None:
    result = run("classify", thread_file, "--model", tiny_folder)
    assert result.exit_code == 0, result.output
    assert "Pay the crews." in result.stdout
    assert "By people (3)" in result.stdout
    assert "no words, only symbols or emoji" in " ".join(result.stdout.split())
    assert "council: the council (none named in the thread)" in result.stderr


def test_ctrl_c_shows_and_writes_what_was_done(
    thread_file: Path, tiny_folder: Path, tmp_path: Path, monkeypatch
) -> None:
    def impatient(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stance.inference.run", impatient)
    out = tmp_path / "out.jsonl"
    result = run("classify", thread_file, "--model", tiny_folder, "--out", out)
    assert result.exit_code == 130
    assert "stopped after 0 of 3 comments" in result.stderr
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {row["reason"] for row in rows} == {"not reached: stopped before"}


def test_hostile_text_sets_no_colours_and_is_no_markup(thread_file: Path, tiny_folder: Path) -> None:
    result = run("classify", thread_file, "--model", tiny_folder)
    assert "\x1b" not in result.stdout
    assert "[bold]no[/bold]" in result.stdout


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
def test_out_writes_the_row_format_by_its_ending(
    thread_file: Path, tiny_folder: Path, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"result{ending}"
    result = run("classify", thread_file, "--model", tiny_folder, "--out", out)
    assert result.exit_code == 0, result.output
    readers = {".jsonl": lambda p: pd.read_json(p, lines=True), ".csv": pd.read_csv, ".parquet": pd.read_parquet}
    frame = readers[ending](out)
    assert list(frame.columns) == ROW_FORMAT
    assert frame["text"].tolist() == ["Pay the crews.", "👏", "[bold]no[/bold] \x1b[31mstrike"]
    assert frame["sure"].dtype == bool
    assert "wrote 3 comments to" in result.stderr


def test_out_dash_writes_json_lines_to_stdout_and_nothing_else(thread_file: Path, tiny_folder: Path) -> None:
    result = run("classify", thread_file, "--model", tiny_folder, "--out", "-")
    assert [list(json.loads(line)) for line in result.stdout.splitlines()] == [ROW_FORMAT] * 3


def test_a_folder_of_threads_is_classified_in_one_go(tmp_path: Path, tiny_folder: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text(f"text\nthe strike {name}\n")
    result = run("classify", tmp_path, "--model", tiny_folder, "--council", "Leeds City Council")
    assert result.exit_code == 0
    assert "All 2 threads together" in result.stdout
    assert result.stderr.count("council: Leeds City Council (given)") == 2


def test_other_sides_are_given_in_one_option(thread_file: Path, tiny_folder: Path) -> None:
    result = run("classify", thread_file, "--model", tiny_folder, "--sides", "cats=Cats,dogs=Dogs", "--out", "-")
    assert {"p_cats", "p_dogs"} <= set(json.loads(result.stdout.splitlines()[0]))


def test_a_target_is_given_in_one_option(thread_file: Path, tiny_folder: Path) -> None:
    result = run("classify", thread_file, "--model", tiny_folder, "--target", "a four-day week", "--out", "-")
    row = json.loads(result.stdout.splitlines()[0])
    assert {"p_favour", "p_against"} <= set(row)
    assert row["stance"] in {"favour", "against", "neutral"}


@pytest.mark.parametrize("other", [("--sides", "cats,dogs"), ("--council", "Leeds"), ("--union", "Unite")])
def test_a_target_and_sides_at_once_are_wrong_usage(thread_file: Path, other: tuple[str, str]) -> None:
    result = run("classify", thread_file, "--target", "a four-day week", *other)
    assert result.exit_code == 2
    assert "--target names what people are for or against" in " ".join(result.stderr.replace("│", " ").split())


def test_an_input_that_cannot_be_read_exits_with_1_and_costs_none_of_the_others(
    thread_file: Path, tiny_folder: Path
) -> None:
    result = run("classify", thread_file, "nowhere.txt", "--model", tiny_folder)
    assert result.exit_code == 1
    assert "could not read nowhere.txt: no such file or folder" in result.stderr
    assert "Pay the crews." in result.stdout


def test_a_page_without_comments_says_so_and_is_no_failure(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text('A\n\nB. "We will not be moved at all," said Ada Quill.\nComments are closed on this article')
    result = run("classify", page)
    assert result.exit_code == 0
    assert "Comments are closed on this article" in result.stderr
    assert "quotes 1 statements; --quotes takes them" in result.stderr
    quoted = run("read", page, "--quotes")
    assert json.loads(quoted.stdout)["author"] == "Ada Quill"


@pytest.mark.parametrize(
    "words",
    [
        ["classify"],
        ["classify", EXAMPLE, "--sides", "only-one"],
        ["classify", EXAMPLE, "--sides", "a=1,b=2", "--council", "x"],
        ["classify", EXAMPLE, "--out", "result.docx"],
        ["classify", EXAMPLE, "--council", " "],
        ["classify", EXAMPLE, "--sides", "negative=A,positive=B"],
        ["read", EXAMPLE, "--nonsense"],
        ["nonsense"],
    ],
)
def test_wrong_usage_exits_with_2(words: list[str | Path]) -> None:
    assert run(*words).exit_code == 2


def test_out_never_overwrites_an_input(thread_file: Path) -> None:
    before = thread_file.read_bytes()
    assert run("classify", thread_file, "--out", thread_file).exit_code == 2
    assert thread_file.read_bytes() == before


def test_a_device_that_is_not_there_exits_with_1(thread_file: Path, tiny_folder: Path) -> None:
    result = run("classify", thread_file, "--model", tiny_folder, "--device", "nonsense")
    assert result.exit_code == 1
    assert "The device 'nonsense' cannot be used" in result.stderr


def test_a_missing_model_or_an_unwritable_file_exits_with_1(
    thread_file: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    assert run("classify", thread_file, "--model", tmp_path / "none").exit_code == 1
    result = run("classify", thread_file, "--model", tiny_folder, "--out", tmp_path / "no" / "folder.csv")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert "Pay the crews." in result.stdout


@pytest.mark.skipif(not SHARED.is_dir(), reason="the seed documents are not here")
def test_the_seeds_go_all_the_way(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    result = run("classify", next((SHARED / "seeds").glob("002*")), "--out", out)
    assert result.exit_code == 0, result.output
    assert 'council: Southampton City Council (from "Southampton")' in result.stderr
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(rows) == 9
    assert all(sum(row[p] for p in ("p_council", "p_union", "p_neutral")) == pytest.approx(1) for row in rows)
    assert run("classify", next((SHARED / "seeds").glob("000*"))).exit_code == 0


def test_the_entry_point_is_the_app() -> None:
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="stance")
    assert script.load() is not None
    assert stance.__version__
