"""A text in which no format is recognised: one block, and a word of warning."""

from __future__ import annotations

from stance.readers.draft import Draft
from stance.readers.dumps.lines import lines_of_dump, text_of_dump
from stance.readers.dumps.post import read_above, split_post, title_over_byline
from stance.readers.source import Source
from stance.thread import Thread


def read(source: Source) -> list[Thread]:
    """Take all of the text as the post."""
    lines = lines_of_dump(source)
    if title_over_byline(list(lines)):  # a newspaper's page, whose menus stand above its headline
        told = read_above(lines)
        draft, remarks = Draft(source, title=told.title, post=told.post, post_author=told.author), list(told.remarks)
    else:
        title, post, remarks = split_post(text_of_dump(source), has_head=False)
        draft = Draft(source, title=title, post=post)
    for remark in remarks:
        draft.remark(remark)
    draft.doubt("no comments were recognised in this text; all of it is taken as the post")
    return [draft.thread("doubtful")]
