"""Run the notebooks from start to end and keep what they show: ``python -m notebooks.execute``, or some by name."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
_TIMEOUT = 600  # seconds, of a cell and of the kernel's start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="beginnings of file names; by default all")
    names = tuple(parser.parse_args().names)
    for path in sorted(FOLDER.glob("*.ipynb")):
        if path.name.startswith(names or ""):
            nbformat.write(executed(path), path)


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook, its outputs made anew by a kernel of its own.

    :raises nbclient.exceptions.CellExecutionError: If a cell fails.
    """
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=_TIMEOUT,
        record_timing=False,
        resources={"metadata": {"path": str(FOLDER)}},
        startup_timeout=_TIMEOUT,
    )
    # That there are no widgets to draw progress bars with is no matter here.
    client.execute(env={**os.environ, "PYTHONWARNINGS": "ignore:IProgress not found"})
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if {"text/html", "image/png"} & set(data):
                data.pop("text/plain", None)  # the long form of what is shown well
    return notebook


if __name__ == "__main__":
    main()
