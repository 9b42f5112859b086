"""Tagging words from outside: files in, a tuned model out, and the same answers in the programs it is made for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from real_workers import ForkServer, new_run
from support import write_job
from tunesmith.checks.job import check
from tunesmith.cli import main
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.reports import read_report
from tunesmith.use.export import export
from tunesmith.use.load import load_run
from tunesmith.use.predict import predict

NAMES, FAMILIES, CITIES = ["Anna", "Bob", "Carla", "Eva"], ["Schmidt", "Jones"], [["Paris"], ["New", "York"], ["Rome"]]
MORE = """method: {method}
training: {{epochs: 15, batch_size: 16, learning_rate: {rate}}}
evaluation: {{every: 60 steps}}
checkpoints: {{every: 60 steps}}
"""
TEXTS = ["Eva Jones left New York.", "Carla saw Rome", "Anna unquestionably internationalized Paris"]


def sentences(number: int) -> list[list[tuple[str, str]]]:
    rng = np.random.default_rng(5)
    found = []
    for _ in range(number):
        person = [(str(rng.choice(NAMES)), "B-PER")]
        if rng.random() < 0.5:
            person.append((str(rng.choice(FAMILIES)), "I-PER"))
        city = [(word, "I-LOC" if place else "B-LOC") for place, word in enumerate(CITIES[rng.integers(3)])]
        verb = str(rng.choice(["visited", "left", "saw", "internationalized"]))
        found.append([*person, (verb, "O"), *city, (".", "O")])
    return found


def write_conll(path: Path, rows: list[list[tuple[str, str]]]) -> None:
    path.write_text("\n\n".join("\n".join(" ".join(word) for word in row) for row in rows), encoding="utf-8")


def tuned(folder: Path, model: Any, workers: ForkServer, *, method: str = "full", rate: float = 0.005) -> RunFolder:
    write_conll(folder / "names.conll", sentences(160))
    data = "train: names.conll, validation: 20%"
    job = write_job(
        folder, data, task="token-classification", model=str(model), more=MORE.format(method=method, rate=rate)
    )
    return workers.finish(new_run(job))


@pytest.fixture(scope="module")
def full(tmp_path_factory, tiny_bert: Path, workers: ForkServer) -> RunFolder:
    return tuned(tmp_path_factory.mktemp("full"), tiny_bert, workers)


@pytest.fixture(scope="module")
def lora(tmp_path_factory, tiny_bert: Path, workers: ForkServer) -> RunFolder:
    folder = tmp_path_factory.mktemp("lora")
    return tuned(folder, tiny_bert, workers, method="{lora: {rank: 8}}", rate=0.02)


def spans_of(answers: list[dict[str, Any]]) -> list[list[tuple[str, int, int, str]]]:
    return [[(s["label"], s["start"], s["end"], s["text"]) for s in answer["spans"]] for answer in answers]


def test_names_are_learnt_and_found_in_typed_texts(full: RunFolder) -> None:
    best = full.state().best
    assert best is not None
    assert best["metric"] == "f1"
    assert best["value"] > 0.9
    (first, second, third) = spans_of(predict(load_run(full), TEXTS))
    assert first == [("PER", 0, 9, "Eva Jones"), ("LOC", 15, 23, "New York")]
    assert second == [("PER", 0, 5, "Carla"), ("LOC", 10, 14, "Rome")]
    assert all(TEXTS[2][start:end] == text for _, start, end, text in third)
    report = read_report(full)
    assert report is not None
    assert {block.name for block in report.blocks} >= {"by_type", "outcomes", "confusion"}


def test_the_terminal_marks_the_answers_in_the_text(full: RunFolder, monkeypatch, capsys) -> None:
    monkeypatch.chdir(full.path.parents[2])
    assert main(["predict", full.id, TEXTS[0]]) == 0
    assert capsys.readouterr().out.strip() == "[Eva Jones|PER] left [New York|LOC]."
    Path("new.jsonl").write_text('{"words": ["Bob", "saw", "Rome"]}\n', encoding="utf-8")
    assert main(["predict", full.id, "new.jsonl", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tags"] == ["B-PER", "O", "B-LOC"]
    assert told["input"] == told["words"] == ["Bob", "saw", "Rome"]


def test_a_pipeline_of_transformers_finds_the_same_in_the_export(full: RunFolder, tmp_path: Path) -> None:
    from transformers import pipeline

    to = export(full, tmp_path / "model")
    assert "pipeline_tag: token-classification" in (to / "README.md").read_text("utf-8")
    found = pipeline("token-classification", str(to), aggregation_strategy="first", device="cpu")
    ours = predict(load_run(full), TEXTS)
    for text, answer in zip(TEXTS, ours, strict=True):
        theirs = [(each["entity_group"], each["start"], each["end"]) for each in found(text)]
        assert theirs == [(each["label"], each["start"], each["end"]) for each in answer["spans"]]
    assert json.loads((to / "config.json").read_text())["id2label"]["1"] == "B-LOC"


def logits(model: torch.nn.Module, folder: Path) -> list[np.ndarray]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        return [model.eval()(**tokenizer(text, return_tensors="pt")).logits[0].numpy() for text in TEXTS]


def test_an_adapter_opens_in_peft_with_the_same_logits_and_onnx_too(
    lora: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    best = lora.state().best
    assert best is not None
    assert best["value"] > 0.5
    merged = export(lora, tmp_path / "merged")
    wanted = logits(AutoModelForTokenClassification.from_pretrained(merged), merged)
    adapter = export(lora, tmp_path / "adapter", format="peft")
    assert json.loads((adapter / "adapter_config.json").read_text())["task_type"] == "TOKEN_CLS"
    monkeypatch.chdir(adapter)
    names: dict[str, Any] = {}
    exec((adapter / "README.md").read_text().partition("```python\n")[2].partition("```")[0], names)
    for one, other in zip(logits(names["model"], adapter), wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    onnx = export(lora, tmp_path / "onnx", format="onnx")
    session = onnxruntime.InferenceSession(str(onnx / "model.onnx"), providers=["CPUExecutionProvider"])
    tokenizer = AutoTokenizer.from_pretrained(onnx)
    for text, other in zip(TEXTS, wanted, strict=True):
        batch = tokenizer(text, return_tensors="np")
        given = {entry.name: batch[entry.name] for entry in session.get_inputs()}
        np.testing.assert_allclose(session.run(["logits"], given)[0][0], other, atol=1e-4)


OWN = """
from torch import nn

class Net(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.embed = nn.Embedding(1000, 16)
        self.read = nn.LSTM(16, 16, bidirectional=True, batch_first=True)
        self.give = nn.Linear(32, outputs)

    def forward(self, ids):
        return self.give(self.read(self.embed(ids))[0])

def flat(outputs):
    return nn.Sequential(nn.Embedding(1000, 16), nn.Flatten(0, 1), nn.Linear(16, outputs))
"""


def test_a_module_of_ones_own_gives_each_token_its_tags(
    tiny_bert: Path, tmp_path: Path, workers: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_tagger.py").write_text(OWN, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    model = f"{{python: {{name: 'own_tagger:Net', tokenizer: '{tiny_bert}'}}}}"
    run = tuned(tmp_path, model, workers, rate=0.02)
    best = run.state().best
    assert best is not None
    assert best["value"] > 0.5
    assert (export(run, tmp_path / "module") / "model.safetensors").is_file()
    job = run.path.parents[2] / "a.job.yaml"
    job.write_text(job.read_text("utf-8").replace(":Net", ":flat"), encoding="utf-8")
    failed = new_run(job)
    workers.run(failed)
    assert failed.state().status == "failed"
    assert "did not return one tensor of shape (" in failed.state().message


def test_check_says_how_tags_are_read_and_that_long_texts_are_not_cut(tmp_path: Path, tiny_bert: Path) -> None:
    long = [[("Anna", "B-PER")] + [("visited", "O")] * 200]
    write_conll(tmp_path / "names.conll", sentences(30) + long)
    job = write_job(tmp_path, "train: names.conll, validation: none", task="token-classification", model=str(tiny_bert))
    found = {problem.code: problem for problem in check(job)["problems"]}
    assert found["data.tag-scheme"].found.startswith("PER 31, LOC 30")
    assert "IOB2" in found["data.tag-scheme"].message
    told = found["data.several-windows"]
    assert told.message.startswith("1 of 31 texts are longer than 128 tokens")
    assert "nothing is cut" in told.message
    tight = check(job, overrides=["data.max_length=8", "data.stride=7"])["problems"]
    assert "data.window-too-short" in {problem.code for problem in tight if problem.severity == "error"}


def test_a_span_that_stands_elsewhere_stops_the_run_with_its_nearest_place(tmp_path: Path) -> None:
    good = {"text": "Bob saw Rome", "entities": [{"start": 0, "end": 3, "label": "PER"}]}
    bad = {"text": "Bob saw Rome", "entities": [{"start": 0, "end": 4, "label": "LOC", "text": "Rome"}]}
    lines = [json.dumps(good | {"text": f"Bob saw Rome {n}"}) for n in range(5)]
    (tmp_path / "rows.jsonl").write_text("\n".join([*lines, json.dumps(bad)]), encoding="utf-8")
    job = write_job(tmp_path, "train: rows.jsonl, validation: none", task="token-classification")
    (problem,) = [p for p in check(job)["problems"] if p.severity == "error"]
    assert problem.place.line == 6
    assert "not 'Rome', which stands at 8 to 12" in problem.found
    skipped = check(job, overrides=["data.bad_rows=skip"])
    assert not [p for p in skipped["problems"] if p.severity == "error"]
    assert skipped["rows"]["train"] == 5


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (["sentence", "tokens", "ner_tags"], ["x", "['Bob', 'saw', 'Rome']", "['B-PER', 'O', 'B-LOC']"]),
        (["tokens", "ner_tags"], ["Bob saw Rome", "B-PER O B-LOC"]),
    ],
)
def test_lists_that_a_table_holds_as_text_are_read(tmp_path: Path, header: list[str], row: list[str]) -> None:
    import csv

    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *([row] * 12)])
    job = write_job(tmp_path, "train: rows.csv, validation: none", task="token-classification")
    found = check(job)
    assert not [p for p in found["problems"] if p.severity == "error"]
    (scheme,) = [p for p in found["problems"] if p.code == "data.tag-scheme"]
    assert scheme.found == "LOC 12, PER 12" or scheme.found == "PER 12, LOC 12"


def test_parquet_of_numbers_with_names_is_read_as_the_datasets_library_writes_it(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"tokens": [["Bob", "saw", "Rome"]] * 8, "ner_tags": [[1, 0, 3]] * 8})
    frame.to_parquet(tmp_path / "rows.parquet")
    data = "train: rows.parquet, validation: none, labels: [O, B-PER, I-PER, B-LOC, I-LOC]"
    found = check(write_job(tmp_path, data, task="token-classification"))
    assert not [p for p in found["problems"] if p.severity == "error"]
    (scheme,) = [p for p in found["problems"] if p.code == "data.tag-scheme"]
    assert scheme.found == "LOC 8, PER 8" or scheme.found == "PER 8, LOC 8"


def test_rows_that_lack_their_tags_are_told_what_to_name(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text,kind\nBob saw Rome,x\n", encoding="utf-8")
    data = "train: rows.csv, words: text, validation: none"
    problems = check(write_job(tmp_path, data, task="token-classification"))["problems"]
    assert "data.no-input" in {problem.code for problem in problems}
