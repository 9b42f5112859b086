"""Wraps the two Gradle scripts into Kotlin classes, so that a plain compiler can check their types.

    python3 tools/gradle_script.py FOLDER

Each line keeps its number, so that the compiler's messages point into the script. Standard library only.
"""

from __future__ import annotations

import sys
from pathlib import Path

from environment import ROOT

SCRIPTS = {"build.gradle.kts": "Project", "settings.gradle.kts": "Settings"}
IMPORTS = ("org.gradle.api.*", "org.gradle.api.initialization.*", "org.gradle.api.tasks.*",
           "org.gradle.api.tasks.bundling.*", "org.gradle.api.artifacts.*", "org.gradle.kotlin.dsl.*")  # fmt: skip


def wrap(script: Path, receiver: str) -> str:
    """The script as the body of a method whose class stands for the `receiver` that a script has for `this`."""
    lines = script.read_text(encoding="utf-8").splitlines()
    imports = [line for line in lines if line.startswith("import ")]
    body = ["" if line.startswith("import ") else line for line in lines]
    header = ["package scripts", *(f"import {name}" for name in IMPORTS), *imports]
    opening = f"class {receiver}Script(target: {receiver}) : {receiver} by target {{ fun run() {{ {body[0]}"
    return "; ".join([*header, opening]) + "\n" + "\n".join(body[1:]) + "\n}}\n"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, receiver in SCRIPTS.items():
        (folder / name.replace(".gradle.kts", ".kt")).write_text(wrap(ROOT / name, receiver), encoding="utf-8")
