"""What a model said of comments whose labels are known: the measure of its errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.errors import ModelError

_DIGITS = 2  # of a logit; what is lost moves a probability by less than 0.002


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Answers to comments of disputes that trained nothing, beside their labels.

    :param disputes: Number of the dispute a comment belongs to. *Shape:* ``(n,)``, int64
    :param kinds: Number of the kind of dispute that is; kinds count alike, be there many of them or few.
        *Shape:* ``(n,)``, int64
    :param stances: Column of the true stance. *Shape:* ``(n,)``, int64
    :param tones: Column of the true tone; -1 where it is not known. *Shape:* ``(n,)``, int64
    :param logits: As in :class:`stance.scores.Scores`. *Shape:* ``(n, 6)``, float64
    :raises ModelError: If the lengths differ, or a label is no column.
    """

    disputes: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int64]
    stances: npt.NDArray[np.int64]
    tones: npt.NDArray[np.int64]
    logits: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        n = len(self.stances)
        if self.logits.shape != (n, 6) or {len(self.disputes), len(self.kinds), len(self.tones)} != {n}:
            raise ModelError(
                f"Held-out answers of {n} comments need logits of shape ({n}, 6) and as many disputes, kinds and"
                f" tones, but came with {self.logits.shape}, {len(self.disputes)}, {len(self.kinds)} and"
                f" {len(self.tones)}."
            )
        if not (np.isin(self.stances, (0, 1, 2)).all() and np.isin(self.tones, (-1, 0, 1, 2)).all()):
            raise ModelError("Held-out labels must be 0, 1 or 2, and -1 for a tone that is not known.")

    def __len__(self) -> int:
        return len(self.stances)

    def swapped(self) -> HeldOut:
        """The same with the two sides in the other order."""
        swap = np.array([1, 0, 2, 3, 4, 5])
        return replace(self, stances=swap[self.stances], logits=self.logits[:, swap])

    def to_json(self) -> str:
        """A few dozen kilobytes: of each triple of logits the differences from its third, to two digits."""
        columns = {
            "disputes": self.disputes.tolist(),
            "kinds": self.kinds.tolist(),
            "stances": self.stances.tolist(),
            "tones": self.tones.tolist(),
            "logits": [
                np.round(self.logits[:, k] - self.logits[:, k // 3 * 3 + 2], _DIGITS).tolist() for k in (0, 1, 3, 4)
            ],
        }
        return json.dumps(columns, separators=(",", ":")) + "\n"

    @classmethod
    def from_json(cls, text: str) -> HeldOut:
        """Read what :meth:`to_json` wrote.

        :raises ModelError: If it is nothing of the kind.
        """
        try:
            raw: Mapping[str, Any] = json.loads(text)
            n = len(raw["stances"])
            logits = np.zeros((n, 6))
            logits[:, [0, 1, 3, 4]] = np.array(raw["logits"], dtype=np.float64).T.reshape(n, 4)
            disputes, kinds, stances, tones = (
                np.array(raw[name], dtype=np.int64) for name in ("disputes", "kinds", "stances", "tones")
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"The held-out answers are damaged ({type(error).__name__}: {error}).") from error
        return cls(disputes, kinds, stances, tones, logits)
