"""What stands above a job: run it, estimate it, its last runs with the best result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tunesmith.catalog import Catalog
from tunesmith.errors import TunesmithError
from tunesmith.scores.metrics import is_better
from tunesmith.server.editor.command_names import ESTIMATE, RUN, SHOW_RUNS

if TYPE_CHECKING:
    from tunesmith.protocol.runs import RunSummary


def commands(uri: str, runs: Sequence[RunSummary]) -> list[dict[str, Any]]:
    """The commands above the first key; each takes the job's URI first."""
    made: list[dict[str, Any]] = [
        {"title": "Run", "command": RUN, "arguments": [uri]},
        {"title": "Estimate", "command": ESTIMATE, "arguments": [uri]},
    ]
    if runs:
        made.append({"title": runs_title(runs), "command": SHOW_RUNS, "arguments": [uri, [run.id for run in runs]]})
    return made


def runs_title(runs: Sequence[RunSummary]) -> str:
    """`3 earlier runs, best f1_macro 0.94 (2 warnings)`; the newest run says which metric counts."""
    text = f"{len(runs)} earlier run{'s' * (len(runs) != 1)}"
    metric = next((run.best.metric for run in runs if run.best is not None), "")
    best: RunSummary | None = None
    try:
        known = Catalog().metric(metric)
    except TunesmithError:  # none, or one of a task that is not here: which run is best is not known
        return text
    for run in runs:
        before = None if best is None or best.best is None else best.best.value
        if run.best is not None and run.best.metric == metric and is_better(known, run.best.value, before):
            best = run
    return text if best is None else f"{text}, best {best_of(best)}"


def best_of(run: RunSummary) -> str:
    """The run's best metric with the number of warnings to be read beside it; empty where nothing was measured."""
    if run.best is None:
        return ""
    count = run.warning_count
    return f"{run.best.metric} {run.best.value:.3g}" + (f" ({count} warning{'s' * (count != 1)})" if count else "")
