"""A small network over the lines of a copied page.

What a line looks like (:mod:`stance.readers.dumps.line_features`) is widened; then, layer by layer, it is told what
stands ever farther above and below (dilated convolutions: Strubell et al. 2017, "Fast and accurate entity recognition
with iterated dilated convolutions"), and what the lines of its own shape look like all over the page, in the mean: what
a page writes around every comment recurs there. The scores of several networks, trained alike, are averaged.

numpy alone runs it; ``benchmarks/train_lines.py`` trains it, in torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

from stance.readers.dumps.line_features import Lines

Floats: TypeAlias = npt.NDArray[np.floating]
Ints: TypeAlias = npt.NDArray[np.int64]

#: How many lines away each layer looks, up and down.
DISTANCES = (1, 2, 4, 8, 1)
_EPSILON = 1e-5
_NAMES = "features"


@dataclass(frozen=True)
class LineNet:
    """Weights, in float32.

    :param features: The names of what is known of a line, in the order of the columns.
    :param members: Of each network, the weights by name: ``widen``, ``skip`` and ``out``; ``norm``, ``around``,
        ``alike`` and ``back`` of each layer. Matrices have the shape ``(out, in)``.
    """

    features: tuple[str, ...]
    members: tuple[Mapping[str, Floats], ...]

    def scores(self, lines: Lines) -> Floats:
        """How well each label fits each line, in log probability but for a constant a line. *Shape:* ``(lines, 5)``"""
        seen, shapes = columns(lines, self.features), shape_numbers(lines)
        scores: Floats = np.mean([_forward(member, seen, shapes) for member in self.members], axis=0)
        return scores.astype(np.float64)

    @classmethod
    def from_bytes(cls, data: bytes) -> LineNet:
        """Read what :meth:`to_bytes` wrote."""
        stored = load(data)
        names = bytes(stored.pop(_NAMES)).decode("utf-8").split("\n")
        n_members = 1 + max(int(name.partition(".")[0]) for name in stored)
        members: list[dict[str, Floats]] = [{} for _ in range(n_members)]
        for name, weights in stored.items():
            number, _, of = name.partition(".")
            members[int(number)][of] = weights.astype(np.float32)
        return cls(tuple(names), tuple(members))

    def to_bytes(self) -> bytes:
        """As safetensors, half precision."""
        names = np.frombuffer("\n".join(self.features).encode("utf-8"), dtype=np.uint8)
        weights = {
            f"{number}.{name}": np.ascontiguousarray(of, dtype=np.float16)
            for number, member in enumerate(self.members)
            for name, of in member.items()
        }
        return save({_NAMES: names, **weights})


def columns(lines: Lines, features: Sequence[str]) -> npt.NDArray[np.float32]:
    """1 where a line has a feature; what no network knows is left out. *Shape:* ``(lines, features)``"""
    place = {name: column for column, name in enumerate(features)}
    found = np.zeros((len(lines.texts), len(features)), dtype=np.float32)
    for n, names in enumerate(lines.features()):
        found[n, [place[name] for name in names if name in place]] = 1
    return found


def shape_numbers(lines: Lines) -> Ints:
    """A number for each line, the same for lines of one shape. *Shape:* ``(lines,)``"""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(shape, len(numbers)) for shape in lines.shapes], dtype=np.int64)


def _forward(weights: Mapping[str, Floats], seen: Floats, shapes: Ints) -> Floats:
    x = _linear(weights, "widen", seen)
    order = np.argsort(shapes, kind="stable")
    starts = np.flatnonzero(np.diff(shapes[order], prepend=-1))
    for layer, distance in enumerate(DISTANCES):
        z = _norm(weights, f"layers.{layer}.norm", x)
        around = np.concatenate([_shifted(z, distance), z, _shifted(z, -distance)], axis=1)
        counts = np.diff(starts, append=len(shapes))[:, None]
        alike = (np.add.reduceat(z[order], starts) / counts)[shapes]
        told = _linear(weights, f"layers.{layer}.around", around) + alike @ weights[f"layers.{layer}.alike.weight"].T
        x = x + _linear(weights, f"layers.{layer}.back", np.maximum(told, 0))
    scores: Floats = _linear(weights, "out", _norm(weights, "norm", x)) + seen @ weights["skip.weight"].T
    return scores


def _linear(weights: Mapping[str, Floats], name: str, x: Floats) -> Floats:
    found: Floats = x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
    return found


def _norm(weights: Mapping[str, Floats], name: str, x: Floats) -> Floats:
    x = x - x.mean(axis=1, keepdims=True)
    x = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + _EPSILON)
    found: Floats = x * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return found


def _shifted(x: Floats, by: int) -> Floats:
    """What stands so many lines above (below, where negative); zeros past the page's edge."""
    moved = np.zeros_like(x)
    if by > 0:
        moved[by:] = x[:-by]
    else:
        moved[:by] = x[-by:]
    return moved
