"""The one file that touches global generators of random numbers.

Those of torch, which dropout and the like read, are set anew at every step from (seed, step): a step's random numbers
depend on nothing before it, which is what makes resume, replay and the repetition of a step after an out-of-memory
error exact. Those of Python and NumPy, which only a project's code can read here, would cost each step 20 microseconds:
they are set once, kept in every checkpoint, and left by an evaluation as they were.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from tunesmith.randomness import derive


def seed_step(seed: int, step: int, device: torch.device) -> None:
    """Set torch's generators of the CPU and, where `device` is a GPU, of all of them, for optimizer step `step`."""
    value = derive(seed, "step", step)
    torch.default_generator.manual_seed(value)
    if device.type == "cuda":
        for generator in torch.cuda.default_generators:  # a model of the project may be spread over several
            generator.manual_seed(value)
    elif device.type == "mps":
        torch.mps.manual_seed(value)


def random_state(device: torch.device) -> list[torch.Tensor]:
    """The state of torch's generators that a step draws from; `set_random_state` goes back there."""
    found = [torch.default_generator.get_state()]
    if device.type == "cuda":
        found += [generator.get_state() for generator in torch.cuda.default_generators]
    elif device.type == "mps":
        found.append(torch.mps.get_rng_state())
    return found


def set_random_state(state: list[torch.Tensor], device: torch.device) -> None:
    """Go on drawing where `random_state` was asked for."""
    torch.default_generator.set_state(state[0])
    if device.type == "cuda":
        for generator, each in zip(torch.cuda.default_generators, state[1:], strict=True):
            generator.set_state(each)
    elif device.type == "mps":
        torch.mps.set_rng_state(state[1])


def seed_generators(seed: int, purpose: str) -> None:
    """Set Python's and NumPy's global generators."""
    value = derive(seed, "generators", purpose)
    random.seed(value)
    np.random.seed(value & 0xFFFFFFFF)


@contextmanager
def generators_apart(seed: int, purpose: str) -> Iterator[None]:
    """Inside the block Python's and NumPy's global generators begin anew; after it they are as they were before."""
    before = generators_state()
    seed_generators(seed, purpose)
    try:
        yield
    finally:
        put_generators(before)


def generators_state() -> dict[str, Any]:
    """The state of Python's and NumPy's global generators, as JSON."""
    version, numbers, gauss = random.getstate()
    numpy: Any = np.random.get_state(legacy=False)
    key = numpy["state"]["key"].astype("<u4").tobytes().hex()
    return {
        "python": [version, np.array(numbers, dtype="<u4").tobytes().hex(), gauss],
        "numpy": [key, numpy["state"]["pos"], numpy["has_gauss"], numpy["gauss"]],
    }


def put_generators(values: Mapping[str, Any]) -> None:
    """Set them as `generators_state` found them."""
    version, numbers, gauss = values["python"]
    random.setstate((version, tuple(np.frombuffer(bytes.fromhex(numbers), "<u4").tolist()), gauss))
    key, position, has_gauss, normal = values["numpy"]
    np.random.set_state(("MT19937", np.frombuffer(bytes.fromhex(key), "<u4"), position, has_gauss, normal))
