"""Labels as a network learns from them, which is asked about two sides at a time: a row for each pair in each order, or
in the one order that it knows."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from stance.labelled import LabelledComments, LabelledExample
from stance.roles import Roles


def in_pairs(labelled: LabelledComments) -> LabelledComments:
    """Each comment once for each of :meth:`stance.Sides.pairs`, one after the other; where there are but two sides, as
    they are.

    A comment for a third side is neutral between two others.
    """
    n_sides = len(labelled.labels) - 1
    if n_sides == 2:
        return labelled
    rows = [
        (row, comment) for one, comment in zip(labelled.examples, labelled.comments, strict=True) for row in _pairs(one)
    ]
    note = (
        f"{len(labelled)} comments labelled for {n_sides} sides were asked about two at a time, in both orders: the"
        f" figures are of these {len(rows)} questions; stance.evaluate measures all sides together"
    )
    return LabelledComments(
        tuple(row for row, _ in rows), tuple(comment for _, comment in rows), (*labelled.notes, note), is_by_pair=True
    )


def in_order(labelled: LabelledComments, roles: Roles | None) -> LabelledComments:
    """Labelled comments of two sides in the order in which the network is asked, of pairs in both orders those that are
    in it; as they are where it is asked in any (``roles`` is None)."""
    if roles is None:
        return labelled
    if labelled.is_by_pair:
        sides = [one.example.sides for one in labelled.examples]
        return labelled.chosen(i for i, pair in enumerate(sides) if roles.in_order(pair) is pair)
    first = labelled.examples[0].example.sides
    return labelled if roles.in_order(first) is first else labelled.swapped()


def _pairs(labelled: LabelledExample) -> list[LabelledExample]:
    label = labelled.stance
    places = permutations(range(len(labelled.example.sides)), 2)
    return [
        replace(
            labelled,
            example=example,
            stance=None if label is None else pair.index(label) if label in pair else 2,
            two_way=labelled.two_way and label in pair,
        )
        for example, pair in zip(labelled.example.by_pair(), places, strict=True)
    ]
