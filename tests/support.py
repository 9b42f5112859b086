"""What tests use from many places: waiting, real text, the command line, small jobs."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import pytest

from tunesmith.errors import Problem
from tunesmith.python_process import module_command

T = TypeVar("T")


def wait_until(condition: Callable[[], T], timeout_s: float = 30.0) -> T:
    """The first true value of `condition`; fails after `timeout_s` with the last value seen."""
    end = time.monotonic() + timeout_s
    value = condition()
    while not value:
        if time.monotonic() > end:
            pytest.fail(f"not true within {timeout_s} s; last value: {value!r}")
        time.sleep(0.02)
        value = condition()
    return value


def lines_run(work: Callable[..., Any], *given: Any) -> int:
    """How many lines of Python `work(*given)` runs: how it grows can be told on a busy machine, too."""
    count = 0

    def trace(frame: FrameType, event: str, what: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work(*given)
    finally:
        sys.settrace(before)
    return count


def docstrings(modules: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """(docstring, label) of the standard library's files, by label: real text that every Python carries."""
    stdlib = Path(sysconfig.get_paths()["stdlib"])
    for label, names in modules.items():
        for name in names:
            tree = ast.parse((stdlib / name).read_text("utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and (text := ast.get_docstring(node)):
                    yield text, label


LIBRARY = {
    "text": ["argparse.py", "textwrap.py", "configparser.py", "csv.py", "optparse.py"],
    "network": ["socket.py", "ftplib.py", "imaplib.py", "smtplib.py", "socketserver.py"],
}


def tunesmith(*arguments: str, cwd: Path, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would."""
    return subprocess.run(
        module_command("tunesmith", *arguments),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def write_text_job(folder: Path, data: Path, model: Path | str, *extra: str) -> Path:
    """A small text classification job in `folder`; `extra` are further top-level lines of YAML."""
    job = folder / "library.job.yaml"
    lines = [
        "task: text-classification",
        f"model: {json.dumps(str(model))}",
        f"data: {{train: {json.dumps(str(data))}, text: doc, label: subject, validation: 20%, max_length: 64}}",
        *extra,
    ]
    job.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return job


def save_bert(folder: Path, vocabulary: Path, **sizes: int) -> None:
    """A BERT of 2 layers, 32 wide, dropout on, random weights, and its tokenizer."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    BertTokenizerFast(vocab=str(vocabulary)).save_pretrained(folder)
    usual = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = BertConfig(vocab_size=600, **usual, **sizes)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder)


SCRATCH = "{scratch: {layers: 1, width: 32, heads: 2, vocabulary: 300}}"
"""A small model for texts, as a job names it; nothing is downloaded or kept for it."""


def write_job(
    folder: Path,
    data: str,
    *,
    task: str = "text-classification",
    model: str = SCRATCH,
    more: str = "",
    name: str = "a.job.yaml",
) -> Path:
    """A job in `folder`: `data` is what stands in the braces after `data:`, `more` are further lines of YAML."""
    job = folder / name
    job.write_text(f"task: {task}\nmodel: {model}\ndata: {{{data}}}\n{more}", encoding="utf-8")
    return job


def errors_of(found: Mapping[str, Any]) -> list[Problem]:
    """What of all that `check` found keeps a run from beginning."""
    return [problem for problem in found["problems"] if problem.severity == "error"]


PERCEPTRON = """
from torch import nn

def perceptron(outputs: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, outputs))

def digits():
    from sklearn.datasets import load_digits
    found = load_digits()
    return [{"image": image.astype("float32") / 16, "label": str(label)}
            for image, label in zip(found.images[:600], found.target[:600])]
"""


DIGITS = "train: 'perceptron:digits', image: image, label: label"


def write_digits_job(folder: Path, *extra: str, model: str = "perceptron:perceptron", data: str = DIGITS) -> Path:
    """An image classification job on real digits with the project's own perceptron (dropout on), or another `model`."""
    (folder / "perceptron.py").write_text(PERCEPTRON, encoding="utf-8")
    job = folder / "digits.job.yaml"
    lines = [
        "task: image-classification",
        f"model: {model}",
        f"data: {{{data}, validation: 20%}}",
        *extra,
    ]
    job.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return job
