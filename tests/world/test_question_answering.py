"""Answers in a text from outside: files in, a tuned model out, and the same numbers in the programs it is made for."""

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
from tunesmith.errors import TunesmithError
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.reports import read_report
from tunesmith.use.export import export
from tunesmith.use.load import load_run
from tunesmith.use.predict import predict, text_rows

MORE = """method: {method}
training: {{epochs: {epochs}, batch_size: 16, learning_rate: 0.005}}
evaluation: {{every: 5 epochs}}
checkpoints: {{every: 5 epochs}}
"""
FIRST, LAST = ["parser", "socket", "server", "option"], ["network", "text", "list", "string", "value", "error"]


def made(number: int) -> list[dict[str, Any]]:
    """What the first word of a context is, what the last one; any other question has no answer."""
    rng = np.random.default_rng(4)
    found = []
    for _ in range(number):
        first, last = str(rng.choice(FIRST)), str(rng.choice(LAST))
        context = f"the {first} sends {'a line and ' * int(rng.integers(4))}the {last} ."
        question = ["which sends", "what is sent", "when"][rng.integers(3)]
        answer = {"which sends": first, "what is sent": last}.get(question)
        start = None if answer is None else context.index(answer)
        found.append({"question": question, "context": context, "answer": answer, "answer_start": start})
    return found


def tuned(folder: Path, model: Path | str, workers: ForkServer, *, method: str = "full", epochs: int = 20) -> RunFolder:
    rows = made(300)
    for name, part in (("train", rows[:240]), ("held", rows[240:])):
        text = "".join(json.dumps(row) + "\n" for row in part)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    job = write_job(
        folder,
        "train: train.jsonl, validation: held.jsonl, duplicates: keep",
        task="question-answering",
        model=str(model),
        more=MORE.format(method=method, epochs=epochs),
    )
    return workers.finish(new_run(job))


@pytest.fixture(scope="module")
def full(tmp_path_factory, tiny_bert: Path, workers: ForkServer) -> RunFolder:
    return tuned(tmp_path_factory.mktemp("full"), tiny_bert, workers)


ASKED = [{name: row[name] for name in ("question", "context")} for row in made(306)[300:]]


def logits(model: torch.nn.Module, folder: Path) -> list[np.ndarray]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = []
    for row in ASKED:
        with torch.inference_mode():
            said = model.eval()(**tokenizer(row["question"], row["context"], return_tensors="pt"))
        found.append(torch.stack([said.start_logits[0], said.end_logits[0]], dim=-1).numpy())
    return found


def test_a_small_model_learns_where_an_answer_stands_and_where_there_is_none(full: RunFolder) -> None:
    best = full.state().best
    assert best is not None
    assert best["metric"] == "f1"
    assert best["value"] > 0.6, "never answering reaches a third"
    report = read_report(full)
    assert report is not None
    assert "never answering would reach 0." in report.headline
    assert {block.name for block in report.blocks} >= {"by_kind", "f1"}


def test_questions_are_asked_from_the_terminal_typed_and_from_a_file(full: RunFolder, monkeypatch, capsys) -> None:
    monkeypatch.chdir(full.path.parents[2])
    typed = json.dumps(ASKED[0])
    assert main(["predict", full.id, typed, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["input"] == ASKED[0]
    assert told["answer"] == ASKED[0]["context"][told["start"] : told["end"]]
    assert main(["predict", full.id, typed]) == 0
    line = capsys.readouterr().out
    assert line.startswith(told["answer"] or "(no answer)")
    assert line.rstrip().endswith(ASKED[0]["question"])
    Path("new.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ASKED), encoding="utf-8")
    assert main(["predict", full.id, "new.jsonl", "--json"]) == 0
    answers = [json.loads(each)["answer"] for each in capsys.readouterr().out.splitlines()]
    assert answers[0] == told["answer"]
    assert len(answers) == len(ASKED)


def test_a_text_without_its_context_is_one_clear_error(full: RunFolder) -> None:
    loaded = load_run(full)
    for text in ("Who?", '{"question": "Who?"}', '{"question": 1, "context": "a"}', "[1]"):
        with pytest.raises(TunesmithError) as caught:
            text_rows(loaded, [text])
        assert caught.value.code == "use.no-text-input"
        assert '{"question": "...", "context": "..."}' in caught.value.problem.hint
    with pytest.raises(TunesmithError) as caught:
        text_rows(loaded, ['{"question": "half \\ud83d", "context": "a"}'])
    assert caught.value.code == "use.wrong-input"


def test_the_export_opens_in_transformers_and_onnx_with_the_same_logits(full: RunFolder, tmp_path: Path) -> None:
    import onnxruntime
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    to = export(full, tmp_path / "model")
    assert "pipeline_tag: question-answering" in (to / "README.md").read_text("utf-8")
    wanted = logits(AutoModelForQuestionAnswering.from_pretrained(to), to)
    loaded = load_run(full)
    for row, answer, numbers in zip(ASKED, predict(loaded, [json.dumps(row) for row in ASKED]), wanted, strict=True):
        tokens = AutoTokenizer.from_pretrained(to)(row["question"], row["context"], return_offsets_mapping=True)
        first = tokens.sequence_ids().index(1)
        best = max(
            (numbers[s, 0] + numbers[e, 1], s, e)
            for s in range(first, len(numbers) - 1)
            for e in range(s, len(numbers) - 1)
        )
        offsets = tokens["offset_mapping"]
        expected = "" if numbers[0].sum() > best[0] else row["context"][offsets[best[1]][0] : offsets[best[2]][1]]
        assert answer["answer"] == expected
    onnx = export(full, tmp_path / "onnx", format="onnx")
    session = onnxruntime.InferenceSession(str(onnx / "model.onnx"), providers=["CPUExecutionProvider"])
    tokenizer = AutoTokenizer.from_pretrained(onnx)
    for row, numbers in zip(ASKED, wanted, strict=True):
        batch = tokenizer(row["question"], row["context"], return_tensors="np")
        given = {entry.name: batch[entry.name] for entry in session.get_inputs()}
        np.testing.assert_allclose(session.run(["logits"], given)[0][0], numbers, atol=1e-4)


def test_an_adapter_opens_in_peft_with_the_same_logits(
    tiny_bert: Path, tmp_path: Path, workers: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForQuestionAnswering

    run = tuned(tmp_path, tiny_bert, workers, method="{lora: {rank: 4}}", epochs=5)
    merged = export(run, tmp_path / "merged")
    adapter = export(run, tmp_path / "adapter", format="peft")
    saved = json.loads((adapter / "adapter_config.json").read_text())
    assert (saved["task_type"], saved["modules_to_save"]) == (None, ["qa_outputs"])
    monkeypatch.chdir(adapter)
    names: dict[str, Any] = {}
    exec((adapter / "README.md").read_text().partition("```python\n")[2].partition("```")[0], names)
    wanted = logits(AutoModelForQuestionAnswering.from_pretrained(merged), merged)
    for one, other in zip(logits(names["model"], adapter), wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_check_says_how_long_contexts_and_answers_are_read(tmp_path: Path, tiny_bert: Path) -> None:
    long = "parser is text . " * 60
    rows = [
        {"question": "parser", "context": long + "socket is list .", "answer": "socket is list"},
        {"question": "parser " * 80, "context": long, "answer": None},
        {"question": "parser", "context": long, "answer": long[:600].strip()},
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    data = "train: rows.jsonl, validation: none"
    job = write_job(tmp_path, data, task="question-answering", model=str(tiny_bert))
    found = {problem.code: problem for problem in check(job)["problems"]}
    assert found["data.several-windows"].message.startswith("3 of 3 contexts with their questions are longer than 128")
    assert found["data.text-too-long"].place.line == 2
    assert found["data.answer-too-long"].place.line == 3
