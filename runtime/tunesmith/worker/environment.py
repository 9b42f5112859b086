"""What a run ran on: kept with it, and compared when it is resumed."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from tunesmith import __version__
from tunesmith.errors import Problem
from tunesmith.worker.git_commit import commit_of

TRAINING_VERSION = 3
"""Raised with every change after which the same job would train otherwise: other splits, inputs or losses."""

_PACKAGES = ("torch", "transformers", "peft", "tokenizers", "safetensors", "numpy")
_EXACT = ("torch", "transformers", "peft", "numpy", "device", "device_name", "threads", "precision")


def environment(device: torch.device, *, folder: Path, data: Mapping[str, str], precision: str) -> dict[str, Any]:
    """Versions, device, threads, git commit and data fingerprints, JSON."""
    commit = commit_of(folder)
    versions = {package: _version(package) for package in _PACKAGES}
    return {
        "tunesmith": __version__,
        "training_version": TRAINING_VERSION,
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        **versions,
        "device": str(device),
        "device_name": torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor(),
        "cuda": torch.version.cuda if device.type == "cuda" else None,
        "threads": torch.get_num_threads(),
        "precision": precision,
        "git": None if commit is None else {"commit": commit},
        "data": dict(data),
    }


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Problem]:
    """Warnings about what has changed since the run began and keeps a resume from being exact."""
    return [
        Problem(
            code="run.other-surroundings",
            message=f"{name} was {before[name]} and is now {now.get(name)}: the run goes on, but not bit for bit",
            severity="warning",
        )
        for name in _EXACT
        if name in before and before[name] != now.get(name)
    ]


def make_deterministic(device: torch.device, threads: int | None) -> None:
    """Same numbers on the same device: fixed thread count, deterministic kernels on CUDA."""
    if threads:
        torch.set_num_threads(threads)
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(mode=True, warn_only=True)
        torch.backends.cudnn.benchmark = False


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
