"""When a training that is being debugged stops: how that is written, and what a spike is."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tunesmith.data.rows import Rows
from tunesmith.errors import TunesmithError
from tunesmith.worker.conditions import AtRow, AtStep, NonFinite, Spike, conditions
from tunesmith.worker.spikes import WINDOW, Losses


def test_each_form_is_understood() -> None:
    texts = [
        "non-finite",
        "spike",
        "spike=2.5",
        "step=7",
        "row=data/a.csv:12",
        "row=own.rows:made:3",
        r"row=C:\a.csv:2",
    ]
    assert conditions(texts) == (
        NonFinite(),
        Spike(deviations=10.0),
        Spike(deviations=2.5),
        AtStep(step=7),
        AtRow(file="data/a.csv", line=12),
        AtRow(file="own.rows:made", line=3),
        AtRow(file=r"C:\a.csv", line=2),
    )


WRONG = (
    "nonfinite non-finite=1 spike= spike=0 spike=-1 spike=inf spike=nan step step=0 step=x step=1.5 row=a.csv loss=3"
)


@pytest.mark.parametrize("text", ["", "row=:3", "row=a.csv:0", "row=a.csv:x", *WRONG.split()])
def test_everything_else_is_refused_with_the_forms_that_there_are(text: str) -> None:
    with pytest.raises(TunesmithError) as raised:
        conditions([text])
    assert raised.value.code == "run.bad-break"
    assert "spike=N" in str(raised.value)


def test_a_row_is_found_by_file_and_line_or_by_callable_and_number(tmp_path: Path) -> None:
    files = (tmp_path / "a.csv", tmp_path / "b.csv", Path("own.rows:made"))
    rows = Rows(columns={}, files=files, file_of=[0, 0, 1, 2, 2], lines=[2, 3, 3, 1, 3])
    assert AtRow(file=str(tmp_path / "a.csv"), line=3).among(rows) == [1]
    assert AtRow(file=str(tmp_path / "sub" / ".." / "b.csv"), line=3).among(rows) == [2]
    assert AtRow(file="own.rows:made", line=3).among(rows) == [4]
    assert AtRow(file=str(tmp_path / "a.csv"), line=4).among(rows) == []


def test_a_spike_is_measured_in_median_absolute_deviations_above_the_median() -> None:
    usual = Losses()
    before = [1.0, 1.1, 0.9, 1.2, 0.8, 1.0, 1.3, 0.7, 1.05, 0.95]
    for loss in before:
        assert usual.deviations(5.0) == 0.0  # with fewer than ten before it, nothing is a spike
        usual.add(loss)
    median = statistics.median(before)
    spread = statistics.median(abs(loss - median) for loss in before)
    assert usual.deviations(3.0) == pytest.approx((3.0 - median) / spread)
    assert usual.deviations(0.1) < 0


def test_where_losses_hardly_differ_a_thousandth_of_the_median_is_their_deviation() -> None:
    usual = Losses()
    for _ in range(WINDOW):
        usual.add(2.0)
    assert usual.deviations(2.01) == pytest.approx(5.0)


def test_only_the_last_losses_count() -> None:
    usual = Losses()
    for loss in [100.0] * WINDOW + [1.0 + step / 1000 for step in range(WINDOW)]:
        usual.add(loss)
    assert usual.deviations(3.0) > 50
