"""The same answer whatever else is in the batch."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, pairwise

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stance
from stance.encoder import Encoder, Pack, run
from stance.encoding import Example, tokenize
from stance.inference import WINDOW, pad_batch, score_examples, stream_scores
from stance.model import OpenModel
from stance.scores import Scores
from stance.sides import Side, Sides

SIDES = Sides.council_union()
TEXTS = st.text(alphabet=st.sampled_from("abc the strike pay £!👏\n"), max_size=80)


def examples_of(texts: list[str]) -> list[Example]:
    return [Example("t", str(i), text, SIDES, title="Bins") for i, text in enumerate(texts)]


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many comments each run of the network was given."""
    sizes: list[int] = []

    def noted(encoder: Encoder, pack: Pack) -> torch.Tensor:
        sizes.append(len(pack.starts) - 1)
        return run(encoder, pack)

    monkeypatch.setattr("stance.inference.run", noted)
    return sizes


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
    from stance.tokens import TokenizedExample

    batch = pad_batch([TokenizedExample([2, 5, 3], 2), TokenizedExample([2, 3], 2)], pad_id=9)
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
    with pytest.raises(stance.InputError, match="the same labels"):
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


def test_equal_inputs_are_computed_once(tiny_open: OpenModel, computed: list[int]) -> None:
    texts = ["pay them", "no", "pay  them", "\u200bpay them", "pay them!"] * 3
    logits = score_examples(examples_of(texts), tiny_open, batch_tokens=64).logits
    assert sum(computed) == 3
    np.testing.assert_array_equal(logits[0], logits[2])
    np.testing.assert_array_equal(logits[0], logits[8])
    for i in (0, 1, 4):
        np.testing.assert_allclose(score_examples(examples_of([texts[i]]), tiny_open).logits[0], logits[i], atol=1e-5)


def test_an_input_of_an_earlier_window_is_not_computed_again(tiny_open: OpenModel, computed: list[int]) -> None:
    parts = list(stream_scores(examples_of(["a", "b", "a", "c", "b"]), tiny_open, window=2))
    assert [len(part) for part in parts] == [2, 2, 1]
    assert sum(computed) == 3
    np.testing.assert_array_equal(parts[0].logits[1], parts[2].logits[0])


def test_the_same_words_under_another_post_are_another_input(tiny_open: OpenModel, computed: list[int]) -> None:
    score_examples([Example("t", "1", "no", SIDES, title=title) for title in ("bins", "pay", "bins")], tiny_open)
    assert sum(computed) == 2


@pytest.mark.parametrize("window", [1, 3, 100])
def test_windows_change_no_answer_and_no_order(tiny_open: OpenModel, window: int) -> None:
    texts = ["the strike " * n for n in (9, 1, 4, 7, 2, 2, 0, 5)]
    parts = list(stream_scores(iter(examples_of(texts)), tiny_open, window=window))
    joined = Scores.joined(parts)
    assert joined.comment_ids == tuple(str(i) for i in range(len(texts)))
    np.testing.assert_allclose(joined.logits, score_examples(examples_of(texts), tiny_open).logits, atol=1e-5)
    assert joined.reasons[6] == "no text"


def test_examples_of_several_debates_are_scored_together_under_the_labels_of_the_first(tiny_open: OpenModel) -> None:
    others = Sides(Side("cats", "cats"), Side("dogs", "dogs"))
    examples = [Example("t", "1", "pay", SIDES), Example("u", "1", "pay", others)]
    scores = Scores.joined(list(stream_scores(examples, tiny_open, window=1)))
    assert scores.labels == ("council", "union")
    np.testing.assert_allclose(scores.logits[1], score_examples(examples[1:], tiny_open).logits[0], atol=1e-5)


def test_a_stream_is_read_no_further_than_one_window_ahead(tiny_open: OpenModel) -> None:
    taken: list[int] = []

    def endless() -> Iterator[Example]:
        for i in count():
            taken.append(i)
            yield Example("t", str(i), f"pay {i}", SIDES)

    stream = stream_scores(endless(), tiny_open, window=4)
    assert len(next(stream)) == 4
    assert len(taken) == 8
    stream.close()


def test_where_memory_does_not_suffice_batches_are_halved_and_nothing_is_lost(tiny_open, monkeypatch) -> None:
    examples = examples_of(["pay " * n for n in range(1, 20)])
    expected = score_examples(examples, tiny_open).logits
    sizes: list[int] = []

    def small_memory(encoder: Encoder, pack: Pack) -> torch.Tensor:
        sizes.append(len(pack.ids))
        if len(pack.ids) > 100:
            raise torch.OutOfMemoryError("out of memory")
        return run(encoder, pack)

    monkeypatch.setattr("stance.inference.run", small_memory)
    told: list[int] = []
    np.testing.assert_allclose(score_examples(examples, tiny_open, progress=told.append).logits, expected, atol=1e-5)
    assert sum(told) == len(examples)
    assert sizes[0] > 100 > sizes[-1]


def test_a_comment_that_fits_into_no_memory_is_marked(tiny_open, monkeypatch) -> None:
    def no_memory(encoder: Encoder, pack: Pack) -> torch.Tensor:
        if pack.longest > 100:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")
        return run(encoder, pack)

    monkeypatch.setattr("stance.inference.run", no_memory)
    scores = score_examples(examples_of(["pay", "pay " * 120, "no"]), tiny_open)
    assert scores.reasons == ("", "memory does not suffice for it", "")


@pytest.mark.parametrize("poison", ["raises", "gives nan"])
def test_one_poisoned_comment_gives_one_marked_row(tiny_open, monkeypatch, poison) -> None:
    examples = examples_of(["pay", "cuts", "the bins", "never", "strike now"])
    expected = score_examples(examples, tiny_open).logits
    (poisoned,) = tokenize([examples[2]], tiny_open.tokenizer, tiny_open.card.form)

    def fragile(encoder: Encoder, pack: Pack) -> torch.Tensor:
        starts = pack.starts.tolist()
        hit = [pack.ids[a:b].tolist() == poisoned.ids for a, b in pairwise(starts)]
        if any(hit) and poison == "raises":
            raise RuntimeError("a kernel failed")
        logits = run(encoder, pack)
        logits[torch.tensor(hit)] = float("nan")
        return logits

    monkeypatch.setattr("stance.inference.run", fragile)
    scores = score_examples(examples, tiny_open)
    assert [bool(reason) for reason in scores.reasons] == [False, False, True, False, False]
    assert ("a kernel failed" in scores.reasons[2]) == (poison == "raises")
    rest = [0, 1, 3, 4]
    np.testing.assert_allclose(scores.logits[rest], expected[rest], atol=1e-5)


def test_several_devices_share_the_batches(tiny_open, monkeypatch) -> None:
    twin = replace(tiny_open.encoders[0])
    seen: list[int] = []

    def noted(encoder: Encoder, pack: Pack) -> torch.Tensor:
        seen.append(id(encoder))
        return run(encoder, pack)

    monkeypatch.setattr("stance.inference.run", noted)
    examples = examples_of(["pay " * n for n in range(1, 9)])
    both = score_examples(examples, replace(tiny_open, encoders=(tiny_open.encoders[0], twin)), batch_tokens=32)
    assert seen.count(id(twin)) == len(seen) // 2
    np.testing.assert_allclose(both.logits, score_examples(examples, tiny_open).logits, atol=1e-5)


def test_threads_of_torch_are_set_for_the_call_and_put_back(tiny_open, monkeypatch) -> None:
    during: list[int] = []

    def noted(encoder: Encoder, pack: Pack) -> torch.Tensor:
        during.append(torch.get_num_threads())
        return run(encoder, pack)

    monkeypatch.setattr("stance.inference.run", noted)
    before = torch.get_num_threads()
    score_examples(examples_of(["pay"]), replace(tiny_open, threads=before + 1))
    assert during == [before + 1]
    assert torch.get_num_threads() == before


def test_ctrl_c_leaves_what_was_done(tiny_model, monkeypatch) -> None:
    monkeypatch.setitem(WINDOW, "cpu", 2)
    calls = count()

    def impatient(encoder: Encoder, pack: Pack) -> torch.Tensor:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return run(encoder, pack)

    texts = ["pay", "no", "cuts", "the bins", "never", "strike"]
    expected = tiny_model.classify(texts)
    monkeypatch.setattr("stance.inference.run", impatient)
    with pytest.raises(stance.Interrupted, match="stopped after 4 of 6 comments") as stopped:
        tiny_model.classify(texts)
    done = stopped.value.stances
    np.testing.assert_allclose(done.probabilities[:4], expected.probabilities[:4], atol=1e-5)
    assert [bool(reason) for reason in done.reasons] == [False] * 4 + [True] * 2
    monkeypatch.setattr("stance.inference.run", run)
    assert isinstance(tiny_model.score(texts), Scores)


def test_a_stream_of_threads_gives_whole_threads_as_classify_does(tiny_model, bins_thread, monkeypatch) -> None:
    monkeypatch.setitem(WINDOW, "cpu", 3)
    threads = [replace(bins_thread, id=f"t{i}") for i in range(4)]
    threads.insert(2, stance.Thread(id="empty"))
    parts = list(tiny_model.stream(iter(threads)))
    assert len(parts) > 1
    expected = tiny_model.classify(threads)
    assert [name for part in parts for name in part.thread_ids] == list(expected.thread_ids)
    assert all(len(set(part.thread_ids)) * 5 == len(part) for part in parts)
    streamed = np.concatenate([part.probabilities for part in parts])
    np.testing.assert_allclose(streamed, expected.probabilities, atol=1e-5)


def test_a_stream_of_texts_numbers_them_through(tiny_model, monkeypatch) -> None:
    monkeypatch.setattr("stance.inputs.TEXTS_A_THREAD", 3)
    texts = [f"pay {i}" for i in range(8)]
    parts = list(tiny_model.stream(iter(texts)))
    assert [comment.id for part in parts for comment in part.comments] == [str(i) for i in range(1, 9)]
    streamed = np.concatenate([part.probabilities for part in parts])
    np.testing.assert_allclose(streamed, tiny_model.classify(texts).probabilities, atol=1e-5)


@pytest.mark.parametrize("items", [["a", stance.Thread(id="t")], [3], [stance.Thread(id="t"), b"x"]])
def test_a_stream_of_something_else_is_refused(tiny_model, items) -> None:
    with pytest.raises(stance.InputError, match="expected"):
        list(tiny_model.stream(items))
