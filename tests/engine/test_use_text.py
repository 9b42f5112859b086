"""A tuned text model answers, and what is exported of it answers the same in the programs it is made for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from real_workers import ForkServer, new_run
from support import tunesmith, write_text_job
from tokenizer_folders import FAST, byte_level, json_folder
from tunesmith.cli import main
from tunesmith.data import columns_on_disk
from tunesmith.data.rows import Rows
from tunesmith.errors import Place, TunesmithError
from tunesmith.explain.markdown import escape
from tunesmith.runs.folder import RunFolder
from tunesmith.use import generate, inputs
from tunesmith.use.export import MARK, compare, export
from tunesmith.use.inputs import gather
from tunesmith.use.load import LoadedRun, choose_checkpoint, load_run
from tunesmith.use.predict import predict, predict_outputs, text_rows

TEXTS = [
    "Open a socket and connect to the server",
    "Wrap",
    "Return a list of all the arguments that the parser could not understand, in the order in which they were given",
    "Send a line to the FTP host, adding CRLF",
]


def tuned(folder: Path, data: Path, model: Path, workers: ForkServer, *extra: str) -> RunFolder:
    folder.mkdir(exist_ok=True)
    short = [
        "training: {max_steps: 20, batch_size: 16, learning_rate: 0.005}",
        "evaluation: {every: 10 steps}",
        "checkpoints: {every: 10 steps}",
    ]
    return workers.finish(new_run(write_text_job(folder, data, model, *short, *extra)))


@pytest.fixture(scope="module")
def full(tmp_path_factory, library_csv: Path, tiny_bert: Path, workers: ForkServer) -> RunFolder:
    """Of a base whose settings name code that lies beside them."""
    folder = tmp_path_factory.mktemp("full")
    base = Path(shutil.copytree(tiny_bert, folder / "bert"))
    for name, code in (
        ("config", {"AutoModel": "own.Model"}),
        ("tokenizer_config", {"AutoTokenizer": ["own.T", None]}),
    ):
        file = base / f"{name}.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "auto_map": code}))
    return tuned(folder, library_csv, base, workers)


@pytest.fixture(scope="module")
def lora(tmp_path_factory, library_csv: Path, tiny_bert: Path, workers: ForkServer) -> RunFolder:
    extra = "method: {lora: {rank: 4, alpha: 8}}"
    return tuned(tmp_path_factory.mktemp("lora"), library_csv, tiny_bert, workers, extra)


@pytest.fixture(scope="module")
def loaded(full: RunFolder) -> LoadedRun:
    return load_run(full)


def logits_by_transformers(model: torch.nn.Module, folder: Path) -> np.ndarray:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    batch = tokenizer(TEXTS, padding=True, truncation=True, max_length=64, return_tensors="pt")
    with torch.inference_mode():
        return model.eval()(**batch).logits.numpy()


def expected(run: RunFolder) -> np.ndarray:
    loaded = load_run(run)
    return predict_outputs(loaded, text_rows(loaded, TEXTS))


def no_pickle(folder: Path) -> bool:
    return not [path for path in folder.rglob("*") if path.suffix in (".bin", ".pt", ".pth", ".pkl", ".pickle")]


def test_answers_come_in_order_with_probabilities_that_add_up_to_1(loaded: LoadedRun) -> None:
    answers = predict(loaded, TEXTS)
    assert [predict(loaded, [text])[0]["label"] for text in TEXTS] == [answer["label"] for answer in answers]
    for answer in answers:
        assert set(answer["probabilities"]) == {"network", "text"}
        assert sum(answer["probabilities"].values()) == pytest.approx(1.0)
        assert answer["probability"] == max(answer["probabilities"].values())
    assert predict(loaded, []) == []


def test_answers_do_not_depend_on_the_batch(loaded: LoadedRun) -> None:
    rows = text_rows(loaded, TEXTS)
    alone = np.concatenate([predict_outputs(loaded, text_rows(loaded, [text])) for text in TEXTS])
    np.testing.assert_allclose(predict_outputs(loaded, rows, batch_size=4), alone, atol=1e-5)
    np.testing.assert_allclose(predict_outputs(loaded, rows, batch_size=3), alone, atol=1e-5)


def test_the_measured_metric_is_that_of_the_checkpoint_in_use(loaded: LoadedRun) -> None:
    """What the worker measured and what `predict` says of the same rows is one model."""
    folder = loaded.run.report_folder
    kept = np.load(folder / "validation.npz", allow_pickle=False)
    hardest = [json.loads(line) for line in (folder / "hardest.jsonl").read_text().splitlines()]
    found = predict_outputs(loaded, text_rows(loaded, [row["values"]["text"] for row in hardest]))
    np.testing.assert_allclose(found, kept["outputs"][[row["row"] for row in hardest]], atol=1e-4)


def test_an_export_draws_no_bars_of_libraries(full: RunFolder, tmp_path: Path, capfd) -> None:
    export(full, tmp_path / "model")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("chosen", ["", "merged"])
def test_a_full_model_opens_in_transformers_with_the_same_logits(full: RunFolder, tmp_path: Path, chosen: str) -> None:
    from transformers import AutoModelForSequenceClassification

    to = export(full, tmp_path / "model", format=chosen)
    model = AutoModelForSequenceClassification.from_pretrained(to)
    np.testing.assert_allclose(logits_by_transformers(model, to), expected(full), atol=1e-5)
    assert model.config.id2label == {0: "network", 1: "text"}
    assert model.config.label2id == {"network": 0, "text": 1}
    assert no_pickle(to)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert [file.name for file in to.glob("*.json") if "auto_map" in file.read_text()] == []


def test_an_adapter_opens_in_peft_with_the_same_logits(
    lora: RunFolder, tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from peft import PeftConfig, PeftModel
    from transformers import AutoModelForSequenceClassification

    to = export(lora, tmp_path / "adapter", format="peft")
    base = PeftConfig.from_pretrained(to).base_model_name_or_path
    assert base == str(tiny_bert)
    torch.manual_seed(99)  # the head that the base lacks is made at random, and must not matter
    model = PeftModel.from_pretrained(AutoModelForSequenceClassification.from_pretrained(base), to)
    np.testing.assert_allclose(logits_by_transformers(model, to), expected(lora), atol=1e-5)
    assert (to / "adapter_model.safetensors").is_file()
    assert json.loads((to / "adapter_config.json").read_text())["modules_to_save"]
    assert no_pickle(to)
    names = code_of_card(to, monkeypatch)
    np.testing.assert_allclose(logits_by_transformers(names["model"], to), expected(lora), atol=1e-5)


def code_of_card(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that the code in the export's card makes, run as it stands."""
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    exec((folder / "README.md").read_text().partition("```python\n")[2].partition("```")[0], names)
    return names


def test_an_adapter_answers_batches_on_a_base_that_names_no_padding_token(
    library_csv: Path, tmp_path: Path, workers: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import LlamaConfig, LlamaForSequenceClassification

    (base := tmp_path / "base").mkdir()
    tokenizer = byte_level(["<|a|>"])
    json_folder(tokenizer, "llama", tokenizer_class=FAST)(base)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    torch.manual_seed(0)
    size = tokenizer.get_vocab_size()
    LlamaForSequenceClassification(
        LlamaConfig(vocab_size=size, bos_token_id=None, eos_token_id=None, **sizes)
    ).save_pretrained(base)
    assert json.loads((base / "config.json").read_text()).get("pad_token_id") is None
    run = tuned(tmp_path / "job", library_csv, base, workers, "method: {lora: {rank: 4}}")
    names = code_of_card(export(run, tmp_path / "adapter", format="peft"), monkeypatch)
    assert names["tokenizer"].pad_token == "<|a|>"
    np.testing.assert_allclose(logits_by_transformers(names["model"], tmp_path / "adapter"), expected(run), atol=1e-5)


def test_a_merged_adapter_opens_in_transformers_with_the_same_logits(lora: RunFolder, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    to = export(lora, tmp_path / "merged", format="merged")
    model = AutoModelForSequenceClassification.from_pretrained(to)
    np.testing.assert_allclose(logits_by_transformers(model, to), expected(lora), atol=1e-4)
    assert "lora" not in " ".join(model.state_dict())


def test_onnx_gives_the_same_logits_for_any_number_and_length_of_texts(lora: RunFolder, tmp_path: Path) -> None:
    import onnxruntime
    from transformers import AutoTokenizer

    to = export(lora, tmp_path / "onnx", format="onnx")
    session = onnxruntime.InferenceSession(str(to / "model.onnx"), providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    tokenizer = AutoTokenizer.from_pretrained(to)
    wanted = expected(lora)
    for texts in ([0], [1], [0, 1, 2, 3], [2, 1]):
        batch = tokenizer([TEXTS[row] for row in texts], padding=True, return_tensors="np")
        found = session.run(["logits"], {name: batch[name] for name in names})[0]
        np.testing.assert_allclose(found, wanted[texts], atol=1e-4)
    assert json.loads((to / "labels.json").read_text()) == ["network", "text"]
    assert no_pickle(to)


def test_an_export_that_differs_is_refused_with_the_figures() -> None:
    wanted = [np.zeros((2, 2), np.float32), np.ones((1, 2), np.float32)]
    assert compare(wanted, [array + 1e-5 for array in wanted], "onnx") == pytest.approx(1e-5, rel=1e-2)
    wrong = [wanted[0], np.array([[1.0, 1.25]], np.float32)]
    with pytest.raises(TunesmithError, match=r"batch 2 of 2: 1\.25 where the trained model gives 1") as caught:
        compare(wanted, wrong, "onnx")
    assert caught.value.code == "export.mismatch"
    with pytest.raises(TunesmithError, match=r"export\.mismatch"):
        compare(wanted, [wanted[0], np.array([[np.nan, 1.0]], np.float32)], "onnx")
    with pytest.raises(TunesmithError, match=r"shape"):
        compare(wanted, [wanted[0], np.ones((1, 3), np.float32)], "onnx")


def test_a_spoilt_export_leaves_nothing_behind(full: RunFolder, tmp_path: Path, monkeypatch) -> None:
    """One bias of what is read back is off by a hundredth: the comparison must see it."""
    from tunesmith.use import export as module

    real = module._reloaded

    def spoilt(*given):
        loaded = real(*given)
        with torch.no_grad():
            loaded.classifier.bias += 0.01
        return loaded

    monkeypatch.setattr(module, "_reloaded", spoilt)
    with pytest.raises(TunesmithError, match=r"export\.mismatch"):
        export(full, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_an_export_replaces_only_an_export_and_only_by_force(full: RunFolder, tmp_path: Path) -> None:
    to = export(full, tmp_path / "model")
    before = (to / MARK).stat().st_mtime_ns
    with pytest.raises(TunesmithError, match=r"export\.exists"):
        export(full, to)
    assert (to / MARK).stat().st_mtime_ns == before
    (to / "old.txt").touch()
    export(full, to, force=True)
    assert not (to / "old.txt").exists()
    mine = tmp_path / "thesis"
    mine.mkdir()
    (mine / "chapter.txt").write_text("mine")
    with pytest.raises(TunesmithError, match=r"export\.foreign-folder"):
        export(full, mine, force=True)
    assert (mine / "chapter.txt").read_text() == "mine"


def test_a_full_model_has_no_adapter_to_export(full: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(TunesmithError, match=r"export\.no-adapter"):
        export(full, tmp_path / "adapter", format="peft")


def test_the_card_says_what_the_model_is(full: RunFolder, tmp_path: Path) -> None:
    card = (export(full, tmp_path / "model") / "README.md").read_text()
    summary = json.loads((full.report_folder / "metrics.json").read_text())
    around = json.loads((full.path / "environment.json").read_text())
    assert card.startswith("---\nlibrary_name: transformers\n")
    assert escape(summary["headline"]) in card
    assert around["data"]["train"] in card
    assert "license: unknown" in card
    assert "Unknown. This model was made from" in card
    for label, count in zip(
        ("network", "text"), json.loads((full.path / "facts.json").read_text())["counts"], strict=True
    ):
        assert f"| {label} | {count:,} |" in card
    for setting in ("epochs", "learning rate", "seed", "optimizer", "loss"):
        assert f"| {setting} |" in card
    assert full.id in card


def copied(run: RunFolder, to: Path) -> RunFolder:
    shutil.copytree(run.path, to / run.id)
    return RunFolder(to / run.id)


def test_a_damaged_best_checkpoint_is_passed_over_with_a_note(full: RunFolder, tmp_path: Path) -> None:
    run = copied(full, tmp_path)
    there = run.checkpoints()
    assert len(there) > 1
    best = choose_checkpoint(run)[0]
    weights = best / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(bytes(content))
    found, notes = choose_checkpoint(run)
    assert found != best
    assert best.name in notes[0]
    with pytest.raises(TunesmithError, match=r"run\.damaged-checkpoint"):
        choose_checkpoint(run, best.name)


def test_checkpoints_by_name(full: RunFolder) -> None:
    there = full.checkpoints()
    assert choose_checkpoint(full, "newest") == (there[0], ())
    assert choose_checkpoint(full, there[-1].name) == (there[-1], ())
    with pytest.raises(TunesmithError, match=r"run\.no-such-checkpoint"):
        choose_checkpoint(full, "step-999999")


def test_a_run_without_a_checkpoint_says_what_to_do(library_csv: Path, tiny_bert: Path, tmp_path: Path) -> None:
    run = new_run(write_text_job(tmp_path, library_csv, tiny_bert))
    with pytest.raises(TunesmithError, match=r"run\.nothing-learnt"):
        load_run(run)


def command(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main(words)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_predict_reads_texts_tables_and_lines(full: RunFolder, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.csv").write_text('id,doc,subject\n1,"Open, then close",unheard-of\n2,Wrap the text,text\n')
    (tmp_path / "new.jsonl").write_text('{"doc": "Wrap the text"}\n')
    (tmp_path / "lines.txt").write_text("Open a socket\n\nWrap the text\n")
    words = ("predict", str(full.path), "some words", "new.csv", "new.jsonl", "lines.txt", "--json")
    status, out, _ = command(*words, capsys=capsys)
    assert status == 0
    answers = [json.loads(line) for line in out.splitlines()]
    assert [(Path(a["file"]).name if a["file"] else None, a["line"], a["input"]) for a in answers] == [
        (None, None, "some words"),
        ("new.csv", 2, "Open, then close"),
        ("new.csv", 3, "Wrap the text"),
        ("new.jsonl", 1, "Wrap the text"),
        ("lines.txt", 1, "Open a socket"),
        ("lines.txt", 3, "Wrap the text"),
    ]
    same = [answers[place]["probability"] for place in (2, 3, 5)]
    assert same == pytest.approx([same[0]] * 3, abs=1e-5)
    status, out, _ = command("predict", str(full.path), "Open a socket", capsys=capsys)
    assert out.split()[0] in ("network", "text")
    assert "%" in out and "Open a socket" in out


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows are already too many for memory, and two are answered at once."""
    monkeypatch.setattr(columns_on_disk, "MEMORY_ROWS", 3)
    monkeypatch.setattr(columns_on_disk, "ROWS", 2)
    monkeypatch.setattr(inputs, "ROWS", 2)
    monkeypatch.setattr(generate, "AT_ONCE", 2)


@pytest.mark.parametrize("name", ["many.csv", "many.txt"])
def test_many_rows_are_answered_some_at_a_time_as_all_at_once(
    full: RunFolder, few_at_once: None, tmp_path: Path, name: str, capsys
) -> None:
    texts = [f"{TEXTS[number % 4]} {number}" for number in range(11)]
    head = "doc\n" if name.endswith("csv") else "\n"
    (tmp_path / name).write_text(head + "".join(f'"{text}"\n' for text in texts))
    texts = texts if name.endswith("csv") else [f'"{text}"' for text in texts]
    status, out, _ = command("predict", str(full.path), str(tmp_path / name), "--json", capsys=capsys)
    assert status == 0
    found = [json.loads(line) for line in out.splitlines()]
    assert [(each["input"], each["line"]) for each in found] == list(zip(texts, range(2, 13), strict=True))
    for each, expected in zip(found, predict(load_run(full), texts), strict=True):
        assert each["label"] == expected["label"]
        assert each["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-6)


def test_what_an_interrupted_predict_has_printed_are_whole_lines(
    full: RunFolder, few_at_once: None, tmp_path: Path, monkeypatch, capsys
) -> None:
    (tmp_path / "many.csv").write_text("doc\n" + "".join(f"{text.replace(',', '')}\n" for text in TEXTS * 3))
    parts: list[Rows] = []

    def interrupted(loaded: LoadedRun, rows: Rows, **more: Any) -> list[dict[str, Any]]:
        parts.append(rows)
        if len(parts) == 3:
            raise KeyboardInterrupt
        return predict(loaded, rows, **more)

    monkeypatch.setattr(generate, "predict", interrupted)
    _, out, _ = command("predict", str(full.path), str(tmp_path / "many.csv"), "--json", capsys=capsys)
    assert [len(rows) for rows in parts] == [2, 2, 2]
    assert out.endswith("}\n")
    assert [json.loads(line)["line"] for line in out.splitlines()] == [2, 3, 4, 5]


def test_a_line_that_is_no_text_is_named_with_its_file(full: RunFolder, few_at_once: None, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"one\ntwo\n\nthree\nfour \0\n")
    with pytest.raises(TunesmithError) as caught:
        gather(load_run(full), [str(tmp_path / "bad.txt")], tmp_path)
    assert caught.value.problem.place == Place(file=tmp_path / "bad.txt", line=5)


def test_predict_says_nothing_but_its_answer(lora: RunFolder) -> None:
    done = tunesmith("predict", str(lora.path), "Open a socket", cwd=lora.path)
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1)


def test_predict_says_when_a_file_is_missing_or_has_no_fitting_column(
    full: RunFolder, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    status, _, err = command("predict", str(full.path), "row.csv", capsys=capsys)
    assert status == 2 and "use.missing-file" in err and "rows.csv" in err
    status, _, err = command("predict", str(full.path), "rows.csv", capsys=capsys)
    assert status == 2 and "doc" in err


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", ""), ("b.txt", "\n \n"), ("c.csv", ""), ("d.csv", "doc\n"), ("e.jsonl", ""), ("f.tsv", "doc\tid\n")],
)
def test_predict_says_when_a_file_holds_no_rows(loaded: LoadedRun, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(TunesmithError) as caught:
        gather(loaded, [name], tmp_path)
    assert (caught.value.code, caught.value.problem.place.file) == ("data.no-rows", tmp_path / name)


def test_report_in_the_terminal_and_made_again(full: RunFolder, tmp_path: Path, capsys) -> None:
    run = copied(full, tmp_path)
    status, out, _ = command("report", str(run.path), "--ascii", capsys=capsys)
    assert status == 0 and out.isascii()
    summary = json.loads((run.report_folder / "metrics.json").read_text())
    assert "held-out rows" in out and "true \\ predicted" in out and "hardest rows" in out and "training loss" in out
    shutil.rmtree(run.report_folder)
    status, out, _ = command("report", str(run.path), "--json", capsys=capsys)
    again = json.loads(out)
    assert status == 0 and again["headline"] == summary["headline"]
    assert again["metrics"]["log_loss"] == pytest.approx(summary["metrics"]["log_loss"], rel=1e-3)
    assert again["files"] == summary["files"]


def test_export_on_the_command_line(full: RunFolder, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, _ = command("export", str(full.path), "--to", "out", capsys=capsys)
    assert status == 0
    assert "model.safetensors" in out and (tmp_path / "out" / "README.md").is_file()
    status, _, err = command("export", str(full.path), "--to", "out", capsys=capsys)
    assert status == 2 and "--force" in err
