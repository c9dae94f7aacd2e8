"""A thread while it is being read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from stance.readers.dates import Moment
from stance.readers.replies import link_replies
from stance.readers.source import Source
from stance.readers.wording import clean, one_line
from stance.thread import Comment, ReadingReport, Sureness, Thread


class Draft:
    """Gathers a thread: comments are added, what is left out is counted, what is doubtful is said.

    Every text is cleaned on its way in (see :func:`stance.readers.wording.clean`), so readers hand over what they
    find. A comment that comes without an id is called by its place.
    """

    def __init__(
        self,
        source: Source,
        *,
        id: str | None = None,  # noqa: A002  # as Thread calls it
        title: str = "",
        post: str = "",
        post_author: str | None = None,
        url: str | None = None,
    ) -> None:
        self.id = id or source.stem
        self.place = source.place
        self.url = url
        self.title, self.post = one_line(title), clean(post)
        self.post_author = one_line(post_author or "") or None
        self.comments: list[Comment] = []
        self._dropped: Counter[str] = Counter()
        self._repaired: list[str] = []
        self._remarks: list[str] = []
        self._doubtful: list[str] = []

    def add(
        self,
        text: str,
        *,
        id: str | None = None,  # noqa: A002
        author: str | None = None,
        time: Moment | None = None,
        parent_id: str | None = None,
        is_post_author: bool = False,
        quoted: str = "",
    ) -> str:
        """Add the next comment of the page, and give its id."""
        comment = Comment(
            id=id or str(len(self.comments) + 1),
            text=clean(text),
            author=one_line(author or "") or None,
            time=time.time if time else None,
            time_precision=time.precision if time else "second",
            parent_id=parent_id,
            is_post_author=is_post_author,
            quoted=clean(quoted),
        )
        self.comments.append(comment)
        return comment.id

    def drop(self, kind: str, n: int = 1) -> None:
        """Count what is left out: "deleted", "spam", "pingback"."""
        self._dropped[kind] += n

    def repair(self, sentence: str) -> None:
        """Say what was broken and is mended."""
        self._repaired.append(sentence)

    def remark(self, sentence: str) -> None:
        """Say what else the page tells of itself."""
        self._remarks.append(sentence)

    def doubt(self, sentence: str) -> None:
        """Say what may be wrong or missing."""
        self._doubtful.append(sentence)

    def expect(self, announced: int | None) -> None:
        """Doubt where the page announces another number of comments than it shows, dropped ones among them or not."""
        found = len(self.comments)
        if announced is not None and announced not in (found, found + self._dropped.total()):
            self.doubt(f"comments announced by the page: {announced}; found: {found}")

    def thread(self, sureness: Sureness, *, shows_parents: bool = False) -> Thread:
        """The thread, the post's author marked.

        :param sureness: How sure the reader is; "certain" becomes "likely" where something is doubtful.
        :param shows_parents: Whether the format shows of every comment what it answers. Elsewhere replies are linked
            as far as quotes and named addresses tell.
        """
        comments: Sequence[Comment] = self.comments if shows_parents else link_replies(self.comments)
        author = self.post_author or next((c.author for c in comments if c.is_post_author), None)
        if author and not Comment(id="?", text="", author=author).has_shared_name:
            comments = [replace(c, is_post_author=c.is_post_author or c.author == author) for c in comments]
        return Thread(
            id=self.id,
            title=self.title,
            post=self.post,
            comments=tuple(comments),
            source=self.place,
            post_author=author,
            url=self.url,
            report=ReadingReport(
                sureness="likely" if sureness == "certain" and self._doubtful else sureness,
                dropped=dict(self._dropped),
                repaired=tuple(self._repaired),
                remarks=tuple(self._remarks),
                doubtful=tuple(self._doubtful),
            ),
        )
