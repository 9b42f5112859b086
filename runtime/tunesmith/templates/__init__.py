"""The projects that `tunesmith new` makes: one folder a task, each a small real project."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def templates() -> dict[str, Path]:
    """The folder of each template by its name, which is the name of its task."""
    return {item.name: item for item in sorted(FOLDER.iterdir()) if any(item.glob("*.job.yaml"))}
