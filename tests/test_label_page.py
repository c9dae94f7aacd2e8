"""The page where one labels: no comment runs, no network is asked, and the keys do what they say."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import html as markup

import stance
from benchmarks.browser import find_browser
from stance.labelling.sheet import LabellingSheet

HOSTILE = (
    "</script><script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "<!-- <script> {{script}} &lt;/script&gt; \u2028\u2029\u202e 'x' \"y\" ${z}",
    '"><svg onload=alert(1)><a href="javascript:alert(1)">x</a>',
    "Pay the crews what they are owed.",
)


def hostile_sheet() -> LabellingSheet:
    comments = tuple(stance.Comment(id=text, text=text, author=text) for text in HOSTILE)
    side = stance.Side("</script>{{data}}", HOSTILE[0])
    sides = stance.Sides(side, stance.Side("<b>union</b>", HOSTILE[1]))
    return LabellingSheet.of(stance.Thread(id=HOSTILE[1], title=HOSTILE[0], post=HOSTILE[1], comments=comments), sides)


def plain_sheet(n: int = 3) -> LabellingSheet:
    comments = tuple(stance.Comment(id=str(i), text=f"Pay them {i}.") for i in range(n))
    return LabellingSheet.of(stance.Thread(id="bins", comments=comments), stance.Sides.council_union())


def source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def test_the_policy_lets_only_the_pages_own_script_and_style_run() -> None:
    tree = markup.document_fromstring(hostile_sheet().to_html())
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    data, script = tree.xpath("//script")
    assert data.get("type") == "application/json"
    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src {source(script.text)}",
        f"style-src {source(tree.xpath('//style')[0].text)}",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_hostile_words_stay_words() -> None:
    tree = markup.document_fromstring(hostile_sheet().to_html())
    assert [element.tag for element in tree.iter("img", "svg", "a", "iframe", "link", "object", "form")] == []
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on") or name == "style"]
    assert not tree.xpath("//@src | //@href")
    rows = json.loads(tree.xpath("//script[@id='data']")[0].text)["rows"]
    assert [row["text"] for row in rows] == list(HOSTILE)


def test_a_notebook_shows_the_page_in_a_frame_shut_off_from_it() -> None:
    frame = markup.fragment_fromstring(hostile_sheet()._repr_html_())
    assert frame.tag == "iframe"
    assert frame.get("sandbox") == "allow-scripts allow-downloads"
    assert frame.get("srcdoc") == hostile_sheet().to_html()


def test_the_state_of_one_sheet_is_not_taken_for_that_of_another() -> None:
    keys = {re.search(r"stance-labels-\w+", plain_sheet(n).to_html())[0] for n in (2, 3, 3)}  # type: ignore[index]
    assert len(keys) == 2


CHROMIUM = find_browser()
in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")


def opened(page: str, folder: Path, driver: str = "") -> Any:
    """The page's elements after its script has run in a browser, and then ``driver`` under the same policy."""
    if driver:
        page = page.replace("script-src ", f"script-src {html.escape(source(driver))} ")
        page = page.replace("</body>", f"<script>{driver}</script></body>")
    path = folder / "page.html"
    path.write_text(page, "utf-8")
    assert CHROMIUM
    options = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    options += f" --disable-component-update --disable-sync --virtual-time-budget=3000 --user-data-dir={folder}/profile"
    done = subprocess.run(
        [CHROMIUM, *options.split(), "--dump-dom", path.as_uri()], capture_output=True, check=True, timeout=300
    )
    return markup.document_fromstring(done.stdout.decode("utf-8"))


DRIVER = """
const press = (...keys) => keys.forEach((key) => document.dispatchEvent(new KeyboardEvent("keydown", { key })));
const at = () => document.getElementById("place").textContent;
const told = { places: [at()] };
const does = (...keys) => { press(...keys); told.places.push(at()); };
does("2"); does("q");           // a stance waits for the tone
does("1"); does("e");
does("u"); does("u");           // back to the second comment, both taken back
does("3", "w");
does("ArrowLeft"); does("ArrowLeft"); does("ArrowRight");
does("x", "9");                 // keys without a meaning
told.status = document.getElementById("status").textContent;
told.kept = JSON.parse(localStorage.getItem(Object.keys(localStorage)[0]));
URL.createObjectURL = (blob) => {
  blob.text().then((text) => { told.lines = text; document.title = JSON.stringify(told); });
  return "blob:none";
};
HTMLAnchorElement.prototype.click = function () { told.name = this.download; };
document.getElementById("save").click();
"""


@in_a_browser
def test_keys_label_take_back_and_move_and_the_button_saves_rows_that_come_back(tmp_path: Path) -> None:
    sheet = plain_sheet()
    told = json.loads(opened(sheet.to_html(), tmp_path, DRIVER).findtext(".//title"))
    first, second, third = (f"comment {i} of 3" for i in (1, 2, 3))
    assert told["places"] == [first, first, second, second, third, second, second, third, second, first, second, second]
    assert told["status"] == "2 of 3 labelled"
    assert told["kept"] == {"at": 1, "stance": [1, 2, None], "sentiment": [0, 1, None]}
    assert told["name"] == "labels.jsonl"
    path = tmp_path / told["name"]
    path.write_text(told["lines"], "utf-8")
    labelled = sheet.read(path)
    assert [(one.example.comment_id, one.stance, one.sentiment) for one in labelled.examples] == [
        ("0", 1, 0),
        ("1", 2, 1),
    ]
    assert labelled.notes == ("1 of 3 comments were left open",)


@in_a_browser
def test_in_a_browser_nothing_of_a_comment_runs(tmp_path: Path) -> None:
    driver = "for (let i = 0; i < 9; i++) document.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));"
    tree = opened(hostile_sheet().to_html(), tmp_path, driver)
    assert tree.findtext(".//title") == "Whose side is it on?"
    assert tree.get_element_by_id("text").text == HOSTILE[-1]
    assert tree.get_element_by_id("title").text == HOSTILE[0]
    assert not tree.xpath("//img | //svg")
