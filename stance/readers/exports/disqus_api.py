"""Disqus's API: the answers of ``listPosts``, and the data that its embedded discussions are drawn from."""

from __future__ import annotations

from stance.readers.dates import Moment, parse_iso
from stance.readers.draft import Draft
from stance.readers.json_values import Object, at, objects_at, sample_of, text_at, values_of
from stance.readers.nesting import oldest_first
from stance.readers.rendered import with_italic_quotes, words_of, words_quotes_of
from stance.readers.source import Source
from stance.thread import Thread

_LOOK_BACK = 200  # comments; nobody quotes further up
_STATES = {"isSpam": "spam", "isDeleted": "deleted", "isDeletedByAuthor": "deleted", "isDeletedByMod": "deleted"}


def read(source: Source) -> list[Thread] | None:
    """Read the answers, a thread for each discussion; None where they hold no Disqus posts."""
    if not _posts(sample_of(source)):
        return None
    drafts: dict[str, Draft] = {}
    values = [value for _, value in values_of(source)]
    posts = [post for value in values for post in _posts(value)]
    for post in oldest_first(posts, _time):
        thread_id = text_at(post, "thread", "id") or text_at(post, "thread") or ""
        if thread_id not in drafts:
            about = at(post, "thread") if isinstance(at(post, "thread"), dict) else _thread_among(values, thread_id)
            drafts[thread_id] = _draft(source, thread_id, about)
        _add(drafts[thread_id], post)
    return [draft.thread("certain", shows_parents=True) for draft in drafts.values()]


def _posts(value: object) -> list[Object]:
    """The posts in an answer: its list, that of an embed, or itself."""
    found = objects_at(value, "response") or objects_at(value, "response", "posts") or objects_at(value)
    found = found or ([value] if isinstance(value, dict) else [])
    return [post for post in found if "isDeleted" in post and "message" in post and "thread" in post]


def _thread_among(values: list[object], thread_id: str) -> object:
    return next((t for v in values if text_at(t := at(v, "response", "thread"), "id") == thread_id), None)


def _draft(source: Source, thread_id: str, about: object) -> Draft:
    draft = Draft(
        source,
        id=thread_id or None,
        title=words_of(text_at(about, "clean_title") or text_at(about, "title") or "", source.place),
        url=text_at(about, "link"),
    )
    announced = at(about, "posts")
    if isinstance(announced, int) and not isinstance(announced, bool):
        draft.remark(f"the discussion counts {announced} comments")
    return draft


def _add(draft: Draft, post: Object) -> None:
    state = next((kind for flag, kind in _STATES.items() if post.get(flag) is True), None)
    if state or post.get("isApproved") is False:
        draft.drop(state or "unapproved")
        return
    shown = text_at(post, "message")
    marked = with_italic_quotes(shown, [comment.text for comment in draft.comments[-_LOOK_BACK:]]) if shown else ""
    words, quoted = words_quotes_of(marked, draft.place) if shown else (text_at(post, "raw_message") or "", "")
    draft.add(
        words,
        id=text_at(post, "id"),
        author=text_at(post, "author", "name") or text_at(post, "author", "username"),
        time=_time(post),
        parent_id=text_at(post, "parent", "id") or text_at(post, "parent"),
        quoted=quoted,
    )


def _time(post: Object) -> Moment | None:
    told = text_at(post, "createdAt")  # in UTC, without saying so
    moment = parse_iso(told) if told else None
    return moment if moment is None or moment.time.tzinfo else parse_iso(f"{told}Z")
