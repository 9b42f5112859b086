"""What checkpoints cost in time, from writing a piece of one."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import torch

from tunesmith.runs.folder import runs_root
from tunesmith.train.tensorfile import write_tensors

PIECE_BYTES = 32 << 20


def checkpoint_seconds(
    tensors: Iterable[torch.Tensor], whole_bytes: int, *, folder: Path, times: int, shares_processor: bool
) -> float:
    """Seconds that `times` checkpoints of `whole_bytes` add to a run of the project in `folder`.

    The state is copied while training waits; the last write is waited for, those before it go on beside the steps and,
    where the processor trains, take their share of it. `tensors` are some of what is kept. Raises OSError where nothing
    can be written.
    """
    piece: dict[str, torch.Tensor] = {}
    size = 0
    began = time.perf_counter()
    for number, tensor in enumerate(tensors):
        if size >= PIECE_BYTES:
            break
        flat = tensor.detach().reshape(-1)[: (PIECE_BYTES - size) // tensor.element_size() + 1]
        piece[str(number)] = torch.empty(flat.shape, dtype=flat.dtype).copy_(flat)
        size += flat.numel() * flat.element_size()
    copy_s = time.perf_counter() - began
    began = time.perf_counter()
    runs = runs_root(folder)
    with tempfile.TemporaryDirectory(prefix=".estimate-", dir=runs if runs.is_dir() else None) as place:
        write_tensors(Path(place) / "piece.safetensors", piece, {})
    write_s = time.perf_counter() - began
    scale = whole_bytes / max(size, 1)
    beside = write_s / (os.cpu_count() or 1) if shares_processor else 0.0
    return scale * (times * copy_s + (times - 1) * beside + write_s)
