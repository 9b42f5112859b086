"""Checkpoints on disk: `step-N/` with model.safetensors, optimizer.safetensors, state.json and manifest.json; where
there is such state, ema.safetensors, and module.safetensors and around.safetensors with what `own_state` finds.

The manifest is written last and names every file with its size and sha256; a folder without a manifest that fits is no
checkpoint. The folder takes its name by rename after everything in it is synced.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tunesmith import guarded
from tunesmith.errors import Place, TunesmithError
from tunesmith.files import folder_atomic, is_regular, read_regular, write_json
from tunesmith.train.own_state import AroundState, ModuleState, put_buffer
from tunesmith.train.tensorfile import file_digest, read_tensors, write_tensors

FORMAT = 1
FILE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
MOST_BYTES = 16 << 20  # of a manifest
EXTRA_STATE = "_extra_state"


@dataclass(slots=True, kw_only=True)
class State:
    """All that a run is at the end of a step. `tensors` by file (model, optimizer); `values` is JSON."""

    step: int
    tensors: dict[str, dict[str, torch.Tensor]]
    values: dict[str, Any] = field(default_factory=dict)


def name_of(step: int) -> str:
    """The folder name of the checkpoint at `step`."""
    return f"step-{step}"


def step_of(folder: Path) -> int:
    """The step in a checkpoint's folder name."""
    return int(folder.name.partition("-")[2])


def write(folder: Path, state: State, *, between: Callable[[], None] = lambda: None) -> int:
    """Write `state` as `folder` (which appears whole or not at all). Returns its size in bytes. Raises OSError."""
    if folder.exists():
        # The same step again, after a resume: the same bytes, damaged ones that were skipped, or not yet evaluated.
        try:
            size: int = sum(entry["bytes"] for entry in verify(folder)["files"].values())
            if not owes_evaluation(folder):
                return size
        except TunesmithError:
            pass
        hidden = folder.rename(folder.with_name(f".{folder.name}.tmp"))  # a kill must not leave half of it
        shutil.rmtree(hidden)
    files: dict[str, dict[str, Any]] = {}
    with folder_atomic(folder, parents=False) as temporary:  # a run that was moved away is not made again
        for kind, tensors in state.tensors.items():
            name = f"{kind}.safetensors"
            size, digest = write_tensors(temporary / name, tensors, {"format": "pt"}, between=between)
            files[name] = {"bytes": size, "sha256": digest}
        write_json(temporary / "state.json", {"step": state.step, **state.values})
        files["state.json"] = {
            "bytes": (temporary / "state.json").stat().st_size,
            "sha256": file_digest(temporary / "state.json"),
        }
        guarded.write_guarded(temporary / "manifest.json", {"format": FORMAT, "step": state.step, "files": files})
    return sum(entry["bytes"] for entry in files.values())


def verify(folder: Path) -> Mapping[str, Any]:
    """The manifest, after comparing every file with it. Raises TunesmithError run.damaged-checkpoint."""

    def damaged(message: str, file: str) -> TunesmithError:
        return TunesmithError(
            "run.damaged-checkpoint",
            message,
            place=Place(file=folder / file),
            hint="the checkpoint before it is used; delete this folder when you no longer want to look at it",
        )

    try:
        manifest = guarded.decode(read_regular(folder / "manifest.json", inside=folder, most=MOST_BYTES))
        files = _files_in(manifest, folder)
    except (OSError, guarded.DamagedFileError) as error:
        raise damaged(f"the manifest is missing or damaged: {error}", "manifest.json") from None
    for name, entry in files.items():
        path = folder / name
        size = path.stat().st_size if is_regular(path) else -1
        if size != entry["bytes"]:
            raise damaged(f"the file has {size} bytes where {entry['bytes']} were written", name)
        if file_digest(path) != entry["sha256"]:
            raise damaged("the file's bytes are not the ones that were written", name)
    return manifest


def _files_in(manifest: Mapping[str, Any], folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """What a manifest names, by file. Raises guarded.DamagedFileError for what is no manifest of this folder."""
    files = manifest.get("files")
    if manifest.get("format") != FORMAT or manifest.get("step") != step_of(folder) or not isinstance(files, dict):
        raise guarded.DamagedFileError("it is none of this checkpoint")
    for name, entry in files.items():
        if not FILE_NAME.fullmatch(name) or not isinstance(entry, dict) or {"bytes", "sha256"} - entry.keys():
            raise guarded.DamagedFileError(f"its entry {name!r:.40} is none")
    if {"model.safetensors", "state.json"} - files.keys():
        raise guarded.DamagedFileError("it names no weights or no state")
    return files


def read(folder: Path) -> State:
    """The state in a folder that `verify` found good."""
    manifest = guarded.decode((folder / "manifest.json").read_bytes())
    values = json.loads((folder / "state.json").read_bytes())
    kinds = [name.removesuffix(".safetensors") for name in manifest["files"] if name.endswith(".safetensors")]
    tensors = {kind: read_tensors(folder / f"{kind}.safetensors") for kind in kinds}
    return State(step=values.pop("step"), tensors=tensors, values=values)


def values_of(folder: Path) -> dict[str, Any]:
    """The values alone of a checkpoint that `verify` found good."""
    values: dict[str, Any] = json.loads((folder / "state.json").read_bytes())
    return values


def owes_evaluation(folder: Path) -> bool:
    """Whether the run was stopped at this checkpoint, a good one, before its step was evaluated."""
    return bool(values_of(folder).get("progress", {}).get("owes_evaluation"))


def kept_names(module: nn.Module, beginning: ModuleState | None = None) -> dict[str, torch.Tensor]:
    """What a checkpoint keeps of `module`, by name: trained parameters and persistent buffers, each tensor once.

    Parameters that were frozen at the `beginning` are left out: they come from the job's model, whose checksums the
    checkpoint keeps (`base`). Those that the code has frozen since are not. Without a `beginning`, it is now.
    """
    persistent = module.state_dict(keep_vars=True)
    kept: dict[str, torch.Tensor] = {}
    seen: set[int] = set()
    for name, tensor in persistent.items():
        is_parameter = isinstance(tensor, nn.Parameter)
        is_frozen = is_parameter and (beginning.froze(tensor) if beginning else not tensor.requires_grad)
        is_extra = name.rpartition(".")[2] == EXTRA_STATE  # whatever that is: `ModuleState` keeps it
        if is_frozen or is_extra or not isinstance(tensor, torch.Tensor) or id(tensor) in seen:
            continue
        seen.add(id(tensor))
        kept[name] = tensor
    return kept


def put_module(module: nn.Module, beginning: ModuleState, state: State, folder: Path) -> list[str]:
    """Make `module` the one that `state` was taken of. Gives what of the project's own state could not be put back.

    `beginning` is what the module was before training. Raises TunesmithError run.checkpoint-mismatch.
    """
    values = state.values.get("module", {})
    for name in values.get("grown", []):
        with suppress(KeyError, AttributeError):  # then `put_weights` names it
            put_buffer(module, name, state.tensors["model"][name], persistent=True)
    put_weights(module, beginning, state.tensors["model"], folder)
    return beginning.put(values, state.tensors.get("module", {}))


def put_weights(module: nn.Module, beginning: ModuleState, tensors: Mapping[str, torch.Tensor], folder: Path) -> None:
    """Copy a checkpoint's tensors into `module`. Raises TunesmithError run.checkpoint-mismatch if they do not fit."""
    kept = kept_names(module, beginning)
    wrong = sorted(set(kept) ^ set(tensors)) + [
        name for name in kept if name in tensors and kept[name].shape != tensors[name].shape
    ]
    if wrong:
        raise TunesmithError(
            "run.checkpoint-mismatch",
            "the checkpoint does not fit the model that the job describes",
            place=Place(file=folder),
            found=", ".join(wrong[:5]),
            hint="the model's code or weights have changed since the run began: bring them back, or start a new run",
        )
    with torch.no_grad():
        for name, tensor in kept.items():
            tensor.copy_(tensors[name])


def load_weights(folder: Path, module: nn.Module, beginning: ModuleState | None = None, *, around: AroundState) -> None:
    """Put the weights of a verified checkpoint into `module`: the averaged ones (EMA) where the run kept an average.

    `beginning` is what the module was before training; None: it has not been trained. `around`: what the project's code
    keeps beside the module, which it may look at for its answers.
    Raises TunesmithError run.damaged-checkpoint or run.checkpoint-mismatch.
    """
    verify(folder)
    state = read(folder)
    put_module(module, beginning or ModuleState(module), state, folder)
    around.put(state.values.get("around", {}), state.tensors.get("around", {}), generators=False)
    average = state.tensors.get("ema")
    if average:
        parameters = dict(module.named_parameters())
        with torch.no_grad():
            for name in parameters.keys() & average.keys():
                parameters[name].copy_(average[name])


def newest_good(folders: list[Path]) -> tuple[Path | None, list[TunesmithError]]:
    """The first of `folders` (newest first) that verifies, and the errors of those before it."""
    errors: list[TunesmithError] = []
    for folder in folders:
        error = _damage(folder)
        if error is None:
            return folder, errors
        errors.append(error)
    return None, errors


def _damage(folder: Path) -> TunesmithError | None:
    try:
        verify(folder)
    except TunesmithError as error:
        return error
    return None
