"""What in a text leads to a person but is no name: e-mail addresses, telephone numbers, postcodes, profiles.

By their form alone. A telephone number may be written with or without its country; a postcode is one of the United
Kingdom, Ireland, the United States (with its state or in nine digits, for five digits are any number), Canada or
Australia (with its state). What is taken for one by mistake is masked, too: that way to err harms nobody.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Edit(NamedTuple):
    """Characters of a text, and the words to put in their stead."""

    start: int
    end: int
    words: str


EMAIL, PHONE, POSTCODE, PROFILE = "[email]", "[phone]", "[postcode]", "[profile]"

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+'-]+(?:@|\s?[\[(]at[\])]\s?)[\w-]+(?:(?:\.|\s?[\[(]dot[\])]\s?)[\w-]+)+(?!\w)", re.I
)
_ADDRESS = re.compile(
    r"(?<![\w@])(?:https?://|www\.)[^\s<>\"\]]+(?<![.,;:!?)'])|(?<![\w.@-])[\w.-]+\.[a-z]{2,6}/[^\s<>\"\]]+(?<![.,;:!?)'])",
    re.I,
)
#: Addresses that name their user: by the site, by the way, or before an @.
_OF_A_USER = re.compile(
    r"//[^/]*@"
    r"|(?:twitter|x|facebook|fb|instagram|threads|linkedin|tiktok|pinterest|snapchat|bsky|github|t)\.(?:com|net|me|app|org)/."
    r"|youtube\.com/(?:@|user/|channel/|c/)"
    r"|[/?&](?:u|users?|profiles?|people|persons?|members?|authors?|accounts?|in)(?:/|=|\.php)"
    r"|profile\.php|/[@~]\w",
    re.I,
)

_GAP = r"[ .\-\u2011\u2013]?"
_PHONE = re.compile(
    r"(?<![\w+.£$€])(?<!\d,)(?<![A-Z]{2} )(?:"
    rf"(?:\+|00)[1-9](?:{_GAP}[()]?{_GAP}\d){{6,13}}"  # with its country
    rf"|\(?0\d(?:{_GAP}[()]?{_GAP}\d){{7,9}}"  # with the 0 of trunk calls: United Kingdom, Ireland, Australia
    rf"|(?:1{_GAP})?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])\d{{3}}[ .-]\d{{4}}"  # North America
    r")(?!\w)"
)

_STATES = (
    r"A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_OUTWARD = r"[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPS-UW]|[A-HK-Y]\d[ABEHMNPRV-Y])"
_UK = rf"(?:GIR ?0AA|{_OUTWARD} ?\d[ABD-HJLNP-UW-Z]{{2}})"
_POSTCODE = re.compile(
    r"(?<!\w)(?:"
    rf"{_UK}"
    rf"|(?![a-z]\d+ \d(?:st|nd|rd|th)(?!\w))(?-i:(?=[a-z]))(?i:{_UK})"  # "the m1 8th" is a road and a day
    r"|(?:[AC-FHKNPRTV-Y]\d{2}|D6W)[ -]?(?=[0-9]{0,3}[A-Z])(?=[A-Z]{0,3}[0-9])[0-9AC-FHKNPRTV-Y]{4}"
    r"|[ABCEGHJ-NPRSTVXYabceghj-nprstvxy]\d[A-Za-z][ -]?\d[A-Za-z]\d"
    rf"|(?:{_STATES})[ ,]{{1,2}}\d{{5}}(?:-\d{{4}})?|\d{{5}}-\d{{4}}"
    r"|(?:NSW|VIC|QLD|SA|WA|TAS|NT|ACT)[ ,]{1,2}\d{4}"
    r")(?!\w)"
)


def contacts_in(text: str) -> list[Edit]:
    """What is found in a text, with the marker that is to stand for it; no two overlap."""
    found: list[Edit] = []
    for pattern, marker in ((_ADDRESS, PROFILE), (_EMAIL, EMAIL), (_PHONE, PHONE), (_POSTCODE, POSTCODE)):
        for match in pattern.finditer(text):
            start, end = match.span()
            if pattern is _ADDRESS and not _OF_A_USER.search(match.group()):
                continue
            if all(end <= edit.start or edit.end <= start for edit in found):
                found.append(Edit(start, end, marker))
    return sorted(found)


def edited(text: str, edits: list[Edit]) -> str:
    """A text with its edits made.

    :param edits: In order; no two overlap.
    """
    parts, place = [], 0
    for start, end, words in edits:
        parts += [text[place:start], words]
        place = end
    return "".join([*parts, text[place:]])


def moved(span: tuple[int, int], edits: list[Edit]) -> tuple[int, int]:
    """Where a span of a text lies in the edited text; one that cuts into an edit takes the whole of it."""
    start, end = span
    begin = start + sum(len(edit.words) - (edit.end - edit.start) for edit in edits if edit.end <= start)
    begin -= next((start - edit.start for edit in edits if edit.start < start < edit.end), 0)
    finish = end + sum(len(edit.words) - (edit.end - edit.start) for edit in edits if edit.end <= end)
    finish += next((edit.start + len(edit.words) - end for edit in edits if edit.start < end < edit.end), 0)
    return begin, finish
