"""Comments that a page tells machines of: schema.org's Comment in JSON-LD or in microdata.

Also the older ``UserComments``, and the answers of a ``QAPage``. As pages rarely tell machines all that they show, the
reader of a known platform is heard first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stance.readers.draft import Draft
from stance.readers.json_values import Object, at, text_at
from stance.readers.markup import Element, fragment_of, page_of, page_title, page_url, select, text_of
from stance.readers.pages.articles import article_author, article_of
from stance.readers.pages.blocks import Blocks, Layout, add, found_in
from stance.readers.pages.linked_data import linked_values, name_in
from stance.readers.pages.stamps import Stamps, stamps_of
from stance.readers.source import Source
from stance.readers.wording import unescaped
from stance.thread import Thread

_COMMENTS = frozenset(["Comment", "UserComments", "Answer"])
_HOLDERS = ("comment", "comments", "acceptedAnswer", "suggestedAnswer", "replies")
_DEEPEST = 50  # comments in one another, and graphs
_MARKUP = re.compile(r"</?(?:p|br|div|a|b|i|em|strong|blockquote|span|ul|ol|li)\b[^<>]{0,500}>", re.I)
_TYPES = "@itemtype='{0}://schema.org/Comment' or @itemtype='{0}://schema.org/UserComments' or @itemtype='{0}://schema.org/Answer'"
_BLOCKS = f"//*[{_TYPES.format('http')} or {_TYPES.format('https')}]"
_NAMED = "[not(self::meta)]"
_LAYOUT = Layout(
    author=(
        "//*[@itemprop='author' or @itemprop='creator']//*[@itemprop='name']",
        "//*[@itemprop='author' or @itemprop='creator']",
    ),
    time=(
        "//*[@itemprop='dateCreated' or @itemprop='datePublished' or @itemprop='commentTime']",
        "//time",
    ),
    body=("//*[@itemprop='text']", "//*[@itemprop='commentText']", "//*[@itemprop='description']"),
    answered=("//a[@itemprop='parentItem'] | //link[@itemprop='parentItem']", "//*[@itemprop='parentItem']//a"),
    id=re.compile(r"(\d+)$"),
)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it tells of no comments."""
    page = page_of(source)
    blocks = Blocks(page, select(page, _BLOCKS))
    in_markup = [found for found in found_in(blocks, _LAYOUT) if found.text or found.quoted]
    values = linked_values(page)
    in_script = [] if in_markup else list(_comments(values))
    if not in_markup and not in_script:
        return None
    draft, stamps = _draft(source, page, values), stamps_of(source)
    for found in in_markup:
        add(draft, found, stamps)
    for comment, parent_id in in_script:
        _add(draft, comment, parent_id, stamps)
    announced = _announced(values)
    draft.expect(announced)
    if in_script and announced != len(draft.comments):
        draft.doubt("the comments are those that the page tells machines of; it may show others")
        return [draft.thread("doubtful")]
    return [draft.thread("likely")]


def _draft(source: Source, page: Element, values: list[Object]) -> Draft:
    subject: Object = next((value for value in values if _is_subject(value)), {})
    headline = text_at(subject, "headline") or text_at(subject, "name")
    told = text_at(subject, "articleBody") or text_at(subject, "text")
    return Draft(
        source,
        title=unescaped(headline) if headline else page_title(page),
        post=_plain(told, source.place) if told else article_of(source),
        post_author=name_in(subject, "author") or article_author(page),
        url=page_url(source) or text_at(subject, "url"),
    )


def _is_comment(value: Object) -> bool:
    kinds = value.get("@type")
    return not _COMMENTS.isdisjoint(map(str, kinds) if isinstance(kinds, list) else [str(kinds)])


def _is_subject(value: Object) -> bool:
    return not _is_comment(value) and any(value.get(key) for key in _HOLDERS)


def _comments(values: list[Object]) -> Iterator[tuple[Object, str | None]]:
    """Yield the comments that objects hold or are, each with the id of the one that holds it."""
    seen: set[int] = set()
    numbers = iter(range(1, 1_000_000))
    for value in values:
        yield from _within(value, None, 0, seen, numbers)


def _within(
    value: Object, parent_id: str | None, depth: int, seen: set[int], numbers: Iterator[int]
) -> Iterator[tuple[Object, str | None]]:
    if id(value) in seen or depth > _DEEPEST:
        return
    seen.add(id(value))
    own_id = parent_id
    if _is_comment(value) and (
        text_at(value, "text") or text_at(value, "commentText") or text_at(value, "description")
    ):
        own_id = _id(value) or str(next(numbers))
        value["@id"] = own_id
        yield value, _answered(value) or parent_id
    for key in _HOLDERS:
        held = value.get(key)
        for item in held if isinstance(held, list) else [held]:
            if isinstance(item, dict):
                yield from _within(item, own_id, depth + 1, seen, numbers)


def _id(value: Object) -> str | None:
    """The last part of what names a comment, which is the same in its own address and in a reference to it."""
    told = text_at(value, "@id") or text_at(value, "identifier") or text_at(value, "url")
    match = _LAST_PART.search(told) if told else None
    return match[1] if match else told


_LAST_PART = re.compile(r"(?<![\w-])(?=[\w-]*\d)([\w-]++)/?$")


def _answered(value: Object) -> str | None:
    parent = value.get("parentItem")
    parent = {"@id": parent} if isinstance(parent, str) else parent
    if not isinstance(parent, dict) or (parent.get("@type") and not _is_comment(parent)):
        return None
    return _id(parent)


def _add(draft: Draft, comment: Object, parent_id: str | None, stamps: Stamps) -> None:
    text = text_at(comment, "text") or text_at(comment, "commentText") or text_at(comment, "description") or ""
    time = text_at(comment, "dateCreated") or text_at(comment, "datePublished") or text_at(comment, "commentTime")
    draft.add(
        _plain(text, draft.place),
        id=text_at(comment, "@id"),
        author=name_in(comment, "author") or name_in(comment, "creator"),
        time=stamps.when(time) if time else None,
        parent_id=parent_id,
    )


def _plain(text: str, place: str) -> str:
    """Words that may have come with markup, or with entities only."""
    if _MARKUP.search(text):
        return text_of(fragment_of(text, place))
    return unescaped(text)


def _announced(values: list[Object]) -> int | None:
    counts = (at(value, "commentCount") for value in values if _is_subject(value))
    told = next((str(count) for count in counts if count is not None), "")
    return int(told) if told.isdigit() and len(told) < 9 else None
