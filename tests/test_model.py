import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import stance
from stance.calibration import Calibration
from stance.card import OUTPUTS, ModelCard, read_card, write_held_out
from stance.encoding import InputForm, make_examples, tokenize
from stance.inference import score_examples
from stance.model import OpenModel, open_model, write_model
from stance.sides import Sides
from stance.weights import read_int8, to_int8, write_int8
from tests.conftest import make_network, make_tokenizer
from tests.debates import erring


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "copy"))


def test_a_model_folder_opens_in_stock_transformers_and_gives_the_same_logits(
    tiny_open: OpenModel, tiny_folder: Path, bins_thread: stance.Thread
) -> None:
    examples = list(make_examples(bins_thread, Sides.council_union()))
    network = AutoModelForSequenceClassification.from_pretrained(tiny_folder)
    assert tuple(network.config.id2label.values()) == OUTPUTS
    assert isinstance(AutoTokenizer.from_pretrained(tiny_folder)("strike")["input_ids"], list)
    (first,) = tokenize(examples[:1], tiny_open.tokenizer, tiny_open.card.form)
    with torch.inference_mode():
        stock = network(input_ids=torch.tensor([first.ids]), token_type_ids=torch.tensor([first.type_ids])).logits
    np.testing.assert_allclose(stock.numpy(), score_examples(examples[:1], tiny_open).logits, atol=1e-5)


def test_the_tokenizer_of_stock_transformers_gives_the_same_pairs(tiny_open: OpenModel) -> None:
    encoded = tiny_open.stock_tokenizer("the strike", "union: pay")
    joined = tiny_open.tokenizer.encode("the strike", "union: pay")
    assert (joined.ids, joined.type_ids) == (encoded["input_ids"], encoded["token_type_ids"])


def test_a_saved_model_opens_again_with_the_same_answers(
    tiny_model: stance.StanceModel, tmp_path: Path, bins_thread: stance.Thread
) -> None:
    tiny_model.save(tmp_path / "saved")
    again = stance.load(tmp_path / "saved", device="cpu")
    assert again.card == read_card(tmp_path / "saved")
    np.testing.assert_array_equal(
        again.classify(bins_thread).probabilities, tiny_model.classify(bins_thread).probabilities
    )


def test_a_network_of_over_50_mb_is_written_as_one_file_that_opens_again(tmp_path: Path) -> None:
    tokenizer = make_tokenizer()
    network = make_network(400_000)  # 51 MB of embeddings
    write_model(tmp_path, ModelCard("wide", InputForm(), Calibration()), network, tokenizer)
    assert open_model(tmp_path, "cpu").card.name == "wide"


def test_weights_in_eight_bits_open_again_within_half_a_step(tiny_open: OpenModel, tmp_path: Path) -> None:
    write_model(tmp_path, tiny_open.card, tiny_open.network, tiny_open.stock_tokenizer, torch.int8)
    assert not (tmp_path / "model.safetensors").exists()
    opened = open_model(tmp_path, "cpu").network.state_dict()
    for name, tensor in tiny_open.network.state_dict().items():
        step = tensor.abs().amax(dim=1, keepdim=True) / 127 if tensor.ndim == 2 else torch.zeros(())
        assert ((opened[name] - tensor).abs() <= 0.5001 * step).all(), name


def test_a_model_stored_in_eight_bits_is_saved_in_the_stock_form(
    tiny_open: OpenModel, tmp_path: Path, bins_thread: stance.Thread
) -> None:
    write_model(tmp_path / "small", tiny_open.card, tiny_open.network, tiny_open.stock_tokenizer, torch.int8)
    opened = stance.load(tmp_path / "small", device="cpu")
    opened.save(tmp_path / "stock")
    AutoModelForSequenceClassification.from_pretrained(tmp_path / "stock")
    np.testing.assert_array_equal(
        stance.load(tmp_path / "stock", device="cpu").classify(bins_thread).probabilities,
        opened.classify(bins_thread).probabilities,
    )


@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.floats(-1e6, 1e6, width=32)))
def test_a_matrix_in_eight_bits_is_off_by_half_a_step_at_most(matrix: np.ndarray) -> None:
    whole, scale = to_int8(torch.from_numpy(matrix))
    assert ((whole.float() * scale - torch.from_numpy(matrix)).abs() <= 0.501 * scale).all()


def test_large_weights_are_spread_over_files_that_code_hosts_take(tmp_path: Path) -> None:
    state = {f"layer.{i}.weight": torch.randn(5000, 4000) for i in range(3)}
    names = write_int8(tmp_path, state)
    assert len(names) == 2
    assert all((tmp_path / name).stat().st_size < 50 * 2**20 for name in names)
    assert set(read_int8(tmp_path, names)) == set(state)


def test_bytes_without_their_scales_are_refused(tmp_path: Path) -> None:
    save_file({"a.weight": torch.ones(2, 2, dtype=torch.int8)}, tmp_path / "x.int8.safetensors")
    with pytest.raises(stance.ModelError, match=r"a\.weight has no scales"):
        read_int8(tmp_path, ["x.int8.safetensors"])


def test_how_a_model_errs_stays_with_it(tiny_open: OpenModel, tmp_path: Path, bins_thread: stance.Thread) -> None:
    write_model(tmp_path / "a", tiny_open.card, tiny_open.network, tiny_open.stock_tokenizer)
    assert (
        stance.summarize(bins_thread, stance.load(tmp_path / "a").classify(bins_thread)).by_people.method == "counted"
    )
    write_held_out(tmp_path / "a", erring())
    opened = stance.load(tmp_path / "a", device="cpu")
    opened.save(tmp_path / "b")
    again = stance.load(tmp_path / "b", device="cpu").classify(bins_thread)
    assert stance.summarize(bins_thread, again).by_people.method == "corrected"
    write_held_out(tmp_path / "b", None)
    assert stance.load(tmp_path / "b", device="cpu").card.calibration.held_out is None
    assert not (tmp_path / "b" / "held_out.json").exists()


def test_held_out_answers_that_are_missing_or_altered_are_refused(tiny_open: OpenModel, tmp_path: Path) -> None:
    write_model(tmp_path, tiny_open.card, tiny_open.network, tiny_open.stock_tokenizer)
    write_held_out(tmp_path, erring())
    path = tmp_path / "held_out.json"
    path.write_text(path.read_text("utf-8").replace("[0,", "[1,", 1), "utf-8")
    with pytest.raises(stance.ModelError, match=r"held_out\.json: its sha256"):
        stance.load(tmp_path)
    path.unlink()
    with pytest.raises(stance.ModelError, match=r"held_out\.json is missing"):
        stance.load(tmp_path)


def test_an_altered_file_is_refused(folder: Path) -> None:
    config = folder / "config.json"
    config.write_text(config.read_text() + " ")
    with pytest.raises(stance.ModelError, match=r"config\.json: its sha256 is not the one stance\.json names"):
        open_model(folder, "cpu")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(stance.ModelError, match=r"model\.safetensors is missing"):
        open_model(folder, "cpu")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(schema=99), "schema 99 came, 1 was expected"),
        (lambda raw: raw.pop("form"), "is damaged"),
        (lambda raw: raw["form"].update(shape=1), "is damaged"),
    ],
)
def test_a_card_of_another_make_is_refused(folder: Path, change, message: str) -> None:
    raw = json.loads((folder / "stance.json").read_text())
    change(raw)
    (folder / "stance.json").write_text(json.dumps(raw))
    with pytest.raises(stance.ModelError, match=message):
        open_model(folder, "cpu")


def test_a_classifier_with_other_outputs_is_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {str(i): f"LABEL_{i}" for i in range(6)}
    (folder / "config.json").write_text(json.dumps(config))
    raw = json.loads((folder / "stance.json").read_text())
    del raw["sha256"]["config.json"]
    (folder / "stance.json").write_text(json.dumps(raw))
    with pytest.raises(stance.ModelError, match="Was it made by stance"):
        open_model(folder, "cpu")


def test_a_folder_without_a_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(stance.ModelError, match=r"holds no stance\.json"):
        stance.load(tmp_path)


@pytest.mark.parametrize("name", ["no-such-model", "a/b/c", Path("nowhere")])
def test_a_model_that_is_not_there_is_an_error(name: str | Path) -> None:
    with pytest.raises(stance.ModelError, match="There is no model"):
        stance.load(name)


def test_a_hub_id_is_loaded_from_the_hubs_cache(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bins_thread: stance.Thread
) -> None:
    """The layout that a download leaves behind, read by the hub's own client with the network off."""
    repository = tmp_path / "models--somebody--tiny-stance"
    shutil.copytree(tiny_folder, repository / "snapshots" / ("0" * 40))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    model = stance.load("somebody/tiny-stance", device="cpu")
    assert len(model.classify(bins_thread)) == 5
    with pytest.raises(stance.ModelError, match="'somebody/other' is no folder here"):
        stance.load("somebody/other")


def test_the_model_in_the_package_is_whole_and_under_50_mib_a_file() -> None:
    from stance.api import PACKAGED, packaged_folder

    for name in PACKAGED:
        card = read_card(packaged_folder(name))
        assert card.trained_on
        assert card.figures
        assert set(card.sha256) >= {"config.json", "tokenizer.json"}
        assert any(name.endswith(".safetensors") for name in card.sha256)
        open_model(packaged_folder(name), "cpu")
        assert all(path.stat().st_size < 50 * 2**20 for path in packaged_folder(name).iterdir())
