"""The one file that touches torch's global generators, which dropout and the like read.

They are set anew at every step from (seed, step): a step's random numbers depend on nothing before it, which is what
makes resume, replay and the repetition of a step after an out-of-memory error exact.
"""

from __future__ import annotations

import torch

from tunesmith.randomness import derive


def seed_step(seed: int, step: int, device: torch.device) -> None:
    """Set the generators of the CPU and of `device` for optimizer step `step`."""
    value = derive(seed, "step", step)
    torch.default_generator.manual_seed(value)
    if device.type == "cuda":
        torch.cuda.default_generators[device.index or 0].manual_seed(value)
    elif device.type == "mps":
        torch.mps.manual_seed(value)
