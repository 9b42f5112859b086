"""An activation before a loss that has the same one inside: the hit and its fix."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tunesmith.inspections import edits
from tunesmith.inspections.contract import Fix, Hit
from tunesmith.inspections.losses import Ending, LossCall, activation
from tunesmith.inspections.module import Module


def hit(module: Module, loss: LossCall, name: str, message: str) -> Iterator[Hit]:
    """A hit where the loss's prediction comes out of the activation `name`."""
    found = activation(module, loss.prediction)
    if found is not None and found.name == name:
        line = getattr(found.call, "lineno", 0)
        where = "" if line == loss.call.lineno else f" (the {name} is in line {line})"
        yield Hit(node=loss.prediction, message=message + where, fixes=_fixes(module, loss.prediction, found))


def _fixes(module: Module, prediction: ast.expr, found: Ending) -> tuple[Fix, ...]:
    """The prediction as it was before the activation, where that is at hand at the loss."""
    if found.of is None:
        return ()
    before = module.text.of(found.of)
    if module.within(found.call, prediction):
        bare = isinstance(found.of, edits.PRIMARY) or found.call is prediction
        words = before if bare else f"({before})"
        return edits.fix(f"Remove the {found.name}", edits.replace(module, found.call, words))
    alone = module.value(prediction) is found.call
    still = alone and isinstance(found.of, ast.Name) and _still_holds(module, found.of, prediction)
    return edits.fix(f"Use `{before}`", edits.replace(module, prediction, before)) if still else ()


def _still_holds(module: Module, value: ast.Name, at: ast.expr) -> bool:
    """Whether the name `value` has at `at` the value that it had where it stands: bound once, in the same function."""
    place = module.scopes[at].find(value.id)
    return place is not None and len(place[1]) == 1 and place[0] is module.scopes[value] is module.scopes[at]
