from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score
from sklearn.metrics import confusion_matrix as counted_by_scikit_learn
from sklearn.metrics import log_loss as surprise_by_scikit_learn

from stance import metrics

RNG = np.random.default_rng(3)
LABELS = RNG.integers(0, 3, 90)
CHANCES = RNG.dirichlet(np.ones(3), 90)
ANSWERS = CHANCES.argmax(axis=1)
GROUPS = np.arange(90) // 3


def test_figures_are_those_of_scikit_learn() -> None:
    assert metrics.macro_f1(LABELS, ANSWERS) == pytest.approx(f1_score(LABELS, ANSWERS, average="macro"))
    np.testing.assert_array_equal(metrics.confusion(LABELS, ANSWERS), counted_by_scikit_learn(LABELS, ANSWERS))
    assert metrics.log_loss(LABELS, CHANCES) == pytest.approx(surprise_by_scikit_learn(LABELS, CHANCES))
    theirs = brier_score_loss(LABELS, CHANCES, labels=[0, 1, 2], scale_by_half=False)
    assert metrics.brier_score(LABELS, CHANCES) == pytest.approx(theirs)


def test_the_quick_figures_of_draws_equal_those_of_the_drawn_rows() -> None:
    draws = metrics.draw_groups(GROUPS, n_draws=20)
    confusions = metrics.drawn_confusions(LABELS, ANSWERS, GROUPS, draws)
    for draw, counts in zip(draws, confusions, strict=True):
        rows = np.repeat(np.arange(90), draw[GROUPS])
        assert metrics.macro_f1_of(counts) == pytest.approx(metrics.macro_f1(LABELS[rows], ANSWERS[rows]))
        assert metrics.accuracy_of(counts) == pytest.approx(accuracy_score(LABELS[rows], ANSWERS[rows]))


def test_a_draw_takes_whole_groups_and_as_many_as_there_are() -> None:
    draws = metrics.draw_groups(GROUPS, n_draws=50)
    assert draws.shape == (50, 30)
    assert set(draws.sum(axis=1)) == {30}


def test_comments_of_few_people_make_wide_intervals() -> None:
    few = np.arange(90) // 30
    right = np.where(few == 0, LABELS, (LABELS + 1) % 3)  # one of three people is always read rightly
    width = {}
    for name, groups in (("few", few), ("many", np.arange(90))):
        drawn = metrics.drawn_confusions(LABELS, right, groups, metrics.draw_groups(groups))
        interval = metrics.interval_of(0.0, metrics.accuracy_of(drawn))
        width[name] = interval.high - interval.low
    assert width["few"] > 3 * width["many"]


def test_the_better_of_two_models_is_told_from_the_worse() -> None:
    good = np.where(np.arange(90) % 5 == 0, (LABELS + 1) % 3, LABELS)
    compared = metrics.compare(LABELS, good, ANSWERS, GROUPS)
    assert compared.difference.low > 0
    assert compared.p_bootstrap < 0.01
    assert compared.p_mcnemar < 0.01
    assert compared.only_first > compared.only_second


def test_a_model_is_not_better_than_itself() -> None:
    compared = metrics.compare(LABELS, ANSWERS, ANSWERS, GROUPS)
    assert (compared.difference.low, compared.difference.high) == (0, 0)
    assert (compared.p_bootstrap, compared.p_mcnemar) == (1.0, 1.0)


def test_sure_and_always_right_is_calibrated_and_sure_and_wrong_is_not() -> None:
    certain = np.eye(3)[LABELS]
    assert metrics.expected_calibration_error(LABELS, certain) == 0
    assert metrics.expected_calibration_error((LABELS + 1) % 3, certain) == pytest.approx(1)
