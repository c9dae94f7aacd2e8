"""Agreement of two labellers, and labels that deserve a second look."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

import stance
from stance.labelled import LabelledComments, read_labelled
from stance.labelling.agreement import cohen_kappa, compare_labellers, krippendorff_alpha
from stance.labelling.issues import find_label_issues

NAMES = ("pro-council", "pro-union", "neutral")


def labelled(stances: dict[str, int], text: str = "Pay them") -> LabelledComments:
    return read_labelled(
        [
            {"thread_id": "t", "comment_id": id_, "text": f"{text} {id_}", "stance": NAMES[i], "sentiment": "negative"}
            for id_, i in stances.items()
        ]
    )


FIRST = labelled({"a": 0, "b": 0, "c": 1, "d": 1, "e": 2, "f": 2, "g": 2, "h": 0})
SECOND = labelled({"a": 0, "b": 1, "c": 1, "d": 1, "e": 2, "f": 2, "g": 1, "i": 0, "j": 0})


def test_kappa_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    other[:120] = one[:120]
    confusion = np.zeros((3, 3), dtype=np.int64)
    np.add.at(confusion, (one, other), 1)
    assert cohen_kappa(confusion) == pytest.approx(cohen_kappa_score(one, other))


def test_alpha_is_that_of_krippendorffs_own_example() -> None:
    # "Computing Krippendorff's Alpha-Reliability" (2011), part B: two observers, five values, twelve units.
    one, other = "aabbdcccedda", "babbbccceddd"
    confusion = np.zeros((5, 5), dtype=np.int64)
    for a, b in zip(one, other, strict=True):
        confusion["abcde".index(a), "abcde".index(b)] += 1
    assert krippendorff_alpha(confusion) == pytest.approx(0.692, abs=5e-4)


def test_two_labellers_are_compared_on_what_both_labelled() -> None:
    agreement = compare_labellers(FIRST, SECOND)
    assert (agreement.n, agreement.n_first_only, agreement.n_second_only) == (7, 1, 2)
    assert agreement.share == pytest.approx(5 / 7)
    assert agreement.confusion.tolist() == [[1, 1, 0], [0, 2, 0], [0, 1, 2]]
    assert agreement.by_label.tolist() == pytest.approx([2 / 3, 4 / 6, 4 / 5])
    assert agreement.kappa.value == pytest.approx(cohen_kappa_score([0, 0, 1, 1, 2, 2, 2], [0, 1, 1, 1, 2, 2, 1]))
    assert agreement.kappa.low < agreement.kappa.value < agreement.kappa.high
    assert [(d.comment_id, d.first, d.second) for d in agreement.differences] == [
        ("b", "pro-council", "pro-union"),
        ("g", "neutral", "pro-union"),
    ]
    assert "On 7 comments two labellers agree in 71%" in str(agreement)


def test_a_labeller_agrees_with_themselves_wholly() -> None:
    agreement = compare_labellers(FIRST, FIRST)
    assert (agreement.kappa.value, agreement.alpha.value, agreement.share) == (1.0, 1.0, 1.0)
    assert agreement.differences == ()


def test_where_only_one_class_was_chosen_agreement_beyond_chance_is_undefined() -> None:
    tone = compare_labellers(FIRST, SECOND, task="sentiment")
    assert tone.share == 1.0
    assert math.isnan(tone.kappa.value)
    assert math.isnan(tone.alpha.low)
    assert [math.isnan(value) for value in tone.by_label.tolist()] == [False, True, True]


def test_an_interval_holds_the_true_kappa_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    truth = np.array([[30, 5, 5], [5, 20, 5], [5, 5, 20]]) / 100
    expected = cohen_kappa((truth * 1_000_000).astype(np.int64))
    held = 0
    for _ in range(100):
        confusion = rng.multinomial(150, truth.ravel())
        drawn = rng.multinomial(150, confusion / 150, size=500).reshape(-1, 3, 3)
        low, high = np.quantile(cohen_kappa(drawn), [0.025, 0.975])
        held += low <= expected <= high
    assert held >= 88


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(stance.InputError, match="share no comment"):
        compare_labellers(FIRST, labelled({"x": 0, "y": 1}))
    with pytest.raises(stance.InputError, match="for the first labeller"):
        compare_labellers(FIRST, labelled({"a": 0, "b": 1}, text="Sack them"))


def noisy(n: int = 600, n_wrong: int = 60) -> tuple[np.ndarray, np.ndarray, set[int]]:
    """True classes seen through a model that is right mostly, and labels of which some were turned."""
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, n)
    logits = rng.normal(size=(n, 3)) + 3.0 * np.eye(3)[truth]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = truth.copy()
    wrong = rng.choice(n, n_wrong, replace=False)
    labels[wrong] = (labels[wrong] + 1) % 3
    return labels, probabilities, set(wrong.tolist())


def test_wrong_labels_are_among_those_to_look_at_again_and_first() -> None:
    labels, probabilities, wrong = noisy()
    found = find_label_issues(labels, probabilities).tolist()
    assert len(wrong & set(found)) >= 0.8 * len(wrong)
    assert len(wrong & set(found[:30])) >= 27


def test_a_model_that_is_too_sure_of_one_class_does_not_put_its_labels_in_doubt() -> None:
    labels, probabilities, wrong = noisy()
    leaning = probabilities * np.array([4.0, 1.0, 1.0])
    leaning /= leaning.sum(axis=1, keepdims=True)
    by_argmax = {row for row in range(len(labels)) if leaning[row].argmax() != labels[row]}
    found = set(find_label_issues(labels, leaning).tolist())
    assert len(found - wrong) < len(by_argmax - wrong)


def test_labels_that_the_model_shares_are_left_alone() -> None:
    probabilities = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
    assert find_label_issues(np.array([0, 1, 2]), probabilities).tolist() == []
