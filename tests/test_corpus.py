"""The data in the project is what its datasheet says."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.data import (
    CORPUS,
    LABELS,
    OTHER_LABELS,
    OTHER_SIDES,
    SECOND_LABELS,
    balanced,
    load_corpus,
    load_gold,
    load_labelled_comments,
    load_other_sides,
    load_public,
    read_rows,
)
from stance.encoding import Example
from stance.labelled import LabelledExample
from stance.sides import Sides

SHARED = Path(__file__).parents[2] / "shared"
PARTS = sorted(CORPUS.glob("part-*.jsonl"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the public sets and the gold comments are not here")


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_rows_of_the_corpus_are_whole(path: Path) -> None:
    earlier: set[tuple[str, str]] = set()
    for row in read_rows(path):
        labels = {f"pro-{row['side_a']['label']}", f"pro-{row['side_b']['label']}", "neutral"}
        assert row["stance"] in labels, row["id"]
        assert row["sentiment"] in ("negative", "neutral", "positive"), row["id"]
        assert row["text"].strip(), row["id"]
        assert (row["thread"], row["id"]) not in earlier, row["id"]
        assert row["parent"] is None or "parent_text" in row or (row["thread"], row["parent"]) in earlier, row["id"]
        assert row.get("evidence", "") in row["text"], row["id"]
        earlier.add((row["thread"], row["id"]))


def test_no_thread_of_the_corpus_is_spread_over_parts() -> None:
    parts_of: dict[str, set[str]] = {}
    for path in PARTS:
        for row in read_rows(path):
            parts_of.setdefault(row["thread"], set()).add(path.stem)
    assert all(len(parts) == 1 for parts in parts_of.values())


def test_the_three_stances_are_about_even_in_the_corpus() -> None:
    counts = Counter(row.labelled.stance for row in load_corpus())
    assert min(counts.values()) > 0.28 * sum(counts.values())


def test_every_dispute_lies_in_one_split_and_most_of_them_train() -> None:
    rows = load_corpus()
    splits: dict[str, set[str]] = {}
    for row in rows:
        splits.setdefault(row.labelled.example.thread_id, set()).add(row.split)
    assert all(len(found) == 1 for found in splits.values())
    counts = Counter(row.split for row in rows)
    assert counts["train"] > 0.8 * len(rows)
    assert min(counts["dev"], counts["test"]) > 0.02 * len(rows)


def test_a_second_label_belongs_to_a_comment_and_its_evidence_to_the_text() -> None:
    comments = {(row["thread"], row["id"]): row for path in PARTS for row in read_rows(path)}
    for label in read_rows(SECOND_LABELS):
        row = comments[label["thread"], label["id"]]
        assert label["stance"] in {f"pro-{row['side_a']['label']}", f"pro-{row['side_b']['label']}", "neutral"}
        assert label.get("evidence", "") in row["text"]


def test_where_two_labellers_differ_the_comment_is_disputed(tmp_path: Path) -> None:
    row = next(read_rows(PARTS[0]))
    other = "neutral" if row["stance"] != "neutral" else f"pro-{row['side_a']['label']}"
    label = {"thread": row["thread"], "id": row["id"], "stance": other, "sentiment": row["sentiment"], "sure": 1}
    (tmp_path / "part-1.jsonl").write_text(json.dumps(row), "utf-8")
    assert not load_corpus(tmp_path)[0].disputed
    (tmp_path / "second_labels.jsonl").write_text(json.dumps(label), "utf-8")
    assert load_corpus(tmp_path)[0].disputed


def test_balancing_makes_the_surface_say_less_of_the_stance() -> None:
    sides = Sides.council_union()
    named = [LabelledExample(Example("t", "1", f"the union is {n}", sides), stance=0) for n in range(60)]
    unnamed = [LabelledExample(Example("t", "1", f"they are {n}", sides), stance=1) for n in range(60)]
    crossed = [LabelledExample(Example("t", "1", f"my union is {n}", sides), stance=1) for n in range(30)]
    crossed += [LabelledExample(Example("t", "1", f"they were {n}", sides), stance=0) for n in range(30)]
    weighted = balanced(named + unnamed + crossed)
    assert {e.stance for e in weighted} == {0, 1}
    assert max(e.weight for e in weighted[:120]) < min(e.weight for e in weighted[120:])
    assert all(0.5 <= e.weight <= 2 for e in weighted)


def test_labels_of_public_comments_hold_no_text() -> None:
    for row in read_rows(LABELS):
        assert set(row) == {"dataset", "id", "text_sha256", "debate", "title", "side_a", "side_b", "labels"}
        assert re.fullmatch(r"[0-9a-f]{16}", row["text_sha256"])
        assert len(row["labels"]) == 2


def test_labels_under_other_sides_hold_no_text_and_answer_to_sides_that_are_there() -> None:
    asked = {(row["debate"], str(row["pair"])): row for row in read_rows(OTHER_SIDES)}
    letters: Counter[str] = Counter()
    for row in read_rows(OTHER_LABELS):
        known = {"dataset", "id", "text_sha256", "debate", "stances", "sentiment", "second", "unsure"}
        assert set(row) == known
        assert re.fullmatch(r"[0-9a-f]{16}", row["text_sha256"])
        assert all((row["debate"], number) in asked for number in row["stances"])
        assert set(row["second"]) | set(row["unsure"]) <= set(row["stances"])
        assert set(row["stances"].values()) | set(row["second"].values()) <= set("abn")
        letters.update(row["stances"].values())
    assert letters.total() > 26_000
    assert min(letters["a"], letters["b"]) > letters.total() / 6
    assert all(row["side_a"]["name"] != row["side_b"]["name"] for row in asked.values())


@needs_shared
def test_every_labelled_comment_is_found_in_its_set() -> None:
    assert len(load_labelled_comments(SHARED / "stance_data")) == sum(1 for _ in read_rows(LABELS))
    rows = load_other_sides(SHARED / "stance_data")
    assert len(rows) == sum(len(row["stances"]) for row in read_rows(OTHER_LABELS))
    assert all(row.other_sides and not row.part for row in rows)


@needs_shared
def test_a_comment_may_be_for_one_side_of_one_pair_and_for_another_or_neither_of_the_next() -> None:
    stances: dict[str, set[int | None]] = {}
    for row in load_other_sides(SHARED / "stance_data"):
        stances.setdefault(row.labelled.example.text, set()).add(row.labelled.stance)
    assert sum(len(one) > 1 for one in stances.values()) > len(stances) / 2


@needs_shared
def test_a_reply_of_a_chain_answers_the_last_before_it() -> None:
    sources = {row["id"]: row for row in read_rows(SHARED / "stance_data" / "mtcsd.train.jsonl.gz")}
    rows = [row.labelled.example for row in load_labelled_comments(SHARED / "stance_data")]
    chained = [one for one in rows if one.comment_id in sources and ">> " in (sources[one.comment_id]["context"] or "")]
    assert chained
    assert all(sources[one.comment_id]["context"].endswith(">> " + one.parent) for one in chained)


@needs_shared
def test_no_gold_comment_stands_in_the_training_data() -> None:
    def words(text: str) -> str:
        return " ".join(re.findall(r"\w+", text.casefold()))

    gold = [words(text) for name in ("dev", "unlabelled") for text in gold_texts(name)]
    rows = load_corpus() + load_labelled_comments(SHARED / "stance_data") + load_other_sides(SHARED / "stance_data")
    trained = [row.labelled for row in rows] + load_public(SHARED / "stance_data")
    everything = "\n".join(words(labelled.example.text) for labelled in trained)
    assert [text for text in gold if len(text) >= 60 and text in everything] == []


def gold_texts(name: str) -> list[str]:
    return [row["text"] for row in read_rows(SHARED / "gold" / f"{name}.jsonl")]


@needs_shared
def test_the_gold_comments_load_with_their_labels() -> None:
    rows = load_gold(SHARED / "gold" / "dev.jsonl")
    assert {row.labelled.stance for row in rows} == {0, 1, 2}
