"""The one list of what is read. A new format is a module and a line here; see the package's docstring."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from stance.readers.dumps import article, blogspot, whole_text, wordpress_text
from stance.readers.exports import blogger_atom, reddit_lines, table
from stance.readers.media import Media
from stance.readers.pages import blogger, whole_page
from stance.readers.source import Source
from stance.thread import Thread


class Format(NamedTuple):
    """A format that is read.

    :param name: As reports and tables of figures call it.
    :param media: What files of it can be.
    :param read: Gives the threads of a source; None for "not mine"; an empty list for a file that belongs to the
        format but holds no thread by itself.
    """

    name: str
    media: tuple[Media, ...]
    read: Callable[[Source], list[Thread] | None]


_TEXT_DUMPS = (
    Format("Blogspot text", ("text",), blogspot.read),
    Format("WordPress text", ("text",), wordpress_text.read),
    # After all that find comments: their pages, too, may say that comments are closed now.
    Format("newspaper text", ("text",), article.read),
)
_SAVED_PAGES = (Format("Blogger page", ("html",), blogger.read),)
_EXPORTS = (
    Format("Blogger Atom", ("xml",), blogger_atom.read),
    Format("Reddit lines", ("json lines",), reddit_lines.read),
)
#: Asked where nothing above knows a file.
_LAST = (
    Format("text", ("text",), whole_text.read),
    Format("page", ("html",), whole_page.read),
    Format("table", ("table", "json", "json lines", "parquet"), table.read),
)

#: Asked in this order, those of the file's media. The surest answer counts, the first among equals.
FORMATS: tuple[Format, ...] = (*_TEXT_DUMPS, *_SAVED_PAGES, *_EXPORTS, *_LAST)
