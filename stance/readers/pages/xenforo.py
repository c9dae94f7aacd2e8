"""A thread of XenForo, 1 and 2."""

from __future__ import annotations

import re

from stance.readers.markup import Element, first, has_class, is_furniture, line_of, page_of, select, text_of
from stance.readers.pages.blocks import Blocks, Found, Layout, classes, has_any
from stance.readers.pages.forums import forum_thread
from stance.readers.source import Source
from stance.readers.wording import one_line
from stance.thread import Thread

_BLOCKS = (
    f"//article[{has_class('message')}][starts-with(@id, 'js-post-') or starts-with(@data-content, 'post-')]"
    f" | //li[{has_class('message')}][starts-with(@id, 'post-')]"
    f" | //div[{has_class('message--deleted')}]"
)
_LAYOUT = Layout(
    author=(
        f"//*[{has_class('message-name')}]",
        f"//*[{has_class('messageUserInfo')}]//*[{has_class('username')}]",
        f"//*[{has_class('message-userDetails')}]//*[{has_class('username')}]",
        f"//*[{has_class('username')}]",
    ),
    time=(
        f"//*[{has_class('message-attribution-main')} or {has_class('message-date')}]//time",
        f"//*[{has_class('message-attribution')}]//time",
        f"//*[{has_class('messageMeta')}]//*[{has_class('DateTime')}]",
        f"//*[{has_class('datePermalink')}]",
        "//time",
    ),
    body=(
        f"//*[{has_class('message-body')}]//*[{has_class('bbWrapper')}]",
        f"//*[{has_class('message-body')}]",
        f"//blockquote[{has_class('messageText')}]",
        f"//*[{has_class('message-content')}]",
        f"//*[{has_class('messageContent')}]",
    ),
    id=re.compile(r"post-(\d+)$"),
    answered=(
        f"//*[{has_class('bbCodeBlock-title')} or {has_class('attribution')} or {has_class('bbCodeBlock-sourceJump')}]"
        "//a[contains(@href, 'post')] | "
        f"//a[{has_class('bbCodeBlock-sourceJump')} or {has_class('AttributionLink')}]",
    ),
    no_words=frozenset(
        "message-signature messageTextEndMarker message-lastEdit editDate bbCodeBlock-shrinkLink attribution-more"
        " messageNotices message-attachments attachedFiles js-unfurl".split()
    ),
    is_quote=has_any("bbCodeBlock--quote", "bbCodeQuote"),
    no_quote=frozenset("bbCodeBlock-title attribution bbCodeBlock-expandLink quoteExpand".split()),
    mention=(
        f"//*[{has_class('bbWrapper')}]/a[{has_class('username')}]",
        f"//*[{has_class('messageText')}]/a[{has_class('username')}]",
    ),
)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no posts of XenForo's."""
    page = page_of(source)
    elements = select(page, _BLOCKS)
    if not elements:
        return None
    title = first(page, f"//h1[{has_class('p-title-value')}]", f"//*[{has_class('titleBar')}]//h1")
    thread = forum_thread(
        source,
        Blocks(page, elements),
        _LAYOUT,
        title=_title(title),
        number=(
            f"//*[{has_class('message-attribution-opposite')}]//li[last()]/a[starts-with(normalize-space(.), '#')]",
            f"//a[{has_class('postNumber')}]",
        ),
        removed=_removed,
    )
    return [thread] if thread else None


def _title(heading: Element | None) -> str | None:
    """The title without the label that a forum puts before it: "Dispute", "Question"."""
    words = text_of(heading, lambda inner: has_any("label", "label-append", "prefix")(inner) or is_furniture(inner))
    return one_line(words) or line_of(heading)


def _removed(found: Found) -> str | None:
    is_deleted = {"message--deleted", "deleted"} & set(classes(found.block))
    return "deleted" if is_deleted else None
