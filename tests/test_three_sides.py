"""Three and four sides: every pair is asked about, and the answers are pooled."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyarrow import parquet
from typer.testing import CliRunner

import stance
from stance import InputError, Side, Sides
from stance.calibration import softmax
from stance.cli import app
from stance.inference import score_examples, stream_scores
from stance.jobs import run_job
from stance.labelled import read_labelled
from stance.model import OpenModel
from stance.pairwise import in_pairs
from stance.pooling import pooled, pooled_tones
from stance.scores import Scores
from stance.stances import calibrate

THREE = Sides(
    Side("airport", "Exton Airport"), Side("villagers", "the villagers of Marl"), Side("airlines", "the airlines")
)
FOUR = Sides(*THREE.all, Side("unions", "Unite"))
LABELS = ("pro-airport", "pro-villagers", "pro-airlines", "neutral")
MANY = pytest.mark.parametrize("sides", [THREE, FOUR], ids=["three", "four"])
ON_COMMAND_LINE = "airport=Exton Airport,villagers=the villagers of Marl,airlines=the airlines"


def run(*words: str | Path):
    return CliRunner().invoke(app, [str(word) for word in words])


def thread_of(n: int = 7) -> stance.Thread:
    texts = ["The council must pay.", "👏", *(f"No strike, said resident {i} of the bins." for i in range(2, n))]
    return stance.Thread(
        id="runway",
        title="Exton wants a second runway",
        comments=tuple(stance.Comment(id=str(i), text=text, author=f"Writer {i}") for i, text in enumerate(texts)),
    )


def labelled_rows(n_threads: int = 3) -> list[dict[str, str]]:
    said = {"airport": "pay the council", "villagers": "bins must never", "airlines": "well said", "neutral": "strike"}
    return [
        {"thread_id": f"t{t}", "author": f"{i} of {t}", "text": f"{said[label]} {t} {i}", "label": label}
        for t in range(n_threads)
        for i, label in enumerate([*said] * 2)
    ]


# Who the sides are


def test_three_and_four_sides_have_as_many_columns_and_neutral_last() -> None:
    assert THREE.labels == LABELS
    assert FOUR.probability_columns == ("p_airport", "p_villagers", "p_airlines", "p_unions", "p_neutral")
    assert (THREE.a, THREE.b, THREE.c, THREE.d) == (*THREE.all, None)
    assert (len(THREE), len(FOUR), len(Sides.council_union())) == (3, 4, 2)


def test_each_pair_comes_in_both_orders_but_two_sides_in_theirs_alone() -> None:
    one, two, three = THREE.all
    expected = [(one, two), (one, three), (two, one), (two, three), (three, one), (three, two)]
    assert THREE.pairs() == tuple(Sides(*pair) for pair in expected)
    assert Sides(one, two).pairs() == (Sides(one, two),)
    assert len(FOUR.pairs()) == 12


@MANY
def test_sides_are_read_back_as_they_are_written(sides: Sides) -> None:
    assert Sides.parse(sides.written) == sides


def test_two_sides_show_themselves_as_before_there_were_more() -> None:
    # Manifests of jobs and fingerprints of labels hold this.
    a, b = Side("x", "X"), Side("y", "Y")
    assert repr(Sides(a, b)) == f"Sides(a={a!r}, b={b!r})"
    assert repr(Sides(a, b, Side("z", "Z"))) != repr(Sides(a, b))


@pytest.mark.parametrize("labels", ["aba", "abb", "abcA", "aab"])
def test_no_two_sides_are_labelled_alike(labels: str) -> None:
    with pytest.raises(InputError, match="different labels"):
        Sides(*(Side(label, "x") for label in labels))


def test_a_fourth_side_needs_a_third() -> None:
    with pytest.raises(InputError, match="without a third"):
        Sides(THREE.a, THREE.b, d=THREE.c)


def test_five_sides_are_refused_by_number() -> None:
    with pytest.raises(InputError, match="names 5 of them, but two to four"):
        Sides.parse("a,b,c,d,e")


# The pool


def test_the_answers_about_three_sides_are_pooled_as_worked_out_by_hand() -> None:
    # Pairs ab, ac, ba, bc, ca, cb. Odds against neutral: a 8, 4, 4 and 2; b 2, 1, 4 and 2; c 1, 1, 1 and 1. Their
    # geometric means are 4, 2 and 1.
    odds = [(8, 2, 1), (4, 1, 1), (1, 4, 1), (4, 1, 1), (1, 2, 1), (1, 2, 1)]
    chances = np.array([[np.array(of) / sum(of) for of in odds]])
    np.testing.assert_allclose(pooled(chances, 3), [[4 / 8, 2 / 8, 1 / 8, 1 / 8]], atol=1e-12)


def test_tones_are_pooled_by_their_geometric_mean() -> None:
    chances = np.array([[[0.8, 0.1, 0.1], [0.2, 0.4, 0.4], [0.4, 0.2, 0.4]]])
    expected = np.cbrt([0.064, 0.008, 0.016])
    np.testing.assert_allclose(pooled_tones(chances), [expected / expected.sum()], atol=1e-12)


def probabilities(n_pairs: int) -> st.SearchStrategy:
    return arrays(np.float64, (4, n_pairs, 3), elements=st.floats(-6, 6)).map(softmax)


@given(st.sampled_from([3, 4]).flatmap(lambda n: st.tuples(st.just(n), probabilities(n * (n - 1)))))
def test_pooled_probabilities_are_such(given_: tuple[int, np.ndarray]) -> None:
    n, chances = given_
    found = pooled(chances, n)
    assert found.shape == (4, n + 1)
    assert (found > 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


@given(st.sampled_from([2, 3, 4]).flatmap(lambda n: arrays(np.float64, (4, n + 1), elements=st.floats(-6, 6))))
def test_answers_that_agree_come_out_as_they_are(scores: np.ndarray) -> None:
    n = scores.shape[1] - 1
    pairs = [softmax(scores[:, [a, b, n]]) for a, b in (permutations(range(n), 2) if n > 2 else [(0, 1)])]
    np.testing.assert_allclose(pooled(np.stack(pairs, axis=1), n), softmax(scores), atol=1e-9)


@given(st.data())
def test_the_order_of_the_sides_only_turns_the_columns(data: st.DataObject) -> None:
    n = data.draw(st.sampled_from([3, 4]))
    order = data.draw(st.sampled_from(list(permutations(range(n)))))
    chances = data.draw(probabilities(n * (n - 1)))
    places = {pair: i for i, pair in enumerate(permutations(range(n), 2))}
    turned = chances[:, [places[pair] for pair in permutations(order, 2)]]
    np.testing.assert_allclose(pooled(turned, n), pooled(chances, n)[:, [*order, n]], atol=1e-9)


def test_two_sides_are_answered_to_the_bit_as_the_network_says(tiny_model: stance.StanceModel) -> None:
    scores, calibration = tiny_model.score(thread_of()), tiny_model.card.calibration
    read = [not reason for reason in scores.reasons]
    for of, columns, temperature in (
        (calibration.stance_probabilities, slice(0, 3), calibration.stance_temperature),
        (calibration.sentiment_probabilities, slice(3, 6), calibration.sentiment_temperature),
    ):
        expected = softmax(scores.logits[:, columns].astype(np.float64) / temperature)
        np.testing.assert_array_equal(of(scores)[read], expected[read])


# A thread on its way


@MANY
def test_each_pair_is_answered_as_it_is_by_itself(sides: Sides, tiny_model: stance.StanceModel) -> None:
    thread = thread_of()
    scores = tiny_model.score(thread, sides=sides)
    assert scores.labels == tuple(side.label for side in sides.all)
    for place, pair in enumerate(sides.pairs()):
        alone = tiny_model.score(thread, sides=pair)
        np.testing.assert_allclose(scores.by_pair[:, place], alone.logits, atol=1e-5)
    assert scores.reasons == alone.reasons


def test_the_order_in_which_sides_are_named_changes_no_answer(tiny_model: stance.StanceModel) -> None:
    as_named = tiny_model.classify(thread_of(), sides=FOUR)
    a, b, c, d = FOUR.all
    turned = tiny_model.classify(thread_of(), sides=Sides(c, a, d, b))
    np.testing.assert_allclose(turned.probabilities, as_named.probabilities[:, [2, 0, 3, 1, 4]], atol=1e-5)
    np.testing.assert_allclose(turned.sentiment_probabilities, as_named.sentiment_probabilities, atol=1e-5)


@MANY
def test_classified_comments_have_a_probability_for_each_side(sides: Sides, tiny_model: stance.StanceModel) -> None:
    stances = tiny_model.classify(thread_of(), sides=sides)
    n = len(sides)
    assert stances.probabilities.shape == (7, n + 1)
    np.testing.assert_allclose(stances.probabilities.sum(axis=1), 1.0)
    assert stances.labels[1] == "neutral"
    assert stances[1].probabilities == (*[0.0] * n, 1.0)
    assert stances[1].reason
    assert list(stances.to_pandas().filter(like="p_").columns)[: n + 1] == list(sides.probability_columns)
    assert stances.to_dataset().column_names == stances.columns
    assert stances[0].label in repr(stances)
    assert 'class="f4"' in stances._repr_html_() or n == 3
    assert stances.stance_errors is stances.tone_errors is None


def test_progress_counts_comments_and_not_what_is_asked_of_them(tiny_open: OpenModel) -> None:
    from stance.encoding import make_examples

    told: list[int] = []
    score_examples(make_examples(thread_of(), FOUR), tiny_open, batch_tokens=64, progress=told.append)
    assert sum(told) == 7


def test_a_stream_answers_as_one_call_does(tiny_model: stance.StanceModel) -> None:
    texts = [f"No pay, no bins, say {n} of us." for n in range(40)]
    streamed = list(tiny_model.stream(texts, sides=THREE))
    together = tiny_model.classify(texts, sides=THREE)
    np.testing.assert_allclose(
        np.concatenate([part.probabilities for part in streamed]), together.probabilities, atol=1e-5
    )


def test_windows_of_a_stream_are_whole_comments(tiny_open: OpenModel) -> None:
    from stance.encoding import make_examples

    examples = list(make_examples(thread_of(), THREE))
    parts = list(stream_scores(examples, tiny_open, window=2))
    assert [len(part) for part in parts] == [2, 2, 2, 1]
    np.testing.assert_allclose(Scores.joined(parts).logits, score_examples(examples, tiny_open).logits, atol=1e-5)


def test_two_and_three_sides_are_not_scored_in_one_call(tiny_open: OpenModel) -> None:
    from stance.encoding import make_examples

    mixed = [*make_examples(thread_of(), THREE), *make_examples(thread_of(), THREE.pairs()[0])]
    for window in (3, 7, 100):
        with pytest.raises(InputError, match="of 3 and of 2 sides"):
            list(stream_scores(mixed, tiny_open, window=window))


def test_scores_of_three_sides_are_kept_and_read_again(tiny_model: stance.StanceModel, tmp_path: Path) -> None:
    scores = tiny_model.score(thread_of(), sides=THREE)
    scores.save(tmp_path / "scores.parquet")
    again = calibrate([thread_of()], Scores.load(tmp_path / "scores.parquet"), tiny_model.card.calibration)
    np.testing.assert_array_equal(again.probabilities, tiny_model.classify(thread_of(), sides=THREE).probabilities)


def test_ctrl_c_leaves_what_was_done_of_three_sides(tiny_model: stance.StanceModel) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(stance.Interrupted) as raised:
        tiny_model.classify(thread_of(), sides=THREE, progress=stop)
    assert raised.value.stances.sides.labels == LABELS
    assert set(raised.value.stances.reasons) == {"not reached: stopped before"}


def test_evidence_is_looked_for_among_all_sides(tiny_model: stance.StanceModel) -> None:
    thread = stance.Thread(
        id="t", comments=tuple(stance.Comment(id=str(i), text=f"Pay them {i}. No strike.") for i in range(30))
    )
    stances = tiny_model.classify(thread, sides=THREE)
    evidence = tiny_model.explain(thread, stances, sides=THREE)
    assert len(evidence) == sum(label != "neutral" for label in stances.labels) > 0
    assert all({row.label, row.runner_up} <= set(LABELS) for row in evidence)
    first = evidence[0]
    text = stances[int(first.comment_id)].comment.text
    alone = tiny_model.classify([text[first.start : first.end]], sides=THREE).probabilities[0]
    assert first.alone != pytest.approx(0)
    assert alone.shape == (4,)
    with pytest.raises(InputError, match="pro-others"):
        tiny_model.explain(thread, stances.one_against_others("airport"), sides=THREE)


def test_comments_to_label_are_chosen_among_three_sides(tiny_model: stance.StanceModel, tmp_path: Path) -> None:
    sheet = tiny_model.suggest(thread_of(12), 5, sides=THREE)
    assert (len(sheet), sheet.labels) == (5, LABELS)
    sheet.write(tmp_path / "sheet.csv")
    rows = sheet.to_records()
    for row in rows:
        row["stance"] = "pro-airlines"
    (tmp_path / "filled.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert [one.stance for one in sheet.read(tmp_path / "filled.jsonl").examples] == [2] * 5
    # The sheet's own column tells who the sides are.
    assert read_labelled(tmp_path / "filled.jsonl").labels == LABELS


def test_a_job_writes_what_classify_says_of_three_sides(tiny_model: stance.StanceModel, tmp_path: Path) -> None:
    threads = [thread_of(), stance.Thread(id="other", comments=(stance.Comment(id="1", text="Cut the bins."),))]
    report = run_job(threads, tmp_path / "out", model=tiny_model, sides=THREE)
    (part,) = (tmp_path / "out" / "parts").glob("*.parquet")
    found = parquet.read_table(part).to_pandas()
    expected = tiny_model.classify(threads, sides=THREE).to_pandas()
    np.testing.assert_allclose(
        found[list(THREE.probability_columns)], expected[list(THREE.probability_columns)], atol=1e-5
    )
    assert found["stance"].tolist() == expected["stance"].tolist()
    assert (report.rows, report.wordless) == (8, 6)
    assert report.computed + report.repeated == 7 * 6
    # A job about two of them is answered by what the first asked.
    cache = tmp_path / "out" / "cache.sqlite"
    assert run_job(threads, tmp_path / "two", model=tiny_model, sides=THREE.pairs()[1], cache=cache).computed == 0


# One side against the others


@MANY
def test_one_against_others_adds_the_others_up(sides: Sides, tiny_model: stance.StanceModel) -> None:
    stances = tiny_model.classify(thread_of(), sides=sides)
    for place, side in enumerate(sides.all):
        two = stances.one_against_others(side.label)
        assert two.sides.labels == (side.stance, "pro-others", "neutral")
        np.testing.assert_allclose(two.probabilities.sum(axis=1), 1.0)
        np.testing.assert_array_equal(two.probabilities[:, 0], stances.probabilities[:, place])
        np.testing.assert_array_equal(two.probabilities[:, 2], stances.probabilities[:, -1])
        assert stances.one_against_others(side.stance).labels == two.labels


def test_a_summary_takes_one_against_others_and_refuses_three(tiny_model: stance.StanceModel, tmp_path: Path) -> None:
    thread = thread_of()
    stances = tiny_model.classify(thread, sides=THREE)
    for ask in (stance.summarize, stance.compare):
        with pytest.raises(InputError, match=r"of 3.*one_against_others\('airport'\)"):
            ask(thread, stances)
    summary = stance.summarize(thread, stances.one_against_others("villagers"))
    assert [share.label for share in summary.by_comments] == ["pro-villagers", "pro-others", "neutral"]
    assert summary.by_comments.method == "counted"
    assert list(summary.to_dict()["sides"]) == ["a", "b"]
    summary.write_html(tmp_path / "report.html")


def test_a_figure_of_comments_refuses_three_sides(tiny_model: stance.StanceModel) -> None:
    from stance import plots

    with pytest.raises(InputError, match="one_against_others"):
        plots.comments(tiny_model.classify(thread_of(), sides=THREE))


def test_one_against_others_needs_a_side_that_there_is_and_more_than_one_other(tiny_model: stance.StanceModel) -> None:
    with pytest.raises(InputError, match="no side 'pilots'; there are airport, villagers, airlines"):
        tiny_model.classify(["x"], sides=THREE).one_against_others("pilots")
    with pytest.raises(InputError, match="two sides already"):
        tiny_model.classify(["x"]).one_against_others("council")


# On the command line


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "runway.csv"
    path.write_text("author,text\nAnn,Pay the council.\nBob,👏\nCy,No strike said the residents.\n", "utf-8")
    return path


def test_the_command_line_shows_and_writes_three_sides(file: Path, tiny_folder: Path, tmp_path: Path) -> None:
    tables: list[Callable[[Path], Sequence[str]]] = [
        lambda path: list(json.loads(path.read_text("utf-8").splitlines()[0])),
        lambda path: path.read_text("utf-8").splitlines()[0].split(","),
        lambda path: parquet.read_schema(path).names,
    ]
    for ending, columns in zip((".jsonl", ".csv", ".parquet"), tables, strict=True):
        out = tmp_path / f"out{ending}"
        result = run("classify", file, "--model", tiny_folder, "--sides", ON_COMMAND_LINE, "--out", out)
        assert result.exit_code == 0, result.output
        assert set(THREE.probability_columns) <= set(columns(out))
    assert "airport: Exton Airport (given); villagers: the villagers of Marl (given); airlines" in result.stderr
    shown = " ".join(result.stdout.split())
    assert all(label in shown for label in LABELS)
    assert "By comments (3)" in shown
    assert "counts of what the model read, not corrected" in shown


def test_a_report_of_three_sides_asks_which_one(file: Path, tiny_folder: Path, tmp_path: Path) -> None:
    words = ("classify", file, "--model", tiny_folder, "--sides", ON_COMMAND_LINE, "--out", tmp_path / "report.html")
    refused = run(*words)
    assert refused.exit_code == 2
    assert "--against-others airport" in " ".join(refused.output.replace("│", " ").split())
    result = run(*words, "--against-others", "villagers")
    assert result.exit_code == 0, result.output
    assert "pro-others" in result.stdout
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Exton Airport, the airlines" in page
    assert run(*words, "--against-others", "pilots").exit_code == 2
    assert run("classify", file, "--against-others", "council").exit_code == 2


# Labels


def test_labels_of_three_sides_are_read(tmp_path: Path) -> None:
    labelled = read_labelled(labelled_rows(), THREE)
    assert labelled.labels == LABELS
    assert [one.stance for one in labelled.examples[:4]] == [0, 1, 2, 3]


def test_a_table_that_classify_wrote_of_three_sides_is_read_with_them(tiny_model: stance.StanceModel) -> None:
    rows = tiny_model.classify([f"Words number {n}" for n in range(9)], sides=THREE).to_records()
    for row in rows:
        row["corrected"] = "airlines"
    labelled = read_labelled(rows)
    assert labelled.labels == LABELS
    assert {one.stance for one in labelled.examples} == {2}
    # Other columns that begin with p_ make no third side.
    council = [{"text": f"x{n}", "label": "council", "p_value": 1, "p_council": 1, "p_union": 0} for n in range(9)]
    assert read_labelled(council).labels == ("pro-council", "pro-union", "neutral")


def test_a_label_becomes_one_a_pair_neutral_where_its_side_is_not_there() -> None:
    pairs = in_pairs(read_labelled(labelled_rows(1)[:4], THREE))
    told = [(one.example.sides.labels[one.stance or 0], len(one.example.sides)) for one in pairs.examples]
    airport, villagers, airlines, neutral = ((label, 2) for label in LABELS)
    # Pairs: airport and villagers, airport and airlines, villagers and airport, and so on.
    assert told[:6] == [airport, airport, airport, neutral, airport, neutral]
    assert told[6:12] == [villagers, neutral, villagers, villagers, neutral, villagers]
    assert told[12:18] == [neutral, airlines, neutral, airlines, airlines, airlines]
    assert told[18:] == [neutral] * 6
    two = read_labelled(labelled_rows(1)[:2], THREE.pairs()[0])
    assert in_pairs(two) is two


def test_what_is_asked_of_one_comment_is_held_out_together() -> None:
    from stance.splitting import group_comments

    rows = [{key: value for key, value in row.items() if key != "author"} for row in labelled_rows(1)]
    groups = group_comments(in_pairs(read_labelled(rows, THREE)))
    assert groups.of_row.tolist() == [i for i in range(8) for _ in range(6)]


@pytest.mark.parametrize("way", ["head", "full"])
def test_a_model_is_trained_and_measured_on_three_sides(
    way: str, tiny_model: stance.StanceModel, tmp_path: Path, monkeypatch
) -> None:
    from dataclasses import replace

    from stance import tuning

    monkeypatch.setattr(tuning, "SETTINGS", replace(tuning.SETTINGS, epochs=2))
    trained = stance.train(labelled_rows(), start=tiny_model, way=way, sides=THREE, out=tmp_path / "own")
    assert any("asked about two at a time" in note for note in trained.card.figures["notes"])
    again = stance.load(tmp_path / "own", device="cpu")
    evaluation = stance.evaluate(labelled_rows(), again, against=tiny_model, sides=THREE)
    assert evaluation.stance.labels == LABELS
    assert (len(evaluation.stance.f1), len(evaluation.stance.confusion)) == (4, 4)
    assert evaluation.stance.macro_f1.value == pytest.approx(np.mean(evaluation.stance.f1))
    assert evaluation.stance_against is not None
    assert again.classify(["pay the council"], sides=THREE).probabilities.shape == (1, 4)


def test_a_head_learns_three_sides(tiny_model: stance.StanceModel) -> None:
    trained = stance.train(labelled_rows(), start=tiny_model, sides=THREE)
    before = stance.evaluate(labelled_rows(), tiny_model, sides=THREE).stance.macro_f1.value
    assert stance.evaluate(labelled_rows(), trained, sides=THREE).stance.macro_f1.value > before + 0.2


def test_doubtful_labels_are_looked_for_among_two_sides_only(tiny_model: stance.StanceModel) -> None:
    with pytest.raises(InputError, match="Labels of 3 sides"):
        stance.doubtful_labels(labelled_rows(), tiny_model, sides=THREE)


def test_the_estimator_takes_three_classes_and_neutral(tiny_model: stance.StanceModel, tmp_path: Path) -> None:
    rows = labelled_rows()
    texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]
    fitted = stance.StanceEstimator(tiny_model).fit(texts, labels)
    assert fitted.sides_.labels == ("pro-airlines", "pro-airport", "pro-villagers", "neutral")
    chances = fitted.predict_proba([*texts, "👏"])
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    assert (fitted.predict(texts) == labels).mean() > 0.5
    assert fitted.predict(["👏"]).tolist() == ["neutral"]
    fitted.save(tmp_path / "mine")
    np.testing.assert_allclose(
        stance.StanceEstimator.load(tmp_path / "mine", device="cpu").predict_proba(texts), chances[:-1], atol=1e-6
    )
