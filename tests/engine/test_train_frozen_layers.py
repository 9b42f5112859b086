"""Frozen layers kept in bfloat16: the same numbers, and nothing converted that could be read at full precision."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from tunesmith.train.frozen_layers import keep_as_computed

BERT = {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
LLAMA = {**BERT, "tie_word_embeddings": True, "num_key_value_heads": 4}


def bert(**lora: Any) -> nn.Module:
    from peft import LoraConfig, get_peft_model
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    model = BertForSequenceClassification(BertConfig(**BERT))
    return get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=4, target_modules=["query", "value"], **lora))


def llama() -> nn.Module:
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(**LLAMA))
    return get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=4, target_modules=["q_proj", "down_proj"]))


def trained(module: nn.Module, **labels: torch.Tensor) -> tuple[list[float], dict[str, torch.Tensor]]:
    """Losses of three steps, dropout on, and the tuned weights behind them."""
    tuned = {name: parameter for name, parameter in module.named_parameters() if parameter.requires_grad}
    optimizer = torch.optim.AdamW(tuned.values(), lr=1e-2)
    losses = []
    for step in range(3):
        torch.manual_seed(step)
        ids = torch.randint(0, 64, (4, 9))
        with torch.autocast("cpu", torch.bfloat16):
            loss = module(input_ids=ids, labels=labels.get("labels", ids)).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses, tuned


@pytest.mark.parametrize("made", [bert, llama])
def test_a_training_has_the_same_numbers_bit_for_bit(made: Any) -> None:
    labels = {"labels": torch.tensor([0, 1, 1, 0])} if made is bert else {}
    plain = made().train()
    kept = copy.deepcopy(plain)
    keep_as_computed(kept, torch.bfloat16)
    assert any(parameter.dtype is torch.bfloat16 for parameter in kept.parameters())
    losses, tuned = trained(plain, **labels)
    losses_kept, tuned_kept = trained(kept, **labels)
    assert losses == losses_kept
    assert all(torch.equal(tuned[name], tuned_kept[name]) for name in tuned)


def test_frozen_linear_layers_are_converted_and_nothing_else() -> None:
    module = bert()
    keep_as_computed(module, torch.bfloat16)
    for name, parameter in module.named_parameters():
        is_linear = any(
            part in name for part in ("query.base", "key.", "value.base", "dense.", "pooler.", "original_module.")
        )
        assert (parameter.dtype is torch.bfloat16) == is_linear, name


def test_weights_with_another_use_stay() -> None:
    module = llama()
    keep_as_computed(module, torch.bfloat16)
    kept = {name: parameter.dtype for name, parameter in module.named_parameters()}
    assert kept["base_model.model.model.embed_tokens.weight"] is torch.float32
    assert kept["base_model.model.model.layers.0.mlp.up_proj.weight"] is torch.bfloat16


def test_weights_that_dora_takes_the_norm_of_stay() -> None:
    module = bert(use_dora=True)
    keep_as_computed(module, torch.bfloat16)
    kept = {name: parameter.dtype for name, parameter in module.named_parameters()}
    assert {dtype for name, dtype in kept.items() if "query.base" in name} == {torch.float32}
    assert {dtype for name, dtype in kept.items() if "key." in name} == {torch.bfloat16}


def test_without_autocast_nothing_is_converted() -> None:
    module = bert()
    keep_as_computed(module, None)
    assert {parameter.dtype for parameter in module.parameters()} == {torch.float32}
