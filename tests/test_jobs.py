"""A job's rows: each once, the same as ``classify`` gives, paid for once."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import datasets
import pandas as pd
import pytest
import zstandard

import stance
from stance.errors import InputError, JobError
from stance.jobs import JobProgress, run_job
from tests.job_files import assert_same, output, quarantined, rows_of, write_lines

Model = stance.StanceModel


@pytest.fixture
def comments(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "comments.ndjson", rows_of(600))


def test_a_job_writes_what_classify_says_and_where_it_stood(comments: Path, tiny_model: Model, tmp_path: Path) -> None:
    report = run_job(comments, tmp_path / "out", model=tiny_model, rows_a_part=250)
    expected = tiny_model.classify(stance.read_threads(comments)).to_pandas()
    found = output(tmp_path / "out")
    assert_same(found[list(expected.columns)], expected)
    assert found["row"].tolist() == list(range(1, 601))
    assert set(found["source"]) == {str(comments)}
    assert (report.rows, report.all_rows, report.state) == (600, 600, "done")
    assert report.parts == len(list((tmp_path / "out" / "parts").iterdir())) > 1
    assert report.computed + report.repeated == 600
    assert json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))["rows"] == 600


@pytest.mark.parametrize("kind", ["csv", "parquet", "gz", "zst", "dataset", "threads"])
def test_whatever_it_comes_in_the_rows_are_the_same(
    kind: str, comments: Path, tiny_model: Model, tmp_path: Path
) -> None:
    rows = rows_of(600)
    given: object = tmp_path / f"comments.ndjson.{kind}"
    match kind:
        case "csv":
            pd.DataFrame(rows).to_csv(given, index=False)
        case "parquet":
            pd.DataFrame(rows).to_parquet(given, row_group_size=70)
        case "gz":
            Path(given).write_bytes(gzip.compress(comments.read_bytes()))
        case "zst":
            Path(given).write_bytes(zstandard.compress(comments.read_bytes()))
        case "dataset":
            given = datasets.Dataset.from_list(rows)
        case "threads":
            given = iter(stance.read_threads(comments))
    run_job(given, tmp_path / "out", model=tiny_model)
    run_job(comments, tmp_path / "expected", model=tiny_model, cache=tmp_path / "out" / "cache.sqlite")
    assert_same(output(tmp_path / "out").drop(columns="source"), output(tmp_path / "expected").drop(columns="source"))


def test_a_second_run_over_grown_data_pays_for_new_rows_only(tiny_model: Model, tmp_path: Path) -> None:
    rows = rows_of(500)
    path = write_lines(tmp_path / "comments.ndjson", rows[:330])
    run_job(path, tmp_path / "out", model=tiny_model)
    write_lines(path, rows)
    report = run_job(path, tmp_path / "out", model=tiny_model)
    assert (report.rows, report.all_rows) == (170, 500)
    assert report.computed <= 170
    run_job(path, tmp_path / "undisturbed", model=tiny_model)
    assert_same(output(tmp_path / "out"), output(tmp_path / "undisturbed"))
    again = run_job(path, tmp_path / "out", model=tiny_model)
    assert (again.rows, again.all_rows) == (0, 500)


def test_jobs_that_share_a_cache_pay_once(comments: Path, tiny_model: Model, tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite"
    first = run_job(comments, tmp_path / "one", model=tiny_model, cache=cache)
    second = run_job(comments, tmp_path / "two", model=tiny_model, cache=cache)
    assert first.computed > 0
    assert (second.computed, second.from_cache + second.repeated) == (0, 600)
    assert_same(output(tmp_path / "one"), output(tmp_path / "two"))


def test_equal_comments_are_computed_once_but_not_under_another_model(
    comments: Path, tiny_model: Model, tmp_path: Path
) -> None:
    cache = tmp_path / "cache.sqlite"
    first = run_job(comments, tmp_path / "one", model=tiny_model, cache=cache)
    shorter = replace(tiny_model.card, form=replace(tiny_model.card.form, max_tokens=24))
    other = Model(replace(tiny_model.opened, card=shorter))
    second = run_job(comments, tmp_path / "two", model=other, cache=cache)
    assert second.computed == first.computed


def test_a_reply_finds_its_comment_in_an_earlier_piece(tiny_model: Model, tmp_path: Path) -> None:
    rows = rows_of(200)
    mixed = sorted(rows, key=lambda row: int(row["comment_id"].split("-")[1]))
    run_job(write_lines(tmp_path / "mixed.ndjson", mixed), tmp_path / "out", model=tiny_model, sides=SIDES)
    expected = tiny_model.classify(stance.read_threads(tmp_path / "mixed.ndjson"), sides=SIDES).to_pandas()
    found = output(tmp_path / "out")[list(expected.columns)]
    order = ["thread_id", "comment_id"]
    assert_same(found.sort_values(order, ignore_index=True), expected.sort_values(order, ignore_index=True))


SIDES = stance.Sides.council_union("Leeds City Council", "GMB")


def test_what_cannot_be_used_is_told_with_its_row_and_its_reason(tiny_model: Model, tmp_path: Path) -> None:
    path = tmp_path / "comments.ndjson"
    good = [json.dumps(row) for row in rows_of(5)]
    path.write_text(
        "\n".join(
            [good[0], "{broken", good[1], "[1]", "", json.dumps({"text": "[deleted]", "thread_id": "t0"}), good[2]]
        )
    )
    (tmp_path / "photo.png").write_bytes(b"\x89PNG" + bytes(200))
    out = tmp_path / "out"
    report = run_job([path, tmp_path / "photo.png"], out, model=tiny_model)
    assert output(out)["row"].tolist() == [1, 3, 7]
    told = [(line["row"], line["reason"]) for line in quarantined(out)]
    assert told == [
        (2, "the line is not JSON"),
        (4, "is list, but an object with a text was expected"),
        (6, "left out: deleted"),
        (None, "cannot be read"),
    ]
    assert quarantined(out)[0]["raw"] == "{broken"
    assert "a picture" in quarantined(out)[3]["told"]
    assert (sum(report.unusable.values()), report.unreadable) == (3, 1)


def test_texts_and_names_can_be_left_out_everywhere(tiny_model: Model, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "comments.ndjson", rows_of(50))
    with path.open("a") as file:
        file.write('{"author": "Nora Quill", "text": "unhappy ending\n')
    (tmp_path / "key").write_bytes(b"k" * 32)
    out = tmp_path / "out"
    run_job(path, out, model=tiny_model, without_texts=True, pseudonyms=tmp_path / "key")
    found = output(out)
    assert "text" not in found.columns
    assert found["author"].str.startswith("person-").all()
    kept = b"".join(file.read_bytes() for file in sorted(out.rglob("*")) if file.is_file())
    for word in (b"Person 1", b"Nora", b"unhappy", b"residents"):
        assert word not in kept
    assert quarantined(out) == [{"source": str(path), "row": 51, "reason": "the line is not JSON"}]


def test_transforms_see_every_thread_before_it_is_asked_about(
    comments: Path, tiny_model: Model, tmp_path: Path
) -> None:
    def shout(thread: stance.Thread) -> stance.Thread:
        return replace(thread, comments=tuple(replace(one, text=one.text.upper()) for one in thread.comments))

    run_job(comments, tmp_path / "out", model=tiny_model, transforms=[shout])
    assert output(tmp_path / "out")["text"].str.isupper().all()
    with pytest.raises(JobError, match="none may be added or left out"):
        run_job(comments, tmp_path / "b", model=tiny_model, transforms=[lambda one: replace(one, comments=())])


def test_other_sides_by_thread_or_for_all(comments: Path, tiny_model: Model, tmp_path: Path) -> None:
    pets = stance.Sides(stance.Side("cats", "Cats"), stance.Side("dogs", "Dogs"))
    run_job(comments, tmp_path / "out", model=tiny_model, sides={f"t{i}": pets for i in range(20)})
    assert {"p_cats", "p_dogs"} <= set(output(tmp_path / "out").columns)
    with pytest.raises(InputError, match="sides names no sides for thread 't1'"):
        run_job(comments, tmp_path / "two", model=tiny_model, sides={"t0": pets})


def test_comments_without_words_are_neutral_and_never_asked(tiny_model: Model, tmp_path: Path) -> None:
    report = run_job(
        write_lines(tmp_path / "a.ndjson", [{"text": "👏"}, {"text": None}, {"text": "the strike"}]),
        tmp_path / "out",
        model=tiny_model,
    )
    assert (report.wordless, report.computed) == (2, 1)
    assert output(tmp_path / "out")["reason"].tolist()[:2] == ["no words, only symbols or emoji", "no text"]


def test_a_folder_of_anything_is_read_and_the_jobs_own_files_in_it_are_not(tiny_model: Model, tmp_path: Path) -> None:
    write_lines(tmp_path / "a.ndjson", rows_of(30))
    (tmp_path / "b.txt").write_bytes((Path(__file__).parents[1] / "examples" / "swimming-pools.txt").read_bytes())
    first = run_job(tmp_path, tmp_path / "out", model=tiny_model)
    assert first.rows == 30 + 25
    assert run_job(tmp_path, tmp_path / "out", model=tiny_model).rows == 0


def test_progress_and_costs_are_told(
    comments: Path, tiny_model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stance.jobs.run._PROGRESS_EVERY", 0.0)
    monkeypatch.setattr("stance.jobs.run._ROWS_AT_ONCE", 50)
    told: list[JobProgress] = []
    report = run_job(comments, tmp_path / "out", model=tiny_model, price_per_hour=2.0, progress=told.append)
    assert told[-1].rows == 600
    assert told[-1].share == 1.0
    assert report.cost_per_million == pytest.approx(2.0 * report.seconds / 3600 / 600 * 1e6, rel=0.01)


def test_nothing_and_nonsense_are_refused(tiny_model: Model, tmp_path: Path) -> None:
    for inputs, what in (([], "Nothing came"), (7, "int came"), ([7], "An item is int")):
        with pytest.raises(InputError, match=what):
            run_job(inputs, tmp_path / "out", model=tiny_model)  # type: ignore[arg-type]  # the wrong type is the point
    with pytest.raises(InputError, match="no such file"):
        run_job(tmp_path / "none.csv", tmp_path / "out", model=tiny_model)


def test_masked_names_stand_nowhere_in_the_folder_and_the_answers_are_those_to_the_words_themselves(
    tiny_model: Model, tmp_path: Path
) -> None:
    words = {
        "Kath Mullins": "The council must pay, says Norman Bryce.",
        "Norman Bryce": "@KathMullins the strike must end.",
    }
    rows = [
        {
            "thread_id": "bins",
            "comment_id": str(n),
            "author": author,
            "text": text,
            "title": "Kath Mullins starts a row",
        }
        for n, (author, text) in enumerate(words.items())
    ]
    comments = write_lines(tmp_path / "comments.ndjson", rows)
    (tmp_path / "key").write_bytes(b"sixteen bytes or more")
    run_job(comments, tmp_path / "out", model=tiny_model, pseudonyms=tmp_path / "key", mask_names=True)
    stored = output(tmp_path / "out")
    expected = tiny_model.classify(stance.read_threads(comments)).to_pandas()
    told = "".join(path.read_bytes().decode("latin-1") for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert stored["p_council"].tolist() == expected["p_council"].tolist()
    assert stored["text"].str.contains("person-").all()
    assert not [name for name in ("kath", "mullins", "bryce") if name in (told + stored.to_csv()).casefold()]


def test_masking_names_needs_a_key(comments: Path, tiny_model: Model, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mask_names=True needs pseudonyms"):
        run_job(comments, tmp_path / "out", model=tiny_model, mask_names=True)
