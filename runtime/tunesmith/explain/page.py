"""The report as a page of Markdown that someone new to machine learning can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tunesmith.explain.markdown import code, escape, table
from tunesmith.judged import Block, Table, Texts, decimals, marked

_CURVES = ("Training", "The error on the training rows (thin: as it was, thick: moving average).")
_TEXTS_SHOWN = 20
_HARDEST_SHOWN = 10


def report_page(summary: Mapping[str, Any], blocks: Sequence[Block], hardest: Sequence[Mapping[str, Any]]) -> str:
    """The page, from what metrics.json holds, the blocks and the hardest rows."""
    parts = [f"# Report: {escape(summary['task'])} with {escape(summary['model'])} ({escape(summary['method'])})"]
    parts.append(f"**{escape(summary['headline'])}**")
    parts += [f"> **Careful:** {escape(warning)}" for warning in summary["warnings"]]
    if summary["words"]:
        parts.append("\n".join(f"- {escape(sentence)}" for sentence in summary["words"]))
    names, figures = figure_table(summary, _number)
    if figures:
        parts += ["## Metrics", table(names, figures, right=True)]
    if "curves.png" in summary["files"]:
        title, says = _CURVES
        parts += [f"## {title}", says, f"![{title}](curves.png)"]
    for block in blocks:
        parts += _block(block, summary["files"])
    if hardest:
        parts += ["## Hardest rows", _hardest_words(len(hardest)), _hardest_table(hardest[:_HARDEST_SHOWN])]
    parts += ["## Files", "\n".join(f"- {code(name)}" for name in summary["files"])]
    parts += [escape(note) for note in summary["notes"]]
    return "\n\n".join(parts) + "\n"


def _block(block: Block, files: Sequence[str]) -> list[str]:
    title = [f"## {escape(block.title)}"]
    if isinstance(block, Table):
        return [*title, table(block.header, [[decimals(cell) for cell in row] for row in block.rows], right=True)]
    if isinstance(block, Texts):
        rows = [[marked(cell) for cell in row] for row in block.rows[:_TEXTS_SHOWN]]
        return [*title, *([escape(block.says)] if block.says else []), table(block.header, rows)]
    picture = f"{block.name}.png"
    return [*title, block.says, f"![{block.title}]({picture})"] if picture in files else []


def figure_table(summary: Mapping[str, Any], shown: Callable[[Any], str]) -> tuple[list[str], list[list[str]]]:
    """Header and lines of a report's figures: those of test rows first, where there are any, validation beside."""
    columns = {}
    test = summary.get("test") or {}
    for name, part in (("test", test), ("validation" if test else "value", summary)):
        if part.get("metrics"):
            rows = part.get("rows")
            columns[f"{name} ({rows:,} rows)" if test and isinstance(rows, int) else name] = part["metrics"]
    names = list(dict.fromkeys(name for metrics in columns.values() for name in metrics))
    lines = [[name, *(shown(part[name]) if name in part else "-" for part in columns.values())] for name in names]
    return ["metric", *columns], lines


def _number(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) and abs(value) < 1e4 else f"{value:,.6g}"


def _hardest_words(count: int) -> str:
    return (
        f"The {count} rows that the model is most wrong about stand in `hardest.jsonl`, these are the first. "
        "Look at them first: often it is the label that is wrong."
    )


def _hardest_table(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = []
    for row in rows:
        where = f"{row['file']}:{row['line']}" if row["file"] else f"row {row['row']}"
        values = "; ".join(str(value) for name, value in row["values"].items() if name != "label")
        lines.append([where, shown(row["expected"]), shown(row["predicted"]), f"{row['loss']:.3f}", values[:120]])
    return table(["where", "expected", "predicted", "loss", "input"], lines, right=True)


def shown(value: Any) -> str:
    """An expected or predicted value of a row as a few words."""
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        if "label" in value:
            sure = value.get("probability")
            return f"{value['label']} ({sure:.1%})" if isinstance(sure, float) else str(value["label"])
        return shown(value.get("labels", value.get("loss_per_token")))
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)
