"""Telling what this user wrote from what came with a project: by a secret that lies in the user's own folder.

What decides which processes are started, and with which environment, must not be obeyed because it lies in a project:
a clone brings its files along. Such a file carries a seal (HMAC-SHA-256 under the secret, over the file's own path and
content), so that a copy of it, at another place or by another user, is not obeyed either.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.errors import TunesmithError
from tunesmith.files import read_regular, real_path, write_new

SECRET_BYTES = 32


def secret_file() -> Path:
    """Where the secret lies. No variable but the home decides: an IDE that was started from the desktop and a terminal
    with a profile must find the same one."""
    if sys.platform == "win32":
        base = Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path.home() / ".local" / "state"
    return base / "tunesmith" / "secret"


def seal(file: Path, content: Mapping[str, Any]) -> str:
    """The seal of `content`, JSON, as what the user writes to `file`; makes the secret where there is none.

    Raises TunesmithError run.no-secret where it cannot be read or made.
    """
    try:
        try:
            secret = _secret()
        except FileNotFoundError:
            secret = _made()
    except (OSError, RuntimeError) as error:  # RuntimeError: nobody's home is known
        raise TunesmithError(
            "run.no-secret",
            f"the secret by which your own queue is known cannot be kept: {error}",
            hint="make the folder writable for you and for nobody else, or delete the file: a new one is made",
        ) from error
    return _code(secret, file, content)


def is_sealed(file: Path, content: Mapping[str, Any], found: Any) -> bool:
    """Whether `found` is the seal that this user gave to `content` in `file`."""
    try:
        expected = _code(_secret(), file, content)
    except (OSError, RuntimeError, ValueError, RecursionError):
        return False
    return isinstance(found, str) and found.isascii() and hmac.compare_digest(expected, found)


def _code(secret: bytes, file: Path, content: Mapping[str, Any]) -> str:
    encoded = json.dumps(content, sort_keys=True, allow_nan=False).encode()
    return hmac.new(secret, os.fsencode(real_path(file)) + b"\0" + encoded, hashlib.sha256).hexdigest()


def _secret() -> bytes:
    """Raises FileNotFoundError, and PermissionError where it is not this user's alone."""
    file = secret_file()
    found = file.lstat()
    if os.name != "nt" and (found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077):
        raise PermissionError(f"{file} is not yours alone")
    secret = read_regular(file, most=SECRET_BYTES, inside=file.parent)
    if len(secret) != SECRET_BYTES:
        raise PermissionError(f"{file} holds no secret")
    return secret


def _made() -> bytes:
    file = secret_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # another process was faster
        write_new(file, secrets.token_bytes(SECRET_BYTES))
    return _secret()
