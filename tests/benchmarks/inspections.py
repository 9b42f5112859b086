"""How often each inspection is right, on the sources of packages with training code. It fetches and runs nothing.

    pip download --no-deps --only-binary :all: -d WHEELS -r tests/benchmarks/inspections_packages.txt   # once, by hand
    python tests/benchmarks/inspections.py --wheels WHEELS [--rule TS101] [--new] [PACKAGE_OR_FOLDER ...]

It reads the packages of inspections_packages.txt from wheels, unopened, or where they are installed; `torch`,
`transformers`, `peft` and `sklearn` where they are installed; and folders that are named. Three kinds of source count:
Python files; notebooks, their code cells as one file; and programs that a package ships as text (the lab programs of a
course, which it prints): string constants of Python files that are themselves Python and import torch.

Each finding was read once; inspections_judged.tsv keeps the verdict: rule, package, file, the line's code, true or
false, why. A finding is false where what it says is not so, where following it would make the code worse, or where it
can have no effect there. The tables of inspections.md are printed from it. `--new` shows the findings that nobody has
judged yet with the lines around them.
"""

from __future__ import annotations

import argparse
import ast
import csv
import importlib.metadata
import importlib.util
import json
import statistics
import sys
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tunesmith.catalog import Catalog
from tunesmith.errors import TunesmithError
from tunesmith.inspections.contract import Finding
from tunesmith.inspections.engine import examine, read
from tunesmith.inspections.sources import python_files, read_text

HERE = Path(__file__).parent
LIST, JUDGED = HERE / "inspections_packages.txt", HERE / "inspections_judged.tsv"
INSTALLED = ("torch", "transformers", "peft", "sklearn")
SHORTEST_TIMED = 300  # lines
SHORTEST_PROGRAM = 200  # characters of a string that may be a program
AROUND = 8


@dataclass(frozen=True, slots=True)
class Source:
    """One text: where it comes from, its path in the package (`#N` behind it: a program that stands in it as text)."""

    package: str
    file: str
    text: str


@dataclass(slots=True)
class Count:
    """What was read of a package, and what was found in it."""

    files: int = 0
    notebooks: int = 0
    programs: int = 0
    lines: int = 0
    findings: list[tuple[Source, Finding]] = field(default_factory=list)


def listed() -> list[str]:
    """`NAME==VERSION` of each package of the list."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def sources_of(package: str, wheels: Path | None) -> Iterator[Source] | None:
    """The sources of `NAME==VERSION` from its wheel, of an installed package or of a folder; None if it is missing."""
    name, _, version = package.partition("==")
    if Path(package).is_dir():
        return _from_folder(Path(package).name, Path(package))
    found = sorted(wheels.glob(f"{name.replace('-', '_')}-{version}-*.whl")) if wheels and version else []
    if found:
        return _from_wheel(name, found[0])
    if version:
        return None
    place = importlib.util.find_spec(name)
    folders = place.submodule_search_locations if place else None
    return _from_folder(name, Path(folders[0])) if folders else None


def _from_wheel(name: str, wheel: Path) -> Iterator[Source]:
    with zipfile.ZipFile(wheel) as archive:
        for each in sorted(archive.namelist()):
            if each.endswith((".py", ".ipynb")):
                yield from _texts(name, each, archive.read(each).decode("utf-8", "replace"))


def _from_folder(name: str, folder: Path) -> Iterator[Source]:
    for file in python_files(folder):
        try:
            text, _ = read_text(file)
        except TunesmithError:
            continue
        yield from _texts(name, file.relative_to(folder).as_posix(), text)
    for file in sorted(folder.rglob("*.ipynb")):
        yield from _texts(name, file.relative_to(folder).as_posix(), file.read_text("utf-8", "replace"))


def _texts(package: str, file: str, text: str) -> Iterator[Source]:
    """A file, and the programs in its strings."""
    if file.endswith(".ipynb"):
        yield Source(package, file, notebook(text))
        return
    yield Source(package, file, text)
    if text.count("import torch") > 0:
        for number, program in enumerate(programs(text)):
            yield Source(package, f"{file}#{number}", program)


def notebook(text: str) -> str:
    """The code cells of a notebook as one text; lines for the shell and for IPython are comments."""
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, KeyError, TypeError):
        return ""
    code = ["".join(each.get("source", "")) for each in cells if each.get("cell_type") == "code"]
    code = [each for each in code if not each.lstrip().startswith("%%")]
    lines = [line for each in code for line in [*each.splitlines(), ""]]
    shell = ("!", "%", "?")
    return "\n".join(f"pass  # {line}" if line.lstrip().startswith(shell) else line for line in lines)


def programs(text: str) -> Iterator[str]:
    """The string constants of a Python file that are Python themselves and import torch."""
    tree = _parsed(text)
    for node in ast.walk(tree) if tree else ():
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and len(value) >= SHORTEST_PROGRAM and "import torch" in value:
            program = value.strip("\n")
            if _parsed(program) is not None:
                yield program


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def key_of(source: Source, finding: Finding) -> tuple[str, str, str, str]:
    """What a judgement is kept under: it outlives other lines of the file, and an update of the package mostly."""
    lines = source.text.splitlines()
    line = lines[finding.range.start.line] if finding.range.start.line < len(lines) else ""
    return finding.code, source.package, source.file.partition("#")[0], " ".join(line.split())


def judged() -> dict[tuple[str, str, str, str], tuple[str, str]]:
    """(verdict, reason) of each finding that was read."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return {(row[0], row[1], row[2], row[3]): (row[4], row[5]) for row in rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="*", help="NAME==VERSION, an installed package, or a folder")
    parser.add_argument("--wheels", type=Path, help="the folder of downloaded wheels")
    parser.add_argument("--rule", action="append", help="only these rules, by code")
    parser.add_argument("--new", action="store_true", help="show the findings that nobody has judged yet")
    options = parser.parse_args()
    rules = {
        name: each
        for name, each in Catalog().inspections.items()
        if each.member.code in (options.rule or [each.member.code])
    }
    verdicts = judged()
    counts: dict[str, Count] = {}
    times_ms: list[tuple[float, str]] = []
    for package in options.packages or [*INSTALLED, *listed()]:
        sources = sources_of(package, options.wheels)
        if sources is None:
            print(f"missing: {package}", file=sys.stderr)
            continue
        count = counts.setdefault(package, Count())
        for source in sources:
            size = source.text.count("\n") + 1
            began = time.process_time()
            module = read(source.text, Path(PurePosixPath(source.file.partition("#")[0]).name))
            examined = examine(module, rules) if module is not None else None
            took = time.process_time() - began
            kind = "notebooks" if source.file.endswith(".ipynb") else "programs" if "#" in source.file else "files"
            setattr(count, kind, getattr(count, kind) + 1)
            count.lines += size
            for failure in examined.failures if examined else ():
                print(f"{package} {source.file}: {failure}", file=sys.stderr)
            count.findings += [(source, each) for each in examined.findings] if examined else []
            if size >= SHORTEST_TIMED:
                times_ms.append((took / size * 1e6, f"{source.package} {source.file}"))
        print(f"{package}: {len(count.findings)}", file=sys.stderr)
    _print_packages(counts)
    found = [each for count in counts.values() for each in count.findings]
    _print_rules(found, verdicts)
    if times_ms:
        times_ms.sort()
        each = [took for took, _ in times_ms]
        told = f"p50 {statistics.median(each):.0f}, p95 {each[int(len(each) * 0.95)]:.0f}, most {each[-1]:.0f}"
        print(f"\nProcessor, ms per 1,000 lines: {told} ({times_ms[-1][1]})")
        print(f"({len(each)} files of {SHORTEST_TIMED} lines and more, Python {sys.version.split()[0]})")
    for source, finding in found if options.new else ():
        if key_of(source, finding) not in verdicts:
            show(source, finding)


def _print_packages(counts: dict[str, Count]) -> None:
    print("| package | files | notebooks | programs | lines | findings |\n|---|---|---|---|---|---|")
    for package, each in counts.items():
        name = package if "==" in package or Path(package).is_dir() else f"{package} {_version(package)}"
        print(f"| {name} | {each.files} | {each.notebooks} | {each.programs} | {each.lines:,} | {len(each.findings)} |")
    total = list(counts.values())
    print(
        f"| {len(total)} packages | {sum(each.files for each in total):,} | {sum(each.notebooks for each in total)} "
        f"| {sum(each.programs for each in total)} | {sum(each.lines for each in total):,} "
        f"| {sum(len(each.findings) for each in total)} |"
    )


def _version(package: str) -> str:
    owners = importlib.metadata.packages_distributions().get(package)
    return importlib.metadata.version(owners[0]) if owners else ""


def _print_rules(
    found: Sequence[tuple[Source, Finding]], verdicts: dict[tuple[str, str, str, str], tuple[str, str]]
) -> None:
    """How many findings of each rule are true; findings that nobody has judged count for neither."""
    names = {each.code: each.name for _, each in found}
    told: Counter[tuple[str, str]] = Counter()
    for source, finding in found:
        told[finding.code, verdicts.get(key_of(source, finding), ("unjudged", ""))[0]] += 1
    print("\n| rule | findings | judged | false | right |\n|---|---|---|---|---|")
    for code in [*sorted(names), "together"]:
        true, false, unjudged = (
            sum(number for (each, verdict), number in told.items() if verdict == wanted and code in (each, "together"))
            for wanted in ("true", "false", "unjudged")
        )
        share = f"{true / (true + false):.1%}" if true + false else ""
        print(f"| {code} {names.get(code, '')} | {true + false + unjudged} | {true + false} | {false} | {share} |")


def show(source: Source, finding: Finding) -> None:
    """A finding with the lines around it."""
    line = finding.range.start.line
    lines = source.text.splitlines()
    print(f"\n--- {source.package} {source.file}:{line + 1} {finding.code}: {finding.message}")
    for number in range(max(0, line - AROUND), min(len(lines), line + AROUND)):
        print(f"{'>' if number == line else ' '} {number + 1:5} {lines[number][:160]}")


if __name__ == "__main__":
    main()
