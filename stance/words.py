"""Texts to token ids, every word asked of the tokenizer once.

BERT's tokenizers take each word by itself, and most words of a comment have come before. Looking a word up costs a
thirtieth of having it taken apart. Where a tokenizer is of another kind, texts go to it whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from stance.tokens import end_to_end, gathered

_MOST_WORDS = 2**17  # kept at once; some 30 MB


class Words:
    """The token ids of texts, and of the words met in them."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """
        :param tokenizer: With neither truncation nor padding set.
        """
        self.tokenizer = tokenizer
        self._is_by_word = takes_words_one_by_one(tokenizer)
        self._number_of = _Numbers()
        # By number of a word: its ids, and how often it came.
        self._ids, self._starts, self._lengths = end_to_end(np.zeros(0, np.int32), np.zeros(0, np.int64))
        self._uses: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def ids_of(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Token ids without special tokens, end to end, and how many each text has.

        :param texts: White space in them is single spaces (:func:`stance.encoding.normalize`).
        :returns: *Shapes:* ``(tokens,)``, ``(n,)``
        """
        if not self._is_by_word:
            return _encoded(texts, self.tokenizer)
        if len(self._number_of) > _MOST_WORDS:
            self._forget_rare()
        words = [text.split(" ") for text in texts]
        n_words = np.fromiter(map(len, words), np.int64, len(texts))
        number_of = self._number_of.__getitem__
        numbers = np.fromiter(map(number_of, chain.from_iterable(words)), np.int64, int(n_words.sum()))
        self._learn()
        self._uses += np.bincount(numbers, minlength=len(self._uses))
        lengths = self._lengths[numbers]
        ends = np.append(0, lengths.cumsum())[n_words.cumsum()]
        return gathered(self._ids, self._starts[numbers], lengths), np.diff(ends, prepend=0)

    def _learn(self) -> None:
        """Ask for the words that have just come for the first time."""
        unseen = self._number_of.unseen
        if not unseen:
            return
        ids, lengths = _encoded(unseen, self.tokenizer)
        self._ids, self._starts, self._lengths = end_to_end(
            np.concatenate([self._ids, ids]), np.concatenate([self._lengths, lengths])
        )
        self._uses = np.append(self._uses, np.zeros(len(unseen), np.int64))
        unseen.clear()

    def _forget_rare(self) -> None:
        """Keep the half that came most often."""
        kept = np.argsort(-self._uses, kind="stable")[: len(self._uses) // 2]
        words = list(self._number_of)
        self._number_of = _Numbers((words[number], i) for i, number in enumerate(kept.tolist()))
        ids, lengths = gathered(self._ids, self._starts[kept], self._lengths[kept]), self._lengths[kept]
        self._ids, self._starts, self._lengths = end_to_end(ids, lengths)
        self._uses = np.zeros(len(kept), np.int64)


class _Numbers(dict[str, int]):
    """A number for every word, the next where it is new."""

    def __init__(self, known: Iterable[tuple[str, int]] = ()) -> None:
        super().__init__(known)
        self.unseen: list[str] = []

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        self.unseen.append(word)
        return number


def takes_words_one_by_one(tokenizer: Tokenizer) -> bool:
    """Whether the ids of a text are those of its words, one after the other, words being parted by spaces."""
    return (
        isinstance(tokenizer.model, WordPiece)
        and isinstance(tokenizer.normalizer, BertNormalizer)
        and isinstance(tokenizer.pre_tokenizer, BertPreTokenizer)
        and not any(" " in token.content for token in tokenizer.get_added_tokens_decoder().values())
    )


def _encoded(texts: Sequence[str], tokenizer: Tokenizer) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    every = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]
    return np.fromiter(chain.from_iterable(every), np.int32), np.fromiter(map(len, every), np.int64, len(every))
