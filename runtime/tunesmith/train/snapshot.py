"""Taking a checkpoint in milliseconds and writing it behind the training.

The state is copied into buffers that are kept from one checkpoint to the next (fresh pages cost ten times the copy),
then one thread of low priority looks whether the weights are finite and writes them; or, where a training is being
debugged, no thread does, and it is done at once.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch

from tunesmith.errors import TunesmithError
from tunesmith.train import checkpoint
from tunesmith.train.tensorfile import is_dense, parts_of

NUMPYS = (torch.float16, torch.float32, torch.float64)


class Writer:
    """Writes one checkpoint at a time. Not thread-safe: it belongs to the loop.

    `before_write` is called on the writing thread first: what must be durable before the checkpoint counts.
    """

    def __init__(self, before_write: Callable[[], None], *, behind: bool = True) -> None:
        self._before_write, self._behind = before_write, behind
        self._buffers: dict[str, dict[str, torch.Tensor]] = {}
        self._state: checkpoint.State | None = None
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._written: tuple[int, int] | None = None

    @property
    def busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def take(
        self,
        folder: Path,
        state: checkpoint.State,
        *,
        stays: bool,
    ) -> None:
        """Copy the state now and begin to write it. Waits for the write before, if that is still going on.

        `stays`: nothing will change the tensors before `wait` has returned, so that those on the CPU need no copy.
        """
        self.wait()
        tensors = state.tensors
        if stays and all(tensor.device.type == "cpu" for group in tensors.values() for tensor in group.values()):
            self._buffers = {}
            held = {kind: {name: each.detach() for name, each in group.items()} for kind, group in tensors.items()}
        else:
            self._copy(tensors)
            held = self._buffers
        self._state = checkpoint.State(step=state.step, tensors=held, values=state.values)
        self._written = None
        if not self._behind:
            self._write(folder, self._state)
            return
        work = (folder, self._state)
        self._thread = threading.Thread(target=self._write_low, args=work, name="checkpoint", daemon=True)
        self._thread.start()

    def _copy(self, tensors: Mapping[str, Mapping[str, torch.Tensor]]) -> None:
        for kind, whole in tensors.items():
            held = self._buffers.setdefault(kind, {})
            group = {name: tensor for name, tensor in whole.items() if is_dense(tensor)}
            for name, tensor in group.items():
                if name not in held or held[name].shape != tensor.shape or held[name].dtype != tensor.dtype:
                    held[name] = torch.empty(
                        tensor.shape, dtype=tensor.dtype, device="cpu", pin_memory=tensor.device.type == "cuda"
                    )
            for name in set(held) - set(group):
                del held[name]
            names = list(group)
            with torch.no_grad():
                if any(group[name].device.type != "cpu" for name in names):
                    for name in names:
                        held[name].copy_(group[name], non_blocking=True)
                elif names:
                    torch._foreach_copy_([held[name] for name in names], [group[name].detach() for name in names])
                for name in set(whole) - set(group):
                    held[name] = whole[name].detach().to("cpu", copy=True)
        for kind in set(self._buffers) - set(tensors):
            del self._buffers[kind]
        if torch.cuda.is_available() and torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
            torch.cuda.synchronize()

    def retry(self, folder: Path) -> None:
        """Write the state that was taken last again, after `done` raised. Raises OSError again if it must."""
        assert self._state is not None
        self._written = (self._state.step, checkpoint.write(folder, self._state))

    def done(self) -> tuple[int, int]:
        """(step, bytes) of the checkpoint that was taken last and is on the disk now. Waits until it is.

        Raises OSError, TunesmithError train.spoilt-weights where a weight is not finite (nothing is written then), and
        whatever else kept it from being written.
        """
        self.wait()
        self._thread = None
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        assert self._written is not None  # the thread either wrote or says why not
        return self._written

    def wait(self) -> None:
        """Until nothing is being written. Errors are kept for `done`."""
        if self._thread is not None:
            self._thread.join()

    def _write_low(self, folder: Path, state: checkpoint.State) -> None:
        if hasattr(os, "setpriority"):
            # On Linux a thread has a nice value of its own: the write must not slow the steps beside it.
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
        self._write(folder, state)

    def _write(self, folder: Path, state: checkpoint.State) -> None:
        try:
            _refuse_spoilt(state.tensors["model"])
            self._before_write()
            self._written = (state.step, checkpoint.write(folder, state))
        except BaseException as error:  # noqa: BLE001 - `done` raises it: none may be lost with this thread
            self._error = error


def _refuse_spoilt(weights: Mapping[str, torch.Tensor]) -> None:
    if bad := [name for name, tensor in weights.items() if _has_fractions(tensor) and not _finite(tensor)]:
        raise TunesmithError(
            "train.spoilt-weights",
            f"weights of the model are not finite any more: {', '.join(bad[:3])}; no checkpoint was made of them",
            hint="lower training.learning_rate or set training.clip_norm to 1, and resume from the last checkpoint",
        )


def _has_fractions(tensor: torch.Tensor) -> bool:
    return tensor.is_floating_point() or tensor.is_complex()


def _finite(tensor: torch.Tensor) -> bool:
    if not is_dense(tensor):
        return all(_finite(part) for part in parts_of(tensor)[1])
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.resolve_conj())
    # By NumPy, for torch would take threads from the training. One pass without a temporary of the tensor's size: a sum
    # is not finite if any part is not (or it overflows, which the exact look then settles).
    numbers = (tensor if tensor.dtype in NUMPYS else tensor.float()).numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(numbers.sum())) or bool(np.isfinite(numbers).all())
