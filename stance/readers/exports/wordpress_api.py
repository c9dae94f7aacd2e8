"""WordPress's REST API: ``/wp/v2/comments``, ``/wp/v2/posts?_embed``, and wordpress.com's ``/posts/ID/replies``."""

from __future__ import annotations

from itertools import groupby

from stance.readers.dates import Moment, parse_iso
from stance.readers.draft import Draft
from stance.readers.json_values import Object, at, objects_at, sample_of, text_at, values_of
from stance.readers.nesting import oldest_first
from stance.readers.rendered import words_of, words_quotes_of
from stance.readers.source import Source
from stance.readers.wording import unescaped
from stance.thread import Thread

_COMMENTS = frozenset({"", "comment", "review"})
_SHOWN = frozenset({"", "approved", "approve", "1"})
_STATES = {"spam": "spam", "trash": "deleted", "hold": "unapproved", "unapproved": "unapproved"}


def read(source: Source) -> list[Thread] | None:
    """Read the answer, a thread for each post; None where its objects are neither WordPress comments nor posts."""
    sample = sample_of(source)
    if not (_is_comment(sample) or _is_post(sample) or _is_page_of_replies(sample)):
        return None
    values = [value for _, value in values_of(source) if isinstance(value, dict)]
    posts = {text_at(value, "id") or "": value for value in values if _is_post(value)}
    pages = [value for value in values if _is_page_of_replies(value)]
    comments = [value for value in values if _is_comment(value)]
    comments += [reply for page in pages for reply in objects_at(page, "comments")]
    comments += [{"post": post_id, **reply} for post_id, post in posts.items() for reply in _embedded(post)]
    drafts = {post_id: _of_post(source, post_id, post) for post_id, post in posts.items()}
    comments.sort(key=_post_of)
    for post_id, of_post in groupby(comments, key=_post_of):
        if post_id not in drafts:
            drafts[post_id] = Draft(source, id=post_id or None)
        for comment in oldest_first(list(of_post), _time):
            _add(drafts[post_id], comment, posts.get(post_id))
    announced = at(pages[0], "found") if pages and len(drafts) == 1 else None
    if isinstance(announced, int):
        next(iter(drafts.values())).expect(announced)
    return [draft.thread("certain") for draft in drafts.values()]


def _embedded(post: Object) -> list[Object]:
    pages = at(post, "_embedded", "replies")
    return [reply for page in pages for reply in objects_at(page)] if isinstance(pages, list) else []


def _is_comment(value: object) -> bool:
    return isinstance(at(value, "content", "rendered"), str) and at(value, "post") is not None and "parent" in _d(value)


def _is_post(value: object) -> bool:
    return isinstance(at(value, "title", "rendered"), str) and isinstance(at(value, "content", "rendered"), str)


def _is_page_of_replies(value: object) -> bool:
    reply = at(value, "comments", 0)
    return isinstance(at(reply, "content"), str) and isinstance(at(reply, "post", "ID"), int)


def _d(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _of_post(source: Source, post_id: str, post: Object) -> Draft:
    return Draft(
        source,
        id=post_id,
        title=words_of(post["title"]["rendered"], source.place),
        post=words_of(post["content"]["rendered"], source.place),
        post_author=text_at(post, "_embedded", "author", 0, "name"),
        url=text_at(post, "link"),
    )


def _post_of(comment: Object) -> str:
    return text_at(comment, "post", "ID") or text_at(comment, "post") or ""


def _add(draft: Draft, comment: Object, post: Object | None) -> None:
    kind, state = text_at(comment, "type") or "", text_at(comment, "status") or ""
    if kind not in _COMMENTS or state not in _SHOWN:
        draft.drop(kind if state in _SHOWN else _STATES.get(state, state))
        return
    draft.url = draft.url or _page(text_at(comment, "link") or text_at(comment, "URL"))
    draft.title = draft.title or words_of(text_at(comment, "post", "title") or "", draft.place)
    content = text_at(comment, "content", "rendered") or text_at(comment, "content") or ""
    words, quoted = words_quotes_of(content, draft.place)
    parent_id = text_at(comment, "parent", "ID") or text_at(comment, "parent")
    author_id = text_at(comment, "author")
    draft.add(
        words,
        id=text_at(comment, "id") or text_at(comment, "ID"),
        author=unescaped(text_at(comment, "author_name") or text_at(comment, "author", "name") or ""),
        time=_time(comment),
        parent_id=parent_id if parent_id != "0" else None,
        is_post_author=author_id not in (None, "0") and author_id == text_at(post, "author"),
        quoted=quoted,
    )


def _time(comment: Object) -> Moment | None:
    told = text_at(comment, "date_gmt")
    return (parse_iso(f"{told}Z") if told else None) or parse_iso(text_at(comment, "date") or "")


def _page(link: str | None) -> str | None:
    """The page's address, from that of one of its comments (``…/#comment-3``, ``…/comment-page-2/#comment-3``)."""
    page, mark, _ = (link or "").partition("#comment-")
    head, _, number = page.rstrip("/").rpartition("/comment-page-")
    return (f"{head}/" if head and number.isdigit() else page) if mark else None
