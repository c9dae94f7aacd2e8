"""Result files: what was measured, by which command, on what."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
SCHEMA = 1
_PACKAGES = ("torch", "transformers", "tokenizers", "scikit-learn", "numpy")


def write_result(name: str, dataset: dict[str, Any], metrics: dict[str, Any], seconds: float) -> Path:
    """Write ``results/NAME.json`` with where the figures come from, and print it as one line."""
    result = {
        "schema": SCHEMA,
        "name": name,
        "command": " ".join(["python", "-m", f"benchmarks.{Path(sys.argv[0]).stem}", *sys.argv[1:]]),
        # A copy without its history is told which commit it is.
        "commit": _git("rev-parse", "HEAD") or os.environ.get("BENCHMARK_COMMIT", ""),
        # Results written before this one are no part of what is measured.
        "dirty": bool(_git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":!/benchmarks/results")),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}},
        "hardware": _hardware(),
        "dataset": dataset,
        "seconds": round(seconds, 1),
        "metrics": metrics,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(result, ensure_ascii=False))
    return path


def read_result(name: str) -> dict[str, Any]:
    """The contents of ``results/NAME.json``."""
    result: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return result


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _hardware() -> dict[str, Any]:
    import torch

    found: dict[str, Any] = {"processor": _processor(), "threads": torch.get_num_threads()}
    if torch.cuda.is_available():
        found["accelerator"] = torch.cuda.get_device_name()
    return found
