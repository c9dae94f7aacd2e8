"""Which sentence carries a comment's stance: by asking each alone, and the comment again without it.

:func:`ask_parts` writes what is to be asked, the network answers it as it answers comments, :func:`point` chooses, and
:func:`evidence_of` reads the answers. Nothing here needs a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from stance.calibration import Calibration
from stance.encoding import Example
from stance.errors import InputError
from stance.scores import Scores
from stance.sentences import Span, clause_spans, sentence_spans
from stance.sides import NEUTRAL
from stance.stances import Stance, Stances

_LEAST_PROBABILITY = 1e-6  # keeps log-odds finite
#: How much more the last part is worth, in log-odds: writers end in their conclusion. Chosen on the dev disputes of our
#: corpus, where alone it points right more often than any answer of the network (benchmarks/evidence.py).
LAST_PART = 3.0


@dataclass(frozen=True)
class Evidence:
    """The words that carry the stance of one sided comment, and what it might have been instead.

    :param thread_id: Of the comment.
    :param comment_id: Likewise.
    :param label: The stance that is explained.
    :param start: Where the words begin in the comment's text.
    :param end: Where they end: ``comment.text[start:end] == text``.
    :param text: The sentence; of a comment of one sentence, the clause; or the whole of it.
    :param probability: Of ``label``, for the whole comment, in [0, 1].
    :param without: Of ``label``, for the comment without these words; None where there is nothing beside them.
    :param alone: Of ``label``, for these words alone.
    :param n_parts: Sentences or clauses among which they were chosen.
    :param runner_up: The stance that came second.
    :param margin: Probability of ``label`` less that of ``runner_up``, in [0, 1].
    """

    thread_id: str
    comment_id: str
    label: str
    start: int
    end: int
    text: str
    probability: float
    without: float | None
    alone: float
    n_parts: int
    runner_up: str
    margin: float

    @property
    def drop(self) -> float | None:
        """How much the log-odds of ``label`` fall when the words are left out; below 0 where they rise all the same."""
        if self.without is None:
            return None
        whole, without = _log_odds(np.array([self.probability, self.without]))
        return float(whole - without)


@dataclass(frozen=True)
class Question:
    """What is asked to explain one comment.

    :param stance: What is explained.
    :param example: The whole comment.
    :param parts: The sentences, or of a single sentence the clauses.
    :param alone: For each part the part alone; empty where there is but one.
    """

    stance: Stance
    example: Example
    parts: tuple[Span, ...]
    alone: tuple[Example, ...]

    def without(self, part: int) -> Example:
        """The comment without one of its parts, the gap closed."""
        return replace(self.example, text=text_without(self.example.text, self.parts[part]))


def ask_parts(examples: Sequence[Example], stances: Stances) -> list[Question]:
    """What to ask for each sided comment.

    :param examples: Of all comments of the threads.
    :param stances: Those to explain: all, or some rows.
    :raises InputError: If one of them is of no example, or of other sides.
    """
    by_id = {(example.thread_id, example.comment_id): example for example in examples}
    questions = []
    for stance in stances:
        example = by_id.get((stance.thread_id, stance.comment.id))
        if example is None or example.text != stance.comment.text:
            raise InputError(
                f"A stance is of comment {stance.comment.id!r} in thread {stance.thread_id!r}, but the threads given"
                " hold no such comment or another text. Hand in the threads that were classified."
            )
        if len(example.sides) != len(stances.sides):
            raise InputError(
                f"The stances are {', '.join(stances.sides.labels)}, but the sides asked about give"
                f" {', '.join(example.sides.labels)}. Hand in the sides, and what classify made of them as it is."
            )
        if stance.label != NEUTRAL:
            questions.append(_question(example, stance))
    return questions


def parts_alone(questions: Sequence[Question]) -> list[Example]:
    """What is asked first: each part alone."""
    return [example for question in questions for example in question.alone]


def point(questions: Sequence[Question], alone: Scores, stances: Stances, calibration: Calibration) -> list[int]:
    """Choose the part that carries the stance: the one that, alone, speaks for it most.

    That is what suffices for the answer (DeYoung et al. 2020, "ERASER"). On our corpus it points right more often than
    what is missed most (Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks"; Li et al. 2016,
    "Understanding Neural Networks through Representation Erasure"), and costs less. The last part is preferred by
    :data:`LAST_PART`.

    :param alone: Scores of :func:`parts_alone`.
    :param stances: Those that are explained, for the order of their labels.
    :returns: The place of a part among ``question.parts``, one a question.
    """
    return [
        _last_largest(worth_of(chances)) if len(chances) else 0
        for chances in _split(questions, calibration.stance_probabilities(alone), stances)
    ]


def comments_without(questions: Sequence[Question], pointed: Sequence[int]) -> list[Example]:
    """What is asked then: each comment of several parts without the one that was pointed at."""
    return [question.without(part) for question, part in zip(questions, pointed, strict=True) if question.alone]


def evidence_of(
    questions: Sequence[Question],
    pointed: Sequence[int],
    alone: Scores,
    without: Scores,
    stances: Stances,
    calibration: Calibration,
) -> list[Evidence]:
    """Read the answers.

    :param pointed: What :func:`point` chose.
    :param alone: Scores of :func:`parts_alone`.
    :param without: Scores of :func:`comments_without`.
    :returns: One row a question, in order.
    """
    labels = stances.sides.labels
    suffices = _split(questions, calibration.stance_probabilities(alone), stances)
    left = iter(calibration.stance_probabilities(without))
    return [
        _evidence(question, part, float(chances[part]), float(next(left)[labels.index(question.stance.label)]), labels)
        if question.alone
        else _evidence(question, part, question.stance.probability, None, labels)
        for question, part, chances in zip(questions, pointed, suffices, strict=True)
    ]


def worth_of(alone: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How much each part carries a stance, in log-odds; see :func:`point`.

    :param alone: Probability of the stance for each part alone. *Shape:* ``(n_parts,)``
    """
    worth = _log_odds(alone)
    worth[-1] += LAST_PART
    return worth


def text_without(text: str, part: Span) -> str:
    """A text with one of its parts left out, the gap closed."""
    begin, end = part
    return f"{text[:begin].rstrip()} {text[end:].lstrip()}".strip()


def _split(
    questions: Sequence[Question], probabilities: npt.NDArray[np.float64], stances: Stances
) -> list[npt.NDArray[np.float64]]:
    """Of each question's parts the probability of its stance. *Shapes:* ``(n_parts,)``; ``(0,)`` for a single part"""
    labels = stances.sides.labels
    found = []
    place = 0
    for question in questions:
        n = len(question.alone)
        column = labels.index(question.stance.label)
        found.append(probabilities[place : place + n, column] if n else np.zeros(0))
        place += n
    return found


def _question(example: Example, stance: Stance) -> Question:
    text = example.text
    parts = sentence_spans(text)
    if len(parts) == 1:
        (begin, end) = parts[0]
        parts = [(begin + a, begin + b) for a, b in clause_spans(text[begin:end])]
    alone = (replace(example, text=text[begin:end]) for begin, end in parts)
    return Question(stance, example, tuple(parts), tuple(alone) if len(parts) > 1 else ())


def _evidence(question: Question, part: int, alone: float, without: float | None, labels: tuple[str, ...]) -> Evidence:
    stance = question.stance
    second = max((i for i, label in enumerate(labels) if label != stance.label), key=lambda i: stance.probabilities[i])
    start, end = question.parts[part]
    return Evidence(
        thread_id=stance.thread_id,
        comment_id=stance.comment.id,
        label=stance.label,
        start=start,
        end=end,
        text=stance.comment.text[start:end],
        probability=stance.probability,
        without=without,
        alone=alone,
        n_parts=len(question.parts),
        runner_up=labels[second],
        margin=stance.probability - stance.probabilities[second],
    )


def _log_odds(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    clipped = np.clip(probabilities, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    result: npt.NDArray[np.float64] = np.log(clipped / (1 - clipped))
    return result


def _last_largest(values: npt.NDArray[np.float64]) -> int:
    return len(values) - 1 - int(values[::-1].argmax())
