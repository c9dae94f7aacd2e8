"""Words looked up one by one are the tokens that the tokenizer makes of the whole text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, normalizers, pre_tokenizers

from stance import words as looked_up
from stance.api import packaged_folder
from stance.encoding import normalize
from stance.words import Words, takes_words_one_by_one
from tests.conftest import WORDS, make_tokenizer

SHIPPED = [Tokenizer.from_file(str(packaged_folder(name) / "tokenizer.json")) for name in ("small", "base")]
for one in SHIPPED:
    one.no_truncation()
    one.no_padding()
HOSTILE = st.text() | st.text(alphabet="aé e\u0301\u0300İßΣς .,'[SEP]<mask>中文\u3000\u200d#👏½ﬁ\u0130", max_size=40)
SPECIAL = st.sampled_from([*WORDS, "[SEP]", "a[MASK]b", "<mask>", "</s>", "##ing", "x" * 120, "don't", "pro-union"])
TEXTS = st.lists(HOSTILE | st.lists(SPECIAL, max_size=12).map(" ".join), max_size=6)


def ids_of(words: Words, texts: list[str]) -> list[list[int]]:
    ids, lengths = words.ids_of(texts)
    ends = lengths.cumsum().tolist()
    return [ids[end - n : end].tolist() for end, n in zip(ends, lengths.tolist(), strict=True)]


def whole(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


@pytest.mark.parametrize("tokenizer", SHIPPED, ids=["small", "base"])
@given(texts=TEXTS)
@settings(max_examples=300, deadline=None)
def test_the_shipped_tokenizers_take_words_one_by_one(tokenizer: Tokenizer, texts: list[str]) -> None:
    assert takes_words_one_by_one(tokenizer)
    texts = [normalize(text) for text in texts]
    assert ids_of(Words(tokenizer), texts) == whole(tokenizer, texts)


def test_words_that_came_often_are_kept_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looked_up, "_MOST_WORDS", 8)
    tokenizer = make_tokenizer().backend_tokenizer
    words = Words(tokenizer)
    for i in range(40):
        texts = ["pay the workers", f"strike {i} {WORDS[i % len(WORDS)]} pay", ""]
        assert ids_of(words, texts) == whole(tokenizer, texts)
        assert len(words._number_of) < 16
        assert i < 10 or "pay" in words._number_of


def test_a_tokenizer_that_looks_beyond_spaces_gets_texts_whole() -> None:
    others = [make_tokenizer().backend_tokenizer for _ in range(3)]
    others[0].pre_tokenizer = pre_tokenizers.Metaspace()
    others[1].normalizer = normalizers.NFC()
    others[2].add_tokens(["council union"])
    for tokenizer in others:
        assert not takes_words_one_by_one(tokenizer)
        texts = ["the council union", "pay  them", ""]
        assert ids_of(Words(tokenizer), texts) == whole(tokenizer, texts)
