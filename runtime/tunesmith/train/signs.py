"""Signs of values: two that differ say that a value has changed. Of large ones they are made of samples."""

from __future__ import annotations

import gc
import hashlib
import json
import operator
import random
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from tunesmith.train.packed import CannotPack, Tensors, attributes_of, pack

LARGE_BYTES = 1 << 20
MANY = 1000
_SAMPLED = 1 << 16
_DEEPEST = 3

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
_TABLES = (list, tuple, dict, set, frozenset)
_GENERATORS = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)


def content(tensor: torch.Tensor) -> Any:
    """All bytes of a tensor, as a flat array of NumPy."""
    plain = tensor.detach().cpu()
    plain = plain if plain.layout == torch.strided else plain.to_dense()
    return plain.contiguous().reshape(-1).view(torch.uint8).numpy()


def digest(packed: Any, tensors: Tensors) -> str:
    """Of a packed value, with all numbers of its tensors."""
    found = hashlib.sha256(json.dumps(packed).encode())
    for tensor in tensors.values():
        found.update(str((tensor.dtype, tuple(tensor.shape))).encode() + content(tensor).tobytes())
    return found.hexdigest()


def sign_of_large(value: Any) -> Any:
    """Of a tensor, an array or a table that is too large to be compared number by number; None for what is not."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return _look(value) if value.nbytes > LARGE_BYTES else None
    return sign_of_table(value) if isinstance(value, _TABLES) and len(value) > MANY else None


def sign_of_state(state: Any) -> Any:
    """Of what `state_dict` gave, where its tensors are large together; None where they are not."""
    tensors = {key: each for key, each in state.items() if isinstance(each, torch.Tensor)}
    is_large = sum(each.nbytes for each in tensors.values()) > LARGE_BYTES
    return tuple((key, _look(each)) for key, each in tensors.items()) if is_large else None


def sign_of_table(value: Any, depth: int = 0) -> Any:
    """How many entries it has, in each of its tables, and which objects some of them are."""
    items: Any = list(attributes_of(value).values()) if not isinstance(value, _TABLES) else value
    items = list(items.values()) if isinstance(items, dict) else list(items)
    step = max(1, len(items) // (MANY >> depth))
    inner = (sign_of_table(each, depth + 1) if isinstance(each, _TABLES) and depth < _DEEPEST else id(each)
             for each in [*items[::step], *items[-1:]])  # fmt: skip
    return "table", len(items), tuple(inner)


def _look(value: Any) -> Any:
    """A number of each row, or of some rows where there are many; and how often torch saw it changed in place."""
    if isinstance(value, torch.Tensor):
        if value.device.type == "meta" or value.layout != torch.strided or not value.numel():
            return str(value.dtype), tuple(value.shape), value._version
        rows = value.detach().reshape(len(value) if value.dim() else 1, -1)
        at = torch.arange(0, len(rows), max(1, len(rows) // _SAMPLED), device=rows.device)
        return str(value.dtype), tuple(value.shape), value._version, content(rows[at, at % rows.shape[1]]).tobytes()
    of_rows = value.reshape(len(value) if value.ndim else 1, -1)
    which = np.arange(0, len(of_rows), max(1, len(of_rows) // _SAMPLED))
    some = of_rows[which, which % of_rows.shape[1]]
    return str(value.dtype), value.shape, [id(each) for each in some] if some.dtype.hasobject else some.tobytes()


def position(iterator: Any, depth: int = 0) -> Any:
    """Where an iterator stands, as far as can be seen: what it counts, and the iterators and numbers in it.

    An iterator of which nothing can be seen has a sign that equals no other.
    """
    if depth > _DEEPEST:
        return None
    if isinstance(iterator, types.GeneratorType):
        frame = iterator.gi_frame
        return "ended" if frame is None else (frame.f_lasti, _inner(frame.f_locals.values(), depth))
    attributes = attributes_of(iterator)
    if attributes:
        return _inner(attributes.values(), depth)
    if type(iterator).__module__ == "itertools" and type(iterator).__name__ == "count":
        return repr(iterator)
    left = operator.length_hint(iterator, -1)
    inner = _inner((each for each in gc.get_referents(iterator) if isinstance(each, Iterator)), depth)
    return (left, inner) if left >= 0 or inner else object()


def _inner(values: Any, depth: int) -> Any:
    return tuple(
        position(each, depth + 1) if isinstance(each, Iterator) else each
        for each in list(values)[:MANY]
        if type(each) in _PLAIN or isinstance(each, Iterator)
    )


def numbers_within(value: Any, leave: Callable[[Any], bool]) -> Any:
    """Of the tensors, arrays and generators that an object of another library holds; empty where it holds none."""
    found: list[Any] = []
    _collect(value, leave, found, set(), 0)
    return tuple(found)


def _collect(value: Any, leave: Callable[[Any], bool], found: list[Any], seen: set[int], depth: int) -> None:
    kind = type(value)
    if id(value) in seen or len(seen) > MANY or issubclass(kind, (type, types.ModuleType, *_PLAIN)) or leave(value):
        return
    seen.add(id(value))
    if issubclass(kind, (torch.Tensor, np.ndarray, *_GENERATORS)):
        found.append(sign_of_large(value) or _exact(value))
    elif depth <= _DEEPEST and not issubclass(kind, nn.Module):
        held = [*(value.values() if issubclass(kind, dict) else value if issubclass(kind, _TABLES) else ())][:MANY]
        for each in [*held, *attributes_of(value).values()]:
            _collect(each, leave, found, seen, depth + 1)


def _exact(value: Any) -> Any:
    tensors: Tensors = {}
    try:
        return digest(pack(value, "", tensors), tensors)
    except CannotPack:  # an array of objects
        return None
