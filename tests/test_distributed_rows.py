"""What every worker of a cluster does, without a cluster."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import stance
import stance.distributed
from stance.distributed import models
from stance.distributed.models import Opening, carried, opened
from stance.distributed.rows import NO_THREAD, PLACE, Table, classified, table_of, thread_names
from tests.many_threads import assert_same_answers, table_of_threads

TENANTS = stance.Sides(stance.Side("landlords", "Rent Fair"), stance.Side("tenants", "ACORN"))


@pytest.fixture(autouse=True)
def nothing_open() -> Iterator[None]:
    models._OPEN.clear()
    yield
    models._OPEN.clear()


def arrived(frame: pd.DataFrame, table: Table, n_rows: int) -> Iterator[pd.DataFrame]:
    """A table as an engine hands it to a worker: sorted, and cut into frames that end anywhere."""
    frame = frame[table.read].assign(**{PLACE: range(0, 10 * len(frame), 10)})
    if table.thread:
        frame[table.thread] = thread_names(frame[table.thread], table)
        frame = frame.sample(frac=1, random_state=1).sort_values([table.thread, PLACE])
    return (frame[start : start + n_rows] for start in range(0, len(frame), n_rows))


def answers_of(
    frame: pd.DataFrame, model: stance.StanceModel, sides: object = None, *, n_rows: int = 5
) -> pd.DataFrame:
    table = table_of(frame.columns, sides)  # type: ignore[arg-type]  # some are the wrong type on purpose
    return pd.concat(list(classified(arrived(frame, table, n_rows), table, model)))


@pytest.mark.parametrize("n_rows", [1, 2, 5, 1000])
def test_threads_cut_anywhere_are_answered_as_locally(tiny_model, n_rows) -> None:
    frame = table_of_threads()
    answers = answers_of(frame, tiny_model, n_rows=n_rows)
    assert_same_answers(answers, tiny_model.classify(frame))


def test_a_row_that_cannot_be_used_is_neutral_with_the_reason_of_a_local_call(tiny_model) -> None:
    frame = table_of_threads(1)
    answers = answers_of(frame, tiny_model)
    unusable = answers[answers["reason"].notna()]
    assert unusable["stance"].tolist() == ["neutral", "neutral"]
    assert unusable["reason"].tolist() == [s.reason for s in tiny_model.classify(frame) if s.reason]


def test_rows_that_name_no_thread_form_one_as_they_do_locally(tiny_model) -> None:
    frame = table_of_threads(3)
    frame.loc[frame["thread_id"] == "t1", "thread_id"] = None
    answers = answers_of(frame, tiny_model)
    assert_same_answers(answers, tiny_model.classify(frame))
    assert NO_THREAD in set(answers["thread_id"])


def test_a_thread_is_named_alike_whatever_type_its_ids_came_in() -> None:
    table = table_of(["thread", "text"], None)
    assert thread_names([12, 12.0, "12", " 12 ", None, float("nan"), " "], table) == ["12"] * 4 + [NO_THREAD] * 3


def test_columns_of_other_names_and_ids_that_are_numbers_will_do(tiny_model) -> None:
    frame = pd.DataFrame(
        {"Video ID": [7, 7, 8], "cid": [1, 2, 3], "reply to": [None, 1, None], "Comment": ["pay", "cuts", "strike"]}
    )
    assert_same_answers(answers_of(frame, tiny_model), tiny_model.classify(frame))


def test_columns_that_no_answer_depends_on_do_not_travel() -> None:
    table = table_of(["thread_id", "text", "likes", "deleted", "post_url", "picture", ""], None)
    assert table.read == ["text", "thread_id", ""]  # the nameless one may count answers, as spreadsheets do


def test_each_bare_text_is_answered_by_itself_and_numbered_by_its_place(tiny_model) -> None:
    texts = ["Leeds City Council and UNISON", "the strike must go on", None, "@Ann well said"]
    answers = answers_of(pd.DataFrame({"text": texts, "author": ["Ann", "Ben", None, "Cat"]}), tiny_model, n_rows=3)
    alone = tiny_model.classify(texts)
    assert answers["stance"].tolist() == alone.labels
    assert answers["p_union"].tolist() == pytest.approx(alone.probabilities[:, 1].tolist(), abs=1e-5)
    assert answers["comment_id"].tolist() == ["1", "11", "21", "31"]
    assert set(answers["thread_id"]) == {"texts"}
    assert answers["parent_id"].isna().all()


def test_bare_texts_keep_ids_of_their_own(tiny_model) -> None:
    answers = answers_of(pd.DataFrame({"id": ["x", "x", "y"], "text": ["a", "b", "c"]}), tiny_model)
    assert answers["comment_id"].tolist() == ["x", "x", "y"]


@pytest.mark.parametrize("column", ["parent_id", "title", "post", "article_url"])
def test_columns_that_speak_of_threads_need_one_that_tells_them_apart(column) -> None:
    with pytest.raises(stance.InputError, match=f"'?{column.replace('_', '.?')}'? speaks of a thread"):
        table_of(["text", column], None)


def test_a_table_without_texts_is_refused_before_anything_is_computed() -> None:
    with pytest.raises(stance.InputError, match="no column of comment texts"):
        table_of(["thread_id", "likes"], None)


def test_other_sides_name_the_columns(tiny_model) -> None:
    frame = table_of_threads(2)
    by_thread = {"t0": TENANTS, "t1": TENANTS}
    for sides in (TENANTS, by_thread):
        answers = answers_of(frame, tiny_model, sides)
        assert_same_answers(answers, tiny_model.classify(frame, sides=sides))
        assert {"p_landlords", "p_tenants"} <= set(answers.columns)


def test_sides_that_do_not_fit_are_refused_before_the_model_is_asked() -> None:
    names = ["thread_id", "text"]
    with pytest.raises(stance.InputError, match="names no sides for thread 't1'"):
        thread_names(["t0", "t1"], table_of(names, {"t0": TENANTS}))
    with pytest.raises(stance.InputError, match="have 2"):
        table_of(names, {"t0": TENANTS, "t1": stance.Sides.council_union()})
    with pytest.raises(stance.InputError, match="have 0"):
        table_of(names, {})
    with pytest.raises(stance.InputError, match="no column of thread ids"):
        table_of(["text"], {"t0": TENANTS})


def test_rows_that_are_not_sorted_by_thread_are_refused(tiny_model) -> None:
    frame = pd.DataFrame({"thread_id": ["b", "a"], "text": ["pay", "cuts"], PLACE: [0, 1]})
    with pytest.raises(stance.InputError, match="'a' came after 'b'"):
        list(classified([frame], table_of(["thread_id", "text"], None), tiny_model))


def test_no_rows_give_no_answers_and_the_types_are_known_all_the_same(tiny_model) -> None:
    table = table_of(["thread_id", "text"], None)
    assert list(classified([], table, tiny_model)) == []
    assert list(table.types) == tiny_model.classify(["x"]).columns
    assert (table.types["author"], table.types["truncated"]) == ("string", "int32")


def test_a_column_that_is_empty_keeps_its_type(tiny_model) -> None:
    answers = answers_of(pd.DataFrame({"text": ["pay", "cuts"]}), tiny_model)
    assert str(answers["author"].dtype).startswith("string")
    assert str(answers["truncated"].dtype) == "int32"


def test_a_named_model_is_opened_once_in_a_process(tiny_folder) -> None:
    opening, files = carried(tiny_folder, Opening(device="cpu"))
    assert files is None
    assert opened(opening, dict) is opened(opening, dict)
    assert Path(str(opening.model)).is_absolute()


def test_names_of_the_package_and_of_the_hub_travel_as_they_are(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").mkdir()
    assert [carried(name, Opening())[0].model for name in (None, "small", "who/which")] == [None, "small", "who/which"]


def test_an_open_model_travels_as_files_and_is_opened_as_the_worker_is_told(tiny_model) -> None:
    opening, files = carried(tiny_model, Opening(device="cpu", threads=2))
    assert files is not None
    opening, files = pickle.loads(pickle.dumps((opening, files)))
    n_fetched = 0

    def fetch() -> models.Files:
        nonlocal n_fetched
        n_fetched += 1
        return files

    there = opened(opening, fetch)
    assert opened(opening, fetch) is there
    assert n_fetched == 1
    assert (there.opened.threads, there.opened.precision) == (2, tiny_model.opened.precision)
    texts = ["the strike must go on", "cuts"]
    assert there.classify(texts).to_records() == tiny_model.classify(texts).to_records()


def test_a_worker_holds_one_model_at_a_time(tiny_folder) -> None:
    first, second = (Opening(model=str(tiny_folder), device="cpu", threads=n) for n in (1, 2))
    opened(first, dict)
    opened(second, dict)
    assert list(models._OPEN) == [second]


@pytest.mark.parametrize(("engine", "call"), [("ray", "classify_ray"), ("pyspark", "classify_spark")])
def test_a_missing_engine_is_named_with_the_extra_that_brings_it(engine, call, monkeypatch) -> None:
    module = f"{'ray' if engine == 'ray' else 'spark'}_engine"
    monkeypatch.delattr(stance.distributed, module, raising=False)
    monkeypatch.delitem(sys.modules, f"stance.distributed.{module}", raising=False)
    for name in [name for name in sys.modules if name.split(".")[0] == engine]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, engine, None)
    with pytest.raises(stance.StanceError, match=rf"pip install 'stance\[{module.removesuffix('_engine')}\]'"):
        getattr(stance.distributed, call)(None)


def test_importing_imports_no_engine() -> None:
    code = "import sys, stance; print(*(m for m in ('stance.distributed', 'ray', 'pyspark') if m in sys.modules));"
    code += "import stance.distributed; print(*(m for m in ('ray', 'pyspark', 'torch') if m in sys.modules))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == []
