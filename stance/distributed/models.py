"""The model on another machine: how it gets there, and that each process opens it once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from stance.api import PACKAGED, StanceModel, load

if TYPE_CHECKING:
    from stance.model import Precision

#: An open model as it travels: the files of its folder, by name.
Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Opening:
    """How a worker opens its model. It is small, and travels with the work.

    :param model: As in :func:`stance.load`; None also where the files travel.
    :param digest: Of the files that travel; empty where none do.
    :param device: As in :func:`stance.load`; likewise the rest.
    """

    model: str | None = None
    digest: str = ""
    device: str = "auto"
    precision: Precision = "auto"
    threads: int = 1


def carried(model: StanceModel | str | Path | None, opening: Opening) -> tuple[Opening, Files | None]:
    """How workers are to open a model, and the files that must travel to them.

    :returns: The opening with the model named in it, and the files of an open model; None where none need travel.
    """
    if isinstance(model, StanceModel):
        with tempfile.TemporaryDirectory() as folder:
            model.save(folder)
            files = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
        digest = hashlib.sha256()
        for name, data in files.items():
            digest.update(f"{name}\0{len(data)}\0".encode())
            digest.update(data)
        precision = cast("Precision", str(model.opened.precision).removeprefix("torch."))
        return replace(opening, digest=digest.hexdigest(), precision=precision), files
    if model is not None and str(model) not in PACKAGED and (isinstance(model, Path) or Path(model).is_dir()):
        model = Path(model).absolute()  # workers run in folders of their own
    return replace(opening, model=None if model is None else str(model)), None


def opened(opening: Opening, files: Callable[[], Files]) -> StanceModel:
    """The model, opened at the first call in this process, and kept for those after it; never two at a time.

    :param files: Fetches the files that travel; called only where they do, and the model is not open yet.
    :raises ModelError: As :func:`stance.load`.
    """
    if opening not in _OPEN:
        _OPEN.clear()
        # The tokenizer has threads of its own, as many as the machine has cores unless it is told.
        os.environ.setdefault("RAYON_NUM_THREADS", str(opening.threads))
        _OPEN[opening] = _open(opening, files)
    return _OPEN[opening]


_OPEN: dict[Opening, StanceModel] = {}


def _open(opening: Opening, files: Callable[[], Files]) -> StanceModel:
    device, precision, threads = opening.device, opening.precision, opening.threads
    if not opening.digest:
        return load(opening.model, device=device, precision=precision, threads=threads)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files().items():
            (Path(folder) / name).write_bytes(data)
        return load(Path(folder), device=device, precision=precision, threads=threads)
