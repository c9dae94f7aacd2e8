"""A blog post with its comments, copied from the browser as text: ``NAME said...`` above each comment."""

from __future__ import annotations

import re
from dataclasses import replace

from stance.readers.dates import parse_date_line
from stance.readers.replies import guess_post_author, link_replies
from stance.thread import Comment, Thread

# "Anonymous said...", "X, author of this blog, said..."; the whole line, so that speech inside a text is no header.
_HEADER = re.compile(
    r"^[ \t]*(?P<name>\S[^\n]{0,78}?)(?P<is_author>, author of [^\n]{1,60}?,?)?[ \t]+said[ \t]*(?:\.\.\.|…)[ \t]*$",
    re.MULTILINE,
)
# "As my old mum said..." begins a sentence; nobody is called that.
_CLAUSE = re.compile(
    r"(?:i|he|she|they|we|it|you|as|what|who|when|where|like|and|but|so|then|that|the author|somebody|someone|"
    r"everybody|everyone|nobody|my|his|her|our|their)\b",
    re.I,
)
_LONGEST_NAME = 6  # words
_COUNT = re.compile(
    r"^[ \t]*(?:(?P<n>\d[\d,.]*|No|One)[ \t]+comments?|comments?[ \t]*\([ \t]*(?P<m>\d+)[ \t]*\))[ \t]*:?[ \t]*$",
    re.I | re.M,
)
_BYLINE = re.compile(
    r"^[ \t]*(?:posted|published|written) by:?[ \t]+(?P<name>[^\n]{1,60}?)(?:[ \t]+(?:at|on)[ \t][^\n]*)?[ \t]*$",
    re.I | re.M,
)
_FURNITURE = re.compile(
    r"^[ \t]*(?:(?:post a comment|newer posts?|older posts?|home|subscribe to:.*|links to this post|create a link"
    r"|repl(?:y|ies)|delete|reply ?delete|add comment|load more\.*|email this.*|labels:.*)[ \t]*)+$",
    re.I,
)
_LONGEST_TITLE = 120  # characters


def read_blog_dump(text: str, thread_id: str, source: str) -> Thread | None:
    """Read the dump, or return None where it holds no ``NAME said...`` line and announces no comments."""
    headers = [match for match in _HEADER.finditer(text) if _is_header(match, text)]
    count = next((match for match in _COUNT.finditer(text) if not headers or match.start() < headers[0].start()), None)
    if not headers and count is None:
        return None
    # A count with nothing under it that reads as comments is a sentence of the page, unless it says none.
    announced = _announced(count)
    if not headers and announced != 0:
        return None
    start = min(match.start() for match in (*headers[:1], *([count] if count else [])))
    title, post, notes = split_post(text[:start])
    byline = _BYLINE.search(post)
    post_author = byline["name"].strip() if byline else None
    if byline:
        post = (post[: byline.start()] + post[byline.end() :]).strip()
    comments = _comments(text, headers)
    if announced is None:
        notes.append(f"the page announces no number of comments; {len(comments)} were found by their 'NAME said...'")
    elif announced != len(comments):
        notes.append(f"comments announced by the page: {announced}; found: {len(comments)}")
    if not comments:
        notes.append("the page says that it has no comments")
    comments = list(link_replies(comments))
    post_author = post_author or next((c.author for c in comments if c.is_post_author), None)
    if post_author is None:
        post_author = guess_post_author(post, comments)
        if post_author:
            notes.append(
                f"{post_author} is taken as the post's author, who answers others by name and is addressed by name;"
                " the page does not say so"
            )
    if post_author:
        comments = [replace(c, is_post_author=c.is_post_author or c.author == post_author) for c in comments]
    return Thread(
        id=thread_id,
        title=title,
        post=post,
        comments=tuple(comments),
        source=source,
        post_author=post_author,
        notes=tuple(notes),
    )


def announced_comments(text: str) -> int | None:
    """How many comments the page says it has, or None where it does not say."""
    return _announced(_COUNT.search(text))


def split_post(text: str) -> tuple[str, str, list[str]]:
    """Split what stands above the comments into title, post and notes.

    The title is the first line that is no date, if it is short and does not end as a sentence.
    """
    notes = []
    lines = text.strip().split("\n")
    while lines and (not lines[0].strip() or parse_date_line(lines[0])):
        if lines[0].strip():
            notes.append(f"the post is dated {lines[0].strip()}")
        lines.pop(0)
    title = ""
    if (
        len(lines) > 1
        and len(lines[0].strip()) <= _LONGEST_TITLE
        and not lines[0].rstrip().endswith((".", ",", ";", '"'))
    ):
        title = lines.pop(0).strip()
    return title, "\n".join(lines).strip(), notes


def _is_header(match: re.Match[str], text: str) -> bool:
    above = text[: match.start()].rstrip(" \t")
    stands_alone = not above or above.endswith("\n\n") or _COUNT.search(above[-200:].rstrip().rpartition("\n")[2])
    name = match["name"]
    return bool(stands_alone) and not _CLAUSE.match(name) and len(name.split()) <= _LONGEST_NAME


def _announced(count: re.Match[str] | None) -> int | None:
    if count is None:
        return None
    words = {"no": 0, "one": 1}
    number = (count["n"] or count["m"]).casefold()
    return words[number] if number in words else int(re.sub(r"\D", "", number))


def _comments(text: str, headers: list[re.Match[str]]) -> list[Comment]:
    comments = []
    for number, header in enumerate(headers, 1):
        end = headers[number].start() if number < len(headers) else len(text)
        lines = text[header.end() : end].strip("\n").split("\n")
        while lines and (not lines[-1].strip() or _FURNITURE.match(lines[-1])):
            lines.pop()
        time = None
        for place in (0, -1):  # the date stands above or below the text
            if len(lines) > 1 and time is None and (time := parse_date_line(lines[place])):
                lines.pop(place)
        comments.append(
            Comment(
                id=str(number),
                text="\n".join(lines).strip(),
                author=header["name"].strip().strip(",") or None,
                time=time,
                is_post_author=bool(header["is_author"]),
            )
        )
    return comments
