"""When a training that is being debugged is to stop: `--break-on non-finite`, `spike=N`, `step=N`, `row=FILE:LINE`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tunesmith.errors import TunesmithError
from tunesmith.files import real_path

if TYPE_CHECKING:
    from tunesmith.data.rows import Rows

FORMS = ("non-finite", "spike", "spike=N", "step=N", "row=FILE:LINE")
SPIKE = 10.0  # median absolute deviations: of a normal distribution, 6.7 standard deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class NonFinite:
    """The loss, or a gradient, is NaN or infinite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """The loss lies more than `deviations` median absolute deviations above the median of those before."""

    deviations: float = SPIKE


@dataclass(frozen=True, slots=True, kw_only=True)
class AtStep:
    """Step `step`, from 1; `remark` is shown with it."""

    step: int
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRow:
    """A step whose batch holds the row that was read from `file` (or callable), line `line`."""

    file: str
    line: int

    def among(self, rows: Rows) -> list[int]:
        """The numbers of the rows that were read from there."""
        path = real_path(Path(self.file))
        files = {number for number, file in enumerate(rows.files) if str(file) == self.file or real_path(file) == path}
        return [row for row, line in enumerate(rows.lines) if line == self.line and rows.file_of[row] in files]


Condition: TypeAlias = "NonFinite | Spike | AtStep | AtRow"


def conditions(texts: Iterable[str]) -> tuple[Condition, ...]:
    """What `--break-on` was given. Raises TunesmithError run.bad-break."""
    return tuple(_condition(text) for text in texts)


def _condition(text: str) -> Condition:
    name, _, value = text.partition("=")
    if text == "non-finite":
        return NonFinite()
    if text == "spike":
        return Spike()
    try:
        if name == "spike" and 0 < float(value) < float("inf"):
            return Spike(deviations=float(value))
        if name == "step" and int(value) >= 1:
            return AtStep(step=int(value))
        file, _, line = value.rpartition(":")
        if name == "row" and file and int(line) >= 1:
            return AtRow(file=file, line=int(line))
    except ValueError:
        pass  # not a number: reported below, as every other text that has no meaning
    raise TunesmithError("run.bad-break", "this says no place to stop at", found=text, allowed=FORMS)
