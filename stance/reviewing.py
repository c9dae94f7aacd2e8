"""A second look at labels: which of them a model that did not learn from them holds to be wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stance.adaptation import check_trainable
from stance.api import StanceModel
from stance.calibration import fit_temperature, softmax
from stance.errors import InputError
from stance.heads import Head, learn_head
from stance.labelled import read_labelled
from stance.labelling.issues import find_label_issues
from stance.pairwise import in_order
from stance.scores import N_STANCES
from stance.sides import Sides
from stance.splitting import group_comments

if TYPE_CHECKING:
    from stance.labelled import LabelledRows


@dataclass(frozen=True)
class DoubtfulLabel:
    """A label that deserves a second look.

    :param label: The stance it has.
    :param p_label: Its probability, by a model that did not learn from this comment, its thread or its writer.
    :param likelier: The stance that the model holds to be the right one.
    :param p_likelier: Its probability.
    """

    thread_id: str
    comment_id: str
    text: str
    label: str
    p_label: float
    likelier: str
    p_likelier: float


def doubtful_labels(
    labelled: LabelledRows,
    model: StanceModel,
    *,
    sides: Sides | Mapping[str, Sides] | None = None,
    progress: Callable[[int], None] | None = None,
    seed: int = 0,
) -> tuple[DoubtfulLabel, ...]:
    """Labels of stance that are likely wrong, the likeliest first.

    How: :func:`stance.labelling.issues.find_label_issues`.

    The model's last layer is learned anew without each fifth of the comments in turn, and asked about that fifth, so
    that no label vouches for itself. The model given stays as it is; it should not have been trained on these labels.

    :param labelled: As in :func:`stance.train`; likewise ``sides``.
    :param progress: Told how many more comments were read.
    :raises InputError: If there are too few labels, of one class only, or of more than two sides.
    """
    from stance.inference import score_with_features
    from stance.model import last_layer

    data = read_labelled(labelled, sides)
    if len(data.labels) != N_STANCES:
        raise InputError(
            f"Labels of {len(data.labels) - 1} sides came, but doubtful ones are looked for among those of two. Hand in"
            " those of each pair of sides, with comments for the others as neutral."
        )
    check_trainable(data)
    data = in_order(data, model.opened.roles)
    examples = [one.example for one in data.examples]
    labels = np.array([one.stance for one in data.examples], dtype=np.int64)
    _, features32 = score_with_features(examples, model.opened, progress=progress)
    features = features32.astype(np.float64)
    last = last_layer(model.opened.network)
    temperature = model.card.calibration.stance_temperature
    weight, bias = (tensor.detach().cpu().numpy().astype(np.float64) for tensor in (last.weight, last.bias))
    old = Head(weight[:N_STANCES] / temperature, bias[:N_STANCES] / temperature)
    logits = learn_head(old, features, labels, group_comments(data), seed).held_out
    probabilities = softmax(logits / fit_temperature(logits, labels))
    found = []
    for i in find_label_issues(labels, probabilities):
        own, likelier = labels[i], np.where(np.arange(N_STANCES) == labels[i], -1, probabilities[i]).argmax()
        found.append(
            DoubtfulLabel(
                thread_id=examples[i].thread_id,
                comment_id=examples[i].comment_id,
                text=examples[i].text,
                label=data.labels[own],
                p_label=float(probabilities[i, own]),
                likelier=data.labels[likelier],
                p_likelier=float(probabilities[i, likelier]),
            )
        )
    return tuple(found)
