"""How the package's pages are made: Jinja with escaping, and the few ways in which a value is written."""

from __future__ import annotations

import datetime as dt
import re
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

#: Characters that no page can show, or that are none; one for one, so that places in a text stay what they are.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def part_of_page(name: str) -> str:
    """A file of the package's folder ``page``."""
    return (resources.files("stance") / "page" / name).read_text("utf-8").replace("\r\n", "\n")


def environment() -> Environment:
    """What renders the templates of that folder; all that they put out is escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(part_of_page),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_showable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(percent=_percent, when=_when, day=_day, short=_short, unbroken=_unbroken)
    return made


def _showable(value: object) -> object:
    """What the template puts out: text without characters that no page can carry; escaping comes after."""
    if isinstance(value, str) and _UNSHOWABLE.search(value):
        return type(value)(_UNSHOWABLE.sub("\ufffd", value))
    return value


def _percent(share: float) -> str:
    """A share in [0, 1] as "62%"; what is not nothing is not shown as nothing."""
    rounded = f"{share:.0%}"
    return "<1%" if rounded == "0%" and share > 0 else ">99%" if rounded == "100%" and share < 1 else rounded


def _unbroken(text: str) -> str:
    """Text whose lines do not break at the hyphens of words."""
    return re.sub(r"(?<=\w)-(?=\w)", "\u2011", text)


def _when(time: dt.datetime, precision: str = "second") -> str:
    """A time as exactly as it is known; see :data:`stance.thread.Precision`."""
    match precision:
        case "year":
            return str(time.year)
        case "month":
            return f"{time.strftime('%B')} {time.year}"
        case "day":
            return _day(time)
        case _:
            return f"{_day(time)}, {time:%H:%M}"


def _day(time: dt.datetime) -> str:
    return f"{time.day} {time.strftime('%B')} {time.year}"


def _short(text: str, n_chars: int) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= n_chars else line[: n_chars - 1] + "…"
