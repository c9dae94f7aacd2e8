"""How far two labellers agree, beyond what chance would give, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from stance.encoding import Example, normalize
from stance.errors import InputError
from stance.labelled import LabelledComments
from stance.sides import SENTIMENTS

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Task = Literal["stance", "sentiment"]

_DRAWS = 2000
_Key = tuple[str, str]


@dataclass(frozen=True)
class Coefficient:
    """A measure of agreement: 1 for perfect, 0 for what chance gives, below 0 for less; NaN where it is undefined.

    :param low: Lower end of the 95 % bootstrap interval over comments; NaN where there is none.
    :param high: Upper end.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True)
class Difference:
    """A comment on which two labellers differ."""

    thread_id: str
    comment_id: str
    text: str
    first: str
    second: str


@dataclass(frozen=True, eq=False)
class Agreement:
    """How two labellers agree on the comments that both labelled.

    :param labels: The classes, in the order of the table's rows and columns.
    :param confusion: Comments by the first labeller's class (rows) and the second's (columns). *Shape:* ``(k, k)``
    :param kappa: Cohen's kappa (Cohen 1960, "A Coefficient of Agreement for Nominal Scales").
    :param alpha: Krippendorff's alpha for nominal data (Krippendorff 2004, "Content Analysis", chapter 11).
    :param by_label: For each class the share of its uses that the other labeller shares (Cicchetti and Feinstein 1990,
        "High Agreement but Low Kappa: II"); NaN where neither used it. *Shape:* ``(k,)``
    :param differences: The comments on which they differ, in the first labeller's order.
    :param n_first_only: Comments that only the first labelled; likewise the second.
    """

    labels: tuple[str, ...]
    confusion: Counts
    kappa: Coefficient
    alpha: Coefficient
    by_label: Floats
    differences: tuple[Difference, ...]
    n_first_only: int
    n_second_only: int

    @property
    def n(self) -> int:
        """Comments that both labelled."""
        return int(self.confusion.sum())

    @property
    def share(self) -> float:
        """Share of them on which both agree."""
        return float(np.trace(self.confusion) / self.n)

    def __str__(self) -> str:
        return (
            f"On {self.n} comments two labellers agree in {self.share:.0%}: Cohen's kappa {self.kappa}, Krippendorff's"
            f" alpha {self.alpha} (95 %). They differ on {len(self.differences)}."
        )


def compare_labellers(
    first: LabelledComments, second: LabelledComments, *, task: Task = "stance", seed: int = 0
) -> Agreement:
    """Compare the labels that two people gave, each without seeing the other's.

    Comments are matched by thread and id. Those that one of them left open count in ``n_first_only`` or
    ``n_second_only``.

    :param task: Which labels: ``"stance"`` or ``"sentiment"``.
    :raises InputError: If the sides differ, they share no comment, or a comment has another text.
    """
    if first.labels != second.labels:
        raise InputError(f"The labellers chose among {first.labels} and {second.labels}; the same were expected.")
    classes = first.labels if task == "stance" else SENTIMENTS
    one, other = _by_comment(first, task), _by_comment(second, task)
    shared = [key for key in one if key in other]
    if not shared:
        raise InputError(
            f"The two share no comment with a {task} (the first has {len(one)}, the second {len(other)}). Let both"
            " label the same sheet."
        )
    confusion = np.zeros((len(classes), len(classes)), dtype=np.int64)
    differences = []
    for key in shared:
        example, a = one[key]
        text, b = other[key][0].text, other[key][1]
        if normalize(example.text) != normalize(text):
            raise InputError(
                f"Comment {key[1]!r} of thread {key[0]!r} is {example.text[:40]!r} for the first labeller and"
                f" {text[:40]!r} for the second. Let both label the same sheet."
            )
        confusion[a, b] += 1
        if a != b:
            differences.append(Difference(*key, example.text, classes[a], classes[b]))
    draws = np.random.default_rng(seed).multinomial(len(shared), confusion.ravel() / len(shared), size=_DRAWS)
    drawn = draws.reshape(-1, *confusion.shape)
    uses = confusion.sum(axis=0) + confusion.sum(axis=1)
    return Agreement(
        labels=tuple(classes),
        confusion=confusion,
        kappa=_coefficient(cohen_kappa(confusion), cohen_kappa(drawn)),
        alpha=_coefficient(krippendorff_alpha(confusion), krippendorff_alpha(drawn)),
        by_label=_ratio(2 * np.diagonal(confusion).astype(np.float64), uses.astype(np.float64)),
        differences=tuple(differences),
        n_first_only=len(one) - len(shared),
        n_second_only=len(other) - len(shared),
    )


def cohen_kappa(confusion: Counts) -> Floats:
    """Cohen's kappa; NaN where both always chose the same class.

    :param confusion: One table or several. *Shape:* ``(..., k, k)``
    :returns: *Shape:* ``(...)``
    """
    n = confusion.sum(axis=(-2, -1)).astype(np.float64)
    observed = np.trace(confusion, axis1=-2, axis2=-1) / n
    expected = (confusion.sum(axis=-1) * confusion.sum(axis=-2)).sum(axis=-1) / n**2
    return _ratio(observed - expected, 1 - expected)


def krippendorff_alpha(confusion: Counts) -> Floats:
    """Krippendorff's alpha of two labellers for nominal data; NaN where only one class was ever chosen.

    :param confusion: One table or several. *Shape:* ``(..., k, k)``
    :returns: *Shape:* ``(...)``
    """
    coincidences = confusion + np.swapaxes(confusion, -2, -1)
    uses = coincidences.sum(axis=-1).astype(np.float64)
    n = uses.sum(axis=-1)
    observed = n - np.trace(coincidences, axis1=-2, axis2=-1)
    expected = (n**2 - (uses**2).sum(axis=-1)) / (n - 1)
    return 1 - _ratio(observed, expected)


def _by_comment(labelled: LabelledComments, task: Task) -> Mapping[_Key, tuple[Example, int]]:
    found = {}
    for one in labelled.examples:
        label = one.stance if task == "stance" else one.sentiment
        if label is not None:
            found[one.example.thread_id, one.example.comment_id] = (one.example, label)
    return found


def _coefficient(value: Floats, drawn: Floats) -> Coefficient:
    defined = drawn[~np.isnan(drawn)]
    low, high = np.quantile(defined, [0.025, 0.975]) if len(defined) and not np.isnan(value) else (np.nan, np.nan)
    return Coefficient(float(value), float(low), float(high))


def _ratio(above: Floats, below: Floats) -> Floats:
    """Quotients, NaN where there is nothing to divide by."""
    result = np.full(np.shape(below), np.nan)
    np.divide(above, below, out=result, where=np.asarray(below) > 1e-12)
    return result
