"""A blog post with its comments, copied from Blogger (blogspot.com) as text.

Templates write the head of a comment in one of these ways; dates may also stand below the words::

    NAME said...             Blogger NAME said...          At 7:31 AM, NAME said...      NAME10 February 2010 at 07:31
    10 February 2010 07:31                                                               ReplyDelete, Replies

Crawlers keep of some pages no more than the numbers of a threaded list; such comments have no author.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from stance.readers.draft import Draft
from stance.readers.dumps.depths import numbered_heads, unnumbered
from stance.readers.dumps.heads import Gathering, Head
from stance.readers.dumps.lines import (
    day_first_in,
    is_name,
    is_time,
    lines_of_dump,
    mentions,
    split_time,
    text_of_dump,
    time_of,
)
from stance.readers.dumps.post import announced_by, draft_of
from stance.readers.replies import guess_post_author, link_replies
from stance.readers.source import Source
from stance.readers.wording import SAID
from stance.thread import Thread

# The whole line, so that speech inside a text is no header.
_HEADER = re.compile(
    rf"^[ \t]*(?P<name>\S[^\n]{{0,118}}?)"
    rf"(?P<is_author>, author of [^\n]{{1,60}}?,?)?[ \t]+{SAID}[ \t]*(?:\.\.\."
    rf"|…)[ \t]*(?P<date>[^\n]{{6,60}}?)?[ \t]*$",
    re.I,
)
# "At 7:31 AM, NAME said...", "At Tuesday, March 06, 2007 10:42:00 AM, NAME said...", and so in other languages.
_AT = re.compile(r"(?:at|on|em|às|a las|el|à|le|um|am|alle(?: ore)?|op|om)[ \t]+(?=\S)", re.I)
# The window in which old blogs open their comments.
_POPUP = re.compile(
    r"(?:post a comment on|publicar un comentario en|enregistrer un commentaire sur|kommentar veröffentlichen zu"
    r"|posta un commento su|postar um comentário em|een reactie posten op)[ \t]?:.{0,120}",
    re.I,
)
# The kind of profile, which old templates show as a picture, and copies as its caption: "Blogger Ann said...".
_PROFILE = re.compile(r"(?:Blogger|Anonymous|OpenID|Google)[ \t]+(?=\S)")
_BLOGGERS = re.compile(
    r"post a comment|posted by .{1,60} at |(?:newer|older) post|links to this post|^labels:|blogger|blogspot"
    r"|publicar un comentario|postar um comentário|enregistrer un commentaire|kommentar veröffentlichen"
    r"|posta un commento",
    re.I | re.M,
)
_MENTIONS = re.compile(rf"\b{SAID}[ \t]*(?:\.\.\.|…)|\b(?:comm?ent|kommentar|reactie)|reply[ \t]?delete", re.I)
_LONGEST_NAME = 6  # words
_NEARLY_ALL = 0.75  # of the heads of a page
_COUNT = re.compile(
    r"^[ \t]*(?:(?P<n>\d[\d,.]{0,8}|no|one|keine|sin|nenhum|aucun|nessun|geen)[ \t]+"
    r"(?:comments?|comentarios?|comentários?|commentaires?|kommentare?|commenti|commento|reacties|reactie)"
    r"|comments?[ \t]*\([ \t]*(?P<m>\d{1,6})[ \t]*\))[ \t]*:?[ \t]*$"
    r"|^[ \t]*(?:comments|kommentare|comentarios|comentários|commentaires|commenti|reacties)[ \t]?:[ \t]*$",
    re.I | re.M,
)
_BUTTON = (
    r"(?:repl(?:y|ies)|delete|responder|eliminar|répondre|supprimer|antworten|löschen|rispondi|elimina|excluir"
    r"|beantwoorden|verwijderen|respuestas|respostas|réponses|antworten|risposte)"
)
_BUTTONS = re.compile(
    rf"{_BUTTON}(?:[ \t·|]{{0,4}}{_BUTTON}){{0,3}}|(?:load more|weitere laden|cargar más|charger la"
    r" suite|carregar mais|carica altro|meer laden)(?:\.{1,3}|…)?|permalink|\d{{1,4}}\.",
    re.I,
)
_ANSWERS_BEGIN = re.compile(r"(?:replies|respuestas|respostas|réponses|antworten|risposte)", re.I)
_ANSWERS_END = re.compile(r"(?:reply|responder|répondre|antworten|rispondi|beantwoorden)", re.I)
_DELETE = re.compile(r"(?:delete|eliminar|supprimer|löschen|elimina|excluir|verwijderen)", re.I)
_ANSWER_AND_DELETE = re.compile(
    r"(?:reply|responder|répondre|antworten|rispondi)[ \t|·]{0,4}(?:delete|eliminar|supprimer|löschen|elimina|excluir)",
    re.I,
)
_END = re.compile(
    r"(?:post a comment|add comment|leave your comment|kommentar hinzufügen|añadir comentario|ajouter un commentaire"
    r"|adicionar comentário|aggiungi commento|reactie toevoegen|neuerer post.{0,40}|älterer post.{0,40}|abonnieren.*"
    r"|entrada (?:más reciente|antigua).{0,60}|article plus (?:récent|ancien).{0,60}"
    r"|publicar un comentario(?: en la entrada)?|enregistrer un commentaire|kommentar veröffentlichen"
    r"|enviar um comentário"
    r"|posta un commento|postar um comentário|een reactie posten|links to this post:?|create a link|newer posts?"
    r"|older posts?|(?:newer|older) posts? .{0,40}home|subscribe to:.*|view web version|view mobile version|<< home"
    r"|« home|powered by blogger\.?|about me|blog archive|home|followers|to leave a comment, click the button .*)",
    re.I,
)
# What only these pages say at their ends.
_BLOGGERS_OWN = re.compile(
    r"(?:.{1,40} )?(?:powered by|bereitgestellt von|con la tecnología de|fourni par|powered da|tecnologia do"
    r"|mogelijk gemaakt door) blogger\.?|popular posts from this blog|subscribe to:? post comments.*",
    re.I,
)
# What stands between post and comments.
_POST_TAIL = re.compile(
    r"(?:(?:email this|blogthis!|share to \w+|e-?mail thispost|share|share on \w+|get link|facebook|pinterest|email|x"
    r"|twitter|other apps|labels:.*|reactions:.*|permalink|links to this post:?|posted in .*|(?:no"
    r" )?trackbacks?:?)[ \t]*){1,9}"
    r"|email this ?blogthis!.*|diesen post per e-mail versenden|(?:in|auf) \w+ (?:freigeben|teilen)"
    r"|enviar (?:esto )?por (?:correo electrónico|e-?mail)|compart(?:ir|ilhar) (?:en|con|no) \w+"
    r"|envoyer par e-mail|partager sur \w+|invia tramite e-?mail|condividi su \w+|dit e-?mailen"
    r"|delen (?:op|via) \w+|etiquetas:.*|libellés :.*|etichette:.*|marcadores:.*",
    re.I,
)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it holds no head of a Blogger comment and does not say that it has no comments."""
    if not mentions(source, _MENTIONS):
        return None
    lines = lines_of_dump(source)
    counts = _counts(lines)
    n_announced = counts[0][1] if counts else None
    day_first = day_first_in(text_of_dump(source))
    heads = _said_heads(lines, counts, day_first) or _threaded_heads(lines, counts, day_first)
    sure = n_announced is not None and bool(heads)
    if not heads and counts and n_announced:
        heads = _bare_heads(lines, counts)
        lines = unnumbered(lines, heads)
    # A count with nothing under it that reads as comments is a sentence of the page, unless it says none.
    if not heads and (n_announced != 0 or not mentions(source, _BLOGGERS)):
        return None
    count_line = next((n for n, _ in counts if not heads or n < heads[0].start), None)
    starts = [*(head.start for head in heads[:1]), *([count_line] if count_line is not None else [])]
    announced = dict(counts).get(count_line) if count_line is not None else None
    popup = next((n for n, line in enumerate(lines[:6]) if _POPUP.fullmatch(line.strip())), None)
    if popup is None:
        draft = draft_of(source, lines[: min(starts)], is_furniture=_is_tail)
    else:  # it shows the post's title in quotes, and not the post
        draft = Draft(source, title=next((line for line in lines[popup + 1 :] if line.strip()), "").strip(' "“”„'))
    gathering = Gathering(draft, lines, _is_button, day_first=day_first)
    gathering.add_all(heads, _end(lines, heads))
    draft.expect(announced)
    _tell(draft, heads, announced)
    return [draft.thread("certain" if (sure and announced is not None) or (announced == 0 and not heads) else "likely")]


def _is_button(line: str) -> bool:
    return _BUTTONS.fullmatch(line) is not None


def _is_tail(line: str) -> bool:
    return _POST_TAIL.fullmatch(line) is not None


def _tell(draft: Draft, heads: Sequence[Head], announced: int | None) -> None:
    if announced is None:
        draft.remark(f"the page announces no number of comments; {len(heads)} were found by their 'NAME said...'")
    if not heads:
        draft.remark("the page says that it has no comments")
    if heads and all(head.name is None for head in heads):
        draft.doubt("the names of the comments' writers were lost when the page was copied")
    elif not draft.post_author and not any(comment.is_post_author for comment in draft.comments):
        draft.post_author = guess_post_author(draft.post, link_replies(draft.comments))
        if draft.post_author:
            draft.doubt(
                f"{draft.post_author} is taken as the post's author, who answers others by name and is addressed by"
                " name; the page does not say so"
            )


def _counts(lines: Sequence[str]) -> list[tuple[int, int | None]]:
    counts = []
    for n, line in enumerate(lines):
        match = _COUNT.match(line) if len(line) < 80 else None
        if match:
            word = (match["n"] or match["m"] or "").casefold()
            told = announced_by(match) if word[:1].isdigit() or word in ("no", "one") else 0
            counts.append((n, told if word else None))
    return counts


class _Said(NamedTuple):
    """A line that says who said what stands below.

    :param times: Where its time is told: "in" the line, or in the next line with words, "below" or "above".
    """

    line: int
    name: str
    date: str | None
    is_author: bool
    times: frozenset[str]


def _said_heads(lines: Sequence[str], counts: Sequence[tuple[int, int | None]], day_first: bool | None) -> list[Head]:
    said = [found for n, line in enumerate(lines) if len(line) < 220 and (found := _said(lines, n))]
    if not said:
        return []
    after = max((n for n, _ in counts if n < said[0].line), default=-1)
    chosen = _alike(said, _plain(said, lines, counts, after), after)
    heads = [
        Head(
            one.line,
            one.line + 1,
            one.name,
            time_of(one.date, day_first=day_first) if one.date else None,
            is_post_author=one.is_author,
        )
        for one in chosen
    ]
    if heads and all(_PROFILE.match(head.name or "") for head in heads):
        heads = [head._replace(name=_PROFILE.sub("", head.name or "", count=1)) for head in heads]
    return _with_dates_above(_nested(heads, lines), lines, day_first)


def _said(lines: Sequence[str], n: int) -> _Said | None:
    match = _HEADER.match(lines[n])
    if match is None:
        return None
    clock, name = _without_clock(match["name"].strip().strip(","))
    date = match["date"] or clock or None
    if date and not is_time(date):
        return None
    above = next((lines[m] for m in range(n - 1, max(-1, n - 4), -1) if lines[m].strip()), "")
    below = next((lines[m] for m in range(n + 1, min(len(lines), n + 3)) if lines[m].strip()), "")
    told = {"in": date is not None, "below": is_time(below.strip()), "above": is_time(above.strip())}
    times = frozenset(place for place, is_told in told.items() if is_told)
    return _Said(n, name, date, bool(match["is_author"]), times)


def _plain(
    said: Sequence[_Said], lines: Sequence[str], counts: Sequence[tuple[int, int | None]], after: int
) -> list[_Said]:
    """Those whose names can be names, and that stand apart from words above them.

    :param after: The line that counts the comments; -1 where none does.
    """
    # A dump without blank lines shows by its count, or by the buttons above, that a line is a head.
    dense = not any(not line.strip() for line in "\n".join(lines[max(after, 0) :]).strip().split("\n")[:200])
    places = {n for n, _ in counts}
    plain = []
    for one in said:
        above = lines[one.line - 1].strip() if one.line else ""
        alone = not above or one.line - 1 in places or _BUTTONS.fullmatch(above) or is_time(above)
        if _can_be_called(one.name) and (alone or (dense and after >= 0)):
            plain.append(one)
    return plain


def _alike(said: Sequence[_Said], plain: list[_Said], after: int) -> list[_Said]:
    """Those that tell their time where nearly all plain ones do, whatever their names; else the plain ones.

    Words of a comment may end in "said..." too, but have no time beside them. Where no page tells times, all lines
    below the count that can name somebody are heads.
    """
    for place in ("in", "below", "above"):
        first = said[0] if place == "above" else None  # above the first comment stands no other's time
        rest = [one for one in plain if one is not first]
        if len(rest) > 1 and sum(place in one.times for one in rest) >= _NEARLY_ALL * len(rest):
            return [one for one in said if place in one.times or (one is first and one.line > after)]
    below = [one for one in said if one.line > after]
    if after >= 0 and len(below) > max(2, len(plain)) and all(_can_be_called(one.name) for one in below):
        return below
    return plain


def _can_be_called(name: str) -> bool:
    return is_name(name) and len(name.split()) <= _LONGEST_NAME


def _without_clock(name: str) -> tuple[str, str]:
    """The time that old templates put before a name, and the name."""
    at = _AT.match(name)
    commas = [match.start() for match in re.finditer(",", name)] if at else []
    for comma in reversed(commas[:4]):  # "Tuesday, March 06, 2007 10:42 AM, NAME" has three
        if at and is_time(name[at.end() : comma]):
            return name[at.end() : comma], name[comma + 1 :].strip()
    return "", name


def _with_dates_above(heads: list[Head], lines: Sequence[str], day_first: bool | None) -> list[Head]:
    dated = []
    for head in heads:
        below = next((m for m in range(head.body, min(head.body + 3, len(lines))) if lines[m].strip()), None)
        if head.time is None and below is not None and is_time(lines[below]):
            head = head._replace(body=below + 1, time=time_of(lines[below], day_first=day_first))
        dated.append(head)
    return dated


def _threaded_heads(
    lines: Sequence[str], counts: Sequence[tuple[int, int | None]], day_first: bool | None
) -> list[Head]:
    """Name and date glued, or on two lines; the page must show Blogger's buttons."""
    owned = any(_BLOGGERS_OWN.fullmatch(line.strip()) for line in lines)
    if not any(_ANSWER_AND_DELETE.fullmatch(line.strip()) for line in lines) and not (
        ((counts or owned) and any(_DELETE.fullmatch(line.strip()) for line in lines))
        or (counts and owned and any(_ANSWERS_END.fullmatch(line.strip()) for line in lines))
    ):
        return []
    heads: list[Head] = []
    first = counts[0][0] + 1 if counts else 0
    end = next((n for n in range(first, len(lines)) if _BLOGGERS_OWN.fullmatch(lines[n].strip())), len(lines))
    for n in range(first, end):
        line = lines[n].strip()
        parts = split_time(re.sub(r"^\d{1,4}\.[ \t]+", "", line)) if line else None
        if parts is None:
            continue
        name, start = parts[0], n
        if not name:
            above = next((m for m in range(n - 1, max(first, n - 3) - 1, -1) if lines[m].strip()), None)
            if above is None or (heads and above < heads[-1].body):
                continue
            name, start = re.sub(r"^\d{1,4}\.[ \t]+", "", lines[above].strip()), above
        if is_name(name) and not _BUTTONS.fullmatch(name):
            heads.append(Head(start, n + 1, name, time_of(parts[1], day_first=day_first)))
    return _nested(heads, lines)


def _nested(heads: Sequence[Head], lines: Sequence[str]) -> list[Head]:
    """The heads with their depths: "Replies" opens the answers to the comment above it, "Reply" alone ends them.

    "Reply" beside "Delete" is a comment's own button.
    """
    if not any(_ANSWERS_BEGIN.fullmatch(line.strip()) for line in lines):
        return list(heads)
    starts = {head.start: number for number, head in enumerate(heads)}
    nested = list(heads)
    depth = 0
    told = [n for n, line in enumerate(lines) if line.strip()]
    for at, n in enumerate(told):
        if n in starts:
            nested[starts[n]] = heads[starts[n]]._replace(depth=depth)
        line = lines[n].strip()
        above = lines[told[at - 1]].strip() if at else ""
        # In German one word is both "Reply" and "Replies"; below the button it is the second.
        is_second = (_ANSWERS_END.fullmatch(above) or _ANSWER_AND_DELETE.fullmatch(above)) is not None
        if _ANSWERS_BEGIN.fullmatch(line) and (is_second or not _ANSWERS_END.fullmatch(line)):
            depth += 1
        elif _ANSWERS_END.fullmatch(line):
            near = [lines[m].strip() for m in (told[max(at - 1, 0)], told[min(at + 1, len(told) - 1)])]
            if not any(_DELETE.fullmatch(other) for other in near[1:]):
                depth = max(depth - 1, 0)
    return nested


def _bare_heads(lines: Sequence[str], counts: Sequence[tuple[int, int | None]]) -> list[Head]:
    """The items of the list under a count, where there are as many as it says."""
    for place, announced in counts[:3]:
        heads = numbered_heads(lines, place + 1)
        if heads and len(heads) == announced:
            return heads
    return []


def _end(lines: Sequence[str], heads: Sequence[Head]) -> int:
    """Where the page's foot begins."""
    if not heads:
        return len(lines)
    return next(
        (n for n in range(heads[-1].body, len(lines)) if _END.fullmatch(lines[n].strip())),
        len(lines),
    )
