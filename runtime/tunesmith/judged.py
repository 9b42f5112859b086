"""What a task finds out about a model's answers on held-out rows: sentences, figures, and blocks to draw.

A block is data of a kind (table, matrix, chart, texts). Who shows a report (a page, a terminal, a window) draws each
kind in one way and knows no task.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, TypeVar, cast, get_args

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
Cell: TypeAlias = "str | int | float | None"
Shape = Literal["line", "step", "points", "bars"]
SHAPES: frozenset[str] = frozenset(get_args(Shape))
HARDLY_BETTER = 0.02
"""A gain over answers that need no model which is no sign of learning."""
POINTS = 400
"""A mark of a chart keeps so many points where it is written to a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells below a header. Numbers are numbers: whoever draws them chooses the digits; None is a dash."""

    kind: ClassVar[str] = "table"
    name: str
    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        rows = [[_defined(cell) for cell in row] for row in self.rows]
        return {**_head(self), "header": list(self.header), "rows": rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Counts by true class (first) and predicted class, shape (C, C), C labels. `of_rows`: what is counted are rows, so
    that those behind a cell can be shown; not so where a row holds many answers."""

    kind: ClassVar[str] = "matrix"
    name: str
    title: str
    says: str = ""
    labels: Sequence[str]
    counts: NDArray[np.int64]
    of_rows: bool = True

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        counts = self.counts.tolist()
        return {**_head(self), "labels": list(self.labels), "counts": counts, "of_rows": self.of_rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One line, staircase, cloud of points or row of bars; `x` and `y` of shape (P,). Bars stand from x to x + `width`.

    `reference`: what the others are compared with, such as the diagonal of a perfect model; drawn dashed and grey.
    """

    shape: Shape
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    label: str = ""
    width: float = 0.0
    reference: bool = False

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values; of many points every so-manieth, the last one included."""
        size = len(self.x)
        kept = slice(None) if size <= POINTS else [place * (size - 1) // (POINTS - 1) for place in range(POINTS)]
        found: dict[str, Any] = {"shape": self.shape, "label": self.label, "reference": self.reference}
        return {**found, "width": self.width, "x": self.x[kept].tolist(), "y": self.y[kept].tolist()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A pair of axes with its marks. `share`: how high it is beside the panels below each other; `unit`: the axes
    (`xy`, `x`, `y`) that reach from 0 to 1."""

    title: str = ""
    x_label: str
    y_label: str
    marks: Sequence[Mark]
    unit: str = ""
    share: float = 1.0

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        about = {"title": self.title, "x_label": self.x_label, "y_label": self.y_label, "unit": self.unit}
        return {**about, "marks": [mark.as_json() for mark in self.marks]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Panels in rows of `columns`; `says` is how to read them."""

    kind: ClassVar[str] = "chart"
    name: str
    title: str
    says: str = ""
    panels: Sequence[Panel]
    columns: int = 1

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        return {**_head(self), "columns": self.columns, "panels": [panel.as_json() for panel in self.panels]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters `start` to `end` of a text, and what they are; `right`: whether the data say so (None: unknown)."""

    start: int
    end: int
    label: str = ""
    right: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """A text with spans that are to be marked in it."""

    text: str
    spans: Sequence[Span] = ()

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        spans = [
            {"start": span.start, "end": span.end, "label": span.label, "right": span.right} for span in self.spans
        ]
        return {"text": self.text, "spans": spans}


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts side by side, such as source, reference and answer; one row each held-out row that is shown."""

    kind: ClassVar[str] = "texts"
    name: str
    title: str
    says: str = ""
    header: Sequence[str]
    rows: Sequence[Sequence[MarkedText]]

    def as_json(self) -> dict[str, Any]:
        """As a mapping of plain values."""
        rows = [[cell.as_json() for cell in row] for row in self.rows]
        return {**_head(self), "header": list(self.header), "rows": rows}


Block: TypeAlias = "Table | Matrix | Chart | Texts"


def _head(block: Block) -> dict[str, Any]:
    return {"kind": block.kind, "name": block.name, "title": block.title, "says": getattr(block, "says", "")}


def _defined(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def block_from(found: Any) -> Block:
    """The inverse of `as_json`, for what may come from anywhere. Raises ValueError for what is no block."""
    import numpy as np

    kind, name, title, says = (_of(found, key, str) for key in ("kind", "name", "title", "says"))
    if kind == "table":
        rows = [_cells(row) for row in _of(found, "rows", list)]
        return Table(name=name, title=title, header=_header(found, rows), rows=rows)
    if kind == "matrix":
        labels, counts = _texts_in(_of(found, "labels", list)), _of(found, "counts", list)
        if len(counts) != len(labels) or not all(_is_count_row(row, len(labels)) for row in counts):
            raise ValueError("a matrix is no square of counts")
        square = np.array(counts, dtype=np.int64).reshape(len(labels), len(labels))
        of_rows = _of(found, "of_rows", bool)
        return Matrix(name=name, title=title, says=says, labels=labels, counts=square, of_rows=of_rows)
    if kind == "chart":
        panels = [_panel_from(panel) for panel in _of(found, "panels", list)]
        columns = _of(found, "columns", int)
        if not 0 < columns <= 64:
            raise ValueError("a chart has no columns")
        return Chart(name=name, title=title, says=says, panels=panels, columns=columns)
    if kind == "texts":
        texts = [[_marked_from(cell) for cell in row] for row in _lists(_of(found, "rows", list))]
        return Texts(name=name, title=title, says=says, header=_header(found, texts), rows=texts)
    raise ValueError(f"there is no block of the kind {kind!r:.40}")


def _panel_from(found: Any) -> Panel:
    title, x_label, y_label = (_of(found, key, str) for key in ("title", "x_label", "y_label"))
    marks = [_mark_from(mark) for mark in _of(found, "marks", list)]
    return Panel(title=title, x_label=x_label, y_label=y_label, marks=marks, unit=_of(found, "unit", str))


def _mark_from(found: Any) -> Mark:
    import numpy as np

    shape = _of(found, "shape", str)
    x, y = (np.array([_number(value) for value in _of(found, axis, list)], np.float64) for axis in ("x", "y"))
    if shape not in SHAPES or len(x) != len(y):
        raise ValueError("a mark of a chart has no shape, or a point with one coordinate")
    label, reference = _of(found, "label", str), _of(found, "reference", bool)
    return Mark(
        shape=cast("Shape", shape), x=x, y=y, label=label, width=_number(found.get("width")), reference=reference
    )


def _marked_from(found: Any) -> MarkedText:
    spans = []
    for each in _of(found, "spans", list):
        right = each.get("right") if isinstance(each, dict) else None
        if right is not None and not isinstance(right, bool):
            raise ValueError("right is neither true nor false")
        start, end = _of(each, "start", int), _of(each, "end", int)
        spans.append(Span(start=start, end=end, label=_of(each, "label", str), right=right))
    return MarkedText(text=_of(found, "text", str), spans=spans)


def _of(found: Any, key: str, kind: type[T]) -> T:
    value = found.get(key) if isinstance(found, dict) else None
    if type(value) is not kind:
        raise ValueError(f"{key} of a block is missing or of another kind")
    return value


def _lists(rows: list[Any]) -> list[list[Any]]:
    if not all(isinstance(row, list) for row in rows):
        raise ValueError("a row of a block is no list")
    return rows


def _header(found: Any, rows: Sequence[Sequence[Any]]) -> list[str]:
    header = _texts_in(_of(found, "header", list))
    if not header or any(len(row) != len(header) for row in rows):
        raise ValueError("a row of a block has more or fewer cells than its header")
    return header


def _texts_in(values: list[Any]) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise ValueError("a name in a block is no text")
    return values


def _cells(row: Any) -> list[Cell]:
    if not isinstance(row, list) or not all(value is None or type(value) in (str, int, float) for value in row):
        raise ValueError("a cell of a table is neither text nor number")
    return row


def _is_count_row(row: Any, length: int) -> bool:
    return isinstance(row, list) and len(row) == length and all(type(n) is int and 0 <= n < 1 << 53 for n in row)


def _number(value: Any) -> float:
    if type(value) not in (int, float) and value not in ("NaN", "Infinity", "-Infinity"):
        raise ValueError("a coordinate of a chart is no number")
    return float(value)


class MadeWhenAsked(Sequence[Any]):
    """For each of `count` rows what `of` makes of its number, made when it is asked for: of a million rows, fifty are
    shown."""

    def __init__(self, count: int, of: Callable[[int], Any]) -> None:
        self._rows, self._of = range(count), of

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, row: Any) -> Any:
        return list(map(self._of, self._rows[row])) if isinstance(row, slice) else self._of(self._rows[row])


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`sections` is JSON by name and becomes part of metrics.json; `files` is JSON that gets a file of its own.

    `headline` is the one sentence to read if only one is read, `words` are the others, `warnings` what must not be
    overlooked. `blocks` are in the order in which they are shown. `expected` and `predicted` hold one JSON value a row
    for the list of hardest rows.
    """

    headline: str
    words: Sequence[str] = ()
    warnings: Sequence[str] = ()
    sections: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)
    blocks: Sequence[Block] = ()
    expected: Sequence[Any] = ()
    predicted: Sequence[Any] = ()


NOTHING_TO_JUDGE = Judged(headline="There was no held-out row to judge the model by.")


def plural(count: int, one: str, many: str = "") -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """A share as a percentage that never rounds up to 100 % or down to 0 %."""
    text = f"{share:.1%}"
    if text == "100.0%" and share < 1:
        return "more than 99.9%"
    return "less than 0.1%" if text == "0.0%" and share > 0 else text


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return f"{abs(share) * 100:.1f} points"


def decimals(value: Cell) -> str:
    """A cell as text: whole numbers with their thousands apart, others with three decimals or four digits."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) <= 1 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else value


def marked(cell: MarkedText) -> str:
    """The text with its spans in brackets, and what they are."""
    parts, at = [], 0
    for span in sorted(cell.spans, key=lambda span: (span.start, span.end)):
        start = max(at, span.start)
        if span.end <= start:
            continue
        label = f"|{span.label}" if span.label else ""
        parts += [cell.text[at:start], "[", cell.text[start : span.end], f"{label}]"]
        at = span.end
    return " ".join("".join([*parts, cell.text[at:]]).split())
