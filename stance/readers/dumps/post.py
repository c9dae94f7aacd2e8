"""What stands above the comments of a dump: title, date, byline, the post, the number of comments announced."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from stance.readers.draft import Draft
from stance.readers.dumps.lines import is_name, is_time
from stance.readers.source import Source

#: "9 comments:", "No comments:", "Comments (12)", alone on its line.
COUNT = re.compile(
    r"^[ \t]*(?:(?P<n>\d[\d,.]*|No|One)[ \t]+comments?|comments?[ \t]*\([ \t]*(?P<m>\d+)[ \t]*\))[ \t]*:?[ \t]*$",
    re.I | re.M,
)
_AT = r"(?:at|on|en|às|à|um|a|op|in|\|)"
_BYLINE = re.compile(
    r"^[ \t]*(?:(?:posted|published|written) by|publicado por|postado por|posté par|publié par|eingestellt von"
    r"|pubblicato da|gepost door):?[ \t]+(?P<name>[^\n]{1,60}?)"
    rf"(?:[ \t]+{_AT}[ \t]+[^\n]*|[ \t]+\d{{1,2}}[:.]\d\d[^\n]*)?[ \t]*$",
    re.I | re.M,
)
# "Posted on 4 October 2016 by Moira Tindle", "March 3, 2014 in Uncategorized", "By Ann Smith | 3 March 2014"
_STAMP = re.compile(
    r"[ \t]*(?:(?:posted|published|first published|updated|last"
    r" updated)[ \t]*:?[ \t]*)?(?:on[ \t]+)?(?P<date>\S[^\n]{5,40}?)"
    r"(?:[ \t]+by:?[ \t]+(?P<name>[^\n]{1,60}?))?(?:[ \t]+(?:in|under)[ \t]+[^\n]{1,80}|[ \t]*\|[^\n]{1,80})?[ \t]*$",
    re.I,
)
_NAME_STAMP = re.compile(
    r"[ \t]*(?:(?:posted|written|published)[ \t]+)?by:?[ \t]+(?P<name>[^\n]{1,60}?)[ \t]*(?:\bon\b|[|/•·,—–-])[ \t]*"
    r"(?P<date>[^\n]{5,40}?)(?:[ \t]+(?:in|[|/•·])[ \t]+[^\n]{1,80})?[ \t]*$",
    re.I,
)
# "By Ann Smith", "By Ann Smith | Transport", "By Ann Smith  @annsmith", "ByAnn Smith Local Democracy Reporter"
_ROLE = r"(?:reporter|writer|editor|correspondent|journalist|columnist|contributor|photographer)"
_BY = re.compile(
    r"[ \t]*(?:(?:written|posted|published)[ \t]+)?(?:by:?[ \t]+|(?-i:By(?=[A-ZÀ-Þ])))(?P<name>[^\n|@]{1,60}?)"
    rf"(?:[ \t]+(?:local|senior|chief|political|politics|education|health|crime|news|business|digital|community)?"
    rf"[ \t]?(?:democracy |content |audience |news )?(?P<role>{_ROLE}))?"
    r"(?:[ \t]*\|[^\n]{1,60}|[ \t]+@\w{1,30}|[ \t]+at[ \t]+\d{1,2}[:.]\d{2}[^\n]{0,20})?[ \t]*$",
    re.I,
)
_BY_ALONE = re.compile(r"[ \t]*(?:(?:written|posted|published)[ \t]+)?by:?[ \t]*$", re.I)
# "Ann Smith | 11 December 2020 | 3 min read"
_PIPED = re.compile(
    r"[ \t]*+(?P<name>[^\n|]{2,60}?)(?<![ \t])[ \t]*+\|[ \t]*+(?P<date>[^\n|]{6,40}?)[ \t]*(?:\|[^\n]{1,40})?$"
)
# What stands between a byline and the first paragraph.
_BELOW_BYLINE = re.compile(
    rf"(?:[\w'’-]+ ){{0,4}}{_ROLE}|\d{{1,5}} comments?|comments?(?:[ \t]*\(\d{{1,5}}\))?|share|bookmark|save|reply"
    r"|leave a (?:comment|reply)|(?:last )?updated:?[ \t].{4,40}|published(?: date)?:?[ \t].{4,40}|advertisement"
    r"|add to my stories|\d{1,3} min(?:ute)?s? read|.{1,160}\((?:image|picture|photo|pic|credit):[^)]{1,80}\)"
    r"|bookmark|get (?:the|our) .{0,80}(?:inbox|e-?mail|newsletter).{0,40}|sign up(?: .{0,60})?|we use your sign-?up .*"
    r"|more info|share this article:?|in this article|listen to this article.{0,20}",
    re.I,
)
_ADDRESS = re.compile(
    r"[ \t]*(?:(?:url|source|link|from|page)[ \t]*:[ \t]*)?(?P<url>https?://[^\s<>\"]{4,500})[ \t]*$", re.I
)
_PERSON = re.compile(r"[A-ZÀ-Þ][\w'’.-]{1,20}(?: [A-ZÀ-Þ][\w'’.-]{0,20}){1,2}")
_LONGEST_TITLE = 120  # characters
_LONGEST_MOTTO = 90  # characters
_LONGEST_BYLINE = 250  # characters
_MOST_HEAD_LINES = 4
_MOST_SITE_LINES = 20
# What a site shows above its posts, not counting its name.
_SITE = re.compile(
    r"skip to (?:main |primary |secondary )?(?:content|sidebar)|menu|search(?: this blog| for:)?|home|main menu|log ?in"
    r"|sign (?:in|up)|subscribe|share(?: this article)?|advertisement|get link|facebook|twitter|pinterest|email|x"
    r"|other apps|about|contact|toggle navigation|close|print|whatsapp|linkedin|copy link|save|news|sport"
    r"|email this to a friend|print this (?:page|article)|send to a friend|register|donate|advertise|search facebook",
    re.I,
)


class Above(NamedTuple):
    """What stands above the comments, told apart."""

    title: str
    post: str
    author: str | None
    url: str | None
    remarks: tuple[str, ...]


def announced_comments(text: str) -> int | None:
    """How many comments the page says it has, or None where it does not say."""
    return announced_by(COUNT.search(text))


def announced_by(count: re.Match[str] | None) -> int | None:
    """The number in a match of :data:`COUNT`."""
    if count is None:
        return None
    words = {"no": 0, "one": 1}
    number = (count["n"] or count["m"]).casefold()
    return words[number] if number in words else int(re.sub(r"\D", "", number))


def draft_of(
    source: Source,
    above: Sequence[str],
    *,
    title: str = "",
    is_furniture: Callable[[str], bool] = lambda line: False,
    has_head: bool = True,
) -> Draft:
    """A draft with what stands above the comments.

    :param title: The post's title as the page repeats it, where it does; what stands above its own line is the site's
        head.
    :param is_furniture: Whether a line, stripped, is the page's own when it ends the post.
    :param has_head: Whether the site's head can stand above the title.
    """
    told = read_above(above, title=title, is_furniture=is_furniture, has_head=has_head)
    draft = Draft(source, title=told.title, post=told.post, post_author=told.author, url=told.url)
    for remark in told.remarks:
        draft.remark(remark)
    return draft


def read_above(
    above: Sequence[str],
    *,
    title: str = "",
    is_furniture: Callable[[str], bool] = lambda line: False,
    has_head: bool = True,
) -> Above:
    """Tell title, post, author and address apart; the parameters are those of :func:`draft_of`."""
    lines = _joined_bylines(above)
    url = next((match["url"] for line in lines[:6] if (match := _ADDRESS.match(line))), None)
    lines = [line for n, line in enumerate(lines) if n >= 6 or not _ADDRESS.match(line)]
    wanted = _letters(title)
    at = next((n for n, line in enumerate(lines) if wanted and _letters(line) == wanted), None)
    remarks: list[str] = []
    author = None
    if at is None:
        shown, post, remarks = split_post("\n".join(lines), has_head=has_head)
        title = shown or title
    else:
        title, post = lines[at].strip(), "\n".join(lines[at + 1 :]).strip()
        over = stamp_of(next((line for line in reversed(lines[:at]) if line.strip()), ""))
        author = over[1] if over else None
    for _ in range(2 * _MOST_HEAD_LINES):
        first, _, rest = post.partition("\n")
        stamp = stamp_of(first)
        by = _BY.match(first)
        if stamp:
            remarks.append(f"the post is dated {stamp[0]}")
            author = stamp[1] or author
        elif by and is_name(by["name"]):
            author = None if by["role"] and " " not in by["name"] else by["name"].strip(" »›|")
        elif rest.strip().partition("\n")[0].strip() == first.strip() != "":
            rest = rest.strip().partition("\n")[2]  # a picture's caption, shown and read out
        elif rest and _BELOW_BYLINE.fullmatch(first.strip()):
            pass
        else:
            break
        post = rest.strip()
    post, signed = without_byline(post)
    lines = post.split("\n")
    while lines and (not lines[-1].strip() or is_furniture(lines[-1].strip())):
        lines.pop()
    return Above(title, "\n".join(lines), signed or author, url, tuple(dict.fromkeys(remarks)))


def end_of_post(lines: Sequence[str], counts: Sequence[int], first: int) -> int:
    """Where the post ends: at the first count of comments with no paragraph between it and the first comment.

    Newspapers show the count above the article, too.

    :param counts: The lines with counts.
    :param first: The line of the first comment's head.
    """
    above = sorted(n for n in counts if n < first)
    return next((n for n in above if all(len(line) <= _LONGEST_TITLE for line in lines[n:first])), first)


def stamp_of(line: str) -> tuple[str, str | None] | None:
    """The date, and the name if there is one, of a line that says no more than when and by whom a post was written."""
    if len(line) > _LONGEST_TITLE:
        return None
    if is_time(line):
        return line.strip(), None
    for match in (_STAMP.match(line), _NAME_STAMP.match(line), _PIPED.match(line)):
        if match and is_time(match["date"]):
            return match["date"], match["name"]
    return None


def split_post(text: str, *, has_head: bool = True) -> tuple[str, str, list[str]]:
    """Split what stands above the comments into title, post and remarks.

    The title is the first line that is no date, if it is short and does not end as a sentence. Where a date stands
    under the first lines, these are the site's head, and the title is the line beside the date.

    :param has_head: Whether the site's head can stand above; elsewhere nothing but dates is taken out.
    """
    remarks: list[str] = []
    lines = text.strip().split("\n")
    if has_head:
        top = [line for line in lines[:_MOST_SITE_LINES] if not _SITE.fullmatch(line.strip())]
        lines = "\n".join([*top, *lines[_MOST_SITE_LINES:]]).strip().split("\n")
    date = _date_under_head(lines) if has_head else None
    newspaper = _below_menus(lines, date, remarks) if has_head else None
    if newspaper:
        lines = newspaper
    elif date:
        above = [n for n in range(date) if lines[n].strip()]
        below = next((n for n in range(date + 1, len(lines)) if lines[n].strip()), None)
        classic = below is not None and is_time(lines[date]) and _is_title(lines[below])
        bylines = [] if classic else [lines[n] for n in above if _BY.match(lines[n])]
        above = [n for n in above if classic or not _BY.match(lines[n])]
        head = above if classic else above[:-1]
        if head:
            remarks.append("left out as the site's head: " + " / ".join(lines[n].strip() for n in head))
        if classic:
            remarks.append(f"the post is dated {lines[date].strip()}")
        lines = lines[date + 1 :] if classic else [*(lines[n] for n in above[-1:]), *bylines, *lines[date:]]
    start = 0
    while start < len(lines) and (not lines[start].strip() or is_time(lines[start])):
        if lines[start].strip():
            remarks.append(f"the post is dated {lines[start].strip()}")
        start += 1
    lines = lines[start:]
    title = ""
    if len(lines) > 1 and _is_title(lines[0]):
        title = lines.pop(0).strip()
    return title, "\n".join(lines).strip(), remarks


def _joined_bylines(above: Sequence[str]) -> list[str]:
    """The lines, "By" and the name below it as one; what stands in the same way below "in" is left out."""
    lines = list(above)
    told = [n for n, line in enumerate(lines) if line.strip()][:_MOST_SITE_LINES]
    for at, n in enumerate(told[:-1]):
        if _BY_ALONE.match(lines[n]) and is_name(lines[told[at + 1]]):
            lines[n], lines[told[at + 1]] = f"By {lines[told[at + 1]].strip()}", ""
            if at + 3 < len(told) and lines[told[at + 2]].strip().casefold() == "in":
                lines[told[at + 2]] = lines[told[at + 3]] = ""
    return lines


def _below_menus(lines: list[str], date: int | None, remarks: list[str]) -> list[str] | None:
    """The lines from a newspaper's headline and byline on, without what stands above and between; None elsewhere."""
    by = title_over_byline(lines)
    if by is None or (date and date < by[1]):  # a blog's date stands over its title
        return None
    left = [line.strip() for n, line in enumerate(lines[: by[1]]) if n != by[0] and line.strip()]
    if left:
        remarks.append("left out as the site's head: " + " / ".join(left))
    return [lines[by[0]], *lines[by[1] :]]


def title_over_byline(lines: list[str]) -> tuple[int, int] | None:
    """The lines of the title and of the byline of a newspaper's page, whose menus stand above."""
    told = [n for n, line in enumerate(lines) if line.strip()][: 2 * _MOST_SITE_LINES]
    at = next((m for m, n in enumerate(told) if _names_writer(lines[n])), None)
    if at is None:  # a name alone between headline and first paragraph
        at = next((m for m, n in enumerate(told) if len(lines[n].strip()) > _LONGEST_TITLE), 0) - 1
        if (
            at < _MOST_HEAD_LINES
            or not _PERSON.fullmatch(lines[told[at]].strip())
            or not _is_headline(lines[told[at - 1]])
        ):
            return None
        lines[told[at]] = f"By {lines[told[at]].strip()}"
    if any(len(lines[n].strip()) > _LONGEST_TITLE for n in told[:at]):
        return None
    likely = [m for m in range(at) if _is_headline(lines[told[m]])]
    if not likely or at - likely[-1] > _MOST_HEAD_LINES:
        return None
    title = likely[-1] - 1 if likely[-1] - 1 in likely else likely[-1]  # a standfirst stands below the headline
    return told[title], told[at]


def _names_writer(line: str) -> bool:
    if len(line) > _LONGEST_BYLINE:  # of blanks and bars, which would be tried in every way
        return False
    by, piped = _BY.match(line), _PIPED.match(line)
    return bool((by and is_name(by["name"])) or (piped and is_name(piped["name"]) and is_time(piped["date"])))


def _is_headline(line: str) -> bool:
    line = line.strip()
    if _BELOW_BYLINE.fullmatch(line) or stamp_of(line) or all(len(part.split()) < 4 for part in line.split("|")):
        return False
    return len(line) <= _LONGEST_TITLE and not line.endswith((".", ","))


def without_byline(post: str) -> tuple[str, str | None]:
    """The post without its "Posted by NAME" line, and the name."""
    byline = _BYLINE.search(post)
    if byline is None:
        return post, None
    return (post[: byline.start()] + post[byline.end() :]).strip(), byline["name"].strip()


def _letters(title: str) -> str:
    return re.sub(r"\W+", " ", title).strip().casefold()


def _is_title(line: str) -> bool:
    line = line.strip()
    if not 0 < len(line) <= _LONGEST_TITLE or line.endswith((".", ",", ";", '"')):
        return False
    return not _BY.match(line) and any(character.isalnum() for character in line)


def _date_below(lines: Sequence[str], n: int) -> bool:
    """Whether the next lines are a date and a title, as blogs show below their name and motto."""
    below = [line for line in lines[n + 1 : n + 8] if line.strip()][:2]
    return len(below) == 2 and is_time(below[0]) and _is_title(below[1])


def _date_under_head(lines: list[str]) -> int | None:
    """The line of the post's date, where up to four short lines stand above it."""
    above = 0
    for n, line in enumerate(lines):
        if not line.strip():
            continue
        if stamp_of(line):
            return n if above else None
        is_motto = above == 1 and len(line) < _LONGEST_MOTTO and _date_below(lines, n)
        if not (_is_title(line) or _BY.match(line) or is_motto) or above == _MOST_HEAD_LINES:
            return None
        above += 1
    return None
