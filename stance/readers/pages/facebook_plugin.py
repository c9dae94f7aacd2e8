"""What is left of Facebook's comments plugin in a saved page, or in the frame that was saved beside it.

Three forms: the plugin since 2016 (``UFICommentActorName`` and ``_5mdd``), that of 2011 to 2016 (``fbFeedbackPost``),
and comments on Facebook's own pages, which are articles whose label names the writer.
"""

from __future__ import annotations

import re

from stance.readers.draft import Draft
from stance.readers.markup import Element, first, has_class, line_of, page_of, page_title, page_url, select
from stance.readers.pages.articles import article_author, article_of
from stance.readers.pages.blocks import Blocks, Layout, add, found_in
from stance.readers.pages.frames import pages_of
from stance.readers.pages.stamps import stamps_of
from stance.readers.source import Source
from stance.thread import Thread

_ID = re.compile(r"(\d[\d_]*)$")
_FORMS = (
    (
        f"//div[{has_class('UFIImageBlockContent')}][.//*[{has_class('UFICommentActorName')}]]",
        Layout(
            id=_ID,
            author=(f"//a[{has_class('UFICommentActorName')}]", f"//*[{has_class('UFICommentActorName')}]"),
            time=(
                "//abbr[@data-utime]",
                f"//abbr[{has_class('livetimestamp')} or {has_class('timestamp')}]",
                f"//a[{has_class('uiLinkSubtle')}]",
            ),
            body=(f"//*[{has_class('_5mdd')}]", f"//*[{has_class('UFICommentBody')}]", f"//*[{has_class('_30o4')}]"),
            no_words=frozenset("_5v47 _1zz6 fss UFIReplySocialSentenceLinkText".split()),
        ),
    ),
    (
        f"//div[{has_class('_3-8y')}][.//*[{has_class('UFICommentActorName')}]]",
        Layout(
            id=_ID,
            author=(f"//*[{has_class('UFICommentActorName')}]",),
            time=("//abbr[@data-utime]", "//abbr"),
            body=(f"//span[{has_class('_5mdd')}]", f"//*[{has_class('_30o4')}]"),
            no_words=frozenset("_5v47 _1zz6 fss".split()),
        ),
    ),
    (
        f"//*[self::li or self::div][{has_class('UFIComment')} or {has_class('UFIRow')}]"
        f"[.//*[{has_class('UFICommentBody')}]]",
        Layout(
            id=_ID,
            author=(f"//*[{has_class('UFICommentActorName')}]",),
            time=("//abbr[@data-utime]", "//abbr"),
            body=(f"//*[{has_class('UFICommentBody')}]",),
        ),
    ),
    (
        f"//*[{has_class('fbFeedbackPost')} or {has_class('fbFeedbackReply')}]",
        Layout(
            id=_ID,
            author=(
                f"//a[{has_class('profileName')}]",
                f"//*[{has_class('postActor')}]//a",
                f"//*[{has_class('profileName')}]",
            ),
            time=("//abbr[@data-utime]", f"//abbr[{has_class('timestamp')}]", "//abbr"),
            body=(f"//*[{has_class('postText')}]",),
        ),
    ),
)
_LABELLED = "//div[@role='article'][starts-with(@aria-label, 'Comment by') or starts-with(@aria-label, 'Reply by')]"
_LABEL = re.compile(
    r"^(?:Comment|Reply) by (?P<who>.{1,80}?)(?: to (?P<whom>.{1,80}?)['’]s (?:comment|reply))?"
    r" (?P<when>(?:about )?(?:an?|\d{1,4}) \w{1,12} ago|just now)$"
)
_COUNT = re.compile(r"^(\d[\d,.]*) (?:Comments?|Kommentare?|commentaires?|comentarios?)$", re.I)
_MORE = re.compile(r"(?:Show|Load|View|Mostrar|Afficher) (?:\d+ )?(?:more|other|previous|all)", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the page; None where nothing of the plugin's comments is in it or beside it."""
    for page in pages_of(source):
        for path, layout in _FORMS:
            elements = select(page, path)
            if elements and (thread := _thread(source, page, Blocks(page, elements), layout)):
                return [thread]
        articles = select(page, _LABELLED)
        if articles:
            return [_labelled(source, page, Blocks(page, articles))]
    return None


def _draft(source: Source, frame: Element) -> Draft:
    page = page_of(source)
    return Draft(
        source,
        title=line_of(first(page, f"//*[{has_class('entry-title')}]")) or page_title(page),
        post=article_of(source, guess=page is not frame or first(page, "//h1") is not None),
        post_author=article_author(page),
        url=page_url(source),
    )


def _thread(source: Source, page: Element, blocks: Blocks, layout: Layout) -> Thread | None:
    draft, stamps = _draft(source, page), stamps_of(source)
    for found in found_in(blocks, layout):
        if found.author and found.text:
            add(draft, found, stamps)
    if not draft.comments:
        return None
    _expect_all(draft, page)
    return draft.thread("certain")


def _labelled(source: Source, page: Element, blocks: Blocks) -> Thread:
    """Comments whose label says who wrote them, and whom they answer: the latest of that writer above."""
    layout = Layout(
        id=_ID,
        author=(),
        time=("//a[contains(@href, 'comment_id')]",),
        body=(
            "//div[@dir='auto'][contains(@style, 'text-align')]/..",
            "//span[@dir='auto'][@lang]",
            "//div[@dir='auto']",
        ),
    )
    draft, stamps = _draft(source, page), stamps_of(source)
    latest: dict[str, str] = {}
    for found in found_in(blocks, layout):
        label = _LABEL.match(found.block.get("aria-label") or "")
        if label is None or not found.text:
            continue
        comment_id = draft.add(
            found.text,
            id=found.id,
            author=label["who"],
            time=stamps.when(label["when"]) or stamps.of(found.stamp),
            parent_id=latest.get(label["whom"] or "") or found.parent_id,
        )
        latest[label["who"]] = comment_id
    _expect_all(draft, page)
    return draft.thread("likely")


def _expect_all(draft: Draft, page: Element) -> None:
    if any(_MORE.match(line_of(link) or "") for link in select(page, "//a | //*[@role='button']")):
        draft.doubt("the page shows a link to more comments, which were not loaded when it was saved")
        return
    counts = (_COUNT.match(line_of(place) or "") for place in select(page, "//span"))
    draft.expect(next((int(re.sub(r"\D", "", count[1])) for count in counts if count), None))
