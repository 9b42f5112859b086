"""In which number format the forward pass runs, and the scaling that float16 needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn

from tunesmith.errors import Place, TunesmithError

BF16_FROM_PARAMETERS = (
    5_000_000  # below, casting costs a CPU more than bf16 saves (a perceptron: 67 against 93 k rows/s)
)
_ATTENTION = re.compile(r"attention", re.IGNORECASE)  # in the class names of every transformer's layers
FIRST_SCALE, GROW_AFTER = 65536.0, 2000


class Precision:
    """`autocast()` for the forward pass; for float16 also dynamic loss scaling (Micikevicius et al. 2018,
    arXiv:1710.03740), whose state is on the device, so that no step waits for it."""

    def __init__(self, name: str, device: torch.device, dtype: torch.dtype | None, why: str) -> None:
        self.name, self.why, self.dtype = name, why, dtype
        self._device = device
        self._scales = dtype is torch.float16
        self._scale = torch.full((), FIRST_SCALE, device=device)
        self._good_steps = torch.zeros((), device=device)

    def autocast(self) -> AbstractContextManager[Any]:
        """Around forward passes."""
        if self.dtype is None:
            return nullcontext()
        return torch.autocast(self._device.type, self.dtype)

    def scale(self, loss: torch.Tensor) -> torch.Tensor:
        """The loss to call backward on."""
        return loss * self._scale if self._scales else loss

    def unscale_(self, grads: Sequence[torch.Tensor]) -> None:
        """Take the scale out of the gradients, in place."""
        if self._scales and grads:
            torch._foreach_mul_(list(grads), 1.0 / self._scale)

    def after_step(self, bad: torch.Tensor | None) -> None:
        """`bad`: 1 where the step was skipped, 0 where not, on the device; None: it was taken."""
        if not self._scales:
            return
        skipped = torch.zeros((), device=self._device) if bad is None else bad
        self._good_steps = (self._good_steps + 1) * (1 - skipped)
        grown = self._good_steps >= GROW_AFTER
        self._scale = torch.where(skipped > 0, self._scale / 2, torch.where(grown, self._scale * 2, self._scale))
        self._good_steps = torch.where(grown, torch.zeros_like(self._good_steps), self._good_steps)

    def state(self) -> dict[str, float]:
        """JSON, for a checkpoint."""
        return {"scale": float(self._scale), "good_steps": float(self._good_steps)} if self._scales else {}

    def load(self, state: Mapping[str, float]) -> None:
        """Go on from what `state` gave."""
        if self._scales and state:
            self._scale.fill_(state["scale"])
            self._good_steps.fill_(state["good_steps"])


def choose(
    precision: str,
    device: torch.device,
    module: nn.Module,
    *,
    capabilities: Mapping[str, Any] | None = None,
) -> Precision:
    """The job's `training.precision` on this device; `auto` says in `why` what it took and for what reason.

    `capabilities` are the processor's, as `cpu_capabilities` gives them (the default).
    Raises TunesmithError train.no-fp16 where float16 cannot be had.
    """
    if precision == "auto":
        name, why = _auto(device, module, cpu_capabilities() if capabilities is None else capabilities)
    else:
        name, why = precision, "the job says so"
    if name == "fp16" and device.type != "cuda":
        raise TunesmithError(
            "train.no-fp16",
            f"float16 training needs a CUDA device, this is {device}",
            place=Place(key="training.precision"),
            found="fp16",
            allowed=("auto", "fp32", "bf16"),
            hint="write training.precision: bf16, or auto",
        )
    dtypes = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}
    return Precision(name, device, dtypes[name], why)


def _auto(device: torch.device, module: nn.Module, capabilities: Mapping[str, Any]) -> tuple[str, str]:
    if device.type == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return "bf16", "this GPU computes bfloat16 at full speed, and bfloat16 needs no loss scaling"
        return "fp16", "this GPU has no bfloat16; float16 with loss scaling is its fast format"
    if device.type != "cpu":
        return "fp32", "the safe choice on this device"
    if not (capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")):
        return "fp32", "this processor has no bfloat16 instructions"
    if not capabilities.get("amx_bf16") and "intel" in str(capabilities.get("cpu_name", "")).lower():
        # Products of 384 x 1,536 on one thread of such a Xeon: 155 GFLOP/s in float32, 80 in bfloat16.
        return "fp32", "without AMX, processors of Intel multiply faster in float32 than in bfloat16"
    if sum(p.numel() for p in module.parameters()) <= BF16_FROM_PARAMETERS:
        return "fp32", "the model is so small that converting to bfloat16 would cost more than it saves"
    if not any(_ATTENTION.search(type(part).__name__) for part in module.modules()):
        return "fp32", "bfloat16 on a processor pays for transformers, and this model has no attention"
    return "bf16", "this processor has bfloat16 instructions"


def cpu_capabilities() -> Mapping[str, Any]:
    """What the processor can do, by name (`avx512_bf16`, `amx_bf16`, ...)."""
    if hasattr(torch.cpu, "get_capabilities"):
        found: Mapping[str, Any] = torch.cpu.get_capabilities()
        return found
    # Before that function torch only had these. AMX comes with bfloat16 on every processor that has it.
    return {"avx512_bf16": torch.cpu._is_avx512_bf16_supported(), "amx_bf16": torch.cpu._is_amx_tile_supported()}
