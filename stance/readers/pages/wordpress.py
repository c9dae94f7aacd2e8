"""A post on WordPress with its comments: lists as ``wp_list_comments`` and the themes write them.

Classic themes since Kubrick, the yearly ones (Twenty Ten to Twenty Twenty-Five), the block editor's comments, Genesis
and wpDiscuz.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace

from stance.readers.draft import Draft
from stance.readers.markup import Element, first, has_class, line_of, page_of, page_title, page_url, select, text_of
from stance.readers.pages.articles import article_author, article_of
from stance.readers.pages.blocks import Blocks, Found, Layout, add, classes, found_in
from stance.readers.pages.stamps import stamps_of
from stance.readers.source import Source
from stance.thread import Thread

_LISTS = " or ".join(
    has_class(name)
    for name in (
        "commentlist comment-list comments-list wp-block-comment-template commentslist comment_list wpd-thread-list"
        " comments-template ast-comment-list"
    ).split()
)
_IS_COMMENT = (
    f"(self::li or self::div or self::article) and not({has_class('comment-body')})"
    f" and (starts-with(@id, 'comment-') or starts-with(@id, 'li-comment-') or starts-with(@id, 'wpd-comm-')"
    f" or ({has_class('comment')} and (self::li or {has_class('wpd-comment')}))"
    f" or {has_class('pingback')} or {has_class('trackback')})"
)
# A cheap condition that all lists fulfil goes before the dear ones, here and below.
_BLOCKS = (
    f"//*[(contains(@class, 'omment') or contains(@class, 'wpd')) and ({_LISTS}) or @id='commentlist']"
    f"//*[{_IS_COMMENT}]"
)
_HEADS = f"//dl[@id='comment_list' or @id='commentlist' or {_LISTS}]/dt"  # Thesis
_LAYOUT = Layout(
    author=(
        f"//*[{has_class('fn')}]",
        f"//*[{has_class('wp-block-comment-author-name')}]",
        f"//*[{has_class('wpd-comment-author')}]",
        "//cite",
        f"//*[{has_class('comment-author')}]//*[@itemprop='name']",
        f"//*[{has_class('comment_author')}]",
        f"//*[{has_class('comment-author-name')} or {has_class('comment-author-link')} or {has_class('author-name')}]",
        f"//*[{has_class('comment-author')}]",
        f"//*[{has_class('author')}]",
    ),
    time=(
        "//time",
        f"//*[{has_class('wpd-comment-date')}]",
        f"//*[{has_class('wp-block-comment-date')}]",
        f"//*[{has_class('comment-metadata')}]//a",
        f"//*[{has_class('commentmetadata')}]//a[1]",
        f"//*[{has_class('comment-meta')}]//a[contains(@href, '#')]",
        f"//*[{has_class('comment_date')}]",
        f"//*[{has_class('comment-date')} or {has_class('comment-time')} or {has_class('date')}]",
        f"//*[{has_class('commentmetadata')}]",
        f"//*[{has_class('comment-meta')}]",
    ),
    body=(
        f"//*[{has_class('wpd-comment-text')}]",
        f"//*[{has_class('wp-block-comment-content')}]",
        f"//*[{has_class('comment-content')}]",
        f"//*[{has_class('comment-text')} or {has_class('comment_text')} or {has_class('commenttext')}]",
        f"//*[{has_class('comment-entry')} or {has_class('comment-copy')}]",
        f"//*[{has_class('comment-body')}]",
        # themes put their own names before it: "ast-comment-content"
        "//*[contains(@class, '-comment-content') or contains(@class, '-comment-text')"
        " or contains(@class, 'comment__content') or contains(@class, 'comment__text')]",
        f"//*[{_IS_COMMENT}]",  # Kubrick: the words stand in the list item itself
    ),
    id=re.compile(r"comm(?:ent)?-(\d+)"),
    no_words=frozenset(
        "comment-author comment-meta commentmetadata comment-metadata says comment-awaiting-moderation children"
        " comment-likes comment-like jetpack-comment-likes-widget-wrapper comment-reply-title comment-footer"
        " comment-header wpd-comment-footer wpd-comment-header wp-block-comment-reply-link avatar comment-avatar"
        " comment-reply comment-rating cld-like-dislike-wrap ts-fab-wrapper wpulike comment-notes bypostauthor-badge"
        " comment-date comment-permalink commentnumber comment-number gravatar".split()
    ),
)
_OTHERS = (
    "//meta[@name='generator' or @name='Generator'][contains(@content, 'Joomla') or contains(@content, 'Drupal')"
    " or contains(@content, 'Ghost') or contains(@content, 'typepad') or contains(@content, 'Movable Type')"
    f" or contains(@content, 'TYPO3')] | //div[@id='jc' or {has_class('squarespace-comments')}]"
)
_SAYS = re.compile(r"^(?:\d{1,4}[.)]?\s)?\s*+(?:says|said|schreibt|dit|dice|zegt|escribió|sagt)?\s*+:?\s*+", re.I)
_PINGBACK = re.compile(r"(?:(?:Ping|Track)back\s?(?:: |by\b|from\b|\n)|\[(?:…|\.{3})\].*\[(?:…|\.{3})\]$)", re.I | re.S)
_WAITING = re.compile(r"Your comment is awaiting moderation\.?[^\n]*\n*")
_COUNT = re.compile(
    r"\b(\d[\d,.]*|One|No) (?:thoughts?|responses?|comments?|replies|reply|Kommentare?n?|Gedanken?|commentaires?)\b",
    re.I,
)
_TITLE = f"//*[contains(@class, 'title')][{has_class('entry-title')} or {has_class('wp-block-post-title')}]"
_OLD_TITLE = f"//div[{has_class('post')}]/h2[1]"
_HEADINGS = (
    "//*[contains(@class, 'title') or contains(@class, 'heading')]"
    f"[{has_class('comments-title')} or {has_class('wp-block-comments-title')} or {has_class('comment-title')}"
    f" or {has_class('comments-heading')}]",
    "//h3[@id='comments' or @id='comments-title'] | //h2[@id='comments' or @id='comments-title']",
    "//*[@id='comments']//h2 | //*[@id='comments']//h3",
)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no comment list of WordPress's, or says that other software made it."""
    page = page_of(source)
    blocks = comment_blocks(page) or _defined(page)
    if not blocks or first(page, _OTHERS) is not None:
        return None
    draft = Draft(
        source,
        title=line_of(first(page, _TITLE, _OLD_TITLE)) or page_title(page),
        post=article_of(source, "//*[@class='entry']", f"//*[{has_class('post')}]//*[{has_class('entry')}]"),
        post_author=article_author(page),
        url=page_url(source),
    )
    stamps = stamps_of(source)
    n_pingbacks = 0
    for found in found_in(blocks, _LAYOUT):
        kinds = classes(found.block)
        text = _WAITING.sub("", found.text)
        if blocks.part(found.block, _LAYOUT.body) is found.block:
            text = _without_head(found, text)
        if {"pingback", "trackback"} & set(kinds) or _PINGBACK.match(text):
            n_pingbacks += 1
            draft.drop("pingback")
            continue
        if not text and not found.author:
            continue
        add(draft, replace(found, text=text), stamps, is_post_author="bypostauthor" in kinds)
    if not draft.comments and not any(blocks.part(block, _LAYOUT.author) is not None for block in blocks):
        return None  # anchors by the same names
    if sum(comment.author is None for comment in draft.comments) * 2 > len(draft.comments):
        return None  # a list by the same names, but of other software
    draft.expect(_announced(page, n_pingbacks))
    return [draft.thread("certain")]


def comment_blocks(page: Element) -> Blocks:
    """The comments' list items; of a list item and the article in it that both are marked, the outer one."""
    marked = select(page, _BLOCKS)
    among = set(marked)
    return Blocks(
        page,
        [
            block
            for block in marked
            if block.tag == "li" or "wpd-comment" in classes(block) or _item_around(block) not in among
        ],
    )


def _defined(page: Element) -> Blocks:
    """The comments of a list of ``dt`` with name and date and ``dd`` with words, each pair put into one element."""
    from lxml import etree

    around = etree.Element("div")
    for head in select(page, _HEADS):
        words = head.getnext()
        if words is None or words.tag != "dd":
            continue
        item = etree.SubElement(around, "article", {"class": head.get("class") or "", "id": head.get("id") or ""})
        etree.SubElement(item, "header", {"class": "comment-header"}).extend(deepcopy(list(head)))
        body = etree.SubElement(item, "div", {"class": "comment-content"})
        body.text = words.text
        body.extend(deepcopy(list(words)))
    return Blocks(around, list(around))


def _item_around(block: Element) -> Element | None:
    """The comment whose ``article`` or ``div`` a block is, without another list between."""
    for above in block.iterancestors():
        if above.tag == "li" or "wpd-comment" in classes(above):
            return above
        if above.tag in ("ol", "ul"):
            return None
    return None


def _without_head(found: Found, text: str) -> str:
    """Kubrick's item, whose name and date stand among its words without a class."""
    head = first(found.block, "./cite", "./div/cite", "./p/cite")
    small = found.stamp
    for part in (head, small):
        words = text_of(part)
        if words and text.startswith(words):
            text = _SAYS.sub("", text[len(words) :].lstrip("\n "), count=1).strip()
    return text


def _announced(page: Element, n_pingbacks: int) -> int | None:
    heading = first(page, *_HEADINGS)
    match = _COUNT.search(line_of(heading) or "") if heading is not None else None
    if match is None:
        return None
    word = match[1].casefold()
    return {"one": 1, "no": 0}.get(word) if word.isalpha() else int(re.sub(r"\D", "", word))
