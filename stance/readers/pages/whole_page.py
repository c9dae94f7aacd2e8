"""A page in which no format is recognised: its article as one block, and a word of warning."""

from __future__ import annotations

from stance.readers.draft import Draft
from stance.readers.markup import page_of, page_title, page_url, text_of
from stance.readers.pages.articles import article_author, article_of, extracted
from stance.readers.source import Source
from stance.thread import Thread


def read(source: Source) -> list[Thread]:
    """Take the article's text as the post; where there is no article, all the page's words."""
    page = page_of(source)
    title, url = page_title(page), page_url(source)
    article, marked = extracted(source) or "", article_of(source, guess=False)
    if len(marked) * 2 > len(article):  # where the page says its article stands there are no bylines and dates among it
        article = marked
    post = (article or text_of(page)).removeprefix(title)
    draft = Draft(source, title=title, post=post, post_author=article_author(page), url=url)
    draft.doubt("no comments were recognised in this page; its text is taken as the post")
    return [draft.thread("doubtful")]
