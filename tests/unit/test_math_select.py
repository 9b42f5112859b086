"""From what a job picks to loss, optimizer and groups; errors a user understands."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from tunesmith.catalog import Catalog
from tunesmith.errors import TunesmithError
from tunesmith.job.job import Pick
from tunesmith.train.select import build_loss, build_optimizer, parameter_groups

CATALOG = Catalog()
OWN = """
import torch

class Weird(torch.nn.Module):
    def __init__(self, scale=1.0):
        super().__init__()
        self.scale = scale
    def forward(self, prediction, target):
        return self.scale * (prediction - target).abs()

def cubed(prediction, target, power=3):
    return (prediction - target).abs() ** power

def averaged(prediction, target):
    return cubed(prediction, target).mean()

def slow(groups, lr, momentum=0.0):
    return torch.optim.SGD(groups, lr=lr / 10, momentum=momentum)

def not_one(groups, lr):
    return groups
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "own_math.py").write_text(OWN)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "own_math", raising=False)
    return tmp_path


class OddRMSNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 2))


def network() -> nn.Module:
    return nn.ModuleDict(
        {
            "embedding": nn.Embedding(7, 4),
            "linear": nn.Linear(4, 4),
            "norm": nn.LayerNorm((2, 2)),
            "odd": OddRMSNorm(),
            "convolution": nn.Conv2d(3, 2, 3),
            "batch": nn.BatchNorm2d(2),
        }
    )


def names(module: nn.Module, group: dict) -> set[str]:
    known = {id(parameter): name for name, parameter in module.named_parameters()}
    return {known[id(parameter)] for parameter in group["params"]}


def adamw() -> Pick:
    options = CATALOG.optimizers["adamw"].member.options
    return Pick(name="adamw", options={name: option.default for name, option in options.items()})


def test_biases_norms_and_vectors_do_not_decay() -> None:
    module = network()
    decaying, spared = parameter_groups(module)
    assert names(module, decaying) == {"embedding.weight", "linear.weight", "convolution.weight"}
    assert names(module, spared) == {
        "linear.bias",
        "norm.weight",
        "norm.bias",
        "odd.weight",
        "convolution.bias",
        "batch.weight",
        "batch.bias",
    }
    assert spared["weight_decay"] == 0


def test_the_optimizer_gets_both_groups_and_the_rate(tmp_path: Path) -> None:
    optimizer = build_optimizer(adamw(), network(), 3e-4, CATALOG, tmp_path)
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.01, 0.0]
    assert {group["lr"] for group in optimizer.param_groups} == {3e-4}


def test_where_nothing_decays_there_is_one_group_in_the_modules_order(tmp_path: Path) -> None:
    module = network()
    pick = adamw()
    still = Pick(name=pick.name, options={**pick.options, "weight_decay": 0.0})
    (group,) = build_optimizer(still, module, 3e-4, CATALOG, tmp_path).param_groups
    assert [id(parameter) for parameter in group["params"]] == [id(parameter) for parameter in module.parameters()]


def test_frozen_weights_are_left_out(tmp_path: Path) -> None:
    module = network()
    module["embedding"].requires_grad_(False)
    module["norm"].requires_grad_(False)
    optimizer = build_optimizer(adamw(), module, 1e-3, CATALOG, tmp_path)
    taken = {id(p) for group in optimizer.param_groups for p in group["params"]}
    assert taken == {id(p) for p in module.parameters() if p.requires_grad}


def test_shared_weights_are_taken_once() -> None:
    module = nn.ModuleDict({"embedding": nn.Embedding(7, 4), "out": nn.Linear(4, 7, bias=False)})
    module["out"].weight = module["embedding"].weight
    (group,) = parameter_groups(module)
    assert len(group["params"]) == 1


def test_nothing_to_train_is_reported(tmp_path: Path) -> None:
    with pytest.raises(TunesmithError) as caught:
        build_optimizer(adamw(), network().requires_grad_(False), 1e-3, CATALOG, tmp_path)
    assert caught.value.code == "train.nothing-to-train"


def test_an_unknown_name_offers_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(TunesmithError) as caught:
        build_optimizer(Pick(name="adamv", options={}), network(), 1e-3, CATALOG, tmp_path)
    assert caught.value.code == "catalog.unknown-member"
    assert "rename it to adam" in str(caught.value)
    with pytest.raises(TunesmithError, match="multi-class-hinge"):
        build_loss(Pick(name="hingy", options={}), CATALOG, tmp_path)


def test_an_alias_builds_its_loss(tmp_path: Path) -> None:
    loss = build_loss(Pick(name="mse", options={}), CATALOG, tmp_path)
    assert loss(torch.tensor([3.0]), torch.tensor([1.0])).tolist() == [4.0]


def test_the_projects_own_optimizer(project: Path) -> None:
    pick = Pick(name="own_math:slow", options={"momentum": 0.5})
    optimizer = build_optimizer(pick, network(), 0.5, CATALOG, project)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.05)
    assert optimizer.param_groups[0]["momentum"] == 0.5
    torchs = build_optimizer(Pick(name="torch.optim:NAdam", options={}), network(), 0.5, CATALOG, project)
    assert isinstance(torchs, torch.optim.NAdam)


def test_the_projects_own_loss_as_function_and_as_class(project: Path) -> None:
    prediction, target = torch.tensor([3.0, 1.0], dtype=torch.bfloat16), torch.tensor([1.0, 1.0])
    cubed = build_loss(Pick(name="own_math:cubed", options={}), CATALOG, project)
    assert cubed(prediction, target).tolist() == [8.0, 0.0]
    squared = build_loss(Pick(name="own_math:cubed", options={"power": 2}), CATALOG, project)
    assert squared(prediction, target).tolist() == [4.0, 0.0]
    scaled = build_loss(Pick(name="own_math:Weird", options={"scale": 5.0}), CATALOG, project)
    assert scaled(prediction, target).tolist() == [10.0, 0.0]
    torchs = build_loss(Pick(name="torch.nn:SmoothL1Loss", options={"reduction": "none"}), CATALOG, project)
    assert torchs(prediction, target).dtype == torch.float32


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("own_math:not_one", {}, "train.not-an-optimizer"),
        ("own_math:slow", {"no_such": 1}, "train.callable-failed"),
        ("own_math:missing", {}, "job.no-such-callable"),
        ("own_math:slow.__name__.missing", {}, "job.no-such-callable"),
        ("no_such_module_here:x", {}, "job.cannot-import"),
    ],
)
def test_what_is_wrong_with_an_own_optimizer_is_reported(project: Path, name: str, options: dict, code: str) -> None:
    with pytest.raises(TunesmithError) as caught:
        build_optimizer(Pick(name=name, options=options), network(), 1e-3, CATALOG, project)
    assert caught.value.code == code
    assert "training.optimizer" in str(caught.value)


def test_own_code_needs_trust(project: Path) -> None:
    for build in (
        lambda: build_optimizer(Pick(name="own_math:slow", options={}), network(), 1, CATALOG, project, trusted=False),
        lambda: build_loss(Pick(name="own_math:cubed", options={}), CATALOG, project, trusted=False),
    ):
        with pytest.raises(TunesmithError) as caught:
            build()
        assert caught.value.code == "job.untrusted"


def test_a_loss_that_takes_the_mean_itself_is_refused_by_name(project: Path) -> None:
    loss = build_loss(Pick(name="own_math:averaged", options={}), CATALOG, project)
    with pytest.raises(TunesmithError) as caught:
        loss(torch.zeros(3), torch.ones(3))
    assert caught.value.code == "train.loss-not-per-target"
    assert 'reduction="none"' in str(caught.value)


def test_options_in_the_targets_unit_bend_where_they_say_on_the_targets_as_they_are():
    generator = torch.Generator().manual_seed(0)
    deviation, mean = torch.tensor([31_000.0, 1.7]), torch.tensor([250_000.0, 4.0])
    target = torch.randn(64, 2, generator=generator) * deviation + mean
    prediction = target + torch.randn(64, 2, generator=generator) * deviation
    given = Pick(name="huber", options={"delta": 5_000.0})
    for columns in ([0], [1], [0, 1]):
        loss = build_loss(given, CATALOG, Path(), deviation=deviation[columns].tolist())
        scaled = [(values[:, columns] - mean[columns]) / deviation[columns] for values in (prediction, target)]
        if len(columns) == 1:
            scaled = [values[:, 0] for values in scaled]
        # of the numbers as they are, torch's own is the square of the deviation larger
        raw = torch.nn.functional.huber_loss(prediction, target, reduction="none", delta=5_000.0) / deviation**2
        expected = raw[:, columns[0]] if len(columns) == 1 else raw
        assert torch.allclose(loss(*scaled), expected, rtol=1e-3, atol=1e-6)


def test_huber_without_a_delta_bends_at_one_deviation():
    loss = build_loss(Pick(name="huber", options={"delta": None}), CATALOG, Path(), deviation=[31_000.0])
    assert loss(torch.tensor([3.0]), torch.tensor([0.0])).item() == 2.5
