"""Saved pages: the themes and generations of the platforms, what stands around a page, and pages without comments."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import stance
from stance.readers import read_source
from stance.readers.source import Source
from stance.thread import Thread


def thread_of(markup: str, name: str = "page.html") -> Thread:
    (thread,) = read_source(Source.of_bytes(markup.encode(), name))
    return thread


def rows(thread: Thread) -> list[tuple[str | None, str | None, str]]:
    return [(comment.author, comment.iso_time, comment.text) for comment in thread.comments]


def wordpress(comments: str) -> str:
    return (
        "<!DOCTYPE html><html lang='en-GB'><head><title>Bins</title></head><body><h1 class='entry-title'>Bins</h1>"
        f"<div class='entry-content'><p>They are full again.</p></div><div id='comments'>{comments}</div></body></html>"
    )


THEMES = {
    "default": """<ol class="commentlist"><li class="comment even thread-even depth-1" id="comment-7">
<div id="div-comment-7" class="comment-body"><div class="comment-author vcard"><img class="avatar" alt="">
<cite class="fn"><a href="#" class="url">Ann Oyelaran</a></cite> <span class="says">says:</span></div>
<div class="comment-meta commentmetadata"><a href="#comment-7">March 14, 2013 at 9:12 pm</a>&nbsp;&nbsp;<a class="comment-edit-link" href="#">(Edit)</a></div>
<p>Empty them, then.</p><p>It is not hard.</p><div class="reply"><a rel="nofollow" class="comment-reply-link" href="#">Reply</a></div></div></li></ol>""",
    "html5": """<ol class="comment-list"><li id="comment-7" class="comment even depth-1"><article id="div-comment-7" class="comment-body">
<footer class="comment-meta"><div class="comment-author vcard"><b class="fn">Ann Oyelaran</b> <span class="says">says:</span></div>
<div class="comment-metadata"><a href="#comment-7"><time datetime="2013-03-14T21:12:00">14 March 2013 at 9:12 pm</time></a> <span class="edit-link"><a href="#">Edit</a></span></div>
<p class="comment-awaiting-moderation">Your comment is awaiting moderation.</p></footer>
<div class="comment-content"><p>Empty them, then.</p><p>It is not hard.</p></div><div class="reply"><a href="#">Reply</a></div></article></li></ol>""",
    "Twenty Ten": """<ol class="commentlist"><li class="comment even depth-1" id="li-comment-7"><div id="comment-7">
<div class="comment-author vcard"><img class="avatar" alt=""><cite class="fn">Ann Oyelaran</cite> <span class="says">says:</span></div>
<div class="comment-meta commentmetadata"><a href="#comment-7">March 14, 2013 at 9:12 pm</a></div>
<div class="comment-body"><p>Empty them, then.</p><p>It is not hard.</p></div><div class="reply"><a class='comment-reply-link' href='#'>Reply</a></div></div></li></ol>""",
    "Twenty Twelve": """<ol class="commentlist"><li class="comment even depth-1" id="li-comment-7"><article id="comment-7" class="comment">
<header class="comment-meta comment-author vcard"><img class="avatar" alt=""><cite><b class="fn">Ann Oyelaran</b> <span> Post author</span></cite>
<a href="#comment-7"><time datetime="2013-03-14T21:12:00">March 14, 2013 at 9:12 pm</time></a></header>
<section class="comment-content comment"><p>Empty them, then.</p><p>It is not hard.</p></section><div class="reply"><a href="#">Reply</a></div></article></li></ol>""",
    "Genesis": """<ol class="comment-list"><li class="comment even depth-1" id="comment-7"><article itemprop="comment" itemscope itemtype="https://schema.org/Comment">
<header class="comment-header"><p class="comment-author" itemprop="author" itemscope><span itemprop="name"><a href="#" class="comment-author-link">Ann Oyelaran</a></span> <span class="says">says</span></p>
<p class="comment-meta"><time class="comment-time" datetime="2013-03-14T21:12:00"><a class="comment-time-link" href="#comment-7">14 March 2013 at 9:12 pm</a></time></p></header>
<div class="comment-content" itemprop="text"><p>Empty them, then.</p><p>It is not hard.</p></div><div class="comment-reply"><a href="#">Reply</a></div></article></li></ol>""",
    "in div": """<div class="commentlist"><div class="comment even thread-even depth-1 parent" id="comment-7"><div id="div-comment-7" class="comment-body">
<div class="comment-author vcard"><cite class="fn">Ann Oyelaran</cite> <span class="says">says:</span></div>
<div class="comment-meta commentmetadata"><a href="#comment-7">14/03/2013 at 21:12</a></div>
<p>Empty them, then.</p><p>It is not hard.</p><div class="reply"><a href="#">Reply</a></div></div></div></div>""",
}


@pytest.mark.parametrize("theme", THEMES)
def test_themes_of_wordpress_differ_and_say_the_same(theme: str) -> None:
    thread = thread_of(wordpress(THEMES[theme]))
    assert thread.report.reader == "WordPress page"
    assert rows(thread) == [("Ann Oyelaran", "2013-03-14T21:12:00", "Empty them, then.\n\nIt is not hard.")]
    assert thread.comments[0].id == "7"
    assert thread.post == "They are full again."
