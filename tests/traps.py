"""A project that somebody else wrote, with a trap in every place from which code could run. None may ever snap.

A trap that snaps leaves its name in a file: `Traps.snapped` tells.
"""

from __future__ import annotations

import importlib.util
import json
import os
import py_compile
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


def importable_names() -> list[str]:
    """Every name at the top that Python, or an installed package, knows; and those that Python looks for."""
    installed = {name for name in metadata.packages_distributions() if name.isidentifier()}
    looked_for = {"tunesmith", "sitecustomize", "usercustomize", "conftest"}
    return sorted({*sys.stdlib_module_names, *installed, *looked_for})


@dataclass(frozen=True)
class Traps:
    """The project's folder, and the file in which a trap that snaps leaves its name."""

    folder: Path
    marker: Path

    def code(self, name: str) -> str:
        """Python that leaves `name` and fails."""
        return f"{self.note(name)}\nraise ImportError('the trap {name} has snapped')\n"

    def note(self, name: str) -> str:
        """Python that leaves `name` and goes on."""
        return f"open({str(self.marker)!r}, 'a').write({name + os.linesep!r})"

    def set_modules(self, folder: Path, *, but: tuple[str, ...] = ()) -> None:
        """A module for every name that anything of ours could mean to import."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in importable_names():
            if name not in but:
                (folder / f"{name}.py").write_text(self.code(f"{folder.name}/{name}.py"), encoding="utf-8")

    def set_program(self, file: Path) -> Path:
        """A program that leaves its name."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\necho {file.name} >> {self.marker}\nexit 1\n", encoding="utf-8")
        file.chmod(0o755)
        return file

    def set_everything(self) -> None:
        """Every trap there is."""
        self.set_modules(self.folder)
        self._set_python()
        self._set_settings()
        self._set_repository()

    def _set_python(self) -> None:
        for name in ("tunesmith/__init__.py", "tunesmith/__main__.py", "setup.py", "prepare.py", ".pythonrc.py"):
            file = self.folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(self.code(name), encoding="utf-8")
        (self.folder / "trap.pth").write_text(f"import sys; {self.note('trap.pth')}\n", encoding="utf-8")
        (self.folder / "__pycache__").mkdir(exist_ok=True)
        source = self.folder.parent / "source.py"
        source.write_text(self.code("compiled.pyc"), encoding="utf-8")
        # Without a source beside it, Python imports the compiled file itself, and jedi knows it by loading it.
        py_compile.compile(str(source), str(self.folder / "compiled.pyc"))
        for name in ("_json", "_random", "torch"):
            (self.folder / f"{name}{importlib.machinery.EXTENSION_SUFFIXES[0]}").write_bytes(b"\x7fELF no library")

    def _set_settings(self) -> None:
        program = self.set_program(self.folder / ".venv" / "bin" / "python")
        jedi = {"environment_path": str(program), "load_unsafe_extensions": True, "added_sys_path": [str(self.folder)]}
        files = {
            ".jedi/project.json": json.dumps([1, jedi]),
            ".idea/tunesmith.xml": '<project><component name="Tunesmith">'
            f'<option name="interpreter" value="{program}"/></component></project>',
            "matplotlibrc": "backend: module://matplotlib_trap\ntext.usetex: True\n",
            "matplotlib_trap.py": self.code("matplotlibrc"),
            "pyvenv.cfg": f"home = {program.parent}\n",
            "pip.conf": "[global]\nindex-url = trap\n",
            ".pdbrc": f"{self.note('.pdbrc')}\n",
        }
        for name, text in files.items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")

    def _set_repository(self) -> None:
        """A repository whose configuration, attributes and hooks all name programs; and a bare one inside."""
        if shutil.which("git") is None:
            return
        program = self.set_program(self.folder / "from-git.sh")
        quiet = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        who = ("-c", "user.name=me", "-c", "user.email=me@example.org")

        def git(*words: str) -> None:
            subprocess.run(["git", *who, *words], cwd=self.folder, env=quiet, check=True, capture_output=True)

        git("init", "-q", "-b", "main")
        (self.folder / "tracked.txt").write_text("one\n", encoding="utf-8")
        git("add", "tracked.txt")
        git("commit", "-qm", "one")
        (self.folder / "tracked.txt").write_text("two\n", encoding="utf-8")
        (self.folder / ".gitattributes").write_text("* filter=trap diff=trap\n", encoding="utf-8")
        keys = ("core.fsmonitor", "diff.external", "diff.trap.textconv", "diff.trap.command", "filter.trap.clean")
        for key in (*keys, "filter.trap.smudge", "filter.trap.process", "core.pager", "core.editor", "core.sshCommand"):
            git("config", key, str(program))
        git("config", "core.hooksPath", str(self.folder / "hooks"))
        for hook in ("post-index-change", "fsmonitor-watchman", "pre-auto-gc", "reference-transaction"):
            self.set_program(self.folder / "hooks" / hook)
        shutil.copytree(self.folder / ".git", self.folder / "bare")

    def snapped(self) -> list[str]:
        """The traps that have snapped, each once; they are forgotten then."""
        found = sorted(set(self.marker.read_text().split("\n")) - {""}) if self.marker.exists() else []
        self.marker.unlink(missing_ok=True)
        return found
