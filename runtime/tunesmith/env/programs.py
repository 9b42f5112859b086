"""Programs of the system, found along the PATH and never in the working folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def program(name: str) -> str | None:
    """The full path of a program; None where no folder that the PATH names in full has it.

    Windows looks in the working folder first, and so does a PATH with a relative or an empty entry: there anybody's
    project could lie.
    """
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]  # noqa: PTH117
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None or str(Path(found).parent) not in {os.path.normpath(folder) for folder in folders}:
        return None
    return found
