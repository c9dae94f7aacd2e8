"""The picture of ``results/speed.json``: the engines beside each other, and how the cost grows with the comments.

``python -m benchmarks.render`` writes it to ``docs/speed.svg``; its words are text, so that a test can read from the
picture what it claims.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.results import read_result
from stance.plots import COLOURS, measures
from stance.shares import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SAME = 0.995  # the share of equal stances below which a speed is no speed of the same thing
_GREY, _LINE = "#625e57", "#e3dfd6"


def speed_plot(result: dict[str, Any] | None = None) -> str:
    """The picture as SVG, the same for the same result.

    :param result: By default the committed one.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    found = read_result("speed") if result is None else result
    dataset, hardware, engines = found["dataset"], found["hardware"], found["metrics"]["engines"]
    figure = Figure(figsize=(9.0, 1.6 + 0.33 * len(engines) + 2.6), layout="constrained", facecolor="white")
    upper, lower = figure.subplots(2, 1, height_ratios=(0.6 + 0.33 * len(engines), 2.4))
    _engines(upper, engines)
    figure.suptitle(
        f"stance {dataset['model']}, {dataset['precision']}, {hardware['processor']}, {hardware['threads']} threads,"
        f" {dataset['n']} comments of {dataset['tokens_mean']:.0f} tokens in the mean",
        x=0.01, ha="left", fontsize=9.5, color=_GREY,
    )  # fmt: skip
    upper.set_title("Comments a second", loc="left", fontsize=11, fontweight="bold")
    _growth(lower, found["metrics"]["workloads"]["seconds_by_number_of_short_comments"])
    written = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "speed", "font.family": "sans-serif"}):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()) + "\n"


def write_speed_plot(path: Path) -> None:
    """Write the picture of the committed result."""
    path.write_text(speed_plot(), "utf-8")


def _engines(ax: Axes, engines: dict[str, dict[str, Any]]) -> None:
    ranked = sorted(engines.items(), key=lambda way: -way[1]["comments_per_second"])
    values = {_named(name, one["label_agreement"]): Estimate(one["comments_per_second"]) for name, one in ranked}
    measures(values, emphasis=("stance",), form=".1f", ax=ax)
    ax.set_xticks([])


def _named(name: str, agreement: float | None) -> str:
    """An engine, and what keeps its speed from being that of the same answers."""
    if agreement is None:
        return f"{name} (another head)"
    return name if agreement >= _SAME else f"{name} ({agreement:.1%} the same)"


def _growth(ax: Axes, seconds: dict[str, float]) -> None:
    """Seconds by number of comments, both on scales of powers, beside what a straight cost would be."""
    sizes = [int(size) for size in seconds]
    took = list(seconds.values())
    anchor = sizes.index(1000) if 1000 in sizes else len(sizes) - 1
    straight = [took[anchor] / sizes[anchor] * size for size in sizes]
    ax.plot(sizes, straight, color=_GREY, lw=1, ls=(0, (4, 3)))
    ax.plot(sizes, took, color=COLOURS[0], lw=2, marker="o", ms=6)
    for size, one in zip(sizes, took, strict=True):
        ax.annotate(
            f"{one:,.2f} s" if one < 10 else f"{one:,.0f} s", (size, one), xytext=(0, 8), textcoords="offset points",
            ha="right", fontsize=9,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.set_yticks([])
    ax.minorticks_off()
    ax.margins(x=0.08, y=0.18)
    ax.tick_params(length=0, labelsize=9.5)
    for name, spine in ax.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(_LINE)
    ax.set_title("Seconds by number of short comments", loc="left", fontsize=11, fontweight="bold")
    ax.set_xlabel(f"dashed: a cost as straight as that of {sizes[anchor]:,}", loc="left", fontsize=9, color=_GREY)
