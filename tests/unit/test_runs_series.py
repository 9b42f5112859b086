"""Series: what a killed, full or damaged disk leaves, and what readers make of it."""

from __future__ import annotations

import itertools
import struct
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tunesmith.runs.envelope import Window, envelope
from tunesmith.runs.recorder import RunRecorder
from tunesmith.runs.series import SeriesTail, SeriesWriter, check_series, read_series


def written(path, records, *, flush_every=1000):
    writer = SeriesWriter(path)
    for number, record in enumerate(records, start=1):
        writer.append(record)
        if number % flush_every == 0:
            writer.flush()
    writer.flush()
    writer.close()


def records_of(path):
    return [(int(step), float(seconds), float(value)) for step, seconds, value in read_series(path)]


TEN = [(step, step * 0.5, 1 / step) for step in range(1, 11)]


def test_format_is_little_endian_int64_float64_float64(tmp_path):
    path = tmp_path / "loss.bin"
    written(path, TEN)
    assert path.read_bytes() == b"".join(struct.pack("<qdd", *record) for record in TEN)


def test_torn_tail_at_every_byte_shows_the_whole_records_before_it(tmp_path):
    path = tmp_path / "loss.bin"
    written(path, TEN, flush_every=3)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        good = records_of(path)
        assert good == TEN[: len(good)]
        assert len(good) == length // 24
        assert SeriesTail(path).new() == good


def test_writing_goes_on_behind_a_torn_tail(tmp_path):
    path = tmp_path / "loss.bin"
    written(path, TEN[:5])
    with path.open("ab") as file:
        file.write(b"\x01" * 17)
    written(path, TEN[5:])
    assert records_of(path) == TEN
    assert check_series(path).problems == ()


@pytest.mark.parametrize("flush_every", [1, 4, 100])
def test_every_flipped_bit_is_named_and_the_rest_kept(tmp_path, flush_every):
    path = tmp_path / "loss.bin"
    written(path, TEN, flush_every=flush_every)
    whole = path.read_bytes()
    for at, bit in itertools.product(range(len(whole)), (0, 7)):
        changed = bytearray(whole)
        changed[at] ^= 1 << bit
        path.write_bytes(changed)
        found = check_series(path)
        assert [problem.code for problem in found.problems] == ["run.damaged-series"]
        assert "loss" in found.problems[0].message
        assert [record[0] for record in records_of(path)] == [
            step for step, *_ in TEN if (step - 1) // flush_every != at // 24 // flush_every
        ]


@pytest.mark.parametrize(
    ("bad", "kept"),
    [
        ((3, 1.0, 0.1), 9),  # a step back
        ((-1, 9.0, 0.1), 9),
        ((1 << 60, 9.0, 0.1), 9),
        ((10, float("nan"), 0.1), 9),
        ((10, -1.0, 0.1), 9),
        ((10, 5.0, float("nan")), 10),  # a loss may be no number
    ],
)
def test_without_marks_what_cannot_be_is_cut(tmp_path, bad, kept):
    path = tmp_path / "loss.bin"
    written(path, [*TEN[:9], bad])
    path.with_suffix(".crc").unlink()
    found = check_series(path)
    assert len(found.records) == kept
    assert bool(found.problems) == (kept < 10)


def test_without_marks_an_outlier_in_the_middle_is_the_one_that_is_cut(tmp_path):
    path = tmp_path / "loss.bin"
    written(path, [*TEN[:4], (4000, 2.5, 0.1), *TEN[5:]])
    path.with_suffix(".crc").unlink()
    assert records_of(path) == TEN[:4]


def test_cut_file_is_named_where_marks_know_better(tmp_path):
    path = tmp_path / "loss.bin"
    written(path, TEN, flush_every=2)
    path.write_bytes(path.read_bytes()[: 5 * 24])
    found = check_series(path)
    assert len(found.records) == 5
    assert "missing or torn" in found.problems[0].message


@pytest.mark.parametrize("after", [-1, 0, 3, 4, 10, 99])
def test_cut_leaves_the_series_of_a_run_never_killed(tmp_path, after):
    path, other = tmp_path / "loss.bin", tmp_path / "other.bin"
    written(path, TEN, flush_every=4)
    writer = SeriesWriter(path)
    writer.cut(after)
    for record in TEN:
        if record[0] > after:
            writer.append(record)
    writer.flush()
    written(other, TEN)
    assert path.read_bytes() == other.read_bytes()
    assert check_series(path).problems == ()


def test_cut_drops_damage_behind_the_last_kept_record(tmp_path):
    path = tmp_path / "loss.bin"
    written(path, TEN, flush_every=2)
    changed = bytearray(path.read_bytes())
    changed[24 * 7] ^= 1
    path.write_bytes(changed)
    left = SeriesWriter(path).cut(6)
    assert left.records.tolist() == records_of(path) == TEN[:6]
    assert [problem.code for problem in left.problems] == ["run.damaged-series"]
    assert check_series(path).problems == ()


def test_a_tail_that_skips_what_is_there_begins_with_what_comes_later(tmp_path):
    path = tmp_path / "series" / "loss.bin"
    tail = SeriesTail(path)
    tail.skip()  # there is no file yet
    writer = SeriesWriter(path)
    for record in TEN:
        writer.append(record)
        if record[0] == 6:
            writer.flush()
            tail.skip()
    writer.flush()
    assert tail.new() == TEN[6:]


def test_full_disk_keeps_what_it_could_not_write(tmp_path):
    """A file-size limit in a process of its own: the flush raises, the file is whole, a later flush goes on."""
    script = textwrap.dedent(
        """
        import resource, signal, sys
        from pathlib import Path
        from tunesmith.runs.recorder import RunRecorder
        from tunesmith.runs.series import read_series
        folder = Path(sys.argv[1])
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        recorder = RunRecorder(folder)
        for step in range(50):
            recorder.scalar("loss", step, 0.5)
        recorder.flush()
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))  # room for 83 records and a third
        for step in range(50, 100):
            recorder.scalar("loss", step, 0.25)
        for attempt in range(3):
            try:
                recorder.flush()
            except OSError as error:
                print("refused", error.errno, len(read_series(folder / "series" / "loss.bin")),
                      (folder / "series" / "loss.bin").stat().st_size % 24)
        recorder.event("warning", message="x" * 3000)
        recorder.scalar("loss", 100, 0.125)
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        recorder.flush()
        recorder.close()
        records = read_series(folder / "series" / "loss.bin")
        print(records["step"].tolist() == list(range(101)), float(records["value"].sum()))
        print((folder / "events.jsonl").read_text().count("\\n"))
        """
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [*["refused 27 83 0"] * 3, "True 37.625", "1"]


def test_seconds_of_a_resumed_run_go_on_from_its_last_record(tmp_path):
    ticks = itertools.count(100.0)
    first = RunRecorder(tmp_path, clock=lambda: next(ticks))
    for step in (1, 2, 3):
        first.scalar("loss", step, 1.0)
    first.close()
    later = itertools.count(5000.0)
    second = RunRecorder(tmp_path, after_step=2, clock=lambda: next(later))
    second.scalar("loss", 3, 1.0)
    second.close()
    assert records_of(tmp_path / "series" / "loss.bin") == [(1, 1.0, 1.0), (2, 2.0, 1.0), (3, 3.0, 1.0)]


def test_many_at_once_are_spread_over_the_time_since_the_last(tmp_path):
    now = [0.0]
    recorder = RunRecorder(tmp_path, clock=lambda: now[0])
    recorder.scalar("loss", 1, 1.0)
    now[0] = 4.0
    recorder.scalars("loss", 2, [2.0, 3.0, 4.0, 5.0])
    recorder.scalars("loss", 6, [])
    now[0] = 5.0
    recorder.scalar("loss", 6, 6.0)
    recorder.close()
    found = records_of(tmp_path / "series" / "loss.bin")
    assert found == [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 2.0, 3.0), (4, 3.0, 4.0), (5, 4.0, 5.0), (6, 5.0, 6.0)]


def test_a_series_cannot_leave_its_folder(tmp_path):
    with pytest.raises(ValueError, match="not a name"):
        RunRecorder(tmp_path).scalar("../loss", 1, 1.0)


@pytest.mark.parametrize("width", [1, 7, 100, 5000])
def test_envelope_loses_no_spike(tmp_path, width):
    path = tmp_path / "loss.bin"
    values = np.sin(np.arange(1000) / 50)
    values[437], values[701], values[5] = 99.0, -99.0, float("nan")
    written(path, [(step, float(step), float(value)) for step, value in enumerate(values)])
    drawn = envelope(read_series(path), Window(columns=width))
    assert len(drawn.step) == min(width, 1000)
    assert np.nanmax(drawn.high) == 99.0
    assert np.nanmin(drawn.low) == -99.0
    assert int(drawn.count.sum()) == 999
    part = envelope(read_series(path), Window(columns=width, first=100, last=199))
    assert int(part.count.sum()) == 100
    assert len(envelope(read_series(path), Window(columns=width, first=2000)).step) == 0


class Series(RuleBasedStateMachine):
    """A series against a plain list: appended, flushed, torn by crashes, reopened, cut by resumed runs."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "loss.bin"
        self.writer = SeriesWriter(self.path)
        self.tail = SeriesTail(self.path)
        self.flushed, self.pending, self.step = [], [], 0

    @rule(values=st.lists(st.floats(allow_nan=False), min_size=1, max_size=5))
    def append(self, values):
        for value in values:
            self.step += 1
            record = (self.step, float(self.step), value)
            self.writer.append(record)
            self.pending.append(record)

    @rule()
    def flush(self):
        self.writer.flush()
        self.flushed += self.pending
        self.pending = []

    @rule(torn=st.integers(0, 60), torn_marks=st.integers(0, 40))
    def crash(self, torn, torn_marks):
        """The process dies; a power cut takes up to `torn` bytes of what was never synced."""
        self.writer.close()
        for path, lost in ((self.path, torn), (self.path.with_suffix(".crc"), torn_marks)):
            if path.exists():
                data = path.read_bytes()
                path.write_bytes(data[: len(data) - lost])
        left = len(self.path.read_bytes()) // 24 if self.path.exists() else 0
        self.flushed, self.pending = self.flushed[:left], []
        self.reopen()

    @rule(share=st.floats(0, 1))
    def resume(self, share):
        self.writer.close()
        after = int(self.step * share)
        self.flushed, self.pending = [record for record in self.flushed if record[0] <= after], []
        self.reopen()
        left = self.writer.cut(after)
        assert left.records.tolist() == self.flushed

    @rule()
    def read_on(self):
        self.tail.new()

    def reopen(self):
        self.writer = SeriesWriter(self.path)
        self.step = self.flushed[-1][0] if self.flushed else 0

    def teardown(self):
        if hasattr(self, "folder"):
            self.writer.close()
            self.folder.cleanup()

    @invariant()
    def readers_see_what_was_flushed(self):
        if hasattr(self, "path"):
            assert records_of(self.path) == self.flushed
            assert self.writer.pending == len(self.pending)


TestSeries = Series.TestCase
TestSeries.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
