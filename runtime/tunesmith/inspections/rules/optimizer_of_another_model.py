"""An optimizer that steps the parameters of another model than the one that trains."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.evaluation import model_calls
from tunesmith.inspections.module import Module, names_in, same
from tunesmith.inspections.optimizers import optimizers
from tunesmith.inspections.training import called_here, optimizer_steps, steps_inside, training_loops
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="optimizer-of-another-model",
    code="TS119",
    severity="warning",
    help="The loop trains one model, and its optimizer holds the parameters of another.",
    explanation="""\
An optimizer changes the parameters that it was made of, and no others. With those of another model, or of a model that
was made anew since, the loop runs, the loss is computed and differentiated, and nothing learns.

Make the optimizer of the model that the loop calls, after that model is made.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch import nn

first = nn.Linear(4, 2)
second = nn.Linear(4, 2)
optimizer = torch.optim.SGD(first.parameters(), lr=0.1)

def train(loader):
    for batch, labels in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(second(batch), labels).backward()
        optimizer.step()  # TS119
""",
        ),
    ),
    good=(
        """\
import torch
from torch import nn

body = nn.Linear(4, 8)
head = nn.Linear(8, 2)
optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
whole = nn.Sequential(body, head)
whole_optimizer = torch.optim.SGD(head.parameters(), lr=0.1)

def train(loader):
    for batch, labels in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(head(body(batch)), labels).backward()
        optimizer.step()
    for batch, labels in loader:
        whole_optimizer.zero_grad()
        nn.functional.cross_entropy(whole(batch), labels).backward()
        whole_optimizer.step()
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Training loops that call one model by its name, whose one optimizer is made of another model that is made apart
    from it and never used in the loop."""
    made = {each.call: each for each in optimizers(module)}
    for loop in training_loops(module) if made else ():
        steps = steps_inside(module, loop)
        optimizer = optimizer_steps(module)[steps[0]]
        if any(not same(optimizer_steps(module)[each], optimizer) for each in steps) or called_here(module, loop):
            continue
        maker = module.origin(optimizer)
        model = made[maker].model if isinstance(maker, ast.Call) and maker in made else None
        calls = [call.func for call in model_calls(module, loop)]
        if not isinstance(model, ast.Name) or not calls or not all(isinstance(each, ast.Name) for each in calls):
            continue
        called = {each.id for each in calls if isinstance(each, ast.Name)}
        if model.id in names_in(loop) or any(not _is_apart(module, each, model) for each in calls):
            continue
        yield Hit(
            node=steps[0],
            message=f"this optimizer steps `{model.id}`, but the loop trains `{', '.join(sorted(called))}`",
        )


def _is_apart(module: Module, used: ast.expr, model: ast.Name) -> bool:
    """Whether both models are made in this file, by calls of layers or classes that do not take the other in."""
    one, other = module.value(used), module.value(model)
    if not isinstance(one, ast.Call) or not isinstance(other, ast.Call) or one is other:
        return False
    if module.role(one) != "module" or module.role(other) != "module":
        return False
    targets = [module.assigned_to(each) for each in (one, other)]
    assigned = {each.id for each in targets if isinstance(each, ast.Name)}
    return not assigned & (names_in(one) | names_in(other)) and len(assigned) == 2
