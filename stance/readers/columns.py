"""The columns of a table: which tells what, and where the table begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from stance.errors import InputError

#: For each thing a row can tell, the column names it goes by, best first. Compared without case, "_", "-", "." or " ".
COLUMNS: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "comment", "commenttext", "commentbody", "commentmessage", "commentcontent", "body", "message"),
        *("content", "comments", "reply", "tweet", "tweettext", "fulltext", "textoriginal", "textdisplay", "utterance"),
        *(
            "bodycopy",
            "commentcopy",
            "bodytext",
            "rawtext",
            "statement",
            "remark",
            "response",
            "opinion",
            "feedback",
            "answer",
            "representation",
            "review",
            "post",
        ),
        *(
            "kommentar",
            "kommentartext",
            "beitrag",
            "commentaire",
            "comentario",
            "comentário",
            "commento",
            "reactie",
            "bericht",
        ),
    ),
    "comment_id": (
        "commentid",
        "id",
        "cid",
        "postid",
        "messageid",
        "replyid",
        "tweetid",
        "uid",
        "uuid",
        "commentref",
        "queueref",
        "ref",
    ),
    "author": (
        *("author", "authorname", "authordisplayname", "user", "username", "name", "displayname", "commenter"),
        *("commentername", "commentauthor", "commentby", "profilename", "ownerusername", "screenname", "nickname"),
        *("speaker", "respondent", "benutzer", "benutzername", "verfasser", "autor", "auteur", "usuario", "autore"),
        *("gebruiker", "gebruikersnaam", "naam", "nombre", "nom", "utente", "usuário", "nome"),
        *("displayhandle", "userhandle", "handle", "penname", "by", "from", "userid", "authorid"),
    ),
    "parent_id": (
        *("parentid", "parent", "replyto", "inreplyto", "inreplytoid", "replytoid", "parentcommentid", "commentparent"),
        *("replytocommentid", "inreplytostatusid", "isreplyto", "antwortauf", "enréponseà", "respuestaa"),
        *("reactieop", "antwoordop", "rispostaa", "respostaa"),
        *("inresponseto", "responseto", "inresponsetoid", "parentref", "parentcomment", "repliedto"),
    ),
    "time": (
        *("commentdate", "commenttime", "commentpublished", "time", "date", "datetime", "timestamp", "created"),
        *("createdat", "createdutc", "createdtime", "published", "publishedat", "posted", "postedat", "createddate"),
        *(
            "datetimeutc",
            "dateposted",
            "postedon",
            "publishedon",
            "dateandtime",
            "createdon",
            "submitted",
            "submittedon",
            "submittedat",
            "datesubmitted",
        ),
        *("receivedat", "received", "datereceived", "receivedon"),
        *("when", "datum", "zeit", "zeitpunkt", "erstelltam", "fecha", "data"),
    ),
    "is_post_author": ("ispostauthor", "issubmitter", "isop", "isauthor", "authorisuploader", "authorischannelowner"),
    "thread_id": (
        *(
            "threadid",
            "thread",
            "discussionid",
            "articleid",
            "topicid",
            "conversationid",
            "conversation",
            "linkid",
            "submissionid",
        ),
        *("videoid", "postid"),
    ),
    "title": (
        "title",
        "headline",
        "threadtitle",
        "articletitle",
        "posttitle",
        "videotitle",
        "subject",
        "storyheadline",
        "articleheadline",
        "storytitle",
        "onderwerp",
        "titel",
        "titre",
        "título",
        "betreff",
    ),
    "post": ("posttext", "article", "articletext", "selftext", "postmessage", "post"),
    "url": ("posturl", "articleurl", "videourl", "pageurl", "threadurl", "facebookurl", "inputurl"),
    "deleted": ("deleted", "isdeleted", "removed", "isremoved"),
    "spam": ("spam", "isspam"),
    "state": ("status", "state", "decision", "moderationstatus", "moderation", "commentstatus"),
}

MOST_ABOVE = 20  # rows of a spreadsheet that may stand above its header
_COUNTER = ("", "#", "no", "nr", "number", "index", "position", "unnamed:0", "unnamed:1")


def guess_columns(names: Iterable[str], source: str) -> dict[str, str]:
    """Map each thing of :data:`COLUMNS` that is there to the table's own column name.

    :raises InputError: If no column of texts is among them.
    """
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(_folded(name), name)
    found: dict[str, str] = {}
    for thing, candidates in COLUMNS.items():
        column = next((folded[c] for c in candidates if c in folded and folded[c] not in found.values()), None)
        if column is not None:
            found[thing] = column
    if "text" not in found:
        raise InputError(
            f"{source}: no column of comment texts among {', '.join(map(repr, folded.values())) or 'its columns'}."
            f" Name it one of: {', '.join(COLUMNS['text'][:5])}."
        )
    return found


#: What names of columns hold where they are sentences of a form: "Resp ID", "Name given", "In reply to Resp".
_WORDED = {
    "parent_id": re.compile(r"\b(?:in )?(?:reply|response|answer(?:s|ing)?) to\b", re.I),
    "comment_id": re.compile(r"\b(?:id|ref(?:erence)?|no\.?|number)$", re.I),
    "author": re.compile(r"\b(?:name|respondent|author|commenter)\b", re.I),
    "time": re.compile(r"\b(?:submitted|date|time|received|posted)\b", re.I),
}
_FEWEST_WORDS = 4.0  # mean of a column's filled cells, to take it for one of texts
_MORE_WORDS = 2.0  # times as many as the column with most words after it


def columns_by_cells(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """The columns where no name tells the texts: these are where most is written; the others go by words in names.

    Empty where no column holds far more words than the others.
    """
    n_words = {}
    for place, name in enumerate(header):
        cells = [row[place] for row in rows if place < len(row) and row[place].strip()]
        n_words[name] = sum(len(cell.split()) for cell in cells) / max(1, len(cells))
    first, second = ([*sorted(n_words, key=lambda name: -n_words[name]), "", ""])[:2]
    if n_words.get(first, 0) < _FEWEST_WORDS or n_words[first] < _MORE_WORDS * n_words.get(second, 0):
        return {}
    found = {"text": first}
    for thing, pattern in _WORDED.items():
        told = next((name for name in header if name not in found.values() and pattern.search(name)), None)
        if told:
            found[thing] = told
    return found


def counter_columns(names: Iterable[str]) -> list[str]:
    """The nameless columns, which may count answers with the comment they answer; looked at where no ids are there."""
    return [name for name in names if _folded(name) in _COUNTER]


def find_header(lines: Iterator[list[str]]) -> tuple[list[str], list[list[str]]]:
    """The first line that names a column of texts, and the filled cells of those above it, which programs put there.

    Where none near the top does, the first line.
    """
    above: list[list[str]] = []
    for cells in islice(lines, MOST_ABOVE):
        if is_header(cells, is_first=not above):
            return cells, [list(filter(None, line)) for line in above]
        above.append(cells)
    return above[0] if above else [], []


def named(header: Sequence[str]) -> list[str]:
    """A header's names, those without a name by their place."""
    return [name or f"unnamed: {place}" for place, name in enumerate(header)]


def is_header(names: Sequence[str], *, is_first: bool) -> bool:
    """Whether cells name columns, one of texts among them; below the first line, one more that is known.

    :param is_first: Whether they stand in the first line.
    """
    try:
        columns = guess_columns(filter(None, names), "")
    except InputError:
        return False
    return is_first or len(columns) > 1


def _folded(name: object) -> str:
    """A name without case, marks and what is added in brackets: "In Response To (Ref)"."""
    return re.sub(r"\([^()]{1,20}\)$|[_\-. ]", "", str(name).strip().casefold())
