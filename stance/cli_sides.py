"""The options of the command line that say who the sides are."""

from __future__ import annotations

from typing import Annotated

import typer

from stance.errors import InputError
from stance.sides import Sides

SidesOption = Annotated[
    str | None, typer.Option("--sides", help='Two other sides: "landlords=Rent Fair Ltd,tenants=ACORN".')
]
TargetOption = Annotated[
    str | None, typer.Option("--target", help='One thing that people are for or against: "a four-day week".')
]


def named_sides(
    sides: str | None, target: str | None, council: str | None = None, union: str | None = None
) -> Sides | None:
    """The sides that ``--sides`` or ``--target`` names; None where neither is given.

    :raises typer.BadParameter: If they name none, or more than one of the ways to name sides is taken.
    """
    if sides and (council or union):
        raise typer.BadParameter("--sides names both sides; leave out --council and --union.")
    if target is not None and (sides or council or union):
        raise typer.BadParameter("--target names what people are for or against; leave out --sides and the like.")
    try:
        if target is not None:
            return Sides.target(target)
        return Sides.parse(sides) if sides else None
    except InputError as error:
        raise typer.BadParameter(str(error)) from error
