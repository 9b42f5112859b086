"""Safetensors files written without copying and without holding the interpreter lock.

The library's own writer copies every tensor to bytes first, under the lock, and so stops the training thread while a
checkpoint is written behind it. The format (huggingface/safetensors, README): 8 bytes little-endian header length,
JSON header of dtype, shape and data offsets, then the tensors. Reading is left to the library.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

_DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
_CHUNK = 4 << 20


def _no_wait() -> None:
    """The default between chunks: nothing."""


def _bytes_of(tensor: torch.Tensor) -> memoryview:
    flat = tensor.detach().contiguous().view(-1) if tensor.dim() else tensor.detach().reshape(1)
    if not flat.numel():
        return memoryview(b"")
    content: Any = flat.view(torch.uint8).numpy()
    return memoryview(content)


def write_tensors(
    path: Path,
    tensors: Mapping[str, torch.Tensor],
    metadata: Mapping[str, str],
    *,
    between: Callable[[], None] = _no_wait,
) -> tuple[int, str]:
    """Write CPU tensors and fsync. Returns (bytes, sha256 as hex). `between` is called after every 4 MiB.

    Raises OSError as the file system does; the file may then be incomplete.
    """
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    offset = 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": _DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    digest = hashlib.sha256()
    total = 0
    with path.open("wb", buffering=0) as file:
        pieces = [memoryview(len(text).to_bytes(8, "little") + text), *map(_bytes_of, tensors.values())]
        for piece in pieces:
            view = memoryview(piece)
            for start in range(0, len(view), _CHUNK):
                chunk = view[start : start + _CHUNK]
                digest.update(chunk)
                while chunk:
                    written = file.write(chunk)
                    chunk = chunk[written:]
                    total += written
                between()
        os.fsync(file.fileno())
    return total, digest.hexdigest()


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """All tensors of a safetensors file, on the CPU. Raises OSError or safetensors' SafetensorError."""
    from safetensors.torch import load_file

    return load_file(path)


def file_digest(path: Path) -> str:
    """sha256 of a file, as hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
