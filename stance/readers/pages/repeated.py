"""Comments on a page of no known platform: blocks that repeat, each with a writer, a date and words.

Blocks whose class or id says "comment" (or as much in another word or language) are taken where most of them have a
writer and words; blocks that say nothing, only where they stand side by side and every one has a writer and a date as
well. Lists of articles look much the same, so what has a linked headline, or stands in a sidebar, is none. What is
found is at best likely, and the report says how it was found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stance.readers.dates import Moment
from stance.readers.draft import Draft
from stance.readers.markup import Element, is_furniture, line_of, page_of, page_title, page_url, text_of
from stance.readers.pages.articles import article_author, article_of, extracted_without
from stance.readers.pages.bbcode import apart_from_bbcode
from stance.readers.pages.blocks import Blocks, classes, name_of, words_apart
from stance.readers.pages.marks import Marks, marks_of, says, split_name
from stance.readers.pages.nesting import holders_of_replies, level_of
from stance.readers.pages.stamps import Stamps, stamps_of
from stance.readers.source import Source
from stance.readers.wording import one_line
from stance.thread import Thread

_SAYS_COMMENT = re.compile(
    r"(?:^|[-_])(?:\w{0,12}comments?|repl(?:y|ies)|responses?|kommentare?|commentaires?|comentarios?|reacties?|commenti?"
    r"|opinions?|posts?|messages?|beitrag|feedback)(?:$|[-_])|[a-z]Comment(?:$|[A-Z_-])|^Comment(?:$|[A-Z_-])"
)
_SAYS_PART = re.compile(
    r"count|form|author|user|name|meta|date|time|body|text|content|copy|link|button|btn|title|head|foot|action|avatar"
    r"|vote|more|icon|input|control|tool|score|rating|rules|policy|login|share|report|like|section|area|list|children"
    r"|replies|thread|recent|widget|related|teaser|feed$|nav|menu|editor|image|thumb|media|category|tag|type|format"
    r"|status|hentry|template|sidebar|excerpt|featured|archive|loop|grid|card|wrap|container|group|box|number|parent",
    re.I,
)
_SAYS_AROUND = re.compile(
    r"(?:wrap(?:per)?|container|box|card|thread|group|list-?item|row|inner|content)(?:$|[-_])", re.I
)
_STRONG = re.compile(r"comment|kommentar|comentario|reactie", re.I)
_NO_WORDS = re.compile(
    r"(?:^|[-_])(?:actions?|buttons?|btns?|toolbar|controls?|reply|replies|reply-?link|report|flag|votes?|voting|likes?"
    r"|dislikes?|score|rating|recommend\w*|share|sharing|social|avatar|badges?|permalink|footer|menu|tools|location|rank"
    r"|signature|sig|edited|date|time|timestamp|author|username|meta|header|byline|count|abuse|options|number|show-?more"
    r"|read-?more|pick|moderat\w*|tooltip|sr-only|visually-?hidden)(?:$|[-_])",
    re.I,
)
_QUOTE = re.compile(r"(?:^|[-_])(?:quote[ds]?|quotation|bbquote|citation)(?:$|[-_])", re.I)
_BUTTON = re.compile(
    r"(?:reply|report(?: (?:this|abuse|comment|post|as|inappropriate)){0,3}|share|like|dislike"
    r"|recommend(?:ed)?|quote|flag"
    r"|permalink|link|edit|delete|more|see more|show more|read more|vote (?:up|down)|up ?vote|down ?vote|agree|disagree"
    r"|antworten|répondre|responder|melden|signaler|(?:view|show|hide) (?:\d{1,4} )?repl(?:y|ies)|likes?|votes?|points?"
    r"|score|repl(?:y|ies)|log ?in to reply|reply to this(?: comment)?|[-+]?\d{1,5}|[\s·|•()/:\[\]–-]+)+",
    re.I,
)
_REMOVED = re.compile(
    r"(?:This|Dieser|Ce|Este) (?:comment|post|message|reply|Kommentar|commentaire|comentario) (?:was|has been|is|wurde"
    r"|a été|fue|ha sido) (?:removed|deleted|withdrawn|hidden|blocked|gelöscht|entfernt|supprimé|eliminado)"
    r"|\[?(?:(?:Comment|Post) )?(?:deleted|removed)\]?\.?$",
    re.I,
)
_SAYS = re.compile(r"(?:says|said|wrote|writes|commented|posted)[:.… ]{0,4}", re.I)
_NUMBER = re.compile(r"(\d+)\D*$")
_NO_BLOCKS = frozenset("a span button input form body html p h1 h2 h3 h4 h5 time label textarea img svg".split())
_MOST_PARTS = 4  # names, or dates, of one comment: of its writer, its answered, its editing
_HIGHEST = 8  # elements between a date and the block it stands in
_NEARLY_ALL = 0.9
_MOST_ELEMENTS = 60_000  # of a page; above it nothing is sought
_MOST_GROUPS = 12  # that are looked at closely
_FEWEST = 0.6  # share of a group's blocks that must be whole
_FEWEST_SIDE_BY_SIDE = 3


@dataclass(frozen=True, kw_only=True)
class _Page:
    """A page whose elements are sorted by what they say of themselves."""

    root: Element
    elements: list[Element]
    marks: Marks
    stamps: Stamps


@dataclass(frozen=True, kw_only=True)
class _Piece:
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
        return bool(self.author and (self.text or self.quoted)) and self.n_parts <= _MOST_PARTS


@dataclass(frozen=True, kw_only=True)
class _Group:
    """Blocks that belong together.

    :param hint: The class or id that says "comment"; empty where none does.
    """

    hint: str
    blocks: Blocks
    pieces: list[_Piece]

    @property
    def n_whole(self) -> int:
        is_strong = _STRONG.search(self.hint) is not None
        return sum(1 for piece in self.pieces if piece.is_whole and (piece.is_dated or (is_strong and piece.is_signed)))


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where no blocks repeat that could be comments."""
    root = page_of(source)
    elements = list(root.iter("*"))
    if len(elements) > _MOST_ELEMENTS:
        return None
    page = _Page(root=root, elements=elements, marks=marks_of(elements), stamps=stamps_of(source))
    group = _hinted(page, _is_hint) or _hinted(page, _is_hint_of_wrapper) or _side_by_side(page)
    if group is None:
        return None
    title = page_title(root)
    draft = Draft(
        source,
        title=title,
        post=article_of(source, guess=False) or extracted_without(source, group.blocks).removeprefix(title),
        post_author=article_author(root),
        url=page_url(source),
    )
    _add_all(draft, group)
    if not draft.comments:
        return None
    told = f"the blocks marked {group.hint!r}" if group.hint else "blocks that repeat, each with a name and a date,"
    draft.doubt(f"no platform was recognised; {told} were taken as comments")
    return [draft.thread("likely" if group.hint else "doubtful")]


def _hinted(page: _Page, is_hint: Callable[[str], bool]) -> _Group | None:
    """The largest group of whole blocks with a mark that says "comment"; of equals, the outermost."""
    members: dict[str, list[Element]] = {}
    for element in page.elements:
        if element.tag not in _NO_BLOCKS and element not in page.marks.aside:
            for token in dict.fromkeys(
                re.sub(r"\d+", "#", token) for token in (*says(element), element.get("id") or "")
            ):
                if is_hint(token):
                    members.setdefault(token, []).append(element)
    unlike = {
        tuple(blocks): token for token, blocks in reversed(members.items())
    }  # of two marks on the same, the first
    ranked = sorted(((token, list(blocks)) for blocks, token in unlike.items()), key=lambda item: -len(item[1]))
    ranked = sorted(ranked[:_MOST_GROUPS], key=lambda item: list(members).index(item[0]))
    groups = [_group(page, token, blocks) for token, blocks in ranked]
    sound = [group for group in groups if _is_sound(group)]
    if not sound:
        return None
    best = max(sound, key=lambda group: group.n_whole)
    for group in groups:
        best = _joined(page, best, group)
    return best


def _is_sound(group: _Group) -> bool:
    n_whole = group.n_whole
    if len(group.pieces) == 1 and group.pieces[0].n_parts > 1:
        return False  # a list whose comments are no blocks
    fewest = 1 if _STRONG.search(group.hint) else 2
    return n_whole >= max(fewest, _FEWEST * len(group.blocks)) and not _are_teasers(group)


def _joined(page: _Page, best: _Group, other: _Group) -> _Group:
    """The best group with the blocks of another ("reply") where these are more comments, not parts of the same ones."""
    new = [block for block in other.blocks if block not in best.blocks]
    if not new or other.hint == best.hint:
        return best
    place = {element: number for number, element in enumerate(page.elements)}
    joined = _group(page, best.hint, sorted([*best.blocks, *new], key=place.__getitem__))
    among = set(new)
    n_new = sum(1 for piece in joined.pieces if piece.block in among and piece.is_whole and piece.is_dated)
    is_more = (
        n_new >= max(1, _FEWEST * len(new)) and joined.n_whole >= best.n_whole + n_new and not _are_teasers(joined)
    )
    return joined if is_more else best


def _side_by_side(page: _Page) -> _Group | None:
    """Blocks without a mark: three or more of one kind in a row, each with one name, one date, and words."""
    rows: dict[tuple[Element, str, str], list[Element]] = {}
    for date in page.marks.dates:
        block, above = date, date.getparent()
        for _ in range(_HIGHEST):
            if above is None or (above.tag in ("html", "body") and block.tag in ("main", "article")):
                break
            members = rows.setdefault((above, str(block.tag), block.get("class") or ""), [])
            if not members or members[-1] is not block:
                members.append(block)
            block, above = above, above.getparent()
    best: _Group | None = None
    ranked = sorted(
        (blocks for blocks in rows.values() if len(blocks) >= _FEWEST_SIDE_BY_SIDE), key=lambda row: -len(row)
    )
    for blocks in ranked[:_MOST_GROUPS]:
        group = _group(page, "", blocks)
        is_sound = group.n_whole >= _NEARLY_ALL * len(group.blocks) and not _are_teasers(group)
        if is_sound and (best is None or _n_words(group) > _n_words(best)):
            best = group
    return best


def _n_words(group: _Group) -> int:
    return sum(len(piece.text) for piece in group.pieces)


def _is_hint(token: str) -> bool:
    return _SAYS_COMMENT.search(token) is not None and _SAYS_PART.search(token) is None


def _is_hint_of_wrapper(token: str) -> bool:
    """ "comment-wrapper", which on some pages is one comment, and on others all of them."""
    around = _SAYS_AROUND.search(token)
    return around is not None and _STRONG.search(token) is not None


def _are_teasers(group: _Group) -> bool:
    """Whether most blocks have a headline that is a link, as lists of articles have."""
    n_headed = 0
    for block in group.blocks:
        for heading in block.iter("h1", "h2", "h3", "h4", "h5"):
            if group.blocks.owner(heading) is not block:
                continue
            is_linked = heading.find(".//a") is not None or any(above.tag == "a" for above in heading.iterancestors())
            if is_linked and len((line_of(heading) or "").split()) > 3:
                n_headed += 1
            break
    return n_headed * 2 > len(group.blocks)


def _group(page: _Page, hint: str, members: list[Element]) -> _Group:
    blocks = Blocks(page.root, members)
    marks = page.marks
    authors, dates, bodies = (
        blocks.by_owner(marked) for marked in ([*marks.authors, *marks.around_authors], marks.dates, marks.bodies)
    )
    pieces = [
        _piece(blocks, block, authors.get(block, []), dates.get(block, []), bodies.get(block, []), page.stamps)
        for block in blocks
    ]
    return _Group(hint=hint, blocks=blocks, pieces=pieces)


def _piece(
    blocks: Blocks, block: Element, authors: list[Element], dates: list[Element], bodies: list[Element], stamps: Stamps
) -> _Piece:
    dates = [date for date in dates if date is not block]
    time = next((when for date in dates if (when := stamps.of(date))), None)
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
    return _Piece(
        block=block,
        author=author,
        is_signed=named is not None and named in authors,
        n_parts=max(len(authors), len(dates)),
        time=time,
        is_dated=bool(dates) or time is not None,
        text=_without_buttons(text) if body is block else text,
        quoted=quoted,
    )


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
    """The part that says it holds the words, the largest of several; else the whole block."""
    around = {above for part in parts for above in part.iterancestors()}
    inner = [body for body in bodies if body is not block and body not in around and body not in parts]
    return max(inner, key=lambda body: sum(map(len, body.itertext())), default=block)


def _is_quote(element: Element) -> bool:
    return element.tag == "blockquote" or any(_QUOTE.search(token) for token in classes(element))


def _without_buttons(text: str) -> str:
    """The text without the lines at its ends that are what buttons say."""
    lines = text.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or _BUTTON.fullmatch(lines[-1].strip())):
        lines.pop()
    while len(lines) > 1 and (
        not lines[0].strip() or _BUTTON.fullmatch(lines[0].strip()) or _SAYS.fullmatch(lines[0].strip())
    ):
        lines.pop(0)
    return "\n".join(lines)


def _add_all(draft: Draft, group: _Group) -> None:
    ids: dict[Element, str] = {}
    latest: dict[Element | None, str] = {}
    answered: dict[Element | None, str | None] = {None: None}
    levels: list[tuple[int, str]] = []
    for number, piece in enumerate(group.pieces, 1):
        told = _NUMBER.search(
            piece.block.get("id") or piece.block.get("data-comment-id") or piece.block.get("data-id") or ""
        )
        ids[piece.block] = comment_id = told[1] if told else str(number)
        above = group.blocks.above(piece.block)
        holder, outer = holders_of_replies(group.blocks, piece.block)
        if holder not in answered:
            answered[holder] = latest.get(outer)
        latest[holder] = comment_id
        parent_id = ids.get(above) if above is not None else answered[holder]
        if parent_id is None and (level := level_of(piece.block)) is not None:
            while levels and levels[-1][0] >= level:
                levels.pop()
            parent_id = levels[-1][1] if levels else None
            levels.append((level, comment_id))
        if _REMOVED.match(piece.text):
            draft.drop("deleted")
        elif (piece.text or piece.quoted) and (piece.author or piece.is_dated):  # else a form, or the list's heading
            draft.add(
                piece.text,
                id=comment_id,
                author=piece.author,
                time=piece.time,
                parent_id=parent_id,
                quoted=piece.quoted,
            )
