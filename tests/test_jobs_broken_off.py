"""A job that is killed, stopped, refused or finds its disk full: what is written stays, and the next run goes on."""

import errno
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from filelock import FileLock
from typer.testing import CliRunner

import stance
from stance.cli import app
from stance.errors import JobError, ModelError
from stance.jobs import JobStopped, run_job
from tests.job_files import assert_same, output, quarantined, rows_of, write_lines

Model = stance.StanceModel
ROOT = Path(__file__).parents[1]
N_ROWS = 1200


@pytest.fixture(scope="module")
def comments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_lines(tmp_path_factory.mktemp("inputs") / "comments.ndjson", rows_of(N_ROWS))
    lines = path.read_text("utf-8").splitlines()
    for place in range(100, N_ROWS, 100):
        lines[place] = "{broken"
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture(scope="module")
def undisturbed(comments: Path, tiny_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed")
    run_job(comments, out, model=tiny_model, rows_a_part=200)
    return out


def assert_goes_on(out: Path, comments: Path, undisturbed: Path, model: Model) -> None:
    """The next run ends with every row once, as if nothing had happened."""
    report = run_job(comments, out, model=model, rows_a_part=200)
    assert_same(output(out), output(undisturbed))
    assert quarantined(out) == quarantined(undisturbed)
    assert report.all_rows + sum(report.unusable.values()) == N_ROWS
    assert not list((out / "parts").glob(".*"))


INSTANTS = [
    ("stance.jobs.parts:PartWriter.write", 3, "after"),
    ("os:replace", 2, "before"),
    ("os:replace", 2, "after"),
    ("stance.jobs.manifest:Manifest.enter", 2, "after"),
    ("stance.jobs.cache:Cache.keep", 2, "before"),
    *[("stance.jobs.cache:Cache.find", 1, f"{random.Random(i).uniform(0, 0.5):.3f}") for i in range(3)],
]


@pytest.mark.parametrize(("call", "number", "when"), INSTANTS, ids=lambda word: str(word).rpartition(":")[2])
def test_a_killed_job_goes_on(
    call: str,
    number: int,
    when: str,
    comments: Path,
    undisturbed: Path,
    tiny_folder: Path,
    tiny_model: Model,
    tmp_path: Path,
) -> None:
    words = [call, number, when, "job", comments, "--out", tmp_path / "out", "--model", tiny_folder, "--device", "cpu"]
    command = [sys.executable, "-m", "tests.job_killed", *map(str, words), "--rows-a-part", "200"]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    expected = [-signal.SIGKILL] if when in ("before", "after") else [-signal.SIGALRM, 0]
    assert killed.returncode in expected, killed.stderr
    assert_goes_on(tmp_path / "out", comments, undisturbed, tiny_model)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_job_writes_what_is_done_and_goes_on(
    number: signal.Signals,
    comments: Path,
    undisturbed: Path,
    tiny_model: Model,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("stance.jobs.cache.Cache.keep", _signalling(number, 2))
        with pytest.raises(JobStopped, match="the same command goes on there") as stopped:
            run_job(comments, tmp_path / "out", model=tiny_model, rows_a_part=200)
    report = stopped.value.report
    assert 0 < report.rows == len(output(tmp_path / "out")) < N_ROWS
    assert (report.state, stopped.value.signal) == ("stopped", number)
    assert_goes_on(tmp_path / "out", comments, undisturbed, tiny_model)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_exit_status_tells_the_signal(
    number: signal.Signals,
    status: int,
    comments: Path,
    tiny_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stance.jobs.cache.Cache.keep", _signalling(number, 1))
    words = ["job", comments, "--out", tmp_path / "out", "--model", tiny_folder, "--device", "cpu"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == status, result.output
    assert "the same command goes on there" in result.stderr


def _signalling(number: signal.Signals, after: int) -> Callable[..., None]:
    """The cache's keeping, and at one call a signal to this process."""
    from stance.jobs.cache import Cache

    keep, calls = Cache.keep, [0]

    def signalling(self: Cache, answers: Any) -> None:
        keep(self, answers)
        calls[0] += 1
        if calls[0] == after:
            os.kill(os.getpid(), number)

    return signalling


def test_a_full_disk_ends_it_with_what_to_do_and_loses_nothing(
    comments: Path, undisturbed: Path, tiny_model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, calls = os.fsync, [0]

    def full(handle: int) -> None:
        calls[0] += 1
        if calls[0] > 6:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(handle)

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(JobError, match=r"the disk is full\. Free some space and run the same command again"):
            run_job(comments, tmp_path / "out", model=tiny_model, rows_a_part=200)
    assert_goes_on(tmp_path / "out", comments, undisturbed, tiny_model)


def test_a_cache_on_a_full_disk_ends_it_likewise(
    comments: Path, undisturbed: Path, tiny_model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stance.jobs.cache import Cache

    begin = Cache.__init__

    def small(self: Cache, path: Path) -> None:
        begin(self, path)
        self._database.execute("PRAGMA max_page_count = 4")

    with monkeypatch.context() as patch:
        patch.setattr(Cache, "__init__", small)
        with pytest.raises(JobError, match=r"cache.sqlite: the disk is full"):
            run_job(comments, tmp_path / "out", model=tiny_model, rows_a_part=200)
    assert_goes_on(tmp_path / "out", comments, undisturbed, tiny_model)


@pytest.mark.parametrize("kilobytes", [100, 200, 300])
def test_a_disk_that_really_fills_up_ends_it_likewise(
    kilobytes: int, comments: Path, undisturbed: Path, tiny_folder: Path, tiny_model: Model, tmp_path: Path
) -> None:
    small, out = tmp_path / "small", tmp_path / "out"
    small.mkdir()
    mounted = f"mount -t tmpfs -o size={kilobytes}k none {small}"
    command = Path(sys.executable).with_name("stance")
    job = f"{command} job {comments} --out {small} --model {tiny_folder} --device cpu --rows-a-part 200"
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*alone, mounted], capture_output=True, check=False).returncode:
        pytest.skip("needs leave to mount a disk of its own")
    ended = subprocess.run(
        [*alone, f"{mounted} && {{ {job}; status=$?; cp -a {small} {out}; exit $status; }}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    assert "the disk is full. Free some space" in " ".join(ended.stderr.split())
    assert_goes_on(out, comments, undisturbed, tiny_model)


def test_a_model_folder_that_changes_under_a_job_does_not_change_it(
    comments: Path, undisturbed: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)

    def overwritten(thread: stance.Thread) -> stance.Thread:
        for path in folder.iterdir():
            with path.open("r+b") as file:  # in place, as a copy over it does it
                file.write(bytes(path.stat().st_size))
        return thread

    job = run_job(comments, tmp_path / "out", model=folder, rows_a_part=200, transforms=[overwritten])
    assert job.state == "done"
    assert_same(output(tmp_path / "out"), output(undisturbed))
    with pytest.raises(ModelError, match="damaged"):
        run_job(comments, tmp_path / "out", model=folder, rows_a_part=200, transforms=[overwritten])


@pytest.mark.skipif(sys.platform != "linux", reason="needs a place that not even root may write to")
def test_a_place_that_may_not_be_written_is_told(comments: Path, tiny_model: Model) -> None:
    with pytest.raises(JobError, match="may not be written here"):
        run_job(comments, "/sys/stance-job", model=tiny_model)


def test_two_jobs_in_one_folder_are_refused(comments: Path, tiny_model: Model, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with FileLock(out / ".lock"), pytest.raises(JobError, match="another job writes there now"):
        run_job(comments, out, model=tiny_model)


def test_a_damaged_part_is_found_by_its_size_or_its_sha256(comments: Path, tiny_model: Model, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_job(comments, out, model=tiny_model, rows_a_part=200)
    part = out / "parts" / "part-000002.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[:100] + b"\0" + whole[101:])
    run_job(comments, out, model=tiny_model)
    with pytest.raises(JobError, match=r"part-000002.parquet: its sha256 .* --restart"):
        run_job(comments, out, model=tiny_model, verify=True)
    part.write_bytes(whole[:-1])
    with pytest.raises(JobError, match=r"part-000002.parquet: has \d+ bytes, but the manifest names"):
        run_job(comments, out, model=tiny_model)
    part.unlink()
    with pytest.raises(JobError, match=r"part-000002.parquet: is missing"):
        run_job(comments, out, model=tiny_model)
    report = run_job(comments, out, model=tiny_model, restart=True)
    assert (report.computed, report.all_rows) == (0, N_ROWS - 11)


def test_another_model_or_other_settings_are_refused(comments: Path, tiny_model: Model, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_job(comments, out, model=tiny_model)
    calibration = replace(tiny_model.card.calibration, stance_temperature=9.0)
    other = Model(replace(tiny_model.opened, card=replace(tiny_model.card, calibration=calibration)))
    with pytest.raises(JobError, match="as it is now is another"):
        run_job(comments, out, model=other)
    with pytest.raises(JobError, match="was begun with other without texts"):
        run_job(comments, out, model=tiny_model, without_texts=True)
    report = run_job(comments, out, model=other, restart=True)
    assert report.computed == 0  # the network is the same, and the cache holds what it says


def test_an_input_that_changed_is_refused_and_one_that_was_touched_is_not(
    comments: Path, tiny_model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "comments.ndjson"
    path.write_bytes(comments.read_bytes())
    out = tmp_path / "out"
    run_job(path, out, model=tiny_model)
    os.utime(path, ns=(0, 0))
    assert run_job(path, out, model=tiny_model).rows == 0
    path.write_bytes(path.read_bytes().replace(b"strike", b"STRIKE", 1))
    with pytest.raises(JobError, match="has changed since its rows were taken"):
        run_job(path, out, model=tiny_model)
    assert run_job(path, out, model=tiny_model, restart=True).computed <= 2


def test_a_page_that_grew_is_refused_for_it_is_no_table(tiny_model: Model, tmp_path: Path) -> None:
    path = tmp_path / "dump.txt"
    path.write_bytes((ROOT / "examples" / "swimming-pools.txt").read_bytes())
    run_job(path, tmp_path / "out", model=tiny_model)
    path.write_bytes(path.read_bytes() + b"\nmore")
    with pytest.raises(JobError, match="has grown, but is no table"):
        run_job(path, tmp_path / "out", model=tiny_model)


def test_threads_that_come_again_are_known_and_others_are_refused(
    comments: Path, tiny_model: Model, tmp_path: Path
) -> None:
    threads = stance.read_threads(write_lines(tmp_path / "a.ndjson", rows_of(200)))
    out = tmp_path / "out"
    run_job(threads[:2], out, model=tiny_model)
    assert run_job(threads, out, model=tiny_model).all_rows == 200
    assert output(out)["row"].tolist() == list(range(1, 201))
    with pytest.raises(JobError, match="are not those of the run before"):
        run_job(threads[1:], out, model=tiny_model)


def test_a_damaged_manifest_or_cache_says_so(comments: Path, tiny_model: Model, tmp_path: Path) -> None:
    for name in ("manifest.sqlite", "cache.sqlite"):
        out = tmp_path / name
        out.mkdir()
        (out / name).write_bytes(b"no database, but long enough to be looked at" * 40)
        with pytest.raises(JobError, match=rf"{name}: is damaged"):
            run_job(comments, out, model=tiny_model)


def test_a_row_is_never_entered_twice_by_a_part_that_no_manifest_names(
    comments: Path, undisturbed: Path, tiny_model: Model, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run_job(comments, out, model=tiny_model, rows_a_part=200)
    with sqlite3.connect(out / "manifest.sqlite") as database:
        (name,) = database.execute("SELECT name FROM parts WHERE number = 1").fetchone()
    database.close()
    (out / "parts" / "part-000099.parquet").write_bytes((out / "parts" / name).read_bytes())
    assert_goes_on(out, comments, undisturbed, tiny_model)
    assert not pd.Index(output(out)["row"]).has_duplicates
