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
    assert "comments announced by the page: 9; found: 5" in read(tmp_path, BLOG.format(count="9 comments:")).notes


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
    assert comment.iso_time == "2013-03-14T09:12:00"


def test_speech_inside_a_comment_is_no_new_comment(tmp_path: Path) -> None:
    thread = read(tmp_path, "T\n\nP.\n\nAnn said...\n\nThe mayor said: never. And then he said so again...\n")
    assert len(thread.comments) == 1


@pytest.mark.parametrize(
    "text",
    [
        'T\n\nCrews voted out.\n\nCouncil leader Tom Reeve said:\n\n"We made a fair offer and will not move."',
        "T\n\nP.\n\nAs my old mum said...\n\nNever cross a picket line.",
        "About how comments are closed for this issue in the chamber.\n\nAnn: I think this",
        "Comments are closed\n\nAnn\n3 March 2020\nI agree" + " with all of it" * 30,
    ],
)
def test_what_only_looks_like_comments_or_their_end_is_not_taken_for_it(tmp_path: Path, text: str) -> None:
    thread = read(tmp_path, text)
    assert thread.comments == ()
    assert "no comments were recognised" in thread.notes[-1]
    assert all(line in f"{thread.title}\n{thread.post}" for line in text.split("\n"))


def linked(author: str, answer: str, by: str = "x") -> str | None:
    from stance.readers.replies import link_replies

    first, second = stance.Comment(id="1", text="x", author=author), stance.Comment(id="2", text=answer, author=by)
    return link_replies([first, second])[1].parent_id


@pytest.mark.parametrize(
    ("author", "answer"),
    [
        ("JMIAT", "hi jmiat, no"),
        ("Ann", "Not so, Ann."),
        ("Ann", "@Ann you what"),
        ("D. Hallam", "D. Hallam, thank you"),
        ("Jeremy Moulton", "We have heard it all before Jeremy! How about"),
        ("Mick, Fratton", "Mick, Fratton: fair point"),
    ],
)
def test_a_comment_that_calls_a_writer_answers_them(author: str, answer: str) -> None:
    assert linked(author, answer) == "1"


def test_one_anonymous_may_answer_another() -> None:
    assert linked("Anonymous", "Dear Anonymous. No.", by="Anonymous") == "1"


@pytest.mark.parametrize(
    ("author", "answer"),
    [
        ("Council Tax Payer", "Council, you are a disgrace."),
        ("Angry Resident", "Angry? You bet I am."),
        ("Labour Voter", "Typical Labour! Never again."),
        ("Portsmouth Resident", "Shame on Portsmouth!"),
        ("No", "No, I disagree."),
        ("Jeremy Moulton", "Do not vote for Jeremy! He lies."),
        ("Pete", "I went there with my brother, Pete. It was shut."),
        ("Jeremy Moulton", "I agree with Jeremy Moulton."),
    ],
)
def test_a_comment_that_only_speaks_of_a_name_answers_nobody(author: str, answer: str) -> None:
    assert linked(author, answer) is None


def test_one_answer_makes_nobody_the_posts_author() -> None:
    from stance.readers.replies import guess_post_author, link_replies

    said = [("Cy", "x"), ("Bob", "Cy, no."), ("Ann", "Bob, yes.")]
    comments = link_replies([stance.Comment(id=a, text=text, author=a) for a, text in said])
    assert guess_post_author("I think the pool should close.", comments) is None


@pytest.mark.parametrize(
    ("post", "speakers"),
    [
        (
            'Tony Marsh said: "We strike until they listen."\nA council spokesman said: "We are sorry about this."',
            ["Tony Marsh", "A council spokesman"],
        ),
        (
            "“We will not move at all,” said Ada Quill. But Mrs Jones said: “They must come and talk.”",
            ["Ada Quill", "Mrs Jones"],
        ),
        ("On Tuesday Tony Marsh said: ‘It’s a disgrace and we won’t have it.’", ["Tony Marsh"]),
        ('Talks failed.\n"We will be back on Monday," he said.', [None]),
    ],
)
def test_each_quotation_goes_to_the_speaker_that_its_own_words_name(post: str, speakers: list[str | None]) -> None:
    from stance.readers.quotes import quoted_statements

    assert [c.author for c in quoted_statements(stance.Thread(id="t", post=post)).comments] == speakers


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
