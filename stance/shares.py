"""How large each side is: the nouns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

#: How a share was come by. "counted": the model's answers as they stand; "corrected": for the errors the model made on
#: held-out labels; "labelled": with true labels of some of the comments, handed in by the user.
Method = Literal["counted", "corrected", "labelled"]


@dataclass(frozen=True)
class Estimate:
    """A number that is not known exactly.

    :param value: The best estimate.
    :param low: Lower end of the 95 % interval; None where there are too few comments or people to tell.
    :param high: Upper end.
    """

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Share:
    """How large one group is among several.

    :param label: The group: a stance, or a tone.
    :param count: Comments, or people, whom the model puts there.
    :param counted: ``count`` as a share of all, in [0, 1].
    :param share: The best estimate of the true share, in [0, 1]; equal to ``counted`` where nothing is corrected.
    :param low: Lower end of its 95 % interval; None where there are too few people to tell.
    :param high: Upper end.
    """

    label: str
    count: int
    counted: float
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Lead:
    """Which of the two sides is the larger.

    :param label: The side with the larger share; of two equal ones, side a.
    :param by: Its share less the other's, at least 0.
    :param low: Lower end of the 95 % interval of the difference, below 0 where the other may well be the larger;
        None where there are too few people to tell.
    :param high: Upper end.
    """

    label: str
    by: float
    low: float | None
    high: float | None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves no doubt which side is the larger."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True)
class Shares:
    """How large the two sides and the rest are. As a sequence: side a, side b, neutral.

    :param unit: What is counted.
    :param n: How many there are.
    :param stances: Side a, side b, neutral; they add up to 1.
    :param sided: Side a and side b among those who take one; they add up to 1.
    :param lead: Which side is the larger.
    :param method: How the shares were come by.
    """

    unit: Literal["comments", "people"]
    n: int
    stances: tuple[Share, Share, Share]
    sided: tuple[Share, Share]
    lead: Lead
    method: Method

    def __iter__(self) -> Iterator[Share]:
        return iter(self.stances)

    def __len__(self) -> int:
        return len(self.stances)

    def __getitem__(self, index: int) -> Share:
        return self.stances[index]
