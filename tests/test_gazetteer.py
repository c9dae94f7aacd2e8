from pathlib import Path

import pytest

from stance import Comment, Thread, find_sides, gazetteer


def found(title: str, *comments: str) -> tuple[str, str]:
    thread = Thread(id="t", title=title, comments=tuple(Comment(id=str(i), text=c) for i, c in enumerate(comments)))
    sides = find_sides(thread).sides
    return sides.a.name, sides.b.name


@pytest.mark.parametrize(
    ("text", "council"),
    [
        ("Birmingham City Council must act", "Birmingham City Council"),
        ("If Leeds City Council wants peace", "Leeds City Council"),
        ("Crews at the City of Brackendale walked out", "City of Brackendale"),
        ("Bournemouth, Christchurch and Poole Council met", "Bournemouth, Christchurch and Poole Council"),
        ("The London Borough of Hackney said no", "London Borough of Hackney"),
        ("I live in Southampton and our councillors are asleep", "Southampton City Council"),
        ("The city council met. The Council of Europe did not.", "the council"),
        ("I live in Southampton", "the council"),
        ("Reading council tax letters", "the council"),
        ("LEEDS CITY COUNCIL STRIKE", "Leeds City Council"),
        ("UNISON and Leeds City Council", "Leeds City Council"),
        ("Thanks Harborne Vale City Council", "Harborne Vale City Council"),
        ("Typical council. Bins in Southampton again.", "Southampton City Council"),
        ("Southampton Trades Council, the Youth Council and the General Medical Council", "the council"),
        ("UK City of Culture", "the council"),
        ("Bury the council in letters. Councillor Preston is wrong.", "the council"),
    ],
)
def test_the_council_is_found_in_the_threads_words(text: str, council: str) -> None:
    assert found(text)[0] == council


@pytest.mark.parametrize(
    ("text", "union"),
    [
        ("UNISON and the GMB are out", "UNISON, GMB"),
        ("Unite says no", "Unite"),
        ("the Unite branch", "Unite"),
        ("Let us all unite. Workers, Unite! Unite and fight!", "the union"),
        ("The teamsters and the Fire Brigades Union", "Teamsters, FBU"),
        ("nothing of the kind", "the union"),
        ("Unite, GMB and UNISON", "Unite, GMB, UNISON"),
        ("unison members walk out", "UNISON"),
        ("PSA: the bins are late. Time to Unite against cuts", "the union"),
    ],
)
def test_well_known_unions_are_found_and_the_verb_is_not(text: str, union: str) -> None:
    assert set(found(text)[1].split(", ")) == set(union.split(", "))


def test_the_post_counts_before_the_comments() -> None:
    assert found("Leeds City Council", "Hull City Council", "Hull City Council")[0] == "Leeds City Council"
    assert found("Bins", "Hull City Council is to blame")[0] == "Hull City Council"


def test_each_finding_shows_the_words_it_rests_on() -> None:
    thread = Thread(id="t", title="The councillors in Southampton")
    text = 'council: Southampton City Council (from "Southampton"); union: the union (none named in the thread)'
    assert str(find_sides(thread)) == text
    assert str(find_sides(thread, "Us", "Them")) == "council: Us (given); union: Them (given)"


def test_names_looked_for_where_they_may_stand_are_those_that_a_pattern_of_all_finds() -> None:
    every_council = gazetteer._council_pattern(tuple(name for name, _ in gazetteer._council_names()))
    every_place = gazetteer._place_pattern(tuple(gazetteer._places()))
    for path in sorted(Path(__file__).parent.glob("threads/*/*.txt")):
        text = path.read_text("utf-8", errors="replace")
        assert gazetteer._known_councils_in(text) == every_council.findall(text)
        assert gazetteer._places_named_in(text) == every_place.findall(text)
        for pattern, _, words in gazetteer._unions():
            assert any(word in text.casefold() for word in words) or not pattern.findall(text)
