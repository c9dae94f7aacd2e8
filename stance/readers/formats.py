"""The one list of what is read. A new format is a module and a line here; see the package's docstring."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from stance.readers.dumps import (
    article,
    blogspot,
    by_lines,
    chat,
    comment_list,
    daily_mail_text,
    disqus_text,
    facebook_text,
    forum_text,
    hacker_news_text,
    letters,
    linkedin_text,
    meeting_notes,
    mumsnet_text,
    newspaper_comments,
    nextdoor_text,
    reddit_text,
    round_up,
    substack_text,
    text_column,
    whole_text,
    wordpress_text,
    youtube_text,
)
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
    wordpress_feed,
    wordpress_xml,
    youtube,
)
from stance.readers.media import Media
from stance.readers.pages import (
    blogger,
    comment_services,
    discourse_page,
    disqus,
    facebook_plugin,
    guardian,
    hacker_news_page,
    invision,
    new_reddit,
    old_reddit,
    phpbb,
    repeated,
    schema_org,
    smf,
    stack_exchange,
    vbulletin,
    whole_page,
    wordpress,
    xenforo,
)
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
_FORUM_TEXT = Format("forum text", ("text",), forum_text.read)
_TEXT_DUMPS = (
    Format("Blogspot text", ("text",), blogspot.read),
    Format("WordPress text", ("text",), wordpress_text.read),
    Format("Disqus text", ("text",), disqus_text.read),
    _FORUM_TEXT,
    Format("Mumsnet text", ("text",), mumsnet_text.read),
    Format("Hacker News text", ("text",), hacker_news_text.read),
    Format("Reddit text", ("text",), reddit_text.read),
    Format("Substack text", ("text",), substack_text.read),
    Format("LinkedIn text", ("text",), linkedin_text.read),
    Format("Nextdoor text", ("text",), nextdoor_text.read),
    Format("YouTube text", ("text",), youtube_text.read),
    Format("Daily Mail text", ("text",), daily_mail_text.read),
    Format("Facebook text", ("text",), facebook_text.read),
    Format("newspaper comments", ("text",), newspaper_comments.read),
    Format("chat", ("text",), chat.read),
    Format("meeting notes", ("text",), meeting_notes.read),
    Format("text column", ("text",), text_column.read),
    Format("round-up", ("text",), round_up.read),
    Format("letters", ("text",), letters.read),
)
_SAVED_PAGES = (
    Format("Blogger page", ("html",), blogger.read),
    Format("Guardian page", ("html",), guardian.read),
    Format("WordPress page", ("html",), wordpress.read),
    Format("old Reddit page", ("html",), old_reddit.read),
    Format("new Reddit page", ("html",), new_reddit.read),
    Format("Hacker News page", ("html",), hacker_news_page.read),
    Format("Discourse page", ("html",), discourse_page.read),
    Format("Stack Exchange page", ("html",), stack_exchange.read),
    Format("XenForo page", ("html",), xenforo.read),
    Format("vBulletin page", ("html",), vbulletin.read),
    Format("phpBB page", ("html",), phpbb.read),
    Format("SMF page", ("html",), smf.read),
    Format("Invision page", ("html",), invision.read),
    # After those whose comments are the page's own: a blog whose comments moved may show a comment list and a frame.
    Format("Disqus in a page", ("html",), disqus.read),
    Format("Facebook in a page", ("html",), facebook_plugin.read),
    Format("comment service in a page", ("html",), comment_services.read),
    Format("schema.org page", ("html",), schema_org.read),
)
_EXPORTS = (
    Format("Blogger Atom", ("xml",), blogger_atom.read),
    Format("WordPress XML", ("xml",), wordpress_xml.read),
    Format("WordPress feed", ("xml",), wordpress_feed.read),
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
#: Comments of no known format, told by the look of their lines.
BY_LINES = Format("comments by their lines", ("text",), by_lines.read)
_COMMENT_LIST = Format("comment list", ("text",), comment_list.read)
# After all that find comments: their pages, too, may say that comments are closed now.
_ARTICLE = Format("newspaper text", ("text",), article.read)
#: Whose answers the look of a copy's lines is held against.
COPIES = frozenset({*_TEXT_DUMPS, _COMMENT_LIST, _ARTICLE})
#: Whose pages put a line of the writer's own under all that one writes.
SIGNED = frozenset({_FORUM_TEXT, BY_LINES})
#: Asked where nothing above knows a file, or what does is doubtful itself.
LAST = (
    _COMMENT_LIST,
    _ARTICLE,
    BY_LINES,
    Format("text", ("text",), whole_text.read),
    Format("comments in a page", ("html",), repeated.read),
    Format("page", ("html",), whole_page.read),
    Format("nested JSON", _JSON, nested_json.read),
    Format("table", ("text", "table", "json", "json lines", "parquet"), table.read),
)

#: Asked in this order, those of the file's media. The surest answer counts, the first among equals.
FORMATS: tuple[Format, ...] = (*_TEXT_DUMPS, *_SAVED_PAGES, *_EXPORTS, *LAST)
