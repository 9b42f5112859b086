"""A job file that is open in a client of a real server, and a small project around it."""

import itertools
from pathlib import Path

ROWS = "message,category,Größe 😀\n" + "".join(f"text {n} of some length,{'ab'[n % 9 == 0]},{n}\n" for n in range(200))
HEADS = '''
from torch import nn

def build_head(width: int, classes: int = 2):
    """A classifier head."""
    return nn.Linear(width, classes)

class Pooler:
    def __init__(self, kind: str = "mean"): ...

open(__file__ + ".ran", "w").close()  # nobody may import this
'''
GOOD = """\
task: text-classification
model: all-MiniLM-L6-v2
data:
  train: data/rows.csv
  text: message
  label: category
"""


def write_project(folder: Path) -> Path:
    """Data and a Python package that nobody may import."""
    (folder / "data").mkdir()
    (folder / "data" / "rows.csv").write_text(ROWS, encoding="utf-8")
    (folder / "shop").mkdir()
    (folder / "shop" / "__init__.py").touch()
    (folder / "shop" / "heads.py").write_text(HEADS, encoding="utf-8")
    return folder


class Job:
    """A job file, open in a client."""

    versions = itertools.count(2)

    def __init__(self, client, folder, text, name="a.job.yaml"):
        self.client, self.uri, self.text = client, (folder / name).as_uri(), text
        document = {"uri": self.uri, "languageId": "yaml", "version": 1, "text": text}
        client.tell("textDocument/didOpen", {"textDocument": document})
        self.version = 1

    def write(self, text):
        self.text, self.version = text, next(self.versions)
        self.change({"text": text})

    def change(self, *changes):
        document = {"uri": self.uri, "version": self.version}
        self.client.tell("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    def ask(self, method, line=0, character=0, **more):
        params = {"textDocument": {"uri": self.uri}, "position": {"line": line, "character": character}, **more}
        return self.client.ask(f"textDocument/{method}", params)

    def labels(self, line, character):
        found = self.ask("completion", line, character)
        return [item["label"] for item in found["items"]] if found else []

    def diagnostics(self):
        told = [each for each in self.client.heard("textDocument/publishDiagnostics") if each["uri"] == self.uri]
        return [each for each in told if each["version"] == self.version]

    def codes(self):
        """The codes that were published last for this version."""
        told = self.diagnostics()
        return [each["code"] for each in told[-1]["diagnostics"]] if told else None

    def hints(self):
        span = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
        return [hint["label"] for hint in self.ask("inlayHint", range=span) or []]

    def actions(self, line, character):
        at = {"line": line, "character": character}
        return self.ask("codeAction", range={"start": at, "end": at}, context={"diagnostics": []})
