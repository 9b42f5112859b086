"""Features: what a task makes of rows once, kept in arrays that can be memory-mapped."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Ragged:
    """N sequences of unequal length: `values` joined end to end (1-D), `offsets` int64 of shape (N + 1,)."""

    values: NDArray[np.generic]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> NDArray[np.generic]:
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """int64, shape (N,). A batch takes `lengths_of`, which looks at its own rows alone."""
        found = np.diff(self.offsets)
        let_go(self.offsets)
        return found

    def lengths_of(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Those of these rows: int64, the shape of `rows`."""
        return np.asarray(self.offsets[rows + 1] - self.offsets[rows])


Features: TypeAlias = Mapping[str, "Ragged | NDArray[np.generic]"]
"""By name; every entry has the same number of samples N as its first dimension (or as sequences)."""


def select(features: Features, rows: NDArray[np.int64]) -> Features:
    """The features of these rows alone, in their order; copies."""
    return {
        name: _sequences(value, rows) if isinstance(value, Ragged) else np.asarray(value)[rows]
        for name, value in features.items()
    }


def _sequences(value: Ragged, rows: NDArray[np.int64]) -> Ragged:
    lengths = value.lengths_of(rows)
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    places = np.repeat(value.offsets[:-1][rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return Ragged(value.values[places], offsets)


def count(features: Features) -> int:
    """The number of rows N."""
    return len(next(iter(features.values())))


def rows_of(features: Features, samples: NDArray[np.int64]) -> NDArray[np.int64]:
    """The row that each of these samples was made of."""
    rows = features.get("row")
    return samples if rows is None else np.asarray(rows, np.int64)[samples]


def numbered_from(begin: int, features: Features) -> Features:
    """The features of rows that are not the first: `row` counts from the number `begin` of their first one."""
    rows = features.get("row")
    return features if rows is None else {**features, "row": np.asarray(rows, np.int64) + begin}


def let_go(feature: Ragged | NDArray[np.generic]) -> None:
    """Give back the memory of what was read of a mapped file; it is read again when it is asked for."""
    for array in (feature.values, feature.offsets) if isinstance(feature, Ragged) else (feature,):
        base: Any = array
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            base.madvise(mmap.MADV_DONTNEED)
