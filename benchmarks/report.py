"""How fast a long report opens: ``python -m benchmarks.report [--comments 5000]``.

Writes a report of our corpus' comments with made-up answers and opens it, as it is, in new tabs of a headless Chromium:
how long until its document is complete and the frame after that is ready, how long a search through all comments
takes, a jump to the last of them, and what that costs the processor, which other work on the machine changes less than
the time. The first run warms the browser and does not count.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import cycle, islice, pairwise
from pathlib import Path

import numpy as np

from benchmarks.browser import Browser, find_browser
from benchmarks.data import fingerprint, load_corpus
from benchmarks.results import write_result
from stance.evidence import Evidence
from stance.sentences import sentence_spans
from stance.sides import NEUTRAL, Sides
from stance.stances import Stances
from stance.summary import summarize
from stance.thread import Comment, Thread

CORPUS = Path(__file__).parent / "corpus"
_FRAME = "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
_OPENED = f"""(async () => {{
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done));
  {_FRAME}
  return [performance.getEntriesByType("navigation")[0].domComplete, performance.now()];
}})()"""
_SEARCHED = f"""(async () => {{
  const tools = document.getElementById("tools"), {{ shown, words }} = tools.elements, before = shown.value;
  const told = new Promise((done) => new MutationObserver(done).observe(shown, {{ childList: true }}));
  const began = performance.now();
  words.value = "pension";
  tools.dispatchEvent(new Event("input"));
  await told;
  {_FRAME}
  if (shown.value === before) throw new Error("the search hid nothing");
  return performance.now() - began;
}})()"""
_JUMPED = f"""(async () => {{
  const began = performance.now();
  location.hash = [...document.querySelectorAll(".c")].at(-1).id;
  {_FRAME}
  return performance.now() - began;
}})()"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comments", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    program = find_browser()
    if program is None:
        raise SystemExit("chromium is needed: apt-get install chromium")
    began = time.perf_counter()
    # Helpers of the browser may outlive it by a moment, and write into its profile.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "report.html"
        written = write_page(page, options.comments)
        megabytes = page.stat().st_size / 1e6
        with Browser(program, Path(folder) / "profile") as browser:
            version = browser.ask("Browser.getVersion")["product"]
            runs = [look(browser, page) for _ in range(options.runs + 1)][1:]
    metrics = {
        "browser": version,
        "runs": options.runs,
        "megabytes": round(megabytes, 1),
        "nodes": round(runs[0].pop("nodes")),
        "seconds_to_write": round(written, 2),
        **{
            name: {
                "median": round(float(np.median([run[name] for run in runs]))),
                "least": round(min(run[name] for run in runs)),
                "most": round(max(run[name] for run in runs)),
            }
            for name in runs[0]
        },
    }
    dataset = {
        "name": "benchmarks/corpus, with made-up answers",
        "sha256": fingerprint(sorted(CORPUS.glob("*.jsonl"))),
        "n": options.comments,
    }
    write_result("report", dataset, metrics, time.perf_counter() - began)


def write_page(path: Path, n: int) -> float:
    """Write a report of ``n`` comments, half of them replies, all sided ones explained. Seconds it took."""
    rng = np.random.default_rng(0)
    rows = list(islice(cycle(load_corpus()), n))
    comments = tuple(
        Comment(
            id=str(i),
            text=row.labelled.example.text,
            author=f"Writer {rng.integers(n // 3)}",
            parent_id=str(rng.integers(max(0, i - 20), i)) if i and rng.random() < 0.5 else None,
        )
        for i, row in enumerate(rows)
    )
    thread = Thread(id="long", title="A long debate", comments=comments)
    chances = rng.dirichlet((0.8, 0.8, 0.8), n)
    stances = Stances(
        sides=Sides.council_union("council", "union"),
        thread_ids=("long",) * n,
        comments=thread.comments,
        probabilities=chances,
        sentiment_probabilities=rng.dirichlet((1, 1, 1), n),
        sure=chances.max(axis=1) > 0.8,
        truncated=np.zeros(n, dtype=np.int32),
        reasons=("",) * n,
    )
    summary = summarize([thread], stances)
    evidence = []
    for stance in stances:
        spans = sentence_spans(stance.comment.text)
        if stance.label != NEUTRAL and spans:
            start, end = spans[-1]
            words = stance.comment.text[start:end]
            evidence.append(
                Evidence(
                    thread_id="long",
                    comment_id=stance.comment.id,
                    label=stance.label,
                    start=start,
                    end=end,
                    text=words,
                    probability=stance.probability,
                    without=0.3,
                    alone=0.7,
                    n_parts=len(spans),
                    runner_up=NEUTRAL,
                    margin=0.2,
                )
            )
    began = time.perf_counter()
    summary.write_html(path, evidence=evidence)
    return time.perf_counter() - began


def look(browser: Browser, page: Path) -> dict[str, float]:
    """What the page does in a tab of its own, in milliseconds; those of opening count from when it was asked for."""
    browser.renew()
    computed = [browser.processor_seconds()]
    browser.open(page)
    complete, frame = browser.run(_OPENED)
    computed.append(browser.processor_seconds())
    nodes = browser.metrics()["Nodes"]
    jump = browser.run(_JUMPED)
    computed.append(browser.processor_seconds())
    search = browser.run(_SEARCHED)
    computed.append(browser.processor_seconds())
    spent = [1000 * (after - before) for before, after in pairwise(computed)]
    return {
        "nodes": nodes,
        "milliseconds_to_complete": complete,
        "milliseconds_to_frame": frame,
        "milliseconds_of_processor_to_frame": spent[0],
        "milliseconds_to_jump_to_the_last": jump,
        "milliseconds_of_processor_to_jump": spent[1],
        "milliseconds_to_search": search,
        "milliseconds_of_processor_to_search": spent[2],
    }


if __name__ == "__main__":
    main()
