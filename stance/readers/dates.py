"""Dates as pages print them."""

from __future__ import annotations

import datetime as dt
import re

from dateutil import parser

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_CLOCK = r"(?:[ ,]*(?:at|-|–)?[ ]*\d{1,2}[:.]\d{2}(?::\d{2})?[ ]*(?:[ap]\.?m\.?)?)?"
_DATE_LINE = re.compile(
    r"^[ \t]*(?:posted |at |on )?(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?[ ]+)?"
    rf"(?:{_DAY}[ ]+(?:of[ ]+)?{_MONTH},?[ ]+\d{{4}}|{_MONTH}[ ]+{_DAY},?[ ]+\d{{4}}"
    rf"|\d{{4}}-\d{{2}}-\d{{2}}[ T]?){_CLOCK}[ \t]*$",
    re.IGNORECASE,
)


def parse_date_line(line: str) -> dt.datetime | None:
    """The moment a line names, where the line is nothing but a date that writes its month or is ISO 8601."""
    match = _DATE_LINE.match(line)
    if not match:
        return None
    try:
        found: dt.datetime = parser.parse(re.sub(r"(?i)^\s*(?:posted|at|on)\s+|\bof\b|\bat\b", " ", line))
    except (ValueError, OverflowError):
        return None
    return found


def parse_time(value: object) -> dt.datetime | None:
    """The moment a table's cell names: ISO 8601, a date with its month in words, or seconds since 1970 (UTC).

    A day and month in numbers alone ("03/04/2024") is ambiguous and gives None.
    """
    if isinstance(value, dt.datetime):
        return value
    text = str(value).strip()
    if re.fullmatch(r"\d{9,10}(?:\.\d+)?", text):
        return dt.datetime.fromtimestamp(float(text), dt.UTC)
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return parse_date_line(text)
