"""Adam and AdamW on the CPU without the bookkeeping around the kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tunesmith.train.optimizers.parts.eager import Eager


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    """What the kernel takes of a group: a tensor for each weight, and all their step numbers in one, float32 (N,)."""

    group: dict[str, Any]
    parameters: list[Tensor]
    averages: list[Tensor]
    squares: list[Tensor]
    steps: Tensor
    step_of_each: list[Tensor]


class DirectAdam(Eager, torch.optim.Adam):
    """torch's fused Adam (`decoupled_weight_decay`: AdamW): the same numbers and the same state, sooner.

    torch gathers and sorts its lists anew and adds 1 to the step number of each weight by itself. Here the lists are
    kept, and the step numbers are views of one tensor. Of a 784-128-64-10 perceptron's step that saves 60 of 890
    microseconds. A step in which a weight has no gradient is torch's own.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, fused=True, **options)
        self._lists: list[_Lists] | None = None

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step with the gradients as they are."""
        lists = self._lists if self._lists is not None else self._gather()
        grads = [[parameter.grad for parameter in each.parameters] for each in lists]
        if closure is not None or not lists or any(grad is None for of_group in grads for grad in of_group):
            return super().step(closure)
        with torch.no_grad():
            for each, of_group in zip(lists, grads, strict=True):
                group = each.group
                each.steps.add_(1)
                kernel = torch._fused_adamw_ if group["decoupled_weight_decay"] else torch._fused_adam_
                kernel(
                    each.parameters,
                    of_group,  # type: ignore[arg-type]  # none is None
                    each.averages,
                    each.squares,
                    [],
                    each.step_of_each,
                    lr=group["lr"],
                    beta1=group["betas"][0],
                    beta2=group["betas"][1],
                    weight_decay=group["weight_decay"],
                    eps=group["eps"],
                    amsgrad=False,
                    maximize=False,
                )
        return None

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the state that `state_dict()` gave."""
        super().load_state_dict(state_dict)
        self._lists = None

    def _gather(self) -> list[_Lists]:
        """The lists, once every weight has its state and those of a group are of one kind; until then, none."""
        of_groups = [group["params"] for group in self.param_groups]
        if any(len({each.dtype for each in parameters}) > 1 for parameters in of_groups):
            return []
        if not all(self.state.get(each) for parameters in of_groups for each in parameters):
            return []
        gathered = []
        for group, parameters in zip(self.param_groups, of_groups, strict=True):
            states = [self.state[parameter] for parameter in parameters]
            steps = torch.stack([state["step"] for state in states])
            step_of_each = list(steps.unbind())
            for state, step in zip(states, step_of_each, strict=True):
                state["step"] = step
            averages, squares = ([state[key] for state in states] for key in ("exp_avg", "exp_avg_sq"))
            gathered.append(
                _Lists(
                    group=group,
                    parameters=parameters,
                    averages=averages,
                    squares=squares,
                    steps=steps,
                    step_of_each=step_of_each,
                )
            )
        self._lists = gathered
        return gathered
