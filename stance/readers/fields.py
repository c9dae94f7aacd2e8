"""What the keys of an unknown program's objects are likely to mean.

Keys are compared without case, "_", "-", "." or blanks: ``commentText``, ``comment_text``, ``Comment Text`` are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from stance.readers.dates import Moment, parse_epoch, parse_time
from stance.readers.json_values import Object, text_at

Facts = Mapping[str, Any]  # an object's values by their folded keys

_TEXT = (
    *("commenttext", "commentbody", "commentcontent", "commentmessage", "text", "textoriginal", "body", "message"),
    *("content", "comment", "rawmessage", "textdisplay", "bodytext", "contenttext", "bodyhtml", "contenthtml", "html"),
    *("rendered", "raw", "fulltext", "reply"),
)
_AUTHOR = (
    *("authorname", "authordisplayname", "commentername", "profilename", "displayname", "userdisplayname", "username"),
    *("screenname", "ownerusername", "nickname", "author", "user", "commenter", "owner", "profile", "from", "by"),
    *(
        "poster",
        "creator",
        "createdby",
        "speaker",
        "writer",
        "member",
        "account",
        "userprofile",
        "fullname",
        "name",
        "byline",
        "userid",
    ),
)
_NAME = ("displayname", "fullname", "name", "username", "screenname", "nickname", "login", "handle", "title", "id")
_ID = ("commentid", "id", "cid", "pk", "uuid", "objectid", "postid", "messageid", "replyid", "uri")
_PARENT = (
    *("parentid", "parentcommentid", "parent", "replyto", "inreplyto", "inreplytoid", "replytoid", "replytocommentid"),
    *("repliedtoid", "parentuuid", "inreplytostatusid", "replytocomment", "inreplytocommentid"),
)
_TIME = (
    *("time", "date", "datetime", "timestamp", "created", "createdat", "createdutc", "createdtime", "createtime"),
    *("commenttime", "commentdate", "published", "publishedat", "publishedon", "posted", "postedat", "datecreated"),
    *(
        "createdate",
        "creationdate",
        "submittedat",
        "addedat",
        "createdon",
        "dategmt",
        "isodate",
        "isodatetime",
        "createdatutc",
    ),
)
_REPLIES = (
    *("replies", "children", "answers", "responses", "subcomments", "childcomments", "replycomments"),
    *("nestedcomments", "edgethreadedcomments", "commentreplies", "replylist", "threadedreplies"),
)
_COMMENTS = (
    *("comments", "commentsfull", "allcomments", "commentlist", "commentslist", "latestcomments", "commentdata"),
    *("edgemediatoparentcomment", "edgemediatocomment", "commentthreads"),
)
_PERHAPS_COMMENTS = ("discussion", "messages", "posts", *_REPLIES)
_TITLE = ("title", "headline", "posttitle", "articletitle", "videotitle", "threadtitle", "subject", "pagetitle")
_POST = ("posttext", "selftext", "articlebody", "articletext", "caption", "body", "text", "content", "message", "story")
_URL = (
    *("url", "link", "permalink", "posturl", "webpageurl", "articleurl", "pageurl", "videourl", "threadurl"),
    *("facebookurl", "inputurl", "href", "canonicalurl", "weburl"),
)
_THREAD_ID = ("threadid", "postid", "shortcode", "videoid", "articleid", "discussionid", "topicid", "id")
_OF_THREAD = ("posturl", "articleurl", "videourl", "pageurl", "threadurl", "facebookurl", "inputurl", "threadid")
_N_REPLIES = ("repliescount", "replycount", "replycnt", "totalreplycount", "numreplies", "nreplies", "childcount")
_GONE_FLAGS = {
    **dict.fromkeys(("deleted", "isdeleted", "deletedat", "isremoved", "removed", "userdeleted", "trashed"), "deleted"),
    **dict.fromkeys(("spam", "isspam"), "spam"),
    **dict.fromkeys(("ishidden", "hidden"), "hidden"),
}
_GONE_STATES = {
    **dict.fromkeys(("deleted", "removed", "trash", "trashed", "blocked"), "deleted"),
    **dict.fromkeys(("spam",), "spam"),
    **dict.fromkeys(("pending", "hold", "unapproved", "rejected"), "unapproved"),
}
_GONE_TEXTS = {"[deleted]": "deleted", "[removed]": "removed"}
_WRAPPERS = ("data", "edges", "items", "nodes", "comments", "results", "list", "entries", "elements", "collection")


def facts_of(item: Object) -> Facts:
    """An object's values by what their keys are without case and marks. Of two that become one, the first counts.

    What lies under ``node`` or ``attributes`` counts as the object's own, as GraphQL and JSON:API wrap it.
    """
    facts: dict[str, Any] = {}
    for wrapped in ("node", "attributes"):
        if isinstance(item.get(wrapped), dict):
            item = {**item, **item[wrapped]}
    for key, value in item.items():
        facts.setdefault(_folded(key), value)
    return facts


def text_in(facts: Facts) -> str | None:
    """The words of a comment, or None where no key is likely to hold any."""
    for name in _TEXT:
        value = facts.get(name)
        if isinstance(value, dict):
            value = next(
                (text for key in ("rendered", "text", "plain", "html", "raw") if (text := text_at(value, key))), None
            )
        if isinstance(value, str):
            return value
    return None


def author_in(facts: Facts) -> str | None:
    """The writer's name."""
    return next((name for key in _AUTHOR if (name := _name(facts.get(key)))), None)


def id_in(facts: Facts) -> str | None:
    """The object's own id."""
    return _first(facts, _ID)


def parent_in(facts: Facts) -> str | None:
    """The id of what the comment answers."""
    for name in _PARENT:
        value = facts.get(name)
        found = _first(facts_of(value), _ID) if isinstance(value, dict) else text_at({"": value}, "")
        if found:
            return found if found not in ("0", "-1", "root", "null") else None
    return None


def time_in(facts: Facts) -> Moment | None:
    """When it was written."""
    for name in _TIME:
        value = facts.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value:
            moment = parse_epoch(value) if isinstance(value, int | float) else parse_time(value)
            if moment and moment.time.year > 1980:
                return moment
    return None


def title_in(facts: Facts) -> str:
    """A post's title."""
    return _first(facts, _TITLE) or ""


def post_in(facts: Facts) -> str:
    """A post's own words."""
    told = (facts.get(name) for name in _POST)
    captions = (text_in(facts_of(caption)) for caption in listed(facts.get("edgemediatocaption")))  # Instagram's
    return next((text for text in (*told, *captions) if isinstance(text, str) and text.strip()), "")


def url_in(facts: Facts) -> str | None:
    """A post's address."""
    told = (facts.get(name) for name in _URL)
    return next((url for url in told if isinstance(url, str) and url.startswith(("http://", "https://"))), None)


def thread_id_in(facts: Facts) -> str | None:
    """A post's id."""
    return _first(facts, _THREAD_ID)


def thread_of(facts: Facts) -> str | None:
    """What a comment says of the thread it stands in: the page's address, else an id."""
    return _first(facts, _OF_THREAD)


def announced_replies(facts: Facts) -> int:
    """How many replies a comment is said to have."""
    return next((n for name in _N_REPLIES if isinstance(n := facts.get(name), int) and not isinstance(n, bool)), 0)


def gone_in(facts: Facts) -> str | None:
    """What kind of thing a comment is that is not shown any more, or None."""
    state = str(facts.get("status") or facts.get("state") or "").casefold()
    flag = next((kind for name, kind in _GONE_FLAGS.items() if _is_set(facts.get(name))), None)
    return flag or _GONE_STATES.get(state) or _GONE_TEXTS.get((text_in(facts) or "").strip())


def is_comment(value: object) -> bool:
    """Whether an object may be a comment: it has words, and a writer, a time, an id or answers."""
    if not isinstance(value, dict):
        return False
    facts = facts_of(value)
    if gone_in(facts) and (id_in(facts) or replies_in(facts)):
        return True
    has_more = author_in(facts) or time_in(facts) or id_in(facts) or replies_in(facts)
    return text_in(facts) is not None and bool(has_more)


def replies_in(facts: Facts) -> Sequence[Object]:
    """The objects under a comment that answer it."""
    for name in _REPLIES:
        found = listed(facts.get(name))
        if found:
            return found
    return []


def comments_in(facts: Facts) -> Sequence[Object]:
    """The objects under a post that are, by their key, its comments."""
    for name in (*_COMMENTS, *_PERHAPS_COMMENTS):
        found = listed(facts.get(name))
        if mostly_comments(found, are_called_so=name in _COMMENTS):
            return found
    return []


def listed(value: object) -> list[Object]:
    """The objects of a list, in whatever it is wrapped."""
    for _ in range(4):
        if isinstance(value, list):
            return [item for item in value if isinstance(item, dict)]
        if not isinstance(value, dict):
            return []
        wrapped = next((value[name] for name in _WRAPPERS if isinstance(value.get(name), list | dict)), None)
        if wrapped is None:
            return _by_id(value)
        value = wrapped
    return []


def mostly_comments(items: Sequence[Object], *, are_called_so: bool) -> bool:
    """Whether at least half of a list's first items may be comments.

    :param are_called_so: Whether the list's own key says so. Else articles, products and the like, which have words and
        ids, too, are told apart: comments have a writer or answer each other, and no headline.
    """
    some = items[:20]
    n = sum(is_comment(item) and (are_called_so or _is_spoken(facts_of(item))) for item in some)
    return bool(some) and 2 * n >= len(some)


def _is_spoken(facts: Facts) -> bool:
    answers = parent_in(facts) or replies_in(facts)
    return bool(answers) or (bool(author_in(facts)) and not _first(facts, _TITLE[:2]))


def _by_id(value: Object) -> list[Object]:
    """Objects kept under their ids, as a list."""
    items = [{"id": key, **item} for key, item in value.items() if isinstance(item, dict)]
    return (
        items
        if len(items) == len(value) >= 2 and all(text_in(facts_of(item)) is not None for item in items[:20])
        else []
    )


def _name(value: object) -> str | None:
    if isinstance(value, dict):
        facts = facts_of(value)
        return _first(facts, _NAME) or next(
            (n for inner in facts.values() if isinstance(inner, dict) and (n := _first(facts_of(inner), _NAME[:-2]))),
            None,
        )
    return value if isinstance(value, str) and value.strip() else None


def _first(facts: Facts, names: Sequence[str]) -> str | None:
    return next((text for name in names if (text := text_at(facts, name))), None)


def _is_set(value: object) -> bool:
    return (
        value is True
        or value == 1
        or (isinstance(value, str) and value.casefold() not in ("", "false", "0", "no", "none"))
    )


@lru_cache(maxsize=4096)
def _folded(key: str) -> str:
    return "".join(character for character in key.casefold() if character not in "_-. ")
