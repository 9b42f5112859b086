"""A Trainer that is to load the best model, and evaluates and saves at different times."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Hit
from tunesmith.inspections.module import Module, argument, has_stars
from tunesmith.inspections.names import TRAINING_ARGUMENTS
from tunesmith.members import Inspection, Mistake

MEMBER = Inspection(
    name="strategies-differ",
    code="TS703",
    severity="error",
    help="`load_best_model_at_end` needs a saved model for every evaluation, and the two happen at different times.",
    explanation="""\
The `Trainer` can only go back to the best evaluation if the model was saved there. With `load_best_model_at_end=True`
it raises "`--load_best_model_at_end` requires the save and eval strategy to match" unless both are the same; without
being told it never evaluates, and saves every 500 steps.

Give `eval_strategy` and `save_strategy` the same value, `"epoch"` or `"steps"`.""",
    bad=(
        Mistake(
            code="""\
from transformers import TrainingArguments

arguments = TrainingArguments(
    "out",
    eval_strategy="epoch",
    save_strategy="steps",  # TS703
    load_best_model_at_end=True,
)
""",
            fixed="""\
from transformers import TrainingArguments

arguments = TrainingArguments(
    "out",
    eval_strategy="epoch",
    save_strategy="epoch",
    load_best_model_at_end=True,
)
""",
        ),
    ),
    good=(
        """\
from transformers import TrainingArguments

arguments = TrainingArguments("out", eval_strategy="epoch", save_strategy="epoch", load_best_model_at_end=True)
others = TrainingArguments("out", eval_strategy="epoch", save_strategy="steps")
best = TrainingArguments("out", eval_strategy="epoch", save_strategy="best", load_best_model_at_end=True)
""",
    ),
)


def check(module: Module) -> Iterator[Hit]:
    """Arguments of a Trainer that are all in sight."""
    for call in module.calls_of(*TRAINING_ARGUMENTS):
        if has_stars(call) or module.constant(argument(call, "load_best_model_at_end")) is not True:
            continue
        evaluates = argument(call, "eval_strategy") or argument(call, "evaluation_strategy")
        saves = argument(call, "save_strategy")
        when = module.constant(evaluates) if evaluates is not None else "no"
        saved = module.constant(saves) if saves is not None else "steps"
        if not isinstance(when, str) or not isinstance(saved, str) or saved == "best" or when == saved:
            continue
        literal = saves is not None and isinstance(saves, ast.Constant) and when != "no"
        yield Hit(
            node=saves or call,
            message=f'the best model cannot be loaded: it evaluates by "{when}" and saves by "{saved}"',
            fixes=edits.fix(f'Save by "{when}"', edits.replace(module, saves, f'"{when}"'))
            if literal and saves is not None
            else (),
        )
