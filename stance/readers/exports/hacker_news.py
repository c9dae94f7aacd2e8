"""Hacker News: items of its own API (flat, each naming its parent), and Algolia's (nested, or as hits of a search)."""

from __future__ import annotations

from collections import deque

from stance.readers.dates import Moment, parse_epoch, parse_iso
from stance.readers.draft import Draft
from stance.readers.json_values import Object, at, objects_at, sample_of, text_at, values_of
from stance.readers.nesting import add_nested, oldest_first
from stance.readers.rendered import words_of
from stance.readers.source import Source
from stance.readers.wording import apart_from_quoted_lines
from stance.thread import Thread

_POSTS = frozenset({"story", "poll", "job"})
_ADDRESS = "https://news.ycombinator.com/item?id="


def read(source: Source) -> list[Thread] | None:
    """Read the items, a thread for each story; None where they are not Hacker News's."""
    sample = sample_of(source)
    if _is_algolia(sample):
        return [_nested(source, item) for _, item in values_of(source) if isinstance(item, dict)]
    hits = objects_at(sample, "hits")
    if hits and "objectID" in hits[0]:
        return _hits(source)
    return _flat(source) if _is_item(_alone(sample)) else None


def _is_algolia(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("children"), list) and "created_at_i" in value


def _is_item(value: object) -> bool:
    """An item has a number, a type, and says who answers it or whom it answers."""
    if not isinstance(value, dict) or not isinstance(value.get("id"), int) or not isinstance(value.get("time"), int):
        return False
    kind = value.get("type")
    return (kind == "comment" and "parent" in value) or (kind in _POSTS and "title" in value)


def _alone(value: object) -> object:
    """An item kept under its number (``{"8863": {...}}``), as itself."""
    if isinstance(value, dict) and "id" not in value:
        return next(iter(value.values()), None)
    return value


def _nested(source: Source, story: Object) -> Thread:
    draft = _draft(source, text_at(story, "story_id") or text_at(story, "id"), story)

    def add(item: Object, parent_id: str | None) -> str | None:
        own_id = text_at(item, "id")
        if not text_at(item, "text"):
            draft.drop("deleted")
            return own_id
        return _add(draft, item, parent_id)

    if story.get("type") == "comment":  # a branch saved by itself
        add_nested([story], lambda item: objects_at(item, "children"), add)
    else:
        add_nested(objects_at(story, "children"), lambda item: objects_at(item, "children"), add)
    return draft.thread("certain", shows_parents=True)


def _hits(source: Source) -> list[Thread]:
    hits = [hit for _, value in values_of(source) for hit in objects_at(value, "hits")]
    stories = {text_at(hit, "objectID"): hit for hit in hits if text_at(hit, "title")}
    drafts: dict[str | None, Draft] = {}
    for hit in oldest_first(hits, _time):
        story_id = text_at(hit, "story_id") or text_at(hit, "objectID")
        if story_id not in drafts:
            drafts[story_id] = _draft(source, story_id, stories.get(story_id, hit))
        words = text_at(hit, "comment_text")
        if words:
            parent_id = text_at(hit, "parent_id")
            item = {**hit, "id": text_at(hit, "objectID"), "text": words}
            _add(drafts[story_id], item, parent_id if parent_id != story_id else None)
    return [draft.thread("certain", shows_parents=True) for draft in drafts.values()]


def _flat(source: Source) -> list[Thread]:
    items: dict[int, Object] = {}
    for _, value in values_of(source):
        together = deque(value.values() if isinstance(value, dict) and "id" not in value else [value])
        while together:
            item = together.popleft()
            if isinstance(item, dict) and isinstance(item.get("id"), int):
                items[item["id"]] = item
                # Some programs put the answers themselves where the API gives their numbers.
                together += [{"parent": item["id"], **kid} for kid in objects_at(item, "kids")]
    drafts: dict[str, Draft] = {}
    n_named: dict[str, int] = {}
    roots: dict[int, int] = {}
    for item in _page_order(items):
        number, parent = item["id"], _parent(item)
        # What stands above comes first; where it is not in the file, its number is all that is known.
        root = roots.get(parent, parent) if parent is not None and item.get("type") not in _POSTS else number
        roots[number] = root
        story_id = str(root)
        if story_id not in drafts:
            drafts[story_id] = _draft(source, story_id, items.get(root, {}))
        if item.get("type") in _POSTS:
            n_named[story_id] = at(item, "descendants") if isinstance(at(item, "descendants"), int) else -1
        elif item.get("type") == "comment" or item.get("deleted"):
            if item.get("deleted") or item.get("dead") or not text_at(item, "text"):
                drafts[story_id].drop("dead" if item.get("dead") and not item.get("deleted") else "deleted")
            else:
                _add(drafts[story_id], item, str(parent) if parent != root else None)
    for story_id, n in n_named.items():
        drafts[story_id].expect(n if n >= 0 else None)
    return [draft.thread("certain", shows_parents=True) for draft in drafts.values()]


def _page_order(items: dict[int, Object]) -> list[Object]:
    """Items as the page shows them: each with its answers, in the order its ``kids`` name them, under it."""
    waiting = [number for number in reversed(items) if _parent(items[number]) not in items]
    ordered: dict[int, Object] = {}
    below: dict[int, list[int]] = {}
    for number, item in items.items():
        if (parent := _parent(item)) is not None:
            below.setdefault(parent, []).append(number)
    while waiting:
        number = waiting.pop()
        if number in ordered:
            continue
        ordered[number] = items[number]
        kids = items[number].get("kids")
        named = [kid for kid in kids if isinstance(kid, int) and kid in items] if isinstance(kids, list) else []
        known = set(named)
        named += [kid for kid in below.get(number, []) if kid not in known]
        waiting += reversed(named)
    return [*ordered.values(), *(item for number, item in items.items() if number not in ordered)]


def _parent(item: Object) -> int | None:
    parent = item.get("parent")
    return parent if isinstance(parent, int) else None


def _draft(source: Source, story_id: str | None, story: Object) -> Draft:
    words = text_at(story, "story_text") or (text_at(story, "text") if story.get("type") != "comment" else None)
    is_story = text_at(story, "comment_text") is None and story.get("type") != "comment"
    return Draft(
        source,
        id=story_id,
        title=words_of(text_at(story, "title") or text_at(story, "story_title") or "", source.place),
        post=words_of(words or "", source.place) if is_story else "",
        post_author=(text_at(story, "by") or text_at(story, "author")) if is_story else None,
        url=_ADDRESS + story_id if story_id else None,
    )


def _add(draft: Draft, item: Object, parent_id: str | None) -> str:
    words, quoted = apart_from_quoted_lines(words_of(text_at(item, "text") or "", draft.place))
    return draft.add(
        words,
        id=text_at(item, "id"),
        author=text_at(item, "by") or text_at(item, "author"),
        time=_time(item),
        parent_id=parent_id,
        quoted=quoted,
    )


def _time(item: Object) -> Moment | None:
    stamp = item.get("time") or item.get("created_at_i")
    return parse_epoch(stamp) if stamp else parse_iso(text_at(item, "created_at") or "")
