"""How a source is to be read, where its content alone does not say."""

from __future__ import annotations

from dataclasses import dataclass, field

from tunesmith.data.limits import USUAL, Limits


@dataclass(slots=True)
class ReadSoFar:
    """Which share of a source is read, from 0 to 1; a reader that can say so keeps it up to date."""

    share: float = 0.0

    def __str__(self) -> str:
        """Such as ` (45%)`; empty where nothing is known."""
        return f" ({int(100 * min(self.share, 1))}%)" if self.share else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What readers get beside the path.

    `encoding`: of a text file, or `auto`; `if_not_utf8`: what is then taken without a guess. `sheet`: the name or
    number of a spreadsheet's sheet, None for the first with rows; `header_row`: its row (from 1) that names the
    columns, None for the first that is not empty. `patience_s`: how long code that does not say how many rows it has
    may take; None waits for its end. `so_far` is called with the share of the source that is read.
    """

    limits: Limits = USUAL
    encoding: str = "auto"
    if_not_utf8: str = "auto"
    sheet: str | None = None
    header_row: int | None = None
    patience_s: float | None = None
    so_far: ReadSoFar = field(default_factory=ReadSoFar, compare=False)


USUALLY = ReadOptions()
