"""The model card: what a model is, what it was made from, how good it is. Goes with every export as README.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith import __version__
from tunesmith.catalog import Catalog
from tunesmith.contracts.model import Head
from tunesmith.contracts.task import Facts, TaskRuntime
from tunesmith.explain.markdown import code, code_cell, escape, front_matter, table
from tunesmith.explain.page import figure_table
from tunesmith.job.job import Job
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.frozen import read_frozen
from tunesmith.runs.reports import read_report
from tunesmith.use.load import read_facts

_LABELS_SHOWN = 200
WITH_FILES_BESIDE = ("", "transformers", "merged", "peft")
"""Formats that carry what the task's own library reads."""


def model_card(run: RunFolder, *, format: str = "", checkpoint: Path | None = None) -> str:
    """The card of a run's model as Markdown with the front matter that model hubs read.

    `format` is the layout it goes with (it decides how to load it is told), `checkpoint` the one that was exported.
    """
    catalog = Catalog()
    job, facts = read_frozen(run, catalog), read_facts(run)
    task: TaskRuntime = catalog.tasks[job.task].call("build", job, facts)
    report, around = read_report(run), run.object_in("environment.json")
    metrics = report.summary if report else {}
    name = str(job.model.options.get("name", job.model.name))
    shown_name = Path(name).name if job.resolve(name).exists() else name
    step = checkpoint.name if checkpoint else ""
    made_from = code(shown_name)
    parts = [
        _front_matter(job, task.head(), name, format),
        f"# {escape(run.state().name or run.id)}",
        f"{_article(job.task)} model, tuned from {made_from} by method {code(job.method.name)} with Tunesmith "
        f"{__version__} (run {code(run.id)}{', checkpoint ' + step if step else ''}).",
        "## How good it is",
        *_quality(metrics),
        *_label_part(facts),
        "## What it was tuned on",
        _data_table(job, around),
        "The fingerprint is the SHA-256 of the file: the same fingerprint means the same data, byte for byte.",
        "## How it was tuned",
        table(["setting", "value"], _settings(job, around)),
        "## How to use it",
        _usage(job, task, format),
        "## Licence",
        f"Unknown. This model was made from {made_from} and from the data above, and Tunesmith knows the licence of "
        "neither. Look both up before you pass the model on, and write the answer here.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front_matter(job: Job, head: Head, name: str, format: str) -> str:
    own = head.library if format in WITH_FILES_BESIDE else ""
    library = own or {"peft": "peft", "module": "pytorch", "onnx": "onnx"}.get(format, "transformers")
    is_local = job.resolve(name).exists() or ":" in name
    fields: dict[str, Any] = {"library_name": library}
    fields |= {} if is_local else {"base_model": name}
    fields |= {"pipeline_tag": head.pipeline} if head.pipeline else {}
    return front_matter({**fields, "tags": ["tunesmith"], "license": "unknown"})


def _article(task: str) -> str:
    return f"{'An' if task[0] in 'aeiou' else 'A'} {task}"


def _quality(metrics: Mapping[str, Any]) -> list[str]:
    if not metrics:
        return ["It was not measured on held-out rows: nothing is known about how good it is."]
    parts = [escape(metrics.get("headline", ""))]
    parts += [f"**Careful:** {escape(warning)}" for warning in metrics.get("warnings", ())]
    header, figures = figure_table(metrics, _figure)
    if figures:
        rows = metrics.get("rows")
        measured = f"metric on {rows:,} held-out rows" if isinstance(rows, int) else "metric"
        parts.append(table(header if metrics.get("test") else [measured, "value"], figures))
    return parts


def _figure(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _label_part(facts: Facts) -> list[str]:
    if not facts.labels:
        return []
    counts = [f"{count:,}" for count in facts.counts] or ["-"] * len(facts.labels)
    rows = [[str(place), label, count] for place, (label, count) in enumerate(zip(facts.labels, counts, strict=False))]
    more = [f"and {len(rows) - _LABELS_SHOWN:,} more"] if len(rows) > _LABELS_SHOWN else []
    return ["## Labels", table(["number", "label", "training rows"], rows[:_LABELS_SHOWN]), *more]


def _data_table(job: Job, around: Mapping[str, Any]) -> str:
    prints = around.get("data") if isinstance(around.get("data"), dict) else {}
    sources = {"train": job.data.train, "validation": job.data.validation, "test": job.data.test}
    rows = []
    for part, source in sources.items():
        if source is None:
            continue
        source_text = f"{source:.0%} of the training file" if isinstance(source, float) else Path(source).name
        rows.append([part, source_text, code_cell(prints[part]) if prints and part in prints else "-"])
    return table(["part", "source", "fingerprint"], rows)


def _settings(job: Job, around: Mapping[str, Any]) -> list[list[str]]:
    training = job.training
    method = ", ".join(f"{name} {value}" for name, value in job.method.options.items() if value is not None)
    cells = {
        "method": job.method.name + (f" ({method})" if method else ""),
        "epochs": f"{training.epochs:g}",
        "batch size": str(training.batch_size),
        "optimizer": training.optimizer.name,
        "learning rate": f"{training.learning_rate:g}",
        "schedule": f"{training.schedule.name}, warm-up {training.warmup:.0%}",
        "loss": training.loss.name,
        "imbalance": job.data.imbalance,
        "precision": str(around.get("precision", training.precision)),
        "seed": str(job.seed),
        "device": str(around.get("device_name") or around.get("device") or job.device),
    }
    names = ("torch", "transformers", "peft")
    versions = [f"{package} {around[package]}" for package in names if around.get(package)]
    return [[key, value] for key, value in cells.items()] + ([["versions", ", ".join(versions)]] if versions else [])


def _usage(job: Job, task: TaskRuntime, format: str) -> str:
    head = task.head()
    if head.library and format in WITH_FILES_BESIDE:
        lines = [*task.opened(), *(f"# {note}" for note in task.usage_notes())]
        return "\n".join(["```python", *lines, "```"])
    auto, reads_text = head.auto or "AutoModel", head.reads == "text"
    classes = f"from transformers import {auto}" + (", AutoTokenizer" if reads_text else "")
    tokenizer = ['tokenizer = AutoTokenizer.from_pretrained(".")'] if reads_text else []
    if format == "peft":
        count = f", num_labels={head.outputs}" if head.outputs else ""
        lines = [
            "from peft import PeftConfig, PeftModel",
            classes,
            'base = PeftConfig.from_pretrained(".").base_model_name_or_path',
            f'model = PeftModel.from_pretrained({auto}.from_pretrained(base{count}), ".")',
            *tokenizer,
        ]
        if head.pads:
            lines.append("model.config.pad_token_id = tokenizer.pad_token_id  # for batches; the base may name none")
    elif format == "onnx":
        lines = [
            "import onnxruntime",
            'session = onnxruntime.InferenceSession("model.onnx")',
            "print([entry.name for entry in session.get_inputs()])  # any number of rows, any length",
        ]
    elif format == "module":
        module, _, attribute = str(job.model.options.get("name", job.model.name)).partition(":")
        lines = [
            "from safetensors.torch import load_model",
            f"from {module} import {attribute or 'YourModel'}",
            f"model = {attribute or 'YourModel'}()  # with the arguments of the job",
            'load_model(model, "model.safetensors")',
        ]
    else:
        lines = [classes, f'model = {auto}.from_pretrained(".")', *tokenizer]
    if asked := () if format in ("onnx", "module") else task.usage():
        if format == "peft":
            lines.insert(1, "from transformers import GenerationConfig")
            lines.append('model.get_base_model().generation_config = GenerationConfig.from_pretrained(".")')
        lines += asked
    lines += [f"# {note}" for note in task.usage_notes()]
    return "\n".join(["```python", *lines, "```"])
