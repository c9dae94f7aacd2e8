"""What several commands share: options, what they come to, and words on stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stance.errors import InputError
from stance.hiding import Hiding
from stance.other_names import presidio_analyzer
from stance.pseudonyms import read_key
from stance.sides import Sides

Council = Annotated[str | None, typer.Option(help="The council's name, where the text need not be searched for it.")]
Union = Annotated[str | None, typer.Option(help="The union's name, likewise.")]
NamedSides = Annotated[
    str | None, typer.Option("--sides", help='Other sides, two to four: "landlords=Rent Fair Ltd,tenants=ACORN".')
]
Target = Annotated[
    str | None, typer.Option("--target", help='One thing that people are for or against: "a four-day week".')
]
Model = Annotated[str | None, typer.Option(help="A model of the package, a folder or a hub id.")]
Device = Annotated[str, typer.Option(help="auto (all GPUs), cpu, cuda, ...")]
Quotes = Annotated[bool, typer.Option("--quotes", help="Where a page has no comments, take the statements it quotes.")]
Pseudonyms = Annotated[
    Path | None,
    typer.Option(
        help="Show pseudonyms for authors' names, made with the key in this file; names within texts stay, but for"
        " --mask-names.",
        metavar="KEYFILE",
    ),
]
MaskNames = Annotated[
    bool,
    typer.Option(
        "--mask-names",
        help="With --pseudonyms: authors' names, handles, e-mail addresses, telephone numbers, postcodes and profiles"
        " within texts are masked, too.",
    ),
]
Presidio = Annotated[
    str | None,
    typer.Option(
        help="With --mask-names: other people's names are masked, too, as presidio finds them with this spaCy model.",
        metavar="SPACY_MODEL",
    ),
]
WithoutTexts = Annotated[
    bool, typer.Option("--without-texts", help="Leave what people wrote out of what is shown and written.")
]


def named_sides(
    sides: str | None, target: str | None, council: str | None = None, union: str | None = None
) -> Sides | None:
    """The sides that ``--sides`` or ``--target`` names; None where neither is given.

    :raises typer.BadParameter: If they name none, or more than one of the ways to name sides is taken.
    """
    if sides and (council or union):
        raise typer.BadParameter("--sides names all sides; leave out --council and --union.")
    if target is not None and (sides or council or union):
        raise typer.BadParameter("--target names what people are for or against; leave out --sides and the like.")
    try:
        if target is not None:
            return Sides.target(target)
        return Sides.parse(sides) if sides else None
    except InputError as error:
        raise typer.BadParameter(str(error)) from error


def hiding(pseudonyms: Path | None, mask_names: bool, presidio: str | None, without_texts: bool) -> Hiding:
    """What the options ask to be hidden.

    :raises typer.BadParameter: If one lacks another, the key is none, or presidio cannot be had.
    """
    if mask_names and not pseudonyms:
        raise typer.BadParameter("--mask-names needs --pseudonyms KEYFILE, whose key the masked names are made with.")
    if presidio is not None and not mask_names:
        raise typer.BadParameter("--presidio finds names for --mask-names; give that, too.")
    try:
        key = read_key(pseudonyms) if pseudonyms else None
        analyzer = presidio_analyzer(presidio) if presidio else None
    except InputError as error:
        raise typer.BadParameter(str(error)) from error
    return Hiding(key, mask_names, analyzer, without_texts)


def say(message: str) -> None:
    """Tell the user something, on stderr."""
    print(f"stance: {message}", file=sys.stderr)
