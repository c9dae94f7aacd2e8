from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance import Comment, Side, Sides, Thread
from stance.encoding import (
    _INVISIBLE,
    Example,
    InputForm,
    batch_by_tokens,
    make_examples,
    normalize,
    tokenize,
    unreadable_reason,
    write_context,
    write_example,
    write_examples,
)
from tests.conftest import make_tokenizer

TOKENIZER = make_tokenizer().backend_tokenizer
FORM = InputForm(max_tokens=64)
SIDES = Sides(Side("council", "Leeds City Council"), Side("union", "UNISON"))
EXAMPLE = Example("t", "1", "Pay them.", SIDES, "Bins", "A post.", "The council must pay.", True)


def words(ids: list[int]) -> str:
    return " ".join(make_tokenizer().convert_ids_to_tokens(ids))


def test_the_context_names_sides_title_writer_and_parent_in_order() -> None:
    assert write_context(EXAMPLE, FORM) == (
        "council: Leeds City Council | union: UNISON | Bins | written by the post's author"
        " | in answer to: The council must pay."
    )


def test_without_a_title_the_post_takes_its_place() -> None:
    assert " | A post. | " in write_context(replace(EXAMPLE, title=""), FORM)


@pytest.mark.parametrize(
    ("part", "words_of_it"),
    [("sides", "UNISON"), ("post", "Bins"), ("parent", "in answer to"), ("post_author", "post's author")],
)
def test_each_part_of_the_context_can_be_left_out(part: str, words_of_it: str) -> None:
    assert words_of_it in write_context(EXAMPLE, FORM)
    assert words_of_it not in write_context(EXAMPLE, replace(FORM, **{part: False}))


def test_the_parent_comes_from_the_thread() -> None:
    comments = (Comment(id="1", text="First."), Comment(id="2", text="Second.", parent_id="1"))
    first, second = make_examples(Thread(id="t", comments=comments), SIDES)
    assert (first.parent, second.parent) == ("", "First.")


def test_comment_and_context_are_told_apart_by_type_ids() -> None:
    (tokenized,) = tokenize([EXAMPLE], TOKENIZER, FORM)
    second = tokenized.type_ids.index(1)
    assert words(tokenized.ids[:second]).endswith("[SEP]")
    assert set(tokenized.type_ids[second:]) == {1}
    assert len(tokenized.ids) == len(tokenized.type_ids) <= FORM.max_tokens


def test_a_long_comment_keeps_beginning_and_end_and_the_rest_is_counted() -> None:
    text = "strike " + "pay " * 200 + "cuts"
    (tokenized,) = tokenize([replace(EXAMPLE, text=text)], TOKENIZER, FORM)
    kept = tokenized.type_ids.index(1) - 2  # less [CLS] and [SEP]
    assert len(tokenized.ids) == FORM.max_tokens
    assert tokenized.n_cut == 202 - kept
    shown = words(tokenized.ids[: kept + 1])
    assert shown.startswith("[CLS] strike pay")
    assert shown.endswith("pay cuts")


@given(st.lists(st.integers(0, 120), max_size=12))
def test_tokens_read_and_tokens_left_out_add_up_to_the_comment(lengths: list[int]) -> None:
    examples = [replace(EXAMPLE, text="pay " * n) for n in lengths]
    for n, tokenized in zip(lengths, tokenize(examples, TOKENIZER, FORM) if examples else [], strict=True):
        assert tokenized.type_ids.index(1) - 2 + tokenized.n_cut == n


@given(st.text(max_size=60), st.text(max_size=60))
def test_an_example_is_tokenized_alike_alone_and_among_others(one: str, other: str) -> None:
    first, second = replace(EXAMPLE, text=one), replace(EXAMPLE, text=other, parent="")
    assert tokenize([first, second], TOKENIZER, FORM) == [
        *tokenize([first], TOKENIZER, FORM),
        *tokenize([second], TOKENIZER, FORM),
    ]


@given(st.lists(st.integers(1, 50), max_size=60), st.integers(1, 200))
def test_batches_hold_every_example_once_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = list(batch_by_tokens(lengths, budget))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= budget


@pytest.mark.parametrize("text", ["", "  \n", "\u200b\ufeff", "\x00\x07"])
def test_a_comment_without_text_says_so(text: str) -> None:
    assert unreadable_reason(text) is not None


@pytest.mark.parametrize("text", ["👏👏👏", "!!!", "…", "👍🏽 ❤️"])
def test_a_comment_without_words_says_so(text: str) -> None:
    assert unreadable_reason(text) == "no words, only symbols or emoji"


@pytest.mark.parametrize("text", ["No", "100k!", "нет", "不", "👏 ok"])
def test_a_comment_with_a_word_of_any_script_can_be_read(text: str) -> None:
    assert unreadable_reason(text) is None


def test_normalizing_folds_space_and_drops_invisible_characters() -> None:
    assert normalize("  pay\u200b \n\n them\x07 now\ufeff ") == "pay them now"


@given(st.text() | st.text(alphabet=" a\u200b\n\u00ad\u3000"))
def test_text_that_needs_no_folding_is_told_at_a_glance_and_stays_what_folding_would_make_it(text: str) -> None:
    assert normalize(text) == " ".join(_INVISIBLE.sub("", text).split())


def test_examples_written_together_are_those_written_alone() -> None:
    some = [
        EXAMPLE,
        replace(EXAMPLE, parent=""),
        replace(EXAMPLE, title="", by_post_author=False),
        replace(EXAMPLE, sides=Sides(SIDES.b, SIDES.a)),
        EXAMPLE,
    ]
    for form in (FORM, replace(FORM, parent=False), replace(FORM, sides=False, post=False, post_author=False)):
        assert list(write_examples(some, form)) == [write_example(one, form) for one in some]
