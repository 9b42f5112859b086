"""Where a model's files lie on this machine. No torch, no transformers, no network: `check` asks too."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tunesmith.files import read_json, resolved

HUB_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)?")


def local_folder(name: str, folder: Path) -> Path | None:
    """The folder that `name` stands for, seen from the project's `folder`, if it holds a model or a tokenizer."""
    path = resolved(folder, name)
    known = ("config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", "adapter_config.json")
    return path if any((path / file).is_file() for file in known) or any(path.glob("*.gguf")) else None


def cached_snapshot(name: str, revision: str = "main") -> Path | None:
    """The folder of a hub model that an earlier download left in the hub's cache."""
    home = Path(os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    model = cache / f"models--{name.replace('/', '--')}"
    reference = model / "refs" / revision
    commit = reference.read_text("utf-8").strip() if reference.is_file() else revision
    snapshot = model / "snapshots" / commit
    return snapshot if (snapshot / "config.json").is_file() else None


def special_token(folder: Path | None, *names: str) -> str | None:
    """The text of the first of these special tokens (`eos_token`, ...) that the folder's tokenizer settings name."""
    if folder is None:
        return None
    settings = read_json(folder / "special_tokens_map.json") | read_json(folder / "tokenizer_config.json")
    for name in names:
        value = settings.get(name)
        text = value.get("content") if isinstance(value, dict) else value
        if isinstance(text, str):
            return text
    return None
