"""PEFT's low-rank adapters on a loaded model."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tunesmith.errors import TunesmithError
from tunesmith.options import Flag, Integer, OneOf, Option, Real, Texts

if TYPE_CHECKING:
    from tunesmith.models.contract import LoadedModel

RANK: Mapping[str, Option] = {
    "rank": Integer(
        8,
        at_least=1,
        help="How many directions each weight matrix may change in.",
        advice="4 to 16; raise it if training stalls above what full tuning reaches.",
    ),
    "alpha": Real(
        16.0,
        above=0,
        help="Scale of the change, divided by the rank (by its root with rsLoRA).",
        advice="Twice the rank; then leave it and tune the learning rate.",
    ),
    "dropout": Real(
        0.0,
        at_least=0,
        below=1,
        help="Share of the adapter's input set to 0 while training.",
        advice="0.05 to 0.1 for few rows.",
    ),
    "target_modules": Texts(
        None,
        help="Names of the layers that get an adapter; none means the attention's, as PEFT lists them for the model.",
        advice="`all-linear` adapts every linear layer: better, and slower.",
    ),
    "bias": OneOf(
        "none",
        values=("none", "all", "lora_only"),
        help="Which biases are tuned as well.",
        advice="none keeps adapters exchangeable.",
    ),
}
RSLORA: Mapping[str, Option] = {
    "use_rslora": Flag(
        default=False, help="Scale by alpha / sqrt(rank) instead of alpha / rank.", advice="For ranks of 32 and above."
    )
}
DORA: Mapping[str, Option] = {
    "use_dora": Flag(
        default=False,
        help="Tune size and direction of the weights apart (DoRA).",
        advice="A little better at low rank, slower.",
    )
}

ATTENTION = ("attn", "attention", "self_attn", "self")


def add_adapters(
    loaded: LoadedModel,
    *,
    seed: int,
    rank: int,
    alpha: float,
    dropout: float,
    target_modules: Sequence[str] | None,
    bias: str,
    use_rslora: bool,
    use_dora: bool,
) -> LoadedModel:
    """The model inside PEFT's wrapper: adapters and the new head are tuned, all else is frozen.

    Adapters begin as no change at all (B = 0); A is drawn from `seed`. Raises method.no-such-layers.
    """
    import torch
    from peft import LoraConfig, TaskType, get_peft_model

    from tunesmith.randomness import derive

    targets = _targets(loaded, target_modules)
    kind = None
    if loaded.pretrained is not None:
        kind = TaskType.CAUSAL_LM if not loaded.head_modules and _is_causal(loaded.pretrained) else None
        if type(loaded.pretrained).__name__.endswith("ForSequenceClassification"):
            kind = TaskType.SEQ_CLS
    config = LoraConfig(
        r=rank,
        lora_alpha=int(alpha) if float(alpha).is_integer() else alpha,  # type: ignore[arg-type]
        lora_dropout=dropout,
        target_modules=targets,
        bias=bias,  # type: ignore[arg-type]
        use_rslora=use_rslora,
        use_dora=use_dora,
        task_type=kind,
        modules_to_save=sorted({name.rsplit(".", 1)[-1] for name in loaded.head_modules}) or None,
    )
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of transformers, about names that PEFT uses
        torch.default_generator.manual_seed(derive(seed, "weights", "adapter"))
        try:
            wrapped = get_peft_model(loaded.module, config)
        except ValueError as error:
            raise TunesmithError(
                "method.no-such-layers",
                f"no adapter can be put there: {str(error).splitlines()[0]}",
                found=", ".join(target_modules or ()),
                allowed=_linear_names(loaded.module),
                hint="name layers of the model under target_modules, or all-linear",
            ) from error
    return dataclasses.replace(loaded, module=wrapped)


def _is_causal(pretrained: Any) -> bool:
    return type(pretrained).__name__.endswith(("ForCausalLM", "LMHeadModel"))


def _targets(loaded: LoadedModel, chosen: Sequence[str] | None) -> Any:
    """As the job says; else PEFT's own list for the architecture; else the attention's (or all) linear layers."""
    from peft.utils import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as KNOWN

    if chosen:
        if list(chosen) != ["all-linear"]:
            return list(chosen)
        return "all-linear" if loaded.pretrained is not None else _by_regex(_linear_paths(loaded, attention=False))
    kind = getattr(getattr(loaded.pretrained, "config", None), "model_type", None)
    if kind in KNOWN:
        return list(KNOWN[kind])
    return _by_regex(_linear_paths(loaded, attention=True) or _linear_paths(loaded, attention=False))


def _by_regex(paths: list[str]) -> str:
    import re

    return "|".join(re.escape(path) for path in paths)


def _linear_paths(loaded: LoadedModel, *, attention: bool) -> list[str]:
    from torch import nn

    from tunesmith.methods._layers import head_names

    heads = head_names(loaded)
    return [
        name
        for name, module in loaded.module.named_modules()
        if isinstance(module, nn.Linear)
        and not any(name == head or name.startswith(head + ".") for head in heads)
        and (not attention or any(part in ATTENTION for part in name.split(".")))
    ]


def _linear_names(module: Any) -> list[str]:
    from torch import nn

    return sorted({name.rsplit(".", 1)[-1] for name, child in module.named_modules() if isinstance(child, nn.Linear)})
