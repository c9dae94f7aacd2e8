"""Reddit's dumps (Pushshift and its followers): one comment or submission a line, streamed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stance.readers.dates import parse_epoch
from stance.readers.draft import Draft
from stance.readers.json_values import Object, first_line, json_lines, text_at
from stance.readers.source import Source
from stance.readers.wording import unescaped
from stance.thread import Thread

_GONE = {"[deleted]": "deleted", "[removed]": "removed", "[ Removed by Reddit ]": "removed"}
_QUOTED_LINE = re.compile(r"[ ]{0,3}>(?!!)[ ]?")  # ">!" opens a spoiler, which is the writer's own


def read(source: Source) -> list[Thread] | None:
    """Read the dump, a thread for each submission; None where its first line is neither comment nor submission."""
    head = first_line(source)
    if not isinstance(head, dict) or not (_is_comment(head) or _is_submission(head)):
        return None
    drafts: dict[str, Draft] = {}
    n_others = 0
    for row in _rows(source):
        if _is_comment(row):
            _add(_draft_of(drafts, source, str(row["link_id"]).removeprefix("t3_")), row)
        elif _is_submission(row):
            _describe(_draft_of(drafts, source, str(row["id"])), row)
        else:
            n_others += 1
    threads = list(drafts.values())
    if n_others:
        threads[0].doubt(f"{n_others} lines are neither comments nor submissions and were left out")
    return [draft.thread("certain", shows_parents=True) for draft in threads]


def _rows(source: Source) -> Iterator[Object]:
    for _, row in json_lines(source):
        yield row if isinstance(row, dict) else {}


def _is_comment(row: Object) -> bool:
    return isinstance(row.get("body"), str) and isinstance(row.get("link_id"), str)


def _is_submission(row: Object) -> bool:
    return isinstance(row.get("title"), str) and isinstance(row.get("id"), str) and "num_comments" in row


def _draft_of(drafts: dict[str, Draft], source: Source, thread_id: str) -> Draft:
    if thread_id not in drafts:
        drafts[thread_id] = Draft(source, id=thread_id)
    return drafts[thread_id]


def _describe(draft: Draft, row: Object) -> None:
    """Give a thread its submission."""
    post = row.get("selftext")
    draft.title = unescaped(row["title"]).strip()
    draft.post = unescaped(post).strip() if isinstance(post, str) and post not in _GONE else ""
    draft.post_author = text_at(row, "author")
    draft.url = _page(text_at(row, "permalink"))


def _add(draft: Draft, row: Object) -> None:
    body = row["body"].strip()
    if body in _GONE:
        draft.drop(_GONE[body])
        return
    draft.url = draft.url or _page(text_at(row, "permalink"))
    words, quoted = _without_quotes(unescaped(body))
    parent = text_at(row, "parent_id") or ""
    draft.add(
        words,
        id=text_at(row, "id"),
        author=text_at(row, "author"),
        time=parse_epoch(row.get("created_utc")),
        parent_id=parent.removeprefix("t1_") if parent.startswith("t1_") else None,
        is_post_author=row.get("is_submitter") is True,
        quoted=quoted,
    )


def _without_quotes(body: str) -> tuple[str, str]:
    """A comment's own lines, and those it quotes with ">"."""
    if ">" not in body:
        return body, ""
    own: list[str] = []
    quoted: list[str] = []
    for line in body.split("\n"):
        mark = _QUOTED_LINE.match(line)
        (quoted if mark else own).append(line[mark.end() :] if mark else line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(own)), "\n".join(quoted)


def _page(permalink: str | None) -> str | None:
    """The address of a thread from that of one of its comments: ``/r/SUB/comments/ID/WORDS/`` and no more."""
    found = re.match(r"(?:https?://[^/]{1,60})?(/r/[^/]{1,60}/comments/\w{1,20}/(?:[^/]{1,200}/)?)", permalink or "")
    return f"https://www.reddit.com{found[1]}" if found else None
