"""A run's model in a folder of its own, in a format that other programs open."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tunesmith import __version__
from tunesmith.errors import InvalidJob, Place, TunesmithError
from tunesmith.files import beside, folder_atomic, remove_stale, sync_folder, write_atomic, write_json
from tunesmith.job.load import other_than_utf8
from tunesmith.models.parts.quiet import quiet
from tunesmith.runs.folder import RunFolder
from tunesmith.use import formats
from tunesmith.use.card import model_card
from tunesmith.use.load import LoadedRun, load_run
from tunesmith.use.probe import Call, calls

if TYPE_CHECKING:
    from torch import nn

FORMATS = ("transformers", "peft", "merged", "onnx", "module")
MARK = "tunesmith-export.json"
"""Tells an export from a folder that must not be replaced."""

TOLERANCE = 2e-4
"""How far the outputs of the exported model may lie from those of the trained one: absolute, and relative to them."""


def export(
    run: RunFolder,
    to: Path,
    *,
    format: str = "",
    checkpoint: str = "best",
    force: bool = False,
    trusted: bool = True,
) -> Path:
    """Write the run's model to the folder `to`, which appears whole or not at all, and return it.

    `format`: transformers (the whole model, an adapter merged into it), merged (the same, said of an adapter), peft
    (the adapter alone), onnx, module (the weights of the user's own nn.Module); empty means transformers, or module.
    Before it appears, what was written is loaded again and its outputs are compared with those of the trained model on
    several batches. Raises export.exists, export.mismatch, export.no-adapter, export.not-transformers, ...
    """
    if format and format not in FORMATS:
        raise TunesmithError("export.unknown-format", "there is no such format", found=format, allowed=FORMATS)
    if odd := other_than_utf8(to):
        raise InvalidJob(odd)
    refuse_existing(to, force=force)
    remove_stale(to.parent)
    if format == "onnx":
        from tunesmith.use.onnx import refuse_encoder_decoder, require_onnx

        require_onnx()
    loaded = load_run(run, checkpoint=checkpoint, trusted=trusted)
    if format == "onnx":
        refuse_encoder_decoder(loaded.model.pretrained)
    chosen = format or ("transformers" if loaded.model.pretrained is not None else "module")
    probes = calls(loaded)
    trained = loaded.model.module
    if chosen == "onnx":
        trained = loaded.task.with_ending(trained, loaded.model)
    expected = _answers(trained, probes, loaded.model.output)
    staging = beside(to, "new")
    try:
        with folder_atomic(staging) as folder:
            again = _write(loaded, chosen, probes, folder)
            formats.name_no_code(folder)
            difference = compare(expected, again(), chosen)
            write_atomic(folder / "README.md", model_card(run, format=chosen, checkpoint=loaded.checkpoint))
            mark = {"run": run.id, "checkpoint": loaded.checkpoint.name, "format": chosen}
            write_json(folder / MARK, mark | {"tunesmith": __version__, "largest_difference": difference})
        _take_place(staging, to)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return to


def refuse_existing(to: Path, *, force: bool) -> None:
    """Raise export.exists where `to` holds an export, unless `force`; export.foreign-folder for anything else."""
    if not to.exists() or (to.is_dir() and not any(to.iterdir())):
        return
    if not (to / MARK).is_file():
        raise TunesmithError(
            "export.foreign-folder",
            "the target is there already and is no export of Tunesmith: it is never replaced",
            place=Place(file=to),
            hint="name another folder with --to",
        )
    if not force:
        raise TunesmithError(
            "export.exists",
            "the target holds an export already",
            place=Place(file=to),
            hint="name another folder with --to, or say --force to replace it",
        )


def _write(loaded: LoadedRun, chosen: str, probes: list[Call], folder: Path) -> Callable[[], list[NDArray[np.float32]]]:
    """Write the files; returns what computes the outputs of the written model for the probes."""
    if chosen in ("transformers", "merged"):
        saved = formats.write_transformers(loaded, folder)
        formats.write_beside(loaded, folder)
        return lambda: _answers(_reloaded(type(saved), folder), probes, loaded.model.output)
    if chosen == "peft":
        adapter = formats.write_peft(loaded, folder)
        formats.write_beside(loaded, folder)
        return lambda: _answers(_reloaded_adapter(adapter, folder), probes, loaded.model.output)
    if chosen == "module":
        module = formats.write_module(loaded, folder)
        return lambda: _answers(_refilled(module, folder), probes, loaded.model.output)
    from tunesmith.use.onnx import run_onnx, write_onnx

    module = loaded.task.with_ending(formats.merged_module(loaded), loaded.model)
    names = write_onnx(module, probes, folder, loaded.model.output, gives=loaded.model.head.gives)
    formats.write_tokenizer(loaded, folder)
    _write_labels(loaded, folder)
    return lambda: run_onnx(folder, probes, names)


def _write_labels(loaded: LoadedRun, folder: Path) -> None:
    config = getattr(loaded.model.pretrained, "config", None)
    if config is not None:
        config.save_pretrained(folder)  # other tools look for the names of labels here
    write_json(folder / "labels.json", list(loaded.facts.labels))


def _reloaded(model_class: Any, folder: Path) -> nn.Module:
    import torch

    with quiet():
        module: nn.Module = model_class.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
    return module.eval()


def _reloaded_adapter(adapter: Any, folder: Path) -> nn.Module:
    """The adapter's weights set to others, then read back from the files."""
    import torch
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    written = load_file(str(folder / "adapter_model.safetensors"))
    with torch.no_grad():
        for parameter in adapter.parameters():
            if parameter.requires_grad:
                parameter.zero_()
    set_peft_model_state_dict(adapter, written)
    module: nn.Module = adapter
    return module.eval()


def _refilled(module: nn.Module, folder: Path) -> nn.Module:
    """The user's module with its weights set to others, then read back from the files."""
    import torch
    from safetensors.torch import load_model

    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    load_model(module, str(folder / "model.safetensors"))
    return module.eval()


def _answers(module: nn.Module, probes: list[Call], output: str | None) -> list[NDArray[np.float32]]:
    return [_answer(module, probe, output) for probe in probes]


def _answer(module: nn.Module, call: Call, output: str | None) -> NDArray[np.float32]:
    import torch

    from tunesmith.tasks.parts.outputs import lone_output

    with torch.inference_mode():
        logits: NDArray[np.float32] = lone_output(module(*call.args, **call.kwargs), output).float().cpu().numpy()
    return logits


def compare(expected: list[NDArray[np.float32]], found: list[NDArray[np.float32]], chosen: str) -> float:
    """The largest difference between the outputs. Raises TunesmithError export.mismatch where it is too large."""
    worst = 0.0
    for place, (wanted, given) in enumerate(zip(expected, found, strict=True)):
        if wanted.shape != given.shape:
            raise _mismatch(chosen, f"batch {place + 1}: shape {given.shape}, not {wanted.shape}")
        off = np.abs(given - wanted)
        largest = float(off.max(initial=0.0))
        # NaN compares as false: it must not pass
        if not bool(np.all(off <= TOLERANCE * (1 + np.abs(wanted)))):
            where = np.unravel_index(int(np.nanargmax(off)) if not np.isnan(off).all() else 0, off.shape)
            pair = f"{given[where]:.7g} where the trained model gives {wanted[where]:.7g}"
            raise _mismatch(chosen, f"batch {place + 1} of {len(expected)}: {pair} (largest difference {largest:.3g})")
        worst = max(worst, largest)
    return worst


def _mismatch(chosen: str, found: str) -> TunesmithError:
    return TunesmithError(
        "export.mismatch",
        f"the model written as {chosen} does not give the outputs of the trained one; nothing was kept",
        found=found,
        allowed=(f"differences up to {TOLERANCE:g}, absolute and relative",),
        hint="export in another format, and report this with the model's name",
    )


def _take_place(staging: Path, to: Path) -> None:
    """Rename `staging` to `to`; what stood there is removed once the new one is in place."""
    aside = beside(to, "old")
    if to.exists():
        to.rename(aside)
    staging.rename(to)
    sync_folder(to.parent)
    if aside.is_dir():
        shutil.rmtree(aside)
    else:
        aside.unlink(missing_ok=True)
