"""An optimizer's state as named tensors and JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from tunesmith.errors import TunesmithError


def take(optimizer: torch.optim.Optimizer) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """(tensors named `PARAMETER.KEY`, JSON of everything else). The tensors are the optimizer's own, not copies.

    Raises TunesmithError train.optimizer-state where the state holds what neither can carry.
    """
    state: dict[int, dict[str, Any]] = optimizer.state_dict()["state"]
    tensors: dict[str, torch.Tensor] = {}
    plain: dict[str, Any] = {}
    for index, values in state.items():
        for key, value in values.items():
            if isinstance(value, torch.Tensor):
                tensors[f"{index}.{key}"] = value
            elif value is None or isinstance(value, (bool, int, float, str)):
                plain[f"{index}.{key}"] = value
            else:
                raise TunesmithError(
                    "train.optimizer-state",
                    f"the optimizer keeps a {type(value).__name__} in `{key}`, which a checkpoint cannot hold",
                    hint="keep tensors and plain numbers in the optimizer's state",
                )
    return tensors, plain


def put(optimizer: torch.optim.Optimizer, tensors: Mapping[str, torch.Tensor], plain: Mapping[str, Any]) -> None:
    """Restore what `take` gave into an optimizer over the same parameters. Learning rates stay as they are."""
    state: dict[int, dict[str, Any]] = {}
    for name, value in [*tensors.items(), *plain.items()]:
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
