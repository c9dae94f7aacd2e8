"""The front door: load a model, classify threads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stance.encoding import join_examples
from stance.errors import InputError, ModelError
from stance.gazetteer import find_sides
from stance.inputs import BARE_TEXTS, as_threads
from stance.labelled import read_labelled
from stance.labelling.sheet import LabellingSheet, SheetRow, worth_labelling
from stance.scores import N_STANCES, Scores
from stance.sides import Sides
from stance.stances import Stances, calibrate
from stance.suggesting import choose_rows
from stance.thread import Thread

if TYPE_CHECKING:
    from stance.inputs import Debates
    from stance.labelled import LabelledRows
    from stance.model import ModelCard, OpenModel

#: Models that lie in the package, by name; the first is the default.
PACKAGED = ("base", "small")


class StanceModel:
    """A model ready to classify. Nothing that is asked of it changes it."""

    def __init__(self, model: OpenModel) -> None:
        self._model = model

    def __sklearn_clone__(self) -> StanceModel:
        # Nothing changes it, so that scikit-learn's copies of an estimator can share it.
        return self

    def __repr__(self) -> str:
        return f"StanceModel({self.card.name!r}, device={str(self._model.device)!r})"

    @property
    def card(self) -> ModelCard:
        """What the model is, was trained on and scored."""
        return self._model.card

    @property
    def opened(self) -> OpenModel:
        """The network, its tokenizer and its card, for those who train or measure."""
        return self._model

    def classify(
        self,
        threads: Debates,
        *,
        sides: Sides | Mapping[str, Sides] | None = None,
        batch_tokens: int = 8192,
        progress: bool | Callable[[int], None] = False,
    ) -> Stances:
        """Say for every comment whose side it takes, and in what tone.

        :param threads: A thread or several; or texts (each a comment, all of one thread without a post); or a
            pandas frame or ``datasets.Dataset`` with a column of texts, other columns being guessed.
        :param sides: Who the two sides are: for all threads, or by thread id, with the same labels throughout. By
            default council and union, their names looked for in each thread (see :func:`stance.find_sides`); a list
            of texts is no thread, and its sides go without names.
        :param batch_tokens: Largest padded batch, in tokens. It changes speed and memory, never an answer.
        :param progress: True shows a bar on stderr; a function is told after each batch how many more are done.
        :returns: One row a comment, in order. A comment without words is neutral, with the reason.
        :raises InputError: If the input holds no texts, or two threads share an id.
        """
        threads = as_threads(threads)
        return calibrate(
            threads,
            self.score(threads, sides=sides, batch_tokens=batch_tokens, progress=progress),
            self.card.calibration,
        )

    def score(
        self,
        threads: Debates,
        *,
        sides: Sides | Mapping[str, Sides] | None = None,
        batch_tokens: int = 8192,
        progress: bool | Callable[[int], None] = False,
    ) -> Scores:
        """The costly half of :meth:`classify`: raw scores, which can be saved and calibrated later."""
        from stance.inference import score_examples

        threads = as_threads(threads)
        named = [(thread, _sides_of(thread, sides)) for thread in threads]
        _refuse_mixed_labels([sides_of for _, sides_of in named])
        examples = join_examples(named)
        with _progress(progress, len(examples)) as told:
            return score_examples(examples, self._model, batch_tokens, told)

    def suggest(
        self,
        threads: Debates,
        n: int,
        *,
        labelled: LabelledRows | None = None,
        sides: Sides | Mapping[str, Sides] | None = None,
        progress: bool | Callable[[int], None] = False,
    ) -> LabellingSheet:
        """Choose the comments whose labels would teach the model most, as a sheet to label.

        They are those the model is torn over, no two alike, and as many of each side as can be; see
        :func:`stance.suggesting.choose_rows`. Comments without words are left out, and of those with the same words all
        but the first.

        :param n: How many; all that there are where that is fewer.
        :param labelled: What is labelled already, as :func:`stance.train` takes it: not asked for again, and each
            side's count is evened out.
        :param sides: As in :meth:`classify`; likewise ``threads`` and ``progress``.
        :raises InputError: If ``n`` is below 1, or no comment is left to label.
        """
        from stance.inference import score_with_features

        if n < 1:
            raise InputError(f"n is {n}, but at least one comment must be asked for.")
        threads = as_threads(threads)
        named = [(thread, _sides_of(thread, sides)) for thread in threads]
        _refuse_mixed_labels([sides_of for _, sides_of in named])
        rows = [SheetRow.of(thread, comment, its) for thread, its in named for comment in thread.comments]
        known = None if labelled is None else read_labelled(labelled, sides)
        rows = worth_labelling(rows, known)
        if not rows:
            raise InputError("Of these comments no comment is left to label: they hold no words, or are labelled.")
        with _progress(progress, len(rows)) as told:
            scores, features = score_with_features([row.example for row in rows], self._model, progress=told)
        chosen = choose_rows(
            features.astype(np.float64),
            self.card.calibration.stance_probabilities(scores),
            n,
            None if known is None else np.bincount([one.stance or 0 for one in known.examples], minlength=N_STANCES),
        )
        return LabellingSheet(tuple(rows[i] for i in chosen))

    def save(self, folder: str | Path) -> None:
        """Write the model as a folder that stock transformers and :func:`load` open."""
        from stance.model import save_model

        save_model(folder, self._model)


def load(model: str | Path | None = None, *, device: str = "auto") -> StanceModel:
    """Open a model.

    :param model: None for the default, ``"base"``; ``"small"`` for the one in the package that is several times as
        fast and errs more; a folder; or the id of a model on the Hugging Face hub, which is downloaded.
    :param device: ``"auto"`` takes a GPU where there is one; else any device name of torch.
    :raises ModelError: If there is no such model, or it is damaged or of another make.
    """
    from stance.model import open_model

    return StanceModel(open_model(_folder_of(model), device))


def _sides_of(thread: Thread, sides: Sides | Mapping[str, Sides] | None) -> Sides:
    if sides is None:
        # Bare texts are no thread: what one of them says must not change what another is taken to say.
        return Sides.council_union() if thread.id == BARE_TEXTS else find_sides(thread).sides
    if isinstance(sides, Sides):
        return sides
    if thread.id not in sides:
        raise InputError(
            f"sides names no sides for thread {thread.id!r}; it has {', '.join(map(repr, sides)) or 'none'}."
        )
    return sides[thread.id]


def _refuse_mixed_labels(all_sides: Sequence[Sides]) -> None:
    labels = sorted({sides.labels for sides in all_sides})
    if len(labels) > 1:
        raise InputError(
            f"One call answers with one pair of labels, but the threads' sides have {len(labels)}: {labels}. Classify"
            " threads of other sides in a call of their own."
        )


@contextmanager
def _progress(progress: bool | Callable[[int], None], total: int) -> Iterator[Callable[[int], None] | None]:
    if callable(progress):
        yield progress
    elif not progress:
        yield None
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("comments", total=total)
            yield lambda n: bar.advance(task, n)


def packaged_folder(name: str) -> Path:
    """Where a model of the package lies."""
    return Path(str(resources.files("stance") / "models" / name))


def _folder_of(model: str | Path | None) -> Path:
    name = PACKAGED[0] if model is None else model
    if name in PACKAGED:
        return packaged_folder(str(name))
    path = Path(name)
    if path.exists() or isinstance(model, Path) or not _HUB_ID.fullmatch(str(name)):
        if path.is_dir():
            return path
        raise ModelError(
            f"There is no model {str(name)!r}: it is no folder, no hub id (like 'name/model') and none of those in"
            f" the package ({', '.join(PACKAGED)})."
        )
    return _download(str(name))


def _download(hub_id: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(hub_id, allow_patterns=["*.json", "*.safetensors", "*.txt", "README.md"]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"{hub_id!r} is no folder here, and could not be had from the hub ({type(error).__name__}:"
            f" {str(error).splitlines()[0]}). Check the name and the network, or give a folder."
        ) from error


_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
