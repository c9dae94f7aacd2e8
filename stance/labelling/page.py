"""A labelling sheet as a page for the browser: one file, no network, one labels with keys.

Comments are other people's words, perhaps made to do harm. The rows lie in the page as JSON in which no character can
end the element that holds it; the script puts them on the screen as text, never as markup; and the page's policy lets
no script run, no style apply and no address be asked but those of the page itself, known by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

#: Keys for the stances, in column order, and for the tones.
STANCE_KEYS = "123456789"
TONE_KEYS = "qwe"
_IN_SCRIPT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def page(
    records: Sequence[Mapping[str, Any]],
    labels: Sequence[str],
    sentiments: Sequence[str],
    guide: Sequence[tuple[str, str]],
) -> str:
    """The whole page.

    :param records: Rows with the columns of a sheet; what the page saves are these with ``stance`` and ``sentiment``
        filled in.
    :param labels: The stances to choose from.
    :param sentiments: The tones.
    :param guide: Paragraphs, each a heading and its text.
    """
    script, style = _asset("page.js"), _asset("page.css")
    policy = (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; base-uri 'none';"
        " form-action 'none'"
    )
    data = {
        "rows": list(records),
        "stances": list(labels),
        "stanceKeys": STANCE_KEYS[: len(labels)],
        "sentiments": list(sentiments),
        "sentimentKeys": TONE_KEYS,
        "key": _state_key(records, labels),
    }
    told = "".join(
        f"<p>{f'<b>{html.escape(heading)}</b> ' if heading else ''}{html.escape(text)}</p>" for heading, text in guide
    )
    parts = {
        "policy": html.escape(policy),
        "style": style,
        "guide": told,
        "data": json.dumps(data).translate(_IN_SCRIPT),
        "script": script,
    }
    # In one pass: what is put in is not looked at again.
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _asset("page.html"))


def _state_key(records: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> str:
    """Under what the browser keeps the labels of this very sheet."""
    told = [list(labels), *([r["thread_id"], r["comment_id"], r["text_sha256"]] for r in records)]
    return "stance-labels-" + hashlib.sha256(json.dumps(told).encode("utf-8")).hexdigest()[:16]


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _asset(name: str) -> str:
    return (resources.files("stance.labelling") / name).read_text("utf-8")
