"""A loss that is not a number is skipped and told; too many in a row end the run with advice and good checkpoints."""

from __future__ import annotations

from pathlib import Path

import torch

from real_workers import ForkServer, new_run, read
from support import write_digits_job
from tunesmith.train.checkpoint import read as read_checkpoint

BAD_LOSS = """
import torch
import torch.nn.functional as F
calls = [0]

def bad_at(prediction, target, first: int, last: int):
    calls[0] += 1
    value = F.cross_entropy(prediction.float(), target, reduction="none")
    return value * float("nan") if first <= calls[0] <= last else value
"""


def job_with_bad_losses(folder: Path, first: int, last: int) -> Path:
    (folder / "bad.py").write_text(BAD_LOSS, encoding="utf-8")
    return write_digits_job(
        folder,
        "training:",
        f"  loss: {{'bad:bad_at': {{first: {first}, last: {last}}}}}",
        "  max_steps: 20",
        "  batch_size: 16",
        "  non_finite_limit: 4",
        "evaluation: {every: 30 steps}",
        "checkpoints: {every: 5 steps}",
    )


def test_a_few_bad_steps_are_skipped_and_reported_with_their_rows(workers: ForkServer, tmp_path: Path) -> None:
    run = workers.finish(new_run(job_with_bad_losses(tmp_path, 7, 8)))
    told = [event for event in run.events() if event["kind"] == "non-finite"]
    assert [event["step"] for event in told] == [7, 8]
    assert all(len(event["rows"]) == 16 for event in told)
    losses = read(run, "loss")["value"]
    assert [step for step, value in enumerate(losses, 1) if value != value] == [7, 8]
    weights = read_checkpoint(run.checkpoints()[0]).tensors["model"]
    assert all(bool(torch.isfinite(tensor).all()) for tensor in weights.values())


def test_too_many_in_a_row_fail_with_advice_and_leave_no_spoilt_checkpoint(workers: ForkServer, tmp_path: Path) -> None:
    run = new_run(job_with_bad_losses(tmp_path, 7, 999))
    assert workers.run(run).status == 1
    state = run.state()
    assert state.status == "failed"
    assert "train.not-finite" in state.message
    assert "learning_rate" in state.message
    assert run.checkpoints()[0].name == "step-5"
    for folder in run.checkpoints():
        weights = read_checkpoint(folder).tensors["model"]
        assert all(bool(torch.isfinite(tensor).all()) for tensor in weights.values())
