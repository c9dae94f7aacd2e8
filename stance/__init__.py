"""Whose side is a public debate on? Stance and sentiment of comments, and the size of each side."""

import typing

from stance.adaptation import train
from stance.api import Interrupted, StanceModel, load
from stance.errors import InputError, ModelError, StanceError
from stance.evaluation import evaluate
from stance.gazetteer import FoundSides, find_sides
from stance.labelling.agreement import compare_labellers
from stance.labelling.sheet import LabellingSheet
from stance.quality import Evaluation
from stance.readers import read_threads
from stance.reviewing import doubtful_labels
from stance.sides import Side, Sides
from stance.stances import Stance, Stances
from stance.summary import Summary, summarize
from stance.thread import Comment, ReadingReport, Thread

if typing.TYPE_CHECKING:
    from stance.estimator import StanceEstimator

__version__ = "0.1.0"

__all__ = [
    "Comment",
    "Evaluation",
    "FoundSides",
    "InputError",
    "Interrupted",
    "LabellingSheet",
    "ModelError",
    "ReadingReport",
    "Side",
    "Sides",
    "Stance",
    "StanceError",
    "StanceEstimator",
    "StanceModel",
    "Stances",
    "Summary",
    "Thread",
    "compare_labellers",
    "doubtful_labels",
    "evaluate",
    "find_sides",
    "load",
    "read_threads",
    "summarize",
    "train",
]


def __getattr__(name: str) -> object:
    # The estimator is a class of scikit-learn's, which takes a second to import; it waits until it is asked for.
    if name == "StanceEstimator":
        from stance.estimator import StanceEstimator

        return StanceEstimator
    raise AttributeError(f"module 'stance' has no attribute {name!r}")
