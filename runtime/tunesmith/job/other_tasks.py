"""Tasks that other tools have and this one has not, with what to take instead."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tunesmith.catalog import Catalog

_NOBODY: Mapping[str, str] = {
    "image-captioning": "no task reads images and writes text",
    "visual-question-answering": "no task reads images and writes text",
    "clustering": "no task learns without answers",
    "speech-recognition": "no task reads sound",
    "automatic-speech-recognition": "no task reads sound",
    "text-to-speech": "no task makes sound",
}


def instead_of(task: str, catalog: Catalog) -> str:
    """What to do in place of a task of this name that is not there: a sentence, or "" for an unknown name."""
    name = re.sub(r"[\s_]+", "-", task.strip().lower())
    also: dict[str, str] = {}
    for entry in catalog.tasks.values():
        member = entry.member
        if name in member.aliases_elsewhere:
            more = member.aliases_elsewhere[name]
            also[member.name] = f" {more}" if more else ""
    if also:
        mores = set(also.values())
        names = " or ".join(also)
        return f"this is {names}{mores.pop()}" if len(mores) == 1 else f"this is {names}"
    stand_ins = (entry.member.stands_in_for.get(name) for entry in catalog.tasks.values())
    found = "; ".join(text for text in stand_ins if text) or _NOBODY.get(name, "")
    return f"not there yet: {found}" if found else ""


def hint_for(task: str, close: str | None, catalog: Catalog) -> str:
    """The hint for an unknown task: what to do instead, else the nearest name (`close`), if it is a misspelling."""
    return instead_of(task, catalog) or (f"rename it to {close}" if close else "")
