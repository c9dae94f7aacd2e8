from pathlib import Path

import pytest

import stance

SHARED = Path(__file__).parents[2] / "shared"
EXAMPLE = Path(__file__).parents[1] / "examples" / "harbour-libraries.txt"

BLOG = """Monday, 2 June 2014

Why I Voted To Close The Pool

I did not enjoy it. The roof would have cost us £400,000.

{count}

Anonymous said...

You never swam in it.

Paul Denny said...

I did, every Tuesday. We had to choose.

splash99 said...

Not good enough Paul! My lad learnt there.

It was the only one.

Paul Denny said...

Hi splash99. I know, and I am sorry.

Paul Denny said...

Dear Anonymous. See above.
"""


def read(tmp_path: Path, text: str, **options: bool) -> stance.Thread:
    path = tmp_path / "page.txt"
    path.write_text(text, "utf-8")
    (thread,) = stance.read_threads(path, **options)
    return thread


def test_a_blog_dump_gives_title_post_and_comments(tmp_path: Path) -> None:
    thread = read(tmp_path, BLOG.format(count="5 comments:"))
    assert thread.title == "Why I Voted To Close The Pool"
    assert thread.post == "I did not enjoy it. The roof would have cost us £400,000."
    assert [c.author for c in thread.comments] == ["Anonymous", "Paul Denny", "splash99", "Paul Denny", "Paul Denny"]
    assert thread.comments[2].text == "Not good enough Paul! My lad learnt there.\n\nIt was the only one."


def test_replies_are_linked_where_the_text_names_who_is_answered(tmp_path: Path) -> None:
    thread = read(tmp_path, BLOG.format(count="5 comments:"))
    assert [comment.parent_id for comment in thread.comments] == [None, None, "2", "3", "1"]


def test_the_posts_author_is_recognised_by_conduct_and_the_guess_is_told(tmp_path: Path) -> None:
    thread = read(tmp_path, BLOG.format(count="5 comments:"))
    assert thread.post_author == "Paul Denny"
    assert [c.is_post_author for c in thread.comments] == [False, True, False, True, True]
    assert any("the page does not say so" in note for note in thread.notes)


def test_a_byline_names_the_posts_author_without_a_guess(tmp_path: Path) -> None:
    dump = BLOG.format(count="Posted by splash99 at 10:12\n\n5 comments:")
    thread = read(tmp_path, dump)
    assert thread.post_author == "splash99"
    assert "Posted by" not in thread.post
    assert not any("taken as" in note for note in thread.notes)


def test_fewer_comments_than_the_page_announces_are_told(tmp_path: Path) -> None:
    assert "the page announces 9 comments, 5 were found" in read(tmp_path, BLOG.format(count="9 comments:")).notes


def test_a_blog_dump_without_a_count_is_read_all_the_same(tmp_path: Path) -> None:
    assert len(read(tmp_path, BLOG.format(count="")).comments) == 5


def test_a_blog_post_with_no_comments_says_so(tmp_path: Path) -> None:
    thread = read(tmp_path, "Bins\n\nThey are late again.\n\nNo comments:\n\nPost a Comment\n")
    assert thread.comments == ()
    assert "the page says that it has no comments" in thread.notes


def test_dates_and_page_furniture_are_no_part_of_a_comment(tmp_path: Path) -> None:
    thread = read(
        tmp_path, "T\n\nP.\n\nAnn said...\n\nFine.\n\n14 March 2013 at 09:12\n\nPost a Comment\nNewer Post Home\n"
    )
    (comment,) = thread.comments
    assert comment.text == "Fine."
    assert comment.time is not None
    assert comment.time.isoformat() == "2013-03-14T09:12:00"


def test_speech_inside_a_comment_is_no_new_comment(tmp_path: Path) -> None:
    thread = read(tmp_path, "T\n\nP.\n\nAnn said...\n\nThe mayor said: never. And then he said so again...\n")
    assert len(thread.comments) == 1


def test_a_text_in_which_nothing_is_recognised_is_a_post_with_a_word_of_warning(tmp_path: Path) -> None:
    thread = read(tmp_path, "Some lines.\n\nAnd more lines.")
    assert thread.comments == ()
    assert "no comments were recognised" in thread.notes[-1]
    assert "more lines" in thread.post


ARTICLE = """Bin crews reject offer
Crews at Harlow Vale Council have turned down two per cent, Ms Ada Quill of the GMB said on Monday.
"Our members will not be bought with a sandwich voucher," she said.
"They have families to feed.
"And they know what the chief executive earns."
Council leader Tom Reeve said he was disappointed. "We have put every penny on the table," he said.
The phrase "last offer" was avoided.
Comments: Our rules
Be kind.
Read the rules hereComments are closed on this article"""


def test_an_article_whose_comments_are_closed_says_so(tmp_path: Path) -> None:
    thread = read(tmp_path, ARTICLE)
    assert thread.comments == ()
    assert thread.title == "Bin crews reject offer"
    assert "Be kind" not in thread.post
    assert 'it says "Comments are closed on this article"' in thread.notes[0]


def test_quotes_stand_in_for_comments_when_asked_for_each_with_its_speaker(tmp_path: Path) -> None:
    thread = read(tmp_path, ARTICLE, quotes=True)
    assert [(c.author, c.text) for c in thread.comments] == [
        ("Ms Ada Quill", "Our members will not be bought with a sandwich voucher"),
        ("Ms Ada Quill", "They have families to feed."),
        ("Ms Ada Quill", "And they know what the chief executive earns."),
        ("Tom Reeve", "We have put every penny on the table"),
    ]


def test_quotes_change_nothing_where_there_are_comments(tmp_path: Path) -> None:
    dump = BLOG.format(count="")
    assert read(tmp_path, dump, quotes=True) == read(tmp_path, dump)


def test_the_example_thread_is_read_whole() -> None:
    (thread,) = stance.read_threads(EXAMPLE)
    assert thread.title == "Library Strike: Who Is It Meant To Hurt?"
    assert len(thread.comments) == 24
    assert all(comment.time and comment.author and comment.text for comment in thread.comments)
    assert {c.author for c in thread.comments if c.is_post_author} == {"Cllr Duncan Ferriby"}
    links = {c.id: c.parent_id for c in thread.comments if c.parent_id}
    assert links == {"5": "4", "6": "5", "10": "8", "11": "10", "17": "16", "20": "19"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the seed documents are not here")
def test_the_seed_blog_gives_nine_comments_and_its_author_among_them() -> None:
    (thread,) = stance.read_threads(next((SHARED / "seeds").glob("002*")))
    assert [c.author for c in thread.comments] == [
        "Anonymous",
        "Jeremy Moulton",
        "Mirrorman",
        "Anonymous",
        "Jeremy Moulton",
        "JMIAT",
        "Jeremy Moulton",
        "JMIAT",
        "Jeremy Moulton",
    ]
    assert [c.parent_id for c in thread.comments] == [None, None, None, "2", "4", None, "6", None, None]
    assert thread.post_author == "Jeremy Moulton"
    assert thread.title == "Social Worker Strike Is A Step To Far"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the seed documents are not here")
def test_the_seed_article_has_no_comments_and_six_quotes_by_two_speakers() -> None:
    path = next((SHARED / "seeds").glob("000*"))
    (thread,) = stance.read_threads(path)
    assert thread.comments == ()
    (quoted,) = stance.read_threads(path, quotes=True)
    assert [c.author for c in quoted.comments] == ["Tony Garnsey"] * 4 + ["Steve Pullen"] * 2
