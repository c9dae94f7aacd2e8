import numpy as np
import pytest

import stance
from tests.debates import ANGRY, COUNCIL, NEUTRAL, UNION, WARM, answered, comment, erring


def test_a_person_is_told_by_all_their_comments() -> None:
    comments = [comment(0, "Ann"), comment(1, "Ann"), comment(2, "Ann"), comment(3, "Bob")]
    summary = stance.summarize(*answered(comments, [UNION, UNION, COUNCIL, NEUTRAL], [ANGRY, ANGRY, WARM, WARM]))
    ann, bob = summary.people
    assert (ann.author, ann.label, ann.counts, ann.n_comments) == ("Ann", "pro-union", (1, 2, 0), 3)
    assert ann.steadiness == pytest.approx(2 / 3)
    assert ann.on_both_sides
    assert ann.sentiment == "negative"
    assert ann.comment_ids == ("0", "1", "2")
    assert ann.share_of_comments == 0.75
    assert (bob.label, bob.steadiness, bob.on_both_sides) == ("neutral", None, False)


def test_who_writes_most_comes_first_and_the_nameless_stay_apart() -> None:
    comments = [comment(0, "Anonymous"), comment(1, "Ann"), comment(2, "Anonymous"), comment(3, "Ann")]
    people = stance.summarize(*answered(comments, [UNION] * 4)).people
    assert [(person.author, person.n_comments) for person in people] == [("Ann", 2), ("Anonymous", 1), ("Anonymous", 1)]
    assert [person.has_shared_name for person in people] == [False, True, True]


def test_few_who_write_most_are_seen() -> None:
    loud = [comment(i, "Loud") for i in range(70)] + [comment(70 + i, f"p{i}") for i in range(30)]
    concentration = stance.summarize(*answered(loud, [UNION] * 100)).concentration
    assert concentration is not None
    assert concentration.n_most_active == 3  # of 31 people
    assert concentration.share_of_most_active == 0.72
    assert concentration.n_for_half == 1
    even = stance.summarize(*answered([comment(i, f"p{i}") for i in range(50)], [UNION] * 50)).concentration
    assert even is not None
    assert even.gini == pytest.approx(0)
    assert concentration.gini > 0.6
    assert even.n_for_half == 25


def test_replies_are_counted_from_who_answers_to_whom_is_answered() -> None:
    comments = [
        comment(0, "Ann"),
        comment(1, "Bob", parent=0),
        comment(2, "Cy", parent=1),
        comment(3, "Bob", parent=1),  # himself: no reply
        comment(4, "Di", parent=1),
    ]
    replies = stance.summarize(*answered(comments, [UNION, COUNCIL, UNION, COUNCIL, NEUTRAL])).replies
    assert replies.n == 3
    assert [[cell.count for cell in row] for row in replies.cells] == [[0, 1, 0], [1, 0, 0], [1, 0, 0]]
    assert (replies.cells[0][1].of, replies.cells[0][1].to) == ("pro-council", "pro-union")
    assert sum(cell.share.value for row in replies.cells for cell in row) == pytest.approx(1)
    assert replies.across is not None
    assert replies.across.value == 1


def test_a_thread_without_replies_has_none_across() -> None:
    replies = stance.summarize(*answered([comment(0, "Ann"), comment(1, "Bob")], [UNION, COUNCIL])).replies
    assert (replies.n, replies.across, replies.across_by_chance) == (0, None, None)
    assert {cell.share.value for row in replies.cells for cell in row} == {0.0}


def test_replies_are_corrected_for_the_models_errors() -> None:
    # Everyone answers the other side; the model, right seven times in ten, sees that only in part.
    rng = np.random.default_rng(5)
    n, sure = 1200, float(np.log(0.7 / 0.15))
    truth = np.array([(COUNCIL, UNION)[i % 2] for i in range(n)])
    said = np.where(rng.random(n) < 0.7, truth, (truth + rng.integers(1, 3, n)) % 3)
    comments = [comment(i, f"p{i}", parent=i - 1 if i else None) for i in range(n)]
    counted, corrected = (
        stance.summarize(*answered(comments, said.tolist(), held_out=held_out, sure=sure)).replies.across
        for held_out in (None, erring(sure=sure))
    )
    assert counted is not None
    assert corrected is not None
    assert counted.value < 0.8
    assert corrected.value > 0.9
    assert corrected.low is not None
    assert corrected.low > 0.75
