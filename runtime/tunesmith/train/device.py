"""Which device a job means, and what optimizers and devices can and cannot do."""

from __future__ import annotations

import torch

from tunesmith.errors import Place, TunesmithError


def device_of(wanted: str) -> torch.device:
    """The device that the job's `device` stands for: `auto` takes CUDA, then Apple's, then the CPU.

    Raises TunesmithError env.no-such-device where this machine, or the installed torch, has none of that kind.
    """
    if wanted != "auto":
        device = torch.device(wanted)
        _require(device)
        return device
    if torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def usable_device(wanted: str) -> torch.device:
    """The same for a model that is used and not trained: where the job's device is not here, the best that is."""
    try:
        return device_of(wanted)
    except TunesmithError:
        return device_of("auto")


def _require(device: torch.device) -> None:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    here = ["cpu", *(f"cuda:{number}" for number in range(count))]
    if torch.backends.mps.is_available():
        here.append("mps")
    if device.type in [name.partition(":")[0] for name in here] and (
        device.type != "cuda" or (device.index or 0) < count
    ):
        return
    reason = f"this machine has no {device}"
    if device.type == "cuda" and torch.version.cuda is None and torch.version.hip is None:
        reason = "the installed torch is built without CUDA"
    elif device.type == "cuda" and not count:
        reason = "torch finds no GPU that it can use"
    raise TunesmithError(
        "env.no-such-device",
        f"the job asks for {device}, and {reason}",
        place=Place(key="device"),
        found=str(device),
        allowed=("auto", *here),
        hint="write `device: auto`; `tunesmith doctor` says what is wrong with the machine's GPU, if it has one",
    )


def takes_found_inf(optimizer: torch.optim.Optimizer) -> bool:
    """Whether the optimizer skips a step on the device by itself (torch's fused ones do, as GradScaler asks)."""
    return bool(getattr(optimizer, "_step_supports_amp_scaling", False)) and all(
        group.get("fused") for group in optimizer.param_groups
    )
