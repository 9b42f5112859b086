"""Random numbers by name: a new consumer shifts no other, and any step can be rebuilt without the ones before it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def derive(seed: int, *names: str | int) -> int:
    """A 63-bit seed from the job's seed and a path of names, the same on every machine."""
    text = "\x1f".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """A numpy generator of its own for this purpose: `stream(seed, "shuffle", epoch)`."""
    import numpy as np

    return np.random.Generator(np.random.PCG64(derive(seed, *names)))


class Draws:
    """The random numbers of one step's samples: the same for a sample however the step is split, resumed or replayed.

    `draws[sample]` is a new generator each time it is asked for.
    """

    def __init__(self, seed: int, step: int) -> None:
        self._seed, self._step = seed, step

    def __getitem__(self, sample: int) -> np.random.Generator:
        return stream(self._seed, "sample", self._step, sample)
