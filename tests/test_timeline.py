import datetime as dt

import numpy as np
import pytest

import stance
from stance.calibration import Calibration
from stance.stances import calibrate
from tests.debates import COUNCIL, NEUTRAL, UNION, answered, comment, erring, scores_of

START = dt.datetime(2013, 3, 14, 9, 0)


def mixed(n: int, p: list[float], seed: int = 0) -> list[int]:
    sides: list[int] = np.random.default_rng(seed).choice(3, n, p=p).tolist()
    return sides


def test_a_turn_is_found_where_it_is_and_none_where_there_is_none() -> None:
    comments = [comment(i, f"p{i}", time=START + dt.timedelta(minutes=i)) for i in range(200)]
    turned = stance.summarize(*answered(comments, mixed(100, [0.8, 0.1, 0.1]) + mixed(100, [0.1, 0.8, 0.1]))).timeline
    (point,) = turned.turning_points
    assert abs(point.place - 100) <= 10
    assert point.time == START + dt.timedelta(minutes=point.place)
    assert point.changes[COUNCIL].high is not None
    assert point.changes[COUNCIL].high < 0 < point.changes[UNION].value
    assert point.changes[UNION].value == pytest.approx(point.after[UNION].share - point.before[UNION].share)
    assert point.p_value < 0.01
    assert stance.summarize(*answered(comments, mixed(200, [0.4, 0.4, 0.2]))).timeline.turning_points == ()


def test_one_writer_who_floods_the_end_makes_no_turn() -> None:
    comments = [comment(i, f"p{i}" if i < 100 else "Loud") for i in range(160)]
    sides = mixed(100, [0.4, 0.4, 0.2]) + [UNION] * 60
    assert stance.summarize(*answered(comments, sides)).timeline.turning_points == ()


def test_too_few_comments_show_neither_spans_nor_turns() -> None:
    comments = [comment(i, f"p{i}") for i in range(49)]
    timeline = stance.summarize(*answered(comments, [UNION] * 25 + [COUNCIL] * 24)).timeline
    assert (timeline.n, timeline.spans, timeline.turning_points) == (49, (), ())


def test_spans_cover_the_line_and_have_intervals() -> None:
    comments = [comment(i, f"p{i}") for i in range(110)]
    timeline = stance.summarize(*answered(comments, mixed(110, [0.3, 0.3, 0.4]), held_out=erring())).timeline
    assert timeline.along == "order"
    assert [(span.start, span.end) for span in timeline.spans] == [(0, 28), (28, 55), (55, 82), (82, 110)]
    assert all(span.first_time is None for span in timeline.spans)
    assert {span.shares.method for span in timeline.spans} == {"corrected"}
    assert all(share.low is not None for span in timeline.spans for share in span.shares)


def test_the_line_runs_along_time_where_most_comments_have_one() -> None:
    times = [START + dt.timedelta(hours=i) for i in range(60)]
    late_first = [comment(i, f"p{i}", time=time) for i, time in enumerate(reversed(times))] + [comment(60, "q")]
    timeline = stance.summarize(*answered(late_first, [UNION] * 61)).timeline
    assert (timeline.along, timeline.n) == ("time", 60)
    assert (timeline.spans[0].first_time, timeline.spans[-1].last_time) == (times[0], times[-1])


def test_times_with_and_without_a_zone_stand_on_one_line() -> None:
    times = [START.replace(tzinfo=dt.UTC if i % 2 else None) + dt.timedelta(hours=i) for i in range(60)]
    timeline = stance.summarize(
        *answered([comment(i, f"p{i}", time=time) for i, time in enumerate(times)], [NEUTRAL] * 60)
    ).timeline
    assert timeline.spans[0].first_time == times[0]


def test_threads_without_times_are_put_side_by_side() -> None:
    threads = [
        stance.Thread(id=name, comments=tuple(comment(i, f"p{i}") for i in range(n)))
        for name, n in (("a", 40), ("b", 20))
    ]
    # Both threads open for the council and end for the union.
    sides = [COUNCIL] * 20 + [UNION] * 20 + [COUNCIL] * 10 + [UNION] * 10
    stances = calibrate(threads, scores_of(threads, sides), Calibration())
    first, last = stance.summarize(threads, stances).timeline.spans
    assert (first.shares[COUNCIL].counted, last.shares[UNION].counted) == (1, 1)
