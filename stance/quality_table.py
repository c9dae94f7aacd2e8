"""A terminal's view of how good a model is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from stance.encoding import normalize

if TYPE_CHECKING:
    from rich.console import Console

    from stance.metrics import Interval
    from stance.quality import Evaluation, Quality


def print_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Print figures, confusion, shares, the errors worth reading and, of two models, which is better."""
    measured = [(evaluation.model, evaluation.stance)]
    if evaluation.stance_against is not None:
        measured.append((str(evaluation.against), evaluation.stance_against))
    console.print(
        f"{evaluation.stance.n} labelled comments; intervals: 95 %, over {evaluation.n_groups} groups of"
        f" {evaluation.grouped_by}"
    )
    console.print(_figures("stance", measured))
    for name, quality in measured:
        console.print(_confusion(name, quality))
        console.print(_shares(name, quality))
    if evaluation.compared is not None:
        gap = evaluation.compared.difference
        console.print(
            f"{evaluation.model} against {evaluation.against}: macro-F1 {gap.value:+.2f} [{gap.low:+.2f},"
            f" {gap.high:+.2f}], paired bootstrap p = {evaluation.compared.p_bootstrap:.3f}; only the first right:"
            f" {evaluation.compared.only_first}, only the second: {evaluation.compared.only_second}, McNemar p ="
            f" {evaluation.compared.p_mcnemar:.3f}"
        )
    if evaluation.sentiment is not None:
        console.print(_figures("sentiment", [(evaluation.model, evaluation.sentiment)]))
    if evaluation.surest_wrong:
        console.print(_wrong(evaluation))


def print_training(console: Console, figures: Mapping[str, Any]) -> None:
    """Print what a model's card says of its training, in short."""
    for task in ("stance", "sentiment"):
        if task not in figures:
            continue
        before, after = figures[f"{task}_before"]["macro_f1"], figures[task]["macro_f1"]
        curve = ", ".join(f"{point['labels']}: {point['macro_f1']:.2f}" for point in figures[f"{task}_curve"])
        console.print(
            f"{task}: macro-F1 {before['value']:.2f} before, {after['value']:.2f} [{after['low']:.2f},"
            f" {after['high']:.2f}] now, on {figures[task]['n']} comments held apart by {figures['grouped_by']}"
        )
        console.print(f"  by number of labels: {curve}")


def _figures(task: str, measured: Sequence[tuple[str, Quality]]) -> Table:
    table = Table(task, *(escape(name) for name, _ in measured), box=box.SIMPLE_HEAD)
    qualities = [quality for _, quality in measured]

    def row(name: str, values: Sequence[str]) -> None:
        table.add_row(Text(name), *map(Text, values))

    row("macro-F1", [_interval(q.macro_f1) for q in qualities])
    for i, label in enumerate(qualities[0].labels):
        row(f"F1 {label}", [f"{q.f1[i]:.2f}" for q in qualities])
    row("accuracy", [_interval(q.accuracy) for q in qualities])
    row("expected calibration error", [f"{q.calibration_error:.2f}" for q in qualities])
    row("Brier score", [f"{q.brier:.2f}" for q in qualities])
    row("largest error of a share", [f"{q.prevalence_error:.2f}" for q in qualities])
    if qualities[0].sure_share is not None:
        row("share called sure", [f"{q.sure_share or 0:.0%}" for q in qualities])
        right = [q.accuracy_where_sure for q in qualities]
        row("accuracy where sure", ["-" if share is None else f"{share:.0%}" for share in right])
    return table


def _confusion(name: str, quality: Quality) -> Table:
    heading = escape(f"{name}: labels (rows), answers (columns)")
    table = Table(heading, *map(escape, quality.labels), box=box.SIMPLE_HEAD)
    for label, counts in zip(quality.labels, quality.confusion, strict=True):
        table.add_row(Text(label), *map(str, counts))
    return table


def _shares(name: str, quality: Quality) -> Table:
    table = Table(escape(f"{name}: shares"), *map(escape, quality.labels), box=box.SIMPLE_HEAD)
    for what, shares in (
        ("by the labels", quality.true_shares),
        ("by counting answers", quality.answered_shares),
        ("by adding probabilities", quality.expected_shares),
    ):
        table.add_row(what, *(f"{share:.0%}" for share in shares))
    return table


def _wrong(evaluation: Evaluation) -> Table:
    table = Table("surest wrong", "p", "label", "comment", box=box.SIMPLE_HEAD)
    for wrong in evaluation.surest_wrong:
        text = Text(normalize(wrong.comment.text), overflow="ellipsis")
        table.add_row(Text(wrong.answer), f"{wrong.probability:.0%}", Text(wrong.label), text)
    return table


def _interval(figure: Interval) -> str:
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"
