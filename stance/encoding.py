"""From a thread and its sides to token ids: what the network reads of each comment.

One input is a pair, ``comment [SEP] context``. The context says, in this order and as far as it is known:
who the two sides are, the title (or, without one, how the post begins), whether the writer is the post's author, and
the comment that is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from stance.errors import InputError
from stance.sides import Sides
from stance.thread import Comment, Thread
from stance.tokens import TokenizedExample, Tokens, end_to_end, repeated, woven

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from stance.words import Words

# Control and formatting characters carry no meaning for the model; zero-width joiners only glue emoji. A lone
# surrogate is no character at all, and the tokenizer takes none.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff\ud800-\udfff]"
)
_WORD = re.compile(r"[^\W_]")
_LONGEST_CONTEXT_TOKENS = 224


@dataclass(frozen=True)
class InputForm:
    """Which parts of a thread reach the network, and how much of each. Stored with the weights.

    The four flags exist for the ablation table as much as for use: each part can be left out.

    :param max_tokens: Longest input, special tokens included, in tokens.
    :param name_chars: Longest part of a side's name, in characters; likewise the next two.
    :param post_chars: Longest part of the title or, where there is none, of the post.
    :param parent_chars: Longest part of the comment answered.
    """

    sides: bool = True
    post: bool = True
    parent: bool = True
    post_author: bool = True
    max_tokens: int = 512
    name_chars: int = 60
    post_chars: int = 140
    parent_chars: int = 160


@dataclass(frozen=True)
class Example:
    """One comment with everything its label may depend on."""

    thread_id: str
    comment_id: str
    text: str
    sides: Sides
    title: str = ""
    post: str = ""
    parent: str = ""
    by_post_author: bool = False

    def by_pair(self) -> tuple[Example, ...]:
        """The same comment with each of :meth:`Sides.pairs`, as the network is asked; itself where there is but one."""
        return (self,) if len(self.sides) == 2 else tuple(replace(self, sides=pair) for pair in self.sides.pairs())


class Question(NamedTuple):
    """What an input is made of, of an :class:`Example` of two sides: cheaper to make, and to send."""

    text: str
    sides: Sides
    title: str
    post: str
    parent: str
    by_post_author: bool


class WrittenExample(NamedTuple):
    """The two halves of an input, in words."""

    comment: str
    context: str


def normalize(text: str) -> str:
    """Text as the network sees it: no invisible characters, white space folded to single spaces."""
    if not text.isprintable():  # neither invisible characters nor white space but spaces are printable
        text = _INVISIBLE.sub("", text)
    elif "  " not in text and text[:1] != " " != text[-1:]:
        return text
    return " ".join(text.split())


def unreadable_reason(text: str) -> str | None:
    """Why a comment cannot be classified, or None if it can: it needs one letter or digit of any script."""
    if _WORD.search(text):  # no invisible character is one
        return None
    return "no words, only symbols or emoji" if text.strip() else "no text"


def make_examples(thread: Thread, sides: Sides) -> Iterator[Example]:
    """Yield one example for every comment of a thread, in page order."""
    for comment in thread.comments:
        yield make_example(thread, comment, sides)


def make_example(thread: Thread, comment: Comment, sides: Sides) -> Example:
    """Gather what the label of one comment may depend on."""
    parent = thread.parent(comment)
    return Example(
        thread_id=thread.id,
        comment_id=comment.id,
        text=comment.text,
        sides=sides,
        title=thread.title,
        post=thread.post,
        parent=parent.text if parent else "",
        by_post_author=comment.is_post_author,
    )


def write_context(example: Example, form: InputForm) -> str:
    """The second half of the input, in words.

    :raises InputError: If there are more than two sides: the network is asked of two at a time.
    """
    return _with_parent(_write_thread(example, form), example, form)


def write_example(example: Example, form: InputForm) -> WrittenExample:
    """The words that the network reads of an example."""
    return WrittenExample(normalize(example.text), write_context(example, form))


def write_examples(examples: Iterable[Example | Question], form: InputForm) -> Iterator[WrittenExample]:
    """:func:`write_example` of each; what comments of one thread share is written once."""
    shared: dict[tuple[Sides, str, str, bool], str] = {}
    for example in examples:
        thread = (example.sides, example.title, example.post, example.by_post_author)
        context = shared.get(thread)
        if context is None:
            context = shared[thread] = _write_thread(example, form)
        yield WrittenExample(normalize(example.text), _with_parent(context, example, form))


def _write_thread(example: Example | Question, form: InputForm) -> str:
    """What the context says of an example apart from the comment that it answers."""
    if len(example.sides) > 2:
        raise InputError(f"An input names two sides, but {len(example.sides)} came. Ask of each of Example.by_pair().")
    parts = []
    if form.sides:
        for side in (example.sides.a, example.sides.b):
            parts.append(f"{normalize(side.label)}: {_beginning(side.name, form.name_chars)}")
    if form.post and (example.title or example.post):
        parts.append(_beginning(example.title or example.post, form.post_chars))
    if form.post_author and example.by_post_author:
        parts.append("written by the post's author")
    return " | ".join(parts)


def _with_parent(context: str, example: Example | Question, form: InputForm) -> str:
    if not form.parent or not example.parent:
        return context
    answered = f"in answer to: {_beginning(example.parent, form.parent_chars)}"
    return f"{context} | {answered}" if context else answered


def tokenize(examples: Sequence[Example], tokenizer: Tokenizer, form: InputForm) -> list[TokenizedExample]:
    """Turn examples into token ids, in order: :func:`write_examples`, then :func:`tokenize_written`.

    :param tokenizer: With neither truncation nor padding set.
    """
    from stance.words import Words

    return list(tokenize_written(list(write_examples(examples, form)), Words(tokenizer), form))


def tokenize_written(written: Sequence[WrittenExample], words: Words, form: InputForm) -> Tokens:
    """Turn the words of examples into token ids, in order.

    A comment that does not fit keeps its beginning and its end, where opinions tend to stand (Sun et al. 2019,
    "How to Fine-Tune BERT for Text Classification?"); ``n_cut`` counts what was left out between.
    """
    number_of: dict[str, int] = {}
    context = np.array([number_of.setdefault(one.context, len(number_of)) for one in written], dtype=np.int64)
    ids, starts, n_context = end_to_end(*words.ids_of(list(number_of)))
    n_context = np.minimum(n_context, min(_LONGEST_CONTEXT_TOKENS, form.max_tokens // 2))
    before, between, after = _special_tokens(words.tokenizer)
    contexts = ids, starts[context], n_context[context]
    n_special = len(before) + len(between) + len(after)
    ids, starts, n_comment = end_to_end(*words.ids_of([one.comment for one in written]))
    n_cut = np.maximum(n_special + n_comment + contexts[2] - form.max_tokens, 0)
    shortened = [ids]
    n_ids = len(ids)
    for i in np.flatnonzero(n_cut).tolist():
        short = _without_middle(written[i].comment, int(n_comment[i] - n_cut[i]), words.tokenizer)
        shortened.append(np.array(short, np.int32))
        starts[i], n_comment[i] = n_ids, len(short)
        n_ids += len(short)
    n = len(written)
    comments = np.concatenate(shortened), starts, n_comment
    ids, lengths = woven(repeated(before, n), comments, repeated(between, n), contexts, repeated(after, n))
    # Of the tokens between, the first ends the comment.
    return Tokens(ids, lengths, len(before) + n_comment + 1, n_cut.astype(np.int32))


def _special_tokens(tokenizer: Tokenizer) -> tuple[list[int], list[int], list[int]]:
    """What the tokenizer puts before, between and after the two halves of an input."""
    half = tokenizer.encode("a", add_special_tokens=False)
    half.truncate(1)
    pair = tokenizer.post_process(half, half, add_special_tokens=True)
    first, second = (i for i, own in enumerate(pair.special_tokens_mask) if not own)
    ids: list[int] = pair.ids
    return ids[:first], ids[first + 1 : second], ids[second + 1 :]


def batch_by_tokens(lengths: npt.ArrayLike, batch_tokens: int) -> Iterator[npt.NDArray[np.intp]]:
    """Yield index batches, longest first, whose padded size (longest × count) stays within ``batch_tokens``.

    An example longer than the budget goes alone.

    :param lengths: Tokens of each example. *Shape:* ``(n,)``
    :param batch_tokens: Largest padded batch, in tokens.
    """
    sizes = np.asarray(lengths)
    order = np.argsort(-sizes, kind="stable")
    at = 0
    while at < len(order):
        n = max(1, batch_tokens // max(1, int(sizes[order[at]])))
        yield order[at : at + n]
        at += n


def _without_middle(text: str, room: int, tokenizer: Tokenizer) -> list[int]:
    """Two thirds of the room for the comment's beginning, one for its end."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    n_head = room * 2 // 3
    n_tail = room - n_head
    head = text[: encoding.offsets[n_head - 1][1]]
    tail = text[encoding.offsets[-n_tail][0] :]
    ids: list[int] = tokenizer.encode(f"{head} {tail}", add_special_tokens=False).ids
    return ids[:room]  # words split differently at the seam can add a token


def _beginning(text: str, n_chars: int) -> str:
    text = normalize(text[: 4 * n_chars])
    return text if len(text) <= n_chars else text[:n_chars].rsplit(" ", 1)[0] + " …"


def join_examples(threads: Iterable[tuple[Thread, Sides]]) -> list[Example]:
    """Examples of several threads, each with its own sides, in order."""
    return [example for thread, sides in threads for example in make_examples(thread, sides)]
