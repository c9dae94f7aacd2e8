"""What the command line is told to hide stands in none of its outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from stance.cli import app
from stance.pseudonyms import pseudonym

KEY = b"sixteen bytes or more"
KATH, NORMAN = pseudonym("Kath Mullins", KEY), pseudonym("Norman", KEY)
ROWS = """author,text,parent_id,id,title
Kath Mullins,"The council must pay the crews, says Norman. Call Kath on 07700 900123!",,1,Kath Mullins starts a row
Norman,"@KathMullins the strike must end. Ed Balls and KATH MULLINS never said so.",1,norman-2,Kath Mullins starts a row
"""
GONE = ("kath", "mullins", "norman", "07700")
TEXTS = ("must pay", "must end", "said so")


@pytest.fixture
def words(tmp_path: Path, tiny_folder: Path) -> list[str]:
    """The beginning of a call of ``stance classify``."""
    (tmp_path / "bins.csv").write_text(ROWS, "utf-8")
    (tmp_path / "key").write_bytes(KEY)
    return ["classify", str(tmp_path / "bins.csv"), "--model", str(tiny_folder), "--pseudonyms", str(tmp_path / "key")]


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def told_by(result: Result, written: Path) -> str:
    """All that a call told, on both streams and in its file."""
    if not written.exists():
        return result.output
    if written.suffix == ".parquet":
        return result.output + pd.read_parquet(written).to_csv()
    return result.output + written.read_text("utf-8")


@pytest.mark.parametrize("out", [None, "-", "out.csv", "out.jsonl", "out.parquet", "out.html"])
def test_masked_names_stand_in_no_output(words: list[str], tmp_path: Path, out: str | None) -> None:
    written = tmp_path / (out if out and out != "-" else "none")
    where = [] if out is None else ["--out", "-" if out == "-" else str(written)]
    result = run(*words, "--mask-names", *where)
    assert result.exit_code == 0, result.output
    told = told_by(result, written)
    assert not [name for name in GONE if name in told.casefold()]
    assert KATH in told
    assert NORMAN in told
    assert "names of people who wrote nothing are not looked for" in result.stderr


@pytest.mark.parametrize("out", [None, "-", "out.csv", "out.jsonl", "out.parquet", "out.html"])
def test_texts_left_out_stand_in_no_output(words: list[str], tmp_path: Path, out: str | None) -> None:
    written = tmp_path / (out if out and out != "-" else "none")
    where = [] if out is None else ["--out", "-" if out == "-" else str(written)]
    result = run(*words[:4], "--without-texts", *where)
    assert result.exit_code == 0, result.output
    told = told_by(result, written)
    assert not [text for text in TEXTS if text in told]
    assert "Kath Mullins" in told
    if out == "out.html":
        assert "What people wrote is left out of this file" in told


def test_what_is_hidden_changes_no_answer(words: list[str], tmp_path: Path) -> None:
    def answers(*options: str) -> list[dict[str, object]]:
        rows = [json.loads(line) for line in run(*words, *options, "--out", "-").stdout.splitlines()]
        return [{name: row[name] for name in ("stance", "p_council", "p_positive", "truncated")} for row in rows]

    plain = answers()
    assert len(plain) == 2
    assert answers("--mask-names") == answers("--without-texts") == answers("--mask-names", "--without-texts") == plain


def test_read_masks_and_leaves_out_alike(words: list[str]) -> None:
    source, key = words[1], words[-1]
    masked = run("read", source, "--pseudonyms", key, "--mask-names")
    rows = [json.loads(line) for line in masked.stdout.splitlines()]
    assert not [name for name in GONE if name in masked.output.casefold()]
    assert rows[1]["parent_id"] == rows[0]["comment_id"]
    assert rows[0]["text"] == f"The council must pay the crews, says {NORMAN}. Call {KATH} on [phone]!"
    bare = run("read", source, "--without-texts")
    assert [json.loads(line)["text"] for line in bare.stdout.splitlines()] == [None, None]


def test_the_sentence_that_carries_a_stance_is_marked_in_masked_words(words: list[str], tmp_path: Path) -> None:
    from lxml import html

    run(*words, "--mask-names", "--out", str(tmp_path / "masked.html"))
    run(*words, "--out", str(tmp_path / "plain.html"))
    masked, plain = (
        [mark.text_content() for mark in html.parse(tmp_path / name).getroot().iter("mark")]
        for name in ("masked.html", "plain.html")
    )
    assert len(masked) == len(plain)
    for there, was in zip(masked, plain, strict=True):
        expected = was.replace("Kath Mullins", KATH).replace("KATH MULLINS", KATH).replace("KathMullins", KATH)
        expected = expected.replace("Norman", NORMAN).replace("Kath", KATH).replace("07700 900123", "[phone]")
        assert there == expected


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--mask-names"], "--mask-names needs --pseudonyms"),
        (["--presidio", "en_core_web_sm"], "--presidio finds names for --mask-names"),
    ],
)
def test_an_option_that_lacks_another_is_wrong_usage(words: list[str], options: list[str], said: str) -> None:
    result = run(*words[:4], *options)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_presidio_is_asked_for_other_peoples_names(words: list[str], tmp_path: Path) -> None:
    pytest.importorskip("presidio_analyzer")
    spacy = pytest.importorskip("spacy")
    blank = spacy.blank("en")
    ruler = blank.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": "Ed Balls"}])
    blank.to_disk(tmp_path / "blank")
    result = run(*words, "--mask-names", "--presidio", str(tmp_path / "blank"), "--out", "-")
    assert result.exit_code == 0, result.output
    assert "Ed Balls" not in result.output
    assert pseudonym("Ed Balls", KEY) in result.stdout
    missing = run(*words, "--mask-names", "--presidio", "en_no_such_model")
    assert missing.exit_code == 2
