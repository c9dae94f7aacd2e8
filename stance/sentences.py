"""Where sentences and clauses begin and end, as exact places in the text.

Rules for people's comments, not for edited prose: lines end sentences, small letters may begin them, marks come in
heaps. It errs towards too few sentences: an abbreviation that is not listed splits only before a capital letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

# A mark, what closes after it, and a gap; or an end of line. An ellipsis within a sentence is told apart below.
_END = re.compile(r"(?P<mark>[.!?…]+)(?P<close>[\"'”’»)\]]*)(?=\s|$)|[。！？]+|[\r\n\u2028\u2029]\s*")
_WORD = re.compile(r"[^\W_]")
_LAST_WORD = re.compile(r"[\w.&'’]*$")
_BEFORE_NAMES = frozenset(
    "mr mrs ms mx dr prof rev hon cllr col gen lt capt sgt gov sen rep st sr jr messrs supt insp hrh".split()
)
_ABBREVIATIONS = frozenset("eg ie cf vs viz approx dept est fig ltd inc plc govt no nos pp vol ed al".split())
# Within a sentence: a semicolon, a colon or dash with a gap, a bracket, a conjunction that turns.
_CLAUSE_END = re.compile(
    r";(?=\s)|:(?=\s)|\s[-–—]{1,2}(?=\s)|—|,(?=\s(?:but|and|so|yet|because|which|when|while|whereas|or|if|as|then)\b)"
    r"|\s(?=(?:but|because|whereas|although|unless)\b)",
    re.IGNORECASE,
)
_SHORTEST_CLAUSE = 12  # characters


def sentence_spans(text: str) -> list[Span]:
    """Split a text into sentences.

    :returns: Begin and end of each in ``text``, in order, without the white space around; none overlap, and what lies
        between is white space. A piece without a letter or digit belongs to the sentence before it. A text without
        one has no sentences.
    """
    return _with_words(text, _trimmed(text, _cut(text, _sentence_ends(text))))


def clause_spans(text: str) -> list[Span]:
    """Split one sentence at its inner marks and turning words; a sentence without any comes back whole.

    :returns: As :func:`sentence_spans` gives them.
    """
    ends: list[int] = []
    for match in _CLAUSE_END.finditer(text):
        begun = ends[-1] if ends else 0
        if min(match.end() - begun, len(text) - match.end()) >= _SHORTEST_CLAUSE:
            ends.append(match.end())
    return _with_words(text, _trimmed(text, _cut(text, ends)))


def _sentence_ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        if match["mark"] is None or _ends_sentence(text, match):
            yield match.end()


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    rest = text[match.end() : match.end() + 40].lstrip(" \t")
    small = rest[:1].islower()
    if match["mark"] != ".":
        # "Why?" he asked; well... perhaps
        return not (small and (match["close"] or match["mark"][0] in ".…"))
    found = _LAST_WORD.search(text, max(0, match.start() - 30), match.start())
    word = found[0].casefold() if found else ""
    if word in _BEFORE_NAMES or (len(word) == 1 and word.isalpha() and word != "i"):  # Mr. Hale, J. Hale
        return False
    if "." in word or word in _ABBREVIATIONS:  # e.g. this, 6 p.m. today
        return not (small or rest[:1].isdigit())
    return not (small and match["close"])


def _cut(text: str, ends: Iterator[int] | list[int]) -> Iterator[Span]:
    begin = 0
    for end in ends:
        yield begin, end
        begin = end
    yield begin, len(text)


def _trimmed(text: str, spans: Iterator[Span]) -> Iterator[Span]:
    for begin, end in spans:
        piece = text[begin:end]
        inner = piece.strip()
        if inner:
            start = begin + len(piece) - len(piece.lstrip())
            yield start, start + len(inner)


def _with_words(text: str, spans: Iterator[Span]) -> list[Span]:
    """Join each span without a letter or digit to the one before it, or at the beginning to the one after."""
    joined: list[Span] = []
    for begin, end in spans:
        if joined and not (_WORD.search(text, begin, end) and _WORD.search(text, *joined[-1])):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((begin, end))
    return [span for span in joined if _WORD.search(text, *span)]
