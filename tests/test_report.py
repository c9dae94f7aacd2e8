"""The report: what it shows, and that no word of a comment gets out of its place."""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree, html

import stance
from stance.report import render_report
from tests.hostile import ATTACKS, hostile_sides, hostile_threads

XLINK = "http://www.w3.org/1999/xlink"


def page_of(
    model: stance.StanceModel, threads: list[stance.Thread], sides: stance.Sides | None = None, **extra: object
) -> str:
    by_id = {thread.id: sides for thread in threads} if sides else None
    stances = model.classify(threads, sides=by_id)
    evidence = model.explain(threads, stances, sides=by_id)
    summary = stance.summarize(threads, stances)
    people = {(p.thread_id, id_): i for i, p in enumerate(summary.people) for id_ in p.comment_ids}
    options = {"evidence": evidence, "sides": by_id, "card": model.card, **extra}
    return render_report(summary, threads, stances, people=people, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def hostile_page(tiny_model: stance.StanceModel) -> str:
    return page_of(tiny_model, hostile_threads(), hostile_sides())


def text_of(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_a_hostile_thread_adds_no_element_attribute_or_address(
    hostile_page: str, tiny_model: stance.StanceModel
) -> None:
    harmless = [
        replace(thread, id=f"t{i}", title="t", comments=tuple(replace(c, text="No.") for c in thread.comments))
        for i, thread in enumerate(hostile_threads())
    ]
    tree, plain = html.document_fromstring(hostile_page), html.document_fromstring(page_of(tiny_model, harmless))
    assert {e.tag for e in tree.iter(etree.Element)} <= {e.tag for e in plain.iter(etree.Element)} | {"mark"}
    names = {name for e in tree.iter(etree.Element) for name in e.attrib}
    assert not [name for name in names if name.startswith("on")]
    assert not names & {"style", "src", "srcdoc", "action", "formaction", "ping", "background", "data", "poster"}
    addresses = [e.get("href") for e in tree.iter(etree.Element) if e.get("href") is not None]
    assert addresses
    assert all(re.fullmatch(r"#(c\d+|thread)", address) for address in addresses)
    assert len(tree.findall(".//script")) == len(tree.findall(".//style")) == 1
    assert len(tree.findall(".//meta")) == 5
    ids = [e.get("id") for e in tree.iter(etree.Element) if e.get("id")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+|c\d+", name) for name in ids)


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(hostile_page: str) -> None:
    tree = html.document_fromstring(hostile_page)
    (meta,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']")
    policy = dict(part.strip().split(" ", 1) for part in meta.get("content").split(";"))
    hashes = {}
    for tag in ("style", "script"):
        (inner,) = re.findall(rf"<{tag}>(.*?)</{tag}>", hostile_page, re.DOTALL)
        hashes[tag] = "'sha256-" + base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode() + "'"
    assert policy == {
        "default-src": "'none'",
        "style-src": hashes["style"],
        "script-src": hashes["script"],
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    before = hostile_page[: hostile_page.index("Content-Security-Policy")]
    assert len(before) < 200, "what stands before the policy is not under it"


def test_every_word_of_a_comment_is_shown_as_it_was_written(hostile_page: str) -> None:
    tree = html.document_fromstring(hostile_page)
    said = ["".join(p.itertext()) for p in tree.xpath("//p[@class='said']")]
    written = [c.text for thread in hostile_threads() for c in thread.comments]
    shown = [re.sub("[\x00\x07\x1b\ud800\ufffe]", "\ufffd", text) for text in written]
    assert sorted(said) == sorted(shown)
    assert len(said) == 2 * len(ATTACKS)


def test_the_page_is_utf8_and_holds_no_control_characters(hostile_page: str) -> None:
    assert hostile_page.encode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", hostile_page)
    assert hostile_page.startswith("<!doctype html>")


def test_the_headline_is_the_summarys_sentence_and_every_number_stands_in_a_table(
    tiny_model: stance.StanceModel, bins_thread: stance.Thread
) -> None:
    tree = html.document_fromstring(page_of(tiny_model, [bins_thread]))
    summary = stance.summarize(bins_thread, tiny_model.classify(bins_thread))
    (headline,) = tree.findall(".//h1")
    assert text_of(headline).replace("\u2011", "-") == " ".join(str(summary).split())
    assert all(
        svg.get("aria-hidden") == "true" or svg.xpath("ancestor::*[@aria-hidden='true']") for svg in tree.iter("svg")
    )
    tables = [text_of(table) for table in tree.iter("table")]
    assert all(any(f"{share.label} {share.share:.0%}" in table for table in tables) for share in summary.by_comments)


def test_replies_stand_under_what_they_answer_with_a_way_back(
    tiny_model: stance.StanceModel, bins_thread: stance.Thread
) -> None:
    later = stance.Comment(id="6", text="Pay up.", author="Ann", parent_id="1")
    thread = replace(bins_thread, comments=(*bins_thread.comments, later))
    tree = html.document_fromstring(page_of(tiny_model, [thread]))
    items = tree.xpath("//li[contains(concat(' ', @class, ' '), ' c ')]")
    assert [(item.get("id"), "d1" in item.get("class").split()) for item in items] == [
        *(("c1", False), ("c6", True), ("c2", False), ("c3", True), ("c4", True), ("c5", False)),
    ]
    assert items[1].xpath(".//a[@href='#c1']/bdi/text()") == ["Kath"]


def test_evidence_is_marked_where_it_stands_and_what_was_not_asked_is_said(
    tiny_model: stance.StanceModel, bins_thread: stance.Thread
) -> None:
    again = replace(bins_thread.comments[1], id="6")
    thread = replace(bins_thread, comments=(*bins_thread.comments, again))
    evidence = tiny_model.explain(thread, tiny_model.classify(thread))
    assert len(evidence) > 1
    tree = html.document_fromstring(page_of(tiny_model, [thread]))
    assert [mark.text for mark in tree.iter("mark")] == [row.text for row in evidence]
    some = html.document_fromstring(page_of(tiny_model, [thread], evidence=evidence[:1]))
    assert len(list(some.iter("mark"))) == 1
    assert f"in 1 of the {len(evidence)} comments" in text_of(some)
    none = html.document_fromstring(page_of(tiny_model, [thread], evidence=()))
    assert "were not looked for" in text_of(none)


def test_what_the_model_is_worth_is_said_or_said_to_be_unknown(
    tiny_model: stance.StanceModel, bins_thread: stance.Thread
) -> None:
    figures = {"accuracy": 0.536, "dataset": {"n": 429}, "macro_f1": 0.53, "interval": [0.49, 0.58]}
    card = replace(tiny_model.card, figures=figures)
    told = text_of(html.document_fromstring(page_of(tiny_model, [bins_thread], card=card)))
    assert "it is right 54% of the time" in told
    assert "0.53 (95% interval 0.49 to 0.58)" in told
    unknown = text_of(html.document_fromstring(page_of(tiny_model, [bins_thread])))
    assert "How good tiny is, its card does not say" in unknown
    assert "was not handed to this report" in text_of(
        html.document_fromstring(page_of(tiny_model, [bins_thread], card=None))
    )


def test_a_thread_without_comments_has_a_report_too(tiny_model: stance.StanceModel) -> None:
    empty = stance.Thread(id="empty", title="Nothing here")
    assert "No comments to summarise." in page_of(tiny_model, [empty])


def test_summary_writes_the_page(tiny_model: stance.StanceModel, bins_thread: stance.Thread, tmp_path: Path) -> None:
    stances = tiny_model.classify(bins_thread)
    summary = stance.summarize(bins_thread, stances)
    summary.write_html(tmp_path / "report.html", evidence=tiny_model.explain(bins_thread, stances))
    page = html.document_fromstring((tmp_path / "report.html").read_bytes())
    assert len(page.xpath("//p[@class='said']")) == len(bins_thread.comments)
    with pytest.raises(stance.InputError, match="cannot be written"):
        summary.write_html(tmp_path / "no" / "report.html")
