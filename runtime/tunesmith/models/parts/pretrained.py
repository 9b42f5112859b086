"""From a folder in transformers' layout to a model with the head that the task needs."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunesmith.contracts.model import Head, LoadedModel, ModelRequest, TextFormat
from tunesmith.errors import Place, TunesmithError
from tunesmith.models.parts.folder_checks import json_object, refuse_larger
from tunesmith.models.parts.folder_reader import sizes_of
from tunesmith.models.parts.image_settings import image_scale
from tunesmith.models.parts.quiet import quiet
from tunesmith.models.parts.seeded import seeded
from tunesmith.models.parts.text_growth import refuse_growth
from tunesmith.models.parts.tokenizers import text_format, within
from tunesmith.tasks.parts.tokens import tokenizing


def load_pretrained(folder: Path, request: ModelRequest) -> LoadedModel:
    """The model in `folder`, in float32 on the CPU; a head that the folder lacks is made anew from the request's seed.

    Reads safetensors, or a pickle of plain tensors (`weights_only`), and never runs code that lies in the folder.
    """
    settings = json_object(folder / "config.json")
    text = request_tokenizer(request) or text_format(folder)
    model_class = class_for(settings, request.head, request.name)
    with quiet(), seeded(request.seed, "head"):
        try:
            config = model_class.config_class.from_pretrained(folder, local_files_only=True)
            fit_config(config, request.head, text, folder)
            if request.weights:
                refuse_larger(folder, _numbers_of(model_class, config))
            module, loading_report = model_class.from_pretrained(
                folder,
                config=config,
                local_files_only=True,
                use_safetensors=_has_safetensors(folder),
                weights_only=True,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
                **loading_choices(model_class, request),
            )
        except (MemoryError, TunesmithError):
            raise
        except Exception as error:  # the files are others' work: transformers raises anything over them
            lines = str(error).splitlines() or [type(error).__name__]
            raise TunesmithError(
                "model.cannot-load",
                f"the model in {folder} cannot be loaded: {lines[0]:.300}",
                place=Place(key="model"),
                found=request.name,
                hint="download the model again; model.safetensors is read, or pytorch_model.bin with plain tensors",
            ) from error
    missing = {str(key) for key in loading_report["missing_keys"]} | {
        str(key[0]) for key in loading_report["mismatched_keys"]
    }
    _refuse_strangers(module, missing, folder)
    return dress(module, request, text, folder, missing, notes=_head_notes(settings, request.head, missing))


def dress(
    module: Any,
    request: ModelRequest,
    text: TextFormat | None,
    folder: Path | None,
    missing: set[str] = frozenset(),  # type: ignore[assignment]
    notes: list[str] | None = None,
) -> LoadedModel:
    """A transformers model as a LoadedModel: head and limits found. What the model itself says goes before `text`."""
    sizes = sizes_of(module.config, getattr(getattr(module, "generation_config", None), "eos_token_id", None))
    if text is not None:
        text = within(text, sizes)
    module.config.use_cache = False  # training never goes on from earlier keys and values
    module.eval()
    behind = _behind(module, request.head)
    for name in behind:
        module.get_parameter(name).requires_grad = False
    return LoadedModel(
        module=module,
        kind="transformers",
        head=request.head,
        pretrained=module,
        text=text,
        tokenizer_folder=folder,
        head_modules=head_modules(module, request.head, missing),
        frozen=frozenset(behind),
        pixel_scale=None if folder is None else image_scale(folder),
        notes=notes or [],
    )


def _behind(module: Any, head: Head) -> list[str]:
    """Names of the weights behind the last hidden states, where these are what the task reads: none is learnt."""
    is_bare = bool(head.auto) and not head.ending and hasattr(module, "pooler")
    return [f"pooler.{name}" for name, _ in module.pooler.named_parameters()] if is_bare and module.pooler else []


def _numbers_of(model_class: Any, config: Any) -> int:
    """How many numbers the model will have, its buffers among them. Takes no memory for them."""
    import torch

    with torch.device("meta"):
        module = model_class(config)
    return sum(tensor.numel() for tensor in (*module.parameters(), *module.buffers()))


def class_for(settings: dict[str, Any], head: Head, name: str) -> Any:
    """The model class for this architecture and head.

    Looked up in the architecture's own module first: transformers' automatic classes import far more than is needed.
    """
    kind = str(settings.get("model_type") or "")
    if not head.auto:
        raise TunesmithError(
            "model.wrong-input",
            "this model reads text or images, but the job gives columns of numbers",
            found=name,
            hint="name a model of your own as package.module:callable, or give a text column",
        )
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", kind):
        raise TunesmithError("model.unknown-architecture", "its config.json names no model_type", found=name)
    try:
        modeling = importlib.import_module(
            f"transformers.models.{kind.replace('-', '_')}.modeling_{kind.replace('-', '_')}"
        )
        found = _bare(modeling.__all__, kind)
        if head.ending:
            found = [item for item in modeling.__all__ if item.endswith(head.ending)]
        if head.ending == "ForCausalLM":  # BERT's and its kin's LMHeadModel is no causal model unless configured so
            found += [item for item in modeling.__all__ if item.endswith("LMHeadModel") and not found]
        if len(found) == 1 and hasattr(getattr(modeling, found[0]), "config_class"):
            return getattr(modeling, found[0])
    except (ImportError, AttributeError):
        pass  # several architectures share a module: the automatic classes know which
    return _automatic_class(kind, head, name, settings.get("auto_map"))


def _bare(names: Sequence[str], kind: str) -> list[str]:
    """The class without anything on top: of models that read with one part and write with another, what reads."""
    whole = re.sub(r"[^a-z0-9]", "", kind.lower()) + "model"
    reads = [name for name in names if name.endswith("EncoderModel")]
    return reads or [name for name in names if name.lower() == whole]


def _automatic_class(kind: str, head: Head, name: str, code: Any) -> Any:
    from transformers import CONFIG_MAPPING
    from transformers.models.auto import modeling_auto

    if kind not in CONFIG_MAPPING:
        raise TunesmithError(
            "model.unknown-architecture",
            f"the installed transformers knows no model_type {kind}"
            + (", and the code that comes with the model is never run" if code else ""),
            place=Place(key="model"),
            found=f"{name}: auto_map {code!s:.120}" if code else name,
            hint="pip install --upgrade transformers, or wrap the model in a callable of your own, package.module:name",
        )
    mapping = getattr(modeling_auto, head.auto)._model_mapping
    config_class = CONFIG_MAPPING[kind]
    if config_class not in mapping:
        raise TunesmithError("model.no-such-head", f"{kind} models have no class {head.auto}", found=name)
    return mapping[config_class]


def fit_config(config: Any, head: Head, text: TextFormat | None, folder: Path | None) -> None:
    """Write the head's size, labels and problem into the configuration, and a padding token where it has none."""
    if head.outputs:
        names = head.labels or tuple(f"LABEL_{number}" for number in range(head.outputs))
        config.num_labels = head.outputs
        config.id2label = dict(enumerate(names))
        config.label2id = {label: number for number, label in enumerate(names)}
        config.problem_type = head.problem or None
    if getattr(config, "pad_token_id", None) is None and head.pads and text:
        config.pad_token_id = _padding(config, text, folder)


def _padding(config: Any, text: TextFormat, folder: Path | None) -> int:
    """A token that texts do not end with: the model looks for the last one before it. Raises model.no-padding-token."""
    tokenizer = text.tokenizer
    assert tokenizer is not None
    named = text.special_tokens.get("pad_token") or text.special_tokens.get("eos_token")
    known = tokenizer.token_to_id(named) if named else None
    eos = getattr(config, "eos_token_id", None)
    with tokenizing():
        last = tokenizer.encode("").ids[-1:]
    special = (token for token, added in sorted(tokenizer.get_added_tokens_decoder().items()) if added.special)
    unused = (token for token in special if [token] != last)
    found = [known, eos[0] if isinstance(eos, list) else eos, *unused]
    token = next((token for token in found if token is not None), None)
    if token is None:
        raise TunesmithError(
            "model.no-padding-token",
            "neither the model nor its tokenizer names a token to fill short texts up with",
            place=Place(file=folder / "config.json" if folder else None, key="pad_token_id"),
            hint='write "pad_token_id" into config.json: the number of a token that no text ends with',
        )
    return token


def loading_choices(model_class: Any, request: ModelRequest) -> dict[str, Any]:
    """Precision, attention and whether weights are read, as arguments of `from_pretrained`."""
    import torch

    chosen = request.options.get("attention", "auto")
    fast = getattr(model_class, "_supports_sdpa", False)
    return {
        "dtype": torch.float32,
        "attn_implementation": ("sdpa" if fast else "eager") if chosen == "auto" else chosen,
        **({} if request.weights else {"device_map": "meta"}),
    }


def head_modules(module: Any, head: Head, missing: set[str]) -> tuple[str, ...]:
    """Dotted names of the modules that are the task's own: all outside of the base model, and what was made anew."""
    base = module.base_model_prefix
    names = {name for name, child in module.named_children() if name != base and any(True for _ in child.parameters())}
    if not head.is_new:
        names = set()
    if not head.ending:
        return ()
    for key in missing:
        parts = key.split(".")[:-1]
        names.add(".".join(parts[:2] if parts and parts[0] == base else parts[:1]))
    return tuple(sorted(name for name in names if name))


def request_tokenizer(request: ModelRequest) -> TextFormat | None:
    """The tokenizer that the run kept, if the request brings one. Raises model.broken-tokenizer."""
    if not request.tokenizer_json:
        return None
    from tokenizers import Tokenizer

    try:
        refuse_growth(request.tokenizer_json)
        return TextFormat(tokenizer=Tokenizer.from_str(request.tokenizer_json), made=True)
    except Exception as error:  # the library knows no exception of its own
        raise TunesmithError(
            "model.broken-tokenizer",
            f"the tokenizer that the run kept cannot be read: {error!s:.300}",
            hint="start the run anew from its job",
        ) from error


def _has_safetensors(folder: Path) -> bool:
    return any(folder.glob("*.safetensors")) or not any(folder.glob("pytorch_model*.bin"))


def _refuse_strangers(module: Any, missing: set[str], folder: Path) -> None:
    base = module.base_model_prefix + "."
    every = [name for name, _ in module.named_parameters()]
    names = [name for name in every if name.startswith(base)] or every  # a bare model has no such prefix
    absent = [name for name in names if name in missing]
    if len(absent) > len(names) / 2:
        raise TunesmithError(
            "model.weights-do-not-fit",
            f"{len(absent)} of {len(names)} weights of the model are not in {folder}",
            found=absent[0],
            hint="config.json and the weights belong to different models; download both again",
        )


def _head_notes(settings: dict[str, Any], head: Head, missing: set[str]) -> list[str]:
    labels = settings.get("id2label")
    if missing or not head.labels or not isinstance(labels, dict) or not all(key.isdecimal() for key in labels):
        return []
    kept = [str(label) for _, label in sorted(labels.items(), key=lambda item: int(item[0]))]
    if not kept or kept == list(head.labels) or all(label.startswith("LABEL_") for label in kept):
        return []
    return [f"the model's own head is kept, though its labels were {', '.join(kept)}: it will learn yours instead"]
