"""A helper process serves many jobs: each must see its own project's code, as it is now.

Jobs of two folders may both name `model:Network`, and the user edits model.py between two questions. So before each
piece of work the project's modules, and the folders that were put on the import path for them, are forgotten.
"""

from __future__ import annotations

import importlib
import linecache
import sys

from tunesmith.trust import forget_projects, project_folders

_OURS = tuple(dict.fromkeys(path for path in sys.path if path))


def forget_project_code() -> None:
    """Back to the import path and the modules of the installation."""
    added = tuple(dict.fromkeys([*project_folders(), *(path for path in sys.path if path and path not in _OURS)]))
    if not added:
        return
    forget_projects(*added)
    importlib.invalidate_caches()
    linecache.checkcache()
