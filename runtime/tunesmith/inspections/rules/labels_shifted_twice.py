"""Labels that are shifted by hand for a model that shifts them itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="labels-shifted-twice",
    code="TS704",
    severity="warning",
    help="The labels are shifted by one, and the model shifts them by one more.",
    explanation="""\
Language models of transformers compare what they say at a token with the *next* label: `labels` are the `input_ids`
themselves. Shifted by hand before, every token is trained to foretell the one after the next. The loss falls, and
what the model writes lacks every second word.

Hand over `labels=input_ids`, with -100 for what is not to be learnt.""",
    bad=(
        Mistake(
            code="""\
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("gpt2")

def loss_of(tokens):
    inputs = tokens[:, :-1]
    labels = tokens[:, 1:]
    return model(input_ids=inputs, labels=labels).loss  # TS704
""",
        ),
    ),
    good=(
        """\
import torch
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("gpt2")

def losses_of(tokens):
    one = model(input_ids=tokens, labels=tokens).loss
    scores = model(input_ids=tokens[:, :-1]).logits
    return one, torch.nn.functional.cross_entropy(scores.flatten(0, 1), tokens[:, 1:].flatten())
""",
    ),
)

COPIES = frozenset({"clone", "copy", "contiguous", "detach", "long", "int", "cuda", "cpu", "flatten"})


def check(module: Module) -> Iterator[Hit]:
    """`model(input_ids=X[:, :-1], labels=X[:, 1:])` of a causal language model of transformers."""
    if "transformers" not in module.imports:
        return
    for call in module.calls:
        labels, inputs = argument(call, "labels"), argument(call, "input_ids", 0)
        if labels is None or inputs is None or "CausalLM" not in module.kind(call.func):
            continue
        if _is_cut(module, labels, "lower", 1) and _is_cut(module, inputs, "upper", -1):
            yield Hit(node=call, message="the model shifts the labels itself: hand it the tokens as they are")


def _is_cut(module: Module, node: ast.expr, side: str, number: int) -> bool:
    """Whether a value is X[:, 1:] or X[:, :-1], copied or not."""
    value = module.before(module.value(node), COPIES)
    if not isinstance(value, ast.Subscript):
        return False
    last = value.slice.elts[-1] if isinstance(value.slice, ast.Tuple) else value.slice
    return isinstance(last, ast.Slice) and module.constant(getattr(last, side)) == number
