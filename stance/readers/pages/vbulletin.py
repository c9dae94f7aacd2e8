"""A thread of vBulletin: 3 (tables), 4 (lists) and 5."""

from __future__ import annotations

import re

from stance.readers.markup import Element, first, has_class, line_of, page_of, select
from stance.readers.pages.blocks import Blocks, Found, Layout, has_any
from stance.readers.pages.forums import forum_thread
from stance.readers.source import Source
from stance.thread import Thread

_BLOCKS = (
    # 5
    f"//li[{has_class('b-post')}] | //div[{has_class('b-post')}][@data-node-id]",
    # 4
    f"//li[starts-with(@id, 'post_')]"
    f"[{has_class('postcontainer')} or {has_class('postbit')} or {has_class('postbitlegacy')}]",
    # 3: the table, or where a theme has none, what holds both name and message
    "//table[starts-with(@id, 'post') and not(starts-with(@id, 'post_thanks'))]"
    "[.//*[starts-with(@id, 'post_message_')]]",
    "//div[starts-with(@id, 'edit')][.//*[starts-with(@id, 'post_message_')]]",
)
_LAYOUT = Layout(
    author=(
        f"//*[{has_class('author')}]//a | //*[{has_class('b-userinfo__details')}]//a",
        f"//*[{has_class('username')}]",
        f"//*[{has_class('bigusername')}]",
        "//*[starts-with(@id, 'postmenu_')]",
        f"//*[{has_class('author')}]",
    ),
    time=(
        f"//*[{has_class('b-post__timestamp')}]//time",
        f"//*[{has_class('postdate')}]",
        f"//*[{has_class('b-post__timestamp')}]",
        "//td[starts-with(@id, 'currentPost')]",
        f"//td[{has_class('thead')}][.//a[starts-with(@name, 'post')]]",
        f"//td[{has_class('thead')}]",
    ),
    body=(
        f"//*[{has_class('js-post__content-text')}]",
        f"//*[starts-with(@id, 'post_message_')]//blockquote[{has_class('postcontent')}]",
        "//*[starts-with(@id, 'post_message_')]",
    ),
    id=re.compile(r"^(?:post_?|edit)?(\d+)$"),
    answered=(
        f"//*[{has_class('bbcode_postedby')}]//a[contains(@href, 'post')]",
        "//td//a[@rel='nofollow'][contains(@href, '#post')] | //td//div/a[contains(@href, '#post')][img]",
    ),
    no_words=frozenset("signature signaturecontainer b-post__signature editnote lastedited bbcode_description".split()),
    is_quote=lambda element: has_any("bbcode_quote")(element) or _is_old_quote(element),
    no_quote=frozenset("bbcode_postedby bbcode_quote_container".split()),
    mention=(f"//a[{has_class('b-bbcode-user')}]",),
)
_ATTRIBUTION = re.compile(r"^(?:Quote|Zitat|Citation|Originally Posted)", re.I)
_GONE = re.compile(
    r"This (?:message|post) (?:has been deleted|is hidden because|was deleted)|\[?(?:Post|Message) deleted", re.I
)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no thread of vBulletin's."""
    page = page_of(source)
    for path in _BLOCKS:
        elements = _outer(select(page, path))
        thread = elements and forum_thread(
            source,
            Blocks(page, elements),
            _LAYOUT,
            title=line_of(
                first(
                    page,
                    f"//*[{has_class('threadtitle')}]",
                    f"//h1[{has_class('main-title')} or {has_class('b-module__title')}]",
                    f"//td[{has_class('navbar')}]/strong",
                    f"//*[{has_class('lastnavbit')}]",
                )
            ),
            number=(
                f"//a[{has_class('b-post__count')}]",
                f"//a[{has_class('postcounter')}]",
                "//a[starts-with(@id, 'postcount')]",
            ),
            removed=_removed,
        )
        if thread:
            return [thread]
    return None


def _outer(elements: list[Element]) -> list[Element]:
    among = set(elements)
    return [element for element in elements if not any(above in among for above in element.iterancestors())]


def _is_old_quote(element: Element) -> bool:
    """vBulletin 3 writes a quote as a ``div`` with "Quote:" in small type and a table of one cell."""
    if element.tag != "div" or "margin" not in (element.get("style") or ""):
        return False
    head = element.find("div")
    is_headed = head is not None and _ATTRIBUTION.match(line_of(head) or "") is not None
    return is_headed and element.find("table") is not None


def _removed(found: Found) -> str | None:
    return "deleted" if _GONE.match(found.text) else None
