"""Models without their bytes: for sizes, where nothing is computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tunesmith.contracts.model import ModelRequest


@contextmanager
def shapes_only(request: ModelRequest) -> Iterator[None]:
    """New tensors are on the meta device within the block where the request needs no weights; else nothing changes."""
    import torch

    if request.weights:
        yield
        return
    with torch.device("meta"):
        yield
