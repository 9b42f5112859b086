"""Features that stay in memory as tensors, so that a batch is one `index_select` an entry and nothing else."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from tunesmith.contracts.task import Batch
from tunesmith.data.features import Features

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

COPIED_BYTES = 2**31
"""Arrays up to 2 GiB are copied out of the cache's memory map; larger ones are read through it."""

KEPT = 3  # training, validation and test rows


class Resident:
    """The tensors of the features seen last."""

    def __init__(self) -> None:
        self._seen: list[tuple[Features, dict[str, torch.Tensor]]] = []

    def select(self, features: Features, rows: NDArray[np.int64]) -> Batch:
        """These rows of every entry, in this order."""
        import torch

        index = torch.from_numpy(rows)
        return {name: tensor.index_select(0, index) for name, tensor in self.tensors(features).items()}

    def tensors(self, features: Features) -> dict[str, torch.Tensor]:
        """Every entry whole. The same tensors as long as the same features are asked for."""
        for seen, tensors in self._seen:
            if seen is features:
                return tensors
        tensors = {name: _tensor(np.asarray(values)) for name, values in features.items()}
        self._seen = [(features, tensors), *self._seen[: KEPT - 1]]
        return tensors


def _tensor(array: NDArray[np.generic]) -> torch.Tensor:
    import torch

    if array.flags.writeable and array.flags.c_contiguous and array.flags.owndata:
        return torch.from_numpy(array)
    if array.nbytes <= COPIED_BYTES:
        return torch.from_numpy(np.array(array, order="C"))
    with warnings.catch_warnings():  # the map is read-only, and is only read
        warnings.simplefilter("ignore", UserWarning)
        return torch.from_numpy(array)
