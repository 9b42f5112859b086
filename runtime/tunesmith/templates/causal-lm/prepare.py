"""Makes data/docstrings.jsonl: the docstrings of Python's own library, one document a line.

Real text that lies on every machine. Which documents there are depends on the Python version. Run: python prepare.py
"""

import ast
import json
import sysconfig
from pathlib import Path

LEFT_OUT = {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "turtledemo", "ensurepip"}


def main() -> None:
    """Write every docstring of at least 60 characters, each once."""
    library = Path(sysconfig.get_path("stdlib"))
    documents: dict[str, str] = {}
    for file in sorted(library.rglob("*.py")):
        parts = file.relative_to(library).parts
        if LEFT_OUT & set(parts):
            continue
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                text = ast.get_docstring(node) or ""
                if len(text) >= 60:
                    documents.setdefault(text, parts[0].removesuffix(".py"))
    target = Path(__file__).parent / "data" / "docstrings.jsonl"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="\n") as lines:
        for text, package in documents.items():
            lines.write(json.dumps({"text": text, "package": package}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
