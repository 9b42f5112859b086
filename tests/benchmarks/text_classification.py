"""Fine-tuning all-MiniLM-L6-v2 on movie reviews: the transformers Trainer, bare loops and Tunesmith.

    python text_classification.py                     speed and memory, all weights
    python text_classification.py --method lora
    python text_classification.py --converged         macro F1 of longer runs, over seeds

Speed is that of the second of two epochs, from the end of the first to the end of the last step: every text is in it
once, whatever order a peer takes. Rows, steps, tuned weights, learning rate, its linear fall, clipping at 1 and no
weight decay are the same for all. "Bare" is a loop written by hand for this one job.

With `--converged` bare draws its random numbers as Tunesmith does: the new head, the adapter, the batches, the dropout
of each step. What the two differ in is then what they compute, and not luck, which moves macro F1 by 0.01.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from common import Comparison, Figures, Target, add_precision, batches, draw, main, parser, peak_mb
from data import minilm, read_reviews, write_reviews
from ours import run_job
from with_trainer import GROUPED, train

LENGTH = 128
WINDOW = 50  # batches: within so many, texts are sorted by length
TEST_ROWS = 2600
LORA = {"r": 8, "lora_alpha": 16, "lora_dropout": 0.0, "target_modules": ["query", "value"]}

JOB = """\
task: text-classification
model: all-MiniLM-L6-v2
data: {{train: {train}, validation: none, text: text, label: label, max_length: {length}}}
method: {method}
training:
  epochs: {epochs}
  batch_size: {batch}
  learning_rate: {rate}
  optimizer: {{adamw: {{weight_decay: 0.0}}}}
  schedule: linear
  warmup: 0
checkpoints: {{every: 1000 epochs}}
seed: {seed}
device: cpu
"""


# -- what all peers have in common -------------------------------------------------------------------------------------


def rows_of(options: argparse.Namespace, name: str) -> list[dict[str, Any]]:
    """Token ids and labels of `train` or `test`, as plain lists."""
    from tokenizers import Tokenizer

    texts, labels = read_reviews(options.data / f"{name}.csv")
    tokenizer = Tokenizer.from_file(str(minilm() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LENGTH)
    found = tokenizer.encode_batch(texts)
    return [{"input_ids": item.ids, "labels": label} for item, label in zip(found, labels, strict=True)]


def load(options: argparse.Namespace) -> Any:
    """The model with a new head, for full tuning or LoRA."""
    from transformers import AutoModelForSequenceClassification

    draw(options, "weights", "head")
    model = AutoModelForSequenceClassification.from_pretrained(minilm(), num_labels=2)
    if options.method == "lora":
        from peft import LoraConfig, get_peft_model

        draw(options, "weights", "adapter")
        model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", **LORA))
    return model


def figures(
    options: argparse.Namespace, marks: list[float], *, rows: int, tokens: int, peak: float, parameters: int
) -> Figures:
    """`marks` are the times at which each step ended; the last epoch counts."""
    steps = round(len(marks) / options.epochs)
    speed = {"samples_per_s": round(rows / (marks[-1] - marks[-1 - steps]), 2)} if options.epochs > 1 else {}
    return {
        **speed,
        "peak_mb": peak,
        "rows": rows,
        "tokens": tokens,
        "steps": len(marks),
        "parameters": parameters,
    }


def judge(options: argparse.Namespace, model: Any) -> Figures:
    """Accuracy and macro F1 on the held-out rows, in fp32; the same code for every peer."""
    import torch
    from sklearn.metrics import accuracy_score, f1_score

    rows = rows_of(options, "test")
    model.eval()
    said: list[int] = []
    with torch.inference_mode():
        for begin in range(0, len(rows), 64):
            said += model(**padded(rows[begin : begin + 64])).logits.argmax(-1).tolist()
    truth = [row["labels"] for row in rows]
    macro = f1_score(truth, said, average="macro")
    return {"accuracy": round(accuracy_score(truth, said), 4), "f1_macro": round(float(macro), 4)}


def padded(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A batch, filled up to its longest text."""
    import torch

    longest = max(len(row["input_ids"]) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for number, row in enumerate(rows):
        length = len(row["input_ids"])
        ids[number, :length] = torch.tensor(row["input_ids"])
        mask[number, :length] = 1
    return {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor([row["labels"] for row in rows])}


def measured(options: argparse.Namespace, model: Any, marks: list[float], rows: list[dict[str, Any]]) -> Figures:
    """Figures of a peer that trained in this process."""
    parameters = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    tokens = sum(len(row["input_ids"]) for row in rows)
    found = figures(options, marks, rows=len(rows), tokens=tokens, peak=peak_mb(), parameters=parameters)
    return {**found, **judge(options, model)} if options.converged else found


# -- the peers ---------------------------------------------------------------------------------------------------------


def trainer(options: argparse.Namespace, **arguments: Any) -> Figures:
    """transformers.Trainer; without arguments as it comes, but for saving and its progress bar."""
    from transformers import AutoTokenizer, DataCollatorWithPadding

    rows = rows_of(options, "train")
    model = load(options)
    steps = train(options, model, rows, DataCollatorWithPadding(AutoTokenizer.from_pretrained(minilm())), **arguments)
    return measured(options, model, steps.ended, rows)


def trainer_default(options: argparse.Namespace) -> Figures:
    return trainer(options)


def trainer_grouped(options: argparse.Namespace) -> Figures:
    """Its best: texts of like length together, in the faster precision."""
    return trainer(options, bf16=options.precision == "bf16", **GROUPED)


def bare(options: argparse.Namespace, *, bf16: bool) -> Figures:
    """Length buckets, shuffled batches, fused AdamW, autocast: nothing that this job does not need."""
    import torch

    from tunesmith.train.dropout import fast_dropout

    rows = rows_of(options, "train")
    model = load(options)
    tuned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(tuned, lr=options.rate, weight_decay=0.0, fused=True)
    total = options.epochs * -(-len(rows) // options.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.0, 1 - step / total))
    numbers = random.Random(options.seed)
    marks: list[float] = []
    model.train()
    lengths = [len(row["input_ids"]) for row in rows]
    for epoch in range(options.epochs):
        same = batches(options, len(rows), epoch, lengths) if options.converged else None
        for chosen in same or buckets(lengths, options.batch, numbers):
            if options.converged:
                draw(options, "step", len(marks) + 1)
            batch = padded([rows[index] for index in chosen])
            with fast_dropout() if options.converged else nullcontext():
                with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                    loss = model(**batch).loss
                loss.backward()
            torch.nn.utils.clip_grad_norm_(tuned, 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            marks.append(time.perf_counter())
    return measured(options, model, marks, rows)


def buckets(lengths: list[int], batch: int, numbers: random.Random) -> list[list[int]]:
    """Every row once: windows of shuffled rows are sorted by length and cut into batches, which are shuffled."""
    order = numbers.sample(range(len(lengths)), len(lengths))
    batches = []
    for begin in range(0, len(order), batch * WINDOW):
        window = sorted(order[begin : begin + batch * WINDOW], key=lengths.__getitem__)
        batches += [window[start : start + batch] for start in range(0, len(window), batch)]
    numbers.shuffle(batches)
    return batches


def bare_fp32(options: argparse.Namespace) -> Figures:
    return bare(options, bf16=False)


def bare_fastest(options: argparse.Namespace) -> Figures:
    return bare(options, bf16=options.precision == "bf16")


def ours(options: argparse.Namespace) -> Figures:
    """`tunesmith run`; for `--converged` its export is judged like the others."""
    method = "{lora: {rank: 8, alpha: 16, target_modules: [query, value]}}" if options.method == "lora" else "full"
    job = JOB.format(
        train=options.data / "train.csv",
        length=LENGTH,
        method=method,
        epochs=options.epochs,
        batch=options.batch,
        rate=options.rate,
        seed=options.seed,
    )
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        run = run_job(Path(folder), job)
        found = figures(
            options,
            list(run.seconds),
            rows=run.training_rows(),
            tokens=run.tokens(),
            peak=run.peak_mb,
            parameters=run.parameters(),
        )
        if options.converged:
            from transformers import AutoModelForSequenceClassification

            form = "merged" if options.method == "lora" else "transformers"
            exported = run.export(Path(folder) / "exported", form)
            found |= judge(options, AutoModelForSequenceClassification.from_pretrained(exported))
        return {**found, "precision": run.precision()}


PEERS = {
    "trainer": trainer_default,
    "trainer-grouped": trainer_grouped,
    "bare-fp32": bare_fp32,
    "bare": bare_fastest,
    "ours": ours,
}


# -- the comparisons ---------------------------------------------------------------------------------------------------


def comparison(options: argparse.Namespace) -> Comparison:
    work = ("rows", "tokens", "steps", "parameters")
    what = f"MiniLM, {options.method}, {options.rows} reviews, batch {options.batch}"
    if options.converged:
        return Comparison(
            title=f"Quality: {what}, {options.epochs} epochs, rate {options.rate:g}, {TEST_ROWS} rows held out",
            peers=("trainer", "bare-fp32", "ours"),
            fields=("f1_macro", "accuracy", "samples_per_s", "peak_mb"),
            equal=work,
            targets=(
                Target(against="bare-fp32", field="f1_macro", at_least=1.0),
                Target(against="bare-fp32", field="peak_mb", at_most=1.0),
            ),
        )
    return Comparison(
        title=f"Speed: {what}, one epoch after one that warms up",
        peers=("trainer", "trainer-grouped", "bare", "ours"),
        fields=("samples_per_s", "peak_mb"),
        equal=work,
        targets=(
            Target(against="trainer", field="samples_per_s", at_least=2.2),
            Target(against="trainer-grouped", field="samples_per_s", at_least=1.0),
            Target(against="bare", field="samples_per_s", at_least=0.95),
            Target(against="trainer-grouped", field="peak_mb", at_most=1.0),
            Target(against="bare", field="peak_mb", at_most=1.0),
        ),
    )


def prepare(folder: Path, options: argparse.Namespace) -> None:
    write_reviews(folder, train=options.rows, test=TEST_ROWS)


def options_of(arguments: list[str]) -> argparse.Namespace:
    made = parser(__doc__.splitlines()[0], list(PEERS))
    made.add_argument("--method", choices=("full", "lora"), default="full")
    made.add_argument("--converged", action="store_true", help="train longer and compare quality, not speed")
    made.add_argument("--rows", type=int, help="reviews to train on (default 1280, converged 8000)")
    made.add_argument("--epochs", type=int, default=2)
    made.add_argument("--batch", type=int, default=32)
    made.add_argument("--rate", type=float, help="learning rate (default 1e-4, LoRA 1e-3)")
    add_precision(made)
    options = made.parse_args(arguments)
    options.rows = options.rows or (8000 if options.converged else 1280)
    options.rate = options.rate or (1e-3 if options.method == "lora" else 1e-4)
    return options


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:])
    passed = ["method", "converged", "rows", "epochs", "batch", "rate", "precision"]
    main(__file__, chosen, PEERS, comparison(chosen), prepare, passed)
