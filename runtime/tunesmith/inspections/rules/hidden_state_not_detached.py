"""A hidden state that goes from batch to batch with the graph of all batches before."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.loaders import goes_through_data
from tunesmith.inspections.losses import class_of
from tunesmith.inspections.module import Loop, Module, argument, arguments, last_name
from tunesmith.inspections.names import RECURRENT
from tunesmith.inspections.training import backward_calls, inside, training_loops
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="hidden-state-not-detached",
    code="TS116",
    severity="error",
    help="The hidden state of one batch goes into the next with its graph, which the backward pass has freed.",
    explanation="""\
A recurrent network's state depends on the batch that it came from. Handed on to the next batch as it is, the second
`backward()` walks into the first batch's graph and raises "Trying to backward through the graph a second time"; with
`retain_graph=True` each step takes longer and more memory than the one before.

Cut it off in each step: `hidden = hidden.detach()`, or `tuple(each.detach() for each in hidden)` for an LSTM; or start
each batch with a new state.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch import nn

lstm = nn.LSTM(4, 2, batch_first=True)

def train(loader, optimizer):
    hidden = None
    for batch, target in loader:
        optimizer.zero_grad()
        output, hidden = lstm(batch, hidden)  # TS116
        torch.nn.functional.mse_loss(output, target).backward()
        optimizer.step()
""",
        ),
    ),
    good=(
        """\
import torch
from torch import nn

lstm = nn.LSTM(4, 2, batch_first=True)

def train(loader, optimizer):
    hidden = None
    for batch, target in loader:
        optimizer.zero_grad()
        output, hidden = lstm(batch, hidden)
        hidden = tuple(each.detach() for each in hidden)
        torch.nn.functional.mse_loss(output, target).backward()
        optimizer.step()
    for batch, target in loader:
        optimizer.zero_grad()
        hidden = (torch.zeros(1, 8, 2), torch.zeros(1, 8, 2))
        output, hidden = lstm(batch, hidden)
        torch.nn.functional.mse_loss(output, target).backward()
        optimizer.step()
""",
    ),
)


RECURRENT_CELLS = RECURRENT | {"LSTMCell", "GRUCell", "RNNCell"}


def check(module: Module) -> Iterator[Hit]:
    """`output, hidden = model(batch, hidden)` in a training loop over a loader that binds `hidden` in no other way."""
    for loop in training_loops(module):
        passes = inside(module, backward_calls(module), loop)
        if not goes_through_data(module, loop) or any(argument(call, "retain_graph") for call in passes):
            continue
        for node in module.inside(module.assignments, loop):
            call = node.value
            if not isinstance(node, ast.Assign) or not isinstance(call, ast.Call) or node not in loop.body:
                continue
            if not _keeps_the_graph(module, call.func):
                continue
            target = node.targets[0]
            parts = target.elts[1:] if isinstance(target, ast.Tuple) else []
            for state in [name for part in parts for name in ast.walk(part) if isinstance(name, ast.Name)]:
                given = any(isinstance(each, ast.Name) and each.id == state.id for each in _given(call))
                if given and _is_only_bound_by(module, state, node, loop):
                    yield Hit(
                        node=call,
                        message=f"`{state.id}` takes the last batch's graph into this one: it is never detached",
                    )
                    break


def _keeps_the_graph(module: Module, model: ast.expr) -> bool:
    """Whether this is a recurrent layer of torch, or a model of this file that detaches nothing itself."""
    if module.kind(model).rpartition(".")[2] in RECURRENT_CELLS:
        return True
    class_ = class_of(module, model)
    words = module.text.of(class_) if class_ is not None else "detach"
    return "detach" not in words and ".data" not in words


def _given(call: ast.Call) -> Iterator[ast.expr]:
    for each in arguments(call):
        yield from each.elts if isinstance(each, (ast.Tuple, ast.List)) else [each]


def _is_only_bound_by(module: Module, state: ast.Name, node: ast.Assign, loop: Loop) -> bool:
    """Whether nothing else in the loop gives the name a value, or changes or detaches what it holds."""
    for each in ast.walk(loop):
        stored = isinstance(each, ast.Name) and each.id == state.id and isinstance(each.ctx, ast.Store)
        if stored and not module.within(each, node):
            return False
        if isinstance(each, ast.Attribute) and last_name(each.value) == state.id:
            return False
    return True
