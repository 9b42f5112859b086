"""Several prompts that are padded on the right before a language model continues them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument, arguments
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="padding-on-the-right",
    code="TS702",
    severity="warning",
    help="The prompts are padded on the right, so the shorter ones are continued after their padding.",
    explanation="""\
A language model writes on behind the last token. Where several prompts of different lengths are padded on the right,
that token is padding for all but the longest, and the answers get worse without an error (transformers only warns).

Load the tokenizer with `padding_side="left"` for generating. Only models whose tokenizers surely pad on the right are
looked at.""",
    bad=(
        Mistake(
            code="""\
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained("gpt2")
batch = tokenizer(["Hi", "How are you today"], return_tensors="pt", padding=True)
print(model.generate(**batch, max_new_tokens=20))  # TS702
""",
        ),
    ),
    good=(
        """\
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2", padding_side="left")
model = AutoModelForCausalLM.from_pretrained("gpt2")
batch = tokenizer(["Hi", "How are you today"], return_tensors="pt", padding=True)
print(model.generate(**batch, max_new_tokens=20))
""",
    ),
)
PADS_RIGHT = re.compile(r"gpt2|gpt-neo|gpt-j|pythia|/opt-|dialogpt|codegen", re.IGNORECASE)


def check(module: Module) -> Iterator[Hit]:
    """`generate` of a causal language model with several padded prompts, where nothing names a side."""
    if "padding_side" in module.text.source or "transformers" not in module.imports:
        return
    for call in module.methods.get("generate", []):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        made = module.value(owner) if owner is not None else None
        if not isinstance(made, ast.Call) or "CausalLM" not in module.called(made) or not _pads_right(module, made):
            continue
        if any(_is_padded(module, each) for each in arguments(call)):
            yield Hit(node=call, message="the prompts are padded on the right: load the tokenizer with the left side")


def _pads_right(module: Module, made: ast.Call) -> bool:
    name = module.constant(argument(made, "pretrained_model_name_or_path", 0))
    return isinstance(name, str) and bool(PADS_RIGHT.search(name))


def _is_padded(module: Module, given: ast.expr) -> bool:
    """Whether this is what a tokenizer made of several texts with padding, or a part of that."""
    while isinstance(given, (ast.Attribute, ast.Subscript)):
        given = given.value
    value = module.before(module.value(given), ("to", "cuda"))
    if not isinstance(value, ast.Call) or not value.args or "okenizer" not in module.text.of(value.func):
        return False
    padding = argument(value, "padding")
    texts = module.value(value.args[0])
    several = isinstance(texts, (ast.List, ast.Tuple)) and len(texts.elts) > 1
    return several and padding is not None and module.constant(padding) not in (None, False)
