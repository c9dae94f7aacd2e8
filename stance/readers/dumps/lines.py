"""A dump as lines: which tell a time, which can be a name, and the words between what is the page's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from stance.readers.dates import Moment, parse_when, tells_time
from stance.readers.source import Source
from stance.readers.wording import unescaped, unscrambled

_ENTITY_LEFT = re.compile(r"&(?:#\d{2,5}|amp|quot|lt|gt|apos|nbsp|[lr][sd]quo);")
_LONGEST_NAME = 60  # characters
_MOST_WORDS = 7  # of a name
_BLANKS = re.compile(r"\n{4,}")
_MAY_BE_TIME = re.compile(r"\d|\b(?:now|ago|today|yesterday)\b", re.I)
_LONGEST_HEAD = 160  # characters of a line that may hold a name and a time
_NO_NAME_ENDS = (",", ";", ":", "!", "?", "...", "…")
_INITIALS = re.compile(r"(?:^|\s)(?:\w|[JS]r|etc|Esq|Mrs?|Ltd)\.$")
# "As my old mum said..." begins a sentence; nobody is called that.
_CLAUSE = re.compile(
    r"(?:i|he|she|they|we|it|you|as|what|who|when|where|like|and|but|so|then|that|the author|somebody|someone|"
    r"everybody|everyone|nobody|my|his|her|our|their|if|because|there|this|these|those|yes|no|not)\b(?!\s*$)",
    re.I,
)

# What platforms put around a date: "(edited)", "Posted", "#3", bullets.
_AROUND_A_TIME = re.compile(
    r"(?:\(?\b(?:edited|modified|bearbeitet|modifié|editado)\b\*?\)?|(?<!\w)#\d{1,6}\b|\blast updated\b:?"
    r"|^[ \t]*(?:posted|commented|replied|published|written)(?: on)?:?|[|·•#][ \t]*(?:permalink|link|#)[ \t]*$)",
    re.I,
)
_MARKS = " \t•·∙|–—-«»›,#*\u200e\u200f\u00a0"
_TWO_DIGITS = re.compile(
    r"(?P<before>\b\d{1,2}(?:st|nd|rd|th)?[ -][A-Za-z]{3,9}[ -]|\b\d{1,2}[/.]\d{1,2}[/.])(?P<y>\d\d)(?!\d|[:.]\d)"
)
_DASHED = re.compile(r"\b(\d{1,2})-(\d{1,2})-(\d{4})\b")
_SPELT = re.compile(r"\s(?:de|del|di|of)\s", re.I)
_HOURS = re.compile(r"\b(?P<h>\d{1,2})\s?h\s?(?P<m>\d{2})\b|(?<![\d:.])(?P<o>\d{1,2})\s?(?P<half>[ap]m)\b", re.I)
_SPELT_CLOCK = re.compile(r"\b(\d{1,2})\s?h\s?(\d{2})\s?min\b", re.I)
_ARTICLE = re.compile(r"(?:\s(?:às|à|um|alle|om|kl\.?|a las)\s)", re.I)
_MONTHS = {
    "january": "enero janvier januar gennaio janeiro januari janv ene",
    "february": "febrero février fevrier februar febbraio fevereiro februari févr fév",
    "march": "marzo mars märz março maart mär mrz mrt",
    "april": "abril avril aprile avr abr",
    "may": "mayo mai maggio maio mei",
    "june": "junio juin juni giugno junho",
    "july": "julio juillet juli luglio julho juil lug",
    "august": "agosto août aout augustus",
    "september": "septiembre septembre settembre setembro",
    "october": "octubre octobre oktober ottobre outubro okt ott",
    "november": "noviembre novembre novembro",
    "december": "diciembre décembre decembre dezember dicembre dezembro dez déc dic",
}
FOREIGN_MONTHS = {word: month for month, words in _MONTHS.items() for word in words.split()}
_FOREIGN_MONTH = re.compile(r"\b(?:" + "|".join(sorted(FOREIGN_MONTHS, key=len, reverse=True)) + r")\b\.?", re.I)
# Times that cannot be resolved, but are times: "12 March at 09:12", "Yesterday at 09:00", "2 years, 3 months ago".
_UNRESOLVED = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
    r"(?:\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9}\.?|[a-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?|today|yesterday"
    r"|(?:last )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
    r"(?:,? (?:at |- )?(?P<clock>\d{1,2}[:.]\d{2}(?::\d{2})?\s?(?:[ap]\.?m\.?)?))?"
    r"|\d{1,2}:\d{2}\s?[ap]\.?m\.?"
    r"|\d{1,2} years?,? \d{1,2} months? ago|\d{1,2} months?,? \d{1,2} weeks? ago"
    r"|\d{1,2} (?:days?|hours?|weeks?),? \d{1,2} (?:hours?|minutes?|days?) ago",
    re.I,
)
_WEEKDAY = re.compile(
    r"^(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lunedì|martedì|mercoledì|giovedì|venerdì|sabato"
    r"|domenica|(?:segunda|terça|quarta|quinta|sexta)-feira|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)"
    r",?\s"
    r"|^(?:mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|gio|sab|ma|wo|vr|za|zo)\.?,?\s(?=\d{1,2}\.?\s[^\W\d])",
    re.I,
)
_MONTH_NAME = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*", re.I)
_SHORT_YEAR = re.compile(r"['’](\d\d)\b")
_SHORT_UNIT = re.compile(r"\b(\d{1,3})\s?(yrs?|hrs?|mins?|mths?|mos?|wks?|secs?)\.?(?=\s|$)", re.I)
_EXACT = re.compile(
    r"\d{1,3}\s?(?:s|m|h|d|w|y|mo|sec|min|hr|yr|wk|seconds?|minutes?|hours?|days?|weeks?|months?|years?)", re.I
)
_WHERE_SAVED = 1500  # characters at either end
_SAVED = re.compile(
    r"^[ \t\[(]*(?:(?:this )?(?:page|text|thread|snapshot)[ \t]+)?(?:was )?(?:saved|copied|captured|printed|retrieved"
    r"|accessed|archived"
    r"|downloaded|snapshot(?: taken)?|viewed)(?:[ \t]+from[ \t]+\S{4,200})?(?:[ \t]+(?:on"
    r"|at))?[ \t]*:?[ \t]+(?P<date>[^\n\])]{8,60}?)"
    r"[ \t\])]*$",
    re.I | re.M,
)
_NUMERIC_DATE = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})\b")
_TIME_BEGINS = re.compile(
    r"\d|\b(?:mon|tue|wed|thu|fri|sat|sun|just now|yesterday|today|an?\s|one\s|about\s|posted|over\s|almost\s)"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b)",
    re.I,
)


def text_of_dump(source: Source) -> str:
    """The text of a dump, what copying and crawling did to it undone: entities, mojibake, no-break spaces."""
    return source.once(_mended)


def lines_of_dump(source: Source) -> list[str]:
    """The lines of :func:`text_of_dump`."""
    return list(source.once(_split))


def mentions(source: Source, marks: re.Pattern[str]) -> bool:
    """Whether a dump holds any of a format's marks at all; the quick question before each line is looked at."""
    return marks.search(text_of_dump(source)) is not None


@lru_cache(maxsize=1 << 16)
def time_of(line: str, page_time: Moment | None = None, *, day_first: bool | None = None) -> Moment | None:
    """The moment a line names, where it is nothing but a date or an "ago" and what platforms put around them."""
    plain = _plain_time(line)
    return parse_when(plain, page_time, day_first=day_first) if plain else None


@lru_cache(maxsize=1 << 16)  # every reader asks of the same lines
def is_time(line: str) -> bool:
    """Whether a line is nothing but a date or an "ago" with a platform's trimmings, resolvable or not."""
    if len(line) > _LONGEST_HEAD or not _MAY_BE_TIME.search(line):
        return False
    plain = _plain_time(line)
    return bool(plain) and (tells_time(plain) or _is_unresolved(plain))


@lru_cache(maxsize=1 << 16)
def split_time(line: str) -> tuple[str, str] | None:
    """What stands before the time at the end of a line, and the time: ("Ann Smith", "5 years ago").

    The two may be glued: "Ann Smith10 February 2010 at 07:31". Where nothing stands before it, that is empty.
    """
    line = line.strip()
    if not 4 <= len(line) <= _LONGEST_HEAD or not re.search(r"\d|now|yesterday|today|ago", line[-40:], re.I):
        return None
    if is_time(line):
        return "", line
    for begin in _TIME_BEGINS.finditer(line):
        at = begin.start()
        if is_time(line[at:]):
            return line[:at].strip(_MARKS), line[at:]
    return None


def day_first_in(text: str) -> bool | None:
    """Whether the page writes the day before the month in numbers, where one of its dates tells."""
    first = second = False
    for match in _NUMERIC_DATE.finditer(text):
        one, two = int(match[1]), int(match[2])
        first = first or (12 < one <= 31 and two <= 12)
        second = second or (12 < two <= 31 and one <= 12)
    return first if first != second else None


def page_time_in(text: str) -> Moment | None:
    """When the page was shown, where the copy says so at its top or its end: "Saved on 12 March 2020"."""
    for part in (text[:_WHERE_SAVED], text[-_WHERE_SAVED:]):
        for match in _SAVED.finditer(part):
            moment = time_of(match["date"], day_first=day_first_in(text))
            if moment:
                return moment
    return None


def _tells_saving(line: str) -> bool:
    match = _SAVED.match(line) if 12 < len(line) < 300 else None
    return match is not None and is_time(match["date"])


@lru_cache(maxsize=1 << 16)
def is_name(line: str) -> bool:
    """Whether a line can be a name as platforms show it: short, and no sentence."""
    name = line.strip()
    if not name or len(name) > _LONGEST_NAME or len(name.split()) > _MOST_WORDS or name.endswith(_NO_NAME_ENDS):
        return False
    if name.endswith(".") and not _INITIALS.search(name) and " " in name:
        return False
    return (
        any(character.isalnum() for character in name)
        and not _CLAUSE.match(name)
        and not name.strip("#.):( ").isdigit()
    )


def dedented(lines: Sequence[str]) -> str:
    """Lines as one text, without the indent that a list gives them."""
    return "\n".join(line.strip() for line in lines).strip()


def trimmed(lines: Sequence[str], is_furniture: Callable[[str], bool]) -> list[str]:
    """Lines without the blank ones and the page's own above and below them."""
    kept = list(lines)
    while kept and (not kept[-1].strip() or is_furniture(kept[-1].strip())):
        kept.pop()
    first = 0
    while first < len(kept) and (not kept[first].strip() or is_furniture(kept[first].strip())):
        first += 1
    return kept[first:]


def doubled(name: str) -> str:
    """A name once, where the page shows it twice in a row ("annsmith annsmith", from a picture's caption)."""
    name = " ".join(name.split())
    half = len(name) // 2
    if len(name) > 5 and name[:half].strip() == name[half:].strip():
        return name[:half].strip()
    return name


def _split(source: Source) -> list[str]:
    return [line for line in text_of_dump(source).split("\n") if not _tells_saving(line)]


def _mended(source: Source) -> str:
    text = source.text.replace("\u00a0", " ").replace("\u2028", "\n").replace("\u200b", "")
    plain = unescaped(text)
    if _ENTITY_LEFT.search(plain):  # escaped twice
        plain = unescaped(plain)
    if plain != text:
        source.notes.append("entities of HTML that were left in the text are read as their characters")
    return _BLANKS.sub("\n\n\n", unscrambled(plain.replace("\u00a0", " ")))


@lru_cache(maxsize=1 << 16)
def _plain_time(line: str) -> str:
    if len(line) > _LONGEST_HEAD:
        return ""
    plain = _AROUND_A_TIME.sub(" ", line).strip(_MARKS + "()")
    plain = _WEEKDAY.sub("", plain)
    plain = _FOREIGN_MONTH.sub(lambda match: FOREIGN_MONTHS[match.group().rstrip(".").casefold()], plain)
    plain = _SHORT_YEAR.sub(r"20\1", plain)
    plain = re.sub(r"^(\d{1,2})(?:\.|er|º) (?=[A-Za-z])", r"\1 ", plain)
    plain = _SPELT_CLOCK.sub(r"\1:\2", plain)
    plain = _ARTICLE.sub(" at ", _SPELT.sub(" ", plain))
    plain = _TWO_DIGITS.sub(lambda match: f"{match['before']}20{match['y']}", plain)
    plain = _DASHED.sub(r"\1/\2/\3", plain)
    plain = _SHORT_UNIT.sub(lambda match: f"{match[1]} {_unit(match[2])}", plain)
    if not _EXACT.match(plain):
        plain = _HOURS.sub(_clock, plain)
    return " ".join(plain.split()).strip(_MARKS)


def _is_unresolved(plain: str) -> bool:
    match = _UNRESOLVED.fullmatch(plain)
    if match is None:
        return False
    return bool(match["clock"] or plain[-1] in "omM." or _MONTH_NAME.search(plain)) and bool(re.search(r"\d", plain))


def _unit(short: str) -> str:
    short = short.casefold()
    if short.startswith("m"):
        return "minutes" if short.startswith("min") else "months"
    return {"y": "years", "h": "hours", "w": "weeks", "s": "seconds"}[short[0]]


def _clock(match: re.Match[str]) -> str:
    if match["h"]:
        return f"{match['h']}:{match['m']}"
    return f"{match['o']}:00 {match['half']}"
