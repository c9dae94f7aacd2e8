"""Facebook's and Instagram's Graph API: a post or a media object with its ``comments``, or a bare list of comments.

Comments have ``message`` and ``from`` on Facebook, ``text`` and ``username`` on Instagram; replies lie in their own
``comments`` or ``replies``.
"""

from __future__ import annotations

from stance.readers.dates import Moment, parse_iso
from stance.readers.draft import Draft
from stance.readers.json_values import Object, at, objects_at, sample_of, text_at, values_of
from stance.readers.nesting import add_nested
from stance.readers.source import Source
from stance.thread import Thread


def read(source: Source) -> list[Thread] | None:
    """Read the answers, a thread for each post; None where their objects are not the Graph API's."""
    if not any(_is_ours(thing) for thing in _things(sample_of(source))):
        return None
    things: list[Object] = []
    is_cut = False
    for _, value in values_of(source):
        is_cut = is_cut or _goes_on(value)
        things += _things(value)
    if any(_is_post(thing) for thing in things):  # those without comments among them are posts, too
        return [_thread(source, post) for post in things]
    draft = Draft(source, id=_post_of(things[0]))
    _add_all(draft, things, None)
    if is_cut:
        draft.doubt("the answer has further pages, which are not in the file")
    return [draft.thread("certain")]


def _things(value: object) -> list[Object]:
    """The objects of an answer: those of its ``data``, or itself."""
    answer = objects_at(value, "data")
    return answer or ([value] if isinstance(value, dict) else [])


def _is_ours(thing: Object) -> bool:
    return _is_post(thing) or _is_comment(thing)


def _is_comment(thing: object) -> bool:
    if not isinstance(thing, dict) or "id" not in thing:
        return False
    is_facebook = isinstance(thing.get("message"), str) and "created_time" in thing
    is_instagram = (
        isinstance(thing.get("text"), str)
        and isinstance(thing.get("timestamp"), str)
        and ("username" in thing or "from" in thing)
    )
    return is_facebook or (is_instagram and not isinstance(thing.get("replies"), list))


def _is_post(thing: object) -> bool:
    """A post holds comments, and their ids begin otherwise than a reply's do: with the post's own number."""
    comments = objects_at(thing, "comments", "data")
    if not comments or not _is_comment(comments[0]):
        return False
    own = (text_at(thing, "id") or "").split("_")
    return not _is_comment(thing) or (text_at(comments[0], "id") or "").split("_")[0] != own[0]


def _post_of(comment: Object) -> str | None:
    post_id, mark, _ = (text_at(comment, "id") or "").partition("_")
    return post_id if mark else None


def _thread(source: Source, post: Object) -> Thread:
    draft = Draft(
        source,
        id=text_at(post, "id"),
        title=text_at(post, "name") or "",
        post=text_at(post, "message") or text_at(post, "caption") or text_at(post, "story") or "",
        post_author=text_at(post, "from", "name") or text_at(post, "username"),
        url=text_at(post, "permalink_url") or text_at(post, "permalink"),
    )
    author_id = text_at(post, "from", "id") or text_at(post, "owner", "id")
    _add_all(draft, objects_at(post, "comments", "data"), author_id)
    announced = at(post, "comments", "summary", "total_count")
    if isinstance(announced, int):
        draft.expect(announced)
    if _goes_on(post.get("comments")):
        draft.doubt("the comments have further pages, which are not in the file")
    return draft.thread("certain")


def _add_all(draft: Draft, comments: list[Object], author_id: str | None) -> None:
    n_cut = 0

    def add(comment: Object, parent_id: str | None) -> str | None:
        nonlocal n_cut
        n_cut += _goes_on(comment.get("comments")) or _goes_on(comment.get("replies"))
        own_id, words = text_at(comment, "id"), text_at(comment, "message") or text_at(comment, "text")
        if words is None:  # a sticker or a picture
            draft.drop("without words")
            return own_id
        who = text_at(comment, "from", "id")
        return draft.add(
            words,
            id=own_id,
            author=text_at(comment, "from", "name")
            or text_at(comment, "from", "username")
            or text_at(comment, "username"),
            time=_time(comment),
            parent_id=parent_id or text_at(comment, "parent", "id") or text_at(comment, "parent_id"),
            is_post_author=who is not None and who == author_id,
        )

    add_nested(comments, lambda c: objects_at(c, "comments", "data") or objects_at(c, "replies", "data"), add)
    if n_cut:
        draft.doubt(f"the replies to {n_cut} comments have further pages, which are not in the file")


def _time(comment: Object) -> Moment | None:
    return parse_iso(text_at(comment, "created_time") or text_at(comment, "timestamp") or "")


def _goes_on(page: object) -> bool:
    return text_at(page, "paging", "next") is not None
