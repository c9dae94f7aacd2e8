import pytest

from stance import Comment, InputError, Side, Sides, Thread


def thread_of(*parents: tuple[str, str | None]) -> Thread:
    return Thread(id="t", comments=tuple(Comment(id=id_, text="x", parent_id=parent) for id_, parent in parents))


def test_a_comment_that_answers_a_missing_one_answers_the_post_and_the_thread_says_so() -> None:
    thread = thread_of(("1", None), ("2", "gone"))
    assert thread.comments[1].parent_id is None
    assert "they answer a comment that is not in the thread: '2'" in thread.notes[0]


def test_a_comment_that_answers_itself_answers_the_post_and_the_thread_says_so() -> None:
    thread = thread_of(("1", "1"))
    assert thread.comments[0].parent_id is None
    assert "they answer themselves: '1'" in thread.notes[0]


def test_a_circle_of_answers_is_opened_at_its_first_comment_only() -> None:
    thread = thread_of(("1", "3"), ("2", "1"), ("3", "2"), ("4", "3"))
    assert [comment.parent_id for comment in thread.comments] == [None, "1", "2", "3"]
    assert len(thread.notes) == 1


def test_a_doubled_comment_id_keeps_both_comments() -> None:
    thread = thread_of(("1", None), ("1", None), ("1~2", None))
    assert [comment.id for comment in thread.comments] == ["1", "1~2", "1~2~2"]
    assert len(thread.notes) == 2


def test_the_parent_is_found_by_its_id() -> None:
    thread = thread_of(("1", None), ("2", "1"))
    assert thread.parent(thread.comments[1]) is thread.comments[0]
    assert thread.parent(thread.comments[0]) is None


def test_a_comment_needs_an_id_and_a_string_as_text() -> None:
    with pytest.raises(InputError, match="non-empty string"):
        Comment(id="", text="x")
    with pytest.raises(InputError, match="Comment '7': text must be a string, but came as NoneType"):
        Comment(id="7", text=None)  # type: ignore[arg-type]  # the wrong type is the point
    with pytest.raises(InputError, match="thread's id"):
        Thread(id="")


@pytest.mark.parametrize("name", ["Anonymous", "anonymous ", "Guest", None])
def test_a_name_that_many_share_tells_nobody_apart(name: str | None) -> None:
    assert Comment(id="1", text="x", author=name).has_shared_name
    assert not Comment(id="1", text="x", author="JMIAT").has_shared_name


def test_labels_and_columns_follow_the_sides_order() -> None:
    sides = Sides(Side("landlords", "Rent Fair Ltd"), Side("tenants", "ACORN"))
    assert sides.labels == ("pro-landlords", "pro-tenants", "neutral")
    assert sides.probability_columns == ("p_landlords", "p_tenants", "p_neutral")
    assert Sides.council_union().labels == ("pro-council", "pro-union", "neutral")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("landlords=Rent Fair Ltd,tenants=ACORN", [("landlords", "Rent Fair Ltd"), ("tenants", "ACORN")]),
        ("a=One, Two and Three,b=Four, Five", [("a", "One, Two and Three"), ("b", "Four, Five")]),
        ("cats,dogs", [("cats", "cats"), ("dogs", "dogs")]),
        ("a=1, 2,b=3,c=4, 5", [("a", "1, 2"), ("b", "3"), ("c", "4, 5")]),
        ("cats,dogs,birds,fish", [(name, name) for name in ("cats", "dogs", "birds", "fish")]),
    ],
)
def test_sides_are_read_as_the_command_line_writes_them(text: str, names: list[tuple[str, str]]) -> None:
    sides = Sides.parse(text)
    assert [(side.label, side.name) for side in sides.all] == names


@pytest.mark.parametrize("text", ["", "one", "a=1,b=2,c=3,d=4,e=5", "a=1,a=2", "a,b,b", "a=,b=2", "neutral=1,b=2"])
def test_sides_that_are_not_two_to_four_different_ones_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        Sides.parse(text)
