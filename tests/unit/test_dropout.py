"""Dropout on the CPU: torch's numbers where nothing is random, and the right shares where it is."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from tunesmith.train.dropout import FEW, attention, dropout, fast_dropout

NEVER = 1e-9  # rounded to 0: everything stays
DTYPES = (torch.float64, torch.float32, torch.bfloat16)


def dropped(seed, tensor, p=0.1):
    torch.manual_seed(seed)
    return dropout(tensor, p)


@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.9])
def test_the_share_that_stays_and_the_mean_are_right(p):
    count = 2_000_000
    out = dropped(0, torch.ones(count, dtype=torch.float64), p)
    stayed = out > 0
    assert abs(stayed.double().mean().item() - (1 - p)) < 5 * (p * (1 - p) / count) ** 0.5
    share = 1 - round(p * 65536) / 65536
    assert torch.equal(out[stayed], torch.full_like(out[stayed], 1 / share))
    assert share == pytest.approx(1 - p, abs=1e-5)


def test_neighbours_are_dropped_independently():
    stayed = (dropped(0, torch.ones(1_000_001), 0.3) > 0).double() - 0.7
    for lag in (1, 2, 3, 4, 8, 384):
        together = (stayed[:-lag] * stayed[lag:]).mean().item()
        assert abs(together) < 5 * 0.21 / 1000, lag


def test_the_same_state_of_torchs_generator_gives_the_same_dropout():
    ones = torch.ones(64, 128)
    first, second = dropped(1, ones), dropout(ones, 0.1)
    assert torch.equal(first, dropped(1, ones))
    assert torch.equal(second, dropout(ones, 0.1))
    assert not torch.equal(first, second)
    assert not torch.equal(first, dropped(2, ones))


def test_the_numbers_are_the_same_on_every_machine():
    places = (dropped(0, torch.ones(FEW)) == 0).nonzero().flatten()[:8].tolist()
    assert places == [0, 5, 22, 34, 50, 57, 70, 74]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_gradient_is_that_of_what_stayed(dtype):
    given = torch.randn(50, 100, dtype=dtype, requires_grad=True)
    out = dropped(0, given, 0.25)
    out.backward(torch.ones_like(out))
    assert torch.equal(given.grad == 0, out == 0)
    assert torch.equal(given.grad[out != 0], torch.full_like(given.grad[out != 0], 4 / 3))


@pytest.mark.parametrize(
    "how", [{"training": False}, {"p": 0.0}, {"p": 1.0}, {"p": NEVER}, {"p": NEVER, "inplace": True}]
)
def test_what_is_not_random_is_torchs(how):
    given = torch.randn(100, 100)
    assert torch.equal(dropout(given.clone(), **how), F.dropout(given.clone(), **how))


def test_nearly_everything_may_be_dropped():
    out = dropped(0, torch.ones(1_000_000), 0.9999999)
    assert 0 < (out > 0).sum().item() < 50
    assert out.max().item() == 65536


def test_small_tensors_and_wrong_probabilities_are_torchs():
    small = torch.ones(FEW - 1)
    torch.manual_seed(3)
    expected = F.dropout(small, 0.5)
    assert torch.equal(dropped(3, small, 0.5), expected)
    with pytest.raises(ValueError, match="probability"):
        dropout(torch.ones(FEW), 1.5)


def test_in_place_it_writes_into_the_tensor():
    given = torch.ones(100, 100)
    torch.manual_seed(0)
    out = dropout(given, 0.5, inplace=True)
    assert out is given
    assert torch.equal(out, dropped(0, torch.ones(100, 100), 0.5))


def masks(kind):
    torch.manual_seed(5)
    keep = torch.rand(4, 1, 40, 40) > 0.3
    keep[1, :, 7] = False  # a place that may look nowhere
    return {
        "none": {},
        "causal": {"is_causal": True},
        "scaled": {"scale": 0.5},
        "bool": {"attn_mask": keep},
        "float": {"attn_mask": torch.zeros(keep.shape).masked_fill(~keep, -torch.inf)},
        "bias": {"attn_mask": torch.randn(4, 3, 40, 40)},
    }[kind]


@pytest.mark.parametrize("kind", ["none", "causal", "scaled", "bool", "float", "bias"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_attention_is_torchs_but_for_what_is_dropped(kind, dtype):
    given = masks(kind)
    if "attn_mask" in given and given["attn_mask"].dtype != torch.bool:
        given["attn_mask"] = given["attn_mask"].to(dtype)
    torch.manual_seed(6)
    ours = [torch.randn(4, 3, 40, 16, dtype=dtype, requires_grad=True) for _ in range(3)]
    theirs = [tensor.detach().clone().requires_grad_() for tensor in ours]
    got = attention(*ours, dropout_p=NEVER, **given)
    wanted = F.scaled_dot_product_attention(*theirs, **given)
    close = {"rtol": 2e-2, "atol": 2e-2} if dtype == torch.bfloat16 else {"rtol": 1e-5, "atol": 1e-5}
    torch.testing.assert_close(got, wanted, **close)
    upstream = torch.randn_like(got)
    got.backward(upstream)
    wanted.backward(upstream)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.grad, other.grad, **close)


def test_attention_drops_what_is_looked_at():
    value = torch.eye(64).expand(1, 2, 64, 64)  # then the result is what each place looks at
    query = key = torch.zeros(1, 2, 64, 8)
    torch.manual_seed(0)
    out = attention(query, key, value, dropout_p=0.25)
    assert (out == 0).double().mean().item() == pytest.approx(0.25, abs=0.02)
    torch.testing.assert_close(out[out != 0], torch.full_like(out[out != 0], 1 / 64 / 0.75))


class Block(nn.Module):
    """One of each: a dropout layer, one that is called, attention."""

    def __init__(self, p=0.2):
        super().__init__()
        self.linear, self.drop, self.p = nn.Linear(64, 64), nn.Dropout(p), p

    def forward(self, x):
        x = F.dropout(self.drop(self.linear(x)), self.p, training=self.training)
        heads = x.view(8, 32, 4, 16).transpose(1, 2)
        drop = self.p if self.training else 0.0
        found = F.scaled_dot_product_attention(heads, heads, heads, dropout_p=drop)
        return found.transpose(1, 2).reshape(x.shape)


def run(context, *, again=None):
    torch.manual_seed(0)
    block, x = Block(), torch.randn(8, 32, 64)
    with context:
        out = block(x) if again is None else checkpoint(block, x.requires_grad_(), use_reentrant=again)
        out.square().sum().backward()
    return out.detach(), block.linear.weight.grad


def test_a_module_needs_no_change():
    plain, _ = run(nullcontext())
    ours, gradient = run(fast_dropout())
    assert not torch.equal(plain, ours)
    assert all(map(torch.equal, run(fast_dropout()), (ours, gradient)))
    assert torch.equal(run(nullcontext())[0], plain)


@pytest.mark.parametrize("reentrant", [True, False])
def test_activations_that_are_computed_again_are_dropped_alike(reentrant):
    assert all(map(torch.equal, run(fast_dropout(), again=reentrant), run(fast_dropout())))


def test_torchs_own_attention_layer_takes_it_too():
    torch.manual_seed(0)
    layer, x = nn.MultiheadAttention(64, 4, dropout=0.2, batch_first=True), torch.randn(8, 32, 64)

    def found(context):
        torch.manual_seed(1)
        with context:
            return layer(x, x, x, need_weights=False)[0]

    assert not torch.equal(found(fast_dropout()), found(nullcontext()))
    assert torch.equal(found(fast_dropout()), found(fast_dropout()))


def test_torchs_functions_are_put_back():
    before = F.dropout, F.scaled_dot_product_attention
    with pytest.raises(ZeroDivisionError), fast_dropout():
        assert (F.dropout, F.scaled_dot_product_attention) == (dropout, attention)
        _ = 1 / 0
    assert (F.dropout, F.scaled_dot_product_attention) == before
