"""What the models are compared with, and by what the comparison is fair."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.data import CORPUS, drawn_disputes, load_corpus, read_rows
from benchmarks.fairness import COMMENTS, ORIGINAL, RULES, load_variants
from benchmarks.nli import WORDINGS, _sentences
from benchmarks.rivals import drawn_a_class, frozen_encoder
from benchmarks.transfer import drawn
from stance.encoding import Example
from stance.labelled import LabelledExample
from stance.sides import Sides

ROWS = list(read_rows(COMMENTS))
ORIGINALS = {row["group"]: row for row in ROWS if row["variant"] == ORIGINAL}


def test_each_comment_is_told_in_three_other_ways_or_more_and_keeps_its_stance() -> None:
    told = Counter(row["group"] for row in ROWS)
    assert len(ORIGINALS) == 60
    assert min(told.values()) >= 4
    assert set(told) == set(ORIGINALS)
    for row in ROWS:
        assert row["stance"] == ORIGINALS[row["group"]]["stance"], row
        assert row == ORIGINALS[row["group"]] or _read(row) != _read(ORIGINALS[row["group"]]), row


def test_the_stances_of_the_look_at_fairness_are_as_many_of_each() -> None:
    assert set(Counter(row["stance"] for row in ORIGINALS.values()).values()) == {20}


def test_no_comment_of_the_look_at_fairness_trains() -> None:
    trained = {row.labelled.example.text for row in load_corpus()}
    assert not trained & {row["text"] for row in ROWS}
    assert not COMMENTS.match("part-*.jsonl")
    assert COMMENTS.parent == CORPUS


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_writes_the_same_comment_the_same_way_again(rule: Callable[[str], str]) -> None:
    texts = [row["text"] for row in ORIGINALS.values()]
    assert [rule(text) for text in texts] == [rule(text) for text in texts]
    assert all(rule(text) != text for text in texts if len(text) > 200)
    assert all(len(rule(text).split()) == len(text.split()) for text in texts)


def test_variants_made_by_rule_stand_beside_those_that_were_written() -> None:
    variants = load_variants()
    assert all(len(variants[name]) == 60 for name in RULES)
    assert {one.stance for one in variants[ORIGINAL].values()} == {0, 1, 2}


def test_a_sample_of_a_set_is_the_same_each_time_and_in_order() -> None:
    rows = [{"id": i} for i in range(100)]
    assert drawn(rows, 10) == drawn(rows, 10) == sorted(drawn(rows, 10), key=lambda row: row["id"])
    assert len(drawn(rows, 10)) == 10
    assert drawn(rows, None) == drawn(rows, 500) == rows


def test_a_larger_share_of_the_disputes_holds_the_smaller_one() -> None:
    rows = load_corpus()[:2000]
    eighth, half = (set(drawn_disputes(rows, share, seed=1).tolist()) for share in (1 / 8, 1 / 2))
    assert eighth < half
    kept = {rows[i].labelled.example.thread_id for i in eighth}
    assert not kept & {rows[i].labelled.example.thread_id for i in set(range(len(rows))) - eighth}


def test_few_shots_are_as_many_of_each_stance() -> None:
    train = [LabelledExample(Example("t", str(i), f"text {i}", Sides.council_union()), i % 3) for i in range(60)]
    shots = drawn_a_class(train, 8, seed=0)
    assert Counter(one.stance for one in shots) == {0: 8, 1: 8, 2: 8}
    assert len({one.example.text for one in shots}) == 24


def test_inference_is_asked_about_both_sides_and_neither_by_their_bare_names() -> None:
    sides = Sides.council_union("Leeds City Council (Labour)", "Unison")
    asked = LabelledExample(Example("t", "1", "text", sides), 0)
    for words in WORDINGS.values():
        one, other, neither = _sentences(asked, *words)
        assert "Leeds City Council" in one
        assert "(Labour)" not in one
        assert "Unison" in other
        assert len({one, other, neither}) == 3


def test_a_frozen_encoder_learns_what_its_features_tell() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, size=90)
    features = (np.eye(3)[labels] + rng.normal(scale=0.1, size=(90, 3))).astype(np.float32)
    threads = [str(i // 5) for i in range(75)]
    answers = frozen_encoder(features[:75], labels[:75], threads, features[75:])
    assert (answers == labels[75:]).all()


def _read(row: dict[str, object]) -> tuple[object, ...]:
    return (row["text"], row["title"], row["post"], row["side_a"], row["side_b"])
