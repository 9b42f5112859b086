"""Makes data/train.json, validation.json and test.json, in SQuAD's format: what functions of Python's library do.

The texts are real: lists of functions with the first sentences of their docstrings, as a manual has them. The questions
are made by a rule, so this is no measure of how well a model answers what people ask. One question in five asks for a
function that is not in the list, and has no answer. Files of the library are kept apart: the model is judged on lists
that it has not seen. Run: python prepare.py
"""

import ast
import json
import random
import sysconfig
from pathlib import Path

PACKAGES = ("asyncio", "concurrent", "email", "http", "importlib", "json", "logging", "unittest", "urllib", "xml")
TOGETHER = 4
"""Functions of a list."""
LONGEST = 120
WAYS = ("What does {name} do?", "What is {name} for?", "Tell me what the function {name} does.")


def described(file: Path) -> dict[str, str]:
    """Function names of a file with the first sentence of their docstrings."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            first = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split()).partition(". ")[0].rstrip(".")
            if 15 <= len(first) <= LONGEST:
                found.setdefault(node.name, first)
    return found


def main() -> None:
    """Write a paragraph for every few functions, with a question for each of them and one for another function."""
    rng = random.Random(1)
    library = Path(sysconfig.get_path("stdlib"))
    files = [file for package in PACKAGES for file in sorted((library / package).rglob("*.py"))]
    rng.shuffle(files)
    articles = []
    for file in files:
        functions = list(described(file).items())
        paragraphs = []
        for begin in range(0, len(functions) - TOGETHER + 1, TOGETHER):
            listed = functions[begin : begin + TOGETHER]
            context = ""
            asked: list[dict[str, object]] = []
            for name, text in listed:
                context += f"{name}: "
                question = rng.choice(WAYS).format(name=name)
                asked.append({"question": question, "answers": [{"text": text, "answer_start": len(context)}]})
                context += f"{text}. "
            others = [name for name, _ in functions if name not in dict(listed)]
            if others:
                question = rng.choice(WAYS).format(name=rng.choice(others))
                asked.append({"question": question, "answers": [], "is_impossible": True})
            paragraphs.append({"context": context.strip(), "qas": asked})
        if paragraphs:
            articles.append({"title": file.stem, "paragraphs": paragraphs})
    folder = Path(__file__).parent / "data"
    folder.mkdir(exist_ok=True)
    tenth = len(articles) // 10
    parts = {"test": articles[:tenth], "validation": articles[tenth : 2 * tenth], "train": articles[2 * tenth :]}
    for part, kept in parts.items():
        (folder / f"{part}.json").write_text(json.dumps({"version": "v2.0", "data": kept}), encoding="utf-8")


if __name__ == "__main__":
    main()
