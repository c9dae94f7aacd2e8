"""How fast a long report opens: ``python -m benchmarks.report [--comments 5000]``.

Writes a report of our corpus' comments with made-up answers, opens it in headless Chromium and asks the page itself:
when its document was complete, when the first frame after that was ready, and how long a search through all comments
takes.
"""

from __future__ import annotations

import argparse
import http.server
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np

from benchmarks.data import fingerprint, load_corpus
from benchmarks.results import write_result
from stance.evidence import Evidence
from stance.sentences import sentence_spans
from stance.sides import NEUTRAL, Sides
from stance.stances import Stances
from stance.summary import summarize
from stance.thread import Comment, Thread

CORPUS = Path(__file__).parent / "corpus"
_WATCH = """<script>{
  const told = {};
  addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(() => {
    told.frame = performance.now();
    told.complete = performance.getEntriesByType("navigation")[0].domComplete;
    const words = document.getElementById("words");
    words.value = "pension";
    const began = performance.now();
    document.getElementById("tools").dispatchEvent(new Event("input"));
    setTimeout(() => {
      told.search = performance.now() - began - 80;
      fetch("TOLD?" + new URLSearchParams({ ...told }), { mode: "no-cors" });
    }, 80);
  })));
}</script>"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comments", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    browser = shutil.which("chromium")
    if browser is None:
        raise SystemExit("chromium is needed: apt-get install chromium")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        written = write_page(page, options.comments)
        megabytes = page.stat().st_size / 1e6
        # The page's policy would stop the watch.
        source = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page.read_text("utf-8"))
        page.write_text(source.replace("<body>", f"<body>{_WATCH}", 1), "utf-8")
        runs = [look(browser, page, Path(folder) / f"profile-{run}") for run in range(options.runs)]
    version = subprocess.run([browser, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    metrics = {
        "browser": version,
        "megabytes": round(megabytes, 1),
        "seconds_to_write": round(written, 2),
        **{f"milliseconds_to_{name}": round(float(np.median([run[name] for run in runs]))) for name in runs[0]},
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


def look(browser: str, page: Path, profile: Path) -> dict[str, float]:
    """What the page tells of itself, in milliseconds from the moment it was asked for."""
    heard: queue.Queue[str] = queue.Queue()

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.put(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    watched = page.with_suffix(f".{profile.name}.html")
    watched.write_text(page.read_text("utf-8").replace("TOLD", f"http://127.0.0.1:{server.server_port}/"), "utf-8")
    words = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *(f"--user-data-dir={profile}", "--window-size=1280,900", "--remote-debugging-port=0", watched.as_uri()),
    ]
    with subprocess.Popen([browser, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            told = parse_qs(urlsplit(heard.get(timeout=300)).query)
        finally:
            process.terminate()
            server.shutdown()
            server.server_close()
    return {name: float(value) for name, (value,) in told.items()}


if __name__ == "__main__":
    main()
