"""torch's optimizers without its compiler.

The methods of every optimizer of torch pass through switches that turn `torch.compile` off inside of them, and the
first call of one imports that compiler: 150 MB and more than a second of a training that compiles nothing. Here they
are called below their switches. A switch is known by its own code; where torch has another one, the method stays as it
is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import torch

Kind = TypeVar("Kind", bound=torch.optim.Optimizer)

SWITCHES = {("_compile.py", "inner"), ("optimizer.py", "_use_grad")}
"""File and function of torch's switches: the one off its compiler, and the one off gradients, of a `step`."""


class Eager(torch.optim.Optimizer):
    """Stands before one of torch's optimizers, see `eager`."""

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """As torch's."""
        below_switch(torch.optim.Optimizer.add_param_group)(self, param_group)

    def state_dict(self) -> dict[str, Any]:
        """As torch's."""
        return cast(dict[str, Any], below_switch(torch.optim.Optimizer.state_dict)(self))

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As torch's."""
        below_switch(torch.optim.Optimizer.load_state_dict)(self, state_dict)

    def zero_grad(self, set_to_none: bool = True) -> None:  # noqa: FBT001, FBT002 - torch's own
        """As torch's."""
        below_switch(torch.optim.Optimizer.zero_grad)(self, set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """As torch's: without gradients, but for the closure's."""
        with torch.no_grad():
            return below_switch(super().step.__func__)(self, closure)  # type: ignore[attr-defined]


def eager(kind: type[Kind]) -> type[Kind]:
    """The same optimizer of torch's, with the same numbers and the same state."""
    return cast(type[Kind], type(kind.__name__, (Eager, kind), {"__doc__": kind.__doc__}))


@cache
def below_switch(function: Callable[..., Any]) -> Callable[..., Any]:
    """What a method of torch's does once `torch.compile` is off in it; the method itself where it has no switch."""
    code = function.__code__
    is_switch = (Path(code.co_filename).name, code.co_name) in SWITCHES
    return cast(Callable[..., Any], function.__wrapped__) if is_switch else function  # type: ignore[attr-defined]
