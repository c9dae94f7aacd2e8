"""Whose side is a public debate on? Stance and sentiment of comments, and the size of each side."""

from stance.adaptation import train
from stance.api import Interrupted, StanceModel, load
from stance.errors import InputError, ModelError, StanceError
from stance.evaluation import evaluate
from stance.gazetteer import FoundSides, find_sides
from stance.quality import Evaluation
from stance.readers import read_threads
from stance.sides import Side, Sides
from stance.stances import Stance, Stances
from stance.summary import Summary, summarize
from stance.thread import Comment, ReadingReport, Thread

__version__ = "0.1.0"

__all__ = [
    "Comment",
    "Evaluation",
    "FoundSides",
    "InputError",
    "Interrupted",
    "ModelError",
    "ReadingReport",
    "Side",
    "Sides",
    "Stance",
    "StanceError",
    "StanceModel",
    "Stances",
    "Summary",
    "Thread",
    "evaluate",
    "find_sides",
    "load",
    "read_threads",
    "summarize",
    "train",
]
