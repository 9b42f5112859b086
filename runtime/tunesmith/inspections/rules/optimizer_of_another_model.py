"""An optimizer that steps the parameters of another model than the one that trains."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.evaluation import is_model
from tunesmith.inspections.module import Module
from tunesmith.inspections.optimizers import optimizers
from tunesmith.inspections.training import called_here, inside, optimizer_steps, training_loops
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
        steps = [(call, each) for call, each in optimizer_steps(module) if call in inside(module, [call], loop)]
        if len({ast.unparse(each) for _, each in steps}) != 1 or called_here(module, loop):
            continue
        maker = module.attribute_value(steps[0][1]) or module.value(steps[0][1])
        model = made[maker].model if isinstance(maker, ast.Call) and maker in made else None
        calls = [node.func for node in ast.walk(loop) if isinstance(node, ast.Call) and is_model(module, node.func)]
        if not isinstance(model, ast.Name) or not calls or not all(isinstance(each, ast.Name) for each in calls):
            continue
        named = {node.id for node in ast.walk(loop) if isinstance(node, ast.Name)}
        called = {each.id for each in calls if isinstance(each, ast.Name)}
        if model.id in named or any(not _is_apart(module, each, model) for each in calls):
            continue
        yield Hit(
            node=steps[0][0],
            message=f"this optimizer steps `{model.id}`, but the loop trains `{', '.join(sorted(called))}`",
        )


def _is_apart(module: Module, used: ast.expr, model: ast.Name) -> bool:
    """Whether both models are made in this file, by calls of layers or classes that do not take the other in."""
    one, other = module.value(used), module.value(model)
    if not isinstance(one, ast.Call) or not isinstance(other, ast.Call) or one is other:
        return False
    if module.role(one) != "module" or module.role(other) != "module":
        return False
    words = {node.id for node in ast.walk(one) if isinstance(node, ast.Name)}
    own = {node.id for node in ast.walk(other) if isinstance(node, ast.Name)}
    assigned = {name for each in (one, other) if (name := _name_of(module, each))}
    return not assigned & (words | own) and len(assigned) == 2


def _name_of(module: Module, call: ast.Call) -> str:
    statement = module.parents.get(call)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    return target.id if isinstance(target, ast.Name) else ""
