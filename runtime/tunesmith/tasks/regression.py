"""Text, or columns of numbers, to one number or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tunesmith.contracts.task import Batch, Facts, Outputs, TaskRuntime
from tunesmith.data.rows import Rows
from tunesmith.errors import Problem, TunesmithError
from tunesmith.job.job import Job
from tunesmith.members import Column, Task
from tunesmith.options import Integer
from tunesmith.scores.metrics import OF_NUMBERS
from tunesmith.tasks.parts.findings import findings
from tunesmith.tasks.parts.number_cells import number_hint, numbers, numbers_of, spread, unfit
from tunesmith.tasks.parts.outputs import output_tensor

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray

    from tunesmith.contracts.loss import LossFunction
    from tunesmith.contracts.model import Head, LoadedModel, TextFormat
    from tunesmith.data.features import Features
    from tunesmith.judged import Judged
    from tunesmith.randomness import Draws
    from tunesmith.tasks.parts.resident import Resident

MEMBER = Task(
    name="regression",
    help="Predicts a number (or several) from text, or from columns of numbers.",
    when="Your target is a quantity, where 3 is nearer to 4 than to 9. For a few unordered words take classification.",
    columns={
        "text": Column(
            help="The text to judge; leave it out where columns of numbers are given.",
            required=False,
            guesses=("text", "sentence", "message", "review", "comment", "content", "body"),
        ),
        "columns": Column(
            help="The columns of numbers to predict from.", holds="number", required=False, many=True, takes_rest=True
        ),
        "target": Column(
            answer=True,
            help="The number to predict; several columns make several numbers.",
            holds="number",
            many=True,
            guesses=("target", "score", "rating", "value", "label", "y", "price"),
        ),
    },
    options={
        "max_length": Integer(
            None,
            at_least=2,
            unit="tokens",
            help="Longer texts are cut; none means 128, or the model's window if that is shorter.",
            advice="`check` says how many texts are cut.",
        ),
    },
    targets=("number",),
    metrics=OF_NUMBERS,
    default_metric="rmse",
    models=("transformers", "bundled", "scratch", "python"),
    lengths_vary=True,
    alternatives=(("text",), ("columns",)),
    aliases_elsewhere={
        "tabular-regression": "with `columns`",
    },
    stands_in_for={
        "ranking": "take regression on a score for each row",
        "recommendation": "take regression on a score for each row",
        "reward-modeling": "take regression on a score for each answer",
        "time-series": "take regression, with the values before as `columns`; split by time into files of your own",
        "forecasting": "take regression, with the values before as `columns`; split by time into files of your own",
    },
)


def suits(columns: Mapping[str, str], reader: str) -> int:
    """Where a column holds numbers."""
    return 40 if "number" in columns.values() else 0


def model_for(columns: Mapping[str, Sequence[str]]) -> Any:
    """A small network for columns of numbers, a pretrained encoder for texts."""
    if "columns" in columns:
        return {"name": "model:Network", "inputs": len(columns["columns"])}
    return "all-MiniLM-L6-v2"


def facts(job: Job, rows: Rows) -> Facts:
    """Mean and standard deviation of the targets (and of the columns), by which both are scaled for training."""
    mean, deviation = spread(rows.columns["target"])
    if not mean:
        cell = rows.columns["target"][0]
        raise TunesmithError(
            "data.not-a-number",
            "no training row has a target that is a number",
            place=rows.place(0),
            found=f"{cell!r:.60}",
            hint=number_hint(cell),
        )
    values: dict[str, Any] = {"target": "number", "outputs": len(mean), "mean": mean, "deviation": deviation}
    if _reads_columns(job, rows):
        values["input_mean"], values["input_deviation"] = spread(rows.columns["columns"])
    elif "text" not in rows.columns:
        raise TunesmithError(
            "data.no-input",
            "the job names neither a text column nor columns of numbers to predict from",
            hint="add `text: COLUMN` or `columns: [COLUMN, ...]` under `data:`",
        )
    return Facts(values=values)


def _reads_columns(job: Job, rows: Rows) -> bool:
    """Columns that the job names come before a text column that was only guessed."""
    return "columns" in rows.columns and not ("text" in job.data.columns and "columns" not in job.data.columns)


def unusable_rows(job: Job, rows: Rows, facts: Facts) -> list[tuple[int, str]]:
    """Rows that cannot be used, with a phrase that says why."""
    found = {}
    roles = {"target": len(facts.values["mean"])}
    if "input_mean" in facts.values:
        roles["columns"] = len(facts.values["input_mean"])
    for role, width in roles.items():
        cells = rows.columns.get(role, ())
        for row in unfit(cells, width):
            found[row] = f"its {role} holds {cells[row]!r:.60}"
    return sorted(found.items())


def _first_bad(rows: Rows, row: int) -> Any:
    """The cell of a row that holds no number."""
    cells = [rows.columns[role][row] for role in ("target", "columns") if role in rows.columns]
    return next((cell for cell in cells if None in numbers(cell)), cells[0])


def check_rows(
    job: Job, rows: Rows, facts: Facts, reads: TextFormat | None, features: Features | None = None
) -> list[Problem]:
    """Cells that are no numbers, empty texts, and how many texts will be cut."""
    bad = unusable_rows(job, rows, facts)
    problems = findings(
        "data.not-a-number",
        "this row has a cell that is not a finite number",
        bad,
        rows,
        hint=number_hint(_first_bad(rows, bad[0][0])) if bad else "",
    )
    if "input_mean" not in facts.values:
        from tunesmith.tasks.parts.texts import check_texts

        chosen = job.data.options.get("max_length")
        problems += check_texts(rows, ["text"], chosen, reads, longer="data.max_length", features=features)
    return problems


def build(job: Job, facts: Facts) -> Regression:
    """The task at work."""
    from tunesmith.tasks.parts.resident import Resident

    columns = tuple(job.data.columns.get("target", ("target",)))
    return Regression(facts=facts, columns=columns, max_length=job.data.options.get("max_length"), resident=Resident())


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression(TaskRuntime):
    """Batches of texts or numbers; targets, outputs and losses are in standard deviations from the mean. `columns`: the
    names of the targets."""

    facts: Facts
    columns: Sequence[str]
    max_length: int | None
    resident: Resident

    @property
    def reads_columns(self) -> bool:
        return "input_mean" in self.facts.values

    def head(self) -> Head:
        from tunesmith.contracts.model import Head
        from tunesmith.tasks.parts.texts import text_head

        outputs = int(self.facts.values["outputs"])
        if self.reads_columns:
            return Head(auto="", reads="numbers", outputs=outputs, problem="regression")
        return text_head(outputs=outputs, problem="regression")

    def inputs(self, *, judged: bool = False) -> Mapping[str, bool]:
        return {"columns" if self.reads_columns else "text": True}

    def made_up(self, model: LoadedModel, count: int, rng: np.random.Generator, folder: Path) -> Rows:
        import numpy as np

        from tunesmith.tasks.parts.made_up import made_up_rows, made_up_texts

        if not self.reads_columns:
            return made_up_rows({"text": made_up_texts(model, count, rng)})
        mean = np.asarray(self.facts.values["input_mean"])
        numbers = mean + np.asarray(self.facts.values["input_deviation"]) * rng.normal(size=(count, len(mean)))
        return made_up_rows({"columns": [tuple(row) for row in numbers.tolist()]})

    def usage_notes(self) -> Sequence[str]:
        deviation, mean = self.facts.values["deviation"], self.facts.values["mean"]
        return (f"value = output * {deviation} + {mean}: the model was trained on standardised targets",)

    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        from tunesmith.tasks.parts.texts import encode_texts, length_limit, text_of

        values = self.facts.values
        features: dict[str, Any] = {}
        if self.reads_columns:
            features["inputs"] = _standardised(rows, "columns", values["input_mean"], values["input_deviation"])
        else:
            texts = [text_of(value) for value in rows.columns["text"]]
            limit = length_limit(self.max_length, model.text)
            features |= encode_texts(model, texts, None, limit)
        if "target" in rows.columns:
            target = _standardised(rows, "target", values["mean"], values["deviation"])
            features["target"] = target[:, 0] if target.shape[1] == 1 else target
        return features

    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        from tunesmith.tasks.parts.texts import fingerprint, length_limit, tokenizer_of

        key: dict[str, Any] = {"facts": dict(self.facts.values)}
        if not self.reads_columns:
            key["tokenizer"] = fingerprint(tokenizer_of(model))
            key["max_length"] = length_limit(self.max_length, model.text)
        return key

    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        return None if self.reads_columns else features["input_ids"].lengths  # type: ignore[union-attr]

    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        import numpy as np

        from tunesmith.data.features import count

        return np.full(count(features), float(self.facts.values["outputs"]))

    def collate(self, features: Features, rows: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        if self.reads_columns:
            return self.resident.select(features, rows)
        import numpy as np
        import torch

        from tunesmith.tasks.parts.texts import pad

        batch = pad(features, rows)
        if "target" in features:
            batch["target"] = torch.from_numpy(np.asarray(features["target"])[rows])
        return batch

    def example(self, model: LoadedModel) -> Batch:
        if self.reads_columns:
            import torch

            return {"inputs": torch.zeros(2, len(self.facts.values["input_mean"]))}
        from tunesmith.tasks.parts.texts import example_texts

        return example_texts()

    def loss_sum(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> torch.Tensor:
        return loss(self.outputs(model, batch), batch["target"]).sum()

    def outputs(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        outputs = int(self.facts.values["outputs"])
        if self.reads_columns:
            inputs = batch["inputs"]
            found = output_tensor(model.module(inputs), model, (len(inputs), outputs)).float()
        else:
            from tunesmith.tasks.parts.texts import text_forward

            found = text_forward(model, batch, outputs)
        return found[:, 0] if outputs == 1 else found

    def metrics(self, outputs: Outputs, features: Features) -> dict[str, float]:
        import numpy as np

        from tunesmith.scores.numbers import number_scores

        return number_scores(self._in_unit(np.asarray(features["target"])), self._in_unit(outputs)).metrics()

    def row_losses(self, outputs: Outputs, features: Features) -> NDArray[np.float64]:
        import numpy as np

        error = np.asarray(outputs, np.float64) - np.asarray(features["target"], np.float64)
        return np.asarray((error**2).reshape(len(error), -1).mean(axis=1))

    def judge(
        self, outputs: Outputs, features: Features, rows: Rows | None, answers: Sequence[Any] | None = None
    ) -> Judged:
        import numpy as np

        from tunesmith.tasks.parts.judge_number import judge_number

        predicted = self._in_unit(np.asarray(outputs, np.float64))
        targets = self._in_unit(np.asarray(features["target"], np.float64))
        names = self._target_names(targets.shape[1])
        judged = judge_number(predicted, targets, names)
        deviation = np.broadcast_to(np.asarray(self.facts.values["deviation"], np.float64), (len(names),))
        each = ", ".join(f"{name} {one:.4g}" for name, one in zip(names, deviation, strict=True))
        unit = f"The loss is counted in standard deviations of the target ({each}), MAE and RMSE in its own unit."
        return replace(judged, words=[*judged.words, unit])

    def _target_names(self, count: int) -> list[str]:
        """The columns of the targets; numbered where one column holds several."""
        columns = list(self.columns)
        return columns if len(columns) == count else [f"{columns[0]} {place}" for place in range(1, count + 1)]

    def decode(self, outputs: Outputs, features: Features, rows: Rows) -> list[dict[str, Any]]:
        answers = self._in_unit(outputs).tolist()
        return [{"value": answer[0]} if len(answer) == 1 else {"values": answer} for answer in answers]

    def _in_unit(self, scaled: NDArray[np.generic]) -> NDArray[np.float64]:
        """Shape (N, K), in the target's own unit."""
        import numpy as np

        values = self.facts.values
        found = scaled.astype(np.float64).reshape(len(scaled), -1)
        return np.asarray(found * np.asarray(values["deviation"]) + np.asarray(values["mean"]))


def _standardised(rows: Rows, role: str, mean: Sequence[float], deviation: Sequence[float]) -> NDArray[np.float32]:
    import numpy as np

    found = numbers_of(rows.columns[role][:])
    for row, values in enumerate(found):
        if None in values or len(values) != len(mean):
            raise TunesmithError(
                "data.not-a-number",
                f"the {role} of this row must be {len(mean)} finite number{'s' if len(mean) > 1 else ''}",
                place=rows.place(row),
                found=f"{rows.columns[role][row]!r:.60}",
            )
    array = np.asarray(found, np.float64).reshape(len(found), len(mean))
    return np.asarray((array - np.asarray(mean)) / np.asarray(deviation), np.float32)
