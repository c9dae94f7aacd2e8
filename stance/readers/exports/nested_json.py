"""JSON of a program that is not known: a list of objects with words in them, their answers inside or beside them.

Scrapers of Facebook, Instagram and newspapers write such files, each with its own keys: :mod:`stance.readers.fields`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from stance.readers.draft import Draft
from stance.readers.fields import (
    Facts,
    announced_replies,
    author_in,
    comments_in,
    facts_of,
    gone_in,
    id_in,
    listed,
    mostly_comments,
    parent_in,
    post_in,
    replies_in,
    text_in,
    thread_id_in,
    thread_of,
    time_in,
    title_in,
    url_in,
)
from stance.readers.json_values import Object, sample_of, values_of
from stance.readers.nesting import add_nested
from stance.readers.rendered import words_of_either, words_quotes_of_either
from stance.readers.source import Source
from stance.thread import Thread

_ABOUT = ("post", "article", "submission", "story", "thread", "video", "media", "page", "topic", "discussion")
_MOST_LOOKED_AT = 20_000  # values; comments that lie deeper in more than that are not looked for
_ALIKE = 0.5  # share of keys in common from which an object and those in it are of one kind


def read(source: Source) -> list[Thread] | None:
    """Read the comments, a thread for each post; None where no list of comments is found.

    A flat list without answers or a post is a table, and left to the reader of tables.
    """
    is_one_value = source.media == "json" and not source.is_large
    sample = sample_of(source)
    if not is_one_value and not (isinstance(sample, dict) and comments_in(facts_of(sample))):
        return None
    values = [value for _, value in values_of(source)]
    found = list(_posts(values if len(values) != 1 else values[0]))
    if not found or (len(found) == 1 and not found[0][0] and _is_flat(found[0][1]) and len(values) > 1):
        return None
    return [thread for about, comments in found for thread in _threads(source, about, comments)]


def _posts(value: object) -> Iterator[tuple[Facts, Sequence[Object]]]:
    """Every post that is found, with its comments; the shallowest first, and nothing is looked for inside them."""
    waiting: deque[tuple[object, Facts]] = deque([(value, {})])
    n_looked_at = 0
    while waiting and n_looked_at < _MOST_LOOKED_AT:
        n_looked_at += 1
        value, around = waiting.popleft()
        if isinstance(value, dict):
            facts = facts_of(value)
            comments = comments_in(facts)
            if comments:
                yield _about(facts), comments
                continue
            waiting.extend((inner, facts) for inner in value.values() if isinstance(inner, dict | list))
        elif isinstance(value, list):
            items = listed(value)
            if mostly_comments(items, are_called_so=False) and not any(_is_post(item) for item in items[:20]):
                yield _about(around), items
            else:
                waiting.extend((inner, {}) for inner in value if isinstance(inner, dict | list))


def _is_post(item: Object) -> bool:
    """Whether an object holds comments rather than answers: what it holds is of another kind than itself."""
    facts = facts_of(item)
    inner = comments_in(facts)
    if not inner or replies_in(facts):
        return False
    own, theirs = _kind(facts), _kind(facts_of(inner[0]))
    return len(own & theirs) < _ALIKE * len(own | theirs)


def _kind(facts: Facts) -> set[str]:
    return {key for key, value in facts.items() if not isinstance(value, list | dict)}


def _about(facts: Facts) -> Facts:
    """What is said of a post, in the object that holds its comments or in one beside them."""
    for name in _ABOUT:
        if isinstance(inner := facts.get(name), dict):
            return {**facts, **facts_of(inner)}
    return facts


def _threads(source: Source, about: Facts, comments: Sequence[Object]) -> list[Thread]:
    """The comments as one thread, or as several where they name pages of their own."""
    pages: dict[str | None, list[Object]] = {}
    for comment in comments:
        pages.setdefault(thread_of(facts_of(comment)), []).append(comment)
    if None in pages or len(pages) == len(comments) > 1:  # an address of each comment's own tells nothing
        pages = {None: list(comments)}
    return [_thread(source, about or _page_of(of_page[0]), of_page) for of_page in pages.values()]


def _page_of(comment: Object) -> Facts:
    """What a comment of a flat list says of its page."""
    facts = facts_of(comment)
    page = thread_of(facts)
    return {"url": page, "title": facts.get("posttitle") or facts.get("articletitle") or facts.get("videotitle")}


def _thread(source: Source, about: Facts, comments: Sequence[Object]) -> Thread:
    draft = Draft(
        source,
        id=thread_id_in(about),
        title=words_of_either(title_in(about), source.place),
        post=words_of_either(post_in(about), source.place),
        post_author=author_in(about),
        url=url_in(about),
    )
    n_unsent = 0

    def add(item: Object, parent_id: str | None) -> str | None:
        nonlocal n_unsent
        facts = facts_of(item)
        n_unsent += max(0, announced_replies(facts) - len(_answers(item)))
        own_id = id_in(facts)
        kind = gone_in(facts)
        if kind:
            draft.drop(kind)
            return own_id
        text = text_in(facts)
        if text is None or not text.strip():
            draft.drop("without words")
            return own_id
        words, quoted = words_quotes_of_either(text, draft.place)
        return draft.add(
            words,
            id=own_id,
            author=author_in(facts),
            time=time_in(facts),
            parent_id=parent_id or _other(parent_in(facts), draft.id),
            quoted=quoted,
        )

    add_nested(comments, _answers, add)
    if n_unsent:
        draft.doubt(f"{n_unsent} replies are announced but not in the file")
    return draft.thread("likely")


def _answers(item: Object) -> Sequence[Object]:
    facts = facts_of(item)
    return replies_in(facts) or comments_in(facts)


def _is_flat(comments: Sequence[Object]) -> bool:
    """Whether the comments are rows: nothing in them, and their words and writers in plain cells."""
    return not any(_answers(comment) or isinstance(comment.get(key), dict) for comment in comments for key in comment)


def _other(parent_id: str | None, thread_id: str) -> str | None:
    return parent_id if parent_id != thread_id else None
