"""A run's report as it lies in its folder: refused, or left out by name, where it is not what was written.

`metrics.json` carries a checksum and the SHA-256 of every other file of the report; see docs/report.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunesmith import guarded
from tunesmith.errors import Problem, TunesmithError
from tunesmith.runs.damage import as_warning, damaged_in_report
from tunesmith.runs.folder import RunFolder, damaged_file
from tunesmith.runs.state import is_figure

if TYPE_CHECKING:
    from tunesmith.judged import Block

BLOCKS = "blocks.json"
TEXTS = ("warnings", "words", "notes", "files")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """`summary` is what metrics.json holds; `test_metrics` are the figures of test rows, `metrics` those of validation
    rows. `blocks` are what is drawn; `hardest` are the rows of hardest.jsonl. `problems` name the files that are left
    out."""

    summary: Mapping[str, Any]
    headline: str
    warnings: tuple[str, ...]
    words: tuple[str, ...]
    notes: tuple[str, ...]
    files: tuple[str, ...]
    metrics: Mapping[str, float | str]
    test_metrics: Mapping[str, float | str]
    blocks: tuple[Block, ...]
    hardest: tuple[Mapping[str, Any], ...]
    problems: tuple[Problem, ...]

    @property
    def figures(self) -> dict[str, float | str]:
        """Those of test rows, as `test_NAME`, then those of validation rows."""
        return {**{f"test_{name}": value for name, value in self.test_metrics.items()}, **self.metrics}


def read_report(run: RunFolder, *, part: str = "") -> StoredReport | None:
    """The report of `run` (`part`: the one of its test rows), or None where there is none.

    Raises TunesmithError run.damaged-file where metrics.json is not what was written; other files are left out.
    """
    folder = ("report", part) if part else ("report",)
    summary = run.object_in(*folder, "metrics.json")
    if not summary:
        return None
    damaged = dict(damaged_in_report(run, folder, summary))
    blocks: tuple[Block, ...] = ()
    hardest: tuple[Mapping[str, Any], ...] = ()
    try:
        blocks = () if BLOCKS in damaged else _blocks(run.object_in(*folder, BLOCKS))
    except (TunesmithError, ValueError) as error:
        damaged[BLOCKS] = str(error)
    try:
        hardest = () if "hardest.jsonl" in damaged else _hardest(run, folder)
    except guarded.DamagedFileError as error:
        damaged["hardest.jsonl"] = str(error)
    problems = tuple(as_warning(damaged_file(run, (*folder, name), how)) for name, how in damaged.items())
    try:
        return _report(summary, blocks, hardest, problems)
    except guarded.DamagedFileError as error:
        raise damaged_file(run, (*folder, "metrics.json"), error) from error


def _report(
    summary: Mapping[str, Any],
    blocks: tuple[Block, ...],
    hardest: tuple[Mapping[str, Any], ...],
    problems: tuple[Problem, ...],
) -> StoredReport:
    texts = {name: _texts(summary.get(name, []), name) for name in TEXTS}
    metrics = _of_type(summary.get("metrics", {}), dict, "metrics")
    test_metrics = _of_type(_section(summary, "test").get("metrics", {}), dict, "metrics")
    if not all(is_figure(value) for value in (*metrics.values(), *test_metrics.values())):
        raise guarded.DamagedFileError("a metric is no number")
    return StoredReport(
        summary=summary,
        headline=_of_type(summary.get("headline", ""), str, "headline"),
        metrics=metrics,
        test_metrics=test_metrics,
        blocks=blocks,
        hardest=hardest,
        problems=problems,
        **texts,
    )


def _section(summary: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _of_type(summary.get(name, {}), dict, name)
    return found


def _blocks(found: Mapping[str, Any]) -> tuple[Block, ...]:
    """Raises ValueError for what is no block."""
    from tunesmith.judged import block_from

    return tuple(block_from(each) for each in _of_type(found.get("blocks", []), list, "blocks"))


def _hardest(run: RunFolder, folder: tuple[str, ...]) -> tuple[Mapping[str, Any], ...]:
    try:
        content = run.content(*folder, "hardest.jsonl")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise guarded.DamagedFileError(str(error)) from None
    rows = tuple(guarded.decode_line(line) for line in content.splitlines())
    if not all(_is_hardest(row) for row in rows):
        raise guarded.DamagedFileError("a line of it is no row")
    return rows


def _is_hardest(row: Mapping[str, Any]) -> bool:
    file, line = row.get("file"), row.get("line")
    return (
        type(row.get("row")) is int
        and isinstance(row.get("values"), dict)
        and {"expected", "predicted"} <= row.keys()
        and (is_figure(row.get("loss")) or row.get("loss") is None)
        and (file is None or (isinstance(file, str) and "\0" not in file))
        and (line is None or type(line) is int)
    )


def _texts(found: Any, name: str) -> tuple[str, ...]:
    texts = _of_type(found, list, name)
    if not all(isinstance(text, str) for text in texts):
        raise guarded.DamagedFileError(f"{name} holds no texts")
    return tuple(texts)


def _of_type(found: Any, kind: type, name: str) -> Any:
    if not isinstance(found, kind):
        raise guarded.DamagedFileError(f"{name} is missing or of another kind")
    return found
