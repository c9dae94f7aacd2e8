"""What the parts of an unknown page say of themselves by class, tag and words: a writer, a date, a comment's words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stance.readers.dates import Moment, tells_time
from stance.readers.markup import Element, all_words
from stance.readers.pages.blocks import classes
from stance.readers.pages.stamps import EPOCHS, Stamps

_AUTHOR = re.compile(
    r"(?:^|[-_])(?:author|user|username|user-?name|nick(?:name)?|name|poster|commenter|byline|display-?name|writer|who|autor"
    r"|auteur|handle|screen-?name|profile-?link)(?:$|[-_])|(?:user|author|display|screen|nick)Name$"
    r"|[a-z](?:Author|Poster|Writer|Commenter|User)$",
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
_NO_DATE = re.compile(r"edit|modif|update|join|member|read(?:ing)?-?time|reg(?:istered)?(?:$|[-_])", re.I)
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
# What pages say to machines, in microdata and in RDFa, vocabularies left out: "text" of "schema:text".
_WORDS_PROPERTIES = frozenset(["text", "commentText", "encoded"])
_DATE_PROPERTIES = frozenset("date created dateCreated datePublished commentTime".split())
_AUTHOR_PROPERTIES = frozenset(["author", "creator", "has_creator"])
_PERSON = re.compile(r"\b(?:Person|UserAccount)$")
_BY = re.compile(
    r"(?:posted|written|submitted|comment(?:ed)?|left|sent|added|geschrieben|verfasst|publié|posté|écrit|enviado|escrito"
    r"|publicado|scritto|inviato|geplaatst) (?:by|von|par|por|da|door)\b",
    re.I,
)
_SAID = re.compile(
    r"(?:wrote|writes|said|says|schrieb|schreibt|sagt|a écrit|dit|escribió|dijo|dice|escreveu|disse|ha scritto|schreef"
    r"|zegt)\s?(?:…|\.{3})?:?$",
    re.I,
)
_LIST_OF_COMMENTS = re.compile(
    r"(?:latest|recent|newest|top|most recent|hot|neueste|letzte|derniers|últimos|ultimi|laatste) "
    r"(?:\w{1,12} )?(?:comments?|replies|discussions?|kommentare|commentaires|comentarios|commenti|reacties)$",
    re.I,
)
_LIKE_A_DATE = re.compile(r"\d.*(?:[:/.-]\d|[a-z]{3})|[a-z]{3}\D*\d|ago|yesterday|just now", re.I)
_SEPARATORS = re.compile(r"\s*(?:,|\||·|•|—|–| - |\(|»| on | at |\n|:)\s*")
_LONGEST_NAME = 60  # characters
_UNVERIFIED = re.compile(
    r"\s\((?:not verified|nicht überprüft|non vérifié|no verificado|não verificado|non verificato|niet gecontroleerd"
    r"|ej verifierad|ikke verificeret|neověřeno|niezweryfikowany|не проверено)\)$",
    re.I,
)  # Drupal's, behind the names of those without an account


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
        told, properties = [_part_of(token) for token in says(element)], _properties(element)
        if _is_date_by_mark(element, told, properties) or _is_date(element):
            dates.append(element)
        elif element.tag == "cite" or element.get("rel") == "author" or _is_author(element, told, properties):
            (around_authors if any(_AROUND.search(token) for token in told) else authors).append(element)
        elif _BY.match((element.text or "").strip()) or "submitted" in told or _ends_in_said(element):
            around_authors.append(element)
        if tells_words(element) or any(_BODY.search(token) for token in told):
            bodies.append(element)
    return Marks(authors, around_authors, dates, bodies, frozenset(aside))


def tells_words(element: Element) -> bool:
    """Whether an element tells machines that it holds a writer's words."""
    return not _WORDS_PROPERTIES.isdisjoint(_properties(element))


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
    for separator in reversed(list(_SEPARATORS.finditer(line[:200]))):  # "Mon, 10/11/2010 - 09:15 — Ann"
        date, name = line[: separator.start()], line[separator.end() :]
        when = stamps.when(date)
        if name and (when or tells_time(date)):
            return _short(name), when
    return (None, stamps.when(line)) if tells_time(line) else (_short(line), None)


def _part_of(token: str) -> str:
    """What a class says of its element, without the name of the whole: "author" of "user-comment__author--staff"."""
    return token.rpartition("__")[2].partition("--")[0] or token


def _short(line: str) -> str | None:
    name = re.sub(
        r"^(?:(?:posted|written|submitted|comment(?:ed)?|left|sent|added) by|by|from|geschrieben von|von|publié par|par"
        r"|por|escrito por|publicado por|scritto da|geplaatst door)\b:?\s",
        "",
        line.strip(),
        flags=re.I,
    )
    name = re.sub(r"\s(?:says|said|wrote|writes|commented|posted|replied)\b.{0,12}$", "", name, flags=re.I)
    name = _UNVERIFIED.sub("", name)
    return name.strip(" ,:|·•-–—") or None if len(name) <= _LONGEST_NAME else None


def _properties(element: Element) -> list[str]:
    told = f"{element.get('itemprop') or ''} {element.get('property') or ''}"
    return [name.rpartition(":")[2] for name in told.split()] if len(told) > 1 else []


def _ends_in_said(element: Element) -> bool:
    """Whether an element ends in "wrote:", and holds hardly more than a name before it."""
    last = ((element[-1].tail if len(element) else element.text) or "").strip()
    return len(last) <= 80 and len(element) <= 3 and _SAID.search(last) is not None


def _is_author(element: Element, told: list[str], properties: list[str]) -> bool:
    if not _AUTHOR_PROPERTIES.isdisjoint(properties):
        return True
    if "name" in properties and _PERSON.search(element.get("typeof") or element.get("itemtype") or ""):
        return True
    return any(_AUTHOR.search(token) and not _NO_AUTHOR.search(token) for token in told)


def _is_date_by_mark(element: Element, told: list[str], properties: list[str]) -> bool:
    return (
        element.tag in ("time", "abbr")
        or not _DATE_PROPERTIES.isdisjoint(properties)
        or any(_DATE.search(token) and not _NO_DATE.search(token) for token in told)
        or any((element.get(name) or "").isdigit() for name in EPOCHS)
    )


def _is_date(element: Element) -> bool:
    """Whether an element's own words, or what it shows when pointed at, are nothing but a date."""
    if element.tag in ("option", "script", "style") or _NO_DATE.search(element.get("class") or ""):
        return False
    told = (element.text or "").strip(), (element.get("title") or "").strip()
    return any(5 <= len(text) <= 60 and _LIKE_A_DATE.search(text) and tells_time(text) for text in told)


def _is_aside(element: Element) -> bool:
    if element.tag in ("html", "body", "main"):
        return False
    if element.tag in ("nav", "head", "script", "style", "noscript", "template"):
        return True
    if _is_below_its_heading(element):
        return True
    told = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(told) > 1 and len(told) < 500 and _ASIDE.search(told) is not None


def _is_below_its_heading(element: Element) -> bool:
    """Whether the heading right above an element says that the latest comments of all articles follow."""
    before = element.getprevious()
    if (
        before is None
        or before.tag not in ("h2", "h3", "h4", "h5", "h6")
        or element.tag not in ("ul", "ol", "div", "dl")
    ):
        return False
    return _LIST_OF_COMMENTS.match(all_words(before).strip()) is not None
