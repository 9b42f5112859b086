"""`tunesmith inspect FILE_OR_FOLDER...`: the classic mistakes in training code, without running any of it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith import shown
from tunesmith.errors import Place, Problem, TunesmithError

if TYPE_CHECKING:
    from tunesmith.inspections.contract import Failure, Finding

HELP = "find the classic mistakes in training code in Python"


def configure(parser: argparse.ArgumentParser) -> None:
    """The files, and what to do with what is found."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER", help="Python files, or folders of them"
    )
    parser.add_argument("--fix", action="store_true", help="apply the safe fixes to the files")
    parser.add_argument("--json", action="store_true", help="answer in JSON")


@dataclass(slots=True)
class Answer:
    """The findings that are left in each file, in order, how many were mended; which files could not be read, and which
    rules failed on one."""

    findings: list[tuple[Path, Finding]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: int = 0
    fixed: int = 0


def run(arguments: argparse.Namespace) -> int:
    """0: nothing is found; 1: something is, or a file could not be read, or a rule failed on one."""
    answer = inspect_files(arguments.paths, fix=arguments.fix)
    if arguments.json:
        json.dump(as_fields(answer), sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        _print(answer)
    return 1 if answer.findings or answer.problems else 0


def inspect_files(paths: Iterable[Path], *, fix: bool) -> Answer:
    """Inspect files and folders, and with `fix` write the safe fixes into the files first."""
    from tunesmith.catalog import Catalog
    from tunesmith.inspections.engine import examine, read
    from tunesmith.inspections.fixing import fix_all
    from tunesmith.inspections.sources import python_files, read_text, write_text

    rules = Catalog().inspections
    answer = Answer()
    for file in dict.fromkeys(file for path in paths for file in python_files(path)):
        answer.files += 1
        try:
            source, encoding = read_text(file)
        except TunesmithError as error:
            answer.problems += error.problems
            continue
        if fix:
            after, count = fix_all(source, file, rules=rules)
            if count:
                write_text(file, after, encoding)
                source, answer.fixed = after, answer.fixed + count
        module = read(source, file)
        if module is None:
            answer.problems.append(_no_python(source, file))
        else:
            examined = examine(module, rules)
            answer.findings += [(file, each) for each in examined.findings]
            answer.problems += [_failed(each, file) for each in examined.failures]
    return answer


def as_fields(answer: Answer) -> dict[str, Any]:
    """The answer as JSON values; lines and columns count from 1."""
    return {
        "ok": not answer.findings and not answer.problems,
        "files": answer.files,
        "fixed": answer.fixed,
        "findings": [_fields(file, each) for file, each in answer.findings],
        "problems": [
            {"code": each.code, "message": each.message, "file": str(each.place.file), "line": each.place.line}
            for each in answer.problems
        ],
    }


def _fields(file: Path, finding: Finding) -> dict[str, Any]:
    start, end = finding.range.start, finding.range.end
    return {
        "file": str(file),
        "line": start.line + 1,
        "column": start.column + 1,
        "end_line": end.line + 1,
        "end_column": end.column + 1,
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "link": finding.link,
        "fixes": [{"title": each.title, "is_safe": each.is_safe} for each in finding.fixes],
    }


def _failed(failure: Failure, file: Path) -> Problem:
    """A rule that raised: what it would have found in the file is unknown, the others' findings stand."""
    hint = "the other rules went on; please report this line together with the code that it is about"
    return Problem(code="inspect.rule-failed", message=str(failure), place=Place(file=file), hint=hint)


def _no_python(source: str, file: Path) -> Problem:
    """Why a text is not Python."""
    import ast
    import warnings

    line, why = None, "it is nested too deep"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as error:
        line, why = error.lineno, error.msg
    except ValueError as error:
        why = str(error)
    except (RecursionError, MemoryError):
        pass
    version = ".".join(str(part) for part in sys.version_info[:2])
    message = f"the file is not Python {version}: {why}"
    return Problem(code="inspect.not-python", message=message, place=Place(file=file, line=line))


def _print(answer: Answer) -> None:
    for file, each in answer.findings:
        start = each.range.start
        place = f"{shown.line(file)}:{start.line + 1}:{start.column + 1}"
        print(f"{place}: {each.severity}[{each.code}] {shown.line(each.message)}")
        for fix in each.fixes[:1]:
            print(f"  fix: {fix.title}{'' if fix.is_safe else ' (only in the editor)'}")
    for problem in answer.problems:
        print(problem)
    found, files = len(answer.findings), answer.files
    counts = [f"{found} finding{'s' * (found != 1)} in {files} file{'s' * (files != 1)}"]
    counts += [f"{answer.fixed} mended"] if answer.fixed else []
    safe = sum(any(fix.is_safe for fix in each.fixes) for _, each in answer.findings)
    counts += [f"{safe} can be mended with --fix"] if safe else []
    print(", ".join(counts))
