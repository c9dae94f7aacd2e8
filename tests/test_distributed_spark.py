"""Spark with several Python workers on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import stance
from tests.many_threads import assert_same_answers, is_first, table_of_threads

pyspark = pytest.importorskip("pyspark", reason="the extra 'spark' is not installed")
if not os.environ.get("JAVA_HOME") and not shutil.which("java"):
    pytest.skip("Spark needs Java, which is not on this machine", allow_module_level=True)

from pyspark.sql import SparkSession  # noqa: E402  # after the skip where Spark is missing

from stance.distributed import classify_spark, spark_engine  # noqa: E402  # after the skip, for it imports Spark
from stance.distributed.models import Opening  # noqa: E402  # after the skip, for it imports Spark

# Spark's own, of the newest pandas; all that is used of it here is checked below.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Two workers; a task that fails is tried four times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = (
            SparkSession.builder.master("local[2,4]")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "3")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "5")  # threads end in the middle of batches
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


def in_spark(spark: Any, frame: pd.DataFrame) -> Any:
    rows = [tuple(None if pd.isna(cell) else cell for cell in row) for row in frame.astype(object).to_numpy().tolist()]
    return spark.createDataFrame(rows, list(frame.columns))


def collected(answers: Any) -> pd.DataFrame:
    return pd.DataFrame([tuple(row) for row in answers.collect()], columns=answers.columns)


def test_threads_scattered_over_workers_are_answered_as_locally(spark, tiny_folder, tiny_model) -> None:
    frame = table_of_threads()
    answers = classify_spark(in_spark(spark, frame), model=tiny_folder, precision="float32", partitions=3)
    assert_same_answers(collected(answers), tiny_model.classify(frame))


def test_an_open_model_travels_and_ids_may_be_numbers_with_gaps(spark, tiny_model) -> None:
    big = 2**60
    rows = [(big, 1, None, "pay"), (big + 1, 2, None, "cuts"), (None, 3, None, "strike"), (big, 4, 1, "well said")]
    df = spark.createDataFrame(rows, "thread_id long, comment_id int, parent_id int, `the.text` string")
    df = df.withColumnRenamed("the.text", "comment text")
    answers = collected(classify_spark(df, model=tiny_model)).sort_values("comment_id")
    assert answers["thread_id"].tolist() == [str(big), str(big + 1), "frame", str(big)]
    assert answers["comment_id"].tolist() == ["1", "2", "3", "4"]
    assert answers["parent_id"].iloc[3] == "1"


def test_bare_texts_are_not_shuffled(spark, tiny_folder, tiny_model) -> None:
    texts = ["the strike must go on", None, "cuts", "Leeds City Council and UNISON"]
    df = spark.createDataFrame(list(zip("abcd", texts, strict=True)), ["id", "text"])
    answers = classify_spark(df, model=tiny_folder, precision="float32")
    assert "Exchange" not in answers._jdf.queryExecution().executedPlan().toString()
    table = collected(answers).sort_values("comment_id")
    assert table["stance"].tolist() == tiny_model.classify(texts).labels
    assert table["reason"].isna().tolist() == [True, False, True, True]


def test_a_worker_that_is_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    spark, tiny_folder, tiny_model, tmp_path, monkeypatch
) -> None:
    died, classified = tmp_path / "died", spark_engine.classified

    def dies_once(*arguments: Any) -> Iterator[pd.DataFrame]:
        for answers in classified(*arguments):
            yield answers
            if is_first(died):
                os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(spark_engine, "classified", dies_once)
    frame = table_of_threads(12)
    answers = classify_spark(in_spark(spark, frame), model=tiny_folder, precision="float32", partitions=6)
    assert_same_answers(collected(answers), tiny_model.classify(frame))
    assert died.exists()


def test_thread_ids_that_are_no_text_and_no_number_are_refused(spark) -> None:
    df = spark.createDataFrame([(["a"], "pay")], ["thread_id", "text"])
    with pytest.raises(stance.InputError, match="array<string>"):
        classify_spark(df)


def test_a_task_takes_the_cores_and_the_gpu_that_spark_gives_it(monkeypatch) -> None:
    task = SimpleNamespace(cpus=lambda: 3, resources=lambda: {"gpu": SimpleNamespace(addresses=["1"])})
    monkeypatch.setattr(spark_engine, "TaskContext", SimpleNamespace(get=lambda: task))
    assert spark_engine._in_this_task(Opening()) == Opening(device="cuda:1", threads=3)
    assert spark_engine._in_this_task(Opening(device="cpu")) == Opening(device="cpu", threads=3)
