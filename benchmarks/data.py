"""The data that trains and measures the shipped model, as labelled examples.

``corpus/`` lies here and was written for this project. The public sets and the gold comments do not: their
folders are given, and nothing of them is kept but labels of our own and hashes of the texts they belong to.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance.encoding import Example
from stance.sides import SENTIMENTS, Side, Sides
from stance.training import LabelledExample

CORPUS = Path(__file__).parent / "corpus"
LABELS = CORPUS / "labelled_comments.jsonl"
#: Public sets whose licences allow weights made with them to be shipped.
REDISTRIBUTABLE = ("ibm_argq30k.train", "argkp2021.train", "ibm_claim_stance.train", "perspectrum.train")
_UNSURE_WEIGHT = 0.7  # a label that careful readers may dispute counts less
# The parts from here on were written so that naming the union gives no side away (see LOG.md); they count double.
_BALANCED_FROM, _BALANCED_WEIGHT = 13, 2.0


@dataclass(frozen=True)
class GoldRow:
    """A real comment with its label, for measuring only."""

    labelled: LabelledExample
    sure: bool
    thread_id: str
    near: bool


def load_corpus(folder: Path = CORPUS) -> list[LabelledExample]:
    """Our own comments, by part. ``example.thread_id`` tells which belong together."""
    paths = sorted(folder.glob("part-*.jsonl"), key=_part)
    rows = [(row, _part(path)) for path in paths for row in read_rows(path)]
    texts = {(row["thread"], row["id"]): row["text"] for row, _ in rows}
    return [_corpus_example(row, texts, 1.0 if part < _BALANCED_FROM else _BALANCED_WEIGHT) for row, part in rows]


def load_public(folder: Path, per_target: int = 60, seed: int = 0) -> list[LabelledExample]:
    """Arguments for and against a motion, from the redistributable sets, as supporters against opponents.

    Neutral is unknown to these sets. At most ``per_target`` arguments a motion are taken, drawn at random.
    """
    rng = random.Random(seed)
    examples = []
    seen: set[tuple[str, str]] = set()
    for name in REDISTRIBUTABLE:
        rows = list(read_rows(folder / f"{name}.jsonl.gz"))
        rng.shuffle(rows)
        taken: Counter[str] = Counter()
        for row in rows:
            motion = row["target"].rstrip(".")
            if (row["text"], motion) not in seen and taken[motion] < per_target:
                seen.add((row["text"], motion))
                taken[motion] += 1
                examples.append(_public_example(name, row, motion, rng))
    return examples


def load_labelled_comments(folder: Path, labels: Path = LABELS) -> list[LabelledExample]:
    """Real comments of public sets with our own labels; the texts are joined from the sets in ``folder``.

    Where the two labellers differ, the stance is neutral and the tone unknown.

    :raises ValueError: If a text is not the one that was labelled.
    """
    wanted = list(read_rows(labels))
    sources = {(row["dataset"], row["id"]): row for row in _rows_of({row["dataset"] for row in wanted}, folder)}
    return [_labelled_example(row, sources[row["dataset"], row["id"]]) for row in wanted]


def load_gold(path: Path) -> list[GoldRow]:
    """Real comments for measuring, in file order."""
    return [_gold_row(row) for row in read_rows(path)]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON lines file, gzipped or not."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from map(json.loads, data.decode("utf-8").rstrip("\n").split("\n"))


def fingerprint(paths: Sequence[Path]) -> str:
    """One sha256 over the bytes of files, in order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def text_hash(text: str) -> str:
    """What stands for a text in the labels file."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _part(path: Path) -> int:
    return int(path.stem.removeprefix("part-"))


def _corpus_example(row: dict[str, Any], texts: dict[tuple[str, str], str], weight: float) -> LabelledExample:
    sides = Sides(*(Side(row[side]["label"], row[side]["name"]) for side in ("side_a", "side_b")))
    parent = row.get("parent_text") or (texts[row["thread"], row["parent"]] if row["parent"] else "")
    example = Example(
        thread_id=row["thread"],
        comment_id=row["id"],
        text=row["text"],
        sides=sides,
        title=row["title"],
        post=row["post"],
        parent=parent,
        by_post_author=row["is_post_author"],
    )
    return LabelledExample(
        example=example,
        stance=sides.labels.index(row["stance"]),
        sentiment=SENTIMENTS.index(row["sentiment"]),
        weight=weight if row["sure"] else weight * _UNSURE_WEIGHT,
    )


def _public_example(name: str, row: dict[str, Any], motion: str, rng: random.Random) -> LabelledExample:
    supporters = rng.choice(("people who say: ", "supporters of: ", "those who agree that "))
    opponents = rng.choice(("people against: ", "opponents of: ", "those who deny that "))
    example = Example(
        thread_id=name,
        comment_id=row["id"],
        text=row["text"],
        sides=Sides(Side("supporters", supporters + motion), Side("opponents", opponents + motion)),
        title=motion if rng.random() < 0.5 else "",
    )
    return LabelledExample(example, stance=("favor", "against").index(row["label"]), two_way=True)


def _rows_of(datasets: set[str], folder: Path) -> Iterator[dict[str, Any]]:
    for dataset in sorted(datasets):
        for path in sorted(folder.glob(f"{dataset}.*.jsonl.gz")):
            yield from read_rows(path)
    yield from read_rows(folder / "union_text_mentions.jsonl.gz")


def _labelled_example(row: dict[str, Any], source: dict[str, Any]) -> LabelledExample:
    if text_hash(source["text"]) != row["text_sha256"]:
        raise ValueError(f"{row['dataset']} {row['id']}: the text is not the one that was labelled; get that version.")
    sides = Sides(*(Side(row[side]["label"], row[side]["name"]) for side in ("side_a", "side_b")))
    stances = {label["stance"] for label in row["labels"]}
    tones = {label["sentiment"] for label in row["labels"]}
    sure = len(stances) == 1 and all(label["sure"] for label in row["labels"])
    example = Example(
        thread_id=row["debate"],
        comment_id=row["id"],
        text=source["text"],
        sides=sides,
        title=row["title"] or source["debate"].partition(" — ")[0],
        parent=(source["context"] or "") if row["dataset"] in ("iac_4forums", "mtcsd") else "",
    )
    return LabelledExample(
        example=example,
        stance=("a", "b", "neutral").index(stances.pop()) if len(stances) == 1 else 2,
        sentiment=SENTIMENTS.index(tones.pop()) if len(tones) == 1 else None,
        weight=1.0 if sure else _UNSURE_WEIGHT,
    )


def _gold_row(row: dict[str, Any]) -> GoldRow:
    sides = Sides.council_union(row["council"], row["union"])
    example = Example(
        thread_id=row["thread_id"],
        comment_id=row["id"],
        text=row["text"],
        sides=sides,
        title=row["title"].removeprefix("[headline not in corpus] "),
        post=row["post"],
        by_post_author=row["role"] == "post-author",
    )
    labelled = LabelledExample(example, sides.labels.index(row["stance"]), SENTIMENTS.index(row["sentiment"]))
    return GoldRow(labelled, bool(row["sure"]), row["thread_id"], bool(row["near"]))
