"""ConvoKit's corpora: a folder of ``utterances.jsonl``, ``conversations.json``, ``speakers.json`` and two more.

Older ones say ``utterances.json``, ``users.json``, ``user`` and ``root``.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from stance.errors import InputError
from stance.readers.dates import Moment, parse_epoch, parse_iso
from stance.readers.draft import Draft
from stance.readers.json_values import Object, at, json_of, sample_of, text_at, values_of
from stance.readers.source import Source
from stance.readers.wording import apart_from_quoted_lines, clean, unescaped
from stance.thread import Thread

_UTTERANCES = ("utterances.jsonl", "utterances.json")
_BESIDE = ("conversations.json", "speakers.json", "users.json", "corpus.json", "index.json")
_GONE = {"[deleted]": "deleted", "[removed]": "removed"}


def read(source: Source) -> list[Thread] | None:
    """Read the utterances, a thread for each conversation.

    None where they are none; an empty list for the corpus's other files, which are read with its utterances.
    """
    if source.name in _BESIDE and any(source.beside(name) is not None for name in _UTTERANCES):
        return []
    sample = sample_of(source)
    if not _is_utterance(sample):
        return None
    conversations, speakers = _beside(source, "conversations.json"), _beside(source, "speakers.json", "users.json")
    drafts: dict[str, Draft] = {}
    opened: set[str] = set()  # conversations whose first utterance is the post or a heading, and no comment
    for utterance in _utterances(source):
        thread_id = text_at(utterance, "conversation_id") or text_at(utterance, "root") or source.stem
        about = at(conversations, thread_id)
        if thread_id not in drafts:
            title = text_at(about, "meta", "title") or text_at(about, "title") or text_at(about, "meta", "page_title")
            drafts[thread_id] = Draft(source, id=thread_id, title=title or "")
        if _is_post(utterance, thread_id, about):
            draft = drafts[thread_id]
            draft.title = draft.title or text_at(utterance, "meta", "title") or ""
            draft.post = "" if _text(utterance) in _GONE else clean(_text(utterance))
            draft.post_author = _speaker(utterance, speakers)
            opened.add(thread_id)
        elif at(utterance, "meta", "is_section_header") is True:  # of a talk page
            drafts[thread_id].title = _text(utterance).strip(" =\n")
            opened.add(text_at(utterance, "id") or thread_id)
        else:
            _add(drafts[thread_id], utterance, opened, speakers)
    return [draft.thread("certain", shows_parents=True) for draft in drafts.values()]


def _utterances(source: Source) -> Iterator[Object]:
    for _, value in values_of(source):
        if isinstance(value, dict):
            yield value


def _is_utterance(value: object) -> bool:
    return (
        isinstance(value, dict)
        and {"id", "text"} <= set(value)
        and bool({"conversation_id", "root"} & set(value))
        and bool({"reply-to", "reply_to"} & set(value))
        and bool({"speaker", "user"} & set(value))
    )


def _is_post(utterance: Object, thread_id: str, about: object) -> bool:
    """Whether an utterance is the post that the others discuss, as in corpora of Reddit's."""
    if text_at(utterance, "id") != thread_id or _reply_to(utterance) is not None:
        return False
    meta, told = at(utterance, "meta"), at(about, "meta")
    return at(told, "num_comments") is not None or (isinstance(meta, dict) and "top_level_comment" in meta)


def _add(draft: Draft, utterance: Object, opened: Container[str], speakers: object) -> None:
    text = _text(utterance)
    if text.strip() in _GONE:
        draft.drop(_GONE[text.strip()])
        return
    parent_id = _reply_to(utterance)
    words, quoted = apart_from_quoted_lines(unescaped(text)) if _is_reddits(utterance) else (text, "")
    draft.add(
        words,
        id=text_at(utterance, "id"),
        author=_speaker(utterance, speakers),
        time=_time(utterance.get("timestamp")),
        parent_id=parent_id if parent_id not in opened else None,
        quoted=quoted,
    )


def _is_reddits(utterance: Object) -> bool:
    """Whether an utterance is Reddit's, where quoted lines begin with a sign that is escaped."""
    return at(utterance, "meta", "top_level_comment") is not None


def _text(utterance: Object) -> str:
    return text_at(utterance, "text") or ""


def _reply_to(utterance: Object) -> str | None:
    return text_at(utterance, "reply-to") or text_at(utterance, "reply_to")


def _speaker(utterance: Object, speakers: object) -> str | None:
    """The speaker's name, where the corpus tells one, else the id."""
    speaker = at(utterance, "speaker") or at(utterance, "user")
    speaker_id = text_at(speaker, "id") if isinstance(speaker, dict) else text_at({"id": speaker}, "id")
    about = at(speakers, speaker_id or "")
    told = (text_at(of, key) for of in (at(about, "meta"), about) for key in ("name", "character_name", "username"))
    return next((name for name in told if name), speaker_id)


def _time(stamp: object) -> Moment | None:
    """Seconds since 1970, where they are; corpora without times count their utterances instead."""
    if isinstance(stamp, str) and not stamp.replace(".", "", 1).isdigit():
        return parse_iso(stamp.replace(" ", "T", 1))
    moment = parse_epoch(stamp) if stamp not in (None, "") else None
    return moment if moment and moment.time.year > 1980 else None


def _beside(source: Source, *names: str) -> object:
    found = next((other for name in names if (other := source.beside(name)) is not None), None)
    try:
        return json_of(found) if found is not None else None
    except InputError as error:
        source.notes.append(f"read without titles or names: {error}")
        return None
