"""The model as a scikit-learn classifier: scikit-learn's own checks, its tools, and what is particular to texts."""

from __future__ import annotations

import functools
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Tags
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import validate_data

import stance
from stance.estimator import StanceEstimator
from stance.heads import Strength, learn_head

TEXTS = [
    f"{who} should {what} {n}"
    for n in range(4)
    for who in ("council", "union", "residents")
    for what in ("pay", "strike")
]
STANCES = ["pro-union", "pro-council", "neutral"] * 8


@pytest.fixture(autouse=True)
def one_strength(monkeypatch: pytest.MonkeyPatch) -> None:
    """How strong a prior is best takes seconds to find, and is tested elsewhere; here all take the same."""
    quick = functools.partial(learn_head, strengths=(Strength(1.0, 1.0, 1.0),))
    monkeypatch.setattr("stance.adaptation.learn_head", quick)
    monkeypatch.setattr("stance.adaptation.held_out_by_size", lambda *_: {})


@pytest.fixture
def estimator(tiny_folder: Path) -> StanceEstimator:
    return StanceEstimator(str(tiny_folder), device="cpu")


class WordsForNumbers(StanceEstimator):
    """Reads each row of a matrix as a text, for scikit-learn's checks know nothing but numbers."""

    def fit(self, X: Any, y: Any) -> WordsForNumbers:  # noqa: N803
        matrix, y = validate_data(self, X, y, multi_output=True)
        classes, told = np.unique(y), self.neutral
        self.neutral = classes[2] if len(classes) == 3 else told
        try:
            super().fit(written(matrix), y)
        finally:
            self.neutral = told
        return self

    def decision_function(self, X: Any) -> Any:  # noqa: N803
        matrix = validate_data(self, X, reset=False) if hasattr(self, "classes_") else X
        return super().decision_function(written(matrix))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array = True, False
        tags.input_tags.allow_nan = False
        tags.classifier_tags.poor_score = True  # of a tiny network that never learned a word
        return tags


def written(matrix: Any) -> list[str]:
    return [" ".join(f"{value:.1f}" for value in row[:8]) for row in np.asarray(matrix)]


_MATRIX = "is about matrices: what stands in a cell, how many columns there are, how they lie in memory"
NOT_FOR_TEXT = {
    **dict.fromkeys(
        (
            *("check_estimators_dtypes", "check_complex_data", "check_dtype_object", "check_estimators_nan_inf"),
            *("check_estimators_empty_data_messages", "check_n_features_in", "check_n_features_in_after_fitting"),
            *("check_fit1d", "check_fit2d_predict1d", "check_fit2d_1feature", "check_estimator_sparse_tag"),
            *("check_estimator_sparse_array", "check_estimator_sparse_matrix", "check_f_contiguous_array_estimator"),
            *(
                "check_positive_only_tag_during_fit",
                "check_readonly_memmap_input",
                "check_classifier_data_not_an_array",
            ),
        ),
        _MATRIX,
    ),
    **dict.fromkeys(
        ("check_methods_subset_invariance", "check_methods_sample_order_invariance"),
        "asks for the same to 1e-7; a network in float32 keeps to 1e-5, which is tested below",
    ),
}


def name_of(check: Callable[..., Any]) -> str:
    while isinstance(check, functools.partial):
        check = check.func
    return check.__name__


CHECKS = [check for _, check in estimator_checks_generator(WordsForNumbers())]


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
@pytest.mark.filterwarnings("default")  # the checks provoke warnings, and catch those they are about
def test_scikit_learns_own_check(check: Callable[..., Any], tiny_folder: Path) -> None:
    if name_of(check) in NOT_FOR_TEXT:
        pytest.skip(NOT_FOR_TEXT[name_of(check)])
    check(WordsForNumbers(str(tiny_folder), device="cpu"))


def test_every_check_that_is_left_out_is_one_that_there_is() -> None:
    assert set(NOT_FOR_TEXT) <= {name_of(check) for check in CHECKS}


def test_answers_are_in_the_users_spelling_and_order(estimator: StanceEstimator) -> None:
    spelled = {"pro-union": "Union", "pro-council": "council", "neutral": "neither"}
    y = [spelled[label] for label in STANCES]
    fitted = estimator.fit(TEXTS, y)
    assert fitted.classes_.tolist() == ["Union", "council", "neither"]
    assert fitted.columns_.tolist() == [1, 0, 2]
    assert set(fitted.predict(TEXTS)) <= set(y)
    assert 0 <= fitted.score(TEXTS, y) <= 1


def test_probabilities_are_those_of_the_model_it_trained(estimator: StanceEstimator) -> None:
    fitted = estimator.fit(TEXTS, STANCES)
    stances = fitted.model_.classify(TEXTS, sides=stance.Sides.council_union())
    by_label = stances.probabilities[:, [2, 0, 1]]  # neutral, pro-council, pro-union
    assert fitted.predict_proba(TEXTS) == pytest.approx(by_label, abs=1e-5)
    assert fitted.predict(TEXTS).tolist() == stances.labels


def test_a_row_is_answered_alike_in_every_form(estimator: StanceEstimator) -> None:
    fitted = estimator.fit(TEXTS, STANCES)
    expected = fitted.predict_proba(TEXTS)
    column = np.array(TEXTS, dtype=object)
    for form in (
        column,
        column[:, None],
        pd.Series(TEXTS),
        pd.DataFrame({"comment": TEXTS}),
        [{"text": t} for t in TEXTS],
    ):
        assert fitted.predict_proba(form) == pytest.approx(expected, abs=1e-6)


def test_a_row_is_read_with_its_title_and_what_it_answers(estimator: StanceEstimator) -> None:
    fitted = estimator.fit(TEXTS, STANCES)
    bare = {"text": "Well said", "title": "", "parent_text": None}
    told = {**bare, "title": "Bins strike in Norwich", "parent_text": "Pay the crews"}
    alone = fitted.predict_proba([bare])
    assert fitted.predict_proba([told])[0] != pytest.approx(alone[0], abs=1e-4)
    assert fitted.predict_proba([told, bare])[1] == pytest.approx(alone[0], abs=1e-5)


def test_a_row_is_answered_alike_alone_in_a_batch_and_in_any_order(estimator: StanceEstimator) -> None:
    fitted = estimator.fit(TEXTS, STANCES)
    whole = fitted.decision_function(TEXTS)
    assert np.vstack([fitted.decision_function([text]) for text in TEXTS]) == pytest.approx(whole, abs=1e-5)
    assert fitted.decision_function(TEXTS[::-1])[::-1] == pytest.approx(whole, abs=1e-5)


def test_a_text_without_words_is_neutral(estimator: StanceEstimator) -> None:
    fitted = estimator.fit(TEXTS, STANCES)
    assert fitted.predict(["", None, "👏"]).tolist() == ["neutral"] * 3
    assert fitted.predict_proba([float("nan")])[0] == pytest.approx([1, 0, 0], abs=1e-9)


def test_two_classes_have_one_decision_a_row(estimator: StanceEstimator) -> None:
    y = ["for", "against"] * 12
    fitted = estimator.fit(TEXTS, y)
    assert fitted.classes_.tolist() == ["against", "for"]
    assert fitted.sides_ == stance.Sides(stance.Side("against", "against"), stance.Side("for", "for"))
    decisions, probabilities = fitted.decision_function(TEXTS), fitted.predict_proba(TEXTS)
    assert decisions.shape == (24,)
    assert np.log(probabilities[:, 1] / probabilities[:, 0]) == pytest.approx(decisions, abs=1e-6)
    assert ((decisions > 0) == (fitted.predict(TEXTS) == "for")).all()


def test_numbers_are_classes_too(estimator: StanceEstimator) -> None:
    fitted = clone(estimator).set_params(neutral=0).fit(TEXTS, np.array([0, 1, -1] * 8))
    assert fitted.classes_.tolist() == [-1, 0, 1]
    assert fitted.columns_.tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("y", "params", "message"),
    [
        (["a", "b", "c"] * 8, {}, "not plain what they are"),
        (["a", "b"] * 12, {"sides": stance.Sides.council_union()}, "not plain what they are"),
        (["a", "b", "c", "d", "e", "f"] * 4, {}, "y has 6 classes"),
        (["pro-union"] * 24, {}, "y has 1 classes"),
        (["pro-union", "neutral"] * 11, {}, "X has 24 comments, but y has 22"),
    ],
)
def test_labels_that_say_no_two_sides_are_refused(
    estimator: StanceEstimator, y: list[str], params: dict[str, Any], message: str
) -> None:
    with pytest.raises(stance.InputError, match=message):
        estimator.set_params(**params).fit(TEXTS, y)


@pytest.mark.parametrize("comments", ["one text", np.zeros((3, 2)), [1, 2], [], 7, [{"author": "Kath"}]], ids=repr)
def test_what_holds_no_texts_is_refused(estimator: StanceEstimator, comments: Any) -> None:
    with pytest.raises(stance.InputError):
        estimator.fit(comments, ["pro-union", "neutral"])


def test_a_clone_and_a_search_share_an_open_model_and_leave_it_as_it_is(tiny_model: stance.StanceModel) -> None:
    before = tiny_model.score(TEXTS).logits.copy()
    estimator = StanceEstimator(tiny_model)
    assert clone(estimator).start is tiny_model
    search = GridSearchCV(estimator, {"random_state": [0, 1]}, cv=2).fit(TEXTS, STANCES)
    assert search.best_estimator_.classes_.tolist() == ["neutral", "pro-council", "pro-union"]
    assert (tiny_model.score(TEXTS).logits == before).all()


def test_numbers_of_classes_stand_for_the_names_given(estimator: StanceEstimator) -> None:
    names = ["neutral", "pro-council", "pro-union"]
    numbered = clone(estimator).set_params(classes=names).fit(TEXTS, [names.index(label) for label in STANCES])
    assert numbered.classes_.tolist() == [0, 1, 2]
    assert numbered.columns_.tolist() == [2, 0, 1]
    assert numbered.predict_proba(TEXTS) == pytest.approx(estimator.fit(TEXTS, STANCES).predict_proba(TEXTS))


def test_it_works_in_scikit_learns_tools(estimator: StanceEstimator) -> None:
    frame = pd.DataFrame({"comment": TEXTS, "title": "Bins strike"})
    y = np.array(STANCES)
    named = clone(estimator).set_params(classes=sorted(set(STANCES)))  # these two hand on numbers of classes
    assert cross_val_predict(named, frame, y, cv=2, method="predict_proba").shape == (24, 3)
    calibrated = CalibratedClassifierCV(named, cv=2, ensemble=False).fit(TEXTS, y)
    assert calibrated.predict_proba(TEXTS).sum(axis=1) == pytest.approx(np.ones(24))
    assert set(calibrated.predict(TEXTS)) <= set(STANCES)
    pipeline = make_pipeline(FunctionTransformer(lambda frame: frame.assign(title="Libraries")), clone(estimator))
    assert set(pipeline.fit(frame, y).predict(frame)) <= set(STANCES)
    two = np.array(["for", "against"] * 12)
    tuned = TunedThresholdClassifierCV(clone(estimator), scoring="balanced_accuracy", cv=2).fit(TEXTS, two)
    assert set(tuned.predict(TEXTS)) <= {"for", "against"}


@pytest.mark.parametrize("y", [STANCES, [1, 0] * 12], ids=["words", "numbers"])
def test_what_is_saved_answers_as_it_did_and_holds_no_pickle(
    estimator: StanceEstimator, tmp_path: Path, y: list[Any]
) -> None:
    fitted = estimator.fit(TEXTS, y)
    fitted.save(tmp_path / "mine")
    opened = StanceEstimator.load(tmp_path / "mine", device="cpu")
    assert opened.predict(TEXTS).tolist() == fitted.predict(TEXTS).tolist()
    assert opened.predict_proba(TEXTS) == pytest.approx(fitted.predict_proba(TEXTS), abs=1e-6)
    assert opened.get_params()["start"] == estimator.start
    assert {path.suffix for path in (tmp_path / "mine").iterdir()} <= {".json", ".safetensors", ".md"}
    assert stance.load(tmp_path / "mine", device="cpu").score(TEXTS).logits.shape == (24, 6)


def test_a_folder_that_is_no_estimator_is_an_error(
    estimator: StanceEstimator, tiny_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(stance.ModelError, match=r"holds no estimator\.json"):
        StanceEstimator.load(tiny_folder)
    with pytest.raises(NotFittedError):
        estimator.save(tmp_path / "mine")
    estimator.fit(TEXTS, STANCES).save(tmp_path / "mine")
    told = json.loads((tmp_path / "mine" / "estimator.json").read_text("utf-8"))
    (tmp_path / "mine" / "estimator.json").write_text(json.dumps({**told, "classes": None}), "utf-8")
    with pytest.raises(stance.ModelError, match="is damaged"):
        StanceEstimator.load(tmp_path / "mine")


def test_it_travels_to_other_processes(estimator: StanceEstimator, tmp_path: Path) -> None:
    fitted = estimator.fit(TEXTS, STANCES)
    arrived = pickle.loads(pickle.dumps(fitted))
    assert arrived.predict(TEXTS).tolist() == fitted.predict(TEXTS).tolist()
    arrived.save(tmp_path / "again")
    assert StanceEstimator.load(tmp_path / "again", device="cpu").classes_.tolist() == fitted.classes_.tolist()
