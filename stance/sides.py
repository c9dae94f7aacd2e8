"""The sides of a dispute, two as a rule, and the one order of labels used everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, permutations

from stance.errors import InputError

NEUTRAL = "neutral"
#: Order of the last three outputs of a model and of every sentiment array's columns.
SENTIMENTS = ("negative", "neutral", "positive")

#: Sides that a dispute may have, at most.
MOST_SIDES = 4

#: What the others are labelled where one side stands against all others.
OTHERS = "others"

#: Labels of the two sides of a single target. Stances on it are called so, without "pro-".
TARGET_LABELS = ("favour", "against")

_TAKEN = frozenset({NEUTRAL, *SENTIMENTS, "neutral_sentiment"})
# How people label comments on a single target, beside the labels themselves.
_TARGET_SPELLINGS = (("favor", "in favour", "in favor", "for", "support", "pro"), ("oppose", "opposed", "anti", "con"))


@dataclass(frozen=True)
class Side:
    """One party to a dispute.

    :param label: Short noun used in answers; see :attr:`stance`.
    :param name: Who that is in this dispute, such as ``"UNISON, Unite"``; shown to the model.
    :param aliases: Other ways the thread names the same party.
    :raises InputError: If the label or the name is blank, or the label is a word that tables use ("neutral",
        "negative", "positive").
    """

    label: str
    name: str
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.label.strip() or not self.name.strip():
            raise InputError(
                f"A side needs a label and a name, but came as label={self.label!r}, name={self.name!r}."
                " Write for example Side('tenants', 'Tenants of Mill Court')."
            )
        if self.label.strip().casefold() in _TAKEN:
            raise InputError(f"A side cannot be labelled {self.label!r}: tables use that word for something else.")

    @property
    def stance(self) -> str:
        """What a comment for this side is called: label ``"union"`` gives ``"pro-union"``, but ``"favour"`` and
        ``"against"``, which :meth:`Sides.target` uses, stay as they are."""
        return self.label if self.label in TARGET_LABELS else f"pro-{self.label}"


@dataclass(frozen=True)
class Sides:
    """Two opposed sides, or three or four of which each is opposed to the others. Their order is that of every array
    and every table; neutral comes last.

    :raises InputError: If two of them carry the same label, or a fourth comes without a third.
    """

    a: Side
    b: Side
    c: Side | None = None
    d: Side | None = None

    def __post_init__(self) -> None:
        if self.d is not None and self.c is None:
            raise InputError(f"A fourth side, {self.d.label!r}, came without a third. Name it as c.")
        for one, other in combinations(self.all, 2):
            if one.label.strip().casefold() == other.label.strip().casefold():
                raise InputError(f"The sides need different labels, but two are {one.label!r}.")

    def __repr__(self) -> str:
        # Of two sides what it always was: manifests and fingerprints hold it.
        return f"Sides({', '.join(f'{name}={side!r}' for name, side in zip('abcd', self.all, strict=False))})"

    def __len__(self) -> int:
        return 2 + (self.c is not None) + (self.d is not None)

    @property
    def all(self) -> tuple[Side, ...]:
        """Every side, in order."""
        return tuple(side for side in (self.a, self.b, self.c, self.d) if side is not None)

    @property
    def labels(self) -> tuple[str, ...]:
        """The stances, in column order: for each side, and for none."""
        return *(side.stance for side in self.all), NEUTRAL

    @property
    def probability_columns(self) -> tuple[str, ...]:
        """Names of the probability columns in tables, in column order."""
        return *(f"p_{side.label}" for side in self.all), f"p_{NEUTRAL}"

    @property
    def written(self) -> str:
        """The sides as :meth:`parse` reads them."""
        return ",".join(f"{side.label}={side.name}" for side in self.all)

    def pairs(self) -> tuple[Sides, ...]:
        """Every two of them, in both orders: what a model, which tells two sides apart, is asked about. Two sides are
        a pair in the one order that they have."""
        return (self,) if len(self) == 2 else tuple(Sides(*pair) for pair in permutations(self.all, 2))

    def place_of(self, label: str) -> int:
        """The column of a side.

        :param label: Its label or its stance: ``"tenants"`` or ``"pro-tenants"``.
        :raises InputError: If there is no such side.
        """
        for place, side in enumerate(self.all):
            if label in (side.label, side.stance):
                return place
        raise InputError(f"There is no side {label!r}; there are {', '.join(side.label for side in self.all)}.")

    def one_against_others(self, label: str) -> Sides:
        """Of three or four sides one, and the others as one side that is labelled ``"others"``.

        :param label: As in :meth:`place_of`.
        :raises InputError: If there is no such side, there are but two, or one is itself labelled so.
        """
        one = self.all[self.place_of(label)]
        others = [side for side in self.all if side is not one]
        if len(others) == 1:
            raise InputError(f"{one.label!r} has one side against it, {others[0].label!r}; they are two sides already.")
        return Sides(one, Side(OTHERS, ", ".join(side.name for side in others)))

    @classmethod
    def council_union(cls, council: str = "the council", union: str = "the union") -> Sides:
        """The default sides: a public employer against its workers and their unions."""
        return cls(Side("council", council), Side("union", union))

    @classmethod
    def target(cls, target: str) -> Sides:
        """Those for and those against one thing that is debated: stances ``favour``, ``against`` and ``neutral``.

        :param target: A proposal, a claim or a person, such as ``"a four-day week"``.
        :raises InputError: If it is blank.
        """
        target = " ".join(target.split())
        if not target:
            raise InputError('The target is blank. Name what people are for or against, such as "a four-day week".')
        names = (f"those for {target}", f"those against {target}")
        return cls(*(Side(*parts) for parts in zip(TARGET_LABELS, names, _TARGET_SPELLINGS, strict=True)))

    @classmethod
    def parse(cls, text: str) -> Sides:
        """Read two to four sides as the command line writes them: ``LABEL_A=NAME,LABEL_B=NAME``.

        A name may hold commas: a side begins at a comma that is followed by ``LABEL=``. ``=NAME`` may be left out
        of all, then each label is the name.

        :raises InputError: If the text does not name two to four sides.
        """
        pieces: list[str] = []
        for piece in text.split(","):
            if pieces and "=" not in piece and "=" in text:
                pieces[-1] += "," + piece
            else:
                pieces.append(piece)
        if not 2 <= len(pieces) <= MOST_SIDES:
            raise InputError(
                f"Sides came as {text!r}, which names {len(pieces)} of them, but two to four are needed, as in"
                ' "landlords=Rent Fair Ltd,tenants=ACORN".'
            )
        return cls(*(_parse_side(piece) for piece in pieces))


def _parse_side(text: str) -> Side:
    label, equals, name = (part.strip() for part in text.partition("="))
    return Side(label, name if equals else label)
