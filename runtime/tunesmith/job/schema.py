"""The one description of every key of a job: default, type, range, unit, a sentence of help and one of advice.

What a task adds under `data:` (columns and options), and the options of chosen members, stand with the members; here
is what every job has. The checks, the JSON Schema, docs/job.md and the editor read SECTIONS.
"""

from __future__ import annotations

from collections.abc import Mapping

from tunesmith.job.kinds import AutoReal, Choice, EncodingName, RealOrNone, ShareOrFile
from tunesmith.members import Column, Task
from tunesmith.options import REQUIRED, Every, Flag, Integer, Interval, Mapped, OneOf, Option, Real, Text, Texts

TOP: Mapping[str, Option] = {
    "task": Choice(
        REQUIRED,
        kind="tasks",
        help="What the model is to learn.",
        advice="Take the one whose answer looks like yours: a word, several words, a number, or text that goes on.",
    ),
    "model": Choice(
        REQUIRED,
        kind="models",
        callables=True,
        named=True,
        help="The weights to begin with: a hub id, a folder, a bundled name, `package.module:callable`, or `scratch`.",
        advice="Begin with a small pretrained model; a larger one pays once the small one learns something.",
    ),
    "method": Choice(
        "full",
        kind="methods",
        help="Which weights are tuned.",
        advice="`full` where memory allows; `lora` for large models or many variants; `head` for very few rows.",
    ),
    "seed": Integer(
        42,
        at_least=0,
        help="Decides splits, order of rows, new weights and dropout: the same seed gives the same run.",
        advice="Compare settings over three seeds at least before you believe a small difference.",
    ),
    "device": Text(
        "auto",
        pattern=r"auto|cpu|mps|cuda(:\d+)?",
        form="auto | cpu | cuda | cuda:N | mps",
        help="Where the run computes; `auto` takes the first of cuda, mps and cpu that works.",
        advice="Leave it at auto, unless another program uses the first GPU.",
    ),
    "network": Flag(
        default=False,
        help="Whether the model may be downloaded from its hub.",
        advice="Turn it on for the first run only; later runs find the model on this machine.",
    ),
    "folder": Text(
        None,
        help="What relative paths start from; none means the folder of the job file.",
        advice="Leave it out: the frozen job of a run uses it to remember your project.",
    ),
}

DATA: Mapping[str, Option] = {
    "train": Text(
        REQUIRED,
        pattern=r"[\s\S]*\S[\s\S]*",
        form="a file, a folder of images, or package.module:callable",
        help="The rows to learn from: a csv, tsv, jsonl, parquet, arrow, xlsx or ods file, images, or "
        "`package.module:callable`.",
        advice="A thousand good rows beat ten thousand doubtful ones: look at them before you tune.",
    ),
    "validation": ShareOrFile(
        0.1,
        help="Rows to judge by while tuning: a share of the training rows (see `split`), a file, or none.",
        advice="10% is usual; 20% of a few hundred rows. Figures of less than a hundred rows are rough.",
    ),
    "test": ShareOrFile(
        None,
        help="Rows kept for the final report alone: a share, a file, or none.",
        advice="Keep one where you try many settings: validation rows that picked the winner are no longer neutral.",
    ),
    "split": Choice(
        "auto",
        kind="splits",
        auto=True,
        help="How shares are taken from the training rows; `auto` takes the task's own way and says why.",
        advice="`group` where rows belong together (one patient, one author), `time` where the model is to judge what "
        "comes later: a split by lot flatters it there.",
    ),
    "duplicates": OneOf(
        "keep",
        values=("error", "keep", "drop"),
        help="What happens to repeated rows: stop before training, keep them with a warning, or keep the first alone.",
        advice="`drop` where copies are accidents; it also takes training rows out that validation or test hold.",
    ),
    "imbalance": OneOf(
        "none",
        values=("none", "weighted-loss", "oversample", "undersample", "focal"),
        help="The remedy where some labels have many more rows than others.",
        advice="Try `weighted-loss` above 1 : 5; `oversample` above 1 : 20; `undersample` only with rows to spare.",
    ),
    "bad_rows": OneOf(
        "error",
        values=("error", "skip"),
        help="What happens to rows that cannot be read: stop before training, or skip and list them in the run.",
        advice="Mend the rows if they are few; skip them if they come with the source.",
    ),
    "encoding": EncodingName(
        "auto",
        help="The encoding of text files; `auto` finds it out and says where it had to guess.",
        advice="Leave it at `auto`; write `gb18030`, `big5`, `cp932` or `cp1252` where an error or a warning says so.",
    ),
    "decimal": OneOf(
        ".",
        values=(".", ","),
        help="The decimal sign of numbers in texts; with `,` a point, a space or an apostrophe may part thousands.",
        advice="Set it to `,` where numbers look like 1.234,5.",
    ),
    "sheet": Text(
        None,
        pattern=r"[\s\S]*\S[\s\S]*",
        form="the name of a sheet, or its number from 1",
        help="The sheet of a spreadsheet that is read; none takes the first that has rows.",
        advice="Name it where the workbook has several sheets with rows.",
    ),
    "header_row": Integer(
        None,
        at_least=1,
        help="The row of a spreadsheet that names the columns, from 1; none takes the first that is not empty.",
        advice="Set it where a title stands above the table.",
    ),
    "limits": OneOf(
        "usual",
        values=("usual", "high", "none"),
        help="How large a line, a header, an image or an unpacked file may be: a small file can unpack to more memory "
        "than there is.",
        advice="Raise it to `high` where an error says so and you know that the data are right.",
    ),
}

TRAINING: Mapping[str, Option] = {
    "epochs": Real(
        3.0,
        above=0,
        unit="passes over the training rows",
        help="How often each row is seen; fractions are allowed.",
        advice="2 to 4 for pretrained models; more for small data or a model from scratch, with `patience` set.",
    ),
    "max_steps": Integer(
        None,
        at_least=1,
        unit="steps",
        help="Stop after this many steps even if epochs are left; none means no such limit.",
        advice="Set it to 20 for a trial that shows whether everything runs.",
    ),
    "batch_size": Integer(
        32,
        at_least=1,
        unit="rows",
        help="Rows (a language model: documents) whose gradients make one step, however split to fit memory.",
        advice="16 to 64 for pretrained models; if you double it, try a learning rate 1.4 times as high.",
    ),
    "micro_batch_size": Integer(
        None,
        at_least=1,
        unit="rows",
        help="Rows computed at once; none begins with the whole batch and halves it when memory runs out.",
        advice="Leave it out; set it only where the search for a fitting size wastes time.",
    ),
    "optimizer": Choice(
        "auto",
        kind="optimizers",
        auto=True,
        callables=True,
        help="The rule that turns gradients into steps.",
        advice="`adamw` nearly always; `adafactor` where memory is short; `sgd` with momentum for vision from scratch.",
    ),
    "learning_rate": AutoReal(
        "auto",
        above=0,
        help="The highest step size that the schedule reaches.",
        advice="Halve it if the loss jumps, double it if the loss hardly falls in the first epoch.",
    ),
    "schedule": Choice(
        "linear",
        kind="schedules",
        help="How the learning rate changes over the run.",
        advice="`linear` or `cosine` for a run of known length; `constant` for trials that you may prolong.",
    ),
    "warmup": Real(
        0.06,
        at_least=0,
        below=1,
        unit="share of all steps",
        help="The share of steps over which the learning rate rises from 0.",
        advice="6% to 10% with pretrained weights; raise it if the first steps make the loss jump.",
    ),
    "loss": Choice(
        "auto",
        kind="losses",
        auto=True,
        callables=True,
        help="What is made small; `auto` chooses by the task's target and says why.",
        advice="Leave it at auto, unless wild targets (huber) or noisy labels (label smoothing) ask for another.",
    ),
    "clip_norm": RealOrNone(
        1.0,
        above=0,
        help="Gradients whose joint norm is larger are scaled down to it; none never clips.",
        advice="1.0 is safe; none for small networks from scratch, if the loss never jumps.",
    ),
    "ema": Real(
        None,
        above=0,
        below=1,
        unit="decay a step",
        help="Keep a moving average of the weights with this decay and evaluate that; none keeps no average.",
        advice="0.999 smooths noisy runs of some thousand steps; useless in runs of a few hundred.",
    ),
    "precision": OneOf(
        "auto",
        values=("auto", "fp32", "bf16", "fp16"),
        help="The number format of the heavy arithmetic; weights and optimizer stay in fp32.",
        advice="`auto` takes bf16 where the device is quick at it; fp32 if you suspect rounding.",
    ),
    "activation_checkpointing": Flag(
        default=False,
        help="Recompute activations in the backward pass: far less memory, about a third more time.",
        advice="Turn it on when even small micro-batches run out of memory.",
    ),
    "compile": Flag(
        default=False,
        help="Compile the model with torch.compile before training.",
        advice="Pays in long runs of fixed shapes on a GPU; costs up to minutes at the start.",
    ),
    "non_finite_limit": Integer(
        10,
        at_least=1,
        unit="steps",
        help="Stop the run after this many steps in a row whose loss or gradient is not finite.",
        advice="Leave it: if the run stops here, lower the learning rate or use fp32.",
    ),
    "why": Mapped(
        {},
        help="The reasons for what `auto` chose, by key; written into the frozen job of a run.",
        advice="Do not write it yourself.",
    ),
}

EVALUATION: Mapping[str, Option] = {
    "every": Every(
        Interval(1, "epochs"),
        help="How often the validation rows are judged: steps, epochs or minutes.",
        advice="Several times an epoch where an epoch takes long, so that `patience` and the best checkpoint see more.",
    ),
    "metric": Text(
        "auto",
        help="The measure that tells the best checkpoint; `auto` takes the task's own.",
        advice="Not accuracy where labels are uneven: it rewards the larger class.",
    ),
    "patience": Integer(
        None,
        at_least=1,
        unit="evaluations",
        help="Stop after this many evaluations without a better metric; none runs to the end.",
        advice="3 is usual; have at least that many evaluations in the run.",
    ),
    "batch_size": Integer(
        64,
        at_least=1,
        unit="rows",
        help="Rows judged at once; changes speed and memory, never the result.",
        advice="Twice the training batch usually fits: no gradients are kept.",
    ),
}

CHECKPOINTS: Mapping[str, Option] = {
    "every": Every(
        Interval(1, "epochs"),
        help="How often everything needed to go on is written to disk: steps, epochs or minutes.",
        advice="As often as the work you would not like to repeat, such as `10 minutes`.",
    ),
    "keep": Integer(
        3,
        at_least=1,
        unit="checkpoints",
        help="How many of the newest are kept; besides them stay the best and what `tunesmith keep` marks.",
        advice="At least 2, so that a damaged one has one before it.",
    ),
}

SECTIONS: Mapping[str, Mapping[str, Option]] = {
    "": TOP,
    "data": DATA,
    "training": TRAINING,
    "evaluation": EVALUATION,
    "checkpoints": CHECKPOINTS,
}
"""All keys by section; "" holds those at the top."""

KEYS_OF_OTHER_TOOLS: Mapping[str, str] = {
    "lr": "training.learning_rate",
    "peak_lr": "training.learning_rate",
    "num_epochs": "training.epochs",
    "n_epochs": "training.epochs",
    "num_train_epochs": "training.epochs",
    "epoch": "training.epochs",
    "steps": "training.max_steps",
    "bs": "training.batch_size",
    "batch": "training.batch_size",
    "per_device_train_batch_size": "training.micro_batch_size",
    "micro_batch": "training.micro_batch_size",
    "optim": "training.optimizer",
    "lr_scheduler": "training.schedule",
    "lr_scheduler_type": "training.schedule",
    "scheduler": "training.schedule",
    "warmup_ratio": "training.warmup",
    "criterion": "training.loss",
    "max_grad_norm": "training.clip_norm",
    "grad_clip": "training.clip_norm",
    "gradient_checkpointing": "training.activation_checkpointing",
    "mixed_precision": "training.precision",
    "early_stopping_patience": "evaluation.patience",
    "early_stopping": "evaluation.patience",
    "metric_for_best_model": "evaluation.metric",
    "per_device_eval_batch_size": "evaluation.batch_size",
    "eval_steps": "evaluation.every",
    "save_steps": "checkpoints.every",
    "save_total_limit": "checkpoints.keep",
    "random_seed": "seed",
    "random_state": "seed",
    "manual_seed": "seed",
    "model_name_or_path": "model",
    "base_model": "model",
    "train_file": "data.train",
    "train_data": "data.train",
    "dataset": "data.train",
    "validation_file": "data.validation",
    "val": "data.validation",
    "valid": "data.validation",
    "dev": "data.validation",
    "eval_dataset": "data.validation",
    "test_file": "data.test",
    "peft": "method",
    "finetuning_type": "method",
}
"""What other tools call a key of ours, so that the error can name the right one."""

SECTION_HELP: Mapping[str, str] = {
    "data": "Where the rows come from and which column means what; the task adds its columns and options here.",
    "training": "How the weights are changed.",
    "evaluation": "How progress is judged.",
    "checkpoints": "What is kept on disk on the way.",
}

ORDER = (
    "task",
    "model",
    "data",
    "method",
    "training",
    "evaluation",
    "checkpoints",
    "seed",
    "device",
    "network",
    "folder",
)
"""The order in which a job is written."""


def choices() -> dict[str, Choice]:
    """The keys, dotted, whose value is a member of the catalog."""
    return {
        f"{section}.{key}" if section else key: option
        for section, keys in SECTIONS.items()
        for key, option in keys.items()
        if isinstance(option, Choice)
    }


def column_options(task: Task) -> dict[str, Option]:
    """The columns that a task reads, as keys under `data:`. None is required here: usual names are guessed."""
    return {role: _column_option(column) for role, column in task.columns.items()}


def _column_option(column: Column) -> Option:
    guessed = f"Left out, the first of these is taken: {', '.join(column.guesses)}." if column.guesses else ""
    note = guessed if column.required else f"May be left out. {guessed}".rstrip()
    if column.many or column.several:
        return Texts(REQUIRED, help=column.help, advice=note)
    return Text(REQUIRED, form="the name of a column", help=column.help, advice=note)
