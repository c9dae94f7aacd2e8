"""The two sides of a dispute, and the one order of labels used everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from stance.errors import InputError

NEUTRAL = "neutral"
#: Order of the last three outputs of a model and of every sentiment array's columns.
SENTIMENTS = ("negative", "neutral", "positive")

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
    """Two opposed sides. ``a`` comes first in every array and every table.

    :raises InputError: If both sides carry the same label.
    """

    a: Side
    b: Side

    def __post_init__(self) -> None:
        if self.a.label.strip().casefold() == self.b.label.strip().casefold():
            raise InputError(f"The two sides need different labels, but both are {self.a.label!r}.")

    @property
    def labels(self) -> tuple[str, str, str]:
        """The three stances, in column order: for ``a``, for ``b``, for neither."""
        return self.a.stance, self.b.stance, NEUTRAL

    @property
    def probability_columns(self) -> tuple[str, str, str]:
        """Names of the probability columns in tables, in column order."""
        return f"p_{self.a.label}", f"p_{self.b.label}", f"p_{NEUTRAL}"

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
        """Read sides as the command line writes them: ``LABEL_A=NAME,LABEL_B=NAME``.

        A name may hold commas: a side begins at a comma that is followed by ``LABEL=``. ``=NAME`` may be left out
        of both, then each label is the name.

        :raises InputError: If the text does not name exactly two sides.
        """
        pieces: list[str] = []
        for piece in text.split(","):
            if pieces and "=" not in piece and "=" in text:
                pieces[-1] += "," + piece
            else:
                pieces.append(piece)
        if len(pieces) != 2:
            raise InputError(
                f"Sides came as {text!r}, which names {len(pieces)} of them, but two are needed, as in"
                ' "landlords=Rent Fair Ltd,tenants=ACORN".'
            )
        return cls(*(_parse_side(piece) for piece in pieces))


def _parse_side(text: str) -> Side:
    label, equals, name = (part.strip() for part in text.partition("="))
    return Side(label, name if equals else label)
