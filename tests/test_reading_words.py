"""What becomes of words and dates on the way in."""

import pytest

from stance.readers.dates import Moment, parse_ago, parse_when, tells_time
from stance.readers.markup import fragment_of, text_of, words_and_quotes
from stance.readers.wording import clean, unescaped
from stance.thread import Comment


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("It costs Â£40, the cafÃ© too", "It costs £40, the café too"),
        ("They said â€œneverâ€\u009d", "They said “never”"),
        ("ðŸ˜€ fine", "😀 fine"),
        ("\ufeff one\0 two\r\nthree\u00a0four ", "one two\nthree four"),
        ("naïve – “quoted” £40 … ’tis", "naïve – “quoted” £40 … ’tis"),
        ("\u200fمرحبا\u200e 👩‍👩‍👧", "\u200fمرحبا\u200e 👩‍👩‍👧"),
    ],
)
def test_what_machines_did_is_undone_and_what_a_writer_wrote_stays(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
    assert clean(cleaned) == cleaned


def test_entities_are_read_where_they_are_closed() -> None:
    assert unescaped("AT&amp;T &lt;b&gt; R&D &copy &#8217;tis") == "AT&T <b> R&D &copy ’tis"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("One<br>two<br><br>three<br>", "One\ntwo\n\nthree"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<ul><li>x</li><li>y</li></ul>z", "x\ny\n\nz"),
        ("a <b>b</b>\n   <i>c</i>", "a b c"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("said<button>Reply</button> he<script>x()</script>", "said he"),
        ("<span style='display: none'>x</span>y<!-- z -->", "y"),
        ("ok <img class='emoji' alt='🚋'><img src='cat.jpg' alt='A cat'>", "ok 🚋"),
    ],
)
def test_the_words_of_markup_are_those_a_browser_shows(markup: str, text: str) -> None:
    assert text_of(fragment_of(markup, "x")) == text


def test_quotes_stand_apart_from_a_writers_words() -> None:
    post = fragment_of("<blockquote>Old <blockquote>older</blockquote></blockquote><p>New.</p>", "x")
    assert words_and_quotes(post, lambda element: element.tag == "blockquote") == ("New.", "Old\n\nolder")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Wednesday, July 27, 2011", "2011-07-27"),
        ("Posted on 14 March 2013 at 9:12 pm", "2013-03-14T21:12:00"),
        ("2:35 PM, March 14, 2013", "2013-03-14T14:35:00"),
        ("Thu, 14 Mar 2013 09:12:00 +0100", "2013-03-14T09:12:00+01:00"),
        ("2013-03-14T09:12:00Z", "2013-03-14T09:12:00+00:00"),
        ("14/03/2013 09:12", "2013-03-14T09:12:00"),
        ("March 2013", "2013-03"),
        ("12:05 am, 1 Jan 2010", "2010-01-01T00:05:00"),
        ("03/04/2013", None),
        ("31 February 2013", None),
        ("14 March 2013 was cold", None),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(text: str, iso: str | None) -> None:
    moment = parse_when(text)
    assert iso_of(moment) == iso


@pytest.mark.parametrize(
    ("text", "page_time", "iso"),
    [
        ("5 hours ago", "14 March 2013 at 18:00", "2013-03-14T13"),
        ("10 mins ago", "14 March 2013 at 18:00", "2013-03-14T17:50:00"),
        ("2 days ago", "14 March 2013", "2013-03-12"),
        ("3 months ago", "14 March 2013", "2012-12"),
        ("5 hours ago", "14 March 2013", None),
        ("5 hours ago", None, None),
    ],
)
def test_an_ago_is_resolved_only_where_the_page_tells_its_own_time_exactly_enough(
    text: str, page_time: str | None, iso: str | None
) -> None:
    assert tells_time(text)
    assert iso_of(parse_ago(text, parse_when(page_time) if page_time else None)) == iso


def iso_of(moment: Moment | None) -> str | None:
    return moment and Comment(id="1", text="", time=moment.time, time_precision=moment.precision).iso_time
