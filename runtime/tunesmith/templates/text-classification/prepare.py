"""Makes data/docstrings.csv: what Python's own library says of itself, labelled by the package that says it.

Real text that lies on every machine. Which rows there are depends on the Python version. Run: python prepare.py
"""

import ast
import csv
import sysconfig
from pathlib import Path

PACKAGES = ("asyncio", "email", "http", "importlib", "logging", "multiprocessing", "unittest", "xml")


def first_paragraphs(package: Path) -> list[str]:
    """The first paragraph of every docstring below `package`, one line each."""
    found = []
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                text = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
                if len(text) >= 20:
                    found.append(text)
    return found


def main() -> None:
    """Write each text once: one that two packages share would be in doubt."""
    library = Path(sysconfig.get_path("stdlib"))
    owners: dict[str, set[str]] = {}
    for package in PACKAGES:
        for text in first_paragraphs(library / package):
            owners.setdefault(text, set()).add(package)
    target = Path(__file__).parent / "data" / "docstrings.csv"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "package"])
        writer.writerows([text, packages.pop()] for text, packages in owners.items() if len(packages) == 1)


if __name__ == "__main__":
    main()
