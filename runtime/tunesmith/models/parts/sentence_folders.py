"""How a folder of sentence-transformers makes one vector of a text. No torch: `check` uses it too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tunesmith.contracts.model import SentenceFormat
from tunesmith.files import read_regular
from tunesmith.models.parts.folder_checks import LARGEST_JSON, bad_file, json_object

MODULES = "modules.json"
POOLINGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""The words for ways of pooling, by the keys that versions before 6 write."""


def sentence_format(folder: Path) -> SentenceFormat | None:
    """What `modules.json` and the files that it names say; None where there is none. Raises model.bad-config."""
    if not (folder / MODULES).is_file():
        return None
    pooling, normalise, unread = "mean", False, []
    for kind, place in _modules(folder):
        if kind == "Pooling":
            pooling = _pooling(json_object(place / "config.json"))
        elif kind == "Normalize":
            normalise = True
        elif kind not in ("Transformer", "Dropout"):
            unread.append(kind)
    return SentenceFormat(
        pooling=pooling,
        normalise=normalise,
        longest=_longest(folder),
        prompts=_prompts(folder),
        unread=tuple(unread),
    )


def _modules(folder: Path) -> list[tuple[str, Path]]:
    """The class of each module and its folder, which lies within `folder`."""
    file = folder / MODULES
    try:
        listed: Any = json.loads(read_regular(file, most=LARGEST_JSON))
        found = [(str(each["type"]).rpartition(".")[2], Path(str(each["path"]))) for each in listed]
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise bad_file(file, "it is no list of modules with type and path") from error
    for _, path in found:
        if path.is_absolute() or ".." in path.parts:
            raise bad_file(file, f"it names the path {path}, which is not within the model's folder")
    return [(kind, folder / path) for kind, path in found]


def _pooling(settings: dict[str, Any]) -> str:
    """One word; several joined by + where the vectors of several ways stand one after the other."""
    named = settings.get("pooling_mode")
    if named is not None:
        return "+".join(map(str, named)) if isinstance(named, list) else str(named)
    return "+".join(word for key, word in POOLINGS.items() if settings.get(key) is True) or "mean"


def _longest(folder: Path) -> int | None:
    file = folder / "sentence_bert_config.json"
    found = json_object(file).get("max_seq_length") if file.is_file() else None
    return found if type(found) is int and found > 0 else None


def _prompts(folder: Path) -> dict[str, str]:
    file = folder / "config_sentence_transformers.json"
    found = json_object(file).get("prompts") if file.is_file() else None
    return {str(use): str(text) for use, text in found.items()} if isinstance(found, dict) else {}
