"""Data of many sizes: rows a second and memory of `check`, and of a run up to its first step.

    python data_sizes.py                    10 thousand, 100 thousand and a million rows
    python data_sizes.py --sizes 10000000   ten million: an hour, and 10 GB of disk
    python data_sizes.py --format parquet   or jsonl

A row is a text of 6 to 16 words out of movie reviews and one of three labels. The model is a module of our own
with MiniLM's tokenizer, so that nothing but the rows grows. The peers read the same file: pandas into a frame, datasets
into its cache with the same tokenizer and cut. `again` is the run with its features in the cache. `torch` is a process
that imports torch and nothing else, and `start` a run of a thousand rows: what memory is counted from.

`peak_mb` counts all memory, pages of mapped files among them, and `anonymous_mb` what belongs to no file: the system
takes the pages of the feature cache back when it needs room.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path

from common import Comparison, Figures, Target, cpu_s, main, parser, peak_mb
from data import as_format, minilm, write_pieces
from ours import Measured, command, run_job

SIZES = "10000,100000,1000000"
LIMIT = 64
GROWTH_MB = 300
JOB = f"""\
task: text-classification
model: {{python: {{name: "net:Net", tokenizer: all-MiniLM-L6-v2}}}}
data: {{train: train.FORMAT, validation: none, text: text, label: label, max_length: {LIMIT}}}
training: {{max_steps: 1, batch_size: 32}}
device: cpu
"""
NET = """
import torch


class Net(torch.nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.words = torch.nn.EmbeddingBag(30522, 16)
        self.head = torch.nn.Linear(16, outputs)

    def forward(self, input_ids, attention_mask=None):
        return self.head(self.words(input_ids))
"""


def torch_alone(options: argparse.Namespace) -> Figures:
    import torch

    assert torch.__version__
    return {"peak_mb": peak_mb()}


def pandas(options: argparse.Namespace) -> Figures:
    import pandas

    began = time.perf_counter()
    file = options.data / f"train.{options.format}"
    if options.format == "csv":
        rows = pandas.read_csv(file)
    elif options.format == "jsonl":
        rows = pandas.read_json(file, lines=True)
    else:
        rows = pandas.read_parquet(file)
    return _figures(options, len(rows), began, peak_mb=peak_mb(), cpu_s=cpu_s())


def datasets(options: argparse.Namespace) -> Figures:
    from datasets import load_dataset
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(minilm() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LIMIT)

    def encode(batch: dict[str, list[str]]) -> dict[str, list[list[int]]]:
        return {"input_ids": [each.ids for each in tokenizer.encode_batch_fast(batch["text"])]}

    began = time.perf_counter()
    cache = options.data / f"datasets-{time.time_ns()}"
    file = str(options.data / f"train.{options.format}")
    kind = "json" if options.format == "jsonl" else options.format
    rows = load_dataset(kind, data_files=file, cache_dir=str(cache), split="train")
    encoded = rows.map(encode, batched=True, remove_columns=["text"])
    assert len(encoded[0]["input_ids"]) > 2
    return _figures(options, len(encoded), began, peak_mb=peak_mb(), cpu_s=cpu_s())


def check(options: argparse.Namespace) -> Figures:
    """As its user gets it; a process of its own."""
    began = time.perf_counter()
    command(["check", "benchmark.job.yaml", "--quick"], options.data)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = round(used.ru_utime + used.ru_stime, 2)
    return _figures(options, options.rows, began, peak_mb=round(used.ru_maxrss * 1024 / 1e6, 1), cpu_s=took)


def run(options: argparse.Namespace) -> Figures:
    """Nothing is in the cache: read, encoded, looked at, and one step."""
    for entry in (options.data / ".tunesmith" / "cache").glob("*/manifest.json"):
        entry.unlink()
    return again(options)


def start(options: argparse.Namespace) -> Figures:
    """What a run takes that has hardly any rows: a new one pays it once."""
    began = time.perf_counter()
    measured = run_job(options.data, _job(options), overrides=["data.train=few.csv"])
    return {"seconds": round(time.perf_counter() - began, 2), **_used(measured)}


def again(options: argparse.Namespace) -> Figures:
    """The run before this one has left its features in the cache."""
    began = time.perf_counter()
    measured = run_job(options.data, _job(options))
    return _figures(options, measured.training_rows(), began, **_used(measured))


def _job(options: argparse.Namespace) -> str:
    return JOB.replace("FORMAT", options.format)


def _used(run: Measured) -> Figures:
    return {"peak_mb": run.peak_mb, "anonymous_mb": run.anonymous_mb, "cpu_s": run.cpu_s}


def _figures(options: argparse.Namespace, rows: int, began: float, **used: float) -> Figures:
    seconds = time.perf_counter() - began
    assert rows == options.rows, f"{rows} rows were read"
    return {"rows": rows, "seconds": round(seconds, 2), "rows_per_s": round(rows / seconds), **used}


PEERS = {
    "torch": torch_alone,
    "pandas": pandas,
    "datasets": datasets,
    "check": check,
    "start": start,
    "run": run,
    "again": again,
}
COMPARISON = Comparison(
    title="Data of many sizes",
    peers=tuple(PEERS),
    fields=("rows", "seconds", "rows_per_s", "cpu_s", "peak_mb", "anonymous_mb"),
    equal=("rows",),
    targets=(
        Target(peer="check", against="torch", field="peak_mb", at_most=GROWTH_MB, difference=True),
        Target(peer="run", against="start", field="peak_mb", at_most=GROWTH_MB, difference=True),
        Target(peer="again", against="start", field="peak_mb", at_most=GROWTH_MB, difference=True),
    ),
)
MANY = 1_000_000
COST = Target(peer="run", against="datasets", field="cpu_s", at_most=1.3)
"""From so many rows on: of fewer, the start is most of a run."""


def prepare(folder: Path, options: argparse.Namespace) -> None:
    """The rows, the module and the job that `check` reads."""
    write_pieces(folder / "train.csv", rows=options.rows)
    as_format(folder / "train.csv", options.format)
    write_pieces(folder / "few.csv", rows=1000)
    (folder / "net.py").write_text(NET, "utf-8")
    (folder / "benchmark.job.yaml").write_text(_job(options), "utf-8")


if __name__ == "__main__":
    made = parser(__doc__.splitlines()[0], list(PEERS), repeats=1)
    made.add_argument("--sizes", default=SIZES, help="how many rows, separated by commas")
    made.add_argument("--format", default="csv", choices=("csv", "jsonl", "parquet"), help="of the file")
    made.add_argument("--rows", type=int, help=argparse.SUPPRESS)
    given = made.parse_args()
    for size in [given.rows] if given.peer else map(int, given.sizes.split(",")):
        given.rows = size
        targets = (*COMPARISON.targets, COST) if size >= MANY else COMPARISON.targets
        comparison = replace(COMPARISON, title=f"{COMPARISON.title}: {size:,} rows, {given.format}", targets=targets)
        main(__file__, given, PEERS, comparison, prepare, ["rows", "format"])
