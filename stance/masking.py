"""Names and contacts within texts masked, so that who answers whom can still be read and nobody be called.

The stance is that of the text as it was written: first a thread is classified, then it is masked. Whatever shows a
thread after that (tables, reports, a terminal) is given the masked one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from stance.contacts import Edit, contacts_in, edited, moved
from stance.evidence import Evidence
from stance.gazetteer import is_public
from stance.pseudonyms import PSEUDONYM, masked_name, pseudonym
from stance.stances import Stances
from stance.thread import SHARED_NAMES, Comment, Thread

_Value = TypeVar("_Value")

_NAME = "[name]"  # where it is of one of several people
_MASKED = re.compile(rf"{PSEUDONYM.pattern}|\[(?:email|phone|postcode|profile|name)\]")
_WORD = re.compile(r"[^\W_]+")
_HANDLE = re.compile(r"(?:(?<![\w@./])@|(?<!\w)/?u/)(\w(?:[\w.-]*\w)?)")
_SHORTEST = 3  # characters of a name that is masked however it is written, and of a part of one
_WIDEST_GAP = 3  # characters between two words of a name
# Parts of names that name nobody. A part that the thread also writes small is a common word, and needs no list.
_COMMON = frozenset(
    "the and for not from with mr mrs ms miss dr prof professor rev sir dame lord lady cllr councillor alderman mayor "
    "old new big angry proud retired former local city county town borough district parish council union branch "
    "resident residents worker workers taxpayer ratepayer member name user guest anon anonymous anonymously reader "
    "mum dad nan north south east west northern southern eastern western british english welsh scottish irish "
    "january february march april june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday lab labour con conservative tory green libdem liberal democrat".split()
)


class Analyzer(Protocol):
    """What finds other people's names in running text: presidio's ``AnalyzerEngine``, or what answers as it does."""

    def analyze(self, *, text: str, language: str, entities: list[str]) -> Iterable[Any]:
        """Finds with ``start`` and ``end``, in characters."""


def mask_texts(threads: Iterable[Thread], key: bytes, analyzer: Analyzer | None = None) -> list[Thread]:
    """Threads whose authors have pseudonyms, and whose texts name nobody that is known.

    In texts, quotes, titles, posts, addresses, ids and notes, these are masked:

    - the names of the thread's authors, in full in any spelling of upper and lower case, and a single one of their
      words where it is written as a name: by the author's pseudonym, or ``[name]`` where it may be one of several;
      names of other threads' authors where they are written in full, letter by letter;
    - ``@handle`` and ``u/handle``: by the pseudonym of the author so called, else of the handle;
    - e-mail addresses, telephone numbers, postcodes and the addresses of profiles (:mod:`stance.contacts`).

    Councils, unions and places of our lists stay. To mask a masked thread again, under any key, changes nothing.

    :param analyzer: Finds other people's names, which get pseudonyms, too; by default none are looked for.
    """
    return list(Masking(threads, key, analyzer).threads)


class Masking:
    """Threads, and what was said of them, masked alike.

    :param threads: As they were classified.
    """

    def __init__(self, threads: Iterable[Thread], key: bytes, analyzer: Analyzer | None = None) -> None:
        self._before = list(threads)
        names = Counter(name for thread in self._before for name in set(_authors(thread)))
        self._elsewhere = [_KnownName.of(name, exact=True) for name in names if _is_telling(name)]
        self._key = key
        self._analyzer = analyzer
        self._maskers = {thread.id: self._masker(thread) for thread in self._before}
        taken: set[str] = set()
        self._ids = {thread.id: _fresh(self._maskers[thread.id].name_free(thread.id), taken) for thread in self._before}
        self._comment_ids = {thread.id: self._ids_in(thread) for thread in self._before}
        #: The threads, masked; in order.
        self.threads: list[Thread] = [self._masked(thread) for thread in self._before]

    def stances(self, stances: Stances) -> Stances:
        """The stances of the threads, showing the masked comments."""
        comments = {(thread.id, comment.id): comment for thread in self.threads for comment in thread.comments}
        return replace(
            stances,
            thread_ids=tuple(self._ids[name] for name in stances.thread_ids),
            comments=tuple(
                comments[self._ids[name], self._comment_ids[name][comment.id]]
                for name, comment in zip(stances.thread_ids, stances.comments, strict=True)
            ),
        )

    def evidence(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """The evidence, showing the masked words; where it ends within a name, the whole name is taken."""
        texts = {(thread.id, comment.id): comment.text for thread in self._before for comment in thread.comments}
        shown = []
        for row in evidence:
            text = texts[row.thread_id, row.comment_id]
            edits = self._maskers[row.thread_id].edits(text)
            start, end = moved((row.start, row.end), edits)
            shown.append(
                replace(
                    row,
                    thread_id=self._ids[row.thread_id],
                    comment_id=self._comment_ids[row.thread_id][row.comment_id],
                    start=start,
                    end=end,
                    text=edited(text, edits)[start:end],
                )
            )
        return shown

    def by_thread(self, values: Mapping[str, _Value]) -> dict[str, _Value]:
        """What is known by thread id, by the masked ids."""
        return {self._ids[name]: value for name, value in values.items() if name in self._ids}

    def _masker(self, thread: Thread) -> _Masker:
        own = dict.fromkeys(_authors(thread))
        known = [_KnownName.of(name) for name in own if len(name.strip()) >= _SHORTEST]
        in_full = _Masker(known, self._elsewhere, {}, self._key, None)
        texts = (thread.title, thread.post, *(text for c in thread.comments for text in (c.text, c.quoted)))
        written_small = {word for text in texts for word in _WORD.findall(in_full.masked(text)) if word.islower()}
        return _Masker(known, self._elsewhere, _parts(own, written_small), self._key, self._analyzer)

    def _ids_in(self, thread: Thread) -> dict[str, str]:
        taken: set[str] = set()
        return {c.id: _fresh(self._maskers[thread.id].name_free(c.id), taken) for c in thread.comments}

    def _masked(self, thread: Thread) -> Thread:
        masked, ids = self._maskers[thread.id].masked, self._comment_ids[thread.id]
        report = replace(
            thread.report,
            repaired=tuple(map(masked, thread.report.repaired)),
            remarks=tuple(map(masked, thread.report.remarks)),
            doubtful=tuple(map(masked, thread.report.doubtful)),
        )
        return replace(
            thread,
            id=self._ids[thread.id],
            title=masked(thread.title),
            post=masked(thread.post),
            source=masked(thread.source),
            url=masked(thread.url) if thread.url else thread.url,
            post_author=masked_name(thread.post_author, self._key),
            report=report,
            comments=tuple(
                replace(
                    comment,
                    id=ids[comment.id],
                    parent_id=None if comment.parent_id is None else ids[comment.parent_id],
                    author=masked_name(comment.author, self._key),
                    text=masked(comment.text),
                    quoted=masked(comment.quoted),
                )
                for comment in thread.comments
            ),
        )


@dataclass(frozen=True)
class _KnownName:
    """A name as it may stand in a text.

    :param shown: As its author writes it.
    :param words: Its words; folded, unless it counts letter by letter only.
    :param gap: Characters that may lie between two of them.
    """

    shown: str
    words: tuple[str, ...]
    gap: int
    exact: bool

    @classmethod
    def of(cls, name: str, exact: bool = False) -> _KnownName:
        found = list(_WORD.finditer(name))
        gaps = [after.start() - before.end() for before, after in pairwise(found)]
        words = tuple(match.group() if exact else match.group().casefold() for match in found)
        return cls(name, words, max([_WIDEST_GAP, *gaps]), exact)

    def stands_at(self, place: int, found: Sequence[re.Match[str]]) -> bool:
        here = found[place : place + len(self.words)]
        said = tuple(match.group() if self.exact else match.group().casefold() for match in here)
        return said == self.words and all(b.start() - a.end() <= self.gap for a, b in pairwise(here))

    def is_written_so(self, place: int, found: Sequence[re.Match[str]]) -> bool:
        return all(match.group() in self.shown for match in found[place : place + len(self.words)])


class _Masker:
    """Masks the texts of one thread."""

    def __init__(
        self,
        own: Sequence[_KnownName],
        elsewhere: Sequence[_KnownName],
        parts: Mapping[str, str | None],
        key: bytes,
        analyzer: Analyzer | None,
    ) -> None:
        self._key = key
        self._analyzer = analyzer
        self._parts = parts
        self._by_first_word: dict[str, list[_KnownName]] = {}
        for name in (*own, *elsewhere):
            if name.words:
                self._by_first_word.setdefault(name.words[0].casefold(), []).append(name)
        for names in self._by_first_word.values():
            names.sort(key=lambda name: -len(name.words))
        self._joined = {"".join(name.words): name.shown for name in reversed(own)}

    def masked(self, text: str) -> str:
        return edited(text, self.edits(text))

    def name_free(self, id_: str) -> str:
        """An id without the names in it: a number in it is nobody's telephone."""
        return edited(id_, self._edits(id_, (self._names_in,)))

    def edits(self, text: str) -> list[Edit]:
        """What is to be masked in a text; no two overlap."""
        known = self._edits(text, (contacts_in, self._handles_in, self._names_in))
        return sorted([*known, *self._others_in(text, known)]) if self._analyzer else known

    def _edits(self, text: str, finders: Sequence[Callable[[str], list[Edit]]]) -> list[Edit]:
        """What finders find, each piece that is left between two finds being searched as if it stood alone.

        So a piece that is left never has anything to find, which is why masking again changes nothing.
        """
        edits: list[Edit] = []
        pieces = list(_between(0, len(text), [match.span() for match in _MASKED.finditer(text)]))
        while pieces:
            start, end = pieces.pop()
            found = next(filter(None, (finder(text[start:end]) for finder in finders)), [])
            if found:
                here = [Edit(start + edit.start, start + edit.end, edit.words) for edit in found]
                edits += here
                pieces += _between(start, end, [(edit.start, edit.end) for edit in here])
        return sorted(edits)

    def _handles_in(self, text: str) -> list[Edit]:
        edits = []
        for match in _HANDLE.finditer(text):
            handle, start = match[1], match.start(1)
            words = list(_WORD.finditer(text, start))
            name = self._name_at(0, words) if words else None
            if name is not None and words[len(name.words) - 1].end() > match.end():  # "@Old Pompey"
                edits.append(Edit(start, words[len(name.words) - 1].end(), self._call(name.shown)))
            elif not is_public(handle):
                joined = "".join(_WORD.findall(handle.casefold()))
                of = self._joined.get(joined) or self._parts.get(joined) or handle
                edits.append(Edit(*match.span(1), self._call(of)))
        return _apart(edits)

    def _names_in(self, text: str) -> list[Edit]:
        found = list(_WORD.finditer(text))
        edits, place = [], 0
        while place < len(found):
            name = self._name_at(place, found)
            word = found[place].group()
            if name is not None:
                last = found[place + len(name.words) - 1]
                edits.append(Edit(found[place].start(), last.end(), self._call(name.shown)))
                place += len(name.words)
                continue
            folded = word.casefold()
            if folded in self._parts and word[:1].isupper():
                name_of_part = self._parts[folded]
                edits.append(Edit(*found[place].span(), self._call(name_of_part) if name_of_part else _NAME))
            place += 1
        return edits

    def _name_at(self, place: int, found: Sequence[re.Match[str]]) -> _KnownName | None:
        """The longest name that begins at a word; of several, the one that is written just so."""
        names = self._by_first_word.get(found[place].group().casefold(), [])
        standing = [name for name in names if name.stands_at(place, found)]
        if not standing:
            return None
        longest = [name for name in standing if len(name.words) == len(standing[0].words)]
        return next((name for name in longest if name.is_written_so(place, found)), longest[0])

    def _others_in(self, text: str, known: list[Edit]) -> list[Edit]:
        """Names that the analyzer finds, as far as they are not masked yet."""
        assert self._analyzer is not None
        spans = _joined_spans(
            (find.start, find.end)
            for find in self._analyzer.analyze(text=text, language="en", entities=["PERSON"])
            if not is_public(text[find.start : find.end])
        )
        closed = [*((edit.start, edit.end) for edit in known), *(match.span() for match in _MASKED.finditer(text))]
        edits = []
        for start, end in spans:
            for a, b in _between(start, end, sorted(span for span in closed if span[0] < end and start < span[1])):
                words = list(_WORD.finditer(text, a, b))
                if words:
                    first, last = words[0].start(), words[-1].end()
                    edits.append(Edit(first, last, self._call(text[first:last])))
        return edits

    def _call(self, name: str) -> str:
        return masked_name(name, self._key) or pseudonym(name, self._key)


def _authors(thread: Thread) -> Iterator[str]:
    """The names that a thread shows, but those that name nobody, are public, or are pseudonyms already."""
    for name in (thread.post_author, *(comment.author for comment in thread.comments)):
        if name and not _names_no_person(name):
            yield name


def _names_no_person(name: str) -> bool:
    return Comment(id="-", text="", author=name).has_shared_name or bool(PSEUDONYM.fullmatch(name)) or is_public(name)


def _is_telling(name: str) -> bool:
    """Whether a name, met in another thread, is hardly a common word."""
    return len(name) >= _SHORTEST and (not name.islower() or len(_WORD.findall(name)) > 1)


def _parts(names: Iterable[str], written_small: set[str]) -> dict[str, str | None]:
    """The words of names by which people are called, folded: of whom each is, None where it may be one of several."""
    parts: dict[str, str | None] = {}
    for name in names:
        words = _WORD.findall(name)
        for word in dict.fromkeys(words):
            folded = word.casefold()
            told = word[:1].isupper() and word.isalpha() and (len(word) >= _SHORTEST or len(words) == 1)
            if told and len(word) > 1 and folded not in _COMMON | SHARED_NAMES | written_small and not is_public(word):
                parts[folded] = name if parts.get(folded, name) == name else None
    return parts


def _fresh(id_: str, taken: set[str]) -> str:
    """An id that is not taken yet; it is from now on."""
    while id_ in taken:
        id_ += "~"
    taken.add(id_)
    return id_


def _between(start: int, end: int, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What is left of a stretch beside some spans in it, in order; nothing empty."""
    for a, b in spans:
        if start < a:
            yield start, a
        start = max(start, b)
    if start < end:
        yield start, end


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """Of edits in order, those that do not reach into one before."""
    kept: list[Edit] = []
    for edit in edits:
        if not kept or kept[-1].end <= edit.start:
            kept.append(edit)
    return kept


def _joined_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
