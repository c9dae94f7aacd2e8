"""Write the tables of the README and the model card from the result files: ``python -m benchmarks.render``.

Each table stands between two marker comments; a test fails where a table differs from its results. The README's
transcript is what ``stance classify`` prints of the example thread, its middle left out.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.results import RESULTS, read_result
from benchmarks.speed_plot import write_speed_plot
from stance.api import PACKAGED, packaged_folder

ROOT = Path(__file__).parents[1]
PAGES = (
    ROOT / "README.md",
    ROOT / "benchmarks" / "README.md",
    ROOT / "benchmarks" / "corpus" / "README.md",
    *(packaged_folder(name) / "README.md" for name in PACKAGED),
)
SPEED_PLOT = ROOT / "docs" / "speed.svg"
_BLOCK = re.compile(r"<!-- table: (?P<name>\w+) -->\n.*?<!-- end -->", re.DOTALL)

_TRANSCRIPT = re.compile(r"<!-- transcript -->\n.*?<!-- end -->", re.DOTALL)
_ROWS_SHOWN = 11  # lines of the table, its title and head among them


def main() -> None:
    for page in PAGES:
        page.write_text(rendered(page.read_text("utf-8")), "utf-8")
    readme = PAGES[0].read_text("utf-8")
    PAGES[0].write_text(
        _TRANSCRIPT.sub(lambda _: f"<!-- transcript -->\n{transcript()}\n<!-- end -->", readme), "utf-8"
    )
    write_speed_plot(SPEED_PLOT)
    for name in PACKAGED:
        path = packaged_folder(name) / "stance.json"
        path.write_text(with_figures(path.read_text("utf-8"), name), "utf-8")


def rendered(text: str) -> str:
    """A page with its tables made anew."""
    return _BLOCK.sub(lambda block: f"<!-- table: {block['name']} -->\n{TABLES[block['name']]()}\n<!-- end -->", text)


def with_figures(card: str, name: str) -> str:
    """A model's card with the figures of the quality benchmark in it."""
    raw = json.loads(card)
    result = read_result("quality")
    raw["figures"] = {
        "command": result["command"],
        "dataset": result["dataset"],
        **result["metrics"]["models"][name],
    }
    return json.dumps(raw, indent=2, ensure_ascii=False) + "\n"


def transcript() -> str:
    """What the command line prints of the example thread: the first rows, and the shares."""
    words = ["classify", "examples/harbour-libraries.txt"]
    program = Path(sys.executable).with_name("stance")
    printed = subprocess.run([program, *words], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    table, bars = printed.split("\nBy comments", 1)
    lines = [line.rstrip() for line in (*table.splitlines()[:_ROWS_SHOWN], "  ⋮", *f"By comments{bars}".splitlines())]
    return "\n".join(["```", f"$ stance {' '.join(words)}", *lines, "```"])


def quality_table() -> str:
    """Stance on real comments, beside the rivals."""
    result = read_result("quality")
    slow = [read_result(name) for name in ("few_shot", "nli") if (RESULTS / f"{name}.json").exists()]
    models = {f"**stance {name}**": figures for name, figures in result["metrics"]["models"].items()}
    rows = [
        *result["metrics"]["rivals"].items(),
        *(row for other in slow for row in _slow_rivals(other)),
        *models.items(),
    ]
    body = (
        (
            name,
            _with_interval(figures),
            *(_two(figures["f1"][label]) for label in figures["f1"]),
            _two(figures["accuracy"]),
        )
        for name, figures in sorted(rows, key=lambda row: row[1]["macro_f1"])
    )
    head = ("", "macro-F1 [95 %]", "F1 pro-council", "F1 pro-union", "F1 neutral", "accuracy")
    what = f"{result['dataset']['n']} real comments that trained nothing"
    others = "".join(f"; `{other['command']}`" for other in slow)
    return _table(head, body) + _source(result, what + others)


def _slow_rivals(result: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    metrics = result["metrics"]
    if result["name"] != "nli":
        return list(metrics.items())
    title = f"zero-shot NLI ({metrics['model']}), the better of {len(metrics['wordings'])} wordings"
    return [(title, metrics["wordings"][metrics["best"]])]


def model_table() -> str:
    """What else was measured of the model."""
    result = read_result("quality")
    models = result["metrics"]["models"]
    rows: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
        ("stance, macro-F1, all rows", _with_interval),
        ("stance, macro-F1, a council's own disputes only", lambda f: _two(f["macro_f1_council_only"])),
        ("stance, macro-F1, rows on which careful readers agree", lambda f: _two(f["macro_f1_sure_rows"])),
        ("accuracy of the surest half", lambda f: _two(f["accuracy_surest_half"])),
        ("share called sure", lambda f: _percent(f["sure_share"])),
        ("accuracy where sure", lambda f: _two(f["accuracy_where_sure"])),
        ("expected calibration error", lambda f: _two(f["ece"])),
        ("Brier score", lambda f: _two(f["brier"])),
        ("sentiment, macro-F1", lambda f: _two(f["sentiment_macro_f1"])),
        (
            "both right when the sides are named in the other order (the same input)",
            lambda f: _two(f["contrast"]["swapped_right"]),
        ),
        (
            "the Southampton thread, comments right",
            lambda f: f"{f['seed_002_right']} of {f['seed_002_comments']}; from the page {f['seed_002_end_to_end']}",
        ),
        ("held-out disputes of our corpus, macro-F1", lambda f: _two(f["held_out"]["corpus"]["macro_f1"])),
        ("edited contrast sets of these, right as a whole", lambda f: _two(f["contrast"]["edited_right"])),
        ("held-out real debates on other subjects, macro-F1", lambda f: _two(f["held_out"]["real"]["macro_f1"])),
        ("real comments under sides of all kinds, macro-F1", lambda f: _two(f["held_out"]["other_sides"]["macro_f1"])),
    ]
    body = ((title, *(figure(figures) for figures in models.values())) for title, figure in rows)
    what = f"{result['dataset']['n']} real comments but for the last four rows"
    return _table(("", *models), body) + _source(result, what)


def ablation_table() -> str:
    """What each part of the input gives."""
    result = read_result("ablation")
    model = result["dataset"]["model"]
    sizes = result["dataset"]["n"]
    titles = {
        "gold": "real comments",
        "held_out_corpus": "held-out corpus",
        "held_out_real": "held-out real debates",
        "held_out_replies": "replies among them",
        "held_out_post_authors": "post authors among them",
    }
    head = ("macro-F1 of stance", *(f"{title} ({sizes[name]})" for name, title in titles.items()))
    rows = ((row, *(_two(figures[name]) for name in titles)) for row, figures in result["metrics"].items())
    return _table(head, rows) + _source(result, f"stance {model}, asked with parts left out")


def fairness_table() -> str:
    """How often another way to write the same turns the answer over."""
    result = read_result("fairness")
    models = result["metrics"]
    variants = [name for name in result["dataset"]["n"] if name != "original"]
    columns = ("turned over", "accuracy, as it was")
    head = ("the same, told in", "comments", *(f"{model}: {column}" for model in models for column in columns))
    rows = [
        (
            name,
            str(result["dataset"]["n"][name]),
            *(text for of in models.values() for text in _flips(of["variants"][name])),
        )
        for name in variants
    ]
    sums = [
        (
            title,
            str(next(iter(models.values()))[name]["n"]),
            *(t for of in models.values() for t in (_flip_rate(of[name]), "")),
        )
        for name, title in (("dialects", "the five dialects together"), ("all", "**all**"))
    ]
    what = "answers that differ from the answer to the original [95 %]"
    return _table(head, [*rows, *sums]) + _source(result, what)


def _flips(figures: dict[str, Any]) -> tuple[str, str]:
    return _flip_rate(figures), f"{_two(figures['accuracy'])}, {_two(figures['originals']['accuracy'])}"


def _flip_rate(figures: dict[str, Any]) -> str:
    low, high = figures["interval"]
    return f"{_percent(figures['flip_rate'])} [{_percent(low)}, {_percent(high)}]"


def transfer_table() -> str:
    """The models on public test sets."""
    results = [read_result(name) for name in ("transfer_base", "transfer") if (RESULTS / f"{name}.json").exists()]
    columns = [(result, name) for result in results for name in next(iter(result["metrics"].values()))["models"]]
    head = (
        "test set",
        "figure",
        "one answer for all",
        *(f"{model}{title}" for _, model in columns for title in (" (rows)", ", without the target")),
        "others, in percent",
    )
    rows = (
        (
            title,
            _FIGURES[entry["figure"]],
            _two(entry["one_answer"]),
            *(
                text
                for result, model in columns
                for text in (
                    f"{_two(result['metrics'][title]['models'][model])} ({result['metrics'][title]['n']})",
                    _two(result["metrics"][title]["without_target"].get(model)),
                )
            ),
            entry["published"] or "-",
        )
        for title, entry in results[-1]["metrics"].items()
    )
    what = "rows drawn at random of each set, without texts that may have trained the models"
    others = "".join(f"; `{result['command']}`" for result in results[:-1])
    return _table(head, rows) + _source(results[-1], what + others)


_FIGURES = {
    "macro_f1": "macro-F1",
    "f_average": "F_avg",
    "f_average_by_target": "F_avg, mean of targets",
    "macro_recall": "macro recall",
}


def learning_curve_table() -> str:
    """What more data gives two rivals."""
    result = read_result("learning_curve")
    sets = {"gold": "real comments", "held_out_corpus": "held-out corpus", "held_out_real": "held-out real debates"}
    head = ("macro-F1", "share of the disputes", "comments", *sets.values())
    rows = (
        (
            name,
            _percent_exact(point["share"]),
            f"{point['n']:,}",
            *(_mean_and_spread(point.get(title)) for title in sets),
        )
        for name, points in result["metrics"].items()
        for point in points
    )
    what = f"mean and spread of {result['dataset']['draws']} drawings of whole disputes"
    return _table(head, rows) + _source(result, what)


def speed_table() -> str:
    """How fast it reads, beside other ways to run the same network."""
    result = read_result("speed")
    figures, dataset, hardware = result["metrics"], result["dataset"], result["hardware"]
    sizes = figures.get("other_sizes", {})
    rows = _engine_rows(figures["engines"], "")
    for size, of in sizes.items():
        rows += _engine_rows(of["engines"], f"{size}: ")
    head = ("", "comments a second", "time beside stance", "same stance as the stock network")
    gone = [*figures["missing"], *(one for of in sizes.values() for one in of["missing"])]
    missing = "".join(f" {one['name']}: not run ({one['reason']})." for one in gone)
    also = "".join(
        f" Below, stance {size} on {of['comments']} of them, its network at"
        f" {_percent(of['limit']['network_share_of_peak'])} of its products' speed."
        for size, of in sizes.items()
    )
    limit, start, million = figures["limit"], figures["start"], figures["per_million"]
    growth = figures["workloads"].get("growth")
    if growth:
        also += (
            f" {growth['to']:,} short comments cost {growth['cost_beside_a_straight_one']:.2f} times what"
            f" {growth['from']:,} would, straight."
        )
    what = (
        f"stance {dataset['model']}, {dataset['precision']}, {hardware['processor']}, {hardware['threads']} threads,"
        f" {dataset['n']} comments of {dataset['tokens_mean']:.0f} tokens in the mean.{missing}{also} The network"
        f" runs at {_percent(limit['network_share_of_peak'])} of what bare matrix products of its shapes reach here,"
        f" the whole path at {_percent(limit['whole_share_of_peak'])}; a million comments cost"
        f" {million['core_hours']:.0f} core"
        f" hours; the first answer comes {start['first_answer_seconds']:.1f} s after a cold start"
    )
    return _table(head, rows) + _source(result, what)


def _engine_rows(engines: dict[str, dict[str, Any]], prefix: str) -> list[tuple[str, ...]]:
    ways = sorted(engines.items(), key=lambda way: -way[1]["comments_per_second"])
    return [
        (
            f"**{prefix}{name}**" if name == "stance" else prefix + name,
            f"{one['comments_per_second']:.1f}",
            f"{one['stance_is_faster_by']:.2f}",
            "another head" if one["label_agreement"] is None else _percent_exact(one["label_agreement"]),
        )
        for name, one in ways
    ]


def report_table() -> str:
    """How fast a long report opens."""
    result = read_result("report")
    figures = result["metrics"]
    titles = {
        "until the whole document is there and a frame is ready": "frame",
        "a jump to the last comment": "jump",
        "a search through all comments, its wait for more letters in it": "search",
    }
    rows = []
    for title, name in titles.items():
        wall = next(v for k, v in figures.items() if k.startswith(f"milliseconds_to_{name}"))
        spent = figures[f"milliseconds_of_processor_to_{name}"]
        rows.append((title, *(f"{of['median']} ({of['least']} to {of['most']})" for of in (wall, spent))))
    head = (f"report of {result['dataset']['n']:,} comments", "milliseconds, median (range)", "of the processor")
    what = (
        f"{figures['megabytes']} MB, {figures['runs']} runs in {figures['browser']}, {result['hardware']['processor']}"
    )
    return _table(head, rows) + _source(result, what)


def corpus_table() -> str:
    """What the corpus is."""
    result = read_result("corpus_check")
    figures = result["metrics"]
    rows = [
        ("comments", str(figures["comments"])),
        ("threads", str(figures["threads"])),
        ("of public employers and their workers", _percent(figures["share_of_public_employers"])),
        *(
            (title, _percent(figures[name]))
            for title, name in (
                ("for side a", "share_pro_a"),
                ("for side b", "share_pro_b"),
                ("neutral", "share_neutral"),
                ("that name neither union nor council nor strike", "share_without_side_words"),
                ("sided comments with their evidence marked", "with_evidence"),
                ("labelled twice", "labelled_twice"),
            )
        ),
        ("kappa of the two stances", _two(figures["kappa_stance"])),
        ("contrast sets", str(figures["contrast_sets"])),
        (
            "characters: a tenth under, median, a tenth over",
            f"{figures['length_tenth']}, {figures['length_median']}, {figures['length_ninetieth']}",
        ),
        ("near-duplicates", str(figures["near_duplicates"])),
        ("macro-F1 of a bag of words on the test disputes", _two(figures["bag_of_words_macro_f1"])),
    ]
    kappas = ", ".join(f"{tag} {_two(of['kappa'])} ({of['n']})" for tag, of in figures["kappa_by_tag"].items())
    return (
        _table(("our corpus", ""), rows)
        + f"\n\nKappa by phenomenon (comments): {kappas}.\n\n*`{result['command']}`, {result['date']}.*"
    )


def readers_table() -> str:
    """How right each format is read."""
    result = read_result("readers")
    head = ("format", "files", "comments", "boundary F1", "authors", "parents", "times")
    shares = ("boundary_f1", "author_accuracy", "parent_accuracy", "time_accuracy")
    rows = (
        (name.replace("_", " "), str(figures["files"]), str(figures["comments"]), *(_two(figures[s]) for s in shares))
        for name, figures in result["metrics"]["formats"].items()
    )
    costs = result["metrics"]["costs"]
    dump, pages = costs["json_lines"], costs["saved_pages"]
    of_pages = " and ".join(
        f"{page['comments']} comments ({page['kilobytes_in']:,.0f} kB) {page['seconds']:.2f} s" for page in pages
    )
    what = (
        f"{result['dataset']['n']} files written for this in each form's markup. {dump['comments']:,} comments as JSON"
        f" lines take {dump['seconds']:.1f} s and {dump['megabytes']:.0f} MB, saved pages"
        f" of {of_pages}"
    )
    return _table(head, rows) + _source(result, what) + "\n" + damaged_files()


def unseen_table() -> str:
    """How right copies are read that nobody had seen before."""
    result = read_result("readers")
    head = ("copies", "files", "comments", "boundary F1", "authors", "parents")
    parts = ("boundary_f1", "author_accuracy", "parent_accuracy")
    rows = (
        (name.replace("_", " "), str(of["files"]), str(of["comments"]), *(_two(of[part]) for part in parts))
        for name, of in result["metrics"]["unseen"].items()
    )
    return _table(head, rows) + _source(result, "text copies that no reader was made for and no weights learned from")


def damaged_files() -> str:
    """What came of damaged files, in a sentence."""
    result = read_result("fuzz_readers")
    n, found = result["dataset"]["n"], result["metrics"]
    n_other = n - found["read"] - found["refused"]
    n_slow = len(found["failures"]) - n_other
    return (
        f"Of {n:,} damaged files {found['read']:,} gave threads, {found['refused']:,} a clear error and"
        f" {n_other} another; {n_slow} took more than 5 s or 500 MB a megabyte, 99 of 100 less than"
        f" {found['seconds_99th_percentile']:.1f} s (`{result['command']}`)."
    )


def evidence_table() -> str:
    """How often the pointed sentence is right."""
    result = read_result("evidence")
    titles = {
        "pointed": "**what the library points at**",
        "alone": "asked alone, the end not preferred",
        "left_out": "by leaving it out",
        "both": "by both",
        "first": "the first sentence",
        "last": "the last",
        "longest": "the longest",
        "random": "one at random",
    }
    sets = {
        "multi_sentence_labelled_right": "several sentences, labelled right",
        "multi_sentence": "several sentences",
        "all_labelled_right": "all, labelled right",
        "all": "all",
    }
    models = result["metrics"]
    head = (
        "the marked words are in",
        *(f"{name}: {title} ({models[name][of]['n']})" for name in models for of, title in sets.items()),
    )
    rows = ((title, *(_two(models[name][of][way]) for name in models for of in sets)) for way, title in titles.items())
    costs = "; ".join(
        f"{name} reads {figures['cost']['short']['tokens_beside_classifying']:.1f} times the tokens of classifying to"
        f" explain comments of up to four sentences, {figures['cost']['all']['tokens_beside_classifying']:.1f} times"
        " to explain all"
        for name, figures in models.items()
    )
    return _table(head, rows) + _source(result, f"{result['dataset']['n']} {result['dataset']['name']}; {costs}")


def three_sides_table() -> str:
    """What a third side costs."""
    result = read_result("three_sides")
    titles = {
        "two_sides": "two sides",
        "three_sides": "**three**",
        "neutral_of_all_pairs": "three, neutral pooled over all pairs",
    }
    head = (
        *("", "macro-F1", "F1 side a", "F1 side b", "F1 neutral", "right side", "right side, other disputes"),
        *("answered for the paper", "sure", "right where sure"),
    )
    models = result["metrics"]
    rows = (
        (
            f"{name}: {title}",
            _two(models[name][way]["macro_f1"]),
            *map(_two, models[name][way]["f1"]),
            _percent(models[name][way]["right_side"]),
            _percent(models[name][way]["right_side_other_disputes"]),
            _percent(models[name][way]["answered_paper"]),
            _percent(models[name][way]["sure_share"]),
            _two(models[name][way]["accuracy_where_sure"]),
        )
        for name in models
        for way, title in titles.items()
    )
    n_other = models[next(iter(models))]["three_sides"]["n_sided_other_disputes"]
    what = (
        f"{result['dataset']['n']} comments of the corpus' test disputes; macro-F1 over the two sides and neutral;"
        " right side: of the comments for a side that were answered with one, how many got theirs; other disputes: not"
        f" of council and union ({n_other} such comments)"
    )
    return _table(head, rows) + _source(result, what)


def prevalence_table() -> str:
    """How right the shares are."""
    result = read_result("prevalence")
    head = (
        "threads of the corpus, all mixes",
        "comments",
        *(f"error, {name}" for name in ("plain counts", "ACC", "PACC", "EMQ")),
        "**error, stance**",
        "**intervals that hold**",
        "their width",
        "by people: error",
        "hold",
    )
    rows = (
        (
            f"stance {name}",
            size,
            *(_three(of["mean_absolute_error"][method]) for method in ("counting", "ACC", "PACC", "EMQ", "stance")),
            _three(of["coverage"]),
            _two(of["mean_width"]),
            _three(of["people_mean_absolute_error"]),
            _three(of["people_coverage"]),
        )
        for name, figures in result["metrics"].items()
        for size, of in figures["drawn_threads"].items()
    )
    drawn = {
        size: of["threads"] for figures in result["metrics"].values() for size, of in figures["drawn_threads"].items()
    }
    what = f"mean absolute error of a share, 95 % intervals; {sum(drawn.values())} threads a model"
    return _table(head, rows) + _source(result, what)


def whole_sets_table() -> str:
    """The shares of whole sets, and of their disputes one by one."""
    result = read_result("prevalence")
    head = (
        "",
        "comments",
        "for side a: true",
        "told",
        "for side b: true",
        "told",
        "one by one: hold",
        "error",
        "counted",
        "ACC",
        "PACC",
        "EMQ",
    )
    rows = (
        (
            f"stance {name}, {_SETS[title]}",
            str(whole["comments"]),
            *(
                text
                for label in list(whole["true"])[:2]
                for text in (_percent(whole["true"][label]), _told(whole, label))
            ),
            _two(figures["each"][title]["coverage"]),
            _two(figures["each"][title]["mean_absolute_error"]),
            _two(figures["each"][title]["mean_absolute_error_counted"]),
            *(_two(figures["each"][title]["of_others"][estimator]) for estimator in ("ACC", "PACC", "EMQ")),
        )
        for name, figures in result["metrics"].items()
        for title, whole in figures["whole"].items()
    )
    return _table(head, rows) + _source(result, "each set as it is; one by one: each of its disputes")


def _told(whole: dict[str, Any], label: str) -> str:
    low, high = whole["interval"][label]
    return f"{_percent(whole['share'][label])} [{_percent(low)} to {_percent(high)}]"


_SETS = {"corpus": "the corpus' test disputes", "real": "real debates", "gold": "real comments"}


def few_labels_table() -> str:
    """What labels of one's own are worth, debate by debate."""
    result = read_result("few_labels")
    debates = result["metrics"]["debates"]
    sizes = sorted({int(size) for ways in debates.values() for of in ways.values() for size in of})
    rows = (
        (debate, way, *(_mean_and_spread(of.get(str(size))) for size in sizes))
        for debate, ways in debates.items()
        for way, of in ways.items()
    )
    what = (
        "macro-F1 on comments set aside; mean and spread where the labels were drawn more than once, else one draw; a"
        " dash where the debate has fewer labels, or it was not run"
    )
    return _table(("debate", "labels", *map(str, sizes)), rows) + _source(result, what)


def _mean_and_spread(figures: dict[str, Any] | None) -> str:
    if figures is None:
        return "-"
    spread = figures["spread"] if figures.get("n") != 1 else None
    return _two(figures["macro_f1"]) + ("" if spread is None else f" ± {_two(spread)}")


def suggest_table() -> str:
    """What suggested labels give beside random ones."""
    result = read_result("suggest")
    metrics = result["metrics"]
    even, rare = metrics["debates"]["as they are"], metrics["debates"]["one side rare"]
    whole = metrics["public targets together"]
    head = (
        *("macro-F1 on held-out comments", "0 labels", "128 random", "90 suggested", "128 suggested"),
        *("one side rare: 128 random", "90 suggested", "of that side in 64 random", "in 64 suggested"),
    )
    rows = [
        *((name, even[name], rare[name]) for name in even),
        ("**public targets together**", whole["as they are"], whole["one side rare"]),
    ]
    body = (
        (
            name,
            _two(plain["before"]),
            *(_two(value) for value in (plain["random"][-1], plain["suggest_at_90"], plain["suggest"][-1])),
            *(_two(value) for value in (thinned["random"][-1], thinned["suggest_at_90"])),
            *(f"{thinned['of_a_side_in_64'][way]:.0f}" for way in ("random", "suggest")),
        )
        for name, plain, thinned in rows
    )
    what = f"stance {result['dataset']['model']}, last layer trained, means of {metrics['repeats']} drawings"
    return _table(head, body) + _source(result, what)


TABLES = {
    "evidence": evidence_table,
    "three_sides": three_sides_table,
    "prevalence": prevalence_table,
    "whole_sets": whole_sets_table,
    "few_labels": few_labels_table,
    "corpus": corpus_table,
    "readers": readers_table,
    "unseen": unseen_table,
    "quality": quality_table,
    "model": model_table,
    "ablation": ablation_table,
    "speed": speed_table,
    "report": report_table,
    "suggest": suggest_table,
    "fairness": fairness_table,
    "transfer": transfer_table,
    "learning_curve": learning_curve_table,
}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _source(result: dict[str, Any], what: str) -> str:
    return f"\n\n*{what}; `{result['command']}`, {result['date']}.*"


def _with_interval(figures: dict[str, Any]) -> str:
    if "spread" in figures:
        return f"{_mean_and_spread(figures)}, {len(figures['draws'])} draws"
    low, high = figures["interval"]
    return f"{_two(figures['macro_f1'])} [{_two(low)}, {_two(high)}]"


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _three(value: float) -> str:
    return f"{value:.3f}"


def _percent_exact(value: float) -> str:
    return f"{value:.1%}"


def _percent(value: float) -> str:
    return f"{value:.0%}"


if __name__ == "__main__":
    main()
