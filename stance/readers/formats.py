"""The one list of what is read. A new format is a module and a line here; see the package's docstring."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from stance.readers.dumps import article, blogspot, whole_text, wordpress_text
from stance.readers.exports import (
    blogger_atom,
    convokit,
    discourse,
    disqus_api,
    disqus_xml,
    excel,
    facebook,
    hacker_news,
    nested_json,
    reddit_api,
    reddit_lines,
    table,
    wordpress_api,
    wordpress_xml,
    youtube,
)
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


_JSON: tuple[Media, ...] = ("json", "json lines")
_TEXT_DUMPS = (
    Format("Blogspot text", ("text",), blogspot.read),
    Format("WordPress text", ("text",), wordpress_text.read),
    # After all that find comments: their pages, too, may say that comments are closed now.
    Format("newspaper text", ("text",), article.read),
)
_SAVED_PAGES = (Format("Blogger page", ("html",), blogger.read),)
_EXPORTS = (
    Format("Blogger Atom", ("xml",), blogger_atom.read),
    Format("WordPress XML", ("xml",), wordpress_xml.read),
    Format("Disqus XML", ("xml",), disqus_xml.read),
    # Before all others of JSON: a corpus's other files are known by their names.
    Format("ConvoKit", _JSON, convokit.read),
    Format("Reddit lines", _JSON, reddit_lines.read),
    Format("Reddit API", _JSON, reddit_api.read),
    Format("WordPress API", _JSON, wordpress_api.read),
    Format("Disqus API", _JSON, disqus_api.read),
    Format("YouTube", _JSON, youtube.read),
    Format("Discourse", _JSON, discourse.read),
    Format("Hacker News", _JSON, hacker_news.read),
    Format("Facebook API", _JSON, facebook.read),
    Format("Excel", ("excel",), excel.read),
)
#: Asked where nothing above knows a file.
_LAST = (
    Format("text", ("text",), whole_text.read),
    Format("page", ("html",), whole_page.read),
    Format("nested JSON", _JSON, nested_json.read),
    Format("table", ("text", "table", "json", "json lines", "parquet"), table.read),
)

#: Asked in this order, those of the file's media. The surest answer counts, the first among equals.
FORMATS: tuple[Format, ...] = (*_TEXT_DUMPS, *_SAVED_PAGES, *_EXPORTS, *_LAST)
