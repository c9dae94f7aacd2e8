"""``model.classify``: what goes in, what comes out, what goes wrong."""

import math
from pathlib import Path

import datasets
import numpy as np
import pandas as pd
import pytest

import stance

ROW_FORMAT = [
    "thread_id",
    "comment_id",
    "parent_id",
    "author",
    "is_post_author",
    "time",
    "text",
    "stance",
    "p_council",
    "p_union",
    "p_neutral",
    "sentiment",
    "p_negative",
    "p_neutral_sentiment",
    "p_positive",
    "sure",
    "truncated",
    "reason",
]
TEXTS = ["the strike must go on", "pay the workers", "cuts"]


def test_every_comment_gets_a_stance_in_order(tiny_model: stance.StanceModel, bins_thread: stance.Thread) -> None:
    stances = tiny_model.classify([bins_thread])
    assert [s.comment.id for s in stances] == ["1", "2", "3", "4", "5"]
    assert {s.label for s in stances} <= {"pro-council", "pro-union", "neutral"}
    np.testing.assert_allclose(stances.probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(stances.sentiment_probabilities.sum(axis=1), 1)
    assert stances[0].probability == max(stances[0].probabilities)
    assert stances[-1].comment.author == "Cllr Reed"
    assert [s.comment.id for s in stances[1:3]] == ["2", "3"]


def test_records_frames_and_datasets_follow_the_row_format(tiny_model, bins_thread) -> None:
    stances = tiny_model.classify(bins_thread)
    records = stances.to_records()
    assert list(records[0]) == ROW_FORMAT
    frame = stances.to_pandas()
    assert list(frame.columns) == ROW_FORMAT
    assert frame["stance"].tolist() == stances.labels == [record["stance"] for record in records]
    dataset = stances.to_dataset()
    assert dataset.column_names == ROW_FORMAT
    assert dataset[1]["text"] == bins_thread.comments[1].text


def test_other_sides_name_the_labels_and_columns(tiny_model, bins_thread) -> None:
    sides = stance.Sides(stance.Side("landlords", "Rent Fair"), stance.Side("tenants", "ACORN"))
    stances = tiny_model.classify(bins_thread, sides=sides)
    assert {s.label for s in stances} <= {"pro-landlords", "pro-tenants", "neutral"}
    assert stances.to_pandas().columns[8:11].tolist() == ["p_landlords", "p_tenants", "p_neutral"]


def test_sides_may_be_given_by_thread(tiny_model, bins_thread) -> None:
    named = {"bins": stance.Sides.council_union("Norwich City Council", "UNISON")}
    by_thread, for_all = tiny_model.classify(bins_thread, sides=named), tiny_model.classify(bins_thread)
    assert by_thread.to_records() == for_all.to_records()  # the same names are found in the text
    with pytest.raises(stance.InputError, match="no sides for thread 'bins'"):
        tiny_model.classify(bins_thread, sides={})


@pytest.mark.parametrize(
    "debates",
    [
        TEXTS,
        tuple(TEXTS),
        iter(TEXTS),
        pd.DataFrame({"Comment": TEXTS}),
        datasets.Dataset.from_dict({"body": TEXTS}),
    ],
    ids=["list", "tuple", "iterator", "frame", "dataset"],
)
def test_texts_frames_and_datasets_give_the_same_answers(tiny_model, debates) -> None:
    stances = tiny_model.classify(debates)
    assert [s.comment.text for s in stances] == TEXTS
    np.testing.assert_allclose(stances.probabilities, tiny_model.classify(TEXTS).probabilities, atol=1e-6)


def test_a_text_of_a_list_is_answered_alike_whatever_its_neighbours_say(tiny_model) -> None:
    alone = tiny_model.classify([TEXTS[0]])
    among = tiny_model.classify([TEXTS[0], "Leeds City Council and UNISON"])
    np.testing.assert_allclose(among.probabilities[0], alone.probabilities[0], atol=1e-5)


@pytest.mark.parametrize(
    "debates", [TEXTS, pd.DataFrame({"Comment": TEXTS}), datasets.Dataset.from_dict({"body": TEXTS})]
)
def test_what_was_classified_can_be_summarised(tiny_model, debates) -> None:
    assert stance.summarize(debates, tiny_model.classify(debates)).n_comments == 3


def test_missing_values_of_any_library_are_neutral_rows(tiny_model) -> None:
    series = pd.Series(["a", pd.NA], dtype="string")
    assert [s.reason for s in tiny_model.classify(series)] == ["", "no text"]
    assert [s.reason for s in tiny_model.classify([np.float32("nan"), "a"])] == ["no text", ""]


def test_a_lone_surrogate_survives_in_every_form(tiny_model) -> None:
    stances = tiny_model.classify(["\ud800 strike"])
    assert stances.to_records()[0]["text"] == "\\ud800 strike"
    assert stances.to_pandas()["text"][0] == stances.to_dataset()[0]["text"] == "\\ud800 strike"


def test_columns_keep_their_types_when_they_are_empty(tiny_model) -> None:
    features = tiny_model.classify(["x"]).to_dataset().features
    assert features["author"].dtype == features["time"].dtype == "string"


def test_a_frame_with_threads_and_replies_is_read_as_such(tiny_model) -> None:
    frame = pd.DataFrame({"thread_id": ["a", "b"], "id": [1, 2], "text": ["x", "y"], "author": ["Ann", None]})
    stances = tiny_model.classify(frame)
    assert stances.thread_ids == ("a", "b")
    assert [s.comment.author for s in stances] == ["Ann", None]


@pytest.mark.parametrize("missing", [None, math.nan, float("nan"), ""])
def test_a_missing_text_is_a_neutral_row_with_the_reason(tiny_model, missing) -> None:
    stances = tiny_model.classify(["the strike", missing, "pay"])
    assert len(stances) == 3
    assert (stances[1].label, stances[1].reason, stances[1].sure) == ("neutral", "no text", False)
    np.testing.assert_allclose(stances[2].probabilities, tiny_model.classify(["pay"])[0].probabilities, atol=1e-6)


def test_missing_texts_of_a_frame_are_neutral_rows_too(tiny_model) -> None:
    frame = pd.DataFrame({"text": ["x", None, pd.NA, float("nan")]})
    assert [s.reason for s in tiny_model.classify(frame)] == ["", "no text", "no text", "no text"]


@pytest.mark.parametrize("text", ["👏👏", "\x00\x01", "???", "\u200b"])
def test_a_comment_without_words_is_a_neutral_row_with_the_reason(tiny_model, text) -> None:
    (only,) = tiny_model.classify([text])
    assert only.label == "neutral"
    assert only.reason
    assert only.comment.text == text


def test_a_comment_of_two_megabytes_is_read_at_both_ends_and_the_rest_is_counted(tiny_model) -> None:
    text = "pay the workers " * 131072
    long, short = tiny_model.classify([text, "cuts"])
    assert len(text) == 2 * 2**20
    assert 393_000 < long.truncated < 393_216
    assert short.truncated == 0
    assert not long.reason


def test_odd_characters_do_no_harm(tiny_model) -> None:
    texts = ["\ud800 lone surrogate", "bell\x07 and null\x00", "\u202eright to left", "ﷺ" * 500, "a" * 100_000]
    assert len(tiny_model.classify(texts)) == len(texts)


@pytest.mark.parametrize(
    ("debates", "message"),
    [
        ("a single text", "Put a single text in a list"),
        ({"text": "x"}, "dict came where threads or texts were expected"),
        (["x", 7], "Item 1 is int"),
        (None, "NoneType came where threads or texts were expected"),
        (Path("x.txt"), "PosixPath came where threads or texts were expected"),
        (pd.DataFrame({"score": [1]}), "the frame: no column of comment texts among 'score'"),
        (datasets.Dataset.from_dict({"score": [1]}), "the dataset: no column"),
        ([stance.Thread(id="t"), stance.Thread(id="t")], "Two threads have the id 't'"),
        ([stance.Thread(id="t"), "text"], "Item 0 is Thread"),
    ],
)
def test_what_holds_no_texts_is_refused_with_a_word_on_what_to_do(tiny_model, debates, message) -> None:
    with pytest.raises(stance.InputError, match=message):
        tiny_model.classify(debates)


@pytest.mark.parametrize("debates", [[], stance.Thread(id="t"), [stance.Thread(id="t")]])
def test_nothing_in_gives_nothing_out(tiny_model, debates) -> None:
    stances = tiny_model.classify(debates)
    assert len(stances) == 0
    assert stances.to_records() == []
    assert list(stances.to_pandas().columns) == ROW_FORMAT
    assert "0 comments" in repr(stances)


def test_classifying_changes_nothing_on_the_model_or_in_torch(tiny_model, bins_thread) -> None:
    import torch

    before = (torch.get_num_threads(), torch.get_rng_state().tolist(), torch.is_grad_enabled())
    first = tiny_model.classify(bins_thread)
    tiny_model.classify(TEXTS, sides=stance.Sides.parse("cats,dogs"), batch_tokens=16)
    assert tiny_model.classify(bins_thread).to_records() == first.to_records()
    assert (torch.get_num_threads(), torch.get_rng_state().tolist(), torch.is_grad_enabled()) == before


def test_stances_show_themselves_in_a_terminal_and_escaped_in_a_notebook(tiny_model) -> None:
    stances = tiny_model.classify(["<script>alert(1)</script> the strike"] * 30)
    assert repr(stances).startswith("Stances of 30 comments: ")
    assert "… and 10 more" in repr(stances)
    html = stances._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in repr(tiny_model.classify(["\x1b[31mred"]))


def test_the_stances_of_one_thread_are_had_by_its_id(tiny_model, bins_thread) -> None:
    both = tiny_model.classify([stance.Thread(id="a", comments=(stance.Comment(id="1", text="x"),)), bins_thread])
    assert [s.comment.id for s in both.of_thread("bins")] == ["1", "2", "3", "4", "5"]
    with pytest.raises(stance.InputError, match="no stances of a thread 'c'; of these there are: a, bins"):
        both.of_thread("c")


def test_a_progress_bar_stays_off_stdout(tiny_model, bins_thread, capfd) -> None:
    tiny_model.classify(bins_thread, progress=True)
    assert capfd.readouterr().out == ""


def test_the_shipped_model_reads_the_example_thread() -> None:
    threads = stance.read_threads(Path(__file__).parents[1] / "examples" / "harbour-libraries.txt")
    stances = stance.load(device="cpu").classify(threads)
    assert len(set(stances.labels)) == 3
