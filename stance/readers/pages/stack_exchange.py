"""A question of Stack Exchange with its answers, and the comments below each; and of sites with the same software.

The question is the post; answers and comments are the comments, those below an answer in answer to it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from stance.readers.draft import Draft
from stance.readers.markup import first, has_class, line_of, page_of, page_title, page_url, select
from stance.readers.pages.blocks import Blocks, Layout, add, classes, found_in
from stance.readers.pages.stamps import stamps_of
from stance.readers.source import Source
from stance.thread import Thread

_QUESTION = f"//div[@id='question' or {has_class('question')}]"
_BLOCKS = (
    f"{_QUESTION} | //div[starts-with(@id, 'answer-')][{has_class('answer')}]"
    # until 2017 a comment was a row of a table
    f" | //*[self::li or self::tr][starts-with(@id, 'comment-')][{has_class('comment')}]"
)
# A post may be signed by who edited it, and then by who wrote it.
_SIGNED = (
    f"//*[{has_class('post-signature')}]"
    f"[.//*[{has_class('user-action-time')}][not(starts-with(normalize-space(.), 'edited'))]]"
)
_LAYOUT = Layout(
    author=(
        f"//*[{has_class('comment-user')}]",
        f"{_SIGNED}//*[{has_class('user-details')}]/a",
        f"{_SIGNED}//*[{has_class('user-details')}]",
    ),
    time=(
        f"//*[{has_class('comment-date')}]//*[@title]",
        f"{_SIGNED}//*[{has_class('relativetime')}]",
    ),
    body=(
        f"//*[{has_class('comment-copy')}]",
        f"//*[{has_class('js-post-body')}]",
        f"//*[{has_class('post-text')}]",
        f"//*[{has_class('s-prose')}]",
    ),
    id=re.compile(r"(\d+)$"),
    no_words=frozenset("post-taglist question-status js-post-notice snippet-code s-notice".split()),
)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where it has no question with a body and a signature of this software's."""
    page = page_of(source)
    question = first(page, _QUESTION)
    if question is None or first(page, f"{_QUESTION}//*[{has_class('user-action-time')}]") is None:
        return None
    blocks, stamps = Blocks(page, select(page, _BLOCKS)), stamps_of(source)
    title = first(page, f"//*[{has_class('question-hyperlink')}][ancestor::h1 or self::h1]", "//h1")
    draft = Draft(source, title=line_of(title) or page_title(page), url=page_url(source))
    opening: str | None = None
    for found in found_in(blocks, _LAYOUT):
        if found.block is question:
            draft.post, draft.post_author, opening = found.text, found.author, found.id
        elif "deleted-answer" in classes(found.block):
            draft.drop("deleted")
        else:
            parent_id = None if found.parent_id == opening else found.parent_id
            add(draft, replace(found, parent_id=parent_id), stamps)
    return [draft.thread("certain")]
