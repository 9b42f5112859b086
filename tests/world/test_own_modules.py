"""Modules of the user's own: whatever form their outputs have, they train and answer, or one sentence says why not."""

from __future__ import annotations

import dataclasses
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers.utils import ModelOutput

from task_parts import cross_entropy, job, rows
from tunesmith.catalog import Catalog
from tunesmith.contracts.model import LoadedModel
from tunesmith.errors import TunesmithError
from tunesmith.train.lazy_layers import give_sizes

NUMBERS = tuple(f"f{place}" for place in range(8))
ASKED = job("image-classification", {"columns": NUMBERS, "label": ("label",)}, normalise="none")


def task_and_features(count: int = 12) -> tuple[Any, Any]:
    """Image classification of rows of eight numbers with three labels, and its features."""
    numbers = np.random.default_rng(0).normal(size=(count, 8))
    data = rows(columns=[tuple(row) for row in numbers.tolist()], label=["red", "green", "blue"] * (count // 3))
    entry = Catalog().tasks["image-classification"]
    task = entry.call("build", ASKED, entry.call("facts", ASKED, data))
    return task, task.encode(data, LoadedModel(module=nn.Identity(), kind="module"))


@dataclasses.dataclass
class Found:
    hidden: torch.Tensor
    scores: torch.Tensor


@dataclasses.dataclass
class Output(ModelOutput):
    logits: torch.Tensor | None = None
    hidden: torch.Tensor | None = None


Named = namedtuple("Named", "hidden scores")

FORMS = {
    "tensor": lambda y, h: y,
    "tuple": lambda y, h: (y, h),
    "outputs last": lambda y, h: (h, y),
    "list": lambda y, h: [y, h],
    "nested": lambda y, h: (y, (h, [h])),
    "dict": lambda y, h: {"hidden": h, "scores": y},
    "dict of logits beside equals": lambda y, h: {"other": y * 2, "logits": y},
    "dataclass": lambda y, h: Found(hidden=h, scores=y),
    "named tuple": lambda y, h: Named(hidden=h, scores=y),
    "transformers' output": lambda y, h: Output(logits=y, hidden=h),
    "extra dimensions": lambda y, h: y[:, :, None, None],
    "extra dimensions in a dict": lambda y, h: {"hidden": h, "map": y[:, None, :]},
}


class Net(nn.Module):
    """Eight numbers in; what `form` makes of three outputs and sixteen hidden numbers comes back."""

    def __init__(self, form: Any, outputs: int = 3) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last, self.form = nn.Linear(8, 16), nn.Linear(16, outputs), form

    def forward(self, x: torch.Tensor) -> Any:
        hidden = torch.relu(self.first(x))
        return self.form(self.last(hidden), hidden)


@pytest.mark.parametrize("form", FORMS)
def test_the_outputs_are_found_in_whatever_a_module_returns(form: str) -> None:
    task, features = task_and_features()
    model = LoadedModel(module=Net(FORMS[form]), kind="module")
    plain = Net(FORMS["tensor"])
    for chosen in (np.arange(12), np.arange(5), np.array([3])):
        batch = task.collate(features, chosen)
        expected = plain(batch["inputs"])
        assert torch.equal(task.outputs(model, batch), expected)
        mean = nn.functional.cross_entropy(expected, batch["target"])
        assert torch.allclose(task.loss_sum(model, batch, cross_entropy, None) / len(chosen), mean)


def test_a_squeezed_row_is_still_a_row() -> None:
    task, features = task_and_features()
    model = LoadedModel(module=Net(lambda y, h: y.squeeze()), kind="module")
    assert task.outputs(model, task.collate(features, np.array([4]))).shape == (1, 3)


@pytest.mark.parametrize(
    ("form", "outputs", "found"),
    [
        (lambda y, h: y, 5, "a tensor of shape (12, 5)"),
        (lambda y, h: y.sum(1), 3, "a tensor of shape (12,)"),
        (lambda y, h: (h, h), 3, "a tuple with 0: (12, 16), 1: (12, 16)"),
        (lambda y, h: (y, 2 * y), 3, "a tuple with 0: (12, 3), 1: (12, 3)"),
        (lambda y, h: y.argmax(1), 3, "a tensor of int64 of shape (12,)"),
        (lambda y, h: (y > 0).long(), 3, "a tensor of int64 of shape (12, 3)"),
        (lambda y, h: {"logits": h, "scores": y}, 3, "a dict with logits: (12, 16), scores: (12, 3)"),
        (lambda y, h: None, 3, "a NoneType without a tensor"),
        (lambda y, h: "outputs", 3, "a str without a tensor"),
    ],
)
def test_outputs_that_do_not_fit_are_one_sentence_with_shapes(form: Any, outputs: int, found: str) -> None:
    task, features = task_and_features()
    model = LoadedModel(module=Net(form, outputs), kind="module")
    with pytest.raises(TunesmithError) as caught:
        task.outputs(model, task.collate(features, np.arange(12)))
    problem = caught.value.problem
    assert (problem.code, problem.found) == ("model.wrong-outputs", found)
    assert "a tensor of shape (12, 3)" in problem.allowed
    assert "the model Net" in problem.message


def test_a_part_once_found_stays_the_part_where_a_batch_makes_another_fit() -> None:
    task, features = task_and_features()
    model = LoadedModel(module=Net(lambda y, h: (y, y @ y.T)), kind="module")
    whole = task.outputs(model, task.collate(features, np.arange(12)))
    three = task.collate(features, np.arange(3))  # three rows: (3, 3) twice
    assert torch.allclose(task.outputs(model, three), whole[:3])


def regression(outputs: int) -> tuple[Any, Any]:
    numbers = np.random.default_rng(0).normal(size=(6, 8))
    cells = [tuple(row[:outputs]) if outputs > 1 else row[0] for row in numbers.tolist()]
    data = rows(columns=[tuple(row) for row in numbers.tolist()], target=cells)
    asked = job("regression", {"columns": NUMBERS, "target": ("target",)})
    entry = Catalog().tasks["regression"]
    task = entry.call("build", asked, entry.call("facts", asked, data))
    return task, task.encode(data, LoadedModel(module=nn.Identity(), kind="module"))


@pytest.mark.parametrize(
    "form", [lambda y, h: y, lambda y, h: y[:, 0], lambda y, h: (y, h), lambda y, h: y[:, :, None]]
)
def test_one_number_a_row_may_have_a_dimension_of_its_own_or_not(form: Any) -> None:
    task, features = regression(1)
    model, plain = LoadedModel(module=Net(form, 1), kind="module"), Net(FORMS["tensor"], 1)
    for chosen in (np.arange(6), np.array([2])):
        batch = task.collate(features, chosen)
        assert torch.equal(task.outputs(model, batch), plain(batch["inputs"])[:, 0])


def test_a_number_too_few_or_too_many_is_reported() -> None:
    for targets, outputs in ((1, 2), (2, 1), (2, 3)):
        task, features = regression(targets)
        with pytest.raises(TunesmithError) as caught:
            task.outputs(
                LoadedModel(module=Net(FORMS["tensor"], outputs), kind="module"), task.collate(features, np.arange(6))
            )
        assert caught.value.code == "model.wrong-outputs"


def test_lazy_layers_get_their_size_from_the_task_and_their_weights_from_the_seed() -> None:
    task, _ = task_and_features()
    found = []
    for seed, disturbance in ((1, 0), (1, 99), (2, 0)):
        torch.manual_seed(disturbance)
        before = torch.get_rng_state()
        module = nn.Sequential(nn.LazyLinear(16), nn.LazyBatchNorm1d(), nn.ReLU(), nn.LazyLinear(3))
        give_sizes(task, LoadedModel(module=module, kind="module"), dataclasses.replace(ASKED, seed=seed))
        assert torch.equal(before, torch.get_rng_state()), "nobody else's random numbers are shifted"
        assert [tuple(p.shape) for p in module.parameters()] == [(16, 8), (16,), (16,), (16,), (3, 16), (3,)]
        assert torch.equal(module[1].running_mean, torch.zeros(16)), "the example is no data"
        assert module.training
        found.append(module[0].weight)
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_a_lazy_layer_that_forward_never_calls_is_named() -> None:
    class Forgetful(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.forgotten = nn.LazyLinear(3), nn.LazyLinear(4)

        def forward(self, x: torch.Tensor) -> Any:
            return self.used(x)

    task, _ = task_and_features()
    with pytest.raises(TunesmithError) as caught:
        give_sizes(task, LoadedModel(module=Forgetful(), kind="module"), ASKED)
    assert (caught.value.code, caught.value.problem.found) == ("model.never-called", "forgotten")
