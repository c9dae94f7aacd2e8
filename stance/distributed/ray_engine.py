"""Ray Data: threads dealt to actors by a hash shuffle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import ray
import ray.data
from ray.data.expressions import monotonically_increasing_id

from stance.distributed.models import Files, Opening, opened
from stance.distributed.rows import PLACE, Table, classified, table_of, thread_names
from stance.errors import InputError
from stance.readers.tables import cell_of
from stance.sides import Sides

_ROWS_A_FRAME = 4096  # of a part of the table, made Python objects together
_IDS = ("comment_id", "parent_id")


@dataclass(frozen=True)
class Room:
    """What of the cluster is asked for; see :func:`stance.distributed.classify_ray`."""

    concurrency: int | tuple[int, int] | None = None
    num_cpus: float = 1
    num_gpus: float = 0
    partitions: int | None = None

    @property
    def pool(self) -> ray.data.ActorPoolStrategy:
        """The actors."""
        if isinstance(self.concurrency, tuple):
            return ray.data.ActorPoolStrategy(min_size=self.concurrency[0], max_size=self.concurrency[1])
        return ray.data.ActorPoolStrategy(size=self.concurrency)

    def device(self, asked: str) -> str:
        """The device that actors compute on. One that was given a GPU never falls back to the processor unsaid."""
        if asked != "auto":
            return asked
        if not self.num_gpus:
            return "cpu"
        return "cuda" if self.num_gpus <= 1 else "auto"


def classify(
    dataset: ray.data.Dataset,
    sides: Sides | Mapping[str, Sides] | None,
    batch_tokens: int | None,
    opening: Opening,
    files: Files | None,
    room: Room,
) -> ray.data.Dataset:
    """See :func:`stance.distributed.classify_ray`.

    :raises InputError: As said there.
    """
    names = dataset.columns()
    if not names:
        raise InputError("The dataset has no columns: it is empty. At least a column of texts was expected.")
    table = table_of(names, sides)
    opening = replace(opening, device=room.device(opening.device))
    rows = _kept_in_order(dataset).select_columns(table.read).with_column(PLACE, monotonically_increasing_id())
    rows = rows.map_batches(_spelled, fn_args=(table,), batch_format="pyarrow", batch_size=None)
    if table.thread:
        partitions = room.partitions or rows.context.default_hash_shuffle_parallelism
        rows = rows.repartition(partitions, keys=[table.thread])
    elif room.partitions:
        rows = rows.repartition(room.partitions)
    return rows.map_batches(
        Classifier,
        # The shuffle makes a block of each part, and never splits one: so a batch must be a whole block.
        batch_size=None,
        batch_format="pyarrow",
        compute=room.pool,
        num_cpus=room.num_cpus,
        num_gpus=room.num_gpus,
        fn_constructor_args=(table, opening, None if files is None else ray.put(files), batch_tokens),
    )


class Classifier:
    """An actor's work: it opens the model once, and answers the parts that come."""

    def __init__(
        self, table: Table, opening: Opening, files: ray.ObjectRef[Files] | None, batch_tokens: int | None
    ) -> None:
        self._model = opened(opening, lambda: ray.get(files))
        self._table = table
        self._batch_tokens = batch_tokens
        self._schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in table.types.items()])

    def __call__(self, part: pa.Table) -> Iterator[pa.Table]:
        """The answers to a part, in a block or several."""
        if self._table.thread:
            part = part.sort_by([(self._table.thread, "ascending"), (PLACE, "ascending")])
        frames = (rows.to_pandas() for rows in part.to_batches(max_chunksize=_ROWS_A_FRAME))
        n_blocks = 0
        for frame in classified(frames, self._table, self._model, self._batch_tokens):
            n_blocks += 1
            yield pa.Table.from_pandas(frame, schema=self._schema, preserve_index=False)
        if not n_blocks:
            yield self._schema.empty_table()


def _kept_in_order(dataset: ray.data.Dataset) -> ray.data.Dataset:
    """The dataset with settings of its own: blocks in order, so that places in the table rise with it; and the shuffle
    that heeds keys, and whose tasks can be done again where a machine is lost. The caller's settings stay as they are.
    """
    own = type(dataset).copy(dataset, _deep_copy=True)
    own.context.execution_options.preserve_order = True
    own.context.shuffle_strategy = "shuffle_v2"
    return own


def _spelled(block: pa.Table, table: Table) -> pa.Table:
    """Threads' names as all workers spell them; and ids as texts, for blocks may differ in whether they are numbers."""
    for thing in _IDS:
        if thing in table.columns:
            column = table.columns[thing]
            values = [cell_of({"": value}, "") for value in block[column].to_pylist()]
            block = _with(block, column, pa.array(values, pa.string()))
    for name, kind in zip(block.schema.names, block.schema.types, strict=True):
        if pa.types.is_integer(kind) and name != PLACE:  # pandas would make floats of whole numbers with gaps
            block = _with(block, name, block[name].cast(pa.string()))
    if table.thread:
        names = thread_names(block[table.thread].to_pylist(), table)
        block = _with(block, table.thread, pa.array(names, pa.string()))
    return block


def _with(block: pa.Table, name: str, values: Any) -> pa.Table:
    return block.set_column(block.schema.get_field_index(name), name, values)
