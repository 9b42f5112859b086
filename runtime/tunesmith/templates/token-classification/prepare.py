"""Makes data/docstrings.jsonl: what the functions of Python's own library say, with the names that they speak of.

The texts are real and lie on every machine. The entities are found by a rule, not by people: a word is a PARAMETER
where the function has one of that name, an EXCEPTION or a TYPE where Python has it built in, a MODULE where it is a
dotted name that begins with one. So "file" is a parameter in one text and a word like others in the next.
Run: python prepare.py
"""

import ast
import builtins
import json
import re
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("asyncio", "concurrent", "email", "http", "importlib", "json", "logging", "unittest", "urllib", "xml")
MODULES = (
    "argparse",
    "codecs",
    "csv",
    "inspect",
    "os",
    "pathlib",
    "random",
    "shutil",
    "socket",
    "subprocess",
    "tarfile",
)
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
PLAIN = frozenset({"a", "an", "all", "as", "by", "for", "in", "is", "it", "of", "on", "self", "the", "this", "to"})
EXCEPTIONS = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}
LONGEST = 300
TYPES = {"bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "str", "tuple"}


def functions(library: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of the packages and modules."""
    files = [file for package in PACKAGES for file in sorted((library / package).rglob("*.py"))]
    for file in [*files, *(library / f"{module}.py" for module in MODULES)]:
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node


def label_of(name: str, parameters: set[str]) -> str:
    """What the name is, or nothing."""
    if name in parameters:
        return "PARAMETER"
    if name in EXCEPTIONS:
        return "EXCEPTION"
    if name in TYPES:
        return "TYPE"
    return "MODULE" if "." in name and name.partition(".")[0] in sys.stdlib_module_names else ""


def main() -> None:
    """Write each paragraph of a docstring that names something, once."""
    rows: dict[str, list[dict[str, object]]] = {}
    for function in functions(Path(sysconfig.get_path("stdlib"))):
        given = function.args
        parameters = {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)} - PLAIN
        for paragraph in (ast.get_docstring(function) or "").split("\n\n"):
            text = " ".join(paragraph.split())
            named = [(match.span(), label_of(match.group(), parameters)) for match in NAME.finditer(text)]
            entities = [{"start": start, "end": end, "label": label} for (start, end), label in named if label]
            if entities and len(text) <= LONGEST:
                rows.setdefault(text, entities)
    target = Path(__file__).parent / "data" / "docstrings.jsonl"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8") as file:
        for text, entities in rows.items():
            file.write(json.dumps({"text": text, "entities": entities}) + "\n")


if __name__ == "__main__":
    main()
