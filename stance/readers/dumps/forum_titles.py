"""The title of a forum's thread, as its page and its posts show it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.dumps import forum_marks as marks


def without_subjects(lines: Sequence[str]) -> tuple[list[str], str | None]:
    """The lines without the posts' subjects, which repeat the thread's title, and that title."""
    answers = [
        match[1] for line in lines if len(line) < 160 and (match := re.match(r"\s*re:\s*(.{2,120}?)\s*$", line, re.I))
    ]
    subject = max(set(answers), key=answers.count) if answers else None
    if subject is None:
        return list(lines), None
    wanted = {subject.casefold(), f"re: {subject}".casefold()}
    return ["" if line.strip().casefold() in wanted else line for line in lines], subject


def named_title(above: Sequence[str]) -> str:
    """The title, where the board's own words stand right beside it."""
    told = [line.strip() for line in above if line.strip()]
    for n, line in enumerate(told):
        match = marks.RELOAD.fullmatch(line)
        if match:
            return match["title"]
        if n and marks.BELOW_TITLE.fullmatch(line) and not marks.ABOVE.fullmatch(told[n - 1]):
            return told[n - 1] if len(told[n - 1].split()) > 2 else ""
    return ""


def title(title: str, above: Sequence[str]) -> str:
    """The title, where a line of the head says so; else the last of its lines that can be one."""
    named = next((line.strip() for line in above if re.match(r"\s*(?:thread|topic|subject):\s*\S", line, re.I)), None)
    likely = [
        line.strip() for line in above if 0 < len(line.strip()) <= 120 and not marks.ABOVE.fullmatch(line.strip())
    ]
    title = re.sub(r"^(?:thread|topic|subject):\s*", "", named or title or (likely[-1] if likely else ""), flags=re.I)
    return re.sub(r"\s*\(read \d+ times\)\s*$", "", title, flags=re.I)
