"""Safetensors files written without copying and without holding the interpreter lock.

The library's own writer copies every tensor to bytes first, under the lock, and so stops the training thread while a
checkpoint is written behind it. The format (huggingface/safetensors, README): 8 bytes little-endian header length,
JSON header of dtype, shape and data offsets, then the tensors. Reading is left to the library.

What the format has no word for (complex numbers, rare kinds of 8 bits, sparse tensors) is written as bytes or in parts,
and the header's metadata says under `tunesmith` how to put it together again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from tunesmith.errors import TunesmithError

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
    torch.uint16: "U16",
    torch.uint32: "U32",
    torch.uint64: "U64",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
}
_COMPRESSED = {
    torch.sparse_csr: ("crow_indices", "col_indices"),
    torch.sparse_bsr: ("crow_indices", "col_indices"),
    torch.sparse_csc: ("ccol_indices", "row_indices"),
    torch.sparse_bsc: ("ccol_indices", "row_indices"),
}
_CHUNK = 4 << 20
_MADE = "tunesmith"


def _no_wait() -> None:
    """The default between chunks: nothing."""


def is_dense(tensor: torch.Tensor) -> bool:
    """Whether a tensor is one block of numbers in memory."""
    return tensor.layout == torch.strided and not tensor.is_quantized and tensor.device.type != "meta"


def parts_of(tensor: torch.Tensor) -> tuple[dict[str, Any], list[torch.Tensor]]:
    """A sparse tensor as dense ones, and how to make it of them.

    Raises TunesmithError train.tensor-not-kept for quantised tensors and others that nothing here can put together.
    """
    detached = tensor.detach()
    about = {"layout": str(tensor.layout), "shape": list(tensor.shape)}
    if tensor.layout == torch.sparse_coo:
        return about | {"coalesced": tensor.is_coalesced()}, [detached._indices(), detached._values()]
    if tensor.layout in _COMPRESSED:
        return about, [*(getattr(detached, name)() for name in _COMPRESSED[tensor.layout]), detached.values()]
    kind = "quantised" if tensor.is_quantized else str(tensor.layout)
    raise TunesmithError(
        "train.tensor-not-kept",
        f"the model or its optimizer holds a tensor of a kind that a checkpoint cannot hold: {kind}, {tensor.dtype}",
        hint="keep such values in a tensor of another kind, or register the buffer with persistent=False",
    )


def _whole(about: Mapping[str, Any], parts: list[torch.Tensor]) -> torch.Tensor:
    if "dtype" in about:
        return parts[0].view(getattr(torch, about["dtype"])).reshape(about["shape"])
    if "coalesced" in about:
        indices, values = parts
        return torch.sparse_coo_tensor(
            indices, values, about["shape"], is_coalesced=about["coalesced"], check_invariants=True
        )
    layout = next(layout for layout in _COMPRESSED if str(layout) == about["layout"])
    compressed, plain, values = parts
    return torch.sparse_compressed_tensor(
        compressed, plain, values, about["shape"], layout=layout, check_invariants=True
    )


def _stored(tensors: Mapping[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The dense tensors of types with a name in the format that are written, and how to make the others of them."""
    stored: dict[str, torch.Tensor] = {}
    made: dict[str, Any] = {}
    for name, tensor in tensors.items():
        about, parts = (None, [tensor.detach()]) if is_dense(tensor) else parts_of(tensor)
        if about is not None:
            made[name] = about | {"parts": [f"{name}/part{number}" for number in range(len(parts))]}
        for part_name, part in zip(made[name]["parts"] if about is not None else [name], parts, strict=True):
            if part.dtype in _DTYPES:
                stored[part_name] = part
                continue
            plain = part.resolve_conj().resolve_neg().contiguous().reshape(-1)
            stored[f"{part_name}/bytes"] = plain.view(torch.uint8)
            dtype = str(part.dtype).removeprefix("torch.")
            made[part_name] = {"dtype": dtype, "shape": list(part.shape), "parts": [f"{part_name}/bytes"]}
    return stored, made


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

    Raises OSError as the file system does; the file may then be incomplete. And TunesmithError as `parts_of` does.
    """
    stored, made = _stored(tensors)
    header: dict[str, Any] = {"__metadata__": {**metadata, **({_MADE: json.dumps(made)} if made else {})}}
    offset = 0
    for name, tensor in stored.items():
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
        pieces = [memoryview(len(text).to_bytes(8, "little") + text), *map(_bytes_of, stored.values())]
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
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        found = {name: file.get_tensor(name) for name in file.offset_keys()}  # in their order in the file
        made: dict[str, Any] = json.loads((file.metadata() or {}).get(_MADE, "{}"))
    # The parts of a whole that are made themselves come first.
    for name, about in sorted(made.items(), key=lambda item: "dtype" not in item[1]):
        found[name] = _whole(about, [found.pop(part) for part in about["parts"]])
    return found


def file_digest(path: Path) -> str:
    """sha256 of a file, as hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
