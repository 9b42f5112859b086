"""PEFT's low-rank adapters on a loaded model."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tunesmith.errors import Place, TunesmithError
from tunesmith.options import Flag, Integer, OneOf, Option, Real, Texts

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel

RANK: Mapping[str, Option] = {
    "rank": Integer(
        8,
        at_least=1,
        at_most=8192,
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

    The head of a module of the user's own is its output layer, unless the job puts an adapter there. Adapters begin as
    no change at all (B = 0); A is drawn from `seed`. Raises method.no-such-layers and method.bypassed-layer.
    """
    import torch
    from peft import LoraConfig, TaskType, get_peft_model

    from tunesmith.methods.parts.layers import frozen_by_project
    from tunesmith.randomness import derive

    kept = frozen_by_project(loaded)
    bypassed = _bypassed(loaded.module)
    _refuse_bypassed(bypassed, target_modules)
    targets = _targets(loaded, target_modules)
    head, saved = _output_layer(loaded, target_modules)
    kind = TaskType[loaded.head.adapters] if _is_of(loaded) else None
    config = LoraConfig(
        r=rank,
        lora_alpha=int(alpha) if float(alpha).is_integer() else alpha,  # type: ignore[arg-type]
        lora_dropout=dropout,
        target_modules=targets,
        bias=bias,  # type: ignore[arg-type]
        use_rslora=use_rslora,
        use_dora=use_dora,
        task_type=kind,
        modules_to_save=saved,
        exclude_modules=list(bypassed) or None,
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
    if head is not None and not saved:
        head.requires_grad_(requires_grad=True)
    for weight in kept:
        weight.requires_grad = False
    if any(isinstance(part, torch.nn.TransformerEncoderLayer) for part in wrapped.modules()):
        # In evaluation torch's fused encoder layer reads the weights of its linear layers past their adapters.
        torch.backends.mha.set_fastpath_enabled(False)
    return dataclasses.replace(loaded, module=wrapped)


def _bypassed(module: Any) -> tuple[str, ...]:
    """Layers whose weights are read without calling them, so that an adapter there would do nothing."""
    from torch import nn

    return tuple(
        f"{name}.out_proj" if name else "out_proj"
        for name, part in module.named_modules()
        if isinstance(part, nn.MultiheadAttention)
    )


def _refuse_bypassed(bypassed: Sequence[str], chosen: Sequence[str] | None) -> None:
    wrong = [name for name in chosen or () if any(_is_meant(path, name) for path in bypassed)]
    if wrong:
        raise TunesmithError(
            "method.bypassed-layer",
            "nn.MultiheadAttention reads the weights of its out_proj without calling it: an adapter there does nothing",
            place=Place(key="method"),
            found=", ".join(wrong),
            hint="leave it out of target_modules; all-linear adapts the other linear layers",
        )


def _is_meant(path: str, name: str) -> bool:
    """Whether PEFT takes the module at `path` for the `name` of a target."""
    return path == name or path.endswith(f".{name}")


def _output_layer(loaded: LoadedModel, chosen: Sequence[str] | None) -> tuple[Any, list[str] | None]:
    """What is tuned whole beside the adapters: the new layers of a transformers model, by their names for PEFT; of any
    other module its output layer, with its name where PEFT would take no other module for it."""
    from tunesmith.methods.parts.layers import head_names

    if loaded.pretrained is not None:
        return None, sorted({name.rsplit(".", 1)[-1] for name in loaded.head_modules}) or None
    (path,) = head_names(loaded) or ("",)
    if not path or any(_is_meant(path, name) for name in chosen or ()):
        return None, None
    others = [name for name, _ in loaded.module.named_modules(remove_duplicate=False) if name.endswith(path)]
    is_whole = not any(name.startswith(f"{path}.") for name in loaded.frozen)  # PEFT would train a copy of the module
    return loaded.module.get_submodule(path), [path] if others == [path] and is_whole else None


def _is_of(loaded: LoadedModel) -> bool:
    """Whether the model is of a class that PEFT knows by the task's type. A head of a kind that usually comes with the
    weights, and was made anew here, is tuned whole: PEFT's wrappers for such tasks leave it as it is."""
    head, name = loaded.head, type(loaded.pretrained).__name__
    if loaded.pretrained is None or not head.adapters or (loaded.head_modules and not head.is_new):
        return False
    if head.ending == "ForSeq2SeqLM":  # every architecture calls them otherwise
        return bool(getattr(loaded.pretrained.config, "is_encoder_decoder", False))
    return name.endswith(head.ending) or (head.ending == "ForCausalLM" and name.endswith("LMHeadModel"))


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

    from tunesmith.methods.parts.layers import head_names

    heads, bypassed = head_names(loaded), _bypassed(loaded.module)
    return [
        name
        for name, module in loaded.module.named_modules()
        if isinstance(module, nn.Linear)
        and name not in bypassed
        and not any(name == head or name.startswith(head + ".") for head in heads)
        and (not attention or any(part in ATTENTION for part in name.split(".")))
    ]


def _linear_names(module: Any) -> list[str]:
    from torch import nn

    return sorted({name.rsplit(".", 1)[-1] for name, child in module.named_modules() if isinstance(child, nn.Linear)})
