"""Saved pages: the themes and generations of the platforms, what stands around a page, and pages without comments."""

# ruff: noqa: E501  # markup as the platforms write it

from __future__ import annotations

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


FORUM_DATES = {
    "» Thu Mar 14, 2013 9:12 pm": "2013-03-14T21:12:00",
    "14.03.2013, 21:12": "2013-03-14T21:12:00",
    "14. März 2013 um 21:12 Uhr": "2013-03-14T21:12:00",
    "14 mars 2013 à 21 h 12 min": "2013-03-14T21:12:00",
    "el 14 de marzo de 2013 a las 21:12": "2013-03-14T21:12:00",
    "9:12pm Thu 14 Mar 13": "2013-03-14T21:12:00",
    "03-14-2013, 09:12 PM": "2013-03-14T21:12:00",
    "14th March 2013 | 21:12": "2013-03-14T21:12:00",
    "03/04/2013": None,  # April's third or March's fourth
    "5 hours ago": None,  # of a page that does not say when it was saved
}


@pytest.mark.parametrize("written", FORUM_DATES)
def test_dates_are_read_as_pages_write_them(written: str) -> None:
    comments = "".join(
        f"<div class='comment'><b class='author'>{name}</b> <span class='date'>{written}</span><p>Aye.</p></div>"
        for name in ("Ann", "Bo")
    )
    thread = thread_of(f"<html><body><h1>Dates</h1>{comments}</body></html>")
    assert rows(thread) == [("Ann", FORUM_DATES[written], "Aye."), ("Bo", FORUM_DATES[written], "Aye.")]


def test_a_numeric_date_is_read_as_another_on_its_page_or_its_language_tells() -> None:
    page = "<html{}><body>" + "".join(
        f"<div class='comment'><b class='author'>Ann</b> <span class='date'>{{}}</span><p>{word}</p></div>"
        for word in ("One.", "Two.")
    )
    assert rows(thread_of(page.format("", "03/04/2013", "14/04/2013")))[0][1] == "2013-04-03"
    assert rows(thread_of(page.format(" lang='en-US'", "03/04/2013", "04/04/2013")))[0][1] == "2013-03-04"
    assert rows(thread_of(page.format(" lang='en-GB'", "03/04/2013", "04/04/2013")))[0][1] == "2013-04-03"


def test_an_mhtml_file_without_a_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.mhtml"
    path.write_bytes(
        b'From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n"
    )
    with pytest.raises(stance.InputError, match="holds no HTML part"):
        stance.read_threads(path)


@pytest.mark.parametrize(
    "markup",
    [
        "<p>a" * 100_000,
        "<div id=edit1><table id=post1><tr><td><div id=post_message_1>" * 100_000,
    ],
)
def test_what_only_looks_like_a_page_is_refused(markup: str) -> None:
    with pytest.raises(stance.InputError):
        thread_of(f"<html><body>{markup}")


LISTS_OF_OTHER_THINGS = {
    "recent comments": "<div class='sidebar'><ul class='recent-comments'>"
    + "<li class='comment'><b class='author'>Ann</b> on <a href='/x'>The bins</a> <time>1 May 2012</time></li>" * 4
    + "</ul></div>",
    "posts of a blog": "<article class='post'><h2><a href='/x'>The bins are full and nobody cares</a></h2>"
    "<span class='author'>Ann</span> <time>1 May 2012</time><p>They are full again.</p></article>" * 4,
    "events": "<div class='event'><h3><a href='/e'>Meeting of the planning committee</a></h3><b>Town Hall</b>"
    "<span class='date'>1 May 2012</span><p>All are welcome to attend.</p></div>" * 4,
    "a form": "<div id='comments' class='comments-area'><h3>Leave a comment</h3><form class='comment-form'><label>Name"
    "</label><input><textarea></textarea></form></div>",
    "counts": "<ul>" + "<li class='comment-count'><a href='/x'>12 comments</a></li>" * 5 + "</ul>",
    "a menu": "<ul class='menu'>" + "<li class='message'><a href='/x'>Inbox</a></li>" * 5 + "</ul>",
}


@pytest.mark.parametrize("kind", LISTS_OF_OTHER_THINGS)
def test_no_comments_are_made_of_lists_of_other_things(kind: str) -> None:
    article = "<article><h1>Bins</h1><p>The council said on Monday that it would empty them on Tuesday.</p></article>"
    thread = thread_of(f"<html><body>{article}{LISTS_OF_OTHER_THINGS[kind]}</body></html>")
    assert thread.comments == ()
    assert "no comments were recognised" in thread.report.doubtful[0]


def test_replies_in_a_box_beside_their_comment_answer_it() -> None:
    def comment(name: str, text: str) -> str:
        return f"<div class='comment'><b class='author'>{name}</b><time>1 May 2012</time><p>{text}</p></div>"

    page = f"{comment('Ann', 'Aye.')}<div class='comment-replies'>{comment('Bo', 'No.')}{comment('Cy', 'Why?')}</div>"
    thread = thread_of(f"<html><body><h1>Bins</h1>{page}{comment('Di', 'Bins!')}</body></html>")
    parents = [thread.parent(comment) for comment in thread.comments]
    assert [parent and parent.author for parent in parents] == [None, "Ann", "Ann", None]
