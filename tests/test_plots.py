"""What is drawn is what the summary says."""

from __future__ import annotations

import builtins
import datetime as dt
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import stance
from stance import plots
from stance.shares import Estimate
from tests.debates import ANGRY, CALM, COUNCIL, NEUTRAL, UNION, WARM, answered, comment, erring

START = dt.datetime(2013, 3, 1, 8)


def debate(n: int = 120) -> tuple[stance.Thread, stance.Stances]:
    """The union's side first, the council's later; every third comment answers the one before."""
    comments = [
        comment(i, f"writer {i % 30}", i - 1 if i % 3 == 2 else None, START + dt.timedelta(hours=i)) for i in range(n)
    ]
    sides = [(UNION, UNION, NEUTRAL, UNION) if i < n // 2 else (COUNCIL, COUNCIL, NEUTRAL, COUNCIL) for i in range(n)]
    tones = [(ANGRY, CALM, WARM, ANGRY)[i % 4] for i in range(n)]
    return answered(comments, [of[i % 4] for i, of in enumerate(sides)], tones, held_out=erring(), sure=2.0)


@pytest.fixture(scope="module")
def summary() -> stance.Summary:
    return stance.summarize(*debate())


def texts(ax: Axes) -> list[str]:
    ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()]
    return [text.get_text().strip() for text in (*ax.texts, *ticks, ax.xaxis.label, ax.yaxis.label)]


def bars(ax: Axes) -> dict[str, Any]:
    """The labelled bars of axes, by their label."""
    return {box.get_label(): box.patches[0] for box in ax.containers if not box.get_label().startswith("_")}


def lines(ax: Axes) -> dict[str, np.ndarray]:
    return {line.get_label(): np.asarray(line.get_xydata()) for line in ax.lines if line.get_label()[0] != "_"}


def test_shares_are_drawn_with_their_intervals_by_comments_and_by_people(summary) -> None:
    ax = plots.shares(summary)
    drawn = bars(ax)
    whiskers = [tuple(line.get_xdata()) for line in ax.lines]
    for shares in (summary.by_comments, summary.by_people):
        for share in shares:
            assert drawn[f"{share.label}, by {shares.unit}"].get_width() == share.share
            assert (share.low, share.high) in whiskers
            assert f"{share.share:.0%}  ({share.low:.0%} to {share.high:.0%})" in texts(ax)
    assert {"by comments (120)", "by people (30)", *summary.sides.labels} <= set(texts(ax))


def test_shares_without_an_interval_are_drawn_without_whiskers() -> None:
    ax = plots.shares(stance.summarize(*answered([comment(0, "A")], [UNION])))
    assert not ax.lines
    assert "100%" in texts(ax)


def test_the_timeline_follows_both_sides_with_their_bands_and_marks_turning_points(summary) -> None:
    ax = plots.timeline(summary)
    spans = summary.timeline.spans
    assert len(spans) > 1
    for k, label in enumerate(summary.sides.labels[:2]):
        drawn = lines(ax)[label]
        assert drawn[:, 1].tolist() == [span.shares[k].share for span in spans]
        band = ax.collections[k].get_paths()[0].vertices[:, 1]
        assert band.min() == min(span.shares[k].low for span in spans)
        assert band.max() == max(span.shares[k].high for span in spans)
        assert label in texts(ax)
    turns = [line.get_xdata()[0] for line in ax.lines if tuple(line.get_ydata()) == (0, 1)]
    assert turns == [turn.place for turn in summary.timeline.turning_points]
    assert len(turns) == 1
    assert {"1 March 2013", "6 March 2013"} <= set(texts(ax))


def test_a_thread_too_short_for_a_timeline_says_so() -> None:
    ax = plots.timeline(stance.summarize(*debate(8)))
    assert texts(ax) == ["8 comments are too few to follow the sides along them", "", ""]
    assert not ax.lines


def test_the_matrix_holds_the_counts_of_replies(summary) -> None:
    ax = plots.replies(summary)
    counts = [[cell.count for cell in row] for row in summary.replies.cells]
    assert np.asarray(ax.images[0].get_array()).tolist() == counts
    assert [text.get_text() for text in ax.texts] == [str(count) for row in counts for count in row]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(summary.sides.labels)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == [f"to {label}" for label in summary.sides.labels]


def test_tones_fill_a_bar_for_each_stance(summary) -> None:
    drawn = bars(plots.tones(summary))
    for row in summary.tones:
        widths = [drawn[f"{row.label}, {tone.label}"].get_width() for tone in row.tones]
        assert widths == pytest.approx([tone.share for tone in row.tones])
        assert drawn[f"{row.label}, positive"].get_x() == pytest.approx(row.tones[0].share + row.tones[1].share)


def test_the_most_active_people_are_drawn_with_their_comments(summary) -> None:
    ax = plots.people(summary)
    drawn = bars(ax)
    for person in summary.people[:8]:
        widths = tuple(drawn[f"{person.author}, {label}"].get_width() for label in summary.sides.labels)
        assert widths == person.counts
    assert len(ax.get_yticklabels()) == 8


def test_every_comment_is_an_upright_of_its_probabilities() -> None:
    _, stances = debate(12)
    ax = plots.comments(stances)
    for k, label in enumerate(stances.sides.labels):
        [box] = [box for box in ax.containers if box.get_label() == label]
        assert [bar.get_height() for bar in box.patches] == pytest.approx(stances.probabilities[:, k].tolist())
    sure = np.flatnonzero(stances.sure) + 1
    assert lines(ax)["sure"][:, 0].tolist() == sure.tolist()


@pytest.mark.parametrize("unit", ["comments", "people"])
def test_groups_are_compared_side_by_side_and_the_differences_that_hold_are_told(unit) -> None:
    compared = stance.compare(*debate(), by=lambda _, comment: "early" if int(comment.id) < 60 else "late")
    ax = plots.comparison(compared, unit=unit)
    points = {(round(x, 9), y) for line in ax.lines for x, y in line.get_xydata()}
    for y, group in enumerate(compared.groups):
        found = group.by_comments if unit == "comments" else group.by_people
        for k, share in enumerate(found.stances[:2]):
            at = y - 0.14 + 0.28 * k
            assert {(round(x, 9), at) for x in (share.low, share.share, share.high)} <= points
        assert f"{group.name} ({found.n})" in texts(ax)
    n_clear = sum(difference.clear for difference in compared.differences)
    assert f"{n_clear} of 3 differences by comments hold in view of all looks" in texts(ax)


def test_measures_are_points_with_intervals_or_bars_from_nought() -> None:
    ax = plots.measures({"ours": Estimate(0.5, 0.4, 0.6), "theirs": Estimate(0.3)}, emphasis=["ours"])
    assert lines(ax)["ours"].tolist() == [[0.5, 0.0]]
    assert bars(ax)["theirs"].get_width() == 0.3
    assert {"0.50", "0.30", "ours", "theirs"} <= set(texts(ax))
    assert ax.get_xlim()[0] == 0


DRAWN = {
    "shares": plots.shares,
    "timeline": plots.timeline,
    "replies": plots.replies,
    "tones": plots.tones,
    "people": plots.people,
    "comments": lambda summary, ax=None: plots.comments(summary.stances, ax=ax),
    "comparison": lambda summary, ax=None: plots.comparison(stance.compare(summary.threads, summary.stances), ax=ax),
    "measures": lambda summary, ax=None: plots.measures({"x": Estimate(1.0)}, ax=ax),
}
each_plot = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)


@each_plot
def test_a_plot_draws_into_axes_that_are_given(draw, summary) -> None:
    ax = Figure().subplots()
    assert draw(summary, ax=ax) is ax


@each_plot
def test_a_plot_shows_itself_in_a_notebook_twice_as_fine_as_its_size(draw, summary) -> None:
    png, size = draw(summary)._repr_png_()
    assert png.startswith(b"\x89PNG")
    width = int.from_bytes(png[16:20], "big")
    assert abs(width - 2 * size["width"]) <= 1


@each_plot
def test_a_plot_of_no_comments_says_so_rather_than_fail(draw) -> None:
    empty = stance.summarize(*answered([], []))
    assert draw(empty)._repr_png_()


def test_hostile_names_are_drawn_as_they_are_not_as_formulas() -> None:
    names = ["$\\frac{1}", "a\nb\x00", "x" * 300, "$x$", None]
    summary = stance.summarize(*answered([comment(i, name) for i, name in enumerate(names)], [UNION] * 5))
    ax = plots.people(summary)
    assert ax._repr_png_()  # type: ignore[attr-defined]
    shown = [tick.get_text() for tick in ax.get_yticklabels()]
    assert "no name" in shown
    assert all(len(name) <= 26 and "\n" not in name for name in shown)


def test_drawing_leaves_matplotlibs_settings_and_pyplot_alone() -> None:
    code = (
        "import matplotlib; before = dict(matplotlib.rcParams)\n"
        "from stance import plots; from stance.shares import Estimate\n"
        "plots.measures({'x': Estimate(1.0)})._repr_png_()\n"
        "from matplotlib import pyplot; print(dict(matplotlib.rcParams) == before, len(pyplot.get_fignums()))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["True", "0"]


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return importing(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(stance.InputError, match=r"pip install 'stance\[plots\]'"):
        plots.measures({"x": Estimate(1.0)})


def test_the_colours_are_those_of_the_report() -> None:
    from stance.templates import part_of_page

    style = part_of_page("report.css")
    assert all(f"--{name}: {colour};" in style for name, colour in zip("abn", plots.COLOURS, strict=True))
