"""A model's README: what it is, what it was made from, and how good it proved on labels that it had not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stance.card import ModelCard


def write_readme(folder: Path, card: ModelCard) -> None:
    """Write ``README.md`` beside a model."""
    (folder / "README.md").write_text(readme(card), "utf-8")


def readme(card: ModelCard) -> str:
    """A model card in Markdown, with the header that the Hugging Face hub reads."""
    parts = [_HEADER, f"# {card.name}\n", _WHAT_IT_IS]
    if "made_from" in card.figures:
        parts += [_how_made(card.figures), _how_good(card.figures)]
    parts.append("## What shaped it\n\n" + "\n".join(f"- {source}" for source in card.trained_on) + "\n")
    return "\n".join(parts)


_HEADER = """---
library_name: stance
pipeline_tag: text-classification
license: other
license_name: see-what-shaped-it
tags: [stance-detection]
---"""

_WHAT_IT_IS = """Says whose side a comment takes in a dispute between two named sides, and in what tone. Six outputs:
side a, side b, neutral; negative, neutral, positive. Opens with stock `transformers` as
`AutoModelForSequenceClassification`; `stance.load(folder)` opens it with its calibration, which is in `stance.json`.

Not for decisions about any single writer: it errs, and the people who comment are not the public.
"""


def _how_made(figures: Mapping[str, Any]) -> str:
    ways = {"head": "the last layer was learned anew, the rest is as it was", "full": "all weights were moved"}
    notes = "".join(f"\n- {note}" for note in figures["notes"])
    return (
        f"## How it was made\n\nFrom `{figures['made_from']}`, on {figures['n_labels']} labelled comments:"
        f" {ways[figures['way']]}. Seed {figures['seed']}.\n"
        + (f"\nOf the labels it was noted:\n{notes}\n" if notes else "")
    )


def _how_good(figures: Mapping[str, Any]) -> str:
    parts = [
        f"## How good it is\n\n{figures['measured']} Comments were held apart by {figures['grouped_by']}"
        f" ({figures['n_groups']} groups), so that none of a group was seen before it was asked. Intervals: 95 %,"
        " over such groups.\n"
    ]
    for task in ("stance", "sentiment"):
        if task in figures:
            parts.append(_task_part(task, figures))
    return "\n".join(parts)


def _task_part(task: str, figures: Mapping[str, Any]) -> str:
    after, before, compared = (figures[name] for name in (task, f"{task}_before", f"{task}_compared"))
    rows = [
        ("macro-F1", *(_with_interval(q["macro_f1"]) for q in (before, after))),
        *(
            (f"F1 {label}", f"{before['f1'][i]:.2f}", f"{after['f1'][i]:.2f}")
            for i, label in enumerate(after["labels"])
        ),
        ("accuracy", *(_with_interval(q["accuracy"]) for q in (before, after))),
        ("expected calibration error", f"{before['calibration_error']:.2f}", f"{after['calibration_error']:.2f}"),
        ("largest error of a share", f"{before['prevalence_error']:.2f}", f"{after['prevalence_error']:.2f}"),
        *(
            [
                ("share called sure", f"{before['sure_share']:.0%}", f"{after['sure_share']:.0%}"),
                ("accuracy where sure", *(_percent(q["accuracy_where_sure"]) for q in (before, after))),
            ]
            if after["sure_share"] is not None
            else []
        ),
    ]
    gap = compared["difference"]
    parts = [
        f"### {task.capitalize()}, {after['n']} comments\n",
        _table(("", figures["made_from"], "this model"), rows),
        f"\nMacro-F1 differs by {gap['value']:+.2f} [{gap['low']:+.2f}, {gap['high']:+.2f}] (paired bootstrap"
        f" p = {compared['p_bootstrap']:.3f}, McNemar p = {compared['p_mcnemar']:.3f}).\n",
        "Labels (rows) and answers (columns):\n",
        _table(
            ("", *after["labels"]),
            [(label, *map(str, row)) for label, row in zip(after["labels"], after["confusion"], strict=True)],
        ),
    ]
    curve = figures.get(f"{task}_curve")
    if curve:
        parts += [
            f"\nThe learning curve{figures.get('curve_of', '')}:\n",
            _table(
                ("labels", *(str(point["labels"]) for point in curve)),
                [("macro-F1", *(f"{point['macro_f1']:.2f}" for point in curve))],
            ),
        ]
    return "\n".join(parts) + "\n"


def _with_interval(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]"


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
