"""A blog post with its comments, copied from the browser as text: ``NAME said...`` above each comment."""

from __future__ import annotations

import re

from stance.readers.dates import parse_date_line
from stance.readers.draft import Draft
from stance.readers.dumps.post import COUNT, announced_by, split_post, without_byline
from stance.readers.replies import guess_post_author, link_replies
from stance.readers.source import Source
from stance.thread import Thread

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
_FURNITURE = re.compile(
    r"^[ \t]*(?:(?:(?:post a comment|add comment|load more\.{0,3}|newer posts?|older posts?|home|links to this post"
    r"|create a link|repl(?:y|ies)|delete)[ \t]*){1,12}|(?:subscribe to:|email this|labels:)[^\n]*)$",
    re.I,
)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it holds no ``NAME said...`` line and does not say that it has no comments."""
    text = source.text
    headers = [match for match in _HEADER.finditer(text) if _is_header(match, text)]
    count = next((match for match in COUNT.finditer(text) if not headers or match.start() < headers[0].start()), None)
    announced = announced_by(count)
    # A count with nothing under it that reads as comments is a sentence of the page, unless it says none.
    if not headers and announced != 0:
        return None
    start = min(match.start() for match in (*headers[:1], *([count] if count else [])))
    title, post, remarks = split_post(text[:start])
    post, post_author = without_byline(post)
    draft = Draft(source, title=title, post=post, post_author=post_author)
    for remark in remarks:
        draft.remark(remark)
    _add_comments(draft, text, headers)
    draft.expect(announced)
    if announced is None:
        draft.remark(f"the page announces no number of comments; {len(headers)} were found by their 'NAME said...'")
    if not headers:
        draft.remark("the page says that it has no comments")
    if not post_author and not any(comment.is_post_author for comment in draft.comments):
        _guess_post_author(draft)
    return [draft.thread("certain" if announced is not None else "likely")]


def _guess_post_author(draft: Draft) -> None:
    draft.post_author = guess_post_author(draft.post, link_replies(draft.comments))
    if draft.post_author:
        draft.doubt(
            f"{draft.post_author} is taken as the post's author, who answers others by name and is addressed by name;"
            " the page does not say so"
        )


def _is_header(match: re.Match[str], text: str) -> bool:
    above = text[: match.start()].rstrip(" \t")
    stands_alone = not above or above.endswith("\n\n") or COUNT.search(above[-200:].rstrip().rpartition("\n")[2])
    name = match["name"]
    return bool(stands_alone) and not _CLAUSE.match(name) and len(name.split()) <= _LONGEST_NAME


def _add_comments(draft: Draft, text: str, headers: list[re.Match[str]]) -> None:
    for number, header in enumerate(headers, 1):
        end = headers[number].start() if number < len(headers) else len(text)
        lines = text[header.end() : end].strip("\n").split("\n")
        while lines and (not lines[-1].strip() or _FURNITURE.match(lines[-1])):
            lines.pop()
        time = None
        for place in (0, -1):  # the date stands above or below the text
            if len(lines) > 1 and time is None and (time := parse_date_line(lines[place])):
                lines.pop(place)
        draft.add(
            "\n".join(lines),
            author=header["name"].strip().strip(","),
            time=time,
            is_post_author=bool(header["is_author"]),
        )
