"""An optimizer's state as named tensors and JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from tunesmith.train.packed import CannotPack, Tensors, pack, unpack

_PACKED = "packed/"  # before the names of tensors that do not lie in `state[parameter][key]` themselves


def take(optimizer: torch.optim.Optimizer) -> tuple[Tensors, dict[str, Any]]:
    """(tensors, JSON of everything else). The tensors are the optimizer's own, not copies.

    Those of a parameter's state are named `PARAMETER.KEY`. JSON: `state`, `groups` (all values of the parameter groups
    but the parameters), `more` (what an optimizer adds to its state dict), and `lost`: sentences about values that
    cannot be kept.
    """
    whole = dict(optimizer.state_dict())
    tensors: Tensors = {}
    lost: list[str] = []

    def packed(value: Any, name: str, key: Any) -> list[Any]:
        try:
            return [pack(value, f"{_PACKED}{name}", tensors)]
        except CannotPack as error:
            lost.append(f"the optimizer keeps {error} in `{key}`")
            return []

    state: list[Any] = []
    for index, values in whole.pop("state").items():
        if not isinstance(values, dict):
            state += [[None, index, *each] for each in [packed(values, f"{index}", index)] if each]
            continue
        for key, value in values.items():
            if isinstance(value, torch.Tensor):
                tensors[f"{index}.{key}"] = value
            else:
                state += [[index, key, *each] for each in [packed(value, f"{index}.{key}", key)] if each]
    groups = [
        {key: each[0] for key, value in group.items() if key != "params" and (each := packed(value, f"{n}/{key}", key))}
        for n, group in enumerate(whole.pop("param_groups"))
    ]
    more = {key: each[0] for key, value in whole.items() if (each := packed(value, f"more/{key}", key))}
    found = {"state": state, "groups": groups, "more": more, "lost": lost}
    return tensors, {kind: values for kind, values in found.items() if values}


def put(optimizer: torch.optim.Optimizer, tensors: Mapping[str, torch.Tensor], plain: Mapping[str, Any]) -> None:
    """Restore what `take` gave into an optimizer over the same parameters."""
    state: dict[Any, Any] = {}
    for name, tensor in tensors.items():
        if not name.startswith(_PACKED):
            index, _, key = name.partition(".")
            state.setdefault(int(index), {})[key] = tensor
    for index, key, packed in plain.get("state", []):
        within = state if index is None else state.setdefault(index, {})
        within[key] = unpack(packed, tensors)
    groups = optimizer.state_dict()["param_groups"]
    for group, kept in zip(groups, plain.get("groups", []), strict=False):
        group.update({key: unpack(packed, tensors) for key, packed in kept.items()})
    more = {key: unpack(packed, tensors) for key, packed in plain.get("more", {}).items()}
    optimizer.load_state_dict({**more, "state": state, "param_groups": groups})
    _keep_types(optimizer, state)


def _keep_types(optimizer: torch.optim.Optimizer, state: Mapping[Any, Any]) -> None:
    """`load_state_dict` makes every tensor one of the parameter's type: give back those that were of another."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for index, values in state.items():
        held = optimizer.state.get(parameters[index]) if isinstance(index, int) and index < len(parameters) else None
        if not isinstance(values, dict) or held is None:
            continue
        for key, tensor in values.items():
            now = held.get(key)
            if isinstance(tensor, torch.Tensor) and isinstance(now, torch.Tensor) and now.dtype != tensor.dtype:
                held[key] = tensor.to(now.device)
