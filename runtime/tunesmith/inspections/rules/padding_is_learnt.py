"""Labels of a language model that are a copy of padded inputs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument, last_name
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="padding-is-learnt",
    code="TS701",
    severity="warning",
    help="The labels are a copy of padded inputs, so the model learns to write padding.",
    explanation="""\
Loss is taken at every label that is not -100. In a copy of `input_ids` the padding is a label like any other: short
texts teach the model mostly to repeat the padding token, which is often also the end token, and the loss looks better
than it is.

Put -100 where `attention_mask` is 0, or leave the labels to
`DataCollatorForLanguageModeling(tokenizer, mlm=False)`.""",
    bad=(
        Mistake(
            code="""\
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained("gpt2")

def encode(row):
    encoded = tokenizer(row["text"], truncation=True, padding="max_length", max_length=128)
    encoded["labels"] = encoded["input_ids"].copy()  # TS701
    return encoded
""",
        ),
    ),
    good=(
        """\
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = AutoModelForCausalLM.from_pretrained("gpt2")

def encode(row):
    encoded = tokenizer(row["text"], truncation=True, max_length=128)
    encoded["labels"] = encoded["input_ids"].copy()
    return encoded

def encode_padded(row):
    encoded = tokenizer(row["text"], truncation=True, padding="max_length", max_length=128)
    pairs = zip(encoded["input_ids"], encoded["attention_mask"])
    encoded["labels"] = [token if kept else -100 for token, kept in pairs]
    return encoded
""",
    ),
)
COPIES = frozenset({"copy", "clone", "deepcopy", "list"})


def check(module: Module) -> Iterator[Hit]:
    """`X["labels"] = X["input_ids"]`, copied or not, where X is what a tokenizer gave with padding, in files that know
    neither -100 nor a collator that makes the labels."""
    source = module.text.source
    if (
        "-100" in source
        or "DataCollatorFor" in source
        or "ignore_index" in source
        or "transformers" not in module.imports
    ):
        return
    for node in module.assignments:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        owner = _entry(target, "labels")
        value = node.value
        if isinstance(value, ast.Call) and last_name(value.func) in COPIES:
            inner = value.args[0] if value.args else getattr(value.func, "value", None)
            value = inner if isinstance(inner, ast.expr) else None
        given = _entry(value, "input_ids")
        if owner is None or given is None or ast.unparse(owner) != ast.unparse(given):
            continue
        made = module.value(given)
        padding = argument(made, "padding") if isinstance(made, ast.Call) else None
        if padding is not None and module.constant(padding) not in (None, False, "do_not_pad"):
            yield Hit(node=node, message="the padding is a label like any other here: put -100 in its place")


def _entry(node: ast.AST | None, key: str) -> ast.expr | None:
    """X of `X[key]` and `X.key`."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == key:
        return node.value
    return node.value if isinstance(node, ast.Attribute) and node.attr == key else None
