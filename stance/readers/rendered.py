"""Words that exports hold as HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.readers.markup import Element, fragment_of, is_furniture, text_of, words_and_quotes
from stance.readers.wording import unescaped

# What only markup writes; a bare "<" or "&" may be the writer's own ("I <3 buses").
_MARKUP = re.compile(
    r"<(?:br|p|a|b|i|em|strong|div|span|ul|ol|li|blockquote|img|code|pre|del|s|u)\b[^<>]{0,2000}/?>", re.I
)
_ENTITY = re.compile(r"&(?:#x?\w{1,6}|quot|amp|lt|gt|nbsp|apos|hellip|[lr][sd]quo|[mn]dash);")
_BREAK = re.compile(r"(?:<br[ ]?/?>)?[ \t]*\r?\n", re.I)
_BLOCK = re.compile(r"(</?(?:p|ul|ol|li|blockquote|div|pre|h[1-6]|table|tr|td)\b[^<>]{0,500}>)", re.I)
_ITALIC = re.compile(r"\s{0,9}(?:<p>)?<(?P<tag>i|em)>(?P<words>[^<>]{12,1000})</(?P=tag)>(?:</p>|<br[ ]?/?>)", re.I)
_BLOCK_MARK = re.compile(r"<!--\s{0,9}/?wp:[^>]{0,2000}-->\s{0,9}")  # the editor's, around each paragraph
_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|video|audio|playlist|sourcecode)\b[^\[\]]{0,500}\]")


def words_of(markup: str, place: str) -> str:
    """The words of a piece of HTML."""
    return text_of(fragment_of(markup, place)) if "<" in markup else unescaped(markup)


def words_quotes_of(markup: str, place: str) -> tuple[str, str]:
    """The words of a piece of HTML, and apart from them those it quotes."""
    if "<" not in markup:
        return unescaped(markup), ""
    return words_and_quotes(fragment_of(markup, place), is_blockquote, is_furniture)


def with_italic_quotes(markup: str, earlier: Sequence[str]) -> str:
    """HTML whose first paragraph, all in italics, is a quote if a comment above holds its words, as one.

    Disqus has no button for quotes; its writers use italics.
    """
    match = _ITALIC.match(markup) if "<" in markup else None
    words = " ".join(unescaped(match["words"]).split()) if match else ""
    if match is None or not any(words in " ".join(text.split()) for text in earlier):
        return markup
    return f"<blockquote>{match['words']}</blockquote>{markup[match.end() :]}"


def words_of_either(text: str, place: str) -> str:
    """The words of what may be HTML and may be plain text: HTML only where it shows markup or entities."""
    if _MARKUP.search(text):
        return words_of(text, place)
    return unescaped(text) if _ENTITY.search(text) else text


def words_quotes_of_either(text: str, place: str) -> tuple[str, str]:
    """The words of what may be HTML and may be plain text, and apart from them those it quotes."""
    if _MARKUP.search(text):
        return words_quotes_of(text, place)
    return (unescaped(text) if _ENTITY.search(text) else text), ""


def with_breaks(text: str) -> str:
    """WordPress's own form, in which line ends count, as HTML, in which they do not."""
    text = _SHORTCODE.sub("", _BLOCK_MARK.sub("", text)) if "<!--" in text or "[" in text else text
    parts = _BLOCK.split(text) if "<" in text else [text]
    last = len(parts) - 1
    for place in range(0, last + 1, 2):  # line ends beside a block's tags are the editor's; the odd parts are tags
        part = parts[place].lstrip() if place > 0 else parts[place]
        parts[place] = _BREAK.sub("<br>", part.rstrip() if place < last else part)
    return "".join(parts)


def is_blockquote(element: Element) -> bool:
    """Whether an element holds words of others."""
    return element.tag == "blockquote"
