"""A topic of phpBB: prosilver and its children (phpBB 3), subsilver2 (phpBB 3.0), subSilver (phpBB 2)."""

from __future__ import annotations

import re
from dataclasses import replace

from stance.readers.draft import Draft
from stance.readers.markup import Element, first, has_class, line_of, page_of, page_title, page_url, select, text_of
from stance.readers.pages.blocks import Blocks, Found, Layout, found_in, has_any, name_of, without_head
from stance.readers.pages.forums import forum_thread
from stance.readers.pages.stamps import stamps_of
from stance.readers.source import Source
from stance.thread import Thread

_POST = (
    f"//div[starts-with(@id, 'p') and {has_class('post')}] | //div[{has_class('post')}][.//*[{has_class('postbody')}]]"
)
_TABLE_POST = f"//table[{has_class('tablebg')}][.//*[{has_class('postauthor')}] and .//div[{has_class('postbody')}]]"
_OLD_POST = f"//tr[td/span[{has_class('name')}] and .//span[{has_class('postbody')}]]"
_TITLE = (
    f"//*[{has_class('topic-title')}]",
    "//h2[a[contains(@href, 'viewtopic')]]",
    f"//a[{has_class('titles')}]",
    f"//a[{has_class('maintitle')}]",
)
_LAYOUT = Layout(
    author=(
        f"//p[{has_class('author')}]//*[{has_class('username')} or {has_class('username-coloured')}]",
        f"//*[{has_class('postauthor')}]",
        f"//*[{has_class('postprofile')}]//*[{has_class('username')} or {has_class('username-coloured')}]",
        f"//p[{has_class('author')}]//strong",
        f"//*[{has_class('postprofile')}]//dt",
        f"//*[{has_class('username')} or {has_class('username-coloured')}]",
    ),
    time=(
        f"//p[{has_class('author')}]//time",
        f"//*[{has_class('postbody')}]//time",
        f"//p[{has_class('author')}]",
        f"//td[{has_class('gensmall')}]//b[contains(., 'Posted')]/..",
        f"//*[{has_class('post-date')} or {has_class('postdate')}]",
    ),
    body=(
        f"//div[{has_class('content')} and not({has_class('inner')})]",
        f"//div[{has_class('postbody')}]",
    ),
    id=re.compile(r"^(?:p|post_?content|post)?(\d+)$"),
    answered=(
        f"//blockquote//cite//a[contains(@href, '#p')] | //*[{has_class('quotetitle')}]//a[contains(@href, '#p')]",
    ),
    no_words=frozenset(
        "signature notice attachbox inline-attachment post-buttons author postprofile back2top sig rules codebox_head"
        " quotetitle first".split()
    ),
    is_quote=lambda element: element.tag == "blockquote" or has_any("quotecontent", "quote")(element),
    no_quote=frozenset(["quotetitle", "codebox_head"]),
)
_OLD_LAYOUT = Layout(
    author=(f"//span[{has_class('name')}]",),
    time=(
        f"//span[{has_class('postdetails')}][contains(., 'Posted:') or contains(., 'Verfasst am:')]",
        f"//span[{has_class('postdetails')}][contains(., ':')][contains(., '20') or contains(., '19')]",
    ),
    body=(f"//span[{has_class('postbody')}]",),
)
_POSTED = re.compile(
    r"(?:by .{1,60}? » |Posted:?\s?|Verfasst am:?\s?)?(.{8,60}?)(?:\s{1,3}(?:Post subject|Titel):.*)?$", re.S
)
_SIGNATURE = re.compile(r"(?:^|\n)[ \t]{0,20}_{10,60}[ \t]{0,20}(?:\n.*)?$", re.S)
_EDITED = re.compile(r"\nLast edited by [^\n]{1,200}$")
_GONE = re.compile(
    r"(?:This post (?:was deleted|has been deleted|was made by .{1,60} who is currently on your ignore)"
    r"|\[?Post deleted)",
    re.I,
)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no topic of phpBB's."""
    page = page_of(source)
    if _is_phpbb(page):
        for path in (_POST, _TABLE_POST):
            posts = _outer(select(page, path))
            blocks = Blocks(page, posts)
            layout = replace(_LAYOUT)
            thread = posts and forum_thread(
                source,
                blocks,
                layout,
                title=line_of(first(page, *_TITLE)),
                number=(f"//*[{has_class('post-number')} or {has_class('postnumber')}]",),
                removed=_removed,
            )
            if thread:
                return [thread]
    return _read_old(source, page)


def _is_phpbb(page: Element) -> bool:
    return (
        first(
            page,
            "//body[@id='phpbb']",
            "//a[contains(@href, 'phpbb.com')]",
            "//*[contains(@href, 'viewtopic.php')]",
            f"//*[{has_class('postprofile')}]",
        )
        is not None
    )


def _outer(posts: list[Element]) -> list[Element]:
    among = set(posts)
    return [post for post in posts if not any(above in among for above in post.iterancestors())]


def _removed(found: Found) -> str | None:
    return "deleted" if _GONE.match(found.text) else None


def _read_old(source: Source, page: Element) -> list[Thread] | None:
    """A topic of phpBB 2, where quotes are tables between the pieces of a post."""
    rows = select(page, _OLD_POST)
    if not rows:
        return None
    blocks = Blocks(page, rows)
    stamps = stamps_of(source)
    draft = Draft(
        source, title=line_of(first(page, f"//a[{has_class('maintitle')}]")) or page_title(page), url=page_url(source)
    )
    start = first(page, "//link[@rel='canonical']")
    is_first = (
        not (draft.url and "start=" in draft.url and "start=0" not in draft.url)
        if start is not None or draft.url
        else True
    )
    for found in found_in(blocks, _OLD_LAYOUT):
        row = found.block
        pieces = [text_of(piece) for piece in blocks.parts(row, _OLD_LAYOUT.body[0])]
        text = _EDITED.sub("", _SIGNATURE.sub("", "\n\n".join(filter(None, (piece.strip() for piece in pieces)))))
        quotes = [without_head(text_of(cell)) for cell in blocks.parts(row, f"//td[{has_class('quote')}]")]
        anchor = first(row, ".//a[@name]")
        posted = _POSTED.match(line_of(found.stamp) or "")
        if is_first and not draft.post and not draft.comments:
            draft.post, draft.post_author = text.strip(), found.author
            continue
        draft.add(
            text,
            id=anchor.get("name") if anchor is not None else None,
            author=name_of(first(row, f".//span[{has_class('name')}]")),
            time=stamps.when(posted[1]) if posted else None,
            quoted="\n\n".join(quotes),
        )
    return [draft.thread("certain")]
