"""Tables as a stream of pieces: the same threads as ``read_threads`` gives, and reading on behind any of them."""

import json
import random
from pathlib import Path

import pandas as pd
import pytest

import stance
from stance.readers import pieces
from stance.readers.pieces import Piece, iter_threads
from tests.job_files import rows_of, write_lines


def written(kind: str, folder: Path, rows: list[dict[str, object]]) -> Path:
    path = folder / f"comments.{kind}"
    match kind:
        case "ndjson":
            write_lines(path, rows)
        case "csv":
            pd.DataFrame(rows).to_csv(path, index=False)
        case _:
            pd.DataFrame(rows).to_parquet(path, row_group_size=64)
    return path


def told(threads: list[stance.Thread]) -> list[object]:
    return [(t.id, t.title, [(c.id, c.text, c.author, c.parent_id) for c in t.comments]) for t in threads]


def threads_of(some: list[Piece]) -> list[stance.Thread]:
    return [piece.thread for piece in some if piece.thread]


@pytest.mark.parametrize("kind", ["ndjson", "csv", "parquet"])
def test_threads_that_stand_together_come_whole(kind: str, tmp_path: Path) -> None:
    path = written(kind, tmp_path, rows_of(500))
    found = list(iter_threads([path]))
    assert told(threads_of(found)) == told(stance.read_threads(path))
    assert [row for piece in found for row in piece.rows] == list(range(1, 501))
    assert [piece.is_last for piece in found] == [False] * (len(found) - 1) + [True]


@pytest.mark.parametrize("kind", ["ndjson", "csv", "parquet"])
def test_reading_goes_on_behind_any_piece_as_if_it_had_never_stopped(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "RECENT", 50)
    rows = rows_of(300)
    random.Random(3).shuffle(rows)
    path = written(kind, tmp_path, rows)
    found = list(iter_threads([path]))
    assert any(piece.n_before for piece in found)
    for place in range(0, len(found) - 1, 23):
        assert list(iter_threads([path], after=lambda _, end=found[place].end: end)) == found[place + 1 :]


def test_a_long_thread_comes_in_pieces_whose_replies_find_their_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MOST_ROWS", 7)
    rows = rows_of(100, threads_of=100)
    found = list(iter_threads([write_lines(tmp_path / "a.ndjson", rows)]))
    assert max(len(piece.rows) for piece in found) == 7
    parents = [c.parent_id for piece in found if piece.thread for c in piece.thread.comments[piece.n_before :]]
    assert parents == [row["parent_id"] for row in rows]


def test_an_open_quote_costs_its_own_line_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('author,text\nAnn,ok\nBob,"open\nCy,"fine"\nDi,a,b,c\nEd,"two\nlines"\n')
    found = list(iter_threads([path]))
    assert [c.text for thread in threads_of(found) for c in thread.comments] == ["ok", "fine", "two\nlines"]
    bad = [one for piece in found for one in piece.unusable]
    assert [(one.row, one.reason) for one in bad] == [
        (2, "is not CSV; its quotes do not close"),
        (4, "has 4 cells, but the header has 2"),
    ]


def test_the_order_of_dates_is_told_by_the_head_for_all_rows(tmp_path: Path) -> None:
    rows = [{"thread_id": str(i), "text": "x", "date": "25/04/2014" if i == 3 else "03/04/2014"} for i in range(5)]
    found = threads_of(list(iter_threads([write_lines(tmp_path / "a.ndjson", rows)])))
    assert {thread.comments[0].iso_time for thread in found} == {"2014-04-03", "2014-04-25"}


def test_what_is_no_table_comes_thread_by_thread_and_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    dump = Path(__file__).parents[1] / "examples" / "swimming-pools.txt"
    (tmp_path / "photo.png").write_bytes(b"\x89PNG" + bytes(100))
    cut = tmp_path / "cut.ndjson.gz"
    cut.write_bytes(__import__("gzip").compress(json.dumps({"text": "x"}).encode() * 9000)[:-20])
    found = list(iter_threads([dump, tmp_path / "photo.png", cut]))
    assert told(threads_of(found)) == told(stance.read_threads(dump))
    assert {one.reason for piece in found for one in piece.unusable} >= {"cannot be read"}
    assert {piece.place for piece in found if piece.unusable} == {str(tmp_path / "photo.png"), str(cut)}
