"""A model folder: what lies in it, how it is checked, opened and written.

The folder opens with stock ``transformers``: ``config.json``, ``model.safetensors``, the tokenizer's files, and
``stance.json``, which says what the six outputs mean, how inputs are written, how scores become probabilities,
and the sha256 of the other files. A folder whose weights are stored in eight bits has ``weights-*.int8.safetensors``
instead, which this module widens; writing the opened model again gives the stock form. Nothing is unpickled and no code
from the folder is run.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging as transformers_logging

from stance.calibration import Calibration
from stance.encoding import InputForm
from stance.errors import ModelError
from stance.weights import read_int8, write_int8

SCHEMA = 1
CARD = "stance.json"
#: Meaning of the network's outputs, in order; every model folder has just these.
OUTPUTS = ("side_a", "side_b", "neutral", "tone_negative", "tone_neutral", "tone_positive")
_CHECKED = ("config.json", "tokenizer.json", "tokenizer_config.json")
_STOCK_WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class ModelCard:
    """The contents of ``stance.json``.

    :param name: What the model is called.
    :param form: How its inputs are written.
    :param calibration: How its scores become probabilities.
    :param sha256: Of the folder's other files, by name.
    :param trained_on: The data that shaped it, with licences.
    :param figures: What it scored where, as the benchmark wrote it.
    """

    name: str
    form: InputForm
    calibration: Calibration
    sha256: dict[str, str] = field(default_factory=dict)
    trained_on: tuple[str, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenModel:
    """An opened folder, ready to run.

    :param network: In eval mode, on ``device``, float32; takes ``input_ids``, ``attention_mask`` and, where
        ``uses_type_ids``, ``token_type_ids``; gives ``logits`` of shape ``(n, 6)``.
    :param tokenizer: With neither truncation nor padding set.
    :param stock_tokenizer: The transformers tokenizer it was taken from.
    :param precision: What matrix products are computed in. ``bfloat16`` is several times faster on processors that have
        instructions for it, and moves a logit by some hundredths.
    """

    card: ModelCard
    network: nn.Module
    tokenizer: Tokenizer
    stock_tokenizer: Any
    device: torch.device
    pad_id: int
    uses_type_ids: bool
    precision: torch.dtype = torch.float32


def open_model(folder: str | Path, device: str = "auto", precision: torch.dtype = torch.float32) -> OpenModel:
    """Open a model folder.

    :param device: ``"auto"`` takes a GPU where there is one; else any device name of torch.
    :param precision: ``torch.float32`` or ``torch.bfloat16``; see :class:`OpenModel`.
    :raises ModelError: If the folder is missing, incomplete, altered, of a later schema or of another make.
    """
    folder = Path(folder)
    card = read_card(folder)
    _check_files(folder, card)
    with _quiet_transformers():
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        found = tuple(config.id2label[i] for i in sorted(config.id2label))
        if found != OUTPUTS:
            raise ModelError(f"{folder}: the outputs are {found}, but {OUTPUTS} were expected. Was it made by stance?")
        network = _open_network(folder, card, config)
        fast = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    try:
        place = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
        network = network.eval().to(place)
    except (RuntimeError, AssertionError) as error:
        raise ModelError(f"The device {device!r} cannot be used ({str(error).splitlines()[0]}). Try 'cpu'.") from error
    return OpenModel(
        card=card,
        network=network,
        tokenizer=plain_tokenizer(fast),
        stock_tokenizer=fast,
        device=place,
        pad_id=fast.pad_token_id or 0,
        uses_type_ids="token_type_ids" in fast.model_input_names,
        precision=precision,
    )


def last_layer(network: nn.Module) -> nn.Linear:
    """The layer that makes the six outputs.

    :raises ModelError: If the network does not end in a linear layer of six outputs.
    """
    linear = [module for module in network.modules() if isinstance(module, nn.Linear)]
    if not linear or linear[-1].out_features != len(OUTPUTS) or linear[-1].bias is None:
        raise ModelError(
            f"A network that ends in a linear layer of {len(OUTPUTS)} outputs was expected, but"
            f" {type(network).__name__} does not."
        )
    return linear[-1]


def with_last_layer(
    model: OpenModel, card: ModelCard, weight: npt.NDArray[np.float64], bias: npt.NDArray[np.float64]
) -> OpenModel:
    """A model of its own whose last layer is another; the given one stays as it is.

    :param weight: *Shape:* ``(6, width)``
    :param bias: *Shape:* ``(6,)``
    """
    network = copy.deepcopy(model.network)
    last = last_layer(network)
    with torch.no_grad():
        last.weight.copy_(torch.from_numpy(weight))
        last.bias.copy_(torch.from_numpy(bias))
    return replace(model, card=card, network=network)


def native_precision(device: str | torch.device = "cpu") -> torch.dtype:
    """``bfloat16`` where the device multiplies matrices in it natively, ``float32`` elsewhere.

    A processor without AMX or AVX512-BF16 emulates bfloat16, a hundred times slower than float32.
    """
    device = torch.device(device)
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    native = device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return torch.bfloat16 if native else torch.float32


def _open_network(folder: Path, card: ModelCard, config: Any) -> Any:
    int8 = [name for name in card.sha256 if name.endswith(".int8.safetensors")]
    if not int8:
        return AutoModelForSequenceClassification.from_pretrained(
            folder,
            config=config,
            dtype=torch.float32,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
        )
    network = AutoModelForSequenceClassification.from_config(config, dtype=torch.float32, trust_remote_code=False)
    try:
        network.load_state_dict(read_int8(folder, int8))
    except RuntimeError as error:
        raise ModelError(
            f"{folder}: the weights do not fit config.json ({str(error).splitlines()[-1].strip()}). Get it again."
        ) from error
    return network


def plain_tokenizer(fast: Any) -> Tokenizer:
    """The Rust tokenizer inside a transformers tokenizer, as a copy without truncation and padding.

    :raises ModelError: If the tokenizer has none.
    """
    inner = getattr(fast, "backend_tokenizer", None)
    if not isinstance(inner, Tokenizer):
        raise ModelError(f"A fast tokenizer (tokenizer.json) is needed, but {type(fast).__name__} has none.")
    plain: Tokenizer = Tokenizer.from_str(inner.to_str())
    plain.no_truncation()
    plain.no_padding()
    return plain


def read_card(folder: Path) -> ModelCard:
    """Read ``stance.json``.

    :raises ModelError: If it is missing, no JSON, or of another schema.
    """
    path = folder / CARD
    if not folder.is_dir():
        raise ModelError(
            f"{folder}: no such model folder. Give a folder that holds {CARD}, or a hub id like 'name/model'."
        )
    if not path.is_file():
        raise ModelError(
            f"{folder}: holds no {CARD}, so it is no model of this library's make. Train one or load another."
        )
    try:
        raw = json.loads(path.read_text("utf-8"))
        if raw["schema"] != SCHEMA:
            raise ModelError(
                f"{path}: schema {raw['schema']} came, {SCHEMA} was expected. Update stance or train again."
            )
        return ModelCard(
            name=raw["name"],
            form=InputForm(**raw["form"]),
            calibration=Calibration(**raw["calibration"]),
            sha256=raw["sha256"],
            trained_on=tuple(raw["trained_on"]),
            figures=raw["figures"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: is damaged ({type(error).__name__}: {error}). Get the folder again.") from error


def write_model(
    folder: str | Path, card: ModelCard, network: Any, tokenizer: Any, dtype: torch.dtype = torch.float32
) -> None:
    """Write a model, with its card.

    :param network: A stock sequence classification model with the six outputs.
    :param tokenizer: Its transformers tokenizer.
    :param dtype: What the weights are stored in. Half precision halves the file and is widened on opening, by stock
        transformers too; ``torch.int8`` quarters it, and only this library opens it.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for old in (folder / _STOCK_WEIGHTS, *folder.glob("weights-*.int8.safetensors")):
        old.unlink(missing_ok=True)
    network.config.id2label = dict(enumerate(OUTPUTS))
    network.config.label2id = {name: i for i, name in enumerate(OUTPUTS)}
    network.config.dtype = torch.float32 if dtype == torch.int8 else dtype
    with _quiet_transformers():
        if dtype == torch.int8:
            network.config.save_pretrained(folder)
            weights = write_int8(folder, network.state_dict())
        else:
            state = {
                name: tensor.to(dtype) if tensor.is_floating_point() else tensor
                for name, tensor in network.state_dict().items()
            }
            network.save_pretrained(folder, state_dict=state, max_shard_size="5GB")
            weights = [_STOCK_WEIGHTS]
        tokenizer.save_pretrained(folder)
    sha256 = {name: _sha256(folder / name) for name in (*_CHECKED, *weights)}
    raw = {"schema": SCHEMA, **asdict(card), "sha256": sha256}
    (folder / CARD).write_text(json.dumps(raw, indent=2, ensure_ascii=False) + "\n", "utf-8")


def save_model(folder: str | Path, model: OpenModel) -> None:
    """Write an opened model again, its weights in float32."""
    write_model(folder, model.card, model.network, model.stock_tokenizer)


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """No bars and no reports on stderr while a model is opened or written; then as it was before."""
    verbosity = transformers_logging.get_verbosity()
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if bars:
            transformers_logging.enable_progress_bar()


def _check_files(folder: Path, card: ModelCard) -> None:
    for name, expected in card.sha256.items():
        path = folder / name
        if not path.is_file():
            raise ModelError(f"{folder}: {name} is missing. Get the folder again.")
        if _sha256(path) != expected:
            raise ModelError(
                f"{path}: its sha256 is not the one {CARD} names; it was altered or damaged. Get the folder again."
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
