"""What users may rely on: the names, and what importing costs."""

import subprocess
import sys
from types import ModuleType

import stance

PUBLIC = {
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
}
#: Imported when it is first asked for, with scikit-learn.
LATE = {"StanceEstimator"}


def test_the_public_names_are_these() -> None:
    assert set(stance.__all__) == PUBLIC
    assert stance.__all__ == sorted(stance.__all__, key=lambda name: (not name[0].isupper(), name))


def test_nothing_public_is_there_beside_them() -> None:
    visible = {
        name for name, value in vars(stance).items() if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert visible - LATE == PUBLIC - LATE


def test_every_public_thing_is_documented() -> None:
    assert all(getattr(stance, name).__doc__ for name in PUBLIC)


def test_importing_stance_imports_no_heavy_package() -> None:
    heavy = "torch transformers pandas datasets sklearn pyarrow rich typer huggingface_hub scipy"
    heavy += " lxml trafilatura ftfy zstandard openpyxl"
    code = f"import sys, stance; print(*(m for m in {heavy.split()} if m in sys.modules))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == []
