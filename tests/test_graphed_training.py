"""Training of many passes: its forward pass, its loss and what a pass shows."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.fused_forward import answers_of
from benchmarks.graphed_training import Pass, Showing, Source, Teacher, losses_of, pass_of, steps_of, train_long
from stance.encoding import Example, InputForm, tokenize
from stance.inference import pad_batch
from stance.labelled import LabelledExample
from stance.model import plain_tokenizer
from stance.sides import Side, Sides
from stance.training import TrainingSettings, loss_of
from stance.words import Words
from tests.conftest import make_network, make_tokenizer
from tests.test_encoder import make_mpnet

FORM = InputForm(max_tokens=64)
SETTINGS = TrainingSettings(epochs=2, learning_rate=1e-3, batch_examples=8, batch_tokens=512, max_tokens=64)
SIDES = Sides(Side("pro-council", "the town"), Side("pro-union", "its drivers"))


def labelled(n: int) -> list[LabelledExample]:
    words = "pay the drivers now or let them walk for all I care".split()
    rng = random.Random(n)
    texts = [" ".join(rng.choices(words, k=rng.randint(1, 40))) for _ in range(n)]
    return [LabelledExample(Example("t", str(i), text, SIDES), i % 3, i % 2) for i, text in enumerate(texts)]


def shown_in_pass(
    number: int,
    sources: list[Source],
    tokenizer: Any,
    settings: TrainingSettings,
    first: tuple[list[Source], int] = ([], 0),
) -> Pass:
    return pass_of(number, Showing(sources, FORM, settings, first), [Words(plain_tokenizer(tokenizer))])


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return make_tokenizer()


def networks(tokenizer: Any) -> dict[str, Any]:
    return {"bert": make_network(len(tokenizer)), "mpnet": make_mpnet(len(tokenizer))}


@pytest.mark.parametrize("kind", ["bert", "mpnet"])
def test_the_forward_pass_is_that_of_the_stock_network(kind: str, tokenizer: Any) -> None:
    network, examples = networks(tokenizer)[kind], labelled(9)
    inputs = pad_batch(tokenize([one.example for one in examples], plain_tokenizer(tokenizer), FORM), 0)
    if kind == "mpnet":
        del inputs["token_type_ids"]
        inputs["position_ids"] = (2 + torch.arange(inputs["input_ids"].shape[1])).expand_as(inputs["input_ids"])
    with torch.inference_mode():
        expected = network(**inputs).logits.numpy()
    found = np.stack(list(answers_of(network, tokenizer, FORM, examples, batch=4)))
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("taught", [False, True])
def test_the_loss_is_that_of_fine_tuning(taught: bool) -> None:
    torch.manual_seed(0)
    examples = labelled(12)
    examples[3] = replace(examples[3], stance=None)
    examples[4] = replace(examples[4], sentiment=None)
    if not taught:
        examples[0] = replace(examples[0], two_way=True, stance=1)
    chances = torch.rand(12, 6)
    chances = torch.cat([part / part.sum(1, keepdim=True) for part in chances.split(3, 1)], 1)
    logits = torch.randn(12, 6)
    targets = torch.tensor(
        [
            (-100 if s.stance is None else s.stance, -100 if s.sentiment is None else s.sentiment, s.two_way, s.weight)
            for s in examples
        ]
    )
    if taught:
        examples = [replace(s, teacher=tuple(row)) for s, row in zip(examples, chances.tolist(), strict=True)]
    found = losses_of(logits, targets, chances if taught else None, SETTINGS)
    torch.testing.assert_close(found.sum(), loss_of(logits, examples, SETTINGS))


def test_every_example_of_a_pass_is_in_one_step() -> None:
    lengths = np.random.default_rng(0).integers(5, 64, 200)
    steps = steps_of(lengths, SETTINGS, random.Random(0))
    rows = np.concatenate([rows for _, rows in steps])
    assert sorted(rows[rows >= 0]) == list(range(200))
    assert all(lengths[rows[rows >= 0]].max() <= length for length, rows in steps)
    assert all(len(rows) * length <= SETTINGS.batch_tokens for length, rows in steps)


@pytest.mark.parametrize("kind", ["bert", "mpnet"])
def test_what_is_told_again_and_again_is_learned(kind: str, tokenizer: Any) -> None:
    network = networks(tokenizer)[kind]
    examples = [
        LabelledExample(Example("t", str(i), text, SIDES), stance, stance)
        for i, (text, stance) in enumerate([("strike", 0), ("cuts", 1), ("bins", 2)] * 10)
    ]
    settings = replace(SETTINGS, epochs=40, learning_rate=3e-3, swap=0.0, drop_part=0.0)
    losses: list[float] = []
    made = train_long(
        network,
        tokenizer,
        Showing([Source(examples)], FORM, settings),
        after_pass=lambda _n, loss, _d: losses.append(loss),
    )
    assert made == settings.epochs
    assert len(losses) == settings.epochs
    assert losses[-1] < 0.6 * losses[0]


def test_what_nobody_labelled_follows_the_teacher(tokenizer: Any) -> None:
    teacher, pupil = make_network(len(tokenizer)), make_mpnet(len(tokenizer))
    examples = [replace(one, stance=None, sentiment=None) for one in labelled(40)]
    settings = replace(SETTINGS, epochs=40, learning_rate=3e-3, swap=0.0, drop_part=0.0)

    def agreement() -> float:
        asked = [np.stack(list(answers_of(net, tokenizer, FORM, examples)))[:, :3] for net in (teacher, pupil)]
        return float(np.mean(asked[0].argmax(1) == asked[1].argmax(1)))

    before = agreement()
    train_long(
        pupil, tokenizer, Showing([Source(examples)], FORM, settings), teacher=Teacher(teacher, tokenizer, (1.0, 1.0))
    )
    assert agreement() > max(0.8, before)


def test_a_broken_share_shows_a_part_of_the_examples(tokenizer: Any) -> None:
    first, second = labelled(10), labelled(20)
    for one in first:
        assert one not in second
    found = shown_in_pass(0, [Source(first, 1.5), Source(second, 0.2)], tokenizer, SETTINGS)
    assert len(found.targets) == 15 + 4


@pytest.mark.parametrize(("number", "shown"), [(0, 5), (1, 5), (2, 20), (9, 20)])
def test_the_first_passes_show_something_else(number: int, shown: int, tokenizer: Any) -> None:
    found = shown_in_pass(number, [Source(labelled(20))], tokenizer, SETTINGS, ([Source(labelled(5))], 2))
    assert len(found.targets) == shown


@pytest.mark.skipif(not torch.cuda.is_available(), reason="captured steps need a CUDA device")
def test_captured_steps_learn_like_others(tokenizer: Any) -> None:
    def losses_on(device: str) -> list[float]:
        settings = replace(SETTINGS, epochs=6, swap=0.0, drop_part=0.0)
        told: list[float] = []
        network: Any = make_network(len(tokenizer))
        network.to(device)
        sources = [Source(labelled(40))]
        train_long(
            network, tokenizer, Showing(sources, FORM, settings), after_pass=lambda _n, loss, _d: told.append(loss)
        )
        return told

    np.testing.assert_allclose(losses_on("cuda"), losses_on("cpu"), atol=0.15)
