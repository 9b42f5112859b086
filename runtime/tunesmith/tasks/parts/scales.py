"""How pixel values that come as numbers are scaled: seen on the training rows, kept with the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def scale_of(cells: Sequence[Any], normalise: str) -> tuple[float, float]:
    """What to subtract from each value and then to divide by, as `normalise` says.

    auto: bytes (uint8) to 0..1, other numbers as they are. unit: by 255 for bytes, else by the largest value.
    standard: to mean 0 and deviation 1 over all values.
    """
    import numpy as np

    is_bytes = _dtype(cells[0]) == np.uint8
    if normalise == "none" or (normalise == "auto" and not is_bytes):
        return 0.0, 1.0
    if is_bytes and normalise in ("auto", "unit"):
        return 0.0, 255.0
    try:
        values = np.stack([_values(cell) for cell in cells])
    except ValueError:
        return 0.0, 1.0  # rows of unequal width, or cells that are no numbers: `check_rows` names them
    if normalise == "unit":
        return 0.0, float(np.abs(values).max()) or 1.0
    if values.size and values.min() == values.max():  # their mean may lie a little beside them
        return float(values.flat[0]), 1.0
    return float(values.mean()), float(values.std())


def _dtype(cell: Any) -> np.dtype[Any]:
    import numpy as np

    try:
        return np.asarray(cell).dtype
    except ValueError:  # numbers beside lists of numbers
        return np.dtype(np.float64)


def _values(cell: Any) -> NDArray[np.float64]:
    """The numbers of a cell, also those in lists. Raises ValueError where one is none."""
    import numpy as np

    from tunesmith.tasks.parts.number_cells import numbers

    try:
        return np.asarray(cell, np.float64).ravel()
    except ValueError:
        found = numbers(cell)
        if None in found:
            raise
        return np.array(found, np.float64)
