"""From a command to its first effect: the first training step against a bare script, and `--help` and `check`.

    python startup.py

The first step is that of MiniLM on 32 reviews of 1,280, from starting the process until the step's loss is on the
disk (Tunesmith; its features are in the cache) or printed (bare, which reads and tokenises: it has no cache). The bare
script imports only what it needs. Teardown is not part of it: bare leaves by os._exit, our run goes on.
`--help` and `check` are whole processes, and must not import torch.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from common import Comparison, Figures, Target, add_precision, main, parser
from data import minilm, write_reviews
from ours import COMMAND, command, run_job, runs

ROWS = 1280
HEAVY = ("torch", "transformers")
JOB = """\
task: text-classification
model: all-MiniLM-L6-v2
data: {{train: {train}, validation: none, text: text, label: label, max_length: 128}}
method: full
training: {{epochs: 1, max_steps: 1, batch_size: 32, learning_rate: 5e-5}}
device: cpu
"""
BARE = """
import csv, os, sys
import torch
from tokenizers import Tokenizer
from transformers.models.bert.modeling_bert import BertForSequenceClassification
folder, file, precision = sys.argv[1:]
rows = list(csv.DictReader(open(file, encoding="utf-8", newline="")))
tokenizer = Tokenizer.from_file(folder + "/tokenizer.json"); tokenizer.no_padding(); tokenizer.enable_truncation(128)
ids = [item.ids for item in tokenizer.encode_batch([row["text"] for row in rows])]
model = BertForSequenceClassification.from_pretrained(folder, num_labels=2); model.train()
optimizer = torch.optim.AdamW(model.parameters(), fused=True)
batch = torch.nn.utils.rnn.pad_sequence([torch.tensor(item) for item in ids[:32]], batch_first=True)
labels = torch.tensor([int(row["label"] == "positive") for row in rows[:32]])
with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
    loss = model(input_ids=batch, attention_mask=(batch > 0).long(), labels=labels).loss
loss.backward()
torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
optimizer.step()
print("first step", loss.item(), flush=True)
os._exit(0)
"""


def bare(options: argparse.Namespace) -> Figures:
    began = time.perf_counter()
    arguments = [sys.executable, "-c", BARE, str(minilm()), str(options.data / "train.csv"), options.precision]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        elapsed = time.perf_counter() - began
    assert line.startswith("first step"), "the bare script failed"
    return {"first_step_s": round(elapsed, 3)}


def ours(options: argparse.Namespace) -> Figures:
    """The project of `options.data` was run once, so its features are there."""
    file = options.data / "benchmark.job.yaml"
    known = set(runs(options.data))
    began = time.perf_counter()
    process = subprocess.Popen(
        [COMMAND, "run", file], cwd=options.data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    elapsed = None
    while elapsed is None and process.poll() is None:
        new = [run / "series" / "loss.bin" for run in runs(options.data) if run not in known]
        if new and new[0].exists() and new[0].stat().st_size >= 24:
            elapsed = time.perf_counter() - began
        else:
            time.sleep(0.005)
    said, _ = process.communicate()
    if process.returncode or elapsed is None:
        sys.exit(f"tunesmith run ended with {process.returncode}\n{said}")
    return {"first_step_s": round(elapsed, 3)}


def timed(options: argparse.Namespace, arguments: list[str]) -> Figures:
    """A whole `tunesmith` process, and which heavy packages it imported."""
    command(arguments, options.data)  # into the disk cache
    began = time.perf_counter()
    command(arguments, options.data)
    elapsed = time.perf_counter() - began
    traced = subprocess.run(
        [sys.executable, "-X", "importtime", COMMAND, *arguments],
        cwd=options.data,
        capture_output=True,
        text=True,
        check=False,
    )
    names = {line.rpartition("|")[2].strip() for line in traced.stderr.splitlines() if line.startswith("import time:")}
    assert "tunesmith" in names, f"nothing was traced: {traced.stderr[-500:]}"
    heavy = sorted(name for name in HEAVY if name in names)
    return {"whole_process_s": round(elapsed, 3), "heavy_imports": len(heavy), "heavy": heavy}


def help_(options: argparse.Namespace) -> Figures:
    return timed(options, ["--help"])


def check(options: argparse.Namespace) -> Figures:
    return timed(options, ["check", "small.job.yaml", "--quick"])


PEERS = {"bare": bare, "ours": ours, "help": help_, "check": check}
COMPARISON = Comparison(
    title=f"Start: MiniLM on {ROWS} reviews, features cached",
    peers=tuple(PEERS),
    fields=("first_step_s", "whole_process_s", "heavy_imports"),
    targets=(
        Target(against="bare", field="first_step_s", at_most=0.5, difference=True),
        Target(peer="help", field="whole_process_s", at_most=0.3),
        Target(peer="help", field="heavy_imports", at_most=0),
        Target(peer="check", field="whole_process_s", at_most=0.3),
        Target(peer="check", field="heavy_imports", at_most=0),
    ),
    warm_up=1,  # it fills the disk cache
)


def prepare(folder: Path, options: argparse.Namespace) -> None:
    """A project whose features are cached, and a small job of 100 rows for `check`."""
    write_reviews(folder, train=100, test=0)
    (folder / "train.csv").rename(folder / "small.csv")
    (folder / "small.job.yaml").write_text(JOB.format(train="small.csv"), "utf-8")
    write_reviews(folder, train=ROWS, test=0)
    run_job(folder, JOB.format(train="train.csv"))


if __name__ == "__main__":
    made = parser(__doc__.splitlines()[0], list(PEERS), repeats=5)
    add_precision(made)
    main(__file__, made.parse_args(), PEERS, COMPARISON, prepare, ["precision"])
