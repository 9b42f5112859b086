"""Drawings for a terminal: curves of braille dots and tables, or plain ASCII where the terminal knows no more."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.judged import Block, Matrix, Table, Texts, decimals, marked
from tunesmith.scores.classes import most_confused, row_shares

TEXTS_SHOWN = 5

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # braille: 4 rows of 2 dots in a character


def can_unicode(encoding: str | None) -> bool:
    """Whether a stream with this encoding carries our drawings."""
    try:
        "⣿█…".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def curve(
    steps: Sequence[float] | NDArray[np.generic],
    values: Sequence[float] | NDArray[np.generic],
    *,
    width: int = 72,
    height: int = 12,
    title: str = "",
    unicode: bool = True,
) -> str:
    """One curve over its steps, in `height` lines of at most `width` characters. What is not finite is left out."""
    x, y = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    usable = np.isfinite(y)
    x, y = x[usable], y[usable]
    if not len(y):
        return f"{title}: nothing recorded" if title else "nothing recorded"
    low, high = float(y.min()), float(y.max())
    marks = [_figure(low + (high - low) * (height - 1 - row) / max(1, height - 1)) for row in range(height)]
    margin = max(map(len, marks))
    columns = max(8, width - margin - 2)
    across, down = (2, 4) if unicode else (1, 1)
    grid = _rasterised(x, y, columns * across, height * down)
    edge = "│" if unicode else "|"
    lines = [title] if title else []
    for row in range(height):
        cells = grid[row * down : (row + 1) * down]
        drawn = _braille(cells) if unicode else "".join("*" if on else " " for on in cells[0])
        mark_text = marks[row] if row in (0, height // 2, height - 1) else ""
        lines.append(f"{mark_text:>{margin}} {edge}{drawn.rstrip()}")
    first, last = f"{x[0]:,.0f}", f"{x[-1]:,.0f}"
    floor = ("└" + "─" * columns) if unicode else ("+" + "-" * columns)
    lines += [f"{'':>{margin}} {floor}", f"{'':>{margin}}  {first}{last:>{max(1, columns - len(first))}}"]
    return "\n".join(line.rstrip() for line in lines)


def _rasterised(x: NDArray[np.float64], y: NDArray[np.float64], columns: int, rows: int) -> NDArray[np.bool_]:
    """Which dots are set: the line through the mean of each column, shape (rows, columns), row 0 on top."""
    span, rise = float(x[-1] - x[0]), float(y.max() - y.min())
    place = np.zeros(len(x), np.int64) if span <= 0 else ((x - x[0]) / span * (columns - 1)).round().astype(np.int64)
    place = np.clip(place, 0, columns - 1)
    sums = np.bincount(place, weights=y, minlength=columns)
    sizes = np.bincount(place, minlength=columns)
    filled = np.flatnonzero(sizes)
    level = np.interp(np.arange(filled[0], filled[-1] + 1), filled, sums[filled] / sizes[filled])
    share = (level - y.min()) / rise if rise > 0 else np.full(len(level), 0.5)
    dots = ((1.0 - share) * (rows - 1)).round().astype(np.int64)
    grid = np.zeros((rows, columns), dtype=np.bool_)
    before = int(dots[0])
    for offset, dot in enumerate(dots.tolist()):
        column = int(filled[0]) + offset
        # half of a steep rise belongs to this column: the line has no gaps
        low, high = (before + 1, dot) if before < dot else (dot, before - 1)
        grid[dot, column] = True
        grid[max(0, low) : high + 1, column] = True
        before = dot
    return grid


def _braille(cells: NDArray[np.bool_]) -> str:
    """A line of braille characters from 4 rows of dots."""
    codes = np.zeros(cells.shape[1] // 2, dtype=np.int64)
    for row, pair in enumerate(_DOTS):
        for side, bit in enumerate(pair):
            codes |= np.where(cells[row, side::2], bit, 0)
    return "".join(" " if code == 0 else chr(0x2800 + code) for code in codes.tolist())


def _figure(value: float) -> str:
    return f"{value:.4g}"


def width_of(text: str) -> int:
    """How many columns a terminal gives to `text` (Chinese characters take two)."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def fitted(text: str, width: int, *, left: bool = False, unicode: bool = True) -> str:
    """`text` cut or padded to exactly `width` columns; `left` pads on the left. Control characters become spaces."""
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    text = text if unicode else text.encode("ascii", "replace").decode()
    if width_of(text) > width:
        end = "…" if unicode else "."
        while text and width_of(text) > width - 1:
            text = text[:-1]
        text += end if width > 0 else ""
    blank = " " * (width - width_of(text))
    return blank + text if left else text + blank


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, unicode: bool = True, longest: int = 28) -> str:
    """Aligned columns; the first one is flush left, the others are flush right."""
    widths = [min(longest, max(width_of(line[place]) for line in [header, *rows])) for place in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        pairs = enumerate(zip(cells, widths, strict=True))
        return "  ".join(
            fitted(cell, width, left=place > 0, unicode=unicode) for place, (cell, width) in pairs
        ).rstrip()

    rule = ("─" if unicode else "-") * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([line(header), rule, *(line(cells) for cells in rows)])


def block(found: Block, *, width: int = 80, unicode: bool = True) -> str:
    """A block of a report; empty for charts, which the report's folder holds as pictures."""
    if isinstance(found, Matrix):
        return confusion(found.counts, found.labels, width=width, unicode=unicode)
    if isinstance(found, Table):
        rows = [[decimals(cell) for cell in row] for row in found.rows]
        return f"{found.title}\n{table(found.header, rows, unicode=unicode)}"
    return _texts(found, width, unicode=unicode) if isinstance(found, Texts) else ""


def _texts(found: Texts, width: int, *, unicode: bool) -> str:
    """A paragraph a row, each text below the name of its column."""
    name = max(map(width_of, found.header)) + 2
    lines = [found.title]
    for row in found.rows[:TEXTS_SHOWN]:
        lines.append("")
        for title, cell in zip(found.header, row, strict=True):
            lines.append(fitted(title, name, unicode=unicode) + fitted(marked(cell), width - name, unicode=unicode))
    return "\n".join(line.rstrip() for line in lines)


def confusion(counts: NDArray[np.int64], labels: Sequence[str], *, width: int = 80, unicode: bool = True) -> str:
    """The confusion matrix as a table with the share found of each class; where it is too wide, the worst pairs."""
    cell = max(6, len(f"{int(counts.max(initial=0)):,}"), *(min(10, width_of(label)) for label in labels))
    name = max(16, *(min(24, width_of(label)) for label in labels))
    if name + (cell + 2) * len(labels) + 8 > width:
        return confused_pairs(counts, labels, unicode=unicode)
    shares = row_shares(counts)
    corner = "true \\ predicted"
    lines = [
        "  ".join([fitted(corner, name), *(fitted(x, cell, left=True, unicode=unicode) for x in labels), " found"])
    ]
    lines.append(("─" if unicode else "-") * width_of(lines[0]))
    for i, label in enumerate(labels):
        cells = [fitted(f"{count:,}", cell, left=True) for count in counts[i].tolist()]
        found = f"{shares[i, i]:6.1%}" if counts[i].sum() else "  none"
        lines.append("  ".join([fitted(label, name, unicode=unicode), *cells, found]))
    return "\n".join(lines)


def confused_pairs(counts: NDArray[np.int64], labels: Sequence[str], *, limit: int = 10, unicode: bool = True) -> str:
    """The pairs of classes that are mistaken most often."""
    pairs = most_confused(counts, labels, limit)
    if not pairs:
        return "no row was mistaken for another class"
    rows = [[pair["true"], pair["predicted"], f"{pair['rows']:,}", f"{pair['share']:.1%}"] for pair in pairs]
    return table(["true", "taken for", "rows", "of the class"], rows, unicode=unicode)
