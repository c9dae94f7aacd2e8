"""Who answers whom, as far as the text itself shows it; and who wrote the post.

Nothing is guessed beyond words and names: a comment answers another only where it quotes it, or opens by addressing
its writer.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from stance.thread import Comment

_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|ok|okay|yes|no|so|well|sorry|thanks|thank you|to|oh|and|but"
    r"|in (?:reply|response|answer) to)(?: there)?[ ,]+",
    re.I,
)
_END_OF_CALL = re.compile(r"[,.:!?]|\s[-–—]\s|$")
_FIRST_SENTENCE = re.compile(r"([^.!?]*)([.!?])")
_LONGEST_NAME = 60  # characters
_WORDS_BEFORE_A_CALL = 5  # "Not so, Ann." calls her; "I went there with my brother, Pete." does not
# "Vote for Jeremy!", "Shame on Jeremy!": the name is spoken of, not to.
_SPOKEN_OF = frozenset("for with of by on from to at like about against and or is was not vote called named".split())
_SHORTEST_QUOTE = 12  # characters; "I agree." may be anybody's
_LOOK_BACK = 500  # comments; nobody quotes further up, and the search stays linear
_TITLES = frozenset(
    "mr mrs ms miss mx dr cllr councillor coun cr sir dame lord lady rev revd prof professor capt captain".split()
)
_CALLED_BY = ("Mr", "Mrs", "Ms", "Miss", "Dr", "Cllr")  # before a surname: "Mrs Quill" for Ada Quill
# Words of which pseudonyms are made; "Angry Resident" is nobody called Angry.
_NO_FORENAMES = frozenset(
    "the a an just not one no yes angry concerned proud former ex local old young big little council city town "
    "county tax rate resident residents ratepayer taxpayer payer worker workers voter supporter reader citizen "
    "commuter parent mum dad teacher nurse driver officer member user guest fan fed up union strike labour "
    "tory green common sense".split()
)


def link_replies(comments: Sequence[Comment]) -> tuple[Comment, ...]:
    """Give each comment that quotes an earlier one, or opens by addressing its writer, that comment as parent.

    Quoted words tell which comment is meant; a name tells its writer's latest. Links that the page itself shows are
    kept.
    """
    if not any(comment.author or comment.quoted for comment in comments):
        return tuple(comments)
    latest: dict[str, Comment] = {}
    linked: list[Comment] = []
    plain: list[str] = []
    found: dict[str, tuple[int, int]] = {}
    shows_quotes = any(comment.quoted for comment in comments)
    for comment in comments:
        if comment.parent_id is None:
            parent = _quoted(comment, linked, plain, found) or _addressed(comment, latest)
            if parent is not None:
                comment = replace(comment, parent_id=parent.id)
        linked.append(comment)
        if shows_quotes:
            plain.append(_plain(comment.text))
        for name in _call_names(comment):
            latest[name] = latest[name.casefold()] = comment
    return tuple(linked)


def guess_post_author(post: str, comments: Sequence[Comment]) -> str | None:
    """The one commenter who behaves as the post's author, or None where that is not plain.

    Plain is: the post speaks in the first person outside its quotations, and one writer with a name of their own,
    who is addressed by name, answers at least two others by name, more than anybody else.
    """
    if not re.search(r"\b(?:I|my|we|our)\b", re.sub(r'["“][^"”\n]*["”]?', " ", post)):
        return None
    by_id = {comment.id: comment for comment in comments}
    answered: defaultdict[str, set[str | None]] = defaultdict(set)
    addressed = set()
    for comment in comments:
        parent = by_id.get(comment.parent_id or "")
        if parent is not None and parent.author != comment.author:
            addressed.add(parent.author)
            if comment.author is not None and not comment.has_shared_name:
                answered[comment.author].add(parent.author)
    ranked = Counter({name: len(others) for name, others in answered.items()}).most_common(2)
    if not ranked or ranked[0][1] < 2 or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0] if ranked[0][0] in addressed else None


def _quoted(
    comment: Comment, earlier: Sequence[Comment], plain: Sequence[str], found: dict[str, tuple[int, int]]
) -> Comment | None:
    """The latest of the comments above that holds a paragraph which this one quotes.

    Where quotes are stacked, the one quoted last has quoted the others, so the latest is the one meant.

    :param found: For a paragraph that was quoted before, which comment was the latest to hold it (-1 for none), and how
        many had been looked at.
    """
    if not comment.quoted:
        return None
    paragraphs = [_plain(paragraph).strip("\"“”'‘’.… ") for paragraph in comment.quoted.split("\n")]
    telling = [paragraph for paragraph in paragraphs if len(paragraph) >= _SHORTEST_QUOTE]
    oldest = max(0, len(earlier) - _LOOK_BACK)
    latest = -1
    for paragraph in telling:
        known, n_seen = found.get(paragraph, (-1, 0))
        newer = range(len(earlier) - 1, max(oldest, n_seen) - 1, -1)
        known = next((place for place in newer if paragraph in plain[place]), known)
        found[paragraph] = (known, len(earlier))
        latest = max(latest, known)
    return earlier[latest] if latest >= oldest else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _addressed(comment: Comment, latest: dict[str, Comment]) -> Comment | None:
    first_line = comment.text.lstrip().partition("\n")[0]
    for name in _called(first_line):
        other = latest.get(name)
        if other is not None and (other.author != comment.author or other.has_shared_name):
            return other
    return None


def _called(first_line: str) -> Iterator[str]:
    """What a line may be calling: "Hi Ann.", "Ann, that is wrong", "@Ann", "Not so, Ann.", "Not again Ann!"."""
    greeting = _GREETING.match(first_line)
    if first_line.startswith("@"):
        words = first_line[1 : _LONGEST_NAME + 1].strip()
        for end in reversed([match.end() for match in re.finditer(r"[\w)\]]+(?!\w)", words)]):
            yield words[:end].casefold()
        return
    if greeting and greeting.group().casefold().startswith("dear"):  # "Dear Ann at 11.47", "Dear Ann from Hull"
        words = first_line[greeting.end() : greeting.end() + _LONGEST_NAME]
        yield from (words[:end].casefold() for end in reversed([found.end() for found in re.finditer(r"\w+", words)]))
    if greeting:
        yield from (name.casefold() for name in _openings(first_line[greeting.end() :]))
    yield from _openings(first_line)
    sentence = _FIRST_SENTENCE.match(first_line)
    if sentence:
        yield from _closings(sentence[1], sentence[2])


def _openings(text: str) -> Iterator[str]:
    for end in _END_OF_CALL.finditer(text[: _LONGEST_NAME + 1]):
        yield text[: end.start()].strip()
        yield text[: end.start() + 1].strip()  # a name may end in its own full stop or bracket


def _closings(sentence: str, mark: str) -> Iterator[str]:
    before, comma, name = sentence.rpartition(",")
    if comma and len(before.split()) < _WORDS_BEFORE_A_CALL:
        yield name.strip()
    words = sentence.split()
    for n in range(1, min(4, len(words))):
        if mark == "!" and words[-n - 1].casefold() not in _SPOKEN_OF:
            yield " ".join(words[-n:])


def _call_names(comment: Comment) -> list[str]:
    """The name shown and, where it is a person's full name, the forename ("Jeremy") and the surname with a title."""
    name = (comment.author or "").strip().removeprefix("@")  # some platforms show names so, and call by them
    words = name.split()
    if words and words[0].casefold().rstrip(".") in _TITLES:
        words = words[1:]
    plain = all(re.fullmatch(r"[A-Z][\w'’.-]*", word) for word in words)
    person = 2 <= len(words) <= 3 and plain and not any(word.casefold() in _NO_FORENAMES for word in words)
    names = [name] if len(name) > 2 else []
    if not person:
        return names
    surnames = [f"{title} {words[-1]}" for title in _CALLED_BY]
    return [*names, *surnames, words[0]] if len(words[0]) > 2 else [*names, *surnames]
