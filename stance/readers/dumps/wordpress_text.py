"""A WordPress post with its comments, copied from the browser as text.

Themes write the head of a comment in one of these ways, and "Reply" or "LikeLike" below its words::

    NAME says:                    NAME on 14 March 2013 at 9:12 am said:      1. NAME             NAME
    March 14, 2013 at 9:12 am     NAME said, on March 14, 2013 ...            March 14, 2013      March 14, 2013

Some of the oldest sign the words instead: ``Comment by NAME — March 14, 2013 @ 9:12 am``. Crawlers keep of some pages
only the words, between the numbers of the list or the "LikeLike" below each; such comments have no author.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from stance.readers.draft import Draft
from stance.readers.dumps.depths import indented, numbered_heads, unnumbered
from stance.readers.dumps.heads import Gathering, Head, StackedLayout, end_of_last
from stance.readers.dumps.lines import day_first_in, is_name, is_time, lines_of_dump, mentions, text_of_dump, time_of
from stance.readers.dumps.post import draft_of
from stance.readers.source import Source
from stance.thread import Thread

_COUNT = re.compile(
    r"^[ \t]*(?P<n>\d[\d,.]{0,8}|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|No)[ \t]+"
    r"(?:thoughts?|responses?|comments?|replies|reply|réflexions?|gedanken?|commentaires?|comentarios?"
    r"|respuestas?)[ \t]+"
    r"(?:on|to|for|sur|zu|en|a)[ \t]+[“\"‘'«„:]?(?P<title>[^\n]{1,300}?)[”\"’'»“]?[ \t]*$",
    re.I,
)
_BARE_COUNT = re.compile(
    r"^[ \t]*(?:there (?:are|is) |so far,? there (?:are|is) )?\(?(?P<n>\d[\d,.]{0,8}|One|No)\)?[ \t]+"
    r"(?:comments?|responses?|replies|thoughts?)(?:[ \t]+(?:add yours|so far|↓|»|leave a comment))?[ \t:.]*$"
    r"|^[ \t]*(?:comments|responses)[ \t]*[(:][ \t]*(?P<m>\d{1,6})[ \t]*\)?[ \t]*$",
    re.I,
)
_WORDS = "no one two three four five six seven eight nine ten".split()
_NUMBER = r"(?:\d{1,4}[.)]?[ \t]+|#\d{1,4}[ \t]+)?"
_POST_AUTHOR = re.compile(
    r"[ \t]*\(?\b(?:post author|author|article author|auteur (?:de l.article|du billet)|beitragsautor(?:in)?"
    r"|autor(?:a)? de la entrada|autor(?:e|a)? (?:do|dell)[’' ]?(?:post|articolo)|berichtauteur)\)?[ \t]*$",
    re.I,
)
# Themes whose "says" is a word apart leave it out there: "Lise Post author".
_BY_POST_AUTHOR = re.compile(r"^[ \t]*(?P<name>\S[^\n]{0,50}?" + _POST_AUTHOR.pattern.removesuffix("$") + ")$", re.I)
_SAYS = re.compile(
    rf"^[ \t]*{_NUMBER}(?P<name>\S[^\n]{{0,60}}?)[ \t]+"
    r"(?:[Ss]ays|[Ss]chreibt|[Ss]agt|[Dd]it|[Dd]ice|[Dd]iz|[Zz]egt)[ \t]?:?[ \t]*$"
)
_SAID = re.compile(rf"^[ \t]*{_NUMBER}(?P<name>\S[^\n]{{0,60}}?)[ \t]+(?:said|wrote)[ \t]?:?[ \t]*$", re.I)
_SAID_ON = re.compile(
    rf"^[ \t]*{_NUMBER}(?:(?P<name>\S[^\n]{{0,60}}?),?[ \t]+(?:on|le|am|el)[ \t]+(?P<date>[^\n]{{6,50}}?),?[ \t]+"
    r"(?:said|says|wrote)|(?P<name2>\S[^\n]{0,60}?)[ \t]+(?:said|says"
    r"|wrote),?[ \t]+(?:on[ \t]+)?(?P<date2>[^\n]{6,50}?))"
    r"[ \t]?:?[ \t]*$",
    re.I,
)
_NUMBERED = re.compile(r"^[ \t]*\d{1,4}\.[ \t]+(?P<name>\S[^\n]{0,60}?)[ \t]*$")
_NUMBERED_HEAD = re.compile(r"[ \t]*(?:\d{1,4}[.)]|#\d{1,4}[ \t])")
_BY_ON = re.compile(
    r"^[ \t]*by[ \t]+(?P<name>\S[^\n]{0,60}?)[ \t]+(?:on|\|)[ \t]+(?:posted[ \t]+)?(?P<date>[^\n|]{6,50}?)"
    r"(?:[ \t]*\|[ \t]*reply|[ \t]+in reply to [^\n]{1,60})?[ \t]*$",
    re.I,
)
_SIGNED = re.compile(
    r"^[ \t]*(?:comment by|posted by|left by)[ \t]+(?P<name>\S[^\n]{0,60}?)[ \t]+(?:—|–|-|\||on|:"
    r"|»)[ \t]+(?P<date>[^\n]{6,60}?)"
    r"(?:[ \t]*(?:#|\||permalink|reply)){0,3}[ \t]*$",
    re.I,
)
_MENTIONS = re.compile(
    r"\b(?:says|said|schreibt|sagt|dit|dice|diz|zegt|reply|like|pingback|répondre|réflexions?|gedanken?|comentarios?"
    r"|kommentare?|responses?|thoughts?|comments?|replies|wrote)\b",
    re.I,
)
_PINGBACK = re.compile(
    rf"^[ \t]*{_NUMBER}(?:pingback|trackback|ping)(?:[ \t]+(?:by|from))?[ \t]*[:—–-]|^[ \t]*{_NUMBER}\[?(?:pingback"
    rf"|trackback)\]",
    re.I,
)
# An excerpt of the page that links here, as WordPress shows a pingback in the guise of a comment.
_EXCERPT = re.compile(r"\[?\s*(?:\[?(?:…|\.\.\.)\]?)\s?.{3,600}\s?\[?(?:…|\.\.\.)\]?\s*\]?", re.S)
# What the theme puts under each comment, under the post, and under all comments.
_BUTTON = (
    r"(?:reply(?: to [^\n]{1,40}|[ ]?[↓→»])?|like(?:like)?|like(?:like)?d by (?:\d{1,6} (?:people|person|others?)|you)"
    r"|\d{1,4} likes?|\(?edit(?: this)?\)?|perma(?:nent )?link|link|quote|report|share|loading(?:\.{1,3}|…)?|rate"
    r" this:?"
    r"|log ?in to (?:reply|leave a comment)|in reply to [^\n]{1,60}|(?:répondre|antworten"
    r"|responder)(?:[ ]?[↓→»])?|vote up|vote down"
    r"|\d{1,4}|[-+]\d{1,4}|i|quantcast|(?:\d{1,4} )?(?:up|down)votes?|#)"
)
_BUTTONS = re.compile(rf"^[ \t]*{_BUTTON}(?:[ \t·|]+{_BUTTON}){{0,9}}[ \t]*$", re.I)
_BADGES = re.compile(
    r"(?:post )?author|avatar|.{1,40}['’]s avatar|gravatar|\(?edit\)?|permalink|reply|says:?|#|/|\|", re.I
)
_LIKED = re.compile(r"^[ \t]*like(?:like)?(?:d by \d+ (?:people|person))?(?:[ \t]+like(?:like)?)?[ \t]*$", re.I)
_POST_TAIL = re.compile(
    r"^[ \t]*(?:share this:?|share this post:?|like this:?|related|related posts:?|sharedaddy|categories:.*|tags:.*"
    r"|filed under.*"
    r"|posted in .*|tagged .*|this entry was posted .*|bookmark the permalink.*|advertisements?|like loading\.*"
    r"|published by .*|entry filed under.*|from [→>].*|leave a comment »?|spread the word:?|about the author.*"
    r"|published"
    r"|.{0,40}trackback.{0,40}rss.*|you can (?:follow|skip) .*)[ \t]*$",
    re.I | re.M,
)
_END = re.compile(
    r"^[ \t]*(?:(?:leave|post|add|submit) a (?:reply|comment|response)(?: cancel reply)?(?: to .{1,40})?|leave your"
    r" comment"
    r"|comments are (?:now )?closed(?: (?:for|on) this (?:post|entry|article))?\.?|post navigation|comment navigation"
    r"|enter your comment here\.*|fill in your details below or click an icon to log in:?|cancel reply"
    r"|you must be (?:logged in|<a.*) to (?:post a comment|reply)\.?|required fields are marked \*|your email address"
    r" will not.*"
    r"|(?:[←«] )?(?:older|previous) comments|newer comments(?: [→»])?|blog at wordpress\.com\.?|proudly powered by"
    r" wordpress"
    r"|this site uses akismet.*|notify me of .*|laisser un commentaire|schreibe einen kommentar|deja (?:un comentario"
    r"|una respuesta)"
    r"|rss feed for comments on this post.*|trackback url.*|recent posts|recent comments|archives|sorry, the comment"
    r" form is closed.*)[ \t]*$",
    re.I,
)
_WORDPRESS = re.compile(
    r"^[ \t]*(?:like ?like|leave a reply(?: cancel reply)?|blog at wordpress\.com\.?|proudly powered by wordpress"
    r"|pingback:.*|posted on .{6,40}\| permalink"
    r"|liked by \d.*|fill in your details below or click an icon to log in:?|reply ?[↓→]|this site uses"
    r" akismet.*)[ \t]*$",
    re.I | re.M,
)
_LONGEST_NAME = 8  # words
_LONG_LINE = 80  # characters; a paragraph, no title and no button


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where no line reads as the head of a WordPress comment."""
    if not mentions(source, _MENTIONS):
        return None
    lines = lines_of_dump(source)
    counts = [(n, match) for n, line in enumerate(lines) if len(line) < 400 and (match := _COUNT.match(line))]
    bare = [(n, match) for n, line in enumerate(lines) if len(line) < 80 and (match := _BARE_COUNT.match(line))]
    day_first = day_first_in(text_of_dump(source))
    # The count stands between post and comments; a sentence of the post that reads as one has no heads below it.
    for place, count in [*counts[:1], *bare[:1], *bare[1:][-1:], (-1, None)]:
        announced = _number(count) if count else None
        heads, lines_read = _find_heads(lines, place + 1, announced, day_first, is_counted=(place, count) in counts)
        if heads:
            break
    else:
        return None
    above = lines[: place if count and place < heads[0].start else heads[0].start]
    named = count.groupdict().get("title") if count else None
    draft = draft_of(source, _without_tail(above), title=named or "")
    _add(draft, heads, lines_read, first=place + 1, day_first=day_first)
    draft.expect(announced)
    if all(head.name is None for head in heads):
        draft.doubt("the names of the comments' writers were lost when the page was copied")
    return [draft.thread("certain" if (place, count) in counts else "likely")]


def _add(draft: Draft, heads: Sequence[Head], lines: Sequence[str], *, first: int, day_first: bool | None) -> None:
    starts = [head.start for head in heads]
    pingbacks = [n for n in range(first, len(lines)) if len(lines[n]) < 400 and _PINGBACK.match(lines[n])]
    last = heads[-1].body
    end = next((n for n in range(last, len(lines)) if _END.match(lines[n])), len(lines))
    end = end_of_last(lines, heads, _is_button, end)
    gathering = Gathering(draft, lines, _is_button, day_first=day_first)
    for head, stop in zip(heads, [*starts[1:], end], strict=True):
        next_pingback = bisect_right(pingbacks, head.start)
        stop = min([stop, *pingbacks[next_pingback : next_pingback + 1]])
        text = "\n".join(lines[head.body : stop]).strip()
        if len(text) < 700 and _EXCERPT.fullmatch(text.removesuffix("Reply").strip()):
            draft.drop("pingback")
            continue
        gathering.add(head, stop)
    if pingbacks:
        draft.drop("pingback", len(pingbacks))


def _is_button(line: str) -> bool:
    return len(line) < 200 and _BUTTONS.match(line) is not None


def _is_badge(line: str) -> bool:
    return _BADGES.fullmatch(line) is not None


def _find_heads(
    lines: list[str], first: int, announced: int | None, day_first: bool | None, *, is_counted: bool
) -> tuple[list[Head], list[str]]:
    """The heads below a line, by the first way of writing them that fits, and the lines to read the words from."""
    trusted = is_counted or any(_WORDPRESS.match(line) for line in lines[first:] if len(line) < 120)
    heads = _in_numbered(indented(_spoken_heads(lines, first, day_first, trusted=trusted), lines), lines)
    if heads:
        return heads, lines
    if announced:
        signed, unsigned = _signed(lines, first, day_first)
        if signed:
            return signed, unsigned
    if not trusted:
        return [], lines
    end = next((n for n in range(first, len(lines)) if _END.match(lines[n])), len(lines))
    heads = StackedLayout(_is_button, _is_badge).heads(lines[:end], first, day_first=day_first)
    if heads and (announced is None or len(heads) <= announced):
        return [_with_mark(head, lines) for head in indented(heads, lines)], lines
    numbered = numbered_heads(lines[:end], first)
    if announced and len(numbered) == announced:
        return numbered, unnumbered(lines, numbered)
    liked = _liked(lines, first, end)
    return (liked if announced and len(liked) == announced else []), lines


def _in_numbered(heads: list[Head], lines: Sequence[str]) -> list[Head]:
    """The heads with their depths, where the comments on the post are numbered and the answers to them are not."""
    numbered = [_NUMBERED_HEAD.match(lines[head.start]) is not None for head in heads]
    if not heads or not numbered[0] or sum(numbered) < 2 or all(numbered) or any(head.depth for head in heads):
        return heads
    return [head._replace(depth=int(not is_first)) for head, is_first in zip(heads, numbered, strict=True)]


def _with_mark(head: Head, lines: Sequence[str]) -> Head:
    """The head, the post's author marked where the theme says so in the head."""
    marks = [line for line in lines[head.start : head.body] if _POST_AUTHOR.fullmatch(line.strip())]
    return head._replace(is_post_author=bool(marks))


def _spoken_heads(lines: list[str], first: int, day_first: bool | None, *, trusted: bool) -> list[Head]:
    """Heads that say "says" or "said".

    :param trusted: Whether the page has announced WordPress comments there. Elsewhere "the mayor says:" is a head only
        with a date under it.
    """
    heads = []
    for n in range(first, len(lines)):
        line = lines[n]
        if not line.strip() or len(line) > 240 or _PINGBACK.match(line):
            continue
        head = _one_line_head(line, n, day_first) or _two_line_head(lines, n, day_first, trusted=trusted)
        if head and head.name and len(head.name.split()) <= _LONGEST_NAME and is_name(head.name):
            is_author = _POST_AUTHOR.search(head.name) is not None and not _POST_AUTHOR.fullmatch(head.name)
            name = _POST_AUTHOR.sub("", head.name) if is_author else head.name
            heads.append(head._replace(name=name.strip(" ,"), is_post_author=is_author))
    if all(_BY_POST_AUTHOR.match(lines[head.start]) for head in heads):
        return []  # a theme that never says "says" stacks names and dates
    # Where one head has a date under it, all have: what has none is speech.
    return [head for head in heads if head.time] if any(head.time for head in heads) else heads


def _one_line_head(line: str, n: int, day_first: bool | None) -> Head | None:
    for pattern in (_SAID_ON, _BY_ON):
        match = pattern.match(line)
        if match:
            parts = match.groupdict()
            date = parts.get("date") or parts.get("date2") or ""
            time = time_of(date, day_first=day_first)
            if time or is_time(date):
                return Head(n, n + 1, parts.get("name") or parts.get("name2"), time)
    return None


def _two_line_head(lines: list[str], n: int, day_first: bool | None, *, trusted: bool) -> Head | None:
    spoken = _SAYS.match(lines[n]) or (_SAID.match(lines[n]) if trusted else None)
    match = spoken or ((_NUMBERED.match(lines[n]) or _BY_POST_AUTHOR.match(lines[n])) if trusted else None)
    if match is None:
        return None
    below = next((m for m in range(n + 1, min(n + 4, len(lines))) if lines[m].strip() and not _is_badge(lines[m])), n)
    dated = below > n and is_time(lines[below])
    if not dated and not (spoken and trusted):
        return None
    time = time_of(lines[below], day_first=day_first) if dated else None
    return Head(n, below + 1 if dated else n + 1, match["name"], time)


def _signed(lines: list[str], first: int, day_first: bool | None) -> tuple[list[Head], list[str]]:
    """Comments whose names stand below their words, each beginning where the one above ends; and the words' lines."""
    heads = []
    plain = list(lines)
    start = first
    for n in range(first, len(lines)):
        match = _SIGNED.match(lines[n]) if len(lines[n]) < 200 else None
        if match and is_time(match["date"]):
            heads.append(Head(start, start, match["name"], time_of(match["date"], day_first=day_first)))
            top = next(m for m in range(start, n + 1) if lines[m].strip())
            plain[top] = re.sub(r"^[ \t]*\d{1,4}\.(?:[ \t]+|$)", "", lines[top])
            plain[n] = ""
            start = n + 1
    return heads, plain


def _liked(lines: list[str], first: int, end: int) -> list[Head]:
    """Comments of which only the words were kept, and the button below each."""
    heads = []
    start = first
    for n in range(first, end):
        if _LIKED.match(lines[n]):
            if any(line.strip() and not _is_button(line.strip()) for line in lines[start:n]):
                heads.append(Head(start, start, None))
            start = n + 1
    return heads


def _without_tail(above: list[str]) -> list[str]:
    """What stands above the comments, without the sharing buttons under the post.

    Some themes put the like of them above the post, too; the tail is looked for under its first paragraph.
    """
    first_paragraph = next((n for n, line in enumerate(above) if len(line) > _LONG_LINE), 0)
    end = next((n for n in range(first_paragraph + 1, len(above)) if _POST_TAIL.match(above[n])), len(above))
    return above[:end]


def _number(count: re.Match[str]) -> int:
    parts = count.groupdict()
    word = (parts.get("n") or parts.get("m") or "").casefold()
    return _WORDS.index(word) if word in _WORDS else int(re.sub(r"\D", "", word) or 0)
