"""Tunesmith's own requests: one file a method, with its `MEMBER` and `async def answer(session, params) -> result`.

`new_project.py` answers `tunesmith/newProject`. Nothing registers itself: the folder is the list, and a file is
imported when its method is first asked for.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tunesmith.protocol.message import json_name
from tunesmith.protocol.method import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """A method's line in the protocol and the function that answers it."""

    member: Request
    answer: Callable[[Any, Any], Awaitable[Any]]


_LOADED: dict[str, Handler] = {}


@cache
def names() -> Mapping[str, str]:
    """Module by method."""
    modules = sorted(item.name for item in pkgutil.iter_modules(__path__))
    return {f"tunesmith/{json_name(module)}": module for module in modules}


async def handler(method: str) -> Handler:
    """The handler of a method that `names` lists; its file is read in a thread the first time."""
    known = _LOADED.get(method)
    return known if known is not None else await asyncio.to_thread(_load, method)


def _load(method: str) -> Handler:
    module = importlib.import_module(f"{__name__}.{names()[method]}")
    return _LOADED.setdefault(method, Handler(member=module.MEMBER, answer=module.answer))
