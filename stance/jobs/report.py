"""What a job did: counts, versions, rates, costs."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

_PACKAGES = ("stance", "torch", "tokenizers", "pyarrow", "numpy")


def versions() -> dict[str, str]:
    """The versions of what a job's answers depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


@dataclass(frozen=True, kw_only=True)
class JobProgress:
    """How far a job has come.

    :param rows: Comments answered in this run.
    :param share: Of the inputs' bytes that are read, in [0, 1]; None where their size is not known.
    :param rows_per_second: In this run.
    :param seconds_left: None where it cannot be told yet.
    """

    rows: int
    share: float | None
    rows_per_second: float
    seconds_left: float | None


@dataclass(frozen=True, kw_only=True)
class JobReport:
    """What a job did, in this run and in all.

    :param state: ``"done"``, or ``"stopped"`` by a signal.
    :param rows: Comments written in this run.
    :param computed: Those of them that the network read. This and the next three count what is asked: of three or four
        sides every comment once a pair and order.
    :param from_cache: Those answered by the cache.
    :param repeated: Those that came twice within what was under way, answered once.
    :param wordless: Those without words, which are neutral with the reason.
    :param seconds: This run, without the opening of the model.
    :param rows_per_second: Likewise.
    :param computed_per_second: What the network read, a second.
    :param cost_per_million: Of a million comments like those of this run, at the price given; likewise of a million
        that the network reads. None where no price was given, or there were none.
    :param all_rows: Comments in the output, over all runs.
    :param parts: Its parts.
    :param unusable: Rows that gave no comment, by reason, over all runs; see the quarantine file.
    :param unreadable: Sources that gave none, or not all, over all runs; see the quarantine file.
    :param notes: What should be known of this run, a sentence each.
    """

    state: str
    out: str
    model: str
    fingerprint: str
    rows: int
    computed: int
    from_cache: int
    repeated: int
    wordless: int
    seconds: float
    rows_per_second: float
    computed_per_second: float
    price_per_hour: float | None
    cost_per_million: float | None
    cost_per_million_computed: float | None
    all_rows: int
    parts: int
    unusable: Mapping[str, int]
    unreadable: int
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=versions)

    def to_json(self) -> str:
        """The report as JSON, indented."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def rates(rows: int, computed: int, seconds: float, price_per_hour: float | None) -> dict[str, Any]:
    """The figures of a report that follow from others."""

    def cost(n: int) -> float | None:
        return None if price_per_hour is None or not n else round(price_per_hour * seconds / 3600 / n * 1e6, 4)

    return {
        "seconds": round(seconds, 3),
        "rows_per_second": round(rows / seconds, 2) if seconds else 0.0,
        "computed_per_second": round(computed / seconds, 2) if seconds else 0.0,
        "price_per_hour": price_per_hour,
        "cost_per_million": cost(rows),
        "cost_per_million_computed": cost(computed),
    }
