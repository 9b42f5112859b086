"""Training and evaluation mode, layer by layer: what is frozen keeps its running figures too. B rows in a batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.spectral_norm import SpectralNorm

_RUNNING = ("running_mean", "running_var")


def train_mode(module: nn.Module) -> None:
    """Training mode for `module`, evaluation mode for its frozen layers that would change by themselves.

    A frozen batch norm normalises by the running figures that it came with and leaves them alone; spectral norm takes
    no further step of its power iteration. Dropout works in frozen layers too: it changes nothing that is kept.
    """
    module.train()
    for part in frozen_parts(module):
        if _changes_itself(part):
            part.training = False


def frozen_parts(module: nn.Module) -> Iterator[nn.Module]:
    """The layers whose weights are frozen; one without weights of its own counts with the weights before it."""
    parts = [(part, [p.requires_grad for p in part.parameters(recurse=False)]) for part in module.modules()]
    is_frozen = not any(next((own for _, own in parts if own), [True]))
    for part, own in parts:
        if own:
            is_frozen = not any(own)
        if is_frozen:
            yield part


@contextmanager
def evaluation_mode(module: nn.Module) -> Iterator[None]:
    """Evaluation mode within the block; every layer's own mode is put back behind it."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode


@contextmanager
def batch_norms_at_rest(module: nn.Module) -> Iterator[None]:
    """Batch norm by its running figures within the block, which it neither needs several rows for nor changes."""
    working = [part for part in module.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm) and part.training]
    for part in working:
        part.training = False
    try:
        yield
    finally:
        for part in working:
            part.training = True


def needs_several_rows(error: Exception) -> bool:
    """Whether batch norm refused a batch because it had one value in each channel."""
    return "more than 1 value per channel" in str(error)


def _changes_itself(part: nn.Module) -> bool:
    """Whether the layer's buffers move in training, whatever becomes of its weights."""
    if isinstance(part, _SpectralNorm) or any(
        isinstance(hook, SpectralNorm) for hook in part._forward_pre_hooks.values()
    ):
        return True
    return any(part._buffers.get(name) is not None for name in _RUNNING)
