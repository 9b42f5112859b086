"""The loss at an output layer, taken without keeping its logits, against the usual way."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from tunesmith.contracts.loss import LossFunction
from tunesmith.tasks.parts.output_layer import PART_BYTES, can_fuse, loss_at
from tunesmith.train.losses.cross_entropy import build

CLASSES, HIDDEN = 50, 8


def both_ways(
    layer: nn.Linear, hidden: torch.Tensor, target: torch.Tensor, loss: LossFunction, *, dtype: torch.dtype | None
) -> list[tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]]:
    """(loss, gradient of the hidden states, gradient of the weights) in the usual way and without the logits."""
    found = []
    for fused in (False, True):
        layer.weight.grad = hidden.grad = None
        with torch.autocast("cpu", dtype) if dtype else nullcontext():
            assert can_fuse(layer, hidden)
            total = loss_at(layer, hidden, target, loss) if fused else loss(layer(hidden).float(), target).sum()
        (total / len(target)).backward()
        found.append((total.detach(), hidden.grad, layer.weight.grad))
    return found


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("rows_a_part", [1, 3, 7, 100])
def test_loss_and_gradients_are_those_of_the_usual_way(
    monkeypatch: pytest.MonkeyPatch, rows_a_part: int, frozen: bool, smoothing: float
) -> None:
    monkeypatch.setitem(PART_BYTES, "cpu", rows_a_part * CLASSES * 4)
    torch.manual_seed(0)
    layer = nn.Linear(HIDDEN, CLASSES, bias=False).requires_grad_(not frozen)
    hidden = torch.randn(7, HIDDEN, requires_grad=True)
    target = torch.randint(0, CLASSES, (7,))
    usual, fused = both_ways(layer, hidden, target, build(label_smoothing=smoothing), dtype=None)
    assert (fused[2] is None) == frozen
    for one, other in zip(usual, fused, strict=True):
        if one is not None:
            torch.testing.assert_close(other, one)


def test_under_autocast_the_numbers_are_those_of_the_usual_way() -> None:
    torch.manual_seed(1)
    layer, hidden = nn.Linear(HIDDEN, CLASSES, bias=False), torch.randn(40, HIDDEN, requires_grad=True)
    target = torch.randint(0, CLASSES, (40,))
    usual, fused = both_ways(layer, hidden, target, build(label_smoothing=0.0), dtype=torch.bfloat16)
    for one, other in zip(usual, fused, strict=True):
        assert one is not None
        assert other is not None
        assert other.dtype == torch.float32
        torch.testing.assert_close(other, one, rtol=2e-2, atol=1e-3)


def test_what_has_more_than_a_product_is_left_to_the_usual_way() -> None:
    hidden = torch.randn(3, HIDDEN, requires_grad=True)
    plain = nn.Linear(HIDDEN, CLASSES, bias=False)

    class Scaled(nn.Linear):
        pass

    assert can_fuse(plain, hidden)
    assert not can_fuse(nn.Linear(HIDDEN, CLASSES), hidden)
    assert not can_fuse(Scaled(HIDDEN, CLASSES, bias=False), hidden)
    assert not can_fuse(plain, hidden.half())
    assert not can_fuse(plain, hidden.detach())
    with torch.no_grad():
        assert not can_fuse(plain, hidden)
