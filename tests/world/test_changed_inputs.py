"""A file that a run depends on is known by what is in it: one of the same size and time is another file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from real_workers import ForkServer, new_run, rewind
from support import write_digits_job, write_text_job
from tunesmith.errors import TunesmithError
from tunesmith.guarded import write_guarded
from tunesmith.runs.folder import RunFolder
from tunesmith.use.load import load_run

RHYTHM = ("training: {max_steps: 4, batch_size: 16, learning_rate: 0.001}", "checkpoints: {every: 2 steps}")
LORA = "method: {lora: {rank: 4}}"
FROZEN = """
from perceptron import perceptron
import torch

def frozen(outputs):
    net = perceptron(outputs)
    net[1].load_state_dict(torch.load("WEIGHTS", weights_only=True))
    return net
"""


def refused(run: RunFolder, workers: ForkServer) -> str:
    """The error with which a resume of `run` ends."""
    rewind(run)
    assert workers.run(run).status == 1
    state = run.state()
    assert state.status == "failed"
    return f"{state.extra.get('error')}: {state.message}"


def replace(path: Path, change: Callable[[Path], None]) -> None:
    """Change a file and put size and time of change back, as rsync and tar do."""
    before = path.stat()
    change(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def other_weights(path: Path) -> None:
    save_file({name: tensor.flip(0) for name, tensor in load_file(path).items()}, path, {"format": "pt"})


def settle(*paths: Path) -> None:
    """Set the time of change back: files changed just now are read each time anyway."""
    for path in paths:
        os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture
def base(tiny_bert: Path, tmp_path: Path) -> Path:
    """A model's folder that a test may change."""
    return Path(shutil.copytree(tiny_bert, tmp_path / "base"))


def test_an_adapter_is_not_used_on_a_base_whose_weights_were_replaced(
    workers: ForkServer, library_csv: Path, base: Path, tmp_path: Path
) -> None:
    settle(*base.iterdir())
    run = workers.finish(new_run(write_text_job(tmp_path, library_csv, base, LORA, *RHYTHM)))
    load_run(run)
    replace(base / "model.safetensors", other_weights)
    with pytest.raises(TunesmithError, match=r"run\.model-changed[\s\S]*changed: model\.safetensors"):
        load_run(run)
    assert "run.model-changed" in refused(run, workers)


def test_what_no_part_of_the_answer_depends_on_may_change(
    workers: ForkServer, library_csv: Path, base: Path, tmp_path: Path
) -> None:
    run = workers.finish(new_run(write_text_job(tmp_path, library_csv, base, *RHYTHM)))
    replace(base / "model.safetensors", other_weights)  # tuned as a whole: the checkpoint has every weight
    load_run(run)
    with (base / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(TunesmithError, match=r"run\.model-changed[\s\S]*changed: tokenizer\.json"):
        load_run(run)


def test_frozen_weights_of_a_model_of_ones_own_are_known_by_their_numbers(workers: ForkServer, tmp_path: Path) -> None:
    weights = tmp_path / "weights.pt"
    torch.save({"weight": torch.ones(32, 64), "bias": torch.zeros(32)}, weights)
    (tmp_path / "own.py").write_text(FROZEN.replace("WEIGHTS", weights.as_posix()), encoding="utf-8")
    method = "method: {lora: {rank: 2, target_modules: ['4']}}"
    run = workers.finish(new_run(write_digits_job(tmp_path, method, *RHYTHM, model="own:frozen")))
    torch.save({"weight": torch.full((32, 64), 2.0), "bias": torch.zeros(32)}, weights)
    assert "changed: frozen weights" in refused(run, workers)


def test_rows_changed_in_a_file_of_the_same_size_and_time(
    workers: ForkServer, library_csv: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    data = tmp_path / "rows.csv"
    shutil.copy(library_csv, data)
    settle(data)
    run = workers.finish(new_run(write_text_job(tmp_path, data, tiny_bert, *RHYTHM)))
    replace(data, lambda path: path.write_bytes(path.read_bytes().replace(b"the", b"teh")) and None)
    assert "run.data-changed" in refused(run, workers)


@pytest.mark.parametrize("form", ["folder", "csv"])
def test_pictures_inverted_in_files_of_the_same_size_and_time(form: str, workers: ForkServer, tmp_path: Path) -> None:
    from PIL import Image

    rows = ["image,label"]
    for number in range(40):
        label = "dark" if number % 2 else "light"
        path = tmp_path / "pictures" / label / f"{number}.bmp"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), 40 + number if number % 2 else 200 + number, np.uint8)).save(path)
        settle(path)
        rows.append(f"pictures/{label}/{number}.bmp,{label}")
    (tmp_path / "rows.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    settle(tmp_path / "rows.csv")
    source = "rows.csv" if form == "csv" else "pictures"
    run = workers.finish(new_run(write_digits_job(tmp_path, *RHYTHM, data=f"train: {source}")))

    def invert(path: Path) -> None:
        Image.fromarray(255 - np.asarray(Image.open(path))).save(path)

    replace(tmp_path / "pictures" / "dark" / "7.bmp", invert)
    assert "run.data-changed" in refused(run, workers)


@pytest.mark.parametrize(("version", "which"), [(None, "an earlier version"), (99, "a later version")])
def test_a_run_of_a_version_that_trains_otherwise_does_not_go_on(
    version: int | None, which: str, workers: ForkServer, tmp_path: Path
) -> None:
    run = workers.finish(new_run(write_digits_job(tmp_path, *RHYTHM)))
    kept = {**run.object_in("environment.json"), "training_version": version}
    write_guarded(run.path / "environment.json", {name: value for name, value in kept.items() if value is not None})
    told = refused(run, workers)
    assert told.startswith("run.other-version")
    assert which in told
    assert load_run(run).model is not None
