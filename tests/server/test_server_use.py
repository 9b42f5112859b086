"""A run's model through the protocol: asked, measured, exported, rebuilt, gone on from."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from server_client import RefusedError, eventually, serving
from support import write_text_job


@pytest.fixture(scope="module")
def project(tmp_path_factory, library_csv, tiny_bert):
    """A workspace with one finished run of a small text model."""
    folder = tmp_path_factory.mktemp("project")
    job = write_text_job(
        folder,
        library_csv,
        tiny_bert,
        "training: {max_steps: 12, batch_size: 16}",
        "checkpoints: {every: 4 steps, keep: 3}",
    )
    with serving(folder) as server:
        started = server.ask("tunesmith/start", {"job": job.name, "mode": "now"})["run"]
        look = lambda: server.ask("tunesmith/run", {"run": started["id"]})["run"]  # noqa: E731
        done = eventually(lambda: look()["status"] not in ("queued", "preparing", "running") and look())
        assert done["status"] == "finished", Path(done["path"], "log.txt").read_text()
    return folder


@pytest.fixture(scope="module")
def server(project):
    """One server for all tests here: its helper process imports torch once."""
    with serving(project) as started:
        yield started


def test_the_estimate_of_a_job_says_memory_disk_and_steps(server):
    found = server.ask("tunesmith/estimate", {"job": "library.job.yaml", "measure": False})
    assert found["device"] == "cpu"
    assert found["steps"] == 12
    memory = dict(found["memory"])
    assert memory.pop("totalBytes") == sum(memory.values())
    with pytest.raises(RefusedError) as caught:
        server.ask("tunesmith/estimate", {"job": "library.job.yaml", "overrides": ["training.epochs=-1"]})
    assert caught.value.code == "job.wrong-value"


def test_the_tuned_model_answers_beside_the_untuned_one(server):
    texts = ["Open a socket and send bytes.", "Wrap the text to a width."]
    found = server.ask("tunesmith/predict", {"run": "last", "texts": texts, "untuned": True})
    assert [answer["input"] for answer in found["answers"]] == texts
    for answer in found["answers"]:
        for side in (answer["answer"], answer["untuned"]):
            assert sum(side["probabilities"].values()) == pytest.approx(1, abs=1e-3)
        assert answer["answer"]["probabilities"] != answer["untuned"]["probabilities"]
    with pytest.raises(RefusedError) as caught:
        server.ask("tunesmith/predict", {"run": "last", "texts": texts, "checkpoint": "step-99"})
    assert caught.value.code == "run.no-such-checkpoint"


def test_a_cell_of_the_confusion_matrix_leads_to_its_rows(server, library_csv):
    report = server.ask("tunesmith/report", {"run": "last", "again": True})
    (matrix,) = (block for block in report["blocks"] if block["kind"] == "matrix")
    counts = {
        (true, said): count
        for true, row in zip(matrix["labels"], matrix["counts"], strict=True)
        for said, count in zip(matrix["labels"], row, strict=True)
    }
    for row in report["hardest"]:
        assert row["predicted"] in matrix["labels"]
        assert row["right"] == (row["expected"] == row["predicted"])
    assert report["hardest"][0]["right"] is False
    everything = server.ask("tunesmith/samples", {"run": "last", "limit": 5000})
    assert Counter((row["expected"], row["predicted"]) for row in everything["samples"]) == Counter(counts)
    losses = [row["loss"] for row in everything["samples"]]
    assert losses == sorted(losses, reverse=True)
    true, said = max(counts, key=lambda cell: counts[cell])
    cell = server.ask("tunesmith/samples", {"run": "last", "expected": true, "predicted": said, "limit": 1})
    assert cell["total"] == counts[true, said]
    row = cell["samples"][0]
    line = library_csv.read_text(encoding="utf-8").splitlines()[row["line"] - 1]
    assert row["values"]["text"].splitlines()[0][:20] in line


def test_a_model_is_exported_and_not_over_what_is_there(server, tmp_path):
    found = server.ask("tunesmith/export", {"run": "last", "to": str(tmp_path / "out")})
    assert {"config.json", "model.safetensors"} <= {file["name"] for file in found["files"]}
    assert json.loads((tmp_path / "out" / "config.json").read_bytes())
    with pytest.raises(RefusedError) as caught:
        server.ask("tunesmith/export", {"run": "last", "to": str(tmp_path / "out")})
    assert caught.value.code == "export.exists"


def test_a_step_is_rebuilt_bit_for_bit_with_the_rows_of_its_batch(server, library_csv):
    found = server.ask("tunesmith/replay", {"run": "last", "step": 7})
    assert found["exact"] and found["loss"] == found["recorded"]
    assert found["fromStep"] == 4
    assert len(found["rows"]) == 16
    assert {row["file"] for row in found["rows"]} == {str(library_csv)}
    with pytest.raises(RefusedError) as caught:
        server.ask("tunesmith/replay", {"run": "last", "step": 99})
    assert caught.value.code == "run.no-such-step"


def test_a_new_run_goes_on_from_a_checkpoint_of_another(server):
    old = server.ask("tunesmith/run", {"run": "last"})["run"]["id"]
    asked = {"job": "library.job.yaml", "name": "longer", "overrides": ["training.max_steps=14"], "mode": "now"}
    run = server.ask("tunesmith/start", {**asked, "startFrom": {"run": old, "step": 8}})["run"]["id"]
    look = lambda: server.ask("tunesmith/run", {"run": run})["run"]  # noqa: E731
    done = eventually(lambda: look()["status"] not in ("queued", "preparing", "running") and look())
    assert done["status"] == "finished", Path(done["path"], "log.txt").read_text()
    loss = [
        server.ask("tunesmith/series", {"run": each, "names": ["loss"], "width": 100})["curves"][0]
        for each in (old, run)
    ]
    assert loss[1]["records"] == 14
    assert loss[1]["mean"][:8] == loss[0]["mean"][:8]
    with pytest.raises(RefusedError) as caught:
        server.ask("tunesmith/start", {**asked, "startFrom": {"run": old, "step": 5}})
    assert caught.value.code == "run.no-such-checkpoint"
    assert len(server.ask("tunesmith/runs")["runs"]) == 2
    server.ask("tunesmith/delete", {"runs": [run], "purge": True})
