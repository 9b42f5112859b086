"""A small T5 (4 + 4 layers, 256 wide) that writes the first line of a docstring from its rest: transformers'
Seq2SeqTrainer, a bare loop and Tunesmith.

    python seq2seq.py                     speed and memory, all weights
    python seq2seq.py --loss              the losses of equal steps, and of held-out rows after them

All start from the same weights in one folder and see the same pairs, cut to 256 source and 48 target tokens. Speed is
that of the second of two epochs, from the end of the first to the end of the last step. `trainer` is as it comes, in
fp32; `trainer-best` groups rows by length and takes the faster precision; `bare` and Tunesmith take that, too. With
`--loss` all take the rows in one order, Tunesmith's for that seed, without dropout, and in fp32.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import EQUAL, Comparison, Figures, Target, main
from data import write_summaries
from ours import run_job
from with_trainer import GROUPED, PASSED, Steps, in_order, measured, of_ours, options_of, train

SOURCE, TARGET = 256, 48
HELD_OUT = 64

JOB = """\
task: seq2seq
model: {model}
data: {{train: {train}, validation: none, source: source, target: target, max_length: {source}, \
max_target_length: {target}, duplicates: keep}}
training:
  epochs: {epochs}
  batch_size: {batch}
  learning_rate: {rate}
  optimizer: {{adamw: {{weight_decay: 0.0}}}}
  schedule: constant
  warmup: 0
  clip_norm: 1
{more}checkpoints: {{every: 1000 epochs}}
seed: {seed}
device: cpu
"""


# -- what all peers have in common -------------------------------------------------------------------------------------


def prepare(folder: Path, options: argparse.Namespace) -> None:
    """The pairs, and a folder with untrained weights and a tokenizer made from the pairs."""
    import torch
    from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

    from tunesmith.models.parts.byte_pairs import END, PAD, byte_pairs

    write_summaries(folder, train=options.rows, test=HELD_OUT)
    texts = [text for row in pairs(folder, "train") for text in row]
    words = byte_pairs(texts, vocabulary=8000, ends="last")
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token=PAD, eos_token=END)
    torch.manual_seed(0)
    shape = {"d_model": 256, "d_kv": 64, "d_ff": 1024, "num_layers": 4, "num_heads": 4}
    tokens = {"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
    off = {"dropout_rate": 0.0} if options.loss else {}
    T5ForConditionalGeneration(T5Config(vocab_size=len(tokenizer), **shape, **tokens, **off)).save_pretrained(
        folder / "model"
    )
    tokenizer.save_pretrained(folder / "model")


def pairs(folder: Path, name: str) -> list[tuple[str, str]]:
    """Sources and targets of `train` or `test`."""
    rows = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [(row["source"], row["target"]) for row in rows]


def encoded(options: argparse.Namespace, name: str) -> list[dict[str, list[int]]]:
    """Token ids of every pair, cut."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(options.data / "model" / "tokenizer.json"))
    found = []
    sources, targets = zip(*pairs(options.data, name), strict=True)
    for texts, limit in ((sources, SOURCE), (targets, TARGET)):
        tokenizer.enable_truncation(limit)
        found.append([encoding.ids for encoding in tokenizer.encode_batch(list(texts))])
    return [{"input_ids": one, "labels": other} for one, other in zip(*found, strict=True)]


def length_of(row: dict[str, list[int]]) -> int:
    """Of a pair, as `tunesmith run` counts it to put like ones together."""
    return len(row["input_ids"]) + len(row["labels"])


def load(options: argparse.Namespace) -> Any:
    import torch
    from transformers import AutoModelForSeq2SeqLM

    return AutoModelForSeq2SeqLM.from_pretrained(options.data / "model", dtype=torch.float32)


def padded(rows: list[dict[str, list[int]]]) -> dict[str, Any]:
    """As transformers' data collator does it."""
    import torch

    def filled(lists: list[list[int]], value: int) -> Any:
        longest = max(map(len, lists))
        return torch.tensor([[*each, *[value] * (longest - len(each))] for each in lists])

    ids = [row["input_ids"] for row in rows]
    return {
        "input_ids": filled(ids, 0),
        "attention_mask": filled([[1] * len(each) for each in ids], 0),
        "labels": filled([row["labels"] for row in rows], -100),
    }


def held_out_loss(options: argparse.Namespace, model: Any) -> float:
    """Nats a target token over the held-out rows, in fp32; the same code for every peer."""
    import torch

    model.eval()
    total, count = 0.0, 0
    with torch.inference_mode():
        for row in encoded(options, "test"):
            tokens = len(row["labels"])
            total += model(**padded([row])).loss.item() * tokens
            count += tokens
    return round(total / count, 4)


def judged(options: argparse.Namespace, model: Any, steps: Steps) -> Figures:
    """Figures of a peer that trained in this process."""
    rows = encoded(options, "train")
    found = measured(options, model, steps, rows, tokens=sum(map(length_of, rows)))
    return {**found, "held_out_loss": held_out_loss(options, model)} if options.loss else found


# -- the peers ---------------------------------------------------------------------------------------------------------


def trainer(options: argparse.Namespace, **arguments: Any) -> Figures:
    from transformers import AutoTokenizer, DataCollatorForSeq2Seq

    model = load(options)
    rows = encoded(options, "train")
    steps = train(
        options,
        model,
        in_order(options, rows, length_of) if options.loss else rows,
        DataCollatorForSeq2Seq(AutoTokenizer.from_pretrained(options.data / "model"), model=model),
        kind="Seq2Seq",
        ordered=options.loss,
        lr_scheduler_type="constant",
        max_grad_norm=1.0,
        **arguments,
    )
    return judged(options, model, steps)


def trainer_best(options: argparse.Namespace) -> Figures:
    """As well configured as it can be: rows of like length together, and the faster precision."""
    return trainer(options, bf16=options.precision == "bf16", **GROUPED)


def bare(options: argparse.Namespace) -> Figures:
    import torch

    model = load(options)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.0, fused=True)
    steps = Steps()
    model.train()
    low = options.precision == "bf16" and not options.loss
    order = in_order(options, encoded(options, "train"), length_of)
    for begin in range(0, len(order), options.batch):
        with torch.autocast("cpu", torch.bfloat16, enabled=low):
            loss = model(**padded(order[begin : begin + options.batch]), use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        steps.ended.append(time.perf_counter())
        steps.losses.append(loss.item())
    return judged(options, model, steps)


def ours(options: argparse.Namespace) -> Figures:
    """`tunesmith run`; for `--loss` its export is judged like the others."""
    job = JOB.format(
        model=options.data / "model",
        train=options.data / "train.jsonl",
        source=SOURCE,
        target=TARGET,
        epochs=options.epochs,
        batch=options.batch,
        rate=options.rate,
        seed=options.seed,
        more="  precision: fp32\n" if options.loss else "",
    )
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        run = run_job(Path(folder), job)
        rows = encoded(options, "train")
        found = of_ours(options, run, rows=len(rows), tokens=sum(map(length_of, rows)))
        if options.loss:
            from transformers import AutoModelForSeq2SeqLM

            exported = run.export(Path(folder) / "exported", "transformers")
            found["held_out_loss"] = held_out_loss(options, AutoModelForSeq2SeqLM.from_pretrained(exported))
        return found


PEERS = {"trainer": trainer, "trainer-best": trainer_best, "bare": bare, "ours": ours}


# -- the comparisons ---------------------------------------------------------------------------------------------------


def comparison(options: argparse.Namespace) -> Comparison:
    what = f"T5 4 + 4 x 256, {options.rows} pairs, {options.batch} a step"
    if options.loss:
        return Comparison(
            title=f"Quality: {what}, losses after {options.epochs} epoch(s)",
            peers=("trainer", "bare", "ours"),
            fields=("mean_loss", "last_loss", "held_out_loss", "peak_mb"),
            equal=("steps", "parameters"),
            targets=tuple(
                Target(against=peer, field=field, at_least=1 / EQUAL, at_most=EQUAL)
                for peer in ("trainer", "bare")
                for field in ("mean_loss", "last_loss", "held_out_loss")
            ),
        )
    return Comparison(
        title=f"Speed: {what}, one epoch after one that warms up",
        peers=tuple(PEERS),
        fields=("samples_per_s", "peak_mb", "cpu_s"),
        equal=("steps", "parameters"),
        targets=(
            Target(against="trainer", field="samples_per_s", at_least=1.5),
            Target(against="trainer-best", field="samples_per_s", at_least=1.0),
            Target(against="trainer", field="peak_mb", at_most=1.0),
        ),
    )


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:], __doc__.splitlines()[0], list(PEERS), rows=640, of="pairs", rate=1e-3)
    main(__file__, chosen, PEERS, comparison(chosen), prepare, PASSED)
