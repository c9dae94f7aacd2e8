"""The report opened in a real browser: nothing runs but its own script, and nothing is asked of any server.

Needs Chromium. Without one these tests are skipped, unless ``STANCE_NEEDS_BROWSER`` is set, as it is in CI.
"""

from __future__ import annotations

import http.server
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lxml import html

import stance
from stance.report import render_report
from tests.hostile import attacks, hostile_sides, hostile_threads

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
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
    words = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *(f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=2000", "--dump-dom", page.as_uri()),
    ]
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
