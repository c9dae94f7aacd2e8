"""Train what the lines of copied pages are, and measure it: ``python -m benchmarks.train_lines``.

The network (:mod:`stance.readers.dumps.line_net`) learns from the copies and the pages, as a copy would show them, of
``tests/threads`` and ``benchmarks/copies``, each line labelled by where the expected comments stand, and from pages
made of these (:mod:`benchmarks.line_pages`). Measured by leaving platforms out: of five folds no platform is on both
sides, so every figure is of platforms not learned from. Then all files are learned from, by several networks whose
answers are averaged, and the weights written beside the readers.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.data import fingerprint
from benchmarks.line_pages import another_page, lines_and_labels, rows_of
from benchmarks.readers import Case, cases
from benchmarks.results import write_result
from stance.readers.archives import sources_in
from stance.readers.dumps.by_lines import comments_in
from stance.readers.dumps.line_features import Lines, plain
from stance.readers.dumps.line_labels import LABELS, Labelled, label_from_texts
from stance.readers.dumps.line_net import DISTANCES, Ints, LineNet, columns, shape_numbers
from stance.readers.dumps.lines import lines_of_dump
from stance.readers.markup import page_of as tree_of
from stance.readers.markup import text_of
from stance.readers.source import Source

COPIES = Path(__file__).parent / "copies"
WEIGHTS = Path(__file__).parents[1] / "stance" / "readers" / "dumps" / "line_weights.safetensors"
#: Platforms whose names and words share a line, so that whole lines are not what is to be told apart.
NOT_BY_LINES = frozenset("chat round meeting table minutes whatsapp telegram voxpop townhall".split())
_UNSEEN = ("head", "style", "script", "template", "noscript")
_FOLDS = 5
_WIDTH = 64
_MEMBERS = 3  # networks that are averaged
_EPOCHS = 25
_AT_ONCE = 8  # pages a step
_MADE = 4  # pages made of each
_MADE_SHOWN = 600  # of these, an epoch
_RATE, _DECAY, _DROPPED, _FEATURES_DROPPED = 3e-3, 0.02, 0.3, 0.15


@dataclass(frozen=True)
class Page:
    """A copy, or a page as a copy would show it, whose comments are known.

    :param labels: None where a comment does not stand in whole lines.
    """

    platform: str
    is_copy: bool
    lines: Lines
    texts: tuple[str, ...]
    labels: Ints | None


def main() -> None:
    options = _options()
    started = time.perf_counter()
    known = all_cases()
    pages = [page for case in known if (page := page_of(case))]
    metrics: dict[str, Any] = {"files": len(pages), "learned_from": sum(page.labels is not None for page in pages)}
    left_out = []
    for number, fold in enumerate(folds(pages)):
        net = trained([page for page in pages if page.platform not in fold], members=1)
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / f"fold-{number}.safetensors").write_bytes(net.to_bytes())
        left_out += [(page, read(net, page)) for page in pages if page.platform in fold]
    metrics["platforms_left_out"] = {
        "copies": measured([found for found in left_out if found[0].is_copy]),
        "pages": measured([found for found in left_out if not found[0].is_copy]),
    }
    print(json.dumps(metrics), flush=True)
    net = trained(pages, _MEMBERS)
    WEIGHTS.write_bytes(net.to_bytes())
    net = LineNet.from_bytes(WEIGHTS.read_bytes())
    metrics["platforms_learned_from"] = measured([(page, read(net, page)) for page in pages])
    metrics["weights"] = sum(weights.size for member in net.members for weights in member.values())
    if options.result:
        files = sorted(path for case in known for path in (case.source, case.expected) if path.is_file())
        dataset = {"name": "tests/threads, benchmarks/copies", "sha256": fingerprint(files), "n": len(pages)}
        write_result("lines", dataset, metrics, time.perf_counter() - started)
    else:
        print(json.dumps(metrics, indent=1))


def all_cases() -> list[Case]:
    """The files that are read right, and those that are only learned from."""
    return [*cases(), *cases(COPIES, "*")]


def platform_of(case: Case) -> str:
    """The first word of the format, or of the name of a file that is only learned from: ``blogspot``."""
    name = case.source.name if case.expected.parent == COPIES else case.format
    return name.partition("_")[0]


def page_of(case: Case) -> Page | None:
    """A case as lines with labels; None where it is no dump of one thread, or not one of whole lines."""
    is_copy = case.source.suffix == ".txt"
    if platform_of(case) in NOT_BY_LINES or case.source.suffix not in (".txt", ".html") or len(case.threads) != 1:
        return None
    source = next(iter(sources_in(case.source)))
    if isinstance(source, Exception):
        return None
    lines, comments = Lines.of(lines_shown(source)), case.threads[0]["comments"]
    labels = label_from_texts(lines, [(comment["text"], comment.get("author")) for comment in comments])
    return Page(platform_of(case), is_copy, lines, tuple(comment["text"] for comment in comments), labels)


def lines_shown(source: Source) -> list[str]:
    """The lines of a copy; of a saved page those that a browser shows, and a copy would have."""
    if source.media == "html":
        return text_of(tree_of(source), lambda element: element.tag in _UNSEEN).split("\n")
    return lines_of_dump(source)


def folds(pages: Sequence[Page]) -> list[frozenset[str]]:
    """The platforms, in five parts of like size."""
    sizes = Counter(page.platform for page in pages)
    parts: list[list[str]] = [[] for _ in range(_FOLDS)]
    names = sorted(sizes)
    random.Random(1).shuffle(names)
    for name in sorted(names, key=lambda name: -sizes[name]):
        min(parts, key=lambda part: sum(sizes[one] for one in part)).append(name)
    return [frozenset(part) for part in parts]


@dataclass(frozen=True)
class Shown:
    """A page as the network in training takes it.

    :param seen: *Shape:* ``(lines, features)``
    :param shapes: A number for each line. *Shape:* ``(lines,)``
    :param labels: *Shape:* ``(lines,)``
    """

    seen: Tensor
    shapes: Tensor
    labels: Tensor

    @classmethod
    def of(cls, lines: Lines, labels: Ints, features: Sequence[str]) -> Shown:
        """A labelled page."""
        seen, shapes = columns(lines, features), shape_numbers(lines)
        return cls(torch.from_numpy(seen), torch.from_numpy(shapes), torch.from_numpy(labels))


class Joined:
    """Pages one below the other, none of whose lines sees another page's."""

    def __init__(self, pages: Sequence[Shown]) -> None:
        lengths = torch.tensor([len(page.labels) for page in pages])
        page_of_line = torch.repeat_interleave(torch.arange(len(pages)), lengths)
        self.seen = torch.cat([page.seen for page in pages])
        self.labels = torch.cat([page.labels for page in pages])
        offsets = torch.tensor([0, *(int(page.shapes.max()) + 1 for page in pages)]).cumsum(0)
        self.shapes = torch.cat([page.shapes + at for page, at in zip(pages, offsets, strict=False)])
        self.counts = torch.bincount(self.shapes)[:, None]
        n = len(self.labels)
        places = torch.arange(n)
        self._neighbours = {}
        for distance in {step * sign for step in DISTANCES for sign in (1, -1)}:
            there = places - distance
            inside = there.clamp(0, n - 1)
            is_mine = (there == inside) & (page_of_line[inside] == page_of_line)
            self._neighbours[distance] = torch.where(is_mine, there, n)

    def shifted(self, x: Tensor, by: int) -> Tensor:
        """What stands so many lines above, of the same page; zeros where nothing does."""
        return torch.cat([x, x.new_zeros(1, x.shape[1])])[self._neighbours[by]]

    def alike(self, x: Tensor) -> Tensor:
        """For each line the mean over all of its shape on its page."""
        sums = x.new_zeros(len(self.counts), x.shape[1]).index_add(0, self.shapes, x)
        return (sums / self.counts)[self.shapes]


class Layer(nn.Module):
    """One layer, as :mod:`stance.readers.dumps.line_net` runs it."""

    def __init__(self, distance: int) -> None:
        super().__init__()
        self.distance = distance
        self.norm = nn.LayerNorm(_WIDTH)
        self.around = nn.Linear(3 * _WIDTH, _WIDTH)
        self.alike = nn.Linear(_WIDTH, _WIDTH, bias=False)
        self.back = nn.Linear(_WIDTH, _WIDTH)

    def forward(self, x: Tensor, pages: Joined) -> Tensor:
        """*Shapes:* ``(lines, width)``, before and after."""
        z = self.norm(x)
        above, below = pages.shifted(z, self.distance), pages.shifted(z, -self.distance)
        told = self.around(torch.cat([above, z, below], dim=1)) + self.alike(pages.alike(z))
        return x + functional.dropout(self.back(functional.relu(told)), _DROPPED, self.training)


class Network(nn.Module):
    """The whole of it; :meth:`weights` are what :class:`LineNet` takes."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.widen = nn.Linear(n_features, _WIDTH)
        self.layers = nn.ModuleList(Layer(distance) for distance in DISTANCES)
        self.norm = nn.LayerNorm(_WIDTH)
        self.out = nn.Linear(_WIDTH, len(LABELS))
        self.skip = nn.Linear(n_features, len(LABELS), bias=False)

    def forward(self, pages: Joined) -> Tensor:
        """How well each label fits each line. *Shape:* ``(lines, 5)``"""
        seen = pages.seen
        if self.training:
            seen = seen * (torch.rand_like(seen) > _FEATURES_DROPPED)
        x = self.widen(seen)
        for layer in self.layers:
            x = layer(x, pages)
        scores: Tensor = self.out(functional.dropout(self.norm(x), _DROPPED, self.training)) + self.skip(seen)
        return scores

    def weights(self) -> dict[str, Any]:
        """By name, as numpy arrays."""
        return {name: tensor.detach().numpy() for name, tensor in self.state_dict().items()}


def trained(pages: Sequence[Page], members: int) -> LineNet:
    """Networks that learned from these pages, and from others made of them."""
    labelled = [(page.lines, page.labels) for page in pages if page.labels is not None and page.lines.texts]
    features = tuple(sorted({name for lines, _ in labelled for names in lines.features() for name in names}))
    rng = random.Random(4)
    rows = [rows_of(lines, labels) for lines, labels in labelled]
    made = [lines_and_labels(another_page(page, rows, rng)) for page in rows for _ in range(_MADE)]
    own = [Shown.of(lines, labels, features) for lines, labels in labelled]
    others = [Shown.of(lines, labels, features) for lines, labels in made if lines.texts]
    return LineNet(features, tuple(_trained(own, others, seed).weights() for seed in range(members)))


def _trained(own: Sequence[Shown], others: Sequence[Shown], seed: int) -> Network:
    torch.manual_seed(seed)
    rng = random.Random(seed)
    network = Network(own[0].seen.shape[1])
    n_others = min(_MADE_SHOWN, len(others))
    n_steps = _EPOCHS * math.ceil((len(own) + n_others) / _AT_ONCE)
    optimizer = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=n_steps, pct_start=0.1)
    network.train()
    for _ in range(_EPOCHS):
        order = [*own, *rng.sample(others, n_others)]
        rng.shuffle(order)
        for start in range(0, len(order), _AT_ONCE):
            pages = Joined(order[start : start + _AT_ONCE])
            optimizer.zero_grad()
            loss = functional.cross_entropy(network(pages), pages.labels, reduction="sum")
            (loss / (20 * _AT_ONCE)).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return network.eval()


def read(net: LineNet, page: Page) -> list[str]:
    """The texts of a page's comments, as the network tells them."""
    if not page.lines.texts:
        return []
    return [comment.text for comment in comments_in(Labelled(page.lines, net.scores(page.lines)))]


def measured(read_pages: Sequence[tuple[Page, list[str]]]) -> dict[str, float]:
    """F1 of the comments' exact texts, their precision and recall."""
    n_right = n_found = n_expected = 0
    for page, texts in read_pages:
        n_right += sum((Counter(map(plain, texts)) & Counter(map(plain, page.texts))).values())
        n_found, n_expected = n_found + len(texts), n_expected + len(page.texts)
    n_invented = sum(len(texts) for page, texts in read_pages if not page.texts)
    shares = {
        "f1": 2 * n_right / (n_found + n_expected),
        "precision": n_right / n_found,
        "recall": n_right / n_expected,
    }
    counts = {"files": len(read_pages), "comments": n_expected, "invented_where_there_are_none": n_invented}
    return {**counts, **{name: round(share, 4) for name, share in shares.items()}}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--result", action="store_true", help="write benchmarks/results/lines.json")
    parser.add_argument("--keep", type=Path, help="folder that keeps the networks of the folds")
    return parser.parse_args()


if __name__ == "__main__":
    main()
