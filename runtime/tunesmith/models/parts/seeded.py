"""New weights from the job's seed, whatever else drew random numbers before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tunesmith.randomness import derive


@contextmanager
def seeded(seed: int, name: str) -> Iterator[None]:
    """torch's CPU generator, seeded by `seed` and `name` within the block and as it was before after it."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(derive(seed, "weights", name))
        yield
