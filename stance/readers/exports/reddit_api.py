"""Reddit's API: what a thread's address gives with ``.json`` behind it, a listing of the post and one of comments."""

from __future__ import annotations

from stance.readers.draft import Draft
from stance.readers.json_values import Object, at, objects_at, sample_of, values_of
from stance.readers.nesting import add_nested
from stance.readers.reddit import add_comment, describe, is_comment, is_submission, submission_of
from stance.readers.source import Source
from stance.thread import Thread


def read(source: Source) -> list[Thread] | None:
    """Read the listings, a thread for each post; None where they are no listings of posts and comments.

    Comments that Reddit did not send along ("load more comments", "continue this thread") are counted.
    """
    if not _is_listing(sample_of(source)):
        return None
    drafts: dict[str, Draft] = {}
    n_hidden: dict[str, int] = {}
    n_branches: dict[str, int] = {}
    last = ""
    for things in (objects_at(listing, "data", "children") for listing in _listings(source)):
        for thing in things:
            data = thing.get("data")
            if thing.get("kind") == "t3" and is_submission(data):
                last = str(data["id"])
                describe(_draft_of(drafts, source, last), data)
        comments = [thing for thing in things if thing.get("kind") in ("t1", "more")]
        for thing in comments:
            thread_id = submission_of(thing["data"]) if is_comment(thing.get("data")) else last
            draft = _draft_of(drafts, source, thread_id)
            hidden, branches = _add_branch(draft, thing)
            n_hidden[thread_id] = n_hidden.get(thread_id, 0) + hidden
            n_branches[thread_id] = n_branches.get(thread_id, 0) + branches
    for thread_id, draft in drafts.items():
        if n_hidden.get(thread_id):
            draft.doubt(f"{n_hidden[thread_id]} more comments were not sent by Reddit ('load more comments')")
        if n_branches.get(thread_id):
            draft.doubt(f"{n_branches[thread_id]} branches go on elsewhere ('continue this thread')")
    return [draft.thread("certain", shows_parents=True) for draft in drafts.values()]


def _is_listing(value: object) -> bool:
    value = value[0] if isinstance(value, list) and value else value
    children = objects_at(value, "data", "children")
    return at(value, "kind") == "Listing" and any(child.get("kind") in ("t1", "t3") for child in children)


def _listings(source: Source) -> list[Object]:
    """The listings of one thread, or of several in lines or in an array of arrays."""
    found = []
    for _, value in values_of(source):
        found += [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]
    return found


def _add_branch(draft: Draft, thing: Object) -> tuple[int, int]:
    """Add a comment with all below it; gives how many are said to be hidden there, and how many branches break off."""
    n_hidden = n_branches = 0

    def add(thing: Object, parent_id: str | None) -> str | None:
        nonlocal n_hidden, n_branches
        data = thing.get("data")
        if thing.get("kind") == "more":
            count = at(data, "count")
            n_hidden += count if isinstance(count, int) else 0
            n_branches += count == 0
        elif is_comment(data):
            return add_comment(draft, data)
        return None

    add_nested([thing], lambda thing: objects_at(thing, "data", "replies", "data", "children"), add)
    return n_hidden, n_branches


def _draft_of(drafts: dict[str, Draft], source: Source, thread_id: str) -> Draft:
    if thread_id not in drafts:
        drafts[thread_id] = Draft(source, id=thread_id or None)
    return drafts[thread_id]
