"""Files made to do harm, and files that came to harm: bounded time and memory, and a clear error or what is left."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stance
from benchmarks.fuzz_readers import mutated
from benchmarks.readers import peak, reset_peak
from stance.readers import read_source
from stance.readers.source import Source

CSV = b"author,text\nAnn,Pay them.\n"
BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaaaaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><rss><channel><item>&j;</item></channel></rss>"
)


def read(data: bytes, name: str) -> list[stance.Thread]:
    return read_source(Source.of_bytes(data, name))


def refusal(read: Callable[..., object], *arguments: object) -> str | None:
    """What an error of the library says, or None where there is none."""
    try:
        read(*arguments)
    except stance.InputError as error:
        return str(error)
    return None


def saved(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


@contextmanager
def within(seconds: float, megabytes: float) -> Iterator[None]:
    """Fail where more CPU time, or more memory on top of what was held, is used than that."""
    before, started = reset_peak(), time.process_time()
    yield
    assert time.process_time() - started < seconds
    assert peak() - before < megabytes


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("laughs.xml", BILLION_LAUGHS, "defines entities"),
        ("late.xml", b'<?xml version="1.0"?>' + b" " * 5000 + BILLION_LAUGHS[21:], "defines entities"),
        (
            "quadratic.xml",
            b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "'
            + b"a" * 50_000
            + b'">]><rss>'
            + b"&a;" * 5000
            + b"</rss>",
            "defines entities",
        ),
        (
            "parameter.xml",
            b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]><rss/>',
            "defines entities",
        ),
        ("deep.xml", b"<rss>" + b"<a>" * 200_000, "Excessive depth"),
        ("deep.html", b"<html><body>" + b"<blockquote>" * 200_000, "more than 256 deep"),
        ("deep.json", b'{"replies":[' * 100_000, "is not JSON"),
        ("closed.json", b"[" * 100_000 + b"]" * 100_000, "is not JSON"),
        ("deep.jsonl", b'{"text":"a"}\n' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "line 2 is not JSON"),
        ("attributes.html", b"<html><div " + b"a='1' " * 200_000 + b">x</div></html>", None),
        ("comments.html", b"<html>" + b"<!--" * 200_000, None),
        ("siblings.html", b"<html><body>" + b"<p>a" * 100_000, "which is no page"),
        ("unclosed.html", b"<html><body>" + b"<b><i>a" * 100_000, "more than 256 deep"),
        ("number.json", b'[{"text": "a", "id": 1' + b"0" * 100_000 + b"}]", "is not JSON"),
        ("stars.txt", b"*" * 900_000, None),
        ("quotes.txt", b"> " * 450_000, None),
        ("spaces.txt", b"Ann said" + b" " * 900_000 + b"...", None),
        ("lines.txt", b"\n".join([b"a"] * 450_000), None),
        ("commas.csv", b"text" + b"," * 500_000 + b"\n" + b"a" + b"," * 500_000, None),
        ("quote.csv", b'text\n"' + b"a,\n" * 300_000, "is not CSV"),
        ("wide.json", json.dumps([{"text": "a", **{f"k{n}": n for n in range(50_000)}}]).encode(), None),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value[-6:] else "",
)
def test_what_wants_time_or_memory_gets_neither(name: str, data: bytes, message: str | None) -> None:
    with within(seconds=5, megabytes=500):
        said = refusal(read, data, name)
    assert (said is None) == (message is None), said
    assert message is None or message in str(said)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("nest.zip", zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({"d.csv": CSV})})})}), "3 deep in one"),
        ("nest.gz", gzip.compress(gzip.compress(gzip.compress(gzip.compress(CSV)))), "3 deep in one"),
        ("bomb.csv.gz", gzip.compress(gzip.compress(b"text\n" + b"a" * 40_000_000)), "unpacks to more than 100 times"),
        ("bomb.zip", zipped({f"{n}.txt": b"0" * 1_000_000 for n in range(100)}), "unpacks to more than 100 times"),
        (
            "bomb.csv.zst",
            zstandard.ZstdCompressor().compress(b"text\n" + b"a" * 40_000_000),
            "unpacks to more than 100 times",
        ),
        ("link.zip", None, "is a link"),
        ("up.zip", zipped({"..\\..\\evil.csv": CSV}), "points out of the archive"),
        ("root.zip", zipped({"/evil.csv": CSV}), "points out of the archive"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.endswith((".zip", ".gz", ".zst")) else "",
)
def test_archives_give_no_more_than_texts_do_and_lead_nowhere(
    tmp_path: Path, name: str, data: bytes | None, message: str
) -> None:
    if data is None:
        link = zipfile.ZipInfo("passwords.csv")
        link.external_attr = 0o120777 << 16
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(link, "/etc/passwd")
        data = packed.getvalue()
    path = saved(tmp_path, name, data)
    with within(seconds=5, megabytes=500), pytest.raises(stance.InputError, match=message):
        stance.read_threads(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a.gz", "a.zst", "a.zip", "a.parquet", "a.xlsx", "a.json", "a.xml"])
def test_a_file_that_breaks_off_anywhere_is_read_or_refused(tmp_path: Path, name: str) -> None:
    whole = whole_file(name)
    for length in {0, *range(10, len(whole), max(1, len(whole) // 40)), len(whole) - 1}:
        path = saved(tmp_path, name, whole[:length])
        said = refusal(stance.read_threads, path)
        assert str(path) in said if said else name == "a.xml"  # whose end tells nothing that is missed


def whole_file(name: str) -> bytes:
    import openpyxl
    import pandas as pd

    rows = [{"author": f"Ann {n}", "text": f"Pay them, I say, for the {n}th time."} for n in range(40)]
    table = "author,text\n" + "".join(f'{row["author"]},"{row["text"]}"\n' for row in rows)
    out = io.BytesIO()
    match name:
        case "a.gz":
            return gzip.compress(table.encode())
        case "a.zst":
            return zstandard.ZstdCompressor().compress(table.encode())
        case "a.zip":
            return zipped({"a.csv": table.encode()})
        case "a.parquet":
            pd.DataFrame(rows).to_parquet(out)
        case "a.xlsx":
            book = openpyxl.Workbook()
            for row in [list(rows[0]), *[list(row.values()) for row in rows]]:
                book.active.append(row)
            book.save(out)
        case "a.json":
            return json.dumps(rows).encode()
        case _:
            items = "".join(
                f"<wp:comment><wp:comment_content>{row['text']}</wp:comment_content></wp:comment>" for row in rows
            )
            return (
                '<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>T</title>'
                f"{items}</item></channel></rss>"
            ).encode()
    return out.getvalue()


@pytest.mark.parametrize(
    "packed", [zipped({"xl/a.xml": b" " * 40_000_000}), zipped({"xl/workbook.xml": BILLION_LAUGHS})]
)
def test_a_workbook_may_be_no_bomb(packed: bytes) -> None:
    with within(seconds=5, megabytes=500), pytest.raises(stance.InputError, match=r"as no sheet does|defines entities"):
        read(packed, "a.xlsx")


def test_a_workbook_that_says_it_is_vast_is_read_as_far_as_it_goes() -> None:
    whole = io.BytesIO(whole_file("a.xlsx"))
    out = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            new.writestr(info, old.read(info).replace(b'ref="A1:B41"', b'ref="A1:XFD1048576"'))
    with within(seconds=5, megabytes=300):
        assert len(read(out.getvalue(), "a.xlsx")[0].comments) == 40


def test_zero_bytes_in_a_text_are_taken_out_and_a_binary_file_is_refused() -> None:
    (thread,) = read(b"text\n" + b"Pay them what they are owed, all of it.\n" * 40 + b"Pay \0them\n", "a.csv")
    assert thread.comments[-1].text == "Pay them"
    assert "1 zero bytes taken out" in thread.notes
    with pytest.raises(stance.InputError, match="binary file"):
        read(b"text\0\0\0\x01\x02", "a.csv")


def test_zeros_that_json_spells_out_are_taken_out() -> None:
    (thread,) = read(b'[{"text": "Pay \\u0000them \\ud83d", "author": "A\\u0000nn"}]', "a.json")
    assert thread.comments[0].author == "Ann"
    thread.comments[0].text.encode("utf-8")  # half a character is none


def test_one_huge_line_is_refused_and_says_which(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.jsonl", b'{"text": "a"}\n{"text": "' + b"a" * 17_000_000 + b'"}\n')
    with within(seconds=5, megabytes=500), pytest.raises(stance.InputError, match="line 2 is longer than 16 MB"):
        stance.read_threads(path)


def test_a_large_array_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("w") as file:
        file.write("[")
        file.writelines(
            (", " if n else "") + json.dumps({"text": "Pay them. " * 200, "author": "Ann", "raw": "x" * 2000})
            for n in range(20_000)
        )
        file.write("]")
    assert path.stat().st_size > 64_000_000
    with within(seconds=10, megabytes=400):
        (thread,) = stance.read_threads(path)
    assert len(thread.comments) == 20_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"comments": [', "no array whose items can be read one by one"),
        (b'[{"text": "a"} {"text": }', "no array whose items"),
        (b'[{"text": "a"}', "the array does not end"),
        (b'[{"text": "' + b"b" * 17_000_000, "longer than 16000000 characters"),
        (b'[{"text": "\xff"}]', "no array whose items"),
    ],
)
def test_a_large_file_that_is_no_sound_array_is_refused(tmp_path: Path, text: bytes, message: str) -> None:
    path = saved(tmp_path, "large.json", text + b" " * 64_000_000)
    with within(seconds=5, megabytes=500), pytest.raises(stance.InputError, match=message):
        stance.read_threads(path)


def test_a_folder_of_anything_gives_what_can_be_read(tmp_path: Path) -> None:
    saved(tmp_path, "good.csv", CSV)
    saved(tmp_path, "bad.json", b"[" * 1000)
    saved(tmp_path, "bomb.xml", BILLION_LAUGHS)
    saved(tmp_path, "cut.zip", zipped({"a.csv": CSV})[:-9])
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    with pytest.warns(UserWarning, match="left out"):
        threads = stance.read_threads(tmp_path)
    assert [thread.id for thread in threads] == ["good"]


@given(number=st.integers(0, 10**9))
@settings(
    max_examples=250,
    derandomize=True,  # what holds today holds tomorrow; `python -m benchmarks.fuzz_readers` looks for new ones
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_damaged_file_gives_threads_or_an_error_of_ours(tmp_path: Path, number: int) -> None:
    name, data = mutated(number)
    path = saved(tmp_path, name, data)
    with within(seconds=12, megabytes=500):  # 5 s are the aim; a slow processor takes 7 for the worst found
        try:
            threads = stance.read_threads(path)
        except stance.StanceError:
            return
        finally:
            path.unlink()
    for thread in threads:
        assert thread.report.doubtful or thread.report.sureness != "doubtful"
