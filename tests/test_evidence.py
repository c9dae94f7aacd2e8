"""Which sentence carries a stance."""

from dataclasses import replace

import numpy as np
import pytest

import stance
from stance.calibration import Calibration
from stance.encoding import make_examples
from stance.evidence import ask_parts, comments_without, evidence_of, parts_alone, point, text_without
from stance.scores import Scores
from stance.sides import Sides
from stance.stances import Stances

SIDES = Sides.council_union()


def answered(thread: stance.Thread, probabilities: list[tuple[float, float, float]]) -> Stances:
    n = len(thread.comments)
    return Stances(
        sides=SIDES,
        thread_ids=(thread.id,) * n,
        comments=thread.comments,
        probabilities=np.array(probabilities),
        sentiment_probabilities=np.full((n, 3), 1 / 3),
        sure=np.zeros(n, dtype=bool),
        truncated=np.zeros(n, dtype=np.int32),
        reasons=("",) * n,
    )


def scores_where(words: str, favour: int, asked: list) -> Scores:
    """A network that says ``favour`` of what holds the words, and neutral of the rest."""
    logits = np.zeros((len(asked), 6), dtype=np.float32)
    for row, example in enumerate(asked):
        logits[row, favour if words in example.text else 2] = 4.0
    ids = tuple(example.comment_id for example in asked)
    none = np.zeros(len(asked), dtype=np.int32)
    return Scores(("t",) * len(asked), ids, logits, none, ("",) * len(asked))


def thread_of(*texts: str) -> stance.Thread:
    return stance.Thread(id="t", comments=tuple(stance.Comment(id=str(i), text=text) for i, text in enumerate(texts)))


def explain(thread: stance.Thread, stances: Stances, words: str) -> list:
    questions = ask_parts(list(make_examples(thread, SIDES)), stances)
    alone = scores_where(words, 1, parts_alone(questions))
    pointed = point(questions, alone, stances, Calibration())
    without = scores_where(words, 1, comments_without(questions, pointed))
    return evidence_of(questions, pointed, alone, without, stances, Calibration())


def test_the_sentence_that_the_answer_hangs_on_is_pointed_at_by_its_exact_place() -> None:
    text = "I was there.  Pay the crews!\nIt rained. Home by six."
    thread = thread_of(text)
    (found,) = explain(thread, answered(thread, [(0.1, 0.7, 0.2)]), "Pay the crews")
    assert found.text == text[found.start : found.end] == "Pay the crews!"
    assert (found.label, found.runner_up, found.n_parts) == ("pro-union", "neutral", 4)
    assert found.margin == pytest.approx(0.5)
    assert found.drop is not None
    assert found.drop > 0
    assert found.alone > 0.9
    assert found.without is not None
    assert found.without < 0.1


def test_neutral_comments_and_comments_without_words_are_not_explained() -> None:
    thread = thread_of("When is it? Tell me.", "👏", "Pay them. Now.")
    found = explain(thread, answered(thread, [(0.1, 0.2, 0.7), (0, 0, 1), (0.2, 0.7, 0.1)]), "Pay")
    assert [row.comment_id for row in found] == ["2"]


def test_a_single_sentence_is_cut_into_clauses_and_what_cannot_be_cut_is_its_own_evidence() -> None:
    thread = thread_of("I was on their side last year, but I will sign nothing again", "Pay them")
    turned, whole = explain(thread, answered(thread, [(0.1, 0.7, 0.2)] * 2), "sign nothing")
    assert turned.text == "but I will sign nothing again"
    assert (whole.text, whole.drop, whole.without, whole.n_parts) == ("Pay them", None, None, 1)
    assert whole.alone == pytest.approx(0.7)


def test_of_equal_sentences_the_last_is_pointed_at() -> None:
    thread = thread_of("Pay them. Pay them. Pay them.")
    (found,) = explain(thread, answered(thread, [(0.1, 0.7, 0.2)]), "nothing of this")
    assert found.start == 20


def test_leaving_out_closes_the_gap() -> None:
    assert text_without("One. Two.\n\nThree.", (5, 9)) == "One. Three."
    assert text_without("One. Two.", (0, 4)) == "Two."


def test_a_model_explains_what_it_said_the_same_whatever_else_is_asked(
    tiny_model: stance.StanceModel, bins_thread: stance.Thread
) -> None:
    comments = tuple(replace(c, text=f"{c.text} The union must strike. Well said.") for c in bins_thread.comments)
    thread = replace(bins_thread, comments=comments)
    stances = tiny_model.classify(thread)
    told: list[int] = []
    found = tiny_model.explain(thread, stances, progress=told.append)
    sided = [s.comment.id for s in stances if s.label != "neutral"]
    assert sided
    assert [row.comment_id for row in found] == sided
    by_id = {c.id: c for c in thread.comments}
    assert all(by_id[row.comment_id].text[row.start : row.end] == row.text for row in found)
    assert sum(told) == sum(row.n_parts + 1 for row in found)
    for row in found:
        index = [s.comment.id for s in stances].index(row.comment_id)
        (alone,) = tiny_model.explain(thread, stances[index : index + 1], batch_tokens=1)
        assert (alone.start, alone.end) == (row.start, row.end)
        assert alone.without == pytest.approx(row.without, abs=1e-5)


def test_stances_of_another_thread_are_refused(tiny_model: stance.StanceModel, bins_thread: stance.Thread) -> None:
    stances = tiny_model.classify(bins_thread)
    other = replace(bins_thread, comments=bins_thread.comments[1:])
    with pytest.raises(stance.InputError, match="hold no such comment or another text"):
        tiny_model.explain(other, stances)
