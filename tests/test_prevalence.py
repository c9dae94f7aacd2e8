import numpy as np
import pytest

from stance.prevalence import (
    Floats,
    Ints,
    KnownErrors,
    clustered_covariance,
    counted_mix,
    estimate_mix,
    known_errors,
    labelled_mix,
    reweighted,
)

RNG = np.random.default_rng


def classified(labels: Ints, rng: np.random.Generator, lean: Floats | float = 0.0) -> Floats:
    """What a classifier that is right six times in ten says of comments with these labels."""
    logits = 1.5 * np.eye(3)[labels] + 1.2 * rng.normal(size=(len(labels), 3)) + lean
    chances: Floats = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return chances


def measured(n: int = 1500, n_disputes: int = 100, lean: float = 0.0, seed: int = 1) -> KnownErrors:
    rng = RNG(seed)
    labels, disputes = rng.integers(0, 3, n), rng.integers(0, n_disputes, n)
    leans = lean * rng.normal(size=(n_disputes, 1)) * np.array([1.0, 0.0, 0.0])
    errors = known_errors(classified(labels, rng, leans[disputes]), labels, disputes)
    assert errors is not None
    return errors


def alone(n: int) -> tuple[Floats, Ints]:
    """Each comment counts the same and has a writer of its own."""
    return np.full(n, 1 / n), np.arange(n)


def test_a_skewed_mix_that_counting_misses_is_found() -> None:
    rng, errors = RNG(0), measured()
    labels = rng.choice(3, 4000, p=[0.7, 0.2, 0.1])
    chances = classified(labels, rng)
    counted = np.bincount(chances.argmax(axis=1), minlength=3) / 4000
    found = estimate_mix(chances, *alone(4000), errors).mean
    truth = np.bincount(labels, minlength=3) / 4000
    assert np.abs(found - truth).max() < 0.05 < np.abs(counted - truth).max()


@pytest.mark.parametrize(("n", "lean"), [(30, 0.0), (200, 0.0), (200, 0.8)])
def test_the_interval_holds_the_true_share_nine_times_in_ten_and_more(n: int, lean: float) -> None:
    rng, errors = RNG(n), measured(lean=lean)
    holds = []
    for _ in range(60):
        labels = rng.choice(3, n, p=rng.dirichlet(np.ones(3)))
        chances = classified(labels, rng, lean * rng.normal() * np.array([1.0, 0.0, 0.0]))
        mix = estimate_mix(chances, *alone(n), errors)
        for k in range(3):
            low, high = mix.interval(mix.mixes[:, k])
            holds.append(low <= (labels == k).mean() <= high)
    assert np.mean(holds) >= 0.9


def test_disputes_that_differ_widen_the_interval_and_comparing_within_one_leaves_that_out() -> None:
    labels = RNG(0).integers(0, 3, 500)
    chances = classified(labels, RNG(1))

    def width(errors: KnownErrors, same_dispute: bool = False) -> float:
        mix = estimate_mix(chances, *alone(500), errors, same_dispute)
        low, high = mix.interval(mix.mixes[:, 0])
        return high - low

    steady, drifting = measured(), measured(lean=1.0)
    assert width(drifting) > 1.3 * width(steady)
    assert width(drifting, same_dispute=True) < 0.8 * width(drifting)


def test_one_writer_of_many_comments_is_one_voice() -> None:
    errors = measured()
    chances = classified(RNG(0).integers(0, 3, 300), RNG(1))
    weights = np.full(300, 1 / 300)

    def width(people: Ints) -> float:
        mix = estimate_mix(chances, weights, people, errors)
        low, high = mix.interval(mix.mixes[:, 1])
        return high - low

    assert width(np.arange(300) // 100) > width(np.arange(300))


def test_the_covariance_over_people_is_that_of_a_bootstrap() -> None:
    rng = RNG(0)
    people = rng.integers(0, 60, 300)
    values = rng.normal(size=(60, 2))[people] + rng.normal(size=(300, 2))
    covariance, n_people, _ = clustered_covariance(values, np.full(300, 1 / 300), people)
    drawn = rng.multinomial(60, np.full(60, 1 / 60), 4000)[:, people]
    means = (drawn @ values) / drawn.sum(axis=1, keepdims=True)
    assert n_people == 60
    assert np.cov(means.T) == pytest.approx(covariance, rel=0.12, abs=2e-4)


def test_errors_are_unknown_where_labels_are_too_few_or_of_one_dispute() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    chances = classified(labels, RNG(0))
    assert known_errors(chances, labels, np.arange(6)) is not None
    assert known_errors(chances, labels, np.zeros(6, dtype=np.int64)) is None
    assert known_errors(chances[:5], labels[:5], np.arange(5)) is None
    assert known_errors(chances[:0], labels[:0], labels[:0]) is None


def test_what_varies_between_disputes_is_told_from_what_varies_within() -> None:
    # Of 1,500 comments the mean of a class is known to about 0.01; the rest of the drift is that of disputes.
    steady, drifting = (np.sqrt(np.diag(measured(lean=lean).drift)).mean() for lean in (0.0, 1.0))
    assert steady < 0.045
    assert drifting > 1.5 * steady


def test_a_kind_of_dispute_that_differs_more_counts_in_full_though_it_is_rare() -> None:
    rng = RNG(2)
    labels, disputes = rng.integers(0, 3, 2000), rng.integers(0, 100, 2000)
    kinds = (disputes < 10).astype(np.int64)
    leans = np.where(np.arange(100) < 10, 1.5, 0.0)[:, None] * rng.normal(size=(100, 1)) * np.array([1.0, 0.0, 0.0])
    chances = classified(labels, rng, leans[disputes])
    apart, together = known_errors(chances, labels, disputes, kinds), known_errors(chances, labels, disputes)
    assert apart is not None
    assert together is not None
    np.testing.assert_array_equal(apart.means, together.means)
    assert np.trace(apart.drift) > 2 * np.trace(together.drift)


def test_reweighting_gives_the_posterior_of_the_other_mix() -> None:
    given = np.array([[0.5, 0.25, 0.25]])
    assert reweighted(given, np.full(3, 1 / 3), np.array([0.2, 0.4, 0.4])) == pytest.approx(np.full((1, 3), 1 / 3))


def test_counts_of_few_voices_leave_more_open_than_counts_of_many() -> None:
    counted = np.array([0.2, 0.3, 0.5])
    few, many = (counted_mix(counted, voices) for voices in (10.0, 10_000.0))
    assert many.mean == pytest.approx(counted, abs=0.005)
    (low, high), (lower, higher) = many.interval(many.mixes[:, 0]), few.interval(few.mixes[:, 0])
    assert lower < low < 0.2 < high < higher
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(0.2 * 0.8 / 10_000), rel=0.15)


def test_true_labels_set_a_misleading_classifier_right() -> None:
    rng = RNG(3)
    holds = []
    for share_known in np.linspace(0.05, 0.5, 40):
        labels = rng.choice(3, 600, p=rng.dirichlet(np.ones(3)))
        misleading = classified((labels + 1) % 3, rng)
        mix = labelled_mix(misleading, *alone(600), np.where(rng.random(600) < share_known, labels, -1))
        for k in range(3):
            low, high = mix.interval(mix.mixes[:, k])
            holds.append(low <= (labels == k).mean() <= high)
    assert np.mean(holds) >= 0.92


def test_a_good_classifier_narrows_what_labels_alone_would_tell() -> None:
    rng = RNG(4)
    labels = rng.choice(3, 3000, p=[0.4, 0.3, 0.3])
    known = np.where(np.arange(3000) < 150, labels, -1)
    near = 0.94 * np.eye(3)[labels] + 0.02

    def width(chances: Floats) -> float:
        mix = labelled_mix(chances, *alone(3000), known)
        low, high = mix.interval(mix.mixes[:, 0])
        return high - low

    assert width(near) < 0.6 * width(np.full((3000, 3), 1 / 3))


def test_where_every_comment_has_a_label_the_labels_are_the_answer() -> None:
    labels = np.repeat([0, 1, 2], [30, 20, 10])
    mix = labelled_mix(np.full((60, 3), 1 / 3), *alone(60), labels)
    assert mix.mean == pytest.approx([0.5, 1 / 3, 1 / 6], abs=0.02)
