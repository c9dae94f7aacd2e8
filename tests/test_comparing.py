import datetime as dt

import numpy as np
import pytest

import stance
from stance.calibration import Calibration
from stance.comparing import holm
from stance.stances import Stances, calibrate
from tests.debates import COUNCIL, NEUTRAL, UNION, answered, comment, erring, scores_of


def two_threads(n: int = 60, held_out: bool = False) -> tuple[list[stance.Thread], Stances]:
    threads = [
        stance.Thread(id=name, source=f"{name}.html", comments=tuple(comment(i, f"p{i}") for i in range(n)))
        for name in ("a", "b")
    ]
    sides = ([UNION] * 3 + [COUNCIL]) * (n // 4) + ([COUNCIL] * 3 + [UNION]) * (n // 4)
    calibration = Calibration(held_out=erring() if held_out else None)
    return threads, calibrate(threads, scores_of(threads, sides), calibration)


@pytest.mark.parametrize("held_out", [False, True])
def test_threads_that_differ_are_told_apart_with_an_interval(held_out: bool) -> None:
    comparison = stance.compare(*two_threads(400, held_out))
    assert [group.name for group in comparison.groups] == ["a", "b"]
    assert [difference.label for difference in comparison.differences] == ["pro-council", "pro-union", "neutral"]
    union = comparison.differences[UNION]
    assert union.value == pytest.approx(
        comparison.groups[0].by_comments[UNION].share - comparison.groups[1].by_comments[UNION].share
    )
    assert union.low is not None
    assert 0 < union.low < union.value
    assert union.clear
    assert not comparison.differences[NEUTRAL].clear


def test_threads_alike_are_not_told_apart() -> None:
    threads, stances = two_threads()
    same = calibrate(threads, scores_of(threads, [UNION, COUNCIL] * 60), Calibration())
    assert not any(difference.clear for difference in stance.compare(threads, same).differences)
    assert any(difference.clear for difference in stance.compare(threads, stances).differences)


def test_many_looks_count_against_each() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    rng = np.random.default_rng(0)
    threads = [stance.Thread(id=str(t), comments=tuple(comment(i, f"p{i}") for i in range(40))) for t in range(8)]
    stances = calibrate(threads, scores_of(threads, rng.integers(0, 3, 320).tolist()), Calibration())
    comparison = stance.compare(threads, stances)
    assert comparison.n_looks == len(comparison.differences) == 8 * 7 // 2 * 3
    assert all((d.adjusted_p_value or 0) >= (d.p_value or 0) for d in comparison.differences)
    assert not any(difference.clear for difference in comparison.differences)


def test_months_come_in_order_and_comments_without_one_are_left_out_and_counted() -> None:
    times = [dt.datetime(2013, 4, 1), dt.datetime(2013, 3, 9), None, dt.datetime(2013, 3, 2)]
    comments = [comment(i, f"p{i}", time=time) for i, time in enumerate(times)]
    comparison = stance.compare(*answered(comments, [UNION, COUNCIL, UNION, COUNCIL]), by="month")
    assert [(group.name, group.by_people.n) for group in comparison.groups] == [("2013-03", 2), ("2013-04", 1)]
    assert comparison.n_left_out == 1
    assert comparison.differences[0].low is None  # one person is too few to tell
    assert comparison.differences[0].p_value is None
    assert not comparison.differences[0].clear


def test_groups_may_be_sources_or_named_by_a_function() -> None:
    threads, stances = two_threads()
    assert [group.name for group in stance.compare(threads, stances, by="source").groups] == ["a.html", "b.html"]
    early = stance.compare(threads, stances, by=lambda thread, comment: "early" if int(comment.id) < 10 else "late")
    assert (early.by, [group.by_comments.n for group in early.groups]) == ("group", [20, 100])


def test_an_unknown_way_of_grouping_is_refused() -> None:
    threads, stances = two_threads()
    with pytest.raises(stance.InputError, match="one of thread, source, month or a function"):
        stance.compare(threads, stances, by="weekday")  # type: ignore[arg-type]
