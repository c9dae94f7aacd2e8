"""YouTube's comments: the Data API's ``commentThreads`` and ``comments``, yt-dlp's ``.info.json``, and the lines of
youtube-comment-downloader."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stance.readers.dates import Moment, parse_epoch, parse_iso
from stance.readers.draft import Draft
from stance.readers.json_values import Object, at, objects_at, sample_of, text_at, values_of
from stance.readers.rendered import words_of_either
from stance.readers.source import Source
from stance.thread import Precision, Thread

_THREAD, _COMMENT = "youtube#commentThread", "youtube#comment"
_WATCH = "https://www.youtube.com/watch?v="
_DEEPEST = 4  # lists of pages of items
_UNIT = re.compile(r"\b(second|minute|hour|day|week|month|year)s?\b")
_PRECISIONS: dict[str, Precision] = {"hour": "hour", "day": "day", "week": "day", "month": "month", "year": "year"}


def read(source: Source) -> list[Thread] | None:
    """Read the comments, a thread for each video; None where the file holds no comments in any of these forms."""
    sample = sample_of(source)
    if next(_api_items(sample), None) is not None:
        return _api_threads(source)
    if at(sample, "comments", 0, "author_is_uploader") is not None or _is_downloaded(at(sample, "comments", 0)):
        return [_video(source, value) for _, value in values_of(source) if isinstance(value, dict)]
    if at(sample, "extractor_key") == "Youtube" and text_at(sample, "webpage_url"):
        return [_video(source, value) for _, value in values_of(source) if isinstance(value, dict)]
    if _is_downloaded(sample) or (at(sample, "author_is_uploader") is not None and at(sample, "text") is not None):
        comments = [value for _, value in values_of(source) if isinstance(value, dict)]
        return [_video(source, {"comments": comments})]
    return None


def _api_items(value: object, depth: int = 0) -> Iterator[Object]:
    """The threads and single comments in an answer of the API, or in a list of answers."""
    if isinstance(value, list) and depth < _DEEPEST:
        for item in value:
            yield from _api_items(item, depth + 1)
    elif isinstance(value, dict):
        items = value.get("items")
        if value.get("kind") in (_THREAD, _COMMENT) or at(value, "snippet", "topLevelComment") is not None:
            yield value
        elif isinstance(items, list):
            yield from _api_items(items, depth + 1)
        elif "kind" not in value and depth < _DEEPEST:  # answers kept together under names of one's own
            for item in value.values():
                if isinstance(item, list):
                    yield from _api_items(item, depth + 1)


def _api_threads(source: Source) -> list[Thread]:
    drafts: dict[str, Draft] = {}
    n_replies: dict[str, int] = {}  # announced but not met, so far
    for _, value in values_of(source):
        for item in _api_items(value):
            top = item if item.get("kind") == _COMMENT else at(item, "snippet", "topLevelComment")
            replies = objects_at(item, "replies", "comments")
            video_id = text_at(item, "snippet", "videoId") or text_at(top, "snippet", "videoId") or ""
            if video_id not in drafts:
                drafts[video_id] = Draft(source, id=video_id or None, url=_WATCH + video_id if video_id else None)
            channel = text_at(item, "snippet", "channelId")
            n_replies.setdefault(video_id, 0)
            n_replies[video_id] -= len(replies) + (text_at(top, "snippet", "parentId") is not None)
            top_id = _add(drafts[video_id], top, channel, text_at(top, "snippet", "parentId"))
            for reply in replies:
                _add(drafts[video_id], reply, channel, text_at(reply, "snippet", "parentId") or top_id)
            announced = at(item, "snippet", "totalReplyCount")
            n_replies[video_id] += announced if isinstance(announced, int) else 0
    for video_id, n in n_replies.items():
        if n > 0:
            drafts[video_id].doubt(f"{n} replies were announced but not sent; YouTube sends a few of each thread")
    return [draft.thread("certain") for draft in drafts.values()]


def _add(draft: Draft, comment: object, channel: str | None, parent_id: str | None) -> str | None:
    snippet = at(comment, "snippet")
    written = text_at(snippet, "textOriginal")
    shown = text_at(snippet, "textDisplay") or ""
    status = text_at(snippet, "moderationStatus") or "published"
    own_id = text_at(comment, "id")
    if status in ("heldForReview", "likelySpam", "rejected"):
        draft.drop("spam" if status == "likelySpam" else "unapproved")
        return own_id
    author_channel = text_at(snippet, "authorChannelId", "value") or text_at(snippet, "authorChannelId")
    return draft.add(
        written or words_of_either(shown, draft.place),
        id=own_id,
        author=text_at(snippet, "authorDisplayName"),
        time=parse_iso(text_at(snippet, "publishedAt") or ""),
        parent_id=parent_id,
        is_post_author=channel is not None and author_channel == channel,
    )


def _is_downloaded(value: object) -> bool:
    return isinstance(value, dict) and {"cid", "text", "author"} <= set(value)


def _video(source: Source, info: Object) -> Thread:
    """A video with its comments, as download programs write them."""
    draft = Draft(
        source,
        id=text_at(info, "id"),
        title=text_at(info, "title") or text_at(info, "fulltitle") or "",
        post=text_at(info, "description") or "",
        post_author=text_at(info, "uploader") or text_at(info, "channel"),
        url=text_at(info, "webpage_url") or text_at(info, "original_url"),
    )
    for comment in objects_at(info, "comments"):
        own_id = text_at(comment, "id") or text_at(comment, "cid")
        parent_id = text_at(comment, "parent")
        if parent_id is None and own_id and "cid" in comment and "." in own_id:  # a reply's id begins with its parent's
            parent_id = own_id.partition(".")[0]
        draft.add(
            text_at(comment, "text") or "",
            id=own_id,
            author=text_at(comment, "author"),
            time=_approximate(comment),
            parent_id=parent_id if parent_id != "root" else None,
            is_post_author=comment.get("author_is_uploader") is True,
        )
    if "comments" not in info:
        draft.doubt("the file holds no comments; download them with --write-comments")
    announced = at(info, "comment_count")
    if isinstance(announced, int) and not isinstance(announced, bool):
        draft.expect(announced)
    return draft.thread("certain")


def _approximate(comment: Object) -> Moment | None:
    """A time that was reckoned back from "2 years ago", and is known no better than that."""
    stamp = comment.get("timestamp") or comment.get("time_parsed")
    moment = parse_epoch(stamp) if stamp else None
    unit = _UNIT.search(
        text_at(comment, "_time_text") or text_at(comment, "time_text") or text_at(comment, "time") or ""
    )
    precision = _PRECISIONS.get(unit[1], "second") if unit else "second"
    return Moment(moment.time, precision) if moment else None
