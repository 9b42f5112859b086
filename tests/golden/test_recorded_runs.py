"""Small runs of every task against what they came to when they were recorded: a change of any number is seen.

Each run is a real worker's: data, model, method, loop, checkpoint, report. Its record in `recorded/NAME.json` holds the
training loss of every step and the validation figures (float64 as hex), the sha256 and the norm of every tensor of the
last checkpoint, and the report's metrics, together with the machine: processor, one thread, versions.

How to compare: `pytest tests/golden`. Where the machine is the recorded one, every number must be equal bit for bit.
Elsewhere other kernels add up in another order: losses and norms must then agree to 1e-4 (relative), metrics to 1e-3.
Where a change of numbers is meant, `pytest tests/golden --update-golden` writes the records anew; `git diff` shows
which runs changed, and the commit says why.

`sentences.csv` is taken from the descriptions of scikit-learn's data sets (BSD licence), and `vocab.txt` was made from
it once: training a WordPiece tokenizer gives another each time. Digits and diabetes are data sets of scikit-learn.
"""

from __future__ import annotations

import csv
import hashlib
import json
import platform
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from real_workers import ForkServer, new_run, read, rewind
from support import PERCEPTRON, save_bert
from tunesmith.runs.folder import RunFolder

HERE = Path(__file__).parent
RECORDED = HERE / "recorded"
PACKAGES = ("torch", "transformers", "peft", "tokenizers", "numpy")

TRAINING = "epochs: 9, max_steps: 6, learning_rate: 0.003"
EVERY = "evaluation: {every: 3 steps}\ncheckpoints: {every: 2 steps, keep: 9}"
TEXT = "data: {train: sentences.csv, text: doc, label: subject, validation: 20%%, max_length: 48%s}"
DIGITS = "data: {train: 'nets:digits', image: image, label: label, validation: 20%%%s}"
DIABETES = "data: {train: diabetes.csv, columns: [age, bmi, bp, s5], target: progress, validation: 20%}"
SCRATCH = "model: {scratch: {layers: 1, width: 32, heads: 2, vocabulary: 400, window: %d}}"
TO_LAYERS = "method: {lora: {rank: 4, dropout: 0.1, target_modules: ['1', '4']}}"

NETS = (
    PERCEPTRON.replace("[:600]", "[:200]")
    + """
def regressor(outputs: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, outputs))
"""
)


def lines(task: str, model: str, data: str, *extra: str, training: str = "", batch: int = 16) -> str:
    keys = f"training: {{{TRAINING}, batch_size: {batch}{training}}}"
    return "\n".join([f"task: {task}", model, data, keys, EVERY, *extra]) + "\n"


def text(*extra: str, data: str = "", training: str = "") -> str:
    return lines("text-classification", "model: BERT", TEXT % data, *extra, training=training)


def image(*extra: str, data: str = "", training: str = "") -> str:
    return lines("image-classification", "model: nets:perceptron", DIGITS % data, *extra, training=training)


def regression(*extra: str, training: str = "") -> str:
    return lines("regression", "model: nets:regressor", DIABETES, *extra, training=training)


def causal(*extra: str, data: str = "text: doc, window: 32", training: str = "", window: int = 64) -> str:
    source = f"data: {{train: sentences.csv, validation: 20%, {data}}}"
    return lines("causal-lm", SCRATCH % window, source, *extra, training=training, batch=8)


REMEDIES = ("weighted-loss", "oversample", "undersample", "focal")
RUNS: dict[str, str] = {
    "text-classification-full": text(),
    "text-classification-lora": text("method: {lora: {rank: 4, dropout: 0.1}}"),
    "text-classification-ema": text(training=", ema: 0.9"),
    "text-classification-micro-batches": text(training=", micro_batch_size: 5"),
    **{f"text-classification-{remedy}": text(data=f", imbalance: {remedy}") for remedy in REMEDIES},
    "image-classification-full": image(),
    "image-classification-lora": image(TO_LAYERS),
    "image-classification-ema": image(training=", ema: 0.9"),
    "image-classification-micro-batches": image(training=", micro_batch_size: 5"),
    **{f"image-classification-{remedy}": image(data=f", imbalance: {remedy}") for remedy in REMEDIES},
    "regression-full": regression(),
    "regression-lora": regression(TO_LAYERS),
    "regression-ema": regression(training=", ema: 0.9"),
    "regression-micro-batches": regression(training=", micro_batch_size: 5"),
    "regression-text": lines(
        "regression", SCRATCH % 64, "data: {train: lengths.csv, text: doc, target: length, validation: 20%}"
    ),
    "causal-lm-full": causal(),
    "causal-lm-lora": causal("method: {lora: {rank: 4, dropout: 0.1}}"),
    "causal-lm-ema": causal(training=", ema: 0.9"),
    "causal-lm-micro-batches": causal(training=", micro_batch_size: 3"),
    "causal-lm-packing": causal(data="text: doc, window: 128", window=128),
    "causal-lm-answers": causal(data="prompt: subject, response: doc, window: 32"),
}
RESUMED = [name for name in RUNS if name.endswith("-full") or name in ("text-classification-ema", "causal-lm-lora")]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all data and models that the jobs name."""
    from sklearn.datasets import load_diabetes

    folder = tmp_path_factory.mktemp("golden")
    shutil.copy(HERE / "sentences.csv", folder)
    (folder / "nets.py").write_text(NETS, encoding="utf-8")
    with (HERE / "sentences.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["doc"] for row in csv.DictReader(file)]
    table(folder / "lengths.csv", ["doc", "length"], [[text, len(text)] for text in texts])
    found = load_diabetes()
    chosen = [found.feature_names.index(name) for name in ("age", "bmi", "bp", "s5")]
    rows = [
        [*(float(row[k]) for k in chosen), float(y)] for row, y in zip(found.data[:120], found.target, strict=False)
    ]
    table(folder / "diabetes.csv", ["age", "bmi", "bp", "s5", "progress"], rows)
    save_bert(folder / "bert", HERE / "vocab.txt")
    return folder


def table(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture(scope="module")
def train(project: Path, workers: ForkServer) -> Iterator[Callable[[str], RunFolder]]:
    """The run of that name, trained once."""
    made: dict[str, RunFolder] = {}

    def get(name: str) -> RunFolder:
        if name not in made:
            job = project / f"{name}.job.yaml"
            job.write_text(RUNS[name].replace("BERT", json.dumps(str(project / "bert"))), encoding="utf-8")
            made[name] = new_run(job)
            work(made[name], workers)
        return made[name]

    yield get


def work(run: RunFolder, workers: ForkServer) -> None:
    workers.finish(run)
    assert run.state().status == "finished"


def machine() -> dict[str, Any]:
    """What decides the last bits of a number."""
    return {"processor": processor(), "threads": 1, **{name: metadata.version(name) for name in PACKAGES}}


def processor() -> str:
    try:
        found = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    keys = ("model name", "cpu family", "model", "stepping")
    values = [re.search(rf"^{key}\s*: (.*)$", found, re.MULTILINE) for key in keys]
    return " ".join(value[1] for value in values if value) or platform.processor()


def came_to(run: RunFolder) -> dict[str, Any]:
    """Every number of the run that is recorded, as JSON."""
    tensors = {
        f"{kind}.{name}": tensor
        for kind in ("model", "ema")
        if (file := run.checkpoints()[0] / f"{kind}.safetensors").exists()
        for name, tensor in sorted(load_file(file).items())
    }
    return {
        "series": {
            name: [float(value).hex() for value in read(run, name)["value"]]
            for name in sorted(run.series())
            if name == "loss" or name.startswith("validation_")
        },
        "weights": {
            name: [hashlib.sha256(tensor.tobytes()).hexdigest(), float(np.linalg.norm(tensor.astype(np.float64)))]
            for name, tensor in tensors.items()
        },
        "metrics": {
            name: float(value).hex()
            for name, value in sorted(
                json.loads((run.path / "report" / "metrics.json").read_bytes())["metrics"].items()
            )
        },
    }


def compare(found: Mapping[str, Any], recorded: Mapping[str, Any]) -> None:
    if recorded["machine"] == machine():
        assert found == recorded["run"]
        return
    run = recorded["run"]
    assert found["series"].keys() == run["series"].keys()
    for name, values in found["series"].items():
        rough = 1e-4 if name.endswith("loss") else 1e-3
        assert numbers(values) == pytest.approx(numbers(run["series"][name]), rel=rough), name
    assert {name: norm for name, (_, norm) in found["weights"].items()} == pytest.approx(
        {name: norm for name, (_, norm) in run["weights"].items()}, rel=1e-4
    )
    assert found["metrics"].keys() == run["metrics"].keys()
    assert numbers(found["metrics"].values()) == pytest.approx(numbers(run["metrics"].values()), rel=1e-3)


def numbers(values: Any) -> list[float]:
    return [float.fromhex(value) for value in values]


@pytest.mark.parametrize("name", RUNS)
def test_a_run_comes_to_what_was_recorded(
    name: str, train: Callable[[str], RunFolder], request: pytest.FixtureRequest
) -> None:
    found, file = came_to(train(name)), RECORDED / f"{name}.json"
    if request.config.getoption("--update-golden"):
        file.write_text(json.dumps({"machine": machine(), "run": found}, indent=1) + "\n", encoding="utf-8")
    compare(found, json.loads(file.read_text("utf-8")))


@pytest.mark.parametrize("name", RESUMED)
def test_resuming_from_the_first_checkpoint_comes_to_the_same(
    name: str, train: Callable[[str], RunFolder], workers: ForkServer
) -> None:
    run = train(name)
    before = came_to(run)
    rewind(run)
    work(run, workers)
    assert came_to(run) == before


def test_every_record_belongs_to_a_run() -> None:
    assert {file.stem for file in RECORDED.glob("*.json")} == set(RUNS)
