"""What doctor found: one thing looked at, how it stands, and the command that mends it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`code` is stable and stands in docs/errors; `mend` is a command or one sentence, empty where all is well."""

    code: str
    status: Status
    message: str
    mend: str = ""

    def as_mapping(self) -> dict[str, Any]:
        """For `doctor --json`."""
        return asdict(self)
