"""The command line: ``stance read``, ``classify`` and ``suggest`` here, ``train``, ``evaluate`` and ``job`` beside it.

Results go to stdout, everything about them to stderr. Exit status 0; 1 for an input that could not be read;
2 for wrong usage; 130 where Ctrl-C stopped it, 143 where SIGTERM stopped a job.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console

from stance.api import StanceModel, load
from stance.cli_job import job
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
from stance.cli_train import evaluate, train
from stance.errors import InputError, ModelError
from stance.gazetteer import GIVEN, FoundSides, find_sides
from stance.hiding import Hiding
from stance.interrupts import Interrupted
from stance.readers import read_what_can_be_read
from stance.readers.quotes import quoted_statements
from stance.sides import NEUTRAL, Sides
from stance.stances import Stances, comment_record
from stance.summary import Summary, summarize
from stance.terminal import counted_bars, print_stances, summary_bars
from stance.thread import Thread
from stance.writing import check_ending, is_report, write_json_lines, write_table

app = typer.Typer(
    help="Whose side is a public debate on?",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Paths = Annotated[
    list[Path],
    typer.Argument(help="Files, folders, archives: text dumps, saved pages, exports, tables.", metavar="PATH..."),
]

_STOPPED = 130  # the exit status of what Ctrl-C stopped
_WIDTH_OF_PIPES = 120  # columns, where stdout is no terminal


@app.command()
def read(
    paths: Paths,
    quotes: Quotes = False,
    pseudonyms: Pseudonyms = None,
    mask_names: MaskNames = False,
    presidio: Presidio = None,
    without_texts: WithoutTexts = False,
) -> None:
    """Print the comments found in files, as JSON lines."""
    hide = hiding(pseudonyms, mask_names, presidio, without_texts)
    threads, failed = _read(paths, quotes, hide)
    rows = ((t.id, comment) for t in hide.view(threads).threads for comment in t.comments)
    write_json_lines((comment_record(name, comment, not without_texts) for name, comment in rows), _stdout())
    raise typer.Exit(int(failed))


@app.command()
def classify(
    paths: Paths,
    council: Council = None,
    union: Union = None,
    sides: NamedSides = None,
    target: Target = None,
    against_others: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Of three or four sides, show this one against the others.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a table (.jsonl, .csv, .parquet) or a report (.html); - writes JSON lines to stdout."),
    ] = None,
    model: Model = None,
    device: Device = "auto",
    evidence: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="N",
            help="In a report, for how many sided comments at most the sentence that carries the stance is looked for;"
            " each costs several times what its stance did.",
        ),
    ] = 500,
    pseudonyms: Pseudonyms = None,
    mask_names: MaskNames = False,
    presidio: Presidio = None,
    without_texts: WithoutTexts = False,
    quotes: Quotes = False,
    progress: Annotated[bool | None, typer.Option(help="Show a bar on stderr (default: on a terminal).")] = None,
) -> None:
    """Say for every comment whose side it takes, and how large each side is."""
    named = _checked(paths, named_sides(sides, target, council, union), council, union, out)
    _check_against_others(named, against_others, out)
    hide = hiding(pseudonyms, mask_names, presidio, without_texts)
    threads, failed = _read(paths, quotes, hide)
    threads = [thread for thread in threads if thread.comments]
    if not threads:
        if not failed:
            say("nothing to classify: no comments were found")
        raise typer.Exit(int(failed))
    try:
        opened = load(model, device=device)
    except ModelError as error:
        say(str(error))
        raise typer.Exit(1) from error
    found_in = [FoundSides(named, GIVEN, GIVEN) if named else find_sides(t, council, union) for t in threads]
    sides_of = {thread.id: found.sides for thread, found in zip(threads, found_in, strict=True)}
    shown = sys.stderr.isatty() if progress is None else progress
    view = hide.view(threads)
    for thread, its in zip(view.threads, found_in, strict=True):
        say(f"{thread.id}: {its}")
    # The network reads the texts as they were written; from here on only the view is shown.
    answers, stopped = _classified(opened, threads, sides_of, shown)
    stances = view.stances(answers)
    if against_others:
        stances = stances.one_against_others(against_others)
        sides_of = {name: its.one_against_others(against_others) for name, its in sides_of.items()}
    if str(out) == "-":
        write_json_lines(stances.to_records(), _stdout())
    else:
        summary = summarize(view.threads, stances) if len(stances.sides) == 2 else None
        _show(view.threads, stances, summary)
        if summary and out and is_report(out):
            # What the model was asked is not what is shown of one side against the others: nothing explains that.
            explained = _first_sided(answers, 0 if stopped or without_texts or against_others else evidence)
            found_evidence = view.evidence(opened.explain(threads, explained, sides=sides_of, progress=shown))
            write = partial(
                summary.write_html, evidence=found_evidence, sides=view.by_thread(sides_of), card=opened.card
            )
            failed = not _written(write, out, len(stances)) or failed
        elif out:
            failed = not _written(partial(write_table, stances), out, len(stances)) or failed
    raise typer.Exit(_STOPPED if stopped else int(failed))


app.command()(train)
app.command()(evaluate)
app.command()(job)


@app.command()
def suggest(
    paths: Paths,
    out: Annotated[Path, typer.Option(help="Write a .html page to label in, or a .xlsx, .csv or .jsonl to fill in.")],
    n: Annotated[int, typer.Option("-n", "--number", help="How many comments.", min=1)] = 64,
    labelled: Annotated[Path | None, typer.Option(help="What is labelled already; not asked for again.")] = None,
    council: Council = None,
    union: Union = None,
    sides: NamedSides = None,
    target: Target = None,
    model: Model = None,
    device: Device = "auto",
    progress: Annotated[bool | None, typer.Option(help="Show a bar on stderr (default: on a terminal).")] = None,
) -> None:
    """Choose the comments to label next, as a sheet to label."""
    named = _checked(paths, named_sides(sides, target, council, union), council, union, None)
    threads, failed = _read(paths, quotes=False)
    found = {thread.id: named or find_sides(thread, council, union).sides for thread in threads}
    try:
        sheet = load(model, device=device).suggest(
            threads, n, labelled=labelled, sides=found, progress=sys.stderr.isatty() if progress is None else progress
        )
        sheet.write(out)
    except (InputError, ModelError) as error:
        say(str(error))
        raise typer.Exit(1) from error
    say(f"wrote {len(sheet)} comments to label to {out}")
    raise typer.Exit(int(failed))


def main() -> None:
    """Run the command line; the entry point of the package."""
    app()


def _read(paths: list[Path], quotes: bool, hide: Hiding | None = None) -> tuple[list[Thread], bool]:
    threads, failures = read_what_can_be_read(paths, quotes=quotes)
    if hide and hide.says:
        say(hide.says)
    for thread in replace(hide, analyzer=None).view(threads).threads if hide else threads:
        for note in thread.notes:
            say(f"{thread.source}: {note}")
        if not thread.comments and thread.post and not quotes:
            n = len(quoted_statements(thread).comments)
            if n:
                say(f"{thread.source}: the article quotes {n} statements; --quotes takes them as comments")
    for _, error in failures:
        say(f"could not read {error}")
    return threads, bool(failures)


def _checked(
    paths: list[Path], named: Sides | None, council: str | None, union: str | None, out: Path | None
) -> Sides | None:
    """The sides that were named, after a look at what else is wrong with the words of the call."""
    try:
        if any(name is not None and not name.strip() for name in (council, union)):
            raise InputError("--council and --union need a name that is not blank.")
        if out and str(out) != "-":
            check_ending(out)
        if out and any(path.exists() and out.exists() and path.samefile(out) for path in paths):
            raise InputError(f"--out {out} is also an input, which would be overwritten.")
        return named
    except InputError as error:
        raise typer.BadParameter(str(error)) from error


def _check_against_others(named: Sides | None, against_others: str | None, out: Path | None) -> None:
    """See that one side can be shown against the others where that is asked for, or has to be."""
    try:
        if against_others is not None:
            (named or Sides.council_union()).one_against_others(against_others)
        elif named and len(named) > 2 and out and is_report(out):
            raise InputError(
                f"{out}: a report shows two sides, but {len(named)} were named. Add --against-others {named.a.label},"
                " or another of them, for a report of one side against the others; or write a table."
            )
    except InputError as error:
        raise typer.BadParameter(str(error)) from error


def _classified(
    model: StanceModel, threads: list[Thread], sides: dict[str, Sides], progress: bool
) -> tuple[Stances, bool]:
    """The stances, and whether Ctrl-C stopped them early."""
    try:
        return model.classify(threads, sides=sides, progress=progress), False
    except Interrupted as error:
        say(f"{error}; those not reached are neutral, and say so in the column reason")
        return error.stances, True


def _written(write: Callable[[Path], None], out: Path, n: int) -> bool:
    try:
        write(out)
    except InputError as error:
        say(str(error))
        return False
    say(f"wrote {n} comments to {out}")
    return True


def _first_sided(stances: Stances, n: int) -> Stances:
    """The rows up to and with the ``n``-th that takes a side."""
    places = [place for place, label in enumerate(stances.labels, 1) if label != NEUTRAL]
    return stances if len(places) <= n else stances[: places[n - 1] if n else 0]


def _show(threads: list[Thread], stances: Stances, summary: Summary | None) -> None:
    console = Console(
        file=_stdout(), width=None if sys.stdout.isatty() else _WIDTH_OF_PIPES, highlight=False, soft_wrap=False
    )
    for thread in threads:
        print_stances(console, stances.of_thread(thread.id), thread.title or thread.id)
    if len(threads) > 1:
        console.print(f"All {len(threads)} threads together", style="bold")
    console.print(summary_bars(summary) if summary else counted_bars(stances))


def _stdout() -> TextIO:
    # Rows are UTF-8 whatever the terminal's locale says.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    return sys.stdout
