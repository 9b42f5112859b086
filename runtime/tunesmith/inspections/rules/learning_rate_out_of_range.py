"""A learning rate far outside of the range in which its optimizer trains."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument, arguments, last_name, targets
from tunesmith.inspections.names import ADAPTIVE, TRAINING_ARGUMENTS
from tunesmith.inspections.optimizers import Made, optimizers
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="learning-rate-out-of-range",
    code="TS107",
    severity="warning",
    help="The learning rate is far outside of the range in which this optimizer trains.",
    explanation="""\
Adam and its kin move every weight by about the learning rate at each step, whatever the gradient. Weights of a trained
network are around 0.02 in size: a rate of 0.1 overwrites them in the first step. For pretrained models 1e-5 to 5e-4 is
usual, from scratch 1e-4 to 1e-2; plain SGD, whose steps follow the gradient's size, stands up to about 1.

With Adam's kin rates from 0.01 are found for a model that is loaded by name, from 0.1 in a file that loads weights,
and from 1 elsewhere, as small models from scratch do learn with 0.1; with SGD from 50; and below 1e-8, where nothing
moves.""",
    bad=(
        Mistake(
            code="""\
import torch
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)  # TS107
""",
            fixed="""\
import torch
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
""",
        ),
        Mistake(
            code="""\
from torch import optim
from transformers import TrainingArguments

LEARNING_RATE = 0.1

def make(net):
    arguments = TrainingArguments("out", learning_rate=0.1)  # TS107
    return optim.Adam(net.parameters(), LEARNING_RATE), arguments  # TS107
""",
        ),
    ),
    good=(
        """\
import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))
first = torch.optim.Adam(net.parameters(), lr=0.01)
second = torch.optim.SGD(net.parameters(), lr=1.0)
point = torch.zeros(2, requires_grad=True)
third = torch.optim.Adam([point], lr=0.1)
""",
        """\
import torch
from torch.optim.lr_scheduler import LambdaLR

def train(model, warmup):
    optimizer = torch.optim.Adam(model.parameters(), lr=1, betas=(0.9, 0.98), eps=1e-9)
    return LambdaLR(optimizer, lr_lambda=lambda step: 512**-0.5 * min((step + 1) ** -0.5, (step + 1) * warmup**-1.5))
""",
    ),
)
LOADED = 0.01
UNKNOWN = 0.1
SCRATCH = 1.0
PLAIN = 50  # 20 is in use for recurrent networks whose gradients are clipped
NOTHING = 1e-8
_LOADS = re.compile(r"pretrained|transformers|peft|load_state_dict")


_SCHEDULES = re.compile(r"sched|lr|rate|warm|noam|cycle|opt", re.IGNORECASE)
# Schedules whose highest rate is the optimizer's own.
FALLING = frozenset(
    {
        *("StepLR", "MultiStepLR", "ExponentialLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "LinearLR"),
        *("ConstantLR", "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "get_linear_schedule_with_warmup"),
        *("get_cosine_schedule_with_warmup", "get_constant_schedule_with_warmup", "get_scheduler"),
    }
)


def check(module: Module) -> Iterator[Hit]:
    """Rates that the code says as numbers, for optimizers of whole models."""
    for made in optimizers(module):
        rate = argument(made.call, "lr", 1)
        value = module.constant(rate)
        if rate is None or made.model is None or not isinstance(value, (int, float)) or isinstance(value, bool):
            continue
        kind = module.kind(made.model)
        loaded = kind.endswith(".from_pretrained")
        scratch = kind.startswith("torch.nn.") or module.is_own(made.model) or not _LOADS.search(module.text.source)
        adaptive = made.name in ADAPTIVE - {"Adafactor"}
        limit = (LOADED if loaded else SCRATCH if scratch else UNKNOWN) if adaptive else PLAIN
        if _is_rescaled(module, made):
            continue
        if (adaptive or made.name == "SGD") and (value >= limit or 0 < value < NOTHING):
            yield _hit(module, rate, value, made.name, "5e-5" if loaded else "1e-3")
    for call in module.calls_of(*TRAINING_ARGUMENTS):
        rate = argument(call, "learning_rate")
        value = module.constant(rate)
        if rate is None:
            continue
        if isinstance(value, (int, float)) and value >= LOADED and argument(call, "optim") is None:
            yield _hit(module, rate, value, "AdamW", "5e-5")


def _is_rescaled(module: Module, made: Made) -> bool:
    """Whether something that is handed the optimizer, or a line that writes its rate, may turn the number into another:
    a schedule by a function of one's own, by cycles, or a class with a warm-up."""
    rewritten, names, calls = _rescaling(module)
    return rewritten or last_name(module.assigned_to(made.call)) in names or made.call in calls


@lru_cache(maxsize=1)
def _rescaling(module: Module) -> tuple[bool, set[str], set[ast.expr]]:
    """Whether a line writes `group["lr"]`; and what is handed to such schedules, by name and as expressions."""
    written = [target for node in module.assignments for target in targets(node)]
    keys = [each.slice for each in written if isinstance(each, ast.Subscript)]
    rewritten = any(isinstance(key, ast.Constant) and key.value == "lr" for key in keys)
    given: list[ast.expr] = []
    for call in module.calls:
        name = last_name(call.func)
        if _SCHEDULES.search(name) and name not in FALLING:
            given += arguments(call)
    return rewritten, {name for each in given if (name := last_name(each))}, set(given)


def _hit(module: Module, rate: ast.expr, value: float, name: str, usual: str) -> Hit:
    what = "far too high" if value > NOTHING else "too low to move any weight"
    return Hit(
        node=rate,
        message=f"a learning rate of {value:g} is {what} for {name}; {usual} is a good first one",
        fixes=edits.fix(f"Use {usual}", edits.replace(module, rate, usual), is_safe=False)
        if isinstance(rate, ast.Constant) and name != "SGD"
        else (),
    )
