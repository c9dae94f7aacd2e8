"""Archives, folders and what wants to do harm: bounded, and refused in clear words."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

import stance

CSV = b"author,text\nAnn,Pay them.\n"


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def saved(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_zip_gives_the_threads_of_its_files_and_hidden_ones_are_no_part_of_it(tmp_path: Path) -> None:
    members = {"a.csv": CSV, "deeper/b.csv": CSV, "__MACOSX/._a.csv": b"\0\0", ".DS_Store": b"\0"}
    threads = stance.read_threads(saved(tmp_path, "all.zip", zipped(**members)))
    assert [thread.id for thread in threads] == ["a", "b"]
    assert threads[1].source.endswith("all.zip/deeper/b.csv")


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zstandard.ZstdCompressor().compress(data)])
def test_a_compressed_file_is_read_by_what_is_in_it(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (thread,) = stance.read_threads(saved(tmp_path, "a.csv.gz", pack(CSV)))
    assert (thread.id, thread.comments[0].text) == ("a", "Pay them.")


def test_archives_in_archives_are_read(tmp_path: Path) -> None:
    path = saved(tmp_path, "all.zip", zipped(**{"inner.zip": zipped(**{"a.csv.gz": gzip.compress(CSV)})}))
    assert stance.read_threads(path)[0].comments[0].author == "Ann"


def test_a_bad_member_costs_none_of_the_others(tmp_path: Path) -> None:
    path = saved(tmp_path, "all.zip", zipped(**{"bad.csv": b"score\n1\n", "good.csv": CSV}))
    with pytest.warns(UserWarning, match=r"left out: .*all\.zip/bad\.csv"):
        assert len(stance.read_threads(path)) == 1


def test_what_a_browser_saved_along_with_a_page_is_no_thread(tmp_path: Path) -> None:
    saved(tmp_path, "page.html", b"<html><body><p>Hello.</p></body></html>")
    (tmp_path / "page_files").mkdir()
    saved(tmp_path / "page_files", "style.css", b"p { color: red }")
    assert [thread.id for thread in stance.read_threads(tmp_path)] == ["page"]


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/evil.csv", "C:\\evil.csv"])
def test_a_member_that_points_out_of_its_archive_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(stance.InputError, match="points out of the archive"):
        stance.read_threads(saved(tmp_path, "all.zip", zipped(**{name: CSV})))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("bomb.zip", zipped(**{"a.csv": b"\n" * 200_000_000}), "unpacks to more than 100 times its size"),
        ("bomb.csv.gz", gzip.compress(b"text\n" + b"a" * 100_000_000), "unpacks to more than 100 times its size"),
        (
            "bomb.csv.zst",
            zstandard.ZstdCompressor().compress(b"text\n" + b"a" * 100_000_000),
            "unpacks to more than 100",
        ),
        ("many.zip", zipped(**{f"{n}.csv": b"" for n in range(10_001)}), "holds 10001 files, more than 10000"),
        ("broken.zip", zipped(**{"a.csv": CSV})[:-30], "the archive is damaged"),
        ("broken.csv.gz", gzip.compress(CSV * 50)[:-30], "damaged, it cannot be unpacked"),
        (
            "broken.csv.zst",
            zstandard.ZstdCompressor().compress(CSV * 50)[:-8],
            "damaged, it cannot be unpacked",
        ),
        ("empty.zip", zipped(), "holds no files"),
        ("paper.pdf", b"%PDF-1.7\n", "this is a PDF, which is not read"),
        ("deep.html", b"<html>" + b"<div>" * 100_000, "more than 256 deep"),
        ("deep.xml", b"<feed>" + b"<a>" * 100_000, "Excessive depth"),
        ("deep.json", b'{"a":' * 100_000, "is not JSON"),
        ("entities.xml", b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "b">]><feed>&a;</feed>', "defines entities"),
        ("other.xml", b'<?xml version="1.0"?><recipe><egg/></recipe>', "of a kind that no reader knows"),
        ("large.json", b'["' + b"a" * 64_000_001 + b'"]', "larger than 64 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_do_harm_or_holds_nothing_is_refused(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(stance.InputError, match=message):
        stance.read_threads(saved(tmp_path, name, data))


def test_a_file_is_what_its_content_says(tmp_path: Path) -> None:
    page = saved(tmp_path, "page.txt", b"\n<!-- saved --><!DOCTYPE html><html><body><p>Hello there.</p></body></html>")
    assert stance.read_threads(page)[0].report.reader == "page"
    lines = saved(tmp_path, "lines.txt", b"\n".join(json.dumps({"text": text}).encode() for text in "ab"))
    assert len(stance.read_threads(lines)[0].comments) == 2


def test_external_entities_are_not_fetched(tmp_path: Path) -> None:
    secret = saved(tmp_path, "secret.txt", b"password")
    feed = f"""<?xml version="1.0"?><!DOCTYPE feed SYSTEM "file://{secret}"><feed xmlns="http://www.w3.org/2005/Atom">
    <entry><id>post-1</id><category term="http://schemas.google.com/blogger/2008/kind#post"/><title>T</title>
    <content type="html">x</content></entry></feed>"""
    (thread,) = stance.read_threads(saved(tmp_path, "feed.xml", feed.encode()))
    assert thread.post == "x"


def test_xml_that_breaks_off_keeps_what_came_before_and_says_so(tmp_path: Path) -> None:
    source = Path(__file__).parent / "threads" / "blogger_atom" / "takeout.atom"
    (thread,) = stance.read_threads(saved(tmp_path, "cut.atom", source.read_bytes()[:-30]))
    assert len(thread.comments) == 2
    assert "the XML is broken at line" in thread.report.repaired[0]
