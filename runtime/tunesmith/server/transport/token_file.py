"""The file that says where a server listens and with which token; it goes with the server, or is seen to be stale."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from tunesmith.errors import Place, TunesmithError
from tunesmith.files import read_regular, write_atomic
from tunesmith.runs.process import Process

log = logging.getLogger(__name__)
USUAL = Path(".tunesmith") / "server.json"
"""Where it lies in a workspace, unless the user says otherwise."""
_MOST = 1 << 16


def write_token_file(path: Path, port: int, token: str) -> None:
    """{"host", "port", "token", "pid", "process"}, readable by its owner alone from the first moment."""
    process = Process.current()
    content = {
        "host": "127.0.0.1",
        "port": port,
        "token": token,
        "pid": process.pid,
        "process": process.to_mapping(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, json.dumps(content) + "\n", durable=False, private=True)


def remove_stale(path: Path) -> None:
    """Remove the file of a server of this machine that was killed and could not do so itself."""
    process = _server_of(path)
    if process is not None and process.is_here() and not process.is_alive():
        log.info("removed the token file of a server that is gone: %s", path)
        path.unlink(missing_ok=True)


def make_room(path: Path) -> None:
    """Remove a stale file. Raises TunesmithError server.token-file-in-use where its server still runs."""
    remove_stale(path)
    process = _server_of(path)
    if process is not None and process.is_here():
        raise TunesmithError(
            "server.token-file-in-use",
            f"another server (process {process.pid}) has its token there",
            place=Place(file=path),
            hint="connect to that one, or name another file: --token-file FILE",
        )


def withdraw(path: Path, token: str) -> None:
    """Remove the file if it is still the one with this `token`."""
    if _read(path).get("token") == token:
        path.unlink(missing_ok=True)


def _server_of(path: Path) -> Process | None:
    try:
        return Process.from_mapping(_read(path)["process"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_regular(path, most=_MOST, inside=path.parent))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
