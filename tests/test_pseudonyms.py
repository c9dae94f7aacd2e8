"""Names replaced by pseudonyms that only the key's holder can make again."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import stance
from stance.cli import app
from stance.pseudonyms import pseudonym, pseudonymize, read_key

KEY = b"sixteen bytes or more"
NAMES = ("Kath", "Norman", "Cllr Reed")


def test_a_name_has_one_pseudonym_under_a_key_and_another_under_another() -> None:
    assert pseudonym("Kath", KEY) == pseudonym("Kath", KEY) == "person-hxicxsilvp"
    assert len({pseudonym("Kath", KEY), pseudonym("Norman", KEY), pseudonym("Kath", KEY + b"!")}) == 3


def test_authors_of_comments_and_posts_are_masked_and_nothing_else_changes(bins_thread: stance.Thread) -> None:
    from dataclasses import replace

    thread = replace(bins_thread, post_author="Cllr Reed")
    (masked,) = pseudonymize([thread], KEY)
    assert [c.author for c in masked.comments] == [
        pseudonym("Kath", KEY),
        pseudonym("Norman", KEY),
        "Anonymous",
        pseudonym("Kath", KEY),
        pseudonym("Cllr Reed", KEY),
    ]
    assert masked.post_author == pseudonym("Cllr Reed", KEY)
    assert [replace(c, author=None) for c in masked.comments] == [replace(c, author=None) for c in thread.comments]
    assert masked.report == thread.report


def test_a_name_that_is_no_unicode_has_a_pseudonym_too() -> None:
    assert pseudonym("\ud800", KEY).startswith("person-")


def test_a_key_that_could_be_guessed_or_is_not_there_is_refused(tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text(" secret\n")
    with pytest.raises(stance.InputError, match="6 bytes, but at least 16"):
        read_key(short)
    with pytest.raises(stance.InputError, match="cannot be read"):
        read_key(tmp_path / "none")


@pytest.mark.parametrize("out", [None, "-", "out.csv", "out.jsonl", "out.html"])
def test_no_output_of_the_command_line_shows_a_name(tmp_path: Path, tiny_folder: Path, out: str | None) -> None:
    source, key = tmp_path / "bins.csv", tmp_path / "key"
    source.write_text("author,text,parent_id,id\nKath,Pay the crews.,,1\nNorman,The strike must end.,1,2\n")
    key.write_bytes(KEY)
    written = tmp_path / "nothing" if out in (None, "-") else tmp_path / str(out)
    where = [] if out is None else ["--out", out if out == "-" else str(written)]
    words = ["classify", str(source), "--model", str(tiny_folder), "--pseudonyms", str(key), *where]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    told = result.output + (written.read_text("utf-8") if written.exists() else "")
    assert pseudonym("Kath", KEY)[:20] in told
    assert not [name for name in NAMES if name in told]
    assert "names within texts" in result.stderr


def test_read_shows_none_either_and_a_bad_key_is_wrong_usage(tmp_path: Path) -> None:
    source, key = tmp_path / "bins.csv", tmp_path / "key"
    source.write_text("author,text\nKath,Pay the crews.\n")
    key.write_bytes(KEY)
    result = CliRunner().invoke(app, ["read", str(source), "--pseudonyms", str(key)])
    assert json.loads(result.stdout)["author"] == pseudonym("Kath", KEY)
    assert CliRunner().invoke(app, ["read", str(source), "--pseudonyms", str(tmp_path)]).exit_code == 2
