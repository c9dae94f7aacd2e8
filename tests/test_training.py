from dataclasses import replace

import numpy as np
import pytest
import torch

from stance.calibration import Calibration
from stance.card import ModelCard
from stance.encoding import Example, InputForm
from stance.inference import score_examples
from stance.labelled import LabelledExample
from stance.model import OpenModel, StockModel, opened_stock
from stance.sides import Side, Sides
from stance.training import TrainingSettings, _attention_for_training, fine_tune
from tests.conftest import make_network, make_tokenizer

SIDES = Sides(Side("council", "council"), Side("union", "union"))
TEXTS = ["pay the workers", "strike must never", "bins"]  # for the union, for the council, for neither
FORM = InputForm(max_tokens=64, sides=False, post=False, parent=False)
SETTINGS = TrainingSettings(epochs=12, learning_rate=3e-3, swap=0.0, drop_part=0.0, batch_examples=8)


def example(text: str, stance: int | None, sentiment: int | None = None, two_way: bool = False) -> LabelledExample:
    return LabelledExample(Example("t", "1", text, SIDES), stance, sentiment, two_way)


def train(data: list[LabelledExample], settings: TrainingSettings = SETTINGS) -> OpenModel:
    tokenizer = make_tokenizer()
    network = make_network(len(tokenizer)).train()
    fine_tune(network, tokenizer, FORM, data, settings)
    assert not network.training
    card = ModelCard("trained", FORM, Calibration())
    return opened_stock(card, StockModel(network, tokenizer))


def logits(model: OpenModel) -> np.ndarray:
    return score_examples([example(text, None).example for text in TEXTS], model).logits


def test_training_learns_stance_and_tone_from_examples() -> None:
    data = [example(TEXTS[0], 1, 2), example(TEXTS[1], 0, 0), example(TEXTS[2], 2, 1)] * 12
    learned = logits(train(data))
    assert learned[:, :3].argmax(axis=1).tolist() == [1, 0, 2]
    assert learned[:, 3:].argmax(axis=1).tolist() == [2, 0, 1]


def test_the_same_seed_gives_the_same_weights() -> None:
    data = [example(TEXTS[0], 1, 2), example(TEXTS[1], 0, 0)] * 6
    short = replace(SETTINGS, epochs=1)
    np.testing.assert_array_equal(logits(train(data, short)), logits(train(data, short)))
    assert np.abs(logits(train(data, short)) - logits(train(data, replace(short, seed=1)))).max() > 0


def test_two_way_examples_say_nothing_of_neutral() -> None:
    settings = replace(SETTINGS, epochs=1)
    tokenizer = make_tokenizer()
    network = make_network(len(tokenizer))
    before = network.classifier.weight.detach().clone()
    fine_tune(network, tokenizer, FORM, [example(TEXTS[0], 1, two_way=True)] * 8, replace(settings, weight_decay=0.0))
    moved = (network.classifier.weight - before).abs().max(dim=1).values
    assert moved[2:].max() == 0
    assert moved[:2].min() > 0


def test_swapping_the_sides_turns_the_label_with_them() -> None:
    swapped = example("x", 0).swapped()
    assert (swapped.stance, swapped.example.sides.a.label) == (1, "union")
    assert example("x", 2).swapped().stance == 2
    assert example("x", None).swapped().stance is None
    assert swapped.swapped() == example("x", 0)


def test_the_attention_of_training_equals_the_networks_own() -> None:
    tokenizer = make_tokenizer()
    network = make_network(len(tokenizer)).eval()
    own = network.config._attn_implementation
    inputs = {
        "input_ids": torch.tensor([[2, 7, 8, 9, 3], [2, 7, 3, 0, 0]]),
        "attention_mask": torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]),
    }
    with torch.inference_mode():
        expected = network(**inputs).logits
        with _attention_for_training(network):
            assert network.config._attn_implementation != own
            found = network(**inputs).logits
    assert network.config._attn_implementation == own
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_a_teacher_is_followed_where_there_is_no_label() -> None:
    sure = (0.02, 0.96, 0.02, 0.02, 0.02, 0.96)
    data = [replace(example(TEXTS[0], None), teacher=sure), example(TEXTS[1], 0, 0), example(TEXTS[2], 2, 1)] * 12
    learned = logits(train(data, replace(SETTINGS, teacher_weight=1.0)))
    assert learned[0, :3].argmax() == 1
    assert learned[0, 3:].argmax() == 2


def test_a_teachers_word_turns_with_the_sides() -> None:
    taught = replace(example("x", 0), teacher=(0.7, 0.2, 0.1, 0.5, 0.3, 0.2))
    assert taught.swapped().teacher == (0.2, 0.7, 0.1, 0.5, 0.3, 0.2)


def test_frozen_word_embeddings_stay_as_they_are_and_may_learn_again_afterwards() -> None:
    tokenizer = make_tokenizer()
    network = make_network(len(tokenizer))
    words = network.get_input_embeddings().weight
    before = words.detach().clone()
    fine_tune(network, tokenizer, FORM, [example(TEXTS[0], 1)] * 8, replace(SETTINGS, epochs=1, freeze_words=True))
    assert torch.equal(words, before)
    assert words.requires_grad


def test_training_tells_of_each_epoch() -> None:
    told: list[tuple[int, float]] = []
    tokenizer = make_tokenizer()
    data = [example(TEXTS[0], 1)] * 4
    fine_tune(
        make_network(len(tokenizer)), tokenizer, FORM, data, replace(SETTINGS, epochs=2), lambda *t: told.append(t)
    )
    assert [epoch for epoch, _ in told] == [1, 2]
    assert told[1][1] == pytest.approx(told[0][1], abs=5)
