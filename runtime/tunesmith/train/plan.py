"""Which rows make which step: a pure function of seed and step, so any step can be rebuilt without the ones before."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.data.batching import epoch_batches

EpochRows = Callable[[int], "NDArray[np.int64]"]


class Plan:
    """The steps of a run. Steps count from 1; epoch e (from 0) holds steps e * steps_per_epoch + 1 and on.

    `rows_of` gives the rows of an epoch before shuffling (all of them, or re-sampled), always equally many.
    """

    def __init__(
        self,
        rows_of: EpochRows,
        lengths: NDArray[np.int64] | None,
        *,
        batch_size: int,
        epochs: float,
        max_steps: int | None,
        seed: int,
    ) -> None:
        self._rows_of = rows_of
        self._lengths = None if lengths is None else lengths.astype(np.int32)
        self._batch_size = batch_size
        self._seed = seed
        self.steps_per_epoch = max(1, math.ceil(len(rows_of(0)) / batch_size))
        wanted = max(1, math.ceil(epochs * self.steps_per_epoch - 1e-9))
        self.total_steps = min(wanted, max_steps) if max_steps else wanted
        self._epoch = -1
        self._batches: Sequence[NDArray[np.int64]] = ()

    def rows(self, step: int) -> NDArray[np.int64]:
        """The training rows of `step`, shape (at most batch_size,)."""
        epoch, place = divmod(step - 1, self.steps_per_epoch)
        if epoch != self._epoch:
            self._batches = epoch_batches(
                self._rows_of(epoch), self._lengths, batch_size=self._batch_size, seed=self._seed, epoch=epoch
            )
            self._epoch = epoch
        return self._batches[place]
