"""A model that trains on one batch of random numbers with random targets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.losses import loss_calls
from tunesmith.inspections.module import Loop, Module, last_name
from tunesmith.inspections.training import training_loops
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="random-batch-learnt-by-heart",
    code="TS409",
    severity="info",
    help="The loop trains on one batch of random inputs with random targets: there is nothing to learn but that batch.",
    explanation="""\
Random targets have nothing to do with random inputs. The loss falls all the same, because the model learns this one
batch by heart, as it could learn any list of telephone numbers: on rows that it has not seen it is as good as
guessing. To try out whether a loop runs this is fine; that it *learns* only real data can show.

Take data whose inputs say something of the targets, a new batch in each step, and keep some rows aside
(`random_split`) on which you measure now and then: where only the training loss falls, the model learns by heart.""",
    bad=(
        Mistake(
            code="""\
import torch
from torch import nn

model = nn.Linear(784, 10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
inputs = torch.randn(64, 784)
labels = torch.randint(0, 10, (64,))
for epoch in range(100):
    optimizer.zero_grad()
    outputs = model(inputs)
    loss = criterion(outputs, labels)  # TS409
    loss.backward()
    optimizer.step()
""",
        ),
    ),
    good=(
        """\
import torch
from torch import nn

model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
inputs = torch.randn(64, 3)
targets = inputs.sum(dim=1, keepdim=True)
for epoch in range(100):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(inputs), targets).backward()
    optimizer.step()
for step in range(3):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(torch.randn(8, 3)), torch.randn(8, 1)).backward()
    optimizer.step()
""",
    ),
)
AT_RANDOM = frozenset({"torch.randn", "torch.rand", "torch.randint", "torch.empty"})
FEWEST_ROUNDS = 10


def check(module: Module) -> Iterator[Hit]:
    """Losses in a loop of at least ten rounds, of inputs and targets that were drawn at random before the loop."""
    losses = {each.call: each for each in loss_calls(module)}
    for loop in training_loops(module) if losses else ():
        if not _is_long(module, loop):
            continue
        for loss in losses.values():
            if not module.within(loss.call, loop) or module.function(loss.call) is not module.function(loop):
                continue
            prediction = module.value(loss.prediction)
            given = prediction.args[:1] if isinstance(prediction, ast.Call) else []
            drawn = [_drawn(module, each, loop) for each in (*given, loss.target)]
            if len(drawn) == 2 and all(drawn):
                yield Hit(
                    node=loss.call,
                    message="inputs and targets are random numbers, the same in every round: the model learns them by "
                    "heart, and its loss says nothing of other rows",
                )


def _is_long(module: Module, loop: Loop) -> bool:
    """A loop over `range(N)` with N from ten on, or a name such as `epochs`."""
    count = (
        loop.iter.args[-1] if isinstance(loop, ast.For) and isinstance(loop.iter, ast.Call) and loop.iter.args else None
    )
    if count is None or not isinstance(loop, ast.For) or last_name(getattr(loop.iter, "func", loop.iter)) != "range":
        return False
    number = module.constant(count)
    return number >= FEWEST_ROUNDS if isinstance(number, int) else "epoch" in module.text.of(count).lower()


def _drawn(module: Module, node: ast.expr, loop: Loop) -> bool:
    """Whether a value was drawn at random before the loop, moved or not."""
    value = module.before(module.value(node), ("to", "cuda", "float", "long", "unsqueeze", "view"))
    return module.called(value) in AT_RANDOM and not module.within(value, loop)
