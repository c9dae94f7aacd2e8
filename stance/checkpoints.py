"""A training's state on disk, from which it goes on as if nothing had happened.

One file, replaced in one stroke: tensors as safetensors, the rest as JSON in its header. Nothing is pickled.
"""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from stance.errors import ModelError

_STATE = "training.safetensors"


@dataclass(frozen=True)
class Place:
    """How far a training has come.

    :param epoch: The epoch that is being trained, from 1.
    :param step: Steps of the optimiser done in it.
    :param losses: The loss of each.
    :param random_state: Of Python's generator as the epoch began; what it drew is drawn again.
    """

    epoch: int
    step: int
    losses: tuple[float, ...]
    random_state: tuple[Any, ...]

    @classmethod
    def at_start(cls, seed: int) -> Place:
        """The beginning."""
        return cls(1, 0, (), random.Random(seed).getstate())


@dataclass(frozen=True)
class Checkpoint:
    """Where a training's state is kept.

    :param folder: Is made when first needed.
    :param of: Names the training: data, settings and the model it started from. Another's state is refused.
    :param every: Seconds between two states within an epoch.
    """

    folder: Path
    of: str
    every: float = 120.0
    _saved: list[float] = field(default_factory=lambda: [time.monotonic()], repr=False, compare=False)

    def save_if_due(self, network: Any, optimizer: torch.optim.Optimizer, place: Place) -> None:
        """Save the state where the last one is old enough."""
        if time.monotonic() - self._saved[0] >= self.every:
            self.save(network, optimizer, place)

    def save(self, network: Any, optimizer: torch.optim.Optimizer, place: Place) -> None:
        """Save the state."""
        tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
        for number, state in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": torch.as_tensor(value) for name, value in state.items()}
        tensors["generator"] = torch.get_rng_state()
        if network.device.type == "cuda":
            tensors["generator.cuda"] = torch.cuda.get_rng_state(network.device)
        told = {"of": self.of, "epoch": place.epoch, "step": place.step, "losses": place.losses}
        header = {"place": json.dumps({**told, "random_state": place.random_state})}
        self.folder.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, self.folder / "next", header)
        os.replace(self.folder / "next", self.folder / _STATE)
        self._saved[0] = time.monotonic()

    def load(self, network: Any, optimizer: torch.optim.Optimizer) -> Place | None:
        """Put network, optimiser and generators back; None where no state was kept.

        :raises ModelError: If the state is another training's.
        """
        path = self.folder / _STATE
        if not path.is_file():
            return None
        with safe_open(path, "pt", device="cpu") as file:
            told = json.loads(file.metadata()["place"])
            if told["of"] != self.of:
                raise ModelError(
                    f"{self.folder}: keeps the state of another training (other labels, settings or start). Delete it"
                    " to begin anew, or write to another folder."
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        begins = "network."
        network.load_state_dict({k.removeprefix(begins): v for k, v in tensors.items() if k.startswith(begins)})
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, number, part = name.split(".")
                state.setdefault(int(number), {})[part] = tensor
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        torch.set_rng_state(tensors["generator"])
        if "generator.cuda" in tensors:
            torch.cuda.set_rng_state(tensors["generator.cuda"], network.device)
        version, numbers, rest = told["random_state"]
        return Place(told["epoch"], told["step"], tuple(told["losses"]), (version, tuple(numbers), rest))
