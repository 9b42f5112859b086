"""Short notes between the lines: how many rows and classes, what a run will take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunesmith.server.editor.tree import Tree

if TYPE_CHECKING:
    from tunesmith.protocol.jobs import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """`text` is shown behind `offset`; `tip` where the mouse rests on it."""

    offset: int
    text: str
    tip: str = ""


def hints(tree: Tree, facts: Mapping[str, Any] | None, estimate: Estimate | None) -> list[Hint]:
    """What is known of the data and of the run."""
    return [*_of_data(tree, facts or {}), *_of_run(tree, estimate)]


def _of_data(tree: Tree, facts: Mapping[str, Any]) -> Iterator[Hint]:
    rows = facts.get("rows") or {}
    for part in ("train", "validation", "test"):
        entry, count = tree.find(("data", part)), rows.get(part)
        if entry is None or count is None or entry.value.kind != "scalar":
            continue
        text = f"{count:,} rows"
        if part == "train" and facts.get("labels"):
            text += f" · {facts['labels']:,} classes"
        if part == "train" and facts.get("skipped"):
            text += f" · {facts['skipped']:,} skipped"
        yield Hint(offset=entry.value.end, text=text, tip="What a check of the data found.")


def _of_run(tree: Tree, estimate: Estimate | None) -> Iterator[Hint]:
    entry = tree.find(("task",))
    if entry is None or estimate is None or not (text := summary(estimate)):
        return
    tip = "\n\n".join([f"On {estimate.device}, {estimate.precision}.", *estimate.notes])
    yield Hint(offset=max(entry.end, entry.value.end), text=text, tip=tip)


def summary(estimate: Estimate) -> str:
    """An estimate in a few words: `≈ 5.1 GB · 1,240 steps · 38 min`."""
    parts = []
    if estimate.memory is not None:
        parts.append(f"≈ {size(estimate.memory.total_bytes)}")
    if estimate.steps:
        parts.append(f"{estimate.steps:,} steps")
    if estimate.time is not None:
        parts.append(duration(estimate.time.total_s))
    return " · ".join(parts)


def size(number: float) -> str:
    """Bytes as people write them."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6)):
        if number >= scale:
            return f"{number / scale:.1f} {unit}" if number < 100 * scale else f"{number / scale:.0f} {unit}"
    return f"{number / 1e3:.0f} kB"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
