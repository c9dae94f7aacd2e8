"""Which sentence carries a comment's stance: by leaving it out, and by asking it alone.

:func:`ask_parts` writes what is to be asked, the network answers it as it answers comments, and :func:`point` reads the
answers. Nothing here needs a model.
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
    :param parts: The sentences, or of a single sentence the clauses.
    :param without: For each part the comment without it; empty where there is but one part.
    :param alone: For each part the part alone; empty likewise.
    """

    stance: Stance
    parts: tuple[Span, ...]
    without: tuple[Example, ...]
    alone: tuple[Example, ...]


def ask_parts(examples: Sequence[Example], stances: Stances) -> list[Question]:
    """What to ask for each sided comment.

    :param examples: Of all comments of the threads.
    :param stances: Those to explain: all, or some rows.
    :raises InputError: If one of them is of no example.
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
        if stance.label != NEUTRAL:
            questions.append(_question(example, stance))
    return questions


def examples_of(questions: Sequence[Question]) -> list[Example]:
    """All that is to be scored, in the order in which :func:`point` reads the scores."""
    return [example for question in questions for example in (*question.without, *question.alone)]


def point(questions: Sequence[Question], scores: Scores, stances: Stances, calibration: Calibration) -> list[Evidence]:
    """Read the answers.

    A part is worth the fall of the stance's log-odds when it is left out (Zeiler and Fergus 2014, "Visualizing and
    Understanding Convolutional Networks"; Li et al. 2016, "Understanding Neural Networks through Representation
    Erasure") plus its log-odds when it stands alone: what is necessary and what is sufficient (DeYoung et al. 2020,
    "ERASER"). Of equal ones the last wins, for opinions tend to end in their conclusion.

    :param scores: Of :func:`examples_of`.
    :param stances: Those that are explained.
    :returns: One row a question, in order.
    """
    probabilities = calibration.stance_probabilities(scores)
    labels = stances.sides.labels
    place = 0
    found = []
    for question in questions:
        column = labels.index(question.stance.label)
        n = len(question.without)
        without, alone = np.split(probabilities[place : place + 2 * n, column], 2)
        place += 2 * n
        found.append(_evidence(question, without, alone, labels))
    return found


def _question(example: Example, stance: Stance) -> Question:
    text = example.text
    parts = sentence_spans(text)
    if len(parts) == 1:
        (begin, end) = parts[0]
        parts = [(begin + a, begin + b) for a, b in clause_spans(text[begin:end])]
    if len(parts) < 2:
        return Question(stance, tuple(parts), (), ())
    without = (replace(example, text=text_without(text, part)) for part in parts)
    alone = (replace(example, text=text[begin:end]) for begin, end in parts)
    return Question(stance, tuple(parts), tuple(without), tuple(alone))


def text_without(text: str, part: Span) -> str:
    """A text with one of its parts left out, the gap closed."""
    begin, end = part
    return f"{text[:begin].rstrip()} {text[end:].lstrip()}".strip()


def _evidence(
    question: Question,
    without: npt.NDArray[np.float64],
    alone: npt.NDArray[np.float64],
    labels: tuple[str, str, str],
) -> Evidence:
    stance = question.stance
    text = stance.comment.text
    column = labels.index(stance.label)
    others = [i for i in range(len(labels)) if i != column]
    second = max(others, key=lambda i: stance.probabilities[i])
    best = _last_largest(stands_out(without, alone)) if len(without) else 0
    start, end = question.parts[best]
    return Evidence(
        thread_id=stance.thread_id,
        comment_id=stance.comment.id,
        label=stance.label,
        start=start,
        end=end,
        text=text[start:end],
        probability=stance.probability,
        without=float(without[best]) if len(without) else None,
        alone=float(alone[best]) if len(alone) else stance.probability,
        n_parts=len(question.parts),
        runner_up=labels[second],
        margin=stance.probability - stance.probabilities[second],
    )


def stands_out(without: npt.NDArray[np.float64], alone: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How much each part carries a stance, in log-odds, up to a constant; see :func:`point`.

    :param without: Probability of the stance without each part. *Shape:* ``(n_parts,)``
    :param alone: Probability of the stance for each part alone. *Shape:* ``(n_parts,)``
    """
    return _log_odds(alone) - _log_odds(without)


def _log_odds(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    clipped = np.clip(probabilities, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    result: npt.NDArray[np.float64] = np.log(clipped / (1 - clipped))
    return result


def _last_largest(values: npt.NDArray[np.float64]) -> int:
    return len(values) - 1 - int(values[::-1].argmax())
