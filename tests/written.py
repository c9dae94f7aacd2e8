"""Threads written in the formats that are read, for reading them back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable
from html import escape
from xml.sax.saxutils import escape as xml

import stance


def as_csv(thread: stance.Thread) -> bytes:
    out = io.StringIO()
    rows = csv.DictWriter(out, ["thread_id", "title", "id", "author", "created_at", "parent_id", "text"])
    rows.writeheader()
    rows.writerows(_rows(thread))
    return out.getvalue().encode("utf-8")


def as_json_lines(thread: stance.Thread) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in _rows(thread)).encode("utf-8")


def as_json(thread: stance.Thread) -> bytes:
    return json.dumps(_rows(thread), indent=1).encode("utf-8")


def as_parquet(thread: stance.Thread) -> bytes:
    import pandas as pd

    out = io.BytesIO()
    pd.DataFrame(_rows(thread)).to_parquet(out)
    return out.getvalue()


def as_excel(thread: stance.Thread) -> bytes:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Comments")
    rows = _rows(thread)
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append([_text_cell(sheet, value) for value in row.values()])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_cell(sheet, value):
    """A cell that holds words, though they may look like a formula ("=0") or an error ("#N/A")."""
    from openpyxl.cell import WriteOnlyCell

    if value is None:
        return None
    cell = WriteOnlyCell(sheet, str(value))
    cell.data_type = "s"
    return cell


def as_blogger_atom(thread: stance.Thread) -> bytes:
    kind = "http://schemas.google.com/blogger/2008/kind#"
    entries = [
        f"<entry><id>tag:blogger.com,1999:blog-1.post-{thread.id}</id><published>2001-01-01T00:00:00Z</published>"
        f"<category scheme='http://schemas.google.com/g/2005#kind' term='{kind}post'/>"
        f"<title type='text'>{xml(thread.title)}</title><content type='html'>{xml(_html(thread.post))}</content>"
        f"<link rel='alternate' type='text/html' href='{thread.url}'/>"
        f"<author><name>{xml(thread.post_author or '')}</name></author></entry>"
    ]
    for comment in thread.comments:
        parent = f"<link rel='related' href='http://b.example/{comment.parent_id}'/>" if comment.parent_id else ""
        entries.append(
            f"<entry><id>tag:blogger.com,1999:blog-1.post-{comment.id}</id><published>{comment.iso_time}</published>"
            f"<category scheme='http://schemas.google.com/g/2005#kind' term='{kind}comment'/>"
            f"<title type='text'>{xml(comment.text[:40])}</title>"
            f"<content type='html'>{xml(_html(comment.text))}</content>"
            f"{parent}<author><name>{xml(comment.author or '')}</name></author>"
            f"<thr:in-reply-to ref='tag:blogger.com,1999:blog-1.post-{thread.id}'/></entry>"
        )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom'"
        f" xmlns:thr='http://purl.org/syndication/thread/1.0'>{''.join(entries)}</feed>"
    ).encode()


def as_wordpress_xml(thread: stance.Thread) -> bytes:
    comments = "".join(
        f"<wp:comment><wp:comment_id>{c.id}</wp:comment_id><wp:comment_author>{_cdata(c.author or '')}"
        f"</wp:comment_author><wp:comment_date_gmt>{_gmt(c)}</wp:comment_date_gmt>"
        f"<wp:comment_content>{_cdata(escape(c.text, quote=False))}</wp:comment_content>"
        "<wp:comment_approved>1</wp:comment_approved><wp:comment_type>comment</wp:comment_type>"
        f"<wp:comment_parent>{c.parent_id or 0}</wp:comment_parent></wp:comment>"
        for c in thread.comments
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><item><title>{_cdata(escape(thread.title))}</title><link>{thread.url}</link>"
        f"<dc:creator>{_cdata(thread.post_author or '')}</dc:creator>"
        f"<content:encoded>{_cdata(escape(thread.post))}</content:encoded><wp:post_id>{thread.id}</wp:post_id>"
        f"<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>{comments}</item></channel></rss>"
    ).encode()


def as_disqus_xml(thread: stance.Thread) -> bytes:
    posts = "".join(
        f'<post dsq:id="{c.id}"><message>{_cdata(_html(c.text))}</message><createdAt>{c.iso_time}</createdAt>'
        "<isDeleted>false</isDeleted><isSpam>false</isSpam>"
        f"<author><name>{xml(c.author or '')}</name></author>"
        f'<thread dsq:id="{thread.id}"/>' + (f'<parent dsq:id="{c.parent_id}"/>' if c.parent_id else "") + "</post>"
        for c in thread.comments
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><disqus xmlns="http://disqus.com"'
        f' xmlns:dsq="http://disqus.com/disqus-internals"><thread dsq:id="{thread.id}"><link>{thread.url}</link>'
        f"<title>{xml(escape(thread.title))}</title><message>{_cdata(escape(thread.post))}</message>"
        f"<author><name>{xml(thread.post_author or '')}</name></author><isDeleted>false</isDeleted></thread>"
        f"{posts}</disqus>"
    ).encode()


def as_reddit_lines(thread: stance.Thread) -> bytes:
    rows = [
        {
            "id": thread.id,
            "title": escape(thread.title, quote=False),
            "selftext": escape(thread.post, quote=False),
            "author": thread.post_author,
            "num_comments": len(thread.comments),
        }
    ]
    rows += [
        {
            "id": c.id,
            "link_id": f"t3_{thread.id}",
            "parent_id": f"t1_{c.parent_id}" if c.parent_id else f"t3_{thread.id}",
            "author": c.author,
            "body": escape(c.text, quote=False),
            "created_utc": int(c.time.timestamp()) if c.time else None,
            "is_submitter": c.is_post_author,
        }
        for c in thread.comments
    ]
    return "\n".join(json.dumps(row) for row in rows).encode()


def as_nested_json(thread: stance.Thread) -> bytes:
    children: dict[str | None, list[stance.Comment]] = {}
    for comment in thread.comments:
        children.setdefault(comment.parent_id, []).append(comment)

    def below(parent_id: str | None) -> list[dict[str, object]]:
        return [
            {
                "id": c.id,
                "body": c.text,
                "user": {"name": c.author},
                "createdAt": c.iso_time,
                "replies": below(c.id),
            }
            for c in children.get(parent_id, [])
        ]

    head = {"title": thread.title, "body": thread.post, "author": thread.post_author, "url": thread.url}
    return json.dumps({"id": thread.id, **head, "comments": below(None)}).encode()


def as_wordpress_text(thread: stance.Thread) -> bytes:
    n = len(thread.comments)
    head = f"{n} thoughts on “{thread.title}”" if n > 1 else f"One thought on “{thread.title}”"
    comments = [
        f"{c.author} says:\n{_when(c, '%B {day}, %Y at {hour}:%M {half}')}\n\n{c.text}\n\nReply"
        for c in thread.comments
    ]
    return "\n\n".join([thread.title, thread.post, head, *comments, "Leave a Reply"]).encode()


def as_blogspot_text(thread: stance.Thread) -> bytes:
    n = len(thread.comments)
    comments = [f"{c.author} said...\n{c.text}\n\n{_when(c, '{day} %B %Y at %H:%M')}" for c in thread.comments]
    return "\n\n".join(
        [thread.title, thread.post, f"{n} comment{'s' if n > 1 else ''}:", *comments, "Post a Comment"]
    ).encode()


#: What is written, under which ending.
WRITERS: dict[str, tuple[str, Callable[[stance.Thread], bytes]]] = {
    "CSV": (".csv", as_csv),
    "JSON lines": (".jsonl", as_json_lines),
    "JSON": (".json", as_json),
    "Parquet": (".parquet", as_parquet),
    "Excel": (".xlsx", as_excel),
    "Blogger Atom": (".xml", as_blogger_atom),
    "WordPress XML": (".xml", as_wordpress_xml),
    "Disqus XML": (".xml", as_disqus_xml),
    "Reddit lines": (".ndjson", as_reddit_lines),
    "nested JSON": (".json", as_nested_json),
}
#: Texts copied from pages: no ids, no parents, no zone.
TEXT_WRITERS: dict[str, tuple[str, Callable[[stance.Thread], bytes]]] = {
    "WordPress text": (".txt", as_wordpress_text),
    "Blogspot text": (".txt", as_blogspot_text),
}


def _rows(thread: stance.Thread) -> list[dict[str, object]]:
    return [
        {
            "thread_id": thread.id,
            "title": thread.title,
            "id": c.id,
            "author": c.author,
            "created_at": c.iso_time,
            "parent_id": c.parent_id,
            "text": c.text,
        }
        for c in thread.comments
    ]


def _html(text: str) -> str:
    paragraphs = [escape(paragraph).replace("\n", "<br />") for paragraph in text.split("\n\n")]
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _gmt(comment: stance.Comment) -> str:
    return comment.time.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S") if comment.time else "0000-00-00 00:00:00"


def _when(comment: stance.Comment, form: str) -> str:
    time = comment.time
    assert time is not None
    half = "am" if time.hour < 12 else "pm"
    return time.strftime(form.format(day=time.day, hour=time.hour % 12 or 12, half=half))
