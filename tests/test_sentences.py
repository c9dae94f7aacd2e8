"""Where sentences and clauses begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.sentences import clause_spans, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[begin:end] for begin, end in sentence_spans(text)]


def clauses(text: str) -> list[str]:
    return [text[begin:end] for begin, end in clause_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They strike. We pay.", ["They strike.", "We pay."]),
        ("they strike. we pay", ["they strike.", "we pay"]),
        ("Why?! Because.", ["Why?!", "Because."]),
        ('"Why?" he asked. Nobody knew.', ['"Why?" he asked.', "Nobody knew."]),
        ("Well... perhaps not. Or so.", ["Well... perhaps not.", "Or so."]),
        ("He said no. (So did I.) Twice.", ["He said no.", "(So did I.)", "Twice."]),
        ("Mr. Hale and J. Poole met at St. Mary's.", ["Mr. Hale and J. Poole met at St. Mary's."]),
        ("Some cuts, e.g. buses, came at 6 p.m. sharp.", ["Some cuts, e.g. buses, came at 6 p.m. sharp."]),
        ("It closed at 6 p.m. Nobody came.", ["It closed at 6 p.m.", "Nobody came."]),
        ("Three per cent is £4.80, not 6.5.", ["Three per cent is £4.80, not 6.5."]),
        ("A line\n\nAnother one", ["A line", "Another one"]),
        ("Shame! 👏👏 Enough.", ["Shame!", "👏👏 Enough."]),
        ("Enough. 👏👏", ["Enough. 👏👏"]),
        ("… No. Never again.", ["… No.", "Never again."]),
        ("So am I. They are too.", ["So am I.", "They are too."]),
        ("罢工了。我们支持！", ["罢工了。", "我们支持！"]),
        ("👏 !!", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "I was on their side last year, but I'll sign nothing for them again.",
            ["I was on their side last year,", "but I'll sign nothing for them again."],
        ),
        ("The offer was fair; they walked out anyway", ["The offer was fair;", "they walked out anyway"]),
        ("Close it and commission the lot", ["Close it and commission the lot"]),
        ("Yes, but no.", ["Yes, but no."]),
    ],
)
def test_a_sentence_is_cut_where_it_turns(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected


@given(st.text(alphabet="ab I.!?…\"')( \n;:—-,but😀。\u2028", max_size=60))
def test_no_letter_is_lost_and_none_comes_twice(text: str) -> None:
    for spans in (sentence_spans(text), clause_spans(text)):
        places = [i for begin, end in spans for i in range(begin, end)]
        assert len(places) == len(set(places))
        assert places == sorted(places)
        lost = set(range(len(text))) - set(places)
        assert not spans or all(text[i].isspace() for i in lost)


def test_a_long_text_costs_no_more_than_its_length() -> None:
    for text in ("." * 200_000, "a. " * 60_000, " " * 200_000 + "x", "\n" * 200_000, '."' * 100_000, "a.b" * 60_000):
        sentence_spans(text)
        clause_spans(text)
