"""Class weights and re-sampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from tunesmith.data.resampling import balanced_weights, class_weights, counts_after, resampled

LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=100)


@given(counts=st.lists(st.sampled_from([0, 10, 11, 40, 500, 30_000]), min_size=1, max_size=5).filter(any))
@settings(deadline=None)
def test_class_weights_are_the_balanced_ones(counts: list[int]) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    counts = np.array(counts)
    weights = class_weights(counts.tolist())
    present = np.flatnonzero(counts)
    expected = compute_class_weight("balanced", classes=present, y=np.array(labels))
    assert np.allclose(np.array(weights)[present], expected)
    assert sum(weight * count for weight, count in zip(weights, counts, strict=True)) == pytest.approx(len(labels))


def test_a_label_of_few_rows_does_not_rule_the_loss() -> None:
    counts = [1, 220, 220, 228]
    assert balanced_weights(counts)[0] == 669 / 4
    assert class_weights(counts) == [16.725, *balanced_weights(counts)[1:]]  # as if it had 10 rows
    assert class_weights([1, 40, 59])[0] == 10.0
    assert class_weights([5, 40, 55]) == balanced_weights([5, 40, 55])  # below the ceiling nothing changes


@given(labels=LABELS, seed=st.integers(0, 1000), epoch=st.integers(0, 3))
@settings(deadline=None)
def test_resampling_makes_classes_equal_and_is_reproducible(labels: list[int], seed: int, epoch: int) -> None:
    counts = np.bincount(labels)
    label_N = np.array(labels)
    for how in ("oversample", "undersample"):
        rows = resampled(labels, how, seed, epoch)
        assert np.array_equal(np.bincount(label_N[rows], minlength=len(counts)), counts_after(counts.tolist(), how))
        times = np.bincount(rows, minlength=len(labels))
        for label in set(labels):
            own = times[label_N == label]
            assert own.max() - own.min() <= 1  # as evenly as can be
        assert times.min() >= 1 if how == "oversample" else times.max() <= 1
        assert np.array_equal(rows, resampled(labels, how, seed, epoch))
    for how in ("none", "weighted-loss", "focal"):
        assert resampled(labels, how, seed, epoch).tolist() == list(range(len(labels)))


def test_undersampling_takes_other_rows_in_each_epoch() -> None:
    labels = [0] * 1000 + [1] * 10
    assert not np.array_equal(resampled(labels, "undersample", 1, 0), resampled(labels, "undersample", 1, 1))
