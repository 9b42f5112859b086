"""The places in which a project's code keeps values, found by a walk over its live objects.

These are names of modules and classes, attributes of objects and functions, variables of closures, defaults of
arguments, and what lies in an object or container that no checkpoint can hold as a whole. Values that changed since the
beginning are kept, and so is what another library's object gives as its `state_dict`. What changed and cannot be kept
is named: iterators that moved on, functions that were exchanged, numbers within objects of other libraries.

Code, loggers, patterns, caches of functions, open files and imported modules are no state.
"""

from __future__ import annotations

import functools
import io
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from tunesmith.train import signs
from tunesmith.train.packed import CannotPack, Tensors, TooLarge, attributes_of, pack, unpack
from tunesmith.train.project_code import is_own, is_own_module

Owner = tuple[str, Any, Callable[[str, Any], bool]]
"""Where its attributes are kept, the object, and which of its attributes (name, value) may be state."""
Put = Callable[[str, Any], None]
Where = tuple[str, str]
"""The place, and a key in it."""

_MOST = 20 * signs.MANY  # values in one table that are compared one by one
_DEEPEST = 8

_HOLDERS = (staticmethod, classmethod, functools.cached_property, functools.partialmethod)
_CODE = (types.FunctionType, types.MethodType, partial)
_STATE = "state_dict()"
_FUNCTION_OF = ("__func__", "__wrapped__", "func")
_NOTHING = (types.ModuleType, types.BuiltinFunctionType, io.IOBase)
_HOOKS = tuple(sorted(name for name in vars(nn.Module()) if name.endswith("_hooks")))


@dataclass(frozen=True, slots=True)
class Value:
    """A value that can be kept. `sign` differs where the value does; `packed` is None for a large one."""

    value: Any
    sign: Any
    packed: list[Any] | None
    tensors: Tensors


class Places:
    """The values of some objects as they are at one moment, to find out later which have changed.

    `leave` says of a module or tensor that it is kept elsewhere, `hooked` are modules whose hooks are looked into.
    Large values are compared by samples, kept where they have changed, and else not put back; but for `exact` ones.
    """

    def __init__(
        self,
        owners: Callable[[], Iterable[Owner]],
        *,
        leave: Callable[[], Callable[[Any], bool]],
        hooked: Callable[[], Iterable[tuple[str, nn.Module]]] = lambda: (),
        exact: bool = False,
    ) -> None:
        self._owners, self._leave, self._hooked, self._exact = owners, leave, hooked, exact
        walk = self._walk()
        self._unkept = walk.unkept
        self._fresh = {
            where: Value(
                None, each.sign, each.packed, {name: tensor.detach().clone() for name, tensor in each.tensors.items()}
            )
            for where, each in walk.values.items()
        }

    def _walk(self) -> _Walk:
        walk = _Walk(self._leave(), exact=self._exact)
        for owner in self._owners():
            walk.go(*owner)
        for name, part in self._hooked():
            walk.go_hooks(name, part)
        return walk

    def changed(self, tensors: Tensors) -> tuple[dict[str, dict[str, Any]], list[str]]:
        """(what differs from the beginning, packed, by place and key; what differs and cannot be kept)."""
        walk = self._walk()
        found: dict[str, dict[str, Any]] = {}
        lost = [told for where, (sign, told) in walk.unkept.items() if self._has_moved(where, sign)]
        self._unkept = {**walk.unkept, **self._unkept}
        for (place, key), each in walk.values.items():
            before = self._fresh.get((place, key))
            if before is not None and before.sign == each.sign:
                continue
            inner = each.tensors
            packed = each.packed
            if packed is None:
                try:
                    packed = [pack(each.value, _name(place, key), inner := {}, is_own=is_own, leave=walk.leave)]
                except CannotPack as error:
                    lost.append(f"{_shown(place, key)}, which holds {error}")
                    continue
            found.setdefault(place, {})[key] = packed[0]
            tensors.update(inner)
        return found, lost

    def _has_moved(self, where: Where, sign: Any) -> bool:
        """What came later is told where it is an iterator, which began somewhere; else it has no beginning."""
        before = self._unkept.get(where)
        return sign[0] == "iterator" if before is None else bool(before[0] != sign)

    def put(self, changed: Mapping[str, Mapping[str, Any]], tensors: Mapping[str, torch.Tensor]) -> list[str]:
        """Be as `changed` found it. Gives what could not be put back."""
        walk = self._walk()
        missed = []
        for (place, key), fresh in self._fresh.items():
            held = walk.values.get((place, key))
            is_kept = fresh.packed is None or key in changed.get(place, {}) or place not in walk.puts
            if not is_kept and (held is None or held.sign != fresh.sign):
                missed += walk.put(place, key, (fresh.packed or [None])[0], fresh.tensors)
        for place, values in changed.items():
            for key, packed in values.items():
                missed += walk.put(place, key, packed, tensors)
        return missed


class _Walk:
    """`values` that can be kept, how to `put` one, and signs of what is `unkept`, with how to name it."""

    def __init__(self, leave: Callable[[Any], bool], *, exact: bool) -> None:
        self.values: dict[Where, Value] = {}
        self.puts: dict[str, Put] = {}
        self.unkept: dict[Where, tuple[Any, str]] = {}
        self.leave, self._exact = leave, exact
        self._seen: dict[int, Any] = {}  # which keeps them alive: an id of what is gone may come again

    def go(self, place: str, owner: Any, may_be_state: Callable[[str, Any], bool]) -> None:
        """Look at the attributes of an object."""
        self._seen[id(owner)] = owner
        self._children(place, partial(_set_attribute, owner), attributes_of(owner), 0, may_be_state)

    def go_hooks(self, place: str, part: nn.Module) -> None:
        """Look into the functions that are called when `part` is."""
        for name in _HOOKS:
            if hooks := part.__dict__.get(name):
                for number, hook in enumerate(hooks.values()):
                    self._code(f"{place}.{name}.{number}".lstrip("."), hook, 1)

    def put(self, place: str, key: str, packed: Any, tensors: Mapping[str, torch.Tensor]) -> list[str]:
        """Give one place its value; in place where that can be. Gives its name where it cannot be put."""
        held = self.values.get((place, key))
        before = None if held is None or key == _STATE else held.value
        try:
            after = unpack(packed, tensors, before)
            if before is None or after is not before:
                self.puts[place](key, after)
        except (CannotPack, KeyError, AttributeError, TypeError, ValueError, RuntimeError):
            return [_shown(place, key)]
        return []

    def _children(
        self,
        place: str,
        put: Put,
        values: Mapping[str, Any],
        depth: int,
        may_be_state: Callable[[str, Any], bool] = lambda name, value: True,
    ) -> None:
        self.puts[place] = put
        for key, value in list(values.items()):
            if may_be_state(key, value):
                self._value(place, key, value, depth + 1)

    def _value(self, place: str, key: str, value: Any, depth: int) -> None:
        kind = type(value)
        if issubclass(kind, _NOTHING) or depth > _DEEPEST or self.leave(value):
            return
        where, inside = (place, key), f"{place}.{key}".lstrip(".")
        if issubclass(kind, (type, *_CODE, *_HOLDERS, property)) or hasattr(kind, "cache_info"):
            if issubclass(kind, (type, *_CODE)):
                self.unkept[where] = ("code", value), f"{_shown(*where)}, which is another function now"
            self._code(inside, value, depth)
        elif issubclass(kind, nn.Module):
            self._module(inside, value)
        elif not is_own(kind) and hasattr(kind, "state_dict") and hasattr(kind, "load_state_dict"):
            self._by_itself(inside, value)
        elif not is_own(kind) and issubclass(kind, Iterator):
            self.unkept[where] = ("iterator", signs.position(value)), f"{_shown(*where)}, an iterator"
        elif not self._keep(where, value):
            self._inside(where, inside, value, depth)

    def _keep(self, where: Where, value: Any) -> bool:
        if not self._exact and (sign := signs.sign_of_large(value)) is not None:
            self.values[where] = Value(value, sign, None, {})
            return True
        tensors: Tensors = {}
        most = None if self._exact else _MOST
        try:
            packed = pack(value, _name(*where), tensors, is_own=is_own, leave=self.leave, most=most)
        except TooLarge:
            self.values[where] = Value(value, signs.sign_of_table(value), None, {})
            return True
        except CannotPack:
            return False
        self.values[where] = Value(value, signs.digest(packed, tensors), [packed], tensors)
        return True

    def _inside(self, where: Where, inside: str, value: Any, depth: int) -> None:
        """Look into what cannot be kept as a whole."""
        if id(value) in self._seen:
            return
        self._seen[id(value)] = value
        kind = type(value)
        if issubclass(kind, dict) and len(value) <= signs.MANY:
            items = {key: item for key, item in dict.items(value) if type(key) is str}
            self._children(inside, value.__setitem__, items, depth)
        elif issubclass(kind, (list, tuple)) and len(value) <= signs.MANY:
            self._children(inside, partial(_set_item, value), {str(n): each for n, each in enumerate(value)}, depth)
        if is_own(kind):
            self._children(f"{inside}.", partial(_set_attribute, value), attributes_of(value), depth)
            self._class(kind)
        elif not issubclass(kind, (dict, list, tuple, set)) and (sign := signs.numbers_within(value, self.leave)):
            self.unkept[where] = ("numbers", sign), f"numbers of {_shown(*where)}, a {kind.__module__}.{kind.__name__}"

    def _code(self, place: str, code: Any, depth: int) -> None:
        kind = type(code)
        if issubclass(kind, type):
            self._class(code)
        if depth > _DEEPEST or id(code) in self._seen:
            return
        self._seen[id(code)] = code
        if kind is types.FunctionType:
            self._function(place, code, depth)
        elif kind is types.MethodType:
            self._code(place, code.__func__, depth)
            self._value(place, "__self__", code.__self__, depth + 1)
        elif issubclass(kind, partial):
            self._code(place, code.func, depth)
            self._children(f"{place}.<arguments>", code.keywords.__setitem__, code.keywords, depth)
            self._children(f"{place}.<arguments>.", _refuse, {str(n): each for n, each in enumerate(code.args)}, depth)
        elif issubclass(kind, property):
            for part in (code.fget, code.fset, code.fdel):
                self._code(place, part, depth)
        else:
            self._code(place, next((getattr(code, n) for n in _FUNCTION_OF if hasattr(code, n)), None), depth)

    def _function(self, place: str, function: types.FunctionType, depth: int) -> None:
        self._code(place, getattr(function, "__wrapped__", None), depth)
        if is_own_module(function.__module__):  # what a decorator of a library made, too
            attributes = {name: each for name, each in vars(function).items() if name != "__wrapped__"}
            self._children(place, partial(_set_attribute, function), attributes, depth)
        if not is_own_module(function.__globals__.get("__name__")):
            return
        code = function.__code__
        cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
        filled = {name: cell.cell_contents for name, cell in cells.items() if _is_filled(cell)}
        self._children(f"{place}.<closure>", lambda name, value: _fill(cells[name], value), filled, depth)
        positional = code.co_varnames[: code.co_argcount]
        defaults = dict(zip(reversed(positional), reversed(function.__defaults__ or ()), strict=False))
        self._children(f"{place}.<defaults>", _refuse, {**defaults, **(function.__kwdefaults__ or {})}, depth)

    def _class(self, kind: type) -> None:
        """The names of an own class and of those that it comes from."""
        for each in kind.__mro__:
            if is_own(each) and id(each) not in self._seen:
                self.go(place_of_class(each), each, is_state_of_code)

    def _module(self, place: str, module: nn.Module) -> None:
        """A module outside of the model: its state dict, and the attributes of its own parts."""
        if id(module) in self._seen:
            return
        self._by_itself(place, module)
        for name, part in module.named_modules():
            if is_own(type(part)):
                self.go(f"{place}.{name}".rstrip("."), part, is_state_of_module)
                self._class(type(part))

    def _by_itself(self, place: str, value: Any) -> None:
        """An object that says itself what its state is, and takes it back."""
        if id(value) in self._seen:
            return
        self._seen[id(value)] = value
        try:
            state = value.state_dict()
        except Exception:  # noqa: BLE001 - code of the user or a library, which may raise anything
            return
        self.puts[place] = lambda key, after: value.load_state_dict(after)
        where = (place, _STATE)
        if isinstance(state, dict) and (sign := signs.sign_of_state(state)) is not None:
            self.values[where] = Value(state, sign, None, {})
        else:
            self._keep(where, state)


def place_of_class(kind: type) -> str:
    """The place of what a class keeps by name."""
    return f"{kind.__module__}:{kind.__qualname__}"


def is_state_of_code(name: str, value: Any) -> bool:
    """Whether a name of a module or class may hold state: what Python itself put there is none."""
    return not name.startswith("__") or isinstance(value, (types.FunctionType, property, *_HOLDERS))


OF_MODULES = frozenset(vars(nn.Module())) | {"_compiled_call_impl"}


def is_state_of_module(name: str, value: Any) -> bool:
    """Whether an attribute of an nn.Module is one that its code has set."""
    return name not in OF_MODULES


def _shown(place: str, key: str) -> str:
    return f"{place}.{key}".lstrip(".").replace("..", ".")


def _name(place: str, key: str) -> str:
    return f"attributes/{place}:{key}"


def _set_attribute(owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, (type, nn.Module)):
        setattr(owner, name, value)
    else:
        object.__setattr__(owner, name, value)


def _set_item(items: Any, key: str, value: Any) -> None:
    items[int(key)] = value


def _refuse(name: str, value: Any) -> None:
    raise CannotPack(f"{name} cannot be another one")


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - raises where a variable has no value yet
    except ValueError:
        return False
    return True


def _fill(cell: types.CellType, value: Any) -> None:
    cell.cell_contents = value
