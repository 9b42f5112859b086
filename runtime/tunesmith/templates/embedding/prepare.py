"""Makes data/functions.csv: what docstrings of Python's own library say, and the functions that they describe.

Real pairs that lie on every machine. Which rows there are depends on the Python version. Run: python prepare.py
"""

import ast
import csv
import re
import sysconfig
from pathlib import Path

SKIPPED = {"test", "tests", "idlelib", "lib2to3", "site-packages", "dist-packages", "turtledemo", "__pycache__"}
MOST = 2000


def spoken(name: str) -> str:
    """`maxDepth_first` as words: max depth first."""
    return " ".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)).lower()


def pairs(library: Path) -> list[tuple[str, str]]:
    """For each documented function or class the first sentence of its docstring, and its name, owner, arguments."""
    found = []
    for file in sorted(library.rglob("*.py")):
        if SKIPPED & set(file.relative_to(library).parts):
            continue
        module = ".".join(file.relative_to(library).with_suffix("").parts).removesuffix(".__init__")
        try:
            tree = ast.parse(file.read_bytes())
        except SyntaxError:
            continue
        for owner in ast.walk(tree):
            for node in getattr(owner, "body", ()) if isinstance(owner, (ast.Module, ast.ClassDef)) else ():
                if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or node.name.startswith(
                    "_"
                ):
                    continue
                paragraph = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
                sentence = re.split(r"(?<=[.!?])\s", paragraph)[0]
                if not 20 <= len(sentence) <= 200:
                    continue
                arguments = (
                    [each.arg for each in node.args.args if each.arg not in ("self", "cls")]
                    if hasattr(node, "args")
                    else []
                )
                above = f" of {spoken(owner.name)}" if isinstance(owner, ast.ClassDef) else ""
                given = f", given {', '.join(map(spoken, arguments))}" if arguments else ""
                found.append((sentence, f"{module}: {spoken(node.name)}{above}{given}"))
    return found


def main() -> None:
    """Write each sentence once: one that several functions share would be in doubt."""
    library = Path(sysconfig.get_path("stdlib"))
    known: dict[str, set[str]] = {}
    for sentence, function in pairs(library):
        known.setdefault(sentence, set()).add(function)
    rows = [(sentence, functions.pop()) for sentence, functions in known.items() if len(functions) == 1]
    step = max(1, len(rows) / MOST)
    target = Path(__file__).parent / "data" / "functions.csv"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sentence", "function"])
        writer.writerows(rows[int(place * step)] for place in range(min(MOST, len(rows))))


if __name__ == "__main__":
    main()
