"""Logits of a causal model at the tokens that are targets, and nowhere else. T targets, V tokens in the vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import torch

    from tunesmith.contracts.loss import LossFunction
    from tunesmith.contracts.model import LoadedModel


class NextToken:
    """Knows of each model whether its logits are its output layer applied to its last hidden states, and no more."""

    def __init__(self) -> None:
        self._plain: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()

    def logits(self, model: LoadedModel, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """float32, shape (T, V). Saves the memory and time of logits at padding and at the last tokens."""
        positions = batch["positions"]
        if model.kind == "module":
            from tunesmith.tasks.parts.outputs import output_tensor

            ids = batch["input_ids"]
            logits = output_tensor(model.module(ids), model, (*ids.shape, None))
            return logits.flatten(0, 1).index_select(0, positions).float()
        if not self._is_plain(model.pretrained):
            found: torch.Tensor = model.pretrained(**_given(model.pretrained, batch)).logits
            return found.flatten(0, 1).index_select(0, positions).float()
        found = model.pretrained.get_output_embeddings()(_hidden(model.pretrained, batch))
        return found.float()

    def loss_sum(self, model: LoadedModel, batch: dict[str, torch.Tensor], loss: LossFunction) -> torch.Tensor:
        """The sum of `loss` over all targets; float32, shape ()."""
        from tunesmith.tasks.parts.output_layer import can_fuse, loss_at

        if model.kind != "module" and self._is_plain(model.pretrained):
            hidden, layer = _hidden(model.pretrained, batch), model.pretrained.get_output_embeddings()
            if can_fuse(layer, hidden):
                return loss_at(layer, hidden, batch["target"], loss)
            return loss(layer(hidden).float(), batch["target"]).sum()
        return loss(self.logits(model, batch), batch["target"]).sum()

    def _is_plain(self, pretrained: Any) -> bool:
        """Tried once for each model on four tokens: some scale or cap their logits after the output layer."""
        known = self._plain.get(pretrained)
        if known is None:
            known = self._plain[pretrained] = _try(pretrained)
        return known


def _given(pretrained: Any, batch: dict[str, torch.Tensor]) -> dict[str, Any]:
    """Arguments of the model for a packed batch."""
    given: dict[str, Any] = {"input_ids": batch["input_ids"], "use_cache": False}
    if "attention_mask" in batch:
        given["position_ids"] = batch["position_ids"]
        given["attention_mask"] = _mask(pretrained, batch["attention_mask"])
    return given


def _hidden(pretrained: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """The last hidden states at the targets, shape (T, hidden size)."""
    found: torch.Tensor = base_of(pretrained)(**_given(pretrained, batch)).last_hidden_state
    return found.flatten(0, 1).index_select(0, batch["positions"])


def base_of(pretrained: Any) -> Any:
    """The model below the output layer, or None."""
    return getattr(pretrained, pretrained.base_model_prefix, None)


def _try(pretrained: Any) -> bool:
    import torch

    base, head = base_of(pretrained), pretrained.get_output_embeddings()
    if base is None or base is pretrained or head is None:
        return False
    tokens = torch.arange(1, 5, device=pretrained.device)[None] % pretrained.config.get_text_config().vocab_size
    modes = [(module, module.training) for module in pretrained.modules()]
    pretrained.eval()
    try:
        with torch.no_grad():
            whole = pretrained(input_ids=tokens, use_cache=False).logits
            hidden = getattr(base(input_ids=tokens, use_cache=False), "last_hidden_state", None)
            if hidden is None:
                return False
            parts = head(hidden)
    finally:
        for module, mode in modes:
            module.training = mode
    return whole.shape == parts.shape and bool(torch.allclose(whole.float(), parts.float(), rtol=1e-3, atol=1e-3))


def _mask(pretrained: Any, mask: torch.Tensor) -> torch.Tensor:
    """True where attention is allowed, as fused attention expects it; numbers to add where it goes step by step."""
    if getattr(pretrained.config, "_attn_implementation", "sdpa") == "sdpa":
        return mask
    import torch

    dtype = pretrained.dtype
    return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill_(~mask, torch.finfo(dtype).min)
