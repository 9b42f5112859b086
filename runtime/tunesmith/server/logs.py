"""The server's own log: a file of this user's, and warnings to standard error. Rows of data never stand in it."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from pathlib import Path

KEPT = 10
OLD_S = 86400.0
LARGEST = 4 << 20


def log_folder() -> Path:
    """Where logs lie: the user's state folder."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or tempfile.gettempdir()
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Logs")
    else:
        base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "tunesmith"


def start_log(*, verbose: bool) -> Path | None:
    """Begin a log for this process; returns its file, or None where none can be written."""
    log = logging.getLogger()
    log.setLevel(logging.DEBUG if verbose else logging.INFO)
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.DEBUG if verbose else logging.WARNING)
    terminal.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    log.addHandler(terminal)
    # They log whole messages, which may hold a token or the user's text.
    for name in ("pygls", "cattrs", "asyncio", "jedi", "parso"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        _forget_old(folder)
        file = _Bounded(folder / f"server-{os.getpid()}.log", encoding="utf-8")
    except OSError as error:
        log.warning("no log can be written: %s", error)
        return None
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(file)
    return Path(file.baseFilename)


class _Bounded(logging.FileHandler):
    """Begins anew where the file has become too large: a log must not fill a disk."""

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream is not None and self.stream.tell() > LARGEST:
            self.stream.seek(0)
            self.stream.truncate()
        super().emit(record)


def _forget_old(folder: Path) -> None:
    """Remove logs of servers that wrote nothing for a day, all but the newest."""

    def written(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except FileNotFoundError:
            return 0.0

    for path in sorted(folder.glob("server-*.log"), key=written)[: -KEPT + 1]:
        if time.time() - written(path) > OLD_S:
            path.unlink(missing_ok=True)
