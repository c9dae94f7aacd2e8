"""The same answers from many machines, on engines that exist: Ray Data (extra ``ray``) and Spark (extra ``spark``).

Both functions take a table of comments and give a table of answers, in the row format. Since an answer depends on the
thread that a comment stands in, the engine brings the rows of each thread together; a thread is the unit of work. Both
are lazy, as all is in these engines: nothing is computed before the result is written, collected or counted.

The page ``docs/clusters.md`` has the recipes, what travels, and what happens where a machine fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stance.api import StanceModel
from stance.errors import StanceError
from stance.sides import Sides

if TYPE_CHECKING:
    import ray.data
    from pyspark.sql import DataFrame

    from stance.model import Precision

__all__ = ["classify_ray", "classify_spark"]


def classify_ray(
    dataset: ray.data.Dataset,
    *,
    model: StanceModel | str | Path | None = None,
    sides: Sides | Mapping[str, Sides] | None = None,
    batch_tokens: int | None = None,
    device: str = "auto",
    precision: Precision = "auto",
    concurrency: int | tuple[int, int] | None = None,
    num_cpus: float = 1,
    num_gpus: float = 0,
    partitions: int | None = None,
) -> ray.data.Dataset:
    """Say for every comment of a Ray dataset whose side it takes, and in what tone.

    The rows of a thread are brought together by a hash shuffle, in the table's order, and go to actors that open the
    model once and read whole threads. Where the table has no column of thread ids, each row is a bare text that is
    answered by itself, and nothing is shuffled.

    :param dataset: Rows with column names as :meth:`stance.StanceModel.classify` guesses them in a frame.
    :param model: As in :func:`stance.load`, opened on each machine (a folder must lie there at the same path); or an
        open model, which travels, and keeps its precision.
    :param sides: As in :meth:`stance.StanceModel.classify`.
    :param batch_tokens: Likewise.
    :param device: ``"auto"`` takes the GPU that Ray gives an actor where ``num_gpus`` asks for one, and the processor
        where it does not; or any device name of torch.
    :param precision: As in :func:`stance.load`. Where machines differ, name one: ``"auto"`` takes what each has.
    :param concurrency: How many actors, or the fewest and the most; by default as many as there is work and room for.
    :param num_cpus: Processor cores of an actor; it computes with as many threads.
    :param num_gpus: GPUs of an actor; a part of one lets several share it.
    :param partitions: Into how many parts the threads are dealt; by default Ray's setting. Each must fit into an
        actor's memory, and is what is done again where an actor is lost.
    :returns: One row a comment, in the row format, in order within each thread. An unusable row is neutral, with the
        reason.
    :raises InputError: If no column holds texts, or ``sides`` do not fit; or the columns speak of threads and none
        tells them apart.
    :raises StanceError: If Ray is not installed.
    """
    try:
        from stance.distributed import ray_engine
    except ModuleNotFoundError as error:
        raise _missing(error, "ray", "Ray Data") from error
    from stance.distributed.models import Opening, carried

    opening, files = carried(model, Opening(device=device, precision=precision, threads=max(1, int(num_cpus))))
    room = ray_engine.Room(concurrency, num_cpus, num_gpus, partitions)
    return ray_engine.classify(dataset, sides, batch_tokens, opening, files, room)


def classify_spark(
    df: DataFrame,
    *,
    model: StanceModel | str | Path | None = None,
    sides: Sides | Mapping[str, Sides] | None = None,
    batch_tokens: int | None = None,
    device: str = "auto",
    precision: Precision = "auto",
    partitions: int | None = None,
) -> DataFrame:
    """Say for every comment of a Spark frame whose side it takes, and in what tone.

    The rows of a thread are brought together by a shuffle, in the frame's order, and go to Python workers that open the
    model once each and read whole threads. Where the frame has no column of thread ids, each row is a bare text that is
    answered by itself, and nothing is shuffled.

    Spark computes a frame again for each action on it: write the result, or persist it, before using it twice.

    :param df: Rows with column names as :meth:`stance.StanceModel.classify` guesses them in a pandas frame.
    :param model: As in :func:`stance.load`, opened on each machine (a folder must lie there at the same path); or an
        open model, which travels as a broadcast, and keeps its precision.
    :param sides: As in :meth:`stance.StanceModel.classify`.
    :param batch_tokens: Likewise.
    :param device: ``"auto"`` takes the GPU that Spark gives a task where ``spark.task.resource.gpu.amount`` asks for
        one, and otherwise what :func:`stance.load` takes; or any device name of torch.
    :param precision: As in :func:`stance.load`. Where machines differ, name one: ``"auto"`` takes what each has.
    :param partitions: Into how many parts the threads are dealt; by default ``spark.sql.shuffle.partitions``, which
        Spark may join. One is what is done again where a worker is lost.
    :returns: One row a comment, in the row format, in order within each thread. An unusable row is neutral, with the
        reason.
    :raises InputError: If no column holds texts, or ``sides`` do not fit; or the columns speak of threads and none
        tells them apart; or an open model is to travel by Spark Connect, which has no broadcasts.
    :raises StanceError: If Spark is not installed.
    """
    try:
        from stance.distributed import spark_engine
    except ModuleNotFoundError as error:
        raise _missing(error, "spark", "Spark") from error
    from stance.distributed.models import Opening, carried

    opening, files = carried(model, Opening(device=device, precision=precision))
    return spark_engine.classify(df, sides, batch_tokens, opening, files, partitions)


def _missing(error: ModuleNotFoundError, extra: str, name: str) -> StanceError:
    return StanceError(
        f"{name} is needed for this, but {error.name} is not installed. Install it with: pip install 'stance[{extra}]'"
    )
