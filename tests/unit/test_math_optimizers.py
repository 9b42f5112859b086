"""Every optimizer of the catalog: worked examples, changeable rate, exact resume, and what it does to which weight."""

from __future__ import annotations

import copy
import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from tunesmith.catalog import Catalog
from tunesmith.members import Optimizer
from tunesmith.train.optimizers.parts.eager import eager

OPTIMIZERS = Catalog().optimizers


def defaults(member: Optimizer) -> dict:
    return {name: option.parse(option.default) for name, option in member.options.items()}


def build(name: str, groups: list, lr: float, **options) -> torch.optim.Optimizer:
    entry = OPTIMIZERS[name]
    return entry.call("build", groups, lr, **{**defaults(entry.member), **options})


def network() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(5, 4), nn.LayerNorm(4), nn.ReLU(), nn.Linear(4, 3))


def set_gradients(module: nn.Module, step: int) -> None:
    generator = torch.Generator().manual_seed(step)
    for parameter in module.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=generator)


def test_the_catalog_holds_the_optimizers_of_the_job_file() -> None:
    assert set(OPTIMIZERS) >= {"sgd", "momentum", "nesterov", "adam", "adamw", "adafactor", "rmsprop", "lion"}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_worked_examples_come_out_as_they_say(name: str) -> None:
    member = OPTIMIZERS[name].member
    assert member.worked
    for example in member.worked:
        theta = torch.tensor(example.inputs["theta"], requires_grad=True)
        options = example.inputs.get("options", {})
        optimizer = build(name, [{"params": [theta]}], example.inputs["lr"], **options)
        for _ in range(example.inputs.get("steps", 1)):
            theta.grad = torch.tensor(example.inputs["gradient"])
            optimizer.step()
        torch.testing.assert_close(theta.detach(), torch.tensor(example.value), rtol=1e-6, atol=1e-6)


def test_no_optimizer_imports_torchs_compiler() -> None:
    program = (
        "import sys\nfrom torch import nn\nfrom tests_optimizers import OPTIMIZERS, build, set_gradients\n"
        "for name in OPTIMIZERS:\n"
        "    module = nn.Linear(3, 2)\n"
        "    optimizer = build(name, [{'params': list(module.parameters())}], 0.1)\n"
        "    for step in range(3):\n"
        "        set_gradients(module, step)\n"
        "        optimizer.step()\n"
        "        optimizer.load_state_dict(optimizer.state_dict())\n"
        "        optimizer.zero_grad()\n"
        "print([name for name in ('torch._dynamo', 'torch._inductor') if name in sys.modules])\n"
    ).replace("tests_optimizers", Path(__file__).stem)
    folder = Path(__file__).parent
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam, torch.optim.RMSprop, torch.optim.Adafactor])
def test_an_optimizer_without_the_compiler_is_torchs_bit_for_bit(kind: type[torch.optim.Optimizer]) -> None:
    mine, theirs = network(), network()
    ours, plain = eager(kind)(mine.parameters(), lr=0.1), kind(theirs.parameters(), lr=0.1)
    for step in range(4):
        for module, optimizer in ((mine, ours), (theirs, plain)):
            set_gradients(module, step)
            calls: list[bool] = []
            optimizer.step(lambda calls=calls: calls.append(torch.is_grad_enabled()) or 0.0)
            assert calls == [True]
            optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
            optimizer.zero_grad()
            assert torch.is_grad_enabled()
    for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(one, other)
    assert repr(ours.state_dict()) == repr(plain.state_dict())


def test_adams_first_step_goes_to_1_01_and_2_01() -> None:
    theta = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    optimizer = build("adam", [{"params": [theta]}], 0.01)
    theta.grad = torch.tensor([-0.5, -1.0], dtype=torch.float64)
    optimizer.step()
    assert theta.tolist() == pytest.approx([1.01, 2.01], abs=1e-9)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_names_formula_use_source_and_rates(name: str) -> None:
    member = OPTIMIZERS[name].member
    assert member.name == name
    assert member.formula and member.when and member.source
    assert 0 < member.learning_rate <= member.from_scratch < 1
    assert all(option.help and option.advice for option in member.options.values())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_rate_can_be_changed_between_steps(name: str) -> None:
    module = network()
    optimizer = build(name, [{"params": list(module.parameters())}], 1e-3)
    set_gradients(module, 0)
    optimizer.step()
    before = copy.deepcopy(module.state_dict())
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    set_gradients(module, 1)
    optimizer.step()
    assert all(torch.equal(before[key], value) for key, value in module.state_dict().items())
    for group in optimizer.param_groups:
        group["lr"] = 1e-2
    optimizer.step()
    assert not any(torch.equal(before[key], value) for key, value in module.state_dict().items())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_going_on_from_a_saved_state_is_exact(name: str) -> None:
    first, second = network(), network()
    ahead = build(name, [{"params": list(first.parameters())}], 1e-2)
    for step in range(3):
        set_gradients(first, step)
        ahead.step()
    second.load_state_dict(first.state_dict())
    behind = build(name, [{"params": list(second.parameters())}], 1e-2)
    behind.load_state_dict(copy.deepcopy(ahead.state_dict()))
    for step in range(3, 6):
        for module, optimizer in ((first, ahead), (second, behind)):
            set_gradients(module, step)
            optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_state_is_tensors_and_plain_numbers_only(name: str) -> None:
    module = network()
    optimizer = build(name, [{"params": list(module.parameters())}], 1e-2)
    set_gradients(module, 0)
    optimizer.step()
    for state in optimizer.state_dict()["state"].values():
        assert all(value is None or isinstance(value, (torch.Tensor, int, float)) for value in state.values())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_weight_without_a_gradient_stays(name: str) -> None:
    module = network()
    optimizer = build(name, [{"params": list(module.parameters())}], 1e-2)
    set_gradients(module, 0)
    spared = module[3].weight
    spared.grad, before = None, spared.detach().clone()
    optimizer.step()
    assert torch.equal(spared, before)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_comes_down_a_bowl(name: str) -> None:
    """Every optimizer makes a convex loss much smaller at its own usual rate from scratch."""
    theta = torch.tensor([[1.0, -2.0], [0.5, 3.0]], requires_grad=True)
    goal = torch.tensor([[1.5, -1.0], [0.0, 2.0]])
    optimizer = build(name, [{"params": [theta]}], OPTIMIZERS[name].member.from_scratch * 3)
    first = ((theta - goal) ** 2).sum().item()
    for _ in range(1000):
        optimizer.zero_grad()
        loss = ((theta - goal) ** 2).sum()
        loss.backward()
        optimizer.step()
    assert loss.item() < first / 2


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if "weight_decay" in OPTIMIZERS[name].member.options])
def test_a_group_can_be_spared_from_weight_decay(name: str) -> None:
    decays, spared = torch.ones(3, 3, requires_grad=True), torch.ones(3, 3, requires_grad=True)
    groups = [{"params": [decays]}, {"params": [spared], "weight_decay": 0.0}]
    optimizer = build(name, groups, 1e-2, weight_decay=0.5)
    for _ in range(2):
        decays.grad, spared.grad = torch.full((3, 3), 1e-20), torch.full((3, 3), 1e-20)
        optimizer.step()
    assert decays.mean().item() < spared.mean().item()


def test_the_fused_kernels_are_taken_on_the_cpu() -> None:
    for name in ("sgd", "momentum", "nesterov", "adam", "adamw"):
        optimizer = build(name, [{"params": [torch.ones(2, requires_grad=True)]}], 1e-2)
        assert all(group["fused"] for group in optimizer.param_groups)


def test_lion_follows_its_paper_step_by_step() -> None:
    theta, average = 2.0, 0.0
    weight = torch.tensor([theta], dtype=torch.float64, requires_grad=True)
    optimizer = build("lion", [{"params": [weight]}], 0.1, weight_decay=0.3)
    for gradient in (1.0, -0.2, -4.0, 0.5, 0.0):
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        blend = 0.9 * average + 0.1 * gradient
        theta = theta - 0.1 * 0.3 * theta - 0.1 * (math.copysign(1, blend) if blend else 0.0)
        average = 0.99 * average + 0.01 * gradient
        assert weight.item() == pytest.approx(theta, abs=1e-12)


def test_adafactor_keeps_rows_and_columns_only() -> None:
    weight = torch.randn(300, 200, requires_grad=True)
    optimizer = build("adafactor", [{"params": [weight]}], 1e-3)
    weight.grad = torch.randn(300, 200)
    optimizer.step()
    kept = sum(value.numel() for value in optimizer.state[weight].values() if isinstance(value, torch.Tensor))
    assert kept <= 300 + 200 + 1


@pytest.mark.parametrize(("name", "theirs"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)])
def test_adam_is_torchs_bit_for_bit(name: str, theirs: type[torch.optim.Optimizer]) -> None:
    """Also with a rate that changes, a group of its own, a weight that misses a step and a restart; one state dict."""
    modules = [network(), network()]

    def made(module: nn.Module, *, ours: bool) -> torch.optim.Optimizer:
        weights = list(module.parameters())
        groups = [{"params": weights[:3]}, {"params": weights[3:], "weight_decay": 0.0}]
        if ours:
            return build(name, groups, 1e-2, weight_decay=0.1)
        return theirs(groups, lr=1e-2, weight_decay=0.1, fused=True)

    optimizers = [made(modules[0], ours=True), made(modules[1], ours=False)]
    for step in range(12):
        for module, optimizer in zip(modules, optimizers, strict=True):
            set_gradients(module, step)
            if step in (0, 5):
                module[3].bias.grad = None
            for group in optimizer.param_groups:
                group["lr"] = 1e-2 / (step + 1)
            optimizer.step()
        assert all(torch.equal(a, b) for a, b in zip(*(m.parameters() for m in modules), strict=True)), step
        ours, torchs = (optimizer.state_dict()["state"] for optimizer in optimizers)
        for index, values in torchs.items():
            assert all(torch.equal(value, ours[index][key]) for key, value in values.items())
        if step == 8:
            again = made(modules[0], ours=True)
            again.load_state_dict(copy.deepcopy(optimizers[0].state_dict()))
            optimizers[0] = again
