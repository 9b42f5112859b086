"""Figures against scikit-learn and against examples worked by hand."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.special import logit as scipy_logit
from scipy.special import softmax as scipy_softmax
from sklearn import metrics as sk

from tunesmith.catalog import Catalog
from tunesmith.errors import TunesmithError
from tunesmith.explain.curves import Curve, smoothed, thinned
from tunesmith.scores.answers import NO_ANSWER, chosen, log_odds, sigmoid, softmax, two_columns
from tunesmith.scores.areas import precision_area, precision_recall_curve, roc_area, roc_curve
from tunesmith.scores.calibration import calibrate
from tunesmith.scores.classes import (
    class_report,
    confusion_matrix,
    interval,
    most_confused,
    multilabel_report,
    row_shares,
)
from tunesmith.scores.language import language_scores
from tunesmith.scores.metrics import ACCURACY, OF_CLASSES, RMSE, is_better
from tunesmith.scores.numbers import number_scores
from tunesmith.scores.one_label import one_label
from tunesmith.scores.several_labels import several_labels
from tunesmith.tasks.parts.judge_class import judge_class
from tunesmith.tasks.parts.judge_labels import judge_labels

LABELS = ("cat", "dog", "bird")


def sample(seed: int, rows: int, classes: int = 3):
    generator = np.random.default_rng(seed)
    return generator.integers(0, classes, rows), generator.integers(0, classes, rows)


@given(seed=st.integers(0, 10_000), rows=st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_report_by_class_equals_scikit_learn(seed, rows):
    targets, predicted = sample(seed, rows)
    report = class_report(targets, predicted, LABELS)
    found = sk.precision_recall_fscore_support(targets, predicted, labels=[0, 1, 2], zero_division=0)
    for place, name in enumerate(("precision", "recall", "f1", "support")):
        assert [getattr(figures, name) for figures in report.by_class] == pytest.approx(found[place])
    weighted = sk.precision_recall_fscore_support(targets, predicted, average="weighted", zero_division=0)
    mean = report.averages["weighted"]
    assert (mean.precision, mean.recall, mean.f1) == pytest.approx(weighted[:3])
    assert report.averages["micro"].f1 == pytest.approx(np.mean(targets == predicted))
    assert (
        confusion_matrix(targets, predicted, 3).tolist()
        == sk.confusion_matrix(targets, predicted, labels=[0, 1, 2]).tolist()
    )


def test_macro_is_over_the_classes_that_a_row_has_or_an_answer_gives():
    targets, predicted = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])
    labels = ("cat", "dog", "bird", "cow")
    report = class_report(targets, predicted, labels)
    found = sk.precision_recall_fscore_support(targets, predicted, average="macro", zero_division=0)
    macro = report.averages["macro"]
    assert (macro.precision, macro.recall, macro.f1) == pytest.approx(found[:3])  # cat, dog, bird; no cow


def test_multilabel_report_equals_scikit_learn():
    generator = np.random.default_rng(3)
    targets, predicted = generator.random((50, 3)) > 0.6, generator.random((50, 3)) > 0.5
    report = multilabel_report(targets, predicted, LABELS)
    for average in ("macro", "micro", "weighted"):
        found = sk.precision_recall_fscore_support(targets, predicted, average=average, zero_division=0)
        figures = report.averages[average]
        assert (figures.precision, figures.recall, figures.f1) == pytest.approx(found[:3])


def test_a_row_without_an_answer_is_wrong_and_in_no_column():
    targets, predicted = np.array([0, 0, 1]), np.array([0, NO_ANSWER, 1])
    assert confusion_matrix(targets, predicted, 2).tolist() == [[1, 0], [0, 1]]
    report = class_report(targets, predicted, ("a", "b"))
    assert report.by_class[0].recall == 0.5
    assert report.by_class[0].precision == 1.0
    assert report.averages["micro"].recall == pytest.approx(2 / 3)


def test_row_shares_and_confused_pairs():
    counts = np.array([[6, 3, 1], [0, 5, 0], [0, 0, 0]])
    assert row_shares(counts).tolist() == [[0.6, 0.3, 0.1], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    assert most_confused(counts, LABELS) == [
        {"true": "cat", "predicted": "dog", "rows": 3, "share": 0.3},
        {"true": "cat", "predicted": "bird", "rows": 1, "share": 0.1},
    ]


@given(seed=st.integers(0, 10_000), rows=st.integers(2, 80), levels=st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_areas_equal_scikit_learn_also_with_ties(seed, rows, levels):
    generator = np.random.default_rng(seed)
    truth, scores = generator.random(rows) > 0.5, generator.integers(0, levels, rows) / levels
    if truth.any() and not truth.all():
        assert roc_area(truth, scores) == pytest.approx(sk.roc_auc_score(truth, scores))
        across, up = roc_curve(truth, scores)
        assert np.trapezoid(up, across) == pytest.approx(roc_area(truth, scores))
    else:
        assert math.isnan(roc_area(truth, scores))
        assert not len(roc_curve(truth, scores)[0])
    if truth.any():
        assert precision_area(truth, scores) == pytest.approx(sk.average_precision_score(truth, scores))
        assert precision_recall_curve(truth, scores)[0][-1] == 1.0
    else:
        assert math.isnan(precision_area(truth, scores))


def test_calibration_by_hand():
    # 3 answers at 0.9 of which 2 are right, 2 answers at 0.6 that are both right, in bins of width 0.1
    found = calibrate(np.array([0.9, 0.9, 0.9, 0.6, 0.6]), np.array([True, True, False, True, True]), bins=10)
    assert found is not None
    assert found.error == pytest.approx(3 / 5 * (0.9 - 2 / 3) + 2 / 5 * (1.0 - 0.6))
    assert [entry.rows for entry in found.bins] == [2, 3]
    assert calibrate(np.zeros(0), np.zeros(0, bool)) is None


def test_calibration_takes_the_borders_0_and_1():
    found = calibrate(np.array([0.0, 1.0]), np.array([False, True]))
    assert found is not None
    assert found.error == 0.0
    assert sum(entry.rows for entry in found.bins) == 2


def test_errors_of_numbers_equal_scikit_learn():
    generator = np.random.default_rng(0)
    targets = generator.normal(3.0, 2.0, 200)
    predicted = targets + generator.normal(0.1, 0.5, 200)
    (found,) = number_scores(targets, predicted).by_target
    assert found["mae"] == pytest.approx(sk.mean_absolute_error(targets, predicted))
    assert found["rmse"] == pytest.approx(sk.root_mean_squared_error(targets, predicted))
    assert found["r2"] == pytest.approx(sk.r2_score(targets, predicted))
    assert found["median_error"] == pytest.approx(sk.median_absolute_error(targets, predicted))
    assert found["mean_mae"] == pytest.approx(sk.mean_absolute_error(targets, np.full(200, targets.mean())))


@given(seed=st.integers(0, 10_000), rows=st.integers(2, 60), targets=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_several_targets_are_judged_one_by_one_then_averaged_as_in_scikit_learn(seed, rows, targets):
    generator = np.random.default_rng(seed)
    scale = 10.0 ** generator.integers(-2, 6, targets)  # units that differ by far: flattened, the largest would rule
    truth = generator.normal(size=(rows, targets)) * scale + scale
    answers = truth + generator.normal(size=(rows, targets)) * scale * generator.random(targets)
    found = number_scores(truth, answers)
    for name, judge in (
        ("mae", sk.mean_absolute_error),
        ("rmse", sk.root_mean_squared_error),
        ("r2", sk.r2_score),
        ("median_error", sk.median_absolute_error),
    ):
        each = judge(truth, answers, multioutput="raw_values")
        assert [figures[name] for figures in found.by_target] == pytest.approx(list(each))
        assert found.mean[name] == pytest.approx(judge(truth, answers, multioutput="uniform_average"))


def test_a_prediction_that_is_not_finite_leaves_no_figure_of_its_target():
    truth = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 4.0]])
    answers = np.array([[1.0, 1.0], [np.nan, 2.0], [np.inf, 4.0]])
    found = number_scores(truth, answers)
    assert found.not_finite == 2
    assert math.isnan(found.by_target[0]["mae"]) and math.isnan(found.metrics()["mae"])
    assert math.isnan(found.metrics()["r2"])
    assert found.of_finite[0]["mae"] == found.by_target[1]["mae"] == 0.0
    assert math.isnan(number_scores(np.zeros((0, 1)), np.zeros((0, 1))).metrics()["mae"])


@pytest.mark.parametrize("value", [0.1, 1234.567, 1e8 + 0.1])
@pytest.mark.parametrize("rows", [3, 7, 30])
def test_equal_targets_have_no_r2_whatever_their_mean_rounds_to(value, rows):
    found = number_scores(np.full(rows, value), np.full(rows, value) + 0.5)
    assert math.isnan(found.mean["r2"])
    assert (found.mean["mean_mae"], found.mean["mean_rmse"]) == (0.0, 0.0)
    assert found.mean["mae"] == pytest.approx(0.5)


def test_a_target_of_equal_values_has_no_r2_and_is_left_out_of_the_mean():
    truth = np.array([[1.0, 5.0], [2.0, 5.0]])
    found = number_scores(truth, truth)
    assert math.isnan(found.by_target[1]["r2"])
    assert found.mean["r2"] == 1.0


def test_perplexity_is_over_all_tokens_not_a_mean_over_documents():
    found = language_scores(np.array([[2.0, 1.0], [3.0, 9.0]]))
    assert found.loss == pytest.approx(0.5)
    assert found.perplexity == pytest.approx(math.exp(0.5))
    assert found.bits_per_token == pytest.approx(0.5 / math.log(2))
    assert language_scores(np.array([[1e6, 1.0]])).perplexity == math.inf
    broken = language_scores(np.array([[2.0, 1.0], [np.nan, 1.0]]))
    assert math.isnan(broken.perplexity) and broken.not_finite == 1


def test_probabilities_and_answers():
    logits = np.array([[1000.0, 0.0], [0.0, math.log(3.0)], [np.nan, 1.0], [np.inf, 1.0]])
    found = softmax(logits)
    assert found[1].tolist() == pytest.approx([0.25, 0.75])
    assert found[0].tolist() == pytest.approx([1.0, 0.0])
    assert chosen(found).tolist() == [0, 1, NO_ANSWER, NO_ANSWER]
    assert sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist() == pytest.approx([0.0, 0.5, 1.0])
    single = softmax(two_columns(np.array([[0.4], [-2.0]])))
    assert single[:, 1].tolist() == pytest.approx(sigmoid(np.array([0.4, -2.0])).tolist())


def test_interval_by_hand():
    # 8 of 10: Wilson's interval is 0.490 to 0.943
    assert interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert interval(0, 0) == (0.0, 1.0)
    low, high = interval(5, 5)
    assert 0.5 < low < high == pytest.approx(1.0)


def test_the_moving_average_starts_at_the_first_value():
    assert smoothed(np.array([4.0, 4.0, 4.0]), 0.9).tolist() == pytest.approx([4.0, 4.0, 4.0])
    # weights 0.9 * 0.1 and 0.1, scaled to add up to 1
    assert smoothed(np.array([1.0, 2.0]), 0.9)[1] == pytest.approx((0.09 * 1.0 + 0.1 * 2.0) / 0.19)


def test_thinning_keeps_the_mean_and_the_last_step():
    curve = Curve(steps=np.arange(100_000), values=np.arange(100_000, dtype=float))
    found = thinned(curve, 1000)
    assert len(found) == 1000
    assert found.steps[-1] == 99_999
    assert found.values.mean() == pytest.approx(curve.values.mean())


def same(found, expected):
    assert (math.isnan(found) and math.isnan(expected)) or found == pytest.approx(expected, abs=1e-12)


def area(judge, truth, scores):
    """scikit-learn's area, NaN where it has none."""
    return judge(truth, scores) if truth.any() and not truth.all() else math.nan


def some_outputs(seed, rows, columns, broken):
    """Random logits with ties; about a share `broken` of the rows holds a number that is not finite."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(rows, columns)).round(1).astype(np.float32).astype(np.float64)  # as models answer
    bad = generator.random(rows) < broken
    logits[bad, generator.integers(0, columns, rows)[bad]] = generator.choice([np.nan, np.inf, -np.inf])
    return generator, logits, bad


@given(
    seed=st.integers(0, 100_000),
    rows=st.integers(1, 40),
    classes=st.integers(2, 6),
    used=st.integers(1, 6),
    broken=st.sampled_from([0.0, 0.0, 0.3, 1.0]),
)
@settings(max_examples=50, deadline=None)
def test_figures_of_one_label_equal_scikit_learn_also_with_absent_classes_and_broken_outputs(
    seed, rows, classes, used, broken
):
    generator, logits, bad = some_outputs(seed, rows, classes, broken)
    target = generator.integers(0, min(used, classes), rows)
    probabilities = scipy_softmax(np.where(bad[:, None], 0.0, logits), axis=1)
    answers = np.where(bad, -1, np.nan_to_num(logits, nan=-9.0).argmax(axis=1))  # -1: no class, so always wrong
    found = one_label(logits, target).metrics()
    assert set(found) <= {metric.name for metric in OF_CLASSES}
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(target, answers))
    present = sorted({*target.tolist(), *answers.tolist()} - {-1})
    macro = sk.precision_recall_fscore_support(target, answers, labels=present, average="macro", zero_division=0)
    assert found["f1_macro"] == pytest.approx(macro[2])
    second = sk.precision_recall_fscore_support(target, answers, labels=[1], average="macro", zero_division=0)
    expected = second if classes == 2 else macro
    assert [found[name] for name in ("precision", "recall", "f1")] == pytest.approx(expected[:3])
    one_hot = target[:, None] == np.arange(classes)
    claims = np.where(bad[:, None], np.where(one_hot, -1.0, 2.0), probabilities)  # ranked as badly as can be
    for name, judge in (("roc_auc", sk.roc_auc_score), ("pr_auc", sk.average_precision_score)):
        shown = [1] if classes == 2 else range(classes)
        each = [area(judge, one_hot[:, c], claims[:, c]) for c in shown]
        if name == "pr_auc":  # defined also where every row belongs to the class
            each = [1.0 if one_hot[:, c].all() else value for c, value in zip(shown, each, strict=True)]
        defined = [value for value in each if not math.isnan(value)]
        same(found[name], np.mean(defined) if defined else math.nan)
    if bad.any():
        assert math.isnan(found["log_loss"])
    else:
        assert found["log_loss"] == pytest.approx(sk.log_loss(target, probabilities, labels=range(classes)))


def test_the_area_tells_apart_what_is_so_sure_that_its_probability_is_1():
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, 200)
    claim = 60 + generator.normal(size=200) + target  # all of them a probability of 1.0
    logits = np.stack([np.zeros(200), claim], axis=1).astype(np.float32)
    expected = sk.roc_auc_score(target, claim)
    assert one_label(logits, target).metrics()["roc_auc"] == pytest.approx(expected)
    assert one_label(logits[:, ::-1], 1 - target).metrics()["roc_auc"] == pytest.approx(expected)
    three = np.hstack([logits, np.full((200, 1), -30.0, np.float32)])
    assert one_label(three, target).areas[1].roc == pytest.approx(expected)
    assert several_labels(claim[:, None], target[:, None]).metrics()["roc_auc"] == pytest.approx(expected)
    assert several_labels(claim[:, None], target[:, None]).metrics()["pr_auc"] == pytest.approx(
        sk.average_precision_score(target, claim)
    )


@given(seed=st.integers(0, 100_000), rows=st.integers(1, 20), classes=st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_log_odds_are_those_of_the_probabilities(seed, rows, classes):
    logits = np.random.default_rng(seed).normal(size=(rows, classes)) * 3
    if classes == 1:
        assert np.all(log_odds(logits) == np.inf)
        return
    assert log_odds(logits) == pytest.approx(scipy_logit(scipy_softmax(logits, axis=1)), abs=1e-9)
    logits[0, 0] = np.nan
    assert np.isnan(log_odds(logits)[0]).all()


@given(
    seed=st.integers(0, 100_000),
    rows=st.integers(1, 40),
    labels=st.integers(1, 5),
    often=st.sampled_from([0.0, 0.05, 0.4, 1.0]),
    broken=st.sampled_from([0.0, 0.0, 0.3, 1.0]),
)
@settings(max_examples=50, deadline=None)
def test_figures_of_several_labels_equal_scikit_learn_also_with_absent_labels_and_broken_outputs(
    seed, rows, labels, often, broken
):
    generator, logits, bad = some_outputs(seed, rows, labels, broken)
    target = generator.random((rows, labels)) < often
    given_labels = np.where(bad[:, None], False, np.nan_to_num(logits, nan=-9.0) > 0)
    found = several_labels(logits, target.astype(np.float32)).metrics()
    exact = (given_labels == target).all(axis=1) & ~bad
    assert found["accuracy"] == pytest.approx(exact.mean())
    # labels that no row has and no answer gives are left out, as scikit-learn does where each row has one label
    present = target.any(axis=0) | given_labels.any(axis=0)
    each = np.array([sk.f1_score(target[:, c], given_labels[:, c], zero_division=0) for c in range(labels)])
    same(found["f1_macro"], each[present].mean() if present.any() else math.nan)
    micro = sk.precision_recall_fscore_support(
        target.ravel(), given_labels.ravel(), labels=[True], average="macro", zero_division=0
    )
    assert [found[name] for name in ("precision", "recall", "f1")] == pytest.approx(micro[:3])
    claims = np.where(bad[:, None], np.where(target, -1.0, 2.0), expit(np.where(bad[:, None], 0.0, logits)))
    areas = [area(sk.roc_auc_score, target[:, c], claims[:, c]) for c in range(labels)]
    defined = [value for value in areas if not math.isnan(value)]
    same(found["roc_auc"], np.mean(defined) if defined else math.nan)


@given(seed=st.integers(0, 100_000), rows=st.integers(1, 30), broken=st.sampled_from([0.0, 0.3]))
@settings(max_examples=40, deadline=None)
def test_the_report_says_the_same_figures_as_the_loop(seed, rows, broken):
    generator, logits, _ = some_outputs(seed, rows, 4, broken)
    target = generator.integers(0, 3, rows)
    metrics = one_label(logits, target).metrics()
    section = judge_class(logits, target, ("a", "b", "c", "d")).sections["classification"]
    assert section["accuracy"] == metrics["accuracy"]
    assert section["averages"]["macro"]["f1"] == metrics["f1_macro"]
    same(section["roc_area_macro"], metrics["roc_auc"])
    same(section["pr_area_macro"], metrics["pr_auc"])
    many = generator.random((rows, 4)) < 0.4
    metrics = several_labels(logits, many).metrics()
    section = judge_labels(logits, many.astype(float), ("a", "b", "c", "d")).sections["labels"]
    assert section["exact_match"] == metrics["accuracy"]
    same(section["averages"]["macro"]["f1"], metrics["f1_macro"])
    assert section["averages"]["micro"]["f1"] == metrics["f1"]


def test_no_direction_is_guessed_for_a_metric_that_is_unknown():
    with pytest.raises(TunesmithError) as caught:
        Catalog().metric("sharpness")
    assert caught.value.code == "job.unknown-metric"
    assert is_better(RMSE, 0.4, 0.5) and is_better(ACCURACY, 0.5, 0.4) and not is_better(ACCURACY, math.nan, None)


def test_a_metric_gets_better_the_same_way_in_every_task_and_says_how_it_is_computed():
    named = {}
    for entry in Catalog().tasks.values():
        for metric in entry.member.metrics:
            known = named.setdefault(metric.name, metric)
            assert (known.lower_is_better, known.range) == (metric.lower_is_better, metric.range)
            assert metric.formula and metric.range and metric.help


DOCS = Path(__file__).parents[2] / "docs"


def _example(task, heading="## The figures", folder="tasks"):
    """The cells of the first table of a task's page, by row, and what its table of metrics says, by metric."""
    page = (DOCS / folder / f"{task}.md").read_text("utf-8").split(heading)[1]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    metrics = {cells[0].strip("`"): float(cells[-1].split("= ")[-1]) for cells in lines if cells[0].startswith("`")}
    return {cells[0]: cells[1:] for cells in lines if not cells[0].startswith("`")}, metrics


def _worked(task):
    cells, metrics = _example(task)
    if task == "text-classification":
        spam = np.array([float(cell) for cell in cells["model"]])
        outputs = np.log(np.stack([1 - spam, spam], axis=1))
        return metrics, one_label(outputs, np.array([["ham", "spam"].index(cell) for cell in cells["data"]]))
    if task == "image-classification":
        labels = ["cat", "dog", "owl"]
        outputs = np.log([[float(cell) for cell in cells[label]] for label in labels]).T
        return metrics, one_label(outputs, np.array([labels.index(cell) for cell in cells["data"]]))
    if task == "regression":
        return metrics, number_scores(*(np.array([float(cell) for cell in cells[name]]) for name in ("data", "model")))
    return metrics, language_scores(np.array([[float(cell) for cell in cells[name]] for name in ("nats", "tokens")]).T)


@pytest.mark.parametrize("task", ["text-classification", "image-classification", "regression", "causal-lm"])
def test_the_worked_examples_of_the_docs_are_right(task):
    said, worked = _worked(task)
    figures = worked.metrics()
    assert said == {name: pytest.approx(figures[name], abs=5.1e-4) for name in said}
    assert {metric.name for metric in Catalog().tasks[task].member.metrics} - set(said) <= {"loss"}
    assert _example(task, "## 数字的含义", "zh-CN/tasks")[1] == said


def test_every_task_has_a_page_with_all_its_metrics():
    for task, entry in Catalog().tasks.items():
        page = (DOCS / "tasks" / f"{task}.md").read_text("utf-8")
        plain = re.sub(r"[\s_`-]", "", page).lower()
        assert [metric.name for metric in entry.member.metrics if metric.name.replace("_", "") not in plain] == []
        assert f"tunesmith new {page.split('tunesmith new ')[1].split()[0]} --task {task}" in page
