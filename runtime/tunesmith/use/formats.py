"""Writing a tuned model in the formats that others read. Never a pickle: weights are safetensors or ONNX."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import TunesmithError
from tunesmith.files import read_json, write_json
from tunesmith.models.parts.folder_checks import refuse_links
from tunesmith.models.parts.quiet import quiet
from tunesmith.models.parts.tokenizers import TOKENIZER_FILES
from tunesmith.use.load import LoadedRun

if TYPE_CHECKING:
    from torch import nn

_COPIED = (*TOKENIZER_FILES, "preprocessor_config.json")


def adapter_of(loaded: LoadedRun) -> Any | None:
    """The PEFT model, where the run tuned an adapter."""
    if "peft" not in sys.modules:  # importing it takes seconds, and without it nothing can be an adapter
        return None
    from peft import PeftModel

    for candidate in (loaded.model.module, loaded.model.pretrained):
        if isinstance(candidate, PeftModel):
            return candidate
    return None


def merged_module(loaded: LoadedRun) -> nn.Module:
    """The model with the adapter worked into its weights; the model itself where there is none. Changes the model."""
    adapter = adapter_of(loaded)
    if adapter is None:
        return loaded.model.pretrained if loaded.model.pretrained is not None else loaded.model.module
    merged: nn.Module = adapter.merge_and_unload()
    return merged


def write_transformers(loaded: LoadedRun, folder: Path) -> nn.Module:
    """`config.json`, `model.safetensors` and the tokenizer's files; returns what was saved."""
    if loaded.model.pretrained is None:
        raise TunesmithError(
            "export.not-transformers",
            "a module of your own has no layout that transformers knows",
            allowed=("module", "onnx"),
            hint="leave --format out to get its weights as safetensors",
        )
    module: Any = merged_module(loaded)
    used = module.config.use_cache
    module.config.use_cache = True  # training switched it off; writing text with the model needs it
    generation = loaded.task.generation(loaded.model) if loaded.model.text is not None else None
    if generation is not None:
        module.generation_config = generation
    try:
        with quiet():
            module.save_pretrained(folder, safe_serialization=True)
    finally:
        module.config.use_cache = used
    write_tokenizer(loaded, folder)
    kept: nn.Module = module
    return kept


def write_peft(loaded: LoadedRun, folder: Path) -> Any:
    """`adapter_config.json`, `adapter_model.safetensors` (the new head with it) and the tokenizer's files."""
    adapter = adapter_of(loaded)
    if adapter is None:
        raise TunesmithError(
            "export.no-adapter",
            f"this run tuned the model itself (method {loaded.job.method.name}), so there is no adapter to export",
            allowed=("transformers", "onnx"),
            hint="use --format transformers, or tune with `method: lora`",
        )
    for config in adapter.peft_config.values():
        config.base_model_name_or_path = base_model(loaded)
        config.inference_mode = True
    adapter.save_pretrained(folder, safe_serialization=True)
    if loaded.task.writes:  # the base has settings of its own
        loaded.task.generation(loaded.model).save_pretrained(folder)
    write_tokenizer(loaded, folder)
    return adapter


def write_beside(loaded: LoadedRun, folder: Path) -> None:
    """What the library that the task names reads beside the model."""
    for name, content in loaded.task.files_beside(loaded.model).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_json(folder / name, content)


def write_module(loaded: LoadedRun, folder: Path) -> nn.Module:
    """`model.safetensors` with the state of the user's own module, an adapter merged in."""
    from safetensors.torch import save_model

    module = merged_module(loaded)
    save_model(module, str(folder / "model.safetensors"), metadata={"format": "pt"})
    write_json(folder / "labels.json", list(loaded.facts.labels))
    write_tokenizer(loaded, folder)
    return module


def name_no_code(folder: Path) -> None:
    """Take out of the written settings what names code of the base's folder: it is not here, and was never run."""
    for name in ("config.json", "tokenizer_config.json", "preprocessor_config.json"):
        settings = read_json(folder / name)
        if settings.pop("auto_map", None) is not None:
            write_json(folder / name, settings)


def base_model(loaded: LoadedRun) -> str:
    """What the adapter goes on: the hub's name, or the folder of a local model."""
    name = str(loaded.job.model.options.get("name", loaded.job.model.name))
    local = loaded.job.resolve(name)
    return str(local) if local.is_dir() else name


def write_tokenizer(loaded: LoadedRun, folder: Path) -> None:
    """The tokenizer's files, as the base model has them; one made from the training texts is written out."""
    source = loaded.model.tokenizer_folder
    if source is not None:
        refuse_links(source)
        for name in _COPIED:
            if (source / name).is_file() and not (folder / name).exists():
                shutil.copyfile(source / name, folder / name)
        _name_padding(loaded, source, folder)
    elif loaded.model.tokenizer is not None:
        loaded.model.tokenizer.save(str(folder / "tokenizer.json"))
        settings = {"tokenizer_class": "PreTrainedTokenizerFast", **_special_tokens(loaded)}
        (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")


def _name_padding(loaded: LoadedRun, source: Path, folder: Path) -> None:
    """Name the padding token that the configuration was given, where the base in `source` has none; batches need it."""
    text = loaded.model.text
    if text is None or text.tokenizer is None or "pad_token" in text.special_tokens:
        return
    number = getattr(getattr(loaded.model.pretrained, "config", None), "pad_token_id", None)
    if number is None or read_json(source / "config.json").get("pad_token_id") is not None:
        return
    settings = read_json(folder / "tokenizer_config.json")
    write_json(folder / "tokenizer_config.json", {**settings, "pad_token": text.tokenizer.id_to_token(number)})


def _special_tokens(loaded: LoadedRun) -> Mapping[str, Any]:
    """What the made tokenizer's special tokens are called in transformers."""
    tokenizer = loaded.model.tokenizer
    usual = {
        "unk_token": ("[UNK]", "<unk>"),
        "pad_token": ("[PAD]", "<pad>", "<|pad|>"),
        "cls_token": ("[CLS]",),
        "sep_token": ("[SEP]",),
        "mask_token": ("[MASK]",),
        "bos_token": ("<s>", "<|begin|>"),
        "eos_token": ("</s>", "<|end|>", "<|endoftext|>"),
    }
    found: dict[str, Any] = {}
    if tokenizer is not None:
        for role, names in usual.items():
            known = [name for name in names if tokenizer.token_to_id(name) is not None]
            found |= {role: known[0]} if known else {}
    return found | ({"model_max_length": loaded.model.window} if loaded.model.window else {})
