"""Spark: threads dealt to Python workers by a shuffle, in ``mapInPandas``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from pyspark import TaskContext
from pyspark.sql import functions as F  # noqa: N812  # as Spark's own pages call it
from pyspark.sql import types as T  # noqa: N812  # as Spark's own pages call it

from stance.distributed.models import Files, Opening, opened
from stance.distributed.rows import PLACE, Table, classified, table_of, thread_names
from stance.errors import InputError
from stance.sides import Sides

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_TYPES = {"string": T.StringType, "bool": T.BooleanType, "int32": T.IntegerType, "float64": T.DoubleType}


def classify(
    df: DataFrame,
    sides: Sides | Mapping[str, Sides] | None,
    batch_tokens: int | None,
    opening: Opening,
    files: Files | None,
    partitions: int | None,
) -> DataFrame:
    """See :func:`stance.distributed.classify_spark`.

    :raises InputError: As said there.
    """
    table = table_of(df.columns, sides)
    fetch = _fetcher(df, files)
    rows = df.select(*(_as_it_travels(df, name) for name in table.read), F.monotonically_increasing_id().alias(PLACE))
    if table.thread:
        _refuse_nested(df, table.thread)
        named = _named(table)(_column(table.thread)).alias(table.thread)
        rows = rows.select(*(named if name == table.thread else _column(name) for name in rows.columns))
        parts = (partitions,) if partitions else ()
        rows = rows.repartition(*parts, _column(table.thread)).sortWithinPartitions(_column(table.thread), PLACE)
    elif partitions:
        rows = rows.repartition(partitions)

    def answers(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        return classified(frames, table, opened(_in_this_task(opening), fetch), batch_tokens)

    schema = T.StructType([T.StructField(name, _TYPES[kind]()) for name, kind in table.types.items()])
    return rows.mapInPandas(answers, schema)


def _as_it_travels(df: DataFrame, name: str) -> Column:
    """A column; whole numbers as texts, for pandas would make floats of those with gaps."""
    whole = isinstance(df.schema[name].dataType, T.IntegralType)
    return _column(name).cast("string").alias(name) if whole else _column(name)


def _refuse_nested(df: DataFrame, name: str) -> None:
    kind = df.schema[name].dataType
    if isinstance(kind, T.StructType | T.ArrayType | T.MapType | T.BinaryType):
        raise InputError(
            f"The thread ids in column {name!r} are of type {kind.simpleString()}, but text or numbers were expected."
            " Select the part of it that names the thread."
        )


def _named(table: Table) -> Any:
    """A function of columns: the names of threads as all workers spell them."""

    def names(values: pd.Series) -> pd.Series:
        return pd.Series(thread_names(values, table), dtype="object")

    return F.pandas_udf(names, T.StringType())


def _fetcher(df: DataFrame, files: Files | None) -> Callable[[], Files]:
    """How a worker gets the files of a model that travels: as a broadcast, which each machine fetches once."""
    if files is None:
        return dict
    if not hasattr(df, "_jdf"):
        raise InputError(
            "An open model cannot travel by Spark Connect, which has no broadcasts. Save it to a folder that all"
            " machines see (model.save(folder)), and give the folder's path."
        )
    broadcast = df.sparkSession.sparkContext.broadcast(dict(files))
    return lambda: broadcast.value


def _in_this_task(opening: Opening) -> Opening:
    """The opening with the processor cores and the GPU that Spark gives the task."""
    task = TaskContext.get()
    if task is None:
        return opening
    gpus = task.resources().get("gpu")
    device = f"cuda:{gpus.addresses[0]}" if gpus and opening.device == "auto" else opening.device
    return replace(opening, threads=max(1, task.cpus()), device=device)


def _column(name: str) -> Column:
    return F.col(f"`{name.replace('`', '``')}`")
