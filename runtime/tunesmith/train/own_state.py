"""State that a project's own code keeps outside of weights, persistent buffers and the optimizer's state.

Of the model: extra state (`get_extra_state`), buffers that are not persistent or came while training, frozen parameters
that the code changes itself, which parameters it freezes and frees, attributes of modules of the project's own classes,
and the numbers among those of other modules beside them (`dropout.p`). Around it: attributes of its loss
and its optimizer, what its modules and classes hold by name, and the global generators of Python and NumPy. Only what
differs from the beginning is kept, so that a model of a library costs nothing and a value that was edited in the code
is not undone by a resume.

Not seen: what code keeps in closures, in C extensions, in files, or in objects of other libraries.
"""

from __future__ import annotations

import hashlib
import json
import random
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import nn

from tunesmith.train.packed import CannotPack, Tensors, pack, unpack
from tunesmith.train.project_code import is_own
from tunesmith.train.seeding import generators_state, put_generators

Owner = tuple[str, Any, Callable[[str, Any], bool]]
"""Where its attributes are kept, the object, and which of its attributes (name, value) may be state."""

_OF_MODULES = frozenset(vars(nn.Module())) | {"_compiled_call_impl"}
_OF_OPTIMIZERS = frozenset({"state", "param_groups", "defaults"})
_GENERATORS = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)
_LARGE_BYTES = 1 << 20
_MANY = 1000
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
        self._attributes = _Attributes(
            lambda: chain(
                ((name, part, _is_attribute) for name, part in own),
                ((name, part, _is_number) for name, part in beside),
            )
        )
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
        lost += [f"the attribute {name}, an iterator" for name in self._attributes.iterators()]
        lost += self.new_weights()
        now = {name: p.requires_grad for name, p in self._module.named_parameters()}
        learns = {name: each for name, each in now.items() if self._learns.get(name, each) != each}
        attributes = self._attributes.changed(tensors)
        grown = [name for name, buffer in _buffers(self._module) if self._shapes.get(name) != _shape(buffer)]
        for name, buffer in _loose_buffers(self._module):
            if name not in self._buffers or not _same(self._buffers[name], buffer):
                tensors[f"buffers/{name}"] = buffer
        for name, parameter in self._frozen.items():
            if not _looks_same(self._looks[name], self._look(parameter)):
                tensors[f"frozen/{name}"] = parameter
        found = {"extra": extra, "attributes": attributes, "grown": grown, "learns": learns, "lost": lost}
        return {kind: each for kind, each in found.items() if each}

    def new_weights(self) -> list[str]:
        """What cannot be kept of weights that came after the beginning: the job's model has no place for them."""
        names = [name for name, _ in self._module.named_parameters() if name not in self._learns]
        return [f"a place for the new weights {name}" for name in names]

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
        missed = self._attributes.put(values.get("attributes", {}), tensors)
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
    """What the project's code around the model keeps. `modules` are those of its modules that are imported."""

    def __init__(self, *, loss: Any, optimizer: torch.optim.Optimizer, modules: Sequence[types.ModuleType]) -> None:
        self._loss = loss if isinstance(loss, nn.Module) else None
        self._loss_state = ModuleState(loss) if isinstance(loss, nn.Module) else None
        owners = list(_owners_of_code(modules))
        if is_own(type(optimizer)):
            owners.append(("optimizer", optimizer, lambda name, value: name not in _OF_OPTIMIZERS))
        if self._loss is None and is_own(type(loss)):
            owners.append(("loss", loss, _any))
        self._attributes = _Attributes(lambda: iter(owners))

    def take(self, tensors: Tensors) -> dict[str, Any]:
        """What differs from the beginning, and the global generators, as JSON; tensors as `ModuleState.take`."""
        found: dict[str, Any] = {"random": generators_state(), "attributes": self._attributes.changed(tensors)}
        if self._loss is not None and self._loss_state is not None:
            weights = self._loss.state_dict(keep_vars=True)
            inner: Tensors = {f"weights/{k}": each for k, each in weights.items() if isinstance(each, torch.Tensor)}
            found["loss"] = self._loss_state.take(inner)
            tensors.update({f"loss/{name}": tensor for name, tensor in inner.items()})
        return found

    def put(self, values: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> list[str]:
        """Be as `take` found it. Gives what could not be put back."""
        missed = self._attributes.put(values.get("attributes", {}), tensors)
        if self._loss is not None and self._loss_state is not None:
            inner = {name.removeprefix("loss/"): each for name, each in tensors.items() if name.startswith("loss/")}
            start = "weights/"
            weights = {name.removeprefix(start): each for name, each in inner.items() if name.startswith(start)}
            self._loss.load_state_dict(weights, strict=False)
            missed += self._loss_state.put(values.get("loss", {}), inner)
        if "random" in values:
            put_generators(values["random"])
        return missed


class _Attributes:
    """The attributes of some objects as they are at one moment, to find out later which have changed."""

    def __init__(self, owners: Callable[[], Iterator[Owner]]) -> None:
        self._owners = owners
        self._fresh: dict[tuple[str, str], tuple[Any, Tensors, str]] = {}
        for place, key, packed, tensors in self._now():
            kept = {name: tensor.detach().clone() for name, tensor in tensors.items()}
            self._fresh[place, key] = packed, kept, _print(packed, tensors)

    def _now(self) -> Iterator[tuple[str, str, Any, Tensors]]:
        for place, owner, may_be_state in self._owners():
            for key, value in list(vars(owner).items()):
                tensors: Tensors = {}
                if may_be_state(key, value):
                    try:
                        packed = pack(value, f"attributes/{place}:{key}", tensors, is_own=is_own)
                    except CannotPack:
                        continue
                    yield place, key, packed, tensors

    def iterators(self) -> list[str]:
        """The attributes that may be half gone through: nothing can put them back to their place."""
        return [
            f"{place}.{key}".lstrip(".")
            for place, owner, may_be_state in self._owners()
            for key, value in vars(owner).items()
            if may_be_state(key, value) and isinstance(value, Iterator)
        ]

    def changed(self, tensors: Tensors) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for place, key, packed, own in self._now():
            before = self._fresh.get((place, key))
            if before is None or before[2] != _print(packed, own):
                found.setdefault(place, {})[key] = packed
                tensors.update(own)
        return found

    def put(self, changed: Mapping[str, Mapping[str, Any]], tensors: Mapping[str, torch.Tensor]) -> list[str]:
        missed = []
        owners = {place: owner for place, owner, _ in self._owners()}
        for (place, key), (packed, kept, _) in self._fresh.items():
            if place in owners and key not in changed.get(place, {}):
                missed += _set(place, owners[place], key, packed, kept)
        for place, values in changed.items():
            for key, packed in values.items():
                missed += _set(place, owners.get(place), key, packed, tensors)
        return missed


def _set(place: str, owner: Any, key: str, packed: Any, tensors: Mapping[str, torch.Tensor]) -> list[str]:
    try:
        if owner is None:
            raise CannotPack(f"nothing is at {place}")
        before = vars(owner).get(key)
        after = unpack(packed, tensors, before)
    except CannotPack:
        return [f"{place}.{key}"]
    if after is not before or key not in vars(owner):
        setattr(owner, key, after)
    return []


def _is_attribute(name: str, value: Any) -> bool:
    return name not in _OF_MODULES


def _is_number(name: str, value: Any) -> bool:
    return name not in _OF_MODULES and type(value) in (bool, int, float)


def _any(name: str, value: Any) -> bool:
    return True


def _owners_of_code(modules: Sequence[types.ModuleType]) -> Iterator[Owner]:
    for module in modules:
        yield module.__name__, module, _is_state_of_code
        for name, value in list(vars(module).items()):
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield f"{module.__name__}:{name}", value, _is_state_of_code


def _is_state_of_code(name: str, value: Any) -> bool:
    """Whether a name of a module or class may hold state: its large tables are data, its functions are code."""
    if name.startswith("__") or isinstance(value, type):
        return False
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value.nbytes <= _LARGE_BYTES
    if isinstance(value, (list, tuple, dict, set)):
        return len(value) <= _MANY
    return isinstance(value, (bool, int, float, *_GENERATORS)) or is_own(type(value))


def _print(packed: Any, tensors: Tensors) -> str:
    digest = hashlib.sha256(json.dumps(packed).encode())
    for tensor in tensors.values():
        digest.update(str((tensor.dtype, tuple(tensor.shape))).encode() + _content(tensor).tobytes())
    return digest.hexdigest()


def _content(tensor: torch.Tensor) -> Any:
    plain = tensor.detach().cpu()
    plain = plain if plain.layout == torch.strided else plain.to_dense()
    return plain.contiguous().reshape(-1).view(torch.uint8).numpy()


def _same(before: torch.Tensor, now: torch.Tensor) -> bool:
    """Whether two tensors are equal in type, shape and every bit."""
    if (before.dtype, before.shape, before.layout) != (now.dtype, now.shape, now.layout):
        return False
    return before.device.type == "meta" or bool(np.array_equal(_content(before), _content(now)))


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
