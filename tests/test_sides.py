"""Who the sides are, and what stances are called."""

from __future__ import annotations

import pytest

import stance
from stance import Side, Sides
from stance.errors import InputError
from stance.labelled import read_labelled
from stance.labelling.guide import guide

WEEK = Sides.target("a four-day  week")


def test_a_target_has_those_for_it_and_those_against_it() -> None:
    assert WEEK.labels == ("favour", "against", "neutral")
    assert WEEK.probability_columns == ("p_favour", "p_against", "p_neutral")
    assert (WEEK.a.name, WEEK.b.name) == ("those for a four-day week", "those against a four-day week")


def test_other_sides_are_called_pro() -> None:
    assert Sides(Side("landlords", "Rent Fair"), Side("tenants", "ACORN")).labels == (
        "pro-landlords",
        "pro-tenants",
        "neutral",
    )


@pytest.mark.parametrize("blank", ["", "  \n"])
def test_a_blank_target_is_refused(blank: str) -> None:
    with pytest.raises(InputError, match="target is blank"):
        Sides.target(blank)


def test_stances_on_a_target_keep_their_names_through_scores_and_tables(tiny_model: stance.StanceModel) -> None:
    texts = ["Four days is plenty.", "Who empties the bins on Friday then?"]

    stances = tiny_model.classify(texts, sides=WEEK)

    assert set(stances.labels) <= {"favour", "against", "neutral"}
    assert list(stances.to_pandas().filter(like="p_").columns)[:3] == ["p_favour", "p_against", "p_neutral"]
    assert stances.sides.labels == WEEK.labels


def test_labels_on_a_target_are_read_as_people_write_them() -> None:
    written = ["Favour", "in favor", "for", "AGAINST", "opposed", "neutral", "none", "anti"]
    rows = [{"text": f"Words number {n}", "label": label} for n, label in enumerate(written)]

    labelled = read_labelled(rows, WEEK)

    assert [one.stance for one in labelled.examples] == [0, 0, 0, 1, 1, 2, 2, 1]
    assert labelled.labels == WEEK.labels


def test_a_table_that_classify_wrote_about_a_target_is_read_with_its_sides(tiny_model: stance.StanceModel) -> None:
    rows = tiny_model.classify([f"Words number {n}" for n in range(9)], sides=WEEK).to_records()
    for row in rows:
        row["corrected"] = "against"

    labelled = read_labelled(rows)

    assert labelled.labels == WEEK.labels
    assert {one.stance for one in labelled.examples} == {1}


def test_who_labels_is_told_what_for_and_against_mean() -> None:
    told = dict(guide(WEEK.labels))

    assert told["favour"].startswith("is for what is debated")
    assert told["against"].startswith("is against what is debated")
