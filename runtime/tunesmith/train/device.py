"""Which device a job means, and what optimizers and devices can and cannot do."""

from __future__ import annotations

import torch


def device_of(wanted: str) -> torch.device:
    """The device that the job's `device` stands for: `auto` takes CUDA, then Apple's, then the CPU."""
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def takes_found_inf(optimizer: torch.optim.Optimizer) -> bool:
    """Whether the optimizer skips a step on the device by itself (torch's fused ones do, as GradScaler asks)."""
    return bool(getattr(optimizer, "_step_supports_amp_scaling", False)) and all(
        group.get("fused") for group in optimizer.param_groups
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the machine, had no memory left."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error)
    return "out of memory" in text or "can't allocate memory" in text
