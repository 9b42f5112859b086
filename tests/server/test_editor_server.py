"""Help for job files from a real server, over the wire."""

import json
from pathlib import Path

import psutil
import pytest

from editor_job import GOOD, Job, write_project
from server_client import RefusedError, eventually, serving
from support import wait_until
from tunesmith.server.documents import Documents, Language, Speakers


@pytest.fixture
def project(tmp_path):
    return write_project(tmp_path)


def test_keys_members_columns_and_paths_complete_with_documentation(project):
    with serving(project, trusted=True) as client:
        job = Job(client, project, GOOD + "training: {opti}\n")
        assert "optimizer" in job.labels(6, 15)
        assert job.labels(5, 9) == ["category", "message", "Größe 😀"]
        assert "data/rows.csv" in job.labels(3, 9)
        found = job.ask("completion", 0, 8)
        item = next(each for each in found["items"] if each["label"] == "regression")
        assert item["documentation"]["kind"] == "markdown" and "number" in item["documentation"]["value"]
        assert item["textEdit"] == {
            "range": {"start": {"line": 0, "character": 6}, "end": {"line": 0, "character": 25}},
            "newText": "regression",
        }


def test_the_projects_python_completes_and_explains_itself_and_is_never_run(project):
    with serving(project, trusted=False) as client:
        job = Job(client, project, "model: shop.heads:\ntraining:\n  loss:\n    shop.heads:Pooler:\n      \n")
        assert job.labels(0, 18)[-2:] == ["build_head", "Pooler"]
        found = job.ask("completion", 0, 18)
        item = next(each for each in found["items"] if each["label"] == "build_head")
        resolved = client.ask("completionItem/resolve", item)
        assert "build_head(width: int, classes: int=2)" in resolved["documentation"]["value"]
        assert job.labels(4, 6) == ["kind"]
        place = job.ask("definition", 3, 10)
        assert place["uri"] == (project / "shop" / "heads.py").as_uri() and place["range"]["start"]["line"] == 7
        assert "Pooler" in job.ask("hover", 3, 10)["contents"]["value"]
        assert not (project / "shop" / "heads.py.ran").exists()


def test_findings_come_at_once_then_those_of_the_data_with_pages_and_fixes(project):
    with serving(project, trusted=True) as client:
        job = Job(client, project, GOOD.replace("message", "mesage"))
        eventually(lambda: job.codes() == ["data.missing-column"])
        [found] = job.diagnostics()[-1]["diagnostics"]
        assert found["source"] == "tunesmith" and found["data"]["page"]
        assert found["range"] == {"start": {"line": 4, "character": 8}, "end": {"line": 4, "character": 14}}
        [action] = [each for each in job.actions(4, 10) if each["isPreferred"]]
        [change] = action["edit"]["documentChanges"]
        assert change["edits"] == [{"range": found["range"], "newText": "message"}]
        job.version += 1
        job.change({"range": found["range"], "text": "message"})
        eventually(lambda: job.codes() is not None and "data.imbalance" in job.codes())
        assert "data.imbalance" in job.ask("hover", 2, 1)["contents"]["value"]
        titles = [each["title"] for each in job.actions(2, 1)]
        assert any(title.startswith("Use weighted-loss, because classes are 1 : 7.") for title in titles)


def test_the_process_that_checks_data_ends_soon_and_the_next_check_starts_another(project):
    with serving(project, trusted=True) as client:
        server = psutil.Process(client.process.pid)
        job = Job(client, project, GOOD.replace("message", "mesage"))
        eventually(lambda: job.codes() == ["data.missing-column"])
        assert len(helpers(server)) == 1
        eventually(lambda: not helpers(server))
        assert "regression" in job.labels(0, 8)  # which no helper has to say
        job.write(GOOD.replace("category", "categori"))
        eventually(lambda: job.codes() == ["data.missing-column"])


def helpers(server):
    """The helper processes of a server that runs."""
    return [each for each in server.children() if "tunesmith.server.background" in each.cmdline()]


def test_rows_and_classes_stand_behind_the_data(project):
    with serving(project, trusted=True) as client:
        job = Job(client, project, GOOD)
        eventually(lambda: "180 rows · 2 classes" in job.hints())


def test_an_edit_withdraws_what_is_no_longer_so(project):
    with serving(project, trusted=True) as client:
        job = Job(client, project, GOOD + "sed: 1\n")
        eventually(lambda: "job.unknown-key" in (job.codes() or ()))
        job.write(GOOD + "seed: 1\n")
        eventually(lambda: job.codes() is not None and "job.unknown-key" not in job.codes())
        client.tell("textDocument/didClose", {"textDocument": {"uri": job.uri}})
        eventually(lambda: client.heard("textDocument/publishDiagnostics")[-1]["diagnostics"] == [])


def test_positions_count_utf16_units_where_the_client_counts_them(project):
    with serving(project, trusted=True) as client:
        job = Job(client, project, "# 😀😀\n" + GOOD + "evaluation: {metric: 😀漢字, patience: x}\n")
        eventually(lambda: job.codes() == ["job.wrong-value", "job.unknown-metric"] or len(job.codes() or ()) == 2)
        spans = {each["code"]: each["range"] for each in job.diagnostics()[-1]["diagnostics"]}
        assert spans["job.wrong-value"]["start"] == {"line": 7, "character": 37}
        at = {"line": 7, "character": 21}
        end = {"line": 7, "character": 25}
        job.version += 1
        job.change({"range": {"start": at, "end": end}, "text": "f1"})
        eventually(lambda: job.codes() == ["job.wrong-value"])
        assert "patience" not in job.labels(7, 24)
        assert job.labels(7, 23)[:2] == ["auto", "accuracy"]


@pytest.mark.parametrize("trusted", [False, True])
def test_a_callable_of_the_project_gives_rows_only_where_it_is_trusted(project, trusted):
    (project / "rows.py").write_text(
        "open(__file__ + '.ran', 'w').close()\n"
        "def rows():\n    return [{'words': f'some words {n}', 'kind': 'ab'[n % 2]} for n in range(50)]\n"
    )
    text = "task: text-classification\nmodel: all-MiniLM-L6-v2\ndata: {train: rows:rows, text: words, label: kind}\n"
    with serving(project, trusted=trusted) as client:
        job = Job(client, project, text.replace("rows:rows", "'rows:rows'"))
        if trusted:
            eventually(lambda: "45 rows · 2 classes" in job.hints())
        else:
            eventually(lambda: job.codes() == ["job.untrusted"])
            assert job.diagnostics()[-1]["diagnostics"][0]["severity"] == 3
            assert not (project / "rows.py.ran").exists()
            client.ask("tunesmith/trust", {"trusted": True})
            eventually(lambda: job.codes() == [])
        assert job.labels(2, job.text.splitlines()[2].index("words"))[:2] == ["words", "kind"]


@pytest.mark.parametrize("told", ["didSave", "didChangeWatchedFiles"])
def test_findings_columns_and_hints_follow_the_projects_code(project, told):
    code = "def rows():\n    return [{'words': f'some words {n}', 'kind': 'ab'[n % 2]} for n in range(50)]\n"
    (project / "rows.py").write_text(code)
    (project / "helper.py").write_text("")
    text = "task: text-classification\nmodel: all-MiniLM-L6-v2\ndata: {train: 'rows:rows', text: words, label: kind}\n"
    watches = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    with serving(project, trusted=True, capabilities=watches) as client:
        eventually(lambda: [each["method"] for each in client.asked] == ["client/registerCapability"])
        job = Job(client, project, text)
        eventually(lambda: "45 rows · 2 classes" in job.hints())
        uri = (project / "rows.py").as_uri()
        (project / "rows.py").write_text(code.replace("'words'", "'sentence'").replace("range(50)", "range(40)"))
        if told == "didSave":
            client.tell("textDocument/didSave", {"textDocument": {"uri": uri}})
        else:
            client.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]})
        eventually(lambda: "data.missing-column" in job.codes())
        assert "sentence" in job.labels(2, job.text.splitlines()[2].index("words"))


class Heard(Language):
    """Counts how often it is told that another file was changed."""

    looks = 0

    def beside_changed(self, document):
        self.looks += 1


def test_what_a_run_writes_lets_no_job_be_looked_at_again(tmp_path):
    heard = Heard()
    documents = Documents(Speakers({(".job.yaml",): lambda: heard}), lambda: "utf-16")
    documents.opened((tmp_path / "a.job.yaml").as_uri(), GOOD, 1)
    run = tmp_path / ".tunesmith" / "runs" / "20261125-101500-a-3fa1"
    written = [(run / name).as_uri() for name in ("state.json", "events.jsonl", "log.txt")]
    documents.changed_on_disk(written)
    assert heard.looks == 0
    documents.changed_on_disk([*written, (tmp_path / "rows.csv").as_uri()])
    assert heard.looks == 1


def test_a_tilde_that_names_no_users_home_is_part_of_a_name(project):
    (project / "~no-such-user.csv").write_text("message,category\na,b\n", encoding="utf-8")
    with serving(project, trusted=True) as client:
        job = Job(client, project, GOOD.replace("data/rows.csv", "'~no-such-user.csv'"))
        assert "~no-such-user.csv" in job.labels(3, 13)
        assert job.labels(4, 8)[:2] == ["message", "category"]
        assert isinstance(job.hints(), list)


def test_outline_folding_layout_colours_and_lenses_over_the_wire(project):
    with serving(project, trusted=True) as client:
        job = Job(client, project, GOOD.replace("task: ", "task:   "))
        assert [each["name"] for each in job.ask("documentSymbol")] == ["task", "model", "data"]
        assert job.ask("foldingRange") == [{"startLine": 2, "endLine": 5}]
        [edit] = job.ask("formatting", options={"tabSize": 2, "insertSpaces": True})
        assert edit["newText"] == GOOD
        assert len(job.ask("semanticTokens/full")["data"]) == 5 * 11
        assert [each["command"]["title"] for each in job.ask("codeLens")] == ["Run", "Estimate"]


def test_a_run_is_started_and_shown_above_the_job(project):
    model = "model: {scratch: {layers: 1, width: 16, heads: 2, vocabulary: 300}}"
    text = GOOD.replace("model: all-MiniLM-L6-v2", model) + "training: {max_steps: 2}\ndevice: cpu\n"
    (project / "a.job.yaml").write_text(text, encoding="utf-8")
    with serving(project, trusted=True) as client:
        job = Job(client, project, text)
        started = client.ask("workspace/executeCommand", {"command": "tunesmith.run", "arguments": [job.uri]})
        run = started["run"]["id"]
        eventually(lambda: client.ask("tunesmith/run", {"run": run})["run"]["status"] == "finished")
        lenses = [each["command"] for each in job.ask("codeLens")]
        assert lenses[2]["title"].startswith("1 earlier run, best f1_macro ")
        assert lenses[2]["arguments"] == [job.uri, [run]]
        shown = {"command": "tunesmith.showRuns", "arguments": lenses[2]["arguments"]}
        assert client.ask("workspace/executeCommand", shown)["runs"][0]["id"] == run
        assert run in client.heard("window/showMessage")[-1]["message"]


def test_an_estimate_stands_behind_the_task(project):
    model = "model: {scratch: {layers: 1, width: 16, heads: 2, vocabulary: 300}}"
    text = GOOD.replace("model: all-MiniLM-L6-v2", model) + "training: {max_steps: 4, batch_size: 8}\ndevice: cpu\n"
    with serving(project, trusted=True) as client:
        job = Job(client, project, text)
        eventually(lambda: any(hint.startswith("≈ ") and "4 steps" in hint for hint in job.hints()))


def test_a_job_with_errors_is_not_estimated_and_says_why(project):
    with serving(project, trusted=True) as client:
        job = Job(client, project, "task: regresion\n")
        with pytest.raises(RefusedError) as refused:
            client.ask("workspace/executeCommand", {"command": "tunesmith.estimate", "arguments": [job.uri]})
        codes = [each["code"] for each in refused.value.data["problems"]]
        assert "job.unknown-member" in codes and "job.missing-key" in codes
        with pytest.raises(RefusedError):
            client.ask("workspace/executeCommand", {"command": "tunesmith.estimate", "arguments": []})


def test_ten_thousand_rapid_edits_end_in_the_right_answer(project):
    with serving(project, trusted=True) as client:
        job = Job(client, project, GOOD + "\n")
        line = {"line": 6, "character": 0}
        for _ in range(5000):
            job.version = next(job.versions)
            job.change({"range": {"start": line, "end": line}, "text": "x😀"})
            job.version = next(job.versions)
            job.change({"range": {"start": line, "end": {"line": 6, "character": 3}}, "text": ""})
        job.version = next(job.versions)
        job.change({"range": {"start": line, "end": line}, "text": "sed: 1"})
        eventually(lambda: "job.unknown-key" in (job.codes() or ()))


def test_two_clients_texts_and_other_files_do_not_mix(project):
    with serving(project, trusted=True) as client:
        first = Job(client, project, "task: regresion\n", "a.job.yaml")
        second = Job(client, project, "task: regression\n", "b.job.yaml")
        other = Job(client, project, "task: regresion\n", "c.yaml")
        eventually(lambda: first.codes() and second.codes())
        assert "job.unknown-member" in first.codes() and "job.unknown-member" not in second.codes()
        assert other.labels(0, 6) == [] and other.codes() is None


def test_completion_before_the_job_is_saved_anywhere(project):
    with serving(project, trusted=True) as client:
        document = {"uri": "untitled:Untitled-1.job.yaml", "languageId": "yaml", "version": 1, "text": "ta"}
        client.tell("textDocument/didOpen", {"textDocument": document})
        params = {"textDocument": {"uri": document["uri"]}, "position": {"line": 0, "character": 2}}
        assert "task" in json.dumps(client.ask("textDocument/completion", params))


def test_pages_lie_where_the_links_lead(project):
    with serving(project, trusted=True) as client:
        job = Job(client, project, "task: regresion\n")
        wait_until(lambda: job.codes())
        link = job.diagnostics()[-1]["diagnostics"][0]["codeDescription"]["href"]
        page = Path(link.removeprefix("file://").partition("#")[0])
        assert "## job.unknown-member" in page.read_text(encoding="utf-8")
