"""A text in which no format is recognised: one block, and a word of warning."""

from __future__ import annotations

from stance.readers.draft import Draft
from stance.readers.dumps.lines import text_of_dump
from stance.readers.dumps.post import split_post
from stance.readers.source import Source
from stance.thread import Thread


def read(source: Source) -> list[Thread]:
    """Take all of the text as the post."""
    title, post, remarks = split_post(text_of_dump(source), has_head=False)
    draft = Draft(source, title=title, post=post)
    for remark in remarks:
        draft.remark(remark)
    draft.doubt("no comments were recognised in this text; all of it is taken as the post")
    return [draft.thread("doubtful")]
