"""Stances and shares for a person at a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from stance.encoding import normalize
from stance.shares import Share, Shares
from stance.stances import Stance, Stances
from stance.summary import Summary

# Blue, orange and grey stay apart for colour-blind readers; the words say the same without colour.
_STYLES = ("bold blue", "bold dark_orange", "bold green", "bold magenta")
_NEUTRAL_STYLE = "grey62"
_BAR = 32  # characters
_LONGEST_TEXT = 280  # characters of a comment shown


def stances_table(stances: Stances, title: str) -> Table:
    """A row for each comment: who, whose side, how sure, in what tone, and how it begins."""
    table = Table(
        title=Text(normalize(title)),
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
        pad_edge=False,
    )
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    table.add_column("author", max_width=26, overflow="ellipsis", no_wrap=True)
    table.add_column("stance", no_wrap=True)
    table.add_column("p", justify="right", no_wrap=True)
    table.add_column("tone", no_wrap=True)
    table.add_column("comment", ratio=1, max_width=90)
    for stance in stances:
        table.add_row(*_cells(stance, stances.sides.labels))
    return table


def summary_bars(summary: Summary) -> RenderableType:
    """Bars for the shares, by comments and by people, with their intervals, and what else is to be told."""
    lines: list[RenderableType] = [Text()]
    for shares in (summary.by_comments, summary.by_people):
        lines.append(Text(f"By {shares.unit} ({shares.n})", style="bold"))
        lines += [_bar(share, style) for share, style in zip(shares, _styles(len(shares)), strict=True)]
        lines.append(Text(f"  {_who_leads(shares)}"))
    return Group(*lines, Text("\n".join(_told(summary)), style="dim"))


def counted_bars(stances: Stances) -> RenderableType:
    """Bars for the shares of three or four sides, which are counts."""
    labels, found = stances.sides.labels, stances.labels
    lines: list[RenderableType] = [Text(), Text(f"By comments ({len(found)})", style="bold")]
    for label, style in zip(labels, _styles(len(labels)), strict=True):
        count = found.count(label)
        share = count / max(len(found), 1)
        lines.append(_bar(Share(label, count, share, share, None, None), style))
    first = stances.sides.a.label
    note = (
        f"The shares are counts of what the model read, not corrected for how it errs: that is known for two sides, not"
        f" {len(stances.sides)}.\nOne side against the others, with people, intervals and a report: --against-others"
        f" {first}"
    )
    return Group(*lines, Text(note, style="dim"))


def print_stances(console: Console, stances: Stances, title: str) -> None:
    """Print the table of one thread."""
    console.print(stances_table(stances, title))
    console.print()


def _cells(stance: Stance, labels: tuple[str, ...]) -> list[Text]:
    style = _styles(len(labels))[labels.index(stance.label)]
    text = normalize(stance.comment.text)
    words = text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
    if stance.reason:
        words = f"{words} [{stance.reason}]".strip()
    if stance.truncated:
        words += f" [{stance.truncated} tokens not read]"
    return [
        Text(normalize(stance.comment.id)),
        Text(normalize(stance.comment.author or "-") + (" (post)" if stance.comment.is_post_author else "")),
        Text(stance.label, style=style),
        Text(f"{stance.probability:.0%}{'*' if stance.sure else ' '}"),
        Text(stance.sentiment),
        Text(words),
    ]


def _styles(n_labels: int) -> tuple[str, ...]:
    return *_STYLES[: n_labels - 1], _NEUTRAL_STYLE


def _bar(share: Share, style: str) -> Text:
    full = round(share.share * _BAR)
    interval = "" if share.low is None else f"  [{share.low:.0%} to {share.high:.0%}]"
    line = Text(f"  {share.label:<18} ")
    line.append("█" * full, style=style)
    line.append("░" * (_BAR - full), style="grey30")
    line.append(f" {share.share:4.0%}{interval}  ({share.count} read so)")
    return line


def _who_leads(shares: Shares) -> str:
    lead = shares.lead
    if lead.low is None:
        return "Too few people to tell which side is the larger."
    if lead.clear:
        return f"More are {lead.label}, by {lead.by:.0%} [{lead.low:.0%} to {lead.high:.0%}]."
    return f"Which side is the larger cannot be told: {lead.label} is ahead by {lead.by:.0%}, which may be chance."


def _told(summary: Summary) -> list[str]:
    """What is said below the bars, a line each."""
    tones = ", ".join(f"{count} {name}" for name, count in summary.sentiment.items())
    told = [f"Tone: {tones}. Sure: {summary.n_sure} of {summary.n_comments} stances (marked *)."]
    most = summary.concentration
    if most and summary.n_people >= _ENOUGH_PEOPLE:
        told.append(
            f"The most active tenth ({most.n_most_active} of {summary.n_people} people) wrote"
            f" {most.share_of_most_active:.0%} of the comments."
        )
    for point in summary.timeline.turning_points:
        k = max(range(3), key=lambda k: abs(point.changes[k].value))
        told.append(
            f"A turn at comment {normalize(point.comment_id)}: {point.before[k].label} from {point.before[k].share:.0%}"
            f" before to {point.after[k].share:.0%} after."
        )
    if summary.n_nameless:
        told.append(f"{summary.n_nameless} comments show no name of their own; each counts as one person.")
    if summary.n_unclassified:
        told.append(f"{summary.n_unclassified} comments hold nothing to classify and count as neutral.")
    if summary.n_comments:
        told.append(_METHODS[summary.by_comments.method])
    return told


_METHODS = {
    "corrected": "The shares are corrected for how the model errs on comments with known labels, so they differ from"
    " what it read.\nIntervals: 95 %; other people like these and the model's errors are inside.",
    "counted": "The shares are counts of what the model read; how it errs is not known.\n"
    "Intervals: 95 %, over people like these; the model's own errors come on top.",
    "labelled": "The shares rest on the true labels given, with the model's answers as a help.\n"
    "Intervals: 95 %, over people like these.",
}
_ENOUGH_PEOPLE = 10  # for a tenth of them
