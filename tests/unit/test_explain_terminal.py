"""Drawings for terminals."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.explain.terminal import can_unicode, confusion, curve, table, width_of


def test_a_falling_curve_goes_from_the_upper_left_to_the_lower_right():
    drawn = curve(range(100), [100.0 - step for step in range(100)], width=40, height=5, title="loss", unicode=False)
    lines = drawn.splitlines()
    assert lines[0] == "loss"
    assert lines[1].lstrip().startswith("100 |*")
    assert lines[5].rstrip().endswith("*")
    assert lines[5].index("*") > lines[1].rindex("*")
    assert lines[-1].split() == ["0", "99"]


@given(
    values=st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=60),
    width=st.integers(12, 100),
    height=st.integers(2, 20),
    unicode=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_a_curve_keeps_its_size(values, width, height, unicode):
    drawn = curve(range(len(values)), values, width=width, height=height, unicode=unicode).splitlines()
    if all(value != value for value in values):
        assert drawn == ["nothing recorded"]
    else:
        assert len(drawn) == height + 2
        assert max(len(line) for line in drawn) <= max(width, 24)
        assert unicode or "".join(drawn).isascii()


def test_a_flat_curve_and_a_single_point_are_drawn():
    assert "*" in curve([0, 1, 2], [1.0, 1.0, 1.0], unicode=False)
    assert "*" in curve([5], [3.0], unicode=False)


def test_columns_stay_aligned_with_wide_letters_and_control_signs():
    drawn = table(["class", "rows"], [["好评", "1"], ["bad\x1b[31m", "200"]])
    lines = drawn.splitlines()
    assert len({width_of(line) for line in lines}) == 1
    assert "\x1b" not in drawn


def test_confusion_table_in_plain_ascii():
    drawn = confusion(np.array([[8, 2], [0, 0]]), ["no", "yes"], unicode=False)
    assert drawn.isascii()
    assert " 80.0%" in drawn
    assert "none" in drawn


def test_a_wide_confusion_becomes_a_list_of_pairs():
    counts = np.eye(40, dtype=np.int64) * 5
    counts[3, 4] = 7
    drawn = confusion(counts, [f"class {c}" for c in range(40)])
    assert "class 3" in drawn and "class 4" in drawn and "58.3%" in drawn
    assert "no row was mistaken" in confusion(np.eye(40, dtype=np.int64), [str(c) for c in range(40)])


def test_only_encodings_of_all_signs_are_taken_for_unicode():
    assert can_unicode("utf-8") and not can_unicode("latin-1") and not can_unicode(None)
