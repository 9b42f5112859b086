"""The part of a model that no checkpoint holds. It must be there, unchanged, for a run to go on and to answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from tunesmith.contracts.model import LoadedModel
from tunesmith.data.fingerprint import Fingerprints
from tunesmith.errors import Place, TunesmithError
from tunesmith.train.assemble import Assembled, project_cache

_WEIGHTS = (".safetensors", ".bin")
_SETTINGS = (".json", ".txt", ".jinja", ".model", ".bpe")


def base_of(assembled: Assembled) -> dict[str, str]:
    """sha256 by name: of the files of the model's folder that decide what it computes, or of its frozen weights.

    Weights count only where some are frozen: all others are in the checkpoint. A file is read once; that it has not
    changed since is known by its size, its times and its place on the disk.
    """
    job, model = assembled.job, assembled.model
    is_partly_frozen = any(not parameter.requires_grad for parameter in model.module.parameters())
    comes_from_folder = job.model.name != "python" and model.pretrained is not None
    endings = _SETTINGS + _WEIGHTS if is_partly_frozen and comes_from_folder else _SETTINGS
    found = _files(model.tokenizer_folder, endings, project_cache(job.folder) / "fingerprints.json")
    if is_partly_frozen and not comes_from_folder:
        found["frozen weights"] = _digest(model, frozen_only=True)
    return found


def untuned_weights(assembled: Assembled) -> dict[str, str]:
    """sha256 by name of all that decides what the model computes before it is tuned."""
    job, model = assembled.job, assembled.model
    if job.model.name != "python" and model.pretrained is not None and model.tokenizer_folder is not None:
        return _files(model.tokenizer_folder, _SETTINGS + _WEIGHTS, project_cache(job.folder) / "fingerprints.json")
    return {"weights": _digest(model)}


def _files(folder: Path | None, endings: tuple[str, ...], memory: Path) -> dict[str, str]:
    if folder is None:
        return {}
    prints = Fingerprints(memory)
    files = sorted(file for file in folder.iterdir() if file.name.endswith(endings) and file.is_file())
    found = {file.name: prints.of(file) for file in files}
    prints.save()
    return found


def _digest(model: LoadedModel, *, frozen_only: bool = False) -> str:
    digest = hashlib.sha256()
    for name, parameter in model.module.named_parameters():
        if not (frozen_only and parameter.requires_grad):
            plain = parameter.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
            digest.update(name.encode())
            content: Any = plain.numpy()
            digest.update(content)
    return digest.hexdigest()


def refuse_other_base(kept: Mapping[str, str] | None, now: Mapping[str, str], checkpoint: Path) -> None:
    """Raises TunesmithError run.model-changed where a checkpoint was taken on another base than there is now."""
    if kept is None or kept == now:
        return
    changed = sorted(name for name in kept.keys() | now.keys() if kept.get(name) != now.get(name))
    raise TunesmithError(
        "run.model-changed",
        "the model that this run tunes is not the one that it began with, so its checkpoint does not belong to it",
        place=Place(file=checkpoint, key="model"),
        found=f"changed: {', '.join(changed)}",
        hint="bring the old files of the model back, or start a new run on the new ones",
    )
