"""Tuning all-MiniLM-L6-v2 to mark answers in texts: transformers' Trainer, set up as its example run_qa.py does it, and
Tunesmith.

    python question_answering.py                     speed, memory, exact match and F1 on held-out texts
    python question_answering.py --loss              the losses of equal steps

The rows are those of the template: lists of functions of Python's own library, questions made by a rule, one in five
without an answer. Questions, windows, tokens, steps, tuned weights, learning rate, its linear fall, clipping at 1 and
no weight decay are the same for all. Speed is that of the second of two epochs, from the end of the first to the end of
the last step. `trainer` is as the example comes, in fp32, every window filled up to 384 tokens; `trainer-best` fills
them up to the longest of a batch, groups them by length and takes the faster precision. Answers are found and judged by
the same lines of code for every peer's model.

With `--loss` all take the windows in one order, Tunesmith's for that seed, with the same new head, without dropout, in
fp32. transformers' own loss also asks how likely an answer begins in the padding (`trainer`); without that
(`trainer-masked`) it is Tunesmith's.
"""

from __future__ import annotations

import argparse
import json
import re
import string
import subprocess
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from common import EQUAL, Comparison, Figures, Target, draw, main
from data import copy_of_minilm
from ours import run_job
from with_trainer import GROUPED, PASSED, in_order, measured, of_ours, options_of, train

LENGTH, STRIDE, LONGEST = 384, 128, 30  # tokens, as in run_qa.py
TEMPLATE = Path(__file__).parents[2] / "runtime" / "tunesmith" / "templates" / "question-answering" / "prepare.py"

JOB = """\
task: question-answering
model: {model}
data: {{train: {train}, validation: none, max_length: {length}, stride: {stride}, duplicates: keep}}
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
    """`train.json` and `test.json`, of the template's own lists, and the model that all begin with."""
    (folder / "prepare.py").write_bytes(TEMPLATE.read_bytes())
    subprocess.run([sys.executable, "prepare.py"], cwd=folder, check=True)
    left = options.rows
    for name in ("train", "test"):
        content = json.loads((folder / "data" / f"{name}.json").read_text("utf-8"))
        for article in content["data"] if name == "train" else ():
            for paragraph in article["paragraphs"]:
                paragraph["qas"] = paragraph["qas"][:left]
                left -= len(paragraph["qas"])
            article["paragraphs"] = [each for each in article["paragraphs"] if each["qas"]]
        (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
    copy_of_minilm(folder / "model", dropout=not options.loss)


def questions(options: argparse.Namespace, name: str) -> list[dict[str, Any]]:
    """Question, context, answer and its place of each row of `train` or `test`; an empty answer for none."""
    content = json.loads((options.data / f"{name}.json").read_text("utf-8"))
    found = []
    for paragraph in (each for article in content["data"] for each in article["paragraphs"]):
        for asked in paragraph["qas"]:
            answer = (asked["answers"] or [{"text": "", "answer_start": 0}])[0]
            found.append({"question": asked["question"], "context": paragraph["context"], **answer})
    return found


def windows(tokenizer: Any, rows: list[dict[str, Any]], *, padding: str | bool = False) -> list[dict[str, Any]]:
    """Every window of the rows as run_qa.py makes it: the first token stands for an answer that is not whole in it."""
    encoding = tokenizer(
        [row["question"] for row in rows],
        [row["context"] for row in rows],
        truncation="only_second",
        max_length=LENGTH,
        stride=STRIDE,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        padding=padding,
    )
    found = []
    for number, row in enumerate(encoding["overflow_to_sample_mapping"]):
        asked, begin, end = rows[row], 0, 0
        offsets = encoding["offset_mapping"][number]
        places = [place for place, text in enumerate(encoding.sequence_ids(number)) if text == 1]
        first, last = asked["answer_start"], asked["answer_start"] + len(asked["text"])
        if asked["text"] and offsets[places[0]][0] <= first and offsets[places[-1]][1] >= last:
            inside = [place for place in places if offsets[place][0] < last and offsets[place][1] > first]
            begin, end = inside[0], inside[-1]
        inputs = {name: encoding[name][number] for name in ("input_ids", "token_type_ids", "attention_mask")}
        found.append({**inputs, "start_positions": begin, "end_positions": end})
    return found


def judge(options: argparse.Namespace, model: Any, tokenizer: Any) -> Figures:
    """Exact match and F1 on the held-out questions, in fp32."""
    rows = questions(options, "test")
    model.eval()
    pairs = [(answer_of(model, tokenizer, row), row["text"]) for row in rows]
    exact = sum(plain(said) == plain(right) for said, right in pairs) / len(pairs)
    return {"exact_match": round(exact, 4), "f1": round(sum(overlap(*pair) for pair in pairs) / len(pairs), 4)}


def answer_of(model: Any, tokenizer: Any, row: dict[str, Any]) -> str:
    """The text between the likeliest begin and end; none where the first token is likelier."""
    import torch

    inputs = tokenizer(
        row["question"], row["context"], truncation="only_second", max_length=LENGTH, return_offsets_mapping=True,
        return_tensors="pt",
    )  # fmt: skip
    offsets = inputs.pop("offset_mapping")[0].tolist()
    places = [place for place, text in enumerate(inputs.sequence_ids(0)) if text == 1]
    with torch.inference_mode():
        found = model(**inputs)
    begins, ends = found.start_logits[0], found.end_logits[0]
    sums = begins[places][:, None] + ends[places][None, :]
    sums = sums.masked_fill(~torch.ones_like(sums, dtype=torch.bool).triu().tril(LONGEST - 1), -torch.inf)
    if begins[0] + ends[0] > sums.max():
        return ""
    begin, end = divmod(int(sums.argmax()), len(places))
    return str(row["context"][offsets[places[begin]][0] : offsets[places[end]][1]])


def plain(text: str) -> list[str]:
    """Words without case, punctuation and articles, as SQuAD compares them."""
    text = "".join(sign for sign in text.lower() if sign not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def overlap(said: str, right: str) -> float:
    """SQuAD's F1 of an answer."""
    one, other = plain(said), plain(right)
    if not one or not other:
        return float(one == other)
    shared = sum((Counter(one) & Counter(other)).values())
    return 2 * shared / (len(one) + len(other))


# -- the peers ---------------------------------------------------------------------------------------------------------


def trainer(
    options: argparse.Namespace, *, padding: str | bool = "max_length", masked: bool = False, **arguments: Any
) -> Figures:
    """Trainer with the windows, the model and the collator of run_qa.py."""
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer, DataCollatorWithPadding

    folder = options.data / "model"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    draw(options, "weights", "head")
    model = AutoModelForQuestionAnswering.from_pretrained(folder)
    if masked:
        leave_out_padding(model)
    asked = questions(options, "train")
    rows = windows(tokenizer, asked, padding=padding)
    given = in_order(options, rows, tokens_of) if options.loss else rows
    steps = train(options, model, given, DataCollatorWithPadding(tokenizer), ordered=options.loss, **arguments)
    found = measured(options, model, steps, asked, tokens=sum(map(tokens_of, rows)))
    return {**found, **judge(options, model, tokenizer)}


def tokens_of(row: dict[str, Any]) -> int:
    """Of a window, without its padding."""
    return sum(row["attention_mask"])


def leave_out_padding(model: Any) -> None:
    """No answer of `model` can begin or end in the padding."""
    seen: dict[str, Any] = {}

    def see(module: Any, args: Any, given: dict[str, Any]) -> None:
        seen["mask"] = given["attention_mask"]

    model.register_forward_pre_hook(see, with_kwargs=True)
    model.qa_outputs.register_forward_hook(
        lambda module, args, logits: logits.masked_fill(seen["mask"][..., None] == 0, -float("inf"))
    )


def trainer_best(options: argparse.Namespace) -> Figures:
    """As well configured as it can be: windows of like length together, and the faster precision."""
    return trainer(options, padding=False, bf16=options.precision == "bf16", **GROUPED)


def ours(options: argparse.Namespace) -> Figures:
    """`tunesmith run`, and its export judged like the others."""
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    job = JOB.format(
        model=options.data / "model",
        train=options.data / "train.json",
        length=LENGTH,
        stride=STRIDE,
        epochs=options.epochs,
        batch=options.batch,
        rate=options.rate,
        seed=options.seed,
        more="  precision: fp32\n" if options.loss else "",
    )
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        run = run_job(Path(folder), job)
        tokenizer = AutoTokenizer.from_pretrained(options.data / "model")
        found = of_ours(options, run, rows=len(questions(options, "train")), tokens=run.tokens())
        exported = run.export(Path(folder) / "exported", "transformers")
        model = AutoModelForQuestionAnswering.from_pretrained(exported)
        return {**found, **judge(options, model, tokenizer)}


PEERS = {
    "trainer": trainer,
    "trainer-best": trainer_best,
    "trainer-masked": partial(trainer, padding=False, masked=True),
    "ours": ours,
}


# -- the comparisons ---------------------------------------------------------------------------------------------------


def comparison(options: argparse.Namespace) -> Comparison:
    what = f"MiniLM, {options.rows} questions, batch {options.batch}, {options.epochs} epoch(s)"
    work = ("rows", "tokens", "steps", "parameters")
    if options.loss:
        return Comparison(
            title=f"Losses of equal steps: {what}",
            peers=("trainer", "trainer-masked", "ours"),
            fields=("first_loss", "mean_loss", "last_loss", "f1"),
            equal=work,
            targets=tuple(
                Target(against="trainer-masked", field=field, at_least=1 / EQUAL, at_most=EQUAL)
                for field in ("first_loss", "mean_loss", "last_loss")
            ),
        )
    return Comparison(
        title=f"Answers in texts: {what}, speed of the last",
        peers=("trainer", "trainer-best", "ours"),
        fields=("samples_per_s", "peak_mb", "cpu_s", "exact_match", "f1"),
        equal=work,
        targets=(
            Target(against="trainer", field="samples_per_s", at_least=1.5),
            Target(against="trainer-best", field="samples_per_s", at_least=1.0),
            Target(against="trainer-best", field="peak_mb", at_most=1.0),
            Target(against="trainer-best", field="f1", at_least=1.0),
        ),
    )


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:], __doc__.splitlines()[0], list(PEERS), rows=320, of="questions", rate=3e-4)
    main(__file__, chosen, PEERS, comparison(chosen), prepare, PASSED)
