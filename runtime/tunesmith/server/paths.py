"""Paths that a client sends: absolute ones are the user's own; relative ones stay inside the workspace."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from pygls.uris import to_fs_path

from tunesmith.errors import Place, TunesmithError
from tunesmith.files import real_path
from tunesmith.protocol.codec import wrong


def can_be_path(text: str) -> bool:
    """Whether the system could have a file of this name: it has no NUL, and no halves of characters."""
    try:
        os.fsencode(text)
    except ValueError:
        return False
    return "\0" not in text and bool(text.strip())


def file_of(uri: str) -> str | None:
    """The path that a file URI names; None for other schemes, and for what is no URI or can be no path."""
    try:
        named = to_fs_path(uri)
    except ValueError:  # such as `file://[`, an address without an end
        return None
    if named and "\ufffd" in named and os.name == "posix":  # bytes that are not UTF-8, which pygls replaces
        named = os.fsdecode(unquote_to_bytes(urlsplit(uri).path))
    return named if named and can_be_path(named) else None


def path_of(text: str, folder: Path, *, trusted: bool, field: str = "params.job") -> Path:
    """The path that `text`, a path or a file URI, means from the workspace `folder`.

    In an untrusted workspace links are followed before the border is checked. Raises server.outside-workspace, and
    InvalidParams for what cannot be a path.
    """
    if not can_be_path(text):
        raise wrong(field, text, "a path")
    named = file_of(text) if text.startswith("file:") else text
    if named is None:
        raise wrong(field, text, "a path", "a file URI")
    path = Path(named)
    if path.is_absolute():
        return path
    base = Path(os.path.normpath(folder))
    whole = Path(os.path.normpath(base / path))
    inside = whole.is_relative_to(base)
    if inside and not trusted:
        inside = real_path(whole).is_relative_to(real_path(base))
    if not inside:
        raise TunesmithError(
            "server.outside-workspace",
            "a relative path must stay inside the workspace",
            place=Place(key=field),
            found=text,
            hint="give the absolute path if you mean it",
        )
    return whole
