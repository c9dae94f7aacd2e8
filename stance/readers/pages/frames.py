"""The pages within a page: what a browser saved of its frames."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from stance.errors import InputError
from stance.readers.markup import Element, page_of, select
from stance.readers.source import Source

_MOST = 20  # frames of a page that are looked into


def pages_of(source: Source) -> Iterator[Element]:
    """Yield the page, then the frames saved with it: in the page itself, beside it, or in one file with it."""
    yield page_of(source)
    yield from (page_of(frame) for frame in source.once(frames_of))


def frames_of(source: Source) -> list[Source]:
    """The frames of a page that are at hand and can be read."""
    found: list[Source] = []
    for frame in select(page_of(source), "//iframe[@srcdoc or @src]")[:_MOST]:
        inner = _frame(source, frame)
        if inner is None:
            continue
        try:
            page_of(inner)
        except InputError:
            continue  # an advertisement's, empty
        found.append(inner)
    return found


def _frame(source: Source, frame: Element) -> Source | None:
    written = frame.get("srcdoc") or ""
    if written.strip():
        return Source.of_bytes(written.encode("utf-8", "replace"), source.name, f"{source.place}: a frame")
    address = (frame.get("src") or "").strip()
    for name in (address, unquote(address)):
        if name and not name.startswith(("http:", "https:", "about:", "javascript:", "data:")):
            try:
                beside = source.beside(name)
            except (InputError, OSError, ValueError):
                return None
            if beside is not None:
                return beside
    return source.beside(address) if address.startswith("http") and source.saved_at else None
