"""A JSON array too large to be held in memory, item by item."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Generator, Iterator

from stance.errors import InputError
from stance.readers.source import LARGEST, Source

_CHUNK = 1 << 20  # bytes read at a time
_LONGEST_ITEM = 16_000_000  # characters; an item is one comment, or one small thread
_OPENING = re.compile(r"\s*\[")
_GAP = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def streamed_items(source: Source) -> Iterator[object]:
    """The items of a file's one array; no more of it is in memory than is being read.

    :raises InputError: If it holds something else, is not in UTF-8, or breaks off.
    """
    characters = codecs.getincrementaldecoder("utf-8-sig")()
    unread, is_open, is_last = "", False, False
    with source.opened() as stream:
        while not is_last:
            # Twice as much where an item does not fit, so that a long one is not looked at over and over.
            chunk = stream.read(max(_CHUNK, len(unread)))
            is_last = not chunk
            try:
                unread += characters.decode(chunk, is_last)
                if not is_open:
                    unread, is_open = unread[_begin(unread) :], True
                place = yield from _whole_items(unread, is_last)
            except InputError:  # of the stream beneath
                raise
            except (ValueError, RecursionError) as error:
                raise _broken(source, str(error)) from error
            if place is None:
                return
            unread = unread[place:]
    raise _broken(source, "the array does not end")


def _whole_items(text: str, is_last: bool) -> Generator[object, None, int | None]:
    """The items that end within a text.

    :returns: Where the first that does not begins; None where the array ends.
    :raises ValueError: At what is no item, and is not just cut off.
    """
    place = 0
    while True:
        gap = _GAP.match(text, place)
        begin = gap.end() if gap else place
        if begin == len(text):
            return begin
        if text[begin] == "]":
            return None
        try:
            item, end = _DECODER.raw_decode(text, begin)
        except ValueError:
            if is_last:
                raise
            if len(text) - begin > _LONGEST_ITEM:
                raise ValueError(f"an item is longer than {_LONGEST_ITEM} characters") from None
            return begin
        if end == len(text) and not is_last:  # a number may go on
            return begin
        yield item
        place = end


def _begin(text: str) -> int:
    opening = _OPENING.match(text)
    if opening is None:
        raise ValueError("it does not begin as an array")
    return opening.end()


def _broken(source: Source, why: str) -> InputError:
    return InputError(
        f"{source.place}: larger than {LARGEST['json'] // 1_000_000} MB, and no array whose items can be read one by"
        f" one ({why}). Split it, or export it as JSON lines, one comment a line."
    )
