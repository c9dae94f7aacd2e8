"""How good a model is: figures, cards, the hub, and the command line around them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import stance
from stance.cli import app
from stance.model_cards import readme
from tests.labelled_rows import labelled_rows

ROWS = labelled_rows()


@pytest.fixture(scope="module")
def labelled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labelled") / "labelled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return path


@pytest.fixture(scope="module")
def own(tiny_folder: Path, labelled_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own") / "ours"
    stance.train(labelled_file, start=tiny_folder, out=folder, device="cpu")
    return folder


def test_an_evaluation_says_what_the_answers_say(tiny_model: stance.StanceModel) -> None:
    evaluation = stance.evaluate(ROWS, tiny_model)
    stances = tiny_model.classify([row["text"] for row in ROWS])  # no names, as in the rows' threads
    right = np.mean([answer == row["label"] for answer, row in zip(stances.labels, ROWS, strict=True)])
    assert evaluation.stance.accuracy.value == pytest.approx(float(right))
    assert evaluation.stance.accuracy.low <= right <= evaluation.stance.accuracy.high
    assert np.sum(evaluation.stance.confusion) == len(ROWS)
    assert sum(evaluation.stance.true_shares) == pytest.approx(1)
    assert evaluation.sentiment is not None
    assert json.dumps(evaluation.to_dict())


def test_the_surest_wrong_answers_are_wrong_and_the_surest_first(tiny_model: stance.StanceModel) -> None:
    wrong = stance.evaluate(ROWS, tiny_model).surest_wrong
    assert wrong
    assert all(one.answer != one.label for one in wrong)
    chances = [one.probability for one in wrong]
    assert chances == sorted(chances, reverse=True)


def test_two_models_are_compared_on_the_same_rows(tiny_folder: Path, own: Path) -> None:
    evaluation = stance.evaluate(ROWS, own, against=tiny_folder, device="cpu")
    assert (evaluation.model, evaluation.against) == ("ours", "tiny")
    assert evaluation.compared is not None
    assert evaluation.stance_against is not None
    gap = evaluation.stance.macro_f1.value - evaluation.stance_against.macro_f1.value
    assert evaluation.compared.difference.value == pytest.approx(gap)
    assert evaluation.compared.difference.low > 0  # it was trained on these very rows


def test_the_readme_of_a_folder_says_how_good_the_model_is(own: Path) -> None:
    text = (own / "README.md").read_text("utf-8")
    figures = stance.load(own).card.figures
    assert text.startswith("---\nlibrary_name: stance\n")
    assert f"{figures['stance']['macro_f1']['value']:.2f} [" in text
    assert "learning curve" in text
    assert "| labels | 0 | 8 | 16 | 32 |" in text
    assert f"{len(ROWS)} labelled comments" in text
    assert not any(row["text"] in text for row in ROWS)


def test_a_shipped_model_has_a_readme_too(tiny_model: stance.StanceModel) -> None:
    assert "# tiny" in readme(tiny_model.card)


def test_a_model_is_pushed_to_the_hub_as_its_folder(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, object]] = []

    class Hub:
        def __init__(self, token: str | None) -> None:
            done.append(("token", token))

        def create_repo(self, repo_id: str, *, private: bool, exist_ok: bool) -> None:
            done.append(("made", (repo_id, private, exist_ok)))

        def upload_folder(self, *, repo_id: str, folder_path: str, commit_message: str) -> str:
            done.append((repo_id, sorted(path.name for path in Path(folder_path).iterdir())))
            return f"https://huggingface.co/{repo_id}/commit/1"

    monkeypatch.setattr("huggingface_hub.HfApi", Hub)
    address = stance.load(own).push_to_hub("me/ours", token="secret")
    assert address == "https://huggingface.co/me/ours/commit/1"
    assert done[:2] == [("token", "secret"), ("made", ("me/ours", True, True))]
    name, files = done[2]
    assert name == "me/ours"
    assert set(files) >= {"README.md", "config.json", "model.safetensors", "stance.json", "tokenizer.json"}  # type: ignore[call-overload]


def test_a_hub_that_refuses_is_an_error_with_its_reason(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hub:
        def __init__(self, token: str | None) -> None:
            pass

        def create_repo(self, *_: object, **__: object) -> None:
            raise OSError("no network here")

    monkeypatch.setattr("huggingface_hub.HfApi", Hub)
    with pytest.raises(stance.ModelError, match="no network here"):
        stance.load(own).push_to_hub("me/ours")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS[:3], r"3 labelled comments came \(1 pro-council, 1 pro-union, 1 neutral\), but at least 8"),
        ([row for row in ROWS if row["label"] == "neutral"], "of one class"),
        ([{**row, "author": "Ann"} for row in ROWS], "by one writer"),
        ([{**row, "label": "yes"} for row in ROWS], "labels that are not known"),
    ],
)
def test_labels_that_teach_nothing_are_refused(
    rows: list[dict[str, object]], message: str, tiny_model: stance.StanceModel
) -> None:
    with pytest.raises(stance.InputError, match=message):
        stance.train(rows, start=tiny_model)


def test_a_class_without_labels_is_noted(tiny_model: stance.StanceModel) -> None:
    own = stance.train([row for row in ROWS if row["label"] != "neutral"], start=tiny_model)
    assert own.card.figures["notes"] == ["no comment is labelled neutral; the model learns that such are rare"]


def test_the_command_line_trains_and_measures(
    labelled_file: Path, tiny_folder: Path, own: Path, tmp_path: Path
) -> None:
    out = tmp_path / "made"
    trained = CliRunner().invoke(
        app, ["train", str(labelled_file), "--out", str(out), "--start", str(tiny_folder), "--device", "cpu"]
    )
    assert trained.exit_code == 0, trained.output
    assert "macro-F1" in trained.stdout
    assert "wrote" in trained.stderr
    assert (out / "README.md").is_file()
    assert (out / "model.safetensors").read_bytes() == (own / "model.safetensors").read_bytes()
    figures = tmp_path / "figures.json"
    measured = CliRunner().invoke(
        app,
        ["evaluate", str(labelled_file), "--model", str(out), "--against", str(tiny_folder), "--out", str(figures)],
    )
    assert measured.exit_code == 0, measured.output
    assert "McNemar" in measured.stdout
    assert "surest wrong" in measured.stdout
    assert json.loads(figures.read_text("utf-8"))["against"] == "tiny"


def test_the_command_line_says_that_a_stopped_training_goes_on(
    labelled_file: Path, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stance.tuning.fine_tune", stopped)
    words = ["train", str(labelled_file), "--out", str(tmp_path / "o"), "--start", str(tiny_folder), "--way", "full"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 130
    assert "the same command goes on" in result.stderr


def test_the_command_line_says_what_is_wrong_with_labels(tmp_path: Path, tiny_folder: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("text,label\nPay them,pro-union\nNo money,council\nWhen?,neutral\n", "utf-8")
    result = CliRunner().invoke(app, ["train", str(path), "--out", str(tmp_path / "o"), "--start", str(tiny_folder)])
    assert result.exit_code == 1
    assert "'council' was read as pro-council" in result.stderr
    assert "at least 8 are needed" in result.stderr
    assert not (tmp_path / "o").exists()
