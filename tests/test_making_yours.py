"""The head way: a last layer learned on labels of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import stance
from stance.heads import AS_IT_WAS, STRENGTHS, Head, Strength, fit_head, learn_head
from stance.inference import score_with_features
from stance.labelled import read_labelled
from stance.model import OpenModel, last_layer
from stance.splitting import Groups
from tests.labelled_rows import labelled_rows

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(60, 12))
START = Head(RNG.normal(size=(3, 12)), RNG.normal(size=3))
LABELS = (FEATURES @ RNG.normal(size=(12, 3))).argmax(axis=1)
GROUPS = Groups(np.arange(60) // 4, "thread and author")


@pytest.fixture(scope="module")
def own(tiny_model: stance.StanceModel) -> stance.StanceModel:
    return stance.train(labelled_rows(), start=tiny_model)


def test_the_features_are_what_the_last_layer_sees(tiny_open: OpenModel) -> None:
    scores, features = score_with_features([one.example for one in read_labelled(labelled_rows()).examples], tiny_open)
    last = last_layer(tiny_open.network)
    np.testing.assert_allclose(
        features @ last.weight.detach().numpy().T + last.bias.detach().numpy(), scores.logits, atol=1e-5
    )


def test_a_head_of_ones_own_knows_the_own_labels_better(
    tiny_model: stance.StanceModel, own: stance.StanceModel
) -> None:
    figures = own.card.figures
    assert figures["stance"]["macro_f1"]["value"] > figures["stance_before"]["macro_f1"]["value"] + 0.2
    assert figures["sentiment"]["macro_f1"]["value"] > figures["sentiment_before"]["macro_f1"]["value"]
    assert figures["grouped_by"] == "thread and author"


def test_the_model_it_started_from_stays_as_it_was(tiny_folder: Path) -> None:
    start = stance.load(tiny_folder, device="cpu")
    before = start.classify(["pay the workers"]).probabilities
    stance.train(labelled_rows(n_threads=3, per_class=1), start=start)
    np.testing.assert_array_equal(start.classify(["pay the workers"]).probabilities, before)


def test_without_labels_of_sentiment_its_outputs_stay_as_they_were(tiny_model: stance.StanceModel) -> None:
    rows = [{name: value for name, value in row.items() if name != "tone"} for row in labelled_rows(4, 1)]
    own = stance.train(rows, start=tiny_model)
    texts = [row["text"] for row in rows]
    np.testing.assert_allclose(
        own.classify(texts).sentiment_probabilities, tiny_model.classify(texts).sentiment_probabilities, atol=1e-6
    )
    assert "sentiment" not in own.card.figures


def test_the_folder_opens_with_stock_transformers_and_answers_alike(own: stance.StanceModel, tmp_path: Path) -> None:
    own.save(tmp_path / "own")
    again = stance.load(tmp_path / "own", device="cpu")
    np.testing.assert_allclose(
        again.classify(["pay the workers"]).probabilities, own.classify(["pay the workers"]).probabilities, atol=1e-6
    )
    network = AutoModelForSequenceClassification.from_pretrained(tmp_path / "own")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "own")
    logits = network(**tokenizer("pay the workers", "council: the council | union: the union", return_tensors="pt"))
    np.testing.assert_allclose(logits.logits.detach().numpy(), own.score(["pay the workers"]).logits, atol=1e-5)


def test_the_same_seed_gives_the_same_weights(tiny_model: stance.StanceModel) -> None:
    once, again = (stance.train(labelled_rows(n_threads=4, per_class=1), start=tiny_model) for _ in range(2))
    np.testing.assert_array_equal(again.score(["pay"]).logits, once.score(["pay"]).logits)
    assert again.card == once.card


def test_a_head_without_a_prior_towards_the_old_one_is_scikit_learns() -> None:
    nothing = Head(np.zeros((3, 12)), np.zeros(3))
    spread = np.sqrt(FEATURES.var(axis=0).sum())
    inputs = (FEATURES - FEATURES.mean(axis=0)) / spread
    ours = fit_head(nothing, FEATURES, LABELS, Strength(np.inf, np.inf, 0.5))
    theirs = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-8, max_iter=1000).fit(inputs, LABELS)
    chances = np.exp(ours.logits(FEATURES)) / np.exp(ours.logits(FEATURES)).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(chances, theirs.predict_proba(inputs), atol=1e-3)


def test_the_tightest_prior_leaves_the_head_as_it_was() -> None:
    assert fit_head(START, FEATURES, LABELS, AS_IT_WAS) is START
    tight = fit_head(START, FEATURES, LABELS, Strength(1e9, 1e9, 1e9))
    np.testing.assert_allclose(tight.logits(FEATURES), START.logits(FEATURES), atol=1e-4)


def test_a_head_that_is_right_already_is_not_moved_far() -> None:
    sharp = Head(START.weight * 3, START.bias * 3)
    labels = sharp.logits(FEATURES).argmax(axis=1)
    learned = learn_head(sharp, FEATURES, labels, GROUPS)
    assert (learned.head.logits(FEATURES).argmax(axis=1) == labels).mean() > 0.9
    assert (learned.held_out.argmax(axis=1) == labels).mean() > 0.8


def test_learning_in_fewer_axes_loses_nothing() -> None:
    wide = np.hstack([FEATURES, FEATURES @ RNG.normal(size=(12, 80))])  # 92 wide, but of 12 axes
    start = Head(RNG.normal(size=(3, 92)), RNG.normal(size=3))
    strength = STRENGTHS[5]
    slow = fit_head(start, wide, LABELS, strength)
    fast = learn_head(start, wide, LABELS, GROUPS, strengths=[strength]).head
    np.testing.assert_allclose(fast.logits(wide), slow.logits(wide), atol=1e-2)
