import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest

import stance
from stance.readers.columns import guess_columns


def read_one(path: Path) -> stance.Thread:
    (thread,) = stance.read_threads(path)
    return thread


def test_a_csv_with_bom_quoted_newlines_and_other_names_is_read(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes('\ufeffUser,Reply_To,Date,Comment\r\nAnn,,2020-05-01,"One\r\n\r\ntwo, ""three"""\r\n'.encode())
    (comment,) = read_one(path).comments
    assert comment.author == "Ann"
    assert comment.text == 'One\n\ntwo, "three"'
    assert comment.time == dt.datetime(2020, 5, 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(delimiter.join(["author", "text"]) + "\n" + delimiter.join(["Ann", "Hello"]), "utf-8")
    assert read_one(path).comments[0].text == "Hello"


@pytest.mark.parametrize("name", ["comment", "Text", "BODY", "message", "comment_text", "Comment Body"])
def test_sensible_names_of_the_text_column_are_known(name: str) -> None:
    assert guess_columns([name, "score"], "x")["text"] == name


def test_a_column_serves_one_purpose_only() -> None:
    assert guess_columns(["id", "post", "title"], "x") == {"text": "post", "comment_id": "id", "title": "title"}


def test_rows_are_grouped_into_threads(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    rows = [("a", "1"), ("b", "1"), ("a", "2")]
    path.write_text("\n".join(json.dumps({"thread_id": t, "comment_id": c, "text": t + c}) for t, c in rows))
    threads = stance.read_threads(path)
    assert [(t.id, [c.text for c in t.comments]) for t in threads] == [("a", ["a1", "a2"]), ("b", ["b1"])]


def test_a_reply_to_column_may_hold_ids_or_names(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,author,reply_to,text\n7,Ann,,x\n8,Bob,7,y\n9,Cy,Bob,z\n")
    assert [c.parent_id for c in read_one(path).comments] == [None, "7", "8"]


def test_a_missing_text_keeps_its_row(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"text": null}\n{"text": "fine"}\n{"author": "Ann"}\n')
    assert [c.text for c in read_one(path).comments] == ["", "fine", ""]


def test_what_spreadsheets_and_frames_do_to_ids_is_undone(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("sep=;\nid;comments;parent\n1;a;\n2;b;1\n3;c;1.0\n4;d;0\n5;e;t1_2\n")
    thread = read_one(path)
    assert [c.parent_id for c in thread.comments] == [None, "1", "1", None, "2"]
    assert thread.notes == ()


def test_rows_of_several_articles_form_a_thread_each(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("article_title,comment\nBins in Leeds,Pay them\nLibraries in Hull,Sack them\nBins in Leeds,No\n")
    assert [(t.title, len(t.comments)) for t in stance.read_threads(path)] == [
        ("Bins in Leeds", 2),
        ("Libraries in Hull", 1),
    ]


def test_titles_of_the_comments_own_make_no_threads(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("title,comment\nOne,Pay them\nTwo,Sack them\nThree,No\n")
    thread = read_one(path)
    assert (thread.title, len(thread.comments)) == ("", 3)


def test_times_that_are_not_understood_are_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("date,comment\n03/04/2024,x\n2024-04-03,y\n")
    thread = read_one(path)
    assert [c.time for c in thread.comments] == [None, dt.datetime(2024, 4, 3)]
    assert "1 times were not understood" in thread.notes[0]


def test_stray_bytes_in_utf8_cost_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("text\ncafé – staff, naïve ".encode() + b"it\x92s\n")
    thread = read_one(path)
    assert thread.comments[0].text == "café – staff, naïve it’s"
    assert "1 bytes are not UTF-8 (line 2 first); read as Windows-1252" in thread.notes[0]


def test_parquet_is_read_with_times_and_gaps(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    frame = pd.DataFrame({"body": ["x", None], "created": pd.to_datetime(["2020-01-02", None]), "parent": [None, 1.0]})
    frame.to_parquet(path)
    thread = read_one(path)
    assert [c.text for c in thread.comments] == ["x", ""]
    assert [c.time for c in thread.comments] == [dt.datetime(2020, 1, 2), None]
    assert thread.comments[1].parent_id == "1"


def test_what_read_writes_is_read_again_the_same(tmp_path: Path, bins_thread: stance.Thread) -> None:
    from stance.stances import comment_record

    path = tmp_path / "bins.jsonl"
    path.write_text("\n".join(json.dumps(comment_record("bins", c)) for c in bins_thread.comments))
    assert read_one(path).comments == bins_thread.comments


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "author,score\nx,1\n", r"a\.csv: no column of comment texts among 'author', 'score'"),
        ("a.csv", "text\n", r"a\.csv: the table has no rows"),
        ("a.csv", 'text,author\n"open,x\n', r"a\.csv: what begins on line 2 is not CSV"),
        ("a.csv", "text,author\nhello, world, again\n", r"a\.csv: line 2 has 3 cells, but the header has 2"),
        ("a.jsonl", '{"text": "x"}\n{"text": \n', r"a\.jsonl: line 2 is not JSON"),
        ("a.jsonl", '{"text": "x"}\n[1]\n', r"a\.jsonl: line 2 is list"),
        (
            "a.csv",
            "id,author,text\n1,Ann,Hello\nsecond line of hers\n2,Bob,No\n",
            r"line 3 has 1 cells, but the header has 3",
        ),
        ("a.json", "[" * 100_000, r"a\.json: is not JSON"),
        ("a.json", '{"text": "x"}', r"a\.json: an array of comments was expected"),
        ("a.parquet", "no parquet", r"a\.parquet: is not a readable Parquet file"),
        ("a.txt", "", r"a\.txt: the file is empty"),
        ("a.csv", "  \n", r"a\.csv: the file is empty"),
        ("a.txt", "text\x00\x01", r"a\.txt: this is a binary file"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_file_and_place(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(stance.InputError, match=message):
        stance.read_threads(path)


def test_a_text_in_place_of_a_path_is_an_error() -> None:
    with pytest.raises(stance.InputError, match="is it the text itself"):
        stance.read_threads("Well said. " * 1000)


def test_a_missing_file_is_an_error() -> None:
    with pytest.raises(stance.InputError, match="no such file or folder"):
        stance.read_threads("nowhere.txt")


def test_a_bad_file_in_a_folder_is_warned_of_and_costs_none_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("text\nhello\n")
    (tmp_path / "bad.csv").write_text("score\n1\n")
    (tmp_path / ".hidden.csv").write_text("score\n1\n")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "good.csv").write_text("text\nworld\n")
    with pytest.warns(UserWarning, match=r"left out: .*bad\.csv"):
        threads = stance.read_threads(tmp_path)
    assert [(t.id, t.comments[0].text) for t in threads] == [("good", "world"), ("good~2", "hello")]


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(stance.InputError, match="holds no files"):
        stance.read_threads(tmp_path)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_other_encodings_are_read_and_a_guess_is_told(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("text\n“It’s £40 a week” – café staff, naïve or not\n".encode(encoding))
    thread = read_one(path)
    assert thread.comments[0].text == "“It’s £40 a week” – café staff, naïve or not"
    assert bool(thread.notes) == (encoding == "cp1252")
