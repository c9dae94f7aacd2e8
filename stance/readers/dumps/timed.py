"""A time anywhere in a line, and what a page writes around it: "ann on 5 August 2009 at 10:41 said:"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from stance.readers.dates import MONTH, WEEKDAY
from stance.readers.dumps.lines import FOREIGN_MONTHS, is_time, split_time

_LONGEST = 160  # characters of a line that is looked at
_MARKS = " \t•·∙|–—-«»›,#*:([)]\u200e\u200f\u00a0"
_MONTH = rf"(?:{MONTH}|{'|'.join(sorted(FOREIGN_MONTHS, key=len, reverse=True))})\.?"
_WEEKDAY = rf"(?:{WEEKDAY}[ ])?"
_DAY = r"\d{1,2}(?:st|nd|rd|th|\.)?"
_DATE = (
    rf"{_WEEKDAY}(?:{_DAY} (?:de |of )?{_MONTH},? (?:de )?\d{{4}}|{_MONTH} {_DAY},? \d{{4}}"
    r"|\d{1,2}([/.-])\d{1,2}\1\d{2,4}|\d{4}-\d{2}-\d{2})"
)
_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[ap]\.?m\b\.?)?(?: (?:GMT|BST|UTC|[ECMP][SD]T)\b)?"
_AND = r",? (?:(?:at|@|-|–|\||·|um|às|kl\.?|alle(?: ore)?) )?"
_WITHIN = re.compile(
    rf"(?<![\w/])(?:{_DATE}(?:{_AND}{_CLOCK})?|{_CLOCK},?(?: on| -)? {_DATE}"
    r"|(?:about )?(?:\d{1,3}|an?|one) (?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year)s? ago)(?![\w/])",
    re.I,
)
# "Ann on Sun, 02/06/2011": where the time was taken from the end, the day of the week is left.
_LEFT = re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?$", re.I)
_EDITED = re.compile(r"\b(?:edited|(?:last )?(?:modified|updated))\b", re.I)


class Parted(NamedTuple):
    """A line with a time in it.

    :param before: What stands before the time, without marks; empty where nothing does.
    :param behind: What stands behind it.
    """

    before: str
    time: str
    behind: str

    @property
    def rest(self) -> str:
        """What is not the time."""
        return f"{self.before} {self.behind}".strip()


@lru_cache(maxsize=1 << 16)
def parted(line: str) -> Parted | None:
    """The line around the time in it, which stands at its end or anywhere; None where there is none, or several."""
    line = line.strip()
    split = split_time(line)
    if split:
        return Parted(_LEFT.sub("", split[0]).strip(_MARKS), split[1], "")
    if len(line) > _LONGEST:
        return None
    found = list(_WITHIN.finditer(_EDITED.split(line)[0]))
    if len(found) != 1 or not is_time(found[0].group()):
        return None
    start, end = found[0].span()
    return Parted(line[:start].strip(_MARKS), found[0].group(), line[end:].strip(_MARKS))
