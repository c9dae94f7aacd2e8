"""The map of ``stance/``: what each module may import. A new arrow is a reviewed decision."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "stance"
MAY_IMPORT: dict[str, set[str]] = {
    # words
    "errors": set(),
    "sides": {"errors"},
    "templates": set(),
    "views": {"templates"},  # how nouns show themselves in a notebook; it only looks into them
    "thread": {"errors", "views"},
    # in
    "readers": {"errors", "thread"},
    "inputs": {"errors", "readers", "thread"},
    "gazetteer": {"errors", "sides", "thread"},
    "pseudonyms": {"errors", "thread"},
    "contacts": set(),
    "other_names": {"errors"},
    "sentences": set(),
    "row_context": {"readers", "sides"},
    "labelled": {"encoding", "errors", "gazetteer", "readers", "row_context", "sides", "thread"},
    "splitting": {"errors", "labelled"},
    "pairwise": {"labelled", "roles"},
    # encode
    "tokens": set(),
    "words": {"tokens"},
    "encoding": {"errors", "sides", "thread", "tokens", "words"},
    "roles": {"encoding", "errors", "sides"},
    "preparing": {"encoding", "sides", "tokens", "words"},
    "workers": {"encoding", "preparing", "words"},
    # score
    "scores": {"errors"},
    "pooling": set(),
    "weights": {"errors"},
    "biased_attention": set(),
    "encoder": {"biased_attention", "tokens"},
    "card": {"calibration", "encoding", "errors", "held_out"},
    "model": {"calibration", "card", "encoder", "encoding", "errors", "roles", "weights"},
    "processor": set(),
    "windows": {"encoding", "errors", "preparing", "scores", "sides", "tokens"},
    "inference": {
        *("encoder", "encoding", "model", "preparing", "processor", "scores", "tokens", "windows", "words", "workers"),
    },
    # meaning
    "held_out": {"errors"},
    "prevalence": set(),
    "calibration": {"held_out", "pooling", "prevalence", "scores"},
    "heads": {"splitting"},
    "metrics": set(),
    "quality": {"metrics", "thread"},
    "figures": {"calibration", "labelled", "metrics", "quality", "scores", "sides", "splitting"},
    "stances": {"calibration", "encoding", "errors", "prevalence", "scores", "sides", "thread", "views"},
    "shares": {"prevalence"},
    "people": {"prevalence", "shares", "sides", "stances", "thread"},
    "timeline": {"prevalence", "shares", "stances"},
    "summary": {
        "errors",
        "evidence",
        "inputs",
        "people",
        "prevalence",
        "report",
        "shares",
        "sides",
        "stances",
        "thread",
        "timeline",
        "views",
    },
    "comparing": {"errors", "inputs", "shares", "stances", "summary", "thread"},
    "evidence": {"calibration", "encoding", "errors", "scores", "sentences", "sides", "stances"},
    "suggesting": set(),
    # out
    "masking": {"contacts", "evidence", "gazetteer", "pseudonyms", "stances", "thread"},
    "model_cards": {"card"},
    "labelling": {
        *("encoding", "errors", "gazetteer", "inputs", "labelled", "readers", "row_context", "sides", "stances"),
        *("thread", "writing"),
    },
    "quality_table": {"encoding", "metrics", "quality"},
    "report": {"errors", "evidence", "sides", "stances", "templates", "thread"},
    "plots": {"comparing", "errors", "shares", "sides", "stances", "summary"},
    "writing": {"errors", "stances"},
    "terminal": {"encoding", "shares", "stances", "summary"},
    "progress": set(),
    "interrupts": {"encoding", "scores", "stances"},
    "hiding": {"evidence", "masking", "pseudonyms", "stances", "thread"},
    # doors
    "checkpoints": {"errors"},
    "training": {"checkpoints", "encoding", "inference", "labelled", "model", "scores", "sides", "tokens"},
    "tuning": {"calibration", "checkpoints", "inference", "labelled", "metrics", "model", "scores", "training"},
    "evaluation": {
        *("api", "calibration", "inference", "labelled", "metrics", "quality", "scores", "sides", "splitting"),
    },
    "adaptation": {
        *("api", "calibration", "errors", "figures", "heads", "inference", "labelled", "metrics", "model", "pairwise"),
        *("sides", "splitting", "tuning"),
    },
    "jobs": {
        *("api", "card", "encoding", "errors", "gazetteer", "hiding", "inference", "masking", "model", "pseudonyms"),
        *("readers", "scores", "sides", "stances", "thread"),
    },
    "cli_options": {"errors", "hiding", "other_names", "pseudonyms", "sides"},
    "cli_job": {"cli_options", "errors", "jobs", "sides"},
    "cli_train": {"adaptation", "cli_options", "errors", "evaluation", "labelled", "quality_table", "sides"},
    "api": {
        *(
            "card",
            "encoding",
            "errors",
            "evidence",
            "gazetteer",
            "inference",
            "inputs",
            "labelled",
            "labelling",
            "model",
        ),
        *("interrupts", "model_cards", "progress", "scores", "sides", "stances", "suggesting", "thread"),
    },
    "cli": {
        *(
            "api",
            "cli_job",
            "cli_options",
            "cli_train",
            "errors",
            "gazetteer",
            "interrupts",
            "hiding",
            "readers",
            "sides",
            "stances",
            "summary",
        ),
        *("terminal", "thread"),
        "writing",
    },
    "distributed": {"api", "errors", "inputs", "model", "readers", "sides", "stances", "thread"},
    "reviewing": {
        *("adaptation", "api", "calibration", "errors", "heads", "inference", "labelled", "labelling", "model"),
        *("pairwise", "scores", "sides", "splitting"),
    },
    "estimator": {
        *("adaptation", "api", "calibration", "encoding", "errors", "gazetteer", "inference", "labelled", "readers"),
        *("sides", "thread"),
    },
}
DOORS = {
    "training",
    "tuning",
    "api",
    "evaluation",
    "adaptation",
    "reviewing",
    "estimator",
    "distributed",
    "cli_options",
    "cli_train",
    "jobs",
    "cli_job",
    "cli",
}
ONLY_HERE = {  # heavy third-party package -> the modules that may name it
    "torch": {"weights", "biased_attention", "encoder", "model", "processor", "inference", "checkpoints", "training"},
    "triton": {"biased_attention"},
    "transformers": {"model", "inference", "training"},
    "huggingface_hub": {"api"},
    "lxml": {"readers"},
    "trafilatura": {"readers"},
    "ftfy": {"readers"},
    "zstandard": {"readers"},
    "openpyxl": {"readers", "labelling"},
    "typer": {"cli", "cli_job", "cli_options", "cli_train"},
    "jinja2": {"templates", "views"},
    "filelock": {"jobs"},
    "matplotlib": {"plots"},
    "presidio_analyzer": {"other_names"},
    "spacy": {"other_names"},
    "ray": {"distributed"},
    "pyspark": {"distributed"},
    "rich": {"adaptation", "cli", "cli_train", "progress", "quality_table", "terminal"},
}


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> tuple[set[str], set[str]]:
    own, third_party = set(), set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: write absolute imports"
            names = [f"{node.module}.{a.name}" if node.module == "stance" else str(node.module) for a in node.names]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == "stance":
                own.add(rest.split(".")[0])
            else:
                third_party.add(top)
    return own, third_party


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_map(path: Path) -> None:
    own, third_party = imports(path)
    module = module_of(path)
    assert module in MAY_IMPORT, f"{path.name} is not on the map: add it with its one job"
    assert own - {module} <= MAY_IMPORT[module], f"{path.name} may not import {sorted(own - MAY_IMPORT[module])}"
    for package, homes in ONLY_HERE.items():
        assert package not in third_party or module in homes, f"{path.name} may not import {package}"


def test_every_module_of_the_map_exists() -> None:
    assert {module_of(path) for path in FILES} == set(MAY_IMPORT)


def test_the_map_has_no_cycle_and_nothing_imports_a_door_but_a_door() -> None:
    done: set[str] = set()
    while len(done) < len(MAY_IMPORT):
        ready = {module for module, below in MAY_IMPORT.items() if module not in done and below <= done}
        assert ready, f"cycle among {sorted(set(MAY_IMPORT) - done)}"
        done |= ready
    assert all(not below & DOORS for module, below in MAY_IMPORT.items() if module not in DOORS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400
