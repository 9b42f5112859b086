"""A project that somebody else wrote, with a trap in every place from which code could run. None may ever snap."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


def importable_names() -> list[str]:
    """Every name at the top that Python, or a package that is installed here, knows."""
    installed = {name for name in metadata.packages_distributions() if name.isidentifier()}
    return sorted({*sys.stdlib_module_names, *installed, "tunesmith", "sitecustomize", "usercustomize"})


@dataclass(frozen=True)
class Traps:
    """The project's folder, and the file in which a trap that snaps leaves its name."""

    folder: Path
    marker: Path

    def code(self, name: str) -> str:
        """Python that leaves `name` and fails."""
        note = f"import sys; open({str(self.marker)!r}, 'a').write({name!r} + chr(10))"
        return f"{note}\nraise ImportError('the trap {name} has snapped')\n"

    def set_modules(self, folder: Path, *, but: tuple[str, ...] = ()) -> None:
        """A module for every name that anything of ours could mean to import."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in importable_names():
            if name not in but:
                (folder / f"{name}.py").write_text(self.code(f"{folder.name}/{name}.py"), encoding="utf-8")

    def snapped(self) -> list[str]:
        """The traps that have snapped, each once; they are forgotten then."""
        found = sorted(set(self.marker.read_text().split("\n")) - {""}) if self.marker.exists() else []
        self.marker.unlink(missing_ok=True)
        return found
