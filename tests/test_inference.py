"""The same answer whatever else is in the batch."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stance
from stance.encoding import Example
from stance.inference import pad_batch, score_examples
from stance.model import OpenModel
from stance.scores import Scores
from stance.sides import Side, Sides

SIDES = Sides.council_union()
TEXTS = st.text(alphabet=st.sampled_from("abc the strike pay £!👏\n"), max_size=80)


def examples_of(texts: list[str]) -> list[Example]:
    return [Example("t", str(i), text, SIDES, title="Bins") for i, text in enumerate(texts)]


@given(texts=st.lists(TEXTS, min_size=1, max_size=8), budget=st.sampled_from([1, 64, 100_000]), seed=st.randoms())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_comment_scores_alike_alone_in_any_batch_and_in_any_order(tiny_open, texts, budget, seed) -> None:
    together = score_examples(examples_of(texts), tiny_open, batch_tokens=budget).logits
    order = list(range(len(texts)))
    seed.shuffle(order)
    shuffled = score_examples(examples_of([texts[i] for i in order]), tiny_open).logits
    np.testing.assert_allclose(shuffled, together[order], atol=1e-5)
    for i, text in enumerate(texts):
        np.testing.assert_allclose(score_examples(examples_of([text]), tiny_open).logits[0], together[i], atol=1e-5)


def test_the_same_call_gives_the_same_bits(tiny_open: OpenModel) -> None:
    examples = examples_of(["the strike", "pay the workers now", "no"])
    np.testing.assert_array_equal(
        score_examples(examples, tiny_open).logits, score_examples(examples, tiny_open).logits
    )


def test_half_precision_moves_a_logit_by_hundredths_and_no_clear_answer(tiny_open: OpenModel) -> None:
    examples = examples_of(["the strike", "pay the workers now", "no", "the council and the union £!"] * 8)
    exact = score_examples(examples, tiny_open).logits
    narrow = score_examples(examples, replace(tiny_open, precision=torch.bfloat16)).logits
    assert np.abs(narrow - exact).max() > 0
    np.testing.assert_allclose(narrow, exact, atol=5e-2)
    ordered = np.sort(exact[:, :3], axis=1)
    clear = ordered[:, 2] - ordered[:, 1] > 5e-2
    assert (narrow[clear, :3].argmax(axis=1) == exact[clear, :3].argmax(axis=1)).all()


def test_sides_post_parent_and_writer_all_reach_the_network(tiny_open: OpenModel) -> None:
    plain = Example("t", "1", "the strike", SIDES)
    others = [
        Example("t", "1", "the strike", Sides(SIDES.b, SIDES.a)),
        Example("t", "1", "the strike", Sides(SIDES.a, Side("union", "workers"))),
        Example("t", "1", "the strike", SIDES, title="bins"),
        Example("t", "1", "the strike", SIDES, post="cuts"),
        Example("t", "1", "the strike", SIDES, parent="never"),
        Example("t", "1", "the strike", SIDES, by_post_author=True),
    ]
    base = score_examples([plain], tiny_open).logits[0]
    for other in others:
        sides_may_differ = score_examples([other], tiny_open).logits[0]
        assert np.abs(sides_may_differ - base).max() > 1e-3


def test_padding_lays_examples_side_by_side(tiny_open: OpenModel) -> None:
    from stance.encoding import TokenizedExample

    batch = pad_batch([TokenizedExample([2, 5, 3], [0, 0, 1]), TokenizedExample([2, 3], [0, 0])], pad_id=9)
    assert batch["input_ids"].tolist() == [[2, 5, 3], [2, 3, 9]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert batch["token_type_ids"].tolist() == [[0, 0, 1], [0, 0, 0]]


def test_progress_counts_every_comment_once(tiny_open: OpenModel) -> None:
    told: list[int] = []
    score_examples(examples_of(["a", "", "b " * 50, "👏", "c"]), tiny_open, batch_tokens=64, progress=told.append)
    assert sum(told) == 5


def test_no_comments_give_no_scores(tiny_open: OpenModel) -> None:
    assert len(score_examples([], tiny_open)) == 0


def test_one_call_takes_one_pair_of_labels(tiny_model: stance.StanceModel) -> None:
    threads = [stance.Thread(id=i, comments=(stance.Comment(id="1", text="x"),)) for i in "ab"]
    with pytest.raises(stance.InputError, match="one pair of labels"):
        tiny_model.classify(threads, sides={"a": SIDES, "b": Sides(Side("cats", "cats"), Side("dogs", "dogs"))})


def test_scores_are_saved_and_loaded_and_still_calibrated(tiny_model, bins_thread, tmp_path) -> None:
    from stance.stances import calibrate

    scores = tiny_model.score(bins_thread)
    scores.save(tmp_path / "scores.parquet")
    again = Scores.load(tmp_path / "scores.parquet")
    np.testing.assert_array_equal(again.logits, scores.logits)
    stances = calibrate([bins_thread], again, tiny_model.card.calibration)
    assert stances.to_records() == tiny_model.classify(bins_thread).to_records()


def test_scores_of_other_comments_are_refused(tiny_model, bins_thread) -> None:
    from stance.stances import calibrate

    with pytest.raises(stance.InputError, match="not those of the threads"):
        calibrate([], tiny_model.score(bins_thread), tiny_model.card.calibration)
