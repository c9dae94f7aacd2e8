"""Which of two sides an input names first: the one that holds the power, whatever order the caller names them in.

Where either side may come first, neither a comment's opinion nor the order says alone who is spoken for, only both
together (an exclusive or), and a network stays at chance for thousands of steps before it finds that. Where the
employer, the owner or the proposer always comes first, it learns from opinions at once, and a debate between a landlord
and tenants is read like one between a council and a union. Nor can an answer depend on the order in which sides are
handed in: both orders are the same input.

Who holds the power is told from the sides' labels, by the mean of a weight for each token, which ``benchmarks.roles``
learned. Where it is told wrongly, it is told wrongly for both orders alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from stance.encoding import Example, normalize
from stance.errors import ModelError
from stance.sides import Sides

#: The file of a model folder that holds the weights.
FILE = "roles.safetensors"
_WEIGHTS = "power"


@dataclass(frozen=True, eq=False)
class Roles:
    """Who is named first.

    :param power: How much a token of a label says that its side decides, owns, employs or proposes; below zero, that it
        works, rents, asks or objects. *Shape:* ``(vocabulary,)``, float32
    :param tokenizer: With neither truncation nor padding set.
    """

    power: npt.NDArray[np.float32]
    tokenizer: Tokenizer
    # Labels are few, and come again with every thread.
    _ranks: dict[str, tuple[float, str]] = field(default_factory=dict, init=False, repr=False)

    def in_order(self, sides: Sides) -> Sides:
        """Two sides in the order in which an input names them.

        Labels decide, not names, so that it is the same in all threads of a debate.
        """
        return Sides(sides.b, sides.a) if self.turn([side.label for side in sides.all]) else sides

    def turn(self, labels: Sequence[str]) -> bool:
        """Whether sides of such labels change places in what the network is asked."""
        return len(labels) == 2 and self._rank(labels[0]) > self._rank(labels[1])

    def asked(self, examples: Sequence[Example]) -> tuple[list[Example], npt.NDArray[np.bool_]]:
        """What the network is asked of examples: about every pair of their sides, in order.

        :returns: As many as there are pairs (:meth:`stance.Sides.pairs`) of each example, and of which of them the
            sides changed places. *Shape:* ``(n * pairs,)``
        """
        pairs_of = {
            key: [(self.in_order(pair), pair) for pair in sides.pairs()]
            for key, sides in {id(one.sides): one.sides for one in examples}.items()
        }
        asked, turned = [], []
        for one in examples:
            for sides, pair in pairs_of[id(one.sides)]:
                asked.append(one if sides is one.sides else replace(one, sides=sides))
                turned.append(sides is not pair)
        return asked, np.array(turned, dtype=np.bool_)

    def _rank(self, label: str) -> tuple[float, str]:
        """Who comes first has the least; of two labels alike in power, the one that does in the alphabet."""
        rank = self._ranks.get(label)
        if rank is None:
            ids = self.tokenizer.encode(normalize(label), add_special_tokens=False).ids
            power = float(self.power[ids].mean(dtype=np.float64)) if ids else 0.0
            rank = self._ranks[label] = (-power, label)
        return rank


def write_roles(folder: Path, power: npt.NDArray[np.float32]) -> None:
    """Write the weights into a model folder."""
    from safetensors.numpy import save_file

    save_file({_WEIGHTS: power.astype(np.float32)}, folder / FILE)


def read_roles(folder: Path, tokenizer: Tokenizer) -> Roles:
    """Read what :func:`write_roles` wrote.

    :raises ModelError: If the weights are not those of the tokenizer's vocabulary.
    """
    from safetensors.numpy import load_file

    power = load_file(folder / FILE).get(_WEIGHTS)
    n_tokens = tokenizer.get_vocab_size(with_added_tokens=True)
    if power is None or power.shape != (n_tokens,):
        came = "none" if power is None else f"an array of shape {power.shape}"
        raise ModelError(f"{folder / FILE}: a weight for each of {n_tokens} tokens was expected, but {came} came.")
    return Roles(power, tokenizer)
