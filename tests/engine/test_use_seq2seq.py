"""Runs of encoder-decoders from a folder: methods, prediction, exports that other programs write with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import sacrebleu
import torch
from transformers import AutoModelForSeq2SeqLM

from real_workers import ForkServer, new_run, read
from seq2seq_folders import PAIRS, save_folder
from small_loops import CATALOG, Recorded, loop_on
from tunesmith.cli import main
from tunesmith.data.load import load_data
from tunesmith.errors import TunesmithError
from tunesmith.job.load import load_job
from tunesmith.runs.folder import RunFolder
from tunesmith.train.assemble import assemble, settled_job
from tunesmith.train.build import plan_of
from tunesmith.use.export import export
from tunesmith.use.generate import generate
from tunesmith.use.load import before_tuning, load_run
from tunesmith.use.predict import predict

SHORT = """training: {max_steps: 6, batch_size: 4, learning_rate: 0.001}
evaluation: {every: 6 steps, batch_size: 3}
checkpoints: {every: 6 steps}
"""
LANGUAGES = "source_language: eng_Latn, target_language: deu_Latn, "
TEXTS = ["the lazy dog jumps", "a fox", "it said what they've said over the lazy brown dog"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    for kind in ("t5", "bart", "nllb"):
        save_folder(folder / kind, kind)
    lines = [json.dumps({"src": f"{one} {n}", "tgt": other}) for n in range(4) for one, other in PAIRS]
    (folder / "pairs.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_job(project: Path, kind: str, method: str = "full", data: str = "", more: str = SHORT) -> Path:
    job = project / f"{kind}-{method.partition(':')[0].strip('{')}.job.yaml"
    data = (LANGUAGES if kind == "nllb" else "") + data
    columns = "train: pairs.jsonl, source: src, target: tgt, validation: 25%, max_target_length: 12"
    text = f"task: seq2seq\nmodel: ./{kind}\ndata: {{{data}{columns}}}\nmethod: {method}\n{more}"
    job.write_text(text, encoding="utf-8")
    return job


@pytest.fixture(scope="module")
def runs(project: Path, workers: ForkServer) -> dict[str, RunFolder]:
    methods = {"t5": "{lora: {rank: 4}}", "bart": "full", "nllb": "{lora: {rank: 4}}"}
    prefix = {"t5": "prefix: 'say: ', beams: 2, "}
    return {
        kind: workers.finish(new_run(write_job(project, kind, method, prefix.get(kind, ""))))
        for kind, method in methods.items()
    }


def test_check_finds_nothing_wrong_with_the_jobs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("t5", "bart", "nllb"):
        assert main(["check", "--quick", str(write_job(project, kind))]) == 0, capsys.readouterr()


def test_what_a_method_does_not_tune_stays_as_it_was(project: Path, workers: ForkServer) -> None:
    from safetensors.torch import load_file

    before = load_file(project / "bart" / "model.safetensors")
    methods = {"{freeze: {parts: encoder}}": "model.decoder.layers.0", "head": "lm_head"}
    for method, tuned in methods.items():
        run = workers.finish(new_run(write_job(project, "bart", method)))
        written = export(run, project / f"out-{method[:3]}".replace("{", "x"))
        after = load_file(written / "model.safetensors")
        changed = {name for name, value in after.items() if name in before and not torch.equal(value, before[name])}
        assert any(name.startswith(tuned) for name in changed), (method, changed)
        assert not any(name.startswith("model.encoder.") for name in changed), method
        newest = run.checkpoints()[-1]
        parts = json.loads((newest / "state.json").read_text(encoding="utf-8"))["parts"]
        held = load_file(newest / "model.safetensors")
        weights = [value for name, value in held.items() if not name.endswith("final_logits_bias")]  # a buffer
        assert sum(part["tuned"] for part in parts.values()) == sum(value.numel() for value in weights)
        assert parts["encoder"]["tuned"] == 0 < parts["encoder"]["weights"]


def texts_by_transformers(folder: Path, prefix: str = "", **more: Any) -> list[str]:
    """As someone writes them who has the folder and no Tunesmith: one by one, by the folder's own settings."""
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, **more)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder)
    found = []
    for text in TEXTS:
        inputs = tokenizer(prefix + text, return_tensors="pt")
        asked = {name: inputs[name] for name in ("input_ids", "attention_mask")}
        found.append(tokenizer.decode(model.generate(**asked)[0], skip_special_tokens=True))
    return found


@pytest.mark.parametrize("kind", ["t5", "bart", "nllb"])
def test_an_exported_folder_writes_what_predict_writes(kind: str, runs: dict[str, RunFolder], tmp_path: Path) -> None:
    written = export(runs[kind], tmp_path / "model")
    ours = [answer["text"] for answer in generate(load_run(runs[kind]), TEXTS)]
    assert ours == [answer["text"] for answer in predict(load_run(runs[kind]), TEXTS)]
    more = {"src_lang": "eng_Latn"} if kind == "nllb" else {}
    assert ours == texts_by_transformers(written, "say: " if kind == "t5" else "", **more)
    assert len(set(ours)) > 1, "what is compared differs from text to text"
    card = (written / "README.md").read_text("utf-8")
    assert f"pipeline_tag: {'translation' if kind == 'nllb' else 'text2text-generation'}" in card


def test_the_card_of_an_export_has_code_that_runs(
    runs: dict[str, RunFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, format in (("nllb", "transformers"), ("nllb", "peft"), ("bart", "transformers")):
        written = export(runs[kind], tmp_path / f"{kind}-{format}", format=format)
        monkeypatch.chdir(written)
        code = (written / "README.md").read_text("utf-8").partition("```python\n")[2].partition("```")[0]
        exec(compile(code, "card", "exec"), {})
        ours = generate(load_run(runs[kind]), ["A text to read."])[0]["text"]
        assert capsys.readouterr().out.strip().splitlines()[-1] == repr([ours])


def test_an_adapter_is_of_the_type_that_peft_knows_and_opens(runs: dict[str, RunFolder], tmp_path: Path) -> None:
    from peft import PeftConfig, PeftModel
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    written = export(runs["t5"], tmp_path / "adapter", format="peft")
    config = PeftConfig.from_pretrained(written)
    assert config.task_type == "SEQ_2_SEQ_LM"
    base = AutoModelForSeq2SeqLM.from_pretrained(config.base_model_name_or_path)
    model = PeftModel.from_pretrained(base, written).eval()
    tokenizer = AutoTokenizer.from_pretrained(written)
    loaded = load_run(runs["t5"])
    for text, ours in zip(TEXTS, generate(loaded, TEXTS), strict=True):
        inputs = tokenizer("say: " + text, return_tensors="pt")
        asked = {name: inputs[name] for name in ("input_ids", "attention_mask")}
        found = model.generate(**asked, num_beams=2, max_new_tokens=12)
        assert tokenizer.decode(found[0], skip_special_tokens=True) == ours["text"]


def test_one_onnx_file_is_refused_with_the_way_to_go(runs: dict[str, RunFolder], tmp_path: Path) -> None:
    with pytest.raises(TunesmithError, match=r"export\.encoder-decoder") as caught:
        export(runs["bart"], tmp_path / "onnx", format="onnx")
    assert "--format transformers" in caught.value.problem.hint
    assert not (tmp_path / "onnx").exists()


def test_texts_and_files_are_asked_on_the_command_line(
    runs: dict[str, RunFolder], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = str(runs["bart"].path)
    assert main(["predict", run, *TEXTS, "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["input"] for row in found] == TEXTS
    assert [row["text"] for row in found] == [each["text"] for each in generate(load_run(runs["bart"]), TEXTS)]
    assert main(["predict", run, str(project / "pairs.jsonl")]) == 0
    assert PAIRS[0][0] in capsys.readouterr().out
    assert main(["predict", run, str(project / "pairs.jsonl"), "--loss", "--json"]) == 0
    assert all(json.loads(line)["perplexity"] > 1 for line in capsys.readouterr().out.splitlines())


def test_drawn_texts_depend_on_seed_and_place_alone(runs: dict[str, RunFolder]) -> None:
    loaded = load_run(runs["bart"])
    drawn = [generate(loaded, TEXTS, temperature=1.5, seed=seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0][0] == generate(loaded, [TEXTS[0], "another text"], temperature=1.5, seed=1)[0]


def test_a_step_is_that_of_ten_lines_of_torch(project: Path, workers: ForkServer) -> None:
    """Same weights, same rows: the run's losses are those of transformers' own loss and torch's optimizer."""
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    training = "max_steps: 3, batch_size: 24, learning_rate: 0.01, optimizer: sgd, schedule: constant"
    more = f"training: {{{training}, warmup: 0, clip_norm: none}}\nevaluation: {{every: 3 steps}}\n"
    job = write_job(project, "t5", more=more)
    run = workers.finish(new_run(job))
    train = load_data(load_job(job, CATALOG).job, CATALOG).train
    tokenizer = AutoTokenizer.from_pretrained(project / "t5")
    model = AutoModelForSeq2SeqLM.from_pretrained(project / "t5").train()
    batch = tokenizer(list(train.columns["source"]), padding=True, return_tensors="pt")
    labels = tokenizer(text_target=list(train.columns["target"]), padding=True, truncation=True, max_length=12)
    ids = torch.tensor(labels["input_ids"])
    ids[torch.tensor(labels["attention_mask"]) == 0] = -100
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _ in range(3):
        inputs = {name: batch[name] for name in ("input_ids", "attention_mask")}
        loss = model(**inputs, labels=ids).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert len(train) == 24
    assert read(run, "loss")["value"].tolist() == pytest.approx(losses, rel=1e-4)


def test_the_report_compares_with_the_untuned_model_also_when_it_is_made_again(
    project: Path, runs: dict[str, RunFolder]
) -> None:
    run = runs["bart"]
    loaded = before_tuning(load_run(run))
    data = load_data(loaded.job, CATALOG)
    assert data.validation is not None
    references = data.validation.columns["target"]
    written = [each["text"] for each in generate(loaded, data.validation)]
    summary = json.loads((run.report_folder / "metrics.json").read_text(encoding="utf-8"))
    chrf = sacrebleu.corpus_chrf(written, [references]).score
    assert summary["texts"]["untuned"]["chrf"] == pytest.approx(chrf)
    assert summary["headline"].endswith(f", the untuned model {chrf:.1f}.")
    features = loaded.task.encode(data.validation, loaded.model)
    plain = AutoModelForSeq2SeqLM.from_pretrained(project / "bart").eval()
    nats = tokens = 0.0
    with torch.no_grad():
        for row in range(len(data.validation)):
            ids, labels = (torch.tensor(features[name][row])[None].long() for name in ("input_ids", "labels"))
            nats += float(plain(input_ids=ids, labels=labels).loss) * labels.numel()
            tokens += labels.numel()
    assert summary["language"]["loss_before_tuning"] == pytest.approx(nats / tokens, rel=1e-5)
    shutil.rmtree(project / ".tunesmith" / "cache")  # so that the untuned model is asked once more
    assert main(["report", str(run.path)]) == 0
    again = json.loads((run.report_folder / "metrics.json").read_text(encoding="utf-8"))
    assert (again["headline"], again["texts"]) == (summary["headline"], summary["texts"])


def test_try_it_and_the_list_of_rows_show_written_texts(runs: dict[str, RunFolder]) -> None:
    from tunesmith.server.work import models

    run = str(runs["bart"].path)
    about: dict[str, Any] = {"file": None, "checkpoint": "best", "limit": 9, "temperature": 0.0, "seed": 0}
    found = models.predict(run=run, texts=TEXTS, max_new_tokens=100, untuned=True, trusted=True, **about)
    ours = generate(load_run(runs["bart"]), TEXTS)
    assert [each["answer"] for each in found["answers"]] == ours
    assert all("text" in each["untuned"] for each in found["answers"])
    order: dict[str, Any] = {"expected": None, "predicted": None, "order": "hardest", "stamp": 0.0}
    shown = models.samples(run=run, offset=1, limit=3, trusted=True, **order)
    sources = [each["values"]["source"] for each in shown["samples"]]
    written = [each["text"] for each in generate(load_run(runs["bart"]), sources)]
    assert [each["predicted"] for each in shown["samples"]] == written
    assert shown["total"] == 8


def test_an_evaluation_says_how_many_texts_are_written_and_takes_as_many_as_the_job_says(project: Path) -> None:
    """Writing takes long: whoever looks on sees it go on, and no random number of the training is taken."""
    for most in (5, 0):
        job = load_job(write_job(project, "bart", data=f"answered_rows: {most}, "), CATALOG).job
        rows = load_data(job, CATALOG)
        assert rows.validation is not None
        facts = CATALOG.tasks[job.task].call("facts", job, rows.train)
        assembled = assemble(settled_job(job, facts, CATALOG), facts, CATALOG)
        features = assembled.task.encode(rows.train, assembled.model)
        loop = loop_on(assembled, features, plan=plan_of(assembled, features), recorder=(recorder := Recorded()))
        loop._validation, loop._validation_rows = (
            assembled.task.encode(rows.validation, assembled.model),
            rows.validation,
        )
        told: list[str] = []
        loop._report_progress = lambda progress, told=told: told.append(progress["message"])
        before = torch.random.get_rng_state()
        loop._evaluate()
        assert torch.equal(before, torch.random.get_rng_state())
        figures = recorder.of("evaluation")[0]["metrics"]
        assert {"loss", "perplexity", "bits_per_token"} <= set(figures)
        assert ("chrf" in figures) == (most > 0)
        expected = ["writing answers: 3 of 5 rows", "writing answers: 5 of 5 rows"] if most else []
        assert [text for text in told if text] == expected
