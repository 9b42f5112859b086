"""Clipping by the joint norm: torch's figures, in place, and nothing changed where nothing is to be clipped."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.train.clip import clip_


def gradients(scale: float = 1.0, dtype: torch.dtype = torch.float32) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [(torch.randn(shape, generator=generator) * scale).to(dtype) for shape in ((4, 3), (5,), (), (2, 2, 2))]


@settings(deadline=None)
@given(scale=st.floats(1e-3, 1e3), max_norm=st.floats(1e-3, 1e3))
def test_norm_and_gradients_are_torchs(scale: float, max_norm: float) -> None:
    ours, theirs = gradients(scale), [torch.zeros_like(g, requires_grad=True) for g in gradients()]
    for parameter, gradient in zip(theirs, gradients(scale), strict=True):
        parameter.grad = gradient
    norm = clip_(ours, max_norm=max_norm)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm)
    torch.testing.assert_close(norm, expected)
    for mine, parameter in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, parameter.grad)


def test_the_joint_norm_is_at_most_the_limit_and_the_direction_stays() -> None:
    grads, before = gradients(100.0), gradients(100.0)
    norm = clip_(grads, max_norm=1.0)
    assert norm.item() > 100
    joined, old = (torch.cat([g.flatten() for g in listed]) for listed in (grads, before))
    assert joined.norm().item() == pytest.approx(1.0, rel=1e-5)
    assert torch.nn.functional.cosine_similarity(joined, old, dim=0).item() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("max_norm", [1e6, math.inf])
def test_gradients_below_the_limit_keep_every_bit(max_norm: float) -> None:
    grads, before = gradients(), gradients()
    norm = clip_(grads, max_norm=max_norm)
    assert norm.item() == pytest.approx(torch.cat([g.flatten() for g in before]).norm().item(), rel=1e-6)
    assert all(torch.equal(a, b) for a, b in zip(grads, before, strict=True))


def test_the_norm_is_a_float32_scalar_also_of_bf16_and_mixed_gradients() -> None:
    for grads in (gradients(dtype=torch.bfloat16), [*gradients(), *gradients(dtype=torch.bfloat16)]):
        expected = math.sqrt(sum(g.double().square().sum().item() for g in grads))
        norm = clip_(grads, max_norm=0.5)
        assert norm.shape == ()
        assert norm.dtype == torch.float32
        assert norm.item() == pytest.approx(expected, rel=1e-5)


def test_gradients_of_a_model_in_double_precision_are_clipped_in_it() -> None:
    grads, before = ([*gradients(dtype=torch.float64), *gradients()] for _ in range(2))
    expected = torch.cat([g.double().flatten() for g in before]).norm()
    norm = clip_(grads, max_norm=0.5)
    assert norm.dtype == torch.float64
    torch.testing.assert_close(norm, expected)
    assert torch.cat([g.double().flatten() for g in grads]).norm().item() == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_number_that_is_not_finite_shows_in_the_norm(value: float) -> None:
    grads = gradients()
    grads[1][2] = value
    assert not math.isfinite(clip_(grads, max_norm=1.0).item())


def test_no_gradients_have_the_norm_0() -> None:
    assert clip_([], max_norm=1.0).item() == 0.0
    zeros = [torch.zeros(3)]
    assert clip_(zeros, max_norm=1.0).item() == 0.0
    assert zeros[0].tolist() == [0.0, 0.0, 0.0]
