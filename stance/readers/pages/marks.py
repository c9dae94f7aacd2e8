"""What the parts of an unknown page say of themselves by class, tag and words: a writer, a date, a comment's words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stance.readers.dates import Moment, tells_time
from stance.readers.markup import Element
from stance.readers.pages.blocks import classes
from stance.readers.pages.stamps import Stamps

_AUTHOR = re.compile(
    r"(?:^|[-_])(?:author|user|username|user-?name|nick(?:name)?|name|poster|commenter|byline|display-?name|writer|who|autor"
    r"|auteur|handle|screen-?name|profile-?link)(?:$|[-_])|(?:user|author|display|screen|nick)Name$",
    re.I,
)
_NO_AUTHOR = re.compile(
    r"avatar|badge|role|rank|title|location|place|image|img|pic|icon|reply|parent|level|status|photo|count|link-?back"
    r"|description|bio|body|text|content|action|menu|initial",
    re.I,
)
_AROUND = re.compile(r"info|details|meta|head|wrap|card|row|line|block|container|box|data|panel|section|area", re.I)
_DATE = re.compile(
    r"(?:^|[-_])(?:date|time|timestamp|time-?ago|posted|posted-?on|ago|when|created|published|stamp|datum|fecha)(?:$|[-_])"
    r"|[a-z](?:Date|Time|Timestamp|TimeStamp|TimeAgo|Ago)$",
    re.I,
)
_BODY = re.compile(
    r"(?:^|[-_])(?:body|text|content|message|copy|words|description|texte|inhalt|markdown|rich-?text|paragraph)(?:$|[-_])"
    r"|[a-z](?:Body|Text|Content|Message)$",
    re.I,
)
_ASIDE = re.compile(
    r"(?:^|[-_ ])(?:related|teasers?|promos?|sidebar|most-?read|most-?popular|most-?commented|trending|recommended"
    r"|recommendations|newsletter|headlines|carousel|recent-?comments|widget_recent_comments|nav|navigation|menu|masthead"
    r"|breadcrumbs?|cookie|taboola|outbrain|more-?stories|top-?stories|top-?comments|latest-?news|you-?may-?like"
    r"|read-?next|up-?next)(?:$|[-_ ])",
    re.I,
)
_LIKE_A_DATE = re.compile(r"\d.*(?:[:/.-]\d|[a-z]{3})|ago|yesterday|just now", re.I)
_SEPARATORS = re.compile(r"\s*(?:,|\||·|•|—|–| - |\(|»| on | at |\n|:)\s*")
_LONGEST_NAME = 60  # characters


@dataclass(frozen=True)
class Marks:
    """The elements of a page by what they say of themselves, in page order.

    :param around_authors: What says that it holds a name, and more than it.
    :param aside: What belongs to no comment: menus, lists of other articles.
    """

    authors: list[Element]
    around_authors: list[Element]
    dates: list[Element]
    bodies: list[Element]
    aside: frozenset[Element]


def marks_of(elements: list[Element]) -> Marks:
    """Sort the elements of a page, which come in page order."""
    authors: list[Element] = []
    around_authors: list[Element] = []
    dates: list[Element] = []
    bodies: list[Element] = []
    aside: set[Element] = set()
    for element in elements:
        above = element.getparent()
        if (above is not None and above in aside) or _is_aside(element):
            aside.add(element)
            continue
        prop, told = element.get("itemprop") or "", [_part_of(token) for token in says(element)]
        if element.tag in ("time", "abbr") or any(_DATE.search(token) for token in told) or _is_date(element):
            dates.append(element)
        elif element.tag == "cite" or prop == "author" or element.get("rel") == "author" or _is_author(told):
            (around_authors if any(_AROUND.search(token) for token in told) else authors).append(element)
        if prop in ("text", "commentText") or any(_BODY.search(token) for token in told):
            bodies.append(element)
    return Marks(authors, around_authors, dates, bodies, frozenset(aside))


def says(element: Element) -> list[str]:
    """What an element calls itself: its classes and what tests call it by, numbers taken out."""
    told = [*classes(element), element.get("data-testid") or "", element.get("data-role") or ""]
    return [token for token in told if token and len(token) <= 60]


def split_name(line: str, stamps: Stamps) -> tuple[str | None, Moment | None]:
    """A name, and the date behind it where both stand in one line: "Ann, Leeds, 5 hours ago"."""
    for separator in _SEPARATORS.finditer(line[:200]):
        rest = line[separator.end() :].rstrip(") ")
        if rest and (tells_time(rest) or stamps.when(rest)):
            return _short(line[: separator.start()]), stamps.when(rest)
    return (None, stamps.when(line)) if tells_time(line) else (_short(line), None)


def _part_of(token: str) -> str:
    """What a class says of its element, without the name of the whole: "author" of "user-comment__author--staff"."""
    return token.rpartition("__")[2].partition("--")[0] or token


def _short(line: str) -> str | None:
    name = re.sub(r"^(?:posted by|comment by|by|from|written by):?\s", "", line.strip(), flags=re.I)
    name = re.sub(r"\s(?:says|said|wrote|writes|commented|posted|replied)\b.{0,12}$", "", name, flags=re.I)
    return name.strip(" ,:|·•-–—") or None if len(name) <= _LONGEST_NAME else None


def _is_author(told: list[str]) -> bool:
    return any(_AUTHOR.search(token) and not _NO_AUTHOR.search(token) for token in told)


def _is_date(element: Element) -> bool:
    """Whether an element's own words are nothing but a date."""
    text = (element.text or "").strip()
    if not 5 <= len(text) <= 60 or element.tag in ("option", "script", "style") or not _LIKE_A_DATE.search(text):
        return False
    return tells_time(text)


def _is_aside(element: Element) -> bool:
    if element.tag in ("html", "body", "main"):
        return False
    if element.tag in ("nav", "head", "script", "style", "noscript", "template"):
        return True
    told = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(told) > 1 and len(told) < 500 and _ASIDE.search(told) is not None
