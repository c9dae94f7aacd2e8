"""The article or post that a page's comments are about."""

from __future__ import annotations

import copy
import re
from collections.abc import Container, Iterable

from stance.readers.markup import Element, first, has_class, is_furniture, line_of, page_of, select, text_of
from stance.readers.pages.blocks import classes
from stance.readers.pages.linked_data import linked_values, name_in
from stance.readers.source import Source

_LEFT_OUT = "data-left-out"
_MOST_ELEMENTS = 15_000  # of a page whose article is sought; above it, that would take seconds
_FEW_ELEMENTS = 4_000  # of a page on which all of trafilatura's ways are tried; some are quadratic
_BODIES = (
    "//*[@itemprop='articleBody']",
    *(
        f"//*[{has_class(name)}]"
        for name in (
            "entry-content wp-block-post-content post-content article-body article__body article-content"
            " content__article-body story-body article-text post-body td-post-content"
            " article-body-commercial-selector articleBody storyBody articleText available-content gh-content"
            " entry-body field-name-body field--name-body node-body"
        ).split()
    ),
    "//*[@id='article-body' or @id='articleBody' or @id='js-article-text' or @data-gu-name='body']",
    "//article",
)
_FURNITURE = frozenset(
    "sharedaddy jp-relatedposts sd-sharing post-ratings wpcnt yarpp related-posts related share-buttons social-share"
    " article-share post-navigation nav-links entry-meta entry-footer post-meta postmetadata author-box"
    " newsletter-signup"
    " advert ad"
    " comments comments-area comment-list commentlist submeta element-rich-link read-more read-more-links byline"
    " article-byline entry-header story-date article-date post-date entry-date date-stamp share-help share-tools"
    " articleInfo subscription-widget-wrap speechify-ignore breadcrumbs breadcrumb tags"
    " entry-tags post-tags mar-article-actions".split()
)
_NAMES = (
    "//meta[@name='author']",
    "//meta[@property='article:author']",
    f"//*[{has_class('entry-author')}]//*[{has_class('fn')}]",
    "//*[@rel='author']",
    "//*[@itemprop='author'][not(ancestor::*[contains(@itemtype, 'Comment')])]//*[@itemprop='name']",
    "//*[@itemprop='author'][not(ancestor::*[contains(@itemtype, 'Comment')])]",
    f"//*[{has_class('author')}][not(ancestor::*[{has_class('comment')}])]//*[{has_class('fn')}]",
)
_MADE_BY = (  # Drupal's, in RDFa and without
    "//*[@rel='sioc:has_creator' or @property='schema:author' or @rel='schema:author']/descendant-or-self::*/a",
    f"//*[{has_class('submitted')}]//*[{has_class('username')}]",
)
_SIGNED = " or ".join(
    has_class(name)
    for name in (
        "author author-name author__name article-author article__author post-author entry-author byline-author"
        " byline__name gh-article-author-name"
    ).split()
)
_IN_AN_ARTICLE = (
    f"//*[contains(@class, 'author') or contains(@class, 'byline')][{_SIGNED}][ancestor::article or ancestor::header"
    f" or ancestor::*[{has_class('hentry')} or {has_class('article')}]]"
)
_POSTED = (
    "//*[contains(@class, 'footer') or contains(@class, 'submitted') or contains(@class, 'byline')]"
    f"[{has_class('post-footers')} or {has_class('entry-footer')} or {has_class('submitted')}"
    f" or {has_class('byline')}]"
)
# Whether anything of these stands outside the list of comments, which holds most of a long page.
_PERHAPS_SIGNED = (
    "//*[contains(@class, 'author') or contains(@class, 'byline') or contains(@class, 'submitted')"
    " or contains(@class, 'footer') or @rel='sioc:has_creator' or @property='schema:author' or @rel='schema:author']"
    "[not(ancestor-or-self::*[contains(@class, 'comment')])]"
)
_POSTED_BY = re.compile(r"(?:Posted|Submitted|Written|Published) by (\S[^|,\n]{0,60}?)(?: on | at |,|\||\n|$)", re.I)
_NO_ARTICLE = re.compile(
    r"comment|repl(?:y|ies)|response|related|sidebar|widget|teaser|recent|popular|read-?more", re.I
)
_COMMENTS = re.compile(r"\b(?:comments?|disqus_thread|respond|discussion|responses|comment-?list)\b", re.I)
_BY = re.compile(r"^(?:by|words by|posted by|written by)\s", re.I)


def article_of(source: Source, *paths: str, guess: bool = True) -> str:
    """The words of the article: from where the platform puts them, else by trafilatura.

    :param paths: Where the platform puts them, before the places that are tried on every page.
    :param guess: Whether to ask trafilatura; not where the page may hold comments only.
    """
    page = page_of(source)
    for path in (*paths, *_BODIES):
        found = select(page, path)
        if 1 <= len(found) <= 3 and (text := text_of(found[0], is_no_article)):
            return text
    return (guess and extracted(source)) or ""


def extracted(source: Source) -> str | None:
    """What trafilatura takes for the article; asked once."""
    return source.once(_extracted)


def _extracted(source: Source) -> str | None:
    return _extract(source.text, sum(1 for _ in page_of(source).iter()))


def _extract(markup: str, n_elements: int) -> str | None:
    if n_elements > _MOST_ELEMENTS:
        return None
    import trafilatura

    found: str | None = trafilatura.extract(
        markup, include_comments=False, include_tables=False, fast=n_elements > _FEW_ELEMENTS
    )
    return found


def extracted_without(source: Source, blocks: Iterable[Element]) -> str:
    """What trafilatura takes for the article where some blocks are known to be none of it."""
    from lxml import etree

    page = page_of(source)
    left_out = list(blocks)
    for block in left_out:
        block.set(_LEFT_OUT, "")
    rest = copy.deepcopy(page)
    for block in left_out:
        del block.attrib[_LEFT_OUT]
    for block in select(rest, f"//*[@{_LEFT_OUT}][not(ancestor::*[@{_LEFT_OUT}])]"):
        above = block.getparent()
        if above is not None:
            above.remove(block)
    n_elements = sum(1 for _ in rest.iter())
    return _extract(etree.tostring(rest, encoding="unicode", method="html"), n_elements) or ""


def article_author(page: Element, comments: Container[Element] = ()) -> str | None:
    """Who wrote the article, where the page marks the name as such.

    :param comments: Blocks that are known to be none of the article.
    """
    for path in _NAMES:
        element = first(page, path)
        told = (element.get("content") or line_of(element) or "") if element is not None else ""
        if name := _name_in(told):
            return name
    for value in linked_values(page):
        if "headline" in value or "articleBody" in value:
            return name_in(value, "author")
    if first(page, _PERHAPS_SIGNED) is None:
        return None
    for path in (*_MADE_BY, _IN_AN_ARTICLE):
        names = {_name_in(line_of(element) or "") for element in select(page, path) if _is_outside(element, comments)}
        if len(names) == 1:  # of several, as in lists of articles, none is this one's
            return names.pop()
    posted = (_POSTED_BY.match(line_of(place) or "") for place in select(page, _POSTED) if _is_outside(place, comments))
    names = {match[1] for match in posted if match}
    return names.pop() if len(names) == 1 else None


def _name_in(told: str) -> str | None:
    name = _BY.sub("", told.strip())
    return name if name and len(name) <= 80 and not name.startswith(("http:", "https:")) else None


def _is_outside(element: Element, comments: Container[Element]) -> bool:
    """Whether an element stands in no comment, and in no list of other articles."""
    return not any(
        above in comments
        or above.tag in ("aside", "nav")
        or _NO_ARTICLE.search(f"{above.get('class') or ''} {above.get('id') or ''}")
        for above in element.iterancestors()
        if above.tag not in ("body", "html", "main")
    )


def is_no_article(element: Element) -> bool:
    """Whether an element in an article is none of its words: shares, tags, related articles, comments."""
    if is_furniture(element) or element.tag in ("nav", "aside", "footer", "header", "figure", "h1"):
        return True
    return not _FURNITURE.isdisjoint(classes(element)) or _COMMENTS.fullmatch(element.get("id") or "") is not None
