"""A block of an unknown page as a comment: who wrote it, when, and which of its words are the writer's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stance.readers.dates import Moment
from stance.readers.markup import Element, all_words, is_furniture, line_of, text_of
from stance.readers.pages.bbcode import apart_from_bbcode
from stance.readers.pages.blocks import Blocks, classes, name_of, words_apart
from stance.readers.pages.marks import split_name, tells_words
from stance.readers.pages.stamps import Stamps
from stance.readers.wording import one_line

_NO_WORDS = re.compile(
    r"(?:^|[-_])(?:actions?|buttons?|btns?|toolbar|controls?|reply|replies|reply-?link|report|flag|votes?|voting|likes?"
    r"|dislikes?|score|rating|recommend\w*|share|sharing|social|avatar|badges?|permalink|footer|menu|tools|location|rank"
    r"|signature|sig|edited|date|time|timestamp|author|username|meta|header|byline|count|abuse|options|number|show-?more"
    r"|read-?more|pick|moderat\w*|tooltip|sr-only|visually-?hidden|off-?screen|screen-?reader)(?:$|[-_])"
    r"|^(?:links|hidden)$",
    re.I,
)
_QUOTE = re.compile(r"(?:^|[-_])(?:quote[ds]?|quotation|bbquote|citation)(?:$|[-_])", re.I)
# Each word once and for all, the longer first: a line of a thousand dashes must not be tried in all its divisions.
_BUTTON = re.compile(
    r"(?>(?:reply to this(?: comment)?|log ?in to reply|(?:view|show|hide) (?:\d{1,4} )?repl(?:y|ies)"
    r"|report(?: (?:this|abuse|comment|post|as|inappropriate)){0,3}|vote (?:up|down)|up ?vote|down ?vote"
    r"|(?:see|show|read) more|back to top|repl(?:y|ies)|share|dislikes?|likes?|recommend(?:ed)?|quote|flag|permalink"
    r"|link|edit|delete|more|agree|disagree|antworten|répondre|responder|melden|signaler|votes?|points?|score|gilla|svara"
    r"|anmäl|gefällt mir|j['’]aime|me gusta|mi piace|curtir|vind ik leuk|rispondi|beantwoorden)(?!\w)"
    r"|[-+]?\d{1,5}(?!\d)|[\s·|•()/:\[\]–-]++)++",
    re.I,
)
_SAYS = re.compile(r"(?:says|said|wrote|writes|commented|posted)[:.… ]{0,4}", re.I)
_MOST_PARTS = 4  # names, or dates, of one comment: of its writer, its answered, its editing


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A block as made out.

    :param is_signed: Whether the name stands where the page says that names stand.
    :param n_parts: How many names or dates it holds, whichever are more; what holds many holds several comments.
    """

    block: Element
    author: str | None
    is_signed: bool
    n_parts: int
    time: Moment | None
    is_dated: bool
    text: str
    quoted: str

    @property
    def is_whole(self) -> bool:
        """Whether it is a comment by itself: a writer and words, and not more parts than one comment has."""
        return bool(self.author and (self.text or self.quoted)) and self.n_parts <= _MOST_PARTS


def piece_of(
    blocks: Blocks, block: Element, authors: list[Element], dates: list[Element], bodies: list[Element], stamps: Stamps
) -> Piece:
    """Make a block out.

    :param authors: What in it says that it holds a name; likewise ``dates`` and ``bodies``.
    """
    dates = [date for date in dates if date is not block]
    time = _most_exact([when for date in dates if (when := stamps.of(date))])
    named: Element | None = None
    author: str | None = None
    for element in (*authors, *_first_names(blocks, block)):
        if element is block or element in dates:
            continue
        author, beside = split_name(_innermost(element, dates), stamps)
        if author and not _BUTTON.fullmatch(author):
            named, time = element, time or beside or split_name(line_of(element) or "", stamps)[1]
            break
        author = None
    body = _body(block, bodies, [part for part in (named, *dates[:1]) if part is not None])
    parts = {element for element in (named, *dates) if element is not None}

    def is_no_words(element: Element) -> bool:
        if element is body:
            return False
        if element in parts or (element in blocks and element is not block) or is_furniture(element):
            return True
        return any(_NO_WORDS.search(token) for token in classes(element))

    text, quoted = words_apart(
        body, _is_quote, is_no_words, lambda element: element.tag == "cite" or is_furniture(element)
    )
    if "[quote" in text:
        text, older = apart_from_bbcode(text)
        quoted = "\n\n".join(filter(None, (quoted, older)))
    if not text and quoted:  # some themes set every comment as a quotation
        text, quoted = quoted, ""
    return Piece(
        block=block,
        author=author,
        is_signed=named is not None and named in authors,
        n_parts=max(len(authors), _n_outermost(dates)),
        time=time,
        is_dated=bool(dates) or time is not None,
        text=without_buttons(text) if body is block else text,
        quoted=quoted,
    )


def _n_outermost(elements: list[Element]) -> int:
    among = set(elements)
    return sum(element.getparent() not in among for element in elements)


def _most_exact(times: list[Moment]) -> Moment | None:
    """The first of several moments, or one of them that tells the same more exactly: its hour, its zone."""
    if not times:
        return None
    first = times[0]
    near = [when for when in times if abs((when.time.date() - first.time.date()).days) <= 1]
    with_zone = (when for when in near if when.time.tzinfo is not None and when.precision == "second")
    same_day = (when for when in near if when.precision == "second" and when.time.date() == first.time.date())
    if first.precision not in ("day", "second") or (first.precision == "second" and first.time.tzinfo is not None):
        return first
    return next(with_zone, None) or (first if first.precision == "second" else next(same_day, first))


def _innermost(element: Element, dates: list[Element]) -> str:
    """The words of the one link in an element, else all of its words but the dates that have elements of their own."""
    among = {date for date in dates if date is not element}
    links = [link for link in element.iter("a") if link is not element and link not in among and line_of(link)]
    if len(links) == 1:
        return name_of(links[0]) or ""
    return one_line(text_of(element, lambda inner: inner in among or is_furniture(inner)).replace("\n", " "))


def _first_names(blocks: Blocks, block: Element) -> Iterator[Element]:
    """What may be a name where nothing says so: the first words of a block that are set apart."""
    for element in block.iter("cite", "strong", "b", "h3", "h4", "h5", "h6", "a", "dt"):
        if blocks.owner(element) is block and line_of(element):
            yield element
            return


def _body(block: Element, bodies: list[Element], parts: list[Element]) -> Element:
    """The part that says it holds the words, to machines or else to styles, the largest of several; else all.

    Where each paragraph says so for itself, what stands around them holds the words.
    """
    around = {above for part in parts for above in part.iterancestors()}
    inner = [body for body in bodies if body is not block and body not in around and body not in parts]
    inner = list(filter(tells_words, inner)) or inner
    above = inner[0].getparent() if inner else None
    if above is not None and len(inner) > 1 and all(one.tag == "p" and one.getparent() is above for one in inner):
        return above
    return max(inner, key=lambda body: len(all_words(body)), default=block)


def _is_quote(element: Element) -> bool:
    return element.tag == "blockquote" or any(_QUOTE.search(token) for token in classes(element))


def without_buttons(text: str) -> str:
    """The text without the lines at its ends that are what buttons say."""
    lines = text.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or _BUTTON.fullmatch(lines[-1].strip())):
        lines.pop()
    while len(lines) > 1 and (
        not lines[0].strip() or _BUTTON.fullmatch(lines[0].strip()) or _SAYS.fullmatch(lines[0].strip())
    ):
        lines.pop(0)
    return "\n".join(lines)
