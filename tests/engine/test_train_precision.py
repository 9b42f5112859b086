"""Which number format is taken where, and the loss scaling of float16."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tunesmith.errors import TunesmithError
from tunesmith.train.precision import FIRST_SCALE, GROW_AFTER, Precision, choose, cpu_capabilities

CPU = torch.device("cpu")


def transformer(width: int) -> nn.Module:
    return nn.TransformerEncoderLayer(width, 4, 4 * width, batch_first=True)


def perceptron(width: int) -> nn.Module:
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 2))


BIG, SMALL, NO_ATTENTION = transformer(768), transformer(64), perceptron(2600)


@pytest.mark.parametrize("instruction", ["avx512_bf16", "amx_bf16"])
def test_auto_takes_bf16_on_a_processor_that_has_it_for_large_transformers_only(instruction: str) -> None:
    chosen = {
        name: choose("auto", CPU, module, capabilities={instruction: True})
        for name, module in (("big", BIG), ("small", SMALL), ("no attention", NO_ATTENTION))
    }
    assert {name: precision.name for name, precision in chosen.items()} == {
        "big": "bf16",
        "small": "fp32",
        "no attention": "fp32",
    }
    assert len({precision.why for precision in chosen.values()}) == 3


def test_auto_takes_fp32_on_a_processor_without_bf16() -> None:
    chosen = choose("auto", CPU, BIG, capabilities={"avx2": True, "avx512_f": True})
    assert chosen.name == "fp32"
    assert "no bfloat16" in chosen.why


@pytest.mark.parametrize(
    ("cpu", "has_amx", "expected"),
    [("Intel Xeon", False, "fp32"), ("Intel Xeon", True, "bf16"), ("AMD EPYC", False, "bf16"), ("", False, "bf16")],
)
def test_auto_takes_the_format_in_which_the_processor_multiplies_faster(cpu: str, has_amx: bool, expected: str) -> None:
    named = {"cpu_name": cpu} if cpu else {}
    found = choose("auto", CPU, BIG, capabilities={"avx512_bf16": True, "amx_bf16": has_amx, **named})
    assert found.name == expected
    assert ("Intel" in found.why) == (expected == "fp32")


def test_auto_asks_this_processor() -> None:
    expected = choose("auto", CPU, BIG, capabilities=cpu_capabilities())
    found = choose("auto", CPU, BIG)
    assert (found.name, found.why) == (expected.name, expected.why)


def test_the_job_decides_where_it_says_so() -> None:
    assert choose("bf16", CPU, SMALL, capabilities={}).name == "bf16"
    assert choose("fp32", CPU, BIG, capabilities={"amx_bf16": True}).name == "fp32"
    with pytest.raises(TunesmithError) as caught:
        choose("fp16", CPU, SMALL)
    assert caught.value.code == "train.no-fp16"
    assert "training.precision" in str(caught.value)


def test_bf16_runs_the_matrix_products_in_bf16_and_leaves_weights_and_gradients_in_fp32() -> None:
    module = perceptron(8)
    with choose("bf16", CPU, module).autocast():
        out = module(torch.ones(2, 8))
    assert out.dtype == torch.bfloat16
    out.float().sum().backward()
    assert {p.dtype for p in module.parameters()} == {torch.float32}
    assert {p.grad.dtype for p in module.parameters()} == {torch.float32}
    with choose("fp32", CPU, module).autocast():
        assert module(torch.ones(2, 8)).dtype == torch.float32


def test_only_fp16_scales() -> None:
    loss, grads = torch.tensor(2.0), [torch.tensor([3.0])]
    for name in ("fp32", "bf16"):
        precision = choose(name, CPU, SMALL)
        assert precision.scale(loss) is loss
        precision.unscale_(grads)
        precision.after_step(torch.ones(()))
        assert grads[0].item() == 3.0
        assert precision.state() == {}


def scaling() -> Precision:
    """The scaling itself works on any device; only choosing float16 asks for CUDA."""
    return Precision("fp16", CPU, torch.float16, "test")


def test_what_is_scaled_comes_out_unscaled() -> None:
    precision = scaling()
    weight = torch.tensor([2.0, -3.0], requires_grad=True)
    precision.scale((weight**2).sum()).backward()
    assert weight.grad is not None
    assert weight.grad.tolist() == [4 * FIRST_SCALE, -6 * FIRST_SCALE]
    precision.unscale_([weight.grad])
    assert weight.grad.tolist() == [4.0, -6.0]


def test_a_skipped_step_halves_the_scale_and_a_long_good_stretch_doubles_it() -> None:
    precision, good, bad = scaling(), torch.zeros(()), torch.ones(())
    precision.after_step(bad)
    assert precision.state() == {"scale": FIRST_SCALE / 2, "good_steps": 0.0}
    for _ in range(GROW_AFTER - 1):
        precision.after_step(good)
    assert precision.state()["scale"] == FIRST_SCALE / 2
    precision.after_step(None)
    assert precision.state() == {"scale": FIRST_SCALE, "good_steps": 0.0}


def test_the_scaling_is_torchs() -> None:
    """Step by step the scale of torch's GradScaler, over a stretch with several overflows."""
    precision, scaler = scaling(), torch.amp.GradScaler("cpu", init_scale=FIRST_SCALE, growth_interval=GROW_AFTER)
    weight = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.0)
    scaler.scale(torch.zeros(()))
    for step in range(GROW_AFTER + 50):
        overflows = step in (0, 1, 30)
        weight.grad = torch.tensor([float("inf") if overflows else 1.0])
        scaler.step(optimizer)
        scaler.update()
        precision.after_step(torch.ones(()) if overflows else torch.zeros(()))
        if step % 10 == 0 or step < 40:
            assert precision.state()["scale"] == scaler.get_scale()
    assert precision.state()["scale"] == FIRST_SCALE / 4


def test_going_on_from_a_saved_state_is_exact() -> None:
    ahead, behind = scaling(), scaling()
    for bad in (1.0, 0.0, 0.0, 1.0, 0.0):
        ahead.after_step(torch.tensor(bad))
    behind.load(ahead.state())
    for precision in (ahead, behind):
        precision.after_step(torch.zeros(()))
    assert ahead.state() == behind.state() == {"scale": FIRST_SCALE / 4, "good_steps": 2.0}
