"""Comments under a page of no known platform, copied as text: name and time above each, and the page counts them.

Read only where the number announced is the number found, or each comment is closed by a button: elsewhere names and
dates may be a page's news as well.
"""

from __future__ import annotations

import re

from stance.readers.dumps.furniture import BADGES, BUTTON_ROW, BUTTONS, FOOT
from stance.readers.dumps.lines import mentions
from stance.readers.dumps.listed import Platform, read_listed
from stance.readers.source import Source
from stance.thread import Thread

_ANY = Platform(
    marks=BUTTON_ROW,
    count=re.compile(
        r"(?:comments?|responses?|replies|discussion)[ \t]*[(:•·]?[ \t]*(?P<n>\d[\d,]{0,6})[ \t]*\)?"
        r"|\(?(?P<m>\d[\d,]{0,6})\)?[ \t]+(?:comments?|responses?|replies|answers?)"
        r"(?: (?:so far|on this .{1,20}|to .{1,100}))?:?",
        re.I,
    ),
    buttons=BUTTONS,
    badges=BADGES,
    foot=FOOT,
    day_first=None,
    bare_quotes=True,
)
_MENTIONS = re.compile(r"\b(?:reply|report|share|like|recommend|comments?|responses?|replies|agree)\b", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where nothing bears out that its names and dates are comments."""
    if not mentions(source, _MENTIONS):
        return None
    return read_listed(source, _ANY, is_known=False)
