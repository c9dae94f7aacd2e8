"""Comments as elements of a page, some within others: what belongs to each of them, and how they become a draft's.

A platform is told as a :class:`Layout`: where it puts the parts of a comment. A theme is one more path in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from stance.readers.draft import Draft
from stance.readers.markup import Element, Skip, all_words, is_furniture, line_of, select, text_of
from stance.readers.pages.stamps import Stamps

Paths: TypeAlias = tuple[str, ...]

_ID = re.compile(r"(\d+)\D*$")
#: Classes of what stands in a comment's words on many platforms and is nobody's words.
_NO_WORDS = frozenset(
    "signature sig_separator quote-controls comment-reply-link reply comment-actions edit-link comment-edit-link"
    " see-more sharedaddy screen-reader-text sr-only visually-hidden bbCodeBlock-expandLink quoteExpand".split()
)
_WROTE = re.compile(
    r"[^\n]{1,80}?\s(?:wrote|said|says|posted|schrieb|a écrit|escribió|ha scritto|schreef)\s?(?:…|\.{3})?:?\s?[↑»]?$|"
    r"Originally [Pp]osted by [^\n]{1,80}|Quote:?|Zitat:?|Citation:?"
    r"|(?:Quoting|Quote from|Zitiere|Citando(?: a)?|Citation (?:de|en provenance (?:de|du))|Citazione|Cytuję|Цитирую)"
    r" [^\n]{1,80}?:"
)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where a platform puts the parts of a comment.

    Paths are XPaths from the page's root; of several, the first that leads to something in the comment itself, not in
    one within it, counts.

    :param author: Paths of the name.
    :param time: Paths of the date.
    :param body: Paths of the words. A comment without any is no comment.
    :param id: Finds in the block's ``id``, ``data-…`` or ``name`` what names it, as its first group.
    :param answered: Paths of links whose ``href`` ends in the id of the comment answered.
    :param no_words: Classes of what stands among the words and is nobody's.
    :param is_quote: Tells the elements that hold quoted words.
    :param no_quote: Classes of what stands among quoted words and is nobody's: "X wrote:".
    :param mention: Paths of links that stand for the members they name ("@Ann").
    """

    author: Paths
    time: Paths
    body: Paths
    id: re.Pattern[str] = _ID
    answered: Paths = ()
    no_words: frozenset[str] = frozenset()
    is_quote: Skip = lambda element: element.tag == "blockquote"
    no_quote: frozenset[str] = frozenset()
    mention: Paths = ()


@dataclass(frozen=True, kw_only=True)
class Found:
    """A comment as it stands in a page.

    :param parent_id: The comment in which it stands, or to which it links.
    """

    block: Element
    id: str
    author: str | None
    stamp: Element | None
    text: str
    quoted: str
    parent_id: str | None


class Blocks:
    """The comments' elements of a page, and which part of the page belongs to which of them."""

    def __init__(self, page: Element, blocks: Iterable[Element]) -> None:
        self._page = page
        self._blocks = list(blocks)
        self._owners: dict[Element, Element | None] = {block: block for block in self._blocks}
        self._parts: dict[str, dict[Element | None, list[Element]]] = {}
        self._members = frozenset(self._blocks)

    def __iter__(self) -> Iterator[Element]:
        return iter(self._blocks)

    def __len__(self) -> int:
        return len(self._blocks)

    def __contains__(self, element: object) -> bool:
        return element in self._members

    def owner(self, element: Element | None) -> Element | None:
        """The innermost comment that an element stands in, or is."""
        way: list[Element] = []
        while element is not None and element not in self._owners:
            way.append(element)
            element = element.getparent()
        found = self._owners[element] if element is not None else None
        self._owners.update((passed, found) for passed in way)
        return found

    def above(self, block: Element) -> Element | None:
        """The comment in which another stands."""
        return self.owner(block.getparent())

    def parts(self, block: Element, path: str) -> list[Element]:
        """What a path from the page's root leads to in a comment itself, in page order."""
        if path not in self._parts:
            self._parts[path] = self.by_owner(select(self._page, path))
        return self._parts[path].get(block, [])

    def by_owner(self, elements: Iterable[Element]) -> dict[Element | None, list[Element]]:
        """Elements by the comment that each belongs to; under None those that belong to none."""
        found: dict[Element | None, list[Element]] = {}
        for element in elements:
            found.setdefault(self.owner(element), []).append(element)
        return found

    def part(self, block: Element, paths: Sequence[str]) -> Element | None:
        """The first of what the first fruitful path leads to."""
        return next((found[0] for path in paths if (found := self.parts(block, path))), None)


def found_in(blocks: Blocks, layout: Layout) -> Iterator[Found]:
    """Yield the comments of a page, those without words' place left out. One without an id is called by its place."""
    ids = {block: _id_of(block, layout.id) or str(place) for place, block in enumerate(blocks, 1)}
    for block in blocks:
        body = blocks.part(block, layout.body)
        if body is None:
            continue
        text, quoted = words_of(body, layout, blocks)
        link = blocks.part(block, layout.answered)
        answered = _ID_IN_LINK.search(link.get("href") or "") if link is not None else None
        above = blocks.above(block)
        yield Found(
            block=block,
            id=ids[block],
            author=name_of(blocks.part(block, layout.author)),
            stamp=blocks.part(block, layout.time),
            text=text,
            quoted=quoted,
            parent_id=answered[1] if answered else ids[above] if above is not None else None,
        )


_ID_IN_LINK = re.compile(r"(\d+)/?$")


def add(draft: Draft, found: Found, stamps: Stamps, *, is_post_author: bool = False) -> None:
    """Add a comment to the draft."""
    draft.add(
        found.text,
        id=found.id,
        author=found.author,
        time=stamps.of(found.stamp),
        parent_id=found.parent_id,
        is_post_author=is_post_author,
        quoted=found.quoted,
    )


def words_of(body: Element, layout: Layout, blocks: Blocks | None = None) -> tuple[str, str]:
    """A comment's own words, and apart from them what it quotes."""
    no_words = layout.no_words | _NO_WORDS
    no_quote = layout.no_quote | no_words

    def is_no_words(element: Element) -> bool:
        inner_block = blocks is not None and element in blocks and element is not body
        return inner_block or is_furniture(element) or not no_words.isdisjoint(classes(element))

    def is_no_quote(element: Element) -> bool:
        return element.tag == "cite" or is_furniture(element) or not no_quote.isdisjoint(classes(element))

    return words_apart(body, layout.is_quote, is_no_words, is_no_quote)


def words_apart(body: Element, is_quote: Skip, is_no_words: Skip, is_no_quote: Skip) -> tuple[str, str]:
    """The words of an element without what it quotes, and the quotes.

    :param is_no_words: Tells what stands among the words and is nobody's.
    :param is_no_quote: Tells what stands among quoted words and is nobody's.
    """
    quotes = _outermost(body, is_quote, is_no_words)
    if not quotes:
        return text_of(body, is_no_words), ""
    among = {*quotes, *(head for quote in quotes if (head := _head_before(quote)) is not None)}
    own = text_of(body, lambda element: element in among or is_no_words(element))
    quoted = (
        without_head(text_of(quote, is_no_quote))
        for quote in quotes
        if quote.tag == "blockquote" or not _is_line_head(quote)
    )
    return own, "\n\n".join(filter(None, quoted))


def _head_before(quote: Element) -> Element | None:
    """The "X wrote:" that some platforms put before a quote, not into it."""
    before = quote.getprevious()
    while before is not None and before.tag == "br" and not (before.tail or "").strip():
        before = before.getprevious()
    if before is None or (before.tail or "").strip():
        return None
    return before if _is_head(before) else None


def _is_line_head(element: Element) -> bool:
    """Whether what is marked as a quote is but the line above one."""
    return element.tag in ("span", "p", "cite", "b", "strong") and _is_head(element)


def _is_head(element: Element) -> bool:
    words = all_words(element).strip()
    return len(words) <= 100 and _WROTE.fullmatch(words) is not None


def without_head(quoted: str) -> str:
    """Quoted words without the "X wrote:" above them."""
    for _ in range(3):  # "Quote:", and below it "Originally posted by X"
        first, _, rest = quoted.partition("\n")
        if not rest or not _WROTE.fullmatch(first.strip()):
            break
        quoted = rest.lstrip("\n")
    return quoted


def quotes_in(body: Element, layout: Layout) -> list[Element]:
    """The quotes in a comment's words, without those in one another."""
    return _outermost(body, layout.is_quote, is_furniture)


def _outermost(body: Element, is_wanted: Skip, skip: Skip) -> list[Element]:
    from lxml import etree

    found: list[Element] = []
    walk = etree.iterwalk(body, events=("start",))
    for _, element in walk:
        if element is body:
            continue
        is_element = isinstance(element.tag, str)
        if is_element and is_wanted(element):
            found.append(element)
            walk.skip_subtree()
        elif not is_element or skip(element):
            walk.skip_subtree()
    return found


def classes(element: Element) -> list[str]:
    """The classes of an element."""
    return (element.get("class") or "").split()


def has_any(*names: str) -> Skip:
    """A test for elements with one of some classes."""
    wanted = frozenset(names)
    return lambda element: not wanted.isdisjoint(classes(element))


def name_of(element: Element | None) -> str | None:
    """A name, without the words that platforms hang on it."""
    name = line_of(element) if element is not None else None
    return (_AROUND_A_NAME.sub("", name).strip() or None) if name else None


_AROUND_A_NAME = re.compile(
    r"^(?:by|posted by|from|@(?=\w+$))\s?|\s?(?:says|said|wrote|commented)?\s?(?:\.{3}|…|:)?$", re.I
)


def _id_of(block: Element, pattern: re.Pattern[str]) -> str | None:
    told = (block.get(name) for name in ("id", "data-comment-id", "data-post-id", "data-id", "data-node-id", "thingid"))
    matches = (pattern.search(text) for text in told if text)
    return next((match[1] for match in matches if match), None)
