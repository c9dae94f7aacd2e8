"""Names and contacts within texts masked: nothing of them is left, and who answers whom can still be read."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stance
from stance.calibration import Calibration
from stance.contacts import Edit, contacts_in, edited, moved
from stance.evidence import Evidence
from stance.masking import Masking, mask_texts
from stance.pseudonyms import pseudonym
from stance.report import render_report
from stance.scores import Scores
from stance.stances import calibrate, comment_record
from stance.thread import ReadingReport

KEY = b"sixteen bytes or more"
KATH, NORMAN, REED = (pseudonym(name, KEY) for name in ("Kath Mullins", "Norman", "Cllr Reed"))


def debate(*texts: str) -> stance.Thread:
    """A thread whose comments are by Kath Mullins and Norman, in turn."""
    authors = ("Kath Mullins", "Norman")
    comments = (stance.Comment(id=str(i), text=t, author=authors[i % 2]) for i, t in enumerate(texts))
    return stance.Thread(id="bins", title="Bins", post_author="Cllr Reed", comments=tuple(comments))


def masked(*texts: str) -> list[str]:
    (thread,) = mask_texts([debate(*texts)], KEY)
    return [comment.text for comment in thread.comments]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I agree with Kath Mullins.", f"I agree with {KATH}."),
        ("KATH MULLINS, kath mullins, Kath-Mullins", f"{KATH}, {KATH}, {KATH}"),
        ("Kath is right, so is Mullins", f"{KATH} is right, so is {KATH}"),
        ("@KathMullins @norman thanks", f"@{KATH} @{NORMAN} thanks"),
        ("@Kath Mullins thanks", f"@{KATH} thanks"),
        ("@somebody_else well", f"@{pseudonym('somebody_else', KEY)} well"),
        ("/u/norman said", f"/u/{NORMAN} said"),
        ("Norman's view, NORMAN", f"{NORMAN}'s view, {NORMAN}"),
        ("What does Reed say?", f"What does {REED} say?"),
        ("Normandy and the katharsis", "Normandy and the katharsis"),
        ("see https://bins.org/kath-mullins/12", f"see https://bins.org/{KATH}/12"),
    ],
)
def test_an_authors_name_within_a_text_becomes_the_authors_pseudonym(text: str, expected: str) -> None:
    assert masked(text, "") == [expected, ""]


def test_a_first_name_of_two_people_is_told_of_neither() -> None:
    thread = debate("Kath, Kath Mullins and Kath Jones")
    thread = replace(thread, comments=(*thread.comments, stance.Comment(id="9", text="", author="Kath Jones")))
    (found,) = mask_texts([thread], KEY)
    assert found.comments[0].text == f"[name], {KATH} and {pseudonym('Kath Jones', KEY)}"


def test_a_word_of_a_name_that_the_thread_also_writes_small_is_a_common_word() -> None:
    comments = (
        stance.Comment(id="1", text="Brave of Pompey. How brave!", author="Brave Pompey"),
        stance.Comment(id="2", text="The Council is wrong. Anonymous is right.", author="Council Watcher"),
    )
    (found,) = mask_texts([stance.Thread(id="t", comments=comments)], KEY)
    who = pseudonym("Brave Pompey", KEY)
    assert [c.text for c in found.comments] == [
        f"Brave of {who}. How brave!",
        "The Council is wrong. Anonymous is right.",
    ]


def test_councils_unions_and_places_stay() -> None:
    comments = (
        stance.Comment(id="1", text="Norwich City Council and UNISON, @UNISON, in Norwich", author="UNISON"),
        stance.Comment(id="2", text="Harborne Vale City Council", author="Harborne Vale City Council"),
        stance.Comment(id="3", text="Norwich!", author="Dave Norwich"),
    )
    (found,) = mask_texts([stance.Thread(id="t", comments=comments)], KEY)
    assert [c.text for c in found.comments] == [c.text for c in comments]
    assert found.comments[2].author == pseudonym("Dave Norwich", KEY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jane.doe+bins@council.gov.uk", "[email]"),
        ("jane [at] bbc [dot] co [dot] uk", "[email]"),
        ("023 8083 3000 or (023) 8083 3000", "[phone] or [phone]"),
        ("+44 7700 900123, 07700900123, 00353 1 234 5678", "[phone], [phone], [phone]"),
        ("(555) 234-5678, 555-234-5678, 1-555-234-5678", "[phone], [phone], [phone]"),
        ("02 9374 4000", "[phone]"),
        ("SO15 2AB, so15 2ab, SW1A 1AA, EC1A 1BB", "[postcode], [postcode], [postcode], [postcode]"),
        ("D02 X285, A65F4E2", "[postcode], [postcode]"),
        ("CA 90210, Boston, MA 02108-1234, 90210-1234", "[postcode], Boston, [postcode], [postcode]"),
        ("K1A 0B1 and k1a-0b1", "[postcode] and [postcode]"),
        ("NSW 2000, VIC 3000", "[postcode], [postcode]"),
        ("https://twitter.com/jane, www.facebook.com/jane.doe.", "[profile], [profile]."),
        ("reddit.com/user/jane (https://mastodon.social/@jane)", "[profile] ([profile])"),
        ("https://site.org/profile.php?id=12 https://jane:secret@site.org/", "[profile] [profile]"),
    ],
)
def test_contacts_are_masked_by_what_they_are(text: str, expected: str) -> None:
    assert edited(text, contacts_in(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1300 people on 2013-03-14 at 10:30, £1,000,000 or 12.5%",
        "on the m1 8th May, the M25 1st, A12 1999, the A14 PARK",
        "https://www.bbc.co.uk/news/uk-england-12345678 and gov.uk",
        "Room 101, SA 12, 20 000 houses, 24/7, 5pm @ the town hall",
        "In 2010 2011 2012 the council cut 1,200 posts; 0 today, 007",
    ],
)
def test_numbers_days_roads_and_pages_are_no_contacts(text: str) -> None:
    assert contacts_in(text) == []


def test_all_that_a_thread_shows_is_masked_and_answers_keep_their_place() -> None:
    comments = (
        stance.Comment(id="norman-1", text="a", author="Norman", quoted="Norman wrote: no"),
        stance.Comment(id="2", text="b", author="Kath Mullins", parent_id="norman-1"),
    )
    thread = stance.Thread(
        id="norman",
        title="Norman speaks",
        post="By Norman, norman@x.org",
        comments=comments,
        source="/home/norman/bins.html",
        url="https://x.org/norman",
        report=ReadingReport(remarks=("Norman is pinned",), repaired=("m",), doubtful=("d",)),
    )
    (found,) = mask_texts([thread], KEY)
    assert "norman" not in repr(found).casefold()
    assert found.parent(found.comments[1]) == found.comments[0]
    assert found.post == f"By {NORMAN}, [email]"


def test_masked_ids_stay_apart() -> None:
    threads = [
        stance.Thread(id=id_, comments=(stance.Comment(id="1", text="x", author="Norman"),))
        for id_ in ("Norman", "norman", NORMAN)
    ]
    masking = Masking(threads, KEY)
    assert len({thread.id for thread in masking.threads}) == 3
    assert set(masking.by_thread({"norman": 1, "elsewhere": 2})) == {masking.threads[1].id}


def test_an_author_of_another_thread_is_masked_where_the_name_is_written_just_so() -> None:
    other = stance.Thread(id="other", comments=(stance.Comment(id="1", text="Norman, the norman castle", author="Al"),))
    assert mask_texts([debate("", ""), other], KEY)[1].comments[0].text == f"{NORMAN}, the norman castle"


@dataclass
class Find:
    start: int
    end: int


class Double:
    """Answers as presidio does: finds the names it was told of."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def analyze(self, *, text: str, language: str, entities: list[str]) -> Iterable[Find]:
        assert (language, entities) == ("en", ["PERSON"])
        return [Find(*m.span()) for name in self.names for m in re.finditer(re.escape(name), text)]


def test_an_analyzer_finds_other_peoples_names() -> None:
    analyzer = Double("Ed Balls", "Mrs Kath Mullins (", "UNISON", "son Tom", "Tom ")
    (found,) = mask_texts([debate("Ed Balls, UNISON, Mrs Kath Mullins (my son Tom )", "")], KEY, analyzer)
    balls, mrs, son = (pseudonym(name, KEY) for name in ("Ed Balls", "Mrs", "son Tom"))
    assert found.comments[0].text == f"{balls}, UNISON, {mrs} {KATH} (my {son} )"


def test_evidence_moves_with_its_words_and_takes_a_name_whole() -> None:
    edits = [Edit(2, 6, "1234567890"), Edit(8, 9, "")]
    assert edited("ab.cd.ef.gh", edits) == "ab1234567890efgh"
    assert moved((0, 2), edits) == (0, 2)
    assert moved((4, 8), edits) == (2, 14)
    assert moved((0, 4), edits) == (0, 12)
    assert moved((6, 11), edits) == (12, 16)
    thread = debate("No. Ask Kath Mullins on Tuesday. Yes.", "")
    start, end = 4, 12  # "Ask Kath"
    row = Evidence("bins", "0", "pro-union", start, end, "Ask Kath", 0.9, None, 0.9, 1, "neutral", 0.5)
    (shown,) = Masking([thread], KEY).evidence([row])
    assert shown.text == f"Ask {KATH}"


# Letters that stand in no word of the report's own.
LETTERS = "qxzjßéжΩ"
WORD_OF_A_NAME = st.text(alphabet=LETTERS + LETTERS.upper(), min_size=1, max_size=6)
NAMES = st.builds(
    lambda words, glue: glue.join(words), st.lists(WORD_OF_A_NAME, min_size=1, max_size=3), st.sampled_from(" _-.")
).filter(lambda name: len(name) >= 3)
FORMS = st.sampled_from([str, str.upper, str.lower, str.swapcase, str.title])
GLUE = st.text(alphabet="ab ,.'@/u0123456789-+()£\n", max_size=8)


@st.composite
def debates(draw: st.DrawFn) -> stance.Thread:
    names = draw(st.lists(NAMES, min_size=1, max_size=4))

    def text() -> str:
        said = (draw(FORMS)(draw(st.sampled_from(names))) for _ in range(draw(st.integers(0, 4))))
        return draw(GLUE) + "".join(
            f"{draw(st.sampled_from(['', ' ', '@', '/', '_', '.']))}{s} {draw(GLUE)}" for s in said
        )

    comments = [
        stance.Comment(id=str(i), text=text(), author=draw(st.sampled_from(names)), quoted=text())
        for i in range(draw(st.integers(1, 4)))
    ]
    return stance.Thread(id="t", title=text(), post=text(), post_author=names[0], comments=tuple(comments))


def surviving(thread: stance.Thread, told: str) -> list[str]:
    """Names of the thread's authors that stand in what was told, as whole words, however written."""
    names = {thread.post_author or "", *(comment.author or "" for comment in thread.comments)}
    said = told.casefold()
    return [n for n in names if re.search(rf"(?<!\w){re.escape(n.casefold())}(?!\w)", said)]


def stances_of(thread: stance.Thread) -> stance.Stances:
    n = len(thread.comments)
    logits = np.tile(np.array([2, 0, 0, 1, 0, 0], dtype=np.float32), (n, 1))
    ids = tuple(comment.id for comment in thread.comments)
    scores = Scores(("t",) * n, ids, logits, np.zeros(n, np.int32), ("",) * n, ("council", "union"))
    return calibrate([thread], scores, Calibration(1.0, 1.0, 0.5))


@given(thread=debates())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_authors_name_survives_masking_and_masking_again_changes_nothing(thread: stance.Thread) -> None:
    found = mask_texts([thread], KEY)
    rows = [comment_record(one.id, comment) for one in found for comment in one.comments]
    told = json.dumps(rows, ensure_ascii=False).replace("\\n", "\n")
    shown = "\n".join([told, found[0].title, found[0].post, found[0].post_author or ""])
    assert not surviving(thread, shown + "\n".join(c.quoted for c in found[0].comments))
    assert mask_texts(found, KEY) == found
    assert mask_texts(found, b"another key of some bytes") == found
    assert mask_texts([thread], KEY) == found


@given(thread=debates(), cuts=st.lists(st.integers(0, 40), min_size=2, max_size=2))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_authors_name_survives_in_a_report_or_a_table(thread: stance.Thread, cuts: list[int]) -> None:
    masking = Masking([thread], KEY)
    evidence = []
    for comment in thread.comments:
        start, end = sorted(min(cut, len(comment.text)) for cut in cuts)
        told = comment.text[start:end]
        evidence.append(Evidence("t", comment.id, "pro-council", start, end, told, 0.9, None, 0.9, 1, "neutral", 0.5))
    shown = masking.stances(stances_of(thread))
    rows = masking.evidence(evidence)
    for row, comment in zip(rows, masking.threads[0].comments, strict=True):
        assert comment.text[row.start : row.end] == row.text
    summary = stance.summarize(masking.threads, shown)
    page = render_report(summary, masking.threads, shown, people={}, evidence=rows)
    told = (
        html.unescape(page[page.index("<body") :]) + shown.to_pandas().to_csv() + repr(shown) + str(shown.to_records())
    )
    assert not surviving(thread, told)


@given(text=st.text(max_size=60), spans=st.lists(st.integers(0, 60), min_size=2, max_size=8, unique=True))
@settings(max_examples=100, deadline=None)
def test_every_span_that_cuts_no_edit_holds_the_same_words_after_it(text: str, spans: list[int]) -> None:
    places = sorted(min(place, len(text)) for place in spans)
    edits = [
        Edit(a, b, "X" * (i + 2)) for i, (a, b) in enumerate(zip(places[::2], places[1::2], strict=False)) if a < b
    ]
    after = edited(text, edits)
    edges = [0, *(place for edit in edits for place in edit[:2]), len(text)]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        a, b = moved((start, end), edits)
        assert after[a:b] == text[start:end]


def test_presidio_masks_other_peoples_names_with_the_model_it_is_given(tmp_path: Path) -> None:
    pytest.importorskip("presidio_analyzer")
    spacy = pytest.importorskip("spacy")
    from presidio_analyzer import Pattern, PatternRecognizer

    from stance.other_names import presidio_analyzer

    spacy.blank("en").to_disk(tmp_path / "blank")
    analyzer = presidio_analyzer(str(tmp_path / "blank"))
    pattern = Pattern("honourable", r"(?<=Mr )[A-Z]\w+", 0.9)
    analyzer.registry.add_recognizer(PatternRecognizer(supported_entity="PERSON", patterns=[pattern]))
    (found,) = mask_texts([debate("I asked Mr Tanner. So did Norman.", "")], KEY, analyzer)
    assert found.comments[0].text == f"I asked Mr {pseudonym('Tanner', KEY)}. So did {NORMAN}."
    with pytest.raises(stance.InputError, match="neither an installed spaCy model nor a folder"):
        presidio_analyzer("en_no_such_model")


def test_without_presidio_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from stance.other_names import presidio_analyzer

    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(stance.InputError, match=re.escape("pip install 'stance[masking]'")):
        presidio_analyzer("en_core_web_sm")
