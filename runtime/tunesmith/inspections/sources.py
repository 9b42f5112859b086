"""Python files on disk: which there are below a folder, and their text as their own encoding says."""

from __future__ import annotations

import io
import os
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tunesmith.errors import Place, TunesmithError
from tunesmith.files import write_atomic

SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})


def python_files(path: Path) -> Iterator[Path]:
    """`path` itself, or all Python files below it, sorted; hidden folders, environments and builds are left out.

    Raises inspect.missing-path where there is nothing.
    """
    if not path.is_dir():
        if not path.exists():
            raise TunesmithError("inspect.missing-path", "there is no such file or folder", place=Place(file=path))
        yield path
        return
    for folder, folders, names in os.walk(path):
        here = Path(folder)
        kept = [each for each in folders if not each.startswith(".") and each not in SKIPPED]
        folders[:] = sorted(each for each in kept if not (here / each / "pyvenv.cfg").exists())
        yield from (here / name for name in sorted(names) if name.endswith(".py"))


def read_text(path: Path) -> tuple[str, str]:
    """(text with its line endings, encoding) of a Python file. Raises inspect.unreadable."""
    try:
        content = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding), encoding
    except (OSError, SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise TunesmithError(
            "inspect.unreadable", f"the file cannot be read: {error}", place=Place(file=path)
        ) from None


def write_text(path: Path, text: str, encoding: str) -> None:
    """Put a changed text back in its encoding."""
    write_atomic(path, text.encode(encoding))
