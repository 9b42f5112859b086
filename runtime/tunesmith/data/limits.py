"""How much of a file may be taken at its word: a few kilobytes can unpack to more memory than there is.

Each limit is far above what real data need. A job raises them all at once: `limits: high`, or `none`, under `data:`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """None is no limit.

    `line` counts characters of one line, and of one record of csv, tsv and JSON; `columns` those of a header;
    `unpacked` the bytes that packed files (parquet, arrow, xlsx, ods) hold once unpacked; `pixels` those of one image;
    `rows` and `values` (bytes) what code gives that does not say how many rows there are.
    """

    line: int | None
    columns: int | None
    unpacked: int | None
    pixels: int | None
    rows: int | None
    values: int | None


LIMITS: Mapping[str, Limits] = {
    "usual": Limits(
        line=16 * MB, columns=100_000, unpacked=4096 * MB, pixels=100_000_000, rows=10_000_000, values=8192 * MB
    ),
    "high": Limits(
        line=256 * MB,
        columns=1_000_000,
        unpacked=65_536 * MB,
        pixels=1_000_000_000,
        rows=1_000_000_000,
        values=131_072 * MB,
    ),
    "none": Limits(line=None, columns=None, unpacked=None, pixels=None, rows=None, values=None),
}

USUAL = LIMITS["usual"]

HINT = "if the data are right, write `limits: high` under `data:`"
