"""A LinkedIn post with its comments copied as text: picture's caption, name, what the writer does, "2y" above.

The caption says the name once more ("Ann Smith, graphic", "View Ann Smith's profile"); that is how heads are known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.draft import Draft
from stance.readers.dumps.furniture import in_a_row
from stance.readers.dumps.heads import Gathering, Head, name_called
from stance.readers.dumps.lines import is_name, is_time, lines_of_dump, mentions, page_time_in, text_of_dump, time_of
from stance.readers.source import Source
from stance.thread import Thread

_CAPTION = re.compile(
    r"(?P<name>\S.{0,60}?)(?:, (?:graphic|grafik|graphique|gráfico|grafica)(?: link)?|['’]s? profile (?:photo|picture))"
    r"|view (?P<name2>\S.{0,60}?)['’]s? (?:graphic link|profile|open to work profile)",
    re.I,
)
_OF = re.compile(
    r"(?P<name>\S.{0,60}?)['’]s? (?:post|beitrag)|beitrag von (?P<de>\S.{0,60})|post de (?P<fr>\S.{0,60})", re.I
)
_COUNT = re.compile(
    r"(?P<n>\d[\d,.]{0,6}) (?:comments?|kommentare?|commentaires?|comentarios?|comentários?|commenti|commento)", re.I
)
_BUTTON = (
    r"(?:like|love|celebrate|support|insightful|funny|reply|comment|share|send|repost|gefällt mir|antworten|j['’]aime"
    r"|répondre|recomendar|responder|consiglia|rispondi|report this (?:post|comment)|edited|translate|see translation"
    r"|\d[\d,.]{0,6}(?: (?:reactions?|likes?|repl(?:y|ies)|reaktion(?:en)?|réactions?|reacciones))?|…more)"
)
_FURNITURE = re.compile(rf"{in_a_row(_BUTTON, 7)}|see more comments|load more comments", re.I)
_EDITED = re.compile(
    r"(?<![ \t])[ \t]*+(?:[·•(][ \t]*+)?(?:edited|bearbeitet|modifié|editado|modificato)\)?[ \t]*$", re.I
)
_FOOT = re.compile(
    r"see more comments|load more comments|to view or add a comment, sign in.*|\d[\d,.]{0,9}[KM]? followers"
    r"|more from this author|explore topics|more relevant posts",
    re.I,
)
_HEAD_LINES = 6
_MENTIONS = re.compile(r"linkedin|, (?:graphic|grafik|graphique|gráfico|grafica)\b|to view or add a comment", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where no names stand below captions that say them."""
    if not mentions(source, _MENTIONS):
        return None
    lines = lines_of_dump(source)
    page_time = page_time_in(text_of_dump(source))
    heads: list[Head] = []
    for n, line in enumerate(lines):
        name = _name_below_caption(lines, n) if 4 < len(line) < 120 else None
        if name is None or (heads and n < heads[-1].body):
            continue
        near = range(n + 2, min(n + 2 + 2 * _HEAD_LINES, len(lines)))
        stamp = next((m for m in near if is_time(_EDITED.sub("", lines[m]).strip())), None)
        if stamp is not None:
            time = time_of(_EDITED.sub("", lines[stamp]).strip(), page_time)
            heads.append(Head(n, stamp + 1, name, time))
    if not heads:
        return None
    count = next((n for n, line in enumerate(lines[: heads[0].start]) if _COUNT.fullmatch(line.strip())), None)
    if count is None and len(heads) < 2:
        return None
    end = next((n for n in range(heads[-1].body, len(lines)) if _FOOT.fullmatch(lines[n].strip())), len(lines))
    draft = _draft(source, lines[: heads[0].start if count is None else count])
    gathering = Gathering(draft, lines, _is_furniture)
    known: set[str] = set()
    for head, stop in zip(heads, [*(head.start for head in heads[1:]), end], strict=True):
        words = next((line for line in lines[head.body : stop] if line.strip()), "")
        gathering.add(head._replace(answers=name_called(words, known, head.name)), stop)
        known.add(head.name or "")
    told = _COUNT.fullmatch(lines[count].strip()) if count is not None else None
    draft.expect(int(re.sub(r"\D", "", told["n"])) if told else None)
    return [draft.thread("certain" if told and len(heads) > 1 else "likely")]


def _name_below_caption(lines: Sequence[str], n: int) -> str | None:
    match = _CAPTION.fullmatch(lines[n].strip())
    name = (match["name"] or match["name2"]).strip() if match else ""
    below = next((line.strip() for line in lines[n + 1 : n + 4] if line.strip()), "")
    return name if name and below == name and is_name(name) else None


def _is_furniture(line: str) -> bool:
    return len(line) < 120 and _FURNITURE.fullmatch(line) is not None


def _draft(source: Source, above: Sequence[str]) -> Draft:
    """The post, which has no title: below "Ann Smith's Post", her name, what she does, and the time."""
    told = [line.strip() for line in above]
    owner = next((match for line in told if len(line) < 90 and (match := _OF.fullmatch(line))), None)
    author = next((name for name in owner.groups() if name), None) if owner else None
    stamp = next((n for n, line in enumerate(told) if is_time(_EDITED.sub("", line).strip())), -1)
    if author is None and stamp > 0:
        author = next((line for line in told[:stamp] if is_name(line)), None)
    words = told[stamp + 1 :]
    while words and (not words[0] or _is_furniture(words[0])):
        words.pop(0)
    while words and (not words[-1] or _is_furniture(words[-1])):
        words.pop()
    return Draft(source, post="\n".join(words), post_author=author)
