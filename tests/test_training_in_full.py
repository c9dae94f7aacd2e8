"""The full way: all weights moved, stopped in time, taken up again after a break."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import stance
from stance.checkpoints import Checkpoint
from stance.encoding import InputForm
from stance.errors import ModelError
from stance.labelled import LabelledExample, read_labelled
from stance.model import OpenModel
from stance.training import TrainingSettings, fine_tune
from stance.tuning import tune
from tests.conftest import make_network, make_tokenizer
from tests.labelled_rows import labelled_rows

EXAMPLES = read_labelled(labelled_rows(n_threads=4, per_class=2)).examples
SETTINGS = TrainingSettings(epochs=3, learning_rate=3e-3, batch_examples=8, layer_decay=0.9, freeze_words=True)
FORM = InputForm(max_tokens=64)


class BrokenOffError(Exception):
    """What stands for a power cut."""


def trained(checkpoint: Checkpoint | None, break_at: int | None = None) -> dict[str, torch.Tensor]:
    tokenizer = make_tokenizer()
    network = make_network(len(tokenizer))

    def after_step(done: int, total: int) -> None:
        assert total == 9
        if done == break_at:
            raise BrokenOffError

    fine_tune(network, tokenizer, FORM, EXAMPLES, SETTINGS, after_step=after_step, checkpoint=checkpoint)
    weights: dict[str, torch.Tensor] = network.state_dict()
    return weights


@pytest.mark.parametrize("break_at", [2, 3, 5])
def test_a_training_that_was_broken_off_ends_in_the_same_weights(break_at: int, tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "this training", every=0.0)
    with pytest.raises(BrokenOffError):
        trained(checkpoint, break_at)
    torch.manual_seed(99)  # whatever else ran in between
    resumed, undisturbed = trained(checkpoint), trained(None)
    assert all(torch.equal(resumed[name], undisturbed[name]) for name in undisturbed)


def test_a_training_broken_off_between_two_states_repeats_what_was_lost(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "this training", every=1e9)  # states at the ends of epochs alone
    with pytest.raises(BrokenOffError):
        trained(checkpoint, break_at=5)
    resumed, undisturbed = trained(checkpoint), trained(None)
    assert all(torch.equal(resumed[name], undisturbed[name]) for name in undisturbed)


def test_the_state_of_another_training_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenOffError):
        trained(Checkpoint(tmp_path, "this training", every=0.0), break_at=2)
    with pytest.raises(ModelError, match="another training"):
        trained(Checkpoint(tmp_path, "that training"))


def test_training_stops_and_keeps_the_best_epoch(tiny_open: OpenModel, tmp_path: Path) -> None:
    upside_down = [replace(one, stance=(1, 2, 0)[one.stance or 0]) for one in EXAMPLES]
    model, tuned = tune(tiny_open, upside_down, EXAMPLES, replace(SETTINGS, epochs=9), tmp_path, of="x")
    assert len(tuned.losses) < 10
    assert tuned.losses[tuned.epoch] == min(tuned.losses)
    assert tuned.epoch == len(tuned.losses) - 3
    assert not model.network.training


def test_labels_that_teach_nothing_leave_the_start_as_it_was(tiny_open: OpenModel, tmp_path: Path) -> None:
    by_the_start: list[LabelledExample] = []
    for one in EXAMPLES:
        answer = stance.StanceModel(tiny_open).classify([one.example.text])
        by_the_start.append(replace(one, stance=answer.sides.labels.index(answer.labels[0])))
    upside_down = [replace(one, stance=(1, 2, 0)[one.stance or 0]) for one in by_the_start]
    wild = replace(SETTINGS, learning_rate=3e-2, epochs=2)
    model, tuned = tune(tiny_open, upside_down, by_the_start, wild, tmp_path, of="x")
    assert tuned.epoch == 0
    before, after = tiny_open.network.state_dict(), model.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_full_training_goes_from_rows_to_a_folder(tiny_folder: Path, tmp_path: Path) -> None:
    rows = labelled_rows()
    told: list[tuple[str, int, int]] = []
    own = stance.train(
        rows, start=tiny_folder, way="full", out=tmp_path / "own", seed=(1, 2), progress=lambda *t: told.append(t)
    )
    again = stance.load(tmp_path / "own", device="cpu")
    texts = [row["text"] for row in rows]
    np.testing.assert_allclose(again.classify(texts).probabilities, own.classify(texts).probabilities, atol=1e-6)
    assert [training["seed"] for training in own.card.figures["trainings"]] == [1, 2]
    assert own.card.figures["stance"]["n"] < len(rows) / 2
    assert {what for what, _, _ in told} == {"reading comments", "training, seed 1", "training, seed 2"}
    assert not (tmp_path / "own" / "unfinished").exists()


def test_a_broken_full_training_goes_on_when_called_again(tiny_folder: Path, tmp_path: Path) -> None:
    def break_off(what: str, done: int, total: int) -> None:
        if what == "training" and done == 5:
            raise BrokenOffError

    rows = labelled_rows()
    with pytest.raises(BrokenOffError):
        stance.train(rows, start=tiny_folder, way="full", out=tmp_path / "own", progress=break_off)
    assert (tmp_path / "own" / "unfinished" / "seed-0" / "training.safetensors").is_file()
    resumed = stance.train(rows, start=tiny_folder, way="full", out=tmp_path / "own")
    undisturbed = stance.train(rows, start=tiny_folder, way="full")
    texts = [row["text"] for row in rows]
    np.testing.assert_array_equal(resumed.score(texts).logits, undisturbed.score(texts).logits)


def test_too_few_groups_to_part_are_refused_with_the_way_out(tiny_model: stance.StanceModel) -> None:
    rows = labelled_rows(n_threads=1, per_class=4)
    for i, row in enumerate(rows):
        row["author"] = ("Ann", "Bob")[i % 2]
    with pytest.raises(stance.InputError, match="way='head'"):
        stance.train(rows, start=tiny_model, way="full")
