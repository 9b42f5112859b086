"""Inspections of open Python files from a real server, over the wire."""

from __future__ import annotations

from contextlib import contextmanager

from server_client import serving
from support import wait_until
from tunesmith.catalog import Catalog

BAD = """\
import torch

def train(model, loader, optimizer):
    größe = "😀"; optimizer.note = größe
    for batch, target in loader:
        loss = torch.nn.functional.mse_loss(model(batch), target)
        loss.backward()
        größe = "😀"; optimizer.step()
"""
START, END = {"line": 7, "character": 22}, {"line": 7, "character": 38}


class File:
    """A Python file, open in a client."""

    def __init__(self, client, path, text):
        self.client, self.uri, self.version = client, path.as_uri(), 1
        document = {"uri": self.uri, "languageId": "python", "version": 1, "text": text}
        client.tell("textDocument/didOpen", {"textDocument": document})

    def write(self, text):
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.client.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def diagnostics(self):
        """What was published for this version; waits for it."""

        def told():
            heard = self.client.heard("textDocument/publishDiagnostics")
            return [each for each in heard if each["uri"] == self.uri and each["version"] == self.version]

        return wait_until(told)[-1]["diagnostics"]

    def ask(self, method, **more):
        return self.client.ask(f"textDocument/{method}", {"textDocument": {"uri": self.uri}, **more})

    def actions(self, start, end):
        return self.ask("codeAction", range={"start": start, "end": end}, context={"diagnostics": []})


@contextmanager
def opened(folder, text, **options):
    with serving(folder, **options) as client:
        yield File(client, folder / "train.py", text)


def test_finding_of_an_open_file_has_its_place_code_page_and_fix(tmp_path):
    with opened(tmp_path, BAD) as file:
        (found,) = file.diagnostics()
        assert (found["code"], found["severity"], found["source"]) == ("TS101", 2, "tunesmith")
        assert found["range"] == {"start": START, "end": END}
        assert found["codeDescription"]["href"].endswith("inspections.md#ts101")
        assert "backward()` adds" in found["data"]["page"]
        (hover,) = [file.ask("hover", position={"line": 7, "character": 30})]
        assert "TS101 gradients-never-cleared" in hover["contents"]["value"]
        assert hover["range"] == found["range"]
        assert file.ask("hover", position={"line": 5, "character": 10}) is None


def test_fix_makes_the_finding_go_away(tmp_path):
    text = BAD.replace('größe = "😀"; optimizer.step()', "optimizer.step()")
    with opened(tmp_path, text) as file:
        assert [each["code"] for each in file.diagnostics()] == ["TS101"]
        assert file.actions({"line": 0, "character": 0}, {"line": 6, "character": 0}) == []
        (action,) = file.actions({"line": 7, "character": 10}, {"line": 7, "character": 10})
        assert (action["kind"], action["isPreferred"]) == ("quickfix", True)
        (change,) = action["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": file.uri, "version": 1}
        (edit,) = change["edits"]
        place = {"line": 7, "character": 24}
        assert edit == {"range": {"start": place, "end": place}, "newText": "\n        optimizer.zero_grad()"}
        file.write(text.rstrip() + edit["newText"] + "\n")
        assert file.diagnostics() == []


def test_findings_outlive_a_moment_without_syntax_where_their_lines_are_now(tmp_path):
    with opened(tmp_path, BAD) as file:
        assert len(file.diagnostics()) == 1
        file.write("import torch\nfrom torch import (\n\n" + BAD.partition("\n")[2])
        (found,) = file.diagnostics()
        assert found["code"] == "TS101"
        assert found["range"]["start"] == {"line": 9, "character": 22}
        file.write(BAD.replace("optimizer.step()", "optimizer.step("))
        assert file.diagnostics() == []


def test_many_edits_end_with_the_findings_of_the_last_text(tmp_path):
    with opened(tmp_path, BAD) as file:
        for number in range(200):
            file.write(f"# {number}\n" + BAD)
        assert [each["range"]["start"]["line"] for each in file.diagnostics()] == [8]


def test_closed_file_has_no_findings(tmp_path):
    with opened(tmp_path, BAD) as file:
        assert file.diagnostics()
        file.client.tell("textDocument/didClose", {"textDocument": {"uri": file.uri}})
        last = wait_until(lambda: file.client.heard("textDocument/publishDiagnostics")[1:])
        assert last[-1]["diagnostics"] == []


def test_untrusted_code_is_inspected_and_not_run(tmp_path):
    ran = "\nopen(__file__ + '.ran', 'w').close()\n"
    with opened(tmp_path, BAD + ran, trusted=False) as file:
        assert [each["code"] for each in file.diagnostics()] == ["TS101"]
    assert list(tmp_path.iterdir()) == []


def test_finding_of_every_rule_goes_when_its_cause_is_edited_away(tmp_path):
    with opened(tmp_path, "import torch\n") as file:
        assert file.diagnostics() == []
        for entry in Catalog().inspections.values():
            file.write(entry.member.bad[0].code)
            assert entry.member.code in {each["code"] for each in file.diagnostics()}
            file.write(entry.member.good[0])
            assert file.diagnostics() == []
