"""Discourse's topics as JSON (``/t/WORDS/12.json``, also with ``?print=true``): posts in ``post_stream``, as HTML."""

from __future__ import annotations

from stance.readers.dates import parse_iso
from stance.readers.draft import Draft
from stance.readers.json_values import Object, at, objects_at, sample_of, text_at, values_of
from stance.readers.markup import Element, fragment_of, is_furniture, select, words_and_quotes
from stance.readers.source import Source
from stance.thread import Thread

_SMALL_ACTION = 3  # "closed this topic", "pinned globally"
_WHISPER = 4
_NOTICES = ("(post deleted by author)", "(post withdrawn by author", "(topic deleted by author)")


def read(source: Source) -> list[Thread] | None:
    """Read the topics; None where the file holds none of Discourse's."""
    if not _posts(sample_of(source)):
        return None
    topics: dict[str, tuple[Object, list[Object]]] = {}
    for _, value in values_of(source):
        if isinstance(value, dict) and (posts := _posts(value)):
            topic_id = text_at(value, "id") or text_at(posts[0], "topic_id") or source.stem
            topics.setdefault(topic_id, (value, []))[1].extend(posts)
    return [_thread(source, topic_id, topic, posts) for topic_id, (topic, posts) in topics.items()]


def _posts(value: object) -> list[Object]:
    posts = objects_at(value, "post_stream", "posts")
    return [post for post in posts if "post_number" in post and ("cooked" in post or "raw" in post)]


def _thread(source: Source, topic_id: str, topic: Object, posts: list[Object]) -> Thread:
    opening = next((post for post in posts if post.get("post_number") == 1), None)
    draft = Draft(
        source,
        id=topic_id,
        title=text_at(topic, "title") or text_at(topic, "fancy_title") or "",
        post=_words(opening, source.place)[0] if opening else "",
        post_author=_name(opening) if opening else None,
    )
    sent = {text_at(post, "id") for post in posts}
    for post in posts:
        if post is not opening:
            _add(draft, post, opening)
    stream = at(topic, "post_stream", "stream")
    n_unsent = sum(str(post_id) not in sent for post_id in stream) if isinstance(stream, list) else 0
    if n_unsent:
        draft.doubt(f"{n_unsent} more posts of the topic are not in the file; add ?print=true to its address")
    return draft.thread("certain")


def _add(draft: Draft, post: Object, opening: Object | None) -> None:
    kind = post.get("post_type", 1)
    words, quoted, answered = _words(post, draft.place)
    if kind in (_SMALL_ACTION, _WHISPER) or (text_at(post, "action_code") and not words):
        draft.drop("notice")
        return
    if post.get("user_deleted") is True or post.get("deleted_at") or words.startswith(_NOTICES):
        draft.drop("deleted")
        return
    if post.get("hidden") is True:
        draft.drop("hidden")
        return
    parent = text_at(post, "reply_to_post_number") or answered
    draft.add(
        words,
        id=text_at(post, "post_number"),
        author=_name(post),
        time=parse_iso(text_at(post, "created_at") or ""),
        parent_id=parent if parent != "1" else None,
        is_post_author=opening is not None and text_at(post, "username") == text_at(opening, "username"),
        quoted=quoted,
    )


def _name(post: Object) -> str | None:
    """The name shown: the person's own where the forum shows it first, else the account's."""
    return text_at(post, "username") or text_at(post, "name")


def _words(post: Object, place: str) -> tuple[str, str, str | None]:
    """A post's own words, those it quotes, and the number of the post of this topic that it quotes first."""
    cooked = text_at(post, "cooked")
    if cooked is None:
        return text_at(post, "raw") or "", "", None
    page = fragment_of(cooked, place)
    words, quoted = words_and_quotes(page, lambda element: element.tag == "blockquote", _is_beside)
    topic = text_at(post, "topic_id")
    quotes = [q for q in select(page, ".//aside[@data-post]") if topic in (None, q.get("data-topic") or topic)]
    return words, quoted, quotes[0].get("data-post") if quotes else None


def _is_beside(element: Element) -> bool:
    """What the forum puts around the words: who is quoted, previews of links, data on pictures."""
    classes = (element.get("class") or "").split()
    in_quote = element.tag == "div" and "title" in classes
    return in_quote or "onebox" in classes or "meta" in classes or is_furniture(element)
