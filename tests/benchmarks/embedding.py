"""Tuning all-MiniLM-L6-v2 for search by meaning: sentence-transformers' trainer and Tunesmith.

    python embedding.py                     speed, memory, and how much is found among held-out texts
    python embedding.py --loss              the losses of equal steps

Pairs are the sentence of a docstring of Python's own library and the function that it describes, as the template has
them. All take batches whose loss is taken of the whole, in parts of `--micro` rows (gradient caching), the same
temperature, learning rate, its linear fall, and no weight decay. Speed is that of all steps but the first. `trainer` is
as it comes, in fp32; `trainer-best` takes the faster precision. Every peer's model is judged by the same lines of code.

With `--loss` all take the rows in one order, Tunesmith's for that seed, without dropout, in fp32.
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

from common import EQUAL, Comparison, Figures, Target, add_precision, batches, cpu_s, main, parser, peak_mb
from data import copy_of_minilm
from ours import run_job
from with_trainer import first_and_last

LENGTH = 64
TEST_ROWS = 300
TEMPLATE = Path(__file__).parents[2] / "runtime" / "tunesmith" / "templates" / "embedding" / "prepare.py"

JOB = """\
task: embedding
model: {model}
data: {{train: {train}, validation: none, anchor: sentence, positive: function, max_length: {length}}}
training:
  epochs: 1
  batch_size: {batch}
  micro_batch_size: {micro}
  learning_rate: {rate}
  optimizer: {{adamw: {{weight_decay: 0.0}}}}
  schedule: linear
  warmup: 0
{more}checkpoints: {{every: 1000 epochs}}
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


def trainer(options: argparse.Namespace, *, bf16: bool = False) -> Figures:
    """SentenceTransformerTrainer with CachedMultipleNegativesRankingLoss."""
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.base.sampler import DefaultBatchSampler
    from sentence_transformers.sentence_transformer.losses import CachedMultipleNegativesRankingLoss
    from transformers import TrainerCallback

    rows = pairs_of(options, "train")
    model = SentenceTransformer(str(options.data / "model"), device="cpu")
    model.max_seq_length = LENGTH
    ended: list[float] = []
    losses: list[float] = []

    class Mark(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            ended.append(time.perf_counter())

        def on_log(self, *_: Any, logs: dict[str, float], **__: Any) -> None:
            losses.extend([logs["loss"]] if "loss" in logs else [])

    def in_our_order(dataset: Any, batch_size: int, drop_last: bool, **_: Any) -> Any:
        cut = [model.tokenizer(list(pair), truncation=True, max_length=LENGTH)["input_ids"] for pair in rows]
        lengths = [sum(map(len, both)) for both in cut]
        order = [number for batch in batches(options, len(rows), 0, lengths) for number in batch]
        return DefaultBatchSampler(order, batch_size=batch_size, drop_last=drop_last)

    more = {"batch_sampler": in_our_order, "logging_steps": 1} if options.loss else {}
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
            bf16=bf16,
            **more,
        )
        SentenceTransformerTrainer(
            model=model,
            args=given,
            train_dataset=Dataset.from_dict({"anchor": [a for a, _ in rows], "positive": [p for _, p in rows]}),
            loss=CachedMultipleNegativesRankingLoss(model, mini_batch_size=options.micro),
            callbacks=[Mark()],
        ).train()
        used = {"peak_mb": peak_mb(), "cpu_s": cpu_s()}
        model.save(folder)
        return {**figures(options, ended, losses), **used, **judge(options, folder)}


def trainer_best(options: argparse.Namespace) -> Figures:
    """As well configured as it can be: in the faster precision."""
    return trainer(options, bf16=options.precision == "bf16")


def ours(options: argparse.Namespace) -> Figures:
    """`tunesmith run`, and its export judged like the others."""
    job = JOB.format(
        model=options.data / "model",
        train=options.data / "train.csv",
        length=LENGTH,
        batch=options.batch,
        micro=options.micro,
        rate=options.rate,
        seed=options.seed,
        more="  precision: fp32\n" if options.loss else "",
    )
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        run = run_job(Path(folder), job)
        found = figures(options, list(run.seconds), list(run.losses) if options.loss else [])
        used = {"peak_mb": run.peak_mb, "cpu_s": run.cpu_s, "precision": run.precision()}
        exported = run.export(Path(folder) / "exported", "transformers")
        return {**found, **used, **judge(options, str(exported))}


def figures(options: argparse.Namespace, ended: list[float], losses: list[float]) -> Figures:
    """`ended` are the times at which the steps ended."""
    rows = len(pairs_of(options, "train"))
    speed = round((rows - options.batch) / (ended[-1] - ended[0]), 2)
    return {"samples_per_s": speed, "rows": rows, "steps": len(ended), **first_and_last(losses)}


PEERS = {"trainer": trainer, "trainer-best": trainer_best, "ours": ours}


def comparison(options: argparse.Namespace) -> Comparison:
    what = f"MiniLM, {options.rows} pairs, batch {options.batch} in parts of {options.micro}, one epoch"
    if options.loss:
        return Comparison(
            title=f"Losses of equal steps: {what}",
            peers=("trainer", "ours"),
            fields=("first_loss", "mean_loss", "last_loss", "mrr"),
            equal=("rows", "steps"),
            targets=tuple(
                Target(against="trainer", field=field, at_least=1 / EQUAL, at_most=EQUAL)
                for field in ("first_loss", "mean_loss", "last_loss")
            ),
        )
    return Comparison(
        title=f"Search: {what}",
        peers=tuple(PEERS),
        fields=("samples_per_s", "peak_mb", "cpu_s", "recall_at_1", "mrr"),
        equal=("rows", "steps"),
        targets=(
            Target(against="trainer", field="samples_per_s", at_least=1.5),
            Target(against="trainer-best", field="samples_per_s", at_least=1.0),
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
    copy_of_minilm(folder / "model", dropout=not options.loss)


def options_of(arguments: list[str]) -> argparse.Namespace:
    made = parser(__doc__.splitlines()[0], list(PEERS))
    made.add_argument("--loss", action="store_true", help="compare the losses of equal steps, not speed")
    made.add_argument("--rows", type=int, default=1536, help="pairs to train on, at most 1,700")
    made.add_argument("--batch", type=int, default=256)
    made.add_argument("--micro", type=int, default=32)
    made.add_argument("--rate", type=float, default=5e-5)
    add_precision(made)
    return made.parse_args(arguments)


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:])
    main(__file__, chosen, PEERS, comparison(chosen), prepare, ["loss", "rows", "batch", "micro", "rate", "precision"])
