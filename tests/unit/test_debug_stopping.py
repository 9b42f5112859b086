"""What is kept of a step for whoever looks at it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from tunesmith.tasks.parts.output_layer import loss_at
from tunesmith.train.checkpoint import State
from tunesmith.train.snapshot import Writer
from tunesmith.worker.stopping import Stopper


def surprise(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(prediction.float(), target, reduction="none")


def test_outputs_are_kept_though_the_output_layer_writes_its_gradient_over_them() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(8, 500_000, bias=False)  # so many classes that a few targets make several parts
    hidden = torch.randn(10, 8, requires_grad=True)
    target = torch.arange(10)
    stopper = Stopper()
    total = loss_at(layer, hidden, target, stopper.watched(surprise))
    stopper.part(np.arange(3), {})
    (part,) = stopper.parts
    torch.testing.assert_close(part.outputs, layer(hidden.detach()).detach())
    assert torch.equal(part.targets, target)
    torch.testing.assert_close(part.losses.sum(), total.detach())


def test_what_a_step_saw_before_it_began_anew_is_forgotten() -> None:
    stopper = Stopper()
    loss = stopper.watched(surprise)
    loss(torch.zeros(4, 3, requires_grad=True), torch.zeros(4, dtype=torch.long))
    stopper.begin()
    loss(torch.zeros(2, 3, requires_grad=True), torch.zeros(2, dtype=torch.long))
    stopper.part(np.arange(2), {})
    assert stopper.parts[0].losses.shape == (2,)


def test_rows_without_a_target_are_a_part_without_losses() -> None:
    stopper = Stopper()
    stopper.part(np.arange(3), {})
    (part,) = stopper.parts
    assert (part.losses.shape, part.is_finite(), part.greatest_loss()) == ((0,), True, -np.inf)


def test_a_checkpoint_is_written_at_once_where_no_thread_may_be_begun(tmp_path: Path) -> None:
    writer = Writer(lambda: None, behind=False)
    writer.take(tmp_path / "step-1", State(step=1, tensors={"model": {"weight": torch.ones(3)}}), stays=False)
    assert (tmp_path / "step-1" / "manifest.json").exists()
    written = writer.done()
    assert written is not None
    assert written[0] == 1
