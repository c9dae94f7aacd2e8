"""A writer's text as they wrote it: what machines did to it on the way is undone, and nothing else is touched."""

from __future__ import annotations

import html
import re

#: "said", in the languages that Blogger speaks.
SAID = r"(?:said|disse|dijo|a dit|ha detto|hat gesagt|sagte|zei|dixo|va dir|skrev|sa)"
# Text that was in UTF-8, taken for a Western encoding: two or more characters of that encoding's upper half in a row,
# the first of them one that opens a character of UTF-8 ("Ã©", "â€™", "Â£", "ðŸ˜€").
_MOJIBAKE = re.compile(
    r"[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]\w{1,30});")
_QUOTED_LINE = re.compile(r"[ ]{0,3}>(?!!)[ ]?")  # ">!" opens a spoiler, which is the writer's own
_HALF = re.compile("[\ud800-\udfff]")  # of a character, as JSON can spell it out; no file can hold it
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without its zeros, halves of characters and mojibake, with ``\\n`` line ends, no blank space around it.

    A no-break space becomes a space: platforms put it there, not writers.
    """
    if not text.isascii():
        text = unscrambled(_HALF.sub("", text).replace("\u00a0", " "))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip(" \t\n\ufeff")


def unscrambled(text: str) -> str:
    """Undo mojibake line by line, where a line shows signs of it."""
    if not _MOJIBAKE.search(text):
        return text
    import ftfy

    return "\n".join(ftfy.fix_encoding(line) if _MOJIBAKE.search(line) else line for line in text.split("\n"))


def unescaped(text: str) -> str:
    """Entities as what they stand for: ``&amp;`` as "&". Only those closed by their semicolon."""
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text) if "&" in text else text


def printable(text: str) -> str:
    """The text without the characters that neither XML nor HTML may hold."""
    return _NOT_IN_XML.sub("", text)


def one_line(text: str) -> str:
    """A name or a title, its runs of blank space as one space."""
    return " ".join(clean(text).split())


def apart_from_quoted_lines(text: str) -> tuple[str, str]:
    """A writer's own lines, and those quoted with ">" before each, as in mails and on Reddit."""
    if ">" not in text:
        return text, ""
    own: list[str] = []
    quoted: list[str] = []
    for line in text.split("\n"):
        mark = _QUOTED_LINE.match(line)
        (quoted if mark else own).append(line[mark.end() :] if mark else line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(own)), "\n".join(quoted)
