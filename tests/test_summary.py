import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest

import stance
from stance.calibration import Calibration, fit_sure_threshold, fit_temperature, softmax
from stance.scores import Scores
from stance.stances import Stances, calibrate
from tests.debates import answered, comment, erring

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
    assert str(summary).startswith("Of 4 comments by 4 people, 25% [")
    assert "pro-union, 25% [" in str(summary)
    assert "which side is the larger cannot be told; counted as the model reads them" in str(summary)


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


def test_where_the_models_errors_are_known_the_shares_are_corrected() -> None:
    # Nobody is neutral; a model right seven times in ten reads some as neutral, and one side too small.
    rng = np.random.default_rng(1)
    truth = rng.choice(3, 800, p=[0.1, 0.9, 0])
    said = np.where(rng.random(800) < 0.7, truth, (truth + rng.integers(1, 3, 800)) % 3)
    comments = [comment(i, f"p{i}") for i in range(800)]
    shares = stance.summarize(*answered(comments, said.tolist(), held_out=erring())).by_comments
    assert shares.method == "corrected"
    assert shares[1].counted < 0.75
    assert shares[1].low is not None
    assert shares[1].low < (truth == 1).mean() < (shares[1].high or 0)
    assert abs(shares[1].share - (truth == 1).mean()) < 0.07
    assert sum(share.share for share in shares) == pytest.approx(1)
    assert shares.sided is not None
    assert sum(share.share for share in shares.sided) == pytest.approx(1)
    assert shares.sided[1].share == pytest.approx(shares[1].share / (shares[0].share + shares[1].share))
    assert shares.lead.label == "pro-union"
    assert shares.lead.clear


def test_a_lead_that_may_be_chance_is_not_clear() -> None:
    lead = stance.summarize(
        *answered([comment(i, f"p{i}") for i in range(9)], [0, 0, 0, 0, 1, 1, 1, 1, 1])
    ).by_comments.lead
    assert (lead.label, lead.clear) == ("pro-union", False)
    assert lead.by == pytest.approx(1 / 9)


def test_comments_with_nothing_to_classify_are_neutral_without_doubt() -> None:
    comments = [comment(0, "a", text="x"), *(comment(i, f"p{i}") for i in range(1, 40))]
    thread, stances = answered(comments, [2] * 40, held_out=erring())
    silent = replace(stances, reasons=("no text",) * 40)
    assert stance.summarize(thread, silent).by_comments[2].share == pytest.approx(1)
    half = replace(stances, reasons=("no text",) * 20 + ("",) * 20)
    low = stance.summarize(thread, half).by_comments[2].low
    assert low is not None
    assert low >= 0.5


def test_twenty_true_labels_and_more_carry_the_shares() -> None:
    comments = [comment(i, f"p{i}") for i in range(300)]
    thread, stances = answered(comments, [1] * 300)
    labels = {str(i): "pro-council" if i % 2 else "neutral" for i in range(0, 300, 5)}
    summary = stance.summarize(thread, stances, true_labels=labels)
    assert (summary.by_comments.method, summary.n_labelled) == ("labelled", 60)
    assert summary.by_comments[0].share == pytest.approx(0.5, abs=0.03)
    assert summary.by_comments[1].share < 0.05
    few = stance.summarize(thread, stances, true_labels=dict(list(labels.items())[:5]))
    assert (few.by_comments.method, few.by_comments[1].count) == ("counted", 295)


def test_a_true_label_of_no_comment_or_no_stance_is_refused() -> None:
    thread, stances = answered([comment(0, "a"), comment(1, "b")], [1, 1])
    with pytest.raises(stance.InputError, match="comment '9'"):
        stance.summarize(thread, stances, true_labels={"9": "neutral"})
    with pytest.raises(stance.InputError, match="'pro-labour', but one of pro-council"):
        stance.summarize(thread, stances, true_labels={"1": "pro-labour"})
    assert stance.summarize(thread, stances, true_labels={("t", "1"): "neutral"}).n_labelled == 1


def test_tone_is_told_side_by_side() -> None:
    comments = [comment(i, f"p{i}") for i in range(60)]
    thread, stances = answered(comments, [0] * 30 + [1] * 30, [0] * 30 + [2] * 20 + [0] * 10)
    council, union, neutral = stance.summarize(thread, stances).tones
    assert [tone.count for tone in council.tones] == [30, 0, 0]
    assert [tone.share for tone in union.tones] == pytest.approx([1 / 3, 0, 2 / 3])
    assert union.tones[2].low is not None
    assert neutral.n == 0
    corrected = stance.summarize(*answered(comments, [0] * 30 + [1] * 30, [0] * 30 + [2] * 30, held_out=erring())).tones
    assert corrected[0].tones[0].share > corrected[1].tones[0].share + 0.3
    assert sum(tone.share for tone in corrected[1].tones) == pytest.approx(1)


def test_a_summary_goes_into_json() -> None:
    time = dt.datetime(2013, 3, 14)
    comments = [comment(i, f"p{i}", i - 1 if i else None, time + dt.timedelta(hours=i)) for i in range(60)]
    plain = stance.summarize(*answered(comments, [0, 1] * 30, held_out=erring())).to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["timeline"]["spans"][0]["first_time"] == "2013-03-14T00:00:00"
    assert plain["by_people"]["stances"][1]["label"] == "pro-union"


def test_the_same_stances_give_the_same_summary() -> None:
    comments = [comment(i, f"p{i % 20}", i - 1 if i else None) for i in range(80)]
    answers = answered(comments, [0, 1, 1, 2] * 20, held_out=erring())
    assert stance.summarize(*answers) == stance.summarize(*answers)


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
