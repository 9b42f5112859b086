"""Python values as JSON and named tensors, and back, exactly.

A checkpoint keeps state that is no weight this way: an optimizer's groups, a module's extra state, generators of random
numbers. Nothing here can run code when it is read, as a pickle could.
"""

from __future__ import annotations

import math
import random
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

import numpy as np
import torch

Tensors = dict[str, torch.Tensor]
_DEEPEST = 20


class CannotPack(TypeError):
    """A value that JSON and tensors cannot carry."""


class TooLarge(CannotPack):
    """More values than were asked for."""


def pack(
    value: Any,
    name: str,
    tensors: Tensors,
    *,
    is_own: Callable[[type], bool] = lambda kind: False,
    leave: Callable[[Any], bool] = lambda tensor: False,
    most: int | None = None,
) -> Any:
    """`value` as JSON; the tensors in it are added to `tensors` (not copied) under names that begin with `name`.

    Of instances of classes that are `is_own`, the attributes and items are packed. Raises CannotPack, also for a tensor
    to `leave` out, and TooLarge where there are more than `most` values.
    """
    return _Packing(tensors, is_own, leave, most).pack(value, name, 0)


class _Packing:
    def __init__(
        self, tensors: Tensors, is_own: Callable[[type], bool], leave: Callable[[Any], bool], most: int | None
    ) -> None:
        self._tensors, self._is_own, self._leave, self._left = tensors, is_own, leave, most
        self._around: set[int] = set()  # what the value lies in: one that contains itself has no end

    def pack(self, value: Any, name: str, depth: int) -> Any:
        kind = type(value)
        self._count(1)
        if value is None or kind in (bool, int, str):
            return value
        if kind is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if depth > _DEEPEST or id(value) in self._around:
            raise CannotPack(f"values nested more than {_DEEPEST} deep")
        self._around.add(id(value))
        try:
            return self._pack_rest(kind, value, name, depth)
        finally:
            self._around.discard(id(value))

    def _count(self, more: int) -> None:
        if self._left is not None:
            self._left -= more
            if self._left < 0:
                raise TooLarge("too many values")

    def _pack_rest(self, kind: type, value: Any, name: str, depth: int) -> Any:
        if isinstance(value, torch.Tensor):
            if self._leave(value):
                raise CannotPack("a tensor of the model")
            self._tensors[name] = value
            return {"tensor": name}
        if kind in _PLAIN:
            return {kind.__name__: _PLAIN[kind][0](value)}
        if kind is list and _is_as_json(value):  # a history may be long
            self._count(len(value))
            return list(value)
        if kind in _SEQUENCES:
            items = [self.pack(item, f"{name}.{number}", depth + 1) for number, item in enumerate(value)]
            return items if kind is list else {kind.__name__: items, **_length(value)}
        if kind in _MAPPINGS:
            pairs = enumerate(value.items())
            packed = [[self.pack(key, f"{name}.key{n}", depth + 1), self._item(key, item, name, n, depth)]
                      for n, (key, item) in pairs]  # fmt: skip
            return {kind.__name__: packed}
        return self._pack_rarer(value, name, depth)

    def _item(self, key: Any, item: Any, name: str, number: int, depth: int) -> Any:
        return self.pack(item, f"{name}.{key if isinstance(key, (str, int)) else number}", depth + 1)

    def _pack_rarer(self, value: Any, name: str, depth: int) -> Any:
        if isinstance(value, (np.ndarray, np.generic)) and not value.dtype.hasobject:
            content = np.ascontiguousarray(value)
            self._tensors[name] = torch.from_numpy(content.reshape(-1).view(np.uint8).copy())
            return {"array": name, "dtype": content.dtype.str, "shape": list(value.shape), "scalar": np.isscalar(value)}
        if isinstance(value, torch.Generator):
            self._tensors[name] = value.get_state()
            return {"torch_generator": name, "device": str(value.device)}
        if type(value) in _NUMPY_RANDOM:
            return {"numpy_random": self.pack(_bits(value).state, name, depth + 1), "bits": type(_bits(value)).__name__}
        if type(value) is random.Random:
            return {"python_random": self.pack(value.getstate(), name, depth + 1)}
        if self._is_own(type(value)) and not isinstance(value, (type, torch.nn.Module)):
            if isinstance(value, Enum):
                return {"member": value.name, "class": _class_name(value)}
            packed = {key: self.pack(item, f"{name}.{key}", depth + 1) for key, item in attributes_of(value).items()}
            items = _items(value)
            inner = {} if items is None else {"items": self.pack(items, f"{name}.items", depth + 1)}
            return {"object": packed, "class": _class_name(value), **inner}
        raise CannotPack(f"a {type(value).__name__}")


def _is_as_json(values: list[Any]) -> bool:
    kinds = set(map(type, values))
    return kinds <= _AS_THEY_ARE and (float not in kinds or all(map(math.isfinite, values)))


def unpack(packed: Any, tensors: Mapping[str, torch.Tensor], into: Any = None) -> Any:
    """The value that `pack` was given. Where `into` is of its kind it is changed in place, for others may hold it too.

    Raises CannotPack where that needs an object of the project's own and `into` is none.
    """
    if isinstance(packed, list):
        return _fill_list(packed, tensors, into if type(into) is list else [])
    if not isinstance(packed, dict):
        return packed
    kind, content = next(iter(packed.items()))
    if kind == "float":
        return float(content)
    if kind == "tensor":
        return _put_tensor(tensors[content], into)
    if kind in _BY_NAME:
        return _PLAIN[_BY_NAME[kind]][1](content)
    if kind in _SEQUENCES_BY_NAME:
        held = list(into) if isinstance(into, (tuple, deque)) and type(into).__name__ == kind else []
        items = _fill_list(content, tensors, held)
        return deque(items, packed.get("maxlen")) if kind == "deque" else _SEQUENCES_BY_NAME[kind](items)
    if kind in _MAPPINGS_BY_NAME:
        return _fill_mapping(content, tensors, into, _MAPPINGS_BY_NAME[kind])
    return _unpack_rarer(kind, content, packed, tensors, into)


def _fill_list(packed: Sequence[Any], tensors: Mapping[str, torch.Tensor], into: list[Any]) -> list[Any]:
    same = len(packed) == len(into)
    into[:] = [unpack(item, tensors, into[number] if same else None) for number, item in enumerate(packed)]
    return into


def _fill_mapping(
    pairs: Sequence[Any], tensors: Mapping[str, torch.Tensor], into: Any, kind: type[dict[Any, Any]]
) -> dict[Any, Any]:
    if kind is defaultdict and type(into) is not defaultdict:  # what it makes of a missing key is code
        raise CannotPack("a defaultdict")
    held: dict[Any, Any] = into if type(into) is kind else kind()
    before = dict(held)
    held.clear()
    for key, item in pairs:
        name = unpack(key, tensors)
        held[name] = unpack(item, tensors, before.get(name))
    return held


def _put_tensor(tensor: torch.Tensor, into: Any) -> torch.Tensor:
    if not isinstance(into, torch.Tensor):
        return tensor
    if into.shape != tensor.shape or into.dtype != tensor.dtype or into.layout != tensor.layout:
        return tensor.to(into.device)
    with torch.no_grad():
        return into.copy_(tensor)


def _unpack_rarer(kind: str, content: Any, packed: Any, tensors: Mapping[str, torch.Tensor], into: Any) -> Any:
    if kind == "array":
        flat = tensors[content].numpy().view(np.dtype(packed["dtype"]))
        value = flat.reshape(packed["shape"])
        if packed["scalar"]:
            return value[()]
        if isinstance(into, np.ndarray) and into.shape == value.shape and into.dtype == value.dtype:
            into[...] = value
            return into
        return value.copy()
    if kind == "torch_generator":
        generator = into if isinstance(into, torch.Generator) else torch.Generator(packed["device"])
        generator.set_state(tensors[content])
        return generator
    if kind == "numpy_random":
        numpy_generator = into if type(into) in _NUMPY_RANDOM else np.random.Generator(_BITS[packed["bits"]]())
        _bits(numpy_generator).state = unpack(content, tensors)
        return numpy_generator
    if kind == "python_random":
        python_generator = into if type(into) is random.Random else random.Random()
        python_generator.setstate(unpack(content, tensors))
        return python_generator
    if into is not None and packed.get("class") == _class_name(into):
        if kind == "member":
            return type(into)[content]
        if kind == "object":
            return _fill_object(content, packed.get("items"), tensors, into)
    raise CannotPack(f"a {kind}")


def _fill_object(content: Mapping[str, Any], items: Any, tensors: Mapping[str, torch.Tensor], into: Any) -> Any:
    before = attributes_of(into)
    if isinstance(into, tuple):
        into = tuple.__new__(type(into), unpack(items, tensors, list(into)))
    elif items is not None:
        base: Any = _base(into)
        values = unpack(items, tensors, _items(into))
        base.clear(into)
        for value in values.items() if base is dict else values:
            _ADDING[base](into, value)
    for key in before.keys() - content.keys():
        object.__delattr__(into, key)
    for key, item in content.items():
        value = unpack(item, tensors, before.get(key))
        if value is not before.get(key) or key not in before:
            object.__setattr__(into, key, value)
    return into


def _class_name(value: Any) -> str:
    return f"{type(value).__module__}:{type(value).__qualname__}"


def _base(value: Any) -> type | None:
    """Which of Python's own containers an instance of another class is."""
    return next((kind for kind in (dict, list, set, deque, tuple) if isinstance(value, kind)), None)


def _items(value: Any) -> dict[Any, Any] | list[Any] | None:
    base: Any = _base(value)
    if base is None:
        return None
    return dict(dict.items(value)) if base is dict else list(base.__iter__(value))


def attributes_of(value: Any) -> dict[str, Any]:
    """What an object holds by name, in its `__dict__` and in its `__slots__`."""
    slots = [name for kind in type(value).__mro__ for name in vars(kind).get("__slots__", ())]
    held = {name: getattr(value, name) for name in slots if name not in _OF_SLOTS and hasattr(value, name)}
    return {**held, **getattr(value, "__dict__", {})}


def _bits(value: Any) -> Any:
    return value.bit_generator if isinstance(value, np.random.Generator) else value._bit_generator


def _length(value: Any) -> dict[str, Any]:
    return {"maxlen": value.maxlen} if isinstance(value, deque) else {}


_PLAIN: dict[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    bytes: (bytes.hex, bytes.fromhex),
    complex: (lambda value: [value.real.hex(), value.imag.hex()], lambda c: complex(*map(float.fromhex, c))),
    torch.dtype: (lambda value: str(value).removeprefix("torch."), lambda name: getattr(torch, name)),
    torch.device: (str, torch.device),
    torch.Size: (lambda size: list(size), torch.Size),
}
_BY_NAME = {kind.__name__: kind for kind in _PLAIN}
_AS_THEY_ARE = {bool, int, float}
_SEQUENCES: tuple[type, ...] = (list, tuple, set, frozenset, deque)
_SEQUENCES_BY_NAME: dict[str, type] = {kind.__name__: kind for kind in _SEQUENCES}
_MAPPINGS: tuple[type[dict[Any, Any]], ...] = (dict, OrderedDict, Counter, defaultdict)
_MAPPINGS_BY_NAME = {kind.__name__: kind for kind in _MAPPINGS}
_ADDING: dict[Any, Callable[[Any, Any], None]] = {
    dict: lambda into, pair: dict.__setitem__(into, *pair),
    list: list.append,
    set: set.add,
    deque: deque.append,
}
_OF_SLOTS = ("__dict__", "__weakref__")
_NUMPY_RANDOM = (np.random.Generator, np.random.RandomState)
_BITS: dict[str, Any] = {
    name: getattr(np.random, name) for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
}
