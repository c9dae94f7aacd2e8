"""A model folder: what lies in it, how it is checked, opened and written.

The folder opens with stock ``transformers``: ``config.json``, ``model.safetensors``, the tokenizer's files, and
``stance.json``, which says what the six outputs mean, how inputs are written, how scores become probabilities,
and the sha256 of the other files; and, if it is known how the model errs, ``held_out.json``, its answers to comments
with known labels (:mod:`stance.held_out`); and, if the network is asked of sides in one order only,
``roles.safetensors``, which tells it (:mod:`stance.roles`). A folder whose weights are stored in eight bits has
``weights-*.int8.safetensors`` instead, which this module widens; writing the opened model again gives the stock form.
Nothing is unpickled and no code from the folder is run.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from threading import RLock
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from tokenizers import Tokenizer
from torch import nn

from stance.calibration import Calibration
from stance.card import OUTPUTS, ModelCard, check_files, read_card, sha256_of, write_card
from stance.encoder import Encoder, has_packed_form, pack_state
from stance.errors import ModelError
from stance.roles import FILE as ROLES
from stance.roles import Roles, read_roles, write_roles
from stance.weights import read_int8, read_weights, write_int8

_CHECKED = ("config.json", "tokenizer.json", "tokenizer_config.json")
_STOCK_WEIGHTS = "model.safetensors"
# Transformers' settings are the whole process's: one thread at a time opens or writes a model by it. Writing may open.
_TRANSFORMERS = RLock()


Precision: TypeAlias = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class StockModel:
    """A model as transformers has it.

    :param network: In eval mode, float32; takes ``input_ids``, ``attention_mask`` and, where the architecture has them,
        ``token_type_ids``; gives ``logits`` of shape ``(n, 6)``.
    """

    network: Any
    tokenizer: Any


@dataclass(frozen=True)
class OpenModel:
    """An opened folder, ready to run.

    :param tokenizer: With neither truncation nor padding set.
    :param open_stock: Opens the stock form, which most calls never need: it costs seconds and as much memory again.
    :param precision: What matrix products are computed in. ``bfloat16`` is several times faster on processors that have
        instructions for it, and moves a logit by some hundredths.
    :param encoders: The network's packed form, one a device; none where its architecture has none, or while it is
        still being trained. Then the stock network runs, padded.
    :param threads: How many threads of the processor one call may use; None for torch's own setting. See
        :func:`stance.processor.torch_threads`.
    :param roles: Which side an input names first; None for the one that the caller does.
    """

    card: ModelCard
    tokenizer: Tokenizer
    device: torch.device
    pad_id: int
    uses_type_ids: bool
    open_stock: Callable[[], StockModel]
    precision: torch.dtype = torch.float32
    encoders: tuple[Encoder, ...] = ()
    threads: int | None = None
    roles: Roles | None = None

    @property
    def network(self) -> Any:
        """The stock network, on ``device``."""
        return self.open_stock().network

    def calibration_of(self, labels: Sequence[str]) -> Calibration:
        """The card's calibration, for sides of these labels in this order."""
        calibration = self.card.calibration
        return calibration.swapped() if self.roles and self.roles.turn(labels) else calibration

    @property
    def stock_tokenizer(self) -> Any:
        """The tokenizer of transformers."""
        return self.open_stock().tokenizer


def open_model(
    folder: str | Path,
    device: str = "auto",
    precision: Precision = "float32",
    threads: int | None = None,
) -> OpenModel:
    """Open a model folder.

    :param device: ``"auto"`` takes all GPUs that there are, or else the processor; or any device name of torch.
    :param precision: ``"float32"``, ``"bfloat16"`` or, by ``"auto"``, :func:`native_precision`.
    :param threads: See :class:`OpenModel`.
    :raises ModelError: If the folder is missing, incomplete, altered, of a later schema or of another make.
    """
    folder = Path(folder)
    card = read_card(folder)
    check_files(folder, card)
    config = _read_config(folder)
    try:
        places = _devices(device)
        torch.empty(0, device=places[0])
        computed_in = native_precision(places[0]) if precision == "auto" else getattr(torch, precision)
    except (RuntimeError, AssertionError) as error:
        raise ModelError(f"The device {device!r} cannot be used ({str(error).splitlines()[0]}). Try 'cpu'.") from error
    open_stock = _once(partial(_open_stock, folder, card, places[0]))
    if not has_packed_form(config):
        opened = opened_stock(card, open_stock())
        roles = _read_roles(folder, card, opened.tokenizer)
        return replace(opened, device=places[0], precision=computed_in, threads=threads, roles=roles)
    try:
        state = _read_weights(folder, card)
        encoders = tuple(pack_state(config, state, place, computed_in) for place in places)
    except (KeyError, ValueError, SafetensorError) as error:
        raise ModelError(f"{folder}: the weights do not fit config.json ({error}). Get it again.") from error
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return OpenModel(
        card=card,
        tokenizer=tokenizer,
        device=places[0],
        pad_id=config.get("pad_token_id") or 0,
        uses_type_ids=encoders[0].types is not None,
        open_stock=open_stock,
        precision=computed_in,
        encoders=encoders,
        threads=threads,
        roles=_read_roles(folder, card, tokenizer),
    )


def opened_stock(card: ModelCard, stock: StockModel) -> OpenModel:
    """A stock network as inference takes it: padded, for what has no packed form, or is fresh from training."""
    return OpenModel(
        card=card,
        tokenizer=plain_tokenizer(stock.tokenizer),
        device=next(stock.network.parameters()).device,
        pad_id=stock.tokenizer.pad_token_id or 0,
        uses_type_ids="token_type_ids" in stock.tokenizer.model_input_names,
        open_stock=lambda: stock,
    )


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
        found = tuple(name for _, name in sorted(config["id2label"].items(), key=lambda item: int(item[0])))
    except (ValueError, KeyError, AttributeError) as error:
        raise ModelError(
            f"{folder}: config.json is damaged ({type(error).__name__}: {error}). Get it again."
        ) from error
    if found != OUTPUTS:
        raise ModelError(f"{folder}: the outputs are {found}, but {OUTPUTS} were expected. Was it made by stance?")
    return config


def _read_weights(folder: Path, card: ModelCard) -> dict[str, torch.Tensor]:
    int8 = [name for name in card.sha256 if name.endswith(".int8.safetensors")]
    return read_int8(folder, int8) if int8 else read_weights(folder / _STOCK_WEIGHTS)


def _read_roles(folder: Path, card: ModelCard, tokenizer: Tokenizer) -> Roles | None:
    return read_roles(folder, tokenizer) if ROLES in card.sha256 else None


def _devices(device: str) -> list[torch.device]:
    if device == "auto":
        n_gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
        return [torch.device("cuda", i) for i in range(n_gpus)] or [torch.device("cpu")]
    return [torch.device(device)]


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
    out = torch.from_numpy(weight).float(), torch.from_numpy(bias).float()
    network = copy.deepcopy(model.network)
    last = last_layer(network)
    with torch.no_grad():
        last.weight.copy_(out[0])
        last.bias.copy_(out[1])
    stock = StockModel(network, model.stock_tokenizer)
    encoders = tuple(
        replace(encoder, out=(out[0].to(encoder.device), out[1].to(encoder.device))) for encoder in model.encoders
    )
    return replace(model, card=card, open_stock=lambda: stock, encoders=encoders)


def with_network(model: OpenModel, network: Any) -> OpenModel:
    """A model of the same make over another stock network, packed where the given one is.

    :param network: In eval mode.
    """
    stock = StockModel(network, model.stock_tokenizer)
    encoders = tuple(
        pack_state(network.config.to_dict(), network.state_dict(), encoder.device, encoder.precision)
        for encoder in model.encoders
    )
    return replace(model, open_stock=lambda: stock, encoders=encoders)


def native_precision(device: str | torch.device = "cpu") -> torch.dtype:
    """``bfloat16`` where the device multiplies matrices in it natively, ``float32`` elsewhere.

    A processor without AMX or AVX512-BF16 emulates bfloat16, a hundred times slower than float32.
    """
    device = torch.device(device)
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    native = device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return torch.bfloat16 if native else torch.float32


def _once(make: Callable[[], StockModel]) -> Callable[[], StockModel]:
    """What is made at the first call; threads that ask meanwhile wait for it."""
    made = cache(make)

    def ask() -> StockModel:
        with _TRANSFORMERS:
            return made()

    return ask


def _open_stock(folder: Path, card: ModelCard, device: torch.device) -> StockModel:
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

    safe = {"local_files_only": True, "trust_remote_code": False}
    with _quiet_transformers():
        config = AutoConfig.from_pretrained(folder, **safe)
        if any(name.endswith(".int8.safetensors") for name in card.sha256):
            network = AutoModelForSequenceClassification.from_config(
                config, dtype=torch.float32, trust_remote_code=False
            )
            try:
                network.load_state_dict(_read_weights(folder, card))
            except RuntimeError as error:
                what = str(error).splitlines()[-1].strip()
                raise ModelError(f"{folder}: the weights do not fit config.json ({what}). Get it again.") from error
        else:
            network = AutoModelForSequenceClassification.from_pretrained(
                folder, config=config, dtype=torch.float32, use_safetensors=True, **safe
            )
        return StockModel(network.eval().to(device), AutoTokenizer.from_pretrained(folder, **safe))


def plain_tokenizer(fast: Any) -> Tokenizer:
    """The Rust tokenizer inside a transformers tokenizer, as a copy without truncation and padding.

    :raises ModelError: If the tokenizer has none.
    """
    inner = getattr(fast, "backend_tokenizer", None)
    if not isinstance(inner, Tokenizer):
        raise ModelError(f"A fast tokenizer (tokenizer.json) is needed, but {type(fast).__name__} has none.")
    copy: Tokenizer = Tokenizer.from_str(inner.to_str())
    copy.no_truncation()
    copy.no_padding()
    return copy


def write_model(
    folder: str | Path,
    card: ModelCard,
    network: Any,
    tokenizer: Any,
    dtype: torch.dtype = torch.float32,
    roles: Roles | None = None,
) -> None:
    """Write a model, with its card.

    :param network: A stock sequence classification model with the six outputs.
    :param tokenizer: Its transformers tokenizer.
    :param dtype: What the weights are stored in. Half precision halves the file and is widened on opening, by stock
        transformers too; ``torch.int8`` quarters it, and only this library opens it.
    :param roles: Which side its inputs name first; None for the one that the caller does.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for old in (folder / ROLES, folder / _STOCK_WEIGHTS, *folder.glob("weights-*.int8.safetensors")):
        old.unlink(missing_ok=True)
    with _quiet_transformers():
        network.config.id2label = dict(enumerate(OUTPUTS))
        network.config.label2id = {name: i for i, name in enumerate(OUTPUTS)}
        network.config.dtype = torch.float32 if dtype == torch.int8 else dtype
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
    if roles is not None:
        write_roles(folder, roles.power)
        weights.append(ROLES)
    sha256 = {name: sha256_of(folder / name) for name in (*_CHECKED, *weights)}
    write_card(folder, replace(card, sha256=sha256))


def save_model(folder: str | Path, model: OpenModel) -> None:
    """Write an opened model again, its weights in float32."""
    write_model(folder, model.card, model.network, model.stock_tokenizer, roles=model.roles)


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """No bars and no reports on stderr while a model is opened or written, by one thread at a time; then as before."""
    from transformers.utils import logging

    with _TRANSFORMERS:
        verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(verbosity)
            if bars:
                logging.enable_progress_bar()
