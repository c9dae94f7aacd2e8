"""A page in which no format is recognised: its article as one block, and a word of warning."""

from __future__ import annotations

from stance.readers.draft import Draft
from stance.readers.markup import page_of, page_title, page_url, text_of
from stance.readers.source import Source
from stance.thread import Thread

_MOST_ELEMENTS = 50_000  # above it, telling the article from the rest would take seconds; no page has as many


def read(source: Source) -> list[Thread]:
    """Take the article's text as the post; where there is no article, all the page's words."""
    page = page_of(source)
    title, url = page_title(page), page_url(source)
    article = _article(source.text) if sum(1 for _ in page.iter()) <= _MOST_ELEMENTS else None
    draft = Draft(source, title=title, post=(article or text_of(page)).removeprefix(title), url=url)
    draft.doubt("no comments were recognised in this page; its text is taken as the post")
    return [draft.thread("doubtful")]


def _article(text: str) -> str | None:
    import trafilatura

    found: str | None = trafilatura.extract(text, include_comments=False, include_tables=False)
    return found
