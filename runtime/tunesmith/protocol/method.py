"""What a method is: a line of the protocol's table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Direction = Literal["to server", "to client"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Asks the server; `result` is what it answers. `errors` are the codes that a client should know how to treat.

    `doing` names what is done, in a few words, where that may take longer than half a second and reports `$/progress`.
    """

    name: str
    purpose: str
    params: type
    result: type
    example: Mapping[str, Any]
    answer: Mapping[str, Any]
    errors: tuple[str, ...] = ()
    doing: str = ""
    direction: Direction = "to server"

    @property
    def slow(self) -> bool:
        """Whether it may take longer than half a second."""
        return bool(self.doing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message without an answer."""

    name: str
    purpose: str
    params: type
    example: Mapping[str, Any]
    direction: Direction = "to client"


Method = Request | Notification


def request(name: str, methods: Iterable[Method]) -> Request:
    """The request of that name among `methods`."""
    return next(method for method in methods if isinstance(method, Request) and method.name == name)
