"""A discussion on Hacker News: a table of rows, their depth told by an indent."""

from __future__ import annotations

import re

from stance.readers.draft import Draft
from stance.readers.markup import (
    Element,
    first,
    has_class,
    line_of,
    page_of,
    page_title,
    page_url,
    select,
    strings,
    text_of,
)
from stance.readers.pages.blocks import classes
from stance.readers.pages.stamps import stamps_of
from stance.readers.source import Source
from stance.readers.wording import apart_from_quoted_lines
from stance.thread import Thread

_ROWS = (
    f"//tr[{has_class('comtr')}]",
    # until 2014 rows had neither class nor id
    f"//td[{has_class('default')}][.//*[{has_class('comhead')}]]/parent::tr",
)
_WORDS = (
    f"//*[{has_class('toptext')}]",
    f"//table[{has_class('fatitem')}]//tr[not(@class)][not(.//form)][not(.//*[{has_class('subtext')}])]/td[2]",
)
_WIDTH = 40  # pixels of an indent
_COUNT = re.compile(r"(\d+)\s+comments?$")
_GONE = re.compile(r"\[(?:deleted|flagged|dead|removed)\]")


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no rows of comments."""
    page = page_of(source)
    rows = next((found for path in _ROWS if (found := select(page, path))), [])
    post = first(page, f"//table[{has_class('fatitem')}]")
    if not rows and (post is None or first(page, "//*[@id='hnmain']") is None):
        return None
    title = first(
        page, f"//*[{has_class('titleline')}]/a", f"//a[{has_class('storylink')}]", f"//td[{has_class('title')}]/a"
    )
    words = first(page, *_WORDS)
    writer = first(page, f"//*[{has_class('subtext')}]//a[starts-with(@href, 'user?id=')]")
    draft = Draft(
        source,
        title=line_of(title) or page_title(page),
        post=text_of(words) if words is not None else "",
        post_author=line_of(writer),
        url=page_url(source),
    )
    stamps = stamps_of(source)
    above: list[str] = []
    for row in rows:
        comment_id, depth = _id(row), _depth(row)
        del above[depth:]
        parent_id = above[-1] if above and depth else None
        above += [comment_id] * (depth + 1 - len(above))
        body = first(row, f".//*[{has_class('commtext')}]", f".//*[{has_class('comment')}]")
        own, quoted = apart_from_quoted_lines(text_of(body, _is_no_words))
        author = line_of(first(row, f".//*[{has_class('hnuser')}]", ".//a[starts-with(@href, 'user?id=')]"))
        if (not own and not quoted) or _GONE.fullmatch(own):
            draft.drop("deleted")
            continue
        draft.add(
            own,
            id=comment_id or None,
            author=author,
            time=stamps.of(first(row, f".//*[{has_class('age')}]")),
            parent_id=parent_id,
            quoted=quoted,
        )
    counts = (_COUNT.search(line_of(link) or "") for link in select(page, f"//*[{has_class('subtext')}]//a"))
    draft.expect(next((int(count[1]) for count in counts if count), None))
    return [draft.thread("certain", shows_parents=True)]


def _id(row: Element) -> str:
    """The number of a comment: the row's own, or that of the link to it."""
    links = strings(row, ".//a[starts-with(@href, 'item?id=')]/@href")
    return row.get("id") or next((link.removeprefix("item?id=") for link in links), "")


def _depth(row: Element) -> int:
    cell = first(row, f".//td[{has_class('ind')}]")
    told = cell.get("indent") if cell is not None else None
    if told and told.isdigit():
        return min(int(told), 1_000)
    image = first(row, f".//td[{has_class('ind')}]//img", ".//img[contains(@src, 's.gif')]")
    width = (image.get("width") or "") if image is not None else ""
    return min(int(width) // _WIDTH, 1_000) if width.isdigit() and len(width) < 6 else 0


def _is_no_words(element: Element) -> bool:
    is_old_reply = element.tag == "font" and element.get("size") == "1"
    return element.tag in ("script", "style") or "reply" in classes(element) or is_old_reply
