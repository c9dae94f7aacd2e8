import numpy as np
import pytest

import stance
from stance.calibration import Calibration, fit_sure_threshold, fit_temperature, softmax
from stance.scores import Scores
from stance.stances import Stances, calibrate

COUNCIL, UNION, NEUTRAL = [4.0, 0, 0], [0, 4.0, 0], [0, 0, 4.0]


def stances_of(
    *rows: tuple[str | None, list[float]], reasons: dict[int, str] | None = None
) -> tuple[stance.Thread, Stances]:
    comments = tuple(stance.Comment(id=str(i), text="x", author=author) for i, (author, _) in enumerate(rows))
    thread = stance.Thread(id="t", comments=comments)
    scores = Scores(
        thread_ids=("t",) * len(rows),
        comment_ids=tuple(comment.id for comment in comments),
        logits=np.array([[*logits, 1.0, 0, 0] for _, logits in rows], dtype=np.float32).reshape(-1, 6),
        n_cut=np.zeros(len(rows), dtype=np.int32),
        reasons=tuple((reasons or {}).get(i, "") for i in range(len(rows))),
    )
    return thread, calibrate([thread], scores, Calibration(sure_threshold=0.9))


def test_shares_count_comments() -> None:
    summary = stance.summarize(*stances_of(("A", COUNCIL), ("B", UNION), ("C", UNION), ("D", NEUTRAL)))
    assert [(share.label, share.count, share.share) for share in summary.by_comments] == [
        ("pro-council", 1, 0.25),
        ("pro-union", 2, 0.5),
        ("neutral", 1, 0.25),
    ]
    assert str(summary) == "Of 4 comments by 4 people, 25% are pro-council, 50% pro-union, 25% neutral."


def test_by_people_each_person_has_one_voice() -> None:
    summary = stance.summarize(*stances_of(("A", COUNCIL), ("A", COUNCIL), ("A", UNION), ("B", UNION)))
    assert [share.count for share in summary.by_people] == [1, 1, 0]
    assert summary.n_people == 2


def test_a_persons_tie_goes_to_the_likelier_side() -> None:
    summary = stance.summarize(*stances_of(("A", COUNCIL), ("A", [0, 9.0, 0])))
    assert [share.count for share in summary.by_people] == [0, 1, 0]


def test_comments_without_a_name_of_their_own_count_as_one_person_each() -> None:
    summary = stance.summarize(*stances_of(("Anonymous", UNION), ("Anonymous", UNION), (None, COUNCIL), ("A", UNION)))
    assert (summary.n_people, summary.n_nameless) == (4, 3)


def test_the_interval_holds_the_share_and_narrows_with_more_people() -> None:
    def width(n: int) -> float:
        rows = [(f"p{i}", UNION if i % 2 else COUNCIL) for i in range(n)]
        share = stance.summarize(*stances_of(*rows)).by_comments[1]
        assert share.low is not None
        assert share.high is not None
        assert share.low <= share.share <= share.high
        return share.high - share.low

    assert width(100) < width(10)


def test_one_person_who_writes_much_widens_the_interval_by_comments() -> None:
    many = stance.summarize(*stances_of(*[(f"p{i}", UNION if i % 2 else COUNCIL) for i in range(20)]))
    loud = stance.summarize(
        *stances_of(*[("loud" if i % 2 else f"p{i}", UNION if i % 2 else COUNCIL) for i in range(20)])
    )
    (_, a, _), (_, b, _) = many.by_comments, loud.by_comments
    assert a.share == b.share
    assert (a.low or 0) > (b.low or 0)


def test_all_of_one_mind_is_no_certainty() -> None:
    shares = stance.summarize(*stances_of(("A", NEUTRAL), ("B", NEUTRAL), ("C", NEUTRAL))).by_people
    assert (shares[2].share, shares[2].high) == (1, 1)
    assert (shares[2].low or 0) < 0.7
    assert (shares[0].low, shares[0].share) == (0, 0)
    assert (shares[0].high or 0) > 0.3


def test_one_person_gives_no_interval() -> None:
    share = stance.summarize(*stances_of(("A", UNION), ("A", UNION))).by_comments[1]
    assert (share.low, share.high) == (None, None)


def test_no_comments_are_summarised_as_such() -> None:
    summary = stance.summarize(*stances_of())
    assert str(summary) == "No comments to summarise."
    assert [share.share for share in summary.by_comments] == [0, 0, 0]


def test_comments_set_to_neutral_for_want_of_words_are_counted_apart() -> None:
    thread, stances = stances_of(("A", UNION), ("B", UNION), reasons={1: "no text"})
    summary = stance.summarize(thread, stances)
    assert [share.count for share in summary.by_comments] == [0, 1, 1]
    assert (summary.n_unclassified, summary.n_sure) == (1, 1)


def test_stances_of_other_threads_are_refused() -> None:
    _, stances = stances_of(("A", UNION))
    with pytest.raises(stance.InputError, match="not those of the threads"):
        stance.summarize([], stances)


def test_a_fitted_temperature_undoes_the_one_that_was_applied() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20_000, 3)) * 2
    labels = np.array([rng.choice(3, p=p) for p in softmax(logits)])
    assert fit_temperature(logits * 3, labels) == pytest.approx(3, rel=0.1)


def test_the_sure_threshold_holds_its_precision_and_says_nothing_is_sure_where_it_cannot() -> None:
    rng = np.random.default_rng(0)
    probabilities = softmax(rng.normal(size=(5000, 3)) * 2)
    labels = np.array([rng.choice(3, p=p) for p in probabilities])
    threshold = fit_sure_threshold(probabilities, labels)
    passed = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    assert 0.9 <= right[passed].mean() < 0.93
    assert fit_sure_threshold(probabilities, (probabilities.argmax(axis=1) + 1) % 3) == 1.0
