"""Tuning all-MiniLM-L6-v2 to mark what docstrings speak of: transformers' Trainer, set up as its example run_ner.py
does it, and Tunesmith.

    python token_classification.py                     speed, memory, strict entity F1 on held-out rows
    python token_classification.py --loss              the losses of equal steps

The rows are those of the template: paragraphs of docstrings of Python's own library, as lists of words with IOB2 tags.
The first token of a word has its tag, the others are not learnt. Rows, tokens, steps, tuned weights, learning rate, its
linear fall, clipping at 1 and no weight decay are the same for all. Speed is that of the second of two epochs, from the
end of the first to the end of the last step. `trainer` is as the example comes, in fp32; `trainer-best` groups rows by
length and takes the faster precision. F1 is seqeval's, by the same lines of code for every peer's model.

With `--loss` all take the rows in one order, Tunesmith's for that seed, with the same new head, without dropout, in
fp32.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import EQUAL, Comparison, Figures, Target, draw, main
from data import copy_of_minilm
from ours import run_job
from with_trainer import GROUPED, PASSED, in_order, measured, of_ours, options_of, train

LENGTH = 256
TEST_ROWS = 300
TEMPLATE = Path(__file__).parents[2] / "runtime" / "tunesmith" / "templates" / "token-classification" / "prepare.py"
WORD = re.compile(r"\w+|[^\w\s]")
UNLEARNT = -100

JOB = """\
task: token-classification
model: {model}
data: {{train: {train}, validation: none, words: words, tags: tags, max_length: {length}, duplicates: keep}}
training:
  epochs: {epochs}
  batch_size: {batch}
  learning_rate: {rate}
  optimizer: {{adamw: {{weight_decay: 0.0}}}}
  schedule: linear
  warmup: 0
  clip_norm: 1
{more}checkpoints: {{every: 1000 epochs}}
seed: {seed}
device: cpu
"""


# -- what all peers have in common -------------------------------------------------------------------------------------


def prepare(folder: Path, options: argparse.Namespace) -> None:
    """`train.jsonl` and `test.jsonl`, of the template's own rows, and the model that all begin with."""
    (folder / "prepare.py").write_bytes(TEMPLATE.read_bytes())
    subprocess.run([sys.executable, "prepare.py"], cwd=folder, check=True)
    lines = (folder / "data" / "docstrings.jsonl").read_text("utf-8").splitlines()
    rows = [in_words(json.loads(line)) for line in lines]
    random.Random(0).shuffle(rows)
    for name, part in (("test", rows[:TEST_ROWS]), ("train", rows[TEST_ROWS : TEST_ROWS + options.rows])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part), "utf-8")
    copy_of_minilm(folder / "model", dropout=not options.loss)


def in_words(row: dict[str, Any]) -> dict[str, list[str]]:
    """A text with spans as words with tags."""
    words, tags = [], []
    for match in WORD.finditer(row["text"]):
        found = [each for each in row["entities"] if each["start"] <= match.start() < each["end"]]
        letter = "B" if found and match.start() == found[0]["start"] else "I"
        words.append(match.group())
        tags.append(f"{letter}-{found[0]['label']}" if found else "O")
    return {"words": words, "tags": tags}


def tagged(options: argparse.Namespace, name: str) -> list[dict[str, list[str]]]:
    """Words and tags of `train` or `test`."""
    return [json.loads(line) for line in (options.data / f"{name}.jsonl").read_text("utf-8").splitlines()]


def tags_of(options: argparse.Namespace) -> list[str]:
    """In the order of the model's outputs: the same for all, or their new heads would not be alike."""
    kinds = sorted({tag[2:] for row in tagged(options, "train") for tag in row["tags"] if tag != "O"})
    return ["O", *(f"{letter}-{kind}" for kind in kinds for letter in "BI")]


def encoded(options: argparse.Namespace, tokenizer: Any, name: str) -> list[dict[str, list[int]]]:
    """Rows as run_ner.py makes them: token ids, and for each token the tag of its word or -100."""
    numbers = {tag: number for number, tag in enumerate(tags_of(options))}
    found = []
    for row in tagged(options, name):
        encoding = tokenizer(row["words"], is_split_into_words=True, truncation=True, max_length=LENGTH)
        words = encoding.word_ids()
        firsts = [word is not None and words[place - 1] != word for place, word in enumerate(words)]
        labels = [numbers[row["tags"][word]] if first else UNLEARNT for word, first in zip(words, firsts, strict=True)]
        found.append({"input_ids": encoding["input_ids"], "labels": labels})
    return found


def judge(options: argparse.Namespace, model: Any, tokenizer: Any) -> Figures:
    """Strict F1 of the entities in the held-out rows, in fp32."""
    import torch
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    names = model.config.id2label
    model.eval()
    truth, said = [], []
    with torch.inference_mode():
        for row, kept in zip(encoded(options, tokenizer, "test"), tagged(options, "test"), strict=True):
            answers = model(input_ids=torch.tensor([row["input_ids"]])).logits[0].argmax(-1).tolist()
            said.append([names[a] for a, label in zip(answers, row["labels"], strict=True) if label != UNLEARNT])
            truth.append(kept["tags"][: len(said[-1])])
    return {"f1": round(float(f1_score(truth, said, mode="strict", scheme=IOB2)), 4)}


# -- the peers ---------------------------------------------------------------------------------------------------------


def trainer(options: argparse.Namespace, **arguments: Any) -> Figures:
    """Trainer with the rows, the model and the collator of run_ner.py."""
    from transformers import AutoModelForTokenClassification, AutoTokenizer, DataCollatorForTokenClassification

    folder = options.data / "model"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tags = tags_of(options)
    draw(options, "weights", "head")
    model = AutoModelForTokenClassification.from_pretrained(
        folder, id2label=dict(enumerate(tags)), label2id={tag: number for number, tag in enumerate(tags)}
    )
    rows = encoded(options, tokenizer, "train")
    given = in_order(options, rows, lambda row: len(row["input_ids"])) if options.loss else rows
    collate = DataCollatorForTokenClassification(tokenizer)
    steps = train(options, model, given, collate, ordered=options.loss, **arguments)
    tokens = sum(len(row["input_ids"]) for row in rows)
    found = measured(options, model, steps, rows, tokens=tokens)
    return {**found, **judge(options, model, tokenizer)}


def trainer_best(options: argparse.Namespace) -> Figures:
    """As well configured as it can be: rows of like length together, and the faster precision."""
    return trainer(options, bf16=options.precision == "bf16", **GROUPED)


def ours(options: argparse.Namespace) -> Figures:
    """`tunesmith run`, and its export judged like the others."""
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    job = JOB.format(
        model=options.data / "model",
        train=options.data / "train.jsonl",
        length=LENGTH,
        epochs=options.epochs,
        batch=options.batch,
        rate=options.rate,
        seed=options.seed,
        more="  precision: fp32\n" if options.loss else "",
    )
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        run = run_job(Path(folder), job)
        found = of_ours(options, run, rows=len(tagged(options, "train")), tokens=run.tokens())
        exported = run.export(Path(folder) / "exported", "transformers")
        model = AutoModelForTokenClassification.from_pretrained(exported)
        tokenizer = AutoTokenizer.from_pretrained(options.data / "model")
        return {**found, **judge(options, model, tokenizer)}


PEERS = {"trainer": trainer, "trainer-best": trainer_best, "ours": ours}


# -- the comparisons ---------------------------------------------------------------------------------------------------


def comparison(options: argparse.Namespace) -> Comparison:
    what = f"MiniLM, {options.rows} docstrings, batch {options.batch}, {options.epochs} epoch(s)"
    work = ("rows", "tokens", "steps", "parameters")
    if options.loss:
        return Comparison(
            title=f"Losses of equal steps: {what}",
            peers=("trainer", "ours"),
            fields=("first_loss", "mean_loss", "last_loss", "f1"),
            equal=work,
            targets=tuple(
                Target(against="trainer", field=field, at_least=1 / EQUAL, at_most=EQUAL)
                for field in ("first_loss", "mean_loss", "last_loss")
            ),
        )
    return Comparison(
        title=f"Names in texts: {what}, speed of the last",
        peers=tuple(PEERS),
        fields=("samples_per_s", "peak_mb", "cpu_s", "f1"),
        equal=work,
        targets=(
            Target(against="trainer", field="samples_per_s", at_least=1.5),
            Target(against="trainer-best", field="samples_per_s", at_least=1.0),
            Target(against="trainer-best", field="peak_mb", at_most=1.0),
            Target(against="trainer-best", field="f1", at_least=1.0),
        ),
    )


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:], __doc__.splitlines()[0], list(PEERS), rows=640, of="paragraphs", rate=2e-4)
    main(__file__, chosen, PEERS, comparison(chosen), prepare, PASSED)
