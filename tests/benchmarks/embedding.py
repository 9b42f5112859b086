"""Tuning all-MiniLM-L6-v2 for search by meaning: sentence-transformers' trainer and Tunesmith.

    python embedding.py                     speed, memory, and how much is found among held-out texts

Pairs are the sentence of a docstring of Python's own library and the function that it describes, as the template has
them. Both take batches whose loss is taken of the whole, in parts of `--micro` rows (gradient caching), the same
temperature, learning rate, its linear fall, and no weight decay. Speed is that of all steps but the first. Every peer's
model is judged by the same lines of code.
"""

from __future__ import annotations

import argparse
import csv
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import Comparison, Figures, Target, main, parser, peak_mb
from data import minilm
from ours import run_job

LENGTH = 64
TEST_ROWS = 300
TEMPLATE = Path(__file__).parents[2] / "runtime" / "tunesmith" / "templates" / "embedding" / "prepare.py"

JOB = """\
task: embedding
model: all-MiniLM-L6-v2
data: {{train: {train}, validation: none, anchor: sentence, positive: function, max_length: {length}}}
training:
  epochs: 1
  batch_size: {batch}
  micro_batch_size: {micro}
  learning_rate: {rate}
  optimizer: {{adamw: {{weight_decay: 0.0}}}}
  schedule: linear
  warmup: 0
checkpoints: {{every: 1000 epochs}}
seed: {seed}
device: cpu
"""


def pairs_of(options: argparse.Namespace, name: str) -> list[tuple[str, str]]:
    """Of `train` or `test`."""
    with (options.data / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["sentence"], row["function"]) for row in csv.DictReader(file)]


def judge(options: argparse.Namespace, folder: str) -> Figures:
    """How much of the held-out texts is found, by the vectors of sentence-transformers."""
    import numpy as np
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(folder, device="cpu")
    asked, texts = zip(*pairs_of(options, "test"), strict=True)
    near = np.asarray(model.encode(list(asked))) @ np.asarray(model.encode(list(texts))).T
    places = [int((line >= line[row]).sum()) for row, line in enumerate(near)]
    mrr = float(np.mean([1 / place for place in places]))
    return {"recall_at_1": round(sum(place == 1 for place in places) / len(places), 4), "mrr": round(mrr, 4)}


def trainer(options: argparse.Namespace) -> Figures:
    """SentenceTransformerTrainer with CachedMultipleNegativesRankingLoss."""
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import CachedMultipleNegativesRankingLoss
    from transformers import TrainerCallback

    rows = pairs_of(options, "train")
    model = SentenceTransformer(str(minilm()), device="cpu")
    model.max_seq_length = LENGTH
    marks: list[float] = []

    class Mark(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            marks.append(time.perf_counter())

    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-trainer-") as folder:
        given = SentenceTransformerTrainingArguments(
            folder,
            num_train_epochs=1,
            per_device_train_batch_size=options.batch,
            learning_rate=options.rate,
            weight_decay=0.0,
            save_strategy="no",
            report_to=[],
            use_cpu=True,
            disable_tqdm=True,
            dataloader_drop_last=False,
            seed=options.seed,
        )
        SentenceTransformerTrainer(
            model=model,
            args=given,
            train_dataset=Dataset.from_dict({"anchor": [a for a, _ in rows], "positive": [p for _, p in rows]}),
            loss=CachedMultipleNegativesRankingLoss(model, mini_batch_size=options.micro),
            callbacks=[Mark()],
        ).train()
        peak = peak_mb()
        model.save(folder)
        speed = (len(rows) - options.batch) / (marks[-1] - marks[0])
        return {
            "samples_per_s": round(speed, 2),
            "peak_mb": peak,
            "rows": len(rows),
            "steps": len(marks),
            **judge(options, folder),
        }


def ours(options: argparse.Namespace) -> Figures:
    """`tunesmith run`, and its export judged like the other."""
    job = JOB.format(
        train=options.data / "train.csv",
        length=LENGTH,
        batch=options.batch,
        micro=options.micro,
        rate=options.rate,
        seed=options.seed,
    )
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        run = run_job(Path(folder), job)
        rows = len(pairs_of(options, "train"))
        speed = (rows - options.batch) / run.seconds_between(1, run.steps)
        exported = run.export(Path(folder) / "exported", "transformers")
        return {
            "samples_per_s": round(speed, 2),
            "peak_mb": run.peak_mb,
            "rows": rows,
            "steps": run.steps,
            "precision": run.precision(),
            **judge(options, str(exported)),
        }


PEERS = {"trainer": trainer, "ours": ours}


def comparison(options: argparse.Namespace) -> Comparison:
    return Comparison(
        title=f"Search: MiniLM, {options.rows} pairs, batch {options.batch} in parts of {options.micro}, one epoch",
        peers=("trainer", "ours"),
        fields=("samples_per_s", "peak_mb", "recall_at_1", "mrr"),
        equal=("rows", "steps"),
        targets=(
            Target(against="trainer", field="samples_per_s", at_least=1.5),
            Target(against="trainer", field="peak_mb", at_most=1.0),
            Target(against="trainer", field="mrr", at_least=1.0),
        ),
    )


def prepare(folder: Path, options: argparse.Namespace) -> None:
    """`train.csv` and `test.csv`, of the template's own pairs."""
    (folder / "prepare.py").write_bytes(TEMPLATE.read_bytes())
    subprocess.run([sys.executable, "prepare.py"], cwd=folder, check=True)
    with (folder / "data" / "functions.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    random.Random(0).shuffle(rows)
    parts = {"test": rows[:TEST_ROWS], "train": rows[TEST_ROWS : TEST_ROWS + options.rows]}
    for name, chosen in parts.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *chosen])


def options_of(arguments: list[str]) -> argparse.Namespace:
    made = parser(__doc__.splitlines()[0], list(PEERS))
    made.add_argument("--rows", type=int, default=1536, help="pairs to train on, at most 1,700")
    made.add_argument("--batch", type=int, default=256)
    made.add_argument("--micro", type=int, default=32)
    made.add_argument("--rate", type=float, default=5e-5)
    return made.parse_args(arguments)


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:])
    main(__file__, chosen, PEERS, comparison(chosen), prepare, ["rows", "batch", "micro", "rate"])
