"""State that a project's own code keeps outside of weights, persistent buffers and the optimizer's state.

Of the model: extra state (`get_extra_state`), buffers that are not persistent or came while training, frozen parameters
that the code changes itself, which parameters it freezes and frees, attributes of modules of the project's own classes,
and the numbers among those of other modules beside them (`dropout.p`). Around it: what the project's modules, classes,
functions and closures, its loss and its optimizer keep, in all the places that `places` finds, and the global
generators of Python and NumPy. Only what differs from the beginning is kept, so that a model of a library costs nothing
and a value that was edited in the code is not undone by a resume.

Not seen: what code keeps in C extensions, in files, or outside of the process.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import nn

from tunesmith.train.packed import CannotPack, Tensors, pack, unpack
from tunesmith.train.places import Owner, Places, is_state_of_code, is_state_of_module, place_of_class
from tunesmith.train.project_code import is_own
from tunesmith.train.seeding import generators_state, put_generators
from tunesmith.train.signs import content

_OF_OPTIMIZERS = frozenset({"state", "param_groups", "defaults"})
_SAMPLED = 64


class ModuleState:
    """What `module` is beyond its weights and persistent buffers. Made before anything changes it."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        parts = list(module.named_modules())
        own = [(name, part) for name, part in parts if is_own(type(part))]
        base = nn.Module.get_extra_state
        self._extra = {name: part for name, part in parts if type(part).get_extra_state is not base}
        self._frozen = {name: p for name, p in module.named_parameters() if not p.requires_grad}
        self._frozen_ids = {id(parameter) for parameter in self._frozen.values()}
        self._samples = bool(own)  # a library changes no frozen weight by itself
        beside = [(name, part) for name, part in parts if own and not is_own(type(part))]
        self._places = Places(
            lambda: chain(
                ((name, part, is_state_of_module) for name, part in own),
                ((name, part, _is_number) for name, part in beside),
            ),
            leave=lambda: _parts_of(module),
            hooked=lambda: parts,
            exact=True,
        )
        self._parts = dict(parts) if own else {}
        self._learns = {name: p.requires_grad for name, p in module.named_parameters()}
        self._buffers = {name: buffer.detach().clone() for name, buffer in _loose_buffers(module)}
        self._shapes = {name: _shape(buffer) for name, buffer in _buffers(module)}
        self._looks = {name: self._look(p) for name, p in self._frozen.items()}

    def take(self, tensors: Tensors) -> dict[str, Any]:
        """What differs from the beginning, as JSON; its tensors are added to `tensors`, not copied.

        `grown` names the persistent buffers that came or changed shape, `lost` names what cannot be kept.
        """
        extra: dict[str, Any] = {}
        lost = [each for name in self._extra if (each := self._take_extra(name, extra, tensors))]
        attributes, unkept = self._places.changed(tensors)
        lost += [*unkept, *self._new_weights(), *self._new_parts()]
        now = {name: p.requires_grad for name, p in self._module.named_parameters()}
        learns = {name: each for name, each in now.items() if self._learns.get(name, each) != each}
        grown = [name for name, buffer in _buffers(self._module) if self._shapes.get(name) != _shape(buffer)]
        for name, buffer in _loose_buffers(self._module):
            if name not in self._buffers or not _same(self._buffers[name], buffer):
                tensors[f"buffers/{name}"] = buffer
        for name, parameter in self._frozen.items():
            if not _looks_same(self._looks[name], self._look(parameter)):
                tensors[f"frozen/{name}"] = parameter
        found = {"extra": extra, "attributes": attributes, "grown": grown, "learns": learns, "lost": lost}
        return {kind: each for kind, each in found.items() if each}

    def _new_weights(self) -> list[str]:
        """What cannot be kept of weights that came after the beginning: the job's model has no place for them."""
        names = [name for name, _ in self._module.named_parameters() if name not in self._learns]
        return [f"a place for the new weights {name}" for name in names]

    def _new_parts(self) -> list[str]:
        """Parts that the code has exchanged for others: the job's model has those of the beginning."""
        now = dict(self._module.named_modules()) if self._parts else {}
        return [f"{name}, which is another {type(now[name]).__name__} now" for name in self._parts
                if name in now and now[name] is not self._parts[name]]  # fmt: skip

    def froze(self, tensor: torch.Tensor) -> bool:
        """Whether `tensor` was a frozen parameter at the beginning: then it comes from the job's model."""
        return id(tensor) in self._frozen_ids

    def _take_extra(self, name: str, extra: dict[str, Any], tensors: Tensors) -> str | None:
        try:
            extra[name] = pack(self._extra[name].get_extra_state(), f"extra/{name}", tensors)
        except CannotPack as error:
            return f"get_extra_state of {name or 'the model'} gives {error}"
        return None

    def put(self, values: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> list[str]:
        """Be as `take` found it: what it did not keep is as at the beginning. Gives what could not be put back."""
        missed = self._places.put(values.get("attributes", {}), tensors)
        kept = {name.removeprefix("buffers/"): each for name, each in tensors.items() if name.startswith("buffers/")}
        for name, tensor in {**self._buffers, **kept}.items():
            put_buffer(self._module, name, tensor, persistent=False)
        for name, parameter in self._frozen.items():
            if f"frozen/{name}" in tensors:
                with torch.no_grad():
                    parameter.copy_(tensors[f"frozen/{name}"])
        learns = {**self._learns, **values.get("learns", {})}
        for name, parameter in self._module.named_parameters():
            if name in learns and parameter.requires_grad != learns[name]:
                parameter.requires_grad_(learns[name])
        for name, packed in values.get("extra", {}).items():
            if name in self._extra:
                self._extra[name].set_extra_state(unpack(packed, tensors))
        return missed

    def _look(self, parameter: torch.Tensor) -> tuple[int, torch.Tensor | None]:
        """How often it was changed in place; and, as that misses changes of its `.data`, some of its numbers."""
        if not self._samples or parameter.device.type == "meta":
            return parameter._version, None
        flat = parameter.detach().reshape(-1)
        return parameter._version, flat[:: max(1, flat.numel() // _SAMPLED)].clone()


class AroundState:
    """What the project's code around `module`, the model, keeps. `modules` are those of its modules that are imported.

    Where a model is only used there is no `optimizer`, and no `loss`.
    """

    def __init__(
        self,
        *,
        module: nn.Module,
        modules: Sequence[types.ModuleType],
        loss: Any = None,
        optimizer: torch.optim.Optimizer | None = None,
    ) -> None:
        self._loss = loss if isinstance(loss, nn.Module) else None
        self._loss_state = ModuleState(loss) if isinstance(loss, nn.Module) else None
        owners: list[Owner] = [(each.__name__, each, is_state_of_code) for each in modules]
        owners += [(place_of_class(each), each, is_state_of_code) for each in _own_classes(module, self._loss)]
        if is_own(type(optimizer)):
            owners.append(("optimizer", optimizer, _is_of_optimizer))
        if self._loss is None and is_own(type(loss)):
            owners.append(("loss", loss, _any))
        elif self._loss is None and loss is not None:
            owners.append(("", types.SimpleNamespace(loss=loss), _any))
        self._places = Places(lambda: owners, leave=lambda: _parts_of(module, self._loss, optimizer))

    def take(self, tensors: Tensors) -> dict[str, Any]:
        """What differs from the beginning, and the global generators, as JSON; else as `ModuleState.take`."""
        attributes, lost = self._places.changed(tensors)
        found: dict[str, Any] = {"random": generators_state(), "attributes": attributes}
        if self._loss is not None and self._loss_state is not None:
            weights = self._loss.state_dict(keep_vars=True)
            inner: Tensors = {f"weights/{k}": each for k, each in weights.items() if isinstance(each, torch.Tensor)}
            found["loss"] = self._loss_state.take(inner)
            lost += [f"{each} (of the loss)" for each in found["loss"].get("lost", [])]
            tensors.update({f"loss/{name}": tensor for name, tensor in inner.items()})
        return {**found, "lost": lost} if lost else found

    def put(
        self, values: Mapping[str, Any], tensors: Mapping[str, torch.Tensor], *, generators: bool = True
    ) -> list[str]:
        """Be as `take` found it, also the global `generators`. Gives what could not be put back."""
        missed = self._places.put(values.get("attributes", {}), tensors)
        if self._loss is not None and self._loss_state is not None:
            inner = {name.removeprefix("loss/"): each for name, each in tensors.items() if name.startswith("loss/")}
            start = "weights/"
            weights = {name.removeprefix(start): each for name, each in inner.items() if name.startswith(start)}
            self._loss.load_state_dict(weights, strict=False)
            missed += self._loss_state.put(values.get("loss", {}), inner)
        if generators and "random" in values:
            put_generators(values["random"])
        return missed


def _is_number(name: str, value: Any) -> bool:
    return is_state_of_module(name, value) and type(value) in (bool, int, float)


def _is_of_optimizer(name: str, value: Any) -> bool:
    return name not in _OF_OPTIMIZERS


def _any(name: str, value: Any) -> bool:
    return True


def _own_classes(*modules: nn.Module | None) -> list[type]:
    """The project's own classes that parts of these are of, or come from: they may lie within a function."""
    kinds = dict.fromkeys(type(part) for module in modules if module is not None for part in module.modules())
    return [each for each in dict.fromkeys(each for kind in kinds for each in kind.__mro__) if is_own(each)]


def _parts_of(*wholes: Any) -> Callable[[Any], bool]:
    """Whether something is one of these, or a part, weight or buffer of one that is a module."""

    @cache
    def known() -> set[int]:
        modules = [whole for whole in wholes if isinstance(whole, nn.Module)]
        parts = [part for each in modules for part in (*each.modules(), *each.parameters(), *each.buffers())]
        return {id(part) for part in (*wholes, *parts) if part is not None}

    return lambda value: id(value) in known()


def _same(before: torch.Tensor, now: torch.Tensor) -> bool:
    """Whether two tensors are equal in type, shape and every bit."""
    if (before.dtype, before.shape, before.layout) != (now.dtype, now.shape, now.layout):
        return False
    return before.device.type == "meta" or bool(np.array_equal(content(before), content(now)))


def _looks_same(before: tuple[int, torch.Tensor | None], now: tuple[int, torch.Tensor | None]) -> bool:
    return before[0] == now[0] and (before[1] is None or now[1] is None or _same(before[1], now[1]))


def _shape(tensor: torch.Tensor) -> tuple[Any, ...]:
    return tensor.dtype, tensor.shape, tensor.layout


def _buffers(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Buffers that the state dict has."""
    for prefix, part in module.named_modules():
        for name, buffer in part._buffers.items():
            if buffer is not None and name not in part._non_persistent_buffers_set:
                yield f"{prefix}.{name}" if prefix else name, buffer


def _loose_buffers(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Buffers that the state dict leaves out."""
    for prefix, part in module.named_modules():
        for name in sorted(part._non_persistent_buffers_set):
            buffer = part._buffers.get(name)
            if buffer is not None:
                yield f"{prefix}.{name}" if prefix else name, buffer


def put_buffer(module: nn.Module, path: str, tensor: torch.Tensor, *, persistent: bool) -> None:
    """Give the buffer `path` of `module` these numbers. It may be absent, None, or of another shape or type."""
    prefix, _, name = path.rpartition(".")
    owner = module.get_submodule(prefix)
    before = owner._buffers.get(name)
    if before is None:
        beside = next(module.parameters(), tensor)
        owner.__dict__.pop(name, None)
        owner.register_buffer(name, tensor.to(beside.device, copy=True), persistent=persistent)
    elif before.shape == tensor.shape and before.dtype == tensor.dtype and before.layout == tensor.layout:
        with torch.no_grad():
            before.copy_(tensor)
    else:
        owner._buffers[name] = tensor.to(before.device, copy=True)
