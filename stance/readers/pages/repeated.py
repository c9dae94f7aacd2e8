"""Comments on a page of no known platform: blocks that repeat, each with a writer, a date and words.

Blocks whose class or id says "comment" (or as much in another word or language) are taken where most of them have a
writer and words; blocks that say nothing, only where they stand side by side and every one has a writer and a date as
well. Lists of articles look much the same, so what has a linked headline, or stands in a sidebar, is none. What is
found is at best likely, and the report says how it was found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

from stance.readers.draft import Draft
from stance.readers.markup import Element, has_class, line_of, page_of, page_title, page_url, select
from stance.readers.pages.articles import article_author, article_of, extracted_without
from stance.readers.pages.blocks import Blocks
from stance.readers.pages.frames import pages_of
from stance.readers.pages.headed import Headed, headed
from stance.readers.pages.marks import Marks, marks_of, says
from stance.readers.pages.nesting import answered_by_number, holders_of_replies, holds_replies, level_of
from stance.readers.pages.pieces import Piece, piece_of
from stance.readers.pages.stamps import Stamps, stamps_of
from stance.readers.source import Source
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
_REMOVED = re.compile(
    r"(?:This|Dieser|Ce|Este) (?:comment|post|message|reply|Kommentar|commentaire|comentario) (?:was|has been|is|wurde"
    r"|a été|fue|ha sido) (?:removed|deleted|withdrawn|hidden|blocked|gelöscht|entfernt|supprimé|eliminado)"
    r"|\[?(?:(?:Comment|Post) )?(?:deleted|removed)\]?\.?$",
    re.I,
)
_NUMBER = re.compile(r"(?:^|[^0-9a-z])[a-z]*?(\d+)$", re.I)
_AROUND = re.compile(
    r"\b(?:comments?|responses?|replies|discussion|kommentare?|commentaires?|comentarios?|reacties?|commenti|answers?)\b",
    re.I,
)
_MEMBERS = re.compile(
    r"/(?:@|~|u/|users?\b|profiles?\b|members?\b|people/|persona?\b|account|author)|[?&](?:user|uid|u)=", re.I
)
_MOST_AROUND = 4  # elements around a block that may say what stands in them
_ENTRY_TITLES = (
    "//*[self::h1 or self::h2 or self::h3][ancestor-or-self::*"
    f"[{has_class('entry-title')} or {has_class('entry-header')} or {has_class('post-title')}]]"
    "[not(ancestor::aside or ancestor::nav)]"
)
_TO_COMMENT = re.compile(r"(?:\?cid=\w{1,40})?#(?:comment|post|c|p)?[-_]?\w{0,30}\d\w{0,30}$")
_NO_BLOCKS = frozenset("a span button input form body html p h1 h2 h3 h4 h5 time label textarea img svg".split())
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
class _Group:
    """Blocks that belong together.

    :param hint: The class or id that says "comment"; empty where none does.
    """

    hint: str
    blocks: Blocks
    pieces: list[Piece]

    @property
    def n_whole(self) -> int:
        is_strong = _STRONG.search(self.hint) is not None
        return sum(1 for piece in self.pieces if piece.is_whole and (piece.is_dated or (is_strong and piece.is_signed)))


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where neither in it nor in the frames saved with it blocks repeat that could be comments."""
    for root in pages_of(source):
        elements = list(root.iter("*"))
        if len(elements) > _MOST_ELEMENTS:
            continue
        page = _Page(root=root, elements=elements, marks=marks_of(elements), stamps=stamps_of(source))
        group = _hinted(page, _is_hint) or _hinted(page, _is_hint_of_wrapper) or _side_by_side(page)
        if group and (thread := _thread(source, group, is_frame=root is not page_of(source))):
            return [thread]
        if below := headed(elements, page.stamps):
            return [_thread_of_headed(source, below)]
    return None


def _thread(source: Source, group: _Group, *, is_frame: bool) -> Thread | None:
    root, title = page_of(source), _title(page_of(source))
    told = article_of(source, guess=is_frame) or extracted_without(source, () if is_frame else group.blocks)
    draft = Draft(
        source,
        title=title,
        post=told.removeprefix(title),
        post_author=article_author(root, group.blocks),
        url=page_url(source) or _address(group.blocks),
    )
    _add_all(draft, group)
    if not draft.comments:
        return None
    told = f"the blocks marked {group.hint!r}" if group.hint else "blocks that repeat, each with a name and a date,"
    draft.doubt(f"no platform was recognised; {told} were taken as comments")
    return draft.thread("likely" if group.hint else "doubtful")


def _thread_of_headed(source: Source, below: Headed) -> Thread:
    title = _title(page_of(source))
    post = article_of(source, guess=False) or below.before
    draft = Draft(source, title=title, post=post.removeprefix(title), url=page_url(source))
    for piece in below.pieces:
        draft.add(piece.text, author=piece.author, time=piece.time, quoted=piece.quoted)
    draft.doubt("no platform was recognised; what stands below lines with a name and a date was taken as comments")
    return draft.thread("likely")


def _title(root: Element) -> str:
    """The heading that says it is an entry's, which many blogs have beside a larger one with their own name."""
    entries = select(root, _ENTRY_TITLES)
    return (line_of(entries[0]) if len(entries) == 1 else None) or page_title(root)


def _address(blocks: Blocks) -> str | None:
    """The page's address, where the comments link to themselves on it."""
    found: Counter[str] = Counter()
    for block in blocks:
        links = (link.get("href") or "" for link in block.iter("a"))
        found.update(
            {_TO_COMMENT.sub("", link) for link in links if link.startswith("http") and _TO_COMMENT.search(link)}
        )
    ((address, n),) = found.most_common(1) or [("", 0)]
    return address if n * 2 > len(blocks) else None


def _hinted(page: _Page, is_hint: Callable[[str], bool]) -> _Group | None:
    """The largest group of whole blocks with a mark that says "comment"; of equals, the outermost."""
    members: dict[str, list[Element]] = {}
    titles = [element for element in page.elements if element.tag == "h1"]
    # What holds a page's title is the article, or all there is.
    around_title = {above for title in titles for above in title.iterancestors()} if len(titles) < 4 else set()
    for element in page.elements:
        if element.tag not in _NO_BLOCKS and element not in page.marks.aside and element not in around_title:
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
        group = _group(page, "", _with_replies(page, blocks, rows))
        is_sound = group.n_whole >= _NEARLY_ALL * len(group.blocks) and not _are_teasers(group)
        is_sound = is_sound and (_says_around(blocks[0]) or not _are_led_by_links(group))
        if is_sound and (best is None or _n_words(group) > _n_words(best)):
            best = group
    return best


def _with_replies(
    page: _Page, blocks: list[Element], rows: Mapping[tuple[Element, str, str], list[Element]]
) -> list[Element]:
    """Blocks of a kind, and those of the same kind in boxes of replies within them."""
    tag, kind, among = blocks[0].tag, blocks[0].get("class") or "", set(blocks)
    within = [
        block
        for (above, its_tag, its_kind), members in rows.items()
        if its_tag == tag and its_kind == kind and holds_replies(above) and not among.isdisjoint(above.iterancestors())
        for block in members
    ]
    if not within:
        return blocks
    place = {element: number for number, element in enumerate(page.elements)}
    return sorted({*blocks, *within}, key=place.__getitem__)


def _n_words(group: _Group) -> int:
    return sum(len(piece.text) for piece in group.pieces)


def _is_hint(token: str) -> bool:
    return _SAYS_COMMENT.search(token) is not None and _SAYS_PART.search(token) is None


def _is_hint_of_wrapper(token: str) -> bool:
    """ "comment-wrapper", which on some pages is one comment, and on others all of them."""
    around = _SAYS_AROUND.search(token)
    return around is not None and _STRONG.search(token) is not None


def _are_teasers(group: _Group) -> bool:
    """Whether most blocks are of other articles: with a headline that is a link, or as "Ann on" and such a link."""
    n_others = 0
    for block in group.blocks:
        for inner in block.iter("h1", "h2", "h3", "h4", "h5", "a"):
            if group.blocks.owner(inner) is not block:
                continue
            if inner.tag == "a":
                if _names_article(inner):
                    n_others += 1
                    break
                continue
            is_linked = inner.find(".//a") is not None or any(above.tag == "a" for above in inner.iterancestors())
            if is_linked and len((line_of(inner) or "").split()) > 3:
                n_others += 1
            break
    return n_others * 2 > len(group.blocks)


def _are_led_by_links(group: _Group) -> bool:
    """Whether most blocks begin with a link that is no member's: the title of another article."""
    n_led = 0
    for block in group.blocks:
        links = (link for link in block.iter("a") if group.blocks.owner(link) is block and line_of(link))
        address = next(links, block).get("href") or "#"
        n_led += not address.startswith("#") and _MEMBERS.search(address) is None
    return n_led * 2 > len(group.blocks)


def _says_around(block: Element) -> bool:
    """Whether what is around a block, or a heading above it, says that comments follow."""
    for above in islice(block.iterancestors(), _MOST_AROUND):
        told = " ".join(above.get(name) or "" for name in ("class", "id", "aria-label", "data-testid"))
        before = above.getprevious()
        heading = (line_of(before) or "") if before is not None and before.tag in ("h2", "h3", "h4", "h5") else ""
        if _AROUND.search(told) or _AROUND.search(heading):
            return True
    return False


def _names_article(link: Element) -> bool:
    """Whether a link follows "on", as the titles of articles do in lists of the latest comments."""
    before, above = link.getprevious(), link.getparent()
    words = (before.tail if before is not None else above.text if above is not None else "") or ""
    return before is not None and words.strip().casefold() in ("on", "zu", "sur", "en", "su", "op", "in")


def _group(page: _Page, hint: str, members: list[Element]) -> _Group:
    blocks = Blocks(page.root, members)
    marks = page.marks
    authors, dates, bodies = (
        blocks.by_owner(marked) for marked in ([*marks.authors, *marks.around_authors], marks.dates, marks.bodies)
    )
    pieces = [
        piece_of(blocks, block, authors.get(block, []), dates.get(block, []), bodies.get(block, []), page.stamps)
        for block in blocks
    ]
    return _Group(hint=hint, blocks=blocks, pieces=pieces)


def _add_all(draft: Draft, group: _Group) -> None:
    ids = _ids(group.pieces)
    latest: dict[Element | None, str] = {}
    answered: dict[Element | None, str | None] = {None: None}
    levels: list[tuple[int, str]] = []
    numbered: list[tuple[str, str | None]] = []
    for piece in group.pieces:
        comment_id = ids[piece.block]
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
            numbered.append((comment_id, None))
            continue
        if not (piece.text or piece.quoted) or not (piece.author or piece.is_dated):
            continue  # a form, or the list's heading
        if parent_id is None and (place := answered_by_number(piece.text, [who for _, who in numbered])) is not None:
            parent_id = numbered[place][0]
        numbered.append((comment_id, piece.author))
        draft.add(
            piece.text, id=comment_id, author=piece.author, time=piece.time, parent_id=parent_id, quoted=piece.quoted
        )


def _ids(pieces: list[Piece]) -> dict[Element, str]:
    """The number that a block's id ends in, else the block's place."""
    ids: dict[Element, str] = {}
    taken: set[str] = set()
    for number, piece in enumerate(pieces, 1):
        block = piece.block
        told = _NUMBER.search(block.get("id") or block.get("data-comment-id") or block.get("data-id") or "")
        ids[block] = told[1] if told and told[1] not in taken else f"{number}"
        taken.add(ids[block])
    return ids
