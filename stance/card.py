"""A model's card: what the folder of a model says of it, in ``stance.json`` and ``held_out.json``.

Neither torch nor transformers is needed to read it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from stance.calibration import Calibration
from stance.encoding import InputForm
from stance.errors import ModelError
from stance.held_out import HeldOut

SCHEMA = 1
CARD = "stance.json"
HELD_OUT = "held_out.json"
#: Meaning of the network's outputs, in order; every model folder has just these.
OUTPUTS = ("side_a", "side_b", "neutral", "tone_negative", "tone_neutral", "tone_positive")


@dataclass(frozen=True)
class ModelCard:
    """The contents of ``stance.json``.

    :param name: What the model is called.
    :param form: How its inputs are written.
    :param calibration: How its scores become probabilities, and how these err, where the folder tells.
    :param sha256: Of the folder's other files, by name.
    :param trained_on: The data that shaped it, with licences.
    :param figures: What it scored where, as the benchmark wrote it.
    """

    name: str
    form: InputForm
    calibration: Calibration
    sha256: dict[str, str] = field(default_factory=dict)
    trained_on: tuple[str, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)


def read_card(folder: Path) -> ModelCard:
    """Read ``stance.json``.

    :raises ModelError: If it is missing, no JSON, or of another schema.
    """
    path = folder / CARD
    if not folder.is_dir():
        raise ModelError(
            f"{folder}: no such model folder. Give a folder that holds {CARD}, or a hub id like 'name/model'."
        )
    if not path.is_file():
        raise ModelError(
            f"{folder}: holds no {CARD}, so it is no model of this library's make. Train one or load another."
        )
    try:
        raw = json.loads(path.read_text("utf-8"))
        if raw["schema"] != SCHEMA:
            raise ModelError(
                f"{path}: schema {raw['schema']} came, {SCHEMA} was expected. Update stance or train again."
            )
        return ModelCard(
            name=raw["name"],
            form=InputForm(**raw["form"]),
            calibration=Calibration(**raw["calibration"], held_out=_read_held_out(folder, raw["sha256"])),
            sha256=raw["sha256"],
            trained_on=tuple(raw["trained_on"]),
            figures=raw["figures"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: is damaged ({type(error).__name__}: {error}). Get the folder again.") from error


def write_held_out(folder: str | Path, held_out: HeldOut | None) -> None:
    """Put into a folder how its model answers comments with known labels, in place of what was there.

    :raises ModelError: If the folder's card cannot be read.
    """
    folder = Path(folder)
    card = read_card(folder)
    write_card(folder, replace(card, calibration=replace(card.calibration, held_out=held_out)))


def write_card(folder: Path, card: ModelCard) -> None:
    """Write the card, and the held-out answers it carries beside it."""
    sha256 = {name: digest for name, digest in card.sha256.items() if name != HELD_OUT}
    (folder / HELD_OUT).unlink(missing_ok=True)
    if card.calibration.held_out is not None:
        (folder / HELD_OUT).write_text(card.calibration.held_out.to_json(), "utf-8")
        sha256[HELD_OUT] = sha256_of(folder / HELD_OUT)
    raw = {"schema": SCHEMA, **asdict(replace(card, calibration=replace(card.calibration, held_out=None)))}
    del raw["calibration"]["held_out"]
    raw["sha256"] = sha256
    (folder / CARD).write_text(json.dumps(raw, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _read_held_out(folder: Path, sha256: dict[str, str]) -> HeldOut | None:
    path = folder / HELD_OUT
    if HELD_OUT not in sha256:
        return None
    if not path.is_file():
        raise ModelError(f"{folder}: {HELD_OUT} is missing. Get the folder again.")
    try:
        return HeldOut.from_json(path.read_text("utf-8"))
    except ModelError as error:
        raise ModelError(f"{path}: {error} Get the folder again.") from error


def check_files(folder: Path, card: ModelCard) -> None:
    """See that the folder's other files are those the card names.

    :raises ModelError: If one is missing or altered.
    """
    for name, expected in card.sha256.items():
        path = folder / name
        if not path.is_file():
            raise ModelError(f"{folder}: {name} is missing. Get the folder again.")
        if sha256_of(path) != expected:
            raise ModelError(
                f"{path}: its sha256 is not the one {CARD} names; it was altered or damaged. Get the folder again."
            )


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
