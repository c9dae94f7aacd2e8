"""Weights in eight bits: how a large model is stored small, and widened again.

Every matrix is stored as signed bytes with one scale a row (symmetric, round to nearest; Jacob et al. 2018,
"Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", section 2.1, with
zero point 0). A row's largest error is half of its scale, 1/254 of its largest weight. Vectors stay in float32: they
are few. The bytes lie in several files, each under a size that code hosts take.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from stance.errors import ModelError

_SCALE = ".scale"
_PART_BYTES = 48 * 2**20


def write_int8(folder: Path, state: Mapping[str, torch.Tensor]) -> list[str]:
    """Write a network's state in eight bits.

    :returns: Names of the files, in order.
    """
    parts: list[dict[str, torch.Tensor]] = [{}]
    size = 0
    for name, tensor in state.items():
        stored = _stored(name, tensor)
        n_bytes = sum(piece.numel() * piece.element_size() for piece in stored.values())
        if size and size + n_bytes > _PART_BYTES:
            parts.append({})
            size = 0
        parts[-1].update(stored)
        size += n_bytes
    names = [f"weights-{number}-of-{len(parts)}.int8.safetensors" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts, strict=True):
        save_file(part, folder / name)
    return names


def read_int8(folder: Path, names: list[str]) -> dict[str, torch.Tensor]:
    """Read what :func:`write_int8` wrote, widened to float32.

    :raises ModelError: If bytes come without their scales.
    """
    pieces: dict[str, torch.Tensor] = {}
    for name in names:
        pieces.update(read_weights(folder / name))
    state = {}
    for name, tensor in pieces.items():
        if name.endswith(_SCALE):
            continue
        if tensor.dtype == torch.int8:
            if name + _SCALE not in pieces:
                raise ModelError(f"{folder}: {name} has no scales. Get the folder again.")
            tensor = tensor.float() * pieces[name + _SCALE]
        state[name] = tensor
    return state


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file, each a copy.

    safetensors only maps the file, so that one overwritten in place would change a network that is open.
    """
    return {name: tensor.clone() for name, tensor in load_file(path).items()}


def to_int8(matrix: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Bytes and scales of a matrix.

    :param matrix: *Shape:* ``(rows, columns)``
    :returns: int8 of the same shape, and float32 scales of shape ``(rows, 1)``, no smaller than the smallest normal
        number, for a row of zeros has a scale too.
    """
    largest = matrix.float().abs().amax(dim=1, keepdim=True)
    scale = (largest / 127).clamp_min(torch.finfo(torch.float32).tiny)
    return torch.round(matrix.float() / scale).to(torch.int8), scale


def _stored(name: str, tensor: torch.Tensor) -> dict[str, torch.Tensor]:
    if not tensor.is_floating_point():
        return {name: tensor.contiguous()}
    if tensor.ndim != 2:
        return {name: tensor.float().contiguous()}
    whole, scale = to_int8(tensor)
    return {name: whole.contiguous(), name + _SCALE: scale}
