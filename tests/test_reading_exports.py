"""Exports and API files: what their source files in ``tests/threads`` do not show."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import stance
from stance.readers import read_source
from stance.readers.source import Source

CASES = Path(__file__).parent / "threads"


def read(value: object, name: str = "a.json") -> list[stance.Thread]:
    data = value if isinstance(value, bytes) else json.dumps(value).encode("utf-8")
    return read_source(Source.of_bytes(data, name))


def reddit_comment(**facts: Any) -> dict[str, Any]:
    return {"id": "c1", "link_id": "t3_p1", "parent_id": "t3_p1", "author": "a", "body": "Words.", **facts}


def test_a_corpus_in_a_zip_is_read_by_its_files_together(tmp_path: Path) -> None:
    path = tmp_path / "corpus.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in (CASES / "convokit" / "corpus").iterdir():
            archive.write(file, f"oxmoor-corpus/{file.name}")
    (thread,) = stance.read_threads(path)
    assert (thread.title, len(thread.comments), thread.report.reader) == ("Night wardens", 3, "ConvoKit")


def test_a_corpus_without_its_other_files_is_read_all_the_same() -> None:
    data = (CASES / "convokit" / "corpus" / "utterances.jsonl").read_bytes()
    (thread,) = read(data, "utterances.jsonl")
    assert (thread.title, len(thread.comments)) == ("", 3)


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ("t1_c1", "c1"),
        ("t3_p1", None),
        (None, None),
        (int("c1", 36), "c1"),
        (float(int("c1", 36)), "c1"),
        (int("p1", 36), None),
    ],
)
def test_what_a_comment_of_reddit_answers(parent: object, expected: str | None) -> None:
    rows = [reddit_comment(), reddit_comment(id="c2", parent_id=parent)]
    (thread,) = read("\n".join(map(json.dumps, rows)).encode(), "a.ndjson")
    assert thread.comments[1].parent_id == expected


@pytest.mark.parametrize("name", ["a.json", "a.ndjson"])
def test_dumps_of_reddit_come_as_lines_and_as_arrays(name: str) -> None:
    rows = [reddit_comment(id=f"c{n}") for n in range(3)]
    data = json.dumps(rows) if name == "a.json" else "\n".join(map(json.dumps, rows))
    (thread,) = read(data.encode(), name)
    assert (thread.report.reader, len(thread.comments)) == ("Reddit lines", 3)


def test_a_deep_thread_of_reddit_is_read_to_its_end() -> None:
    replies: object = ""
    for n in reversed(range(120)):
        data = reddit_comment(id=f"c{n}", parent_id=f"t1_c{n - 1}" if n else "t3_p1", replies=replies)
        replies = {"kind": "Listing", "data": {"children": [{"kind": "t1", "data": data}]}}
    post = {
        "kind": "Listing",
        "data": {"children": [{"kind": "t3", "data": {"id": "p1", "title": "T", "num_comments": 1}}]},
    }
    (thread,) = read([post, replies])
    assert [comment.parent_id for comment in thread.comments] == [None, *(f"c{n}" for n in range(119))]


def test_a_workbook_without_openpyxl_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(stance.InputError, match=r"pip install 'stance\[excel\]'"):
        read((CASES / "excel" / "wards.xlsx").read_bytes(), "wards.xlsx")


def test_a_workbook_without_a_table_is_refused() -> None:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Budget", "2024"])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(stance.InputError, match="no column of comment texts among 'Budget', '2024'"):
        read(out.getvalue(), "a.xlsx")


@pytest.mark.parametrize(
    "value",
    [
        {"name": "stance", "version": "1.0", "scripts": {"test": "pytest"}},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"coordinates": [1, 2]}}]},
        {"prices": [1, 2, 3]},
        [[1, 2], [3, 4]],
        [{"id": 1, "price": 2}],
        {
            "status": "ok",
            "articles": [{"title": "Bins", "author": "Desk", "url": "http://a.example", "content": "The bins."}],
        },
        {"products": [{"id": 7, "title": "Kettle", "text": "Boils water.", "price": 9}]},
        {"items": [{"id": 7, "text": "Boils water.", "price": 9}]},
    ],
)
def test_json_without_comments_is_refused(value: object) -> None:
    with pytest.raises(stance.InputError, match=r"a\.json"):
        read(value)


def test_an_article_without_comments_beside_it_is_not_taken_for_one() -> None:
    with pytest.raises(stance.InputError):
        read({"title": "Bins", "body": "The bins.", "related": ["a", "b"]})


def test_the_shallowest_list_is_the_comments_and_other_lists_are_not() -> None:
    value = {
        "data": {
            "post": {"title": "Bins", "text": "The crews have voted."},
            "comments": [{"user": "Ann", "text": "Good."}],
        },
        "related": [{"title": "Other", "text": "Not a comment", "author": "Desk"}],
    }
    threads = read(value)
    assert [comment.text for comment in threads[0].comments] == ["Good."]
    assert threads[0].title == "Bins"


def test_a_date_in_numbers_that_others_do_not_explain_stays_unread() -> None:
    (thread,) = read(b"text,date\na,03/04/2024\nb,05/06/2024\n", "a.csv")
    assert [comment.time for comment in thread.comments] == [None, None]
    assert "2 times were not understood" in thread.notes[0]


@pytest.mark.parametrize(("date", "expected"), [("04/21/2024", "2024-03-04"), ("21/04/2024", "2024-04-03")])
def test_one_date_tells_the_order_of_the_others(date: str, expected: str) -> None:
    (thread,) = read(f"text,date\na,03/04/2024\nb,{date}\n".encode(), "a.csv")
    assert thread.comments[0].iso_time == expected
    assert "2 dates in numbers alone were read" in thread.notes[0]


def test_a_text_that_only_begins_like_a_table_is_none() -> None:
    (thread,) = read(b"Text, author\n\nSo begins the letter, dear editor, and so on.\nIt ends here.\n", "a.txt")
    assert thread.report.reader != "table"


def test_texts_of_a_table_are_cleaned_and_those_of_a_frame_are_not() -> None:
    import pandas as pd

    from stance.inputs import as_threads

    (thread,) = read("text\n caf\u00c3\u00a9<br>closed \n[deleted]\n".encode(), "a.csv")
    assert [comment.text for comment in thread.comments] == ["café\nclosed"]
    assert thread.report.dropped == {"deleted": 1}
    (thread,) = as_threads(pd.DataFrame({"text": [" a<br>", "[deleted]"]}))
    assert [comment.text for comment in thread.comments] == [" a<br>", "[deleted]"]


def test_replies_of_hacker_news_in_a_long_chain_cost_no_more_than_others() -> None:
    items = [{"id": 1, "type": "story", "title": "T", "by": "a", "time": 1600000000}]
    items += [
        {"id": n, "type": "comment", "parent": n - 1, "by": "b", "text": "x", "time": 1600000000}
        for n in range(2, 9000)
    ]
    (thread,) = read("\n".join(map(json.dumps, items)).encode(), "a.ndjson")
    assert len(thread.comments) == 8998
    assert thread.comments[-1].parent_id == "8998"
