"""Where optimizers are made, and of what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tunesmith.inspections.module import Module, argument
from tunesmith.inspections.names import role


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`call` makes an optimizer of class `name`; `model` is X where its first argument is `X.parameters()`."""

    call: ast.Call
    name: str
    parameters: ast.expr
    model: ast.expr | None


@lru_cache(maxsize=1)  # several rules use it one after the other
def optimizers(module: Module) -> list[Made]:
    """Calls of torch's optimizers, and of those of transformers, that say what they optimize."""
    return list(_optimizers(module))


def _optimizers(module: Module) -> Iterator[Made]:
    makers = [name for name in module.calls_by_name if role(name) == "optimizer"]
    for made_by, call in [(name, call) for name in makers for call in module.calls_by_name[name]]:
        given = argument(call, "params", 0)
        if given is not None:
            name = made_by.rpartition(".")[2]
            yield Made(call=call, name=name, parameters=given, model=owner_of_parameters(given))


def owner_of_parameters(node: ast.expr) -> ast.expr | None:
    """X of `X.parameters()`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "parameters":
        return None if node.args or node.keywords else node.func.value
    return None


def root(node: ast.expr) -> ast.expr:
    """`model` of `model.encoder.layer[0]`; `self.model` of `self.model.encoder`."""
    chain = [node]
    while isinstance(chain[-1], (ast.Attribute, ast.Subscript)):
        chain.append(chain[-1].value)
    is_self = isinstance(chain[-1], ast.Name) and chain[-1].id == "self" and len(chain) > 1
    return chain[-2] if is_self else chain[-1]
