"""The dates of a saved page, resolved by when it was saved and by how it orders days and months."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from stance.readers.dates import Moment, parse_date_line, parse_epoch, parse_iso, parse_when
from stance.readers.markup import Element, line_of, page_of, strings
from stance.readers.source import Source
from stance.readers.wording import one_line

#: Attributes in which pages keep a moment as a count of seconds.
EPOCHS = (
    *("data-utime", "data-time", "data-timestamp", "data-epoch", "data-date-timestamp", "pubdate", "data-date"),
    *("data-comment-timestamp", "data-created", "data-unixtime", "data-created-at"),
)
_TOLD = ("datetime", "ts", "title", "content", "data-original-title", "data-datetime", "data-date", "aria-label")
_MOST_STRINGS = 4_000  # of a page that are looked at for how it orders days and months
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](?:19|20)\d\d(?!\d)")
_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::\d{2})?\s?(?P<half>[ap]\.?m)?"
_TODAY = re.compile(
    rf"(?P<day>today|yesterday|heute|gestern|aujourd.hui|hier|hoy|ayer)[,\s]{{0,3}}(?:at|um|à|a las)?\s?{_CLOCK}", re.I
)
_SHORT_YEAR = re.compile(r"\b(\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8}\.?) '?(\d{2})$")
_LEAD = re.compile(
    r"^(?:[»·•|\-–—,\s]++|#\d{1,6}\s+|(?:last )?(?:posted|post|sent|written|date|on|le|el|am|den|edited)\b:?\s|"
    r"(?:by|von|par|por) \S{1,40} [»·|]\s?)++",
    re.I,
)
_ISO_AND_EPOCH = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]{5,15}Z? (\d{9,10})$")  # Hacker News
_ISO_AND_MORE = re.compile(r"(\d{4}-\d\d-\d\d[T ][\d:.]{5,15}Z?),\s")  # "…Z, License: …"
_SINGLEFILE = re.compile(r"saved date:\s{0,9}([A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} [\d:]{8})(?: GMT([+-]\d{4}))?")
_WAYBACK = re.compile(r"FILE ARCHIVED ON (\d\d:\d\d:\d\d) ([A-Z][a-z]{2} \d\d, \d{4})")
_CURRENTLY = re.compile(
    r"(?:It is currently|The time now is|Aktuelle Zeit:)\s{0,3}([\w ,:.]{10,60}?\d{4}[\w ,:.]{0,20})"
)
_FOREIGN = {
    **dict.fromkeys("janvier januar enero gennaio januari janeiro ene gen janv jänner".split(), "January"),
    **dict.fromkeys("février fevrier februar febrero febbraio februari fevereiro févr fév".split(), "February"),
    **dict.fromkeys("mars märz maerz marzo maart março mär mrz".split(), "March"),
    **dict.fromkeys("avril abril aprile avr abr".split(), "April"),
    **dict.fromkeys("mai mayo maggio mei maio mag".split(), "May"),
    **dict.fromkeys("juin juni junio giugno junho giu".split(), "June"),
    **dict.fromkeys("juillet juli julio luglio julho juil lug".split(), "July"),
    **dict.fromkeys("août aout agosto augustus ago".split(), "August"),
    **dict.fromkeys("septembre septiembre settembre setembro set".split(), "September"),
    **dict.fromkeys("octobre oktober octubre ottobre outubro okt ott".split(), "October"),
    **dict.fromkeys("novembre noviembre novembro".split(), "November"),
    **dict.fromkeys("décembre decembre dezember diciembre dicembre dezembro dez dic déc".split(), "December"),
    "april": "April",
    "august": "August",
    "september": "September",
    "november": "November",
}
_FOREIGN_DATE = re.compile(
    r"(?:[^\W\d]{2,12}\.?,? )?(?:el |le |am |den )?(?P<day>\d{1,2})(?:er|º|\.)? (?:de )?"
    r"(?P<month>[^\W\d]{3,12})\.?,? (?:de )?"
    r"(?P<year>\d{4})"
    r"(?:\s?[,|·–-]?\s?(?:à|a las|alle ore|alle|um|om|kl\.?|às|at)?\s?"
    r"(?P<hour>\d{1,2})\s?(?:[:.h]|uur)\s?(?P<minute>\d{2})"
    r"(?: min)?(?: ?Uhr| ?h| ?uur)?)?$",
    re.I,
)


@dataclass(frozen=True)
class Stamps:
    """How to read the dates of a page.

    :param page_time: When it was saved, or showed itself; None where that is not known.
    :param day_first: Whether "03/04/2024" is in April; None where the page does not tell.
    """

    page_time: Moment | None = None
    day_first: bool | None = None

    def of(self, element: Element | None) -> Moment | None:
        """The moment an element tells: by its machine's words first, then by its own."""
        if element is None:
            return None
        for name in EPOCHS:
            value = element.get(name)
            if value and (when := parse_epoch(value) if value.isdigit() and len(value) > 8 else self.when(value)):
                return when
        told = [value for name in _TOLD if (value := element.get(name))]
        if when := next((when for text in told if (when := self.when(text))), None):
            return when
        inner = next(
            (below for below in element.iter("time", "abbr", "faceplate-timeago") if below is not element), None
        )
        return (self.of(inner) if inner is not None else None) or self.when(line_of(element) or "")

    def when(self, text: str) -> Moment | None:
        """The moment that words name, if they are nothing but a date."""
        text = one_line(text)
        if not text or len(text) > 120:
            return None
        if twice := _ISO_AND_EPOCH.match(text):
            return parse_epoch(twice[1])
        for form in _forms(text):
            if when := parse_when(form, self.page_time, day_first=self.day_first):
                return when
        return self._today(text) or _foreign(text)

    def _today(self, text: str) -> Moment | None:
        match = _TODAY.search(text)
        if match is None or self.page_time is None:
            return None
        hour, half = int(match["hour"]), (match["half"] or "")[:1].casefold()
        hour = hour % 12 + (12 if half == "p" else 0) if half else hour
        back = int(match["day"].casefold() in ("yesterday", "gestern", "hier", "ayer"))
        day = self.page_time.time.date() - dt.timedelta(days=back)
        try:
            return Moment(dt.datetime.combine(day, dt.time(hour, int(match["minute"]))))
        except ValueError:
            return None


def stamps_of(source: Source) -> Stamps:
    """How to read the dates of a page; found out once."""
    return source.once(_stamps)


def _stamps(source: Source) -> Stamps:
    page = page_of(source)
    texts = strings(page, f"(//text()[string-length(.) < 80 and contains(., '20')])[position() <= {_MOST_STRINGS}]")
    return Stamps(source.saved_at or _page_time(source.text), _day_first(texts, page.get("lang") or ""))


def _page_time(text: str) -> Moment | None:
    """When a page was saved, as the saving program or the forum noted it on the page."""
    for part in (text[:4096], text[-20_000:]):
        saved = _SINGLEFILE.search(part)
        if saved:
            _, month, day, year, clock = saved[1].split()
            return parse_date_line(f"{day} {month} {year} {clock}" + (f" {saved[2]}" if saved[2] else ""))
        archived = _WAYBACK.search(part)
        if archived:
            return parse_date_line(f"{archived[2]} {archived[1]} GMT")
    shown = _CURRENTLY.search(text)
    return Stamps().when(shown[1].strip()) if shown else None


def _day_first(texts: Iterable[str], lang: str) -> bool | None:
    """By a date on the page that can be read in one way only, else by the page's language."""
    for text in texts:
        for match in _NUMERIC.finditer(text):
            one, two = int(match[1]), int(match[2])
            if (one > 12) != (two > 12):
                return one > 12
    lang = lang.casefold().replace("_", "-")
    return None if lang in ("", "en") else lang not in ("en-us", "en-ph")


def _forms(text: str) -> Iterable[str]:
    """A text, and what it is without the words around a date and with its years and strokes as others write them."""
    yield text
    if with_more := _ISO_AND_MORE.match(text):
        yield with_more[1]
    bare = _LEAD.sub("", re.sub(r"^[«\s]*(?:reply #\d{1,6}\s+)?on:\s*|[\s»]+$", "", text, flags=re.I))
    bare = re.sub(r"(\d{1,2})-(\d{1,2})-((?:19|20)\d\d)", r"\1/\2/\3", bare)
    bare = _SHORT_YEAR.sub(r"\1 20\2", bare)
    bare = bare.replace(" | ", " ").replace(" · ", " ").replace("(", "").replace(")", "").strip(" .,|·•")
    yield bare


def _foreign(text: str) -> Moment | None:
    match = _FOREIGN_DATE.match(_LEAD.sub("", text)) or _FOREIGN_DATE.match(text)
    if match is None or match["month"].casefold() not in _FOREIGN:
        return None
    clock = f" {match['hour']}:{match['minute']}" if match["hour"] else ""
    return parse_date_line(f"{match['day']} {_FOREIGN[match['month'].casefold()]} {match['year']}{clock}")


def iso(text: str | None) -> Moment | None:
    """A moment in ISO 8601, or None."""
    return parse_iso(text) if text else None
