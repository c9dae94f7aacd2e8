"""The data that trains and measures the shipped models, as labelled examples.

``corpus/`` lies here and was written for this project. The public sets and the gold comments do not: their
folders are given, and nothing of them is kept but labels of our own and hashes of the texts they belong to.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from stance.encoding import Example
from stance.labelled import LabelledExample
from stance.sides import SENTIMENTS, Side, Sides

CORPUS = Path(__file__).parent / "corpus"
LABELS = CORPUS / "labelled_comments.jsonl"
SECOND_LABELS = CORPUS / "second_labels.jsonl"
#: Further pairs of sides for the real debates, and what the comments are under each of them.
OTHER_SIDES = CORPUS / "other_sides.jsonl"
OTHER_LABELS = CORPUS / "other_labels.jsonl"
#: Public sets whose licences allow weights made with them to be shipped.
REDISTRIBUTABLE = ("ibm_argq30k.train", "argkp2021.train", "ibm_claim_stance.train", "perspectrum.train")
Split = Literal["train", "dev", "test"]
_LETTERS = {"a": "a", "b": "b", "n": "neutral"}
_REPLIES = ("iac_4forums", "mtcsd")  # sets whose texts answer another that is known
_SHORTEST = 60  # characters of a reply that a teacher is asked about
_UNSURE_WEIGHT = 0.7  # a label that careful readers may dispute counts less
_SIDE_WORDS = (re.compile(r"\bunion|\bstrik", re.I), re.compile(r"\bcouncil|\btaxpayer", re.I))


@dataclass(frozen=True)
class DebateRow:
    """A comment of a debate that may train, with what is known beside its label.

    :param split: The dispute it belongs to decides; no dispute is in two.
    :param part: The part of the corpus, or 0 for a real comment.
    :param tags: What makes it hard, as its writer saw it.
    :param evidence: The words that carry the stance, where they were marked.
    :param contrast: How a member of a contrast set differs from its original, else empty.
    :param second: The stance a second, blind labeller gave, or None where there is none.
    :param other_sides: A real comment under other sides than its debate's own.
    """

    labelled: LabelledExample
    split: Split
    part: int = 0
    tags: tuple[str, ...] = ()
    evidence: str = ""
    contrast: str = ""
    second: int | None = None
    other_sides: bool = False

    @property
    def disputed(self) -> bool:
        """Whether two labellers differ on the stance."""
        return self.second is not None and self.second != self.labelled.stance


@dataclass(frozen=True)
class GoldRow:
    """A real comment with its label, for measuring only."""

    labelled: LabelledExample
    sure: bool
    thread_id: str
    near: bool


def load_corpus(folder: Path = CORPUS) -> list[DebateRow]:
    """Our own comments, by part; ``example.thread_id`` tells which belong together.

    The label is the writer's. Where a second, blind labeller heard another tone, the tone is unknown.
    """
    paths = sorted(folder.glob("part-*.jsonl"), key=_part)
    rows = [(row, _part(path)) for path in paths for row in read_rows(path)]
    texts = {(row["thread"], row["id"]): row["text"] for row, _ in rows}
    second = {(row["thread"], row["id"]): row for row in _second_labels(folder / SECOND_LABELS.name)}
    return [_corpus_row(row, part, texts, second.get((row["thread"], row["id"]))) for row, part in rows]


def split_of(dispute: str) -> Split:
    """Of twenty disputes, eighteen train, one chooses (dev), one measures (test).

    A hash decides, so that more data moves none from one to another.
    """
    place = int(hashlib.sha256(dispute.encode("utf-8")).hexdigest()[:8], 16) % 20
    return "test" if place == 0 else "dev" if place == 10 else "train"


def drawn_disputes(rows: Sequence[DebateRow], share: float, seed: int) -> npt.NDArray[np.int64]:
    """Places of the rows of so many disputes, drawn at random. *Shape:* ``(n_drawn,)``"""
    disputes = sorted({row.labelled.example.thread_id for row in rows})
    order = np.random.default_rng(seed).permutation(len(disputes))
    kept = {disputes[i] for i in order[: round(len(disputes) * share)]}
    return np.flatnonzero([row.labelled.example.thread_id in kept for row in rows])


def balanced(examples: Sequence[LabelledExample]) -> list[LabelledExample]:
    """Weights under which the surface of a comment says less of its stance.

    In what people write on demand, opponents of the workers name the union and open the talk, their defenders answer
    without naming it; in real threads it is not so. Each example is weighted by the inverse of what its stance's chance
    is, given whether it names the sides, is a reply, and is long (Horvitz and Thompson 1952), within a factor of two.
    """
    from sklearn.linear_model import LogisticRegression

    features = np.array([_surface(labelled.example) for labelled in examples])
    labels = np.array([labelled.stance for labelled in examples])
    model = LogisticRegression(C=1.0, max_iter=1000).fit(features, labels)
    chances = model.predict_proba(features)[np.arange(len(labels)), np.searchsorted(model.classes_, labels)]
    prior = np.bincount(labels)[labels] / len(labels)
    factors = np.clip(prior / chances, 0.5, 2.0)
    return [replace(e, weight=e.weight * float(factor)) for e, factor in zip(examples, factors, strict=True)]


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


def load_labelled_comments(folder: Path, labels: Path = LABELS) -> list[DebateRow]:
    """Real comments of public sets with our own labels; the texts are joined from the sets in ``folder``.

    Where the two labellers differ, the stance is neutral and the tone unknown.

    :raises ValueError: If a text is not the one that was labelled.
    """
    wanted = list(read_rows(labels))
    sources = {(row["dataset"], row["id"]): row for row in _rows_of({row["dataset"] for row in wanted}, folder)}
    return [
        DebateRow(_labelled_example(row, sources[row["dataset"], row["id"]]), split_of(row["debate"])) for row in wanted
    ]


def load_other_sides(folder: Path, pairs: Path = OTHER_SIDES, labels: Path = OTHER_LABELS) -> list[DebateRow]:
    """Real comments under other pairs of sides than their debate's own, labelled by us: once, those of the dev and test
    splits twice.

    The same comment is for one side of one pair, for neither of another: what it is depends on the sides named.

    :raises ValueError: If a text is not the one that was labelled.
    """
    asked = {(row["debate"], row["pair"]): row for row in read_rows(pairs)}
    wanted = list(read_rows(labels))
    sources = {(row["dataset"], row["id"]): row for row in _rows_of({row["dataset"] for row in wanted}, folder)}
    rows = []
    for row in wanted:
        source = sources[row["dataset"], row["id"]]
        for number, letter in row["stances"].items():
            label = {"stance": _LETTERS[letter], "sentiment": row["sentiment"], "sure": number not in row["unsure"]}
            one = {**row, **asked[row["debate"], int(number)], "id": f"{row['id']}:{number}", "labels": [label]}
            second = row["second"].get(number)
            rows.append(
                DebateRow(
                    labelled=_labelled_example(one, source),
                    split=split_of(row["debate"]),
                    second=None if second is None else "abn".index(second),
                    other_sides=True,
                )
            )
    return rows


def load_unlabelled(folder: Path, n: int, seed: int = 0) -> list[LabelledExample]:
    """Real replies that nobody labelled, each under sides that others of its subject were labelled under.

    For a teacher to answer; the sets' own labels are not read.
    """
    labelled = load_labelled_comments(folder) + load_other_sides(folder)
    sources = [row for row in _rows_of(set(_REPLIES), folder) if row["dataset"] in _REPLIES and row["split"] != "test"]
    subject_of = {(row["dataset"], row["id"]): (row["dataset"], row["target"]) for row in sources}
    asked: dict[tuple[str, str], dict[tuple[str, Sides], None]] = {}
    examples = [row.labelled.example for row in labelled if row.split == "train"]
    texts = {row.labelled.example.text for row in labelled}
    for dataset, example in itertools.product(_REPLIES, examples):
        if subject := subject_of.get((dataset, example.comment_id.partition(":")[0])):
            asked.setdefault(subject, {})[example.title, example.sides] = None
    rng = random.Random(seed)
    rng.shuffle(sources)
    found: list[LabelledExample] = []
    for source in sources:
        subject = source["dataset"], source["target"]
        fits = len(source["text"]) >= _SHORTEST and source["text"] not in texts and subject in asked
        if fits and len(found) < n:
            texts.add(source["text"])
            title, sides = rng.choice(list(asked[subject]))
            example = Example(source["dataset"], source["id"], source["text"], sides, title, parent=_answered(source))
            found.append(LabelledExample(example))
    return found


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


def _second_labels(path: Path) -> Iterator[dict[str, Any]]:
    return read_rows(path) if path.exists() else iter(())


def _corpus_row(
    row: dict[str, Any], part: int, texts: dict[tuple[str, str], str], second: dict[str, Any] | None
) -> DebateRow:
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
    same_tone = second is None or second["sentiment"] == row["sentiment"]
    sure = bool(row["sure"]) and (second is None or bool(second["sure"]))
    labelled = LabelledExample(
        example=example,
        stance=sides.labels.index(row["stance"]),
        sentiment=SENTIMENTS.index(row["sentiment"]) if same_tone else None,
        weight=1.0 if sure else _UNSURE_WEIGHT,
    )
    return DebateRow(
        labelled=labelled,
        split=split_of(row["thread"]),
        part=part,
        tags=tuple(row.get("tags", ())),
        evidence=row.get("evidence") or (second or {}).get("evidence", ""),
        contrast=row.get("contrast", ""),
        second=None if second is None else sides.labels.index(second["stance"]),
    )


def _surface(example: Example) -> list[float]:
    names = [float(bool(words.search(example.text))) for words in _SIDE_WORDS]
    return [*names, float(bool(example.parent)), float(np.log(len(example.text) + 1))]


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
        title=row["title"] or source.get("debate", "").partition(" — ")[0],
        parent=_answered(source),
    )
    return LabelledExample(
        example=example,
        stance=("a", "b", "neutral").index(stances.pop()) if len(stances) == 1 else 2,
        sentiment=SENTIMENTS.index(tones.pop()) if len(tones) == 1 else None,
        weight=1.0 if sure else _UNSURE_WEIGHT,
    )


def _answered(source: dict[str, Any]) -> str:
    """What a text answers: of the chain from the first post on that MT-CSD gives, the last."""
    return (source["context"] or "").split("\n>> ")[-1] if source["dataset"] in _REPLIES else ""


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
