"""The command line's ``stance train`` and ``stance evaluate``: a model made one's own, and how good one is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from stance.adaptation import train as train_model
from stance.cli_options import Device, Model, NamedSides, Target, named_sides, say
from stance.errors import InputError, ModelError
from stance.evaluation import evaluate as evaluate_model
from stance.labelled import LabelledComments, read_labelled
from stance.quality_table import print_evaluation, print_training
from stance.sides import Sides

Labelled = Annotated[
    Path,
    typer.Argument(
        help="Labelled comments: JSON lines, CSV, Parquet or Excel, with a column of texts and one of stances.",
        metavar="FILE",
    ),
]
WIDTH_OF_PIPES = 120  # columns, where stdout is no terminal


def train(
    labelled: Labelled,
    out: Annotated[Path, typer.Option(help="The folder to write the model to.")],
    start: Model = None,
    way: Annotated[
        Literal["head", "full"], typer.Option(help="The last layer alone (seconds), or all weights (minutes to hours).")
    ] = "head",
    sides: NamedSides = None,
    target: Target = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = 0,
    seeds: Annotated[int, typer.Option(help="With --way full: trainings, of which the best is kept.", min=1)] = 1,
    device: Device = "auto",
    progress: Annotated[bool | None, typer.Option(help="Show a bar on stderr (default: on a terminal).")] = None,
) -> None:
    """Make a model your own: train it further on comments that you labelled."""
    try:
        data = _read(labelled, named_sides(sides, target))
        model = train_model(
            data,
            start=start,
            way=way,
            out=out,
            seed=range(seed, seed + seeds),
            device=device,
            progress=sys.stderr.isatty() if progress is None else progress,
        )
    except (InputError, ModelError) as error:
        raise _failed(error) from error
    except KeyboardInterrupt as stop:
        say("stopped" + ("; the same command goes on where it was" if way == "full" else ""))
        raise typer.Exit(130) from stop
    print_training(_console(), model.card.figures)
    say(f"wrote {out}; its README.md holds all figures")


def evaluate(
    labelled: Labelled,
    model: Model = None,
    against: Annotated[str | None, typer.Option(help="Another, measured on the same comments and compared.")] = None,
    sides: NamedSides = None,
    target: Target = None,
    out: Annotated[Path | None, typer.Option(help="Write all figures as JSON.")] = None,
    device: Device = "auto",
) -> None:
    """Measure a model on labelled comments that it was not trained on."""
    try:
        evaluation = evaluate_model(_read(labelled, named_sides(sides, target)), model, against=against, device=device)
    except (InputError, ModelError) as error:
        raise _failed(error) from error
    print_evaluation(_console(), evaluation)
    if out is not None:
        try:
            out.write_text(json.dumps(evaluation.to_dict(), indent=2, ensure_ascii=False) + "\n", "utf-8")
        except OSError as error:
            say(f"{out}: cannot be written ({error.strerror}). Give --out another place.")
            raise typer.Exit(1) from error


def _read(path: Path, sides: Sides | None) -> LabelledComments:
    data = read_labelled(path, sides)
    for note in data.notes:
        say(note)
    return data


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDTH_OF_PIPES, highlight=False)


def _failed(error: Exception) -> typer.Exit:
    say(str(error))
    return typer.Exit(1)
