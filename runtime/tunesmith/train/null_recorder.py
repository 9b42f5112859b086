"""A recorder and a source of commands for a training that records nothing and is not controlled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class NullRecorder:
    """Takes everything and keeps nothing; never commands."""

    def scalar(self, name: str, step: int, value: float) -> None:
        """Dropped."""

    def scalars(self, name: str, first_step: int, values: list[float]) -> None:
        """Dropped."""

    def event(self, kind: str, **fields: Any) -> None:
        """Dropped."""

    def flush(self) -> None:
        """Nothing to hand over."""

    def take(self) -> list[Mapping[str, Any]]:
        return []
