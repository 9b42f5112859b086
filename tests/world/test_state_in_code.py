"""State that a project's code keeps in functions, closures, defaults and objects is in every checkpoint, or told.

Each kind of code is called a few times; what a checkpoint holds then is put into the same code, imported afresh, and
both must go on alike.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

from real_workers import ForkServer, new_run, outcome, rewind
from support import write_digits_job
from tunesmith.estimate.prepared import Request
from tunesmith.train.own_state import AroundState, ModuleState
from tunesmith.trial.work import try_here

HEAD = """
import enum, functools, logging, pathlib, queue, random, re, threading, time, types, typing
import numpy as np
import torch
from torch import nn

"""
KINDS = {
    "attributes of a function": """
def call(x):
    call.steps += 1
    return x * call.steps

call.steps = 0
""",
    "an attribute that a function gives itself": """
def call(x):
    call.steps = getattr(call, "steps", 0) + 1
    return x * call.steps
""",
    "variables of a closure": """
def make():
    count, history = 0, []
    def inner(x):
        nonlocal count
        count += 1
        history.append(float(x.sum()) * count)
        return x * count + sum(history)
    return inner

call = make()
""",
    "a closure within a partial within a closure": """
def make(scale):
    state = {"count": 0, "code": len}
    def inner(x, more):
        state["count"] += 1
        return x * state["count"] * scale + more
    return functools.partial(inner, more=1)

def around(function):
    return lambda x: function(x)

call = around(make(3))
""",
    "defaults": """
def call(x, seen=[], *, more={"calls": 0}):
    seen.append(len(seen))
    more["calls"] += 1
    return x * (sum(seen) + more["calls"])
""",
    "attributes of a decorated function": """
def announced(function):
    @functools.wraps(function)
    def wrapper(*args):
        logging.getLogger(__name__).debug("called")
        return function(*args)
    return wrapper

@announced
def call(x):
    call.steps = getattr(call, "steps", 0) + 1
    return x * call.steps
""",
    "behind a decorator of torch": """
def make():
    count = 0
    @torch.no_grad()
    def inner(x):
        nonlocal count
        count += 1
        return x * count
    return inner

call = make()
""",
    "texts, tensors and growing lists by name": """
PHASE, MEAN, HISTORY = "warm", None, []

def call(x):
    global PHASE, MEAN
    MEAN = x.mean() if MEAN is None else 0.9 * MEAN + 0.1 * x.mean()
    PHASE += "er"
    HISTORY.extend(range(400))
    return x * len(PHASE) + MEAN + len(HISTORY)
""",
    "a table that was large from the beginning": """
TABLE = {number: 0.0 for number in range(5000)}
NESTED = {"a": list(range(50000))}

def call(x):
    TABLE[len(TABLE)] = 1.5
    NESTED["a"].append(3)
    return x * sum(TABLE.values()) + len(NESTED["a"])
""",
    "a large tensor, a large array and a layer by name": """
BANK, ARRAY = torch.zeros(600, 512), np.zeros((600, 512))
LAYER = nn.Linear(4, 4)

def call(x):
    at = int(BANK[0, 0]) + 1
    BANK[at] = x.mean()
    BANK[0, 0] = at
    ARRAY[at] = 2 * at
    with torch.no_grad():
        LAYER.bias.add_(at)
    return x + BANK.sum() + float(ARRAY.sum()) + LAYER(x.reshape(4)).detach()
""",
    "an object with a lock, a stage, a pair and a mapping": """
class Stage(enum.Enum):
    FIRST = 1
    LATER = 2

class Pair(typing.NamedTuple):
    count: int
    total: float

class Memory(dict):
    pass

class Plain:
    def __init__(self):
        self.left = 9

class Strategy:
    def __init__(self):
        self.lock, self.stage, self.pair, self.memory = threading.Lock(), Stage.FIRST, Pair(0, 0.0), Memory(a=1.0)
        self.plain, self.once = Plain(), 1

    def __call__(self, x):
        with self.lock:
            self.pair = Pair(self.pair.count + 1, self.pair.total + 0.5)
            self.memory["a"] *= 0.9
            self.plain.left -= 1
            stage, self.stage = self.stage, Stage.LATER
            return x * (2 if stage is Stage.FIRST else 1) + self.pair.total + self.memory["a"] + self.plain.left

call = Strategy()
""",
    "names of nested and of foreign classes": """
class Outer:
    class Inner:
        calls = 0

        @classmethod
        def count(cls, history=[]):
            cls.calls += 1
            history.append(cls.calls)
            return sum(history)

def call(x):
    return x * Outer.Inner.count()
""",
    "a bound method of an object in a closure": """
def make():
    class Counter:
        def __init__(self):
            self.count, self.hidden = 0, lambda: 0
        def add(self, x):
            self.count += 1
            return x * self.count
    return Counter().add

call = make()
""",
    "a schedule of torch and its optimizer": """
WEIGHT = nn.Parameter(torch.ones(4))
OPTIMIZER = torch.optim.Adam([WEIGHT], lr=0.1)
SCHEDULE = torch.optim.lr_scheduler.StepLR(OPTIMIZER, step_size=2)

def call(x):
    OPTIMIZER.zero_grad()
    (WEIGHT * x).sum().backward()
    OPTIMIZER.step()
    SCHEDULE.step()
    return x * WEIGHT.detach() * OPTIMIZER.param_groups[0]["lr"]
""",
    "two names of one list, after it was taken over": """
FIRST, SECOND = [1], [0]

def call(x):
    global SECOND
    FIRST.append(len(FIRST))
    SECOND = FIRST
    return x * sum(SECOND)
""",
}
LOST = {
    "a generator": (
        "NOISE = (rate for rate in range(99))\ndef call(x):\n    return x * next(NOISE)",
        "own.NOISE, an iterator",
    ),
    "an iterator of Python": (
        "from itertools import cycle\nPARTS = cycle([1, 2, 3])\ndef call(x):\n    return x * next(PARTS)",
        "own.PARTS, an iterator",
    ),
    "a generator in a closure": (
        "def make():\n    rates = iter(range(9))\n    return lambda x: x * next(rates)\ncall = make()",
        "own.call.<closure>.rates, an iterator",
    ),
    "another function": (
        "act = abs\ndef one(x): return x\ndef two(x): return 2 * x\nact = one\n"
        "def call(x):\n    global act\n    act = two\n    return act(x)",
        "own.act, which is another function now",
    ),
    "numbers of an object of a library": (
        "MEAN = types.SimpleNamespace(value=np.zeros(3))\ndef call(x):\n    MEAN.value += 1\n    return x",
        "numbers of own.MEAN, a types.SimpleNamespace",
    ),
}
INNOCENT = """
LOG, WORDS, HERE, LOCK = logging.getLogger(__name__), re.compile("[a-z]+"), pathlib.Path(__file__), threading.Lock()
NAMES, TIMES, OUT = iter(["one", "two"]), queue.Queue(), open(pathlib.Path(__file__).with_suffix(".log"), "w")
MADE, THREAD, LAYERS = None, threading.Thread(target=print), [MODEL]
DATA = [{"text": "a", "label": number} for number in range(3000)]

@functools.lru_cache
def square(number):
    return number * number

def call(x):
    global MADE
    MADE = MADE or (lambda value: value)
    LOG.info("%s", WORDS.match("some words"))
    OUT.write("a step")
    TIMES.put(time.monotonic())
    return MADE(x) * square(len(DATA))
"""
X = torch.arange(4.0)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("own", None)


def fresh(folder: Path, code: str) -> tuple[ModuleType, AroundState]:
    """The code, imported anew, and what there is of it to be kept."""
    (folder / "own.py").write_text(HEAD + code, encoding="utf-8")
    sys.modules.pop("own", None)
    importlib.invalidate_caches()
    torch.manual_seed(1)
    own = importlib.import_module("own")
    return own, AroundState(module=nn.Linear(1, 1), modules=[own])


def taken(state: AroundState) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """As a checkpoint gives it back."""
    tensors: dict[str, torch.Tensor] = {}
    values = json.loads(json.dumps(state.take(tensors)))
    return values, {name: tensor.detach().clone() for name, tensor in tensors.items()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("calls", [1, 3])
def test_code_goes_on_from_a_checkpoint_as_if_nothing_had_been(kind: str, calls: int, folder: Path) -> None:
    code, state = fresh(folder, KINDS[kind])
    for _ in range(calls):
        code.call(X)
    values, tensors = taken(state)
    wanted = [code.call(X) for _ in range(3)]
    again, beginning = fresh(folder, KINDS[kind])
    assert beginning.put(values, tensors) == []
    assert torch.equal(torch.stack([again.call(X) for _ in range(3)]), torch.stack(wanted))
    assert "lost" not in values


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_kept_of_code_that_was_not_called(kind: str, folder: Path) -> None:
    values, tensors = taken(fresh(folder, KINDS[kind])[1])
    assert (values["attributes"], tensors) == ({}, {})


@pytest.mark.parametrize("kind", LOST)
def test_what_no_checkpoint_can_hold_is_named_once_it_has_changed(kind: str, folder: Path) -> None:
    code, state = fresh(folder, LOST[kind][0])
    assert "lost" not in taken(state)[0]
    code.call(X)
    assert taken(state)[0]["lost"] == [LOST[kind][1]]


def test_what_a_library_made_late_is_named_when_it_changes(folder: Path) -> None:
    code, state = fresh(
        folder,
        "MEAN = None\ndef call(x):\n    global MEAN\n    MEAN = MEAN or types.SimpleNamespace(value=np.zeros(3))\n"
        "    MEAN.value += 1\n    return x",
    )
    code.call(X)
    assert "lost" not in taken(state)[0]
    code.call(X)
    assert taken(state)[0]["lost"] == ["numbers of own.MEAN, a types.SimpleNamespace"]


def test_loggers_caches_files_queues_and_functions_that_are_made_once_are_no_state(folder: Path) -> None:
    code, state = fresh(folder, INNOCENT.replace("MODEL", "nn.Linear(2, 2)"))
    for _ in range(3):
        code.call(X)
        values, tensors = taken(state)
        assert ("lost" in values, values["attributes"], tensors) == (False, {}, {})


def test_an_object_of_another_class_than_before_is_reported_when_it_cannot_be_put_back(folder: Path) -> None:
    text = (
        "class One:\n    rate = 1\nclass Two(One):\n    rate = 2\nplan = One()\n"
        "def call(x):\n    global plan\n    plan = Two()\n    return x * plan.rate"
    )
    code, state = fresh(folder, text)
    code.call(X)
    values, tensors = taken(state)
    again, beginning = fresh(folder, text)
    assert beginning.put(values, tensors) == ["own.plan"]
    assert type(again.plan).__name__ == "One"


def test_objects_that_point_at_each_other_cost_no_time(folder: Path) -> None:
    code, state = fresh(
        folder,
        "class Node:\n    def __init__(self): self.near, self.value = [], 0\n"
        "NODES = [Node() for _ in range(40)]\n"
        "for node in NODES: node.near = NODES\n"
        "def call(x):\n    NODES[3].value += 1\n    return x * NODES[3].value",
    )
    code.call(X)
    values, tensors = taken(state)
    again, beginning = fresh(folder, (folder / "own.py").read_text(encoding="utf-8").removeprefix(HEAD))
    assert beginning.put(values, tensors) == []
    assert torch.equal(again.call(X), code.call(X))


def test_weights_of_the_model_are_not_kept_twice(folder: Path) -> None:
    code, _ = fresh(folder, "WEIGHTS = []\ndef call(x): return x")
    model = nn.Linear(2, 2)
    state = AroundState(module=model, modules=[code])
    code.WEIGHTS = list(model.parameters())
    code.model = model
    with torch.no_grad():
        model.weight.add_(1)
    assert taken(state)[1] == {}


MODELS = """
class Hidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.hidden = nn.Linear(4, 4), [nn.Linear(4, 4).requires_grad_(False)]

    def forward(self, x):
        self.hidden[0].weight.data.add_(1)
        return self.hidden[0](self.layer(x))

def make():
    calls = 0

    def hook(layer, given, answer):
        nonlocal calls
        calls += 1
        return answer * calls

    model = nn.Sequential(nn.Linear(4, 4))
    model[0].register_forward_hook(hook)
    return model

class Exchanged(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.act, self.function = nn.Linear(4, 4), nn.ReLU(), torch.relu

    def forward(self, x):
        self.act, self.function = nn.GELU(), torch.tanh
        return self.function(self.act(self.layer(x)))
"""


@pytest.mark.parametrize("name", ["Hidden", "make"])
def test_hidden_layers_and_hooks_of_a_model_go_on_too(name: str, folder: Path) -> None:
    def model() -> tuple[nn.Module, ModuleState]:
        made = getattr(fresh(folder, MODELS)[0], name)()
        return made, ModuleState(made)

    before, state = model()
    before(X)
    tensors: dict[str, torch.Tensor] = {}
    values = json.loads(json.dumps(state.take(tensors)))
    tensors = {key: tensor.detach().clone() for key, tensor in tensors.items()}
    again, beginning = model()
    assert beginning.put(values, tensors) == []
    assert torch.equal(again(X), before(X))


def test_parts_that_a_model_exchanges_are_named(folder: Path) -> None:
    model = fresh(folder, MODELS)[0].Exchanged()
    state = ModuleState(model)
    model(X)
    lost = state.take({})["lost"]
    assert lost == ["act, which is another GELU now"]


RUN = """
def cross_entropy(prediction, target):
    return nn.functional.cross_entropy(prediction, target, reduction="none")

def make():
    count = 0
    def loss(prediction, target):
        nonlocal count
        count += 1
        return cross_entropy(prediction, target) / (1 + 0.1 * count)
    return loss

enclosed = make()
NOISE = (0.1 * rate for rate in range(99))

def generated(prediction, target):
    return cross_entropy(prediction, target) / (1 + next(NOISE))

def hooked(outputs):
    class Local(nn.Sequential):
        seen = 0

        def forward(self, pixels):
            if self.training:
                Local.seen += 1
            return super().forward(pixels) * (1 + 0.1 * Local.seen)

    return Local(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, outputs))
"""
RHYTHM = ("evaluation: {every: 4 steps}", "checkpoints: {every: 3 steps, keep: 9}")


def write_job(folder: Path, loss: str) -> Path:
    (folder / "own.py").write_text(HEAD + RUN, encoding="utf-8")
    keys = f"training: {{epochs: 9, max_steps: 9, batch_size: 32, learning_rate: 0.05, loss: 'own:{loss}'}}"
    data = "train: 'perceptron:digits', image: image, label: label"
    return write_digits_job(folder, keys, "method: full", *RHYTHM, model="own:hooked", data=data)


def test_a_run_whose_loss_and_model_count_in_closures_and_classes_resumes_exactly(
    folder: Path, workers: ForkServer
) -> None:
    run = workers.finish(new_run(write_job(folder, "enclosed")))
    before = outcome(run), json.loads((run.path / "report" / "metrics.json").read_bytes())
    rewind(run)
    workers.finish(run)
    assert (outcome(run), json.loads((run.path / "report" / "metrics.json").read_bytes())) == before
    assert [event for event in run.events() if event["kind"] == "warning"] == []
    best = run.state().best
    assert best is not None
    told = [e["metrics"] for e in run.events() if e["kind"] == "evaluation" and e["step"] == best["step"]]
    assert next(event["metrics"] for event in run.events() if event["kind"] == "report") == told[0]


def test_a_generator_of_a_loss_is_named_by_check_and_by_the_run(folder: Path, workers: ForkServer) -> None:
    job = write_job(folder, "generated")
    run = workers.finish(new_run(job))
    told = [event for event in run.events() if event.get("code") == "train.state-not-kept"]
    assert [(event["step"], "own.NOISE, an iterator" in event["message"]) for event in told] == [(1, True)]
    found = [problem for problem in try_here(Request(file=job, trusted=True)) if problem.code == told[0]["code"]]
    assert [(problem.severity, problem.message) for problem in found] == [("warning", told[0]["message"])]
