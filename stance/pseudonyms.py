"""Names of authors replaced by pseudonyms that only the key's holder can make again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from stance.errors import InputError
from stance.thread import Comment, Thread

#: What a pseudonym looks like in a text.
PSEUDONYM = re.compile(r"(?<![^\W_])person-[a-z2-7]{10}(?![^\W_])")
_SHORTEST_KEY = 16  # bytes
_LENGTH = 10  # characters of 5 bits: among 100,000 people two share a pseudonym once in 200,000 keys


def read_key(path: str | Path) -> bytes:
    """Read a key file: its bytes, white space around them left out.

    :raises InputError: If it cannot be read, or holds fewer than 16 bytes.
    """
    path = Path(path)
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise InputError(f"{path}: the key cannot be read ({error.strerror}).") from error
    if len(key) < _SHORTEST_KEY:
        raise InputError(
            f"{path}: the key has {len(key)} bytes, but at least {_SHORTEST_KEY} are needed, or names could be found by"
            " trying. Make one with: openssl rand -hex 32 > FILE"
        )
    return key


def pseudonym(name: str, key: bytes) -> str:
    """The pseudonym of a name: HMAC-SHA256 (RFC 2104) under the key, the same in every thread.

    Without the key, names can be neither read from it nor tried; with it, a name can be tried. Names that differ at all
    are different people, as everywhere in this library.
    """
    digest = hmac.digest(key, name.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return "person-" + base64.b32encode(digest)[:_LENGTH].decode("ascii").lower()


def pseudonymize(threads: Iterable[Thread], key: bytes) -> list[Thread]:
    """Threads whose comments and posts show pseudonyms.

    Names that stand for nobody ("Anonymous") stay. So does what people wrote: names within texts, titles, addresses
    and file names are not masked (:func:`stance.masking.mask_texts` does that).
    """
    return [
        replace(
            thread,
            comments=tuple(replace(comment, author=masked_name(comment.author, key)) for comment in thread.comments),
            post_author=masked_name(thread.post_author, key),
        )
        for thread in threads
    ]


def masked_name(name: str | None, key: bytes) -> str | None:
    """What is shown for a name: its pseudonym; or itself, where it stands for nobody or is a pseudonym already."""
    if name is None or PSEUDONYM.fullmatch(name) or Comment(id="-", text="", author=name).has_shared_name:
        return name
    return pseudonym(name, key)
