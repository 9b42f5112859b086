"""An encoder-decoder's next token of a given target. B rows, L tokens of the longest target, T targets, V vocabulary.

The decoder reads the target shifted by one place, as the model's own code shifts it, and is asked for each token of it.
Of padding nothing is computed at the output layer, and nothing learnt.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import torch

    from tunesmith.contracts.loss import LossFunction
    from tunesmith.contracts.model import LoadedModel

IGNORED = -100
"""Stands for padding among targets, as transformers writes it."""


class TeacherForcing:
    """Knows of each model whether its logits are its output layer applied to the decoder's states, and no more."""

    def __init__(self) -> None:
        self._plain: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()

    def logits(self, model: LoadedModel, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """At the targets, float32, shape (T, V)."""
        return _logits(model.pretrained, batch).float()

    def loss_sum(self, model: LoadedModel, batch: dict[str, torch.Tensor], loss: LossFunction) -> torch.Tensor:
        """The sum of `loss` over all targets; float32, shape ()."""
        from tunesmith.tasks.parts.output_layer import can_fuse, loss_at

        pretrained = model.pretrained
        layer = pretrained.get_output_embeddings()
        if self._is_plain(pretrained, batch):
            with _selected(layer, batch["positions"], keep=False) as states:
                pretrained(**given(pretrained, batch))
            if can_fuse(layer, states[0]):
                return loss_at(layer, states[0], batch["target"], loss)
            return loss(layer(states[0]).float(), batch["target"]).sum()
        return loss(self.logits(model, batch), batch["target"]).sum()

    def _is_plain(self, pretrained: Any, batch: dict[str, torch.Tensor]) -> bool:
        """Tried once for each model: some add a bias of each token to what their output layer gives."""
        if _is_compiled(pretrained):
            return False
        known = self._plain.get(pretrained)
        if known is None:
            known = self._plain[pretrained] = _try(pretrained, batch)
        return known


def given(pretrained: Any, batch: dict[str, torch.Tensor]) -> dict[str, Any]:
    """Arguments of the model for a batch with targets."""
    return {
        **sources(pretrained, batch),
        "decoder_input_ids": decoder_inputs(pretrained, batch["labels"]),
        "use_cache": False,
    }


def sources(pretrained: Any, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What the encoder reads: rows are filled up with the model's own padding token."""
    ids, mask = batch["input_ids"], batch.get("attention_mask")
    padding = getattr(pretrained.config.get_text_config(), "pad_token_id", None) or 0
    if mask is None:
        return {"input_ids": ids}
    return {"input_ids": ids.masked_fill(mask == 0, padding) if padding else ids, "attention_mask": mask}


def decoder_inputs(pretrained: Any, labels: torch.Tensor) -> torch.Tensor:
    """What the decoder reads to be asked for `labels` (B, L): by the model's own code where it has some.

    Most put a token of their own first; mBART moves the language behind the text to the front.
    """
    config = pretrained.config
    start = config.decoder_start_token_id
    own = getattr(pretrained, "prepare_decoder_input_ids_from_labels", None)
    shift = getattr(sys.modules[type(pretrained).__module__], "shift_tokens_right", None)
    if own is not None:
        shifted: torch.Tensor = own(labels)
    elif shift is not None:
        shifted = shift(labels, config.pad_token_id, start)
    else:
        shifted = labels.new_full(labels.shape, start)
        shifted[:, 1:] = labels[:, :-1]
        shifted.masked_fill_(shifted == IGNORED, config.pad_token_id or 0)
    return shifted


def _logits(pretrained: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    found: torch.Tensor
    if _is_compiled(pretrained):  # a compiled model is not to change from call to call
        found = pretrained(**given(pretrained, batch)).logits
        return found.flatten(0, 1).index_select(0, batch["positions"])
    with _selected(pretrained.get_output_embeddings(), batch["positions"], keep=True):
        found = pretrained(**given(pretrained, batch)).logits
    return found


def _is_compiled(pretrained: Any) -> bool:
    return getattr(pretrained, "_compiled_call_impl", None) is not None


@contextmanager
def _selected(layer: Any, positions: torch.Tensor, *, keep: bool) -> Iterator[list[torch.Tensor]]:
    """The states that reach the output layer within the block, at `positions` of the flattened rows, shape (T, H).

    The layer itself is given these alone or, where it is not to `keep` them, none at all.
    """
    states: list[torch.Tensor] = []

    def select(module: Any, args: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        states.append(args[0].flatten(0, 1).index_select(0, positions))
        return (states[0] if keep else states[0][:0],)

    handle = layer.register_forward_pre_hook(select)
    try:
        yield states
    finally:
        handle.remove()


def _try(pretrained: Any, batch: dict[str, torch.Tensor]) -> bool:
    import torch

    layer = pretrained.get_output_embeddings()
    modes = [(module, module.training) for module in pretrained.modules()]
    pretrained.eval()
    try:
        with torch.no_grad():
            row = {name: batch[name][:1] for name in batch if name in ("input_ids", "attention_mask", "labels")}
            row["positions"] = torch.arange(row["labels"].shape[1], device=row["labels"].device)
            with _selected(layer, row["positions"], keep=True) as states:
                whole = pretrained(**given(pretrained, row)).logits
            parts = layer(states[0])
    finally:
        for module, mode in modes:
            module.training = mode
    return whole.shape == parts.shape and bool(torch.allclose(whole.float(), parts.float(), rtol=1e-3, atol=1e-3))
