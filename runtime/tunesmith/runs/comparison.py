"""A run's settings and figures as flat tables, and in what several runs differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tunesmith.errors import TunesmithError
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.reports import StoredReport, read_report

REASONS = "training.why."


def settings_of(run: RunFolder) -> dict[str, Any]:
    """The frozen job as one table: dotted key to value; empty where job.yaml is damaged, which `problems` names."""
    return {key: value for key, value in _job_of(run).items() if not key.startswith(REASONS)}


def reasons_of(run: RunFolder) -> dict[str, Any]:
    """Why `auto` chose the value of a setting, by its dotted key."""
    return {key.removeprefix(REASONS): value for key, value in _job_of(run).items() if key.startswith(REASONS)}


def _job_of(run: RunFolder) -> dict[str, Any]:
    from tunesmith.job.document import read_document

    try:
        document = read_document(run.job_text(), run.job_file)
    except (TunesmithError, ValueError, RecursionError):
        return {}
    found = None if document.problems else document.root.plain()
    return dict(_flat(found, "")) if isinstance(found, dict) else {}


def _flat(found: Mapping[Any, Any], prefix: str) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in found.items():
        name = f"{prefix}{key}"
        flat += _flat(value, f"{name}.") if isinstance(value, dict) and value else [(name, value)]
    return flat


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run has come to: its figures, the warnings that must be read beside them, and the report, where there is a
    good one."""

    figures: Mapping[str, Any]
    warnings: Sequence[str]
    report: StoredReport | None = None


def outcome_of(run: RunFolder) -> Outcome:
    """What its report says. Before there is one, the figures of the newest evaluation, and the warnings about its data.
    A damaged report, which `problems` names, gives no figures."""
    try:
        report = read_report(run)
    except TunesmithError:
        return Outcome(figures={}, warnings=data_warnings(run))
    if report is None:
        return Outcome(figures=_newest_evaluation(run), warnings=data_warnings(run))
    return Outcome(figures=report.figures, warnings=report.warnings, report=report)


def _newest_evaluation(run: RunFolder) -> dict[str, Any]:
    evaluations = [event.get("metrics") for event in run.events() if event["kind"] == "evaluation"]
    found = next((metrics for metrics in reversed(evaluations) if isinstance(metrics, dict)), {})
    return {str(name): value for name, value in found.items()}


def data_warnings(run: RunFolder) -> list[str]:
    """The warnings about the rows, which belong beside every figure of the run."""
    warnings = [
        event for event in run.events() if event["kind"] == "warning" and _text(event, "code").startswith("data.")
    ]
    return list(dict.fromkeys(_text(event, "message") for event in warnings))


def _text(event: Mapping[str, Any], name: str) -> str:
    return str(event.get(name, ""))


def differences(tables: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The keys whose values are not the same in all `tables`, with each table's value (None where it has none)."""
    keys = list(dict.fromkeys(key for table in tables for key in table))
    rows = {key: [table.get(key) for table in tables] for key in keys}
    return {key: values for key, values in rows.items() if any(value != values[0] for value in values[1:])}
