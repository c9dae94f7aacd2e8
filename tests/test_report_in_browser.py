"""The report opened in a real browser: nothing runs but its own script, and nothing is asked of any server.

Needs Chromium. Without one these tests are skipped, unless ``STANCE_NEEDS_BROWSER`` is set, as it is in CI.
"""

from __future__ import annotations

import base64
import http.server
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from lxml import html

import stance
from benchmarks.browser import WORDS, Browser, find_browser
from stance.report import render_report
from tests.hostile import attacks, hostile_sides, hostile_threads

CHROMIUM = find_browser()
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("STANCE_NEEDS_BROWSER"), reason="there is no Chromium here"
)


@dataclass
class Listener:
    """A server that only notes what it is asked for."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_error(404)

        do_POST = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def opened(page: Path, folder: Path) -> str:
    """The document as it stands after the page was opened and its scripts have run."""
    assert CHROMIUM, "install chromium: STANCE_NEEDS_BROWSER is set"
    words = [*WORDS, f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=2000", "--dump-dom", page.as_uri()]
    return subprocess.run([CHROMIUM, *words], capture_output=True, check=True, timeout=300).stdout.decode("utf-8")


def page_of(model: stance.StanceModel, threads: list[stance.Thread], sides: stance.Sides | None = None) -> str:
    by_id = {thread.id: sides for thread in threads} if sides else None
    stances = model.classify(threads, sides=by_id)
    summary = stance.summarize(threads, stances)
    people = {(p.thread_id, id_): i for i, p in enumerate(summary.people) for id_ in p.comment_ids}
    evidence = model.explain(threads, stances, sides=by_id)
    return render_report(summary, threads, stances, people=people, evidence=evidence, sides=by_id, card=model.card)


def test_the_check_sees_what_an_unguarded_page_does(listener: Listener, tmp_path: Path) -> None:
    page = tmp_path / "unguarded.html"
    body = "\n".join(text for text in attacks(listener.url) if "refresh" not in text)
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{body}", "utf-8", errors="replace")
    assert "data-owned" in opened(page, tmp_path).split(">", 2)[1]
    assert {"/fetch"} < set(listener.asked), "it runs and it loads"


def test_nothing_of_a_hostile_thread_runs_and_nothing_is_requested(
    tiny_model: stance.StanceModel, listener: Listener, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    page.write_text(page_of(tiny_model, hostile_threads(listener.url), hostile_sides(listener.url)), "utf-8")
    tree = html.document_fromstring(opened(page, tmp_path))
    assert "data-owned" not in tree.attrib
    assert listener.asked == []
    # The page's own script did run: it shows the filters and counts.
    (tools,) = tree.xpath("//form[@id='tools']")
    assert "hidden" not in tools.attrib
    n = len(tree.xpath("//p[@class='said']"))
    assert tree.xpath("string(//output)") == f"{n} of {n} comments"


def test_the_filters_show_what_is_asked_for(
    tiny_model: stance.StanceModel, bins_thread: stance.Thread, tmp_path: Path
) -> None:
    stances = tiny_model.classify(bins_thread)
    source = page_of(tiny_model, [bins_thread])
    # A driver in the page needs the policy out of its way.
    source = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", source)
    steps = """<script>{
      const tools = document.getElementById("tools"), results = [];
      const seen = () => [...document.querySelectorAll(".c")].filter((c) => !c.hidden).map((c) => c.id).join(" ");
      const set = (change) => { tools.reset(); change(tools.elements); tools.dispatchEvent(new Event("input")); };
      const changes = [
        (e) => { e.words.value = "WELL said"; },
        (e) => { e.person.selectedIndex = 1; },
        (e) => { for (const box of e.kind) box.checked = box.value === "n"; },
        (e) => { e.least.value = "sure"; },
        (e) => {},
      ];
      const next = (i) => {
        if (i === changes.length) { document.body.dataset.results = results.join("|"); return; }
        set(changes[i]);
        setTimeout(() => { results.push(seen()); next(i + 1); }, 200);
      };
      next(0);
    }</script>"""
    page = tmp_path / "report.html"
    page.write_text(source.replace("</body>", steps + "</body>"), "utf-8")
    found = html.document_fromstring(opened(page, tmp_path)).find("body").get("data-results").split("|")
    ids = [f"c{i}" for i in range(1, 6)]
    busiest = stance.summarize(bins_thread, stances).people[0]
    assert found == [
        "c3",
        " ".join(f"c{id_}" for id_ in busiest.comment_ids),
        " ".join(id_ for id_, s in zip(ids, stances, strict=True) if s.label == "neutral"),
        " ".join(id_ for id_, s in zip(ids, stances, strict=True) if s.sure),
        " ".join(ids),
    ]


LOADED = """(async () => {
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
})()"""
SHOWN = "((name) => [...document.querySelectorAll(name)].map((one) => one.checkVisibility() && one.offsetHeight > 0))"
STICKING_OUT = """[...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll *, .away"))
  .map((one) => `${one.tagName} ${one.className}`)"""


@pytest.fixture(scope="module")
def long_page(tiny_model: stance.StanceModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a thread with all that a thread may have, long enough for a timeline and for unseen comments."""
    address = "https://example.org/" + "an-address-without-an-end/" * 12
    texts = ("The council must pay.", "Well said, in answer to the cuts.", f"See {address}.", "A strike of bins. " * 80)
    comments = tuple(
        stance.Comment(
            id=str(i),
            text=texts[i % 4],
            author=f"A resident of the town with a long name, the {i % 30}th",
            parent_id=str(i - 1) if i % 8 else None,
            quoted=address if i % 9 == 4 else "",
        )
        for i in range(120)
    )
    thread = stance.Thread(id="long", title="Bins " * 20, post="What the paper wrote. " * 40, comments=comments)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page_of(tiny_model, [replace(thread, url=address)]), "utf-8")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert CHROMIUM, "install chromium: STANCE_NEEDS_BROWSER is set"
    with Browser(CHROMIUM, tmp_path_factory.mktemp("browser") / "profile") as opened:
        yield opened


def look(browser: Browser, page: Path, width: int, medium: str = "", scheme: str = "light") -> None:
    browser.renew()
    browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
    browser.shown_as(medium, color_scheme=scheme)
    browser.open(page)
    browser.run(LOADED)


def test_on_paper_everything_is_unfolded_and_nothing_is_left_out(browser: Browser, long_page: Path) -> None:
    look(browser, long_page, 720)
    assert not all(browser.run(f"{SHOWN}('details > :not(summary)')")), "on a screen some of it is folded"
    browser.shown_as("print")
    browser.run(LOADED)
    for name, n in {".c": 120, ".said": 120, "table": 6, "details > :not(summary)": 2}.items():
        shown = browser.run(f"{SHOWN}('{name}')")
        assert all(shown), name
        assert len(shown) >= n, name
    skipped = (
        """[...document.querySelectorAll(".c")].filter((c) => getComputedStyle(c).contentVisibility !== "visible")"""
    )
    assert browser.run(f"{skipped}.length") == 0
    assert not any(browser.run(f"{SHOWN}('.tools > :not(output)')")), "filters are no use on paper"
    assert browser.run(f"{SHOWN}('output')") == [True], "but how many comments they leave is told"


def test_a_print_is_of_all_pages_and_longer_than_the_window(browser: Browser, long_page: Path) -> None:
    look(browser, long_page, 1280)
    printed = base64.b64decode(browser.ask("Page.printToPDF")["data"])
    assert len(re.findall(rb"/Type /Page\b", printed)) > 10


@pytest.mark.parametrize("width", [320, 390, 720, 1280])
@pytest.mark.parametrize("medium", ["", "print"])
def test_nothing_sticks_out_at_the_side(browser: Browser, long_page: Path, width: int, medium: str) -> None:
    look(browser, long_page, width, medium)
    assert browser.run(STICKING_OUT) == []
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_no_table_has_to_be_pushed_aside(browser: Browser, long_page: Path) -> None:
    look(browser, long_page, 390)
    assert browser.run(
        "[...document.querySelectorAll('.scroll')].filter((one) => one.querySelector('.replies'))"
        ".map((one) => one.scrollWidth <= one.clientWidth)"
    ) == [True]


@pytest.mark.parametrize(("medium", "scheme"), [("", "light"), ("", "dark"), ("print", "light"), ("print", "dark")])
def test_every_colour_of_letters_stands_out_from_its_paper(
    browser: Browser, long_page: Path, medium: str, scheme: str
) -> None:
    look(browser, long_page, 1280, medium, scheme)
    names = ("ink", "muted", "a", "b", "n", "paper", "raised", "a-soft", "b-soft")
    read = "getComputedStyle(document.documentElement).getPropertyValue('--{}')"
    colours = {name: browser.run(read.format(name)) for name in names}
    light = {name: luminance(colour) for name, colour in colours.items()}
    pairs = [(letters, paper) for letters in names[:5] for paper in ("paper", "raised")]
    for letters, paper in [*pairs, ("ink", "a-soft"), ("ink", "b-soft")]:
        low, high = sorted((light[letters], light[paper]))
        assert (high + 0.05) / (low + 0.05) >= 4.5, f"{letters} on {paper}"  # WCAG 2.2, 1.4.3
    if medium == "print":
        assert light["paper"] == 1, "no ink is spent on the paper itself"


def luminance(colour: str) -> float:
    """Relative luminance of "#rgb" or "#rrggbb" (WCAG 2.2)."""
    digits = colour.strip().removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))


def test_a_comment_is_few_elements_and_no_numbered_item(browser: Browser, long_page: Path) -> None:
    # Thousands stand in a file. Each list item that is hidden has the browser count all that follow it anew, so that
    # one search took half a minute; and time to open goes by the elements.
    look(browser, long_page, 1280)
    assert browser.run(
        "[...new Set([...document.querySelectorAll('.c')].map((c) => getComputedStyle(c).display))]"
    ) == ["block"]
    assert (
        browser.run("Math.max(...[...document.querySelectorAll('.c')].map((c) => c.querySelectorAll('*').length))")
        <= 18
    )


def test_a_browser_that_throws_or_refuses_is_heard(browser: Browser) -> None:
    browser.renew()
    with pytest.raises(RuntimeError, match="no such thing"):
        browser.run("(() => { throw new Error('no such thing') })()")
    with pytest.raises(RuntimeError, match=r"refuses Page\.nothing"):
        browser.ask("Page.nothing")
