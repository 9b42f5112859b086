"""Code from the user's project, named in a job as `package.module:callable`."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

from tunesmith.errors import NOWHERE, Place, TunesmithError

CALLABLE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


def is_callable_name(text: str) -> bool:
    """Whether `text` has the form `package.module:callable` (a Windows path such as C:x does not resolve to a name)."""
    return CALLABLE.fullmatch(text) is not None


def import_callable(name: str, folder: Path, *, trusted: bool = True, place: Place = NOWHERE) -> Any:
    """The object that `name` (`package.module:callable`) stands for, with `folder` first on the import path.

    Raises TunesmithError job.untrusted, job.cannot-import or job.no-such-callable.
    """
    if not trusted:
        raise TunesmithError(
            "job.untrusted",
            f"{name} would run code of this project, which is not trusted yet",
            place=place,
            hint="trust the project, or use a model, loss or data file that needs no code",
        )
    module_name, _, attribute = name.partition(":")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:
        raise TunesmithError(
            "job.cannot-import",
            f"importing {module_name} failed: {type(error).__name__}: {error}",
            place=place,
            hint=f"run `python -c 'import {module_name}'` in {folder} to see the whole traceback",
        ) from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise TunesmithError(
                "job.no-such-callable",
                f"{module_name} has no {attribute}",
                place=place,
                found=name,
                allowed=tuple(sorted(item for item in vars(found) if not item.startswith("_")))[:20],
            )
        found = getattr(found, part)
    return found
