"""Figures of what threads say, drawn by matplotlib (extra ``plots``). They lay out; they count nothing.

Each function takes what it shows and gives the axes, which show themselves in a notebook; ``axes.figure.savefig(path)``
writes them. Without ``ax`` a figure of its own is made, outside pyplot, and no setting of matplotlib's is touched. The
colours are the report's: blue and orange stay apart for colour-blind readers, and each side has a shape beside its
colour, so that nothing is lost in grey.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from stance.comparing import Comparison
from stance.errors import InputError
from stance.shares import Estimate, Share
from stance.sides import SENTIMENTS
from stance.stances import Stances
from stance.summary import Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Side a, side b, neutral.
COLOURS = ("#0a5c9e", "#ad4a00", "#6f6b64")
_MARKERS = ("o", "s", "D")
_INK, _MUTED, _LINE, _TRACK, _PAPER = "#1c1b19", "#625e57", "#e3dfd6", "#ece8df", "#ffffff"
_TONES = ("#1c1b19", "#b3aea5", "#ffffff")  # negative, neutral, positive: dark, grey, hollow
_SMALL, _TEXT = 9.0, 10.5  # points
_MOST_PEOPLE = 8


def shares(summary: Summary, *, ax: Axes | None = None) -> Axes:
    """How large each side is, by comments and by people, with 95 % intervals.

    :param ax: Axes to draw into; by default those of a new figure.
    """
    ax = _axes(ax, 7.0, 3.0)
    y, ticks, names = 0.0, [], []
    for counted in (summary.by_comments, summary.by_people):
        ax.text(0, y, f"by {counted.unit} ({counted.n:,})", fontsize=_SMALL, color=_MUTED, va="center", ha="left")
        for k, share in enumerate(counted):
            y += 1
            ax.barh(y, 1, height=0.55, color=_TRACK, zorder=1)
            ax.barh(y, share.share, height=0.55, zorder=2, label=f"{share.label}, by {counted.unit}", **_fill(k))
            _whisker(ax, share.share, share.low, share.high, y)
            ax.text(1.02, y, _told(share), fontsize=_SMALL, color=_INK, va="center")
            ticks.append(y)
            names.append(share.label)
        y += 1.3
    ax.set_yticks(ticks, names)
    _name_sides(ax, 2)
    _percent_axis(ax, "x", marks=False)
    ax.set_xlim(0, 1)
    ax.set_ylim(y - 0.7, -0.6)
    return ax


def timeline(summary: Summary, *, ax: Axes | None = None) -> Axes:
    """The two sides along the thread, with 95 % bands; dotted uprights are turning points.

    Where there are too few comments to cut the thread into stretches, the axes say so and stay empty.

    :param ax: Axes to draw into; by default those of a new figure.
    """
    ax = _axes(ax, 7.5, 3.4)
    line = summary.timeline
    if not line.spans:
        return _empty(ax, f"{line.n:,} comments are too few to follow the sides along them")
    places = [(span.start + span.end) / 2 for span in line.spans]
    ends = []
    for k, label in enumerate(summary.sides.labels[:2]):
        parts = [span.shares[k] for span in line.spans]
        low = [part.share if part.low is None else part.low for part in parts]
        high = [part.share if part.high is None else part.high for part in parts]
        ax.fill_between(places, low, high, color=COLOURS[k], alpha=0.16, linewidth=0)
        style = "-" if k == 0 else (0, (5, 2))
        values = [part.share for part in parts]
        ax.plot(places, values, color=COLOURS[k], lw=2, ls=style, marker=_MARKERS[k], ms=5, label=label)
        ends.append((values[-1], label, COLOURS[k]))
    _label_ends(ax, places[-1], ends, line.n)
    for turn in line.turning_points:
        ax.axvline(turn.place, color=_INK, lw=1, ls=(0, (2, 3)))
    first, last = line.spans[0], line.spans[-1]
    ax.set_xlim(0, line.n)
    if first.first_time and last.last_time:
        ax.set_xticks([0, line.n], [f"{time.day} {time:%B %Y}" for time in (first.first_time, last.last_time)])
    else:
        ax.set_xticks([0, line.n], ["first comment", "last comment"])
    first_label, last_label = ax.get_xticklabels()
    first_label.set_horizontalalignment("left")
    last_label.set_horizontalalignment("right")
    _percent_axis(ax, "y")
    ax.set_ylim(0, 1)
    return ax


def replies(summary: Summary, *, ax: Axes | None = None) -> Axes:
    """Who answers whom: how many replies go from the row's stance to the column's.

    :param ax: Axes to draw into; by default those of a new figure.
    """
    ax = _axes(ax, 4.6, 3.4)
    found = summary.replies
    if not found.n:
        return _empty(ax, "no comment answers another's")
    counts = [[cell.count for cell in row] for row in found.cells]
    most = max(map(max, counts))
    ax.imshow(counts, cmap=_greys(), vmin=0, vmax=max(most, 1), aspect="auto")
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            ax.text(j, i, f"{count:,}", ha="center", va="center", fontsize=_TEXT + 2, color=_INK)
    labels = summary.sides.labels
    ax.set_xticks(range(3), [f"to {label}" for label in labels])
    ax.set_yticks(range(3), labels)
    ax.xaxis.tick_top()
    for axis in (ax.get_xticklabels(), ax.get_yticklabels()):
        for k, tick in enumerate(axis):
            tick.set_color(COLOURS[k])
    ax.set_xlabel(f"{found.n:,} replies, from the row to the column", fontsize=_SMALL, color=_MUTED)
    return ax


def tones(summary: Summary, *, ax: Axes | None = None) -> Axes:
    """In what tone each stance is spoken: dark is negative, grey neutral, hollow positive.

    :param ax: Axes to draw into; by default those of a new figure.
    """
    ax = _axes(ax, 7.0, 2.3)
    for y, row in enumerate(summary.tones):
        left = 0.0
        for k, tone in enumerate(row.tones):
            ax.barh(
                y,
                tone.share,
                left=left,
                height=0.6,
                color=_TONES[k],
                edgecolor=_INK,
                lw=0.8,
                label=f"{row.label}, {tone.label}",
            )
            if tone.share >= 0.06:
                dark = _PAPER if k == 0 else _INK
                ax.text(
                    left + tone.share / 2, y, f"{tone.share:.0%}", ha="center", va="center", fontsize=_SMALL, color=dark
                )
            left += tone.share
    for x, tone_name, side in zip((0.0, 0.5, 1.0), SENTIMENTS, ("left", "center", "right"), strict=True):
        mark = {"negative": "■", "neutral": "▒", "positive": "□"}[tone_name]
        ax.text(x, -0.62, f"{mark} {tone_name}", ha=side, fontsize=_SMALL, color=_MUTED)
    ax.set_yticks(range(3), [f"{row.label} ({row.n:,})" for row in summary.tones])
    _name_sides(ax, 1)
    _bare(ax, "x")
    ax.set_xlim(0, 1)
    ax.set_ylim(2.5, -0.8)
    return ax


def people(summary: Summary, *, ax: Axes | None = None) -> Axes:
    """Who writes most, and where the model puts each of their comments.

    :param ax: Axes to draw into; by default those of a new figure.
    """
    loudest = summary.people[:_MOST_PEOPLE]
    ax = _axes(ax, 6.5, 0.8 + 0.34 * max(len(loudest), 1))
    if not loudest:
        return _empty(ax, "nobody writes")
    for y, person in enumerate(loudest):
        left = 0
        for k, count in enumerate(person.counts):
            ax.barh(y, count, left=left, height=0.62, **_fill(k), label=f"{person.author}, {summary.sides.labels[k]}")
            left += count
        ax.text(left, y, f"  {person.label}", va="center", fontsize=_SMALL, color=_colour(person.label, summary))
    ax.set_yticks(range(len(loudest)), [_plain(person.author or "no name", 24) for person in loudest])
    ax.set_ylim(len(loudest) - 0.4, -0.6)
    ax.set_xlim(0, loudest[0].n_comments * 1.35)
    ax.locator_params(axis="x", integer=True)
    ax.set_xlabel("comments", fontsize=_SMALL, color=_MUTED)
    return ax


def comments(stances: Stances, *, ax: Axes | None = None) -> Axes:
    """Every comment in reading order, as an upright of its three probabilities; a dot below marks a sure one.

    :param ax: Axes to draw into; by default those of a new figure.
    """
    stances.refuse_many_sides("This figure")
    ax = _axes(ax, 7.5, 2.6)
    if not len(stances):
        return _empty(ax, "no comments")
    places = range(1, len(stances) + 1)
    a, b, neutral = stances.probabilities.T
    for k, heights, bottoms in ((1, b, 0 * b), (2, neutral, b), (0, a, b + neutral)):
        ax.bar(places, heights, bottom=bottoms, width=0.86, **_fill(k), label=stances.sides.labels[k])
    sure = [place for place, is_sure in zip(places, stances.sure, strict=True) if is_sure]
    ax.plot(sure, [-0.06] * len(sure), ls="", marker="o", ms=3.2, color=_INK, clip_on=False, label="sure")
    for k, y, side in ((0, 1.0, "top"), (2, 0.5, "center"), (1, 0.0, "bottom")):
        name = stances.sides.labels[k]
        ax.text(len(stances) + 0.9, y, name, va=side, color=COLOURS[k], fontsize=_TEXT, fontweight="bold")
    _bare(ax, "y")
    ax.set_xlim(0.4, len(stances) + 0.6)
    ax.set_ylim(-0.1, 1)
    ax.locator_params(axis="x", integer=True)
    ax.set_xlabel("comment" + (" (dot below: sure)" if sure else ""), fontsize=_SMALL, color=_MUTED)
    return ax


def comparison(
    compared: Comparison, *, unit: Literal["comments", "people"] = "comments", ax: Axes | None = None
) -> Axes:
    """Threads, sources or months beside each other: both sides' shares in each, with 95 % intervals.

    Below stands how many of the differences between them hold in view of all that were looked at.

    :param unit: Shares by comments, or by people; the differences told are by comments.
    :param ax: Axes to draw into; by default those of a new figure.
    """
    groups = [(group.name, group.by_comments if unit == "comments" else group.by_people) for group in compared.groups]
    ax = _axes(ax, 7.0, 1.2 + 0.62 * max(len(groups), 1))
    if not groups:
        return _empty(ax, "nothing to compare")
    for y, (_, found) in enumerate(groups):
        for k, share in enumerate(found.stances[:2]):
            at = y - 0.14 + 0.28 * k
            _interval(ax, share, at, k, label=f"{share.label}" if y == 0 else None)
    for k, name in enumerate(groups[0][1].stances[:2]):
        ax.text(k, -0.62, name.label, ha=("left", "right")[k], color=COLOURS[k], fontsize=_TEXT, fontweight="bold")
    ax.set_yticks(range(len(groups)), [f"{_plain(name, 32)} ({found.n:,})" for name, found in groups])
    ax.set_ylim(len(groups) - 0.5, -0.8)
    _percent_axis(ax, "x")
    ax.set_xlim(0, 1)
    n_clear = sum(difference.clear for difference in compared.differences)
    if compared.n_looks:
        told = f"{n_clear} of {compared.n_looks} differences by comments hold in view of all looks"
        ax.set_xlabel(told, fontsize=_SMALL, color=_MUTED)
    return ax


def measures(
    values: Mapping[str, Estimate], *, emphasis: Sequence[str] = (), form: str = ".2f", ax: Axes | None = None
) -> Axes:
    """Any measured figures beside each other, with their intervals where they have one; for benchmark results.

    :param values: By name, from top to bottom.
    :param emphasis: Names that are drawn in blue and bold, the others in grey.
    :param form: How a value is written, as in :func:`format`.
    :param ax: Axes to draw into; by default those of a new figure.
    """
    ax = _axes(ax, 7.0, 0.7 + 0.36 * max(len(values), 1))
    if not values:
        return _empty(ax, "nothing was measured")
    for y, (name, found) in enumerate(values.items()):
        k = 0 if name in emphasis else 2
        if found.low is None or found.high is None:
            ax.barh(y, found.value, height=0.5, color=COLOURS[k], label=name)
            end = found.value
        else:
            ax.plot([found.low, found.high], [y, y], color=COLOURS[k], lw=2)
            ax.plot(found.value, y, marker=_MARKERS[k], color=COLOURS[k], ms=7, ls="", label=name)
            end = found.high
        ax.annotate(
            format(found.value, form), (end, y), xytext=(6, 0), textcoords="offset points", va="center",
            fontsize=_SMALL, color=_INK, fontweight="bold" if k == 0 else "normal",
        )  # fmt: skip
    ax.set_yticks(range(len(values)), [_plain(name, 56) for name in values])
    for tick, name in zip(ax.get_yticklabels(), values, strict=True):
        tick.set_fontweight("bold" if name in emphasis else "normal")
    ax.set_ylim(len(values) - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.margins(x=0.12)
    return ax


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The axes to draw into, without frame and ticks; sizes in inches."""
    if ax is None:
        try:
            from matplotlib.figure import Figure
        except ImportError as error:
            raise InputError("To draw, install matplotlib: pip install 'stance[plots]'.") from error
        figure = Figure(figsize=(width, height), layout="constrained", facecolor=_PAPER)
        ax = figure.add_subplot(axes_class=_shown_axes())
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(length=0, labelsize=_TEXT, labelcolor=_INK, pad=6)
    ax.set_facecolor("none")
    return ax


@cache
def _shown_axes() -> Any:
    """Axes that a notebook shows as their figure. Made when it is first asked for: matplotlib is an extra."""
    from matplotlib.axes import Axes

    class ShownAxes(Axes):
        """Axes that show themselves."""

        def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
            png = io.BytesIO()
            figure = self.get_figure(root=True)
            assert figure is not None
            figure.savefig(png, format="png", dpi=_DOTS, metadata={"Software": None})
            width, height = figure.get_size_inches() * _DOTS / 2  # twice as fine as it is shown
            return png.getvalue(), {"width": round(width), "height": round(height)}

    return ShownAxes


_DOTS = 150  # an inch


@cache
def _greys() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("paper to grey", [_PAPER, "#bdb8ae"])


def _fill(kind: int) -> dict[str, Any]:
    """How an area of a side is filled: plain, striped or pale, so that the three differ in grey, too."""
    colour, stripes, plain = COLOURS[kind], {"hatch": "////", "edgecolor": "#e9b48a"}, {"edgecolor": "none"}
    return {"facecolor": colour, "linewidth": 0, "alpha": (None, None, 0.45)[kind], **(stripes if kind == 1 else plain)}


def _interval(ax: Axes, share: Share, y: float, kind: int, label: str | None) -> None:
    if share.low is not None and share.high is not None:
        ax.plot([share.low, share.high], [y, y], color=COLOURS[kind], lw=2, solid_capstyle="butt")
    ax.plot(share.share, y, marker=_MARKERS[kind], color=COLOURS[kind], ms=7, ls="", label=label)
    ax.annotate(
        f"{share.share:.0%}", (share.share, y), xytext=(0, (6, -6)[kind]), textcoords="offset points",
        ha="center", va=("bottom", "top")[kind], fontsize=_SMALL - 1, color=COLOURS[kind],
    )  # fmt: skip


def _whisker(ax: Axes, value: float, low: float | None, high: float | None, y: float) -> None:
    if low is not None and high is not None:
        for colour, width in ((_PAPER, 3.6), (_INK, 1.4)):  # a light edge, to be seen on the bar
            ax.plot([low, high], [y, y], color=colour, lw=width, zorder=3, solid_capstyle="butt")
        ax.plot([low, high], [y, y], ls="", marker="|", ms=8, color=_INK, mew=1.4, zorder=3)


def _label_ends(ax: Axes, x: float, ends: Sequence[tuple[float, str, str]], n: int) -> None:
    """The names of two lines at their ends, apart from each other."""
    upper, lower = sorted(ends, reverse=True)
    near = upper[0] - lower[0] < 0.09
    for (y, label, colour), shift in ((upper, 6), (lower, -6)):
        ax.annotate(
            f" {label}", (n, y), xytext=(4, shift if near else 0), textcoords="offset points", va="center",
            color=colour, fontsize=_TEXT, fontweight="bold", annotation_clip=False,
        )  # fmt: skip
        ax.plot([x, n], [y, y], color=colour, lw=1, alpha=0.4, ls=":")


def _name_sides(ax: Axes, times: int) -> None:
    for k, tick in enumerate(ax.get_yticklabels()):
        tick.set_color(COLOURS[k % 3])
        tick.set_fontweight("bold")
    assert len(ax.get_yticklabels()) == 3 * times


def _percent_axis(ax: Axes, which: Literal["x", "y"], marks: bool = True) -> None:
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_ticks([0, 0.5, 1], ["0%", "50%", "100%"] if marks else ["", "", ""])
    axis.set_tick_params(labelsize=_SMALL, labelcolor=_MUTED)
    ax.grid(axis=which, color=_LINE, lw=0.8)
    ax.set_axisbelow(True)


def _bare(ax: Axes, which: Literal["x", "y"]) -> None:
    (ax.xaxis if which == "x" else ax.yaxis).set_ticks([])


def _empty(ax: Axes, why: str) -> Axes:
    """Axes that say why there is nothing to see."""
    _bare(ax, "x")
    _bare(ax, "y")
    ax.text(0.5, 0.5, why, ha="center", va="center", fontsize=_TEXT, color=_MUTED, transform=ax.transAxes)
    return ax


def _told(share: Share) -> str:
    if share.low is None or share.high is None:
        return f"{share.share:.0%}"
    return f"{share.share:.0%}  ({share.low:.0%} to {share.high:.0%})"


def _colour(label: str, summary: Summary) -> str:
    return COLOURS[summary.sides.labels.index(label)]


def _plain(text: str, n_chars: int) -> str:
    """A name as a figure can show it: in one line, short, and with no dollar sign that would begin a formula."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    short = line if len(line) <= n_chars else line[: n_chars - 1] + "…"
    return short.replace("$", r"\$")
