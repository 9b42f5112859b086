"""Figures against scikit-learn and against examples worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from tunesmith.explain.answers import chosen, sigmoid, softmax, two_columns
from tunesmith.explain.areas import precision_area, precision_recall_curve, roc_area, roc_curve
from tunesmith.explain.calibration import calibrate
from tunesmith.explain.classes import (
    NO_ANSWER,
    class_report,
    confusion_matrix,
    interval,
    most_confused,
    multilabel_report,
    row_shares,
)
from tunesmith.explain.curves import Curve, smoothed, thinned
from tunesmith.explain.language import language_figures
from tunesmith.explain.numbers import number_figures

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


def test_macro_is_over_the_classes_that_have_rows():
    targets, predicted = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0])
    report = class_report(targets, predicted, LABELS)
    assert report.averages["macro"].f1 == pytest.approx(sk.f1_score(targets, predicted, average="macro"))
    assert report.by_class[2].support == 0


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
    found = number_figures(targets, predicted)
    assert found["mae"] == pytest.approx(sk.mean_absolute_error(targets, predicted))
    assert found["rmse"] == pytest.approx(sk.root_mean_squared_error(targets, predicted))
    assert found["r2"] == pytest.approx(sk.r2_score(targets, predicted))
    assert found["median_error"] == pytest.approx(sk.median_absolute_error(targets, predicted))
    assert found["mean_mae"] == pytest.approx(sk.mean_absolute_error(targets, np.full(200, targets.mean())))


def test_numbers_that_are_not_finite_are_counted_and_left_out():
    found = number_figures(np.array([1.0, 2.0, 3.0]), np.array([1.0, np.nan, np.inf]))
    assert (found["rows"], found["not_finite"], found["mae"]) == (1, 2, 0.0)
    assert math.isnan(found["r2"])
    assert math.isnan(number_figures(np.zeros(0), np.zeros(0))["mae"])


def test_perplexity_is_over_all_tokens_not_a_mean_over_documents():
    found = language_figures(np.array([[2.0, 1.0], [3.0, 9.0]]))
    assert found["loss"] == pytest.approx(0.5)
    assert found["perplexity"] == pytest.approx(math.exp(0.5))
    assert found["bits_per_token"] == pytest.approx(0.5 / math.log(2))
    assert language_figures(np.array([[1e6, 1.0], [np.nan, 1.0]]))["perplexity"] == math.inf


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
