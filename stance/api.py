"""The front door: load a model, classify threads."""

from __future__ import annotations

import os
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stance.encoding import Example, join_examples, make_examples
from stance.errors import InputError, ModelError
from stance.evidence import Evidence, ask_parts, comments_without, evidence_of, parts_alone, point
from stance.gazetteer import sides_of
from stance.inputs import BARE_TEXTS, as_threads, one_by_one
from stance.interrupts import Interrupted, unreached
from stance.labelled import read_labelled
from stance.labelling.sheet import LabellingSheet, SheetRow, worth_labelling
from stance.model_cards import write_readme
from stance.progress import shown
from stance.scores import Scores
from stance.sides import Sides
from stance.stances import Stances, calibrate
from stance.suggesting import choose_rows
from stance.thread import Thread

if TYPE_CHECKING:
    from stance.card import ModelCard
    from stance.inputs import Debates
    from stance.labelled import LabelledRows
    from stance.model import OpenModel, Precision

#: Models that lie in the package, by name; the first is the default.
PACKAGED = ("base", "small")


class StanceModel:
    """A model ready to classify. Nothing that is asked of it changes it."""

    def __init__(self, model: OpenModel) -> None:
        self._model = model

    def __sklearn_clone__(self) -> StanceModel:
        # Nothing changes it, so that scikit-learn's copies of an estimator can share it.
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # To other processes it travels as the files of its folder: weights as safetensors, nothing of it pickled.
        with tempfile.TemporaryDirectory() as folder:
            self.save(folder)
            files = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
        precision = str(self._model.precision).removeprefix("torch.")
        return _arrived, (files, str(self._model.device), precision, self._model.threads)

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
        batch_tokens: int | None = None,
        progress: bool | Callable[[int], None] = False,
    ) -> Stances:
        """Say for every comment whose side it takes, and in what tone.

        :param threads: A thread or several; or texts (each a comment, all of one thread without a post); or a
            pandas frame or ``datasets.Dataset`` with a column of texts, other columns being guessed.
        :param sides: Who the sides are: for all threads, or by thread id, with the same labels throughout. By
            default council and union, their names looked for in each thread (see :func:`stance.find_sides`); a list
            of texts is no thread, and its sides go without names. Of three or four, every pair is asked about, at
            three or six times the cost, twice that where the model has no order of its own (:mod:`stance.pooling`).
        :param batch_tokens: Largest padded batch, in tokens; by default what suits the device. It changes speed and
            memory, never an answer.
        :param progress: True shows a bar on stderr; a function is told after each batch how many more are done.
        :returns: One row a comment, in order. A comment without words is neutral, with the reason.
        :raises InputError: If the input holds no texts, or two threads share an id.
        :raises Interrupted: If it is stopped by Ctrl-C; what was done by then is kept in it.
        """
        threads = as_threads(threads)
        scores = self.score(threads, sides=sides, batch_tokens=batch_tokens, progress=progress)
        return calibrate(threads, scores, self._model.calibration_of(scores.labels))

    def score(
        self,
        threads: Debates,
        *,
        sides: Sides | Mapping[str, Sides] | None = None,
        batch_tokens: int | None = None,
        progress: bool | Callable[[int], None] = False,
    ) -> Scores:
        """The costly half of :meth:`classify`: raw scores, which can be saved and calibrated later."""
        from stance.inference import stream_scores

        threads = as_threads(threads)
        named = [(thread, _sides_of(thread, sides)) for thread in threads]
        _refuse_mixed_labels({its.labels for _, its in named})
        examples = join_examples(named)
        parts: list[Scores] = []
        try:
            with shown(progress, len(examples)) as told:
                for part in stream_scores(examples, self._model, batch_tokens, told):
                    parts.append(part)
        except KeyboardInterrupt:
            n_done = sum(map(len, parts))
            scores = Scores.joined([*parts, unreached(examples[n_done:])])
            raise Interrupted(
                calibrate(threads, scores, self._model.calibration_of(scores.labels)), scores, n_done
            ) from None
        return Scores.joined(parts)

    def stream(
        self,
        threads: Iterable[Thread] | Iterable[str | None],
        *,
        sides: Sides | Mapping[str, Sides] | None = None,
        batch_tokens: int | None = None,
        progress: bool | Callable[[int], None] = False,
    ) -> Iterator[Stances]:
        """:meth:`classify` as it goes, for streams too long to hold: in bounded memory, each answer once, in order.

        :param threads: Any iterable of threads, or of texts; it is read a little ahead of the answers. Of texts the
            comments are numbered through, in threads of some hundreds. Threads that share an id are not noticed.
        :returns: Tables of whole threads, as soon as they are done.
        """
        from stance.inference import stream_scores

        waiting: deque[Thread] = deque()
        held: list[Scores] = []
        with shown(progress, None) as told:
            for part in stream_scores(self._noted(threads, sides, waiting), self._model, batch_tokens, told):
                held.append(part)
                n_scored, whole = sum(map(len, held)), []
                while waiting and len(waiting[0].comments) <= n_scored:
                    n_scored -= len(waiting[0].comments)
                    whole.append(waiting.popleft())
                if whole:
                    scores = Scores.joined(held)
                    held = [scores.rows(len(scores) - n_scored, len(scores))] if n_scored else []
                    yield calibrate(
                        whole, scores.rows(0, len(scores) - n_scored), self._model.calibration_of(scores.labels)
                    )

    def _noted(
        self,
        threads: Iterable[Thread] | Iterable[str | None],
        sides: Sides | Mapping[str, Sides] | None,
        waiting: deque[Thread],
    ) -> Iterator[Example]:
        """The examples of a stream of threads; each thread is noted in ``waiting`` before its first."""
        labels = None
        for thread in one_by_one(threads):
            its = _sides_of(thread, sides)
            labels = labels or its.labels
            _refuse_mixed_labels({labels, its.labels})
            waiting.append(thread)
            yield from make_examples(thread, its)

    def explain(
        self,
        threads: Debates,
        stances: Stances,
        *,
        sides: Sides | Mapping[str, Sides] | None = None,
        batch_tokens: int | None = None,
        progress: bool | Callable[[int], None] = False,
    ) -> list[Evidence]:
        """Say for every sided comment which sentence carries its stance, and what came second.

        Each sentence is asked alone, and then the comment without the one that speaks most for the stance; see
        :func:`stance.evidence.point`. A comment of one sentence is split into clauses, where it has any. It costs about
        three times what classifying the same comments did.

        :param threads: What was classified.
        :param stances: What :meth:`classify` said of it; some rows of that, where all would cost too much.
        :param sides: As they were given to :meth:`classify`.
        :param batch_tokens: Likewise.
        :param progress: Likewise; what is counted are the questions: one a sentence, and one a comment.
        :returns: One row a sided comment, in order.
        :raises InputError: If the stances are not those of the threads.
        """
        from stance.inference import score_examples

        examples = join_examples([(thread, _sides_of(thread, sides)) for thread in as_threads(threads)])
        questions = ask_parts(examples, stances)
        asked = parts_alone(questions)
        n_again = sum(bool(question.alone) for question in questions)
        calibration = self.card.calibration
        with shown(progress, len(asked) + n_again) as told:
            alone = score_examples(asked, self._model, batch_tokens, told)
            pointed = point(questions, alone, stances, calibration)
            without = score_examples(comments_without(questions, pointed), self._model, batch_tokens, told)
        return evidence_of(questions, pointed, alone, without, stances, calibration)

    def suggest(
        self,
        threads: Debates,
        n: int,
        *,
        labelled: LabelledRows | None = None,
        sides: Sides | Mapping[str, Sides] | None = None,
        progress: bool | Callable[[int], None] = False,
    ) -> LabellingSheet:
        """Choose comments to label next, as a sheet to label.

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
        _refuse_mixed_labels({its.labels for _, its in named})
        rows = [SheetRow.of(thread, comment, its) for thread, its in named for comment in thread.comments]
        known = None if labelled is None else read_labelled(labelled, sides)
        rows = worth_labelling(rows, known)
        if not rows:
            raise InputError("Of these comments no comment is left to label: they hold no words, or are labelled.")
        with shown(progress, len(rows)) as told:
            scores, features = score_with_features([row.example for row in rows], self._model, progress=told)
        chosen = choose_rows(
            features.astype(np.float64),
            self.card.calibration.stance_probabilities(scores),
            n,
            None
            if known is None
            else np.bincount([one.stance or 0 for one in known.examples], minlength=len(known.labels)),
        )
        return LabellingSheet(tuple(rows[i] for i in chosen))

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the model as a folder that stock transformers and :func:`load` open, with a README that says how good
        it is."""
        from stance.model import save_model

        save_model(Path(folder), self._model)
        write_readme(Path(folder), self.card)

    def push_to_hub(self, hub_id: str, *, private: bool = True, token: str | None = None) -> str:
        """Upload the model's folder to the Hugging Face hub.

        :param hub_id: ``name/model``; is made where it does not exist.
        :param private: Whether a repository that is made is private.
        :param token: A token that may write; by default the one that ``hf auth login`` keeps.
        :returns: The address of what was uploaded.
        :raises ModelError: If the hub refuses it or cannot be reached.
        """
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError

        api = HfApi(token=token)
        try:
            with tempfile.TemporaryDirectory() as folder:
                self.save(folder)
                api.create_repo(hub_id, private=private, exist_ok=True)
                commit = api.upload_folder(repo_id=hub_id, folder_path=folder, commit_message=f"Add {self.card.name}")
        except (HfHubHTTPError, HFValidationError, OSError) as error:
            raise ModelError(
                f"{hub_id!r} could not be uploaded ({type(error).__name__}: {str(error).splitlines()[0]}). Check the"
                " name, the network, and that the token may write."
            ) from error
        return str(commit)


def load(
    model: str | Path | None = None,
    *,
    device: str = "auto",
    precision: Precision = "auto",
    threads: int | None = None,
) -> StanceModel:
    """Open a model.

    :param model: None for the default, ``"base"``; ``"small"`` for the one in the package that is several times as
        fast and errs more; a folder; or the id of a model on the Hugging Face hub, which is downloaded.
    :param device: ``"auto"`` takes all GPUs that there are, or else the processor; or any device name of torch.
    :param precision: Of the matrix products. ``"auto"`` takes ``"bfloat16"`` where the device has instructions for it,
        and ``"float32"`` elsewhere.
    :param threads: How many threads of the processor a call may use; by default torch's own setting.
    :raises ModelError: If there is no such model, or it is damaged or of another make.
    """
    from stance.model import open_model

    return StanceModel(open_model(_folder_of(model), device, precision, threads))


def open_start(model: StanceModel | str | os.PathLike[str] | None, device: str = "auto") -> StanceModel:
    """A model that is open already, or one to be opened as in :func:`load`."""
    if isinstance(model, StanceModel):
        return model
    return load(model if model is None or isinstance(model, str) else Path(model), device=device)


def _arrived(files: Mapping[str, bytes], device: str, precision: Precision, threads: int | None) -> StanceModel:
    """A model that came from another process."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        model = load(Path(folder), device=device, precision=precision, threads=threads)
        model.opened.open_stock()  # which keeps what it read: the folder is gone in a moment
    return model


def _sides_of(thread: Thread, sides: Sides | Mapping[str, Sides] | None) -> Sides:
    if sides is None and thread.id == BARE_TEXTS:
        # Bare texts are no thread: what one of them says must not change what another is taken to say.
        return Sides.council_union()
    return sides_of(thread, sides)


def _refuse_mixed_labels(labels: set[tuple[str, ...]]) -> None:
    if len(labels) > 1:
        raise InputError(
            f"One call answers with the same labels throughout, but the threads' sides have {len(labels)}:"
            f" {sorted(labels)}. Classify threads of other sides in a call of their own."
        )


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
