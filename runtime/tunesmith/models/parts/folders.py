"""Where a model's files lie on this machine. No torch, no transformers, no network: `check` uses it too."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tunesmith.files import resolved

HUB_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)?")


def local_folder(name: str, folder: Path) -> Path | None:
    """The folder that `name` stands for, seen from the project's `folder`, if it holds a model or a tokenizer."""
    known = ("config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", "adapter_config.json")
    try:
        path = resolved(folder, name)
        return path if any((path / file).is_file() for file in known) or any(path.glob("*.gguf")) else None
    except OSError:  # a name that is too long, or a folder that may not be opened
        return None


def cached_snapshot(name: str, revision: str = "main") -> Path | None:
    """The folder of a hub model that an earlier download left in the hub's cache."""
    home = Path(os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    model = cache / f"models--{name.replace('/', '--')}"
    reference = model / "refs" / revision
    commit = reference.read_text("utf-8").strip() if reference.is_file() else revision
    snapshot = model / "snapshots" / commit
    return snapshot if (snapshot / "config.json").is_file() else None
