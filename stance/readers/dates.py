"""Dates as pages and exports write them, known as exactly as they are written."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from stance.thread import Precision


class Moment(NamedTuple):
    """A time and how exactly it is known. The parts below its precision mean nothing."""

    time: dt.datetime
    precision: Precision = "second"


#: A month and a day of the week, in English, as a pattern.
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
WEEKDAY = r"(?:(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?)"
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = rf"(?P<month>{MONTH})\.?"
_WEEKDAY = rf"(?:{WEEKDAY}\s{{1,3}})?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_ZONE = r"(?:\s?(?P<zone>[A-Z]{1,4}|[+-]\d{2}:?\d{2})\b|\s?\((?P<bracketed>[A-Z]{2,4})\))"
_CLOCK = (
    rf"(?P<hour>\d{{1,2}})[:.](?P<minute>\d{{2}})(?:[:.](?P<second>\d{{2}}))?\s?(?P<half>[ap]\.?m\b\.?)?(?-i:{_ZONE}?)"
)
_DATES = (
    rf"{_WEEKDAY}{_DAY}[ -](?:of )?{_MONTH}[ ,-]{{1,2}}{_YEAR}",  # Thursday, 14 March 2013
    rf"{_WEEKDAY}{_MONTH} {_DAY},?\s{{1,3}}{_YEAR}",  # March 14, 2013
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
    rf"{_WEEKDAY}(?P<one>\d{{1,2}})[/.](?P<two>\d{{1,2}})[/.]{_YEAR}",
    rf"{_MONTH},? {_YEAR}",
)
_BETWEEN = r"(?:[ ,T]{0,2}(?:\s?(?:at|@|-|–|\||·)\s)?\s?)"
_LEAD = r"\s{0,40}(?:(?:posted|published|written|commented|added|edited|updated)[: ]\s?)?(?:at |on )?"
_TAIL = r"[\s,.:#»|·-]{0,40}$"
_LINES = (
    *(
        re.compile(pattern, re.I)
        for date in _DATES
        for pattern in (
            rf"{_LEAD}{date}(?:{_BETWEEN}{_CLOCK})?{_TAIL}",
            rf"{_LEAD}{_CLOCK},?(?: on| -)?\s{{1,3}}{date}{_TAIL}",
        )
    ),
    re.compile(rf"{_LEAD}{_WEEKDAY}{_MONTH} {_DAY},? {_CLOCK},? {_YEAR}{_TAIL}", re.I),  # Thu Mar 14, 10:05:00 AM 2013
)
_LONGEST_LINE = 80  # characters; a longer line is more than a date
_UNITS: dict[str, tuple[Precision, float]] = {  # days
    "second": ("second", 1 / 86_400),
    "minute": ("second", 1 / 1_440),
    "hour": ("hour", 1 / 24),
    "day": ("day", 1),
    "week": ("day", 7),
    "month": ("month", 30.44),
    "year": ("year", 365.25),
}
_AGO = re.compile(
    r"\s{0,40}(?:(?:posted|about|over|almost) ){0,2}(?P<n>\d{1,3}|an?|one)\s?"
    r"(?P<unit>s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:(?:ee)?ks?)?|mo(?:nth)?s?"
    r"|y(?:(?:ea)?rs?)?)(?P<ago> ago| old)?[\s.·]{0,9}$"
    r"|\s{0,40}(?P<word>just now|moments ago|today|yesterday)[\s.·]{0,9}$",
    re.I,
)
_OFFSETS = {"Z": 0, "UTC": 0, "GMT": 0, "BST": 1, "CET": 1, "CEST": 2, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5}
_OFFSETS |= {"MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13}
_EXACTNESS: tuple[Precision, ...] = ("year", "month", "day", "hour", "second")


def parse_date_line(line: str, *, day_first: bool | None = None) -> Moment | None:
    """The moment a line names, where the line is nothing but a date.

    :param day_first: Whether "03/04/2024" is in April; None leaves it open, and such a date unread.
    """
    if len(line) > _LONGEST_LINE or not any(character.isdigit() for character in line):
        return None
    for pattern in _LINES:
        match = pattern.match(line)
        if match:
            return _moment(match.groupdict(), day_first)
    return None


def parse_ago(text: str, page_time: Moment | None) -> Moment | None:
    """The moment that "5 hours ago" names, where it is known when the page was shown, and exactly enough."""
    match = _AGO.match(text) if len(text) <= _LONGEST_LINE else None
    if match is None or page_time is None:
        return None
    precision, days = _length(match)
    if _EXACTNESS.index(precision) > _EXACTNESS.index(page_time.precision):
        return None
    try:
        return Moment(page_time.time - dt.timedelta(days=days), precision)
    except OverflowError:
        return None


def parse_when(text: str, page_time: Moment | None = None, *, day_first: bool | None = None) -> Moment | None:
    """The moment a date or an "ago" names; see :func:`parse_date_line` and :func:`parse_ago`."""
    return parse_iso(text) or parse_date_line(text, day_first=day_first) or parse_ago(text, page_time)


def tells_time(line: str) -> bool:
    """Whether a line is nothing but a date or an "ago", whether or not it can be resolved."""
    return _AGO.match(line) is not None or any(pattern.match(line) for pattern in _LINES)


def parse_iso(text: str) -> Moment | None:
    """The moment that ISO 8601 names: a month, a day, or a day with a clock's time, in any of its forms."""
    text = text.strip()
    if not text[:4].isdigit() or len(text) > 40:
        return None
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return _built(text + "-01", "month")
    precision: Precision = "day" if len(text) <= 10 else "second"
    return _built(text, precision)


def parse_epoch(value: object) -> Moment | None:
    """The moment that a count of seconds, or of milliseconds, since 1970 names, in UTC."""
    try:
        seconds = float(str(value))
        if abs(seconds) > 1e11:  # the year 5138 in seconds; in milliseconds, 1973
            seconds /= 1000
        return Moment(dt.datetime.fromtimestamp(seconds, dt.UTC))
    except (ValueError, OverflowError, OSError):
        return None


def parse_time(value: object, *, day_first: bool | None = None) -> Moment | None:
    """The moment a table's cell names: ISO 8601, a date with its month in words, or seconds since 1970 (UTC).

    :param day_first: Whether "03/04/2024" is in April; None leaves it open, and such a date unread.
    """
    if isinstance(value, dt.datetime):
        return Moment(value)
    if isinstance(value, dt.date):
        return Moment(dt.datetime(value.year, value.month, value.day), "day")
    text = str(value).strip()
    if re.fullmatch(r"\d{9,10}(?:\.\d+)?|\d{12,13}", text):
        return parse_epoch(text)
    return parse_iso(text) or parse_date_line(text, day_first=day_first) or _twitter_time(text)


def _twitter_time(text: str) -> Moment | None:
    """``Mon Oct 01 08:00:00 +0000 2018``, as Twitter and Instagram wrote it."""
    if len(text) != len("Mon Oct 01 08:00:00 +0000 2018"):
        return None
    try:
        return Moment(dt.datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y"))
    except ValueError:
        return None


def _built(text: str, precision: Precision) -> Moment | None:
    try:
        return Moment(dt.datetime.fromisoformat(text), precision)
    except ValueError:
        return None


def _moment(parts: dict[str, str | None], day_first: bool | None) -> Moment | None:
    day, month = parts.get("day"), parts.get("month")
    if parts.get("one"):
        one, two = int(parts["one"] or 0), int(parts["two"] or 0)
        if one <= 12 and two <= 12 and one != two and day_first is None:
            return None
        day, month = (str(one), str(two)) if two <= 12 and day_first is not False else (str(two), str(one))
    month = str(_MONTHS.index(month[:3].casefold()) + 1) if month and month[0].isalpha() else month
    hour, half = parts.get("hour"), (parts.get("half") or "")[:1].casefold()
    try:
        clock = (
            dt.time(_hour_of_day(int(hour), half), int(parts["minute"] or 0), int(parts.get("second") or 0))
            if hour
            else dt.time()
        )
        zone = _zone(parts.get("zone") or parts.get("bracketed") or "") if hour else None
        time = dt.datetime.combine(dt.date(int(parts["year"] or 0), int(month or 0), int(day or 1)), clock, zone)
    except ValueError:
        return None
    return Moment(time, "second" if hour else "day" if day else "month")


def _hour_of_day(hour: int, half: str) -> int:
    return hour % 12 + (12 if half == "p" else 0) if half and hour <= 12 else hour


def _zone(name: str) -> dt.timezone | None:
    """A zone by its offset or its letters; None for none, and for letters that are no zone's."""
    match = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", name)
    if match:
        offset = dt.timedelta(hours=int(match[2]), minutes=int(match[3]))
        return dt.timezone(-offset if match[1] == "-" else offset)
    hours = _OFFSETS.get(name)
    return None if hours is None else dt.timezone(dt.timedelta(hours=hours))


def _length(match: re.Match[str]) -> tuple[Precision, float]:
    word = (match["word"] or "").casefold()
    if word:
        return ("day", float(word == "yesterday")) if word in ("today", "yesterday") else ("second", 0.0)
    unit = match["unit"].casefold()
    key = {"s": "second", "h": "hour", "d": "day", "w": "week", "y": "year"}.get(unit[0])
    key = key or ("month" if unit.startswith("mo") else "minute")
    precision, days = _UNITS[key]
    n = 1 if match["n"].casefold() in ("a", "an", "one") else int(match["n"])
    return precision, n * days
