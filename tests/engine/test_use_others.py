"""Models that read images, numbers and pixels, and models that write: predict and export."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from real_workers import ForkServer, new_run
from support import write_digits_job
from tunesmith.cli import main
from tunesmith.data.rows import Rows
from tunesmith.errors import TunesmithError
from tunesmith.runs.folder import RunFolder
from tunesmith.use.export import export
from tunesmith.use.generate import generate
from tunesmith.use.load import load_run
from tunesmith.use.predict import predict, predict_outputs, text_rows

SHORT = """training: {max_steps: 10, batch_size: 16}
evaluation: {every: 10 steps}
checkpoints: {every: 10 steps}
"""


def array_rows(role: str, cells) -> Rows:
    return Rows(columns={role: list(cells)}, files=(Path("x"),), file_of=[0] * len(cells), lines=[1] * len(cells))


@pytest.fixture(scope="module")
def digits(tmp_path_factory, workers: ForkServer) -> RunFolder:
    return workers.finish(new_run(write_digits_job(tmp_path_factory.mktemp("digits"), SHORT)))


def test_weights_of_a_module_of_the_user_load_into_it_again(digits: RunFolder, tmp_path: Path) -> None:
    from safetensors.torch import load_model
    from sklearn.datasets import load_digits
    from torch import nn

    to = export(digits, tmp_path / "model")
    mine = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 10)).eval()
    load_model(mine, to / "model.safetensors")
    loaded = load_run(digits)
    images = (load_digits().images[600:620] / 16).astype(np.float32)
    rows = array_rows("image", images)
    features = loaded.task.encode(rows, loaded.model)
    batch = loaded.task.collate(features, np.arange(20))
    seen = []
    with torch.inference_mode():
        handle = loaded.model.module.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
        loaded.task.outputs(loaded.model, batch)
        handle.remove()
        np.testing.assert_allclose(mine(seen[0]).numpy(), predict_outputs(loaded, rows), atol=1e-6)
    assert 'load_model(model, "model.safetensors")' in (to / "README.md").read_text()
    assert json.loads((to / "labels.json").read_text()) == [str(digit) for digit in range(10)]
    assert {answer["label"] for answer in predict(loaded, rows)} <= {str(digit) for digit in range(10)}


def test_a_module_of_the_user_becomes_onnx_but_no_transformers_model(digits: RunFolder, tmp_path: Path) -> None:
    import onnxruntime

    to = export(digits, tmp_path / "onnx", format="onnx")
    session = onnxruntime.InferenceSession(str(to / "model.onnx"), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    shape = [size if isinstance(size, int) else 7 for size in session.get_inputs()[0].shape]
    module = load_run(digits).model.module
    for rows in (1, 7):
        pixels = np.random.default_rng(0).random([rows, *shape[1:]], dtype=np.float32)
        with torch.inference_mode():
            wanted = module(torch.from_numpy(pixels)).numpy()
        np.testing.assert_allclose(session.run(None, {name: pixels})[0], wanted, atol=1e-5)
    with pytest.raises(TunesmithError, match=r"export\.not-transformers"):
        export(digits, tmp_path / "model", format="transformers")


def test_a_module_of_the_user_does_not_read_texts(digits: RunFolder, capsys) -> None:
    assert main(["predict", str(digits.path), "a text"]) == 2
    assert "use.no-text-input" in capsys.readouterr().err


NUMBERS = """
from torch import nn

def line(outputs: int) -> nn.Module:
    return nn.Linear(2, outputs)
"""


def test_numbers_are_answered_in_their_own_unit(tmp_path: Path, workers: ForkServer, monkeypatch, capsys) -> None:
    generator = np.random.default_rng(0)
    with (tmp_path / "houses.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rooms", "area", "price"])
        for rooms, area in zip(generator.integers(1, 6, 200), generator.uniform(30, 200, 200), strict=True):
            writer.writerow([rooms, f"{area:.1f}", f"{1000 * area + 5000 * rooms:.0f}"])
    (tmp_path / "straight.py").write_text(NUMBERS)
    job = tmp_path / "houses.job.yaml"
    job.write_text(
        "task: regression\nmodel: straight:line\n"
        "data: {train: houses.csv, columns: [rooms, area], target: price, validation: 20%}\n"
        "training: {epochs: 60, batch_size: 32, learning_rate: 0.05, optimizer: adam}\n"
    )
    run = workers.finish(new_run(job))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.csv").write_text("rooms,area\n3,100.0\n")
    assert main(["predict", str(run.path), "new.csv", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["value"] == pytest.approx(115_000, rel=0.05)
    summary = json.loads((run.report_folder / "metrics.json").read_text())
    assert summary["regression"]["mae"] == pytest.approx(summary["metrics"]["mae"], rel=1e-5)
    assert summary["regression"]["r2"] > 0.9
    hardest = json.loads((run.report_folder / "hardest.jsonl").read_text().splitlines()[0])
    assert 30_000 < hardest["expected"] < 240_000
    card = (export(run, tmp_path / "model") / "README.md").read_text()
    assert "standardised targets" in card


def tiny_gpt(data: Path, folder: Path) -> None:
    """A language model of 2 layers with random weights and a tokenizer of the data's text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    with data.open(encoding="utf-8", newline="") as file:
        texts = [row["doc"] for row in csv.DictReader(file)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    end = "<|endoftext|>"
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=[end], show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=end).save_pretrained(folder)
    number = tokenizer.token_to_id(end)
    config = GPT2Config(
        vocab_size=400, n_embd=32, n_layer=2, n_head=2, n_positions=128, bos_token_id=number, eos_token_id=number
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        GPT2LMHeadModel(config).save_pretrained(folder)


@pytest.fixture(scope="module")
def writer(tmp_path_factory, library_csv: Path, workers: ForkServer) -> RunFolder:
    folder = tmp_path_factory.mktemp("writer")
    tiny_gpt(library_csv, folder / "gpt")
    job = folder / "writer.job.yaml"
    data = f"data: {{train: {json.dumps(str(library_csv))}, text: doc, validation: 10%, window: 64}}\n"
    job.write_text(f"task: causal-lm\nmodel: ./gpt\n{data}{SHORT}")
    return workers.finish(new_run(job))


def test_text_is_written_the_same_for_the_same_seed(writer: RunFolder) -> None:
    loaded = load_run(writer)
    prompts = ["Return the", "Open a"]
    greedy = generate(loaded, prompts, max_new_tokens=12)
    assert greedy == generate(loaded, prompts, max_new_tokens=12, seed=5)
    drawn = [generate(loaded, prompts, max_new_tokens=12, temperature=1.0, seed=seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    before = torch.random.get_rng_state()
    generate(loaded, prompts[:1], max_new_tokens=3, temperature=1.0)
    assert torch.equal(before, torch.random.get_rng_state())


def test_texts_that_are_written_some_rows_at_a_time_are_those_of_all_at_once(writer: RunFolder, monkeypatch) -> None:
    from tunesmith.use import generate as generating

    monkeypatch.setattr(generating, "WRITTEN_AT_ONCE", 2)
    loaded = load_run(writer)
    prompts = ["Return the", "Open a", "Wrap", "Close", "Return the"]
    for how in ({}, {"temperature": 1.0, "seed": 3}):
        parts = list(generating.answered(loaded, text_rows(loaded, prompts), max_new_tokens=6, **how))
        assert [len(rows) for rows, _ in parts] == [2, 2, 1]
        expected = generate(loaded, prompts, max_new_tokens=6, **how)
        assert [answer for _, found in parts for answer in found] == expected


def test_a_language_model_writes_or_judges_on_the_command_line(writer: RunFolder, capsys) -> None:
    assert main(["predict", str(writer.path), "Return the", "--max-new-tokens", "5", "--json"]) == 0
    assert "text" in json.loads(capsys.readouterr().out)
    assert main(["predict", str(writer.path), "Return the", "--loss", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["perplexity"] > 1
    summary = json.loads((writer.report_folder / "metrics.json").read_text())
    assert summary["language"]["perplexity"] == pytest.approx(summary["metrics"]["perplexity"], rel=1e-4)


def test_a_language_model_opens_in_transformers_and_onnx(writer: RunFolder, tmp_path: Path) -> None:
    import onnxruntime
    from transformers import AutoModelForCausalLM, AutoTokenizer

    to = export(writer, tmp_path / "model")
    model = AutoModelForCausalLM.from_pretrained(to).eval()
    assert model.config.use_cache
    tokenizer = AutoTokenizer.from_pretrained(to)
    batch = tokenizer(["Return the list of"], return_tensors="pt")
    with torch.inference_mode():
        wanted = load_run(writer).model.module(input_ids=batch["input_ids"]).logits.numpy()
        found = model(input_ids=batch["input_ids"]).logits.numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    onnx = export(writer, tmp_path / "onnx", format="onnx")
    session = onnxruntime.InferenceSession(str(onnx / "model.onnx"), providers=["CPUExecutionProvider"])
    given = {"input_ids": batch["input_ids"].numpy(), "attention_mask": np.ones_like(batch["input_ids"].numpy())}
    np.testing.assert_allclose(session.run(["logits"], given)[0], wanted, atol=1e-4)


def test_images_from_files_and_folders(tmp_path: Path, workers: ForkServer, monkeypatch, capsys) -> None:
    from PIL import Image
    from sklearn.datasets import load_digits

    found = load_digits()
    for number, (image, label) in enumerate(zip(found.images[:200], found.target[:200], strict=True)):
        folder = tmp_path / "images" / f"digit {label}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15).astype(np.uint8)).save(folder / f"{number}.png")
    (tmp_path / "flat.py").write_text(
        "from torch import nn\n\ndef flat(outputs: int) -> nn.Module:\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(64, outputs))\n"
    )
    job = tmp_path / "images.job.yaml"
    job.write_text(
        f"task: image-classification\nmodel: flat:flat\ndata: {{train: images, validation: 20%, channels: 1}}\n{SHORT}"
    )
    run = workers.finish(new_run(job))
    monkeypatch.chdir(tmp_path)
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for number in range(3):
        shutil.copy(next((tmp_path / "images" / f"digit {number}").iterdir()), mixed / f"{number}.png")
    (mixed / "._0.png").write_bytes(b"what a file manager leaves")
    assert main(["predict", str(run.path), "mixed", "mixed/1.png", "--json"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(answer["file"]).name for answer in answers] == ["0.png", "1.png", "2.png", "1.png"]
    assert answers[1]["label"] == answers[3]["label"]
    hardest = json.loads((run.report_folder / "hardest.jsonl").read_text().splitlines()[0])
    assert hardest["file"].endswith(".png")
