"""The rows that the model does worst on: often wrong labels, sometimes what it has yet to learn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.data.rows import Rows
from tunesmith.files import finite, write_atomic

_LONGEST_TEXT = 500


def hardest_rows(
    losses: NDArray[np.float64],
    *,
    rows: Rows | None,
    expected: Sequence[Any],
    predicted: Sequence[Any],
    most: int = 50,
) -> list[dict[str, Any]]:
    """The `most` rows with the highest loss, worst first, with the file and line they came from.

    Rows whose loss is not a number stand first. Equal losses keep the order of the rows.
    Texts are cut to 500 characters.
    """
    return [
        {"rank": rank, **about_row(row, losses, rows=rows, expected=expected, predicted=predicted)}
        for rank, row in enumerate(by_loss(losses)[:most].tolist(), start=1)
    ]


def by_loss(losses: NDArray[np.float64]) -> NDArray[np.int64]:
    """The numbers of all rows in the order of `hardest_rows`."""
    return np.argsort(-np.where(np.isnan(losses), np.inf, losses), kind="stable")


def about_row(
    row: int, losses: NDArray[np.float64], *, rows: Rows | None, expected: Sequence[Any], predicted: Sequence[Any]
) -> dict[str, Any]:
    """One row as JSON: where it stands, what it holds, what the data and the model say, its loss."""
    return {
        "row": row,
        **_place(rows, row),
        "expected": expected[row],
        "predicted": predicted[row],
        "loss": float(losses[row]),
        "values": _values(rows, row),
    }


def write_hardest(path: Path, found: Sequence[Mapping[str, Any]]) -> None:
    """One JSON object a line."""
    text = "".join(json.dumps(finite(dict(row)), ensure_ascii=False) + "\n" for row in found)
    write_atomic(path, text.encode("utf-8", "backslashreplace"))  # halves of characters as JSON writes them


def _place(rows: Rows | None, row: int) -> dict[str, Any]:
    if rows is None:
        return {"file": None, "line": None}
    place = rows.place(row)
    return {"file": str(place.file), "line": place.line}


def _values(rows: Rows | None, row: int) -> dict[str, Any]:
    return {name: _shown(values[row]) for name, values in rows.columns.items()} if rows is not None else {}


def _shown(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = str(value)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
