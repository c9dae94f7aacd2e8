"""Comments that are no blocks of their own: a line that names writer and date, and below it their words.

Councils publish the answers to their consultations so, and old guest books were such pages. Lists of articles look
the same but for what the line begins with, so only lines that say they head a comment count: "Response 11 — Ann —
3 June 2010", "Posted by Ann on 3 June 2010".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from stance.readers.dates import Moment
from stance.readers.markup import Element, all_words, is_furniture, text_of
from stance.readers.pages.blocks import words_apart
from stance.readers.pages.marks import split_name
from stance.readers.pages.pieces import Piece, without_buttons
from stance.readers.pages.stamps import Stamps

_HEADS = ("p", "h2", "h3", "h4", "h5", "h6", "dt", "div", "b", "strong")
_LABEL = re.compile(
    r"(?:(?:response|comment|submission|representation|reply|letter|message|posting|entry|contribution|objection"
    r"|respondent|antwort|kommentar|stellungnahme|réponse|commentaire|respuesta|comentario|reactie|risposta)\s?"
    r"(?:no\.?|number|nr\.?|n°)?\s?#?\d{1,5}\s?[-–—:.,|]?\s?(?:from|by|von|de|door|da)?\s"
    r"|(?:posted|submitted|written|sent|left|comment|response|reply|message) (?:by|from):?\s)(?P<rest>\S.{1,160})$",
    re.I,
)
_FEWEST = 2


@dataclass(frozen=True)
class Headed:
    """Comments below their heads.

    :param around: The element that holds all heads.
    :param first: The first of them.
    """

    around: Element
    first: Element
    pieces: list[Piece]

    @property
    def before(self) -> str:
        """The words before the first head, which are what the comments are about."""
        from lxml import etree

        rest = etree.Element("div")
        rest.extend(deepcopy([one for one in self.first.itersiblings(preceding=True) if one.tag != "h1"][::-1]))
        return text_of(rest)


def headed(elements: list[Element], stamps: Stamps) -> Headed | None:
    """The comments below heads that stand side by side; None where fewer than two do."""
    heads: dict[Element, list[tuple[Element, str, Moment | None]]] = {}
    for element in elements:
        above = element.getparent()
        if element.tag in _HEADS and above is not None and (told := _told(element, stamps)):
            heads.setdefault(above, []).append((element, *told))
    around = max(heads, key=lambda above: len(heads[above]), default=None)
    if around is None or len(heads[around]) < _FEWEST:
        return None
    among = {head for head, _, _ in heads[around]}
    pieces = [_piece(head, author, time, list(_below(head, among))) for head, author, time in heads[around]]
    pieces = [piece for piece in pieces if piece.text or piece.quoted]
    return Headed(around, heads[around][0][0], pieces) if len(pieces) >= _FEWEST else None


def _told(element: Element, stamps: Stamps) -> tuple[str, Moment | None] | None:
    """Who wrote what stands below a head, and when; None where an element heads no comment."""
    begins = all_words(element).strip() if len(element) < 8 else ""
    label = _LABEL.match(" ".join(begins.split())) if begins and len(begins) <= 250 else None
    if label is None:
        return None
    author, time = split_name(label["rest"], stamps)
    return (author, time) if author and time else None


def _below(head: Element, among: set[Element]) -> Iterator[Element]:
    for below in head.itersiblings():
        if below in among or below.tag == "hr":
            return
        if not is_furniture(below):
            yield below


def _piece(head: Element, author: str, time: Moment | None, below: list[Element]) -> Piece:
    from lxml import etree

    body = etree.Element("div")
    if (head.tail or "").strip():
        body.text = head.tail
    body.extend(deepcopy(below))
    text, quoted = words_apart(body, lambda one: one.tag == "blockquote", is_furniture, is_furniture)
    return Piece(
        block=head,
        author=author,
        is_signed=True,
        n_parts=1,
        time=time,
        is_dated=True,
        text=without_buttons(text),
        quoted=quoted,
    )
