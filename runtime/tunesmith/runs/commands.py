"""`command/`: requests to the worker, one file each, numbered; taken ones lie in `command/done/`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.files import OddFileError, read_regular, write_atomic
from tunesmith.guarded import DamagedFileError, parse

MOST_BYTES = 1 << 20
SETTLED_NS = 100_000_000  # folder times may be that coarse: a younger one can hide a second change


def request(folder: Path, command: Mapping[str, Any]) -> Path:
    """Leave a request: {"command": "stop" | "pause" | "checkpoint" | "set", ...}. Anyone may, at any time.

    The number is claimed first, so that two who ask at once get two numbers; the request itself appears as a whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = _last(folder)
    while True:
        number += 1
        name = f"{number:04d}.json"
        claim = folder / f".{number:04d}.claim"
        try:
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            continue
        try:
            # In this order: a request moves from the first folder to the second.
            if (folder / name).exists() or (folder / "done" / name).exists():
                continue
            write_atomic(folder / name, json.dumps(dict(command), ensure_ascii=False) + "\n")
            return folder / name
        finally:
            claim.unlink(missing_ok=True)


def _last(folder: Path) -> int:
    names = [item.name for where in (folder, folder / "done") if where.is_dir() for item in where.iterdir()]
    numbers = (name[:-5] for name in names if name.endswith(".json") and len(name) < 20)
    return max((int(number) for number in numbers if number.isascii() and number.isdecimal()), default=0)


class FolderCommands:
    """The worker's side; implements `train.contract.Commands`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: int | None = None  # the folder's time when it was last found empty

    def take(self) -> list[Mapping[str, Any]]:
        """New requests, oldest first, each once. Costs one stat where there is none."""
        try:
            changed = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return []
        if changed == self._seen:
            return []
        waiting = self._waiting()
        if not waiting and time.time_ns() - changed > SETTLED_NS:
            self._seen = changed
        found: list[Mapping[str, Any]] = []
        for path in waiting:
            try:
                command = parse(read_regular(path, inside=self._folder, most=MOST_BYTES))
            except (OddFileError, DamagedFileError):
                command = None  # put aside with the others
            done = self._folder / "done"
            done.mkdir(exist_ok=True)
            path.replace(done / path.name)
            if isinstance(command, dict) and isinstance(command.get("command"), str):
                found.append(command)
        return found

    def discard(self) -> int:
        """Put aside what nobody took: a stop meant for a worker that died must not stop the next. Returns how many."""
        return len(self.take())

    def _waiting(self) -> list[Path]:
        names = [item.name for item in os.scandir(self._folder) if item.name.endswith(".json")]
        return [self._folder / name for name in sorted(names, key=lambda name: (len(name), name)) if name[0] != "."]
