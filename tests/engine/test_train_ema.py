"""The moving average of the weights: what it computes, that it can be swapped in, and that going on is exact."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from tunesmith.train.ema import Ema


def network() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


def nudge(module: nn.Module, step: int) -> None:
    generator = torch.Generator().manual_seed(step)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator))


def snapshot(module: nn.Module) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in module.parameters()]


def test_the_average_follows_its_formula() -> None:
    module = network()
    ema = Ema(module, decay=0.9)
    expected = [weight.double() for weight in snapshot(module)]
    for step in range(1, 200):
        nudge(module, step)
        ema.update()
        decay = min(0.9, (1 + step) / (10 + step))
        expected = [decay * old + (1 - decay) * new for old, new in zip(expected, snapshot(module), strict=True)]
    with ema.averaged():
        for found, told in zip(snapshot(module), expected, strict=True):
            torch.testing.assert_close(found.double(), told, rtol=1e-4, atol=1e-4)


def test_the_average_is_there_inside_the_block_only_even_if_it_fails() -> None:
    module = network()
    ema = Ema(module, decay=0.9)
    nudge(module, 1)
    ema.update()
    own = snapshot(module)
    average = {name: value.clone() for name, value in ema.tensors().items()}

    def fail_inside() -> None:
        with ema.averaged():
            assert all(
                torch.equal(parameter, average[name]) and not torch.equal(parameter, before)
                for (name, parameter), before in zip(module.named_parameters(), own, strict=True)
            )
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_inside()
    assert all(torch.equal(a, b) for a, b in zip(snapshot(module), own, strict=True))
    assert all(torch.equal(value, average[name]) for name, value in ema.tensors().items())


def test_averaged_weights_work_in_inference_mode_and_train_on_after_it() -> None:
    module = network()
    ema = Ema(module, decay=0.5)
    nudge(module, 1)
    ema.update()
    with ema.averaged(), torch.inference_mode():
        module(torch.ones(2, 3))
    module(torch.randn(5, 3)).sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())


def test_going_on_from_a_saved_average_is_exact() -> None:
    first, second = network(), network()
    ahead = Ema(first, decay=0.99)
    for step in range(5):
        nudge(first, step)
        ahead.update()
    saved = copy.deepcopy(ahead.tensors())
    second.load_state_dict(first.state_dict())
    behind = Ema(second, decay=0.99)
    behind.load(saved)
    for step in range(5, 10):
        for module, ema in ((first, ahead), (second, behind)):
            nudge(module, step)
            ema.update()
    assert ahead.tensors().keys() == behind.tensors().keys()
    assert all(torch.equal(value, behind.tensors()[name]) for name, value in ahead.tensors().items())


def test_frozen_weights_are_not_averaged() -> None:
    module = network()
    module[0].requires_grad_(False)
    names = set(Ema(module, decay=0.9).tensors())
    assert not any(name.startswith("0.") for name in names)
    assert {"2.weight", "2.bias"} <= names


def test_the_average_does_not_move_with_the_weights_by_itself() -> None:
    module = network()
    ema = Ema(module, decay=0.9)
    before = copy.deepcopy(ema.tensors())
    nudge(module, 1)
    assert all(torch.equal(value, before[name]) for name, value in ema.tensors().items())
