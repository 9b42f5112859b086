"""A tokenizer's folder by name: a folder of the project, a bundled name, or an earlier download."""

from __future__ import annotations

from pathlib import Path

from tunesmith.errors import TunesmithError
from tunesmith.models import bundled
from tunesmith.models.parts.folder_checks import refuse_links
from tunesmith.models.parts.folders import cached_snapshot, local_folder


def named_folder(name: str | None, folder: Path) -> Path | None:
    """Where the tokenizer that `name` stands for lies; None for no name. Raises model.no-tokenizer and
    model.outside-folder."""
    if not name:
        return None
    found = local_folder(name, folder)
    if found is None and name in bundled.BUNDLES:
        found = bundled.folder_of(name)
    found = found or cached_snapshot(name)
    if found is None:
        raise TunesmithError(
            "model.no-tokenizer",
            "there is no tokenizer of that name on this machine",
            found=name,
            hint="give a folder that holds tokenizer.json",
        )
    refuse_links(found)
    return found
