"""A job from its first row to its report."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from stance.api import StanceModel, open_start
from stance.errors import InputError, JobError
from stance.hiding import Hiding
from stance.jobs.answering import Answered, Answering, Transform
from stance.jobs.cache import Cache
from stance.jobs.fingerprint import Fingerprint, fingerprint_of
from stance.jobs.job_sides import JobSides, job_sides_of, labels_of, named
from stance.jobs.manifest import Entry, Manifest
from stance.jobs.parts import PartWriter, check_parts, hidden_in, part_columns, records_of, schema_of
from stance.jobs.quarantine import WHOLE_SOURCE, Quarantine
from stance.jobs.report import JobProgress, JobReport, rates
from stance.jobs.source import Inputs, Source, open_source
from stance.jobs.stopping import JobStopped, Stop, Stopping
from stance.jobs.storage import stored_at, write_whole
from stance.masking import Analyzer
from stance.pseudonyms import read_key
from stance.scores import Scores
from stance.stances import calibrate

ROWS_A_PART = 50_000
_ROWS_AT_ONCE = 2_048  # answered comments that become rows together
_PROGRESS_EVERY = 0.5  # seconds
_PARTS, _MANIFEST, _CACHE, _QUARANTINE = "parts", "manifest.sqlite", "cache.sqlite", "quarantine.jsonl"
_REPORT, _LOCK = "report.json", ".lock"


def run_job(
    inputs: Inputs,
    out: str | os.PathLike[str],
    *,
    model: StanceModel | str | os.PathLike[str] | None = None,
    device: str = "auto",
    sides: JobSides = None,
    cache: str | os.PathLike[str] | None = None,
    transforms: Sequence[Transform] = (),
    pseudonyms: str | os.PathLike[str] | None = None,
    mask_names: bool = False,
    analyzer: Analyzer | None = None,
    without_texts: bool = False,
    quotes: bool = False,
    restart: bool = False,
    verify: bool = False,
    rows_a_part: int = ROWS_A_PART,
    batch_tokens: int | None = None,
    price_per_hour: float | None = None,
    progress: Callable[[JobProgress], None] | None = None,
) -> JobReport:
    """Classify all comments of the inputs into a folder; go on there where an earlier call was broken off.

    :param inputs: Files and folders, as :func:`stance.read_threads` takes them; or threads, or a ``datasets`` dataset.
    :param out: The folder. See the package's documentation of jobs for what lies in it.
    :param model: As in :func:`stance.load`, or one that is open.
    :param sides: See :data:`JobSides`; all with the same labels.
    :param cache: A file that keeps answers, which several jobs may share; by default one in the folder.
    :param transforms: Each is handed every thread before it is asked about or stored, in this order; it may change
        comments, but neither add nor leave out any.
    :param pseudonyms: A file with the key by which authors' names become pseudonyms in what is stored.
    :param mask_names: Mask names and contacts within what is stored, too, as :func:`stance.masking.mask_texts` does,
        each piece of a thread by itself; needs ``pseudonyms``. The model reads the comments as they are.
    :param analyzer: Finds other people's names for that, as there.
    :param without_texts: Leave the comments' texts out of the folder.
    :param quotes: Take the statements an article quotes where it has no comments.
    :param restart: Delete what the folder holds of an earlier job, but for the cache, and begin anew.
    :param verify: Check the parts that are written already by their sha256, not only by their sizes.
    :param rows_a_part: How many comments a part holds, at least, the last aside.
    :param batch_tokens: As in :meth:`stance.StanceModel.classify`.
    :param price_per_hour: Of the machine; the report then says what a million comments cost.
    :param progress: Told from time to time how far it has come.
    :returns: What was done; the same as ``report.json`` in the folder.
    :raises InputError: If the inputs or the sides are none.
    :raises ModelError: As :func:`stance.load` does.
    :raises JobError: If the folder is another job's, or in use, or cannot be written, or an input has changed.
    :raises JobStopped: If SIGINT or SIGTERM came; what was done by then is written.
    """
    if mask_names and pseudonyms is None:
        raise InputError("mask_names=True needs pseudonyms=KEYFILE, whose key the masked names are made with.")
    key = read_key(Path(pseudonyms)) if pseudonyms is not None else None
    settings = {
        "labels": list(labels_of(sides)),
        "sides": named(sides),
        "without texts": without_texts,
        "quotes": quotes,
        "transforms": [getattr(transform, "__qualname__", repr(transform)) for transform in transforms],
        "pseudonyms": hashlib.blake2b(b"stance job", key=key[:64]).hexdigest() if key else None,
        "names masked": "others' too" if mask_names and analyzer else mask_names,
    }
    hiding = Hiding(key, mask_names, analyzer, without_texts)
    writing = _Writing(rows_a_part, hiding, is_private=bool(without_texts or transforms or key))
    folder = Path(out)
    stopping = Stopping()
    with _locked(folder):
        if restart:
            _delete(folder)
        opened = open_start(model, device)
        fingerprint = fingerprint_of(opened.opened)
        with stopping.watched(), _Folder(folder, Path(cache) if cache else None) as kept:
            kept.check(fingerprint, opened.card.name, settings, thoroughly=verify)
            aside = [folder, kept.cache.path]
            source = open_source(inputs, kept.manifest, aside, quotes=quotes)
            answering = _answering(opened, fingerprint, kept.cache, sides, transforms, batch_tokens)
            job = _Job(kept, opened, answering, source, stopping, writing, progress)
            return job.run(fingerprint, price_per_hour)


class _Folder:
    """What lies in the folder of a job, open."""

    def __init__(self, folder: Path, cache: Path | None) -> None:
        self.folder, self.parts = folder, folder / _PARTS
        with stored_at(self.parts):
            self.parts.mkdir(exist_ok=True)
        self.manifest = Manifest(folder / _MANIFEST)
        self.cache = Cache(cache or folder / _CACHE)
        self.n_parts = 0

    def __enter__(self) -> _Folder:
        return self

    def __exit__(self, *_: object) -> None:
        self.manifest.close()
        self.cache.close()

    def check(self, of: Fingerprint, name: str, settings: Mapping[str, Any], *, thoroughly: bool) -> None:
        """See that the folder is this job's and whole; begin where it is empty.

        :raises JobError: If not.
        """
        about = self.manifest.about()
        if not about:
            self.manifest.begin({"model": name, "fingerprint": of.model, **settings})
        elif about["fingerprint"] != of.model:
            raise JobError(
                f"{self.folder}: was begun with the model {about['model']!r} ({about['fingerprint'][:12]}), but"
                f" {name!r} as it is now is another ({of.model[:12]}). Give the same model, or begin anew with"
                " --restart."
            )
        else:
            for what, value in settings.items():
                if about.get(what) != value:
                    raise JobError(
                        f"{self.folder}: was begun with other {what} ({about.get(what)!r}) than now ({value!r}). Give"
                        " the same, another --out, or begin anew with --restart, which costs only what the cache does"
                        " not hold."
                    )
        entries = self.manifest.parts()
        check_parts(self.parts, entries, thoroughly=thoroughly)
        self.n_parts = len(entries)


@dataclass(frozen=True)
class _Writing:
    """What is written of comments.

    :param is_private: Whether what stood in a row without a comment is withheld.
    """

    rows_a_part: int
    hiding: Hiding
    is_private: bool


class _Job:
    """A run of a job."""

    def __init__(
        self,
        kept: _Folder,
        model: StanceModel,
        answering: Answering,
        source: Source,
        stopping: Stopping,
        writing: _Writing,
        progress: Callable[[JobProgress], None] | None,
    ) -> None:
        self._kept, self._model, self._answering, self._source = kept, model, answering, source
        self._stopping, self._writing, self._progress = stopping, writing, progress
        self._calibration = replace(model.card.calibration, held_out=None)  # how it errs is no column of the output
        self._entry = Entry()
        self._writer: PartWriter | None = None
        self._ready: list[Answered] = []
        self._n_ready = self._n_unsealed = self._n_rows = 0
        self._begun = self._told = time.monotonic()
        self._first_share: tuple[float, float] | None = None

    def run(self, fingerprint: Fingerprint, price_per_hour: float | None) -> JobReport:
        """All of it."""
        n_bytes = int(self._kept.manifest.about().get("quarantine_bytes", 0))
        path = self._kept.folder / _QUARANTINE
        self._quarantine = Quarantine(path, n_bytes, is_private=self._writing.is_private)
        stopped_by = None
        try:
            self._stopping.release()
            for one in self._answering.answered(self._source.pieces()):
                self._ready.append(one)
                self._n_ready += 1 + len(one.told[0].rows)
                if self._n_ready >= min(_ROWS_AT_ONCE, self._writing.rows_a_part):
                    with self._stopping.held():
                        self._write_ready()
                    self._tell()
        except Stop as stop:
            stopped_by = stop.number
        except BaseException:
            self._drop()
            raise
        self._stopping.ignore()
        try:
            self._write_ready()
            self._seal()
        except BaseException:
            self._drop()
            raise
        self._quarantine.close()
        self._tell(at_once=True)
        report = self._report(fingerprint, price_per_hour, "done" if stopped_by is None else "stopped")
        with stored_at(self._kept.folder / _REPORT):
            write_whole(self._kept.folder / _REPORT, report.to_json())
        if stopped_by is not None:
            raise JobStopped(report, stopped_by)
        return report

    def _write_ready(self) -> None:
        """Make rows of what is answered, and close the part where it holds enough."""
        ready, self._ready, self._n_ready = self._ready, [], 0
        threads = [one.thread for one in ready if one.thread is not None]
        if threads:
            stances = calibrate(
                threads, Scores.joined([one.scores for one in ready if one.scores is not None]), self._calibration
            )
            stances = hidden_in(threads, stances, self._writing.hiding)
            origins: list[tuple[str, int]] = []
            for one in ready:
                if one.thread is not None:
                    piece = one.told[0]
                    origins += [*[(piece.place, 0)] * piece.n_before, *((piece.place, row) for row in piece.rows)]
            records = records_of(stances, origins, with_texts=not self._writing.hiding.texts)
            if self._writer is None:
                schema = schema_of(part_columns(stances, with_texts=not self._writing.hiding.texts))
                self._writer = PartWriter(self._kept.parts, self._kept.n_parts, schema)
            own = [record for record, (_, row) in zip(records, origins, strict=True) if row]
            self._writer.write(own)
            self._n_rows += len(own)
        for one in ready:
            self._note(one)
        if self._n_unsealed >= self._writing.rows_a_part:
            self._seal()

    def _note(self, one: Answered) -> None:
        """Note how far the inputs are read behind a piece, and what of it gave no comment."""
        piece, source, file = one.told
        for unusable in piece.unusable:
            self._entry.unusable[self._quarantine.put(piece.place, unusable)] += 1
        self._entry.unusable.update(self._quarantine.put_left_out(piece.place, piece.left_out or {}))
        self._entry.sources[source.place] = source
        if file is not None:
            self._entry.files[file.path] = file
        self._n_unsealed += len(piece.rows) + len(piece.unusable)

    def _seal(self) -> None:
        """Close the part, and enter it with all that happened since the last."""
        if self._writer is not None:
            self._entry.parts.append(self._writer.seal())
            self._kept.n_parts += 1
        self._entry.quarantine_bytes = self._quarantine.sync()
        self._kept.manifest.enter(self._entry)
        self._entry, self._writer, self._n_unsealed = Entry(), None, 0

    def _drop(self) -> None:
        """Let go of what no manifest names; the next run removes what is left of it."""
        if self._writer:
            self._writer.drop()
        with suppress(JobError):  # what was wrong is told by another
            self._quarantine.close()

    def _tell(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if self._progress is None or (now - self._told < _PROGRESS_EVERY and not at_once):
            return
        self._told = now
        share, left = self._source.share(), None
        if share is not None:
            since, begin = self._first_share = self._first_share or (now, share)
            left = (now - since) * (1 - share) / (share - begin) if share > begin else None
        rate = self._n_rows / (now - self._begun)
        self._progress(JobProgress(rows=self._n_rows, share=share, rows_per_second=rate, seconds_left=left))

    def _report(self, fingerprint: Fingerprint, price_per_hour: float | None, state: str) -> JobReport:
        counts, unusable = self._answering.counts, self._kept.manifest.unusable()
        parts = self._kept.manifest.parts()
        return JobReport(
            state=state,
            out=str(self._kept.folder),
            model=self._model.card.name,
            fingerprint=fingerprint.model,
            rows=self._n_rows,
            computed=counts.computed,
            from_cache=counts.from_cache,
            repeated=counts.repeated,
            wordless=counts.wordless,
            all_rows=sum(part.rows for part in parts),
            parts=len(parts),
            unusable={reason: n for reason, n in unusable.items() if not reason.startswith(WHOLE_SOURCE)},
            unreadable=sum(n for reason, n in unusable.items() if reason.startswith(WHOLE_SOURCE)),
            notes=tuple(self._source.notes),
            **rates(self._n_rows, counts.computed, time.monotonic() - self._begun, price_per_hour),
        )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """The folder, for this process alone; a lock of the system's, which dies with it."""
    with stored_at(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK, timeout=0, fallback_to_soft=False)
        try:
            lock.acquire()
        except Timeout as error:
            raise JobError(
                f"{folder}: another job writes there now. Wait until it is done, or give --out another folder."
            ) from error
    try:
        yield
    finally:
        lock.release()


def _delete(folder: Path) -> None:
    """Delete what a job has left, but for its cache; the manifest first, for without it the rest is nothing."""
    with stored_at(folder):
        for name in (_MANIFEST, f"{_MANIFEST}-journal", _QUARANTINE, _REPORT):
            (folder / name).unlink(missing_ok=True)
        for path in (folder / _PARTS).glob("*part-*.parquet*"):
            path.unlink()


def _answering(
    model: StanceModel,
    fingerprint: Fingerprint,
    cache: Cache,
    sides: JobSides,
    transforms: Sequence[Transform],
    batch_tokens: int | None,
) -> Answering:
    from stance.inference import WINDOW, stream_scores

    opened = model.opened
    return Answering(
        stream=lambda examples: stream_scores(examples, opened, batch_tokens),
        form=opened.card.form,
        of=fingerprint.network,
        window=WINDOW.get(opened.device.type, WINDOW["cpu"]),
        cache=cache,
        sides_of=partial(job_sides_of, sides),
        labels=labels_of(sides),
        transforms=transforms,
    )
