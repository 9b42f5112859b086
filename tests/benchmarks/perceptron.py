"""A 784-128-64-10 perceptron on 20,000 digits, batch 64, Adam: a DataLoader loop, Lightning, Keras, bare and Tunesmith.

    python perceptron.py

Speed is that of all epochs but the first, which warms up. Everybody takes the same rows, steps, network and learning
rate. Tunesmith records loss and learning rate of every step as it does for any user; nobody else records anything.
"Bare" keeps the rows in two tensors and takes each batch by index_select, with fused Adam.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from common import Comparison, Figures, Target, main, parser, peak_mb
from data import write_digits
from ours import run_job

JOB = """\
task: image-classification
model: network:perceptron
data: {{train: "rows:train", validation: none, image: image, label: label}}
method: full
training:
  epochs: {epochs}
  batch_size: {batch}
  learning_rate: {rate}
  optimizer: adam
  schedule: constant
  warmup: 0
  clip_norm: none
checkpoints: {{every: 1000 epochs}}
seed: {seed}
device: cpu
"""

NETWORK = '''\
"""The network, as a user would write it."""

from torch import nn


def perceptron():
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
'''

ROWS = '''\
"""The rows, as a user would write them."""

import numpy as np

FILE = {file!r}


def train():
    with np.load(FILE) as found:
        images, labels = found["x"], found["y"].tolist()
    return [{{"image": image, "label": str(label)}} for image, label in zip(images, labels)]
'''


def digits(options: argparse.Namespace) -> tuple[Any, Any]:
    """Images and labels to train on, as tensors."""
    import numpy as np
    import torch

    with np.load(options.data / "digits.npz") as found:
        return torch.from_numpy(found["x"]), torch.from_numpy(found["y"]).long()


def network(seed: int) -> Any:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))


def accuracy(options: argparse.Namespace, predict: Any) -> float:
    """On the held-out digits; `predict` gives logits for images."""
    import numpy as np
    import torch

    with np.load(options.data / "digits.npz") as found, torch.inference_mode():
        said = predict(torch.from_numpy(found["xv"])).argmax(-1).cpu().numpy()
        return round(float((said == found["yv"]).mean()), 4)


def figures(options: argparse.Namespace, marks: list[float], rows: int, **others: Any) -> Figures:
    """`marks` are the times at which each epoch ended."""
    elapsed = marks[-1] - marks[0]
    steps = -(-rows // options.batch) * options.epochs
    return {"samples_per_s": round(rows * (len(marks) - 1) / elapsed), "rows": rows, "steps": steps, **others}


def trained(options: argparse.Namespace, net: Any, marks: list[float], steps: int, rows: int) -> Figures:
    """Figures of a torch network that was trained in this process."""
    expected = -(-rows // options.batch) * options.epochs
    assert steps == expected, f"{steps} steps instead of {expected}"
    parameters = sum(parameter.numel() for parameter in net.parameters())
    others = {"peak_mb": peak_mb(), "parameters": parameters, "accuracy": accuracy(options, net)}
    return figures(options, marks, rows, **others)


def loader(options: argparse.Namespace) -> Figures:
    """The loop of the tutorials."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    images, labels = digits(options)
    net = network(options.seed)
    batches = DataLoader(TensorDataset(images, labels), batch_size=options.batch, shuffle=True)
    optimizer = torch.optim.Adam(net.parameters(), lr=options.rate)
    loss_of = torch.nn.CrossEntropyLoss()
    marks, steps = [], 0
    net.train()
    for _ in range(options.epochs):
        for image, label in batches:
            optimizer.zero_grad()
            loss_of(net(image), label).backward()
            optimizer.step()
            steps += 1
        marks.append(time.perf_counter())
    return trained(options, net, marks, steps, len(images))


def bare(options: argparse.Namespace) -> Figures:
    import torch
    from torch.nn import functional

    images, labels = digits(options)
    net = network(options.seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=options.rate, fused=True)
    generator = torch.Generator().manual_seed(options.seed)
    marks, steps = [], 0
    net.train()
    for _ in range(options.epochs):
        order = torch.randperm(len(images), generator=generator)
        for begin in range(0, len(images), options.batch):
            chosen = order[begin : begin + options.batch]
            loss = functional.cross_entropy(net(images.index_select(0, chosen)), labels.index_select(0, chosen))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            steps += 1
        marks.append(time.perf_counter())
    return trained(options, net, marks, steps, len(images))


def lightning(options: argparse.Namespace) -> Figures:
    import lightning
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
    images, labels = digits(options)
    net = network(options.seed)
    marks: list[float] = []

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def training_step(self, batch: Any, index: int) -> Any:
            return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), lr=options.rate)

        def on_train_epoch_end(self) -> None:
            marks.append(time.perf_counter())

    run = lightning.Trainer(
        max_epochs=options.epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    run.fit(Module(), DataLoader(TensorDataset(images, labels), batch_size=options.batch, shuffle=True))
    return trained(options, net, marks, run.global_step, len(images))


def keras(options: argparse.Namespace) -> Figures:
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    keras.utils.set_random_seed(options.seed)
    images, labels = digits(options)
    dense = keras.layers.Dense
    net = keras.Sequential([keras.Input((784,)), dense(128, "relu"), dense(64, "relu"), dense(10)])
    optimizer = keras.optimizers.Adam(options.rate)
    net.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    marks: list[float] = []

    class Mark(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            marks.append(time.perf_counter())

    net.fit(
        images.numpy(),
        labels.numpy(),
        batch_size=options.batch,
        epochs=options.epochs,
        verbose=0,
        callbacks=[Mark()],
    )
    found = figures(options, marks, len(images), peak_mb=peak_mb(), parameters=net.count_params())
    assert int(optimizer.iterations) == found["steps"]
    return {**found, "accuracy": accuracy(options, net)}


def write_project(
    project: Path, digits_file: Path, *, epochs: int, batch: int = 64, rate: float = 1e-3, seed: int
) -> Path:
    """The two modules that a user would write, and the job, whose path is returned."""
    (project / "network.py").write_text(NETWORK, "utf-8")
    (project / "rows.py").write_text(ROWS.format(file=str(digits_file)), "utf-8")
    file = project / "benchmark.job.yaml"
    file.write_text(JOB.format(epochs=epochs, batch=batch, rate=rate, seed=seed), "utf-8")
    return file


def ours(options: argparse.Namespace) -> Figures:
    """`tunesmith run` on a project of the user's own."""
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        project = Path(folder)
        values = {name: getattr(options, name) for name in ("epochs", "batch", "rate", "seed")}
        file = write_project(project, options.data / "digits.npz", **values)
        run = run_job(project, file.read_text("utf-8"))
        rows = run.training_rows()
        per_epoch = -(-rows // options.batch)
        marks = [float(run.seconds[epoch * per_epoch - 1]) for epoch in range(1, options.epochs + 1)]
        found = figures(options, marks, rows, peak_mb=run.peak_mb, parameters=run.parameters())
        assert run.steps == found["steps"], f"{run.steps} steps instead of {found['steps']}"
        from safetensors.torch import load_file

        net = network(options.seed)
        net.load_state_dict(load_file(run.checkpoint() / "model.safetensors"))
        return {**found, "accuracy": accuracy(options, net)}


PEERS = {"loader": loader, "lightning": lightning, "keras": keras, "bare": bare, "ours": ours}


def comparison(options: argparse.Namespace) -> Comparison:
    return Comparison(
        title=f"Perceptron 784-128-64-10: {options.rows} digits, batch {options.batch}, {options.epochs - 1} epochs "
        "after one that warms up",
        peers=tuple(PEERS),
        fields=("samples_per_s", "accuracy", "peak_mb"),
        equal=("rows", "steps", "parameters"),
        targets=(
            Target(against="loader", field="samples_per_s", at_least=1.5),
            Target(against="lightning", field="samples_per_s", at_least=2.3),
            Target(against="keras", field="samples_per_s", at_least=3.2),
            Target(against="bare", field="samples_per_s", at_least=0.95),
        ),
    )


def prepare(folder: Path, options: argparse.Namespace) -> None:
    write_digits(folder / "digits.npz", rows=options.rows)


def options_of(arguments: list[str]) -> argparse.Namespace:
    made = parser(__doc__.splitlines()[0], list(PEERS), repeats=5)
    made.add_argument("--rows", type=int, default=20_000)
    made.add_argument("--epochs", type=int, default=21)
    made.add_argument("--batch", type=int, default=64)
    made.add_argument("--rate", type=float, default=1e-3)
    return made.parse_args(arguments)


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:])
    main(__file__, chosen, PEERS, comparison(chosen), prepare, ["rows", "epochs", "batch", "rate"])
