"""A small Llama-style language model (6 layers, 384 wide) on docstrings: TRL's SFTTrainer, a bare loop and Tunesmith.

    python causal_lm.py                   speed and memory, all weights
    python causal_lm.py --method lora
    python causal_lm.py --loss            held-out loss after equal steps, over seeds

All start from the same weights in one folder and see the same documents of 20 to 512 tokens. Tokens are real ones,
never padding; speed is that of the second of two epochs, from the end of the first to the end of the last step, in
which every document is seen once. A step means 8 documents, but for `sft-packed`, TRL's best: 8 packed rows of 512
tokens, one after the other, which cuts the steps fivefold; it is left out of `--loss`. "Bare" packs the 8 documents of
a step into as few rows as they need, with a mask that keeps them apart.

With `--loss` all begin with the same adapter and take the documents in one order, Tunesmith's for that seed: these move
the loss after 20 steps by 0.3 %, a hundred times as much as anything else that differs between the peers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import Comparison, Figures, Target, add_precision, batches, draw, main, parser, peak_mb
from data import minilm, read_documents, write_docstrings
from ours import run_job

WINDOW = 512
HELD_OUT = 64
EQUAL = 1.0005  # as a ratio of losses: who adds the same numbers in another order, in bfloat16, is off by 0.0001
MODULES = ["q_proj", "k_proj", "v_proj", "o_proj"]

JOB = """\
task: causal-lm
model: {model}
data: {{train: {train}, validation: none, text: text, window: {window}}}
method: {method}
training:
  epochs: {epochs}
  batch_size: {batch}
  learning_rate: {rate}
  optimizer: {{adamw: {{weight_decay: 0.0}}}}
  schedule: constant
  warmup: 0
checkpoints: {{every: 1000 epochs}}
seed: {seed}
device: cpu
"""


# -- what all peers have in common -------------------------------------------------------------------------------------


def prepare(folder: Path, options: argparse.Namespace) -> None:
    """The documents, and a folder with untrained weights and MiniLM's tokenizer, whose `[SEP]` ends a document."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    write_docstrings(folder, train=options.documents, test=HELD_OUT, window=WINDOW)
    tokenizer = AutoTokenizer.from_pretrained(minilm())
    tokenizer.eos_token = tokenizer.sep_token
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=384,
        intermediate_size=1024,
        num_hidden_layers=6,
        num_attention_heads=6,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.sep_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")


def documents(options: argparse.Namespace, name: str) -> list[list[int]]:
    """Token ids of every document of `train` or `test`, with the token that ends it."""
    from transformers import AutoConfig

    model = options.data / "model"
    end = AutoConfig.from_pretrained(model).eos_token_id
    return read_documents(options.data / f"{name}.jsonl", model, window=WINDOW, end=end)


def in_order(options: argparse.Namespace, epoch: int) -> list[list[int]]:
    """The documents as `tunesmith run` takes them in `epoch`, each step's together."""
    found = documents(options, "train")
    return [found[row] for rows in batches(options, len(found), epoch) for row in rows]


def load(options: argparse.Namespace) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(options.data / "model", dtype=torch.float32)
    model.config.use_cache = False
    if options.method == "lora":
        from peft import LoraConfig, get_peft_model

        given = {"r": 8, "lora_alpha": 16, "lora_dropout": 0.0, "target_modules": MODULES}
        draw(options, "weights", "adapter")
        model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **given))
    return model


def held_out_loss(options: argparse.Namespace, model: Any) -> float:
    """Nats a token over the held-out documents, in fp32; the same code for every peer."""
    import torch
    from torch.nn import functional

    model.eval()
    total, count = 0.0, 0
    with torch.inference_mode():
        for document in documents(options, "test"):
            ids = torch.tensor([document])
            logits = model(input_ids=ids).logits[0, :-1].float()
            total += functional.cross_entropy(logits, ids[0, 1:], reduction="sum").item()
            count += len(document) - 1
    return round(total / count, 4)


def figures(options: argparse.Namespace, marks: list[float], *, tokens: int, peak: float, parameters: int) -> Figures:
    """`marks` are the times at which each step ended; the last epoch counts."""
    steps = round(len(marks) / options.epochs)
    speed = {"tokens_per_s": round(tokens / (marks[-1] - marks[-1 - steps]), 1)} if options.epochs > 1 else {}
    work = {"tokens": tokens, "steps": len(marks), "parameters": parameters}
    return {**speed, "peak_mb": peak, **work}


def measured(options: argparse.Namespace, model: Any, marks: list[float]) -> Figures:
    """Figures of a peer that trained in this process."""
    parameters = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    tokens = sum(map(len, documents(options, "train")))
    found = figures(options, marks, tokens=tokens, peak=peak_mb(), parameters=parameters)
    return {**found, "held_out_loss": held_out_loss(options, model)} if options.loss else found


# -- the peers ---------------------------------------------------------------------------------------------------------


def sft(options: argparse.Namespace, **arguments: Any) -> Figures:
    """TRL's SFTTrainer as it comes, but without activation checkpointing, and without bfloat16 where the processor is
    slow at it: both would only slow it here."""
    from datasets import Dataset
    from transformers import AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    model = load(options)
    marks: list[float] = []

    class Mark(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            marks.append(time.perf_counter())

    dataset = documents(options, "train")
    if options.loss:
        dataset = [document for epoch in range(options.epochs) for document in in_order(options, epoch)]
        arguments |= {"train_sampling_strategy": "sequential", "num_train_epochs": 1}
    given = SFTConfig(
        tempfile.mkdtemp(prefix="tunesmith-benchmark-sft-"),
        learning_rate=options.rate,
        lr_scheduler_type="constant",
        max_length=WINDOW,
        gradient_checkpointing=False,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        bf16=options.precision == "bf16",
        disable_tqdm=True,
        seed=options.seed,
        **{"num_train_epochs": options.epochs, "per_device_train_batch_size": options.batch, **arguments},
    )
    run = SFTTrainer(
        model=model,
        args=given,
        train_dataset=Dataset.from_dict({"input_ids": dataset}),
        processing_class=AutoTokenizer.from_pretrained(options.data / "model"),
        callbacks=[Mark()],
    )
    run.train()
    return measured(options, model, marks)


def sft_unpacked(options: argparse.Namespace) -> Figures:
    return sft(options)


def sft_packed(options: argparse.Namespace) -> Figures:
    """The best that SFTTrainer can do here: rows packed full, one at a time."""
    best = {"packing": True, "per_device_train_batch_size": 1, "gradient_accumulation_steps": options.batch}
    return sft(options, **best)


def bare(options: argparse.Namespace) -> Figures:
    import torch
    from torch.nn import functional

    model = load(options)
    base = model.get_base_model() if options.method == "lora" else model
    tuned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(tuned, lr=options.rate, weight_decay=0.0, fused=True)
    marks: list[float] = []
    model.train()
    for epoch in range(options.epochs):
        order = in_order(options, epoch)
        for begin in range(0, len(order), options.batch):
            ids, positions, mask, targets = tensors(packed(order[begin : begin + options.batch]), pad=0)
            with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
                hidden = base.model(input_ids=ids, position_ids=positions, attention_mask=mask).last_hidden_state
                real = targets >= 0
                loss = functional.cross_entropy(base.lm_head(hidden[real]).float(), targets[real])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(tuned, 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            marks.append(time.perf_counter())
    return measured(options, model, marks)


def packed(chosen: list[list[int]]) -> list[list[list[int]]]:
    """Best fit, longest first: rows of documents with `WINDOW` tokens at most."""
    rows: list[list[list[int]]] = []
    for document in sorted(chosen, key=len, reverse=True):
        fitting = [row for row in rows if sum(map(len, row)) + len(document) <= WINDOW]
        if fitting:
            max(fitting, key=lambda row: sum(map(len, row))).append(document)
        else:
            rows.append([document])
    return rows


def tensors(rows: list[list[list[int]]], *, pad: int) -> tuple[Any, Any, Any, Any]:
    """Ids, positions, who may look at whom, and targets; nothing is predicted across documents."""
    import torch

    longest = max(sum(map(len, row)) for row in rows)
    ids = torch.full((len(rows), longest), pad)
    positions = torch.zeros(len(rows), longest, dtype=torch.long)
    owner = torch.full((len(rows), longest), -1)
    targets = torch.full((len(rows), longest), -100)
    for number, row in enumerate(rows):
        begin = 0
        for index, document in enumerate(row):
            end = begin + len(document)
            ids[number, begin:end] = torch.tensor(document)
            positions[number, begin:end] = torch.arange(len(document))
            owner[number, begin:end] = index
            targets[number, begin : end - 1] = ids[number, begin + 1 : end]
            begin = end
    mask = (owner[:, :, None] == owner[:, None, :]).tril_()[:, None]
    return ids, positions, mask, targets


def ours(options: argparse.Namespace) -> Figures:
    """`tunesmith run`; for `--loss` its export is judged like the others."""
    modules = ", ".join(MODULES)
    method = f"{{lora: {{rank: 8, alpha: 16, target_modules: [{modules}]}}}}" if options.method == "lora" else "full"
    job = JOB.format(
        model=options.data / "model",
        train=options.data / "train.jsonl",
        window=WINDOW,
        method=method,
        epochs=options.epochs,
        batch=options.batch,
        rate=options.rate,
        seed=options.seed,
    )
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        run = run_job(Path(folder), job)
        work = {"tokens": run.tokens(), "parameters": run.parameters()}
        found = figures(options, list(run.seconds), peak=run.peak_mb, **work)
        if options.loss:
            from transformers import AutoModelForCausalLM

            exported = run.export(Path(folder) / "exported", "merged" if options.method == "lora" else "transformers")
            found["held_out_loss"] = held_out_loss(options, AutoModelForCausalLM.from_pretrained(exported))
        return {**found, "precision": run.precision()}


PEERS = {"sft": sft_unpacked, "sft-packed": sft_packed, "bare": bare, "ours": ours}


# -- the comparisons ---------------------------------------------------------------------------------------------------


def comparison(options: argparse.Namespace) -> Comparison:
    what = f"Llama 6 x 384, {options.method}, {options.documents} documents, {options.batch} a step"
    work = ("tokens", "steps", "parameters")
    if options.loss:
        return Comparison(
            title=f"Quality: {what}, held-out loss after {options.epochs} epoch(s)",
            peers=("sft", "bare", "ours"),
            fields=("held_out_loss", "peak_mb"),
            equal=work,
            targets=tuple(Target(against=peer, field="held_out_loss", at_most=EQUAL) for peer in ("sft", "bare")),
        )
    return Comparison(
        title=f"Speed: {what}, one epoch after one that warms up",
        peers=tuple(PEERS),
        fields=("tokens_per_s", "peak_mb", "steps"),
        equal=work,
        differs=frozenset({("sft-packed", "steps")}),
        targets=(
            Target(against="sft", field="tokens_per_s", at_least=4.0),
            Target(against="sft-packed", field="tokens_per_s", at_least=1.7),
            Target(against="bare", field="tokens_per_s", at_least=0.95),
            Target(against="sft-packed", field="peak_mb", at_most=1.0),
        ),
    )


def options_of(arguments: list[str]) -> argparse.Namespace:
    made = parser(__doc__.splitlines()[0], list(PEERS))
    made.add_argument("--method", choices=("full", "lora"), default="full")
    made.add_argument("--loss", action="store_true", help="compare held-out loss after equal steps, not speed")
    made.add_argument("--documents", type=int, default=160)
    made.add_argument("--epochs", type=int, help="default 2; with --loss 1")
    made.add_argument("--batch", type=int, default=8, help="documents a step")
    made.add_argument("--rate", type=float, default=1e-3, help="learning rate")
    add_precision(made)
    options = made.parse_args(arguments)
    options.epochs = options.epochs or (1 if options.loss else 2)
    return options


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:])
    passed = ["method", "loss", "documents", "epochs", "batch", "rate", "precision"]
    main(__file__, chosen, PEERS, comparison(chosen), prepare, passed)
