"""From steps to the recorder: everything arrives once, in order, soon, and never at much of the training's time."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tunesmith.runs.recorder import RunRecorder
from tunesmith.runs.series import read_series
from tunesmith.train.step_numbers import LATE_S, SOON_S, StepNumbers


class Training:
    """Steps of a length that a test says, in front of a real recorder."""

    def __init__(self, folder: Path, *, flush_s: float = 0.0, norms: bool = True, device: str = "cpu") -> None:
        self.now, self.flush_s, self.norms = 100.0, flush_s, norms
        self.folder = folder
        self.recorder = RunRecorder(folder, clock=lambda: self.now)
        self.looked: list[tuple[int, float, float]] = []
        self.numbers = StepNumbers(
            self.recorder,
            device=torch.device(device),
            clock=lambda: self.now,
            look=lambda step, loss, norm: self.looked.append((step, loss, norm)),
            flush=self.flush,
        )
        self.taken = 0

    def flush(self) -> None:
        self.now += self.flush_s
        self.recorder.flush()

    def step(self, seconds: float) -> bool:
        self.now += seconds
        self.taken += 1
        norm = torch.tensor(self.taken * 2.0) if self.norms else None
        self.numbers.add(self.taken, torch.tensor(1 / self.taken), self.taken * 0.5, norm, rows=8)
        return self.numbers.hand_over(self.now)

    def recorded(self, name: str) -> list[tuple[int, float]]:
        return [(step, value) for step, _, value in read_series(self.folder / "series" / f"{name}.bin").tolist()]


@pytest.mark.parametrize("norms", [True, False])
def test_every_step_arrives_once_and_in_order(tmp_path: Path, norms: bool) -> None:
    training = Training(tmp_path, norms=norms)
    for _ in range(101):
        training.step(0.007)
    assert training.numbers.drain()
    assert not training.numbers.drain()
    steps = range(1, 102)
    assert training.recorded("loss") == [(step, float(torch.tensor(1 / step))) for step in steps]
    assert training.recorded("learning_rate") == [(step, step * 0.5) for step in steps]
    assert training.recorded("gradient_norm") == ([(step, step * 2.0) for step in steps] if norms else [])
    assert [step for step, *_ in training.looked] == list(steps)
    assert {norm for *_, norm in training.looked} == ({step * 2.0 for step in steps} if norms else {0.0})


def test_a_step_is_handed_over_soon(tmp_path: Path) -> None:
    training = Training(tmp_path)
    handed = [training.step(0.005) for _ in range(60)]
    longest = max(map(len, "".join("x" if each else "." for each in handed).split("x")))
    assert (longest + 1) * 0.005 <= SOON_S + 0.0051
    assert len(training.recorded("loss")) >= 60 - longest


def test_a_slow_disk_is_written_to_less_often(tmp_path: Path) -> None:
    training = Training(tmp_path, flush_s=0.0005)
    handed = sum(training.step(0.005) for _ in range(1000))
    assert handed * 0.0005 <= 0.011 * (training.now - 100)
    slow = Training(tmp_path / "slow", flush_s=0.1)
    (tmp_path / "slow").mkdir(exist_ok=True)
    handed = sum(slow.step(0.005) for _ in range(1000))
    assert handed == pytest.approx((slow.now - 100) / LATE_S, rel=0.1)


def test_devices_that_would_have_to_wait_are_asked_seldom(tmp_path: Path) -> None:
    training = Training(tmp_path, device="mps")  # only its name: the tensors are on the processor
    handed = sum(training.step(0.01) for _ in range(500))
    assert handed == pytest.approx(5 / LATE_S, abs=1)


def test_speed_is_that_of_the_steps_alone(tmp_path: Path) -> None:
    training = Training(tmp_path)
    assert training.numbers.samples_per_second is None
    for _ in range(100):
        training.step(0.01)
    assert training.numbers.samples_per_second == pytest.approx(800, rel=0.05)
    training.now += 7.0
    training.numbers.leave_out(7.0)
    for _ in range(100):
        training.step(0.01)
    assert training.numbers.samples_per_second == pytest.approx(800, rel=0.05)


def test_what_is_dropped_does_not_arrive(tmp_path: Path) -> None:
    training = Training(tmp_path)
    training.step(0.001)
    training.numbers.drop()
    assert not training.numbers.drain()
    assert training.looked == []
