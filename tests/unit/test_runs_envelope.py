"""Envelopes: whatever the series, its window and its past, each column tells the extremes of its records."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tunesmith.runs.envelope import Window, envelope
from tunesmith.runs.index import SeriesIndex
from tunesmith.runs.series import FIELDS, SeriesWriter, check_series, read_series
from tunesmith.runs.smoothing import Smoothing
from tunesmith.runs.windows import SeriesWindows

VALUES = st.one_of(
    st.floats(-1e3, 1e3), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1e308, -1e308, 5e-324])
)
STEPS = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 2), VALUES), max_size=80)
WINDOWS = st.builds(
    Window,
    axis=st.sampled_from(["step", "seconds"]),
    first=st.none() | st.floats(-5, 100),
    last=st.none() | st.floats(-5, 200),
    columns=st.integers(1, 40),
)
SMOOTHING = st.none() | st.builds(Smoothing, weight=st.sampled_from([0.0, 0.5, 0.9, 0.99]))


def series_of(moves, *, step=0, seconds=0.0):
    """Records from moves (steps on, seconds on, value): steps may repeat, and leave gaps."""
    found = []
    for on, later, value in moves:
        step, seconds = step + on, seconds + later
        found.append((step, seconds, value))
    return found


def expected(records, window):
    """The columns by hand: for each its number, first step, extremes and counts."""
    x = [record[0] if window.axis == "step" else record[1] for record in records]
    first = x[0] if window.first is None else window.first
    last = max(first, x[-1] if window.last is None else window.last)
    width = max((last - first) / window.columns, np.finfo(float).tiny)
    stop = float(np.nextafter(last, math.inf))
    edges = [min(first + width * column, stop) for column in range(window.columns)] + [stop]
    rows = []
    for column in range(window.columns):
        inside = [record for record, at in zip(records, x, strict=True) if edges[column] <= at < edges[column + 1]]
        finite = [value for _, _, value in inside if math.isfinite(value)]
        values = [value for *_, value in inside]
        if inside:
            extremes = (min(finite), max(finite)) if finite else None
            counts = (
                len(finite), sum(map(math.isnan, values)), values.count(math.inf), values.count(-math.inf)
            )  # fmt: skip
            rows.append((column, inside[0][0], inside[0][1], extremes, counts))
    return rows


def rows_of(drawn):
    return [
        (
            int(drawn.column[at]),
            int(drawn.step[at]),
            float(drawn.seconds[at]),
            None if math.isnan(drawn.low[at]) else (float(drawn.low[at]), float(drawn.high[at])),
            (int(drawn.count[at]), int(drawn.nan[at]), int(drawn.plus[at]), int(drawn.minus[at])),
        )
        for at in range(len(drawn.column))
    ]


def same(one, other, records):
    """Equal envelopes; means but for the rounding of sums in another order, and where sums leave float64's range."""
    assert rows_of(one) == rows_of(other)
    assert (one.smooth is None) == (other.smooth is None)
    values = np.array([record[2] for record in records if math.isfinite(record[2])])
    most = float(np.abs(values).max(initial=1.0))
    if most < 1e300:
        np.testing.assert_allclose(one.mean, other.mean, rtol=1e-9, atol=1e-9 * most)
        if one.smooth is not None:
            np.testing.assert_allclose(one.smooth, other.smooth, rtol=1e-9, atol=1e-9 * most)


@given(moves=STEPS, window=WINDOWS)
@settings(max_examples=300, deadline=None)
def test_each_column_tells_the_extremes_and_counts_of_its_records(moves, window):
    records = series_of(moves)
    drawn = envelope(np.array(records, dtype=FIELDS), window)
    assert rows_of(drawn) == (expected(records, window) if records else [])
    filled = drawn.count > 0
    assert (drawn.low[filled] <= drawn.mean[filled]).all()
    assert (drawn.mean[filled] <= drawn.high[filled]).all()


@given(moves=STEPS, window=WINDOWS, smoothing=SMOOTHING)
@settings(max_examples=150, deadline=None)
def test_the_index_answers_like_the_records_themselves(moves, window, smoothing):
    records = series_of(moves)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loss.bin"
        path.write_bytes(np.array(records, dtype=FIELDS).tobytes())
        for block, in_full, most in ((4, 0, 1000), (2, 0, 5), (64, 1000, 1000)):
            view = SeriesIndex(path, block=block, in_full=in_full, most_blocks=most).view(window, smoothing)
            same(view.envelope, envelope(np.array(records, dtype=FIELDS), window, smoothing), records)
            assert view.count == len(records)
            assert repr(view.first) == repr(records[0] if records else None)
            assert repr(view.last) == repr(records[-1] if records else None)


@given(moves=STEPS, window=WINDOWS)
@settings(max_examples=80, deadline=None)
def test_the_neighbours_of_the_window_are_reported(moves, window):
    records = series_of(moves)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loss.bin"
        path.write_bytes(np.array(records, dtype=FIELDS).tobytes())
        view = SeriesIndex(path, block=4, in_full=0).view(window)
    place = 0 if window.axis == "step" else 1
    if not records:
        assert view.before is view.after is None
        return
    first = records[0][place] if window.first is None else window.first
    last = max(first, records[-1][place] if window.last is None else window.last)
    before = [record for record in records if record[place] < first]
    after = [record for record in records if record[place] > last]
    assert repr(view.before) == repr(before[-1] if before else None)
    assert repr(view.after) == repr(after[0] if after else None)


def test_a_single_spike_among_a_million_is_in_its_column(tmp_path):
    records = np.zeros(1_000_000, FIELDS)
    records["step"] = np.arange(len(records))
    records["value"][654_321], records["value"][654_322], records["value"][7] = 1e9, math.nan, -math.inf
    path = tmp_path / "loss.bin"
    path.write_bytes(records.tobytes())
    drawn = SeriesIndex(path).view(Window(columns=1000)).envelope
    assert drawn.column[drawn.high == 1e9].tolist() == [654]
    assert drawn.column[drawn.nan > 0].tolist() == [654]
    assert drawn.column[drawn.minus > 0].tolist() == [0]
    assert int(drawn.count.sum()) == 999_998


def test_smoothing_starts_unbiased_steps_over_gaps_and_goes_by_its_formula():
    found = Smoothing(weight=0.9).of(np.array([2.0, math.nan, 4.0, math.inf, 1.0]))
    second = (0.9 * 0.1 * 2 + 0.1 * 4) / (1 - 0.9**2)
    third = (0.9 * (0.9 * 0.1 * 2 + 0.1 * 4) + 0.1 * 1) / (1 - 0.9**3)
    np.testing.assert_allclose(found, [2.0, math.nan, second, math.nan, third])


def test_smoothing_inside_a_window_knows_what_lies_before_it():
    records = np.zeros(2000, FIELDS)
    records["step"] = np.arange(2000)
    records["value"] = np.where(records["step"] < 1000, 5.0, 1.0)
    drawn = envelope(records, Window(first=1000, last=1999, columns=1000), Smoothing(weight=0.9))
    assert drawn.smooth is not None
    assert drawn.column[0] == 0
    assert drawn.smooth[0] == pytest.approx(0.9 * 5 + 0.1 * 1, abs=1e-3)


def test_damage_is_left_out_and_later_records_are_shown(tmp_path):
    path = tmp_path / "loss.bin"
    writer = SeriesWriter(path)
    for step in range(400):
        writer.append((step, float(step), 1.0))
        if step % 20 == 19:
            writer.flush()
    index = SeriesIndex(path, block=8, in_full=0)
    assert index.view(Window(columns=10)).count == 400
    data = bytearray(path.read_bytes())
    data[24 * 200 + 6] ^= 0x40  # the step of record 200 becomes huge
    path.write_bytes(data)
    fresh = SeriesIndex(path, block=8, in_full=0)
    assert fresh.view(Window(columns=10)).count == 380
    for step in range(400, 450):
        writer.append((step, float(step), 2.0))
    writer.flush()
    writer.close()
    window = Window(columns=7)
    view = fresh.view(window)
    assert view.count == len(check_series(path).records) == 430
    same(view.envelope, envelope(read_series(path), window), read_series(path).tolist())


def test_a_worker_that_wrote_out_of_order_does_not_stop_the_reader(tmp_path):
    path = tmp_path / "loss.bin"
    writer = SeriesWriter(path)
    for step in (1, 2, 9, 3, 4):
        writer.append((step, float(step), 1.0))
    writer.flush()
    assert SeriesIndex(path, block=2, in_full=0).view(Window(columns=4)).count == 5


@pytest.mark.parametrize("count", [300, 210_000])  # the latter is compared with its marks beside the reading
@pytest.mark.parametrize("is_known", [False, True])
def test_a_value_that_was_changed_on_disk_is_left_out_with_its_block(tmp_path, count, is_known):
    path = tmp_path / "loss.bin"
    writer, index = SeriesWriter(path), SeriesIndex(path)
    for begin in range(0, count, count // 3):
        for step in range(begin + 1, begin + count // 3 + 1):
            writer.append((step, float(step), 0.5))
        writer.flush()
    if is_known:  # what was looked at before the damage stays as it was; what comes behind is compared as it comes
        index.view(Window(columns=9))
        for step in range(count + 1, 2 * count + 1):
            writer.append((step, float(step), 0.5))
        writer.flush()
    writer.close()
    changed = bytearray(path.read_bytes())
    place = (count + count // 2 if is_known else count // 2) * 24
    changed[place + 16 : place + 24] = struct.pack("<d", 1e6)
    path.write_bytes(changed)
    kept = read_series(path)
    assert len(kept) == (count if is_known else count - count // 3)
    for columns in (1, 9):
        found = index.view(Window(columns=columns))
        assert found.count == len(kept)
        assert found.envelope.high.max() == 0.5
        same(found.envelope, envelope(kept, Window(columns=columns)), kept.tolist())


def test_reading_can_be_given_up_and_taken_up_again(tmp_path):
    path = tmp_path / "loss.bin"
    records = np.zeros(200_000, FIELDS)
    records["step"] = np.arange(len(records))
    path.write_bytes(records.tobytes())
    index = SeriesIndex(path)
    left = [3]

    def give_up():
        left[0] -= 1
        if left[0] < 0:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        index.view(Window(columns=5), check=give_up)
    assert index.view(Window(columns=5)).count == 200_000


def test_memory_stays_bounded_however_long_the_series(tmp_path):
    path = tmp_path / "loss.bin"
    records = np.zeros(100_000, FIELDS)
    records["step"] = np.arange(len(records))
    path.write_bytes(records.tobytes())
    index = SeriesIndex(path, most_blocks=100)
    assert int(index.view(Window(columns=50)).envelope.count.sum()) == 100_000
    assert index.nbytes < 200_000


class Living(RuleBasedStateMachine):
    """A series that is written, cut by resumed workers and torn by crashes, while one index keeps looking at it."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "loss.bin"
        self.writer = SeriesWriter(self.path)
        self.index = SeriesIndex(self.path, block=4, in_full=0, most_blocks=9)
        self.step, self.seconds = 0, 0.0

    @rule(moves=st.lists(st.tuples(st.integers(0, 2), st.floats(0.001, 1), VALUES), max_size=30))
    def append(self, moves):
        for record in series_of(moves, step=self.step, seconds=self.seconds):
            self.writer.append(record)
            self.step, self.seconds = record[0], record[1]
        self.writer.flush()

    @precondition(lambda self: self.step > 0)
    @rule(share=st.floats(0, 1), moves=st.lists(st.tuples(st.just(1), st.floats(0.001, 1), VALUES), max_size=60))
    def resume(self, share, moves):
        """Cut, and written on at once: the reader may find the file as long as before, or longer."""
        self.writer.cut(int(self.step * share))
        left = read_series(self.path)
        self.step, self.seconds = (int(left["step"][-1]), float(left["seconds"][-1])) if len(left) else (0, 0.0)
        self.append(moves)

    @precondition(lambda self: self.path.exists() and self.path.stat().st_size % 24 == 0)
    @rule(octets=st.binary(min_size=1, max_size=23))
    def tear(self, octets):
        self.writer.close()
        with self.path.open("ab") as file:
            file.write(octets)

    @rule()
    def replace_by_nothing(self):
        self.writer.close()
        self.path.unlink(missing_ok=True)
        self.path.with_suffix(".crc").unlink(missing_ok=True)
        self.writer = SeriesWriter(self.path)
        self.step, self.seconds = 0, 0.0

    @rule(window=WINDOWS, smoothing=SMOOTHING)
    def look(self, window, smoothing):
        records = read_series(self.path)
        same(self.index.view(window, smoothing).envelope, envelope(records, window, smoothing), records.tolist())

    @invariant()
    def the_reader_counts_what_is_there(self):
        if hasattr(self, "path") and self.step % 3 == 0:
            assert self.index.view(Window(columns=3)).count == len(read_series(self.path))

    def teardown(self):
        if hasattr(self, "folder"):
            self.writer.close()
            self.folder.cleanup()


TestLiving = Living.TestCase
TestLiving.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)


def test_numpy_is_loaded_by_the_first_look_only():
    script = "import sys, tunesmith.runs.windows; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_series_looked_at_longest_ago_are_let_go(tmp_path):
    records = np.zeros(50_000, FIELDS)
    records["step"] = np.arange(len(records))
    for name in "abc":
        (tmp_path / f"{name}.bin").write_bytes(records.tobytes())
    windows = SeriesWindows(limit_bytes=150_000)
    for name in "abcabc":
        assert windows.view(tmp_path / f"{name}.bin", Window(columns=9)).count == 50_000
        assert windows.nbytes <= 150_000
    windows.forget(tmp_path)
    assert windows.nbytes == 0
    assert windows.view(tmp_path / "none.bin", Window(columns=9)).count == 0


def test_many_threads_may_ask_at_once(tmp_path):
    records = np.zeros(100_000, FIELDS)
    records["step"] = np.arange(len(records))
    for name in "ab":
        (tmp_path / f"{name}.bin").write_bytes(records.tobytes())
    windows = SeriesWindows(limit_bytes=100_000)

    def count(number):
        return int(windows.view(tmp_path / f"{'ab'[number % 2]}.bin", Window(columns=number + 1)).envelope.count.sum())

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(count, range(40))) == {100_000}


@pytest.mark.parametrize("after", [0, 1, 37, 40, 41, 99])
def test_a_series_that_was_cut_and_is_longer_than_before_is_seen_as_it_is(tmp_path, after):
    path = tmp_path / "loss.bin"
    writer = SeriesWriter(path)
    for step in range(1, 101):
        writer.append((step, float(step), 99.0))
    writer.flush()
    index = SeriesIndex(path, block=4, in_full=0)
    index.view(Window(columns=2))
    writer.cut(after)
    for step in range(after + 1, 151):
        writer.append((step, 1000.0 + step, float(step)))
    writer.flush()
    writer.close()
    for columns in (1, 2, 7):
        window = Window(columns=columns)
        found = index.view(window)
        assert found.count == 150
        same(found.envelope, envelope(read_series(path), window), read_series(path).tolist())
