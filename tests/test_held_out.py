import json

import numpy as np
import pytest

import stance
from stance.calibration import Calibration
from stance.held_out import HeldOut
from tests.debates import erring


def test_held_out_answers_are_the_same_after_a_way_through_json() -> None:
    given = erring(n=400)
    read = HeldOut.from_json(given.to_json())
    for name in ("disputes", "kinds", "stances", "tones"):
        np.testing.assert_array_equal(getattr(read, name), getattr(given, name))
    one, other = Calibration(held_out=given).stance_errors(), Calibration(held_out=read).stance_errors()
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(one.means, other.means, atol=0.002)


def test_the_file_of_some_thousand_answers_is_small() -> None:
    rng = np.random.default_rng(0)
    given = erring(n=1500)
    spread = HeldOut(given.disputes, given.kinds, given.stances, given.tones, 4 * rng.normal(size=(1500, 6)))
    assert len(spread.to_json()) < 60_000


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"stances": [1], "tones": [1], "disputes": [0], "kinds": [0], "logits": [[1]]}']
)
def test_what_is_no_file_of_answers_is_refused(text: str) -> None:
    with pytest.raises(stance.ModelError, match="damaged"):
        HeldOut.from_json(text)


def test_answers_without_their_labels_are_refused() -> None:
    raw = json.loads(erring(n=10).to_json())
    with pytest.raises(stance.ModelError, match="as many disputes, kinds and tones"):
        HeldOut.from_json(json.dumps({**raw, "tones": raw["tones"][:5]}))
    with pytest.raises(stance.ModelError, match="must be 0, 1 or 2"):
        HeldOut.from_json(json.dumps({**raw, "stances": [7] * 10}))


def test_tones_that_are_not_known_are_left_out() -> None:
    given = erring(n=400)
    tones = np.where(np.arange(400) < 200, given.tones, -1)
    half = HeldOut(given.disputes, given.kinds, given.stances, tones, given.logits)
    errors = Calibration(held_out=half).tone_errors()
    assert errors is not None
    np.testing.assert_allclose(errors.prior, np.bincount(given.tones[:200], minlength=3) / 200)


def test_without_held_out_answers_no_errors_are_known() -> None:
    assert Calibration().stance_errors() is None
    assert Calibration().tone_errors() is None
