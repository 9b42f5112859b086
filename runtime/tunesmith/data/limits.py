"""How much of a file may be taken at its word: a few kilobytes can unpack to more memory than there is.

Each limit is far above what real data need. A job raises them all at once: `limits: high`, or `none`, under `data:`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MB = 1 << 20

RATIO = 100
"""Real data do not pack better than this, constant columns aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """None is no limit.

    `line` counts the bytes of one line, and the characters of one field of csv and tsv; `columns` those of a header;
    `cells` those of a sheet; `unpacked` the bytes of a packed file (parquet, arrow, xlsx, ods) once unpacked, where
    they are also RATIO times as many as those of the file; `pixels` those of one image; `rows` and `values` (bytes)
    what code gives that does not say how many rows there are.
    """

    line: int | None
    columns: int | None
    cells: int | None
    unpacked: int | None
    pixels: int | None
    rows: int | None
    values: int | None


LIMITS: Mapping[str, Limits] = {
    "usual": Limits(
        line=16 * MB,
        columns=100_000,
        cells=50_000_000,
        unpacked=1024 * MB,
        pixels=100_000_000,
        rows=10_000_000,
        values=8192 * MB,
    ),
    "high": Limits(
        line=256 * MB,
        columns=1_000_000,
        cells=1_000_000_000,
        unpacked=65_536 * MB,
        pixels=1_000_000_000,
        rows=1_000_000_000,
        values=131_072 * MB,
    ),
    "none": Limits(line=None, columns=None, cells=None, unpacked=None, pixels=None, rows=None, values=None),
}


def most_unpacked(limits: Limits, size: int) -> int | None:
    """How many bytes a packed file of `size` bytes may hold; None is no limit."""
    return None if limits.unpacked is None else max(limits.unpacked, RATIO * size)


USUAL = LIMITS["usual"]

HINT = "if the data are right, write `limits: high` under `data:`"
