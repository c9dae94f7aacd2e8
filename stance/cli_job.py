"""The command line's ``stance job``: more comments than memory holds, with a power cut in mind."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from stance.cli_options import (
    Council,
    Device,
    MaskNames,
    Model,
    NamedSides,
    Presidio,
    Pseudonyms,
    Quotes,
    Target,
    Union,
    WithoutTexts,
    hiding,
    named_sides,
    say,
)
from stance.errors import InputError, JobError, ModelError
from stance.jobs import JobProgress, JobReport, JobStopped, run_job
from stance.jobs.job_sides import JobSides, LookedFor
from stance.jobs.run import ROWS_A_PART
from stance.sides import Sides

_LINE_EVERY = 30.0  # seconds between lines of progress where stderr is no terminal
_SIGNALLED = 128  # with the signal's number: the exit status of what a signal stopped


def job(
    inputs: Annotated[
        list[Path], typer.Argument(help="Tables of any size; other files, folders and archives.", metavar="INPUT...")
    ],
    out: Annotated[Path, typer.Option(help="The folder to write to; the same command goes on in it.", metavar="DIR")],
    council: Council = None,
    union: Union = None,
    sides: NamedSides = None,
    target: Target = None,
    model: Model = None,
    device: Device = "auto",
    cache: Annotated[
        Path | None, typer.Option(help="Keep answers in this file, which jobs may share.", metavar="FILE")
    ] = None,
    pseudonyms: Pseudonyms = None,
    mask_names: MaskNames = False,
    presidio: Presidio = None,
    without_texts: WithoutTexts = False,
    quotes: Quotes = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Delete what the folder holds, the cache aside, and begin anew.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check the parts written already by their sha256, not only by size.")
    ] = False,
    rows_a_part: Annotated[int, typer.Option(help="Comments in a file of the output.", min=1)] = ROWS_A_PART,
    price_per_hour: Annotated[
        float | None, typer.Option(help="Of this machine, for the report's cost of a million comments.", min=0)
    ] = None,
    progress: Annotated[bool, typer.Option(help="Show progress on stderr.")] = True,
) -> None:
    """Classify millions of comments into a folder; broken off at any instant, the same command goes on."""
    hidden = hiding(pseudonyms, mask_names, presidio, without_texts)
    try:
        report = run_job(
            inputs,
            out,
            model=model,
            device=device,
            sides=_sides(named_sides(sides, target, council, union), council, union),
            cache=cache,
            pseudonyms=pseudonyms,
            mask_names=mask_names,
            analyzer=hidden.analyzer,
            without_texts=without_texts,
            quotes=quotes,
            restart=restart,
            verify=verify,
            rows_a_part=rows_a_part,
            price_per_hour=price_per_hour,
            progress=_shown() if progress else None,
        )
    except JobStopped as stop:
        _tell(stop.report)
        say(str(stop))
        raise typer.Exit(_SIGNALLED + stop.signal) from stop
    except KeyboardInterrupt as stop:
        say("stopped; the same command goes on where it was")
        raise typer.Exit(_SIGNALLED + 2) from stop
    except (InputError, ModelError, JobError) as error:
        say(str(error))
        raise typer.Exit(1) from error
    _tell(report)
    raise typer.Exit(int(report.unreadable > 0))


def _sides(named: Sides | None, council: str | None, union: str | None) -> JobSides:
    try:
        if named or (council and union):
            return named or Sides.council_union(council or "", union or "")
    except InputError as error:
        raise typer.BadParameter(str(error)) from error
    return LookedFor(council, union) if council or union else None


def _shown() -> Callable[[JobProgress], None]:
    """Progress as a line that is written over, or, where stderr is no terminal, as a line now and then."""
    is_terminal = sys.stderr.isatty()
    told = [time.monotonic()]

    def show(progress: JobProgress) -> None:
        if not is_terminal and time.monotonic() - told[0] < _LINE_EVERY:
            return
        told[0] = time.monotonic()
        line = f"stance: {_line(progress)}"
        print(f"\r{line:<78}" if is_terminal else line, end="" if is_terminal else "\n", file=sys.stderr, flush=True)

    return show


def _line(progress: JobProgress) -> str:
    share = "" if progress.share is None else f", {progress.share:.0%} of the input read"
    left = "" if progress.seconds_left is None else f", {_duration(progress.seconds_left)} left"
    return f"{progress.rows:,} comments, {progress.rows_per_second:,.0f}/s{share}{left}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _tell(report: JobReport) -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for note in report.notes:
        say(note)
    say(
        f"{report.rows:,} comments in {_duration(report.seconds)}: {report.computed:,} computed,"
        f" {report.from_cache:,} from the cache, {report.repeated:,} repeated, {report.wordless:,} without words"
    )
    n_unusable = sum(report.unusable.values())
    if n_unusable or report.unreadable:
        say(f"{n_unusable:,} rows and {report.unreadable:,} sources gave no comment: see quarantine.jsonl")
    if report.cost_per_million is not None:
        say(f"a million comments like these cost {report.cost_per_million:,.2f}")
    say(f"{report.all_rows:,} comments in {report.parts:,} parts in {report.out}")
