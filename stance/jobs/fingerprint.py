"""What a model is, by what it computes with: weights, tokenizer, form of the input, calibration."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stance.model import OpenModel


@dataclass(frozen=True)
class Fingerprint:
    """What answers depend on.

    :param network: Of what makes the raw scores, and what they are computed in: with the input it tells the answer.
    :param model: Of that and the calibration: with the input it tells the row of the output.
    """

    network: bytes
    model: str


def fingerprint_of(model: OpenModel) -> Fingerprint:
    """Take a model's fingerprint.

    Of the weights themselves and not of their files, so that a model trained a moment ago has its own, too.
    """
    digest = hashlib.blake2b(digest_size=32)
    for name, value in _named(model.encoders[0] if model.encoders else model.network.state_dict()):
        digest.update(f"{name} {value!r}\n".encode() if not hasattr(value, "detach") else _bytes_of(name, value))
    if model.roles:
        digest.update(model.roles.power.tobytes())
    form = asdict(model.card.form)
    digest.update(repr((form, str(model.precision), model.tokenizer.to_str())).encode("utf-8", "backslashreplace"))
    network = digest.digest()
    calibration = model.card.calibration
    temperatures = (calibration.stance_temperature, calibration.sentiment_temperature, calibration.sure_threshold)
    digest.update(repr(temperatures).encode())
    return Fingerprint(network, digest.hexdigest())


def _named(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """What a network holds, tensors and numbers, by their names."""
    if is_dataclass(value):
        value = {one.name: getattr(value, one.name) for one in fields(value)}
    elif isinstance(value, tuple):
        value = dict(enumerate(value))
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _named(item, f"{name}.{key}")
    else:
        yield name, value


def _bytes_of(name: str, tensor: Any) -> bytes:
    numbers = tensor.detach().float().cpu().contiguous().numpy()
    return f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode() + bytes(numbers.tobytes())
