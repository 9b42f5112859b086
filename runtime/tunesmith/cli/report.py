"""`tunesmith report RUN`: how good the model is, in the terminal."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.cli.parts import run_choice
from tunesmith.errors import Place, TunesmithError
from tunesmith.runs.damage import of_series
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.number_format import figure
from tunesmith.runs.reports import StoredReport, read_report
from tunesmith.shown import line as shown_line

HELP = "show the report: figures, confusion matrix, curve, hardest rows"
HARDEST = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    run_choice.add_run(parser)
    parser.add_argument("--again", action="store_true", help="measure the model anew and rewrite the report")
    parser.add_argument("--checkpoint", default="best", metavar="WHICH", help="with --again: best, newest, or step-N")
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII signs only")
    run_choice.add_json(parser, "print what metrics.json holds")


def run(arguments: argparse.Namespace) -> int:
    """Print it; a report that is not there yet is made."""
    found = run_choice.found_run(arguments)
    if arguments.again or not os.path.lexists(found.report_folder / "metrics.json"):
        from tunesmith.use.evaluate import measure

        for text in measure(found, checkpoint=arguments.checkpoint):
            run_choice.note(f"warning: {text}")
    report = read_report(found)
    if report is None:
        raise TunesmithError("run.no-report", "the run has no report", place=Place(file=found.report_folder))
    for problem in (*report.problems, *of_series(found)):
        run_choice.note(str(problem))
    if arguments.json:
        run_choice.print_json(report.summary)
    else:
        print(_page(found, report, ascii_only=arguments.ascii))
    return 0


def _page(run: RunFolder, report: StoredReport, *, ascii_only: bool) -> str:
    import textwrap

    from tunesmith.explain import terminal
    from tunesmith.explain.curves import read_curves
    from tunesmith.explain.page import figure_table

    width = min(100, shutil.get_terminal_size((80, 24)).columns)
    unicode = not ascii_only and terminal.can_unicode(sys.stdout.encoding)
    parts = [shown_line(report.headline)]
    parts += [textwrap.fill(f"CAREFUL: {text}", width) for text in report.warnings]
    parts += [textwrap.fill(f"- {text}", width, subsequent_indent="  ") for text in report.words]
    curves = read_curves(run.series_folder)
    if "loss" in curves:
        loss = curves["loss"]
        parts.append(terminal.curve(loss.steps, loss.values, width=width, title="training loss", unicode=unicode))
    parts += [text for block in report.blocks if (text := terminal.block(block, width=width, unicode=unicode))]
    header, figures = figure_table(report.summary, figure)
    if figures:
        parts.append(terminal.table(header, figures, unicode=unicode))
    parts += _hardest(report.hardest, width, unicode=unicode)
    parts += map(shown_line, report.notes)
    parts.append(f"The whole report: {run.report_folder / 'report.md'}")
    page = "\n\n".join(parts)
    return page if unicode else page.translate(_PLAIN).encode("ascii", "replace").decode()


_PLAIN = str.maketrans({"“": '"', "”": '"', "…": "...", "–": "-"})


def _hardest(rows: Sequence[Mapping[str, Any]], width: int, *, unicode: bool) -> list[str]:
    if not rows:
        return []
    from tunesmith.explain.page import shown
    from tunesmith.explain.terminal import fitted

    lines = ["hardest rows (all of them: hardest.jsonl)"]
    for row in rows[:HARDEST]:
        where = f"{Path(row['file']).name}:{row['line']}" if row["file"] else f"row {row['row']}"
        head = f"  {where}  expected {shown(row['expected'])}, predicted {shown(row['predicted'])}: "
        values = "; ".join(str(value) for name, value in row["values"].items() if name not in ("label", "target"))
        lines.append(fitted(head + " ".join(values.split()), width, unicode=unicode).rstrip())
    return ["\n".join(lines)]
