"""`tunesmith report RUN`: how good the model is, in the terminal."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from tunesmith.cli import _runs
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.words import figure

HELP = "show the report: figures, confusion matrix, curve, hardest rows"
HARDEST = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    _runs.add_run(parser)
    parser.add_argument("--again", action="store_true", help="measure the model anew and rewrite the report")
    parser.add_argument("--checkpoint", default="best", metavar="WHICH", help="with --again: best, newest, or step-N")
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII signs only")
    _runs.add_json(parser, "print what metrics.json holds")


def run(arguments: argparse.Namespace) -> int:
    """Print it; a report that is not there yet is made."""
    found = _runs.found_run(arguments)
    if arguments.again or not (found.report_folder / "metrics.json").exists():
        from tunesmith.use.evaluate import measure

        for text in measure(found, checkpoint=arguments.checkpoint):
            _runs.note(f"warning: {text}")
    summary = json.loads((found.report_folder / "metrics.json").read_bytes())
    if arguments.json:
        _runs.print_json(summary)
    else:
        print(_page(found, summary, ascii_only=arguments.ascii))
    return 0


def _page(run: RunFolder, summary: dict[str, Any], *, ascii_only: bool) -> str:
    import textwrap

    import numpy as np

    from tunesmith.explain import terminal
    from tunesmith.explain.curves import read_curves

    width = min(100, shutil.get_terminal_size((80, 24)).columns)
    unicode = not ascii_only and terminal.can_unicode(sys.stdout.encoding)
    parts = [summary["headline"]]
    parts += [textwrap.fill(f"CAREFUL: {text}", width) for text in summary["warnings"]]
    parts += [textwrap.fill(f"- {text}", width, subsequent_indent="  ") for text in summary["words"]]
    curves = read_curves(run.series_folder)
    if "loss" in curves:
        loss = curves["loss"]
        parts.append(terminal.curve(loss.steps, loss.values, width=width, title="training loss", unicode=unicode))
    confusion = run.report_folder / "confusion.json"
    if confusion.exists():
        matrix = json.loads(confusion.read_bytes())
        if "counts" in matrix:
            counts = np.asarray(matrix["counts"], dtype=np.int64)
            parts.append(terminal.confusion(counts, matrix["labels"], width=width, unicode=unicode))
    by_class = summary.get("classification", summary.get("labels", {})).get("by_class")
    if by_class:
        lines = [
            [f["label"], *(f"{f[name]:.3f}" for name in ("precision", "recall", "f1")), f"{f['support']:,}"]
            for f in by_class
        ]
        parts.append(terminal.table(["class", "precision", "recall", "F1", "rows"], lines, unicode=unicode))
    by_target = summary.get("regression", {}).get("by_target", ())
    if len(by_target) > 1:
        lines = [[f["target"], *(figure(f[name]) for name in ("mae", "rmse", "r2", "mean_mae"))] for f in by_target]
        parts.append(terminal.table(["target", "MAE", "RMSE", "R2", "MAE of the mean"], lines, unicode=unicode))
    figures = [[name, figure(value)] for name, value in summary["metrics"].items()]
    if figures:
        parts.append(terminal.table(["metric", "value"], figures, unicode=unicode))
    parts += _hardest(run.report_folder / "hardest.jsonl", width, unicode=unicode)
    parts += summary["notes"]
    parts.append(f"The whole report: {run.report_folder / 'report.md'}")
    page = "\n\n".join(parts)
    return page if unicode else page.translate(_PLAIN).encode("ascii", "replace").decode()


_PLAIN = str.maketrans({"“": '"', "”": '"', "…": "...", "–": "-"})


def _hardest(path: Path, width: int, *, unicode: bool) -> list[str]:
    if not path.exists():
        return []
    from tunesmith.explain.page import shown
    from tunesmith.explain.terminal import fitted

    lines = [f"hardest rows (all of them: {path.name})"]
    for text in path.read_text(encoding="utf-8").splitlines()[:HARDEST]:
        row = json.loads(text)
        where = f"{Path(row['file']).name}:{row['line']}" if row["file"] else f"row {row['row']}"
        told = f"  {where}  expected {shown(row['expected'])}, predicted {shown(row['predicted'])}: "
        values = "; ".join(str(value) for name, value in row["values"].items() if name not in ("label", "target"))
        lines.append(fitted(told + " ".join(values.split()), width, unicode=unicode).rstrip())
    return ["\n".join(lines)]
