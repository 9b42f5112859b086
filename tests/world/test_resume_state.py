"""A resume is exact wherever the code of a project keeps its state, or the run says beforehand that it will not be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from real_workers import ForkServer, new_run, outcome, rewind
from support import write_digits_job
from tunesmith.runs.folder import RunFolder

CODE = """
import random
from collections import Counter, defaultdict

import numpy as np
import torch
from torch import nn

CALLS = 0
GENERATOR = np.random.default_rng(7)


class Net(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU())
        self.head = nn.Linear(16, outputs)

    def forward(self, pixels):
        return self.head(self.change(self.body(pixels)))


class Python(Net):
    def change(self, hidden):
        return hidden * (1 + 0.1 * random.random()) if self.training else hidden


class NumPy(Net):
    def change(self, hidden):
        return hidden + torch.from_numpy(np.random.normal(0, 0.1, hidden.shape).astype("float32"))


class Extra(Net):
    scale = 1.0

    def get_extra_state(self):
        return {"scale": self.scale, "history": [self.scale], "at": (1, torch.tensor(self.scale))}

    def set_extra_state(self, state):
        self.scale = state["scale"]
        assert state["history"] == [self.scale]
        assert state["at"][1] == torch.tensor(self.scale)

    def change(self, hidden):
        if self.training:
            self.scale *= 0.98
        return hidden * self.scale


class Loose(Net):
    def __init__(self, outputs):
        super().__init__(outputs)
        self.register_buffer("mean", torch.zeros(16), persistent=False)
        self.register_buffer("late", None)

    def change(self, hidden):
        if self.training:
            self.mean.mul_(0.9).add_(hidden.detach().mean(0), alpha=0.1)
            self.late = self.mean * 2 if self.late is None else torch.cat([self.late, self.mean])[-40:]
        return hidden - self.mean - self.late.mean()


class Attributes(Net):
    def __init__(self, outputs):
        super().__init__(outputs)
        self.seen, self.noise = 0, torch.Generator().manual_seed(3)
        self.same_noise = self.noise

    def change(self, hidden):
        global CALLS
        if not self.training:
            return hidden
        self.seen += 1
        CALLS += 1
        noise = torch.rand(hidden.shape, generator=self.noise) + torch.rand(hidden.shape, generator=self.same_noise)
        return hidden + noise / (self.seen + CALLS) + GENERATOR.random()


class Teacher(Net):
    def __init__(self, outputs):
        super().__init__(outputs)
        self.teacher = nn.Linear(64, 16).requires_grad_(False)

    def forward(self, pixels):
        hidden = self.body(pixels)
        if self.training:
            self.teacher.weight.data.mul_(0.9).add_(self.body[1].weight.data, alpha=0.1)
        return self.head(hidden + self.teacher(pixels.flatten(1)))


class Listed(Net):
    def __init__(self, outputs):
        super().__init__(outputs)
        self.more = [nn.Linear(16, 16)]

    def change(self, hidden):
        return self.more[0](hidden)


class Rates(Net):
    def __init__(self, outputs):
        super().__init__(outputs)
        self.drop, self.norm = nn.Dropout(0.5), nn.BatchNorm1d(16)

    def change(self, hidden):
        if self.training:
            self.drop.p *= 0.8
            self.norm.momentum *= 0.7
        return self.norm(self.drop(hidden))


class Freezing(Net):
    def __init__(self, outputs):
        super().__init__(outputs)
        self.early, self.late, self.seen = nn.Linear(16, 16), nn.Linear(16, 16), 0
        self.late.weight.requires_grad_(False)

    def change(self, hidden):
        if self.training:
            self.seen += 1
            if self.seen == 2:
                self.early.weight.requires_grad_(False)
                self.late.weight.requires_grad_(True)
        return self.late(self.early(hidden))


class Slots:
    __slots__ = ("value",)


class Containers(Net):
    def __init__(self, outputs):
        super().__init__(outputs)
        self.counts, self.sums, self.slots = Counter(), defaultdict(float), Slots()
        self.slots.value = 1.0

    def change(self, hidden):
        if self.training:
            self.counts["steps"] += 1
            self.sums["mean"] += float(hidden.detach().mean())
            self.slots.value *= 0.9
        return hidden * (self.slots.value + 0.1 * self.counts["steps"] + self.sums["mean"])


class Iterated(Net):
    def __init__(self, outputs):
        super().__init__(outputs)
        self.rates = (0.1 * rate for rate in range(99))

    def change(self, hidden):
        return hidden * (1 + next(self.rates)) if self.training else hidden


class Growing(Net):
    def __init__(self, outputs):
        super().__init__(outputs)
        self.more = nn.ModuleList()

    def change(self, hidden):
        if self.training and not self.more:
            self.more.append(nn.Linear(16, 16))
        for layer in self.more:
            hidden = layer(hidden)
        return hidden


class Grouped(torch.optim.Optimizer):
    '''Keeps what it learns of its rate in its groups, an average of another type, and a count of its own.'''

    def __init__(self, groups, lr):
        super().__init__(groups, {"lr": lr})
        self.taken = 0
        for group in self.param_groups:
            group["d"], group["norms"], group["total"] = 1.0, [], torch.zeros(())

    @torch.no_grad()
    def step(self, closure=None):
        self.taken += 1
        for group in self.param_groups:
            norm = sum(float(p.grad.norm()) for p in group["params"])
            group["norms"] = [*group["norms"][-3:], norm]
            group["total"] += norm
            group["d"] = 0.9 * group["d"] + 0.1 / (1.0 + max(group["norms"]) + float(group["total"]))
            for p in group["params"]:
                mean = self.state[p].setdefault("mean", torch.zeros_like(p, dtype=torch.float64))
                mean.mul_(0.9).add_(p.grad.double())
                p.sub_(mean.float(), alpha=group["lr"] * group["d"] / self.taken ** 0.1)


class Odd(torch.optim.SGD):
    def step(self, closure=None):
        super().step()
        self.state[self.param_groups[0]["params"][0]]["lambda"] = lambda: 0


class Moving(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(()))

    def forward(self, prediction, target):
        losses = nn.functional.cross_entropy(prediction, target, reduction="none")
        self.mean = 0.9 * self.mean + 0.1 * losses.detach().mean()
        return losses * (1 + self.mean)


def plain(outputs):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, outputs))


def shuffled():
    from perceptron import digits
    rows = digits()
    random.shuffle(rows)
    return rows[:300]
"""
RHYTHM = ("evaluation: {every: 4 steps}", "checkpoints: {every: 3 steps, keep: 9}")


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., RunFolder]:
    def make(
        model: str = "plain", training: str = "", rows: str = "perceptron:digits", method: str = "full"
    ) -> RunFolder:
        (tmp_path / "own.py").write_text(CODE, encoding="utf-8")
        keys = f"training: {{epochs: 9, max_steps: 9, batch_size: 32, learning_rate: 0.05{training}}}"
        data = f"train: '{rows}', image: image, label: label"
        return new_run(write_digits_job(tmp_path, keys, f"method: {method}", *RHYTHM, model=f"own:{model}", data=data))

    return make


def resumed(run: RunFolder, workers: ForkServer) -> RunFolder:
    """The same run, gone on with from its first checkpoint."""
    rewind(run)
    return workers.finish(run)


def warnings(run: RunFolder) -> list[str]:
    return [str(event.get("code")) for event in run.events() if event["kind"] == "warning"]


CASES = {
    "Python's random numbers": {"model": "Python"},
    "NumPy's random numbers": {"model": "NumPy"},
    "extra state": {"model": "Extra"},
    "buffers that are not persistent, and late ones": {"model": "Loose"},
    "attributes, names of a module, generators": {"model": "Attributes"},
    "weights that the code froze and moves": {"model": "Teacher"},
    "numbers of layers of torch that the code changes": {"model": "Rates"},
    "weights that the code freezes and frees": {"model": "Freezing"},
    "counters, sums by name, slots": {"model": "Containers"},
    "frozen weights that the code moves": {"model": "Teacher", "method": "{lora: {rank: 2, target_modules: [head]}}"},
    "an optimizer's groups": {"training": ", optimizer: 'own:Grouped'"},
    "a loss with a buffer": {"training": ", loss: 'own:Moving'"},
    "rows in an order of Python's random numbers": {"rows": "own:shuffled"},
}


@pytest.mark.parametrize("case", CASES)
def test_resume_is_exact_with(case: str, make_run: Callable[..., RunFolder], workers: ForkServer) -> None:
    run = workers.finish(make_run(**CASES[case]))
    before = outcome(run), metrics(run)
    assert (outcome(resumed(run, workers)), metrics(run)) == before
    assert warnings(run) == []


def metrics(run: RunFolder) -> Any:
    return json.loads((run.path / "report" / "metrics.json").read_bytes())


@pytest.mark.parametrize("model", ["Extra", "Loose", "NumPy"])
def test_the_report_and_the_evaluation_of_the_best_step_agree(
    model: str, make_run: Callable[..., RunFolder], workers: ForkServer
) -> None:
    run = workers.finish(make_run(model))
    best = run.state().best
    assert best is not None
    told = [e["metrics"] for e in run.events() if e["kind"] == "evaluation" and e["step"] == best["step"]]
    measured = next(event["metrics"] for event in run.events() if event["kind"] == "report")
    assert measured == told[0]


def test_predict_answers_with_the_state_of_the_checkpoint(
    make_run: Callable[..., RunFolder], workers: ForkServer
) -> None:
    from tunesmith.use.load import load_run

    run = workers.finish(make_run("Extra"))
    steps = run.checkpoints()[0]
    loaded = load_run(run, checkpoint=steps.name)
    assert loaded.model.module.scale == pytest.approx(0.98**9)


@pytest.mark.parametrize("method", ["full", "{lora: {rank: 2, target_modules: [head]}}"])
def test_measuring_again_finds_the_weights_that_the_code_froze_as_they_were(
    method: str, make_run: Callable[..., RunFolder], workers: ForkServer
) -> None:
    from tunesmith.use.evaluate import measure

    run = workers.finish(make_run("Teacher", method=method))
    before = metrics(run)["metrics"]
    measure(run)
    assert metrics(run)["metrics"] == pytest.approx(before, rel=1e-6)


def test_doubts_about_the_training_stand_in_the_report_of_a_resumed_run_too(
    make_run: Callable[..., RunFolder], workers: ForkServer
) -> None:
    run = workers.finish(make_run("Listed"))
    (doubt,) = run.state().doubts
    assert "no parameters of the model" in doubt
    report = (run.path / "report" / "metrics.json").read_bytes()
    assert doubt in json.loads(report)["warnings"]
    assert resumed(run, workers).state().doubts == (doubt,)
    assert (run.path / "report" / "metrics.json").read_bytes() == report


def test_state_that_no_checkpoint_can_hold_is_reported_at_the_first_step(
    make_run: Callable[..., RunFolder], workers: ForkServer
) -> None:
    run = workers.finish(make_run(training=", optimizer: 'own:Odd'"))
    (warning,) = [event for event in run.events() if event.get("code") == "train.state-not-kept"]
    assert (warning["step"], "lambda" in warning["message"]) == (1, True)
    assert warnings(resumed(run, workers)).count("train.state-not-kept") == 2


@pytest.mark.parametrize(
    ("model", "said"),
    [("Iterated", "rates, an iterator"), ("Growing", "a place for the new weights more.0.weight")],
)
def test_state_of_the_model_that_no_checkpoint_can_hold_is_reported_at_once(
    model: str, said: str, make_run: Callable[..., RunFolder], workers: ForkServer
) -> None:
    run = workers.finish(make_run(model))
    told = [event for event in run.events() if event.get("code") == "train.state-not-kept"]
    assert {event["step"] for event in told} <= {0, 1}
    assert said in told[0]["message"]


def test_weights_that_the_code_froze_while_training_are_in_every_checkpoint(
    make_run: Callable[..., RunFolder], workers: ForkServer
) -> None:
    from tunesmith.use.load import load_run

    run = workers.finish(make_run("Freezing"))
    first, last = (load_run(run, checkpoint=name).model.module for name in ("step-3", "newest"))
    assert torch.equal(first.early.weight, last.early.weight)
    assert not torch.equal(first.early.bias, last.early.bias)


def test_code_that_was_edited_is_named_when_the_run_goes_on(
    make_run: Callable[..., RunFolder], workers: ForkServer, tmp_path: Path
) -> None:
    run = workers.finish(make_run())
    kept = json.loads((run.path / "environment.json").read_bytes())["code"]
    assert set(kept) == {"own.py", "perceptron.py"}
    (tmp_path / "own.py").write_text(CODE + "\n# another line\n", encoding="utf-8")
    resumed(run, workers)
    (warning,) = [event for event in run.events() if event.get("code") == "run.code-changed"]
    assert "own.py" in warning["message"]
    assert "perceptron.py" not in warning["message"]


@pytest.mark.parametrize("kind", ["complex64", "complex128", "uint16", "uint32", "uint64", "bool", "float8_e4m3fn",
                                  "float8_e5m2", "float8_e4m3fnuz", "bfloat16"])  # fmt: skip
def test_tensors_of_every_type_come_back_equal(kind: str, tmp_path: Path) -> None:
    from tunesmith.train.tensorfile import read_tensors, write_tensors

    dtype = getattr(torch, kind)
    for number, shape in enumerate([(), (0,), (3, 5)]):
        bits = torch.arange(1, 1 + 4 * 5 * 16, dtype=torch.uint8)
        count = torch.Size(shape).numel()
        size = torch.empty((), dtype=dtype).element_size()
        tensor = bits[: count * size].clone().view(dtype).reshape(shape) if kind != "bool" else torch.ones(shape) > 0
        file = tmp_path / f"{number}.safetensors"
        write_tensors(file, {"a": tensor, "b": torch.ones(2)}, {"format": "pt"})
        back = read_tensors(file)
        assert set(back) == {"a", "b"}
        assert (back["a"].dtype, back["a"].shape) == (tensor.dtype, tensor.shape)
        assert raw(back["a"]) == raw(tensor)


def raw(tensor: torch.Tensor) -> bytes:
    return bytes(tensor.contiguous().reshape(-1).view(torch.uint8).tolist())


@pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr, torch.sparse_csc])
@pytest.mark.parametrize("dtype", [torch.float32, torch.complex64])
def test_sparse_tensors_come_back_equal(layout: torch.layout, dtype: torch.dtype, tmp_path: Path) -> None:
    from tunesmith.train.tensorfile import read_tensors, write_tensors

    dense = torch.zeros(4, 6, dtype=dtype)
    dense[1, 2], dense[3, 0] = 1.5, -2.0
    tensor = dense.to_sparse(layout=layout)
    write_tensors(tmp_path / "a.safetensors", {"a": tensor}, {"format": "pt"})
    back = read_tensors(tmp_path / "a.safetensors")["a"]
    assert back.layout == layout
    assert torch.equal(back.to_dense(), dense)
