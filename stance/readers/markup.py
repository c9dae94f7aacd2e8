"""HTML and XML as trees, read without network, entities or depth that could hurt; and the words out of them.

lxml is imported when a page comes, not before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import urljoin

from stance.errors import InputError
from stance.readers.dates import Moment, parse_when
from stance.readers.source import Source
from stance.readers.wording import clean, one_line, printable

if TYPE_CHECKING:
    from lxml.etree import XMLParser, XPath, _Element

Element: TypeAlias = "_Element"

Skip: TypeAlias = Callable[["_Element"], bool]

_DEEPEST = 256  # elements in one another; libxml2's own limit, beyond which it stops reading
_MANY, _SHORTEST_ELEMENT = 50_000, 16  # elements, and characters an element; see _refuse_confetti
_PARAGRAPHS = frozenset("p blockquote pre ul ol dl table h1 h2 h3 h4 h5 h6 hr figure".split())
_BLOCKS = frozenset(
    "div li dt dd tr section article header footer main aside nav address details summary form fieldset tbody"
    " thead figcaption center".split()
)
_NO_WORDS = frozenset(
    "script style noscript template button input select textarea form svg iframe object embed audio video head"
    " title".split()
)
_BLANKS = re.compile(r"[ \t\n\r\f]+")
# What the walk writes where a block or a paragraph begins or ends; neither may stand in a document.
_BLOCK, _PARAGRAPH, _BREAK = "\x01", "\x02", "\x03"
# Blanks before an edge are those at a line's end, which are stripped with the others.
_EDGES = re.compile(f"[{_BLOCK}{_PARAGRAPH}{_BREAK}][ {_BLOCK}{_PARAGRAPH}{_BREAK}]*")
_SAVED_FROM = re.compile(
    r"<!--\s{0,9}(?:saved from url=\(\d{1,6}\)(\S{1,2000})\s{0,9}-->"
    r"|Page saved with SingleFile\s{1,9}url:\s{0,9}(\S{1,2000}))"
)


def page_of(source: Source) -> Element:
    """The HTML page as a tree, comments left out; parsed once for all readers.

    :raises InputError: If it is nested too deep, or holds no elements.
    """
    return source.once(_parse_page)


def fragment_of(markup: str, place: str) -> Element:
    """A piece of HTML, as exports hold it, as one element around it."""
    return _html(f"<div>{markup}</div>", place)


def xml_of(source: Source) -> Element:
    """The XML document as a tree; parsed once for all readers. Where it breaks off, what came before is kept.

    :raises InputError: If it defines entities of its own, is nested too deep, or is no XML.
    """
    return source.once(_parse_xml)


def select(element: Element, path: str, **names: str) -> list[Element]:
    """The elements that an XPath gives, in page order.

    :param names: Prefixes and the namespaces they stand for.
    """
    found: Any = _compiled(path, tuple(names.items()))(element)
    return list(found)


@cache
def _compiled(path: str, names: tuple[tuple[str, str], ...]) -> XPath:
    """An XPath made ready once: a page of many comments asks the same of each."""
    from lxml import etree

    return etree.XPath(_without_nesting(path), namespaces=dict(names) or None)


def _without_nesting(path: str) -> str:
    """``//a//b`` as ``//b[ancestor::a]``: the same elements, but found once each where ``a`` stand in one another.

    libxml2 gathers them for each ``a`` and compares each with all others, which a hostile page makes minutes of.
    """
    if not path.startswith("//") or "//" not in path[2:]:
        return path
    return " | ".join(_alternative(part.strip()) for part in _split(path, "|"))


def _alternative(path: str) -> str:
    steps = _split(path.removeprefix("//"), "//")
    if any(len(_split(step, "/")) > 1 for step in steps[:-1]):
        return path  # a child's step within; rare, and never the outermost of many
    above = ""
    for step in steps[:-1]:
        above = f"[ancestor::{step}{above}]"
    first_step, *rest = _split(steps[-1], "/")
    return "//" + "/".join([first_step + above, *rest])


def _split(path: str, separator: str) -> list[str]:
    """The parts of a path between separators that stand in no brackets and no quotes."""
    parts, depth, quote, start, place = [], 0, "", 0, 0
    while place < len(path):
        character = path[place]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif depth == 0 and path.startswith(separator, place):
            parts.append(path[start:place])
            place += len(separator)
            start = place
            continue
        place += 1
    return [*parts, path[start:]]


def strings(element: Element, path: str) -> list[str]:
    """The texts or attributes that an XPath gives, in page order."""
    found: Any = element.xpath(path)
    return [str(text) for text in found]


def first(element: Element, *paths: str, **names: str) -> Element | None:
    """The first element that the first fruitful XPath gives."""
    return next((found[0] for path in paths if (found := select(element, path, **names))), None)


def with_class(name: str, tag: str = "*") -> str:
    """XPath of the elements below with a class, whatever other classes they have."""
    return f".//{tag}[{has_class(name)}]"


def has_class(name: str) -> str:
    """XPath condition: the element has a class."""
    # Most elements fail the first condition, which is the cheaper.
    return f"(contains(@class, '{name}') and contains(concat(' ', normalize-space(@class), ' '), ' {name} '))"


def is_furniture(element: Element) -> bool:
    """Whether an element shows no words of a writer: scripts, buttons, forms, what is hidden."""
    style = element.get("style") or ""
    return element.tag in _NO_WORDS or element.get("hidden") is not None or _HIDDEN.search(style) is not None


_HIDDEN = re.compile(r"display\s{0,9}:\s{0,9}none", re.I)


def text_of(element: Element | None, skip: Skip = is_furniture) -> str:
    """The words of an element as a browser shows them: paragraphs apart, ``<br>`` and list items on lines of their own.

    :param skip: The elements to leave out with all they hold. The text behind them stays. A button is shown where it is
        asked for itself: services make buttons of their writers' names.
    """
    if element is None:
        return ""
    shown = _EDGES.sub(_line_ends, "".join(_pieces(element, skip)))
    return clean("\n".join(line.strip(" ") for line in shown.split("\n")))


def all_words(element: Element) -> str:
    """The text of an element and of all in it, as it stands in the page: quicker than what a browser shows."""
    return "".join(map(str, element.itertext()))


def words_and_quotes(element: Element | None, is_quote: Skip, skip: Skip = is_furniture) -> tuple[str, str]:
    """The words of an element, and apart from them those of the quotes in it, in order.

    :param is_quote: Tells the elements that hold quoted words (``blockquote``).
    """
    if element is None:
        return "", ""
    quotes = [quote for quote in element.iterdescendants() if is_quote(quote)]
    among = set(quotes)
    outermost = [quote for quote in quotes if not any(above in among for above in quote.iterancestors())]
    words = text_of(element, lambda inner: inner is not element and (is_quote(inner) or skip(inner)))
    return words, "\n\n".join(filter(None, (text_of(quote, skip) for quote in outermost)))


def line_of(element: Element | None) -> str | None:
    """The words of an element as one line, for names and titles; None where there are none."""
    return one_line(text_of(element).replace("\n", " ")) or None


def time_of(element: Element | None, page_time: Moment | None = None) -> Moment | None:
    """The moment an element tells: by its ``datetime``, ``title`` or ``content``, else by its words."""
    if element is None:
        return None
    told = [element.get(name) for name in ("datetime", "title", "content", "data-time")]
    return next((when for text in (*told, line_of(element)) if text and (when := parse_when(text, page_time))), None)


def page_title(page: Element) -> str:
    """The page's title as it gives it to others, else its first heading, else the browser's tab."""
    told = first(page, "//meta[@property='og:title']", "//meta[@name='twitter:title']")
    content = one_line(told.get("content") or "") if told is not None else ""
    return content or line_of(first(page, "//h1")) or one_line("".join(strings(page, "//title/text()")))


def page_url(source: Source) -> str | None:
    """The page's address: as it gives it itself, else as the browser noted it when saving."""
    page = page_of(source)
    link = first(page, "//link[@rel='canonical'][@href]", "//meta[@property='og:url']")
    told = (link.get("href") or link.get("content") or "").strip() if link is not None else ""
    saved = _SAVED_FROM.search(source.text[:4096])
    noted = saved[1] or saved[2] if saved else None
    if told and not told.startswith(("http:", "https:")):  # a canonical link may be relative
        base = next(iter(strings(page, "//base/@href")), "")
        told = urljoin(urljoin(noted or source.saved_from or "", base), told)
    return told or noted or source.saved_from


def _parse_page(source: Source) -> Element:
    return _html(source.text, source.place)


def _html(text: str, place: str) -> Element:
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", huge_tree=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        page = html.document_fromstring(printable(text).encode("utf-8", "replace"), parser=parser)
    except etree.LxmlError as error:  # nothing but comments, or nothing at all
        raise InputError(f"{place}: holds no page ({error}). Save it again.") from error
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise InputError(
            f"{place}: its elements stand more than {_DEEPEST} deep in one another, as no page's do. Save it as text."
        )
    _refuse_confetti(page, text, place)
    return page


def _refuse_confetti(page: Element, text: str, place: str) -> None:
    """Pages have some thirty characters an element; a megabyte of ``<p>a`` would keep every reader busy for long."""
    n = sum(1 for _ in page.iter())
    if n > _MANY and n * _SHORTEST_ELEMENT > len(text):
        raise InputError(f"{place}: {n} elements in {len(text)} characters, which is no page. Save it as text.")


def _parse_xml(source: Source) -> Element:
    from lxml import etree

    text = printable(source.text)
    if re.search(r"<!ENTITY\b", text[: text.find("]>") + 1] if "]>" in text else text[:4096]):
        raise InputError(f"{source.place}: defines entities of its own, as no export does; it is not read.")
    data = text.encode("utf-8", "replace")
    try:
        return etree.fromstring(data, _xml_parser())
    except etree.XMLSyntaxError as error:
        broken = error
    code: int = cast(Any, broken).code
    if code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        raise InputError(f"{source.place}: {broken.msg}. No export is so nested or so large; export it again.")
    root: Element | None = etree.fromstring(data, _xml_parser(recover=True))
    if root is None or len(root) == 0:
        raise InputError(f"{source.place}: line {broken.lineno}: is not XML ({broken.msg}). Export it again.")
    source.notes.append(f"the XML is broken at line {broken.lineno} ({broken.msg}); what could be made out was read")
    return root


def _xml_parser(*, recover: bool = False) -> XMLParser:
    from lxml import etree

    return etree.XMLParser(
        encoding="utf-8",
        recover=recover,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )


def _pieces(element: Element, skip: Skip) -> Iterator[str]:
    """The text of an element, its edges as marks, blank space as a browser collapses it."""
    from lxml import etree

    in_pre = 0
    walk = etree.iterwalk(element, events=("start", "end"))
    skipped: Element | None = None
    for event, inner in walk:
        tag = inner.tag
        if event == "start":
            if not isinstance(tag, str) or (skip(inner) and not (inner is element and tag == "button")):
                skipped = inner
                walk.skip_subtree()
                yield _edge(tag) if isinstance(tag, str) else ""
                continue
            yield _edge(tag)
            in_pre += tag == "pre"
            yield _shown(inner.text, in_pre)
            continue
        if inner is skipped:
            skipped = None
        elif tag == "br":
            yield _BREAK
        elif tag == "img":
            yield _emoji(inner)
        else:
            in_pre -= tag == "pre"
            yield _edge(tag)
        if inner is not element:
            yield _shown(inner.tail, in_pre)


def _shown(text: str | None, in_pre: int) -> str:
    if not text:
        return ""
    if in_pre:  # no-break spaces stay until the words are cleaned
        return text.replace("\n", _BREAK).replace(" ", "\u00a0")
    return _BLANKS.sub(" ", text)


def _edge(tag: str) -> str:
    return _PARAGRAPH if tag in _PARAGRAPHS else _BLOCK if tag in _BLOCKS else ""


def _line_ends(edges: re.Match[str]) -> str:
    run = edges.group()
    # A <br> that ends a block adds nothing to the block's own end; two in a row are the writer's blank line.
    n = max(run.count(_BREAK), 2 if _PARAGRAPH in run else 1)
    return "\n" * n


def _emoji(image: Element) -> str:
    """What an image stands for in a text, where it is an emoji or a smiley drawn by the platform."""
    alt, kind = image.get("alt") or "", f"{image.get('class') or ''} {image.get('src') or ''}".casefold()
    return alt if len(alt) <= 20 and re.search(r"emoji|smil|emoticon", kind) else ""
